"""Turns pages: looks whether their files are still there, decides them, and takes them back."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.errors import NameplateError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.project.history import Step
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.source import PageSource
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of


@dataclass(frozen=True, slots=True)
class _Turned:
    """A page, where it came from, and the number of its step."""

    page: Page
    source: PageSource
    step: int


class Turning(QObject):
    """Makes a step of the project of each page that is turned, and follows undo and redo of it.

    Whether the files are still there is found out on a thread, since their drive may be slow;
    until then the page stays as it is.

    Attributes:
        unseen: Ids of images that could not be shown on their pages.
        is_deciding: Whether a change of the project comes from here just now.

    Signals:
        turned: A page was decided; what became of it in a sentence, empty for nothing.
    """

    turned = Signal(str)

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        thumbnails: ThumbnailLoader,
        messages: MessageBar,
        page_shown: Callable[[], Page | None],
    ) -> None:
        super().__init__(messages)
        self._owner = owner
        self._scoring = scoring
        self._thumbnails = thumbnails
        self._messages = messages
        self._page_shown = page_shown
        self._page: tuple[Page, PageSource] | None = None  # whose files are being looked for
        self._runner = JobRunner("page", self, on_event=self._on_looked, on_failed=self._on_failed)
        self.is_deciding = False
        self.forget()

    def forget(self) -> None:
        """Begin anew: another project was opened."""
        self._runner.drop()
        self._page = None
        self._done: list[_Turned] = []
        self._undone: list[_Turned] = []
        self.unseen = set[int]()

    def shut_down(self) -> None:
        """Wait for the thread."""
        self._runner.shut_down()

    @property
    def count(self) -> int:
        """How many pages were turned and not taken back."""
        return len(self._done)

    @property
    def is_last_step(self) -> bool:
        """Whether a page is what Undo would take back, so that there is a page before."""
        return _is_of(self._owner.project.history.done, self._done)

    def turn(self, page: Page, source: PageSource) -> None:
        """Decide a page, unless another is shown before it is known which files are there."""
        if self._page is not None:
            return
        self._page, rows = (page, source), page.all_rows.tolist()
        paths = self._owner.project.images.paths
        files = [(row, paths[row]) for row in rows]
        self._runner.start(lambda cancel: _lost(files, cancel))

    def back(self) -> None:
        """Undo the step of the last page, or say why not."""
        if not self._done:
            self._messages.tell("This is the first page.")
        elif _is_of(self._owner.project.history.done, self._done):
            self._owner.undo()
        else:
            self._messages.tell(
                "Something else was changed since that page: that has to be taken back first.",
                answer="Undo",
                on_answer=self._owner.undo,
                about=LAST_STEP,
            )

    def taken_back(self) -> tuple[Page, PageSource] | None:
        """Return what was undone just now, if it was the last page, and its source."""
        if not _is_of(self._owner.project.history.undone, self._done):
            return None
        self._undone.append(self._done.pop())
        last = self._undone[-1]
        self.unseen -= set(self._owner.project.images.ids[last.page.all_rows].tolist())
        return last.page, last.source

    def is_turned_again(self) -> bool:
        """Note and return whether the step of a page was done again just now."""
        if not _is_of(self._owner.project.history.done, self._undone):
            return False
        self._done.append(self._undone.pop())
        return True

    @Slot(object)
    def _on_looked(self, lost: list[int]) -> None:
        looked_at, self._page = self._page, None
        if looked_at is not None and looked_at[0] is self._page_shown():
            self._decide(*looked_at, lost)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._page = None
        self._messages.warn(f"The page was not turned. {error_text(error)}")

    def _decide(self, page: Page, source: PageSource, lost: list[int]) -> None:
        project, rows = self._owner.project, page.all_rows.tolist()
        paths, failed = project.images.paths, self._thumbnails.has_failed
        unseen = [*lost, *(row for row in rows if row not in page.marks and failed(paths[row]))]
        if why := source.keeps_from_turning(page, unseen):
            self._messages.tell(why)
            return
        try:
            made = source.decide(page, unseen, self._scoring.circumstances)
        except NameplateError as error:
            self._messages.warn(f"The page was not turned. {error_text(error)}")
            return
        page.current = 0
        said = ""
        if made.change is not None:
            self.is_deciding = True
            self._owner.change(made.change, made.title)
            self.is_deciding = False
            self._done.append(_Turned(page, source, project.history.done[-1].number))
            self._undone.clear()
            words = what_of(made.title)
            said = f"{words[0].upper()}{words[1:]}. Backspace takes it back."
        left = [r for r in made.left_out if project.labels.decided_by[r] != DecidedBy.PERSON]
        self.unseen.update(project.images.ids[unseen].tolist())
        self.turned.emit(said)
        if left:
            text = f"{counted(len(left), 'picture')} could not be seen any more: left undecided."
            self._messages.tell(text)


def _is_of(steps: Sequence[Step], pages: Sequence[_Turned]) -> bool:
    """Whether the last of `steps` is that of the last of `pages`."""
    return bool(steps and pages) and steps[-1].number == pages[-1].step


def _lost(files: Sequence[tuple[int, Path]], cancel: CancelToken) -> Iterator[list[int]]:
    """Yield the rows whose files are not there any more."""
    cancel.raise_if_cancelled()
    yield [row for row, path in files if not os.path.exists(path)]  # noqa: PTH110 - never raises
