"""Concepts: the things a person names."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nameplate.domain.errors import UsageError

LONGEST_NAME: Final = 200
"""Letters in a name. The text encoders read 64 to 77 tokens; a longer name would be cut unseen."""

PALETTE: Final = (
    "#3b82f6", "#f97316", "#22a06b", "#e0457b", "#8b5cf6", "#d4a72c",
    "#14a3b8", "#b45309", "#7c8a2e", "#c026d3", "#64748b", "#ef4444",
)  # fmt: skip
REJECT_COLOUR: Final = "#8a8f98"

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing the person names.

    Attributes:
        key: Identifies the concept for as long as the workspace lives; renaming keeps it.
        name: What stands in the label; clean (see `clean_name`).
        synonyms: Other names for the same thing; they share its vector, not add to its weight.
        is_reject: A named "none of these": takes probability, gives no label.
        colour: `#rrggbb`, or empty for the palette's next.
    """

    key: int
    name: str
    synonyms: tuple[str, ...] = ()
    is_reject: bool = False
    colour: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The name, then its synonyms."""
        return (self.name, *self.synonyms)


def clean_name(text: str) -> str:
    """Return `text` as a name: composed (NFC), no control characters, single spaces.

    Raises:
        UsageError: The name is empty, or longer than `LONGEST_NAME`.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in composed)
    name = _SPACES.sub(" ", visible).strip()
    if not name:
        raise UsageError("a name is empty", remedy="Type what the picture shows, such as cat.")
    if len(name) > LONGEST_NAME:
        raise UsageError(
            f"the name “{name[:24]}…” has {len(name)} letters, and {LONGEST_NAME} is the most",
            remedy="Use a shorter name; details can go into synonyms.",
        )
    return name


def add(concepts: Sequence[Concept], line: str) -> tuple[Concept, ...]:
    """Return `concepts` with the one that `line` (`name | synonym`, `!name`) describes at the end.

    Raises:
        UsageError: The line holds no usable name, or the name is there already.
    """
    text = line.strip()
    is_reject = text.startswith("!")
    name, *synonyms = (clean_name(part) for part in text.removeprefix("!").split("|"))
    _refuse_double(concepts, name)
    key = 1 + max((c.key for c in concepts), default=-1)
    unique = tuple(dict.fromkeys(s for s in synonyms if s != name))
    new = Concept(key, name, unique, is_reject, next_colour(concepts, is_reject=is_reject))
    return (*concepts, new)


def rename(concepts: Sequence[Concept], key: int, line: str) -> tuple[Concept, ...]:
    """Return `concepts` with the names of `key` replaced by those of `line`; its place is kept.

    Raises:
        UsageError: As `add` does.
    """
    others = [c for c in concepts if c.key != key]
    named = add(others, line)[-1]
    return tuple(
        replace(c, name=named.name, synonyms=named.synonyms, is_reject=named.is_reject)
        if c.key == key
        else c
        for c in concepts
    )


def as_line(concept: Concept) -> str:
    """Return the concept as a line of a concepts file; `add` reads it back."""
    return ("!" if concept.is_reject else "") + " | ".join(concept.names)


def next_colour(concepts: Iterable[Concept], *, is_reject: bool = False) -> str:
    """Return the palette colour that the fewest `concepts` use; the earlier one on a tie."""
    if is_reject:
        return REJECT_COLOUR
    used = [c.colour for c in concepts]
    return min(PALETTE, key=lambda colour: (used.count(colour), PALETTE.index(colour)))


def parse_concepts(text: str, where: str) -> tuple[Concept, ...]:
    """Read a concepts file: a concept a line, `name | synonym`, `# comment`, `!name` for a reject.

    Args:
        text: The whole file.
        where: Its path, for messages.

    Raises:
        UsageError: A line holds no usable name or a double one (the message has its number), or
            there is no concept at all.
    """
    concepts: tuple[Concept, ...] = ()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            concepts = add(concepts, line)
        except UsageError as error:
            place = f"{where}, line {number}"
            raise UsageError(error.what, where=place, remedy=error.remedy) from error
    if not concepts:
        raise UsageError("no concept in it", where=where, remedy="Write one name a line.")
    return concepts


def _refuse_double(concepts: Iterable[Concept], name: str) -> None:
    if any(c.name.casefold() == name.casefold() for c in concepts):
        raise UsageError(f"“{name}” is there already", remedy="Each name can be used once.")
