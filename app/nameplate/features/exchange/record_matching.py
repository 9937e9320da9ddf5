"""Finds the image of a record in a file: by path, then by content."""

import os
import posixpath
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord
from nameplate.imaging.scan import project_root
from nameplate.project.project import Project
from nameplate.system.failures import printable

UNKNOWN: Final = Message("import-unknown-image")
AMBIGUOUS: Final = Message("import-ambiguous-image")
OTHER_CONTENT: Final = Message("import-other-content")

_LONGEST_PATH: Final = 4096
"""Letters, as most systems have it; to look for a place in one of millions takes hours."""

SEVERAL: Final = -1
"""In place of a row: more than one image."""

DigestOf = Callable[[str], tuple[str, int] | None]
"""Returns digest and size of the content of a file; None where it cannot be read."""


class ImageMatcher:
    """Finder of the images of records. A record that matches two images matches none.

    Holds copies: it may be used on another thread, once made.
    """

    def __init__(self, project: Project) -> None:
        """Copy the needed tables of `project`; fast enough for the window's thread."""
        self._images = project.images.without_embeddings()
        self._first = project.first_images
        self._folder, self._starts = "", tuple[str, ...]()

    def find(
        self, record: LabelRecord, folder: str, digest_of: DigestOf
    ) -> tuple[int, bool] | Message:
        """Return the row of a record's image and whether content decided, or why there is none.

        Paths may be relative to `folder`, in which the file lies. `digest_of` is asked only where a
        path gives nothing and an image of the same size is there, and then for images not read yet,
        too.
        """
        is_path = len(record.path) <= _LONGEST_PATH
        found = self._by_path(record, folder) if is_path else UNKNOWN
        if isinstance(found, int) and self._is_other(found, record):
            found = OTHER_CONTENT
        if isinstance(found, int):
            return found, False
        by_content = self._by_content(record, digest_of)
        if isinstance(by_content, int):
            return by_content, True
        return by_content or found

    def _by_path(self, record: LabelRecord, folder: str) -> int | Message:
        paths, key = self._stems if record.any_ending else self._names, _key(record.path)
        keys = (key,)
        if "\\" in key and "/" not in key:
            keys = key, _key(key.replace("\\", "/"))
        for one in keys:
            found = None
            for start in self._starts_of(folder):
                found = _both(found, paths.rows.get(_joined(start, one)))
            if found is not None:
                return AMBIGUOUS if found == SEVERAL else found
        # A file that is there is itself alone, whatever the folders around it are called.
        return UNKNOWN if record.path == record.file else self._by_end(keys[-1], paths)

    def _by_end(self, key: str, paths: "_Paths") -> int | Message:
        """Find the image whose path ends in this one, or whose path below the root this ends in."""
        found = None
        if not key or ".." in key.split("/"):
            return UNKNOWN
        if key.startswith("/") or key[1:2] == ":":
            for inside in self._inside(key):
                found = _both(found, paths.rows.get(inside))
        else:
            found = paths.ending(_joined("/", key))
        if found is None:
            return UNKNOWN
        return AMBIGUOUS if found == SEVERAL else found

    def _starts_of(self, folder: str) -> tuple[str, ...]:
        """Return the folders that a path may be relative to, each with a slash at its end."""
        if folder != self._folder:
            starts = (self._root, folder) if self._root else (folder,)
            self._folder = folder
            self._starts = tuple(dict.fromkeys(f"{_key(one).rstrip('/')}/" for one in starts))
        return self._starts

    def _inside(self, key: str) -> Iterable[str]:
        """Yield the paths in the project's folder that another computer's path may stand for.

        That is where it has the name of the folder in it.
        """
        root = _key(self._root).rstrip("/")
        if mark := root[root.rfind("/") :].removeprefix("/"):
            mark = f"/{mark}/"
            at = key.find(mark)
            while at >= 0:
                yield f"{root}/{key[at + len(mark) :]}"
                at = key.find(mark, at + 1)

    def _by_content(self, record: LabelRecord, digest_of: DigestOf) -> int | Message | None:
        """Return the row of the image with the record's content; None if there is none."""
        found = (record.digest, record.size) if record.digest else None
        if found is None and not record.file:
            return None
        if found is None:
            try:
                size = os.stat(record.file).st_size  # noqa: PTH116 - many thousands
            except (OSError, ValueError):
                return None
            found = digest_of(record.file) if size in self._sizes or size in self._unread else None
        if found:
            self._read_contents(found[1], digest_of)
        rows = self._contents.get(found, []) if found else []
        if len(rows) > 1:  # copies: that of the same name, if one alone has it
            name, texts = _name(_key(record.path)), self._images.paths.texts
            rows = [row for row in rows if _name(_key(texts[row])) == name] or rows
        if not rows:
            return None
        return rows[0] if len(rows) == 1 else AMBIGUOUS

    def _is_other(self, row: int, record: LabelRecord) -> bool:
        if not record.digest:
            return False
        content = self._images.contents[row]
        if content["size"] < 0:
            return False
        return (content["digest"].tobytes().hex(), int(content["size"])) != (
            record.digest,
            record.size,
        )

    @cached_property
    def _rows(self) -> list[int]:
        return np.flatnonzero(~self._images.is_removed).tolist()

    @cached_property
    def _root(self) -> str:
        return project_root(self._images, self._first)

    @cached_property
    def _keys(self) -> list[str]:
        """The absolute path of each of `_rows`, as a comparison key."""
        texts, start = self._images.paths.texts, f"{_key(os.getcwd())}/"  # noqa: PTH109
        return [_joined(start, _key(texts[row])) for row in self._rows]

    @cached_property
    def _names(self) -> "_Paths":
        return _Paths(self._keys, self._rows)

    @cached_property
    def _stems(self) -> "_Paths":
        return _Paths(list(map(_stem, self._keys)), self._rows)

    @cached_property
    def _contents(self) -> dict[tuple[str, int], list[int]]:
        found = defaultdict[tuple[str, int], list[int]](list)
        contents = self._images.contents
        for row in self._rows:
            if (size := int(contents["size"][row])) >= 0:
                found[contents["digest"][row].tobytes().hex(), size].append(row)
        return dict(found)

    @cached_property
    def _unread(self) -> dict[int, list[int]]:
        """The rows of images whose content was not read yet, by their files' current size."""
        found = defaultdict[int, list[int]](list)
        sizes, texts = self._images.contents["size"], self._images.paths.texts
        for row in self._rows:
            if sizes[row] < 0:
                with suppress(OSError, ValueError):
                    found[os.stat(texts[row]).st_size].append(row)  # noqa: PTH116
        return dict(found)

    def _read_contents(self, size: int, digest_of: DigestOf) -> None:
        """Read the contents of images with files of this size that were not read yet."""
        for row in self._unread.pop(size, ()):
            if found := digest_of(self._images.paths.texts[row]):
                self._contents.setdefault(found, []).append(row)
                self._sizes.add(size)

    @cached_property
    def _sizes(self) -> set[int]:
        return {size for _, size in self._contents}


class _Paths:
    """Finds the row of a path; `SEVERAL` if it matches more than one image.

    Attributes:
        rows: By absolute path.
    """

    def __init__(self, keys: Sequence[str], rows: Sequence[int]) -> None:
        self.rows = dict(zip(keys, rows, strict=True))
        if len(self.rows) < len(keys):
            seen = set[str]()
            for key in keys:
                if key in seen:
                    self.rows[key] = SEVERAL
                seen.add(key)

    def ending(self, end: str) -> int | None:
        """Return the row of the image whose path ends in `end`, which begins with a slash."""
        wanted, found = end[::-1], self._reversed
        place = bisect_left(found, wanted)
        if place == len(found) or not found[place].startswith(wanted):
            return None
        is_alone = place + 1 == len(found) or not found[place + 1].startswith(wanted)
        return self.rows[found[place][::-1]] if is_alone else SEVERAL

    @cached_property
    def _reversed(self) -> list[str]:
        """All paths reversed and sorted, so that those with the same end are adjacent."""
        return sorted(key[::-1] for key in self.rows)


def _both(first: int | None, second: int | None) -> int | None:
    """Return the row if both are the same; `SEVERAL` for two different ones."""
    if first is None or second is None or first == second:
        return second if first is None else first
    return SEVERAL


def _key(path: str) -> str:
    """Return the comparison key of a path: in NFC, and case-folded if the system ignores case."""
    text = path if path.isascii() else printable(unicodedata.normalize("NFC", path))
    text = text.replace("\\", "/").casefold() if os.name == "nt" else text
    return text.removeprefix("./")


def _joined(start: str, key: str) -> str:
    """Return a path joined to `start`, which ends with a slash, unless it is absolute."""
    is_absolute = key.startswith("/") or (os.name == "nt" and key[1:2] == ":")
    whole = key if is_absolute else start + key
    # To normalise each of a million would take longer than all else.
    return posixpath.normpath(whole) if "/." in whole or "//" in whole else whole


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _stem(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{slash}{stem or name}"
