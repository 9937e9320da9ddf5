"""The audit of given labels: which are probably wrong, found on any thread; nothing is changed."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.images import BLOCK_ROWS, Contents, ImageState, by_block
from nameplate.domain.labels import NO_LABEL, DecidedBy
from nameplate.domain.progress import NEVER, CancelToken, Progress
from nameplate.domain.records import LabelRecord
from nameplate.domain.stacks import StackKind, joined, same_files
from nameplate.features.audit.doubts import Labelled, doubts_of, log_softmax
from nameplate.features.audit.suspects_csv import Suspect
from nameplate.features.exchange.given import given_in
from nameplate.features.exchange.import_plan import ImportPlan, PlanBuilder, TooManyNamesError
from nameplate.imaging.scan import relative_names
from nameplate.project.labelling import NO_ROWS, Rows
from nameplate.project.project import Project
from nameplate.scoring.near_duplicates import near_pairs_by_part
from nameplate.scoring.score_matrix import ScoreMatrix
from nameplate.scoring.spread import principal_axes, sample_of
from nameplate.scoring.suggestions import Suggestions
from nameplate.scoring.zero_shot import ZeroShot

T = TypeVar("T")

LEAST_DOUBT: Final = 0.00005
"""A doubt that is 0 in the four digits that are written is none."""

DOUBTFUL: Final = 0.05
"""The least doubt that is worth a look: below, wrong labels are hardly found sooner than by random
checks; see ADR 48."""

_HARD: Final = 4.5
_ALIKE: Final = 5.0
"""How far the sum of all doubts is from the number of wrong labels.

It is too high where pictures are hard to tell apart, by so many times what it would be if all
labels were right; and so many times too low where labels are wrong by likeness. This held in all
72 runs with known errors of ADR 48; only random checks tell more.
"""
_UNSEEN: Final = 5.0
"""Wrong labels that may be there although nothing is doubtful."""


class Reason(StrEnum):
    """What speaks most against a given label; the value is its word in a file."""

    COPY = "copy"
    """A copy of the picture has another label."""
    PICTURES = "pictures"
    """It looks like pictures with another label."""
    NAME = "name"
    """Another name describes it better."""


@dataclass(frozen=True, slots=True)
class Material:
    """Copies of what is audited, a row an image; embeddings and scores are shared.

    Attributes:
        concepts: The names that give labels.
        names: The zero-shot classifier of all names; None where there is none yet.
        scores: As in `Suggestions`.
        blocks: Embeddings.
        contents: Of the files.
        rows: Of n images that can be judged: read, with one given label.
        given: n places among `concepts`.
        unread: How many images with a given label are not read or cannot be.
        several: How many have several given labels.
    """

    concepts: tuple[Concept, ...]
    names: ZeroShot | None
    scores: ScoreMatrix
    blocks: Sequence[Vectors]
    contents: Contents
    rows: Rows
    given: NDArray[np.int64]
    unread: int
    several: int

    @classmethod
    def of(cls, project: Project, suggestions: Suggestions) -> "Material":
        """Return what is to be audited in a project: all labels as they came with the pictures.

        What a person made of them changes no doubt, so that the rest is as doubtful as before.
        """
        images, labels = project.images, project.labels
        concepts = tuple(concept for concept in project.concepts if not concept.is_reject)
        codes = given_in(project).of(images.ids)
        codes = np.where(labels.decided_by == DecidedBy.GIVEN, labels.concepts, codes)
        shown = labels.sets.flags_of(concept.key for concept in concepts)
        is_given = (codes != NO_LABEL) & ~images.is_removed
        is_one = (shown.sum(axis=1) == 1)[codes]
        is_read = images.states == ImageState.READY
        rows = np.flatnonzero(is_given & is_one & is_read)
        classifier = suggestions.classifier
        return cls(
            concepts,
            classifier.names if classifier else None,
            suggestions.scores,
            images.blocks(),
            images.contents.copy(),
            rows,
            shown.argmax(axis=1)[codes[rows]],
            int(np.count_nonzero(is_given & ~is_read)),
            int(np.count_nonzero(is_given & is_read & ~is_one)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What was found of n given labels.

    Attributes:
        material: What was looked at.
        doubt: n: the probability that each label is wrong.
        order: Places of the labels with a doubt, the most doubtful first.
        suggested: n places among the concepts: what each image shows most probably.
        reasons: n words of `Reason`: what speaks most against each label.
        if_right: What `doubt` would add up to if no label were wrong; None if nothing was judged.
    """

    material: Material
    doubt: NDArray[np.float64]
    order: Rows
    suggested: NDArray[np.int64]
    reasons: NDArray[np.str_]
    if_right: float | None = None

    @property
    def doubtful(self) -> Rows:
        """Places of the labels that a person should look at, the most doubtful first."""
        return self.order[self.doubt[self.order] >= DOUBTFUL]

    @property
    def wrong(self) -> tuple[float, float, float] | None:
        """How many labels are wrong: an estimate, and between what it lies; see `_HARD`."""
        if self.if_right is None:
            return None
        found, count = float(self.doubt.sum()), float(len(self.doubt))
        low = found - _HARD * self.if_right - 2 * found**0.5
        return found, max(0.0, low), min(count, _ALIKE * found + min(_UNSEEN, count))


def audit(material: Material, cancel: CancelToken = NEVER) -> Generator[Progress, None, Audit]:
    """Yield how far it is, and return which of the given labels are probably wrong.

    With fewer than two names, or two different pictures, nothing speaks against a label.
    """
    rows, given, count = material.rows, material.given, len(material.rows)
    start = time.monotonic()
    copies = yield from _half(_copies(material, cancel), 0, count, start)
    if len(material.concepts) < 2 or not copies.any():
        none = np.zeros(count)
        return Audit(material, none, rows[:0], given, np.full(count, Reason.PICTURES))
    names, lines = _by_names(material), np.arange(count)
    points, labels = _points(material, cancel), len(material.concepts)
    doubts = doubts_of(Labelled(points, given, labels, copies, names), cancel)
    found = yield from _half(doubts, 1, count, start)
    logs = found.logs.copy()
    logs[lines, given] = -np.inf
    suggested = logs.argmax(axis=1)
    has_other = np.zeros((int(copies.max()) + 1, len(material.concepts)), np.bool_)
    has_other[copies, given] = True
    by_copy = has_other[copies, suggested]
    reasons = np.where(by_copy, Reason.COPY, Reason.PICTURES)
    if names is not None:
        against = names[lines, suggested] - names[lines, given]
        by_name = 2 * against > found.logs[lines, suggested] - found.logs[lines, given]
        reasons[by_name & ~by_copy] = Reason.NAME
    order = np.argsort(-found.wrong, kind="stable")
    order = order[found.wrong[order] >= LEAST_DOUBT]
    return Audit(material, found.wrong, order, suggested, reasons, found.if_right)


def _half(
    work: Generator[float, None, T], place: int, count: int, start: float
) -> Generator[Progress, None, T]:
    """Yield how far it is, the first half (0) or the second (1), and return what it returns."""
    while True:
        try:
            share = (place + next(work)) / 2
        except StopIteration as end:
            return end.value
        yield Progress(round(share * count), count, time.monotonic() - start)


def labels_of_folders(project: Project) -> ImportPlan:
    """Return the names of the folders that pictures lie in as their labels.

    Raises:
        UsageError: There are too many folders.
    """
    builder = PlanBuilder(project.images.ids)
    for row, path in enumerate(project.images.paths):
        if project.images.is_removed[row]:
            continue
        record = LabelRecord(row + 1, str(path), (path.parent.name,))
        try:
            builder.add(row, record, by_content=False)
        except TooManyNamesError as error:
            raise UsageError(error.reason, where=path.parent) from error
    return builder.finished()


def suspects_of(project: Project, found: Audit, places: Rows) -> Iterator[Suspect]:
    """Yield what is said of labels in some places of what was found."""
    material, names = found.material, [concept.name for concept in found.material.concepts]
    paths = relative_names(project.images.paths.texts)
    for place in places.tolist():
        yield Suspect(
            paths[int(material.rows[place])],
            names[int(material.given[place])],
            names[int(found.suggested[place])],
            round(float(found.doubt[place]), 4),
            str(found.reasons[place]),
        )


def doubtful_rows(project: Project, found: Audit | None) -> Rows:
    """Return the rows of given labels that may be wrong and nobody judged, the worst first.

    Without those that are other ones by now, or of which a name is gone.
    """
    if found is None:
        return NO_ROWS
    images, labels, material = project.images, project.labels, found.material
    places = found.doubtful
    rows = material.rows[places]
    keys = np.array([concept.key for concept in material.concepts], np.int32)
    is_known = np.isin(keys, [concept.key for concept in project.concepts])
    given, suggested = material.given[places], found.suggested[places]
    is_same = labels.concepts[rows] == labels.sets.codes_of(keys)[given]
    is_open = is_same & (labels.decided_by[rows] == DecidedBy.GIVEN)
    is_open &= is_known[given] & is_known[suggested]
    return rows[is_open & ~images.is_removed[rows] & (images.states[rows] == ImageState.READY)]


def counts_by_name(project: Project, doubtful: Rows) -> NDArray[np.int64]:
    """Return how many labels came, are doubtful, were checked, and were corrected: K x 4.

    A row for each concept of the project; one picture may count for several.
    """
    given, images, labels = given_in(project), project.images, project.labels
    is_known = np.isin(given.ids, images.ids)
    rows, codes = np.searchsorted(images.ids, given.ids[is_known]), given.concepts[is_known]
    is_there = ~images.is_removed[rows]
    rows, codes = rows[is_there], codes[is_there]
    is_checked = labels.decided_by[rows] == DecidedBy.PERSON
    which = (
        np.ones(len(rows), np.bool_),
        np.isin(rows, doubtful),
        is_checked,
        is_checked & (labels.concepts[rows] != codes),
    )
    counts = [labels.sets.counts(codes[one]) for one in which]
    keys = [concept.key for concept in project.concepts]
    return np.array([[of.get(key, 0) for of in counts] for key in keys], np.int64).reshape(-1, 4)


def worst_names(counts: NDArray[np.int64]) -> list[int]:
    """Return the rows of `counts_by_name`, those with most doubtful and corrected labels first."""
    _, doubtful, _, corrected = counts.T
    order: list[int] = np.lexsort((-corrected, -doubtful)).tolist()
    return order


def _copies(material: Material, cancel: CancelToken) -> Generator[float, None, NDArray[np.int64]]:
    """Yield the share that is done, and return a number for each judged image.

    They are from 0; copies of one picture have the same.
    """
    same = same_files(material.contents, material.contents["size"] >= 0)
    near = [np.empty((0, 2), np.int64)]
    for done, part in near_pairs_by_part(material.blocks, cancel=cancel):
        near.append(part)
        yield done
    pairs = {StackKind.SAME_FILE: same, StackKind.COPY: np.concatenate(near)}
    stacks = joined(pairs, len(material.contents))
    numbers = stacks.of(material.rows)
    alone = -1 - np.arange(len(numbers))
    return np.unique(np.where(numbers < 0, alone, numbers), return_inverse=True)[1]


def _points(material: Material, cancel: CancelToken) -> NDArray[np.float32]:
    """Return n x q coordinates of the images along the axes in which they differ.

    Each is divided by the root of its spread, so that a few wide axes don't drown the others; the
    mean squared length is about 1.
    """
    rows = material.rows
    mean, axes, squared = principal_axes(sample_of(material.blocks, len(material.contents)))
    spread = np.sqrt(squared)
    basis = (axes / np.sqrt(spread * spread.sum())).astype(np.float32)
    points = np.empty((len(rows), basis.shape[1]), np.float32)
    for number, places in by_block(rows):
        cancel.raise_if_cancelled()
        block = material.blocks[number][rows[places] - number * BLOCK_ROWS]
        points[places] = (block - mean.astype(np.float32)) @ basis
    return points


def _by_names(material: Material) -> NDArray[np.float32] | None:
    """Return n x K logarithms of the probabilities by names; None where there is no model."""
    names = material.names
    if names is None:
        return None
    columns = [names.concepts.index(concept) for concept in material.concepts]
    logits = np.float32(names.head.scale) * material.scores.of(material.rows)[columns].T
    return log_softmax(logits)
