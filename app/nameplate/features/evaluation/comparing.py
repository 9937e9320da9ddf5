"""The images of a project whose truth is known, and what would be said of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetFactOfImages, Several, Title
from nameplate.domain.concepts import by_any_name
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.images import BLOCK_ROWS, ImageState
from nameplate.domain.labels import LabelSets
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import StackKind, Stacks, joined, same_files
from nameplate.features.evaluation.truth import (
    EarlierRun,
    Truth,
    images_by_name,
    paths_for_people,
    true_labels,
    truth_of_csv,
    truth_of_decisions,
    truth_of_folders,
)
from nameplate.features.learning.decisions import to_learn
from nameplate.features.learning.guard import MOST_JUDGED, Evidence, decided_together, first_alike
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.project.facts import REJECTED
from nameplate.project.labelling import Rows, clear
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.proposals import proposed
from nameplate.scoring.spread import gathered, in_blocks
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

_FOLDS: Final = 5


class TruthFrom(Enum):
    """Where it is known from what images really show."""

    DECISIONS = "decisions"
    FOLDERS = "folders"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Question:
    """What labels are compared with.

    Attributes:
        source: Where the truth comes from.
        table: The CSV of it; None for another source.
        model: What the classifier's model is called, for a report.
        made: When it is asked, as ISO 8601.
        truth: What the source says, where it was read already.
        folders: Folders to judge one by one as well.
        runs: Earlier runs to compare with.
    """

    source: TruthFrom
    table: Path | None = None
    model: str = ""
    made: str = ""
    truth: Truth | None = None
    folders: Sequence[Path] = ()
    runs: Sequence[EarlierRun] = ()

    def is_like(self, other: "Question") -> bool:
        """Whether it asks for the same truth, whenever and of whatever model."""
        return (self.source, self.table) == (other.source, other.table)


@dataclass(frozen=True, slots=True)
class Collection:
    """A project as it is now, for a job.

    Attributes:
        project: A copy without embeddings and history.
        blocks: The embeddings, as `ImageTable.blocks` gives them.
        suggestions: Those of now, by the classifier that is judged.
        stacks: Of the first images; None where they are not known.
        evidence: For what the classifier learned; None where nothing could be.
    """

    project: Project
    blocks: Sequence[Vectors]
    suggestions: Suggestions
    stacks: Stacks | None = None
    evidence: Evidence | None = None

    @classmethod
    def of(
        cls,
        project: Project,
        suggestions: Suggestions,
        stacks: Stacks | None = None,
        evidence: Evidence | None = None,
    ) -> "Collection":
        """Copy what a job needs; takes a few milliseconds for 100,000 images."""
        copy = project.snapshot(project.images.without_embeddings())
        alone = suggestions.copy()
        alone.reject(np.arange(len(project.images)), {})  # else a decision would show in it
        return cls(copy, project.images.blocks(), alone, stacks, evidence)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a classifier says of n images.

    Attributes:
        flags: n x C, which of the C concepts of a project each would be labelled with.
        probabilities: n x K, of the K concepts of the classifier.
        sure: n, of the label, or of the best concept where there is none.
    """

    flags: NDArray[np.bool_]
    probabilities: NDArray[np.float32]
    sure: NDArray[np.float32]

    def put(self, places: Rows, other: "Labels") -> None:
        """Replace what is said of the images at `places`."""
        self.flags[places], self.sure[places] = other.flags, other.sure
        self.probabilities[places] = other.probabilities


@dataclass(frozen=True, slots=True)
class Compared:
    """The images of a project whose truth is known, and what is said of them.

    Attributes:
        rows: Of N images.
        truth: The labels that each should have.
        labels: What the classifier says of each, without having learned from it.
        by_names: The same with names alone; None where nothing was learned.
        learned: Rows, among the N, of the images that the classifier learned from.
        source: Where the truth comes from.
        paths: N paths for people.
        left_out: Paths for people of images that were not read, or have no truth for this.
        several: Those of them that have several labels in the truth, where one is compared.
        unknown: True names that are none of the concepts, with the number of their images.
        copies: How many more images have a truth, but are copies of those that are counted.
    """

    rows: Rows
    truth: Sequence[tuple[str, ...]]
    labels: Labels
    by_names: Labels | None
    learned: Rows
    source: Truth
    paths: Sequence[str]
    left_out: Sequence[str]
    several: Sequence[str]
    unknown: Mapping[str, int]
    copies: int


def compare(of: Collection, question: Question, cancel: CancelToken) -> Compared:
    """Find the images with a truth, and what is said of them.

    Raises:
        UsageError: There is no classifier yet, or the table of the truth cannot be used.
    """
    project, classifier = of.project, classifier_of(of)
    truth = question.truth or _truth(project, question)
    known_rows, names, several = _known_rows(project, truth)
    first = _first_of_stacks(of, known_rows, names)
    rows, names = known_rows[first], [names[place] for place in first]
    cancel.raise_if_cancelled()
    labels, learned, by_names = _labels(of.suggestions, rows, project), rows[:0], None
    if is_fitted(classifier):
        learned = _judge_unseen(of, classifier.names, rows, labels, cancel)
        alone = score_images(classifier.names, of.blocks, of.suggestions.scores, cancel)
        by_names = _labels(alone, rows, project)
    known = by_any_name(project.concepts)
    unknown = Counter(name for one in names for name in one if name.casefold() not in known)
    there = np.flatnonzero(~project.images.is_removed)
    paths = paths_for_people(project, there)
    is_compared, has_several = np.isin(there, rows), np.isin(there, several)
    is_known = np.isin(there, known_rows)
    return Compared(
        rows,
        names,
        labels,
        by_names,
        learned,
        truth,
        list(compress(paths, is_compared)),
        list(compress(paths, ~is_known)),
        list(compress(paths, has_several)),
        dict(unknown.most_common()),
        len(known_rows) - len(rows),
    )


def _first_of_stacks(of: Collection, rows: Rows, truth: Sequence[tuple[str, ...]]) -> list[int]:
    """Return the places of images that are counted: of a stack the first with each truth.

    Copies are right or wrong together, so that intervals of all of them would be too narrow.
    """
    stacks = of.stacks
    if stacks is None:
        images = of.project.images
        same = same_files(images.contents, ~images.is_removed)
        stacks = joined({StackKind.SAME_FILE: same}, len(images))
    seen, first = set[tuple[int, tuple[str, ...]]](), list[int]()
    for place, (number, names) in enumerate(zip(stacks.of(rows).tolist(), truth, strict=True)):
        if number < 0 or (number, names) not in seen:
            first.append(place)
            seen.add((number, names))
    return first


def _truth(project: Project, question: Question) -> Truth:
    """Return what a person decided, folders are called, or a table says."""
    if question.source is TruthFrom.FOLDERS:
        return truth_of_folders(project.images.paths.texts)
    if question.table is None:
        return truth_of_decisions(project)
    return truth_of_csv(question.table, images_by_name(project))


def _known_rows(project: Project, truth: Truth) -> tuple[Rows, list[tuple[str, ...]], Rows]:
    """Return the rows of readable images with a truth, their labels, and rows with too many."""
    images, known = project.images, by_any_name(project.concepts)
    is_there = (images.states == ImageState.READY) & ~images.is_removed
    texts, is_multi = images.paths.texts, project.settings.is_multi
    rows, labels, several = list[int](), list[tuple[str, ...]](), list[int]()
    for row in np.flatnonzero(is_there).tolist():
        names = truth.names.get(texts[row])
        if names is None:
            continue
        found = true_labels(names, known)
        if len(found) > 1 and not is_multi:
            several.append(row)
            continue
        rows.append(row)
        labels.append(found)
    return np.array(rows, dtype=np.int64), labels, np.array(several, dtype=np.int64)


def _labels(suggestions: Suggestions, rows: Rows, project: Project) -> Labels:
    """Return what `rows` would be labelled with."""
    sets = LabelSets()
    codes, probability = proposed(suggestions, rows, project.settings, project.concepts, sets)
    sure = np.where(np.isnan(probability), suggestions.probability[rows], probability)
    blocks = [
        suggestions.scored_images(rows[start : start + BLOCK_ROWS]).probabilities
        for start in range(0, len(rows), BLOCK_ROWS)
    ]
    width = len(suggestions.classifier.concepts) if suggestions.classifier else 0
    none = np.empty((0, width), dtype=np.float32)
    flags = sets.flags_of(concept.key for concept in project.concepts)[codes]
    return Labels(flags, np.concatenate([none, *blocks]), sure)


def classifier_of(of: Collection) -> Classifier:
    """Return what is judged; raise a UsageError where there is none yet."""
    classifier = of.suggestions.classifier
    if classifier is None or not classifier.concepts:
        raise UsageError("judging-without-names")
    return classifier


def is_fitted(classifier: Classifier) -> bool:
    """Whether a classifier was fitted to decisions, and says more than the names alone."""
    return classifier is not classifier.names


def _judge_unseen(
    of: Collection, names: ZeroShot, rows: Rows, labels: Labels, cancel: CancelToken
) -> Rows:
    """Replace what is said of images that were learned from; return which of `rows` those are.

    Each is labelled by a classifier that was fitted as if the decisions of its fold had never been
    made. Pages, and pictures that are the same to the model, are in one fold.
    """
    decided = to_learn(of.project, names.concepts, lambda: of.stacks)
    seen_rows, _ = shared(rows, decided.rows)
    if not len(seen_rows):
        return seen_rows
    leaders = np.arange(len(decided.rows))
    if len(leaders) <= MOST_JUDGED:
        points = gathered(of.blocks, decided.rows).astype(np.float64)
        leaders = first_alike(points, decided.stacks)
    together = decided_together(decided.moments, leaders)
    _, group = np.unique(together, return_inverse=True)
    fold, among = np.random.default_rng(0).permutation(len(group))[group] % _FOLDS, fitters()
    for one in range(_FOLDS):
        unseen = decided.rows[fold == one]
        places, mine = shared(rows, unseen)
        rest = _without_decisions(of.project, unseen)
        found = fit(choose(among, rest, names, lambda: of.stacks), names, of.blocks, cancel)
        blocks = in_blocks(gathered(of.blocks, unseen[mine]))
        scored = score_images(found.classifier if found else names, blocks, None, cancel)
        labels.put(places, _labels(scored, np.arange(len(mine)), of.project))
    return seen_rows


def _without_decisions(project: Project, rows: Rows) -> Project:
    """Return a copy in which nobody decided about some images."""
    copy = project.snapshot(project.images)
    nothing = SetFactOfImages(REJECTED, dict.fromkeys(project.images.ids[rows].tolist()))
    copy.apply(Several((clear(copy, rows), nothing)), Title("take-back"))
    return copy


def shared(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Return where in two arrays the values are that both have."""
    _, mine, theirs = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return mine.astype(np.int64), theirs.astype(np.int64)
