"""Computes how to place pictures side by side as large as possible."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRect


def columns_for(aspects: Sequence[float], width: int, height: int, beneath: int = 0) -> int:
    """Return the number of columns in which pictures of these shapes cover most area.

    Args:
        aspects: Width divided by height of each picture; at least one.
        width: Of the room, in pixels.
        height: Likewise.
        beneath: What each picture has beneath it, in pixels of height.
    """

    def covered(columns: int) -> float:
        across = width / columns
        down = max(1.0, height / ceil(len(aspects) / columns) - beneath)
        return sum(min(across, down * aspect) ** 2 / aspect for aspect in aspects)

    return max(range(1, len(aspects) + 1), key=covered)


def cells(count: int, columns: int, room: QRect, gap: int) -> list[QRect]:
    """Return `count` cells of one size in `room`, row by row; the last row is centred."""
    rows = ceil(count / columns)
    width = (room.width() - (columns - 1) * gap) // columns
    height = (room.height() - (rows - 1) * gap) // rows
    made: list[QRect] = []
    for number in range(count):
        line, place = divmod(number, columns)
        in_line = min(columns, count - line * columns)
        start = (room.width() - in_line * width - (in_line - 1) * gap) // 2
        left = room.left() + start + place * (width + gap)
        made.append(QRect(left, room.top() + line * (height + gap), width, height))
    return made
