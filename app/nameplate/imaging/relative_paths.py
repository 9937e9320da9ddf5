"""Paths of images relative to a folder: which folder, and the paths below it."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from nameplate.domain.images import ImageTable
from nameplate.system.failures import printable


def project_root(images: ImageTable, first_images: int) -> str:
    """Return the folder that paths are relative to; empty if there is none.

    The deepest one that holds all images that the project began with, removed ones among them, so
    that it stays when others are added or some are taken out.

    Args:
        images: Of the project.
        first_images: The highest id of those that it began with; 0 for all.
    """
    texts = images.paths.texts
    is_first = images.ids <= first_images if first_images else np.ones(len(images), np.bool_)
    if not np.any(is_first & ~images.is_removed):
        is_first = ~images.is_removed
    return root_of([texts[row] for row in np.flatnonzero(is_first).tolist()])


def common_folder(folders: Iterable[str]) -> str:
    """Return the deepest folder that contains all of `folders`; empty if there is none.

    As with two drives, with absolute and relative paths mixed, or without any folder.
    """
    try:
        return os.path.commonpath(set(folders))
    except ValueError:
        return ""


def root_of(paths: Sequence[Path | str]) -> str:
    """Return the deepest folder that contains all images; empty if there is none."""
    # Text alone: a Path of each is four times as slow.
    return common_folder(os.path.dirname(os.fspath(path)) for path in paths)  # noqa: PTH120


def names_below(root: str, paths: Sequence[Path | str]) -> list[str]:
    """Return each path relative to `root`, with `..` if it is outside.

    `/`-separated and valid UTF-8 (see `printable`). A path is returned whole where `root` is empty,
    on another drive, or relative while the other is absolute.
    """
    start = os.path.join(root, "") if root else ""  # noqa: PTH118
    return [printable(_below(root, start, os.fspath(path)).replace(os.sep, "/")) for path in paths]


def relative_names(paths: Sequence[Path | str]) -> list[str]:
    """Return each path relative to the deepest folder that contains all; see `names_below`."""
    return names_below(root_of(paths), paths)


def _below(root: str, start: str, text: str) -> str:
    if text.startswith(start):
        return text[len(start) :]
    if os.path.isabs(root) != os.path.isabs(text):  # noqa: PTH117
        return text
    try:
        return os.path.relpath(text, root)
    except ValueError:  # another drive
        return text
