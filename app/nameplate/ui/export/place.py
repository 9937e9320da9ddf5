"""Where an export is written: beside the pictures, or a path that is suggested, typed or chosen."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget

from nameplate.formats.export_format import ExportFormat, Target
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.ui.widgets.boxes import column, field
from nameplate.ui.widgets.file_dialogs import ask_for_folder, ask_where_to_save
from nameplate.ui.widgets.painting import one_line
from nameplate.wording.texts import tr


class Place(QWidget):
    """A box for the path, one for beside the pictures, and a button that opens a dialog."""

    def __init__(self, chosen: ExportFormat, on_changed: Callable[[], object]) -> None:
        super().__init__()
        self._format, self._on_changed = chosen, on_changed
        self._is_suggested = True  # the path is none that the person chose
        self._beside = QCheckBox(tr("&Beside the pictures"))
        self._path = QLineEdit()
        self._path.setAccessibleName(tr("Where to write"))
        choose = QPushButton(tr("Choose…"))
        choose.setAccessibleName(tr("Choose where to write"))
        self._field = field(tr("&Write to"), self._path, choose)
        self.setLayout(column(self._beside, self._field, spacing=12))
        self._path.textEdited.connect(self._on_path)
        self._beside.toggled.connect(self._on_beside)
        choose.clicked.connect(self._ask)

    @property
    def path(self) -> Path | None:
        """What was chosen; None for what is suggested."""
        if self._format.target is Target.SIDECARS and self._beside.isChecked():
            return BESIDE_PICTURES
        return None if self._is_suggested else self.shown_path

    @property
    def shown_path(self) -> Path | None:
        """The path in the box, or in grey where that is empty; None before one is suggested."""
        text = self._path.text() or self._path.placeholderText()
        return Path(text).expanduser() if text else None

    def show_format(self, chosen: ExportFormat) -> None:
        """Ask for a place for another format; one is suggested then."""
        self._format, self._is_suggested = chosen, True
        self._path.setText("")  # not `clear`, which counts as typed
        self._path.setPlaceholderText("")
        self._show_parts()

    def show_path(self, path: Path | None) -> None:
        """Show where the last export went; None for nowhere."""
        with QSignalBlocker(self._beside):
            self._beside.setChecked(path == BESIDE_PICTURES)
        if path is not None and path != BESIDE_PICTURES:
            self._path.setText(str(path))
            self._is_suggested = False
        self._show_parts()

    def suggest(self, path: Path) -> None:
        """Show a path, unless another one was chosen; greyed in a box that a person emptied."""
        if self._is_suggested and path != BESIDE_PICTURES:
            self._path.setPlaceholderText(str(path))
            if not self._path.isModified():  # it would come between the letters of another path
                self._path.setText(str(path))

    def _show_parts(self) -> None:
        has_beside = self._format.target is Target.SIDECARS
        self._beside.setVisible(has_beside)
        self._field.setVisible(not (has_beside and self._beside.isChecked()))

    def _on_beside(self) -> None:
        self._show_parts()
        self._on_changed()

    def _on_path(self, text: str) -> None:
        self._is_suggested = not text
        self._on_changed()

    def _ask(self) -> None:
        now = self.shown_path or Path.home() / f"labels{self._format.ending}"
        if self._format.target is not Target.FILE:
            name = now.name or "labels"
            title = tr("Make the new folder in")
            ask_for_folder(self, lambda folder: self.choose(folder / name), title, str(now.parent))
            return
        kind = f"{one_line(tr(self._format.title))} (*{self._format.ending})"
        # The panel says what is there, and asks.
        ask_where_to_save(self, self.choose, tr("Export labels"), now, kind, confirms=False)

    def choose(self, path: Path) -> None:
        """Write to `path`."""
        self._path.setText(str(path))
        self._on_path(str(path))
