"""A promise about labels: which labels, what is promised, and the results of checks."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.labels import DecidedBy

LEAST_SHARE: Final = 0.5
MOST_SHARE: Final = 0.999
"""What can be promised, and how surely: above it takes a check of nearly all."""


class Outcome(IntEnum):
    """The result of checking a label."""

    RIGHT = 0
    CORRECTED = 1
    """It was wrong, and has its right name now."""
    NAMELESS = 2
    """It was wrong or could not be seen, and the image is left without a name."""


@dataclass(frozen=True, slots=True)
class Check:
    """The check of one label.

    Attributes:
        image: Id of the image.
        outcome: What was found.
        is_blind: Whether the label was not shown to the person.
    """

    image: int
    outcome: Outcome
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of checks after which a promise may be given, by the number of wrong labels.

    Attributes:
        looks: After `looks[e]` checks where e were wrong; they rise.
        everything: So many checks are enough whatever they find; 0 where there is no such number.
        allowed: How many of the labels may be wrong.
        risk: How often the whole plan lets a false promise pass at most.
    """

    looks: tuple[int, ...]
    everything: int
    allowed: int
    risk: float

    def needed(self, wrong: int) -> int | None:
        """Return how many checks it takes if `wrong` of them are wrong; None for no number."""
        if wrong < len(self.looks):
            return self.looks[wrong]
        return self.everything or None

    def is_hopeless(self, wrong: int) -> bool:
        """Whether so many are wrong that only a check of nearly everything is enough."""
        most = self.looks[-1] if self.looks else 0
        return wrong >= len(self.looks) and not (self.everything and most >= self.everything)


@dataclass(frozen=True, slots=True, eq=False)
class PromisedLabels:
    """Labels as they were when a promise was begun.

    Attributes:
        ids: Of n images, ascending.
        concepts: n int32 codes of the label sets of the project's `LabelTable`.
        probability: n float32, in [0, 1].
    """

    ids: NDArray[np.int64]
    concepts: NDArray[np.int32]
    probability: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "PromisedLabels":
        """Return the labels at ascending `places`."""
        return PromisedLabels(self.ids[which], self.concepts[which], self.probability[which])


@dataclass(frozen=True, slots=True)
class Basis:
    """What the promised labels were computed from.

    Attributes:
        model: `ID@FINGERPRINT`.
        decider: Who decides labels that are given: `AUTO` or `PROBE`.
        classifier: A digest of what the classifier was made from.
        names: A digest of the names of the project.
        sentences: A digest of what the names are put into, and of whether images may have several.
    """

    model: str
    decider: DecidedBy
    classifier: str
    names: str
    sentences: str


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """The promise that a share of some labels is right, and the checks made so far.

    Attributes:
        target: The share that is promised to be right, such as 0.98.
        confidence: How surely, such as 0.95: in so many of 100 promises it is true at least.
        seed: Decides which labels are checked, and in which order.
        labels: What is promised about; none of them a person's.
        basis: What they come from.
        plan: When the checks are enough.
        begun_at: Milliseconds since 1970, UTC.
        tries: Which try this is, from 1: each may spend less of the risk.
        number: Among all promises of the project of which a label was checked, undone ones too.
        population: How many labels there were when it was begun; more than `labels` where a part of
            them was given up.
        checks: In the order in which they were made.
        given_at: When the labels were given, in milliseconds since 1970; 0 before.
        is_ended: Whether it was given up.
        run_least: Where the labels are a random sample of those of a run: the least probability of
            these. None where they are not.
    """

    target: float
    confidence: float
    seed: int
    labels: PromisedLabels
    basis: Basis
    plan: Plan
    begun_at: int
    tries: int = 1
    number: int = 1
    population: int = 0
    checks: tuple[Check, ...] = field(default=())
    given_at: int = 0
    is_ended: bool = False
    run_least: float | None = None

    @property
    def wrong(self) -> int:
        """How many checks found a wrong label."""
        return sum(check.outcome != Outcome.RIGHT for check in self.checks)

    @property
    def is_over(self) -> bool:
        """Whether it failed or was given up, so that its checks are decisions like any others."""
        return self.is_ended or self.plan.is_hopeless(self.wrong)

    @property
    def checked_ids(self) -> NDArray[np.int64]:
        """The ids of the images that were checked, in that order."""
        return np.array([check.image for check in self.checks], np.int64)

    @property
    def is_checked(self) -> NDArray[np.bool_]:
        """Whether each of `labels` was checked."""
        return np.isin(self.labels.ids, self.checked_ids)
