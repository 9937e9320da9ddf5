"""Finds texts by some of their letters, best first, as in a list of commands."""

from collections.abc import Sequence

_WORD_START, _NEXT_TO, _APART = 8, 5, 1
_EARLY = 4
"""Points of a letter that begins a word, follows the one found before, or neither; and most for
beginning early."""


def match(query: str, text: str) -> int | None:
    """Return how well the letters of `query` are found in `text`, in their order.

    Letters at the beginnings of words and letters side by side count more. Upper and lower case
    are the same, and blanks in `query` mean nothing.

    Returns:
        Points, more for a better match; 0 for an empty query; None where a letter is missing.
    """
    wanted, within = "".join(query.casefold().split()), text.casefold()
    if not wanted:
        return 0
    starts = [
        place for place, letter in enumerate(within) if letter == wanted[0]
    ]  # the best of all places to begin at: "al" is in "label all" twice
    found = [points for start in starts if (points := _points(wanted, within, start)) is not None]
    return max(found, default=None)


def best(query: str, texts: Sequence[str]) -> list[int]:
    """Return the places in `texts` of those that `match`, the best first, else in their order."""
    points = [(match(query, text), place) for place, text in enumerate(texts)]
    found = [(-point, len(texts[place]) if query else 0, place) for point, place in points
             if point is not None]  # fmt: skip
    return [place for *_, place in sorted(found)]


def _points(wanted: str, text: str, start: int) -> int | None:
    place, points = start - 1, max(0, _EARLY - start)
    for letter in wanted:
        after = text.find(letter, place + 1)
        if after < 0:
            return None
        is_word_start = after == 0 or not text[after - 1].isalnum()
        points += _WORD_START if is_word_start else _NEXT_TO if after == place + 1 else _APART
        place = after
    return points
