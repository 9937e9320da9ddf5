"""Pages of pictures: shows them, takes marks and names, turns and takes back."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.project.sheets import NO_ROWS, Rows
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.current_page import CurrentPage
from nameplate.ui.sheets.marking import Marking
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_layout import FIRST_SIZE, SIZES, page_size
from nameplate.ui.sheets.panel import SheetPanel
from nameplate.ui.sheets.pointing import Pointing
from nameplate.ui.sheets.source import NoPage, PageSource
from nameplate.ui.sheets.suggested import SuggestedPages
from nameplate.ui.sheets.turning import Turning
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted

_SOON_MS: Final = 120
"""What happens meanwhile is looked at together, some times a second."""

_LATER_MS: Final = 1000
"""While pictures are read, which goes on for long: each look is at all that are shown."""

_LEARN_MS: Final = 500
"""What is learned from a page is waited for so long before the next one is made; it mostly takes a
tenth of that. Where it is known to take longer, it is not waited for."""


class Sheets(QObject):
    """Lets a person check pictures a page at a time, wherever the pages come from.

    A page stays as it is while it is shown, whatever is suggested meanwhile; the next one is made
    from what is suggested then. Turning a page is one step of the project; undoing that step, by
    whatever key, shows the page again as it was marked.

    Attributes:
        panel: What is shown.
        suggested: The usual pages, each of the suggestions of one name.

    Signals:
        hidden_changed: As that of `CurrentPage`.
        marks_changed: There are other marks on the page, or there is another page.
        wanted: The usual pages are to be shown.
    """

    hidden_changed = Signal(object)
    marks_changed = Signal()
    wanted = Signal()

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
        self._turning = Turning(owner, scoring, thumbnails, messages, lambda: self._now.page)
        self.suggested = SuggestedPages(owner, scoring, arrangement, lambda: self._turning.unseen)
        self._now = CurrentPage(owner, self.suggested)
        self._marking = Marking(
            owner,
            self.panel.view,
            messages,
            lambda: self._now.page,
            lambda page: self._now.source.keeps_from_naming(page),
        )
        self._pointing = Pointing(self.panel.view, grid, arrangement.model, self._now.row_at)
        self._wanted_size = FIRST_SIZE
        self._soon = Later(self, _SOON_MS, self._look_again)
        self._later = Later(self, _LATER_MS, self._look_again)
        self._learned = Later(self, _LEARN_MS, self._go_on_from_now)
        self._now.hidden_changed.connect(self.hidden_changed)
        self._forget()
        self._connect()

    def _connect(self) -> None:
        owner, panel = self._owner, self.panel
        panel.turn_requested.connect(self.accept)
        panel.back_requested.connect(self._turning.back)
        panel.all_requested.connect(self._marking.mark_all)
        panel.zoom_requested.connect(self._zoom)
        panel.next_step_requested.connect(self._go_on)
        self._marking.changed.connect(self._on_marked)
        panel.view.dragged.connect(self._keep)
        panel.view.back_requested.connect(self._turning.back)
        panel.view.other_name_requested.connect(self._choose)
        panel.view.current_changed.connect(self._on_current_changed)
        panel.view.opened.connect(self._open_at)
        panel.view.shown.connect(self._say)
        panel.view.resized.connect(self.look_soon)
        owner.opened.connect(self._forget)
        owner.placed.connect(self._offer_kept)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._on_read)
        self._turning.turned.connect(self._on_turned)
        self.suggested.placement.prepared.connect(self._look_again)
        owner.suggestions_changed.connect(self.look_soon)
        self._arrangement.arranged.connect(self.look_soon)

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._learned.stop()
        self._now.forget()
        self._turning.forget()
        self._is_waiting = False
        self._last = ""

    @Slot()
    def _offer_kept(self) -> None:
        """Say that marks wait on a page, as it was left when the project was closed."""
        count = sum(len(page.marks) for page in self.suggested.kept(None))
        if count:
            verb = "is" if count == 1 else "are"
            self._messages.tell(
                f"{counted(count, 'picture')} {verb} marked on pages that were not turned yet.",
                answer="Go on there",
                on_answer=self.wanted.emit,
            )

    def shut_down(self) -> None:
        """Wait for the threads."""
        self._turning.shut_down()
        self.suggested.placement.shut_down()

    # ---- what is shown

    @property
    def concept(self) -> Concept | None:
        """That of the page; None where there is none, or it is not of one concept."""
        return self.suggested.concept_of(self._now.page)

    @property
    def source(self) -> PageSource:
        """Where the pages come from that are shown."""
        return self._now.source

    @property
    def turned(self) -> int:
        """How many pages were turned and not taken back, since the project was opened."""
        return self._turning.count

    @property
    def mark_steps(self) -> tuple[bool, bool]:
        """Whether a mark of the page that is seen is the next to be undone, and to be redone."""
        return self._now.mark_steps if self.panel.isVisible() else (False, False)

    @property
    def marks_made(self) -> int:
        """How many marks of the page can be undone."""
        return len(self._now.page.history.done) if self._now.page is not None else 0

    @property
    def is_at_end(self) -> bool:
        """Whether there is no page, of whichever pages are shown."""
        return self._now.page is None

    def show_pages_of(self, source: PageSource) -> None:
        """Show pages of another source when the sheets are shown next, or now if they are."""
        if source is self._now.source:
            return
        self._now.turn_to(source)
        self._last = ""
        if self.panel.isVisible():
            self.begin()

    def show_some_of(self, names: Collection[ConceptId]) -> None:
        """Show a page with some pictures of each of these names."""
        self.suggested.ask_for(names)
        self._now.turn_to(self.suggested)
        self.wanted.emit()

    @Slot()
    def begin(self) -> None:
        """Show the page that was left, or the first one, once it is known how large it is."""
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        """Show what was left as it is by now: meanwhile other things may be suggested."""
        self._now.source.look()
        if (page := self._now.page) is not None:
            now = self._now.source.renewed(page, self._size())
            if now is None:
                self._now.put_away()
            else:
                self._now.put(now)
        self._show_left()

    def _show_left(self) -> None:
        self._now.source.look()
        page = self._now.page
        if page is None or self._now.is_useless:
            self._leave()
        else:
            self._show(page)
        self._pointing.follow()

    def _size(self) -> int:
        self.panel.make_room()
        return page_size(self.panel.view.size(), self._wanted_size)

    def _go_on_from_now(self) -> None:
        """Show the next page, from what is suggested by now."""
        self._now.source.look()
        self._next_page()

    def _next_page(self) -> None:
        """Show the page that is to be looked at next, or why there is none."""
        self._learned.stop()
        self._now.put(None)
        page = self._now.source.next_page(self._size())
        if isinstance(page, Page):
            self._show(page)
            return
        self._say_end(page)
        self._keep()
        if page.waits and not self._is_waiting:
            self._is_waiting = True
            self._scoring.when_current(self._on_current)

    def _on_current(self) -> None:
        self._is_waiting = False
        if self.panel.isVisible() and self._now.page is None:
            self._go_on_from_now()

    def _show(self, page: Page) -> None:
        self._learned.stop()
        self._now.put(page)
        self._say_heading()
        self.panel.view.show_page(self._now.pictures(), page.current or None)
        self._say()
        self._keep()

    @Slot()
    def _keep(self) -> None:
        """Let the project remember what is marked; what was turned or is of no use, no more."""
        if not self.panel.view.is_dragging:
            self._now.keep()
        self.marks_changed.emit()

    def _say_heading(self) -> None:
        page, size = self._now.page, self._size()
        if page is not None:
            self.panel.show_heading(self._now.source.heading(page, self._turning.count + 1, size))
            self._prefetch(page, self._now.source.ahead(page, size))

    def _prefetch(self, page: Page, ahead: Rows) -> None:
        """Have the pictures of the next page made while this one is looked at."""
        if not len(ahead):
            return
        paths, view = self._owner.project.images.paths, self.panel.view
        shown = {paths[row] for row in page.rows.tolist()}
        coming = [paths[row] for row in ahead.tolist()]
        self._thumbnails.prefetch(shown, coming, view.fit_for(len(coming)))

    @Slot()
    def _say(self) -> None:
        """Say what Enter will do, and what the last page became."""
        if (page := self._now.page) is not None:
            text = self._now.source.turn_text(page, self.panel.view.pictures)
            is_last_step = self._turning.is_last_step
            self.panel.show_turn(text, goes_back=is_last_step)
            self.panel.show_note(self._now.reply or (self._last if is_last_step else ""))

    def _reply(self, text: str) -> None:
        """Say this until there are other marks, another page or another step; empty for no more."""
        self._now.reply = text
        self._say()

    def _say_end(self, end: NoPage) -> None:
        if self.panel.isVisible():
            self._grid.clearSelection()  # no action must be for pictures that are not seen
        self.panel.view.show_page([])
        self.panel.show_end(end)

    # ---- what a person says

    def chosen_rows(self) -> Rows:
        """Return the row of the picture that is pointed at, or those just dragged over."""
        return self._now.page.rows[self.panel.view.targets] if self._now.page else NO_ROWS

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

    def move_mark(self, *, is_undo: bool) -> bool:
        """Undo or redo the last mark of the page that is seen; False where there is none."""
        is_moved = self.panel.isVisible() and self._marking.move(is_undo=is_undo)
        if is_moved:
            self._reply("The last mark was taken back." if is_undo else "Marked again.")
        return is_moved

    def take_back(self) -> None:
        """Take the marks off what is pointed at; at the end, take the last page back."""
        if self._now.page is None:
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

    def open_copies(self) -> None:
        """Show the stack that what is pointed at stands for; each of it is decided alone."""
        if self._now.page is not None and not self._open(self.chosen_rows()):
            self._reply("This picture stands for itself alone.")

    @Slot(int)
    def _open_at(self, position: int) -> None:
        if self._now.page is not None:
            self._now.page.current = position
            self._open(self._now.page.rows[position : position + 1])

    def _open(self, rows: Rows) -> bool:
        """Show the stacks of some pictures of the page; False where they are in none."""
        other = self._now.page.opened(rows.tolist()) if self._now.page is not None else None
        if other is not None:
            self._show(other)
        return other is not None

    def go_by(self, steps: int) -> None:
        """Point at the picture `steps` after the current one; stays at the first and last."""
        view, last = self.panel.view, len(self.panel.view.pictures) - 1
        if last >= 0:
            view.go_to(min(last, max(0, view.current + steps)))

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these keys of the names, in the order of the concepts."""
        self.suggested.set_keys(keys)
        self.look_soon()

    @Slot()
    def _go_on(self) -> None:
        self._now.source.go_on()

    @Slot()
    def _on_marked(self) -> None:
        self._now.reply = ""
        self._refresh()
        self._keep()

    @Slot()
    def _refresh(self) -> None:
        if self._learned.isActive():
            return
        self.panel.view.refresh(self._now.pictures())
        self._say()

    # ---- pages

    @Slot()
    def accept(self) -> None:
        """Decide the page: what has no mark is right; then show the next one."""
        page = self._now.page
        if page is None:
            return
        if missing := self.panel.view.missing:
            self.panel.show_note(f"{counted(missing, 'picture')} still coming: look at them first.")
        elif why := self._now.source.keeps_from_turning(page, ()):
            self._reply(why)
        else:
            self._turning.turn(page, self._now.source)

    @Slot(str)
    def _on_turned(self, said: str) -> None:
        self._last = said or self._last
        if self._now.page is not None:
            self._now.source.after(self._now.page)
        learning, is_suggested = self._scoring.learning, self._now.source is self.suggested
        if not is_suggested or learning.is_slow or not learning.is_due:
            self._go_on_from_now()
            return
        self._now.put(None)  # its pictures stay in sight; nothing can be said of them any more
        self._learned.start()
        self._scoring.when_current(self._on_learned)

    def _on_learned(self) -> None:
        """Show the page that waited for what was learned from the one before."""
        if self._learned.isActive():
            self._go_on_from_now()

    @Slot(int)
    def _choose(self, step: int) -> None:
        """Show the page of the next name that has pictures, or the one before; marks are kept."""
        if self._now.page is not None and self._now.source.choose(self._now.page, step):
            self._leave()

    def _leave(self) -> None:
        """Show another page; the marks of this one are kept."""
        self._now.put_away()
        self._next_page()

    @Slot(int)
    def _zoom(self, step: int) -> None:
        """Show fewer and larger pictures a page (-1), or more and smaller ones (1)."""
        place = SIZES.index(self._wanted_size) + step
        self._wanted_size = SIZES[min(max(place, 0), len(SIZES) - 1)]
        if (page := self._now.page) is None:
            return
        self._now.source.look()
        other = self._now.source.resized(page, self._size())
        if other is not None:
            self._show(other)

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._turning.is_deciding:
            return
        self._now.reply = ""
        if effects.concepts:
            known = {concept.key for concept in self._owner.project.concepts}
            for page in (*self.suggested.drafts(), *((self._now.page,) if self._now.page else ())):
                page.forget_names(known)
        if not self.panel.isVisible():
            return
        if effects.concepts and self._now.page is not None and self._now.is_useless:
            self._now.source.look()
            self._leave()
        else:
            self.look_soon()
            self._refresh()

    @Slot(object)
    def _on_restored(self, _effects: Effects) -> None:
        """Show a page again that was undone; go on where its step was done again."""
        if back := self._turning.taken_back():
            self._now.take_back(*back)
        elif self._turning.is_turned_again():
            self._now.put_away()
        else:
            return
        self._last = ""
        if self.panel.isVisible():
            self._show_left()
        else:
            self._keep()

    @Slot(object)
    def _on_read(self, rows: Rows) -> None:
        if not self.panel.isVisible():
            return
        if self._now.page is not None and np.isin(self._now.page.rows, rows).any():
            self._refresh()
        self._later.ask()

    @Slot()
    def look_soon(self) -> None:
        """Bring up to date what is shown, together with what else happens."""
        if self.panel.isVisible():
            self._soon.ask()

    @Slot()
    def _look_again(self) -> None:
        """Bring up to date what is said; another page only where this one is of no use."""
        if not self.panel.isVisible() or self._learned.isActive():
            return
        self._now.source.look()
        if self._now.is_useless:
            self._leave()
            self._pointing.follow()
            return
        self._say_heading()
        self._refresh()

    @Slot(int)
    def _on_current_changed(self, position: int) -> None:
        if self._now.page is not None and position >= 0:
            self._now.page.current = position
