"""Imports labels: reads a file in a background thread, shows a preview, applies it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects, Title
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.records import FirstRows, ReadAs
from nameplate.formats.import_format import ImportFormat
from nameplate.formats.registry import import_format_of
from nameplate.pipeline.importing import ImportEvent, ImportReader
from nameplate.project.exchange.import_plan import ImportPlan
from nameplate.project.exchange.importing import Import, ImportTarget, planned_import
from nameplate.storage.agreed_hosts import agree
from nameplate.ui.importing.panel import ImportPanel
from nameplate.ui.importing.sentences import done_sentence
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import error_text

_LATER_MS: Final = 300
"""After a change of the project, before the preview is computed again."""


class Importing(QObject):
    """Fills the panel, and imports the labels as one step."""

    def __init__(self, panel: ImportPanel, owner: ProjectOwner, messages: MessageBar) -> None:
        super().__init__(panel)
        self._panel = panel
        self._owner = owner
        self._messages = messages
        self._plan: ImportPlan | None = None
        self._counted: tuple[ImportTarget, Import] | None = None
        self._is_agreed = False  # what is counted is to be imported as soon as it is
        self._images_changed = False
        self._runner = JobRunner("import", self)
        self._runner.event_arrived.connect(self._on_event)
        self._runner.failed.connect(self._on_failed)
        self._counts = JobRunner("import-count", self)
        self._counts.event_arrived.connect(self._on_counted)
        self._counts.failed.connect(self._on_failed)
        self._later = Later(self, _LATER_MS, self._count_anew)
        panel.read_requested.connect(self._read)
        panel.decided.connect(self._on_decided)
        panel.work_requested.connect(self._import)
        panel.cancel_requested.connect(self._cancel)
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self._close)

    def shut_down(self) -> None:
        """Stop reading."""
        self._later.stop()
        self._runner.shut_down()
        self._counts.shut_down()

    @Slot()
    def ask(self) -> None:
        """Show the panel, where a file or folder can be chosen."""
        self._cancel()
        self._panel.begin()

    def take_file(self, path: Path) -> None:
        """Show a preview of importing a file or folder."""
        self._cancel()
        self._panel.begin(path)

    @Slot()
    def _read(self) -> None:
        """Read the file that the panel requests from the start."""
        self._plan, self._images_changed, self._is_agreed = None, False, False
        self._counts.drop()
        request = self._panel.request
        if request is None:
            self._runner.drop()
            self._panel.show_nothing()
            return
        self._panel.show_busy()
        reader = ImportReader(self._owner.project)

        def job(cancel: CancelToken) -> Iterator[ImportEvent | ImportFormat]:
            agree([str(request.path)])
            chosen = request.format or import_format_of(request.path)
            yield chosen
            options = replace(request.options, cancel=cancel)
            yield from reader.read(request.path, chosen, options)

        self._runner.start(job)

    @Slot(object)
    def _on_event(self, event: ImportEvent | ImportFormat) -> None:
        match event:
            case Progress():
                self._panel.show_progress(event)
            case ImportFormat():
                self._panel.show_format(event)
            case ReadAs():
                self._panel.show_read_as(event)
            case FirstRows():
                self._panel.rows.show_first_rows(event.items)
            case ImportPlan():
                self._plan = event
                self._show()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._is_agreed = False
        is_cancelled = isinstance(error, CancelledError)
        self._panel.show_nothing("Not read to the end." if is_cancelled else error_text(error))

    @Slot()
    def _cancel(self) -> None:
        self._plan, self._is_agreed = None, False
        self._later.stop()
        self._counts.drop()
        if self._panel.is_busy:
            self._runner.drop()
            self._panel.show_nothing("Not read to the end: it was cancelled.")

    # ---- preview

    @Slot()
    def _on_decided(self) -> None:
        """Show what is imported otherwise: what was agreed to was something else."""
        self._is_agreed = False
        self._show()

    @Slot()
    def _show(self) -> None:
        """Compute the preview on a copy of the project."""
        plan, replaces = self._plan, self._panel.replaces
        if plan is None:
            return
        target = ImportTarget.of(self._owner.project)
        self._counted = None

        def job(_cancel: CancelToken) -> Iterator[tuple[ImportTarget, Import]]:
            yield target, planned_import(target, plan, replaces=replaces, at=_now())

        self._counts.start(job)

    @Slot(object)
    def _on_counted(self, counted: tuple[ImportTarget, Import]) -> None:
        if self._plan is None:
            return
        self._counted = counted
        if self._is_agreed:
            self._import()
        else:
            self._panel.show_plan(self._plan, counted[1])

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._panel.is_open:
            self._images_changed = self._images_changed or effects.images
            self._later.start()

    @Slot()
    def _count_anew(self) -> None:
        if self._images_changed:
            self._read()
        else:
            self._show()

    @Slot()
    def _import(self) -> None:
        """Apply the preview; compute it again first if the project changed."""
        if self._plan is None:
            return
        project = self._owner.project
        if self._counted is None or self._counted[0].revision != project.revision:
            self._is_agreed = True
            self._panel.show_importing()
            self._show()
            return
        target, found = self._counted
        self._plan, self._is_agreed = None, False
        self._panel.show_nothing()
        self._panel.leave_panel()
        change = target.change_of(project, found.change)
        self._owner.change(change, Title("import-labels", {"count": found.changed}))
        self._messages.tell_done(done_sentence(found), self._owner.undo)

    @Slot()
    def _close(self) -> None:
        """Close the panel: it was about the project before."""
        self._cancel()
        self._panel.leave_panel()


def _now() -> int:
    return round(1000 * time.time())
