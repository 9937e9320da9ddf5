"""Learns from decisions, and says with what evidence."""

import hashlib
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.messages import Message
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.pipeline.learning.decisions import Decisions
from nameplate.pipeline.learning.fitted import TaughtElsewhere
from nameplate.pipeline.learning.guard import (
    LEAST_DECISIONS,
    MOST_JUDGED,
    Evidence,
    decided_together,
    first_alike,
    hold_out,
    is_right,
    judge,
    passed_over,
    sharpness_of,
)
from nameplate.pipeline.learning.probe import Probe
from nameplate.pipeline.learning.regression import Regression, TrainingData, fit, offsets_of
from nameplate.scoring.classifier import Classifier, score, scores_of
from nameplate.scoring.whitening import principal_axes
from nameplate.scoring.zero_shot import ZeroShot

_MOST_NAMED: Final = 2

_BY_CHANCE: Final = -2
_LEAST_WRONG: Final = 2
"""Of fewer decisions than a comparison takes, what was taught elsewhere may have so many more wrong
than names alone; not where it has none of at least two right. See ADR 0049."""


class Sample:
    """Images that stand for the whole folder, and the directions in which they differ.

    A probe is fitted in the coordinates of images along these, which are principal components. Each
    is divided by the square root of its spread, so that a few strong ones, which seldom are what a
    person sorts by, do not drown the others. Their mean squared length over the sample is 1.
    """

    def __init__(self, embeddings: Vectors) -> None:
        """Take the embeddings of some thousand images (m x D)."""
        self.embeddings = embeddings

    @cached_property
    def directions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The mean (D) and a basis (D x q); q is 0 where all images are the same."""
        mean, axes, squared = principal_axes(self.embeddings)
        spread = np.sqrt(squared)
        return mean, axes / np.sqrt(spread * spread.sum())

    def coordinates(self, embeddings: Vectors) -> NDArray[np.float64]:
        """Return the coordinates (n x q) of n embeddings."""
        mean, basis = self.directions
        return (embeddings - mean) @ basis


class Learned(NamedTuple):
    """The best classifier that the decisions allow, which may be the names alone."""

    classifier: Classifier
    evidence: Evidence


def learn(
    names: ZeroShot,
    decisions: Decisions,
    sample: Sample,
    cancel: CancelToken = NEVER,
    undecided: Vectors | None = None,
    taught: TaughtElsewhere | None = None,
) -> Learned:
    """Return a probe where the decisions show that it is better than the names, else the names.

    Args:
        names: The zero-shot classifier to start from, and to stay with until there is evidence.
        decisions: In terms of its concepts.
        sample: Of the collection.
        cancel: Checked between fits.
        undecided: Embeddings of images that a classifier is wanted for, or some thousand of them;
            by default those of the sample.
        taught: What was learned elsewhere: it takes the place of the names as long as it has as
            many decisions right; see `_BY_CHANCE`.
    """
    cancel.raise_if_cancelled()
    usable = _usable(decisions, exclusive=names.is_exclusive)
    rest = sample.embeddings if undecided is None else undecided
    start, where, helps = names, "", True
    if taught is not None and isinstance(taught.classifier, Probe):
        helps = _helps(taught.classifier, names, usable)
        start, where = taught.classifier if helps else names, taught.where
    learned = _learned(start, usable, sample, rest, cancel)
    counts = tuple(usable.shown.sum(axis=0).tolist())
    about = replace(learned.evidence, by_name=counts, taught_in=where, is_taught_used=helps)
    return Learned(learned.classifier, about)


def _helps(probe: Probe, names: ZeroShot, usable: Decisions) -> bool:
    """Return whether a probe that learned from no decision has as many right as names alone."""
    count, known = len(usable), _known(names, usable, np.empty((len(usable), 0)))
    right = is_right(_offsets(probe, usable.embeddings), known)
    more = float((right - is_right(known.offsets, known)).sum())
    is_by_chance = count < LEAST_DECISIONS and (count < _LEAST_WRONG or right.any())
    return more >= (_BY_CHANCE if is_by_chance else 0)


def _learned(
    start: ZeroShot | Probe,
    usable: Decisions,
    sample: Sample,
    undecided: Vectors,
    cancel: CancelToken,
) -> Learned:
    """Return a probe where it is better than what it starts from, else that."""
    count = len(usable)
    if start.is_trivial or not start.concepts:
        return Learned(start, Evidence(count, why=Message("too-few-concepts")))
    if count < LEAST_DECISIONS:
        return Learned(start, _too_few(count, count))
    if (usable.shown == usable.shown[0]).all() and (usable.excluded == usable.excluded[0]).all():
        return Learned(start, Evidence(count, why=Message("decisions-are-alike")))
    evidence, probe = _fitted(start, usable, sample, cancel)
    if probe and (passed := _passed_over(start, usable, undecided)):
        return Learned(start, passed)
    return Learned(probe or start, evidence)


def _passed_over(start: ZeroShot | Probe, usable: Decisions, undecided: Vectors) -> Evidence | None:
    """Return that nothing is learned until something is decided about concepts passed over.

    None where none were.
    """
    undecided = undecided[np.isfinite(undecided).all(axis=1)]
    of_undecided = score(start, undecided).probabilities
    of_decided = score(start, usable.embeddings).probabilities
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


def _offsets(start: ZeroShot | Probe, embeddings: Vectors) -> NDArray[np.float64]:
    """Return the logits (n x K) that a regression starts from."""
    if not isinstance(start, Probe):
        probabilities = score(start, embeddings).probabilities
        return offsets_of(probabilities, exclusive=start.is_exclusive)
    logits = start.logits(scores_of(start, embeddings)).astype(np.float64)
    return logits - logits.mean(axis=1, keepdims=True) if start.is_exclusive else logits


def _known(
    start: ZeroShot | Probe, usable: Decisions, coordinates: NDArray[np.float64]
) -> TrainingData:  # fmt: skip
    offsets = _offsets(start, usable.embeddings)
    return TrainingData(coordinates, offsets, usable.shown, usable.excluded, start.is_exclusive)


def _fitted(
    start: ZeroShot | Probe,
    usable: Decisions,
    sample: Sample,
    cancel: CancelToken,
) -> tuple[Evidence, Probe | None]:
    """Return the probe for decisions, None where it has not proved itself, and the evidence."""
    count, coordinates = len(usable), sample.coordinates(usable.embeddings)
    known = _known(start, usable, coordinates)
    some = np.arange(count)[:: -(-count // MOST_JUDGED)]
    stacks = None if usable.stacks is None else usable.stacks[some]
    judged, leaders = known.take(some), first_alike(coordinates[some], stacks)
    if (different := len(np.unique(leaders))) < LEAST_DECISIONS:
        return _too_few(count, different), None
    together = decided_together(usable.made[some], leaders)
    if (together == together[0]).all():
        return Evidence(count, why=Message("nothing-learned-yet")), None
    found = fit(known)
    unseen = hold_out(judged, together, leaders, found, cancel)
    evidence = judge(unseen, count)
    if not evidence.is_used:
        return evidence, None
    if (together != leaders).any():  # what is left is nearer to what was decided than pages are
        unseen = hold_out(judged, leaders, leaders, found, cancel)
    sharpness = min(1.0, sharpness_of(unseen.logits, unseen.known))
    return evidence, _probe(start, found, sample, sharpness, usable)


def _usable(decisions: Decisions, *, exclusive: bool) -> Decisions:
    """Return the decisions to learn from, in an order that does not depend on the given one.

    Left out are images without a finite embedding, what contradicts itself, and images of which
    nothing is said.
    """
    clash = decisions.shown & decisions.excluded
    shown, excluded = decisions.shown & ~clash, decisions.excluded & ~clash
    says_something = shown.any(axis=1) | excluded.any(axis=1)
    if exclusive:
        says_something &= ~clash.any(axis=1) & ~excluded.all(axis=1)
    rows = np.flatnonzero(says_something & np.isfinite(decisions.embeddings).all(axis=1))
    whole = zip(decisions.embeddings[rows], shown[rows], excluded[rows], strict=True)
    keys = [b"".join(part.tobytes() for part in parts) for parts in whole]
    rows = rows[sorted(range(len(rows)), key=keys.__getitem__)]
    made = decisions.made[rows]
    stacks = None if decisions.stacks is None else decisions.stacks[rows]
    return Decisions(decisions.embeddings[rows], shown[rows], excluded[rows], made, stacks)


def _too_few(count: int, different: int) -> Evidence:
    """Return that nothing can be learned from this many decisions about different images."""
    missing = LEAST_DECISIONS - different
    return Evidence(count, why=Message("too-few-decisions"), missing=missing)


def _probe(
    start: ZeroShot | Probe,
    found: Regression,
    sample: Sample,
    sharpness: float,
    usable: Decisions,
) -> Probe:
    """Return the classifier for a regression in coordinates, its logits times `sharpness`.

    Upon another probe both are one: their logits are sums of the same terms.
    """
    mean, basis = sample.directions
    vectors = sharpness * (basis @ found.vectors).T
    bias, scale = sharpness * found.bias - vectors @ mean, sharpness * found.scale
    learned_from = [usable.embeddings, usable.shown, usable.excluded]
    content = b"".join(part.tobytes() for part in learned_from)
    if isinstance(start, Probe):
        vectors, bias = vectors + scale * start.vectors, bias + scale * start.bias
        scale, content = scale * start.scale, content + start.decisions.encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    single = vectors.astype(np.float32), bias.astype(np.float32)
    return Probe(start.names, *single, scale, digest)
