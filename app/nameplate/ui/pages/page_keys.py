"""The effects of keys on the shown page: marks and names for its pictures."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import ConceptId, add
from nameplate.domain.errors import UsageError
from nameplate.domain.text import deferred
from nameplate.pipeline.pages.rules import NO_ROWS, SKIPPED, WRONG, Mark, Rows
from nameplate.project.label_changes import change_concepts
from nameplate.ui.actions.table import NAMING
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_commit import PageCommit
from nameplate.ui.pages.page_view import PageView
from nameplate.ui.pages.source import LEAVE, PageSource
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, tr

KEYS: Final = (
    ("accept", deferred("Accept the rest, go on to the next page")),
    (deferred("Click"), deferred("Mark a picture as wrong, or not")),
    (LEAVE, deferred("Leave a block for later, or take it back")),
    NAMING,
    ("pick", deferred("Pick a name")),
    ("skip", deferred("Skip")),
    (deferred("Backspace"), deferred("Take the last page back")),
    (deferred("Tab"), deferred("Check another name")),
    (deferred("Arrows"), deferred("Go to another picture")),
    ("undo", deferred("Undo")),
    (deferred("Esc"), deferred("Back to the grid")),
)
"""Those that are used most, each with what it does; see `ViewMode.keys`."""

NO_STACK: Final = deferred("This picture isn't in a stack.")


class KeyedPages(Protocol):
    """The panel of pages, as far as keys need it."""

    page: Page | None
    view: PageView
    source: PageSource[Any]
    commit: PageCommit

    @property
    def is_page_shown(self) -> bool:
        """Whether there is a page to decide about."""
        ...

    @property
    def is_fresh(self) -> bool:
        """Whether the page replaced another by itself a moment ago."""
        ...

    def accept(self) -> None:
        """Decide the page."""
        ...

    def show_page(self, page: Page) -> None:
        """Show a page in place of the one that is shown."""
        ...

    def show_marks(self) -> None:
        """Show the marks of the pictures."""
        ...

    def shows(self, effects: Effects) -> bool:
        """Return whether the last undo or redo can be seen."""
        ...

    def reply(self, text: str) -> None:
        """Say something until there are other marks, another page or another step."""
        ...


class PageKeys:
    """The effects of keys while pages are shown; in the grid they are those of `Labelling`."""

    def __init__(self, pages: KeyedPages, workbench: Workbench) -> None:
        self._pages, self._view, self._workbench = pages, pages.view, workbench

    @property
    def _page(self) -> Page | None:
        return self._pages.page

    @property
    def rows(self) -> Rows:
        """The rows of the images of the page."""
        return NO_ROWS if self._page is None else self._page.rows

    @property
    def _is_covered(self) -> bool:
        """Whether a picture of the page is looked at large, over the page."""
        return self._workbench.pictures.modes.current.covers

    @property
    def _targets(self) -> list[int]:
        """The positions of the pictures that keys are for; none on a page that was turned."""
        if self._page is None:
            return []
        if not self._is_covered:
            return self._view.targets
        row = self._workbench.pictures.grid.current_image_row()
        return np.flatnonzero(self.rows == row).tolist()

    def accept(self) -> None:
        """Decide the page; from a picture that is shown large, go to the next, at last back."""
        if not self._is_covered:
            self._pages.accept()
            return
        grid = self._workbench.pictures.grid
        before = grid.current_image_row()
        grid.go_to_next()
        if grid.current_image_row() == before:
            self._workbench.pictures.modes.leave()

    def stop(self) -> bool:
        """Cancel turning the page; return whether it was being turned."""
        return self._pages.commit.stop()

    def shows(self, effects: Effects) -> bool:
        """Return whether the last undo or redo can be seen: a page, or images of this one."""
        return self._pages.shows(effects)

    def chosen_rows(self) -> Rows:
        """Return the row of the picture that is pointed at, or those just dragged over."""
        return self.rows[self._targets]

    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give `chosen_rows`, or those of `rows` that are on the page, their right name."""
        page = self._page_to_name()
        if page is None or self._workbench.project.concept(key) is None:
            return
        targets = self._targets
        if rows is not None:
            targets = np.flatnonzero(np.isin(page.rows, rows)).tolist()
        self._mark_and_go_on(page, targets, key)

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name, and give it as `label` does; False if it cannot be added."""
        project, page = self._workbench.project, self._page_to_name()
        if page is None:
            return False
        if why := self._pages.source.keeps_from_naming(page):
            self._workbench.warn(why)
            return False
        try:
            concepts = add(project.concepts, line, least_key=project.next_concept_id)
        except UsageError as error:
            self._workbench.warn(error_text(error))
            return False
        name = concepts[-1]
        title = Title("add-names", {"count": 1, "name": name.name})
        self._workbench.do(change_concepts(project, concepts), title)
        self.label(name.key, rows)
        return True

    def _page_to_name(self) -> Page | None:
        """Return the page; where there is none any more, say that there is nothing to name."""
        if not self._is_covered and not self._pages.is_page_shown:
            self._workbench.say(tr("There is no picture to name here."), is_reply=True)
        return self._page

    def skip(self) -> None:
        """Skip the targets of a key; where all are skipped, take that back."""
        if (page := self._page) is not None:
            rows, project = self.chosen_rows().tolist(), self._workbench.project
            is_skipped = all(page.said(row, project) == SKIPPED for row in rows)
            self._mark_and_go_on(page, self._targets, None if is_skipped else SKIPPED)

    def mark_all(self) -> None:
        """Mark the whole page as wrong, as Ctrl+A selects all in a grid; a name follows for it."""
        everything = range(len(self._view.pictures))
        self._mark(everything, WRONG)
        self._view.group(everything)

    def mark_wrong(self, positions: Sequence[int], is_wrong: bool) -> None:
        """Mark pictures as wrong, or take their marks off; names that were given stay."""
        self._mark(positions, WRONG if is_wrong else None)

    def _mark_and_go_on(self, page: Page, targets: Sequence[int], mark: Mark | None) -> None:
        """Mark the targets of a key, and go on as in the grid."""
        view, project = self._view, self._workbench.project
        self._mark(targets, mark)
        view.group()
        if mark is None or not targets or self._pages.is_fresh:
            return
        goes_on = self._workbench.pictures.goes_on and not project.settings.is_multi
        if self._is_covered:
            if page.asks_each or goes_on:
                self._workbench.pictures.grid.go_to_next()
        elif page.asks_each:
            view.go_to(page.next_unmarked(targets[-1], project))
        elif goes_on:
            view.go_on_from(targets)

    def _mark(self, positions: Sequence[int], mark: Mark | None) -> None:
        """Say the same of some pictures, as one step."""
        if self._page is None or not len(positions) or self._pages.is_fresh:
            return
        is_removed = self._workbench.project.images.is_removed
        rows = [row for row in self._page.rows[list(positions)].tolist() if not is_removed[row]]
        said = self._pages.source.say(self._page, rows, mark, self._workbench.decision_context)
        if said.change is not None:
            self._pages.commit.marks.add(self._workbench.project.history.next_number)
            self._workbench.do(said.change, said.title)

    def take_back(self) -> None:
        """Take the marks off the targets of a key; at the end, take the last page back."""
        if self._page is None:
            self._pages.commit.back()
        else:
            self._mark(self._targets, None)

    def select_chosen(self) -> bool:
        """Let the selection be the pictures that a key is for; False where there are none.

        Of a stack that is shown as one picture, all of it.
        """
        rows = self.chosen_rows()
        rows = self._page.with_rest(rows.tolist()) if self._page is not None else rows
        rows = rows[self._workbench.pictures.arrangement.model.positions_of(rows) >= 0]
        self._view.lead_grid()
        self._workbench.pictures.grid.select_images(rows)
        return len(rows) > 0

    def leave_block(self, position: int) -> None:
        """Leave the block of the picture at a position for later, or take it back."""
        if self._page is not None and position >= 0 and not self._pages.is_fresh:
            said = self._pages.source.leave(self._page, position)
            self._pages.show_marks()
            self._pages.reply(said)

    def open_stack(self) -> None:
        """Show the stacks of the targets of a key, so that each picture is decided alone."""
        if self._page is not None and not self._open(self.chosen_rows()):
            self._pages.reply(NO_STACK)

    def open_at(self, position: int) -> None:
        """Show the stack that the picture at a position stands for."""
        if self._page is not None:
            self._page.current = position
            self._open(self._page.rows[position : position + 1])

    def _open(self, rows: Rows) -> bool:
        """Show the stacks of some pictures of the page; False where they are in none."""
        other = self._page.opened(rows.tolist()) if self._page is not None else None
        if other is not None:
            self._pages.show_page(other)
        return other is not None

    def enlarge(self) -> None:
        """Show the picture that is pointed at large."""
        self._view.lead_grid()
        self._workbench.trigger("large")

    def go_by(self, steps: int) -> None:
        """Point at the picture `steps` after the current one; stays at the first and last."""
        view, last = self._view, len(self._view.pictures) - 1
        if last >= 0:
            view.go_to(min(last, max(0, view.current + steps)))

    @property
    def position(self) -> int:
        """Of the picture that keys are for; -1 for none."""
        return self._view.current

    def go_to(self, position: int) -> None:
        """Point at the picture at a position."""
        self._view.go_to(position)
