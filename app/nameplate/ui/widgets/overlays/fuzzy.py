"""Fuzzy search of texts by some of their letters, as in a command palette."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

_WORD_START, _NEXT_TO, _APART = 8, 5, 1
"""Points of a letter that begins a word, follows the one found before, or neither."""

_WHOLE: Final = 1000
"""Points of the whole text."""


def match(query: str, text: str) -> int | None:
    """Return how well `text` contains the letters of `query` in their order.

    Letters at the beginnings of words and letters side by side count more, those at the beginning
    of the text a bit more. Upper and lower case are the same, and blanks in `query` mean nothing.

    Returns:
        Points, more for a better match; 0 for an empty query; None where a letter is missing.
    """
    wanted, within = "".join(query.casefold().split()), text.casefold()
    if not wanted:
        return 0
    if query.strip().casefold() == within:
        return _WHOLE
    # From each place where it can begin: "al" is in "label all" twice.
    starts = [place for place, letter in enumerate(within) if letter == wanted[0]]
    found = [points for start in starts if (points := _points(wanted, within, start)) is not None]
    return max(found) + within.startswith(wanted) if found else None


def match_words(query: str, text: str) -> int | None:
    """Return how well `text` contains words that begin with the words of `query`, whole or not.

    Returns:
        Points, a bit fewer than `match` gives the same letters at the beginning of a text; 0 for an
        empty query; None where a word begins otherwise.
    """
    wanted, within = query.casefold().split(), f" {text.casefold()}"
    if any(f" {word}" not in within for word in wanted):
        return None
    letters = sum(map(len, wanted))
    return _WORD_START + _NEXT_TO * (letters - 1) - 1 if letters else 0


def best(query: str, texts: Sequence[str], words: Iterable[str] = ()) -> list[int]:
    """Return the indices of matching `texts`, the best first, else in their order.

    Args:
        query: What was typed.
        texts: What it is searched in by its letters.
        words: Of each text more words that it can be found by; none for the last ones.
    """
    found = list[tuple[int, int]]()
    for place, (text, more) in enumerate(zip_longest(texts, words, fillvalue="")):
        points = [p for p in (match(query, text), match_words(query, more)) if p is not None]
        if points:
            found.append((-max(points), place))
    return [place for _, place in sorted(found)]


def _points(wanted: str, text: str, start: int) -> int | None:
    place, points = start - 1, 0
    for letter in wanted:
        after = text.find(letter, place + 1)
        if after < 0:
            return None
        is_word_start = after == 0 or not text[after - 1].isalnum()
        points += _WORD_START if is_word_start else _NEXT_TO if after == place + 1 else _APART
        place = after
    return points
