"""What a person does with stacks: shows them as one, opens and closes them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.filtering.views import View
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar

Rows = NDArray[np.int64]

_FINDING = "stacks"
"""What a message is about that is told while stacks are looked for."""


class Stacking(QObject):
    """Applies what a person does with stacks to the selected ones of the grid."""

    def __init__(
        self,
        owner: ProjectOwner,
        arrangement: Arrangement,
        grid: ImageGrid,
        messages: MessageBar,
    ) -> None:
        super().__init__(grid)
        self._owner = owner
        self._arrangement = arrangement
        self._grid = grid
        self._messages = messages
        arrangement.view_changed.connect(self._on_view)
        arrangement.placed.connect(self._on_view)
        owner.when_found("stacks", self._on_found)
        grid.stack_clicked.connect(lambda row: self._toggle(np.array([row])))

    @property
    def are_shown(self) -> bool:
        """Whether each stack is one cell."""
        return self._arrangement.view.is_stacked

    def toggle_shown(self) -> None:
        """Show each stack as one cell, or each picture again."""
        view = self._arrangement.view
        self._arrangement.set_view(replace(view, is_stacked=not view.is_stacked))
        if not self._owner.project.images.present:
            return
        if self.are_shown and self._owner.stacks is None:
            what = "when all pictures are read" if self._owner.project.images.waiting else "soon"
            text = f"Copies and bursts are looked for: they are shown as one {what}."
            self._messages.tell(text, is_reply=True, about=_FINDING)
        elif self.are_shown:
            self._on_found()

    @Slot(object)
    def _on_view(self, view: View) -> None:
        if view.is_stacked:
            self._owner.want("stacks")

    @Slot()
    def _on_found(self) -> None:
        self._messages.withdraw(_FINDING)
        stacks = self._owner.stacks
        if self.are_shown and stacks is not None and not (stacks.numbers >= 0).any():
            text = "No picture here is a copy of another or of the same burst."
            self._messages.tell(text, is_reply=True, about=_FINDING)

    def open_or_close(self) -> None:
        """Show each picture of the selected stacks, or show them as one again."""
        if not self._toggle(self._grid.chosen_image_rows()):
            self._messages.tell(self._why_none(), is_reply=True)

    def _why_none(self) -> str:
        if not self.are_shown:
            return "Show stacks as one first."
        if self._grid.cells is None and self._owner.stacks is not None:
            return "Each picture is shown alone here. In the grid stacks open and close."
        return "This is no stack."

    def _toggle(self, rows: Rows) -> bool:
        """Open the closed stacks of `rows`; without any, close the open ones; False for none."""
        cells = self._grid.cells
        if cells is None or not len(rows := rows[cells.stacks.of(rows) >= 0]):
            return False
        closed = rows[cells.are_closed(rows)]
        if len(closed):
            self._arrangement.open_stacks(closed)
        elif not self._arrangement.close_stacks(rows):
            text = "What is suggested or decided differs, so that these pictures stand alone."
            self._messages.tell(text, is_reply=True)
        return True

    def hold_back(self, rows: Rows) -> bool:
        """Open stacks within which something differs by now, instead of a decision about them."""
        is_any = self._arrangement.open_differing(rows)
        if is_any:
            text = "What is suggested differs within a stack by now: look at its pictures first."
            self._messages.tell(text, is_reply=True)
        return is_any
