"""Images that fit none of the names, and copies with different labels."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.domain.stacks import Stacks, differing
from nameplate.features.quality.snapshot import Snapshot
from nameplate.project.label_changes import NO_ROWS, Rows
from nameplate.scoring.whitening import FOR_GROUPS, WhitenedSpace, sample_of

FEWEST: Final = 3
"""Decisions of each kind, “none of these” and a name, before they are learned from."""
_RIDGE: Final = 1.0
_OF_SCORE: Final = 0.5
_WEIGHT: Final = 2.0
"""Of what decisions say, in standard deviations of the score without them."""
_BLOCK: Final = 4096
_MOST_LISTED: Final = 240
_FEWEST_IMAGES: Final = 24
"""Images of which the ones that fit least are listed."""
_LEAST_LISTED: Final = 12
_SHARE_LISTED: Final = 50

Floats = NDArray[np.float32]


def misfits(of: Snapshot, cancel: CancelToken = NEVER) -> Rows:
    """Return the undecided images that fit the names least, the worst first; a fiftieth of all."""
    names, ready, labels = of.names, np.flatnonzero(of.is_read), of.project.labels
    if names is None or not of.label_concepts:
        return NO_ROWS
    fits = np.full(len(labels.all), np.nan, np.float32)
    columns = [place for place, one in enumerate(names.concepts) if not one.is_reject]
    for start in range(0, len(ready), _BLOCK):
        rows = ready[start : start + _BLOCK]
        fits[rows] = misfit(of.suggestions.scores.of(rows)[columns], names.head)
    is_known = ~np.isnan(fits)
    is_decided = of.is_there & (labels.decided_by == DecidedBy.PERSON)
    is_decided &= labels.states != ReviewState.SKIPPED
    none = np.flatnonzero(is_known & is_decided & ~labels.has_label)
    named = np.flatnonzero(is_known & is_decided & labels.has_label)
    if len(none) and len(named):
        spread = WhitenedSpace.of(sample_of(of.blocks, len(fits)), FOR_GROUPS)
        fits = with_decisions(fits, spread.place(of.blocks, cancel), none, named)
    left = np.flatnonzero(is_known & ~is_decided)
    if len(left) < _FEWEST_IMAGES:
        return NO_ROWS
    count = min(_MOST_LISTED, max(_LEAST_LISTED, len(left) // _SHARE_LISTED))
    return left[np.argsort(-fits[left], kind="stable")][:count]


def duplicates(of: Snapshot, stacks: Stacks) -> Rows:
    """Return the images of which an equal file, or a near-duplicate, has another label."""
    labels = of.project.labels
    codes = np.where(labels.has_label & of.is_there, labels.concepts, -1).astype(np.int64)
    numbers = stacks.numbers
    differs = np.append(differing(numbers, codes), False)  # the last is for -1, no stack
    rows = np.flatnonzero(differs[numbers] & (codes >= 0))
    return rows[np.argsort(numbers[rows], kind="stable")][:_MOST_LISTED]


def misfit(scores: Floats, head: Head) -> Floats:
    """Return how little each image fits any name; higher fits less, NaN without scores.

    The negative energy of W. Liu and others, “Energy-based Out-of-distribution Detection” (2020):
    the soft maximum of the scores. The scores of a folder of one kind of thing lie close together,
    so that it ranks the images of one folder and says nothing of another.

    Args:
        scores: K x n cosines of concepts that give a label.
        head: The model's; its scale is that of the soft maximum.
    """
    if not len(scores):
        return np.full(int(scores.shape[1]), np.nan, np.float32)
    highest: Floats = scores.max(axis=0)
    total: Floats = np.exp(np.float32(head.scale) * (scores - highest)).sum(axis=0)
    return np.negative(highest + np.log(total) / np.float32(head.scale), dtype=np.float32)


def with_decisions(
    misfits: Floats,
    vectors: Vectors,
    none: NDArray[np.int64],
    named: NDArray[np.int64],
) -> Floats:
    """Return `misfit` corrected by decisions; unchanged where there are too few.

    A ridge regression tells images that fit no name from those that got one.

    Args:
        misfits: N, of all images.
        vectors: N x d, of `WhitenedSpace.place`.
        none: Places of the images that were decided to be none of the names.
        named: Places of those that got a name.
    """
    if min(len(none), len(named)) < FEWEST:
        return misfits
    spread = max(float(np.nanstd(misfits)), 1e-9)
    standard = np.nan_to_num((misfits - np.nanmean(misfits)) / spread)
    # With the score among what it sees, the regression adds only what the score does not say.
    inputs = np.concatenate([vectors, _OF_SCORE * standard[:, None]], axis=1)
    rows = np.concatenate([none, named])
    signs = np.repeat([1.0, -1.0], [len(none), len(named)])
    # Each kind weighs the same, however many there are of it.
    weights = np.repeat([0.5 / len(none), 0.5 / len(named)], [len(none), len(named)]) * len(rows)
    known = inputs[rows]
    gram = (known.T * weights) @ known + _RIDGE * np.eye(inputs.shape[1])
    fitted = np.linalg.solve(gram, known.T @ (weights * signs))
    return (misfits + _WEIGHT * spread * (inputs @ fitted)).astype(np.float32)
