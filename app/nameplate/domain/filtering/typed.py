"""Filters as one line of text: `red is:undecided -name:dog p>0.9 folder:2024/may`.

Words are separated by spaces; each is a condition, or its opposite with `-` before it. A text with
spaces stands in quotation marks, which are doubled inside. The sentence of `like:` needs none: it
ends before the next word that has a key or begins with `-` or a quotation mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.columns import FoundImages
from nameplate.domain.filtering.condition import MOST_COMPLETIONS, Condition, Typed, quoted
from nameplate.domain.filtering.conditions import (
    UNTYPED_KEYS,
    AsTyped,
    PathHas,
    complete_values,
    keys,
)
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.findings import Finding
from nameplate.domain.messages import Message

_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')
_WORD: Final = re.compile(r'(?:[^\s"]|"(?:[^"]|"")*(?:"|\Z))+')
_SENTENCE: Final = re.compile(r'-?like[:=](?!").*', re.DOTALL | re.IGNORECASE)
_ENDS_SENTENCE: Final = re.compile(r'".*|-.+', re.DOTALL)
_HEAD: Final = re.compile(r"(like-id|like-file|[A-Za-z]+)(:|<=|>=|<|>|=)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a typed filter, and its position in the line."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """A word that is not a valid condition, and the reason."""

    word: Word
    reason: Message


@dataclass(frozen=True, slots=True)
class Parsed:
    """The filter of the valid words of a line, and the other words."""

    filter: Filter
    wrong: tuple[Wrong, ...] = ()


def _pieces(line: str) -> list[Word]:
    """Split a line at spaces outside quotes; an unclosed quote extends to the end."""
    return [Word(found[0], found.start(), found.end()) for found in _WORD.finditer(line)]


def words_of(line: str) -> list[Word]:
    """Return the words of a line; the sentence of `like:` is one word, even without quotes."""
    runs, is_sentence = list[tuple[int, int]](), False
    for piece in _pieces(line):
        is_new = _HEAD.fullmatch(piece.text) or _ENDS_SENTENCE.fullmatch(piece.text)
        if is_sentence and not is_new:
            runs[-1] = runs[-1][0], piece.end
        else:
            runs.append((piece.start, piece.end))
            is_sentence = _SENTENCE.fullmatch(piece.text) is not None
    return [Word(line[start:end], start, end) for start, end in runs]


def parse(
    line: str,
    concepts: Sequence[Concept],
    findings: tuple[Finding, ...] = (),
    *,
    keeps_unknown: bool = False,
) -> Parsed:
    """Parse a filter line; never raises.

    Args:
        line: As typed.
        concepts: The concepts for `name:`, by name or synonym.
        findings: The findings of features, each of which is a key.
        keeps_unknown: Whether words with an unknown key are kept, because the feature or plug-in
            that adds the key may be installed again.
    """
    terms, wrong = list[Term](), list[Wrong]()
    for word in words_of(line):
        is_not = word.text.startswith("-") and len(word.text) > 1
        try:
            condition = _condition(word.text[is_not:], concepts, findings)
        except UsageError as error:
            if not keeps_unknown or error.reason.code != "filter-unknown-key":
                wrong.append(Wrong(word, error.reason))
                continue
            condition = AsTyped(word.text[is_not:])
        if condition != PathHas(""):
            terms.append(Term(condition, is_not))
    return Parsed(Filter(tuple(dict.fromkeys(terms))), tuple(wrong))


def _condition(word: str, concepts: Sequence[Concept], findings: tuple[Finding, ...]) -> Condition:
    head = _HEAD.fullmatch(word)
    if head is None:
        return PathHas(_unquoted(word))
    known, name, sign = keys(findings), head[1].casefold(), head[2]
    key = known.get(name) or UNTYPED_KEYS.get(name)
    if key is None:
        raise UsageError("filter-unknown-key", key=head[1], keys=tuple(known), text=quoted(word))
    if sign not in ":=" and not key.takes_signs:
        raise UsageError("filter-no-number", key=name, sign=sign)
    return key.read(Typed(name, sign, _unquoted(head[3]), concepts))


def _unquoted(text: str) -> str:
    """Remove the quotation marks from a typed value."""
    return _QUOTED.sub(lambda found: found[1].replace('""', '"'), text)


def line_of(of: Filter, concepts: Sequence[Concept] = ()) -> str:
    """Return the line that `parse` reads as this filter, given the same concepts.

    A concept that is not among `concepts` is written by its id.
    """
    return " ".join(term.word(concepts) for term in of.terms)


# ---- completions


def word_at(line: str, cursor: int) -> Word:
    """Return the word that contains or ends at the cursor; else an empty word."""
    for word in _pieces(line):
        if word.start < cursor <= word.end:
            return word
    return Word("", cursor, cursor)


def completions(
    typed: str,
    concepts: Sequence[Concept],
    folders: Iterable[str] = (),
    findings: tuple[Finding, ...] = (),
    found: Mapping[str, FoundImages] = MappingProxyType({}),
) -> list[str]:
    """Return completions of `typed`, the likeliest first, without `typed` itself."""
    is_not = typed.startswith("-")
    word = typed[is_not:]
    key, colon, value = word.partition(":")
    offered = [
        *_offered(word, concepts, folders, findings),
        *(
            text
            for one in findings
            if colon and one.key == key.casefold() and one.key in found
            for text in complete_values(one, found[one.key], _unquoted(value).casefold())
        ),
    ]
    whole = [f"{'-' * is_not}{text}" for text in dict.fromkeys(offered) if text != word]
    return whole[:MOST_COMPLETIONS]


def _offered(
    word: str, concepts: Sequence[Concept], folders: Iterable[str], findings: tuple[Finding, ...]
) -> Iterator[str]:
    name, colon, value = word.partition(":")
    kinds, wanted = keys(findings), _unquoted(value if colon else word).casefold()
    if colon:
        offering = [key for one, key in kinds.items() if one == name.casefold()]
        for key in () if value else offering:
            yield from key.examples
        if not offering:  # such as prob: for p
            for one, key in kinds.items():
                if name.casefold().startswith(one):
                    yield from key.examples or (f"{one}:",)
    else:
        for name, key in kinds.items():
            if key.is_shown and name.startswith(wanted):
                yield from key.examples or (f"{name}:",)
        # Names last: there may be many.
        offering = [key for key in reversed([*kinds.values()]) if wanted and key.is_found_bare]
    for key in offering:
        yield from (one for one in key.words if one.partition(":")[2].startswith(wanted))
        yield from key.complete(wanted, concepts, folders)
