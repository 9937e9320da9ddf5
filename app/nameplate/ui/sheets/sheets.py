"""Pages of one name's suggestions: shows them, takes marks and names, turns and takes back."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import Concept, ConceptId, add
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.project.labelling import change_concepts
from nameplate.project.sheets import (
    NO_ROWS,
    SKIPPED,
    WRONG,
    Candidates,
    Rows,
    Sheet,
    decide_page,
)
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.thumbnails import ThumbnailLoader
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_layout import FIRST_SIZE, SIZES, page_size
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.ui.sheets.panel import SheetPanel
from nameplate.ui.sheets.pointing import Pointing
from nameplate.ui.sheets.turned import TurnedPages
from nameplate.ui.sheets.words import PageCounts, end_text, heading_of
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of

_SOON_MS: Final = 120
"""What happens meanwhile is looked at together, some times a second."""


class Sheets(QObject):
    """Lets a person check the pictures of a view a page at a time.

    A page stays as it is while it is shown, whatever is suggested meanwhile; the next one is made
    from what is suggested then. Turning a page is one step of the project; undoing that step, by
    whatever key, shows the page again as it was marked. What was marked as wrong without a name is
    remembered while the window is open, and is no part of the project.

    Attributes:
        panel: What is shown.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        arrangement: Arrangement,
        grid: ImageGrid,
        thumbnails: ThumbnailLoader,
        messages: MessageBar,
    ) -> None:
        super().__init__(grid)
        self._owner = owner
        self._scoring = scoring
        self._arrangement = arrangement
        self._thumbnails = thumbnails
        self._messages = messages
        self.panel = SheetPanel(thumbnails)
        self._pointing = Pointing(self.panel.view, grid, arrangement.model, self._row_at)
        self._wanted_size = FIRST_SIZE
        self._keys: tuple[str, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._again.timeout.connect(self._look_again)
        self._forget()
        self._connect()

    def _connect(self) -> None:
        owner, panel = self._owner, self.panel
        panel.turn_requested.connect(self.accept)
        panel.back_requested.connect(self.back)
        panel.all_requested.connect(self._mark_all)
        panel.zoom_requested.connect(self._zoom)
        panel.view.marked.connect(self._on_marked)
        panel.view.back_requested.connect(self.back)
        panel.view.other_name_requested.connect(self._choose)
        panel.view.current_changed.connect(self._on_current_changed)
        panel.view.shown.connect(self._say)
        panel.view.resized.connect(self._look_soon)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._look_soon)
        owner.suggestions_changed.connect(self._look_soon)
        self._arrangement.arranged.connect(self._look_soon)

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._page: Page | None = None
        self._drafts: dict[ConceptId, Page] = {}
        self._turned = TurnedPages()
        self._unseen: set[int] = set()  # ids of images that could not be shown
        self._wanted: ConceptId | None = None
        self._is_turning = False
        self._is_waiting = False
        self._last = ""

    # ---- what is shown

    @property
    def concept(self) -> Concept | None:
        """That of the page; None where there is none."""
        page = self._page
        concepts = self._owner.project.concepts
        return next((c for c in concepts if page and c.key == page.sheet.concept), None)

    @Slot()
    def begin(self) -> None:
        """Show the page that was left, or the first one, once it is known how large it is."""
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        if self._page is None or self._is_stale():
            self._next_page()
        else:
            self._show(self._page)

    def _is_stale(self) -> bool:
        """Whether the page has nothing to decide any more, or nothing that the view shows."""
        if self._page is None or self.concept is None:
            return True
        rows = self._page.sheet.rows
        is_open = self._owner.project.labels.decided_by[rows] != DecidedBy.PERSON
        is_there = self._arrangement.model.positions_of(rows) >= 0
        return not (is_open & is_there).any()

    def _candidates(self) -> Candidates:
        project, rows = self._owner.project, self._arrangement.model.order
        if self._unseen:
            rows = rows[~np.isin(project.images.ids[rows], list(self._unseen))]
        return Candidates.of(project, self._owner.suggestions, rows, self._turned.rejected())

    def _size(self) -> int:
        self.panel.make_room()
        return page_size(self.panel.view.size(), self._wanted_size)

    def _next_page(self) -> None:
        """Show the page that is to be looked at next, or why there is none."""
        self._page = None
        if not self._owner.project.concepts:
            self._say_nothing("There are no names yet.", "Type a name on the left first.")
        elif not self._scoring.is_current:
            self._say_nothing("The names are being read.", "The first page comes in a moment.")
            if not self._is_waiting:
                self._is_waiting = True
                self._scoring.when_current(self._on_current)
        else:
            candidates = self._candidates()
            sheet = candidates.next_sheet(self._size(), self._wanted)
            if sheet is None:
                self._say_end(candidates)
            else:
                self._show(self._drafts.pop(sheet.concept, None) or Page(sheet), candidates)

    def _on_current(self) -> None:
        self._is_waiting = False
        if self.panel.isVisible() and self._page is None:
            self._next_page()

    def _show(self, page: Page, candidates: Candidates | None = None) -> None:
        self._page = page
        self._say_heading(candidates or self._candidates())
        self.panel.view.show_page(self._pictures(), page.current or None)
        self._say()

    def _say_heading(self, candidates: Candidates) -> None:
        concept, page = self.concept, self._page
        if concept is None or page is None:
            return
        rest, place = (
            candidates.without(page.sheet.rows),
            self._owner.project.concepts.index(concept),
        )
        counts = PageCounts(len(self._turned) + 1, len(page.sheet.rows), self._size())
        key = self._keys[place] if place < len(self._keys) else ""
        self.panel.show_heading(heading_of(self._owner.project, concept, key, rest, counts))
        self._prefetch(rest.next_sheet(self._size(), self._wanted))

    def _prefetch(self, ahead: Sheet | None) -> None:
        """Have the pictures of the next page made while this one is looked at."""
        if ahead is None or self._page is None:
            return
        paths, view = self._owner.project.images.paths, self.panel.view
        shown = {paths[row] for row in self._page.sheet.rows.tolist()}
        coming = [paths[row] for row in ahead.rows.tolist()]
        self._thumbnails.prefetch(shown, coming, view.fit_for(len(coming)))

    def _pictures(self) -> list[PagePicture]:
        owner = self._owner
        return self._page.pictures(owner.project, owner.suggestions) if self._page else []

    @Slot()
    def _say(self) -> None:
        """Say what Enter will do, and what the last page became."""
        page, concept = self._page, self.concept
        if page is None or concept is None:
            return
        pictures = self.panel.view.pictures
        rest = sum(picture.verdict is Verdict.RIGHT for picture in pictures)
        self.panel.show_rest(rest, concept.name, goes_back=len(self._turned) > 0)
        self.panel.show_note(self._last)

    def _say_nothing(self, title: str, text: str, *, is_end: bool = False) -> None:
        self.panel.view.show_page([])
        self.panel.show_end(title, text, is_end=is_end)

    def _say_end(self, candidates: Candidates) -> None:
        """Say that it is the end, and what is left."""
        is_end = not candidates.unread
        title = "That was the last page." if is_end else "No more pages for now."
        shown = self._arrangement.model.order
        text = end_text(self._owner.project, shown, candidates, len(self._unseen))
        self._say_nothing(title, text, is_end=is_end)

    # ---- what a person says

    @Slot(object, bool)
    def _on_marked(self, positions: Sequence[int], is_wrong: bool) -> None:
        """Mark pictures as wrong, or take their marks off; names that were given stay."""
        if (page := self._page) is None:
            return
        page.mark(page.sheet.rows[list(positions)].tolist(), WRONG if is_wrong else None)
        self._refresh()

    def chosen_rows(self) -> Rows:
        """Return the row of the picture that is pointed at, or those just dragged over."""
        return self._page.sheet.rows[self.panel.view.targets] if self._page else NO_ROWS

    def label(self, key: int, rows: Rows | None = None) -> None:
        """Give `chosen_rows`, or those of `rows` that are on the page, their right name."""
        page = self._page
        if page is None or not any(c.key == key for c in self._owner.project.concepts):
            return
        rows = self.chosen_rows() if rows is None else rows[np.isin(rows, page.sheet.rows)]
        page.mark(rows.tolist(), key)
        self.panel.view.forget_group()
        self._refresh()

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name, and give it as `label` does; False if it cannot be added."""
        project = self._owner.project
        try:
            concepts = add(project.concepts, line, least_key=project.next_concept_id)
        except UsageError as error:
            self._messages.warn(error_text(error))
            return False
        name = concepts[-1]
        title = Title("add-names", {"count": 1, "name": name.name})
        self._owner.change(change_concepts(project, concepts), title)
        self.label(name.key, rows)
        return True

    def go_by(self, steps: int) -> None:
        """Point at the picture `steps` after the current one; stays at the first and last."""
        view, last = self.panel.view, len(self.panel.view.pictures) - 1
        if last >= 0:
            view.go_to(min(last, max(0, view.current + steps)))

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these keys of the names, in the order of the concepts."""
        self._keys = tuple(keys)
        self._look_soon()

    def skip(self) -> None:
        """Skip the picture that is pointed at, or not."""
        if (page := self._page) is None:
            return
        rows = self.chosen_rows().tolist()
        is_skipped = all(page.marks.get(row) == SKIPPED for row in rows)
        page.mark(rows, None if is_skipped else SKIPPED)
        self.panel.view.forget_group()
        self._refresh()

    def take_back(self) -> None:
        """Take the marks off what is pointed at; at the end, take the last page back."""
        if self._page is None:
            self.back()
        else:
            self._on_marked(self.panel.view.targets, is_wrong=False)

    @Slot()
    def _mark_all(self) -> None:
        """Mark the whole page as wrong; a name that follows is for all of it."""
        if self._page is not None:
            everything = range(len(self._page.sheet.rows))
            self._on_marked(everything, is_wrong=True)
            self.panel.view.group_all(everything)

    def _refresh(self) -> None:
        self.panel.view.refresh(self._pictures())
        self._say()

    # ---- pages

    @Slot()
    def accept(self) -> None:
        """Decide the page: what has no mark is right; then show the next one."""
        page = self._page
        if page is None:
            return
        if missing := self.panel.view.missing:
            self.panel.show_note(f"{counted(missing, 'picture')} still coming: look at them first.")
            return
        project = self._owner.project
        paths = project.images.paths
        unseen = [
            row
            for row in page.sheet.rows.tolist()
            if row not in page.marks and self._thumbnails.has_failed(paths[row])
        ]
        made = decide_page(project, page.sheet, page.marks, self._scoring.circumstances, unseen)
        page.current = 0
        self._unseen.update(project.images.ids[unseen].tolist())
        if not made.is_empty:
            self._is_turning = True
            self._owner.change(made.change, made.title)
            self._is_turning = False
            self._turned.turn(page, project.history, made.rejected)
            words = what_of(made.title)
            self._last = f"{words[0].upper()}{words[1:]}. Backspace takes it back."
        self._next_page()
        if left := [row for row in made.left_out if not self._is_decided(row)]:
            text = f"{counted(len(left), 'picture')} could not be seen any more: left undecided."
            self._messages.tell(text)

    def _is_decided(self, row: int) -> bool:
        return self._owner.project.labels.decided_by[row] == DecidedBy.PERSON

    @Slot()
    def back(self) -> None:
        """Take the last page back, and show it as it was marked."""
        if not len(self._turned):
            self._messages.tell("This is the first page.")
        elif self._turned.is_last_step(self._owner.project.history):
            self._owner.undo()
        else:
            self._messages.tell(
                "Something else was changed since that page: Ctrl+Z takes that back first."
            )

    @Slot(int)
    def _choose(self, step: int) -> None:
        """Show the page of the next name that has pictures, or the one before; marks are kept."""
        counts = self._candidates().counts()
        keys = [c.key for c in self._owner.project.concepts if c.key in counts]
        if self._page is None or not keys:
            return
        now = self._page.sheet.concept
        place = keys.index(now) + step if now in keys else 0
        self._stash()
        self._wanted = keys[place % len(keys)]
        self._next_page()

    def _stash(self) -> None:
        """Keep the marks of the page that is left, for when its name is shown again."""
        if self._page is not None and self._page.marks:
            self._page.current = 0
            self._drafts[self._page.sheet.concept] = self._page

    @Slot(int)
    def _zoom(self, step: int) -> None:
        """Show fewer and larger pictures a page (-1), or more and smaller ones (1)."""
        place = SIZES.index(self._wanted_size) + step
        self._wanted_size = SIZES[min(max(place, 0), len(SIZES) - 1)]
        if (page := self._page) is None:
            return
        sheet = self._candidates().next_sheet(self._size(), page.sheet.concept)
        if sheet is not None:
            rows = set(sheet.rows.tolist())
            marks = {row: mark for row, mark in page.marks.items() if row in rows}
            self._show(Page(sheet, marks))

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._is_turning:
            return
        if effects.concepts:
            known = {concept.key for concept in self._owner.project.concepts}
            drafts = [*self._drafts.values(), *([self._page] if self._page else [])]
            for page in drafts:
                page.forget_names(known)
        if not self.panel.isVisible():
            return
        if self._page is not None and self.concept is None:  # its name was deleted
            self._next_page()
        else:
            self._look_soon()
            self._refresh()

    @Slot(object)
    def _on_restored(self, _effects: Effects) -> None:
        """Show a page again that was undone; go on where its step was done again."""
        history = self._owner.project.history
        if page := self._turned.taken_back(history):
            self._stash()
            self._unseen -= set(self._owner.project.images.ids[page.sheet.rows].tolist())
            self._drafts.pop(page.sheet.concept, None)
            self._last, self._page = "", page
        elif self._turned.is_turned_again(history):
            self._last, self._page = "", None
        else:
            return
        if self.panel.isVisible():
            self._begin()

    @Slot()
    def _look_soon(self) -> None:
        # Not anew with each event, or it would wait until all is read.
        if self.panel.isVisible() and not self._again.isActive():
            self._again.start()

    @Slot()
    def _look_again(self) -> None:
        """Bring up to date what is said; another page only where this one is of no use."""
        if not self.panel.isVisible():
            return
        if self._page is None or self._is_stale():
            self._next_page()
            return
        self._say_heading(self._candidates())
        self._refresh()

    @Slot(int)
    def _on_current_changed(self, position: int) -> None:
        if self._page is not None and position >= 0:
            self._page.current = position

    def _row_at(self, position: int) -> int:
        rows = self._page.sheet.rows if self._page else NO_ROWS
        return int(rows[position]) if 0 <= position < len(rows) else -1
