"""Fits a probe to decisions where there is evidence that it helps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.images import vectors_in
from nameplate.domain.messages import Message
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.pipeline.learning.decisions import SAMPLE, Decisions, prefixes
from nameplate.pipeline.learning.fitted import Fitted, TaughtElsewhere
from nameplate.pipeline.learning.guard import (
    LEAST_DECISIONS,
    LEAST_DESCRIBED,
    MOST_JUDGED,
    Evidence,
    HeldOut,
    Mixture,
    Unlearned,
    are_mostly_alone,
    checked,
    decided_together,
    evidence_in_use,
    first_alike,
    hold_out,
    is_right,
    judge,
    mixture,
    passed_over,
    sharpness_of,
)
from nameplate.pipeline.learning.probe import Probe
from nameplate.pipeline.learning.regression import (
    OF_DESCRIPTORS,
    Regression,
    TrainingData,
    fit,
    offsets_of,
)
from nameplate.scoring.classifier import score
from nameplate.scoring.whitening import principal_axes
from nameplate.scoring.zero_shot import ZeroShot

_MOST_NAMED: Final = 2

_BY_CHANCE: Final = -2
_LEAST_WRONG: Final = 2
"""Of fewer decisions than a comparison takes, what was taught elsewhere may have so many more wrong
than names alone; not where it has none of at least two right. See ADR 0049."""

_FEW: Final = 100
"""Of fewer decisions a classifier is never made surer of itself."""

_TINY: Final = 1e-12
"""Of images that are all the same."""


class Sample:
    """Images that stand for the whole folder, and the directions in which they differ.

    A probe is fitted in the coordinates of images along these, which are principal components of
    the descriptors, or of the embeddings where a model has no descriptors. Those of embeddings are
    each divided by the square root of its spread, so that a few strong ones, which seldom are what
    a person sorts by, do not drown the others. The mean squared length over the sample is 1.

    Attributes:
        judged: Whether learning passed its test on some decisions, by a digest of these.
    """

    def __init__(self, images: ImageVectors) -> None:
        self.images = images
        self.is_described = images.descriptors.shape[1] > 0
        self.judged = dict[bytes, bool]()

    @classmethod
    def of(cls, blocks: Sequence[ImageVectors]) -> "Sample":
        """Return that of a folder, always the same."""
        is_known = [np.isfinite(block.learnable[:, 0]) for block in blocks]
        rows = np.flatnonzero(np.concatenate([np.empty(0, np.bool_), *is_known]))
        if len(rows) > SAMPLE:
            rows = np.sort(np.random.default_rng(0).choice(rows, SAMPLE, replace=False))
        return cls(vectors_in(blocks, rows))

    @property
    def least_decisions(self) -> int:
        """With fewer decisions nothing is learned."""
        return LEAST_DESCRIBED if self.is_described else LEAST_DECISIONS

    @cached_property
    def directions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The mean (D or E) and a basis (of q columns); q is 0 where all images are the same."""
        mean, axes, squared = principal_axes(self.images.learnable.astype(np.float32))
        if self.is_described:
            return mean, axes / np.sqrt(max(float(squared.sum()), _TINY))
        spread = np.sqrt(squared)
        return mean, axes / np.sqrt(spread * spread.sum())

    def coordinates(self, images: ImageVectors) -> NDArray[np.float64]:
        """Return the coordinates (n x q) of n images."""
        mean, basis = self.directions
        return (images.learnable - mean) @ basis


def learn(
    names: ZeroShot,
    decisions: Decisions,
    sample: Sample,
    cancel: CancelToken = NEVER,
    undecided: ImageVectors | None = None,
    taught: TaughtElsewhere | None = None,
) -> Fitted:
    """Return a probe where the decisions show that it is better than the names, else the names.

    Args:
        names: The zero-shot classifier to start from, and to stay with until there is evidence.
        decisions: In terms of its concepts.
        sample: Of the collection.
        cancel: Checked between fits.
        undecided: Images that a classifier is wanted for, or some thousand of them; by default
            those of the sample.
        taught: What was learned elsewhere: it takes the place of the names as long as it has as
            many decisions right; see `_BY_CHANCE`.
    """
    cancel.raise_if_cancelled()
    usable = _usable(decisions, exclusive=names.is_exclusive)
    rest = sample.images if undecided is None else undecided
    rest = rest.take(np.asarray(np.isfinite(rest.embeddings).all(axis=1)))
    start, where, helps = names, "", True
    if taught is not None and isinstance(taught.classifier, Probe):
        helps = _helps(taught.classifier, names, usable)
        start, where = taught.classifier if helps else names, taught.where
    learned = _learned(start, usable, sample, rest, cancel)
    counts = tuple(usable.shown.sum(axis=0).tolist())
    about = replace(learned.evidence, by_name=counts, taught_in=where, is_taught_used=helps)
    return learned._replace(evidence=about)


def _helps(probe: Probe, names: ZeroShot, usable: Decisions) -> bool:
    """Return whether a probe that learned from no decision has as many right as names alone."""
    count, known = len(usable), _known(names, usable, np.empty((len(usable), 0)))
    right = is_right(_offsets(probe, usable.images), known)
    more = float((right - is_right(known.offsets, known)).sum())
    is_by_chance = count < LEAST_DECISIONS and (count < _LEAST_WRONG or right.any())
    return more >= (_BY_CHANCE if is_by_chance else 0)


@dataclass(frozen=True, slots=True)
class _Task:
    """All that a probe is fitted from.

    Attributes:
        known: What they say, with the coordinates of their images.
        undecided: Images that a classifier is wanted for.
    """

    start: ZeroShot | Probe
    usable: Decisions
    known: TrainingData
    sample: Sample
    undecided: ImageVectors
    cancel: CancelToken

    def prefix(self, rows: NDArray[np.int64]) -> "_Task":
        """Return the task as it was when only the decisions at `rows` were made."""
        later = np.ones(len(self.usable), np.bool_)
        later[rows] = False
        more = self.usable.images.take(later & self.usable.sampled)
        undecided = ImageVectors(
            np.concatenate([self.undecided.embeddings, more.embeddings]),
            np.concatenate([self.undecided.descriptors, more.descriptors]),
        )
        return replace(
            self, usable=self.usable.take(rows), known=self.known.take(rows), undecided=undecided
        )


class _CrossValidated:
    """A regression on all decisions, and the logits of regressions that were fitted without some.

    Attributes:
        held: Which of the decisions were held out.
    """

    def __init__(
        self,
        task: _Task,
        judged: NDArray[np.int64],
        leaders: NDArray[np.int64],
        pages: NDArray[np.int64],
    ) -> None:
        """Fit the regression.

        Args:
            task: The decisions.
            judged: Which of them are held out, copies among them.
            leaders: Of these, see `first_alike`.
            pages: Of these, see `decided_together`.
        """
        self.found, self.held = fit(task.known), judged[np.unique(leaders)]
        self._known, self._cancel = task.known.take(judged), task.cancel
        self._leaders, self._pages = leaders, pages

    @cached_property
    def by_page(self) -> HeldOut:
        """Logits without the pages of the images."""
        return self._held_out(self._pages)

    @cached_property
    def by_image(self) -> HeldOut:
        """Logits without the images and their copies alone.

        Undecided ones are nearer to what was decided than pages are to one another.
        """
        is_alone = np.array_equal(self._pages, self._leaders)
        return self.by_page if is_alone else self._held_out(self._leaders)

    def _held_out(self, together: NDArray[np.int64]) -> HeldOut:
        return hold_out(self._known, together, self._leaders, self.found, self._cancel)


def _learned(
    start: ZeroShot | Probe,
    usable: Decisions,
    sample: Sample,
    undecided: ImageVectors,
    cancel: CancelToken,
) -> Fitted:
    """Return a probe once it was better than `start`, before that `start`."""
    count, least = len(usable), sample.least_decisions
    if start.is_trivial or not start.concepts:
        return Fitted(start, evidence=Evidence(count, why=Message("too-few-concepts")))
    if count < least:
        return Fitted(start, evidence=_too_few(count, count, least))
    if (usable.shown == usable.shown[0]).all() and (usable.excluded == usable.excluded[0]).all():
        return Fitted(start, evidence=Evidence(count, why=Message("decisions-are-alike")))
    known = _known(start, usable, sample.coordinates(usable.images))
    if sample.is_described:
        known = replace(known, priors=OF_DESCRIPTORS)
    task = _Task(start, usable, known, sample, undecided, cancel)
    has_begun = any(_helped(task.prefix(rows)) for rows in prefixes(usable.order, least))
    validated = _cross_validated(task)
    if isinstance(validated, Evidence):
        return Fitted(start, evidence=validated)
    if not has_begun:
        by_names = checked(known.offsets, known)
        return Fitted(start, evidence=replace(_why_not(task, validated), checked=by_names))
    held = validated.by_image
    if sample.is_described:
        mixed = mixture(held)
        tested = held = held._replace(logits=mixed.logits(held.known.offsets, held.logits))
    else:
        tested = validated.by_page
        mixed = Mixture(1.0, min(1.0, sharpness_of(held.logits, held.known)), helps=True)
    if count < _FEW:
        mixed = mixed._replace(sharpness=min(1.0, mixed.sharpness))
    probe, logits = _probe(task, validated.found, mixed), mixed.sharpness * held.logits
    asked = usable.take(validated.held)
    scores = probe.with_logits(probe.weights.scores(asked.images), logits)
    evidence = replace(
        evidence_in_use(tested, count),
        checked=checked(logits, held.known),
        unlearned=Unlearned(asked.project_rows, scores),
    )
    return Fitted(probe, evidence=evidence)


def _why_not(task: _Task, validated: _CrossValidated) -> Evidence:
    """Return the evidence where learning is not in use."""
    passed = _passed_over(task)
    if passed and _speaks_for(task, validated):
        return passed
    evidence = judge(validated.by_page, len(task.usable))
    return replace(evidence, is_used=False, why=evidence.why or Message("nothing-learned-yet"))


def _speaks_for(task: _Task, validated: _CrossValidated) -> bool:
    """Return whether decisions that a regression did not see speak for it."""
    if task.sample.is_described:
        return mixture(validated.by_page).helps
    return judge(validated.by_page, len(task.usable)).is_used


def _helped(task: _Task) -> bool:
    """Return whether learning passed its test on some decisions; each is tested once a sample."""
    usable, judged = task.usable, task.sample.judged
    parts = (usable.images.embeddings[:, :4], usable.shown, usable.excluded, usable.made)
    digest = hashlib.sha256(repr((task.start.made_from, len(task.undecided.embeddings))).encode())
    for part in (*parts, *([] if usable.stacks is None else [usable.stacks])):
        digest.update(np.ascontiguousarray(part).tobytes())
    key = digest.digest()
    if key not in judged:
        validated = _cross_validated(task)
        is_better = not isinstance(validated, Evidence) and _speaks_for(task, validated)
        judged[key] = is_better and _passed_over(task) is None
    return judged[key]


def _cross_validated(task: _Task) -> _CrossValidated | Evidence:
    """Return a regression and its held-out logits, or why there can be none."""
    count = len(task.usable)
    some = np.arange(count)[:: -(-count // MOST_JUDGED)]
    stacks = None if task.usable.stacks is None else task.usable.stacks[some]
    leaders = first_alike(task.known.coordinates[some], stacks)
    if (different := len(np.unique(leaders))) < task.sample.least_decisions:
        return _too_few(count, different, task.sample.least_decisions)
    together = decided_together(task.usable.made[some], leaders)
    if (together == together[0]).all():
        return Evidence(count, why=Message("nothing-learned-yet"))
    return _CrossValidated(task, some, leaders, together)


def _passed_over(task: _Task) -> Evidence | None:
    """Return that nothing is learned until something is decided about concepts passed over.

    None where none were. Pages of images with descriptors go through no folder in its order, and
    what is learned from them was above names alone on every page of 24 replays.
    """
    start, usable, undecided = task.start, task.usable, task.undecided
    if task.sample.is_described and not are_mostly_alone(usable.made):
        return None
    of_undecided = score(start, undecided).probabilities
    of_decided = score(start, usable.images).probabilities
    missing = passed_over(of_undecided, of_decided, usable.shown, usable.made)
    if not missing:
        return None
    passed = [(start.concepts[column], count) for column, count in missing.items()]
    wanted = tuple(
        Message("more-of-name", {"count": count, "name": concept.name})
        for concept, count in passed[:_MOST_NAMED]
    )
    why = Message("names-passed-over", {"wanted": wanted})
    return Evidence(len(usable), why=why, passed_over=tuple(c.key for c, _ in passed))


def _offsets(start: ZeroShot | Probe, images: ImageVectors) -> NDArray[np.float64]:
    """Return the logits (n x K) that a regression starts from."""
    if not isinstance(start, Probe):
        probabilities = score(start, images).probabilities
        return offsets_of(probabilities, exclusive=start.is_exclusive)
    logits = start.logits(start.weights.scores(images)).astype(np.float64)
    return logits - logits.mean(axis=1, keepdims=True) if start.is_exclusive else logits


def _known(
    start: ZeroShot | Probe, usable: Decisions, coordinates: NDArray[np.float64]
) -> TrainingData:  # fmt: skip
    offsets = _offsets(start, usable.images)
    return TrainingData(coordinates, offsets, usable.shown, usable.excluded, start.is_exclusive)


def _usable(decisions: Decisions, *, exclusive: bool) -> Decisions:
    """Return the decisions to learn from, in an order that does not depend on the given one.

    Left out are images without finite vectors, what contradicts itself, and images of which
    nothing is said.
    """
    clash = decisions.shown & decisions.excluded
    shown, excluded = decisions.shown & ~clash, decisions.excluded & ~clash
    says_something = shown.any(axis=1) | excluded.any(axis=1)
    if exclusive:
        says_something &= ~clash.any(axis=1) & ~excluded.all(axis=1)
    for vectors in decisions.images:
        says_something &= np.isfinite(vectors).all(axis=1)
    rows = np.flatnonzero(says_something)
    whole = zip(decisions.images.embeddings[rows], shown[rows], excluded[rows], strict=True)
    keys = [b"".join(part.tobytes() for part in parts) for parts in whole]
    rows = rows[sorted(range(len(rows)), key=keys.__getitem__)]
    return replace(decisions, shown=shown, excluded=excluded).take(rows)


def _too_few(count: int, different: int, least: int) -> Evidence:
    """Return that nothing can be learned from this many decisions about different images."""
    missing = least - different
    return Evidence(count, why=Message("too-few-decisions"), missing=missing)


def _probe(task: _Task, found: Regression, mixed: Mixture) -> Probe:
    """Return the probe for a mixture of its start and a regression.

    Upon another probe both are one: their logits are sums of the same terms.
    """
    start, usable, sharp = task.start, task.usable, mixed.sharpness
    mean, basis = task.sample.directions
    learned = (sharp * mixed.weight * (basis @ found.vectors)).T
    bias = sharp * mixed.weight * found.bias - learned @ mean
    scale = sharp * (1 - mixed.weight + mixed.weight * found.scale)
    content = b"".join(
        part.tobytes() for part in (*usable.images, usable.shown, usable.excluded, usable.made)
    )
    none = np.empty((0, start.names.vectors.shape[1])), np.empty((0, 0))
    vectors, described = (none[0], learned) if task.sample.is_described else (learned, none[1])
    if isinstance(start, Probe):
        vectors = _sum(vectors, scale * start.vectors)
        described = _sum(described, scale * start.described)
        bias = bias + scale * start.bias
        scale, content = scale * start.scale, content + start.decisions.encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Probe(
        start.names,
        vectors.astype(np.float32),
        described.astype(np.float32),
        bias.astype(np.float32),
        scale,
        digest,
    )


def _sum(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the sum of two arrays, of which one may have no row."""
    return one + other if len(one) and len(other) else one if len(one) else other
