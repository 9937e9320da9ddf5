"""Describes conditions and orders of the pictures in words."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import Sort
from nameplate.domain.text import deferred
from nameplate.wording.texts import what_of

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
"""What comes first, rising and falling; to be translated where it is shown."""


def term_text(term: Term, concepts: Sequence[Concept]) -> str:
    """Return a term of a filter in a few words."""
    return what_of(term.said(concepts))
