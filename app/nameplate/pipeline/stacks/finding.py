"""Finds which images of a project belong together, so that one decision is for all of a stack."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.contents import Contents, same_contents
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ImageError
from nameplate.domain.images import BLOCK_ROWS, ImageTable
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Pairs, StackKind, Stacks, joined
from nameplate.imaging import pictures
from nameplate.imaging.taken import UNKNOWN, taken_at
from nameplate.scoring.bursts import are_frames, close_in_time
from nameplate.scoring.copies import (
    ALIKE_BY_EDGES,
    ALIKE_BY_MODEL,
    ALIKE_BY_PIXELS,
    SIDE,
    comparable,
    correlations,
)
from nameplate.scoring.edges import FINE, edge_correlations
from nameplate.scoring.near_duplicates import near_pairs
from nameplate.scoring.spread import FOR_GROUPS, Spread, gathered, sample_of

_FEW: Final = 64
"""Among fewer images, whose spread cannot be told, all are compared with all, by pixels alone."""
_READ: Final = 128
"""Pixels of the longer side of what is read of a file: a JPEG is decoded that small."""
_BLOCK: Final = 8192
_FINE_BLOCK: Final = 512
MOST_BLOCKS: Final = 200
"""Of embeddings that are compared, of 1,024 images each: the first 204,800."""


@dataclass(frozen=True, slots=True)
class ToStack:
    """Copies of what stacks are found among, a row an image; embeddings are shared.

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
    def of(cls, images: ImageTable, *, is_by_model: bool = True) -> "ToStack":
        """Return what is to be looked at of a project's images."""
        paths, blocks = PathList.of_texts(images.paths.texts), images.blocks()
        is_there = ~images.is_removed
        return cls(paths, images.contents.copy(), is_there, blocks if is_by_model else ())


def same_files(of: ToStack) -> Pairs:
    """Return the pairs that join the files of the same content; no model, no file is needed."""
    rows = np.flatnonzero(of.is_there)
    return rows[same_contents(of.contents[rows])]


def find_stacks(of: ToStack, cancel: CancelToken) -> Stacks:
    """Return the stacks of all images: of equal files, of copies of a picture, of bursts.

    The pixels are read of those files alone that the model, or the time, says are worth comparing;
    one that cannot be read is in no stack, or with equal files alone.

    Raises:
        CancelledError: `cancel` was set; it is checked before each file.
    """
    same, blocks = same_files(of), of.blocks[:MOST_BLOCKS]
    compared = _Compared(of, same, blocks)
    return joined(
        {
            StackKind.SAME_FILE: same,
            StackKind.COPY: compared.copies(cancel),
            StackKind.BURST: compared.frames(cancel),
        },
        len(of.paths),
    )


def _alive(of: ToStack, blocks: Sequence[Vectors]) -> NDArray[np.bool_]:
    """Return which images are there and have an embedding."""
    known = [np.isfinite(block[:, :1]).all(axis=1) for block in blocks]
    found = np.zeros(len(of.paths), np.bool_)
    has = np.concatenate([np.empty(0, np.bool_), *known])[: len(found)]
    found[: len(has)] = has
    return found & of.is_there


class _Compared:
    """Pairs of images that are worth comparing, and how alike they are."""

    def __init__(self, of: ToStack, same: Pairs, blocks: Sequence[Vectors]) -> None:
        self._paths, self._blocks = of.paths, blocks
        self._first = np.arange(len(of.paths))  # of equal files that one stands for all
        for one, other in same.tolist():
            self._first[other] = self._first[one]
        is_first = self._first == np.arange(len(of.paths))
        self._is_in = is_first & _alive(of, blocks)
        self._is_few = int(np.count_nonzero(self._is_in)) < _FEW
        self._small = dict[int, _Small]()

    def copies(self, cancel: CancelToken) -> Pairs:
        """Return the pairs of copies of one picture."""
        if self._is_few:
            rows = np.flatnonzero(self._is_in)
            pairs = rows[np.stack(np.triu_indices(len(rows), 1), axis=1)]
        else:
            pairs = near_pairs(self._blocks, ALIKE_BY_MODEL, cancel)
            pairs = np.sort(self._first[pairs[(pairs < len(self._first)).all(axis=1)]], axis=1)
            pairs = pairs[self._is_in[pairs].all(axis=1) & (pairs[:, 0] < pairs[:, 1])]
        pairs = pairs[self._correlations(pairs, cancel) >= ALIKE_BY_PIXELS]
        return pairs[self._edges(pairs, cancel) >= ALIKE_BY_EDGES]

    def frames(self, cancel: CancelToken) -> Pairs:
        """Return the pairs of frames of one burst."""
        taken = np.full(len(self._is_in), UNKNOWN, np.int64)
        for row in np.flatnonzero(self._is_in).tolist():
            cancel.raise_if_cancelled()
            taken[row] = taken_at(self._paths[row], cancel)
        pairs = close_in_time(taken)
        if self._is_few:
            by_pixels = self._correlations(pairs, cancel)
            return pairs[are_frames(by_pixels, by_pixels)]
        cosines = self._cosines(pairs)
        worth = are_frames(cosines, np.ones_like(cosines))  # whatever the pixels are
        pairs, cosines = pairs[worth], cosines[worth]
        return pairs[are_frames(cosines, self._correlations(pairs, cancel))]

    def _cosines(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return those of the images of pairs, by the spread of the folder."""
        spread = Spread.of(sample_of(self._blocks, len(self._blocks) * BLOCK_ROWS), FOR_GROUPS)
        found = [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _BLOCK):
            one, other = (
                spread.place([gathered(self._blocks, rows)])
                for rows in pairs[start : start + _BLOCK].T
            )
            found.append(np.einsum("ij,ij->i", one, other))
        return np.concatenate(found)

    def _correlations(self, pairs: Pairs, cancel: CancelToken) -> NDArray[np.float32]:
        """Return those of the pixels of pairs; 0 where a file cannot be read."""
        rows = np.unique(pairs)
        for row in rows.tolist():
            if row not in self._small:
                cancel.raise_if_cancelled()
                self._small[row] = _Small.of(self._paths[row], cancel)
        none = np.empty((0, SIDE, SIDE, 3), np.uint8)
        small = np.concatenate([none, *(self._small[row].colours[None] for row in rows.tolist())])
        places, found = np.searchsorted(rows, pairs), [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _BLOCK):
            one, other = places[start : start + _BLOCK].T
            found.append(correlations(comparable(small[one]), comparable(small[other])))
        return np.concatenate(found)

    def _edges(self, pairs: Pairs, cancel: CancelToken) -> NDArray[np.float32]:
        """Return how well the edges agree of pairs whose pixels were compared."""
        found = [np.empty(0, np.float32)]
        for start in range(0, len(pairs), _FINE_BLOCK):
            cancel.raise_if_cancelled()
            one, other = (
                np.stack([self._small[row].grey for row in rows])
                for rows in pairs[start : start + _FINE_BLOCK].T.tolist()
            )
            found.append(edge_correlations(one, other))
        return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class _Small:
    """What is compared of a picture: black where the file cannot be read.

    Attributes:
        colours: SIDE x SIDE x 3.
        grey: FINE x FINE.
    """

    colours: NDArray[np.uint8]
    grey: NDArray[np.uint8]

    @classmethod
    def of(cls, path: Path, cancel: CancelToken) -> "_Small":
        """Read a file."""
        try:
            picture = pictures.thumbnail(path, _READ, cancel).image.convert("RGB")
        except ImageError:
            picture = Image.new("RGB", (FINE, FINE))
        colours = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
        grey = picture.convert("L").resize((FINE, FINE), Image.Resampling.BOX)
        return cls(np.asarray(colours), np.asarray(grey))
