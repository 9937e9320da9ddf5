"""Filters, which select the shown images, as values that can be compared and saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.filtering.chosen import Like
from nameplate.domain.filtering.columns import Columns, Flags
from nameplate.domain.filtering.condition import Condition
from nameplate.domain.filtering.conditions import HasConcept
from nameplate.domain.messages import Message


@dataclass(frozen=True, slots=True)
class Term:
    """A condition, or its opposite."""

    condition: Condition
    is_not: bool = False

    def word(self, concepts: Sequence[Concept] = ()) -> str:
        """Return its word in the filter line."""
        return f"{'-' * self.is_not}{self.condition.word(concepts)}"

    def describe(self, concepts: Sequence[Concept]) -> Message:
        """Return its description in a few words."""
        describe = self.condition.describe_opposite if self.is_not else self.condition.describe
        return describe(concepts)

    def matching(self, columns: Columns) -> Flags:
        """Return whether it holds for each of N images."""
        condition = self.condition
        return condition.opposite(columns) if self.is_not else condition.matching(columns)


@dataclass(frozen=True, slots=True)
class Filter:
    """Shows the images for which all terms hold; without any, all images."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def of(cls, *conditions: Condition) -> "Filter":
        """Return the filter by `conditions`."""
        return cls(tuple(map(Term, conditions)))

    @property
    def findings(self) -> frozenset[str]:
        """The keys of the findings that it needs."""
        return frozenset(term.condition.found_by for term in self.terms) - {""}

    @property
    def similarity(self) -> tuple[Term, ...]:
        """The terms with a `Like` condition, by which the images can be sorted."""
        return tuple(term for term in self.terms if isinstance(term.condition, Like))

    def shown(self, columns: Columns) -> Flags:
        """Return whether it shows each of N images; removed ones are never shown."""
        found = ~columns.is_removed
        for term in self.terms:
            found &= term.matching(columns)
        return found

    def hiding(self, columns: Columns) -> tuple[Term, ...]:
        """Return the terms that match no image on their own."""
        there = ~columns.is_removed
        return tuple(term for term in self.terms if not (there & term.matching(columns)).any())

    def without(self, term: Term) -> "Filter":
        """Return this filter without a term."""
        return Filter(tuple(one for one in self.terms if one != term))

    def toggled(self, condition: Condition) -> "Filter":
        """Return this filter with a condition switched on or off, as the menu does.

        A condition that is switched on replaces its opposite and the conditions that it excludes.
        """
        term = Term(condition)
        if term in self.terms:
            return self.without(term)
        kept = tuple(
            one
            for one in self.terms
            if one.condition != condition and (one.is_not or not condition.excludes(one.condition))
        )
        return Filter((*kept, term))

    def of_known(self, concepts: Iterable[ConceptId]) -> "Filter":
        """Return this filter without terms about concepts that no longer exist."""
        known = set(concepts)
        return Filter(
            tuple(
                term
                for term in self.terms
                if not isinstance(term.condition, HasConcept) or term.condition.concept in known
            )
        )


EVERYTHING: Final = Filter()
"""The filter that shows all images."""
