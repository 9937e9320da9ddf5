"""How right the labels of an open project would be, against decisions, folders or a table."""

import os
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept, by_any_name
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.images import BLOCK_ROWS, ImageState
from nameplate.domain.label_sets import LabelSets
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import normalised
from nameplate.formats.evaluation.findings import Findings, Origin, RunResult
from nameplate.formats.truth import Truth, truth_of_csv
from nameplate.imaging.scan import relative_names
from nameplate.pipeline.evaluating import truth_of_decisions
from nameplate.pipeline.learning import Learner, ToLearn
from nameplate.project.labelling import Rows
from nameplate.project.learning import DecidedImages, audited_rows, decided_images
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.evaluation.comparison import Paired, paired
from nameplate.scoring.evaluation.judged import Judged, judged
from nameplate.scoring.learning.guard import MOST_JUDGED, decided_together, first_alike
from nameplate.scoring.learning.probe import Probe
from nameplate.scoring.proposals import proposed
from nameplate.scoring.spread import gathered, in_blocks
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

LEAST_JUDGED: Final = 20
"""Images with a known truth before any figure is given."""

NAMES_ONLY: Final = "names only"
"""The title of the run that has learned from no decision."""

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
    """

    source: TruthFrom
    table: Path | None = None
    model: str = ""
    made: str = ""

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
    """

    project: Project
    blocks: Sequence[Vectors]
    suggestions: Suggestions

    @classmethod
    def of(cls, project: Project, suggestions: Suggestions) -> "Collection":
        """Copy what a job needs; takes a few milliseconds for 100,000 images."""
        copy = Project(project.settings)
        copy.images, copy.labels = project.images.without_embeddings(), project.labels.copy()
        copy.concepts, copy.rejected = project.concepts, project.rejected
        copy.promise = project.promise
        return cls(copy, project.images.blocks(), suggestions.copy())


@dataclass(frozen=True, slots=True)
class Figures:
    """How right labels are.

    Attributes:
        question: What was asked.
        findings: The figures, of N images whose truth is known.
        ids: N int64, the ids of these images.
        names_only: The same with names alone; None where nothing was learned from decisions.
        before: Figures of an earlier classifier, and what they share with these; None for none.
        names: What names, templates and model the classifier started from; see `names_of`.
        learned: How many of the images the classifier learned from; each of these is judged by one
            that has not seen it.
        is_learned: Whether the classifier learned from decisions.
    """

    question: Question
    findings: Findings
    ids: Rows
    names_only: Judged | None
    before: "Before | None"
    names: Hashable
    learned: int
    is_learned: bool

    @property
    def judged(self) -> Judged:
        """The N images."""
        return self.findings.judged

    @property
    def missing(self) -> int:
        """How many more images are needed before any figure is given."""
        return max(0, LEAST_JUDGED - len(self.judged))


@dataclass(frozen=True, slots=True)
class Before:
    """The labels that an earlier classifier gave to some of the images that are judged now.

    Attributes:
        rows: Of those images, among the N.
        is_right: For each of `rows`, whether that label is right.
        paired: How many of them each gets right; the earlier one is the first.
    """

    rows: Rows
    is_right: NDArray[np.bool_]
    paired: Paired


@dataclass(frozen=True, slots=True)
class _Labels:
    """What a classifier says of n images.

    Attributes:
        names: The label of each; "" for none.
        probabilities: n x K.
        sure: n, of the label, or of the best concept where there is none.
    """

    names: NDArray[np.object_]
    probabilities: NDArray[np.float32]
    sure: NDArray[np.float32]

    def put(self, places: Rows, other: "_Labels") -> None:
        """Replace what is said of the images at `places`."""
        self.names[places], self.sure[places] = other.names, other.sure
        self.probabilities[places] = other.probabilities


def judge(
    of: Collection, question: Question, before: Figures | None, cancel: CancelToken
) -> Figures:
    """Compare what the classifier would label with the truth; takes seconds for 100,000 images.

    A classifier that learned from decisions is not asked about them: for each fifth of them another
    one learns from the rest.

    Args:
        of: The project.
        question: What the truth is.
        before: Earlier figures to compare with; they may be of other images, too.
        cancel: Looked at now and then.

    Raises:
        UsageError: Images may have several labels, there is no classifier yet, or the table cannot
            be used.
        CancelledError: `cancel` was set.
    """
    project, classifier = of.project, of.suggestions.classifier
    if project.settings.is_multi:
        raise UsageError("judging-several-labels")
    if classifier is None or not classifier.concepts:
        raise UsageError("judging-without-names")
    is_by_folder = question.source is TruthFrom.FOLDERS
    truth = Truth({}) if is_by_folder else _truth(project, question)
    rows, names, unknown = _known_rows(project, _true_names(project, question, truth))
    cancel.raise_if_cancelled()
    labels = _labels(of.suggestions, rows, project.settings, project.concepts)
    learned, by_names = 0, None
    if isinstance(classifier, Probe):
        learned = _judge_unseen(of, classifier.names, rows, labels, cancel)
        alone = score_images(classifier.names, of.blocks, of.suggestions.scores, cancel)
        alone = Suggestions.of(alone)
        by_names = _judged(
            names, _labels(alone, rows, project.settings, project.concepts), classifier.names
        )
    found = _judged(names, labels, classifier)
    ids = project.images.ids[rows]
    earlier = _before(before, ids, found) if before is not None else None
    runs = [RunResult(NAMES_ONLY, paired(by_names.is_right, found.is_right))] if by_names else []
    _ = found.evaluation, found.reliability, found.coverage  # here, not in the window's thread
    findings = Findings(
        found,
        (),
        (),
        runs=runs,
        unknown_images=truth.unknown,
        contradicted=truth.contradicted,
        unknown_names=unknown,
    )
    return Figures(
        question,
        _findings(project, question, rows, findings),
        ids,
        by_names,
        earlier,
        names_of(of, question),
        learned,
        isinstance(classifier, Probe),
    )


def names_of(of: Collection, question: Question) -> Hashable:
    """Return what names, templates and model the classifier starts from, as a value."""
    classifier = of.suggestions.classifier
    names = classifier.names if isinstance(classifier, Probe) else classifier
    return question.model, names.made_from if names is not None else None


def _truth(project: Project, question: Question) -> Truth:
    """Return what a person decided, or a table says, of the images that are there."""
    if question.table is None:
        return truth_of_decisions(project)
    there = np.flatnonzero(~project.images.is_removed).tolist()
    return truth_of_csv(question.table, list(project.images.paths.select(there)))


def _true_names(project: Project, question: Question, truth: Truth) -> list[str | None]:
    """Return what each image shows by the truth, by row; None where that is not known.

    A `Path` for each of 100,000 images would take some seconds.
    """
    texts = project.images.paths.texts
    if question.source is not TruthFrom.FOLDERS:
        names = {str(path): name for path, name in truth.names.items()}
        return [names.get(text) for text in texts]
    folders = list(map(os.path.dirname, texts))
    name_of = {folder: normalised(os.path.basename(folder)) for folder in set(folders)}  # noqa: PTH119
    return [name_of[folder] or None for folder in folders]


def _known_rows(
    project: Project, true_names: Sequence[str | None]
) -> tuple[Rows, list[str], dict[str, int]]:
    """Return the rows of readable images with a truth, that truth, and its unknown names."""
    images, known = project.images, by_any_name(project.concepts)
    is_there = (images.states == ImageState.READY) & ~images.is_removed
    rows, names, unknown = list[int](), list[str](), Counter[str]()
    for row in np.flatnonzero(is_there).tolist():
        name = true_names[row]
        if name is None:
            continue
        concept = known.get(name.casefold())
        if concept is not None:
            name = "" if concept.is_reject else concept.name
        elif name:
            unknown[name] += 1
        rows.append(row)
        names.append(name)
    return np.array(rows, dtype=np.int64), names, dict(unknown.most_common())


def _labels(
    suggestions: Suggestions, rows: Rows, settings: Settings, concepts: Sequence[Concept]
) -> _Labels:
    """Return what `rows` would be labelled with."""
    sets = LabelSets()
    codes, probability = proposed(suggestions, rows, settings, concepts, sets)
    name_of = {concept.key: concept.name for concept in concepts}
    texts = [name_of.get(key, "") for key in sets.first_concepts().tolist()]
    names = np.array(texts, dtype=np.object_)[codes]
    sure = np.where(np.isnan(probability), suggestions.probability[rows], probability)
    blocks = [
        suggestions.scored_images(rows[start : start + BLOCK_ROWS]).probabilities
        for start in range(0, len(rows), BLOCK_ROWS)
    ]
    width = len(suggestions.classifier.concepts) if suggestions.classifier else 0
    none = np.empty((0, width), dtype=np.float32)
    return _Labels(names, np.concatenate([none, *blocks]), sure)


def _judged(truth: Sequence[str], labels: _Labels, classifier: Classifier) -> Judged:
    concepts = [(concept.name, concept.is_reject) for concept in classifier.concepts]
    return judged(truth, labels.names.tolist(), concepts, labels.probabilities, labels.sure)


def _judge_unseen(
    of: Collection, names: ZeroShot, rows: Rows, labels: _Labels, cancel: CancelToken
) -> int:
    """Replace what is said of images that were learned from; return how many of `rows` those are.

    Each is labelled by a classifier that learned from the decisions of other folds alone. Pages,
    and copies of a picture, are in one fold.
    """
    images, settings, concepts = of.project.images, of.project.settings, of.project.concepts
    decided = decided_images(of.project, names.concepts, audited_rows(of.project))
    ready = np.flatnonzero((images.states == ImageState.READY) & ~images.is_removed)
    everything, learner = ToLearn(decided, tuple(of.blocks), ready), Learner()
    _, group = np.unique(_together(of, decided), return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(group))[group] % _FOLDS
    for one in range(_FOLDS):
        rest, unseen = fold != one, decided.rows[fold == one]
        places, mine = _shared(rows, unseen)
        learned = learner.learn(names, replace(everything, decided=decided.some(rest)), cancel)
        blocks = in_blocks(gathered(of.blocks, unseen[mine]))
        found = Suggestions.of(score_images(learned.classifier, blocks, None, cancel))
        labels.put(places, _labels(found, np.arange(len(mine)), settings, concepts))
    return len(_shared(rows, decided.rows)[0])


def _together(of: Collection, decided: DecidedImages) -> Rows:
    """Return n numbers that pictures of one page share, and copies, of some thousand decisions."""
    leaders = np.arange(len(decided.rows))
    if len(leaders) <= MOST_JUDGED:
        leaders = first_alike(gathered(of.blocks, decided.rows).astype(np.float64))
    return decided_together(decided.moments, leaders)


def _shared(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Return where in two arrays the values are that both have."""
    _, mine, theirs = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return mine.astype(np.int64), theirs.astype(np.int64)


def _before(before: Figures, ids: Rows, found: Judged) -> Before:
    """Return how right the earlier labels are by the truth of now, on the images of both."""
    mine, theirs = _shared(ids, before.ids)
    numbers = {name.casefold(): number for number, name in enumerate(found.names)}
    texts = [name.casefold() for name in before.judged.names]
    renumbered = np.array([numbers.get(text, -1) for text in texts], dtype=np.int64)
    was_right = renumbered[before.judged.labels[theirs]] == found.truth[mine]
    return Before(mine, was_right, paired(was_right, found.is_right[mine]))


def _findings(project: Project, question: Question, rows: Rows, found: Findings) -> Findings:
    """Return `found` with the paths of all images, and where the figures come from."""
    there = np.flatnonzero(~project.images.is_removed)
    texts = project.images.paths.select(there.tolist()).texts
    relative = relative_names(texts)
    is_judged = np.isin(there, rows)
    places = np.flatnonzero(is_judged).tolist()
    chosen = project.settings.template_set
    source = str(question.table) if question.table else question.source.value
    return replace(
        found,
        paths=[relative[place] for place in places],
        files=[texts[place] for place in places],
        origin=Origin(question.model, chosen.id if chosen else "", source, question.made),
        left_out=[relative[place] for place in np.flatnonzero(~is_judged).tolist()],
    )
