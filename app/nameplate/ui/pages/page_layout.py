"""How many pictures a page has, and where they are, so that they fill it without scrolling."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtGui import QFont, QFontMetrics

from nameplate.ui.grid.layout import GAP, MARGIN, GridLayout
from nameplate.ui.widgets.painting import TITLE, font_of

SIZES: Final = (6, 12, 20, 30, 42, 56)
"""About how many pictures a page has, as a person chooses by zooming."""

FIRST_SIZE: Final = 42
_SMALLEST: Final = 92
_LARGEST: Final = 400
_WIDEST: Final = 1.3
_LEAST: Final = 48
"""A picture is no lower; what does not fit then is scrolled."""

HEADING: Final = 1.25
"""Size of the heading of a block, where that of other texts is 1."""
_AROUND_HEADING: Final = 14
_AROUND_LINES: Final = 47
"""Pixels of a page around its title, its hint, its buttons and its pictures."""


@dataclass(frozen=True, slots=True)
class PageLayout(GridLayout):
    """Tiles of one size in blocks, each below its heading.

    A block begins a row. Blocks that fit into one row together stand side by side.

    Attributes:
        starts: The position of the first tile of each row.
        tops: y of the tiles of each row.
        headings: Of each block; none on a page of one.
    """

    starts: Sequence[int] = ()
    tops: Sequence[int] = ()
    headings: Sequence[QRect] = ()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.starts)

    @property
    def height(self) -> int:
        """The height of the content in pixels, margins included."""
        return self.tops[-1] + self.tile_height + MARGIN if self.count else 0

    def _first(self, row: int) -> int:
        return self.starts[row] if row < self.rows else self.count

    def _top(self, row: int) -> int:
        return self.tops[row]

    def _row_of(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def _row_at(self, y: int) -> int:
        return bisect_right(self.tops, y) - 1 if y < self.height - MARGIN + GAP else self.rows

    def _rows_in(self, top: int, bottom: int) -> range:
        first = bisect_right(self.tops, top - self.tile_height)
        return range(first, max(first, bisect_right(self.tops, bottom)))


def heading_height(font: QFont) -> int:
    """Return how high the heading of a block is."""
    return QFontMetrics(font_of(font, HEADING, QFont.Weight.DemiBold)).height() + _AROUND_HEADING


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


def filling(counts: Sequence[int], area: QSize, heading: int = 0) -> PageLayout:
    """Return the layout of blocks of so many pictures, as large as fits into `area` pixels.

    Args:
        counts: How many pictures each block has.
        area: Where all of it is to fit.
        heading: How high a heading is; a page of one block has none.
    """
    heading = heading if len(counts) > 1 else 0
    return _filling(tuple(counts), area.width(), area.height(), heading)


@lru_cache(maxsize=16)
def _filling(counts: tuple[int, ...], across: int, down: int, heading: int) -> PageLayout:
    count, area = sum(counts), QSize(across, down)

    def tile(columns: int) -> tuple[int, int]:
        starts, begins = _rows_of(counts, columns)
        headings = heading * len({bisect_right(starts, begin) for begin in begins})
        return _tile(area.shrunkBy(QMargins(0, 0, 0, headings)), columns, len(starts))

    shapes = [(columns, *tile(columns)) for columns in range(1, max(1, count) + 1)]

    # As large as possible, then with as little to scroll and as few empty places as possible.
    def order(shape: tuple[int, int, int]) -> tuple[int, int, bool, int]:
        columns, width, height = shape
        too_high = max(0, _LEAST - height) * len(_rows_of(counts, columns)[0])
        return min(width, max(height, _LEAST)), -too_high, count % columns == 0, -columns

    columns, width, height = max(shapes, key=order)
    width = max(1, min(width, _LARGEST, round(max(height, _LEAST) * _WIDEST)))
    height = max(_LEAST, min(height, _LARGEST, round(width * _WIDEST)))
    used = columns * (width + GAP) - GAP
    left = max(MARGIN, (area.width() - used) // 2)
    starts, begins = _rows_of(counts, columns)
    tops, y = list[int](), MARGIN
    for start in starts:
        y += heading if start in begins else 0
        tops.append(y)
        y += height + GAP
    layout = PageLayout(count, columns, width, height, left, starts, tops)
    return replace(layout, headings=_headings(layout, begins, heading)) if heading else layout


def _rows_of(counts: Sequence[int], columns: int) -> tuple[list[int], list[int]]:
    """Return the positions at which the rows begin, and those at which the blocks do."""
    starts, begins = list[int](), list[int]()
    position, room = 0, -1
    for count in counts:
        begins.append(position)
        if count <= room:  # beside the block before
            room -= count
        else:
            starts += range(position, position + max(1, count), columns)
            room = columns - count  # none below one of several rows
        position += count
    return starts, begins


def _headings(layout: PageLayout, begins: Sequence[int], height: int) -> list[QRect]:
    """Return where the headings are: each reaches to the next one, or to the end of the row."""
    firsts = [layout.rect(begin) for begin in begins]
    end = firsts[0].left() + layout.columns * (layout.tile_width + GAP) - GAP
    rights = [
        after.left() - GAP if after.top() == first.top() else end
        for first, after in pairwise([*firsts, QRect()])
    ]
    return [
        QRect(first.left(), first.top() - height, right - first.left(), height)
        for first, right in zip(firsts, rights, strict=True)
    ]


def _tile(area: QSize, columns: int, rows: int) -> tuple[int, int]:
    width = (area.width() - 2 * MARGIN + GAP) // columns - GAP
    return width, (area.height() - 2 * MARGIN + GAP) // rows - GAP
