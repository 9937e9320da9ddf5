"""The page that is shown, where it is from, and what the project keeps of it."""

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.project.sheets import NO_ROWS, Rows
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_picture import PagePicture
from nameplate.ui.sheets.source import PageSource
from nameplate.ui.sheets.suggested import SuggestedPages


class CurrentPage(QObject):
    """Holds the page that is shown; none of its marks are lost when it gives way to another.

    Attributes:
        page: None where there is none.
        source: Where the pages come from that are shown.
        reply: What was answered to the person on it; empty for nothing.

    Signals:
        hidden_changed: Rows of the images whose names must not be seen anywhere, int64.
    """

    hidden_changed = Signal(object)

    def __init__(self, owner: ProjectOwner, suggested: SuggestedPages) -> None:
        super().__init__(suggested)
        self._owner = owner
        self._suggested = suggested
        self._hidden: Rows = NO_ROWS
        self.page: Page | None = None
        self.source: PageSource = suggested
        self.reply = ""

    @Slot()
    def forget(self) -> None:
        """Begin anew with the usual pages: another project was opened."""
        self.put(None)
        self.source = self._suggested

    def put(self, page: Page | None) -> None:
        """Put a page, or none, in place of one that was turned or put away."""
        if page is not self.page:
            self.reply = ""
        if page is not None:
            page.history.settle(self._owner.project.history)
        self.page = page
        hidden = page.rows if page is not None and page.asks_each else NO_ROWS
        if not np.array_equal(hidden, self._hidden):
            self._hidden = hidden
            self.hidden_changed.emit(hidden)

    def put_away(self) -> None:
        """Leave the page before it was turned: its marks stay for when it is shown again."""
        if self.page is not None:
            self.source.put_away(self.page)
            self.put(None)

    def turn_to(self, source: PageSource) -> None:
        """Leave the page for those of another source."""
        self.put_away()
        self.source = source

    def take_back(self, page: Page, source: PageSource) -> None:
        """Show a page again that was turned, in place of what there is of its name."""
        self.turn_to(source)
        source.take_out(page)
        self.put(page)

    def keep(self) -> None:
        """Let the project remember what is marked; what was turned or is of no use, no more."""
        if self.source is self._suggested:
            others = [page for page in self._owner.project.pages if page.promise]
            kept = (*self._suggested.kept(self.page), *others)
        else:
            kept = (*self._suggested.kept(None), *self.source.kept(self.page))
        self._owner.keep_pages(kept)

    @property
    def is_useless(self) -> bool:
        """Whether there is no page, or none with anything to decide."""
        return self.page is None or self.source.is_stale(self.page)

    @property
    def mark_steps(self) -> tuple[bool, bool]:
        """Whether a mark of the page is the next to be undone, and to be redone."""
        if self.page is None:
            return False, False
        history, steps = self.page.history, self._owner.project.history
        return history.can_undo(steps), history.can_redo(steps)

    def pictures(self) -> list[PagePicture]:
        """Return what the page shows of each picture."""
        owner = self._owner
        return self.page.pictures(owner.project, owner.suggestions) if self.page else []

    def row_at(self, position: int) -> int:
        """Return the row of the image at a position of the page; -1 for none."""
        rows = self.page.rows if self.page else NO_ROWS
        return int(rows[position]) if 0 <= position < len(rows) else -1
