"""The model actions of the window: dialog, dropped model folders, diagnostic report."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from nameplate.domain.progress import CancelToken, Progress
from nameplate.model_hub.library import STARTER
from nameplate.pipeline.diagnosis import diagnose
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.models.dialog import ModelsDialog
from nameplate.ui.models.library import ModelLibrary
from nameplate.ui.models.switching import ModelSwitching
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.file_dialogs import ask_for_folder
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.reports import report_of
from nameplate.wording.texts import error_text

_Paths = list[Path]
_SHOWN: Final = 60


class ModelActions(QObject):
    """Opens the models dialog, adds dropped model folders, copies the report.

    Attributes:
        library: The known models.
        switching: Switches the model in use.
        dialog: Shows the models; created when first opened.
    """

    def __init__(
        self,
        window: QWidget,
        owner: ProjectOwner,
        in_use: ModelInUse,
        settings: QSettings,
        messages: MessageBar,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._in_use = in_use
        self._settings = settings
        self._messages = messages
        self.dialog: ModelsDialog | None = None
        self.library = ModelLibrary(in_use, self)
        self.switching = ModelSwitching(owner, in_use, self.library, settings, self._bar)
        self._report = JobRunner(
            "report",
            self,
            on_event=self._on_report,
            on_failed=lambda error: self._bar().warn(
                f"The report cannot be made. {error_text(error)}"
            ),
        )
        self.library.model_added.connect(self._on_model_added)
        self.library.succeeded.connect(lambda text: self._bar().tell(text, is_reply=True))
        self.library.failed.connect(lambda text: self._bar().warn(text))

    def shut_down(self) -> None:
        """Stop all jobs; partial downloads are kept."""
        if self.dialog is not None:
            self.dialog.close()
        self.switching.shut_down()
        self.library.shut_down()
        self._report.shut_down()

    @Slot()
    def show(self) -> None:
        """Open the dialog, or bring it to the front."""
        if self.dialog is None:
            self.dialog = ModelsDialog(self.library, self.switching, self._settings, self._window)
            self.dialog.folder_requested.connect(
                lambda: ask_for_folder(self.dialog, self._add_one, "Add a model folder")
            )
            self.dialog.report_requested.connect(self.copy_report)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def copy_report(self) -> None:
        """Copy the diagnostic report to the clipboard."""
        model = self._in_use.model
        folder: str | Path = model.folder if model else STARTER
        device = model.device.requested if model else "auto"

        def job(_cancel: CancelToken) -> Iterator[str]:
            yield report_of(diagnose(folder, device))

        self._bar().tell("The report is being made; the model is tried out…", is_reply=True)
        self._report.start(job)

    def offer(self, folders: _Paths, on_pictures: Callable[[_Paths], object]) -> None:
        """Ask whether to add `folders` as models; or `on_pictures` looks for pictures in them."""
        one = f"“{folders[0].name[:_SHOWN]}” is a model."
        text = one if len(folders) == 1 else f"{counted(len(folders), 'folder')} are models."
        self._bar().ask(
            f"{text} Add to the models?",
            answer="Add",
            on_answer=partial(self._add, folders),
            other="Look for pictures in it",
            on_other=partial(on_pictures, folders),
        )

    def _add_one(self, folder: Path) -> None:
        self._add([folder])

    def _add(self, folders: _Paths) -> None:
        self.show()
        if self.dialog is not None:
            for folder in folders:
                self.dialog.add(folder)

    def _bar(self) -> MessageBar:
        """Return the message bar of the dialog if it is open, else the window's."""
        is_open = self.dialog is not None and self.dialog.isVisible()
        return self.dialog.messages if self.dialog is not None and is_open else self._messages

    @Slot(object)
    def show_speed(self, progress: Progress | None) -> None:
        """Show the measured speed when embedding has ended."""
        if progress is None and self.dialog is not None and self.dialog.isVisible():
            self.library.refresh()

    @Slot(str, str)
    def _on_model_added(self, model_id: str, title: str) -> None:
        if self.dialog is not None:
            self.dialog.offer(model_id)
        self._bar().tell(
            f"{title} is ready to use.", answer="Use it", on_answer=partial(self._use, model_id)
        )

    def _use(self, model_id: str) -> None:
        row = self.library.row(model_id)
        if row is not None:
            self.switching.use(row.info)

    @Slot(object)
    def _on_report(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._bar().tell("The report is on the clipboard.", is_reply=True)
