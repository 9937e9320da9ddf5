"""The interface of the filter's conditions, and of the keys that they are typed with."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.columns import Columns, Flags
from nameplate.domain.messages import Message

_NEEDS_QUOTES: Final = re.compile(r'[\s":<>=]|^-|^$')

MOST_COMPLETIONS: Final = 40
"""Completions that are offered at once."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A word of the filter line, split at its sign, such as `p>0.9`.

    Attributes:
        key: The part before the sign, in lower case.
        sign: `:`, `=`, `<`, `<=`, `>` or `>=`.
        value: The part after the sign, without quotation marks.
        concepts: The concepts of the project, to look up a name.
    """

    key: str
    sign: str
    value: str
    concepts: Sequence[Concept]


Completer = Callable[[str, Sequence[Concept], Iterable[str]], Iterable[str]]
"""Returns completed words for the begun value, in lower case.

The further arguments are the concepts, and the folders, from the folder of all images on.
"""


class Condition(ABC):
    """A condition of the filter: a frozen value.

    Each class also has a function that reads it from a typed word (see `Key`).
    """

    __slots__ = ()

    @abstractmethod
    def word(self, concepts: Sequence[Concept] = (), /) -> str:
        """Return the word of the filter line that is read as this condition with these concepts."""

    @abstractmethod
    def matching(self, columns: Columns) -> Flags:
        """Return whether it holds for each of N images."""

    @abstractmethod
    def describe(self, concepts: Sequence[Concept], /) -> Message:
        """Return its description in a few words."""

    @property
    def found_by(self) -> str:
        """The key of the finding that a feature has to provide for it; empty for none."""
        return ""

    def opposite(self, columns: Columns) -> Flags:
        """Return whether its opposite holds for each of N images."""
        matching = self.matching(columns)
        # Without the findings of the feature, the opposite is unknown, too.
        is_known = not self.found_by or self.found_by in columns.found
        return ~matching if is_known else np.zeros_like(matching)

    def describe_opposite(self, concepts: Sequence[Concept], /) -> Message:
        """Return the description of its opposite."""
        return Message("filter-not", {"what": self.describe(concepts)})

    @property
    def is_in_line(self) -> bool:
        """Whether the filter line has it; a condition that cannot be typed has only a chip."""
        return True

    def excludes(self, other: "Condition") -> bool:
        """Return whether choosing it in the menu replaces `other`."""
        return type(self) is type(other)


@dataclass(frozen=True, slots=True)
class Key:
    """The key of typed conditions: how they are read and completed.

    Attributes:
        read: Returns the condition; raises `UsageError` for an invalid value.
        words: Fixed completions, whole words such as `is:checked`.
        complete: Returns further completions.
        examples: Completions of the key itself, such as `p>90%`; by default `KEY:`.
        takes_signs: Whether `<` and `>` may follow it.
        is_found_bare: Whether its words also complete a value that is typed without a key.
        is_shown: Whether the key itself is a completion.
    """

    read: Callable[[Typed], Condition]
    words: tuple[str, ...] = ()
    complete: Completer = lambda _value, _concepts, _folders: ()
    examples: tuple[str, ...] = ()
    takes_signs: bool = False
    is_found_bare: bool = False
    is_shown: bool = True


def quoted(text: str) -> str:
    """Return `text` as a value for the filter line, in quotation marks where it needs them."""
    return in_quotes(text) if _NEEDS_QUOTES.search(text) else text


def in_quotes(text: str) -> str:
    """Return `text` in quotation marks."""
    return '"' + text.replace('"', '""') + '"'
