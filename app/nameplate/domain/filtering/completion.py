"""Completions of a word in a typed filter: keys, names, states and folders."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import HasConcept, InState, LooksOdd, Oddity, State, Term
from nameplate.domain.filtering.typed import DECIDERS, KEYS, Word, pieces_of, plain, quoted, word_of

MOST: Final = 40
"""Completions that are offered at once."""

_SHOWN_KEYS: Final = tuple(key for key in KEYS if key != "id")
_EXAMPLES: Final = {
    "p": ("p>90%", "p<50%", "p:40%..60%"),
    "margin": ("margin<10%", "margin>50%"),
    "size": ("size>2MB", "size<100kB"),
    "date": ("date:2024", "date:2024-05", "date:2024-05..2024-06"),
}
"""How conditions with numbers look."""


def word_at(line: str, cursor: int) -> Word:
    """Return the word that the cursor is in or at the end of; else an empty word."""
    for word in pieces_of(line):
        if word.start < cursor <= word.end:
            return word
    return Word("", cursor, cursor)


def completions(typed: str, concepts: Sequence[Concept], folders: Iterable[str] = ()) -> list[str]:
    """Return completions of `typed`, the likeliest first, without `typed` itself.

    Args:
        typed: A word as far as it is typed, or nothing.
        concepts: Whose names are offered.
        folders: From the folder of all images on.
    """
    is_not = typed.startswith("-")
    word = typed[is_not:]
    found = dict.fromkeys(_found(word, concepts, folders))
    whole = [f"{'-' * is_not}{text}" for text in found if text != word]
    return whole[:MOST]


def _found(word: str, concepts: Sequence[Concept], folders: Iterable[str]) -> Iterator[str]:
    key, colon, value = word.partition(":")
    if not colon:
        yield from _beginnings(word, concepts)
        return
    wanted = plain(value).casefold()
    match key.casefold():
        case "name":
            yield from _names(wanted, concepts)
        case "like":
            names = (one.name for one in concepts)
            yield from (f"like:{quoted(n)}" for n in names if n.casefold().startswith(wanted))
        case "is" | "has":
            yield from _states(wanted)
        case "odd":
            yield from _oddities(wanted)
        case "by":
            yield from (f"by:{text}" for text in DECIDERS if text.startswith(wanted))
        case "folder":
            yield from _folders(wanted, folders)
        case "p" | "margin" | "size" | "date" if not value:
            yield from _EXAMPLES[key.casefold()]
        case _:
            pass


def _beginnings(word: str, concepts: Sequence[Concept]) -> Iterator[str]:
    wanted = plain(word).casefold()
    for key in _SHOWN_KEYS:
        if key.startswith(wanted):
            yield from _EXAMPLES.get(key, (f"{key}:",))
    if wanted:
        yield from _states(wanted)
        yield from _oddities(wanted)
        yield from _names(wanted, concepts)


def _names(wanted: str, concepts: Sequence[Concept]) -> Iterator[str]:
    """Yield names that begin with a text, then those that contain it."""
    for is_beginning in (True, False):
        for concept in concepts:
            places = [name.casefold().find(wanted) for name in concept.names]
            if (0 in places) if is_beginning else (0 not in places and max(places) > 0):
                yield word_of(Term(HasConcept(concept.key)), concepts)


def _states(wanted: str) -> Iterator[str]:
    for state in State:
        if state.value.startswith(wanted):
            yield word_of(Term(InState(state)))


def _oddities(wanted: str) -> Iterator[str]:
    for oddity in Oddity:
        if oddity.value.startswith(wanted):
            yield word_of(Term(LooksOdd(oddity)))


def _folders(wanted: str, folders: Iterable[str]) -> Iterator[str]:
    """Yield the folders of which a part begins with a text, the shortest first."""
    has_it = (one for one in folders if f"/{wanted}" in f"/{one.casefold()}" and one)
    for folder in sorted(has_it, key=lambda one: (one.count("/"), one))[:MOST]:
        yield f"folder:{quoted(folder)}"
