"""Finds which images of a project belong together, so that one decision is for all of a stack."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS, Contents, ImageTable, gathered
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import Pairs, StackKind, Stacks, joined, same_files
from nameplate.imaging.exif import UNKNOWN, read_exif
from nameplate.pipeline.stacks.edges import edge_correlations
from nameplate.pipeline.stacks.rules import (
    ALIKE_BY_EDGES,
    ALIKE_BY_MODEL,
    ALIKE_BY_PIXELS,
    ALIKE_IN_BURST,
    close_in_time,
    comparable,
    correlations,
)
from nameplate.pipeline.stacks.small import SmallPicture, SmallPictures
from nameplate.scoring.near_duplicates import near_pairs
from nameplate.scoring.whitening import FOR_GROUPS, MOST_BLOCKS, WhitenedSpace, sample_of

_FEW: Final = 64
"""Among fewer images, whose spread cannot be told, all are compared with all, by pixels alone."""
_BLOCK: Final = 2048
_FINE_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class ToStack:
    """Copies of the tables that stacks are found in, a row an image; embeddings are shared.

    Attributes:
        paths: Of N files.
        contents: N, of the files as far as they are known.
        is_there: N bool: false for images that were removed, which are in no stack.
        blocks: Of the embeddings, as `ImageTable.blocks` gives them, NaN where an image has none;
            without them the stacks are those of equal files.
    """

    paths: PathList
    contents: Contents
    is_there: NDArray[np.bool_]
    blocks: Sequence[Vectors] = ()

    @classmethod
    def of(cls, images: ImageTable) -> "ToStack":
        """Copy the needed tables of a project's images."""
        paths = PathList.of_texts(images.paths.texts)
        return cls(paths, images.contents.copy(), ~images.is_removed, images.blocks())


def stacks_of(images: ImageTable, cancel: CancelToken) -> Stacks:
    """Return the stacks of a project's images, for use without a window."""
    events = look_for_stacks(ToStack.of(images), cancel)
    return next(event for event in events if isinstance(event, Stacks))


def look_for_stacks(
    of: ToStack, cancel: CancelToken, small: SmallPictures | None = None
) -> Iterator[Progress | Stacks]:
    """Yield the stacks of all images: of equal files, of copies of a picture, of bursts.

    The pixels are read of those files alone that the model, or the time, says are worth comparing,
    unless `small` has them; one that cannot be read is in no stack, or with equal files alone.
    Before, progress comes after each picture that is read.
    """
    same, blocks = same_files(of.contents, of.is_there), of.blocks[:MOST_BLOCKS]
    compared = _Compared(of, same, blocks, SmallPictures() if small is None else small)
    alike, close = compared.alike(cancel), compared.close_in_time(cancel)
    yield from compared.read(np.unique(np.concatenate([alike, close])), cancel)
    yield joined(
        {
            StackKind.SAME_FILE: same,
            StackKind.COPY: compared.copies(alike, cancel),
            StackKind.BURST: compared.frames(close),
        },
        len(of.paths),
    )


def _embedded(of: ToStack, blocks: Sequence[Vectors]) -> NDArray[np.bool_]:
    """Return which images are there and have an embedding."""
    known = [np.isfinite(block[:, :1]).all(axis=1) for block in blocks]
    found = np.zeros(len(of.paths), np.bool_)
    has = np.concatenate([np.empty(0, np.bool_), *known])[: len(found)]
    found[: len(has)] = has
    return found & of.is_there


class _Compared:
    """Pairs of images that are worth comparing, and how alike they are."""

    def __init__(
        self, of: ToStack, same: Pairs, blocks: Sequence[Vectors], small: SmallPictures
    ) -> None:
        self._of, self._blocks, self._kept = of, blocks, small
        self._first = np.arange(len(of.paths))  # of equal files that one stands for all
        for one, other in same.tolist():
            self._first[other] = self._first[one]
        is_first = self._first == np.arange(len(of.paths))
        self._is_in = is_first & _embedded(of, blocks)
        self._is_few = int(np.count_nonzero(self._is_in)) < _FEW
        self._small = dict[int, SmallPicture]()

    def alike(self, cancel: CancelToken) -> Pairs:
        """Return the pairs that may be copies."""
        if self._is_few:
            rows = np.flatnonzero(self._is_in)
            return rows[np.stack(np.triu_indices(len(rows), 1), axis=1)]
        pairs = near_pairs(self._blocks, ALIKE_BY_MODEL, cancel)
        pairs = np.sort(self._first[pairs[(pairs < len(self._first)).all(axis=1)]], axis=1)
        return pairs[self._is_in[pairs].all(axis=1) & (pairs[:, 0] < pairs[:, 1])]

    def close_in_time(self, cancel: CancelToken) -> Pairs:
        """Return the pairs that may be frames of one burst, whatever their pixels are."""
        taken = np.full(len(self._is_in), UNKNOWN, np.int64)
        for row in np.flatnonzero(self._is_in).tolist():
            cancel.raise_if_cancelled()
            taken[row] = read_exif(self._of.paths[row], cancel).taken
        pairs = close_in_time(taken)
        if self._is_few:
            return pairs
        return pairs[self._cosines(pairs) + 1 >= ALIKE_IN_BURST]  # were their pixels the same

    def read(self, rows: NDArray[np.int64], cancel: CancelToken) -> Iterator[Progress]:
        """Read the pictures that are compared."""
        contents, started = self._of.contents, time.monotonic()
        is_known = contents["size"] >= 0
        listed: list[int] = rows.tolist()
        for done, row in enumerate(listed, start=1):
            cancel.raise_if_cancelled()
            content = contents[row : row + 1].tobytes() if is_known[row] else b""
            self._small[row] = self._kept.read(self._of.paths[row], content, cancel)
            yield Progress(done, len(rows), time.monotonic() - started)

    def copies(self, pairs: Pairs, cancel: CancelToken) -> Pairs:
        """Return the pairs of copies of one picture among some that were read."""
        pairs = pairs[self._correlations(pairs) >= ALIKE_BY_PIXELS]
        return pairs[self._edges(pairs, cancel) >= ALIKE_BY_EDGES]

    def frames(self, pairs: Pairs) -> Pairs:
        """Return the pairs of frames of one burst among some that were read."""
        by_pixels = self._correlations(pairs)
        cosines = by_pixels if self._is_few else self._cosines(pairs)
        return pairs[cosines + by_pixels >= ALIKE_IN_BURST]

    def _cosines(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return those of the images of pairs, by the spread of the folder."""
        spread = WhitenedSpace.of(
            sample_of(self._blocks, len(self._blocks) * BLOCK_ROWS), FOR_GROUPS
        )
        found = [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _BLOCK):
            one, other = (
                spread.place([gathered(self._blocks, rows)])
                for rows in pairs[start : start + _BLOCK].T
            )
            found.append(np.einsum("ij,ij->i", one, other))
        return np.concatenate(found)

    def _correlations(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return those of the pixels of pairs; 0 where a file cannot be read."""
        found = [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _BLOCK):
            one, other = pairs[start : start + _BLOCK].T
            found.append(
                correlations(comparable(self._colours(one)), comparable(self._colours(other)))
            )
        return np.concatenate(found)

    def _edges(self, pairs: Pairs, cancel: CancelToken) -> NDArray[np.float32]:
        """Return how well the edges of pairs agree."""
        found = [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _FINE_BLOCK):
            cancel.raise_if_cancelled()
            one, other = pairs[start : start + _FINE_BLOCK].T
            found.append(edge_correlations(self._greys(one), self._greys(other)))
        return np.concatenate(found)

    def _colours(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.stack([self._small[row].colours for row in rows.tolist()])

    def _greys(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.stack([self._small[row].greys for row in rows.tolist()])
