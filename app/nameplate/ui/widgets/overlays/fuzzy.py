"""Fuzzy search of texts by some of their letters, as in a command palette."""

from collections.abc import Sequence
from typing import Final

_WORD_START, _NEXT_TO, _APART = 8, 5, 1
"""Points of a letter that begins a word, follows the one found before, or neither."""

_WHOLE: Final = 1000
"""Points of the whole text."""


def match(query: str, text: str) -> int | None:
    """Return how well `text` contains the letters of `query` in their order.

    Letters at the beginnings of words and letters side by side count more. Upper and lower case
    are the same, and blanks in `query` mean nothing.

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
    return max(found, default=None)


def best(query: str, texts: Sequence[str]) -> list[int]:
    """Return the indices of matching `texts`, the best first, else in their order."""
    points = [(match(query, text), place) for place, text in enumerate(texts)]
    return [place for _, place in sorted((-p, place) for p, place in points if p is not None)]


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
