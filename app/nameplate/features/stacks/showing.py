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
    workbench.part(StackFinder)
    workbench.part(Stacking)


def toggle(workbench: Workbench) -> None:
    """Show each stack as one cell, or each picture again."""
    workbench.part(Stacking).toggle_shown()


def open_or_close(workbench: Workbench) -> None:
    """Show each picture of the chosen stacks, or show them as one again."""
    if not workbench.pictures.open_copies():
        workbench.part(Stacking).open_or_close()


class Stacking:
    """Applies what a person does with stacks to the selected ones of the grid."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._pictures = workbench.pictures
        self._arrangement = workbench.pictures.arrangement
        self._pictures.follow_view(self._on_view)
        workbench.follow(self._on_changed)
        self._pictures.follow_numbers(lambda row: self._toggle(np.array([row])))

    @property
    def _are_shown(self) -> bool:
        """Whether each stack is one cell."""
        return self._arrangement.view.is_stacked

    def toggle_shown(self) -> None:
        """Show each stack as one cell, or each picture again."""
        view, images = self._arrangement.view, self._workbench.project.images
        self._arrangement.set_view(replace(view, is_stacked=not view.is_stacked))
        if not images.present:
            return
        if self._are_shown and self._workbench.stacks() is None:
            what = "when all pictures are read" if images.waiting else "soon"
            self._tell(f"Copies and bursts are looked for: they are shown as one {what}.", _FINDING)
        elif self._are_shown:
            self._on_found()

    def _tell(self, text: str, about: str = "") -> None:
        self._workbench.say(text, is_reply=True, about=about)

    def _on_view(self) -> None:
        self._workbench.set_checked("stacks", is_on=self._are_shown)
        if self._are_shown:
            self._workbench.part(StackFinder).ask()

    def _on_changed(self, effects: Effects) -> None:
        if "stacks" in effects.found:
            self._on_found()

    def _on_found(self) -> None:
        self._workbench.unsay(_FINDING)
        stacks = self._workbench.stacks()
        if self._are_shown and stacks is not None and not (stacks.numbers >= 0).any():
            self._tell("No picture here is a copy of another or of the same burst.", _FINDING)

    def open_or_close(self) -> None:
        """Show each picture of the selected stacks, or show them as one again."""
        if not self._toggle(self._pictures.chosen):
            self._tell(self._why_none())

    def _why_none(self) -> str:
        if not self._are_shown:
            return "Show stacks as one first."
        if self._arrangement.model.cells is None and self._workbench.stacks() is not None:
            return "Each picture is shown alone here. In the grid stacks open and close."
        return "This is no stack."

    def _toggle(self, rows: NDArray[np.int64]) -> bool:
        """Open the closed stacks of `rows`; without any, close the open ones; False for none."""
        cells = self._arrangement.model.cells
        if cells is None or not len(rows := rows[cells.stacks.of(rows) >= 0]):
            return False
        closed = rows[cells.are_closed(rows)]
        if len(closed):
            self._arrangement.open_stacks(closed)
        elif not self._arrangement.close_stacks(rows):
            self._tell("What is suggested or decided differs, so that these pictures stand alone.")
        return True
