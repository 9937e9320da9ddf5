"""An index of many images' paths, for searching and sorting.

Each folder is kept once; file names are joined to blocks of text, each of which is searched by one
call. No step holds the interpreter lock for long, so that the window's thread can run.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.filtering.natural_order import keys_of_lines, natural, ranks_of

Flags = NDArray[np.bool_]

_BLOCK: Final = 16_384
"""Names in a block: a search holds the interpreter lock for a millisecond or two."""


@dataclass(frozen=True, slots=True)
class _Names:
    """A block of names.

    Attributes:
        text: The case-folded names, with a line end before each and after the last.
        starts: The index in `text` of each name, and of the end.
    """

    text: str
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[str]) -> "_Names":
        folded = [name.casefold().replace("\n", " ") for name in names]
        lengths = np.fromiter(map(len, folded), np.int64, len(folded))
        starts = np.concatenate([[0], np.cumsum(lengths + 1)]) + 1
        return cls("\n" + "\n".join(folded) + "\n", starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def having(self, text: str) -> Flags:
        """Return whether each name contains `text`; with a line end before it, begins with it."""
        pieces = self.text.split(text)
        lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
        places = np.cumsum(lengths[:-1] + len(text)) - 1  # of the last letter of each
        found = np.zeros(len(self), dtype=np.bool_)
        found[np.searchsorted(self.starts, places, side="right") - 1] = True
        return found


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of images.

    Attributes:
        path: `/`-separated, from the folder of all images on; `name` is its last part.
        count: The number of images in it or below.
    """

    path: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class FolderTree:
    """The folders of a project.

    Attributes:
        root: The folder of all images; empty where there is none.
        count: The number of images.
        below: Path -> its direct subfolders, in natural order; the path of the root is empty.
    """

    root: str
    count: int
    below: Mapping[str, Sequence[Folder]]

    @property
    def paths(self) -> Iterator[str]:
        """The paths of all folders but the root."""
        return (folder.path for folders in self.below.values() for folder in folders)


class PathIndex:
    """The folders and names of N paths; immutable.

    Attributes:
        folders: The distinct folders, in the order of first use.
        folder_of: N int32 indices of `folders`.
    """

    def __init__(
        self, blocks: tuple[_Names, ...], folders: tuple[str, ...], folder_of: NDArray[np.int32]
    ) -> None:
        """Use `of` and `extended`."""
        self._blocks = blocks
        self.folders = folders
        self.folder_of = folder_of

    @classmethod
    def of(cls, paths: Sequence[str]) -> "PathIndex":
        """Return the index of `paths`."""
        return cls((), (), np.empty(0, np.int32)).extended(paths, len(paths))

    def __len__(self) -> int:
        return len(self.folder_of)

    def extended(self, paths: Sequence[str], count: int) -> "PathIndex":
        """Return the index of the first `count` of `paths`; this one has the first of them.

        Another thread may append to `paths`.
        """
        if count == len(self):
            return self
        whole = len(self) // _BLOCK
        numbers = {folder: number for number, folder in enumerate(self.folders)}
        blocks, parts = list(self._blocks[:whole]), [self.folder_of[: whole * _BLOCK]]
        for start in range(whole * _BLOCK, count, _BLOCK):
            of_block = paths[start : min(start + _BLOCK, count)]
            splits = [_split(text) for text in of_block]
            blocks.append(_Names.of([name for _, name in splits]))
            places = [numbers.setdefault(folder, len(numbers)) for folder, _ in splits]
            parts.append(np.array(places, dtype=np.int32))
        return PathIndex(tuple(blocks), tuple(numbers), np.concatenate(parts))

    # ---- folders

    @cached_property
    def root(self) -> str:
        """The deepest folder that contains all images, `/`-separated; empty where there is none."""
        # Without the separator, a Windows drive would mean its current folder.
        folders = [folder and folder + os.sep for folder in self.folders]
        try:
            return os.path.commonpath(folders).replace(os.sep, "/")
        except ValueError:
            return ""

    @cached_property
    def short_folders(self) -> tuple[str, ...]:
        """The folders from `root` on, `/`-separated; empty for `root` itself."""
        start = len(self.root.rstrip("/")) + 1 if self.root else 0
        return tuple(folder.replace(os.sep, "/")[start:] for folder in self.folders)

    def counts(self, is_there: Flags) -> dict[str, int]:
        """Return the number of present images in each folder or below it, from `root` on.

        Folders that contain only folders are included; `root` has the empty path.
        """
        of_each = np.bincount(self.folder_of[is_there], minlength=len(self.folders)).tolist()
        counts: dict[str, int] = {}
        for folder, count in zip(self.short_folders, of_each, strict=True):
            for above in _with_parents(folder) if count else ():
                counts[above] = counts.get(above, 0) + count
        return counts

    def tree(self, is_there: Flags) -> "FolderTree":
        """Return the folders of the images `is_there` as a tree."""
        counts = self.counts(is_there)
        below: dict[str, list[Folder]] = {}
        for path in sorted(filter(None, counts), key=_natural):
            above, _, name = path.rpartition("/")
            below.setdefault(above, []).append(Folder(path, name, counts[path]))
        return FolderTree(self.root, counts.get("", 0), below)

    def in_folder(self, folder: str) -> Flags:
        """Return whether each image is in a folder or below it.

        Args:
            folder: An absolute path, or a path from `root` on; if there is no such folder, all
                folders whose path contains it.
        """
        return self._of_folders(self._below(folder.replace(os.sep, "/")))

    def _below(self, folder: str) -> list[bool]:
        if folder.startswith("/") or folder[1:2] == ":":
            wanted = folder.rstrip("/") + "/"
            return [f"{one.replace(os.sep, '/')}/".startswith(wanted) for one in self.folders]
        for fold in (str, str.casefold):
            start = fold(f"{folder}/")
            found = [fold(f"{one}/").startswith(start) for one in self.short_folders]
            if any(found):
                return found
        part = f"/{folder.casefold()}/"
        return [part in f"/{one.replace(os.sep, '/').casefold()}/" for one in self.folders]

    def _of_folders(self, is_wanted: Sequence[bool]) -> Flags:
        return np.array(is_wanted, dtype=np.bool_)[self.folder_of]

    # ---- texts

    def having(self, text: str) -> Flags:
        """Return whether each path, from `root` on, contains `text`, ignoring case."""
        wanted = text.casefold().replace(os.sep, "/").replace("\n", " ")
        if not wanted:
            return np.ones(len(self), dtype=np.bool_)
        folders = [folder.casefold().replace("\n", " ") for folder in self.short_folders]
        found = self._of_folders([wanted in folder for folder in folders])
        head, slash, tail = wanted.rpartition("/")
        if not slash:
            return found | self._names_having(wanted)
        ends = [bool(folder) and folder.endswith(head) for folder in folders]
        return found | (self._of_folders(ends) & self._names_having(f"\n{tail}"))

    def _names_having(self, text: str) -> Flags:
        parts = [block.having(text) for block in self._blocks]
        return np.concatenate([np.empty(0, dtype=np.bool_), *parts])

    # ---- orders

    @cached_property
    def name_ranks(self) -> NDArray[np.uint32]:
        """The place of each image in the natural order of the names alone."""
        if not self._blocks:
            return np.empty(0, dtype=np.uint32)
        return ranks_of(np.concatenate([keys_of_lines(block.text) for block in self._blocks]))

    @cached_property
    def folder_ranks(self) -> NDArray[np.uint32]:
        """The place of each image's folder in the natural order of the folders."""
        keys = list(map(_natural, self.short_folders))
        ranks = np.empty(len(keys), dtype=np.uint32)
        ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return ranks[self.folder_of]


def _split(path: str) -> tuple[str, str]:
    head, _, name = path.rpartition(os.sep)
    return head or (os.sep if path.startswith(os.sep) else ""), name


def _with_parents(folder: str) -> Iterator[str]:
    """Yield a folder and its parents, the empty one last."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _natural(folder: str) -> tuple[str, ...]:
    """Return the sort key of a folder."""
    return tuple(map(natural, folder.casefold().split("/")))
