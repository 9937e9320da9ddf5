"""Message bars as cards over the bottom of the pictures."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.widgets.boxes import Stack, column, follow_in_tab_order, previous_in_tab_order
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import WIDEST, MessageBar

_RADIUS: Final = 8
_EDGE: Final = 12
"""Pixels left between a card and the edges of what it lies on."""

_GAP: Final = 4
"""Pixels between two cards, whose shadows lie there, too."""

_SHADOW: Final = 4
_DARKNESS: Final = 6
"""Of each of its rings, of 255."""

_SHOWN: Final = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.LayoutRequest)
_MOVED: Final = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class _Card(QWidget):
    """A bar on ground of its own, with round corners and a soft edge."""

    def __init__(self, bar: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self.bar = bar
        bar.setAutoFillBackground(False)
        self.setLayout(column(bar, margins=(_SHADOW, _SHADOW, _SHADOW, _SHADOW)))
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground, its edge and its shadow."""
        painter, ground = QPainter(self), QRectF(self.bar.geometry())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, _DARKNESS))
        for out in range(1, _SHADOW + 1):
            shadow = ground.adjusted(-out, 1 - out, out, out)
            painter.drawRoundedRect(shadow, _RADIUS + out, _RADIUS + out)
        palette = self.palette()
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(palette.color(QPalette.ColorRole.Button))
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()


class Bars(QObject):
    """Lets message bars lie over the pictures, or over a panel in their place, and push nothing.

    At most two are seen: the one of messages, and below it, where no message that comes or goes
    moves it, the first of the others that says something. The grid can be scrolled clear of them.
    """

    def __init__(
        self,
        body: QWidget,
        middle: Stack,
        modes: ViewModes,
        messages: MessageBar,
        following: QWidget,
        *lasting: MessageBar,
    ) -> None:
        """Stack the message bars over `body`; of the `lasting` ones, the first that is not empty.

        Tab leads from the bars to `following`.
        """
        super().__init__(body)
        self._body, self._middle, self._modes = body, middle, modes
        self._grid = modes.arrangement.grid
        before = previous_in_tab_order(following)
        self._lasting = [_Card(bar, body) for bar in lasting]
        self._message = _Card(messages, body)
        for card in (self._message, *reversed(self._lasting)):
            card.bar.installEventFilter(self)
            card.installEventFilter(self)
            follow_in_tab_order(before, card)
        for stack in (self._middle, self._modes.stack):
            stack.installEventFilter(self)
            stack.currentChanged.connect(self._on_changed)
        # Once the layouts inside of what was resized have followed.
        self._soon = Later(self, 0, self.place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Place the bars again when anything moves; pass the wheel on to the pictures below."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, _Card):
            grid = self._grid
            return grid.isVisible() and QCoreApplication.sendEvent(grid.viewport(), event)
        is_bar = isinstance(watched, MessageBar)
        is_moved = event.type() in (_SHOWN if is_bar else _MOVED)
        if is_moved and not isinstance(watched, _Card):
            self.place()
            if not is_bar:
                self._soon.ask()
        return False

    def place(self) -> None:
        """Place at most two bars at the bottom of the middle area."""
        ground = self._ground()
        room = QRect(ground.mapTo(self._body, QPoint()), ground.size())
        lasting = [card for card in self._lasting if not card.bar.isHidden()][:1]
        shown = [*lasting, *([] if self._message.bar.isHidden() else [self._message])]
        bottom = room.bottom() + 1 - _EDGE + _SHADOW
        tops = [bottom := _put(card, room, bottom) + _SHADOW - _GAP for card in shown]
        if tops and tops[-1] < room.top():
            shown = shown[-1:]  # there is no room for two
            tops = [_put(shown[0], room, room.bottom() + 1 - _EDGE + _SHADOW)]
        for card in (*self._lasting, self._message):
            card.setVisible(card in shown)
        self._grid.covered = max(0, room.bottom() + 1 - tops[-1]) if tops else 0
        is_pointed_at = room.contains(self._body.mapFromGlobal(QCursor.pos()))
        if not is_pointed_at:  # else its buttons would move
            self._keep_clear()

    def _on_changed(self) -> None:
        self.place()
        self._keep_clear()

    def _keep_clear(self) -> None:
        """Let a panel in the place of the pictures end above the bars, where it has the room."""
        if self._modes.is_covered:
            panel = self._middle.currentWidget()
            covered, before = self._grid.covered, panel.contentsMargins().bottom()
            least = panel.minimumSizeHint().height() - before
            if covered != before and least + covered <= panel.height():
                panel.setContentsMargins(0, 0, 0, covered)

    def _ground(self) -> QWidget:
        """Return the widget below the bars: a panel, the pictures, or their replacement."""
        pictures = self._modes.pictures
        if self._modes.is_covered:
            return self._middle.currentWidget()
        pictures.installEventFilter(self)  # once, however often: they may come later
        return pictures if pictures.isVisible() else self._modes.stack


def _put(card: _Card, room: QRect, bottom: int) -> int:
    """Put a card in the middle of a room, with its end at `bottom`; return its top."""
    size = card.bar.size_within(min(WIDEST, room.width() - 2 * _EDGE))
    place = QRect(0, 0, size.width() + 2 * _SHADOW, size.height() + 2 * _SHADOW)
    place.moveCenter(room.center())
    place.moveBottom(bottom - 1)
    if card.isVisible() and card.geometry().bottom() != place.bottom():
        card.bar.hold()
    card.setGeometry(place)
    card.raise_()
    return place.top()
