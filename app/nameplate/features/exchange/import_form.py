"""The form for the source of an import and the columns of a table."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QPushButton, QWidget

from nameplate.domain.records import ReadAs
from nameplate.domain.text import deferred
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.registry import IMPORTS
from nameplate.ui.widgets.boxes import choice, column, field, row, toggle
from nameplate.ui.widgets.file_dialogs import ask_for_file, ask_for_folder
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.texts import tr

_DELIMITERS: Final = {
    ",": deferred("comma"),
    ";": deferred("semicolon"),
    "\t": deferred("tab", "character"),
    "|": deferred("vertical bar"),
}
_ENCODINGS: Final = (
    "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "iso8859-1", "mac-roman",
    "shift_jis", "gb18030", "big5", "euc-kr",
)  # fmt: skip
_ENDINGS: Final = "*.csv *.tsv *.tab *.txt *.json *.jsonl *.xmp"
_MOST_COLUMNS: Final = 1000
_LONGEST: Final = 40
_DETECTED: Final = deferred("Detected")


class ImportRequest(NamedTuple):
    """A requested import of a file or folder; without a format that is found out."""

    path: Path
    format: ImportFormat | None
    options: ImportOptions


class ImportForm(QWidget):
    """The file or folder, and how it is read: format, columns, delimiter and encoding.

    How it is read is one line; the boxes are there where that is not clear, or is to be changed.
    """

    def __init__(self, panel: QWidget, on_changed: Callable[[], object]) -> None:
        """Make a form; `on_changed` is called when the source or its columns change."""
        super().__init__()
        self._panel, self._on_changed = panel, on_changed
        self._read_path = self._detected = ""
        self._given = dict[str, str]()  # what the person chose, by the option
        self._columns: Sequence[str] = ()
        self._make_choices()
        self._place = field(tr("&From"), self._path, self._file, self._folder)
        words = (tr("Pictures in"), tr("Labels in"), tr("Delimiter"), tr("Encoding"))
        pairs = zip(words, self._boxes.values(), strict=True)
        self._fields = [field(tr("Format"), self._format), *(field(*pair) for pair in pairs)]
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        for at, one in enumerate(self._fields):
            grid.addWidget(one, at // 2, at % 2)
            grid.setColumnStretch(at % 2, 1)
        self._options = QWidget()
        self._options.setLayout(grid)
        line = row(self._read_as, self._change, None, spacing=8)
        self.setLayout(column(self._place, line, self._options, spacing=8))
        self._connect()
        self._show_read()

    def _make_choices(self) -> None:
        self._path = QLineEdit()
        self._path.setAccessibleName(tr("File or folder to read"))
        self._path.setPlaceholderText(tr("A table, an export from another program, or a folder"))
        self._file = QPushButton(tr("File…"))
        self._folder = QPushButton(tr("Folder…"))
        self._format = choice(tr("Format"))
        self._format.addItem(tr(_DETECTED), None)
        for one in IMPORTS.values():
            self._format.addItem(tr(one.title), one.id)
        self._boxes = {
            "path_column": choice(tr("Column of the pictures")),
            "label_column": choice(tr("Column of the labels")),
            "delimiter": choice(tr("Separator")),
            "encoding": choice(tr("Text encoding")),
        }
        for option in ("path_column", "label_column"):
            self._boxes[option].setPlaceholderText(tr("Choose a column"))
        for delimiter in _DELIMITERS:
            self._boxes["delimiter"].addItem(_delimiter_text(delimiter), delimiter)
        for encoding in _ENCODINGS:
            self._boxes["encoding"].addItem(encoding, encoding)
        for box in (self._format, *self._boxes.values()):
            box.setMaximumWidth(352)
        self._read_as = Paragraph(max_lines=1, is_as_wide_as_text=True)
        self._change = toggle(tr("Change…"))
        self._change.setAccessibleName(tr("Change how it is read"))

    def _connect(self) -> None:
        self._path.editingFinished.connect(self._on_path)
        self._file.clicked.connect(self._ask_for_file)
        self._folder.clicked.connect(self._ask_for_folder)
        self._format.activated.connect(self._on_format)
        self._change.toggled.connect(self._options.setVisible)
        for option, box in self._boxes.items():
            box.activated.connect(self._chooser(option, box))

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
        self._format.setItemText(0, tr(_DETECTED))
        self._detected = ""
        self._change.setChecked(False)
        self._show_read()

    # ---- what is shown

    def show_format(self, found: ImportFormat) -> None:
        """Show the recognised format."""
        self._detected = tr(found.title)
        self._format.setItemText(0, tr("Detected: {format}", format=self._detected))
        self._show_read()

    def show_nothing(self, *, is_unclear: bool = False) -> None:
        """Show that nothing is read; `is_unclear`: how a table is read has to be chosen."""
        self._show_columns(self._columns if is_unclear else ())
        if is_unclear and self._columns:
            self._change.setChecked(True)
        self._show_read()

    def _show_read(self) -> None:
        """Say in one line how it is read."""
        has_path = bool(self._path.text().strip())
        path_box, label_box, *_ = self._boxes.values()
        title = self._format.currentText() if self._format.currentIndex() else self._detected
        text = tr("Read as {format}.", format=title) if has_path and title else ""
        if text and self._columns and min(path_box.currentIndex(), label_box.currentIndex()) >= 0:
            text = tr(
                "Read as {format}, pictures in “{pictures}”, labels in “{labels}”.",
                format=title,
                pictures=shortened(path_box.currentText(), _LONGEST),
                labels=shortened(label_box.currentText(), _LONGEST),
            )
        self._read_as.show_text(text)
        self._change.setVisible(has_path)
        self._options.setVisible(has_path and self._change.isChecked())

    def show_read_as(self, read_as: ReadAs) -> None:
        """Show how a table is read, in boxes for changing it."""
        self._show_columns(read_as.columns)
        for option in ("path_column", "label_column"):
            box, name = self._boxes[option], getattr(read_as, option)
            at = list(read_as.columns).index(name) if name in read_as.columns else -1
            box.setCurrentIndex(at)
        for option in ("delimiter", "encoding"):
            box, value = self._boxes[option], getattr(read_as, option)
            if box.findData(value) < 0:
                box.addItem(_delimiter_text(value), value)
            box.setCurrentIndex(box.findData(value))
        self._show_read()

    def _show_columns(self, columns: Sequence[str]) -> None:
        self._columns = columns
        for option in ("path_column", "label_column"):
            box = self._boxes[option]
            box.clear()
            for at, name in enumerate(columns[:_MOST_COLUMNS]):
                same = [one.casefold() for one in columns].count(name.casefold()) > 1
                box.addItem(one_line(name), str(at + 1) if same or not name else name)
            box.setCurrentIndex(box.findData(self._given.get(option)))
        for one in self._fields[1:]:
            one.setVisible(bool(columns))

    # ---- what a person does

    def _chooser(self, option: str, box: QComboBox) -> Callable[[int], None]:
        def choose(_at: int) -> None:
            if option == "delimiter":  # there are other columns then
                self._given = {k: v for k, v in self._given.items() if k == "encoding"}
            self._given[option] = str(box.currentData())
            self._on_changed()

        return choose

    def _on_format(self) -> None:
        self._given = {}
        self._on_changed()

    def _on_path(self) -> None:
        """Read the typed path, unless it was read already."""
        if self._path.text() != self._read_path:
            self._read_path = self._path.text()
            self._forget_choices()
            self._on_changed()

    def _ask_for_file(self) -> None:
        files = f"{tr('Labels')} ({_ENDINGS})"
        ask_for_file(self._panel, self.choose, tr("Import labels"), files, self._path.text())

    def _ask_for_folder(self) -> None:
        ask_for_folder(self._panel, self.choose, tr("Import labels from a folder"))


def _delimiter_text(delimiter: str) -> str:
    context = "character" if delimiter == "\t" else ""
    return tr(_DELIMITERS.get(delimiter, delimiter), context)
