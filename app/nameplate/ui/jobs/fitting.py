"""Fits the classifiers of features to a person's decisions, in the background."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import STACKS, Stacks
from nameplate.pipeline.fitting import Choice, choose, failed, fit, fitters, is_same
from nameplate.pipeline.learning.fitted import Fitted
from nameplate.pipeline.learning.fitter import Learner
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.ui.jobs.jobs import Job, Jobs, Task
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later

_AT_ONCE_MS: Final = 20
"""After a decision, whose chip is painted first."""

_QUICK_S: Final = 0.3
_SHARE: Final = 2.0
_LONGEST_MS: Final = 5000
"""What takes longer than `_QUICK_S` waits for more decisions, twice as long as it takes."""

_MOST_LATE: Final = 1000
"""Images that were read while something was fitted and are scored in the window's thread, some
milliseconds; more of them on the job's."""

_READ_MS: Final = 1000
"""While pictures are read, among which some that were decided before may be."""

_NEVER: Final = object()
"""What was chosen last, before anything was."""


class _Done(NamedTuple):
    """The result of a fit, the seconds that it took, and the scores where they changed."""

    fitted: Fitted | None
    scored: Suggestions | None
    seconds: float
    late: int = sys.maxsize
    """How many images, read meanwhile, were scored last."""


class Fitting(QObject):
    """Puts classifiers that are fitted to decisions in place of the zero-shot one.

    `Scoring` says when the images are scored with names; from then on each decision is learned
    from: at once where that is quick, otherwise some together. One fit follows the other, so that
    there are new suggestions from time to time however fast a person is.

    Attributes:
        fitted: What was fitted last; None before anything was, and while there is nothing to fit.

    Signals:
        changed: `fitted` is another, or there is nothing left to fit; see `is_due`.
    """

    changed = Signal()

    def __init__(
        self,
        owner: ProjectOwner,
        model_in_use: ModelInUse,
        jobs: Jobs,
        on_settled: Callable[[], object],
    ) -> None:
        """Fit nothing yet; `on_settled` is called when there is nothing left to fit."""
        super().__init__(owner)
        self._owner, self._jobs, self._on_settled = owner, jobs, on_settled
        self._seconds = 0.0
        self._soon = Later(self, _AT_ONCE_MS, self._look)
        self._later = Later(self, _READ_MS, self._look)
        self._forget()
        self._owner.changed.connect(self._on_project_changed)
        model_in_use.loaded.connect(self._forget)

    @property
    def is_due(self) -> bool:
        """Whether something is being fitted, or will be in a moment."""
        return self._is_running or (
            self._soon.isActive() and not is_same(self._choose(), self._known)
        )

    @property
    def is_slow(self) -> bool:
        """Whether a person would notice how long it takes."""
        return self._seconds > _QUICK_S

    @property
    def is_in_force(self) -> bool:
        """Whether suggestions come from a fitted classifier, and not from the names alone."""
        now = self._owner.suggestions.classifier
        return now is not None and now is not now.names

    def hurry(self) -> None:
        """Fit to the last decisions without waiting for more: something waits for it."""
        if self._soon.isActive():
            self._soon.start(0)

    def start_from(self, names: ZeroShot) -> None:
        """Fit again from these names, with which the images were scored."""
        self._names, self._known = names, _NEVER
        self._jobs.drop("fit")
        self._look()

    @property
    def _is_running(self) -> bool:
        return self._jobs.is_running("fit")

    def _forget(self) -> None:
        """Discard the fit: another project or another model is in use."""
        self._names: ZeroShot | None = None
        self.fitted: Fitted | None = None
        self._learner = Learner()
        self._fitters, self._ahead = fitters(self._learner), 0
        self._known: Choice | object = _NEVER
        self._is_behind = self._lacks_stacks = False
        self._soon.stop()
        self._jobs.drop("fit")
        self.changed.emit()

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self._forget()
        elif len(effects.read):
            self._later.ask()
        elif self._names is not None and (effects.of_project or STACKS in effects.found):
            wait = min(_LONGEST_MS, round(1000 * _SHARE * self._seconds))
            self._soon.setInterval(wait if self.is_slow else _AT_ONCE_MS)
            self._soon.ask()

    def _look(self) -> None:
        """Fit to the decisions of now, unless they are those that it was fitted to."""
        choice = self._choose()
        if self._names is None or is_same(choice, self._known):
            self._settle()
        elif self._is_running and self._known is not None and choice is not None:
            self._is_behind = True
        else:
            self._known, self._is_behind = choice, False
            if self._lacks_stacks:
                self._owner.derived.request_once(STACKS)  # it is fitted again when they are found
            self._begin(choice, self._names)

    def _choose(self) -> Choice:
        """Return the fitter to use now, with its training data."""
        self._lacks_stacks = False
        if self._names is None:
            return None
        return choose(self._fitters, self._owner.project, self._names, self._stacks)

    def _stacks(self) -> Stacks | None:
        self._lacks_stacks = self._owner.stacks is None
        return self._owner.stacks

    def _settle(self) -> None:
        if not self._is_running:
            self._on_settled()
            self.changed.emit()
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Do beforehand what the first fit would take longest for, before anything is decided."""
        learner, images = self._learner, self._owner.project.images
        ready = int(np.count_nonzero(images.is_ready))
        if self._known is not None or ready == self._ahead or not images.is_whole:
            return
        self._ahead, blocks = ready, images.vectors()

        def job(_cancel: CancelToken) -> Iterator[None]:
            yield learner.look_ahead(blocks, ready)

        self._jobs.run("fit-ahead", Task(job), low_priority=True)

    def _begin(self, choice: Choice, names: ZeroShot) -> None:
        """Fit, or go back to the names alone, and score the images with that."""
        suggestions, blocks = self._owner.suggestions, self._owner.project.images.vectors()
        now, scores = suggestions.classifier, suggestions.scores
        if choice is None:
            self.fitted = None
            self.changed.emit()
            if not self.is_in_force:
                self._jobs.drop("fit")
                self._settle()
                return

        def job(cancel: CancelToken) -> Iterator[_Done]:
            started, found = time.monotonic(), fit(choice, names, blocks, cancel)
            best, scored = found.classifier if found else names, None
            if now is None or best.made_from != now.made_from:
                scored = score_images(best, blocks, scores, cancel)
            yield _Done(found, scored, time.monotonic() - started)

        self._run(job, names)

    def _run(self, job: Job, names: ZeroShot) -> None:
        def on_event(done: _Done) -> None:
            if done.scored is not None and self._catch_up(done, done.scored, names):
                return
            self._seconds, self.fitted = done.seconds, done.fitted
            if done.scored is not None:
                self._owner.replace_suggestions(done.scored)
            self.changed.emit()

        def on_failed(error: Exception) -> None:
            self.fitted = failed(names, error)
            self.changed.emit()
            self._go_on()

        task = Task(job, on_event, on_failed, self._go_on)
        self._jobs.run("fit", task, low_priority=True)

    def _catch_up(self, done: _Done, scored: Suggestions, names: ZeroShot) -> bool:
        """Score images that were read during a fit on the job's thread, where they are many."""
        images = self._owner.project.images
        late, blocks = scored.late_rows(images), images.vectors()
        if not _MOST_LATE < len(late) < done.late:  # each time there are fewer
            return False

        def job(cancel: CancelToken) -> Iterator[_Done]:
            scored.add_late(late, blocks, cancel)
            yield done._replace(late=len(late))

        self._run(job, names)
        return True

    def _go_on(self) -> None:
        """Fit to the decisions that were made during a fit, if any."""
        if self._is_behind:
            self._is_behind = False
            self._look()
        else:
            self._settle()
