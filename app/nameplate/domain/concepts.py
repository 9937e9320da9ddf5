"""Concepts: the things a person names."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.text import is_visible, normalised

ConceptId = int
"""Unique in a project; never reused, not even after a deletion."""

LONGEST_NAME: Final = 200
"""In characters. The text encoders read 64 to 77 tokens; a longer name would be truncated."""

MOST_CONCEPTS: Final = 5000
"""Concepts in a file: five times ImageNet's; a longer file is no list of names."""

MOST_PROMPTS: Final = 100
"""Sentences of a concept; the largest published template set has 80."""

LONGEST_PROMPT: Final = 400
"""In characters; the text encoders read 64 to 77 tokens."""

PARENT_MARK: Final = " > "
"""Between a name and its parent in files of version 1.0, which had parents."""

PALETTE: Final = (
    "#4888f8", "#fa7a10", "#83e291", "#fa82be", "#793306", "#23408f",
    "#126872", "#7832e7", "#f3bf0b", "#bb0050", "#2bbef0", "#ed3833",
)  # fmt: skip
"""Colours that can be told apart, by people who see no red or no green, too: a test computes it."""

PLAIN_COLOUR: Final = "#78808e"
"""Of further names, which are told apart by their letters: more colours would be too much alike."""

REJECT_COLOUR: Final = "#8a8f98"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing the person names.

    Attributes:
        key: Its id; renaming keeps it.
        name: The text of the label; clean (see `clean_name`).
        synonyms: Other names for the same thing; they share its vector and add no weight.
        is_reject: A named "none of these": takes probability, gives no label.
        colour: `#rrggbb`, or empty for the first of the palette that is free.
        prompts: Its own sentences, or templates with `{}` for its names; empty for those of the
            template set.
        threshold: Least probability in [0, 1] for this concept; None for that of the project.
    """

    key: int
    name: str
    synonyms: tuple[str, ...] = ()
    is_reject: bool = False
    colour: str = ""
    prompts: tuple[str, ...] = ()
    threshold: float | None = None

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
    """Return `concepts` with that of `line` (`name | synonym`, `!name`) added.

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
    """Return `concepts` with one for each of `lines` added, and the errors of the others.

    Each error comes with the index of its line.
    """
    names, new = {c.name.casefold() for c in concepts}, list[Concept]()
    wrong = list[tuple[int, UsageError]]()
    for place, line in enumerate(lines):
        try:
            named = _read_new(line, names)
        except UsageError as error:
            wrong.append((place, error))
            continue
        names.add(named.name.casefold())
        new.append(named)
    return add_new(concepts, new, least_key=least_key), wrong


def add_new(
    concepts: Sequence[Concept], found: Iterable[Concept], *, least_key: int
) -> tuple[Concept, ...]:
    """Return `concepts`, then those of `found` that have a new name.

    Args:
        concepts: Stay as they are.
        found: From elsewhere; those that are added get keys and colours of their own.
        least_key: Above every key that was ever used.
    """
    every, names = list(concepts), {c.name.casefold() for c in concepts}
    used = {c.colour for c in concepts}
    key = max(least_key, 1 + max((c.key for c in concepts), default=-1))
    for concept in found:
        if concept.name.casefold() in names:
            continue
        colour = REJECT_COLOUR if concept.is_reject else _first_free(used)
        every.append(replace(concept, key=key, colour=colour))
        names.add(concept.name.casefold())
        used.add(colour)
        key += 1
    return tuple(every)


def rename(concepts: Sequence[Concept], key: int, line: str) -> tuple[Concept, ...]:
    """Return `concepts` with the names of `key` replaced by those of `line`; its index is kept.

    Raises:
        UsageError: As `add` does.
    """
    named = _read(line)
    if any(c.name.casefold() == named.name.casefold() for c in concepts if c.key != key):
        raise UsageError("name-twice", name=named.name)
    changes = {"name": named.name, "synonyms": named.synonyms, "is_reject": named.is_reject}
    return tuple(replace(c, **changes) if c.key == key else c for c in concepts)


def moved(
    concepts: Sequence[Concept], keys: Container[ConceptId], place: int
) -> tuple[Concept, ...]:
    """Return `concepts` with those of `keys` moved, in their order, before the one at `place`."""
    before = (c for c in concepts[:place] if c.key not in keys)
    after = (c for c in concepts[place:] if c.key not in keys)
    return (*before, *(c for c in concepts if c.key in keys), *after)


def merged(
    concepts: Sequence[Concept], kept: ConceptId, others: Container[ConceptId], *, as_synonyms: bool
) -> tuple[Concept, ...]:
    """Return `concepts` with `others` merged into `kept`."""
    gone = [c for c in concepts if c.key in others]
    one = next(c for c in concepts if c.key == kept)
    names = dict.fromkeys((*one.synonyms, *(n for c in gone if as_synonyms for n in c.names)))
    names.pop(one.name, None)
    one = replace(one, synonyms=tuple(names))
    return tuple(one if c.key == kept else c for c in concepts if c.key not in others)


def as_line(concept: Concept) -> str:
    """Return the concept as a line of a concepts file; `add` reads it back."""
    return "!" * concept.is_reject + " | ".join(concept.names)


def by_any_name(concepts: Iterable[Concept]) -> dict[str, Concept]:
    """Return concepts by their names and synonyms, casefolded.

    A name wins over a synonym, and the first of two concepts that share a synonym over the other.
    """
    concepts = tuple(concepts)
    found = {name.casefold(): c for c in reversed(concepts) for name in c.synonyms}
    return found | {c.name.casefold(): c for c in reversed(concepts)}


def shared_name(concepts: Sequence[Concept]) -> tuple[str, Concept, Concept] | None:
    """Return a name or synonym that two concepts share, and both; None if there is none."""
    first: dict[str, Concept] = {}
    for concept in concepts:
        for name in concept.names:
            other = first.setdefault(name.casefold(), concept)
            if other.key != concept.key:
                return name, other, concept
    return None


def next_colour(concepts: Iterable[Concept]) -> str:
    """Return the first colour of the palette that none of `concepts` has, or else the plain one."""
    return _first_free({c.colour for c in concepts})


def _first_free(used: Container[str]) -> str:
    return next((colour for colour in PALETTE if colour not in used), PLAIN_COLOUR)


# ---- own sentences


def clean_prompts(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences in `lines`: NFC, no control characters, none empty or repeated.

    Raises:
        UsageError: One is longer than `LONGEST_PROMPT`, or there are more than `MOST_PROMPTS`.
    """
    sentences = list(map(normalised, lines))
    if too_long := [one for one in sentences if len(one) > LONGEST_PROMPT]:
        raise UsageError("long-sentence", sentence=too_long[0][:24], most=LONGEST_PROMPT)
    prompts = tuple(dict.fromkeys(filter(is_visible, sentences)))
    if len(prompts) > MOST_PROMPTS:
        raise UsageError("too-many-sentences", sentences=len(prompts), most=MOST_PROMPTS)
    return prompts


def _read_new(line: str, names: Container[str]) -> Concept:
    """Return the concept in `line`; refuse a name that is one of `names`, or has a parent."""
    named = _read(line)
    if PARENT_MARK in line:
        raise UsageError("name-with-parent", name=line.strip()[:40], mark=PARENT_MARK.strip())
    if named.name.casefold() in names:
        raise UsageError("name-twice", name=named.name)
    return named


def _read(line: str) -> Concept:
    """Return the concept in `line`, without key and colour."""
    text = line.strip()
    name, *synonyms = map(clean_name, text.removeprefix("!").split("|"))
    unique = tuple(dict.fromkeys(one for one in synonyms if one != name))
    return Concept(-1, name, unique, is_reject=text.startswith("!"))
