"""Judges the labels of a project by their truth: the one way of the window and the command line."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.domain.filtering.tally import checked_of
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_LABEL, DecidedBy, ReviewState
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.figures.certainty import (
    Coverage,
    Reliability,
    average_precision,
    coverage,
    ranked,
    reliability,
)
from nameplate.features.quality.figures.held_out import (
    JudgedImages,
    ProposedLabels,
    Question,
    classifier_of,
    held_out_labels,
    known_images,
)
from nameplate.features.quality.figures.truth import DECISIONS, paths_for_people
from nameplate.features.quality.records import Codes, Flags, Records, Rows
from nameplate.features.quality.shares import Mean, Share, mean_of
from nameplate.features.quality.snapshot import Snapshot
from nameplate.formats.label_export import template_name
from nameplate.pipeline.learning.guard import Evidence
from nameplate.project.project import Project

LEAST_JUDGED: Final = 20
"""Images that are needed before figures of them mean anything."""

MOST_WORST: Final = 24
"""Mistakes that are kept to be shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """N images with a known truth, their labels and the probabilities of these.

    Attributes:
        records: The label and the truth of each image.
        is_several: Whether an image may have several labels.
        sure: N float64, the probability of the label, or of the best name where there is none; NaN
            where there is none. Not known where an image may have several labels.
        ranks: N int64, 1 where the truth is the most probable name, 0 where it is no name;
            likewise.
        reliability: The probabilities against the share that is right.
        coverage: The labels that each threshold gives; None where an image may have several.
        average_precisions: By name, None for one that no image shows; empty where an image has one
            label.
        worst: Rows of wrong labels, the surest first; at most `MOST_WORST`.
    """

    records: Records
    is_several: bool
    sure: NDArray[np.float64]
    ranks: Rows
    reliability: Reliability
    coverage: Coverage | None
    average_precisions: Mapping[ConceptId, float | None]
    worst: Rows

    def among_first(self, k: int) -> Share:
        """Return the share of images with the truth among the `k` most probable names."""
        among = (self.ranks > 0) & (self.ranks <= k)
        return Share(int(np.count_nonzero(among)), len(self.records))


@dataclass(frozen=True, slots=True)
class FolderResult:
    """The share of right labels in one of the folders.

    Attributes:
        name: The folder.
        share: Its images whose label is right.
        own: Those for which the most probable name, of the names that images of this folder show,
            is right: the accuracy of a run on this folder alone. None where that is not known.
    """

    name: str
    share: Share
    own: Share | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an evaluation of N images with a known truth.

    Attributes:
        question: The truth, with what of it belongs to no image.
        known: The images of the project with a known truth.
        templates: The template set's id, or its templates.
        judged: The images that are judged.
        names_only: N, whether the label by names alone is right; None where nothing was learned.
        ids: N int64.
        paths: N paths for people, relative.
        files: N absolute paths.
        folders: One for each folder, where several were given.
        left_out: Paths of images that were not read, or have no truth that can be compared.
        several: Paths of images that have several labels in the truth, where one is compared.
        evidence: The evidence for the learned classifier; None for names alone.
        unseen: Rows, among the N, of images that were learned from; each of them is judged by
            a classifier that was fitted without it.
        delivered: The images of the project by the source of their label; see `delivered_by`.
    """

    question: Question
    known: JudgedImages
    templates: str
    judged: Judged
    names_only: Flags | None
    ids: Rows
    paths: Sequence[str]
    files: Sequence[str]
    folders: Sequence[FolderResult]
    left_out: Sequence[str]
    several: Sequence[str]
    evidence: Evidence | None
    unseen: Rows
    delivered: Mapping[str, int]

    @property
    def missing(self) -> int:
        """How many more images are needed before any figure is given."""
        return max(0, LEAST_JUDGED - len(self.judged.records))

    @property
    def copies(self) -> int:
        """How many images with a truth are not counted: copies of those that are."""
        return len(self.known.all) - len(self.known.rows)

    @property
    def is_by_decisions(self) -> bool:
        """Whether the truth is the decisions of a person."""
        return self.question.origin == DECISIONS


def judge(of: Snapshot, question: Question, cancel: CancelToken) -> Figures:
    """Compare the labels by the classifier with the truth; takes seconds for 100,000 images.

    A classifier that learned from decisions is not asked about them, but others that learned from
    the rest.

    Raises:
        UsageError: There is no classifier yet.
    """
    project, names = of.project, classifier_of(of).names
    known = known_images(of, question.truth)
    cancel.raise_if_cancelled()
    labels, alone, unseen = held_out_labels(of, known.rows, cancel)
    records = _records(of, known, labels)
    found = (_judged_sets if project.settings.is_multi else _judged)(of, records, labels)
    files = project.images.paths.select(known.rows.tolist()).texts
    there = np.flatnonzero(~project.images.is_removed)
    paths = paths_for_people(project, there)
    return Figures(
        question=question,
        known=known,
        templates=template_name(names.template_set),
        judged=found,
        names_only=None if alone is None else alone.codes == records.opinions,
        ids=project.images.ids[known.rows],
        paths=list(compress(paths, np.isin(there, known.rows))),
        files=files,
        folders=_folder_results(of, question.folders, files, labels, found),
        left_out=list(compress(paths, ~np.isin(there, known.all))),
        several=list(compress(paths, np.isin(there, known.several))),
        evidence=of.evidence,
        unseen=unseen,
        delivered=delivered_by(project),
    )


def _records(of: Snapshot, known: JudgedImages, labels: ProposedLabels) -> Records:
    """Compare labels with true names in any case; true names may be none of the concepts."""
    names = {one.key: one.name for one in of.project.concepts if not one.is_reject}
    taken = (one.key for one in (*of.project.concepts, *classifier_of(of).concepts))
    strangers = (name for true in known.truth for name in true if name in known.unknown)
    names |= dict(enumerate(dict.fromkeys(strangers), max(taken, default=-1) + 1))
    keys = {name.casefold(): key for key, name in names.items()}
    codes = {
        true: labels.sets.code_of([keys[name.casefold()] for name in true])
        for true in dict.fromkeys(known.truth)
    }
    truth = np.array([codes[true] for true in known.truth], np.int32)
    found = Records(names, labels.sets, labels.codes, truth)
    _ = found.is_right, found.by_name, found.mistaken_for  # here, not in the window's thread
    return found


def _judged(of: Snapshot, records: Records, labels: ProposedLabels) -> Judged:
    ranks, best = ranked(labels.probabilities, _codes_of_columns(of, records), records.opinions)
    guesses = np.where(records.labels == NO_LABEL, best, records.labels)
    is_sure = (guesses != NO_LABEL) & np.isfinite(labels.sure)
    sure = np.where(is_sure, labels.sure, np.nan).astype(np.float64)
    is_right = is_sure & (guesses == records.opinions)
    is_wrong = (records.labels != NO_LABEL) & np.isfinite(sure) & ~records.is_right
    worst = np.flatnonzero(is_wrong)
    return Judged(
        records,
        False,
        sure,
        ranks,
        reliability(sure, is_right),
        coverage(sure, is_right),
        {},
        worst[np.argsort(-sure[worst], kind="stable")][:MOST_WORST],
    )


def _codes_of_columns(of: Snapshot, records: Records) -> Codes:
    """Return the code of each column of the classifier (K); NO_LABEL for reject concepts."""
    keys = [one.key for one in classifier_of(of).concepts]
    codes = [records.sets.code_of([key]) if key in records.names else NO_LABEL for key in keys]
    return np.array(codes, np.int32)


def _judged_sets(of: Snapshot, records: Records, labels: ProposedLabels) -> Judged:
    flags = records.sets.flags_of(records.names)
    truth, given = flags[records.opinions], flags[records.labels]
    p = np.full(truth.shape, np.nan, np.float32)
    columns = {one.key: column for column, one in enumerate(classifier_of(of).concepts)}
    for at, key in enumerate(records.names):
        if key in columns:
            p[:, at] = labels.probabilities[:, columns[key]]
    precisions = [average_precision(p[:, at], truth[:, at]) for at in range(len(records.names))]
    # How far off an image is: what the worst of its names is, missed or wrongly given.
    off = np.where(truth != given, np.nan_to_num(np.where(truth, 1 - p, p), nan=0.0), -1.0)
    wrong = np.flatnonzero(~records.is_right)
    worst = off[wrong].max(axis=1, initial=-1.0)
    return Judged(
        records,
        True,
        np.full(len(records), np.nan),
        np.zeros(len(records), np.int64),
        reliability(p, truth),
        None,
        dict(zip(records.names, precisions, strict=True)),
        wrong[np.argsort(-worst, kind="stable")][:MOST_WORST],
    )


def delivered_by(project: Project) -> dict[str, int]:
    """Count the images by the source of their label; skipped ones are among the checked."""
    labels, there = project.labels, ~project.images.is_removed
    by_person = checked_of(project.images, labels)
    others = there & ~by_person & labels.has_label
    is_given = others & (labels.decided_by == DecidedBy.GIVEN)
    rest, states = there & ~by_person & ~others, project.images.states
    by_state = (ImageState.READY, ImageState.UNREADABLE, ImageState.WAITING)
    suggested, unreadable, waiting = (rest & (states == state) for state in by_state)
    found = {
        "images": there,
        "checked": by_person,
        "skipped": by_person & (labels.states == ReviewState.SKIPPED),
        "given": is_given,
        "automatic": others & ~is_given,
        "suggested": suggested,
        "unreadable": unreadable,
        "waiting": waiting,
    }
    return {what: int(np.count_nonzero(those)) for what, those in found.items()}


def _folder_results(
    of: Snapshot,
    folders: Sequence[Path],
    files: Sequence[str],
    labels: ProposedLabels,
    found: Judged,
) -> list[FolderResult]:
    """Return the share of right labels in each folder."""
    records, codes = found.records, _codes_of_columns(of, found.records)
    columns = np.full(len(records.sets), -1, np.int64)  # of the classifier, by code
    columns[codes] = np.arange(len(codes))
    columns[NO_LABEL] = -1
    results = list[FolderResult]()
    for folder in folders:
        start = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - ends with a slash
        rows = np.flatnonzero([os.path.abspath(file).startswith(start) for file in files])  # noqa: PTH100
        share = Share(int(np.count_nonzero(records.is_right[rows])), len(rows))
        own = None
        if not found.is_several:
            true = columns[records.opinions[rows]]
            own = Share(_right_among_own(true, labels.probabilities[rows]), len(rows))
        results.append(FolderResult(str(folder), share, own))
    return results


def _right_among_own(truth: Rows, probabilities: NDArray[np.float32]) -> int:
    """Return how many of n images are right if only names that some of them show are given.

    `truth` has the column of the name that each shows, -1 for none.
    """
    names = np.unique(truth[truth >= 0])
    if not len(names):
        return 0
    p = np.nan_to_num(probabilities[:, names], nan=-1.0)
    return int(np.count_nonzero(names[p.argmax(axis=1)] == truth))


def means_of(folders: Sequence[FolderResult]) -> list[Mean | None]:
    """Return the mean of the folders' shares, and of those among their own names where known."""
    means = [mean_of([one.share for one in folders])]
    own = [one.own for one in folders if one.own]
    return [*means, mean_of(own)] if own else means
