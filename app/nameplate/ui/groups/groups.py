"""Pages of alike pictures that have no name yet: a name makes a concept of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.project.grouping import FEWEST, alike_groups, name_group, open_rows
from nameplate.project.history import Step
from nameplate.project.sheets import NO_ROWS, Rows
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.groups.panel import GroupPanel
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page_layout import page_size
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.ui.sheets.pointing import Pointing
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of

_WAITING = "Looking for pictures that look alike."


@dataclass(frozen=True, slots=True)
class _Named:
    """Pictures that were named, those of them that were marked, and the number of the step."""

    page: Rows
    wrong: frozenset[int]
    step: int


class Groups(QObject):
    """Shows groups of undecided pictures that look alike; each name is one step of the project.

    The groups are made once, on a thread, of what is read by then; what is named, or decided
    elsewhere, leaves them. When a group is done, or left for later, the next one comes. Undo of a
    name, by whatever key, shows its pictures again as they were marked; redo goes on.

    Attributes:
        panel: What is shown.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        grid: ImageGrid,
        model: TileModel,
        thumbnails: ThumbnailLoader,
        messages: MessageBar,
    ) -> None:
        super().__init__(grid)
        self._owner = owner
        self._scoring = scoring
        self._grid = grid
        self._messages = messages
        self.panel = GroupPanel(thumbnails)
        self._pointing = Pointing(self.panel.view, grid, model, self._row_at)
        self._runner = JobRunner(
            "groups", self, on_event=self._on_groups, on_failed=self._on_failed
        )
        self._forget()
        self.panel.named.connect(self._name)
        self.panel.later_requested.connect(self._leave_for_later)
        self.panel.back_requested.connect(self._back)
        self.panel.view.marked.connect(self._mark)
        self.panel.view.resized.connect(self._show)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._on_read)

    @Slot()
    def _forget(self) -> None:
        self._runner.drop()
        self._groups: list[Rows] | None = None
        self._at = 0  # the group that the page is of
        self._page = NO_ROWS
        self._wrong = frozenset[int]()
        self._done = list[_Named]()
        self._undone = list[_Named]()
        self._is_looking = self._is_naming = False

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._runner.shut_down()

    @Slot()
    def begin(self) -> None:
        """Show the group that was left, or look for groups first."""
        self._grid.clearSelection()  # no action must be for pictures that are not seen
        self.panel.set_names([concept.name for concept in self._owner.project.concepts])
        if not len(self._left()):
            self._look()
        else:
            self._next()

    def _look(self) -> None:
        """Look for groups, unless there is too little to look at."""
        images = self._owner.project.images
        rows = open_rows(self._owner.project)
        self._groups, self._page = None, NO_ROWS
        if len(rows) < FEWEST:
            self._say_none(len(rows))
            return
        blocks, self._is_looking = images.blocks(), True
        self.panel.show_end(_WAITING, "This takes a moment.")

        def job(cancel: CancelToken) -> Iterator[list[Rows]]:
            yield alike_groups(blocks, rows, cancel)

        self._runner.start(job)

    def _say_none(self, left: int) -> None:
        self._grid.clearSelection()
        project = self._owner.project
        if project.images.waiting:
            title = "The pictures are being read."
            text = "Groups of pictures that look alike come in a moment."
        elif left:
            title, text = (
                "Too few pictures to group.",
                f"{counted(left, 'picture')} left undecided.",
            )
        else:
            title = "All pictures are decided."
            text = "Nothing is left to be named. Export writes the labels."
        self.panel.show_end(title, text)

    @Slot(object)
    def _on_groups(self, groups: list[Rows]) -> None:
        self._groups, self._is_looking = groups, False
        if self.panel.isVisible():
            self._next()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._is_looking = False
        self._messages.warn(f"The pictures could not be grouped. {error_text(error)}")

    # ---- what is shown

    def _open(self, rows: Rows) -> Rows:
        """Return those of `rows` that are there and undecided."""
        return rows[self._is_open(rows)]

    def _is_open(self, rows: Rows) -> NDArray[np.bool_]:
        images, labels = self._owner.project.images, self._owner.project.labels
        return ~images.is_removed[rows] & (labels.decided_by[rows] != DecidedBy.PERSON)

    def _left(self) -> Rows:
        """Return the place of the group of each undecided picture, in their order."""
        groups = self._groups or [NO_ROWS]
        rows, sizes = np.concatenate(groups), [len(rows) for rows in groups]
        return np.repeat(np.arange(len(groups)), sizes)[self._is_open(rows)]

    def _next(self, note: str = "") -> None:
        """Show the first group with undecided pictures."""
        left = self._left()
        self._page, self._wrong = NO_ROWS, frozenset()
        if len(left) and self._groups:
            self._at = int(left[0])
            size = page_size(self.panel.view.size())
            self._page = self._open(self._groups[self._at])[:size]
        self.panel.line.clear()
        if not len(self._page):
            self._say_none(len(open_rows(self._owner.project)))
            return
        self._show(note=note)
        self.panel.line.setFocus()

    @Slot()
    def _show(self, note: str = "") -> None:
        if not len(self._page):
            return
        left = self._left()
        groups = len(np.unique(left))
        has_names = bool(self._owner.project.concepts)
        title = "Pictures that look alike: what are they?"
        if not has_names:
            title = "No names yet. Here are pictures that look alike: name them."
        progress = f"{counted(len(left), 'picture')} without a name, in about "
        progress += counted(groups, "group")
        self.panel.show_heading(title, progress, goes_back=bool(self._done))
        self.panel.view.show_page(self._pictures(), max(self.panel.view.current, 0))
        self.panel.show_note(note)
        self._pointing.follow()

    def _row_at(self, position: int) -> int:
        return int(self._page[position]) if 0 <= position < len(self._page) else -1

    def _pictures(self) -> list[PagePicture]:
        paths = self._owner.project.images.paths
        shown = list[PagePicture]()
        for row in self._page.tolist():
            picture = PagePicture(paths[row])
            if row in self._wrong:
                picture = replace(picture, verdict=Verdict.WRONG, label="these")
            shown.append(picture)
        return shown

    # ---- what a person does

    @Slot(object, bool)
    def _mark(self, positions: Sequence[int], is_wrong: bool) -> None:
        rows = frozenset(self._page[list(positions)].tolist())
        self._wrong = self._wrong | rows if is_wrong else self._wrong - rows
        self.panel.view.refresh(self._pictures())

    @Slot(str)
    def _name(self, line: str) -> None:
        """Give the pictures that are not marked a name; what was marked comes in another group."""
        if not len(self._page):
            return
        if not line.strip():
            self.panel.show_note("Type a name first, or leave these pictures for later.")
            return
        rows = self._page[~np.isin(self._page, list(self._wrong))]
        if not len(rows):
            self.panel.show_note("All of them are marked: leave these pictures for later.")
            return
        project = self._owner.project
        try:
            made = name_group(project, rows, line, self._scoring.circumstances)
        except UsageError as error:
            self.panel.show_note(error_text(error))
            return
        self._is_naming = True
        self._owner.change(made.change, made.title)
        self._is_naming = False
        self._done.append(_Named(self._page, self._wrong, project.history.done[-1].number))
        self._undone.clear()
        self._move_to_end()
        said = what_of(made.title)
        self._next(f"{said[0].upper()}{said[1:]}. Ctrl+Z takes it back.")

    def _move_to_end(self) -> None:
        """Let the group that is shown be the last one, and what was marked a group after it."""
        groups, aside = self._groups or [NO_ROWS], np.array(sorted(self._wrong), np.int64)
        mine, others = groups[self._at], (*groups[: self._at], *groups[self._at + 1 :])
        rest = mine[~np.isin(mine, self._page)]
        named = self._page[~np.isin(self._page, aside)]
        self._groups = [rows for rows in (*others, rest, named, aside) if len(rows)]

    def _move_to_front(self, named: _Named) -> None:
        """Let pictures that were named be the first group, and shown as they were then."""
        is_mine = np.zeros(len(self._owner.project.images), np.bool_)
        is_mine[named.page] = True
        others = [rows[~is_mine[rows]] for rows in self._groups or []]
        self._groups = [named.page, *(rows for rows in others if len(rows))]
        self._at, self._page, self._wrong = 0, named.page, named.wrong

    @Slot()
    def _leave_for_later(self) -> None:
        """Show the next group; what is shown now comes again at the end."""
        if len(self._page):
            self._move_to_end()
            self._next()

    @Slot()
    def _back(self) -> None:
        """Undo the last name, if it was the last step; else say what has to be done."""
        if not self._done:
            self.panel.show_note("Nothing was named here yet.")
        elif _is_of(self._owner.project.history.done, self._done):
            self._owner.undo()
        else:
            self._messages.tell(
                "Something else was changed since: that has to be taken back first.",
                answer="Undo",
                on_answer=self._owner.undo,
                about=LAST_STEP,
            )

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.concepts:
            self.panel.set_names([concept.name for concept in self._owner.project.concepts])
        if self._groups is None or self._is_naming or not self.panel.isVisible():
            return
        if len(self._page) and not self._is_open(self._page).all():
            self._next()
        elif effects.concepts:
            self._show()

    @Slot(object)
    def _on_restored(self, _effects: Effects) -> None:
        """Show pictures again whose name was undone; go on where it was given again."""
        history = self._owner.project.history
        if _is_of(history.undone, self._done):
            self._undone.append(self._done.pop())
            self._move_to_front(self._undone[-1])
            if self.panel.isVisible():
                self._show()
        elif _is_of(history.done, self._undone):
            self._done.append(self._undone.pop())
            self._move_to_front(self._done[-1])
            self._move_to_end()
            if self.panel.isVisible():
                self._next()

    @Slot(object)
    def _on_read(self, _rows: Rows) -> None:
        """Begin once all pictures are read, where somebody waits for it."""
        is_waiting = self._groups is None and not self._is_looking
        if is_waiting and self.panel.isVisible() and not self._owner.project.images.waiting:
            self._look()


def _is_of(steps: Sequence[Step], named: Sequence[_Named]) -> bool:
    """Whether the last of `steps` is the one that named the last pictures."""
    return bool(steps and named) and steps[-1].number == named[-1].step
