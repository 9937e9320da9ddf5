"""Exporting labels from the window."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.exchange.labels_csv import CSV
from nameplate.formats.export_format import ExportFormat, ExportOptions, ExportTask, Target
from nameplate.formats.label_export import ExportFacts, LabelExport, model_name, template_name
from nameplate.formats.outputs import Output
from nameplate.formats.registry import FORMATS
from nameplate.inference.model import LoadedModel
from nameplate.ui.jobs.jobs import Job, JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of

Write = Callable[[LabelExport, Output], object]
"""Writes labels to an output."""

_EXPORT: Final = "export"


class Exporting(QObject):
    """Asks for a file, writes it off the GUI thread, reports the result.

    Signals:
        written: A file was written; its path.
    """

    written = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        messages: MessageBar,
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._owner = owner
        self._in_use = in_use
        self._scoring = scoring
        self._messages = messages
        self._last: Path | None = None
        self._rows = 0  # of the file being written
        self._runner = JobRunner("export", self)
        self._runner.event_arrived.connect(self._on_written)
        self._runner.failed.connect(self._on_failed)

    def shut_down(self) -> None:
        """Let a running export finish, then stop."""
        self._runner.shut_down()

    def ask(self, *, all_scores: bool) -> None:
        """Let the person choose a file, then write it."""
        place = self._owner.project.images.paths[:1]
        folder = self._last or (place[0].parent if place else Path())
        files = [one for one in FORMATS.values() if one.target is Target.FILE]
        kinds = {f"{one.title} (*{one.ending})": one for one in files}
        start = str(folder / f"labels{CSV.ending}")
        dialog = QFileDialog(self._parent, "Export labels", start, ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(CSV.ending.removeprefix("."))
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix(kinds[kind].ending.removeprefix("."))
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The dialog has asked about an existing file, not about one created later.
        dialog.fileSelected.connect(
            lambda file: self.write(
                Path(file),
                kinds[dialog.selectedNameFilter()],
                all_scores=all_scores,
                overwrite=Path(file).exists(),
            )
        )
        dialog.open()

    def write(
        self,
        path: Path,
        chosen: ExportFormat = CSV,
        *,
        all_scores: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Write the labels to `path`, with the scores of the current names."""
        consent = Message("agree-to-replace")
        output = chosen.output(path, overwrite=overwrite, consent=consent)
        options = ExportOptions(all_scores=all_scores)
        self._scoring.when_current(
            lambda: self._start(
                output, lambda export, where: chosen.write(ExportTask(export, options), where)
            )
        )

    def _start(self, output: Output, write: Write) -> None:
        model = self._in_use.model
        if model is not None:
            project = self._owner.project
            self._rows = project.images.present
            self._runner.start(self._job(output, model, write))

    def _job(self, output: Output, model: LoadedModel, write: Write) -> Job:
        """Return the job that writes a snapshot of the labels to `output`."""
        project, templates = self._owner.project, self._scoring.template_set
        facts = ExportFacts(
            model=model_name(model),  # not the model itself, which may be switched meanwhile
            templates=template_name(templates) if templates else "",
            words=what_of,
            first_images=project.first_images,
        )
        export = LabelExport.of(
            project.images, project.labels, project.concepts, self._owner.suggestions, facts
        )
        output = replace(output, images=export.images.paths.texts, model=model.folder)

        def job(_cancel: CancelToken) -> Iterator[Path]:
            output.check()
            write(export, output)
            yield output.path

        return job

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        self._last = path.parent
        self._messages.withdraw(_EXPORT)
        folder = QUrl.fromLocalFile(str(path.parent))
        self._messages.tell(
            f"{counted(self._rows, 'row')} written to {path}.",
            answer="Show the folder",
            on_answer=lambda: QDesktopServices.openUrl(folder),
        )
        self.written.emit(path)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(f"The labels were not written. {error_text(error)}", about=_EXPORT)
