"""The actions on stacks: show them as one, open and close them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import STACKS, Stacks, no_stacks
from nameplate.domain.text import deferred
from nameplate.pipeline.stacks.finding import ToStack, look_for_stacks
from nameplate.pipeline.stacks.small import SmallPictures
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr

_FINDING = "stacks"
"""What a message is about that is told while stacks are looked for."""

_NO_STACK = "no stack"
"""What a message is about that says why no stack opens; it goes with the next picture."""


def attach(workbench: Workbench) -> None:
    """Have stacks found where they are wanted, and let a click on a number open and close one."""
    finder = workbench.part(StackFinder)

    def on_view() -> None:
        is_on = workbench.pictures.view.is_stacked
        workbench.set_checked("stacks", is_on=is_on)
        if is_on:
            finder.ask()

    def on_number(row: int) -> None:
        _toggle(workbench, np.array([row]))

    workbench.pictures.follow_view(on_view)
    workbench.connect_to(workbench.pictures.grid.stack_clicked, on_number)
    workbench.pictures.follow_current(lambda _row: workbench.unsay(_NO_STACK))

    def on_found(effects: Effects) -> None:
        if STACKS in effects.found and finder.is_awaited:
            finder.is_awaited = False
            _tell_none(workbench)

    workbench.follow(on_found)


def toggle(workbench: Workbench) -> None:
    """Show each stack as one cell, or each picture again."""
    arrangement, images = workbench.pictures.arrangement, workbench.project.images
    view = replace(arrangement.view, is_stacked=not arrangement.view.is_stacked)
    arrangement.set_view(view)
    if not images.present or not view.is_stacked:
        return
    if workbench.derived.request(STACKS) is None:
        text = tr("Looking for copies and bursts…")
        if images.waiting:
            text = sentences(text, tr("They are stacked once all pictures are read."))
        workbench.say(text, is_reply=True, about=_FINDING)
        workbench.part(StackFinder).is_awaited = True
    else:
        _tell_none(workbench)


def _tell_none(workbench: Workbench) -> None:
    """Say it where there are no stacks that could be shown as one."""
    workbench.unsay(_FINDING)
    stacks = workbench.derived.request(STACKS)
    if stacks is None or workbench.part(StackFinder).has_failed:
        return
    if workbench.pictures.view.is_stacked and not (stacks.numbers >= 0).any():
        text = tr("No copies or bursts found.")
        workbench.say(text, is_reply=True, about=_FINDING)


def open_or_close(workbench: Workbench) -> None:
    """Show each picture of the chosen stacks, or show them as one again."""
    pictures = workbench.pictures
    if pictures.decisions.open_stack() or _toggle(workbench, pictures.grid.chosen_image_rows()):
        return
    why = tr("This picture isn't in a stack.")
    if not pictures.view.is_stacked:
        why = tr("Turn on Stacks first.")
    elif pictures.arrangement.model.cells is None and workbench.derived.request(STACKS) is not None:
        why = tr("Here each picture is shown alone. Open and close stacks in the grid.")
    workbench.say(why, is_reply=True, about=_NO_STACK)


def _toggle(workbench: Workbench, rows: NDArray[np.int64]) -> bool:
    """Open the closed stacks of `rows`; without any, close the open ones; False for none."""
    arrangement = workbench.pictures.arrangement
    cells = arrangement.model.cells
    if cells is None or not len(rows := rows[cells.stacks.of(rows) >= 0]):
        return False
    closed = rows[cells.are_closed(rows)]
    if len(closed):
        arrangement.open_stacks(closed)
    elif not arrangement.close_stacks(rows):
        text = tr("Not stacked: their labels or suggestions differ.")
        workbench.say(text, is_reply=True)
    return True


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
