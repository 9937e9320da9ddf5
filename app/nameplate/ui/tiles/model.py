"""The Qt model of the grid: the shown images in display order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from nameplate.domain.arrays import grown
from nameplate.domain.filtering.cells import Cells
from nameplate.domain.text import deferred
from nameplate.system.failures import printable
from nameplate.ui.widgets.item_views import NO_PARENT, Index
from nameplate.ui.widgets.painting import capitalised, one_line
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.numbers import percent
from nameplate.wording.texts import after_colon, listed, tr

DETAILED_NAMES: Final = 3
"""So many of the most probable names the details of a tile have."""

_MOST_RANGES: Final = 32
_MOST_SORTED: Final = 4096
_FIRST_CAPACITY: Final = 1024
_NOWHERE: Final = -1


class TileKind(Enum):
    """The state of an image that a tile shows."""

    WAITING = auto()
    """Not encoded yet."""
    PLAIN = auto()
    """Encoded, but there are no names yet."""
    NAMELESS = auto()
    """A person said that it is none of the names."""
    SUGGESTED = auto()
    """The model suggests a label; nothing is decided."""
    UNSURE = auto()
    """A suggestion below the minimum probability."""
    AUTO = auto()
    """Labelled automatically, by the names."""
    LEARNED = auto()
    """Labelled automatically, by the names and what was learned from decisions."""
    GIVEN = auto()
    """It came with the picture; nobody has checked it."""
    DECIDED = auto()
    """Decided by a person."""
    REJECTED = auto()
    """A reject concept is the best match: none of the names."""
    SKIPPED = auto()
    """A person will not label it."""
    UNREADABLE = auto()
    """The file cannot be read."""
    HIDDEN = auto()
    """A person is asked what it is, and must not be swayed."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The content of one tile.

    Attributes:
        label: The concept's name; may be empty.
        probability: Of the label, among the names; None for none.
        note: Why it is unreadable, or a remark for the tool tip.
        similarity: The cosine with what is searched for, to two places; None for none.
        details: Lines beneath the name, each with what stands at its left and at its right.
        count: How many images it stands for: itself and the others of its closed stack.
        opened: Its place in its open stack, from 1, and how many images that has; None for none.
    """

    path: Path
    kind: TileKind
    label: str = ""
    colour: str = ""
    probability: float | None = None
    note: str = ""
    similarity: float | None = None
    details: tuple[tuple[str, str], ...] = ()
    count: int = 1
    opened: tuple[int, int] | None = None


class TileModel(QAbstractListModel):
    """The image rows of a project in display order.

    An *image row* is a row of the project's image table and never changes; an *index
    row* is a position in the display order. Of a closed stack the first image is shown; the others
    have its position. `tile_of` is called when a tile is painted, so the
    model caches nothing that could become stale.

    Attributes:
        cells: Which images are shown as one; None where each is shown.
        tile_of: Returns the tile of an image row, shown or not.
    """

    def __init__(
        self,
        tile_of: Callable[[int], Tile],
        parent: QObject | None = None,
        *,
        path_of: Callable[[int], Path] | None = None,
    ) -> None:
        """Make a model that shows nothing yet; `path_of` is a faster way to the file of a row."""
        super().__init__(parent)
        self.cells: Cells | None = None
        self.tile_of = tile_of
        self._path_of = path_of or (lambda row: tile_of(row).path)
        self._order = np.empty(_FIRST_CAPACITY, dtype=np.int64)
        self._count = 0
        self._positions = np.empty(0, dtype=np.int64)

    @property
    def order(self) -> NDArray[np.int64]:
        """The image rows in display order; a view, not to be written to."""
        return self._order[: self._count]

    def set_order(self, order: NDArray[np.int64], cells: Cells | None = None) -> None:
        """Show the images of `order`, each once, and no others; or the cells of it."""
        self.beginResetModel()
        self.cells = cells if cells is not None and cells.has_stacks else None
        shown = order if self.cells is None else self.cells.shown
        self._order = np.array(shown, dtype=np.int64)
        self._count = len(shown)
        self._positions = np.full(1 + int(order.max(initial=-1)), _NOWHERE, dtype=np.int64)
        self._positions[shown] = np.arange(self._count)
        if self.cells is not None:
            stacked = self.cells.grouped
            self._positions[stacked] = self._positions[self.cells.first_of(stacked)]
        self.endResetModel()

    def images_of(self, image_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `image_rows`, which are shown, with the others of closed stacks."""
        return image_rows if self.cells is None else self.cells.images_of(image_rows)

    def append(self, rows: NDArray[np.int64]) -> None:
        """Show `rows`, none of which is shown yet, after the others."""
        if not len(rows):
            return
        first, last = self._count, self._count + len(rows)
        self.beginInsertRows(QModelIndex(), first, last - 1)
        self._order = grown(self._order, last)
        self._order[first:last] = rows
        self._positions = grown(self._positions, 1 + int(rows.max()), _NOWHERE)
        self._positions[rows] = np.arange(first, last)
        self._count = last
        self.endInsertRows()

    def rows_changed(self, image_rows: NDArray[np.int64]) -> None:
        """Emit that the tiles of `image_rows` changed; those not shown are ignored."""
        places = self.positions_of(image_rows)
        places = places[places >= 0]
        if not len(places):
            return
        if len(places) > _MOST_SORTED:
            self.dataChanged.emit(self.index(int(places.min())), self.index(int(places.max())))
            return
        places = np.unique(places)
        breaks = np.flatnonzero(np.diff(places) > 1)
        firsts = places[np.concatenate([[0], breaks + 1])].tolist()
        lasts = places[np.concatenate([breaks, [-1]])].tolist()
        if len(firsts) > _MOST_RANGES:
            # A signal per small range costs more than repainting the tiles in between.
            firsts, lasts = firsts[:1], lasts[-1:]
        for first, last in zip(firsts, lasts, strict=True):
            self.dataChanged.emit(self.index(first), self.index(last))

    def all_changed(self) -> None:
        """Emit that every tile may have changed; constant time."""
        if self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1))

    def image_row(self, index_row: int) -> int:
        """Return the image row shown at `index_row`."""
        return int(self._order[: self._count][index_row])

    def index_of(self, image_row: int) -> QModelIndex:
        """Return the index of `image_row`, or an invalid one when it is not shown."""
        if not 0 <= image_row < len(self._positions):
            return QModelIndex()
        position = int(self._positions[image_row])
        return self.index(position) if position >= 0 else QModelIndex()

    def positions_of(self, image_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the index row of each of `image_rows`, -1 for those not shown."""
        rows = np.asarray(image_rows, dtype=np.int64)
        found = np.full(len(rows), _NOWHERE, dtype=np.int64)
        known = (rows >= 0) & (rows < len(self._positions))
        found[known] = self._positions[rows[known]]
        return found

    def tile(self, index_row: int) -> Tile:
        """Return the tile shown at `index_row`."""
        row = int(self._order[index_row])
        tile, cells = self.tile_of(row), self.cells
        if cells is None or cells.stacks.of(np.array([row]))[0] < 0:
            return tile
        place, of = cells.place_in_open(row)
        opened = (place + 1, of) if of > 1 else None
        return replace(tile, count=cells.count(row), opened=opened)

    def path(self, index_row: int) -> Path:
        """Return the file shown at `index_row`."""
        return self._path_of(int(self._order[index_row]))

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many images are shown."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the file's name, accessible text or tool tip; reads no file."""
        if not index.isValid() or index.row() >= self._count:
            return None
        make = _DATA.get(role)
        return make(self.tile(index.row())) if make else None


def shown_name(path: Path) -> str:
    """Return the file's name on one line, with odd characters and bytes replaced."""
    return one_line(printable(path.name))


def kind_text(kind: TileKind) -> str:
    """Return the state of an image in words: "decided by you"."""
    return tr(_WORDS[kind])


def state_text(tile: Tile) -> str:
    """Return the state of the tile in words: "suggested: cat, 91%"."""
    words = tr(_WORDS[tile.kind])
    if tile.kind in _WITH_LABEL and tile.label:
        words = after_colon(words, tile.label)
    if tile.kind in _WITH_PERCENT and tile.probability is not None:
        words = listed((words, percent(tile.probability)))
    return words


def _accessible_text(tile: Tile) -> str:
    score = tile.similarity
    similarity = "" if score is None else tr("likeness {score:z.2f}", score=score)
    name = shown_name(tile.path)
    return listed((name, similarity, state_text(tile), tile.note, stack_text(tile)))


def stack_text(tile: Tile) -> str:
    """Describe a tile's place in its stack; empty for a single picture."""
    if tile.count > 1:
        return tr("stack of {count}, closed", count=tile.count)
    if not tile.opened:
        return ""
    place, count = tile.opened
    return tr("{place} of {count} of an open stack", place=place, count=count)


def _tool_tip(tile: Tile) -> str:
    words, stack = capitalised(state_text(tile)), capitalised(stack_text(tile))
    folder = tr("in {folder}", folder=one_line(printable(str(tile.path.parent))))
    lines = [shown_name(tile.path), words, tile.note, stack, folder]
    if tile.similarity is not None:
        lines.append(tr("Similarity {score:z.2f} of at most 1", score=tile.similarity))
    return tip("\n".join(line for line in lines if line))


_WORDS: Final = {
    TileKind.WAITING: deferred("not read yet"),
    TileKind.PLAIN: deferred("no names yet"),
    TileKind.NAMELESS: deferred("set aside, no name fits"),
    TileKind.SUGGESTED: deferred("suggested"),
    TileKind.UNSURE: deferred("unsure"),
    TileKind.AUTO: deferred("labelled automatically"),
    TileKind.LEARNED: deferred("labelled by learning"),
    TileKind.GIVEN: deferred("given, not checked"),
    TileKind.DECIDED: deferred("decided by you"),
    TileKind.REJECTED: deferred("none of these"),
    TileKind.SKIPPED: deferred("skipped"),
    TileKind.UNREADABLE: deferred("unreadable"),
    TileKind.HIDDEN: deferred("label hidden"),
}
_WITH_PERCENT: Final = {
    TileKind.SUGGESTED,
    TileKind.UNSURE,
    TileKind.AUTO,
    TileKind.LEARNED,
    TileKind.GIVEN,
    TileKind.REJECTED,
}
_WITH_LABEL: Final = _WITH_PERCENT | {TileKind.DECIDED}
_DATA: Final[dict[int, Callable[[Tile], Any]]] = {
    int(Qt.ItemDataRole.DisplayRole): lambda tile: shown_name(tile.path),
    int(Qt.ItemDataRole.ToolTipRole): _tool_tip,
    int(Qt.ItemDataRole.AccessibleTextRole): _accessible_text,
}
