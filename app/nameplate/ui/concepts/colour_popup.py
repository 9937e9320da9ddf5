"""A small popup of colours for a concept."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QWidget

from nameplate.domain.concepts import PALETTE, PLAIN_COLOUR
from nameplate.domain.text import deferred
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import draw_icon
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import tr

COLOUR_NAMES: Final = (
    deferred("Blue"), deferred("Orange"), deferred("Green"), deferred("Pink"), deferred("Brown"),
    deferred("Navy"), deferred("Teal"), deferred("Violet"), deferred("Yellow"), deferred("Crimson"),
    deferred("Sky blue"), deferred("Red"), deferred("Grey"),
)  # fmt: skip
"""Accessible name of each colour of `PALETTE`, and of the one that further names have."""

_COLUMNS: Final = 7
_SIDE: Final = 28
_STEPS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -_COLUMNS,
    Qt.Key.Key_Down: _COLUMNS,
}


class _Swatch(QAbstractButton):
    def __init__(self, colour: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.colour = colour
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(tip(name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER_KEYS:
            self.click()
        elif event.key() in _STEPS:
            event.ignore()  # the popup moves the focus; a button would only follow the tab order
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(5, 5, -5, -5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        painter.drawRoundedRect(box, 5, 5)
        if self.isChecked():
            colour = theme.readable_on(QColor(self.colour))
            draw_icon(painter, box.adjusted(2, 2, -2, -2), "check", colour)
        if self.hasFocus() or self.underMouse():
            role = QPalette.ColorRole.Accent if self.hasFocus() else QPalette.ColorRole.Dark
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(role), 2))
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 7, 7)


class ColourPopup(QFrame):
    """The colours of the palette in a grid; arrow keys and Enter, or a click, choose one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(tr("Colour"))
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 6, 6, 6)
        grid.setSpacing(0)
        self._swatches: list[_Swatch] = []
        colours = zip((*PALETTE, PLAIN_COLOUR), COLOUR_NAMES, strict=True)
        for place, (colour, name) in enumerate(colours):
            swatch = _Swatch(colour, tr(name), self)
            swatch.clicked.connect(lambda _=False, colour=colour: self._take(colour))
            grid.addWidget(swatch, place // _COLUMNS, place % _COLUMNS)
            self._swatches.append(swatch)

    def open_at(self, place: QPoint, colour: str, choose: Callable[[str], object]) -> None:
        """Show the popup with its top left at the global `place`, `colour` marked.

        When a colour is chosen, `choose` is called with it, as `#rrggbb`.
        """
        self._choose = choose
        for swatch in self._swatches:
            swatch.setChecked(swatch.colour == colour)
        self.adjustSize()
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(place.x(), screen.right() - self.width()))
        y = max(screen.top(), min(place.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        marked = next((s for s in self._swatches if s.isChecked()), self._swatches[0])
        marked.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the focus with the arrow keys; the rest is Qt's (Esc closes)."""
        step = _STEPS.get(Qt.Key(event.key()))
        focused = [n for n, swatch in enumerate(self._swatches) if swatch.hasFocus()]
        if step is None or not focused:
            super().keyPressEvent(event)
            return
        goal = focused[0] + step
        if 0 <= goal < len(self._swatches):
            self._swatches[goal].setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, colour: str) -> None:
        self.close()
        self._choose(colour)
