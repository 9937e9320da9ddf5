"""Writing the labels CSV from the window."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.label_export import LabelExport, model_name, template_name
from nameplate.formats.outputs import LABELS, Output
from nameplate.inference.model import LoadedModel
from nameplate.ui.controller import Controller
from nameplate.ui.jobs.jobs import Job, JobRunner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of


class Exporting(QObject):
    """Asks for a file, writes it off the GUI thread, reports the result.

    Signals:
        written: A CSV was written; its path.
    """

    written = Signal(object)

    def __init__(self, parent: QWidget, controller: Controller, messages: MessageBar) -> None:
        super().__init__(parent)
        self._parent = parent
        self._controller = controller
        self._messages = messages
        self._exported = 0
        self._is_closing = False
        self._last: Path | None = None
        self._asked = (0, 0)  # revision of the project, number of images
        self._runner = JobRunner("export", self)
        self._runner.event_arrived.connect(self._on_written)
        self._runner.failed.connect(self._on_failed)

    @property
    def has_unsaved(self) -> bool:
        """Whether labels changed since the last export."""
        project = self._controller.project
        is_labelled = bool((project.labels.decided_by != DecidedBy.NOBODY).any())
        return is_labelled and project.revision != self._exported

    def may_close(self) -> bool:
        """Ask what to do when the project cannot be saved; return whether the window may close."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText("The project cannot be saved now.")
        box.setInformativeText("Export its labels as CSV before closing?")
        kinds = QMessageBox.StandardButton
        box.setStandardButtons(kinds.Save | kinds.Discard | kinds.Cancel)
        box.button(kinds.Save).setText("Export…")
        box.setDefaultButton(kinds.Save)
        answer = box.exec()
        if answer == kinds.Save:
            self._is_closing = True
            self.ask(all_scores=False)
        return answer == kinds.Discard

    def shut_down(self) -> None:
        """Let a running export finish, then stop."""
        self._runner.shut_down()

    def ask(self, *, all_scores: bool) -> None:
        """Let the person choose a file, then write it."""
        place = self._controller.project.images.paths[:1]
        folder = self._last or (place[0].parent if place else Path())
        dialog = QFileDialog(self._parent, "Export CSV", str(folder / "labels.csv"), "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.rejected.connect(self._stay_open)
        # The dialog has asked about an existing file, not about one created later.
        dialog.fileSelected.connect(
            lambda file: self.write(
                Path(file), all_scores=all_scores, overwrite=Path(file).exists()
            )
        )
        dialog.open()

    def write(self, path: Path, *, all_scores: bool, overwrite: bool = False) -> None:
        """Write the CSV to `path`, with the scores of the current names."""
        output = Output(path, LABELS, overwrite, consent=Message("agree-to-replace"))
        self._controller.when_current(lambda: self._start(output, all_scores=all_scores))

    def _start(self, output: Output, *, all_scores: bool) -> None:
        model = self._controller.model
        if model is not None:
            project = self._controller.project
            self._asked = (project.revision, project.images.present)
            self._runner.start(self._job(output, model, all_scores=all_scores))

    def _job(self, output: Output, model: LoadedModel, *, all_scores: bool) -> Job:
        """Return the job that writes a snapshot of the labels as CSV to `output`."""
        project, templates = self._controller.project, self._controller.template_set
        export = LabelExport.of(
            project.images,
            project.labels,
            self._controller.suggestions,
            model=model_name(model),  # not the model itself, which may be switched meanwhile
            templates=template_name(templates) if templates else "",
            words=what_of,
        )
        output = replace(output, images=export.images.paths.texts, model=model.folder)

        def job(_cancel: CancelToken) -> Iterator[Path]:
            output.check()
            export.write(output, all_scores=all_scores)
            yield output.path

        return job

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        self._exported, count = self._asked
        self._last = path.parent
        folder = QUrl.fromLocalFile(str(path.parent))
        self._messages.tell(
            f"{counted(count, 'row')} written to {path}.",
            answer="Show the folder",
            on_answer=lambda: QDesktopServices.openUrl(folder),
        )
        self.written.emit(path)
        if self._is_closing:
            self._parent.close()

    @Slot()
    def _stay_open(self) -> None:
        """Forget that the window was to close after the export."""
        self._is_closing = False

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._stay_open()
        self._messages.warn(f"The CSV was not written. {error_text(error)}")
