"""The layout of the grid: computes tile positions, without cost per tile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from PySide6.QtCore import QPoint, QRect

GAP: Final = 8
MARGIN: Final = 12
_LEAST_WIDTH: Final = 48


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Tiles of one size in rows, counted from the top left of the content.

    Attributes:
        left: x of the first column, in pixels.
    """

    count: int
    columns: int
    tile_width: int
    tile_height: int
    left: int = MARGIN

    @classmethod
    def fitting(
        cls, count: int, width: int, tile_size: int, height_for: Callable[[int], int]
    ) -> Self:
        """Compute a grid layout with tiles of about `tile_size` that fill `width`."""
        usable = max(1, width - 2 * MARGIN)
        columns = max(1, round((usable + GAP) / (tile_size + GAP)))
        tile = max(_LEAST_WIDTH, (usable + GAP) // columns - GAP)
        spare = usable - (columns * (tile + GAP) - GAP)
        return cls(count, columns, tile, height_for(tile), MARGIN + spare // 2)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return -(-self.count // self.columns)

    @property
    def step(self) -> int:
        """The distance between the tops of two rows, in pixels."""
        return self.tile_height + GAP

    @property
    def height(self) -> int:
        """The height of the content in pixels, margins included."""
        return 2 * MARGIN + self.rows * self.step - GAP if self.count else 0

    def rect(self, position: int) -> QRect:
        """Return the rectangle of the tile at `position`."""
        row = self._row_of(position)
        x = self.left + (position - self._first(row)) * (self.tile_width + GAP)
        return QRect(x, self._top(row), self.tile_width, self.tile_height)

    def position_at(self, point: QPoint) -> int:
        """Return the position of the tile at `point`; -1 if there is none."""
        ranges = self.touched(QRect(point, point))
        return ranges[0].start if ranges else -1

    def between(self, top: int, bottom: int) -> range:
        """Return the positions of all tiles in the rows between two heights."""
        rows = self._rows_in(top, bottom)
        first = self._first(rows.start)
        return range(first, max(first, self._first(rows.stop)))

    def touched(self, rect: QRect) -> list[range]:
        """Return the positions of the tiles that intersect `rect`, as few ranges as possible."""
        columns = self._lines(rect.left(), rect.right(), self.left, self.tile_width)
        first = max(0, columns.start)
        last = min(columns.stop, self.columns)
        positions = self.between(rect.top(), rect.bottom())
        if first >= last or not positions:
            return []
        if last - first == self.columns:
            return [positions]
        rows = self._rows_in(rect.top(), rect.bottom())
        starts = ((self._first(row), self._first(row + 1)) for row in rows)
        ranges = (range(start + first, min(start + last, end)) for start, end in starts)
        return [positions for positions in ranges if positions]

    def stretch(self, begin: QPoint, end: QPoint) -> range:
        """Return the positions between two points in reading order, like selected text.

        Beside the tiles the nearest one counts, above all of them the first, below the last;
        nothing where no tile lies between the points.
        """
        if not self.touched(QRect(begin, end).normalized()):
            return range(0)
        first, last = sorted((self._nearest(begin), self._nearest(end)))
        return range(first, last + 1)

    def _nearest(self, point: QPoint) -> int:
        row = self._row_at(point.y())
        if not 0 <= row < self.rows:
            return 0 if row < 0 else self.count - 1
        column = max(0, (point.x() - self.left) // (self.tile_width + GAP))
        return min(self._first(row) + column, self._first(row + 1) - 1)

    def moved(self, position: int, rows: int) -> int:
        """Return the position `rows` further down (up if negative), in the same column.

        Where that row is too short for the column, its last tile is returned.
        """
        row = self._row_of(position)
        column = position - self._first(row)
        row = min(max(0, row + rows), self.rows - 1)
        return min(self._first(row) + column, self._first(row + 1) - 1)

    # ---- rows: a subclass has others

    def _first(self, row: int) -> int:
        """Return the position of the first tile of a row; `count` for the row after the last."""
        return min(row * self.columns, self.count)

    def _top(self, row: int) -> int:
        """Return y of the tiles of a row."""
        return MARGIN + row * self.step

    def _row_of(self, position: int) -> int:
        return position // self.columns

    def _row_at(self, y: int) -> int:
        """Return the row of tiles at a height, the gap below it included."""
        return (y - MARGIN) // self.step

    def _rows_in(self, top: int, bottom: int) -> range:
        """Return the rows with tiles within [top, bottom]."""
        rows = self._lines(top, bottom, MARGIN, self.tile_height)
        return range(max(0, rows.start), max(0, min(rows.stop, self.rows)))

    # ---- columns

    def width_for(self, columns: int) -> int:
        """Return the tile width with which `columns` fill the same view."""
        return self.columns * (self.tile_width + GAP) // columns - GAP

    def columns_for(self, tile_size: int) -> int:
        """Return how many tiles of about `tile_size` fill a row of the same view."""
        return max(1, round(self.columns * (self.tile_width + GAP) / (tile_size + GAP)))

    @staticmethod
    def _lines(low: int, high: int, start: int, size: int) -> range:
        """Return the rows or columns that reach into [low, high]; some may not exist."""
        step = size + GAP
        first = (low - start) // step
        # In the gap behind line `first`: that line is not touched.
        first += (low - start) % step >= size
        return range(first, (high - start) // step + 1)
