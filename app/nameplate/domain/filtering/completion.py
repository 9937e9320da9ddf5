"""Completions of a word in a typed filter: keys, names, states and folders."""

from collections.abc import Iterable, Iterator, Sequence

from nameplate.domain.concepts import Concept
from nameplate.domain.feature import Finding
from nameplate.domain.filtering.condition import MOST_COMPLETIONS, plain
from nameplate.domain.filtering.conditions import keys
from nameplate.domain.filtering.typed import Word, pieces_of


def word_at(line: str, cursor: int) -> Word:
    """Return the word that the cursor is in or at the end of; else an empty word."""
    for word in pieces_of(line):
        if word.start < cursor <= word.end:
            return word
    return Word("", cursor, cursor)


def completions(
    typed: str,
    concepts: Sequence[Concept],
    folders: Iterable[str] = (),
    findings: tuple[Finding, ...] = (),
) -> list[str]:
    """Return completions of `typed`, the likeliest first, without `typed` itself.

    Args:
        typed: A word as far as it is typed, or nothing.
        concepts: Whose names are offered.
        folders: From the folder of all images on.
        findings: What features find.
    """
    is_not = typed.startswith("-")
    word = typed[is_not:]
    found = dict.fromkeys(_found(word, concepts, folders, findings))
    whole = [f"{'-' * is_not}{text}" for text in found if text != word]
    return whole[:MOST_COMPLETIONS]


def _found(
    word: str,
    concepts: Sequence[Concept],
    folders: Iterable[str],
    findings: tuple[Finding, ...],
) -> Iterator[str]:
    name, colon, value = word.partition(":")
    kinds, wanted = keys(findings), plain(value if colon else word).casefold()
    if colon:
        offering = [key for one, key in kinds.items() if one == name.casefold()]
        for key in () if value else offering:
            yield from key.examples
    else:
        for name, key in kinds.items():
            if key.is_shown and name.startswith(wanted):
                yield from key.examples or (f"{name}:",)
        # Names last: there may be many.
        offering = [key for key in reversed([*kinds.values()]) if wanted and key.is_loose]
    for key in offering:
        yield from (one for one in key.words if one.partition(":")[2].startswith(wanted))
        yield from key.offered(wanted, concepts, folders)
