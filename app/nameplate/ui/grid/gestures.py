"""Navigation keys and rubber-band selection in the grid."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication

from nameplate.ui.grid.layout import GridLayout
from nameplate.ui.widgets.painting import faint

_MOST_SCROLLED: Final = 48

_Move = QAbstractItemView.CursorAction

MOVES: Final[Mapping[int, QAbstractItemView.CursorAction]] = {
    Qt.Key.Key_Left: _Move.MoveLeft,
    Qt.Key.Key_Right: _Move.MoveRight,
    Qt.Key.Key_Up: _Move.MoveUp,
    Qt.Key.Key_Down: _Move.MoveDown,
    Qt.Key.Key_Home: _Move.MoveHome,
    Qt.Key.Key_End: _Move.MoveEnd,
    Qt.Key.Key_PageUp: _Move.MovePageUp,
    Qt.Key.Key_PageDown: _Move.MovePageDown,
}
"""What the keys that move through the grid do."""


def place_after(
    action: QAbstractItemView.CursorAction, layout: GridLayout, current: int, area: QRect
) -> int:
    """Return the position that `action` moves to from `current`; -1 if there are no tiles.

    Where none is current (-1), it is the first one in `area`, the visible part of the content.
    """
    last, page = layout.count - 1, max(1, area.height() // layout.step)
    across = {_Move.MoveLeft: -1, _Move.MovePrevious: -1, _Move.MoveRight: 1, _Move.MoveNext: 1}
    down = {_Move.MoveUp: -1, _Move.MoveDown: 1, _Move.MovePageUp: -page, _Move.MovePageDown: page}
    if last < 0 or action == _Move.MoveEnd:
        return last
    if action == _Move.MoveHome:
        return 0
    if current < 0:
        return layout.between(area.top(), area.bottom()).start
    if action in across:
        return min(last, max(0, current + across[action]))
    return layout.moved(current, down[action])


class RubberBand(QObject):
    """A selection rectangle over a scroll area, in content coordinates.

    Near the upper and lower edge it scrolls the area, the faster the further outside.
    """

    def __init__(self, area: QAbstractScrollArea, on_moved: Callable[[QRect], object]) -> None:
        """Call `on_moved` with the rectangle when it is another."""
        super().__init__(area)
        self._on_moved = on_moved
        self._area = area
        self._from: QPoint | None = None
        self._to = QPoint()
        self._mouse = QPoint()
        self._is_drawn = False
        self._timer = QTimer(self)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._scroll)

    def begin(self, point: QPoint) -> None:
        """Begin at `point` of the viewport."""
        self._from = self._content(point)
        self._is_drawn = False

    def move(self, point: QPoint) -> None:
        """Extend it to `point` of the viewport."""
        if self._from is None:
            return
        self._mouse, self._to = point, self._content(point)
        far = (self._to - self._from).manhattanLength() >= QApplication.startDragDistance()
        self._is_drawn = self._is_drawn or far
        if not self._is_drawn:
            return
        if self._speed():
            self._timer.start()
        self._on_moved(self._rect())

    def end(self) -> None:
        """End and hide it."""
        self._from = None
        self._is_drawn = False
        self._timer.stop()
        self._area.viewport().update()

    def paint(self, painter: QPainter, colour: QColor) -> None:
        """Paint it in the viewport."""
        if not self._is_drawn:
            return
        painter.setPen(QPen(colour, 1))
        painter.setBrush(faint(colour, 0.14))
        rect = self._rect().translated(0, -self._area.verticalScrollBar().value())
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _content(self, point: QPoint) -> QPoint:
        return point + QPoint(0, self._area.verticalScrollBar().value())

    def _rect(self) -> QRect:
        return QRect(self._from or self._to, self._to).normalized()

    def _speed(self) -> int:
        """Return the pixels to scroll per tick, 0 while the mouse is inside."""
        bottom = self._area.viewport().height() - 1
        outside = min(0, self._mouse.y()) + max(0, self._mouse.y() - bottom)
        return min(max(outside, -_MOST_SCROLLED), _MOST_SCROLLED)

    def _scroll(self) -> None:
        speed = self._speed()
        if not speed:
            self._timer.stop()
            return
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + speed)
        self._to = self._content(self._mouse)
        self._on_moved(self._rect())
