"""What a condition of the filter is: how it is typed, tested, worded and saved."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.columns import Columns, Flags
from nameplate.domain.messages import Message

_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')
_NEEDS_QUOTES: Final = re.compile(r'[\s":<>=]|^-|^$')

MOST_COMPLETIONS: Final = 40
"""Completions that are offered at once."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A word of a line in its parts, as in `p>0.9`.

    Attributes:
        key: What it begins with, in small letters.
        sign: What follows: `:`, `=`, `<`, `<=`, `>` or `>=`.
        value: The rest, without quotation marks.
        concepts: Those that it can mean.
    """

    key: str
    sign: str
    value: str
    concepts: Sequence[Concept]


Words = Callable[[str, Sequence[Concept], Iterable[str]], Iterable[str]]
"""Gives the words for a value as far as it is typed, in small letters.

Names are those of the concepts; folders begin at the folder of all images.
"""


class Condition(ABC):
    """A condition of the filter: a frozen value that says everything about itself.

    A class has besides the function that reads it from a line (see `Key`).
    """

    __slots__ = ()

    @abstractmethod
    def word(self, concepts: Sequence[Concept] = (), /) -> str:
        """Return it as a word of a line, which is read as the same with these concepts."""

    @abstractmethod
    def matching(self, columns: Columns) -> Flags:
        """Return which of N images it holds for."""

    @abstractmethod
    def said(self, concepts: Sequence[Concept], /) -> Message:
        """Return it in a few words."""

    @property
    def found_by(self) -> str:
        """The key of what a feature has to find for it; empty for nothing."""
        return ""

    def opposite(self, columns: Columns) -> Flags:
        """Return which of N images its opposite holds for."""
        matching = self.matching(columns)
        # Before a feature has looked, nothing is known not to be so either.
        is_known = not self.found_by or self.found_by in columns.found
        return ~matching if is_known else np.zeros_like(matching)

    def said_not(self, concepts: Sequence[Concept], /) -> Message:
        """Return its opposite in a few words."""
        return Message("filter-not", {"what": self.said(concepts)})

    @property
    def is_for_typing(self) -> bool:
        """Whether the line shows it; what is only chosen is shown by a chip alone."""
        return True

    def excludes(self, other: "Condition") -> bool:
        """Return whether choosing it in the menu takes another one away."""
        return type(self) is type(other)


@dataclass(frozen=True, slots=True)
class Key:
    """What conditions of a key are read by, and completed with.

    Attributes:
        read: Returns the condition; raises `UsageError` where the value is none.
        words: What completes it, whole words such as `is:checked`.
        offered: What else completes it.
        examples: What is offered in place of the key, such as `p>90%`.
        takes_signs: Whether `<` and `>` may follow it.
        is_loose: Whether its words are offered where no key is typed, too.
        is_shown: Whether it is offered itself.
    """

    read: Callable[[Typed], Condition]
    words: tuple[str, ...] = ()
    offered: Words = lambda _value, _concepts, _folders: ()
    examples: tuple[str, ...] = ()
    takes_signs: bool = False
    is_loose: bool = False
    is_shown: bool = True


def quoted(text: str) -> str:
    """Return `text` as a value that can stand in a line."""
    return in_marks(text) if _NEEDS_QUOTES.search(text) else text


def in_marks(text: str) -> str:
    """Return `text` in quotation marks."""
    return '"' + text.replace('"', '""') + '"'


def plain(text: str) -> str:
    """Return a value without quotation marks around it."""
    return _QUOTED.sub(lambda found: found[1].replace('""', '"'), text)
