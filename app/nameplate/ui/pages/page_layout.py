"""How many pictures a page has, and where they are, so that they fill it without scrolling."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics

from nameplate.ui.grid.layout import GAP, MARGIN, GridLayout
from nameplate.ui.widgets.painting import TITLE, font_of

SIZES: Final = (6, 12, 20, 30, 42, 56)
"""About how many pictures a page has, as a person chooses by zooming."""

FIRST_SIZE: Final = 42
_SMALLEST: Final = 92
_LARGEST: Final = 400
_WIDEST: Final = 1.3
_AROUND_LINES: Final = 47
"""Pixels of a page around its title, its hint, its buttons and its pictures."""


def room_for_pictures(page: QSize, font: QFont) -> QSize:
    """Return the room that the pictures of a page have, also of one that was never shown."""
    title = QFontMetrics(font_of(font, TITLE, QFont.Weight.DemiBold)).height()
    above_and_below = title + 2 * QFontMetrics(font).height() + _AROUND_LINES
    return QSize(page.width(), page.height() - above_and_below)


def page_size(area: QSize, wanted: int = FIRST_SIZE) -> int:
    """Return how many pictures a full page has in `area` pixels: about `wanted`, in full rows.

    Fewer where they would be too small to be told apart.
    """
    return _page_size(area.width(), area.height(), wanted)


@lru_cache(maxsize=64)
def _page_size(across: int, down: int, wanted: int) -> int:
    area = QSize(across, down)
    best, best_miss = 1, float("inf")
    for columns in range(1, wanted + 1):
        for rows in range(1, wanted + 1):
            width, height = _tile(area, columns, rows)
            is_odd = max(width, height) > _WIDEST * min(width, height)
            if min(width, height) < min(_SMALLEST, across // 2, down // 2):
                continue
            miss = abs(columns * rows - wanted) + (wanted / 3 if is_odd else 0)
            if miss < best_miss:
                best, best_miss = columns * rows, miss
    return best


def filling(count: int, area: QSize) -> GridLayout:
    """Return the layout of `count` pictures that are as large as fits into `area` pixels."""
    shapes: Sequence[tuple[int, int, int]] = [
        (columns, *_tile(area, columns, -(-count // columns))) for columns in range(1, count + 1)
    ] or [(1, 1, 1)]
    # As large as possible, then with as few empty places as possible.
    columns, width, height = max(
        shapes, key=lambda shape: (min(shape[1:]), count % shape[0] == 0, -shape[0])
    )
    width = max(1, min(width, _LARGEST, round(height * _WIDEST)))
    height = max(1, min(height, _LARGEST, round(width * _WIDEST)))
    used = columns * (width + GAP) - GAP
    return GridLayout(count, columns, width, height, max(MARGIN, (area.width() - used) // 2))


def _tile(area: QSize, columns: int, rows: int) -> tuple[int, int]:
    width = (area.width() - 2 * MARGIN + GAP) // columns - GAP
    return width, (area.height() - 2 * MARGIN + GAP) // rows - GAP
