"""The form in which a person chooses what labels are imported from, and how a table is read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QPushButton, QWidget

from nameplate.domain.records import ReadAs
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.registry import IMPORTS
from nameplate.ui.widgets.boxes import choice, row
from nameplate.ui.widgets.file_dialogs import ask_for_file, ask_for_folder
from nameplate.ui.widgets.painting import one_line

_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "upright stroke"}
_ENCODINGS: Final = (
    "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "iso8859-1", "mac-roman",
    "shift_jis", "gb18030", "big5", "euc-kr",
)  # fmt: skip
_FILES: Final = "Labels (*.csv *.tsv *.tab *.txt *.json *.jsonl *.parquet *.xmp)"
_MOST_COLUMNS: Final = 1000


class ImportRequest(NamedTuple):
    """A requested import of a file or folder; without a format that is found out."""

    path: Path
    format: ImportFormat | None
    options: ImportOptions


class ImportForm(QFormLayout):
    """The format, and for a table its columns, the character between cells and the encoding.

    Attributes:
        place: The line for the file or folder, with its buttons; it stands elsewhere.
    """

    def __init__(self, panel: QWidget, on_changed: Callable[[], object]) -> None:
        """Make a form; `on_changed` is called when something else is to be read."""
        super().__init__()
        self._panel, self._on_changed = panel, on_changed
        self._read_path = ""
        self._given = dict[str, str]()  # what the person chose, by the option
        self._columns: Sequence[str] = ()
        self._make_choices()
        where = QLabel("&From:")
        where.setBuddy(self._path)
        self.place = row(where, self._path, self._file, self._folder, spacing=8, grows=1)
        self.setVerticalSpacing(5)
        self.addRow("Format:", self._format)
        words = ("Pictures in:", "Labels in:", "Between cells:", "Encoding:")
        for text, box in zip(words, self._boxes.values(), strict=True):
            self.addRow(text, box)
        self._connect()

    def _make_choices(self) -> None:
        self._path = QLineEdit()
        self._path.setAccessibleName("File or folder to read")
        self._path.setPlaceholderText("A table, an export of this or another program, a folder")
        self._file = QPushButton("File…")
        self._folder = QPushButton("Folder…")
        self._format = choice("Format")
        self._format.addItem("as it looks", None)
        for one in IMPORTS.values():
            self._format.addItem(one.title, one.id)
        self._boxes = {
            "path_column": choice("Column of the pictures"),
            "label_column": choice("Column of the labels"),
            "delimiter": choice("Between the cells"),
            "encoding": choice("Encoding of the text"),
        }
        for delimiter, text in _DELIMITERS.items():
            self._boxes["delimiter"].addItem(text, delimiter)
        for encoding in _ENCODINGS:
            self._boxes["encoding"].addItem(encoding, encoding)

    def _connect(self) -> None:
        self._path.editingFinished.connect(self._on_path)
        self._file.clicked.connect(self._ask_for_file)
        self._folder.clicked.connect(self._ask_for_folder)
        self._format.activated.connect(self._on_format)
        for field, box in self._boxes.items():
            box.activated.connect(self._chooser(field, box))

    # ---- what is asked for

    @property
    def request(self) -> ImportRequest | None:
        """The requested import; None if nothing was chosen."""
        text = self._path.text().strip()
        if not text:
            return None
        chosen = self._format.currentData()
        path = Path(text).expanduser().absolute()
        return ImportRequest(path, IMPORTS.get(chosen), replace(ImportOptions(), **self._given))

    def begin(self) -> None:
        """Empty it, and focus the line for the file."""
        self._path.clear()
        self._read_path = ""
        self._forget_choices()
        self._path.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose(self, path: Path) -> None:
        """Set the file or folder to read."""
        self._path.setText(str(path))
        self._on_path()

    def _forget_choices(self) -> None:
        self._given = {}
        self._format.setCurrentIndex(0)
        self._format.setItemText(0, "as it looks")

    # ---- what is shown

    def show_format(self, found: ImportFormat) -> None:
        """Show the recognised format."""
        self._format.setItemText(0, f"as it looks: {found.title}")

    def show_columns(self, *, are_shown: bool) -> None:
        """Show the columns of the table that was read last, or none."""
        self._show_columns(self._columns if are_shown else ())

    def show_read_as(self, read_as: ReadAs) -> None:
        """Show how a table is read, in boxes for changing it."""
        self._show_columns(read_as.columns)
        for field in ("path_column", "label_column"):
            box, name = self._boxes[field], getattr(read_as, field)
            at = list(read_as.columns).index(name) if name in read_as.columns else -1
            box.setCurrentIndex(at)
        for field in ("delimiter", "encoding"):
            box, value = self._boxes[field], getattr(read_as, field)
            if box.findData(value) < 0:
                box.addItem(str(_DELIMITERS.get(value, value)), value)
            box.setCurrentIndex(box.findData(value))

    def _show_columns(self, columns: Sequence[str]) -> None:
        self._columns = columns
        for field in ("path_column", "label_column"):
            box = self._boxes[field]
            box.clear()
            for at, name in enumerate(columns[:_MOST_COLUMNS]):
                same = [one.casefold() for one in columns].count(name.casefold()) > 1
                box.addItem(one_line(name), str(at + 1) if same or not name else name)
        for box in self._boxes.values():
            self.setRowVisible(box, bool(columns))

    # ---- what a person does

    def _chooser(self, field: str, box: QComboBox) -> Callable[[int], None]:
        def choose(_at: int) -> None:
            if field == "delimiter":  # there are other columns then
                self._given = {k: v for k, v in self._given.items() if k == "encoding"}
            self._given[field] = str(box.currentData())
            self._on_changed()

        return choose

    @Slot()
    def _on_format(self) -> None:
        self._given = {}
        self._on_changed()

    @Slot()
    def _on_path(self) -> None:
        """Request what was typed, unless it was already."""
        if self._path.text() != self._read_path:
            self._read_path = self._path.text()
            self._forget_choices()
            self._on_changed()

    @Slot()
    def _ask_for_file(self) -> None:
        ask_for_file(self._panel, self.choose, "Import labels", _FILES, self._path.text())

    @Slot()
    def _ask_for_folder(self) -> None:
        ask_for_folder(self._panel, self.choose, "Import labels from a folder")
