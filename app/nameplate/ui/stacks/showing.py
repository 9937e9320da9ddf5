"""The actions on stacks: show them as one, open and close them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.domain.stacks import STACKS
from nameplate.ui.stacks.finder import StackFinder
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import sentences, tr

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
