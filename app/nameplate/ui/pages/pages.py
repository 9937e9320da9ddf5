"""Shows pages of pictures one after the other, and keeps the shown one up to date."""

import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication

from nameplate.domain.changes import Effects
from nameplate.domain.text import deferred
from nameplate.pipeline.pages.rules import NO_ROWS, Rows
from nameplate.project.facts import said_on_pages
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.pages.left import PagesLeft
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_commit import PageCommit, Shown
from nameplate.ui.pages.page_keys import KEYS, NO_STACK, PageKeys
from nameplate.ui.pages.page_layout import SIZES
from nameplate.ui.pages.page_picture import Verdict
from nameplate.ui.pages.panel import PagePanel
from nameplate.ui.pages.source import NoPage, PageSource
from nameplate.ui.pages.suggested import FIRST_SOON, SuggestedPages
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn, what_of

_SOON_MS: Final = 120
"""What happens meanwhile is looked at together, some times a second."""

_LATER_MS: Final = 1000
"""While pictures are read, which goes on for long: each look is at all that are shown."""

_LEARN_MS: Final = 1000
"""What is learned from decisions is waited for so long before a page is made; it mostly takes a
tenth of that, the first time more. Where it is known to take longer, it is not waited for."""

_FRESH_MS: Final = 700
"""How long what replaced a page by itself takes no Enter and no mark: the key or click was meant
for the page."""

DOUBLE_S: Final = 0.3
"""An Enter so soon after a page came was meant for the page before: its key was pressed twice."""

_LEARNING: Final = deferred("Learning from your labels…")


class Pages(PagePanel):
    """Lets a person check pictures a page at a time, wherever the pages come from.

    A page without marks is replaced when the suggestions of its images change. One with marks
    stays: images with another suggestion show that, and are left undecided. Turning a page is one
    step of the project; undoing that step, by whatever key, shows the page again as it was marked.

    Attributes:
        suggested: The usual pages, each of the suggestions of one name.
        source: Where the pages come from that are shown.
        page: The one that is shown or was left; None for none.
        commit: Decides pages, and takes them back.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._seen = workbench.pictures
        self._left = workbench.part(PagesLeft)
        self._left.shown = self._rows_shown
        unseen = self._left.unseen
        self.commit = PageCommit(workbench, unseen, self._on_turned, self._show_again)
        self.suggested = SuggestedPages(workbench, unseen, self._look_again)
        self.source: PageSource[Any] = self.suggested
        self.page: Page | None = None
        self._hidden = NO_ROWS
        self._answer = self._last = ""
        self._is_waiting, self._is_page_restored, self._came_at = False, False, 0.0
        self._begin_soon = workbench.later(0, self._begin)
        self._soon = workbench.later(_SOON_MS, self._look_again)
        self._later = workbench.later(_LATER_MS, self._look_again)
        self._learned = workbench.later(_LEARN_MS, self._next_page)
        self._fresh = workbench.later(_FRESH_MS, lambda: None)
        does = PageKeys(self, workbench)
        self.mode = ViewMode("pages", does, self._on_chosen, keys=KEYS)
        workbench.place_mode(self, self.mode, self._zoom, does.mark_all, lambda: self.view)
        self.turn.clicked.connect(self.accept)
        self.back.clicked.connect(self.commit.back)
        self.view.marked.connect(does.mark_wrong)
        self.view.block_left.connect(does.leave_block)
        self.view.back_requested.connect(self.commit.back)
        self.view.other_name_requested.connect(self._choose)
        self.view.current_changed.connect(self._on_current_changed)
        self.view.opened.connect(does.open_at)
        self.view.enlarged.connect(does.enlarge)
        self.view.shown.connect(self._on_shown)
        self.view.resized.connect(self.look_soon)
        workbench.follow(self._on_project_changed)
        workbench.follow_undo(self._on_restored)
        self._seen.follow_shown(self.look_soon)

    def showEvent(self, event: QShowEvent) -> None:
        """Look again: pictures may have changed while another view was shown."""
        super().showEvent(event)
        self.look_soon()

    # ---- what is shown

    def shows(self, effects: Effects) -> bool:
        """Return whether the last undo or redo can be seen: a page, or images of this one."""
        page, rows = self.page, effects.labelled
        if self._is_page_restored or bool(effects.facts & said_on_pages()):
            return True
        return page is not None and len(rows) > 0 and bool(np.isin(page.all_rows, rows).any())

    def toggle(self) -> None:
        """Show or leave the usual pages; from the end of other pages, show the usual ones."""
        is_over = self.page is None and self.source is not self.suggested
        if self._seen.modes.current is not self.mode or is_over:
            self._go_to(self.suggested)
            self._seen.modes.show(self.mode)
        else:
            self._seen.modes.leave()

    def show_of(self, source: PageSource[Any]) -> None:
        """Show the pages of a source."""
        self._go_to(source)
        self._seen.modes.show(self.mode)
        self._begin_soon.start()  # also where pages of another source are shown already

    def _go_to(self, source: PageSource[Any]) -> None:
        if source is not self.source:
            self._put_away()
            self.source = source
            if self.isVisible():
                self._begin_soon.start()

    def _on_chosen(self) -> None:
        """Show the page that was left, or the first one, once it is known how large it is.

        Where there are no names there is nothing to check yet, but to name.
        """
        is_usual, has_names = self.source is self.suggested, self._workbench.project.concepts
        if is_usual and not has_names:
            self._workbench.trigger("groups")
        else:
            self._begin_soon.start()

    def _begin(self) -> None:
        """Show the page that was left, renewed by the current suggestions."""
        self._last = ""  # what became of a page is said on the one after
        if (page := self.page) is not None:
            at = np.flatnonzero(page.rows == self._seen.grid.current_image_row())
            page.current = int(at[0]) if len(at) else page.current
            self.source.look()
            now = self.source.renewed(page, self._left.size)
            self._put_away() if now is None else self._put(now)
        self._show_left()

    def _show_left(self) -> None:
        if (page := self._useful()) is not None:
            self.show_page(page)
        else:
            self._next_when_learned()
        self.view.lead_grid()

    def _useful(self) -> Page | None:
        """Return the page, unless nothing on it is left to decide."""
        page = self.page
        if page is not None:
            self.source.look()
        return None if page is None or self.source.is_stale(page) else page

    def _rows_shown(self) -> Rows | None:
        """Return the images of the usual page that is shown; None for none."""
        page = self.page if self.source is self.suggested and self.isVisible() else None
        return None if page is None else page.all_rows

    def _next_page(self) -> None:
        """Show the next page by the current suggestions, or the reason why there is none."""
        self._learned.stop()
        self._put_away()
        self.source.look()
        page = self.source.next_page(self._left.size)
        if isinstance(page, Page):
            self.show_page(page)
            self._came_at = time.monotonic()
            return
        if self.isVisible():
            # No action must be for pictures that are not seen.
            self._seen.grid.clearSelection()
        self._show_end(page)
        self._fresh.start()  # one Enter too many, meant for a page, must not go on
        if page.waits and not self._is_waiting:
            self._is_waiting = True
            self._workbench.when_scored(self._on_current)

    def _on_current(self) -> None:
        self._is_waiting = False
        if self.isVisible() and self.page is None:
            self._next_page()

    def show_page(self, page: Page) -> None:
        """Show this page."""
        self._learned.stop()
        self._fresh.stop()
        self._put(page)
        self._say_heading()
        pictures = self._pictures_of(page)
        self.view.show_page(pictures, page.current or None, self.source.blocks(page, pictures))
        self._say()

    def _put(self, page: Page | None) -> None:
        """Put a page, or none, in place of the one before."""
        if page is not self.page:
            self._answer = ""
            self.commit.stop()
        self.page, self.view.is_over = page, page is None
        hidden = page.rows if page is not None and page.asks_each else NO_ROWS
        if not np.array_equal(hidden, self._hidden):
            self._hidden = hidden
            self._seen.hide_names(hidden)

    def _put_away(self) -> None:
        """Leave the page before it was turned."""
        if self.page is not None:
            self.source.put_away(self.page)
            self._put(None)

    def _say_heading(self) -> None:
        page, size = self.page, self._left.size
        if page is not None:
            self._show_heading(self.source.heading(page, self.commit.count + 1, size))
            self._left.ask()
            self._prefetch(page, self.source.ahead(page, size))

    def _say(self) -> None:
        """Show the effect of Enter, and the result of the last page."""
        if (page := self.page) is not None:
            source, pictures, last = self.source, self.view.pictures, self.commit.last
            text, rest = source.turn_text(page, pictures), source.rest_text(page, pictures)
            self._show_turn(text, rest, goes_back=last is not None)
            done = self._workbench.project.history.done
            is_last_step = last is not None and last is done[-1]
            self._show_note(self._answer or (self._last if is_last_step else ""))

    def reply(self, text: str) -> None:
        """Say this until there are other marks, another page or another step; empty for no more."""
        self._answer = text
        self._say()

    def show_marks(self, places: Sequence[int] | None = None) -> None:
        """Show the marks of the pictures at some places, or of all."""
        page = self.page
        if page is None or self._learned.isActive():
            return
        if places is None:
            pictures = self._pictures_of(page)
        else:
            pictures = list(self.view.pictures)
            for place in places:
                pictures[place] = self._picture_of(page, place)
        self.view.refresh(pictures, self.source.blocks(page, pictures))
        self._say()

    def _on_shown(self) -> None:
        """Update the pictures that can't be shown, or can again."""
        has_failed, pictures = self._seen.thumbnails.has_failed, enumerate(self.view.pictures)
        self.show_marks([i for i, p in pictures if p.verdict is Verdict.GONE or has_failed(p.path)])

    # ---- pages

    def accept(self) -> None:
        """Decide the page, its unmarked pictures as right; then show the next one."""
        page = self.page
        if page is None:
            if self.has_next_step and not self.is_fresh:
                self._next_step.click()
            return
        is_meant = time.monotonic() - self._came_at >= DOUBLE_S and not self.is_fresh
        if not is_meant or self.view.show_rest():
            return
        if missing := self.view.missing:
            text = trn(
                "{count:,} picture still loading. Look at them first.",
                "{count:,} pictures still loading. Look at them first.",
                missing,
            )
            self._show_note(text)
        elif why := self.source.keeps_from_turning(page, ()):
            self.reply(why)
        else:
            self.commit.turn(page, self.source)

    def _on_turned(self, said: str) -> None:
        self._last = said or self._last
        if self.page is not None:
            self.source.after(self.page)
        self._put(None)  # its pictures stay in sight; nothing can be said of them any more
        self._next_when_learned()

    def _next_when_learned(self) -> None:
        """Show the next page; where learning is quick, once the last decisions are learned."""
        fitting, is_suggested = self._workbench.fitting, self.source is self.suggested
        if not is_suggested or fitting.is_slow or not fitting.is_due:
            self._next_page()
            return
        if not self.view.pictures:
            self._show_end(NoPage(tr(_LEARNING), tr(FIRST_SOON)))
        self._learned.start(_LEARN_MS)
        self._workbench.when_scored(self._on_learned)

    def _on_learned(self) -> None:
        """Show the page that waited for learning."""
        if self._learned.isActive():
            self._next_page()

    def _choose(self, step: int) -> None:
        """Show the page of the next name that has pictures, or the one before; marks are kept."""
        if self.page is not None and self.source.choose(self.page, step):
            self._next_page()

    def _zoom(self, step: int) -> None:
        """Show fewer and larger pictures a page (1), or more and smaller ones (-1)."""
        place = SIZES.index(self._left.wanted_size) - step
        self._left.wanted_size = SIZES[min(max(place, 0), len(SIZES) - 1)]
        if (page := self.page) is None:
            return
        self.source.look()
        other = self.source.resized(page, self._left.size)
        if other is not None:
            self.show_page(other)

    # ---- changes from elsewhere

    def _on_project_changed(self, effects: Effects) -> None:
        if len(effects.read) and self.isVisible():
            if self.page is not None and np.isin(self.page.rows, effects.read).any():
                self.show_marks()
            self._later.ask()
        elif effects.suggestions or effects.found:
            self.look_soon()
        elif effects.of_project:
            self._on_changed(effects)

    def _on_changed(self, effects: Effects) -> None:
        if self.commit.is_deciding:
            return
        self._answer = ""
        if not self.isVisible():
            return
        if effects.concepts and self.page is not None and self.source.is_stale(self.page):
            self._next_page()
            return
        if self.page is None or not self.page.has_all(effects):
            self.look_soon()
            self.show_marks()
        elif effects.facts & said_on_pages():
            self.show_marks()
        else:
            self.show_marks(np.flatnonzero(np.isin(self.page.rows, effects.labelled)).tolist())

    def _on_restored(self, effects: Effects, is_undo: bool) -> None:
        """Show a page again that was undone; go on where its step was done again."""
        history = self._workbench.project.history
        steps = history.undone if is_undo else history.done
        shown = self.commit.of_step(steps)
        self._is_page_restored = shown is not None
        if shown is not None and not self.isVisible():  # where it is, it is seen
            step = what_of(steps[-1].title)
            said = tr("Undone: {step}.", step=step) if is_undo else tr("Redone: {step}.", step=step)
            self._workbench.messages.tell(said, about=LAST_STEP)
            if self._seen.modes.decides is self.mode.decides:
                self._seen.modes.show(self.mode)  # the large picture is of another page
        if shown is not None and is_undo:
            self._show_again(shown)
        elif shown is not None:
            self._put_away()
            self._last = ""
            if self.isVisible():
                self._show_left()
        else:
            self.view.lead_back(effects.labelled)

    def _show_again(self, shown: Shown) -> None:
        """Show a page again that was turned, as it was marked."""
        self._put_away()
        page, self.source = shown
        self._put(page)
        self._last = ""
        if self.isVisible():
            self._show_left()

    def look_soon(self) -> None:
        """Update the page soon, once for several changes."""
        if self.isVisible():
            self._soon.ask()

    def _look_again(self) -> None:
        """Update the texts; show another page where this one is of no use, or was overtaken."""
        if not self.isVisible() or self._learned.isActive():
            return
        page = self._useful()
        is_overtaken = page is not None and self.source.is_overtaken(page)
        if page is None:
            self._next_page()
            self.view.lead_grid()
        elif is_overtaken and self._may_be_replaced:
            self._next_page()
            self.view.lead_grid()
            self._fresh.start()
            self.reply(tr("Suggestions changed, so this is another page."))
        else:
            self._say_heading()
            self.show_marks()
            if is_overtaken:
                self._later.ask()

    @property
    def _may_be_replaced(self) -> bool:
        """Whether the page is neither being marked nor turned, and has no open menu."""
        is_marked = self.view.is_pressed or QApplication.activePopupWidget() is not None
        return not (is_marked or self._workbench.is_running("page"))

    @property
    def is_fresh(self) -> bool:
        """Whether the page replaced another by itself a moment ago."""
        return self._fresh.isActive()

    def _on_current_changed(self, position: int) -> None:
        if self.page is not None and position >= 0:
            self.page.current = position
            if self._answer == tr(NO_STACK):  # it was about another picture
                self.reply("")


def toggle(workbench: Workbench, source: PageSource[Any] | None = None) -> None:
    """Show or leave the usual pages; with a source, show those of it."""
    pages = workbench.part(Pages)
    pages.toggle() if source is None else pages.show_of(source)
