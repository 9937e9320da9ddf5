"""Pages of one name's suggestions: shows them, takes marks and names, turns and takes back."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.labels import DecidedBy
from nameplate.project.sheets import NO_ROWS, Candidates, Mark, Rows, Sheet
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.marking import Marking
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_choice import PageChoice
from nameplate.ui.sheets.page_layout import FIRST_SIZE, SIZES, page_size
from nameplate.ui.sheets.page_picture import PagePicture, Verdict
from nameplate.ui.sheets.panel import SheetPanel
from nameplate.ui.sheets.pointing import Pointing
from nameplate.ui.sheets.turning import Turning
from nameplate.ui.sheets.words import PageCounts, end_text, heading_of
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted

_SOON_MS: Final = 120
"""What happens meanwhile is looked at together, some times a second."""

_LATER_MS: Final = 1000
"""While pictures are read, which goes on for long: each look is at all that are shown."""


class Sheets(QObject):
    """Lets a person check the pictures of a view a page at a time.

    A page stays as it is while it is shown, whatever is suggested meanwhile; the next one is made
    from what is suggested then. Turning a page is one step of the project; undoing that step, by
    whatever key, shows the page again as it was marked. What was marked as wrong without a name is
    kept in the project, too: the picture is never suggested so again.

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
        self._grid = grid
        self._thumbnails = thumbnails
        self._messages = messages
        self.panel = SheetPanel(thumbnails)
        self._turning = Turning(owner, scoring, thumbnails, messages, lambda: self._page)
        self._choice = PageChoice(owner, arrangement, self._turning)
        self._marking = Marking(owner, self.panel.view, messages, lambda: self._page)
        self._pointing = Pointing(self.panel.view, grid, arrangement.model, self._row_at)
        self._wanted_size = FIRST_SIZE
        self._keys: tuple[str, ...] = ()
        self._soon = Later(self, _SOON_MS, self._look_again)
        self._later = Later(self, _LATER_MS, self._look_again)
        self._forget()
        self._connect()

    def _connect(self) -> None:
        owner, panel = self._owner, self.panel
        panel.turn_requested.connect(self.accept)
        panel.back_requested.connect(self._turning.back)
        panel.all_requested.connect(self._marking.mark_all)
        panel.zoom_requested.connect(self._zoom)
        self._marking.changed.connect(self._refresh)
        panel.view.back_requested.connect(self._turning.back)
        panel.view.other_name_requested.connect(self._choose)
        panel.view.current_changed.connect(self._on_current_changed)
        panel.view.shown.connect(self._say)
        panel.view.resized.connect(self._look_soon)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._on_read)
        self._turning.turned.connect(self._on_turned)
        self._choice.prepared.connect(self._on_prepared)
        owner.suggestions_changed.connect(self._look_soon)
        self._arrangement.arranged.connect(self._look_soon)

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._page: Page | None = None
        self._drafts: dict[ConceptId, Page] = {}
        self._left_out: dict[ConceptId, dict[int, Mark]] = {}  # marks that a smaller page has not
        self._turning.forget()
        self._choice.forget()
        self._wanted: ConceptId | None = None
        self._is_waiting = False
        self._last = ""

    def shut_down(self) -> None:
        """Wait for the thread that looks for files."""
        self._turning.shut_down()
        self._choice.shut_down()

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
        self._pointing.follow()

    def _is_stale(self) -> bool:
        """Whether the page has nothing to decide any more, or nothing that the view shows."""
        if self._page is None or self.concept is None:
            return True
        rows = self._page.sheet.rows
        is_open = self._owner.project.labels.decided_by[rows] != DecidedBy.PERSON
        is_there = self._arrangement.model.positions_of(rows) >= 0
        return not (is_open & is_there).any()

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
        elif not self._choice.prepare():
            self._say_nothing("The pictures are being compared.", "The first page comes soon.")
        else:
            candidates = self._choice.candidates()
            sheet = self._choice.sheet(candidates, self._size(), self._wanted)
            if sheet is None:
                self._say_end(candidates)
            else:
                draft = self._drafts.pop(sheet.concept, None)
                left = self._left_out.pop(sheet.concept, {})
                self._show(draft or Page(sheet, left), candidates)

    def _on_current(self) -> None:
        self._is_waiting = False
        self._on_prepared()

    @Slot()
    def _on_prepared(self) -> None:
        if self.panel.isVisible() and self._page is None:
            self._next_page()

    def _show(self, page: Page, candidates: Candidates | None = None) -> None:
        self._page = page
        self._say_heading(candidates or self._choice.candidates())
        self.panel.view.show_page(self._pictures(), page.current or None)
        self._say()

    def _say_heading(self, candidates: Candidates) -> None:
        concept, page = self.concept, self._page
        if concept is None or page is None:
            return
        rest = candidates.without(page.sheet.rows)
        place = self._owner.project.concepts.index(concept)
        counts = PageCounts(self._turning.count + 1, len(page.sheet.rows), self._size())
        key = self._keys[place] if place < len(self._keys) else ""
        self.panel.show_heading(heading_of(self._owner.project, concept, key, rest, counts))
        self._prefetch(self._choice.sheet(rest, self._size(), self._wanted))

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
        self.panel.show_rest(rest, concept.name, goes_back=self._turning.count > 0)
        self.panel.show_note(self._last)

    def _say_nothing(self, title: str, text: str, *, is_end: bool = False) -> None:
        if self.panel.isVisible():
            self._grid.clearSelection()  # no action must be for pictures that are not seen
        self.panel.view.show_page([])
        self.panel.show_end(title, text, is_end=is_end)

    def _say_end(self, candidates: Candidates) -> None:
        """Say that it is the end, and what is left."""
        is_end = not candidates.unread
        title = "That was the last page." if is_end else "No more pages for now."
        shown = self._arrangement.model.order
        text = end_text(self._owner.project, shown, candidates, len(self._turning.unseen))
        self._say_nothing(title, text, is_end=is_end)

    # ---- what a person says

    def chosen_rows(self) -> Rows:
        """Return the row of the picture that is pointed at, or those just dragged over."""
        return self._page.sheet.rows[self.panel.view.targets] if self._page else NO_ROWS

    @Slot(int)
    def label(self, key: int, rows: Rows | None = None) -> None:
        """Give `chosen_rows`, or those of `rows` that are on the page, their right name."""
        self._marking.label(key, rows)

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name, and give it as `label` does; False if it cannot be added."""
        return self._marking.label_as_new(line, rows)

    def skip(self) -> None:
        """Skip the picture that is pointed at, or not."""
        self._marking.skip()

    def take_back(self) -> None:
        """Take the marks off what is pointed at; at the end, take the last page back."""
        if self._page is None:
            self._turning.back()
        else:
            self._marking.take_off()

    def select_targets(self) -> bool:
        """Let the selection be the pictures that a key is for; False where there are none."""
        rows = self.chosen_rows()
        rows = rows[self._arrangement.model.positions_of(rows) >= 0]
        self._pointing.follow()
        self._grid.select_images(rows)
        return len(rows) > 0

    def go_by(self, steps: int) -> None:
        """Point at the picture `steps` after the current one; stays at the first and last."""
        view, last = self.panel.view, len(self.panel.view.pictures) - 1
        if last >= 0:
            view.go_to(min(last, max(0, view.current + steps)))

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these keys of the names, in the order of the concepts."""
        self._keys = tuple(keys)
        self._look_soon()

    @Slot()
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
        self._turning.turn(page)

    @Slot(str)
    def _on_turned(self, said: str) -> None:
        self._last = said or self._last
        if (page := self._page) is not None:
            rows = set(page.sheet.rows.tolist())
            left = {row: mark for row, mark in page.marks.items() if row not in rows}
            self._left_out[page.sheet.concept] = left
        self._next_page()

    @Slot(int)
    def _choose(self, step: int) -> None:
        """Show the page of the next name that has pictures, or the one before; marks are kept."""
        counts = self._choice.candidates().counts()
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
        among, concept = self._choice.candidates(), page.sheet.concept
        sheet = self._choice.sheet(among, self._size(), concept)
        if sheet is not None:
            self._show(Page(sheet, page.marks))

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._turning.is_deciding:
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
        if page := self._turning.taken_back():
            self._stash()
            self._drafts.pop(page.sheet.concept, None)
            self._last, self._page = "", page
        elif self._turning.is_turned_again():
            self._last, self._page = "", None
        else:
            return
        if self.panel.isVisible():
            self._begin()

    @Slot(object)
    def _on_read(self, rows: Rows) -> None:
        if not self.panel.isVisible():
            return
        if self._page is not None and np.isin(self._page.sheet.rows, rows).any():
            self._refresh()
        self._later.ask()

    @Slot()
    def _look_soon(self) -> None:
        if self.panel.isVisible():
            self._soon.ask()

    @Slot()
    def _look_again(self) -> None:
        """Bring up to date what is said; another page only where this one is of no use."""
        if not self.panel.isVisible():
            return
        if self._page is None or self._is_stale():
            self._next_page()
            return
        self._say_heading(self._choice.candidates())
        self._refresh()

    @Slot(int)
    def _on_current_changed(self, position: int) -> None:
        if self._page is not None and position >= 0:
            self._page.current = position

    def _row_at(self, position: int) -> int:
        rows = self._page.sheet.rows if self._page else NO_ROWS
        return int(rows[position]) if 0 <= position < len(rows) else -1
