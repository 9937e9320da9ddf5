"""The images of a project as arrays with one row per image."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown
from nameplate.domain.embeddings import Descriptors, ImageVectors, Vectors
from nameplate.domain.messages import Message
from nameplate.domain.paths import PathList

T = TypeVar("T", bound=np.generic)

CONTENT: Final = np.dtype([("size", "<i8"), ("digest", "V16")])
"""The content of one file: `size` in bytes, -1 where it is not known, and a BLAKE2b hash."""

UNKNOWN: Final = np.array((-1, bytes(16)), CONTENT)
"""The content of a file that was not read yet; a scalar array."""

Contents = NDArray[Any]
"""An array of CONTENT."""

_DIGEST: Final = CONTENT["digest"]
_LARGEST: Final = 2**63 - 1


def contents_of(keys: Sequence[str | None]) -> Contents:
    """Parse keys made by `system.file_status.content_key`.

    None, or a key of another form, gives an unknown content.
    """
    contents = np.full(len(keys), UNKNOWN, CONTENT)
    for place, key in enumerate(keys):
        digest, _, size = (key or "").partition("-")
        if len(digest) == 2 * _DIGEST.itemsize and size.isdecimal() and int(size) <= _LARGEST:
            contents[place] = int(size), bytes.fromhex(digest)
    return contents


def is_other_content(one: Contents, other: Contents) -> NDArray[np.bool_]:
    """Return whether both contents of each pair are known and differ."""
    return (one["size"] >= 0) & (other["size"] >= 0) & (one != other)


def same_contents(contents: Contents) -> NDArray[np.int64]:
    """Return pairs of indices (P x 2, the lower one first) that link all equal contents.

    Args:
        contents: n; an unknown content equals no other.
    """
    places = np.flatnonzero(contents["size"] >= 0)
    known = contents[places]
    # Sorting by half of the digest takes a third of the time. Should halves ever be equal where
    # digests differ, some equal files would not be found.
    halves = np.ascontiguousarray(known["digest"]).view(np.uint64).reshape(len(known), 2)
    order = np.argsort(halves[:, 0], kind="stable")
    halves, sizes, places = halves[order], known["size"][order], places[order]
    is_same = (halves[:-1] == halves[1:]).all(axis=1) & (sizes[:-1] == sizes[1:])
    return np.stack([places[:-1][is_same], places[1:][is_same]], axis=1)


_FIRST_CAPACITY: Final = 1024

BLOCK_ROWS: Final = 1024
"""Rows of a block of embeddings: 3 MB at 768 numbers each. The GUI thread allocates one in 7 ms on
a system with slow allocation; blocks of a quarter make rescoring slower."""


def by_block(rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each block that contains some of `rows`, with the indices of those rows in `rows`."""
    numbers = rows // BLOCK_ROWS
    order = np.argsort(numbers, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        if len(places):
            yield int(numbers[places[0]]), places


def gathered(blocks: Sequence[NDArray[T]], rows: NDArray[np.int64]) -> NDArray[T]:
    """Return copies of some rows, from blocks of `BLOCK_ROWS` rows each; at least one block."""
    found = np.empty((len(rows), blocks[0].shape[1]), blocks[0].dtype)
    for number, mine in by_block(rows):
        found[mine] = blocks[number][rows[mine] % BLOCK_ROWS]
    return found


def vectors_in(blocks: Sequence[ImageVectors], rows: NDArray[np.int64]) -> ImageVectors:
    """Return copies of the vectors of some rows; see `gathered`."""
    if not blocks:
        return ImageVectors.of(np.empty((len(rows), 0), np.float32))
    embeddings = gathered([block.embeddings for block in blocks], rows)
    return ImageVectors(embeddings, gathered([block.descriptors for block in blocks], rows))


class ImageState(IntEnum):
    """The embedding state of an image."""

    WAITING = 0
    READY = 1
    UNREADABLE = 2


FILE: Final = np.dtype([("size", "<i8"), ("changed_at", "<i8")])
"""The status of a file: `size` in bytes, and the time of its last change in milliseconds since
1970 (UTC); -1 where unknown."""

_UNKNOWN_FILE: Final = np.array((-1, -1), FILE)

Files = NDArray[Any]
"""An array of FILE."""


MakeBlock = Callable[[tuple[int, int], np.dtype[Any]], NDArray[Any]]
"""Makes a block of NaN with a shape and a type, such as one that lies in a file."""


def _in_memory(shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.full(shape, np.nan, dtype)


Rows = NDArray[np.int64] | slice
ALL: Final = slice(None)

_VANISHED: Final = Message("has-vanished")

_COLUMNS: Final = {
    "ids": (0, np.int64),
    "is_removed": (False, np.bool_),
    "has_vanished": (False, np.bool_),
    "states": (ImageState.WAITING, np.uint8),
    "is_described": (False, np.bool_),
    "contents": (UNKNOWN, CONTENT),
    "files": (_UNKNOWN_FILE, FILE),
}
"""The columns of a table: value for a new image, and dtype."""


class ImageTable:
    """Ids, paths, states and embeddings.

    A row is an index into this table; an id belongs to one image permanently.

    Attributes:
        paths: One path per row, in the order added.
        reasons: Row -> why it is unreadable.
        notes: Row -> a remark about a readable image whose file is odd.
        changed: Row -> the present content of its file, where a person labelled another content.
        waiting: The number of rows in state WAITING, without removed ones.
        revision: Increases whenever images are added, removed, read, or set to waiting.
        dimension: The length of an embedding; 0 before a model was chosen.
        descriptor_size: That of a descriptor; 0 where the model has none.
        make_block: Makes the arrays of vectors; in memory by default.

    Vectors are stored in blocks that are never moved, so the time to add images does not depend
    on how many there are, and a job can read the blocks while rows are being set. One shared empty
    block stands for all blocks without vectors.
    """

    def __init__(self, dimension: int = 0) -> None:
        self.paths = PathList()
        self.reasons: dict[int, Message] = {}
        self.notes: dict[int, Message] = {}
        self.changed: dict[int, Contents] = {}
        self.waiting = 0
        self.revision = 0
        self.dimension, self.descriptor_size = dimension, 0
        self.make_block: MakeBlock = _in_memory
        self._columns: dict[str, NDArray[Any]] = {
            name: np.full(_FIRST_CAPACITY, *of) for name, of in _COLUMNS.items()
        }
        self._empty = self._block(_in_memory)
        self._blocks: list[ImageVectors] = []

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The id of each row, ascending; a view."""
        return self._column("ids")

    @property
    def highest_id(self) -> int:
        """The id of the last added image; 0 for none."""
        return int(self.ids[-1]) if len(self) else 0

    @property
    def is_removed(self) -> NDArray[np.bool_]:
        """Whether each row was removed from the project; a view."""
        return self._column("is_removed")

    def is_missing(self, rows: Rows = ALL) -> NDArray[np.bool_]:
        """Return whether each of `rows` is unreadable because its file is not there."""
        return self._column("has_vanished")[rows] & (self.states[rows] == ImageState.UNREADABLE)

    def was_never_read(self, rows: Rows = ALL) -> NDArray[np.bool_]:
        """Return whether each of `rows` has a file that could never be read.

        A label that it was given together with others, before it was read, does not count.
        """
        is_unreadable = self.states[rows] == ImageState.UNREADABLE
        if not is_unreadable.any():  # the usual case
            return is_unreadable
        return is_unreadable & ~self.is_missing(rows) & (self.contents["size"][rows] < 0)

    @property
    def present(self) -> int:
        """The number of images, without removed ones."""
        return len(self) - int(np.count_nonzero(self.is_removed))

    def rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each of `ids`.

        Raises:
            KeyError: One of them does not exist.
        """
        count, first = len(self), int(self.ids[0]) if len(self) else 0
        if self.highest_id - first == count - 1:  # no id is missing: no search is needed
            rows = ids - first
        else:
            rows = np.searchsorted(self.ids, ids).astype(np.int64)
        is_there = (rows >= 0) & (rows < count)
        if not is_there.all() or not np.array_equal(self.ids[rows], ids):
            raise KeyError("no such image")
        return rows

    def waiting_rows(self) -> NDArray[np.int64]:
        """Return the rows that wait for an embedding; `waiting` is their number."""
        return np.flatnonzero((self.states == ImageState.WAITING) & ~self.is_removed)

    @property
    def states(self) -> NDArray[np.uint8]:
        """uint8 values of `ImageState`, one per row; a view."""
        return self._column("states")

    @property
    def is_described(self) -> NDArray[np.bool_]:
        """Whether each row has a descriptor; a view."""
        return self._column("is_described")

    @property
    def contents(self) -> Contents:
        """The content of each row's file when it was labelled, else when last read; a view."""
        return self._column("contents")

    @property
    def files(self) -> Files:
        """The `FILE` of each row as read in this session; a view."""
        return self._column("files")

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """A copy of all embeddings, N x D float32; NaN rows for images without one."""
        empty = np.empty((0, self.dimension), dtype=np.float32)
        return np.concatenate([empty, *self.blocks()])

    def blocks(self) -> tuple[Vectors, ...]:
        """Return views of the blocks of embeddings; see `vectors`."""
        return tuple(block.embeddings for block in self.vectors())

    def vectors(self) -> tuple[ImageVectors, ...]:
        """Return views of the blocks of vectors, in row order; they stay valid.

        A view of the empty block stays NaN when a row of that block is set later.
        """
        return tuple(
            block.take(slice(len(self) - start))
            for block, start in zip(self._blocks, range(0, len(self), BLOCK_ROWS), strict=False)
        )

    def embeddings_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a copy of the embeddings of `rows`, n x D float32."""
        blocks = [*self._blocks, self._empty]
        return gathered([block.embeddings for block in blocks], rows)

    def vectors_of(self, rows: NDArray[np.int64]) -> ImageVectors:
        """Return copies of the vectors of `rows`."""
        return vectors_in([*self._blocks, self._empty], rows)

    @property
    def is_ready(self) -> NDArray[np.bool_]:
        """Whether each has an embedding."""
        return (self.states == ImageState.READY) & ~self.is_removed

    @property
    def is_whole(self) -> bool:
        """Whether no image is still to be read, nor a descriptor that the model could give."""
        return not self.waiting and not len(self.undescribed_rows())

    def undescribed_rows(self) -> NDArray[np.int64]:
        """Return the rows with an embedding and without a descriptor that the model could give."""
        is_missing = self.is_ready & ~self.is_described
        return np.flatnonzero(is_missing) if self.descriptor_size else np.empty(0, np.int64)

    def add(self, paths: Sequence[Path], ids: NDArray[np.int64] | None = None) -> range:
        """Append waiting rows and return them.

        Args:
            paths: Of the images.
            ids: Of the images, ascending, above `highest_id`; by default the next ones.
        """
        first, highest = len(self), self.highest_id
        self.paths.extend(paths)
        self.revision += 1
        self.waiting += len(paths)
        for name, (fill, _) in _COLUMNS.items():
            self._columns[name] = grown(self._columns[name], len(self), fill)
        self.ids[first:] = np.arange(highest + 1, highest + 1 + len(paths)) if ids is None else ids
        while len(self._blocks) * BLOCK_ROWS < len(self):
            self._blocks.append(self._empty)
        return range(first, len(self))

    def set_embeddings(
        self,
        rows: NDArray[np.int64],
        embeddings: Vectors,
        descriptors: Descriptors | None = None,
    ) -> None:
        """Set the embeddings (n x D) of `rows`, which become ready.

        Descriptors (n x E) may follow later; rows of NaN are not known yet.
        """
        for number, mine in by_block(rows):
            if self._blocks[number] is self._empty:
                self._blocks[number] = self._block(self.make_block)
            block, places = self._blocks[number], rows[mine] % BLOCK_ROWS
            block.embeddings[places] = embeddings[mine]
            block.descriptors[places] = np.nan if descriptors is None else descriptors[mine]
        given = ImageVectors.of(embeddings, descriptors).descriptors
        is_known = np.isfinite(given).all(axis=1) & (given.shape[1] > 0)
        self.is_described[rows] = is_known
        self._set_state(rows, ImageState.READY)

    def set_paths(self, rows: NDArray[np.int64], paths: PathList) -> None:
        """Change the paths of images, which are set to waiting."""
        self.paths.replace(rows.tolist(), paths)
        for row in rows.tolist():
            self.notes.pop(row, None)
            self.changed.pop(row, None)
        self.files[rows] = _UNKNOWN_FILE
        self.set_waiting(rows)

    def set_removed(self, rows: NDArray[np.int64], *, is_removed: bool) -> None:
        """Remove rows from the project, or restore them; their data is kept."""
        if not len(rows):
            return
        self.is_removed[rows] = is_removed
        self.revision += 1
        self.waiting = len(self.waiting_rows())

    def set_unreadable(self, row: int, reason: Message) -> None:
        """Mark `row` as unreadable, with the reason."""
        self.reasons[row] = reason
        self._column("has_vanished")[row] = _VANISHED in (reason, reason.parameters.get("reason"))
        self._set_state(np.array([row]), ImageState.UNREADABLE)

    def set_waiting(self, rows: NDArray[np.int64]) -> None:
        """Set rows to waiting, to be read again."""
        for row in rows.tolist():
            self.reasons.pop(row, None)
        self.states[rows] = ImageState.WAITING
        self.revision += 1
        self.waiting = len(self.waiting_rows())

    def forget_embeddings(self, dimension: int, descriptor_size: int = 0) -> None:
        """Set every readable row to waiting, for a model with vectors of these lengths."""
        self.dimension, self.descriptor_size = dimension, descriptor_size
        self.is_described[:] = False
        self._empty = self._block(_in_memory)
        self._blocks = [self._empty] * len(self._blocks)
        self.states[self.states == ImageState.READY] = ImageState.WAITING
        self.revision += 1
        self.waiting = len(self.waiting_rows())

    def _set_state(self, rows: NDArray[np.int64], state: ImageState) -> None:
        waited = (self.states[rows] == ImageState.WAITING) & ~self.is_removed[rows]
        self.waiting -= int(np.count_nonzero(waited))
        self.states[rows] = state
        self.revision += 1

    def _column(self, name: str) -> NDArray[Any]:
        return self._columns[name][: len(self)]

    def _block(self, make: MakeBlock) -> ImageVectors:
        """Return a block of NaN."""
        return ImageVectors(
            make((BLOCK_ROWS, self.dimension), np.dtype(np.float32)),
            make((BLOCK_ROWS, self.descriptor_size), np.dtype(np.float16)),
        )

    def without_embeddings(self) -> "ImageTable":
        """Return a copy without the embeddings."""
        copy = ImageTable()
        copy.descriptor_size = self.descriptor_size
        copy.paths.extend(self.paths)
        copy._columns = {name: values[: len(self)].copy() for name, values in self._columns.items()}
        copy._blocks = [copy._empty] * len(self._blocks)
        copy.reasons = dict(self.reasons)
        copy.notes = dict(self.notes)
        copy.changed = dict(self.changed)
        copy.waiting = self.waiting
        return copy
