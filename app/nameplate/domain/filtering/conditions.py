"""Conditions for names, deciders, paths and findings, and the table of all keys."""
# ruff: noqa: D102 - `Condition` documents the methods

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept, ConceptId, by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.chosen import ID_KEY, LIKE_KEYS, UNTYPED_LIKE_KEYS
from nameplate.domain.filtering.columns import (
    Columns,
    Flags,
    FoundImages,
    flags_at,
    numbers_found,
    suggested_as,
)
from nameplate.domain.filtering.condition import MOST_COMPLETIONS, Condition, Key, Typed, quoted
from nameplate.domain.filtering.findings import Finding
from nameplate.domain.filtering.numbers import DATE_KEY, SHARE_KEYS, SIZE_KEY, dated_within
from nameplate.domain.filtering.states import STATE_KEYS
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message

_LONGEST_SAID: Final = 32
_LARGEST_CONCEPT: Final = 2**30


# ---- names


@dataclass(frozen=True, slots=True)
class HasConcept(Condition):
    """Matches images with a concept as label or, if unlabelled, as suggestion."""

    concept: ConceptId

    def word(self, concepts: Sequence[Concept] = (), /) -> str:
        for concept in concepts:
            if concept.key == self.concept and _named(concept.name, concepts) == self.concept:
                return f"name:{quoted(concept.name)}"
        return f"concept:{self.concept}"

    def matching(self, columns: Columns) -> Flags:
        has_it = columns.sets.flags_with(self.concept)[columns.codes]
        return has_it | (suggested_as(columns) == self.concept)

    def describe(self, concepts: Sequence[Concept], /) -> Message:
        for concept in concepts:
            if concept.key == self.concept:
                return Message("filter-name", {"name": concept.name})
        return Message("filter-name-gone")


def _named(name: str, concepts: Sequence[Concept]) -> ConceptId:
    """Return the concept with a name, or else with that synonym."""
    found = by_any_name(concepts).get(name.casefold())
    if found is not None:
        return found.key
    if not name:
        raise UsageError("filter-name-missing")
    begun = (c.name for c in concepts if c.name.casefold().startswith(f"{name.casefold()} "))
    if whole := next(begun, ""):
        raise UsageError("filter-name-in-quotes", name=name, whole=whole)
    raise UsageError("filter-no-such-name", name=name)


def _has_name(typed: Typed) -> HasConcept:
    return HasConcept(_named(typed.value, typed.concepts))


def _concept_id(value: str) -> ConceptId:
    if not value.isascii() or not value.isdecimal() or int(value[:12]) >= _LARGEST_CONCEPT:
        raise UsageError("filter-no-id", value=value)
    return int(value)


def _complete_names(
    wanted: str, concepts: Sequence[Concept], _folders: Iterable[str]
) -> Iterator[str]:
    """Yield names that begin with `wanted`, then those that contain it."""
    for is_beginning in (True, False):
        for concept in concepts:
            places = [name.casefold().find(wanted) for name in concept.names]
            if (0 in places) if is_beginning else (0 not in places and max(places) > 0):
                yield HasConcept(concept.key).word(concepts)


# ---- deciders


_DECIDERS: Final = {
    DecidedBy.NOBODY: Message("decided-by-nobody"),
    DecidedBy.AUTO: Message("decided-by-auto"),
    DecidedBy.PERSON: Message("decided-by-person"),
    DecidedBy.PROBE: Message("decided-by-probe"),
    DecidedBy.GIVEN: Message("decided-by-given"),
}
_BY_WORD: Final = {who.name.lower(): who for who in _DECIDERS}


@dataclass(frozen=True, slots=True)
class DecidedIs(Condition):
    """Matches images by the decider of their label."""

    who: DecidedBy

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"by:{self.who.name.lower()}"

    def matching(self, columns: Columns) -> Flags:
        return columns.decided_by == self.who

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return _DECIDERS[self.who]


def _decided_by(typed: Typed) -> DecidedIs:
    value = typed.value.casefold()
    who = _BY_WORD.get("person" if value == "me" else value)
    if who is None:
        raise UsageError("filter-nobody", value=typed.value, names=tuple(_BY_WORD))
    return DecidedIs(who)


# ---- paths


@dataclass(frozen=True, slots=True)
class PathHas(Condition):
    """Matches images whose path, from the common folder on, contains a text, ignoring case."""

    text: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return quoted(self.text)

    def matching(self, columns: Columns) -> Flags:
        return columns.paths.having(self.text)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return Message("filter-path", {"text": self.text})


@dataclass(frozen=True, slots=True)
class InFolder(Condition):
    """Matches images in a folder or below it.

    Attributes:
        folder: `/`-separated: absolute, or from the folder of all images on, or the last folders.
    """

    folder: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"folder:{quoted(self.folder)}"

    def matching(self, columns: Columns) -> Flags:
        return columns.paths.in_folder(self.folder)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        is_short = len(self.folder) <= _LONGEST_SAID
        end = self.folder if is_short else f"…{self.folder[1 - _LONGEST_SAID :]}"
        return Message("filter-folder", {"folder": end})


def _folder(typed: Typed) -> InFolder:
    folder = typed.value.replace(os.sep, "/")
    folder = folder.rstrip("/") or folder[:1]
    if not folder:
        raise UsageError("filter-folder-missing")
    return InFolder(folder)


def _complete_folders(
    wanted: str, _concepts: Sequence[Concept], folders: Iterable[str]
) -> Iterator[str]:
    """Yield the folders with a part that begins with `wanted`, the shortest first."""
    has_it = (one for one in folders if f"/{wanted}" in f"/{one.casefold()}" and one)
    for folder in sorted(has_it, key=lambda one: (one.count("/"), one))[:MOST_COMPLETIONS]:
        yield InFolder(folder).word()


# ---- findings of features


@dataclass(frozen=True, slots=True)
class HasFinding(Condition):
    """Matches the images of a word of a finding, as a feature found them last.

    Attributes:
        finding: The declaration of the feature.
        value: One of its words.
    """

    finding: Finding
    value: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"{self.finding.key}:{self.value}"

    def matching(self, columns: Columns) -> Flags:
        found = columns.found.get(self.finding.key)
        rows = found.rows.get(self.value) if found else None
        return flags_at(np.empty(0, np.int64) if rows is None else rows, len(columns))

    @property
    def found_by(self) -> str:
        return self.finding.key

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return Message("filter-found", {"text": dict(self.finding.words)[self.value]})

    def excludes(self, other: Condition) -> bool:
        return isinstance(other, HasFinding) and other.finding == self.finding


@dataclass(frozen=True, slots=True)
class FoundText(Condition):
    """Matches images for which a feature found a text that contains `text`, ignoring case."""

    finding: Finding
    text: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return f"{self.finding.key}:{quoted(self.text)}"

    def matching(self, columns: Columns) -> Flags:
        found, wanted = columns.found.get(self.finding.key), self.text.casefold()
        texts = enumerate(found.texts) if found else ()
        places = [place for place, text in texts if wanted in text.casefold()]
        return np.isin(numbers_found(columns, self.finding.key), places)

    @property
    def found_by(self) -> str:
        return self.finding.key

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        of = Message("filter-found", {"text": self.finding.title})
        return Message("filter-found-text", {"of": of, "text": self.text})

    def excludes(self, other: Condition) -> bool:
        return isinstance(other, FoundText) and other.finding == self.finding


def complete_values(finding: Finding, found: FoundImages, wanted: str) -> Iterator[str]:
    """Yield words with the found values that contain the begun value.

    For days these are the years, and after a whole year its months.
    """
    is_year = finding.values == "days" and len(wanted) <= len("2024")
    values = dict.fromkeys(text[:4] for text in found.texts) if is_year else found.texts
    for value in values:
        if wanted in value.casefold():
            yield f"{finding.key}:{quoted(value)}"


def _key_of(finding: Finding) -> Key:
    words = tuple(word for word, _ in finding.words)

    def read(typed: Typed) -> Condition:
        value = typed.value.casefold()
        if finding.values == "days" and value not in words:
            return dated_within(typed, finding)
        if finding.values == "texts" and value not in words:
            if not value:
                raise UsageError("filter-text-missing", key=finding.key)
            return FoundText(finding, typed.value)
        if value not in words:
            raise UsageError(
                "filter-not-found",
                key=finding.key,
                value=typed.value,
                none=finding.none,
                kinds=words,
            )
        return HasFinding(finding, value)

    return Key(
        read,
        tuple(f"{finding.key}:{word}" for word in words),
        takes_signs=finding.values == "days",
        is_found_bare=not finding.values,
    )


@dataclass(frozen=True, slots=True)
class AsTyped(Condition):
    """A word of a saved filter whose feature is missing: kept unchanged, matches nothing."""

    text: str

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        return self.text

    def matching(self, columns: Columns) -> Flags:
        return np.zeros(len(columns), dtype=np.bool_)

    def opposite(self, columns: Columns) -> Flags:
        return self.matching(columns)

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        return Message("filter-as-typed", {"text": self.text})

    @property
    def is_in_line(self) -> bool:
        return False


@cache
def keys(findings: tuple[Finding, ...] = ()) -> Mapping[str, Key]:
    """Return the keys of all typed conditions, with those of findings.

    A plug-in cannot replace a key of the program.
    """
    before = {"name", *STATE_KEYS, *LIKE_KEYS}
    return {
        "name": Key(_has_name, complete=_complete_names, is_found_bare=True),
        **STATE_KEYS,
        **LIKE_KEYS,
        **{one.key: _key_of(one) for one in findings if one.key not in before},
        "by": Key(_decided_by, tuple(f"by:{who}" for who in _BY_WORD)),
        **SHARE_KEYS,
        "folder": Key(_folder, complete=_complete_folders),
        "date": DATE_KEY,
        "size": SIZE_KEY,
        "id": ID_KEY,
    }


UNTYPED_KEYS: Final[Mapping[str, Key]] = {
    "concept": Key(lambda typed: HasConcept(_concept_id(typed.value))),
    **UNTYPED_LIKE_KEYS,
}
"""The keys of conditions that are chosen and saved, but not typed."""
