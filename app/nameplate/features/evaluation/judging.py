"""How right the labels of a project would be: the one way of the window and the command line."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.filtering.tally import checked_of
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation.comparing import (
    Collection,
    Known,
    Labels,
    Question,
    TruthFrom,
    classifier_of,
    known_images,
    labels_of,
)
from nameplate.features.evaluation.figures.judged import AnyJudged, Judged, JudgedSets, judged
from nameplate.features.evaluation.figures.shares import Mean, Share, mean_of
from nameplate.features.evaluation.truth import Truth, folded, paths_for_people
from nameplate.formats.label_export import template_name
from nameplate.pipeline.learning.guard import Evidence
from nameplate.project.labelling import Rows
from nameplate.project.project import Project
from nameplate.scoring.classifier import columns_below
from nameplate.scoring.scores import any_of

LEAST_JUDGED: Final = 20
"""Images that are needed before figures of them mean anything."""


@dataclass(frozen=True, slots=True)
class FolderResult:
    """How many labels of one of the folders are right.

    Attributes:
        name: The folder.
        share: Its pictures whose label is right.
        own: Those for which the most probable name, of the names that pictures of this folder show,
            is right: what a run on this folder alone would give. None where that is not known.
    """

    name: str
    share: Share
    own: Share | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How right labels are, and all else that was found; N images whose truth is known.

    Attributes:
        question: What was asked.
        templates: The template set's id, or its templates.
        truth: Where the truth comes from, and what of it belongs to no image.
        judged: The images; of one label each, or of several.
        names_only: The same with names alone; None where nothing was learned from decisions.
        ids: N int64.
        paths: N paths for people, relative.
        files: N absolute paths.
        folders: One for each folder, where several were given.
        left_out: Paths of images that were not read, or have no truth that can be compared.
        several: Paths of images that have several labels in the truth, where one is compared.
        unknown_names: True names that are none of the concepts, with the number of their images.
        evidence: For what was learned from decisions; None where there are none.
        unseen: Rows, among the N, of images that were learned from; each of them is judged by
            what was learned without it.
        copies: How many more images have a truth, but are not counted: copies of those that are.
        delivered: By whom all images of the project are labelled; see `delivered_by`.
        as_labelled: How many are right as they are labelled now, where a truth of others is known:
            a suggestion counts where there is no label. None where there is no label at all.
    """

    question: Question
    templates: str
    truth: Truth
    judged: AnyJudged
    names_only: AnyJudged | None
    ids: Rows
    paths: Sequence[str]
    files: Sequence[str]
    folders: Sequence[FolderResult]
    left_out: Sequence[str]
    several: Sequence[str]
    unknown_names: Mapping[str, int]
    evidence: Evidence | None
    unseen: NDArray[np.int64]
    copies: int
    delivered: Mapping[str, int]
    as_labelled: Share | None

    @property
    def missing(self) -> int:
        """How many more images are needed before any figure is given."""
        return max(0, LEAST_JUDGED - len(self.judged))

    @property
    def is_by_decisions(self) -> bool:
        """Whether the truth is what a person decided."""
        return self.question.source is TruthFrom.DECISIONS


def judge(of: Collection, question: Question, cancel: CancelToken) -> Figures:
    """Compare what the classifier would label with the truth; takes seconds for 100,000 images.

    A classifier that learned from decisions is not asked about them: for each fifth of them another
    one learns from the rest.

    Raises:
        UsageError: There is no classifier yet, or the table cannot be used.
    """
    project, names, source = of.project, classifier_of(of).names, question.read(of.project)
    known = known_images(of, source)
    cancel.raise_if_cancelled()
    labels, alone, unseen = labels_of(of, known.rows, cancel)
    judge_labels = _judged_sets if project.settings.is_multi else _judged
    found = judge_labels(of, known, labels)
    by_names = alone and judge_labels(of, known, alone)
    ids = project.images.ids[known.rows]
    files = project.images.paths.select(known.rows.tolist()).texts
    there = np.flatnonzero(~project.images.is_removed)
    paths = paths_for_people(project, there)
    return Figures(
        question=question,
        templates=template_name(names.template_set),
        truth=source,
        judged=found,
        names_only=by_names,
        ids=ids,
        paths=list(compress(paths, np.isin(there, known.rows))),
        files=files,
        folders=_folder_results(of, question.folders, files, known, labels, found),
        left_out=list(compress(paths, ~np.isin(there, known.all))),
        several=list(compress(paths, np.isin(there, known.several))),
        unknown_names=known.unknown,
        evidence=of.evidence,
        unseen=unseen,
        copies=len(known.all) - len(known.rows),
        delivered=delivered_by(project),
        as_labelled=_as_labelled(project, question, known, found.is_right),
    )


def _judged(of: Collection, known: Known, labels: Labels) -> Judged:
    names = np.array([*(concept.name for concept in of.project.concepts), ""], dtype=np.object_)
    place = np.where(labels.flags.any(axis=1), labels.flags.argmax(axis=1), -1)
    found = judged(
        [next(iter(one), "") for one in known.truth],
        names[place].tolist(),
        [(concept.name, concept.is_reject) for concept in classifier_of(of).concepts],
        labels.probabilities,
        labels.sure,
    )
    _ = found.matrix, found.reliability, found.coverage  # here, and not in the window's thread
    return found


def _judged_sets(of: Collection, known: Known, labels: Labels) -> JudgedSets:
    concepts = of.project.concepts
    columns = [place for place, one in enumerate(concepts) if not one.is_reject]
    names = [*(concepts[place].name for place in columns), *known.unknown]
    number = {name.casefold(): column for column, name in enumerate(names)}
    size = len(known.rows), len(names)
    truth, flags = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for row, labels_of_it in enumerate(known.truth):
        truth[row, [number[name.casefold()] for name in labels_of_it]] = True
    flags[:, : len(columns)] = labels.flags[:, columns]
    p, below = np.full(size, np.nan, np.float32), columns_below(classifier_of(of).concepts)
    for column, place in enumerate(columns):
        if parts := below.get(concepts[place].key):
            p[:, column] = any_of(labels.probabilities, parts, is_exclusive=False)
    found = JudgedSets(tuple(names), truth, flags, p)
    _ = found.is_right, found.reliability, found.average_precisions  # likewise
    return found


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


def _as_labelled(
    project: Project, question: Question, known: Known, right: NDArray[np.bool_]
) -> Share | None:
    """Return how many of the judged images are right as they are labelled now.

    `right` says it of what the classifier would label; it counts where there is no label.
    """
    labels, rows = project.labels, known.rows
    is_given = (labels.has_label | (labels.decided_by == DecidedBy.PERSON))[rows]
    if question.source is TruthFrom.DECISIONS or not is_given.any():
        return None
    names = {concept.key: concept.name for concept in project.concepts if not concept.is_reject}
    count = int(np.count_nonzero(right & ~is_given))
    for place in np.flatnonzero(is_given).tolist():
        given = labels.sets.members(int(labels.all["concepts"][rows[place]]))
        own = folded(names[key] for key in given if key in names)
        count += own == folded(known.truth[place])
    return Share(count, len(rows))


def _folder_results(
    of: Collection,
    folders: Sequence[Path],
    files: Sequence[str],
    known: Known,
    labels: Labels,
    found: AnyJudged,
) -> list[FolderResult]:
    """Return how many of the images in each folder are right."""
    column = {one.name.casefold(): at for at, one in enumerate(classifier_of(of).concepts)}
    true = np.array([column.get("".join(one[:1]).casefold(), -1) for one in known.truth], np.int64)
    results = list[FolderResult]()
    for folder in folders:
        start = os.path.join(os.path.abspath(folder), "")  # noqa: PTH100, PTH118 - ends with a slash
        rows = np.flatnonzero([os.path.abspath(file).startswith(start) for file in files])  # noqa: PTH100
        share = Share(int(np.count_nonzero(found.is_right[rows])), len(rows))
        own = None
        if isinstance(found, Judged):
            own = Share(_right_among_own(true[rows], labels.probabilities[rows]), len(rows))
        results.append(FolderResult(str(folder), share, own))
    return results


def _right_among_own(truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> int:
    """Return how many of n images are right if only names that some of them show are given.

    Args:
        truth: n, the column of what each shows; -1 for none of them.
        probabilities: n x K; NaN where an image has none.
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
