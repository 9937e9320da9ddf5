"""Learns from a person's decisions in the background, and updates the suggestions."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.learning import Learner, ToLearn
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.learning.guard import LEAST_DECISIONS
from nameplate.scoring.learning.learning import Evidence
from nameplate.scoring.suggestions import ScoringResult, late_rows, score_images, with_late
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.wording.texts import error_text

_AT_ONCE_MS: Final = 20
"""After a decision, whose chip is painted first."""

_QUICK_S: Final = 0.3
_SHARE: Final = 2.0
_LONGEST_MS: Final = 5000
"""What takes longer than `_QUICK_S` waits for more decisions, twice as long as it takes."""

_MOST_LATE: Final = 1000
"""Images that were read while something was learned and are scored in the window's thread, some
milliseconds; more of them on the job's."""

_READ_MS: Final = 1000
"""While pictures are read, among which some that were decided before may be."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What is known of what was learned, and the scores where there are others than before.

    Attributes:
        evidence: What is known.
        scored: The scores; None for those of before.
        seconds: How long that took.
        late: How many images, read meanwhile, were scored last.
    """

    evidence: Evidence | None
    scored: ScoringResult | None
    seconds: float
    late: int = sys.maxsize


class Learning(QObject):
    """Keeps the suggestions those of names and decisions, where these show that it is better.

    `Scoring` says when the images are scored with names; from then on each decision is learned
    from: at once where that is quick, otherwise some together. It runs on a thread of its own, one
    after the other, so that there are new suggestions from time to time however fast a person is.

    Attributes:
        evidence: What is known of the worth of what was learned; None before anything was.

    Signals:
        changed: `evidence` is new, or what is learned from has changed.
        settled: All decisions are learned from; see `is_due`.
    """

    changed = Signal()
    settled = Signal()

    def __init__(
        self, owner: ProjectOwner, in_use: ModelInUse, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._owner = owner
        self.evidence: Evidence | None = None
        self._names: ZeroShot | None = None
        self._learner = Learner()
        self._known: tuple[bool, ToLearn] | None = None
        self._is_behind = False
        self._seconds = 0.0
        self._runner = JobRunner(
            "learn",
            self,
            on_event=self._on_learned,
            on_failed=self._on_failed,
            on_done=self._go_on,
            low_priority=True,
        )
        self._soon = Later(self, _AT_ONCE_MS, self._look)
        self._later = Later(self, _READ_MS, self._look)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.when_found("stacks", self._on_changed)
        owner.read.connect(self._later.ask)
        in_use.loaded.connect(self._forget)

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._soon.stop()
        self._later.stop()
        self._runner.shut_down()

    @property
    def is_due(self) -> bool:
        """Whether decisions are being learned from, or will be in a moment."""
        return self._runner.is_running or (self._soon.isActive() and self._find_new() is not None)

    @property
    def is_slow(self) -> bool:
        """Whether a person would notice how long it takes to learn."""
        return self._seconds > _QUICK_S

    @property
    def is_in_force(self) -> bool:
        """Whether what is suggested now was learned from decisions."""
        classifier = self._owner.suggestions.classifier
        return classifier is not None and classifier.decider == DecidedBy.PROBE

    def hurry(self) -> None:
        """Learn from the last decisions without waiting for more: something waits for it."""
        if self._soon.isActive():
            self._soon.start(0)

    def start_from(self, names: ZeroShot) -> None:
        """Learn anew: the images were scored with these names."""
        self._names, self._known = names, None
        if self._runner.is_running:
            self._runner.drop()
        self._look()

    @Slot()
    def _forget(self) -> None:
        """Forget what was learned: another project or another model is in use."""
        self._names, self._known, self.evidence = None, None, None
        self._learner, self._is_behind = Learner(), False
        self._soon.stop()
        if self._runner.is_running:
            self._runner.drop()
        self.changed.emit()

    @Slot()
    def _on_changed(self) -> None:
        if self._names is not None:
            wait = _AT_ONCE_MS
            if self.is_slow:
                wait = min(_LONGEST_MS, round(1000 * _SHARE * self._seconds))
            self._soon.setInterval(wait)
            self._soon.ask()

    @Slot()
    def _look(self) -> None:
        """Learn from the decisions of now, unless they are those that were learned from."""
        names, to_learn = self._names, self._find_new()
        if names is None or to_learn is None:
            self._settle()
            return
        learns, known = self._owner.project.settings.learns, self._known
        if self._runner.is_running and known is not None and known[0] == learns:
            self._is_behind = True
            return
        self._known, self._is_behind = (learns, replace(to_learn, blocks=())), False
        is_to_learn = learns and len(to_learn.decided.rows) > 0
        if not is_to_learn:
            self.evidence = None
            self.changed.emit()
        if len(to_learn.decided.rows) >= LEAST_DECISIONS and to_learn.stacks is None:
            self._owner.want("stacks")  # copies are no evidence; they are learned from then
        if is_to_learn or self.is_in_force:
            self._start(names, to_learn, is_to_learn=is_to_learn)
        elif self._runner.is_running:  # `finished` follows
            self._runner.drop()
        else:
            self._settle()

    def _find_new(self) -> ToLearn | None:
        """Return what there is to learn from now; None where it was learned from before."""
        if self._names is None:
            return None
        project, known = self._owner.project, self._known
        to_learn = ToLearn.of(project, self._names, self._owner.stacks)
        if known is None or known[0] != project.settings.learns:
            return to_learn
        return None if to_learn.teaches_as(known[1]) else to_learn

    def _settle(self) -> None:
        if not self._runner.is_running:
            self.settled.emit()

    def _start(self, names: ZeroShot, to_learn: ToLearn, *, is_to_learn: bool) -> None:
        """Learn, or go back to the names alone, and score the images with that."""
        suggestions, learner = self._owner.suggestions, self._learner
        now, scores = suggestions.classifier, suggestions.scores

        def job(cancel: CancelToken) -> Iterator[_Done]:
            started, learned = time.monotonic(), None
            if is_to_learn:
                learned = learner.learn(names, to_learn, cancel)
            best: Classifier = learned.classifier if learned else names
            scored = None
            if now is None or best.made_from != now.made_from:
                scored = score_images(best, to_learn.blocks, scores, cancel)
            yield _Done(learned and learned.evidence, scored, time.monotonic() - started)

        self._runner.start(job)

    @Slot(object)
    def _on_learned(self, done: _Done) -> None:
        if done.scored is not None and self._catch_up(done, done.scored):
            return
        self._seconds = done.seconds
        self.evidence = done.evidence
        if done.scored is not None:
            self._owner.replace_suggestions(done.scored)
        self.changed.emit()

    def _catch_up(self, done: _Done, scored: ScoringResult) -> bool:
        """Have images scored on the thread that were read meanwhile, where there are many."""
        images = self._owner.project.images
        late, blocks = late_rows(scored, images), images.blocks()
        if not _MOST_LATE < len(late) < done.late:  # each time there are fewer
            return False

        def job(cancel: CancelToken) -> Iterator[_Done]:
            more = with_late(scored, late, blocks, cancel)
            yield replace(done, scored=more, late=len(late))

        self._runner.start(job)
        return True

    @Slot()
    def _go_on(self) -> None:
        """Learn from what was decided meanwhile."""
        if self._is_behind:
            self._is_behind = False
            self._look()
        else:
            self.settled.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        count = len(self._known[1].decided.rows) if self._known else 0
        why = Message("learning-failed", {"reason": error_text(error)})
        self.evidence = Evidence(count, why=why)
        self.changed.emit()
        self._go_on()
