"""A promise about labels: which labels, what is promised, and the results of checks."""

import math
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.labels import DecidedBy
from nameplate.features.promise.facts import CHECKS, PROMISE, TRIES, Tries
from nameplate.features.promise.rules.counts import hypergeometric, log_factorial
from nameplate.project.project import Project

_ROUNDING: Final = 1e-9
_RISK: Final = 0.05
_STEPS: Final = 1000
"""Shares that are tried: the bound is rounded up to a thousandth."""

LEAST_SHARE: Final = 0.5
MOST_SHARE: Final = 0.999
"""What can be promised, and how surely: above it takes a check of nearly all."""

SHARE_OF_ALLOWED: Final = 0.2
"""How many of the errors that are allowed should be expected: with a fifth, 97 of 100 checks of
98% pass; with a half, 60."""

NO_TRIES: Final[Tries] = MappingProxyType({})


def number_of_try(tries: Tries, seed: int) -> int:
    """Return which try a promise with this seed is; the next one where it was never begun."""
    return tries.get(seed) or 1 + max(len(tries), *tries.values(), 0)


def joined_tries(first: Tries, second: Tries) -> Tries:
    """Return the tries of two lives that become one; those they share count once."""
    return {**second, **{seed: max(n, second.get(seed, 0)) for seed, n in first.items()}}


class Outcome(IntEnum):
    """The result of checking a label."""

    RIGHT = 0
    CORRECTED = 1
    """It was wrong, and has its right name now."""
    NAMELESS = 2
    """It was wrong or could not be seen, and the image is left without a name."""


@dataclass(frozen=True, slots=True)
class Check:
    """The check of one label; a blind one did not show it to the person."""

    image: int
    outcome: Outcome
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of checks after which its labels may be applied, by the number of wrong labels.

    Attributes:
        looks: After `looks[e]` checks where e were wrong; they rise.
        population: How many labels there are.
        allowed: How many of them may be wrong.
        risk: How often the whole plan lets a false promise pass at most.
        overlooked: The share of the wrong labels that the person who checks may overlook.
        is_corrected: Whether wrong labels that are found are corrected, so that they do not count
            in the end. Else the plan is about the labels as they were.
    """

    looks: tuple[int, ...]
    population: int
    allowed: int
    risk: float
    overlooked: float = 0.0
    is_corrected: bool = True

    def allowed_of(self, labels: int) -> int:
        """Return how many may be wrong where only so many of the labels are left, the same share.

        A picture that is left without a name has no label any more.
        """
        return self.allowed * labels // self.population

    def too_many(self, wrong: int) -> int:
        """Return how many wrong labels are too many once `wrong` of them were found.

        Counted are those that the person would find if all labels were checked. As many of those
        that were found as can be may have no label any more.
        """
        if not self.is_corrected:
            return math.floor(self.allowed * self._seen + _ROUNDING) + 1
        allowed = self.allowed_of(self.population - wrong)
        least = math.floor(allowed * self._seen + _ROUNDING) + 1 + wrong
        return min(least, math.ceil((allowed + 1 + wrong) * self._seen - _ROUNDING))

    @property
    def _seen(self) -> float:
        return 1 - self.overlooked

    def whole(self, wrong: int) -> int | None:
        """Return after how many checks the rest is too few to matter; None for no number."""
        left = self.too_many(wrong) - 1 - wrong
        return self.population - left if self.is_corrected and left >= 0 else None

    def needed(self, wrong: int) -> int | None:
        """Return how many checks it takes if `wrong` of them are wrong; None for no number."""
        return self.looks[wrong] if wrong < len(self.looks) else self.whole(wrong)

    def is_hopeless(self, wrong: int) -> bool:
        """Whether so many are wrong that only a check of nearly everything is enough."""
        if wrong < len(self.looks):
            return False
        is_small = bool(self.looks) and self.looks[-1] >= self.population - self.allowed
        return not is_small or self.whole(wrong) is None


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
        decider: Who decides labels that are applied: `AUTO` or `PROBE`. `GIVEN` where they came
            with the pictures: then `model` and `classifier` are empty, and
            `sentences` is of how many labels a picture may have.
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
        seed: Decides which labels are checked, and in which order. It follows from the labels, what
            is promised, and a number of the project that nobody chose.
        labels: What is promised about; none of them a person's; where they came with the pictures,
            all are as probable.
        basis: What they come from.
        plan: When the checks are enough.
        begun_at: Milliseconds since 1970, UTC.
        tries: Which try of the project's life it is, from 1: each may spend less of the risk.
        population: How many labels there were when it was begun; more than `labels` where a part of
            them was given up.
        checks: In the order in which they were made.
        applied_at: When the labels were applied, in milliseconds since 1970; 0 before.
        is_ended: Whether it was given up.
        pictures: A digest of the contents of the pictures when it was begun; empty where these were
            not known.
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
    population: int = 0
    checks: tuple[Check, ...] = field(default=())
    applied_at: int = 0
    is_ended: bool = False
    pictures: str = ""
    run_least: float | None = None

    @property
    def wrong(self) -> int:
        """How many checks found a wrong label."""
        return sum(check.outcome != Outcome.RIGHT for check in self.checks)

    @property
    def is_part(self) -> bool:
        """Whether the less sure labels were given up; it may spend what the next try may, too."""
        return self.population > len(self.labels)

    @property
    def nameless(self) -> int:
        """How many pictures were left without a name, and so without a label."""
        return sum(check.outcome == Outcome.NAMELESS for check in self.checks)

    @property
    def labelled(self) -> int:
        """How many of the pictures have a label in the end."""
        return len(self.labels) - self.nameless

    @property
    def is_of_given(self) -> bool:
        """Whether the labels came with the pictures."""
        return self.basis.decider is DecidedBy.GIVEN

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


def promise_in(project: Project) -> Promise | None:
    """Return what is promised of the labels of a project, with its checks; None for nothing."""
    promise = project.fact(PROMISE)
    return promise and replace(promise, checks=project.fact(CHECKS))


def tries_in(project: Project) -> Tries:
    """Return all promises that were ever begun, also where a file only has the last one itself."""
    promise = project.fact(PROMISE)
    return joined_tries(project.fact(TRIES), {promise.seed: promise.tries} if promise else {})


def surest(probability: NDArray[np.float32], target: float) -> NDArray[np.int64]:
    """Return the places of the surest labels, as many as keep the expected share of errors low.

    `probability` is calibrated: of each label being right; NaN is never offered.
    """
    known = np.flatnonzero(~np.isnan(probability))
    order = known[np.argsort(-probability[known], kind="stable")]
    errors = np.cumsum(1 - np.clip(probability[order].astype(np.float64), 0, 1))
    counts = np.arange(1, len(order) + 1)
    # The mean error only rises.
    fits = np.flatnonzero(errors <= SHARE_OF_ALLOWED * (1 - target) * counts)
    count = int(fits[-1]) + 1 if len(fits) else 0
    return np.sort(order[:count])


# ---- what blind checks say of the errors that people overlook where labels are shown


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Checks with the proposed label shown and without it, and how many of each were wrong."""

    shown: int
    shown_wrong: int
    blind: int
    blind_wrong: int

    @property
    def most_overlooked(self) -> float:
        """The share of the wrong labels that is overlooked at most where labels are shown.

        With 95% certainty, compared with what is found where they are hidden: the largest share
        under which so few of all wrong ones would be blind ones with a probability above 5%. 1
        where the checks show nothing, as with no wrong one among them.
        """
        found = self.shown_wrong + self.blind_wrong
        kept = 1 - np.arange(_STEPS + 1) / _STEPS
        with np.errstate(invalid="ignore", divide="ignore"):
            # Of wrong ones found, the share of blind ones, if so many of the shown ones are found.
            blind = np.nan_to_num(self.blind / (self.blind + self.shown * kept))[:, None]
            counts = np.arange(self.blind_wrong + 1)
            ways = log_factorial(found) - log_factorial(counts) - log_factorial(found - counts)
            chances = np.exp(ways) * blind**counts * (1 - blind) ** (found - counts)
        possible = np.flatnonzero(chances.sum(axis=1) > _RISK)
        return float(possible.max(initial=0) / _STEPS) if self.blind else 1.0

    @property
    def is_believed_too_easily(self) -> bool:
        """Whether the checks show that people find fewer errors where labels are shown.

        If it made no difference, so many of the errors would be blind ones seldom enough: with a
        probability of 5% at most.
        """
        found, total = self.shown_wrong + self.blind_wrong, self.shown + self.blind
        counts = np.arange(self.blind_wrong, found + 1)
        return float(hypergeometric(counts, self.blind, total, found).sum()) <= _RISK


def anchoring_of(promise: Promise) -> Anchoring:
    """Return how many checks of a promise were made with and without its label shown."""
    counts = {True: [0, 0], False: [0, 0]}
    for check in promise.checks:
        counts[check.is_blind][0] += 1
        counts[check.is_blind][1] += check.outcome != Outcome.RIGHT
    return Anchoring(*counts[False], *counts[True])
