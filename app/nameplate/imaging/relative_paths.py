"""Finds the folder that the paths of exported images are relative to."""

from collections.abc import Collection

import numpy as np

from nameplate.domain.images import ImageTable
from nameplate.imaging.scan import root_of


def project_root(images: ImageTable, first_images: int, fetched: Collection[int] = ()) -> str:
    """Return the folder that paths are relative to; empty if there is none.

    The deepest one that holds all images that the project began with, removed ones among them, so
    that it stays when others are added or some are taken out.

    Args:
        images: Of the project.
        first_images: The highest id of those that it began with; 0 for all.
        fetched: The ids of images whose paths are those of a cache, and say nothing.
    """
    texts = images.paths.texts
    is_first = images.ids <= first_images if first_images else np.ones(len(images), np.bool_)
    if fetched:
        is_first &= ~np.isin(images.ids, list(fetched))
        return root_of([texts[row] for row in np.flatnonzero(is_first).tolist()])
    if not np.any(is_first & ~images.is_removed):
        is_first = ~images.is_removed
    return root_of([texts[row] for row in np.flatnonzero(is_first).tolist()])
