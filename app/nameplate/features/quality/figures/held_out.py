"""The images of a project with a known truth, and held-out suggestions for each."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetFactOfImages, Several, Title
from nameplate.domain.concepts import by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.images import BLOCK_ROWS, vectors_in
from nameplate.domain.labels import LabelSets
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import StackKind, Stacks, joined, same_files
from nameplate.features.quality.figures.truth import Truth, true_labels
from nameplate.features.quality.records import Codes, Flags
from nameplate.features.quality.snapshot import Snapshot
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.learning.decisions import to_learn
from nameplate.pipeline.learning.guard import MOST_JUDGED, first_alike
from nameplate.project.facts import REJECTED
from nameplate.project.label_changes import Rows, clear
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.proposals import proposed
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

_FOLDS: Final = 5


def made_now() -> str:
    """Return the current time as reports write it: `2026-11-30 07:50 UTC`."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Question:
    """The truth that labels are compared with.

    Attributes:
        origin: The origin of the truth: `FOLDERS`, `DECISIONS`, or the path of a file.
        truth: The truth.
        model: The classifier's model, `ID@FINGERPRINT`, for a report.
        made: The time of the evaluation, for a report.
        folders: Folders to judge one by one as well.
    """

    origin: str
    truth: Truth
    model: str = ""
    made: str = ""
    folders: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class ProposedLabels:
    """The labels that a classifier proposes for n images, with their probabilities.

    Attributes:
        sets: The sets of concept ids that codes stand for.
        codes: n, the label of each image.
        probabilities: n x K, of the K concepts of the classifier.
        sure: n, of the label, or of the best concept where there is none.
    """

    sets: LabelSets
    codes: Codes
    probabilities: NDArray[np.float32]
    sure: NDArray[np.float32]

    @classmethod
    def of(
        cls, suggestions: Suggestions, rows: Rows, project: Project, sets: LabelSets
    ) -> "ProposedLabels":
        """Return the labels of the images in `rows` by the rules of the project."""
        codes, probability = proposed(suggestions, rows, project.settings, project.concepts, sets)
        sure = np.where(np.isnan(probability), suggestions.probability[rows], probability)
        blocks = [
            suggestions.scored_images(rows[start : start + BLOCK_ROWS]).probabilities
            for start in range(0, len(rows), BLOCK_ROWS)
        ]
        width = len(suggestions.classifier.concepts) if suggestions.classifier else 0
        none = np.empty((0, width), dtype=np.float32)
        return cls(sets, codes, np.concatenate([none, *blocks]), sure)

    def put(self, places: Rows, labels: "ProposedLabels") -> None:
        """Replace the labels at `places` by others, of the same sets."""
        self.codes[places], self.sure[places] = labels.codes, labels.sure
        self.probabilities[places] = labels.probabilities


class JudgedImages(NamedTuple):
    """The images of a project with a known truth, by row.

    Attributes:
        rows: The N images that are judged.
        truth: N, the true labels of each.
        all: `rows` and the copies of these, which are not judged.
        copies_of_learned: Images that are not judged, since a copy of them was learned from.
        several: Images with several labels in the truth, where one is compared.
        unknown: True names that are none of the concepts, with the number of their images.
    """

    rows: Rows
    truth: Sequence[tuple[str, ...]]
    all: Rows
    copies_of_learned: Rows
    several: Rows
    unknown: Mapping[str, int]


def known_images(of: Snapshot, truth: Truth) -> JudgedImages:
    """Return the readable images with a truth."""
    images, known = of.project.images, by_any_name(of.project.concepts)
    texts, is_multi = images.paths.texts, of.project.settings.is_multi
    rows, labels, several = list[int](), list[tuple[str, ...]](), list[int]()
    for row in np.flatnonzero(of.is_read).tolist():
        names = truth.names.get(texts[row])
        if names is None:
            continue
        found = true_labels(names, known)
        if len(found) > 1 and not is_multi:
            several.append(row)
            continue
        rows.append(row)
        labels.append(found)
    read = np.array(rows, np.int64)
    stacks = of.stacks or _stacks_of_same_files(of.project)
    is_seen = _copies_of_learned(of, stacks, read)
    every, labels = read[~is_seen], list(compress(labels, ~is_seen))
    first = _first_of_stacks(stacks, every, labels)
    labels = [labels[one] for one in first]
    unknown = Counter(name for one in labels for name in one if name.casefold() not in known)
    many = np.array(several, np.int64)
    return JudgedImages(
        every[first], labels, every, read[is_seen], many, dict(unknown.most_common())
    )


def _stacks_of_same_files(project: Project) -> Stacks:
    images = project.images
    same = same_files(images.contents, ~images.is_removed)
    return joined({StackKind.SAME_FILE: same}, len(images))


def _copies_of_learned(of: Snapshot, stacks: Stacks, rows: Rows) -> Flags:
    """Return which of `rows` are copies of images to learn from, or cannot be judged without.

    Of very many that were learned from, some thousand are held out.
    """
    learned = to_learn(of.project, classifier_of(of).names.concepts).rows
    numbers = stacks.of(rows)
    is_copy = (numbers >= 0) & np.isin(numbers, stacks.of(learned))
    is_learned, found = np.isin(rows, learned), of.evidence
    if found is None or found.unlearned is None:
        return is_copy & ~is_learned
    return (is_copy | is_learned) & ~np.isin(rows, found.unlearned.rows)


def _first_of_stacks(stacks: Stacks, rows: Rows, truth: Sequence[tuple[str, ...]]) -> list[int]:
    """Return the places of images that are counted: of a stack the first with each truth.

    Copies are right or wrong together, so that intervals of all of them would be too narrow.
    """
    seen, first = set[tuple[int, tuple[str, ...]]](), list[int]()
    for place, (number, names) in enumerate(zip(stacks.of(rows).tolist(), truth, strict=True)):
        if number < 0 or (number, names) not in seen:
            first.append(place)
            seen.add((number, names))
    return first


def held_out_labels(
    of: Snapshot, rows: Rows, cancel: CancelToken
) -> tuple[ProposedLabels, ProposedLabels | None, NDArray[np.int64]]:
    """Return the labels of images, each by a classifier that did not learn from it.

    Returns:
        These; the labels by names alone, or None where nothing was learned; and which of `rows` the
        classifier in use learned from.
    """
    classifier, sets = classifier_of(of), LabelSets()
    labels = ProposedLabels.of(of.suggestions, rows, of.project, sets)
    if classifier is classifier.names:
        return labels, None, rows[:0]
    if of.evidence is None:  # of another feature's classifier
        learned = _judge_unseen(of, classifier.names, rows, labels, cancel)
    else:
        learned = _put_held_out(of, classifier, rows, labels)
    alone = score_images(classifier.names, of.vectors, of.suggestions.scores, cancel)
    return labels, ProposedLabels.of(alone, rows, of.project, sets), learned


def classifier_of(of: Snapshot) -> Classifier:
    """Return the classifier that is judged; raise a UsageError where there is none yet."""
    classifier = of.suggestions.classifier
    if classifier is None or not classifier.concepts:
        raise UsageError("judging-without-names")
    return classifier


def _put_held_out(of: Snapshot, classifier: Classifier, rows: Rows, labels: ProposedLabels) -> Rows:
    """Replace the labels of images that were learned from; return which of `rows` those are."""
    found = of.evidence.unlearned if of.evidence else None
    if found is None:
        return rows[:0]  # it was taught elsewhere
    held = Suggestions.of(classifier, found.scores)
    places, mine = shared(rows, found.rows)
    labels.put(places, ProposedLabels.of(held, mine, of.project, labels.sets))
    return places


def _judge_unseen(
    of: Snapshot, names: ZeroShot, rows: Rows, labels: ProposedLabels, cancel: CancelToken
) -> Rows:
    """Replace the labels of images that were learned from; return which of `rows` those are.

    Each is labelled by a classifier that was fitted as if the decisions of its fold had never been
    made. Pictures that are the same to the model are in one fold. Pages are not: without a page a
    name is hardly known, and suggestions for new pictures were right for 10 to 20 points more.
    """
    decided = to_learn(of.project, names.concepts, lambda: of.stacks)
    seen_rows, _ = shared(rows, decided.rows)
    if not len(seen_rows):
        return seen_rows
    leaders = np.arange(len(decided.rows))
    if len(leaders) <= MOST_JUDGED:
        points = vectors_in(of.vectors, decided.rows).learnable.astype(np.float64)
        leaders = first_alike(points, decided.stacks)
    _, group = np.unique(leaders, return_inverse=True)
    fold, among = np.random.default_rng(0).permutation(len(group))[group] % _FOLDS, fitters()
    for one in range(_FOLDS):
        unseen = decided.rows[fold == one]
        places, mine = shared(rows, unseen)
        rest = of.project.snapshot(of.project.images)
        nothing = SetFactOfImages(REJECTED, dict.fromkeys(rest.images.ids[unseen].tolist()))
        rest.apply(Several((clear(rest, unseen), nothing)), Title("take-back"))
        found = fit(choose(among, rest, names, lambda: of.stacks), names, of.vectors, cancel)
        left = vectors_in(of.vectors, unseen[mine])
        parts = [left.take(slice(at, at + BLOCK_ROWS)) for at in range(0, len(mine), BLOCK_ROWS)]
        scored = score_images(found.classifier if found else names, parts, None, cancel)
        other = ProposedLabels.of(scored, np.arange(len(mine)), of.project, labels.sets)
        labels.put(places, other)
    return seen_rows


def shared(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Return the places in two arrays of the values that both have."""
    _, mine, theirs = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return mine.astype(np.int64), theirs.astype(np.int64)
