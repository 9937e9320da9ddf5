"""Pages of pictures: shows them, takes marks and names, turns and takes back."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import Concept, ConceptId, add
from nameplate.domain.errors import UsageError
from nameplate.project.facts import REJECTED, said_on_pages
from nameplate.project.labelling import change_concepts
from nameplate.project.sheets import NO_ROWS, SKIPPED, WRONG, Mark, Rows
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_layout import FIRST_SIZE, SIZES, page_size
from nameplate.ui.sheets.page_picture import PagePicture
from nameplate.ui.sheets.panel import SheetPanel
from nameplate.ui.sheets.pointing import Pointing
from nameplate.ui.sheets.source import NoPage, PageSource
from nameplate.ui.sheets.suggested import SuggestedPages
from nameplate.ui.sheets.turning import Shown, Turning
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

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
        hidden_changed: Rows of the images whose names must not be seen anywhere, int64.
        wanted: The usual pages are to be shown.
    """

    hidden_changed = Signal(object)
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
        self._turning = Turning(
            owner, scoring, thumbnails, messages, self._on_turned, self._show_again
        )
        self.suggested = SuggestedPages(owner, scoring, arrangement, lambda: self._turning.unseen)
        self._page: Page | None = None
        self.source: PageSource = self.suggested
        self._hidden = NO_ROWS
        self._pointing = Pointing(self.panel.view, grid, arrangement.model, self._row_at)
        self._wanted_size = FIRST_SIZE
        self._soon = Later(self, _SOON_MS, self._look_again)
        self._later = Later(self, _LATER_MS, self._look_again)
        self._learned = Later(self, _LEARN_MS, self._go_on_from_now)
        self._forget()
        self._connect()

    def _connect(self) -> None:
        owner, panel = self._owner, self.panel
        panel.turn_requested.connect(self.accept)
        panel.back_requested.connect(self._turning.back)
        panel.all_requested.connect(self._mark_all)
        panel.zoom_requested.connect(self._zoom)
        panel.next_step_requested.connect(self._go_on)
        panel.view.marked.connect(self._on_marked)
        panel.view.back_requested.connect(self._turning.back)
        panel.view.other_name_requested.connect(self._choose)
        panel.view.current_changed.connect(self._on_current_changed)
        panel.view.opened.connect(self._open_at)
        panel.view.shown.connect(self._say)
        panel.view.resized.connect(self.look_soon)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._on_read)
        self.suggested.placement.prepared.connect(self._look_again)
        owner.suggestions_changed.connect(self.look_soon)
        self._arrangement.arranged.connect(self.look_soon)

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._learned.stop()
        self._put(None)
        self.panel.view.show_page([])
        self.source = self.suggested
        self._turning.forget()
        self._is_waiting = False
        self._last = ""

    def shut_down(self) -> None:
        """Wait for the threads."""
        self._turning.shut_down()
        self.suggested.placement.shut_down()

    # ---- what is shown

    @property
    def concept(self) -> Concept | None:
        """That of the page; None where there is none, or it is not of one concept."""
        return self.suggested.concept_of(self._page)

    @property
    def turned(self) -> int:
        """How many pages were turned and not taken back, since the project was opened."""
        return self._turning.count

    def shows(self, rows: Rows) -> bool:
        """Whether any of these images is on the page that is shown."""
        page = self._page
        return page is not None and len(rows) > 0 and bool(np.isin(page.all_rows, rows).any())

    @property
    def is_at_end(self) -> bool:
        """Whether there is no page, of whichever pages are shown."""
        return self._page is None

    def show_pages_of(self, source: PageSource) -> None:
        """Show pages of another source when the sheets are shown next, or now if they are."""
        if source is self.source:
            return
        self._put_away()
        self.source, self._last = source, ""
        if self.panel.isVisible():
            self.begin()

    def show_some_of(self, names: Collection[ConceptId]) -> None:
        """Show a page with some pictures of each of these names."""
        self.suggested.ask_for(names)
        self._put_away()
        self.source = self.suggested
        self.wanted.emit()

    @Slot()
    def begin(self) -> None:
        """Show the page that was left, or the first one, once it is known how large it is."""
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        """Show what was left as it is by now: meanwhile other things may be suggested."""
        self.source.look()
        if (page := self._page) is not None:
            now = self.source.renewed(page, self._size())
            if now is None:
                self._put_away()
            else:
                self._put(now)
        self._show_left()

    def _show_left(self) -> None:
        self.source.look()
        page = self._page
        if page is None or self.source.is_stale(page):
            self._leave()
        else:
            self._show(page)
        self._pointing.follow()

    def _size(self) -> int:
        self.panel.make_room()
        return page_size(self.panel.view.size(), self._wanted_size)

    def _go_on_from_now(self) -> None:
        """Show the next page, from what is suggested by now."""
        self.source.look()
        self._next_page()

    def _next_page(self) -> None:
        """Show the page that is to be looked at next, or why there is none."""
        self._learned.stop()
        self._put(None)
        page = self.source.next_page(self._size())
        if isinstance(page, Page):
            self._show(page)
            return
        self._say_end(page)
        if page.waits and not self._is_waiting:
            self._is_waiting = True
            self._scoring.when_current(self._on_current)

    def _on_current(self) -> None:
        self._is_waiting = False
        if self.panel.isVisible() and self._page is None:
            self._go_on_from_now()

    def _show(self, page: Page) -> None:
        self._learned.stop()
        self._put(page)
        self._say_heading()
        self.panel.view.show_page(self._pictures(), page.current or None)
        self._say()

    def _put(self, page: Page | None) -> None:
        """Put a page, or none, in place of the one before."""
        if page is not self._page:
            self._answer = ""
            self._turning.stop()
        self._page = page
        hidden = page.rows if page is not None and page.asks_each else NO_ROWS
        if not np.array_equal(hidden, self._hidden):
            self._hidden = hidden
            self.hidden_changed.emit(hidden)

    def _put_away(self) -> None:
        """Leave the page before it was turned."""
        if self._page is not None:
            self.source.put_away(self._page)
            self._put(None)

    def _row_at(self, position: int) -> int:
        """Return the row of the image at a position of the page; -1 for none."""
        rows = self._page.rows if self._page else NO_ROWS
        return int(rows[position]) if 0 <= position < len(rows) else -1

    def _pictures(self) -> list[PagePicture]:
        places = range(len(self._page.rows)) if self._page else ()
        return list(map(self._picture, places))

    def _picture(self, place: int) -> PagePicture:
        assert self._page is not None  # noqa: S101 - there is a place on it
        return self._page.picture(place, self._owner.project, self._owner.suggestions)

    def _say_heading(self) -> None:
        page, size = self._page, self._size()
        if page is not None:
            self.panel.show_heading(self.source.heading(page, self._turning.count + 1, size))
            self._prefetch(page, self.source.ahead(page, size))

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
        if (page := self._page) is not None:
            text = self.source.turn_text(page, self.panel.view.pictures)
            last = self._turning.last
            self.panel.show_turn(text, goes_back=last is not None)
            is_last_step = last is not None and last is self._owner.project.history.done[-1]
            self.panel.show_note(self._answer or (self._last if is_last_step else ""))

    def _reply(self, text: str) -> None:
        """Say this until there are other marks, another page or another step; empty for no more."""
        self._answer = text
        self._say()

    def _say_end(self, end: NoPage) -> None:
        if self.panel.isVisible():
            self._grid.clearSelection()  # no action must be for pictures that are not seen
        self.panel.view.show_page([])
        self.panel.show_end(end)

    # ---- what a person says

    def chosen_rows(self) -> Rows:
        """Return the row of the picture that is pointed at, or those just dragged over."""
        return self._page.rows[self.panel.view.targets] if self._page else NO_ROWS

    @Slot(int)
    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give `chosen_rows`, or those of `rows` that are on the page, their right name."""
        if self._page is None or self._owner.project.concept(key) is None:
            return
        if rows is None:
            self._mark_targets(key)
        else:
            self._mark(np.flatnonzero(np.isin(self._page.rows, rows)).tolist(), key)

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name, and give it as `label` does; False if it cannot be added."""
        project = self._owner.project
        if why := self.source.keeps_from_naming(self._page) if self._page is not None else "":
            self._messages.warn(why)
            return False
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

    def skip(self) -> None:
        """Skip what a key is for, or no longer where all of it is skipped."""
        if (page := self._page) is not None:
            rows, project = self.chosen_rows().tolist(), self._owner.project
            is_skipped = all(page.said(row, project) == SKIPPED for row in rows)
            self._mark_targets(None if is_skipped else SKIPPED)

    @Slot()
    def _mark_all(self) -> None:
        """Mark the whole page as wrong; a name that follows is for all of it."""
        everything = range(len(self.panel.view.pictures))
        self._mark(everything, WRONG)
        self.panel.view.group(everything)

    @Slot(object, bool)
    def _on_marked(self, positions: Sequence[int], is_wrong: bool) -> None:
        """Mark pictures as wrong, or take their marks off; names that were given stay."""
        self._mark(positions, WRONG if is_wrong else None)

    def _mark_targets(self, mark: Mark | None) -> None:
        page, view = self._page, self.panel.view
        targets = view.targets
        self._mark(targets, mark)
        view.group()
        if page is not None and page.asks_each and mark is not None and targets:
            view.go_to(page.next_unmarked(targets[-1], self._owner.project))

    def _mark(self, positions: Sequence[int], mark: Mark | None) -> None:
        """Say the same of some pictures, as one step."""
        if self._page is None or not len(positions):
            return
        rows = self._page.rows[list(positions)].tolist()
        said = self.source.say(self._page, rows, mark, self._scoring.circumstances)
        if said.change is not None:
            self._turning.marks.add(self._owner.project.history.next_number)
            self._owner.change(said.change, said.title)

    def take_back(self) -> None:
        """Take the marks off what is pointed at; at the end, take the last page back."""
        if self._page is None:
            self._turning.back()
        else:
            self._mark(self.panel.view.targets, None)

    def select_targets(self) -> bool:
        """Let the selection be the pictures that a key is for; False where there are none."""
        rows = self.chosen_rows()
        rows = rows[self._arrangement.model.positions_of(rows) >= 0]
        self._pointing.follow()
        self._grid.select_images(rows)
        return len(rows) > 0

    def open_copies(self) -> None:
        """Show the stack that what is pointed at stands for; each of it is decided alone."""
        if self._page is not None and not self._open(self.chosen_rows()):
            self._reply("This picture stands for itself alone.")

    @Slot(int)
    def _open_at(self, position: int) -> None:
        if self._page is not None:
            self._page.current = position
            self._open(self._page.rows[position : position + 1])

    def _open(self, rows: Rows) -> bool:
        """Show the stacks of some pictures of the page; False where they are in none."""
        other = self._page.opened(rows.tolist()) if self._page is not None else None
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
        self.source.go_on()

    def _refresh(self, places: Sequence[int] | None = None) -> None:
        """Show what became of the pictures at some places, or of all."""
        if self._page is None or self._learned.isActive():
            return
        if places is None:
            pictures = self._pictures()
        else:
            pictures = list(self.panel.view.pictures)
            for place in places:
                pictures[place] = self._picture(place)
        self.panel.view.refresh(pictures)
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
        elif why := self.source.keeps_from_turning(page, ()):
            self._reply(why)
        else:
            self._turning.turn(page, self.source)

    def _on_turned(self, said: str) -> None:
        self._last = said or self._last
        if self._page is not None:
            self.source.after(self._page)
        fitting, is_suggested = self._scoring.fitting, self.source is self.suggested
        if not is_suggested or fitting.is_slow or not fitting.is_due:
            self._go_on_from_now()
            return
        self._put(None)  # its pictures stay in sight; nothing can be said of them any more
        self._learned.start()
        self._scoring.when_current(self._on_learned)

    def _on_learned(self) -> None:
        """Show the page that waited for what was learned from the one before."""
        if self._learned.isActive():
            self._go_on_from_now()

    def stop_turning(self) -> bool:
        """Let the page not be turned whose files are being looked for; return whether one was."""
        return self._turning.stop()

    @Slot(int)
    def _choose(self, step: int) -> None:
        """Show the page of the next name that has pictures, or the one before; marks are kept."""
        if self._page is not None and self.source.choose(self._page, step):
            self._leave()

    def _leave(self) -> None:
        """Show another page; the marks of this one are kept."""
        self._put_away()
        self._next_page()

    @Slot(int)
    def _zoom(self, step: int) -> None:
        """Show fewer and larger pictures a page (-1), or more and smaller ones (1)."""
        place = SIZES.index(self._wanted_size) + step
        self._wanted_size = SIZES[min(max(place, 0), len(SIZES) - 1)]
        if (page := self._page) is None:
            return
        self.source.look()
        other = self.source.resized(page, self._size())
        if other is not None:
            self._show(other)

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._turning.is_deciding:
            return
        self._answer = ""
        if not self.panel.isVisible():
            return
        if effects.concepts and self._page is not None and self.source.is_stale(self._page):
            self.source.look()
            self._leave()
            return
        if self._page is None or not _is_about(self._page, effects):
            self.look_soon()
            self._refresh()
        elif effects.facts & said_on_pages():
            self._refresh()
        else:
            self._refresh(np.flatnonzero(np.isin(self._page.rows, effects.labelled)).tolist())

    @Slot(object, bool)
    def _on_restored(self, _effects: Effects, is_undo: bool) -> None:
        """Show a page again that was undone; go on where its step was done again."""
        history = self._owner.project.history
        shown = self._turning.of_step(history.undone if is_undo else history.done)
        if shown is not None and is_undo:
            self._show_again(shown)
        elif shown is not None:
            self._put_away()
            self._last = ""
            if self.panel.isVisible():
                self._show_left()

    def _show_again(self, shown: Shown) -> None:
        """Show a page again that was turned, as it was marked."""
        self._put_away()
        page, self.source = shown
        self._put(page)
        self._last = ""
        if self.panel.isVisible():
            self._show_left()

    @Slot(object)
    def _on_read(self, rows: Rows) -> None:
        if not self.panel.isVisible():
            return
        if self._page is not None and np.isin(self._page.rows, rows).any():
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
        self.source.look()
        if self._page is None or self.source.is_stale(self._page):
            self._leave()
            self._pointing.follow()
            return
        self._say_heading()
        self._refresh()

    @Slot(int)
    def _on_current_changed(self, position: int) -> None:
        if self._page is not None and position >= 0:
            self._page.current = position


def _is_about(page: Page, effects: Effects) -> bool:
    """Return whether all that changed is what is said of images of a page: nothing else is new."""
    others = effects.images or effects.concepts or len(effects.added) or len(effects.relinked)
    is_said = effects.facts <= said_on_pages() | {REJECTED.name}
    return is_said and not others and bool(np.isin(effects.labelled, page.all_rows).all())
