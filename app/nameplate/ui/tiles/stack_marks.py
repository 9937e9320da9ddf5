"""How a stack is shown: a pile with a number, or a bracket around its pictures."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nameplate.ui.tiles.model import Tile

_EDGES: Final = ((5.0, 10.0), (2.5, 5.0))
"""By how much each of the pictures beneath is higher, and narrower on each side."""

PILE_HEIGHT: Final = 4
"""Pixels that the uppermost picture of a pile gives up, so that no ring covers its edges."""
_BETWEEN: Final = 6
"""Pixels between two tiles of a row."""


def times(count: int) -> str:
    """Return how many pictures something stands for: `×4`."""
    return f"\N{MULTIPLICATION SIGN}{count:,}"


def stack_number(tile: Tile) -> str:
    """Return what stands in the corner of a tile: `×4`, `2/4` if it is open, or nothing."""
    if tile.count > 1:
        return times(tile.count)
    return f"{tile.opened[0]}/{tile.opened[1]}" if tile.opened else ""


def paint_pile(
    painter: QPainter, picture: QRect, radius: float, ground: QColor, ink: QColor
) -> None:
    """Paint the edges of two more pictures behind one."""
    painter.setPen(QPen(ink, 1.0))
    painter.setBrush(ground)
    for above, narrower in _EDGES:
        edge = QRectF(picture).adjusted(narrower, 0.5 - above, -narrower, -above)
        painter.drawRoundedRect(edge, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)


def paint_bracket(painter: QPainter, tile: QRect, opened: tuple[int, int], ink: QColor) -> None:
    """Paint the part of a tile in the bracket around an open stack: open to its neighbours."""
    place, of = opened
    box = QRectF(tile).adjusted(1.5, 1.5, -1.5, -1.5)
    left = box.left() if place == 1 else tile.left() - _BETWEEN / 2
    right = box.right() if place == of else tile.right() + 1 + _BETWEEN / 2
    painter.save()
    painter.setPen(QPen(ink, 2.0))
    for y in (box.top(), box.bottom()):
        painter.drawLine(QPointF(left, y), QPointF(right, y))
    for x, is_end in ((left, place == 1), (right, place == of)):
        if is_end:
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
    painter.restore()
