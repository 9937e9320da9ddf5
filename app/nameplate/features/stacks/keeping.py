"""Keeps the best picture of each stack, and skips the others."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Several, Title
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.paths import PathList
from nameplate.domain.progress import Progress
from nameplate.domain.stacks import Stacks, members, no_stacks
from nameplate.features.stacks.best import BestFound, find_best, keep_best
from nameplate.project import labelling
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.widgets.painting import shortened
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

Rows = NDArray[np.int64]

_SLOW_S: Final = 1.0
_LONGEST_NAME: Final = 40
_COMPARING: Final = "best"
"""The job that compares pictures, and what a message is about that is told meanwhile."""


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


def keep(workbench: Workbench) -> None:
    """Keep the best of the chosen stacks, after a filter that is still being applied."""
    workbench.pictures.when_seen(workbench.part(KeepBest).keep)


class KeepBest:
    """Keeps the best picture of each chosen stack; the others are skipped, as one step.

    Where one picture of an open stack is selected, or looked at beside others, a person chose it;
    else the pictures are read on a thread to find the best. No file is changed.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._pictures = workbench.pictures
        self._project = workbench.project
        self._asked: _Asked | None = None

    def keep(self) -> None:
        """Keep the best of the chosen stacks, as soon as it is known which that is."""
        groups = self._groups()
        if not groups:
            self._reply("Select a stack first: copies or a burst, shown as one (Ctrl+B).")
            return
        # What was skipped as a whole stays so: it is a stack of its own beside the best.
        groups = [group for group in groups if group[1] >= 0 or len(self._not_skipped(group[0]))]
        if not groups:
            self._reply("All of this stack is skipped: take that back first (U).")
            return
        images = self._project.images
        of_groups = _stacks_of([rows for rows, _ in groups], len(images))
        chosen = np.array([best for _, best in groups if best >= 0], np.int64)
        others = [self._not_skipped(rows) for rows, best in groups if best < 0]
        if not others:
            self._keep(of_groups, chosen)
            return
        among, rows = _stacks_of(others, len(images)), np.concatenate(others)
        paths = PathList.of_texts(images.paths.texts)
        self._asked = _Asked(of_groups, chosen, self._project.revision)
        find = partial(find_best, among, rows, paths)
        self._workbench.run(_COMPARING, find, self._on_event, self._on_failed)

    def _reply(self, text: str) -> None:
        self._workbench.messages.tell(text, is_reply=True, about=LAST_STEP)

    def _groups(self) -> list[tuple[Rows, int]]:
        """Return the images of each chosen stack, and the one that a person chose, or -1."""
        compared = self._pictures.compared
        if compared is not None:
            current, stacks = self._pictures.current, self._workbench.stacks() or no_stacks()
            number = stacks.of(np.array([current]))[0]
            rows = compared[stacks.of(compared) == number]
            return [(rows, current)] if number >= 0 and len(rows) > 1 else []
        cells, rows = self._pictures.arrangement.cells, self._pictures.chosen
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
        return rows[self._project.labels.states[rows] != ReviewState.SKIPPED]

    def _on_event(self, event: Progress | BestFound) -> None:
        asked = self._asked
        if asked is None:
            return
        if asked.revision != self._project.revision:  # it was for what was seen then
            self._stop()
            self._reply("Something was changed meanwhile: no best picture was kept, none skipped.")
        elif isinstance(event, BestFound):
            self._stop()
            self._keep(asked.stacks, np.concatenate([asked.chosen, event.rows]))
        elif event.seconds > _SLOW_S:
            text = f"Comparing {event.done:,} of {counted(event.total, 'picture')}…"
            self._workbench.say(text, answer="Cancel", on_answer=self._stop, about=_COMPARING)

    def _on_failed(self, error: Exception) -> None:
        if self._asked is not None:
            self._stop()
            self._workbench.warn(f"The best picture could not be found. {error_text(error)}")

    def _stop(self) -> None:
        self._asked = None
        self._workbench.drop(_COMPARING)
        self._workbench.unsay(_COMPARING)

    def _keep(self, of_groups: Stacks, best: Rows) -> None:
        """Skip the others, as one step, and say so."""
        if not len(best):
            self._reply("None of these files can be read.")
            return
        project, now = self._project, self._workbench.circumstances
        is_skipped = project.labels.states == ReviewState.SKIPPED
        others = np.setdiff1d(members(of_groups, best), best)
        is_lost = (project.labels.decided_by[others] == DecidedBy.PERSON) & ~is_skipped[others]
        lost = int(np.count_nonzero(is_lost))
        again = labelling.clear(project, best[is_skipped[best]])
        change = keep_best(project, of_groups, best, now)
        title = Title("keep-best", {"count": len(best)})
        self._workbench.do(Several((*change.changes, again)), title)
        self._pictures.arrangement.stack_again()
        self._pictures.go_to(int(best[0]))
        what = f"The best of {counted(len(best), 'stack')} stays"
        if len(best) == 1:
            name = shown_name(project.images.paths[int(best[0])])
            what = f"{shortened(name, _LONGEST_NAME)} stays"
        end = f"; you had decided {lost:,} of them" if lost else ""
        text = f"{what}, {counted(len(others), 'other')} skipped{end}. No file is deleted."
        self._workbench.say_done(text)


def _stacks_of(groups: list[Rows], count: int) -> Stacks:
    """Return the stacks of these groups of images, and no others."""
    numbers = np.full(count, -1, np.int64)
    for number, rows in enumerate(groups):
        numbers[rows] = number
    return Stacks(numbers, np.zeros(count, np.uint8))
