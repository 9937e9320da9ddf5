"""What a person does with stacks: shows them as one, opens them, keeps the best of each."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Several, Title
from nameplate.domain.filtering.views import View
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project import labelling as rules
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted

Rows = NDArray[np.int64]

_FINDING = "stacks"
"""What a message is about that is told while stacks are looked for."""


class Stacking(QObject):
    """Applies what a person does with stacks to the selected ones of the grid."""

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        arrangement: Arrangement,
        grid: ImageGrid,
        messages: MessageBar,
    ) -> None:
        super().__init__(grid)
        self._owner = owner
        self._scoring = scoring
        self._arrangement = arrangement
        self._grid = grid
        self._messages = messages
        self._compared: Callable[[], Rows | None] = lambda: None
        arrangement.view_changed.connect(self._on_view)
        arrangement.placed.connect(self._on_view)
        owner.stacks_changed.connect(self._on_found)
        grid.stack_clicked.connect(lambda row: self._toggle(np.array([row])))

    def set_compared(self, compared: Callable[[], Rows | None]) -> None:
        """Set the function that returns the images that are compared now; None for none."""
        self._compared = compared

    @property
    def are_shown(self) -> bool:
        """Whether each stack is one cell."""
        return self._arrangement.view.is_stacked

    def toggle_shown(self) -> None:
        """Show each stack as one cell, or each picture again."""
        view = self._arrangement.view
        self._arrangement.set_view(replace(view, is_stacked=not view.is_stacked))
        if self.are_shown and self._owner.stacks is None:
            what = "when all pictures are read" if self._owner.project.images.waiting else "soon"
            text = f"Copies and bursts are looked for: they are shown as one {what}."
            self._messages.tell(text, is_reply=True, about=_FINDING)
        elif self.are_shown:
            self._on_found()

    @Slot(object)
    def _on_view(self, view: View) -> None:
        if view.is_stacked:
            self._owner.stacks_wanted.emit()

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
            text = "Show stacks as one first." if not self.are_shown else "This is no stack."
            self._messages.tell(text, is_reply=True)

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

    # ---- the best of each

    def keep_best(self) -> None:
        """Skip all but the best picture of each selected stack, as one step.

        Where one picture of an open stack is selected, or looked at beside others, it is the best.
        """
        groups = self._groups()
        if not groups:
            self._messages.tell("Select a stack first: copies or a burst.", is_reply=True)
            return
        project = self._owner.project
        kept = np.array([best for best, _ in groups], np.int64)
        others = np.concatenate([rest for _, rest in groups])
        is_skipped = project.labels.states == ReviewState.SKIPPED
        decided = others[(project.labels.decided_by[others] == DecidedBy.PERSON)]
        lost = int(np.count_nonzero(~is_skipped[decided]))
        skipped = rules.skip(project, others[~is_skipped[others]], self._scoring.circumstances)
        change = Several((skipped, rules.clear(project, kept[is_skipped[kept]])))
        self._owner.change(change, Title("keep-best", {"count": len(kept)}))
        self._arrangement.stack_again()
        self._grid.set_current_image(int(kept[0]))
        self._messages.tell_done(self._said(kept, len(others), lost), self._owner.undo)

    def _said(self, kept: Rows, others: int, lost: int) -> str:
        """Return what was done, in words."""
        what = f"The best of {counted(len(kept), 'stack')} stays"
        if len(kept) == 1:
            what = f"{shown_name(self._owner.project.images.paths[int(kept[0])])} stays"
        end = f"; {lost:,} of them had been decided" if lost else ""
        return f"{what}, {counted(others, 'other picture')} skipped{end}. No file is deleted."

    def _groups(self) -> list[tuple[int, Rows]]:
        """Return the best picture and the others of each stack that is chosen."""
        compared = self._compared()
        if compared is not None:
            current = self._grid.current_image_row()
            numbers = self._owner.stacks_of(compared)
            number = self._owner.stacks_of(np.array([current]))[0]
            rest = compared[(numbers == number) & (compared != current)]
            return [(current, rest)] if number >= 0 and len(rest) else []
        cells, rows = self._arrangement.cells, self._grid.chosen_image_rows()
        if cells is None:
            return []
        groups, numbers = list[tuple[int, Rows]](), cells.stacks.of(rows)
        for number in np.unique(numbers[numbers >= 0]).tolist():
            chosen = rows[numbers == number]
            stack = cells.members_of(number) if len(chosen) == 1 else chosen
            best = int(chosen[0]) if len(chosen) == 1 else self._best_of(chosen)
            groups.append((best, stack[stack != best]))
        return groups

    def _best_of(self, rows: Rows) -> int:
        """Return the best picture; what a person skipped only where all are."""
        is_skipped = self._owner.project.labels.states[rows] == ReviewState.SKIPPED
        return int((rows if is_skipped.all() else rows[~is_skipped])[0])
