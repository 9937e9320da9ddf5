"""Pages of pictures with marks of a person, that were not turned yet: by ids, for a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import NO_CONCEPT


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """A page as it was left, with what a person said of it so far.

    Attributes:
        concept: What its images are suggested as; NO_CONCEPT for several, and for checks.
        images: Ids of those that it shows, in their order. Without any, the marks wait for the next
            page of the concept.
        suggested: The concept that each of them is suggested as; of checks, none.
        probabilities: Of each suggestion, 0 to 1; of checks, none.
        behind: By id of an image that is shown, those of its stack that are not.
        marks: By id of an image, also of such as are not on the page: its concept, or below 0 what
            else `project.sheets.Mark` says; in the order in which they were made.
        promise: The number of the promise that it checks labels of; 0 for suggestions.
        is_blind: Whether its labels are hidden.
    """

    concept: ConceptId = NO_CONCEPT
    images: tuple[int, ...] = ()
    suggested: tuple[ConceptId, ...] = ()
    probabilities: tuple[float, ...] = ()
    behind: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    marks: Mapping[int, int] = field(default_factory=dict[int, int])
    promise: int = 0
    is_blind: bool = False
