"""The models dialog: a list, and the details and actions of the chosen model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QSplitter

from nameplate.domain.progress import CancelToken
from nameplate.features.models.details import ModelDetails
from nameplate.features.models.doctor import diagnose, report_of
from nameplate.features.models.library import ModelLibrary
from nameplate.features.models.list import ModelList
from nameplate.features.models.rows import ModelRow
from nameplate.model_hub.library import STARTER
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.file_dialogs import ask_for_folder, dropped_paths
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text

_GEOMETRY: Final = "models/geometry"
_COLUMNS: Final = "models/columns"
_SIZE: Final = (860, 560)
_LEAST: Final = (480, 320)


def ask(workbench: Workbench) -> None:
    """Open the dialog, or bring it to the front."""
    dialog = workbench.lasting_part(ModelsDialog)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def add(workbench: Workbench, folder: Path) -> None:
    """Add the model in a folder."""
    ask(workbench)
    workbench.lasting_part(ModelsDialog).add(folder)


def copy_report(workbench: Workbench) -> None:
    """Copy the diagnostic report to the clipboard."""
    workbench.lasting_part(ModelsDialog).copy_report()


class ModelsDialog(QDialog):
    """The models dialog; not modal, and it stays when another project is opened.

    Attributes:
        library: The models, and what is done with them.
        list: The models.
        details: The chosen model.
        messages: Its own message bar.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench.window)
        self._workbench = workbench
        self.library = ModelLibrary(workbench, lambda: self.bar, self._show_rows, self._offer)
        self.setWindowTitle("Models")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_LEAST)
        self.details = ModelDetails(self.library, self._ask_to_remove)
        self.list = ModelList(self.details.press, self._ask_to_remove)
        self.list.currentItemChanged.connect(self._show_details)
        self.messages = MessageBar()
        self._lay_out()
        self._restore()
        self.begin(workbench)

    def begin(self, workbench: Workbench) -> None:
        """Go on with the workbench of a project that was opened."""
        self._workbench = self.library.workbench = workbench
        workbench.follow_model(self._show_rows)
        workbench.follow_reading(self._show_speed)

    def _lay_out(self) -> None:
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.addWidget(self.list)
        self._columns.addWidget(self.details)
        self._columns.setChildrenCollapsible(False)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes([340, 520])
        hint = Paragraph(max_lines=1)
        hint.show_text("or drop a model folder here")
        add, report, close = (QPushButton(t) for t in ("Add a folder…", "Copy report", "Close"))
        report.setToolTip("Copy what is installed and what really runs, to ask for help with")
        foot = row(add, hint, report, close, margins=(14, 10, 14, 12), spacing=8, grows=1)
        for button in (add, report, close):
            button.setAutoDefault(False)
        line = QFrame()
        line.setFixedHeight(1)
        line.setBackgroundRole(QPalette.ColorRole.Midlight)
        line.setAutoFillBackground(True)
        self.setLayout(column(self._columns, line, self.messages, foot, spacing=0, grows=0))
        add.clicked.connect(lambda: ask_for_folder(self, self.add, "Add a model folder"))
        report.clicked.connect(self.copy_report)
        close.clicked.connect(self.close)

    @property
    def bar(self) -> MessageBar:
        """The message bar of the dialog if it is open, else the window's."""
        return self.messages if self.isVisible() else self._workbench.messages

    # ---- display

    def _show_rows(self) -> None:
        chosen, has_rows = self.list.current_id, bool(self.list.count())
        rows = self.library.rows
        self.list.set_rows(rows)
        if self.list.current_id != chosen or not has_rows:
            used = next((row.info.model_id for row in rows if row.is_in_use), "")
            self.list.choose(chosen or used)
        self._show_details()

    def _show_details(self) -> None:
        self.details.show_row(self.list.current)

    def _show_speed(self) -> None:
        """Show how fast images were read."""
        if self.isVisible():
            self.library.refresh()

    def _offer(self, model_id: str) -> None:
        """Select a model that was just added, unless the person has selected another meanwhile."""
        if self.list.current is None or self.list.current.is_in_use:
            self.list.choose(model_id)

    # ---- requests

    def add(self, folder: Path) -> None:
        """Add the model in `folder`, and select it."""
        self.library.add(folder)
        self.list.choose(str(folder))

    def _ask_to_remove(self) -> None:
        row = self.list.current
        if row is None or row.activity is not None or not row.info.is_removable:
            return
        if row.is_in_use:
            text = "The model in use cannot be removed. Use another one first."
            self.messages.tell(text, is_reply=True)
            return
        self.messages.ask(
            f"Delete {row.info.title} from this computer? What it has read of your pictures stays.",
            answer="Delete",
            on_answer=lambda: self._remove(row),
        )

    def _remove(self, row: ModelRow) -> None:
        self.library.remove(row.info.model_id)
        self.list.setFocus()

    def copy_report(self) -> None:
        """Copy the diagnostic report to the clipboard."""
        model = self._workbench.model
        folder: str | Path = model.folder if model else STARTER
        device = model.device.requested if model else "auto"

        def job(_cancel: CancelToken) -> Iterator[str]:
            yield report_of(diagnose(folder, device))

        def copy(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.bar.tell("The report is on the clipboard.", is_reply=True)

        def failed(error: Exception) -> None:
            self.bar.warn(f"The report cannot be made. {error_text(error)}")

        self.bar.tell("The report is being made; the model is tried out…", is_reply=True)
        self._workbench.run("report", job, copy, failed, outlives_project=True)

    # ---- the window itself

    def reject(self) -> None:
        """On Esc hide the message bar if shown, else close the dialog."""
        if self.messages.isVisible():
            self.messages.dismiss()
            self.list.setFocus()
        else:
            super().reject()

    def showEvent(self, event: QShowEvent) -> None:
        """Refresh the models, and focus the list."""
        super().showEvent(event)
        self._show_rows()
        self.library.refresh()
        self.list.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save the size and the columns."""
        self._workbench.settings.setValue(_GEOMETRY, self.saveGeometry())
        self._workbench.settings.setValue(_COLUMNS, self._columns.saveState())
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; running jobs continue."""
        self.messages.clear()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the models that were dropped."""
        event.acceptProposedAction()
        for path in dropped_paths(event.mimeData()):
            self.add(path)

    def _restore(self) -> None:
        geometry = self._workbench.settings.value(_GEOMETRY)
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(*_SIZE)
        columns = self._workbench.settings.value(_COLUMNS)
        if isinstance(columns, QByteArray):
            self._columns.restoreState(columns)
