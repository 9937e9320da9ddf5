"""What a person does with stacks: shows them as one, opens and closes them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.features.stacks.finder import StackFinder
from nameplate.ui.workbench import Workbench

_FINDING = "stacks"
"""What a message is about that is told while stacks are looked for."""


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

    def on_changed(effects: Effects) -> None:
        if "stacks" in effects.found and finder.is_awaited:
            _tell_none(workbench)

    workbench.follow(on_changed)


def toggle(workbench: Workbench) -> None:
    """Show each stack as one cell, or each picture again."""
    arrangement, images = workbench.pictures.arrangement, workbench.project.images
    view = replace(arrangement.view, is_stacked=not arrangement.view.is_stacked)
    arrangement.set_view(view)
    workbench.part(StackFinder).is_awaited = view.is_stacked
    if not images.present or not view.is_stacked:
        return
    if workbench.want_stacks() is None:
        what = "when all pictures are read" if images.waiting else "soon"
        text = f"Copies and bursts are looked for: they are shown as one {what}."
        workbench.say(text, is_reply=True, about=_FINDING)
    else:
        _tell_none(workbench)


def _tell_none(workbench: Workbench) -> None:
    """Say it where there are no stacks that could be shown as one."""
    workbench.unsay(_FINDING)
    stacks = workbench.want_stacks()
    workbench.part(StackFinder).is_awaited = stacks is None
    if stacks is None or workbench.part(StackFinder).has_failed:
        return
    if workbench.pictures.view.is_stacked and not (stacks.numbers >= 0).any():
        text = "No picture here is a copy of another or of the same burst."
        workbench.say(text, is_reply=True, about=_FINDING)


def open_or_close(workbench: Workbench) -> None:
    """Show each picture of the chosen stacks, or show them as one again."""
    pictures = workbench.pictures
    if pictures.decisions.open_stack() or _toggle(workbench, pictures.grid.chosen_image_rows()):
        return
    why = "This is no stack."
    if not pictures.view.is_stacked:
        why = "Show stacks as one first."
    elif pictures.arrangement.model.cells is None and workbench.want_stacks() is not None:
        why = "Each picture is shown alone here. In the grid stacks open and close."
    workbench.say(why, is_reply=True)


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
        text = "What is suggested or decided differs, so that these pictures stand alone."
        workbench.say(text, is_reply=True)
    return True
