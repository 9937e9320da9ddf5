"""Finds doubtful labels on a thread: for the panel, their pages, and `odd:mistake` as a filter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.filtering.columns import FoundImages, found_images
from nameplate.domain.filtering.tally import undecided_of
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import NEVER, CancelToken, Progress
from nameplate.domain.stacks import Stacks, differing
from nameplate.features.quality.doubtful.audit import (
    Audit,
    audit,
    doubtful_places,
    is_called_right,
)
from nameplate.features.quality.facts import CALLED_RIGHT
from nameplate.features.quality.snapshot import Snapshot
from nameplate.project.label_changes import NO_ROWS, Rows
from nameplate.scoring.whitening import FOR_GROUPS, WhitenedSpace, sample_of
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr

FINDING: Final = "odd"
_JOB: Final = "look"
_LATER_MS: Final = 400
"""After a decision, before the next look: many in a row must not compete with it."""


@dataclass(frozen=True, slots=True)
class _Found:
    audit: Audit
    misfits: Rows
    duplicates: Rows


class Finder:
    """Finds doubtful labels, misfits and copies with different labels when they are asked for.

    A decision about a doubtful label makes no other label more or less doubtful; any other change
    of labels does.

    Attributes:
        is_stopped: Whether the person cancelled the last look, or it failed.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._found: _Found | None = None
        self._is_old = True
        self._waits_for_scores = self._is_watched = self.is_stopped = False
        self._soon = workbench.later(_LATER_MS, self.look)
        workbench.follow(self._on_changed)
        workbench.follow_model(self._forget)
        workbench.follow_reading(self.look)

    @property
    def audit(self) -> Audit | None:
        """The doubts found last; None before."""
        return self._found.audit if self._found else None

    @property
    def waits_for_reading(self) -> bool:
        """Whether pictures are read first: all are compared with one another."""
        return self._workbench.project.images.waiting > 0

    @property
    def is_current(self) -> bool:
        """Whether `audit` is about the labels, names and pictures as they are."""
        return not (self._is_old or self._workbench.is_running(_JOB))

    @property
    def doubtful(self) -> int:
        """The number of doubtful labels that are open; 0 where they are not known."""
        return len(doubtful_places(self._workbench.project, self.audit))

    @property
    def why_unknown(self) -> str:
        """Why the doubtful labels of now are not known; empty where they are."""
        if self.waits_for_reading:
            return tr("All pictures are read first, then their labels are compared.")
        if self.is_stopped:
            return tr("The labels were not compared.")
        if not self.is_current:
            return tr("Comparing the labels with the pictures and names…")
        is_compared = self.audit is not None and self.audit.if_right is not None
        return "" if is_compared else tr("Label pictures with two names first, or import labels.")

    def watch(self, *, is_on: bool) -> None:
        """Find the doubtful labels from now on after each change, or no more."""
        self._is_watched = is_on
        self.look()

    def find(self) -> None:
        """Find the doubtful labels, unless they are known or it is going on."""
        if self._is_old and not self._workbench.is_running(_JOB):
            self._find(is_waited_for=True)

    def look(self) -> None:
        """Look for the panel or a filter such as `odd:mistake`, unless the result is known."""
        if self._is_old and self._is_wanted:
            self._find()

    @property
    def _is_wanted(self) -> bool:
        return self._is_watched or FINDING in self._workbench.pictures.view.findings

    def _find(self, *, is_waited_for: bool = False) -> None:
        workbench = self._workbench
        self.is_stopped = False
        if self.waits_for_reading or self._waits_for_scores:
            return
        if workbench.project.concepts and workbench.model is not None and not workbench.is_scored:
            self._waits_for_scores = True
            workbench.when_scored(self._on_scored, self._stop)
            return
        self._is_old = False
        of = Snapshot.of(workbench.project, workbench.suggestions)

        def job(cancel: CancelToken) -> Iterator[Progress | _Found]:
            found = yield from audit(of, cancel)
            yield _Found(found, misfits(of, cancel), duplicates(of, found.stacks))

        low = not is_waited_for
        workbench.run(_JOB, job, self._on_event, self._on_failed, low_priority=low)
        self._show_work()

    def _on_scored(self) -> None:
        self._waits_for_scores = False
        self._find(is_waited_for=True)

    def _on_event(self, event: Progress | _Found) -> None:
        if isinstance(event, Progress):
            self._show_work(event)
            return
        self._workbench.drop(_JOB)  # it has said all
        self._workbench.show_work("")
        self._found = event
        self._publish()

    def _show_work(self, progress: Progress | None = None) -> None:
        self._workbench.show_work(tr("Comparing labels"), progress, self._stop)

    def _on_failed(self, error: Exception) -> None:
        self._stop()
        self._workbench.warn(sentences(tr("Can't compare the labels."), error_text(error)))

    def _stop(self) -> None:
        self._workbench.drop(_JOB)
        self._workbench.show_work("")
        self._is_old = self.is_stopped = True
        self._waits_for_scores = False
        self._publish()

    def _forget(self) -> None:
        self._is_old = True

    def _publish(self) -> None:
        """Publish the result to filters and pages."""
        project, found, rows = self._workbench.project, self._found, dict[str, Rows]()
        if found is not None:
            same = found.duplicates
            numbers = np.unique(found.audit.stacks.of(same), return_inverse=True)[1]
            is_other = differing(numbers, project.labels.concepts[same].astype(np.int64))
            rows = {
                "mistake": found.audit.rows[doubtful_places(project, found.audit)],
                "misfit": found.misfits[~is_called_right(project, found.misfits)],
                "duplicate": same[is_other[numbers] & ~is_called_right(project, same)],
            }
        self._workbench.derived.publish(found_images(FINDING), FoundImages(rows, self._why_none()))

    def _why_none(self) -> dict[str, str]:
        """Return by word the reason for an empty result."""
        if self.is_stopped:
            words = ("mistake", "misfit", "duplicate")
            return dict.fromkeys(words, tr("The labels were not compared."))
        why, project = dict[str, str](), self._workbench.project
        if self.audit is not None and self.audit.if_right is None:
            why["mistake"] = tr("Label pictures with two names first, or import labels.")
        if not undecided_of(project.images, project.labels).any():
            why["misfit"] = tr(
                "You have checked every picture. Only undecided ones are compared with the names."
            )
        return why

    def _on_changed(self, effects: Effects) -> None:
        is_other = effects.concepts or effects.images or effects.settings or len(effects.read)
        is_new = bool(is_other) or self._has_others(effects)
        self._is_old |= is_new
        if not self._is_wanted:
            return
        if is_new:
            self._soon.ask()
        elif len(effects.labelled) or effects.has(CALLED_RIGHT):
            self._publish()

    def _has_others(self, effects: Effects) -> bool:
        """Whether labels changed that are not among the doubtful ones."""
        doubtful = self.audit.rows[self.audit.doubtful] if self.audit else NO_ROWS
        return not np.isin(effects.labelled, doubtful).all()


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
