"""Compares the open project with another one, and merges decisions from it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects, Ids, Title
from nameplate.domain.progress import CancelToken
from nameplate.project.exchange.comparison import Comparison, TwoSides, compare
from nameplate.project.exchange.matching import ImageMatch, match_images
from nameplate.project.exchange.merging import Rule, merge
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.ui.compare.panel import ComparePanel
from nameplate.ui.grid.shown_alone import ShownAlone
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.file_dialogs import ask_for_project
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_LATER_MS: Final = 300
"""After a decision, before agreement is computed again: many in a row must not compete with it."""


@dataclass(frozen=True, slots=True)
class _Other:
    """Another project, opened read-only, and the images shared with this one."""

    path: Path
    project: Project
    match: ImageMatch


class Comparing(QObject):
    """Reads another project, shows its agreement, and merges what the person wants.

    The other project is held in memory as it was when it was read; its file is never written.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        panel: ComparePanel,
        messages: MessageBar,
        alone: ShownAlone,
    ) -> None:
        super().__init__(panel)
        self._owner = owner
        self._panel = panel
        self._messages = messages
        self._other: _Other | None = None
        self._runner = JobRunner("compare", self)
        self._runner.event_arrived.connect(self._on_event)
        self._runner.failed.connect(self._on_failed)
        self._later = Later(self, _LATER_MS, self._compare)
        self._is_match_old = False
        self._alone = alone
        alone.changed.connect(self._on_alone)
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self._on_opened)
        panel.closed.connect(self._forget)
        panel.shown_ids_changed.connect(self._on_shown_ids)
        panel.take_over_requested.connect(self._take_over)

    def ask(self) -> None:
        """Let the person choose a project to compare with."""
        ask_for_project(self._panel.window(), self.open, "Compare with a project")

    def open(self, path: Path) -> None:
        """Read the project in a file and compare it with the open one."""
        self._forget()
        self._panel.show_busy(path.stem)
        images = self._owner.project.images.without_embeddings()

        def job(_cancel: CancelToken) -> Iterator[_Other]:
            with closing(store.open_file(path, read_only=True)) as db:
                project = store.load(db, path)
            yield _Other(path, project, match_images(images, project.images))

        self._runner.start(job)

    @Slot(int)
    def show_row(self, row: int) -> None:
        """Show both decisions about the image in `row`; -1 for none."""
        self._panel.show_image(int(self._owner.project.images.ids[row]) if row >= 0 else 0)

    def shut_down(self) -> None:
        """Stop comparing."""
        self._later.stop()
        self._runner.shut_down()

    @Slot()
    def _compare(self) -> None:
        """Compute the current agreement; match the images again if they changed."""
        if self._other is None:
            return
        other, project = self._other, self._owner.project
        if self._is_match_old:
            self._is_match_old = False
            images = project.images.without_embeddings()

            def again(_cancel: CancelToken) -> Iterator[_Other]:
                match = match_images(images, other.project.images)
                yield _Other(other.path, other.project, match)

            self._runner.start(again)
            return
        sides = TwoSides.of(project, other.project, other.match)
        self._runner.start(lambda _cancel: iter([compare(sides)]))

    @Slot(object)
    def _on_event(self, event: _Other | Comparison) -> None:
        if isinstance(event, _Other):
            self._other = event
            self._compare()
        elif self._other is not None:
            self._panel.show_comparison(self._other.match, event)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._panel.close_comparison()
        self._messages.warn(f"The projects were not compared. {error_text(error)}")

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        self._is_match_old = self._is_match_old or effects.images
        if self._other is not None:
            self._later.ask()

    @Slot()
    def _on_alone(self) -> None:
        """React when the disagreements are no longer shown alone."""
        if not self._alone.is_on:
            self._panel.show_all()

    @Slot(object)
    def _on_shown_ids(self, ids: Ids | None) -> None:
        """Show only these images, ignoring the filter; for None, restore the previous view."""
        if ids is not None:
            self._alone.show(ids)
        else:
            self._alone.back()

    @Slot()
    def _on_opened(self) -> None:
        """End the comparison; the project that was opened has a view of its own."""
        self._alone.forget()
        self._panel.close_comparison()

    @Slot()
    def _forget(self) -> None:
        self._other = None
        self._is_match_old = False
        self._later.stop()
        self._runner.drop()
        self._on_shown_ids(None)

    @Slot(object)
    def _take_over(self, rule: Rule) -> None:
        """Merge the other decisions as one step."""
        if self._other is None:
            return
        project, name = self._owner.project, self._other.path.stem
        sides = TwoSides.of(project, self._other.project, self._other.match)
        merged = merge(project, sides, rule)
        if merged.change is None:
            return
        count = merged.taken + merged.replaced
        self._owner.change(merged.change, Title("merge", {"count": count, "name": name}))
        said = [f"{counted(count, 'decision')} taken over from {name}"]
        said += [f"{merged.cleared:,} became undecided"] if merged.cleared else []
        said += [f"{counted(merged.added, 'name')} added"] if merged.added else []
        said += ["a picture may have several labels from now on"] if merged.makes_multi else []
        self._messages.tell(f"{', '.join(said)}.", answer="Undo", on_answer=self._owner.undo)
