"""A compact list of paths."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import overload


class PathList(Sequence[Path]):
    """Paths stored as strings; a `Path` is created on access.

    A `Path` is several objects: a million take 0.3 GB, and each garbage collection of them blocks
    every thread for half a second. Strings are not tracked by the collector.
    """

    __slots__ = ("_texts",)

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._texts: list[str] = []
        self.extend(paths)

    def extend(self, paths: Iterable[Path]) -> None:
        """Append `paths`."""
        texts = paths._texts if isinstance(paths, PathList) else map(str, paths)  # noqa: SLF001
        self._texts.extend(texts)

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "PathList":
        """Return a list of paths given as strings."""
        paths = cls()
        paths._texts += texts
        return paths

    @property
    def texts(self) -> Sequence[str]:
        """The paths as strings, without creating a `Path` of each."""
        return self._texts

    def select(self, rows: Iterable[int]) -> "PathList":
        """Return the paths of `rows`, in that order."""
        chosen, texts = PathList(), self._texts
        chosen._texts += [texts[row] for row in rows]
        return chosen

    def replace(self, rows: Iterable[int], paths: "PathList") -> None:
        """Replace the path at each of `rows` by the one of `paths`."""
        for row, text in zip(rows, paths.texts, strict=True):
            self._texts[row] = text

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Path: ...
    @overload
    def __getitem__(self, index: slice) -> "PathList": ...
    def __getitem__(self, index: int | slice) -> "Path | PathList":
        if isinstance(index, slice):
            return self.select(range(*index.indices(len(self))))
        return _path(self._texts[index])

    def __repr__(self) -> str:
        return f"PathList({self._texts!r})"


@lru_cache(maxsize=2048)
def _path(text: str) -> Path:
    """Return the path of `text`, cached: visible images are looked up again and again."""
    return Path(text)
