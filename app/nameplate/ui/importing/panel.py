"""The import panel: file, options of tables, and preview."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
)

from nameplate.domain.progress import Progress
from nameplate.domain.records import ReadAs
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.registry import IMPORTS
from nameplate.project.exchange.import_plan import ImportPlan
from nameplate.project.exchange.importing import Import
from nameplate.ui.importing.rows_table import RowsTable
from nameplate.ui.importing.sentences import button_text, preview_sentences
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.file_dialogs import ask_for_file, ask_for_folder
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.wording.numbers import counted

_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "upright stroke"}
_ENCODINGS: Final = (
    "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "iso8859-1", "mac-roman",
    "shift_jis", "gb18030", "big5", "euc-kr",
)  # fmt: skip
_FILES: Final = "Labels (*.csv *.tsv *.tab *.txt *.json *.jsonl *.parquet *.xmp)"
_MOST_COLUMNS: Final = 1000


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A requested import.

    Attributes:
        path: A file or folder.
        format: How; None to find that out.
        options: How a table is to be read.
    """

    path: Path
    format: ImportFormat | None
    options: ImportOptions


class ImportPanel(WorkPanel):
    """Lets a person choose what to import, and shows a preview. A passive view.

    Signals:
        read_requested: Something else is to be read; `request` says what.
        decided: The person changed whether their decisions are replaced.
    """

    read_requested = Signal()
    decided = Signal()

    def __init__(self) -> None:
        super().__init__("Import labels", "Import", "importing")
        self._read_path = ""
        self._given = dict[str, str]()  # what the person chose, by the option
        self._columns: Sequence[str] = ()
        self._make_choices()
        self._make_answers()
        self._lay_out()
        self._connect()

    # ---- building

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
        self._replaces = QCheckBox("Replace what a person decided, too")

    def _make_answers(self) -> None:
        self._facts = QLabel()
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._problem = Paragraph(max_lines=5, role=QPalette.ColorRole.WindowText)
        self._table = RowsTable()
        self.bar.setRange(0, 0)

    def _lay_out(self) -> None:
        where = QLabel("&From:")
        where.setBuddy(self._path)
        place = row(where, self._path, self._file, self._folder, spacing=8, grows=1)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(5)
        self._form.addRow("Format:", self._format)
        words = ("Pictures in:", "Labels in:", "Between cells:", "Encoding:")
        for text, box in zip(words, self._boxes.values(), strict=True):
            self._form.addRow(text, box)
        left = column(self._form, self._facts, self._replaces, self._problem, None, spacing=10)
        body = row(left, self._table, spacing=16)
        body.setStretch(0, 3)
        body.setStretch(1, 4)
        self.lay_out(place, body, grows=1)

    def _connect(self) -> None:
        self._path.editingFinished.connect(self._on_path)
        self._file.clicked.connect(self._ask_for_file)
        self._folder.clicked.connect(self._ask_for_folder)
        self._format.activated.connect(self._on_format)
        for field, box in self._boxes.items():
            box.activated.connect(self._chooser(field, box))
        self._replaces.toggled.connect(self.decided)

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

    @property
    def replaces(self) -> bool:
        """Whether imported labels replace a person's decisions."""
        return self._replaces.isChecked()

    def begin(self, path: Path | None = None) -> None:
        """Show the panel, with a file or folder if given."""
        self._path.clear()
        self._read_path = ""
        self._forget_choices()
        with QSignalBlocker(self._replaces):
            self._replaces.setChecked(False)
        self.show_nothing()
        self.open_panel()
        self._path.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if path is not None:
            self.choose(path)

    def choose(self, path: Path) -> None:
        """Set the file or folder to read."""
        self._path.setText(str(path))
        self._on_path()

    def _forget_choices(self) -> None:
        self._given = {}
        self._format.setCurrentIndex(0)
        self._format.setItemText(0, "as it looks")

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """The texts of the panel: the sentences of the preview, then the problem."""
        return [*self._facts.text().splitlines(), self._problem.text()]

    @property
    def rows(self) -> RowsTable:
        """The table of the file's first rows, or of rows that cannot be used."""
        return self._table

    def show_nothing(self, problem: str = "") -> None:
        """Show that there is nothing to import, and why."""
        self._facts.setText("")
        self._problem.show_text(problem, "warning")
        self._table.show_first_rows(())
        self._show_columns(self._columns if problem else ())
        self._show_answer()

    def show_busy(self) -> None:
        """Show that a file is being read."""
        self.show_nothing()
        self.state.show_text("Reading…")
        self._show_answer(is_busy=True)

    def show_progress(self, progress: Progress) -> None:
        """Show how much was read, and how many pictures have labels so far."""
        rows, found = counted(progress.total, "row"), counted(progress.done, "picture")
        self.state.show_text(f"Reading: {rows} so far, {found} of the project…")

    def show_importing(self) -> None:
        """Show that the labels are being imported."""
        self.state.show_text("Importing…")
        self._show_answer(is_busy=True)

    def show_format(self, found: ImportFormat) -> None:
        """Show the recognised format."""
        self._format.setItemText(0, f"as it looks: {found.title}")

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

    def show_plan(self, plan: ImportPlan, found: Import) -> None:
        """Show the preview, and the rows that cannot be used."""
        self._facts.setText("\n".join(preview_sentences(plan, found)))
        self._problem.show_text("")
        if plan.problems:
            self._table.show_problems(plan.problems, plan.problem_count)
        self._show_answer(button_text(found), is_possible=found.changed > 0)

    def _show_columns(self, columns: Sequence[str]) -> None:
        self._columns = columns
        for field in ("path_column", "label_column"):
            box = self._boxes[field]
            box.clear()
            for at, name in enumerate(columns[:_MOST_COLUMNS]):
                same = [one.casefold() for one in columns].count(name.casefold()) > 1
                box.addItem(one_line(name), str(at + 1) if same or not name else name)
        for box in self._boxes.values():
            self._form.setRowVisible(box, bool(columns))

    def _show_answer(
        self, text: str = "Import", *, is_busy: bool = False, is_possible: bool = False
    ) -> None:
        if not is_busy:
            self.state.show_text("")
        self.begin_button.setText(text)
        self.show_work(is_busy=is_busy, is_possible=is_possible)
        self._replaces.setVisible(bool(self._facts.text()))
        self._table.setVisible(self._table.topLevelItemCount() > 0)

    # ---- what a person does

    def _chooser(self, field: str, box: QComboBox) -> Callable[[int], None]:
        def choose(_at: int) -> None:
            if field == "delimiter":  # there are other columns then
                self._given = {k: v for k, v in self._given.items() if k == "encoding"}
            self._given[field] = str(box.currentData())
            self.read_requested.emit()

        return choose

    @Slot()
    def _on_format(self) -> None:
        self._given = {}
        self.read_requested.emit()

    @Slot()
    def _on_path(self) -> None:
        """Request what was typed, unless it was already."""
        if self._path.text() != self._read_path:
            self._read_path = self._path.text()
            self._forget_choices()
            self.read_requested.emit()

    @Slot()
    def _ask_for_file(self) -> None:
        ask_for_file(self, self.choose, "Import labels", _FILES, self._path.text())

    @Slot()
    def _ask_for_folder(self) -> None:
        ask_for_folder(self, self.choose, "Import labels from a folder")

    @Slot()
    def close_panel(self) -> None:
        """Close the panel, and cancel reading."""
        self.cancel_requested.emit()
        self.leave_panel()
