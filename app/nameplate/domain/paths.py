"""Very many paths."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload


class PathList(Sequence[Path]):
    """Paths that are kept as text, and made anew when one is asked for.

    A `Path` is several objects: a million of them take 0.3 GB, and let Python's collector hold up
    every thread for half a second each time it looks through them. It does not look into text.
    """

    __slots__ = ("_texts",)

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._texts: list[str] = []
        self.extend(paths)

    def extend(self, paths: Iterable[Path]) -> None:
        """Add `paths` at the end."""
        texts = paths._texts if isinstance(paths, PathList) else map(str, paths)  # noqa: SLF001
        self._texts.extend(texts)

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "PathList":
        """Return the paths that `texts` are."""
        paths = cls()
        paths._texts += texts
        return paths

    @property
    def texts(self) -> Sequence[str]:
        """The paths as text, for what needs no `Path` of each."""
        return self._texts

    def select(self, rows: Iterable[int]) -> "PathList":
        """Return the paths of `rows`, in that order."""
        chosen, texts = PathList(), self._texts
        chosen._texts += [texts[row] for row in rows]
        return chosen

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Path: ...
    @overload
    def __getitem__(self, index: slice) -> "PathList": ...
    def __getitem__(self, index: int | slice) -> "Path | PathList":
        if isinstance(index, slice):
            return self.select(range(*index.indices(len(self))))
        return Path(self._texts[index])

    def __repr__(self) -> str:
        return f"PathList({self._texts!r})"
