"""Doubtful labels of a project: found on any thread from copies; nothing is changed."""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetFactOfImages
from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import BLOCK_ROWS, ImageState, by_block
from nameplate.domain.labels import LASTING, NO_LABEL, Labels
from nameplate.domain.progress import NEVER, CancelToken, Progress
from nameplate.domain.stacks import StackKind, Stacks, joined, same_files
from nameplate.features.quality.doubtful.doubts import Labelled, doubts_of
from nameplate.features.quality.facts import CALLED_RIGHT
from nameplate.features.quality.snapshot import Snapshot
from nameplate.project.label_changes import NO_ROWS, Rows
from nameplate.project.project import Project
from nameplate.scoring.near_duplicates import near_pairs_by_part
from nameplate.scoring.scores import log_softmax
from nameplate.scoring.whitening import principal_axes, sample_of

T = TypeVar("T")

LEAST_DOUBT: Final = 0.00005
"""A doubt that is 0 in the four digits that are written is none."""

DOUBTFUL: Final = 0.05
"""The least doubt that is worth a look: below, wrong labels are hardly found sooner than by random
checks; see docs/performance.md."""

_NONE, _SEVERAL = -1, -2

_HARD: Final = 4.5
_ALIKE: Final = 5.0
"""How far the sum of all doubts is from the number of wrong labels.

It is too high where pictures are hard to tell apart, by so many times what it would be if all
labels were right; and so many times too low where labels are wrong by likeness. This held in all
72 runs with known errors (docs/performance.md); only random checks tell more.
"""
_UNSEEN: Final = 5.0
"""Wrong labels that may be there although nothing is doubtful."""


class Reason(StrEnum):
    """The strongest evidence against a label; the value is its word in a file."""

    COPY = "copy"
    """A copy of the picture has another label."""
    PICTURES = "pictures"
    """It looks like pictures with another label."""
    NAME = "name"
    """Another name describes it better."""


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """The doubt of n labels: those of images that were read and have one.

    Attributes:
        rows: n rows of the images, ascending.
        labels: n of LABEL, as they were.
        given: n ids of the concepts.
        suggested: n ids: the likeliest other concept of each image.
        doubt: n: the probability that each label is wrong.
        order: Places of the labels with a doubt, the most doubtful first.
        reasons: n words of `Reason`.
        copies: n: the same number for copies of one picture.
        stacks: Of all images: equal files and near-duplicates.
        if_right: What `doubt` would add up to if no label were wrong; None if nothing was judged.
        unread: How many labelled images are not read or cannot be.
        several: How many have several labels.
    """

    rows: Rows
    labels: Labels
    given: NDArray[np.int32]
    suggested: NDArray[np.int32]
    doubt: NDArray[np.float64]
    order: Rows
    reasons: NDArray[np.str_]
    copies: NDArray[np.int64]
    stacks: Stacks
    if_right: float | None
    unread: int
    several: int

    @property
    def doubtful(self) -> Rows:
        """Places of the labels that a person should look at, the most doubtful first."""
        return self.order[self.doubt[self.order] >= DOUBTFUL]

    @property
    def wrong(self) -> tuple[float, float, float] | None:
        """The number of wrong labels: an estimate and its range; see `_HARD`."""
        if self.if_right is None:
            return None
        found, count = float(self.doubt.sum()), float(len(self.doubt))
        low = found - _HARD * self.if_right - 2 * found**0.5
        return found, max(0.0, low), min(count, _ALIKE * found + min(_UNSEEN, count))


def audit(of: Snapshot, cancel: CancelToken = NEVER) -> Generator[Progress, None, Audit]:
    """Yield the progress, and return the doubt of each decided or given label.

    With fewer than two names, or two different pictures, nothing speaks against a label.
    """
    places, is_read, start = _places(of), of.is_read, time.monotonic()
    rows = np.flatnonzero((places >= 0) & is_read)
    given, count = places[rows], len(rows)
    stacks = yield from _half(_stacks(of, cancel), 0, count, start)
    copies = _copies(stacks, rows)
    keys = np.array([concept.key for concept in of.label_concepts], np.int32)
    found = Audit(
        rows,
        of.project.labels.all[rows],
        keys[given],
        keys[given],
        np.zeros(count),
        rows[:0],
        np.full(count, Reason.PICTURES),
        copies,
        stacks,
        None,
        int(np.count_nonzero((places != _NONE) & ~is_read)),
        int(np.count_nonzero((places == _SEVERAL) & is_read)),
    )
    if len(keys) < 2 or not copies.any():
        return found
    names = _by_names(of, rows)
    work = doubts_of(Labelled(_points(of, rows, cancel), given, len(keys), copies, names), cancel)
    doubts = yield from _half(work, 1, count, start)
    logs = doubts.logs.copy()
    logs[np.arange(count), given] = -np.inf
    other = logs.argmax(axis=1)
    order = np.argsort(-doubts.wrong, kind="stable")
    return replace(
        found,
        suggested=keys[other],
        doubt=doubts.wrong,
        order=order[doubts.wrong[order] >= LEAST_DOUBT],
        reasons=_reasons(doubts.logs, names, given, other, copies),
        if_right=doubts.if_right,
    )


def _places(of: Snapshot) -> NDArray[np.int64]:
    """Return for each image the index in `label_concepts` of its one lasting label, or why none."""
    labels = of.project.labels
    keys = {concept.key: at for at, concept in enumerate(of.label_concepts)}
    members = map(labels.sets.members, range(len(labels.sets)))
    by_code = [
        keys.get(one[0], _NONE) if len(one) == 1 else (_SEVERAL if one else _NONE)
        for one in members
    ]
    is_lasting = of.is_there & np.isin(labels.decided_by, LASTING)
    return np.array(by_code, np.int64)[np.where(is_lasting, labels.concepts, NO_LABEL)]


def _reasons(
    logs: NDArray[np.float32],
    names: NDArray[np.float32] | None,
    given: NDArray[np.int64],
    other: NDArray[np.int64],
    copies: NDArray[np.int64],
) -> NDArray[np.str_]:
    lines = np.arange(len(given))
    has_other = np.zeros((int(copies.max()) + 1, logs.shape[1]), np.bool_)
    has_other[copies, given] = True
    by_copy = has_other[copies, other]
    reasons = np.where(by_copy, Reason.COPY, Reason.PICTURES)
    if names is not None:
        against = names[lines, other] - names[lines, given]
        by_name = 2 * against > logs[lines, other] - logs[lines, given]
        reasons[by_name & ~by_copy] = Reason.NAME
    return reasons


def _half(
    work: Generator[float, None, T], place: int, count: int, start: float
) -> Generator[Progress, None, T]:
    """Yield the progress of the first half (0) or the second (1), and return the result."""
    while True:
        try:
            share = (place + next(work)) / 2
        except StopIteration as end:
            return end.value
        yield Progress(round(share * count), count, time.monotonic() - start)


def _stacks(of: Snapshot, cancel: CancelToken) -> Generator[float, None, Stacks]:
    """Yield the share that is done, and return the stacks of equal files and near-duplicates."""
    near = [np.empty((0, 2), np.int64)]
    for done, part in near_pairs_by_part(of.blocks, cancel=cancel):
        near.append(part)
        yield done
    contents = of.project.images.contents
    same = same_files(contents, contents["size"] >= 0)
    pairs = {StackKind.SAME_FILE: same, StackKind.COPY: np.concatenate(near)}
    return joined(pairs, len(contents))


def _copies(stacks: Stacks, rows: Rows) -> NDArray[np.int64]:
    """Return a number from 0 for each of `rows`, the same for copies of one picture."""
    numbers = stacks.of(rows)
    alone = -1 - np.arange(len(numbers))
    return np.unique(np.where(numbers < 0, alone, numbers), return_inverse=True)[1]


def _points(of: Snapshot, rows: Rows, cancel: CancelToken) -> NDArray[np.float32]:
    """Return n x q coordinates of the images along the axes in which they differ.

    Each is divided by the root of its spread, so that a few wide axes don't drown the others; the
    mean squared length is about 1.
    """
    mean, axes, squared = principal_axes(sample_of(of.blocks, len(of.project.images)))
    spread = np.sqrt(squared)
    basis = (axes / np.sqrt(spread * spread.sum())).astype(np.float32)
    points = np.empty((len(rows), basis.shape[1]), np.float32)
    for number, places in by_block(rows):
        cancel.raise_if_cancelled()
        block = of.blocks[number][rows[places] - number * BLOCK_ROWS]
        points[places] = (block - mean.astype(np.float32)) @ basis
    return points


def _by_names(of: Snapshot, rows: Rows) -> NDArray[np.float32] | None:
    """Return n x K logarithms of the probabilities by names; None where there is no model."""
    names = of.names
    if names is None:
        return None
    columns = [names.concepts.index(concept) for concept in of.label_concepts]
    logits = np.float32(names.head.scale) * of.suggestions.scores.of(rows)[columns].T
    return log_softmax(logits, np.float32)


def doubtful_places(project: Project, found: Audit | None) -> Rows:
    """Return the places of the labels that are doubtful and open, the most doubtful first.

    A label that was changed or decided since, or called right, is none of them; neither is one of
    an image or a concept that is gone.
    """
    if found is None:
        return NO_ROWS
    images, places = project.images, found.doubtful
    rows = found.rows[places]
    known = [concept.key for concept in project.concepts]
    is_open = np.isin(found.given[places], known) & np.isin(found.suggested[places], known)
    is_open &= same_labels(project, rows, found.labels[places])
    is_open &= ~images.is_removed[rows] & (images.states[rows] == ImageState.READY)
    is_open &= ~is_called_right(project, rows)
    return places[is_open]


def same_labels(project: Project, rows: Rows, before: Labels) -> NDArray[np.bool_]:
    """Return whether each image has the label that it had before, from the same decision."""
    now = project.labels.all[rows]
    parts = ("concepts", "decided_by", "decided_at")
    return np.logical_and.reduce([now[part] == before[part] for part in parts])


def call_right(project: Project, rows: Rows) -> SetFactOfImages[frozenset[ConceptId]]:
    """Return the change by which a person calls the labels of some images right as they are."""
    ids = project.images.ids
    labels = {int(ids[row]): frozenset(project.labels.members(row)) for row in rows.tolist()}
    return SetFactOfImages(CALLED_RIGHT, labels)


def is_called_right(project: Project, rows: Rows) -> NDArray[np.bool_]:
    """Return which of some images a person called right with the labels that they have now."""
    said, ids, labels = project.fact_of_images(CALLED_RIGHT), project.images.ids, project.labels
    found = np.zeros(len(rows), np.bool_)
    for place, (row, key) in enumerate(zip(rows.tolist(), ids[rows].tolist(), strict=True)):
        found[place] = key in said and said[key] == frozenset(labels.members(row))
    return found
