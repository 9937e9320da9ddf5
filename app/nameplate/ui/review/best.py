"""Keeps the best picture of each stack, and skips the others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Several, Title
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.paths import PathList
from nameplate.domain.progress import Progress
from nameplate.domain.stacks import Stacks, members
from nameplate.pipeline.stacks.best import BestFound, find_best
from nameplate.project import labelling, stacks
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.ui.widgets.painting import shortened
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

Rows = NDArray[np.int64]

_SLOW_S: Final = 1.0
_LONGEST_NAME: Final = 40
_COMPARING: Final = "best"
"""What a message is about that is told while pictures are compared."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be done when the best pictures are known.

    Attributes:
        stacks: The chosen ones alone.
        chosen: Rows of the best pictures that a person chose.
        revision: Of the project.
    """

    stacks: Stacks
    chosen: Rows
    revision: int


class KeepBest(QObject):
    """Keeps the best picture of each chosen stack; the others are skipped, as one step.

    Where one picture of an open stack is selected, or looked at beside others, a person chose it;
    else the pictures are read on a thread to find the best. No file is changed.
    """

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
        self._asked: _Asked | None = None
        self._jobs = scoring.jobs
        owner.opened.connect(self._stop)

    def set_compared(self, compared: Callable[[], Rows | None]) -> None:
        """Set the function that returns the images that are compared now; None for none."""
        self._compared = compared

    def keep(self) -> None:
        """Keep the best of the chosen stacks, as soon as it is known which that is."""
        groups = self._groups()
        if not groups:
            text = "Select a stack first: copies or a burst, shown as one (Ctrl+B)."
            self._messages.tell(text, is_reply=True, about=LAST_STEP)
            return
        # What was skipped as a whole stays so: it is a stack of its own beside the best.
        groups = [group for group in groups if group[1] >= 0 or len(self._not_skipped(group[0]))]
        if not groups:
            text = "All of this stack is skipped: take that back first (U)."
            self._messages.tell(text, is_reply=True, about=LAST_STEP)
            return
        project = self._owner.project
        of_groups = _stacks_of([rows for rows, _ in groups], len(project.images))
        chosen = np.array([best for _, best in groups if best >= 0], np.int64)
        others = [self._not_skipped(rows) for rows, best in groups if best < 0]
        if not others:
            self._keep(of_groups, chosen)
            return
        among, rows = _stacks_of(others, len(project.images)), np.concatenate(others)
        paths = PathList.of_texts(project.images.paths.texts)
        self._asked = _Asked(of_groups, chosen, project.revision)
        find = partial(find_best, among, rows, paths)
        self._jobs.run("best", Task(find, self._on_event, self._on_failed))

    def _groups(self) -> list[tuple[Rows, int]]:
        """Return the images of each chosen stack, and the one that a person chose, or -1."""
        compared = self._compared()
        if compared is not None:
            current = self._grid.current_image_row()
            number = self._owner.stacks_of(np.array([current]))[0]
            rows = compared[self._owner.stacks_of(compared) == number]
            return [(rows, current)] if number >= 0 and len(rows) > 1 else []
        cells, rows = self._arrangement.cells, self._grid.chosen_image_rows()
        if cells is None:
            return []
        groups, numbers = list[tuple[Rows, int]](), cells.stacks.of(rows)
        order = np.argsort(numbers, kind="stable")
        rows, numbers = rows[order], numbers[order]
        places = np.flatnonzero(np.diff(numbers, prepend=-1))
        for chosen in np.split(rows, places)[1:]:
            is_one, number = len(chosen) == 1, int(cells.stacks.of(chosen)[0])
            group = cells.members_of(number) if is_one else chosen
            groups.append((group, int(chosen[0]) if is_one else -1))
        return groups

    def _not_skipped(self, rows: Rows) -> Rows:
        return rows[self._owner.project.labels.states[rows] != ReviewState.SKIPPED]

    @Slot(object)
    def _on_event(self, event: Progress | BestFound) -> None:
        asked = self._asked
        if asked is None:
            return
        if asked.revision != self._owner.project.revision:  # it was for what was seen then
            self._stop()
            text = "Something was changed meanwhile: no best picture was kept, none skipped."
            self._messages.tell(text, is_reply=True, about=LAST_STEP)
        elif isinstance(event, BestFound):
            self._stop()
            self._keep(asked.stacks, np.concatenate([asked.chosen, event.rows]))
        elif event.seconds > _SLOW_S:
            text = f"Comparing {event.done:,} of {counted(event.total, 'picture')}…"
            self._messages.tell(text, answer="Cancel", on_answer=self._stop, about=_COMPARING)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self._asked is not None:
            self._stop()
            self._messages.warn(f"The best picture could not be found. {error_text(error)}")

    @Slot()
    def _stop(self) -> None:
        self._asked = None
        self._jobs.drop("best")
        self._messages.withdraw(_COMPARING)

    def _keep(self, of_groups: Stacks, best: Rows) -> None:
        """Skip the others, as one step, and say so."""
        if not len(best):
            self._messages.tell("None of these files can be read.", is_reply=True, about=LAST_STEP)
            return
        project, now = self._owner.project, self._scoring.circumstances
        is_skipped = project.labels.states == ReviewState.SKIPPED
        others = np.setdiff1d(members(of_groups, best), best)
        is_lost = (project.labels.decided_by[others] == DecidedBy.PERSON) & ~is_skipped[others]
        lost = int(np.count_nonzero(is_lost))
        again = labelling.clear(project, best[is_skipped[best]])
        change = stacks.keep_best(project, of_groups, best, now)
        title = Title("keep-best", {"count": len(best)})
        self._owner.change(Several((*change.changes, again)), title)
        self._arrangement.stack_again()
        self._grid.set_current_image(int(best[0]))
        what = f"The best of {counted(len(best), 'stack')} stays"
        if len(best) == 1:
            name = shown_name(project.images.paths[int(best[0])])
            what = f"{shortened(name, _LONGEST_NAME)} stays"
        end = f"; you had decided {lost:,} of them" if lost else ""
        text = f"{what}, {counted(len(others), 'other')} skipped{end}. No file is deleted."
        self._messages.tell_done(text, self._owner.undo)


def _stacks_of(groups: list[Rows], count: int) -> Stacks:
    """Return the stacks of these groups of images, and no others."""
    numbers = np.full(count, -1, np.int64)
    for number, rows in enumerate(groups):
        numbers[rows] = number
    return Stacks(numbers, np.zeros(count, np.uint8))
