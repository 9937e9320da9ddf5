"""Turns pages: looks whether their files are still there, decides them, and takes them back."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nameplate.domain.changes import Change, Title
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.project.history import Step
from nameplate.ui.actions.keys import shown_key
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.source import PageSource
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.widgets.painting import capitalised
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentence, sentences, tr, trn, what_of

Shown = tuple[Page, PageSource[Any]]
"""A page, and where it is from."""


class PageCommit:
    """Makes a step of the project of each page that is turned, and knows which steps these are.

    Whether the files are still there is found out on a thread, since their drive may be slow;
    until then the page stays as it is.

    Attributes:
        marks: The numbers of the steps that do not keep a page before them from being taken back.
        is_deciding: Whether a change of the project comes from here just now.
    """

    def __init__(
        self,
        workbench: Workbench,
        unseen: set[int],
        on_turned: Callable[[str], object],
        on_back: Callable[[Shown], object],
    ) -> None:
        """Turn pages.

        Args:
            workbench: Of the feature.
            unseen: Filled with the ids of images that could not be shown on their pages.
            on_turned: Called when it was decided, with what became of it; empty for nothing.
            on_back: Called with a page that was taken back by another step.
        """
        self._workbench = workbench
        self._unseen, self._on_turned, self._on_back = unseen, on_turned, on_back
        self._turned = dict[int, Shown]()  # by the number of the step
        self.is_deciding = False
        self.marks = set[int]()

    def stop(self) -> bool:
        """Turn no page: another one is shown. Return whether one was about to be turned."""
        was_turning = self._workbench.is_running("page")
        self._workbench.drop("page")
        return was_turning

    @property
    def count(self) -> int:
        """How many pages were turned and not taken back."""
        return sum(step.number in self._turned for step in self._workbench.project.history.done)

    @property
    def last(self) -> Step | None:
        """The step of the last page, if nothing but marks came after it; else None."""
        for step in reversed(self._workbench.project.history.done):
            if step.number not in self.marks:
                return step if step.number in self._turned else None
        return None

    def turn(self, page: Page, source: PageSource[Any]) -> None:
        """Decide a page, unless `stop` is called before it is known which files are there."""
        if self._workbench.is_running("page"):
            return
        rows: list[int] = page.all_rows.tolist()
        paths = self._workbench.project.images.paths
        files = [(row, paths[row]) for row in rows]
        decide = partial(self._decide, page, source)
        self._workbench.run("page", partial(_lost, files), decide, self._on_failed)

    def back(self) -> None:
        """Take the last page back; marks that came after it stay. Or say why not."""
        step, history = self.last, self._workbench.project.history
        if step is not None and step is history.done[-1]:
            self._workbench.undo()
        elif step is not None:
            self._do(step.change, Title("page-back"))
            self.marks |= {step.number, history.last_number}
            self._on_back(self._turned.pop(step.number))
        elif not self.count:
            self._workbench.say(tr("This is the first page."))
        else:
            self._workbench.messages.tell(
                tr("Something else changed since that page. Undo that first."),
                (tr("Undo"), self._workbench.undo),
                about=LAST_STEP,
            )

    def _do(self, change: Change, title: Title) -> None:
        self.is_deciding = True
        self._workbench.do(change, title)
        self.is_deciding = False

    def of_step(self, steps: Sequence[Step]) -> Shown | None:
        """Return the page that the last of `steps` turned; None where it is none of a page."""
        shown = self._turned.get(steps[-1].number) if steps else None
        if shown is not None and steps is self._workbench.project.history.undone:
            self._unseen -= set(self._workbench.project.images.ids[shown[0].all_rows].tolist())
        return shown

    def _on_failed(self, error: Exception) -> None:
        self._workbench.warn(tr("The page wasn't accepted. {reason}", reason=error_text(error)))

    def _decide(self, page: Page, source: PageSource[Any], lost: list[int]) -> None:
        self._workbench.drop("page")  # it has said all
        project = self._workbench.project
        rows: list[int] = page.all_rows.tolist()
        paths, failed = project.images.paths, self._workbench.pictures.thumbnails.has_failed
        unmarked = (row for row in rows if page.said(row, project) is None)
        unseen = [*lost, *(row for row in unmarked if failed(paths[row]))]
        if why := source.keeps_from_turning(page, unseen):
            self._workbench.say(why)
            return
        try:
            made = source.decide(page, unseen, self._workbench.decision_context)
        except NameplateError as error:
            self._on_failed(error)
            return
        page.current = 0
        said = ""
        if made.change is not None:
            self._do(made.change, made.title)
            self._turned[project.history.done[-1].number] = page, source
            back = tr("{key} takes it back.", key=shown_key("Backspace"))
            said = sentences(sentence(capitalised(what_of(made.title))), back)
        self._unseen.update(project.images.ids[list(made.left_out)].tolist())
        self._on_turned(said)
        if made.left_out:
            text = trn(
                "{count:,} picture can't be shown, so it stays undecided.",
                "{count:,} pictures can't be shown, so they stay undecided.",
                len(made.left_out),
            )
            self._workbench.say(text)


def _lost(files: Sequence[tuple[int, Path]], cancel: CancelToken) -> Iterator[list[int]]:
    """Yield the rows of missing files."""
    cancel.raise_if_cancelled()
    yield [row for row, path in files if not os.path.exists(path)]  # noqa: PTH110 - never raises
