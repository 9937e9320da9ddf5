"""Concepts: the things a person names."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.text import is_visible, lines_of, normalised

ConceptId = int
"""Unique in a project; never reused, not even after a deletion."""

LONGEST_NAME: Final = 200
"""In characters. The text encoders read 64 to 77 tokens; a longer name would be truncated."""

MOST_CONCEPTS: Final = 5000
"""Concepts in a file: five times ImageNet's; a longer file is no list of names."""

PALETTE: Final = (
    "#3b82f6", "#f97316", "#22a06b", "#e0457b", "#8b5cf6", "#d4a72c",
    "#14a3b8", "#b45309", "#7c8a2e", "#c026d3", "#64748b", "#ef4444",
)  # fmt: skip
REJECT_COLOUR: Final = "#8a8f98"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing the person names.

    Attributes:
        key: Its id; renaming keeps it.
        name: The text of the label; clean (see `clean_name`).
        synonyms: Other names for the same thing; they share its vector and add no weight.
        is_reject: A named "none of these": takes probability, gives no label.
        colour: `#rrggbb`, or empty for the next of the palette.
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
    """Return `text` as a name: NFC, no control characters, single spaces.

    Raises:
        UsageError: The name is empty, invisible, or longer than `LONGEST_NAME`.
    """
    name = normalised(text)
    if not is_visible(name):
        raise UsageError("empty-name")
    if len(name) > LONGEST_NAME:
        raise UsageError("long-name", name=name[:24], letters=len(name), most=LONGEST_NAME)
    return name


def add(concepts: Sequence[Concept], line: str, *, least_key: int = 0) -> tuple[Concept, ...]:
    """Return `concepts` with that of `line` (`name | synonym`, `!name`) appended.

    Args:
        concepts: The existing ones.
        line: As typed.
        least_key: Above every key that was ever used, so that none is reused.

    Raises:
        UsageError: The line has no usable name, or the name exists.
    """
    added, wrong = add_all(concepts, [line], least_key=least_key)
    if wrong:
        raise wrong[0][1]
    return added


def add_all(
    concepts: Sequence[Concept], lines: Iterable[str], *, least_key: int = 0
) -> tuple[tuple[Concept, ...], list[tuple[int, UsageError]]]:
    """Return `concepts` with one for each of `lines` appended, and the errors of the others.

    Each error comes with the index of its line in `lines`.
    """
    known = {c.name.casefold() for c in concepts}
    key = max(least_key, 1 + max((c.key for c in concepts), default=-1))
    added, wrong = list(concepts), list[tuple[int, UsageError]]()
    used = Counter(c.colour for c in concepts)
    for place, line in enumerate(lines):
        try:
            named = _read(line)
            if named.name.casefold() in known:
                raise _double(named.name)
        except UsageError as error:
            wrong.append((place, error))
            continue
        colour = REJECT_COLOUR if named.is_reject else min(PALETTE, key=used.__getitem__)
        added.append(replace(named, key=key, colour=colour))
        known.add(named.name.casefold())
        used[colour] += 1
        key += 1
    return tuple(added), wrong


def rename(concepts: Sequence[Concept], key: int, line: str) -> tuple[Concept, ...]:
    """Return `concepts` with the names of `key` replaced by those of `line`; its index is kept.

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


def next_colour(concepts: Iterable[Concept]) -> str:
    """Return the palette colour that the fewest `concepts` use; the first one on a tie."""
    used = Counter(c.colour for c in concepts)
    return min(PALETTE, key=used.__getitem__)


def parse_concepts(text: str, where: str) -> tuple[Concept, ...]:
    """Parse a concepts file, one concept per line: `name | synonym`, `# comment`, `!name` rejects.

    Args:
        text: The whole file.
        where: Its path, for messages.

    Raises:
        UsageError: A line has no usable name or a duplicate (the message has its number), or
            there is no concept.
    """
    lines = [
        (number, line)
        for number, line in enumerate(lines_of(text), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise UsageError("no-concepts-in-it", where=where)
    if len(lines) > MOST_CONCEPTS:
        raise UsageError("too-many-names", where=where, names=len(lines), most=MOST_CONCEPTS)
    concepts, wrong = add_all((), (line for _, line in lines))
    for place, error in wrong:
        line = Message("line", {"file": where, "line": lines[place][0]})
        raise UsageError(error.reason, where=line) from error
    return concepts


def _read(line: str) -> Concept:
    """Return the concept that `line` describes, without key and colour."""
    text = line.strip()
    name, *synonyms = (clean_name(part) for part in text.removeprefix("!").split("|"))
    unique = tuple(dict.fromkeys(s for s in synonyms if s != name))
    return Concept(-1, name, unique, is_reject=text.startswith("!"))


def _double(name: str) -> UsageError:
    return UsageError("name-twice", name=name)
