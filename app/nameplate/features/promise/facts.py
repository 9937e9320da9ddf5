"""What a project keeps of its promise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nameplate.domain.feature import Fact

if TYPE_CHECKING:
    from nameplate.features.promise.rules.promises import Check, Promise

Tries = Mapping[int, int]
"""The tries of a project's life: by the seed of each promise that was begun, which try it was,
from 1. A seed stands for one set of labels in one order of checks: to begin it again is no new
try."""


@dataclass(frozen=True, slots=True)
class PageMarks:
    """What was said on a page of checks that was not turned yet.

    Attributes:
        promise: The number of the promise that it checks labels of; 0 for none.
        is_blind: Whether its labels are hidden.
        marks: By id of an image: its concept, or below 0 what else `Mark` of the pages says.
    """

    promise: int = 0
    is_blind: bool = False
    marks: Mapping[int, int] = field(default_factory=dict[int, int])


MARKS: Final = Fact(
    "marks",
    PageMarks(),
    "rules.as_json:marks_json",
    "rules.as_json:marks_of",
    with_project=True,
    is_on_pages=True,
)
"""What was said on the page of checks that was not turned yet."""

PROMISE: "Final[Fact[Promise | None]]" = Fact(
    "promise", None, "rules.as_json:promise_json", "rules.as_json:promise_of", with_project=True
)
CHECKS: "Final[Fact[tuple[Check, ...]]]" = Fact(
    "checks", (), "rules.as_json:checks_json", "rules.as_json:checks_of", with_project=True
)
"""Those of the promise: they change with each page, and its labels take much more room."""

TRIES: Final = Fact[Tries](
    "tries",
    {},
    "rules.as_json:tries_json",
    "rules.as_json:tries_of",
    join="rules.as_json:joined_json",
)
"""All promises that were ever begun. Nothing lowers their number: who takes a promise back that
failed would else try until luck decides."""
