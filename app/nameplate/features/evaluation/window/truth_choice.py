"""The choice of what labels are compared with."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.text import deferred
from nameplate.features.evaluation.comparing import TruthFrom
from nameplate.ui.widgets.boxes import choice, field, row
from nameplate.ui.widgets.file_dialogs import ask_for_file
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr

_SOURCES: Final = {
    TruthFrom.DECISIONS: deferred("Your labels"),
    TruthFrom.FOLDERS: deferred("Folder names"),
    TruthFrom.TABLE: deferred("A table of labels…"),
}


class TruthChoice(QWidget):
    """A box of sources, and a button that chooses the table of labels.

    Attributes:
        box: Of the sources.
        source: Where the truth comes from.
    """

    def __init__(self, workbench: Workbench, on_chosen: Callable[[], object]) -> None:
        """Make one that calls `on_chosen` when the truth is another one."""
        super().__init__()
        self._workbench, self._on_chosen = workbench, on_chosen
        self._table: Path | None = None
        self.box = choice(tr("What labels are compared with"))
        self.box.setMaximumWidth(260)
        self.box.setMinimumContentsLength(22)
        for source, text in _SOURCES.items():
            self.box.addItem(tr(text), source)
        self._file = QPushButton(tr("Table…"))
        self.box.activated.connect(self._on_box)
        self._file.clicked.connect(self._ask_for_table)
        line = field(tr("Compared &with"), self.box, self._file)
        self.setLayout(row(line, None))
        self._choose(TruthFrom.DECISIONS)

    @property
    def table(self) -> Path | None:
        """The table that is compared with; None for another source."""
        return self._table if self.source is TruthFrom.TABLE else None

    def take_table(self, path: Path) -> None:
        """Compare with the labels in a file."""
        self._table = path
        self._choose(TruthFrom.TABLE)
        self._on_chosen()

    def _choose(self, source: TruthFrom) -> None:
        self.source = source
        self._file.setVisible(source is TruthFrom.TABLE)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self.box.findData(source))

    def _on_box(self) -> None:
        source = self.box.currentData()
        if source is TruthFrom.TABLE and self._table is None:
            self._ask_for_table()
            self._choose(self.source)  # until a table is chosen
        else:
            self._choose(source)
            self._on_chosen()

    def _ask_for_table(self) -> None:
        taken = self._workbench.guarded(self.take_table)
        ask_for_file(self, taken, tr("Labels to compare with"), tr("Tables") + " (*.csv)")
