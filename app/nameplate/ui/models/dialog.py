"""The models dialog: a list, and the details and actions of the chosen model."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QSplitter, QWidget

from nameplate.ui.models.details import ModelDetails
from nameplate.ui.models.library import ModelLibrary
from nameplate.ui.models.list import ModelList
from nameplate.ui.models.rows import ModelRow
from nameplate.ui.models.switching import ModelSwitching
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.paragraph import Paragraph

_GEOMETRY: Final = "models/geometry"
_COLUMNS: Final = "models/columns"
_SIZE: Final = (860, 560)
_LEAST: Final = (480, 320)


class ModelsDialog(QDialog):
    """The models dialog; not modal.

    Signals:
        folder_requested: "Add a folder" was pressed.
        report_requested: "Copy report" was pressed.

    Attributes:
        list: The models.
        details: The chosen model.
        messages: The message bar.
    """

    folder_requested = Signal()
    report_requested = Signal()

    def __init__(
        self, library: ModelLibrary, switching: ModelSwitching, settings: QSettings, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._switching = switching
        self._settings = settings
        self.setWindowTitle("Models")
        self.setAcceptDrops(True)
        self.setMinimumSize(*_LEAST)
        self.list = ModelList()
        self.details = ModelDetails()
        self.messages = MessageBar()
        self._lay_out()
        self._connect()
        self._restore()

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
        add.clicked.connect(self.folder_requested)
        report.clicked.connect(self.report_requested)
        close.clicked.connect(self.close)

    def _connect(self) -> None:
        self._library.changed.connect(self._show_rows)
        self.list.chosen.connect(self._show_details)
        self.list.model_activated.connect(self.details.press)
        self.list.remove_requested.connect(self._ask_to_remove)
        self.details.use_requested.connect(self._use)
        self.details.download_requested.connect(
            lambda accepted: self._library.download(self._chosen_id, accept_licence=accepted)
        )
        self.details.cancel_requested.connect(lambda: self._library.cancel(self._chosen_id))
        self.details.check_requested.connect(lambda: self._library.check(self._chosen_id))
        self.details.remove_requested.connect(self._ask_to_remove)

    # ---- display

    def _show_rows(self) -> None:
        chosen, has_rows = self._chosen_id, bool(self.list.count())
        rows = self._library.rows
        self.list.set_rows(rows)
        if self._chosen_id != chosen or not has_rows:
            used = next((row.info.model_id for row in rows if row.is_in_use), "")
            self.list.choose(chosen or used)
        self._show_details()

    def _show_details(self) -> None:
        self.details.show_row(self.list.current)

    def offer(self, model_id: str) -> None:
        """Select a model that was just added, unless the person has selected another meanwhile."""
        if self.list.current is None or self.list.current.is_in_use:
            self.list.choose(model_id)

    # ---- requests

    @property
    def _chosen_id(self) -> str:
        row = self.list.current
        return row.info.model_id if row else ""

    def _use(self) -> None:
        row = self.list.current
        if row is not None:
            self._switching.use(row.info)

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
        self._library.remove(row.info.model_id)
        self.list.setFocus()

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
        self._library.refresh()
        self.list.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save the size and the columns."""
        self._settings.setValue(_GEOMETRY, self.saveGeometry())
        self._settings.setValue(_COLUMNS, self._columns.saveState())
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

    def add(self, folder: Path) -> None:
        """Add the model in `folder`, and select it."""
        self._library.add(folder)
        self.list.choose(str(folder))

    def _restore(self) -> None:
        geometry = self._settings.value(_GEOMETRY)
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(*_SIZE)
        columns = self._settings.value(_COLUMNS)
        if isinstance(columns, QByteArray):
            self._columns.restoreState(columns)
