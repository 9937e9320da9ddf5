"""Describes conditions and orders of the pictures in words."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import Sort
from nameplate.wording.texts import what_of

DIRECTIONS: Final = {
    Sort.ADDED: ("First added first", "Last added first"),
    Sort.NAME: ("A to Z", "Z to A"),
    Sort.FOLDER: ("A to Z", "Z to A"),
    Sort.DATE: ("Oldest first", "Newest first"),
    Sort.SIZE: ("Smallest first", "Largest first"),
    Sort.PROBABILITY: ("Least sure first", "Surest first"),
    Sort.MARGIN: ("Closest to the next name first", "Farthest from the next name first"),
    Sort.CONCEPT: ("First name first", "Last name first"),
    Sort.LIKENESS: ("Least like it first", "Most like it first"),
}
"""What comes first, rising and falling."""


def term_text(term: Term, concepts: Sequence[Concept]) -> str:
    """Return a term of a filter in a few words."""
    return what_of(term.said(concepts))
