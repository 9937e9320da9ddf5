"""Finds which images of a project are copies of one picture, so that one decision is for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging import pictures
from nameplate.scoring.copies import ALIKE_BY_MODEL, SIDE, are_copies, comparable
from nameplate.scoring.near_duplicates import joined, near_pairs

_FEW: Final = 64
"""Among fewer images, whose spread cannot be told, all are compared with all."""
_READ: Final = 128
"""Pixels of the longer side of what is read of a file: a JPEG is decoded that small."""
_BLOCK: Final = 8192


def copies(
    blocks: Sequence[Vectors], paths: Sequence[Path], cancel: CancelToken
) -> NDArray[np.int64]:
    """Return the number of the group of copies of each image, from 0; -1 for none.

    Files are read of those alone that the model finds alike; one that cannot be read has no copies.

    Args:
        blocks: Of N embeddings, as `ImageTable.blocks` gives them; NaN where an image has none.
        paths: N, of their files.
        cancel: Checked before each file.

    Raises:
        CancelledError: `cancel` was set.
    """
    count = min(sum(map(len, blocks)), len(paths))
    if count < _FEW:
        pairs = np.stack(np.triu_indices(count, 1), axis=1).astype(np.int64)
    else:
        pairs = near_pairs(blocks, ALIKE_BY_MODEL, cancel)
        pairs = pairs[(pairs < count).all(axis=1)]
    rows = np.unique(pairs)
    small = _small([paths[int(row)] for row in rows], cancel)
    places = np.searchsorted(rows, pairs)
    is_copy = [np.empty(0, np.bool_)]
    for start in range(0, len(pairs), _BLOCK):
        one, other = places[start : start + _BLOCK].T
        is_copy.append(are_copies(comparable(small[one]), comparable(small[other])))
    return joined(pairs[np.concatenate(is_copy)], count)


def _small(paths: Sequence[Path], cancel: CancelToken) -> NDArray[np.uint8]:
    """Return pictures of SIDE x SIDE x 3; black where a file cannot be read."""
    found = np.zeros((len(paths), SIDE, SIDE, 3), np.uint8)
    for place, path in enumerate(paths):
        cancel.raise_if_cancelled()
        try:
            picture = pictures.thumbnail(path, _READ, cancel).image
        except ImageError:
            continue
        found[place] = np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX))
    return found
