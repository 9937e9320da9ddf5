"""Conditions for images chosen one by one, and for similarity to a sentence or images."""
# ruff: noqa: D102 - `Condition` documents the methods

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import runs_of
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.columns import Columns, Flags
from nameplate.domain.filtering.condition import Condition, Key, Typed, in_quotes, quoted
from nameplate.domain.messages import Message

LONGEST_TEXT: Final = 500
"""Characters of a sentence; no model reads more."""

MOST_LIKE: Final = 1000
"""Images of one condition that others are compared with."""

_LONGEST_PATH: Final = 4096
_LARGEST_ID: Final = 2**53
_RUN: Final = re.compile(r"(\d{1,16})(?:-(\d{1,16}))?")

ChosenAs = Literal["selected", "shown"]


@dataclass(frozen=True, slots=True)
class ImageIds(Condition):
    """Matches the images with these ids.

    Attributes:
        runs: The first and the last id of each run of ids, ascending.
        chosen_as: How the images were chosen, for the description.
    """

    runs: tuple[tuple[int, int], ...]
    chosen_as: ChosenAs = field(default="selected", compare=False)

    @classmethod
    def of(cls, ids: NDArray[np.int64], chosen_as: ChosenAs = "selected") -> "ImageIds":
        """Return the condition for `ids`, in any order."""
        runs = runs_of(np.unique(ids))
        return cls(tuple((first, first + count - 1) for first, count in runs), chosen_as)

    @property
    def count(self) -> int:
        """The number of images."""
        return sum(last - first + 1 for first, last in self.runs)

    @property
    def text(self) -> str:
        """The runs in the syntax of the filter line, such as `3,7-9`."""
        return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in self.runs)

    def has(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each of `ids` is in a run."""
        firsts = np.array([first for first, _ in self.runs], dtype=np.int64)
        lasts = np.array([last for _, last in self.runs], dtype=np.int64)
        runs = np.searchsorted(firsts, ids, side="right") - 1
        found = runs >= 0
        found[found] = ids[found] <= lasts[runs[found]]
        return found

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"id:{self.text}"

    def matching(self, columns: Columns) -> Flags:
        return self.has(columns.ids)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        match self.chosen_as:
            case "selected":
                return Message("filter-chosen", {"count": self.count})
            case "shown":
                return Message("filter-shown", {"count": self.count})

    @property
    def is_in_line(self) -> bool:
        return False


def _runs(value: str) -> tuple[tuple[int, int], ...]:
    runs, before = list[tuple[int, int]](), -1
    for part in value.split(",") if value else ():
        found = _RUN.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
        if not before < first <= last < _LARGEST_ID:
            raise UsageError("filter-no-id", value=part)
        runs.append((first, last))
        before = last
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class Like(Condition):
    """Matches all images; they are sorted by similarity to a sentence, images or a picture file.

    Its opposite subtracts the similarity.

    Attributes:
        target: A sentence that is neither blank nor longer than `LONGEST_TEXT`, at most `MOST_LIKE`
            images, or the whole path of a picture, which need not be an image of the project.
    """

    target: str | ImageIds | PurePath

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        match self.target:
            case str():
                return f"like:{in_quotes(self.target)}"  # else later words would belong to it
            case ImageIds():
                return f"like-id:{self.target.text}"
            case PurePath():
                return f"like-file:{quoted(str(self.target))}"

    def matching(self, columns: Columns) -> Flags:
        return np.ones(len(columns), dtype=np.bool_)

    def opposite(self, columns: Columns) -> Flags:
        return self.matching(columns)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return Message("filter-like", {"what": self._describe_target()})

    def describe_opposite(self, _concepts: Sequence[Concept], /) -> Message:
        return Message("filter-less-like", {"what": self._describe_target()})

    def _describe_target(self) -> Message:
        match self.target:
            case str():
                return Message("like-sentence", {"text": self.target})
            case ImageIds():
                return Message("like-pictures", {"count": self.target.count})
            case PurePath():
                name = self.target.name.encode("utf-8", "backslashreplace").decode()
                return Message("like-file", {"name": name})

    @property
    def is_in_line(self) -> bool:
        return isinstance(self.target, str)


def _bounded(text: str, most: int) -> str:
    if not text:
        raise UsageError("filter-like-missing")
    if len(text) > most:
        raise UsageError("filter-like-too-long", most=most)
    return text


def _like_images(typed: Typed) -> Like:
    images = ImageIds(_runs(typed.value))
    if not 0 < images.count <= MOST_LIKE:
        raise UsageError("filter-like-too-many", most=MOST_LIKE)
    return Like(images)


def _complete(wanted: str, concepts: Sequence[Concept], _folders: Iterable[str]) -> Iterable[str]:
    names = (one.name for one in concepts)
    return (f"like:{quoted(name)}" for name in names if name.casefold().startswith(wanted))


ID_KEY: Final = Key(lambda typed: ImageIds(_runs(typed.value)), is_shown=False)
LIKE_KEYS: Final = {
    "like": Key(lambda typed: Like(_bounded(typed.value.strip(), LONGEST_TEXT)), complete=_complete)
}
UNTYPED_LIKE_KEYS: Final = {
    "like-id": Key(_like_images),
    "like-file": Key(lambda typed: Like(PurePath(_bounded(typed.value, _LONGEST_PATH)))),
}
