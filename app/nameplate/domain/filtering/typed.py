"""Filters as one line of text: `red is:undecided -name:dog p>0.9 folder:2024/may`.

Words are separated by spaces; each is a condition, with `-` before it its opposite. Quotation marks
keep spaces together, and two of them inside stand for one. The sentence of `like:` needs none: it
goes on to the next condition with a key, text in quotation marks, or opposite.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Final

from nameplate.domain.concepts import Concept, ConceptId, by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.filters import (
    LONGEST_TEXT,
    MOST_LIKE,
    Condition,
    DatedWithin,
    DecidedIs,
    Filter,
    HasConcept,
    InFolder,
    InState,
    Like,
    LooksOdd,
    NumberWithin,
    Oddity,
    OneOf,
    PathHas,
    Quantity,
    State,
    Term,
)
from nameplate.domain.filtering.numbers import days_of, days_text, number_of, number_text
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message

DECIDERS: Final = {
    "nobody": DecidedBy.NOBODY,
    "auto": DecidedBy.AUTO,
    "person": DecidedBy.PERSON,
    "probe": DecidedBy.PROBE,
}
"""What `by:` takes."""

KEYS: Final = (
    "name", "is", "has", "like", "odd", "by", "p", "margin", "folder", "date", "size", "id"
)  # fmt: skip
"""What stands before the colon of a condition."""

_WITH_HAS: Final = (State.PROBLEM, State.COPY)
_LARGEST_ID: Final = 2**53
_LARGEST_CONCEPT: Final = 2**30
_WORD: Final = re.compile(r'(?:[^\s"]|"(?:[^"]|"")*(?:"|\Z))+')
_SENTENCE: Final = re.compile(r'-?like[:=](?!").*', re.DOTALL | re.IGNORECASE)
_ENDS_SENTENCE: Final = re.compile(r'".*|-.+', re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')
_HEAD: Final = re.compile(r"(like-id|like-file|[A-Za-z]+)(:|<=|>=|<|>|=)(.*)", re.DOTALL)
_NEEDS_QUOTES: Final = re.compile(r'[\s":<>=]|^-|^$')
_LONGEST_PATH: Final = 4096
_RUN: Final = re.compile(r"(\d{1,16})(?:-(\d{1,16}))?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a typed filter, and where it stands in the line."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """A word that is not a valid condition, and why."""

    word: Word
    reason: Message


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing a line.

    Attributes:
        filter: Of the words that are conditions.
        wrong: The others.
    """

    filter: Filter
    wrong: tuple[Wrong, ...] = ()


def pieces_of(line: str) -> list[Word]:
    """Return what spaces part in a line; an open quotation mark reaches to its end."""
    return [Word(found[0], found.start(), found.end()) for found in _WORD.finditer(line)]


def words_of(line: str) -> list[Word]:
    """Return the words of a line; a sentence is one, without quotation marks, too."""
    runs, is_sentence = list[tuple[int, int]](), False
    for piece in pieces_of(line):
        is_new = _HEAD.fullmatch(piece.text) or _ENDS_SENTENCE.fullmatch(piece.text)
        if is_sentence and not is_new:
            runs[-1] = runs[-1][0], piece.end
        else:
            runs.append((piece.start, piece.end))
            is_sentence = _SENTENCE.fullmatch(piece.text) is not None
    return [Word(line[start:end], start, end) for start, end in runs]


def parse(line: str, concepts: Sequence[Concept]) -> Parsed:
    """Return the filter that a line describes; never raises.

    Args:
        line: As typed.
        concepts: Those that `name:` can mean, by name or synonym.
    """
    terms, wrong = list[Term](), list[Wrong]()
    for word in words_of(line):
        is_not = word.text.startswith("-") and len(word.text) > 1
        try:
            condition = _condition(word.text[is_not:], concepts)
        except UsageError as error:
            wrong.append(Wrong(word, error.reason))
            continue
        if condition != PathHas(""):
            terms.append(Term(condition, is_not))
    return Parsed(Filter(tuple(dict.fromkeys(terms))), tuple(wrong))


def line_of(of: Filter, concepts: Sequence[Concept] = ()) -> str:
    """Return a filter as a line that `parse` reads as the same filter, with the same concepts.

    A concept that is not among `concepts` is written by its id.
    """
    return " ".join(word_of(term, concepts) for term in of.terms)


def word_of(term: Term, concepts: Sequence[Concept] = ()) -> str:
    """Return a term as a word of a line."""
    return f"{'-' * term.is_not}{_text(term.condition, concepts)}"


def quoted(text: str) -> str:
    """Return `text` as a value that can stand in a line."""
    return _in_marks(text) if _NEEDS_QUOTES.search(text) else text


def _in_marks(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def plain(text: str) -> str:
    """Return a value without quotation marks around it."""
    return _QUOTED.sub(lambda found: found[1].replace('""', '"'), text)


# ---- reading


def _condition(word: str, concepts: Sequence[Concept]) -> Condition:
    head = _HEAD.fullmatch(word)
    if head is None:
        return PathHas(plain(word))
    key, sign, value = head[1].casefold(), head[2], plain(head[3])
    if key in _WITH_SIGNS:
        return _WITH_SIGNS[key](sign, value)
    if sign not in ":=":
        raise UsageError("filter-no-number", key=key, sign=sign)
    if key == "name":
        return HasConcept(_named(value, concepts))
    if key not in _WITH_VALUES:
        raise UsageError("filter-unknown-key", key=head[1], keys=KEYS, text=quoted(word))
    return _WITH_VALUES[key](value)


def _named(name: str, concepts: Sequence[Concept]) -> ConceptId:
    """Return the concept of a name, or of a synonym where no name is the same."""
    found = by_any_name(concepts).get(name.casefold())
    if found is not None:
        return found.key
    if not name:
        raise UsageError("filter-name-missing")
    raise UsageError("filter-no-such-name", name=name)


def _concept_id(value: str) -> ConceptId:
    if not value.isascii() or not value.isdecimal() or int(value[:12]) >= _LARGEST_CONCEPT:
        raise UsageError("filter-no-id", value=value)
    return int(value)


def _state(value: str) -> State:
    try:
        return State(value.casefold())
    except ValueError:
        states = tuple(state.value for state in State)
        raise UsageError("filter-no-state", value=value, states=states) from None


def _oddity(value: str) -> Oddity:
    try:
        return Oddity(value.casefold())
    except ValueError:
        kinds = tuple(oddity.value for oddity in Oddity)
        raise UsageError("filter-not-odd", value=value, kinds=kinds) from None


def _decider(value: str) -> DecidedBy:
    who = {**DECIDERS, "me": DecidedBy.PERSON}.get(value.casefold())
    if who is None:
        raise UsageError("filter-nobody", value=value, names=tuple(DECIDERS))
    return who


def _folder(value: str) -> str:
    folder = value.replace(os.sep, "/")
    folder = folder.rstrip("/") or folder[:1]
    if not folder:
        raise UsageError("filter-folder-missing")
    return folder


def _sentence(value: str) -> str:
    text = value.strip()
    if not text:
        raise UsageError("filter-like-missing")
    if len(text) > LONGEST_TEXT:
        raise UsageError("filter-like-too-long", most=LONGEST_TEXT)
    return text


def _liked(value: str) -> OneOf:
    images = OneOf(_runs(value))
    if not 0 < images.count <= MOST_LIKE:
        raise UsageError("filter-like-too-many", most=MOST_LIKE)
    return images


def _file(value: str) -> PurePath:
    if not value:
        raise UsageError("filter-like-missing")
    if len(value) > _LONGEST_PATH:
        raise UsageError("filter-like-too-long", most=_LONGEST_PATH)
    return PurePath(value)


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


_WITH_SIGNS: Final[Mapping[str, Callable[[str, str], Condition]]] = {
    **{quantity.value: partial(number_of, quantity) for quantity in Quantity},
    "date": days_of,
}
_WITH_VALUES: Final[Mapping[str, Callable[[str], Condition]]] = {
    "concept": lambda value: HasConcept(_concept_id(value)),
    "is": lambda value: InState(_state(value)),
    "has": lambda value: InState(_state(value)),
    "odd": lambda value: LooksOdd(_oddity(value)),
    "by": lambda value: DecidedIs(_decider(value)),
    "folder": lambda value: InFolder(_folder(value)),
    "id": lambda value: OneOf(_runs(value)),
    "like": lambda value: Like(_sentence(value)),
    "like-id": lambda value: Like(_liked(value)),
    "like-file": lambda value: Like(_file(value)),
}


# ---- writing


def _text(  # noqa: C901, PLR0911 - a case each
    condition: Condition, concepts: Sequence[Concept]
) -> str:
    match condition:
        case HasConcept():
            return _concept_text(condition.concept, concepts)
        case InState():
            return f"{'has' if condition.state in _WITH_HAS else 'is'}:{condition.state.value}"
        case LooksOdd():
            return f"odd:{condition.oddity.value}"
        case DecidedIs():
            return f"by:{next(text for text, who in DECIDERS.items() if who == condition.who)}"
        case NumberWithin():
            return number_text(condition)
        case DatedWithin():
            return days_text(condition)
        case PathHas():
            return quoted(condition.text)
        case InFolder():
            return f"folder:{quoted(condition.folder)}"
        case OneOf():
            return f"id:{_runs_text(condition)}"
        case Like():
            return _likeness_text(condition.what)


def _likeness_text(what: str | OneOf | PurePath) -> str:
    match what:
        case str():
            return f"like:{_in_marks(what)}"  # what comes next would belong to it
        case OneOf():
            return f"like-id:{_runs_text(what)}"
        case PurePath():
            return f"like-file:{quoted(str(what))}"


def _runs_text(images: OneOf) -> str:
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in images.runs)


def _concept_text(key: ConceptId, concepts: Sequence[Concept]) -> str:
    for concept in concepts:
        if concept.key == key and _named(concept.name, concepts) == key:
            return f"name:{quoted(concept.name)}"
    return f"concept:{key}"
