"""The conditions of the filter, and the one table of the keys that they are typed with."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, ConceptId, by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.feature import Finding
from nameplate.domain.filtering.columns import (
    SHOWN_NAMES,
    Columns,
    Flags,
    flags_at,
    suggested_as,
)
from nameplate.domain.filtering.condition import (
    MOST_COMPLETIONS,
    Condition,
    Key,
    Known,
    Typed,
    in_marks,
    quoted,
)
from nameplate.domain.filtering.numbers import DATE_KEY, SHARE_KEYS, SIZE_KEY
from nameplate.domain.filtering.states import STATE_KEYS
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message

LONGEST_TEXT: Final = 500
"""Characters of a sentence; no model reads as many."""

MOST_LIKE: Final = 1000
"""Images that others are to be like, in one condition."""

_LONGEST_PATH: Final = 4096
_LONGEST_SAID: Final = 32
_LARGEST_ID: Final = 2**53
_LARGEST_CONCEPT: Final = 2**30
_RUN: Final = re.compile(r"(\d{1,16})(?:-(\d{1,16}))?")


# ---- names


@dataclass(frozen=True, slots=True)
class HasConcept(Condition):
    """Matches images labelled with a concept, or unlabelled ones it is suggested for."""

    concept: ConceptId

    def word(self, concepts: Sequence[Concept] = (), /) -> str:
        """Return `name:cat`, or the id of a concept that no name leads to."""
        for concept in concepts:
            if concept.key == self.concept and _named(concept.name, concepts) == self.concept:
                return f"name:{quoted(concept.name)}"
        return f"concept:{self.concept}"

    def matching(self, columns: Columns) -> Flags:
        """Return which images have its name."""
        has_it = columns.sets.flags_with(self.concept)[columns.codes]
        return has_it | (suggested_as(columns) == self.concept)

    def said(self, concepts: Sequence[Concept] = (), /) -> Message:
        """Return the name."""
        for concept in concepts:
            if concept.key == self.concept:
                return Message("filter-name", {"name": concept.name})
        return Message("filter-name-gone")

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of names."""
        return SHOWN_NAMES


def _named(name: str, concepts: Sequence[Concept]) -> ConceptId:
    """Return the concept of a name, or of a synonym where no name is the same."""
    found = by_any_name(concepts).get(name.casefold())
    if found is not None:
        return found.key
    if not name:
        raise UsageError("filter-name-missing")
    raise UsageError("filter-no-such-name", name=name)


def _has_name(typed: Typed) -> HasConcept:
    return HasConcept(_named(typed.value, typed.concepts))


def _concept_id(value: str) -> ConceptId:
    if not value.isascii() or not value.isdecimal() or int(value[:12]) >= _LARGEST_CONCEPT:
        raise UsageError("filter-no-id", value=value)
    return int(value)


def _offered_names(wanted: str, known: Known) -> Iterator[str]:
    """Yield names that begin with a text, then those that contain it."""
    for is_beginning in (True, False):
        for concept in known.concepts:
            places = [name.casefold().find(wanted) for name in concept.names]
            if (0 in places) if is_beginning else (0 not in places and max(places) > 0):
                yield HasConcept(concept.key).word(known.concepts)


# ---- who decided


_DECIDERS: Final = {
    "nobody": (DecidedBy.NOBODY, Message("decided-by-nobody")),
    "auto": (DecidedBy.AUTO, Message("decided-by-auto")),
    "person": (DecidedBy.PERSON, Message("decided-by-person")),
    "probe": (DecidedBy.PROBE, Message("decided-by-probe")),
}


@dataclass(frozen=True, slots=True)
class DecidedIs(Condition):
    """Matches images whose label was decided by someone."""

    who: DecidedBy

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return such as `by:person`."""
        return next(f"by:{text}" for text, (who, _) in _DECIDERS.items() if who == self.who)

    def matching(self, columns: Columns) -> Flags:
        """Return which were decided by them."""
        return columns.decided_by == self.who

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return who it was."""
        return next(said for who, said in _DECIDERS.values() if who == self.who)

    @property
    def columns(self) -> tuple[str, ...]:
        """Who decided."""
        return ("decided_by",)


def _decided_by(typed: Typed) -> DecidedIs:
    value = typed.value.casefold()
    found = _DECIDERS.get("person" if value == "me" else value)
    if found is None:
        raise UsageError("filter-nobody", value=typed.value, names=tuple(_DECIDERS))
    return DecidedIs(found[0])


def _offered_deciders(wanted: str, _known: Known) -> Iterator[str]:
    return (f"by:{text}" for text in _DECIDERS if text.startswith(wanted))


# ---- paths


@dataclass(frozen=True, slots=True)
class PathHas(Condition):
    """Matches paths, from the common folder on, that contain a text, ignoring case."""

    text: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return the text."""
        return quoted(self.text)

    def matching(self, columns: Columns) -> Flags:
        """Return whose path has it."""
        return columns.paths.having(self.text)

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return the text."""
        return Message("filter-path", {"text": self.text})

    @property
    def reads_paths(self) -> bool:
        """It does."""
        return True


@dataclass(frozen=True, slots=True)
class InFolder(Condition):
    """Matches images in a folder or below it.

    Attributes:
        folder: `/`-separated: whole, or from the folder of all images on, or what it ends with.
    """

    folder: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return such as `folder:2024/may`."""
        return f"folder:{quoted(self.folder)}"

    def matching(self, columns: Columns) -> Flags:
        """Return which are in it."""
        return columns.paths.in_folder(self.folder)

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return the end of its path."""
        is_short = len(self.folder) <= _LONGEST_SAID
        end = self.folder if is_short else f"…{self.folder[1 - _LONGEST_SAID :]}"
        return Message("filter-folder", {"folder": end})

    @property
    def reads_paths(self) -> bool:
        """It does."""
        return True


def _folder(typed: Typed) -> InFolder:
    folder = typed.value.replace(os.sep, "/")
    folder = folder.rstrip("/") or folder[:1]
    if not folder:
        raise UsageError("filter-folder-missing")
    return InFolder(folder)


def _offered_folders(wanted: str, known: Known) -> Iterator[str]:
    """Yield the folders of which a part begins with a text, the shortest first."""
    has_it = (one for one in known.folders if f"/{wanted}" in f"/{one.casefold()}" and one)
    for folder in sorted(has_it, key=lambda one: (one.count("/"), one))[:MOST_COMPLETIONS]:
        yield InFolder(folder).word()


# ---- chosen images


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """Matches the images with these ids.

    Attributes:
        runs: The first and the last id of each run of ids, ascending.
    """

    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, ids: NDArray[np.int64]) -> "OneOf":
        """Return the condition for `ids`, in any order."""
        found = np.unique(ids)
        if not len(found):
            return cls(())
        ends = np.flatnonzero(np.diff(found) > 1)
        firsts = found[np.concatenate([[0], ends + 1])].tolist()
        lasts = found[np.concatenate([ends, [len(found) - 1]])].tolist()
        return cls(tuple(zip(firsts, lasts, strict=True)))

    @property
    def count(self) -> int:
        """The number of images."""
        return sum(last - first + 1 for first, last in self.runs)

    @property
    def text(self) -> str:
        """The runs as they are typed."""
        return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in self.runs)

    def has(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each of `ids` is among them."""
        firsts = np.array([first for first, _ in self.runs], dtype=np.int64)
        lasts = np.array([last for _, last in self.runs], dtype=np.int64)
        runs = np.searchsorted(firsts, ids, side="right") - 1
        found = runs >= 0
        found[found] = ids[found] <= lasts[runs[found]]
        return found

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return such as `id:3,5-9`."""
        return f"id:{self.text}"

    def matching(self, columns: Columns) -> Flags:
        """Return which are among them."""
        return self.has(columns.ids)

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return how many they are."""
        return Message("filter-chosen", {"count": self.count})

    @property
    def is_for_typing(self) -> bool:
        """It is not."""
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


# ---- likeness


@dataclass(frozen=True, slots=True)
class Like(Condition):
    """Matches all images, and says in which order they are: those first that are most like this.

    Its opposite is to be less like this.

    Attributes:
        what: A sentence that is neither blank nor longer than `LONGEST_TEXT`, at most `MOST_LIKE`
            images, or the whole path of a picture, which need not be an image of the project.
    """

    what: str | OneOf | PurePath

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return such as `like:"a red car"`."""
        match self.what:
            case str():
                return f"like:{in_marks(self.what)}"  # what comes next would belong to it
            case OneOf():
                return f"like-id:{self.what.text}"
            case PurePath():
                return f"like-file:{quoted(str(self.what))}"

    def matching(self, columns: Columns) -> Flags:
        """Return all: it orders, and hides nothing."""
        return np.ones(len(columns), dtype=np.bool_)

    def opposite(self, matching: Flags) -> Flags:
        """Return all, too."""
        return matching

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return what they are to be like."""
        return Message("filter-like", {"what": self._what()})

    def said_not(self, _concepts: Sequence[Concept], /) -> Message:
        """Return what they are to be less like."""
        return Message("filter-less-like", {"what": self._what()})

    def _what(self) -> Message:
        match self.what:
            case str():
                return Message("like-sentence", {"text": self.what})
            case OneOf():
                return Message("like-pictures", {"count": self.what.count})
            case PurePath():
                name = self.what.name.encode("utf-8", "backslashreplace").decode()
                return Message("like-file", {"name": name})

    @property
    def is_for_typing(self) -> bool:
        """Whether it is a sentence."""
        return isinstance(self.what, str)


def _like_sentence(typed: Typed) -> Like:
    text = typed.value.strip()
    if not text:
        raise UsageError("filter-like-missing")
    if len(text) > LONGEST_TEXT:
        raise UsageError("filter-like-too-long", most=LONGEST_TEXT)
    return Like(text)


def _like_images(typed: Typed) -> Like:
    images = OneOf(_runs(typed.value))
    if not 0 < images.count <= MOST_LIKE:
        raise UsageError("filter-like-too-many", most=MOST_LIKE)
    return Like(images)


def _like_file(typed: Typed) -> Like:
    if not typed.value:
        raise UsageError("filter-like-missing")
    if len(typed.value) > _LONGEST_PATH:
        raise UsageError("filter-like-too-long", most=_LONGEST_PATH)
    return Like(PurePath(typed.value))


def _offered_likenesses(wanted: str, known: Known) -> Iterator[str]:
    names = (one.name for one in known.concepts)
    return (f"like:{quoted(name)}" for name in names if name.casefold().startswith(wanted))


# ---- what features find


@dataclass(frozen=True, slots=True)
class Found(Condition):
    """Matches images that a feature found to be something, when it looked last.

    Attributes:
        finding: What the feature declares.
        what: One of its words.
    """

    finding: Finding
    what: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return such as `odd:mistake`."""
        return f"{self.finding.key}:{self.what}"

    def matching(self, columns: Columns) -> Flags:
        """Return which were found to be so, as far as is known."""
        found = columns.found.get(self.finding.key, {}).get(self.what)
        return flags_at(np.empty(0, np.int64) if found is None else found, len(columns))

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return the words of the feature."""
        return Message("filter-found", {"text": dict(self.finding.words)[self.what]})

    def excludes(self, other: Condition) -> bool:
        """Return whether it is another word of the same finding."""
        return isinstance(other, Found) and other.finding == self.finding


def _key_of(finding: Finding) -> Key:
    words = tuple(word for word, _ in finding.words)

    def read(typed: Typed) -> Found:
        value = typed.value.casefold()
        if value not in words:
            raise UsageError(
                "filter-not-found",
                key=finding.key,
                value=typed.value,
                none=finding.none,
                kinds=words,
            )
        return Found(finding, value)

    def offered(wanted: str, _known: Known) -> Iterator[str]:
        return (Found(finding, word).word() for word in words if word.startswith(wanted))

    return Key(read, offered, is_loose=True)


@dataclass(frozen=True, slots=True)
class AsTyped(Condition):
    """A word of a saved filter whose feature is not there: kept as it is, and matching nothing."""

    text: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        """Return it as it was."""
        return self.text

    def matching(self, columns: Columns) -> Flags:
        """Return none: nobody knows which."""
        return np.zeros(len(columns), dtype=np.bool_)

    def opposite(self, matching: Flags) -> Flags:
        """Return none, either."""
        return matching

    def said(self, _concepts: Sequence[Concept], /) -> Message:
        """Return it as it was."""
        return Message("filter-as-typed", {"text": self.text})

    @property
    def is_for_typing(self) -> bool:
        """It is not: typed, it would be wrong."""
        return False


@cache
def keys(findings: tuple[Finding, ...] = ()) -> Mapping[str, Key]:
    """Return what stands before the colon of a condition, with what features find."""
    return {
        "name": Key(_has_name, _offered_names, is_loose=True),
        **STATE_KEYS,
        "like": Key(_like_sentence, _offered_likenesses),
        **{finding.key: _key_of(finding) for finding in findings},
        "by": Key(_decided_by, _offered_deciders),
        **SHARE_KEYS,
        "folder": Key(_folder, _offered_folders),
        "date": DATE_KEY,
        "size": SIZE_KEY,
        "id": Key(lambda typed: OneOf(_runs(typed.value)), is_shown=False),
    }


UNSAID_KEYS: Final[Mapping[str, Key]] = {
    "concept": Key(lambda typed: HasConcept(_concept_id(typed.value))),
    "like-id": Key(_like_images),
    "like-file": Key(_like_file),
}
"""Of conditions that are chosen and kept, but that nobody types."""
