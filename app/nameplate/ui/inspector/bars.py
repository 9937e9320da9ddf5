"""The bar chart of an image's probabilities, as in the CLIP article: name, bar, percentage."""

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QWidget

from nameplate.ui.inspector.bar_rows import Bar, BarDelegate, BarModel, row_height
from nameplate.ui.widgets.item_views import Index, make_slim
from nameplate.ui.widgets.keys import ENTER_KEYS, is_typed
from nameplate.wording.texts import tr

_GROW_MS: Final = 120
_OWN_KEYS: Final = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class BarChart(QListView):
    """Bars, from the top in the order given; scrolls where there are many.

    Signals:
        bar_activated: A bar was clicked, or Enter pressed on it; the key of its concept. The bar
            that is being typed cannot be activated.
        left: Enter was pressed: the pictures are next. Another Enter would label the picture
            that follows with the same name, where it accepts on the pictures.
    """

    bar_activated = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = BarModel(self)
        self._growth = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._from: dict[int, float] = {}
        self._pressed_key: int | None = None
        self._current_key: int | None = None
        self.setModel(self._model)
        self.setItemDelegate(BarDelegate(self.shown_probability, self))
        self.setAccessibleName(tr("Probabilities"))
        # Not by click: after one, the arrow keys must still move through the images.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        make_slim(self)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._growth.valueChanged.connect(self.viewport().update)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The bars shown, from the top."""
        return self._model.bars

    def set_bars(self, bars: list[Bar], of_all: Sequence[Bar] = ()) -> None:
        """Show `bars`, which are some of `of_all`; the current concept stays current."""
        self._model.of_all = tuple(of_all)
        shown = {bar.key: self.shown_probability(bar) for bar in self.bars}
        top, count = self.verticalScrollBar().value(), len(self.bars)
        if not self._model.set_bars(bars):
            return  # no length is another
        row = next((n for n, bar in enumerate(bars) if bar.key == self._current_key), -1)
        if row < 0 and bars and self.hasFocus():
            row = 0
        if row >= 0:
            # Not `setCurrentIndex`, which would scroll there.
            self.selectionModel().setCurrentIndex(
                self._model.index(row, 0), self.selectionModel().SelectionFlag.NoUpdate
            )
        self.verticalScrollBar().setValue(top)
        if len(bars) != count:
            self.updateGeometry()
        self._grow(shown)

    def shown_probability(self, bar: Bar) -> float:
        """Return the length of `bar` at this moment of its animation, 0 to 1."""
        goal = 0.0 if math.isnan(bar.probability) else bar.probability
        if self._growth.state() != QVariantAnimation.State.Running:
            return goal
        begin = self._from.get(bar.key, 0.0)
        return begin + (goal - begin) * float(self._growth.currentValue())

    def sizeHint(self) -> QSize:
        """Return the height of all bars."""
        return QSize(200, len(self.bars) * row_height(self.fontMetrics()))

    def minimumSizeHint(self) -> QSize:
        """Return the height of three bars at most, and no width."""
        return QSize(0, min(3, len(self.bars)) * row_height(self.fontMetrics()))

    def event(self, event: QEvent) -> bool:
        """Claim the keys for moving and activating before shortcuts of the window."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Make the first bar current if none is."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.bars:
            self.setCurrentIndex(self._model.index(0, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Remember the concept: its row changes with the probabilities."""
        super().currentChanged(current, previous)
        if current.isValid():
            self._current_key = self.bars[current.row()].key

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Activate the current bar with Enter, and be done; the rest is Qt's."""
        if event.key() in ENTER_KEYS:
            self._activate(self._key_at(self.currentIndex()))
            self.left.emit()
        elif is_typed(event) or event.key() == Qt.Key.Key_Escape:
            event.ignore()  # not Qt's search: the window labels with letters and digits
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the pressed bar: it must still be there on release."""
        super().mousePressEvent(event)
        is_left = event.button() == Qt.MouseButton.LeftButton
        place = event.position().toPoint()
        self._pressed_key = self._key_at(self.indexAt(place)) if is_left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Activate the bar that was pressed."""
        super().mouseReleaseEvent(event)
        key = self._key_at(self.indexAt(event.position().toPoint()))
        if key == self._pressed_key:
            self._activate(key)
        self._pressed_key = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over clickable bars."""
        super().mouseMoveEvent(event)
        key = self._key_at(self.indexAt(event.position().toPoint()))
        can = key is not None and key >= 0
        shape = Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def _key_at(self, index: Index) -> int | None:
        return self.bars[index.row()].key if index.isValid() else None

    def _activate(self, key: int | None) -> None:
        if key is not None and key >= 0:
            self.bar_activated.emit(key)

    def _grow(self, shown: dict[int, float]) -> None:
        self._growth.stop()
        allowed = _allowed_ms(self)
        if allowed > 0 and self.isVisible():
            self._from = shown
            self._growth.setDuration(min(allowed, _GROW_MS))
            self._growth.start()
        self.viewport().update()


def _allowed_ms(chart: BarChart) -> int:
    """Return the duration of animations in ms; 0 if the user has switched them off.

    It is 0 offscreen too, so that screenshots show no unfinished bars.
    """
    if QGuiApplication.platformName() == "offscreen":
        return 0
    return chart.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
