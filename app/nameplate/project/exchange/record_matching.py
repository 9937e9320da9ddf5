"""Finds the image that a record of a file is about: by its path, then by its content."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord
from nameplate.imaging.relative_paths import project_root
from nameplate.imaging.scan import names_below
from nameplate.project.project import Project

UNKNOWN: Final = Message("import-unknown-image")
AMBIGUOUS: Final = Message("import-ambiguous-image")
OTHER_CONTENT: Final = Message("import-other-content")

DigestOf = Callable[[str], tuple[str, int] | None]
"""Returns digest and size of the content of a file; None where it cannot be read."""


class ImageMatcher:
    """Finds images by what a file says of them. Nothing is guessed: what fits two fits none.

    Holds copies: it may be used on another thread, once made.
    """

    def __init__(self, project: Project) -> None:
        """Take from `project` what is needed; quick, for the window's thread."""
        self._images = project.images.without_embeddings()
        self._first = project.first_images
        self._rows: list[int] = np.flatnonzero(~self._images.is_removed).tolist()

    def find(
        self, record: LabelRecord, folder: str, digest_of: DigestOf
    ) -> tuple[int, bool] | Message:
        """Return the row of the record's image and whether its content told, or why there is none.

        Args:
            record: What a file says.
            folder: In which that file lies; its paths may be relative to it.
            digest_of: Reads the content of a file; asked only where a path gives nothing and an
                image of the same size is there, and then for images not read yet, too.
        """
        found = self._by_path(record, folder)
        if isinstance(found, int) and self._is_other(found, record):
            found = OTHER_CONTENT
        if isinstance(found, int):
            return found, False
        by_content = self._by_content(record, digest_of)
        if isinstance(by_content, int):
            return by_content, True
        return by_content or found

    def _by_path(self, record: LabelRecord, folder: str) -> int | Message:
        text = record.path if "/" in record.path else record.path.replace("\\", "/")
        key = _key(record.path)
        is_stem = record.any_ending
        for candidate in dict.fromkeys((key, _key(text))):
            names = self._stems if is_stem else self._names
            rows = {*names.get(candidate, ()), *names.get(_absolute(candidate, folder), ())}
            if rows:
                return rows.pop() if len(rows) == 1 else AMBIGUOUS
        rows = self._by_end(_key(text), is_stem=is_stem)
        if not rows:
            return UNKNOWN
        return rows[0] if len(rows) == 1 else AMBIGUOUS

    def _by_end(self, key: str, *, is_stem: bool) -> list[int]:
        """Return the rows of images whose path the path ends, or is ended by from the root on."""
        parts = PurePosixPath(key).parts
        if not parts or ".." in parts:
            return []
        ends = self._ends_of_stems if is_stem else self._ends
        if not (key.startswith("/") or key[1:2] == ":"):
            end = "/" + "/".join(parts)
            return [row for whole, _, row in ends.get(parts[-1], ()) if whole.endswith(end)]
        return [row for _, below, row in ends.get(parts[-1], ()) if below and key.endswith(below)]

    def _by_content(self, record: LabelRecord, digest_of: DigestOf) -> int | Message | None:
        """Return the row of the image with the record's content; None where none has it."""
        found = (record.digest, record.size) if record.digest else None
        if found is None and record.file:
            try:
                size = os.stat(record.file).st_size  # noqa: PTH116 - many thousands
            except (OSError, ValueError):
                return None
            found = digest_of(record.file) if size in self._sizes or size in self._unread else None
        if found:
            self._read_contents(found[1], digest_of)
        rows = self._contents.get(found, []) if found else []
        if len(rows) > 1:  # copies: that of the same name, if one alone has it
            name = PurePosixPath(_key(record.path)).name
            rows = [row for row in rows if PurePosixPath(self._key_of[row]).name == name] or rows
        if not rows:
            return None
        return rows[0] if len(rows) == 1 else AMBIGUOUS

    def _is_other(self, row: int, record: LabelRecord) -> bool:
        content = self._images.contents[row]
        if not record.digest or content["size"] < 0:
            return False
        return (content["digest"].tobytes().hex(), int(content["size"])) != (
            record.digest,
            record.size,
        )

    @cached_property
    def _relative(self) -> list[str]:
        texts = self._images.paths.texts
        root = project_root(self._images, self._first)
        return list(map(_key, names_below(root, [texts[row] for row in self._rows])))

    @cached_property
    def _absolute(self) -> list[str]:
        texts = self._images.paths.texts
        paths = [os.path.abspath(texts[row]) for row in self._rows]  # noqa: PTH100
        return list(map(_key, names_below("", paths)))

    @cached_property
    def _key_of(self) -> dict[int, str]:
        return dict(zip(self._rows, self._relative, strict=True))

    @cached_property
    def _names(self) -> dict[str, list[int]]:
        """Rows by their path, relative and absolute."""
        return self._named(lambda key: key)

    @cached_property
    def _stems(self) -> dict[str, list[int]]:
        return self._named(_stem)

    def _named(self, key: Callable[[str], str]) -> dict[str, list[int]]:
        found = defaultdict[str, list[int]](list)
        for row, relative, whole in zip(self._rows, self._relative, self._absolute, strict=True):
            found[key(relative)].append(row)
            if relative != whole:
                found[key(whole)].append(row)
        return dict(found)

    @cached_property
    def _ends(self) -> dict[str, list[tuple[str, str, int]]]:
        return self._ended(self._absolute, self._relative)

    @cached_property
    def _ends_of_stems(self) -> dict[str, list[tuple[str, str, int]]]:
        return self._ended(list(map(_stem, self._absolute)), list(map(_stem, self._relative)))

    def _ended(
        self, absolute: Sequence[str], relative: Sequence[str]
    ) -> dict[str, list[tuple[str, str, int]]]:
        """Return by the last part of its path: path, path from the root's name on, and row."""
        root = _key(names_below("", [project_root(self._images, self._first)])[0])
        name = PurePosixPath(root).name
        found = defaultdict[str, list[tuple[str, str, int]]](list)
        for row, whole, below in zip(self._rows, absolute, relative, strict=True):
            is_inside = name and not below.startswith("../")
            end = f"/{name}/{below}" if is_inside else ""
            found[PurePosixPath(whole).name].append((whole, end, row))
        return dict(found)

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
        """Rows of images whose content nobody has read yet, by the size of their files now."""
        found = defaultdict[int, list[int]](list)
        sizes, texts = self._images.contents["size"], self._images.paths.texts
        for row in self._rows:
            if sizes[row] < 0:
                with suppress(OSError, ValueError):
                    found[os.stat(texts[row]).st_size].append(row)  # noqa: PTH116
        return dict(found)

    def _read_contents(self, size: int, digest_of: DigestOf) -> None:
        """Read the contents of images whose files have this size, where nobody has yet."""
        for row in self._unread.pop(size, ()):
            if found := digest_of(self._images.paths.texts[row]):
                self._contents.setdefault(found, []).append(row)

    @cached_property
    def _sizes(self) -> set[int]:
        return {size for _, size in self._contents}


def _key(path: str) -> str:
    """Return a path as paths are compared: composed letters, and case where the system has it."""
    text = unicodedata.normalize("NFC", path)
    text = text.replace("\\", "/").casefold() if os.name == "nt" else text
    return text.removeprefix("./")


def _stem(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{slash}{stem or name}"


def _absolute(key: str, folder: str) -> str:
    """Return a path that is relative to `folder` as an absolute one."""
    joined = os.path.normpath(os.path.join(folder, key))  # noqa: PTH118 - of many thousands
    return _key(names_below("", [joined])[0])
