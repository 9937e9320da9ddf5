"""Tests a regression on held-out decisions, to tell whether to use it."""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.domain.messages import Message
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.pipeline.learning.minimise import minimise
from nameplate.pipeline.learning.regression import (
    Floats,
    Regression,
    TrainingData,
    allowed,
    fit,
    loss_of,
)
from nameplate.scoring.scores import sigmoid, softmax

Rows = NDArray[np.int64]

LEAST_DECISIONS: Final = 20
"""With fewer no comparison means anything."""

LEAST_DESCRIBED: Final = 5
"""With fewer of images that have descriptors."""

LEAST_WEIGHT: Final = 0.25
_WEIGHTS: Final = (LEAST_WEIGHT, 0.5, 0.75, 1.0)
_OF_WEIGHT: Final = 2.0
"""How much more likely the whole weight must make the decisions, as a logarithm."""

MOST_JUDGED: Final = 2000
"""Of more decisions so many are held out: they say enough, and what it takes stays bounded."""

_FOLDS: Final = 10
_FOLDS_OF_MANY: Final = 5
_MANY: Final = 100
_MOST_AT_ONCE: Final = 100
_ALIKE: Final = (
    1e-4  # squared distance of what is the same to the model; of two images 2 on average
)
_ROWS: Final = 1000  # at a time, to bound memory
_LEAST_EVIDENCE: Final = 2.7  # standard errors of the loss and of what was won; see ADR 0030
_OF_FEW: Final = 20.0  # divided by the number of decisions: so many more
_USUAL_GAIN: Final = 0.1
"""Gains are about as large as this, before anything is known."""

_SHARPNESS_PRIOR: Final = 10.0

_LEAST_OF_NAME: Final = 5
_OF_ALONE: Final = 0.25  # of the decisions that a name's share of the undecided would have
_AS_OFTEN: Final = 0.7
_MOST_PASSED_OVER: Final = 0.1  # of the suggestions for undecided images; see ADR 0030


class HeldOut(NamedTuple):
    """The labels of n images, and their held-out logits."""

    known: TrainingData
    """Its offsets are the logits by names alone."""
    logits: Floats
    """n x K of a regression on the images of the other folds."""
    is_found: bool
    """Whether the search for every regression came to an end."""


class Tested(NamedTuple):
    """The accuracy and the confusions on held-out decisions.

    Attributes:
        right: The share of them that it has right.
        mixed_up: The column of the concept that an image shows, of the one that it was taken for,
            and how many images, most first; none where an image may show several.
    """

    decisions: int
    right: float
    mixed_up: tuple[tuple[int, int, int], ...]


class Checked(NamedTuple):
    """Decided images by the probability that is given to their suggestions without them.

    Where an image may show several concepts, pairs of image and concept count.

    Attributes:
        images: 101 counts: of those at least 0, 1, … 100% probable.
        right: 101 counts: how many of these are suggested rightly.
    """

    images: tuple[int, ...]
    right: tuple[int, ...]


class Unlearned(NamedTuple):
    """Decided images as they are scored without what was learned from them.

    Attributes:
        rows: n int64 rows of the images in their project.
        scores: R x n float32 scores, of the classifier in use.
    """

    rows: Rows
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for or against a learned classifier, from held-out decisions.

    Attributes:
        decisions: How many there are that something can be learned from.
        by_name: How many of them are for each concept, by its column.
        is_used: Whether it is in use; otherwise names alone are.
        gain: By how much more it is expected to get right than names alone, as a share, from
            decisions it was not fitted to; None where that cannot be said yet. It speaks of images
            that are chosen like the decided ones, and is cautious: what few decisions show counts
            in part.
        interval: Of the gain, with 95% confidence.
        why: Why names alone are in force; None where they are not.
        missing: How many more decisions are needed at least before anything can be learned.
        passed_over: The ids of concepts that hardly a decision is for, and whose images are left;
            as long as there are any, names alone are in force.
        tested: How what was learned did, used or not; None where it could not be tested.
        checked: How right the suggestions in use are from each probability on; None where it could
            not be tested.
        unlearned: The images that these figures are of; None where names alone are in force.
        taught_in: Where else something was taught that is in use here; empty for nowhere.
        is_taught_used: Whether that is in use: it got as many of the decisions right as names
            alone, or there are too few to tell.
    """

    decisions: int
    is_used: bool = False
    gain: float | None = None
    interval: tuple[float, float] | None = None
    why: Message | None = None
    missing: int = 0
    passed_over: tuple[ConceptId, ...] = ()
    tested: Tested | None = None
    checked: Checked | None = None
    unlearned: Unlearned | None = field(default=None, compare=False)
    taught_in: str = ""
    is_taught_used: bool = True
    by_name: tuple[int, ...] = ()

    @property
    def more_right(self) -> int:
        """How many more of 100 it is expected to get right: the one figure that is said of it."""
        return round(100 * (self.gain or 0))


def passed_over(
    of_undecided: NDArray[np.floating],
    of_decided: NDArray[np.floating],
    shown: NDArray[np.bool_],
    moments: Rows,
) -> dict[int, int]:
    """Return the columns of concepts that the decisions passed over.

    Whoever goes through a folder in its order has decided about the first kinds alone, and a
    regression on these takes the rest for one of them; decisions cannot show that. A concept counts
    that hardly a decision is for, and that decided images are suggested as less often than
    undecided ones are: one that the folder does not have is suggested as often among both.
    Decisions that were made one by one, and not on pages, may follow the order of a folder: the
    more of them there are, the more it takes of each concept. Fewer than five images are sooner
    decided than learned for: they are no sign that anything was passed over.

    Args:
        of_undecided: m x K logits or probabilities by names, of a sample of what is undecided.
        of_decided: n x K, of the decided images.
        shown: n x K, the concepts that each of these shows.
        moments: n, when each was decided, which those of a page share.

    Returns:
        How many more decisions each of them takes, those most often suggested first; none where few
        suggestions are about such concepts.
    """
    left, among = (
        np.bincount(found.argmax(axis=1), minlength=found.shape[1])
        for found in (of_undecided, of_decided)
    )
    share = left / max(len(of_undecided), 1)
    alone = _alone(moments)
    wanted = np.maximum(_LEAST_OF_NAME, np.ceil(_OF_ALONE * alone * share))
    missing = wanted.astype(np.int64) - shown.sum(axis=0)
    is_rarer = among < _AS_OFTEN * share * max(len(of_decided), 1)
    columns = np.flatnonzero((missing > 0) & is_rarer)
    count = int(left[columns].sum())
    if count < _LEAST_OF_NAME or count <= _MOST_PASSED_OVER * len(of_undecided):
        return {}
    columns = columns[np.argsort(-share[columns], kind="stable")]
    # Where so many of these are decided that fewer than five are left, that is enough, too.
    missing = np.minimum(missing, np.minimum(left, count - _LEAST_OF_NAME + 1))
    return dict(zip(columns.tolist(), missing[columns].tolist(), strict=True))


def are_mostly_alone(moments: Rows) -> bool:
    """Return whether half of n decisions or more were made one by one, and not on pages."""
    return 2 * _alone(moments) >= len(moments)


def _alone(moments: Rows) -> int:
    return int(np.count_nonzero(np.unique(moments, return_counts=True)[1] == 1))


def first_alike(points: Floats, stacks: Rows | None = None) -> Rows:
    """Return for each of n images the first that is nearly the same, which leads itself.

    Args:
        points: n, of which those are nearly the same that a model cannot tell apart.
        stacks: n numbers of stacks, whose images are nearly the same, too; -1 for none.
    """
    leaders, lengths = np.arange(len(points)), (points**2).sum(axis=1)
    for start in range(0, len(points), _ROWS):
        some = points[start : start + _ROWS]
        distances = lengths[start : start + _ROWS, None] + lengths - 2 * some @ points.T
        leaders[start : start + _ROWS] = (distances <= _ALIKE).argmax(axis=1)
    while (leaders[leaders] != leaders).any():
        leaders = leaders[leaders]
    if stacks is None:
        return leaders
    alone = stacks.max(initial=-1) + 1 + np.arange(len(stacks))
    return _joined(leaders, np.where(stacks < 0, alone, stacks))


def decided_together(moments: Rows, leaders: Rows) -> Rows:
    """Return n numbers that decisions share which are no evidence for one another.

    Pictures of a page were chosen together, so that they say much of one another and little of the
    rest; and so do pictures that are the same to the model. What more than 100 got at one moment is
    no page but an import.

    Args:
        moments: n, when each decision was made.
        leaders: n, see `first_alike`.
    """
    _, pages, sizes = np.unique(moments, return_inverse=True, return_counts=True)
    pages = np.where(sizes[pages] > _MOST_AT_ONCE, len(sizes) + np.arange(len(pages)), pages)
    return _joined(pages, leaders)


def _joined(*kinds: Rows) -> Rows:
    """Return for each of n images the first that it shares a number with, over others too."""
    numbers = np.arange(len(kinds[0]))
    while True:
        before = numbers
        for shared in kinds:
            lowest = np.full(int(shared.max(initial=0)) + 1, len(numbers))
            np.minimum.at(lowest, shared, numbers)
            numbers = lowest[shared]
        if np.array_equal(before, numbers):
            return numbers


def hold_out(
    known: TrainingData,
    together: Rows,
    leaders: Rows,
    whole: Regression,
    cancel: CancelToken = NEVER,
) -> HeldOut:
    """Return held-out logits of the decided images.

    Of images that are nearly the same only the first is kept: the others would be no evidence of
    their own.

    Args:
        known: What is known of n images.
        together: n numbers, at least two; images of one number are left out together.
        leaders: n, see `first_alike`.
        whole: The regression on all of them, from which the search for the others begins.
        cancel: Checked before each fit.
    """
    folds = _folds(known, together)
    logits, is_found = np.empty_like(known.offsets), whole.is_found
    for fold in np.unique(folds):
        cancel.raise_if_cancelled()
        is_out = folds == fold
        found = fit(known.take(~is_out), whole)
        is_found &= found.is_found
        logits[is_out] = found.logits(known.take(is_out))
    kept = np.unique(leaders)
    return HeldOut(known.take(kept), logits[kept], is_found)


def judge(held: HeldOut, decisions: int) -> Evidence:
    """Return whether the regression is better by enough that chance is no explanation.

    It must get more of the decisions right than names alone. How many more, and how much less it is
    surprised by them, each in standard errors, make the evidence; with few decisions it takes more
    of it. The surprise of both is that at the sharpness that suits them, or whatever is too sure of
    itself, as names are, would lose to anything.
    """
    known, count = held.known, len(held.known)
    change = is_right(held.logits, known) - is_right(known.offsets, known)
    won = float(change.sum() / np.sqrt(np.abs(change).sum() + 1))
    lead = _losses(known.offsets, known) - _losses(held.logits, known)
    error = float(lead.std(ddof=1)) / np.sqrt(count) if count > 1 else np.inf
    evidence = won + float(lead.mean()) / max(error, np.finfo(float).tiny)
    is_better = held.is_found and won > 0 and evidence > _LEAST_EVIDENCE + _OF_FEW / count
    why = None
    if not is_better:
        why = Message("nothing-learned-yet" if held.is_found else "learning-did-not-settle")
    return replace(evidence_in_use(held, decisions), is_used=bool(is_better), why=why)


def evidence_in_use(held: HeldOut, decisions: int) -> Evidence:
    """Return the evidence for a classifier that is in use, from its held-out logits."""
    right = is_right(held.logits, held.known)
    change = right - is_right(held.known.offsets, held.known)
    tested = Tested(len(held.known), float(right.mean()), _mixed_up(held))
    return Evidence(decisions, True, *_gain(change), tested=tested)


class Mixture(NamedTuple):
    """A weighted mean of the logits by names and those of a regression.

    Attributes:
        weight: Of the regression, 1/4 to 1; the rest is that of the names.
        sharpness: The factor of the mean.
        helps: Whether held-out decisions speak for it.
    """

    weight: float
    sharpness: float
    helps: bool

    def logits(self, by_names: Floats, learned: Floats) -> Floats:
        """Return the weighted mean (n x K), without `sharpness`."""
        return (1 - self.weight) * by_names + self.weight * learned


def mixture(held: HeldOut) -> Mixture:
    """Return the mixture with which held-out decisions are most likely, of those that help if any.

    One helps where decisions are likelier than with names alone, less `_OF_WEIGHT` times its
    weight, and one more of them is right.
    """
    alone = -float(_losses(held.known.offsets, held.known).sum())
    right = is_right(held.known.offsets, held.known).sum()
    least = Mixture(LEAST_WEIGHT, 1.0, helps=False)
    if not held.is_found:
        return least
    tried = list[tuple[bool, float, Mixture]]()
    for weight in _WEIGHTS:
        logits = least._replace(weight=weight).logits(held.known.offsets, held.logits)
        sharpness = sharpness_of(logits, held.known)
        likely = -float(loss_of(sharpness * logits, held.known)[0].sum()) - _OF_WEIGHT * weight
        helps = likely > alone and bool(is_right(logits, held.known).sum() >= right + 1)
        tried.append((helps, likely, Mixture(weight, sharpness, helps)))
    return max(tried, key=lambda one: one[:2])[2]


def _mixed_up(held: HeldOut) -> tuple[tuple[int, int, int], ...]:
    """Return which concepts were taken for which others, most often first; see `Tested`."""
    shown = held.known.shown
    if not held.known.exclusive:
        return ()
    pairs = np.stack([shown.argmax(axis=1), held.logits.argmax(axis=1)], axis=1)
    found, counts = np.unique(
        pairs[shown.any(axis=1) & (pairs[:, 0] != pairs[:, 1])], axis=0, return_counts=True
    )
    order = np.argsort(-counts, kind="stable").tolist()
    return tuple((int(found[n, 0]), int(found[n, 1]), int(counts[n])) for n in order)


def sharpness_of(logits: Floats, known: TrainingData) -> float:
    """Return the factor with which logits (n x K) fit best; 1 without any evidence.

    Below 1 they are less sure then. They are to be of a classifier that did not see what is known.
    """

    def loss(at: Floats) -> tuple[float, Floats]:
        sharp = np.exp(at[0]) * logits
        values, errors = loss_of(sharp, known)
        value = float(values.sum()) + _SHARPNESS_PRIOR / 2 * float(at[0] ** 2)
        return value, np.array([(errors * sharp).sum() + _SHARPNESS_PRIOR * at[0]])

    found = minimise(loss, np.zeros(1), gradient=1e-4 * max(1, len(known)))
    return float(np.exp(found.at[0])) if found.is_found else 1.0


def _losses(logits: Floats, known: TrainingData) -> Floats:
    """Return minus the log-likelihoods (n) at the sharpness that suits the logits."""
    return loss_of(sharpness_of(logits, known) * logits, known)[0]


def checked(logits: Floats, known: TrainingData) -> Checked:
    """Return how right n images' suggestions are from each probability on.

    Args:
        logits: n x K, of a classifier that did not see what is known.
        known: What is known of the images.
    """
    as_shown = logits.astype(np.float32)
    if known.exclusive:
        sure, right = softmax(as_shown).max(axis=1), is_right(logits, known) == 1
    else:
        is_known = known.shown | known.excluded
        sure, right = sigmoid(as_shown)[is_known], known.shown[is_known]
    is_above = sure >= np.arange(101)[:, None] / 100
    images, of_right = is_above.sum(axis=1), (is_above & right).sum(axis=1)
    return Checked(tuple(images.tolist()), tuple(of_right.tolist()))


def is_right(logits: Floats, known: TrainingData) -> Floats:
    """Return the share of each image's known labels that its suggestion has right (n)."""
    if known.exclusive:
        inside = allowed(known.shown, known.excluded)
        return inside[np.arange(len(known)), logits.argmax(axis=1)].astype(np.float64)
    right = np.where(logits >= 0, known.shown, known.excluded).sum(axis=1)
    return right / np.maximum((known.shown | known.excluded).sum(axis=1), 1)


def _folds(known: TrainingData, together: Rows) -> Rows:
    """Return the fold of each image: those of one concept are dealt out evenly.

    Images of one number in `together` are in one fold. Concepts follow one another as they first
    occur, so that their order does not matter.
    """
    none = known.shown.shape[1]
    concept = known.shown.argmax(axis=1)
    concept[~known.shown.any(axis=1)] = none
    _, first, group = np.unique(concept, return_index=True, return_inverse=True)
    order = np.argsort(first[group], kind="stable")
    _, places, page = np.unique(together[order], return_index=True, return_inverse=True)
    turn = np.argsort(np.argsort(places))
    folds = np.empty(len(known), dtype=np.int64)
    folds[order] = turn[page] % (_FOLDS if len(known) <= _MANY else _FOLDS_OF_MANY)
    return folds


def _gain(change: Floats) -> tuple[float, tuple[float, float]]:
    """Return the gain that the changes of n images lead one to expect, and its 95% interval.

    It is drawn towards nothing, the more the fewer images there are: what is put to use is what
    looked good, and part of that was luck. One change more is counted into the variance.
    """
    count, mean = len(change), float(change.mean())
    variance = max(float((change**2).sum()) + 1 - count * mean**2, 1.0) / count**2
    trust = _USUAL_GAIN**2 / (_USUAL_GAIN**2 + variance)
    half = 1.96 * float(np.sqrt(trust * variance))
    return trust * mean, (max(trust * mean - half, -1.0), min(trust * mean + half, 1.0))
