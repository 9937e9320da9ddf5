"""The number of pages left, shown on the button that opens them."""

from collections.abc import Callable, Collection, Iterator

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import STACKS
from nameplate.pipeline.pages.rules import Candidates, Rows
from nameplate.ui.grid.arranging import FEW
from nameplate.ui.pages.page_layout import FIRST_SIZE, page_size, room_for_pictures
from nameplate.ui.widgets.work_panel import SidePanel
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn

_SOON_MS, _MANY_MS = 50, 250
"""Delays of counting after a change, with few and many pictures; further changes are included."""


def attach(workbench: Workbench) -> None:
    """Keep the number on the button up to date."""
    workbench.part(PagesLeft)


class PagesLeft(QObject):
    """Counts the pages that are left, on a thread if there are many pictures.

    No number is shown while names or pictures are read or copies are searched for, because these
    change it. While suggestions are learned each page changes those after it, and the number is
    said to be about so many.

    Attributes:
        unseen: Ids of images that could not be shown on their pages.
        wanted_size: About how many pictures a page has, as a person chose.
        shown: Returns the images of the page that is shown; None for none.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self.unseen, self.wanted_size = set[int](), FIRST_SIZE
        self.shown: Callable[[], Rows | None] = lambda: None
        self._soon = workbench.later(_SOON_MS, self._count)
        workbench.follow(self._on_project_changed)
        workbench.follow_reading(self.ask)
        workbench.pictures.follow_mode(self.ask)
        workbench.pictures.follow_shown(self.ask)
        self._pictures = pictures = workbench.pictures.modes.stack  # larger pages are fewer
        self._around = QSize()  # what the window has beside and below the pictures
        for part in (pictures, pictures.window()):  # what a panel hides is told of no other size
            part.installEventFilter(self)
        self._show(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count again when the pictures have more or less room."""
        if event.type() == QEvent.Type.Resize:
            self.ask()
        return super().eventFilter(watched, event)

    @property
    def size(self) -> int:
        """How many pictures a page has, also while something else is shown."""
        pictures, window = self._pictures, self._pictures.window()
        # Pages are seen without lists below them, and their room changes while a panel hides it.
        lists = (one for one in window.findChildren(SidePanel) if one.isVisible())
        if self._around.isNull() or (pictures.isVisible() and not any(lists)):
            self._around = window.size() - pictures.size()
        room = window.size() - self._around
        return page_size(room_for_pictures(room, pictures.font()), self.wanted_size)

    def ask(self) -> None:
        """Count again, soon."""
        is_much = self._workbench.project.images.present > FEW
        self._soon.setInterval(_MANY_MS if is_much else _SOON_MS)
        self._soon.ask()

    def _on_project_changed(self, effects: Effects) -> None:
        if not effects.found or STACKS in effects.found:
            self.ask()

    def _count(self) -> None:
        workbench, images = self._workbench, self._workbench.project.images
        is_ready = images.present and workbench.is_scored and not images.waiting
        if is_ready:
            workbench.derived.request_once(STACKS)
        if not is_ready or workbench.derived[STACKS] is None:
            workbench.drop("left")
            self._show(0)
            return
        rest, shown, size = undecided(workbench, self.unseen), self.shown(), self.size

        def count() -> int:
            return rest.pages(size) if shown is None else rest.without(shown).pages(size) + 1

        def job(_cancel: CancelToken) -> Iterator[int]:
            yield count()

        if images.present > FEW:
            workbench.run("left", job, self._show, lambda _: self._show(0), low_priority=True)
        else:
            self._show(count())

    def _show(self, pages: int) -> None:
        text = tr("Check", "verb")
        if pages > 1 and self._workbench.project.settings.learns:
            text = tr("Check ~{count:,} pages", count=pages)
        elif pages:
            text = trn("Check {count:,} page", "Check {count:,} pages", pages)
        self._workbench.name_button("sheets", text)


def undecided(workbench: Workbench, unseen: Collection[int]) -> Candidates:
    """Return the visible undecided images, except those with ids in `unseen`."""
    rows = workbench.pictures.shown
    if unseen:
        rows = rows[~np.isin(workbench.project.images.ids[rows], list(unseen))]
    return Candidates.of(workbench.project, workbench.suggestions, rows, workbench.derived[STACKS])
