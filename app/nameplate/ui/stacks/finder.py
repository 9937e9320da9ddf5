"""Finds the stacks of a project in the window, for the grid, pages, learning and exports."""

from collections.abc import Iterator
from typing import Final

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import STACKS, Stacks, no_stacks
from nameplate.domain.text import deferred
from nameplate.pipeline.stacks.finding import ToStack, look_for_stacks
from nameplate.pipeline.stacks.small import SmallPictures
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr

_SLOW_MS: Final = 1000
_SOON_MS: Final = 300
"""After pictures were removed or restored: more of them may follow."""
_TOLD_S: Final = 0.2
"""Between two reports of progress."""
_JOB: Final = "find"
_WHAT: Final = deferred("Looking for copies and bursts")


class StackFinder:
    """Finds the stacks on a thread, once somebody asks and all pictures are read.

    From then on they are found anew whenever others could come out: for other pictures, other files
    of these, or another model. What was read of a picture is not read again.

    Attributes:
        has_failed: Whether the last search did, so that nobody knows of any.
        is_awaited: Whether a person asked for stacks and waits to hear of them.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._small = SmallPictures(workbench.pictures.thumbnails.on_disk)
        self._is_wanted = False
        self._is_due = True  # others may come out than those that are known or looked for
        self._is_slow = self.has_failed = self.is_awaited = False
        self._progress: Progress | None = None
        self._slow = workbench.later(_SLOW_MS, self._on_slow)
        self._soon = workbench.later(_SOON_MS, self._look)
        workbench.derived.find_by(STACKS, self.ask)
        workbench.follow(self._on_changed)
        workbench.follow_model(self._look_anew)
        workbench.follow_reading(self._look)

    def ask(self) -> None:
        """Find the stacks, now or when all pictures are read, unless they are known."""
        self._is_wanted = True
        self._look()

    def _look(self) -> None:
        images = self._workbench.project.images
        if not (self._is_wanted and self._is_due) or images.waiting or not len(images):
            return
        self._is_due, self._progress = False, None
        to_stack, small = ToStack.of(images), self._small

        def job(cancel: CancelToken) -> Iterator[Progress | Stacks]:
            told = 0.0
            for event in look_for_stacks(to_stack, cancel, small):
                if isinstance(event, Stacks):
                    yield event
                elif event.seconds - told >= _TOLD_S:
                    told = event.seconds
                    yield event

        self._workbench.run(
            _JOB, job, self._on_event, self._on_failed, self._calm, low_priority=True
        )
        self._slow.ask()

    def _on_changed(self, effects: Effects) -> None:
        if effects.images or len(effects.relinked):
            self._look_anew()
        elif len(effects.read):
            self._is_due = True

    def _look_anew(self) -> None:
        """Look again for other pictures, or another model, which may know all pictures already."""
        self._is_due = True
        self._soon.ask()

    def _on_event(self, event: Progress | Stacks) -> None:
        if isinstance(event, Stacks):
            self.has_failed = False
            self._workbench.derived.publish(STACKS, event)
        else:
            self._progress = event
            self._show()

    def _on_failed(self, error: Exception) -> None:
        self._calm()
        self.has_failed = True
        self._workbench.warn(sentences(tr("Can't look for copies and bursts."), error_text(error)))
        self._workbench.derived.publish(STACKS, no_stacks())

    def _on_slow(self) -> None:
        self._is_slow = True
        self._show()

    def _calm(self) -> None:
        """Note that nothing is looked for any more."""
        self._slow.stop()
        if self._is_slow:
            self._is_slow = False
            self._workbench.show_work("")

    def _show(self) -> None:
        """Say how far it is, once it takes long."""
        if self._is_slow:
            self._workbench.show_work(tr(_WHAT), self._progress, self._cancel)

    def _cancel(self) -> None:
        """Discard the search; the next request starts it again."""
        self._is_wanted, self._is_due = False, True
        self._workbench.drop(_JOB)
        self._calm()
