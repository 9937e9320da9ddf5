"""Descriptions of filter conditions and sort orders."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import Sort
from nameplate.domain.text import deferred
from nameplate.plug_ins.registry import findings
from nameplate.wording.texts import tr, what_of

DIRECTIONS: Final = {
    Sort.ADDED: (deferred("First added first"), deferred("Last added first")),
    Sort.NAME: (deferred("A to Z"), deferred("Z to A")),
    Sort.FOLDER: (deferred("A to Z"), deferred("Z to A")),
    Sort.DATE: (deferred("Oldest first"), deferred("Newest first")),
    Sort.SIZE: (deferred("Smallest first"), deferred("Largest first")),
    Sort.PROBABILITY: (deferred("Least sure first"), deferred("Surest first")),
    Sort.MARGIN: (
        deferred("Closest to the next name first"),
        deferred("Farthest from the next name first"),
    ),
    Sort.CONCEPT: (deferred("First name first"), deferred("Last name first")),
    Sort.LIKENESS: (deferred("Least like it first"), deferred("Most like it first")),
}
"""The names of rising and falling order; to be translated where they are shown."""


def sort_title(sort: Sort | str) -> str:
    """Return the title of a sort key; the key itself if its feature is missing."""
    if isinstance(sort, Sort):
        return what_of(sort.value)
    return next((tr(one.title) for one in findings() if one.key == sort), sort)


def sort_directions(sort: Sort | str) -> tuple[str, str]:
    """Return the names of rising and falling order of a sort key."""
    texts = DIRECTIONS[sort if isinstance(sort, Sort) else Sort.ADDED]
    found = (one.orders for one in findings() if one.key == sort and one.orders)
    rising, falling = next(found, texts)
    return tr(rising), tr(falling)


def term_text(term: Term, concepts: Sequence[Concept]) -> str:
    """Return the description of a term of a filter."""
    return what_of(term.describe(concepts))
