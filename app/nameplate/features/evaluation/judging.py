"""How right the labels of a project would be: the one way of the window and the command line."""

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, by_any_name
from nameplate.domain.filtering.tally import checked_of
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation.comparing import (
    Collection,
    Compared,
    Labels,
    Question,
    TruthFrom,
    classifier_of,
    compare,
    shared,
)
from nameplate.features.evaluation.figures.judged import Judged, judged
from nameplate.features.evaluation.figures.several import AnyJudged, JudgedSets
from nameplate.features.evaluation.figures.shares import Paired, Share, paired
from nameplate.features.evaluation.findings import (
    LEAST_JUDGED,
    NAMES_ONLY,
    Findings,
    FolderResult,
    Origin,
)
from nameplate.features.evaluation.truth import EarlierRun, folded, true_labels
from nameplate.formats.label_export import template_name
from nameplate.project.labelling import Rows
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier, columns_below
from nameplate.scoring.scores import any_of


@dataclass(frozen=True, slots=True)
class Figures:
    """How right labels are; of images with one label each, or with several.

    Attributes:
        question: What was asked.
        findings: The figures, of N images whose truth is known.
        ids: N int64, the ids of these images.
        names_only: The same with names alone; None where nothing was learned from decisions.
        before: Figures of an earlier classifier, and what they share with these; None for none.
        names: What names, templates and model the classifier started from; see `names_of`.
    """

    question: Question
    findings: Findings
    ids: Rows
    names_only: AnyJudged | None
    before: "Before | None"
    names: Hashable

    @property
    def judged(self) -> AnyJudged:
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


def judge(
    of: Collection, question: Question, before: Figures | None, cancel: CancelToken
) -> Figures:
    """Compare what the classifier would label with the truth; takes seconds for 100,000 images.

    A classifier that learned from decisions is not asked about them: for each fifth of them another
    one learns from the rest. `before` are earlier figures to compare with; they may be of other
    images, too.

    Raises:
        UsageError: There is no classifier yet, or the table cannot be used.
    """
    classifier, compared = classifier_of(of), compare(of, question, cancel)
    judge_labels = _judged_sets if of.project.settings.is_multi else _judged
    found = judge_labels(of.project, compared, compared.labels, classifier)
    names = compared.by_names
    by_names = names and judge_labels(of.project, compared, names, classifier)
    ids = of.project.images.ids[compared.rows]
    if before is not None and not isinstance(before.judged, type(found)):
        before = None  # of one label an image, and now of several, or the other way round
    return Figures(
        question,
        _findings(of, question, compared, found, by_names),
        ids,
        by_names,
        _before(before, ids, found) if before is not None else None,
        names_of(of, question),
    )


def names_of(of: Collection, question: Question) -> Hashable:
    """Return what names, templates and model the classifier starts from, as a value."""
    classifier = of.suggestions.classifier
    return question.model, classifier.names.made_from if classifier is not None else None


def _judged(project: Project, compared: Compared, labels: Labels, classifier: Classifier) -> Judged:
    names = np.array([*(concept.name for concept in project.concepts), ""], dtype=np.object_)
    place = np.where(labels.flags.any(axis=1), labels.flags.argmax(axis=1), -1)
    found = judged(
        [next(iter(one), "") for one in compared.truth],
        names[place].tolist(),
        [(concept.name, concept.is_reject) for concept in classifier.concepts],
        labels.probabilities,
        labels.sure,
    )
    _ = found.matrix, found.reliability, found.coverage  # here, and not in the window's thread
    return found


def _judged_sets(
    project: Project, compared: Compared, labels: Labels, classifier: Classifier
) -> JudgedSets:
    columns = [place for place, one in enumerate(project.concepts) if not one.is_reject]
    names = [project.concepts[place].name for place in columns]
    names += compared.unknown
    number = {name.casefold(): column for column, name in enumerate(names)}
    size = len(compared.rows), len(names)
    truth, flags = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for row, labels_of_it in enumerate(compared.truth):
        truth[row, [number[name.casefold()] for name in labels_of_it]] = True
    flags[:, : len(columns)] = labels.flags[:, columns]
    p, below = np.full(size, np.nan, np.float32), columns_below(classifier.concepts)
    for column, place in enumerate(columns):
        if parts := below.get(project.concepts[place].key):
            p[:, column] = any_of(labels.probabilities, parts, is_exclusive=False)
    found = JudgedSets(tuple(names), truth, flags, p)
    _ = found.is_right, found.reliability, found.average_precisions  # likewise
    return found


def _before(before: Figures, ids: Rows, found: AnyJudged) -> Before:
    """Return how right the earlier labels are by the truth of now, on the images of both."""
    mine, theirs = shared(ids, before.ids)
    numbers = {name.casefold(): number for number, name in enumerate(found.names)}
    places = [numbers.get(name.casefold(), -1) for name in before.judged.names]
    was_right = _was_right(np.array(places, np.int64), before.judged, theirs, found, mine)
    return Before(mine, was_right, paired(was_right, found.is_right[mine]))


def _was_right(
    places: NDArray[np.int64], before: AnyJudged, theirs: Rows, found: AnyJudged, mine: Rows
) -> NDArray[np.bool_]:
    """Return whether labels of `before` are the truth of `found`; `places` are those of its names.

    A name that there is no more has the place -1, and is never right.
    """
    if isinstance(before, JudgedSets):
        given = np.zeros((len(theirs), len(found.names) + 1), np.bool_)
        for column, place in enumerate(places.tolist()):
            given[:, place] |= before.labels[theirs, column]
        return (given[:, :-1] == found.truth[mine]).all(axis=1) & ~given[:, -1]
    return places[before.labels[theirs]] == found.truth[mine]


def _findings(
    of: Collection,
    question: Question,
    compared: Compared,
    found: AnyJudged,
    by_names: AnyJudged | None,
) -> Findings:
    """Return all that was found, with the paths of the images, and where the figures come from."""
    project = of.project
    has_own = len(question.folders) and isinstance(found, Judged)
    own = _own_names(compared, classifier_of(of)) if has_own else None
    files = project.images.paths.select(compared.rows.tolist()).texts
    right, known = found.is_right, by_any_name(project.concepts)
    runs = [_run_result(run, files, compared.truth, right, known) for run in question.runs]
    if by_names is not None:
        runs.insert(0, (NAMES_ONLY, paired(by_names.is_right, right)))
    chosen = project.settings.template_set
    source = str(question.table) if question.table else question.source.value
    return Findings(
        found,
        compared.paths,
        files,
        Origin(question.model, template_name(chosen) if chosen else "", source, question.made),
        [_folder_result(folder, files, right, own) for folder in question.folders],
        runs,
        compared.left_out,
        compared.source.unknown,
        compared.source.contradicted,
        compared.unknown,
        compared.several,
        of.evidence,
        compared.learned,
        compared.copies,
        delivered_by(project),
        None if question.source is TruthFrom.DECISIONS else _as_labelled(project, compared, right),
    )


def delivered_by(project: Project) -> dict[str, int]:
    """Return by whom the images are labelled; those that were skipped are among the checked."""
    labels, there = project.labels, ~project.images.is_removed
    by_person = checked_of(project.images, labels)
    is_auto = there & ~by_person & labels.has_label
    rest, states = there & ~by_person & ~is_auto, project.images.states
    by_state = (ImageState.READY, ImageState.UNREADABLE, ImageState.WAITING)
    suggested, unreadable, waiting = (rest & (states == state) for state in by_state)
    found = {
        "images": there,
        "checked": by_person,
        "skipped": by_person & (labels.states == ReviewState.SKIPPED),
        "automatic": is_auto,
        "suggested": suggested,
        "unreadable": unreadable,
        "waiting": waiting,
    }
    return {what: int(np.count_nonzero(those)) for what, those in found.items()}


def _as_labelled(project: Project, compared: Compared, right: NDArray[np.bool_]) -> Share | None:
    """Return how many of the compared images are right as they are labelled now.

    `right` says it of what the classifier would label; it counts where there is no label.
    """
    labels, rows = project.labels, compared.rows
    is_given = (labels.has_label | (labels.decided_by == DecidedBy.PERSON))[rows]
    if not is_given.any():
        return None
    names = {concept.key: concept.name for concept in project.concepts if not concept.is_reject}
    count = int(np.count_nonzero(right & ~is_given))
    for place in np.flatnonzero(is_given).tolist():
        given = labels.sets.members(int(labels.all["concepts"][rows[place]]))
        own = folded(names[key] for key in given if key in names)
        count += own == folded(compared.truth[place])
    return Share(count, len(rows))


def _own_names(compared: Compared, classifier: Classifier) -> Callable[[Rows], int]:
    """Return what counts the images of a folder that are right if only its own names are given."""
    column = {one.name.casefold(): place for place, one in enumerate(classifier.concepts)}
    true_columns = np.array(
        [column.get(next(iter(one), "").casefold(), -1) for one in compared.truth], np.int64
    )

    def count(rows: Rows) -> int:
        truth = true_columns[rows]
        names = np.unique(truth[truth >= 0])
        if not len(names):
            return 0
        p = np.nan_to_num(compared.labels.probabilities[np.ix_(rows, names)], nan=-1.0)
        return int(np.count_nonzero(names[p.argmax(axis=1)] == truth))

    return count


def _folder_result(
    folder: Path,
    files: Sequence[str],
    is_right: NDArray[np.bool_],
    own: Callable[[NDArray[np.int64]], int] | None = None,
) -> FolderResult:
    """Return how many of the images in a folder are right; `own` counts by its own names alone."""
    start = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - ends with a slash
    inside = [os.path.abspath(file).startswith(start) for file in files]  # noqa: PTH100
    rows = np.flatnonzero(inside)
    share = Share(int(np.count_nonzero(is_right[rows])), len(rows))
    return FolderResult(str(folder), share, Share(own(rows), len(rows)) if own else None)


def _run_result(
    run: EarlierRun,
    files: Sequence[str],
    truth: Sequence[tuple[str, ...]],
    is_right: NDArray[np.bool_],
    known: Mapping[str, Concept],
) -> tuple[str, Paired]:
    """Return how right an earlier run is, on the images of both; `truth` is what they show."""
    rows = [row for row, file in enumerate(files) if file in run.labels]
    was_right = [
        folded(true_labels(run.labels[files[row]], known)) == folded(truth[row]) for row in rows
    ]
    return run.title, paired(np.array(was_right, dtype=bool), is_right[rows])
