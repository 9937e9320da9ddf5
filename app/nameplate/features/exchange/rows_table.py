"""The table of a label file's first rows, or of its rows that cannot be used."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from nameplate.domain.records import Read, RecordProblem
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import what_of

_LONGEST: Final = 300
_MODES: Final = (
    QHeaderView.ResizeMode.ResizeToContents,
    QHeaderView.ResizeMode.Stretch,
    QHeaderView.ResizeMode.Stretch,
)

Cells = tuple[str, str, str]


class RowsTable(QTreeWidget):
    """A table with number, picture, and labels or problem of each row."""

    def __init__(self) -> None:
        super().__init__()
        self._is_of_problems = False
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._name("First rows of the file", "Label")
        header = self.header()
        header.setStretchLastSection(False)
        for at, mode in enumerate(_MODES):
            header.setSectionResizeMode(at, mode)

    @property
    def problems(self) -> list[Cells]:
        """The rows that cannot be used, if shown."""
        return self._cells() if self._is_of_problems else []

    @property
    def first_rows(self) -> list[Cells]:
        """The first rows of the file, if shown."""
        return [] if self._is_of_problems else self._cells()

    def show_first_rows(self, items: Sequence[Read]) -> None:
        """Show the first rows of the file."""
        self._is_of_problems = False
        self._name("First rows of the file", "Label")
        self._fill(items)

    def show_problems(self, problems: Sequence[RecordProblem], count: int) -> None:
        """Show the first problems and their total number."""
        self._is_of_problems = True
        self._name("Rows that cannot be used", "What is wrong")
        self._fill(problems)
        if count > len(problems):
            more = QTreeWidgetItem(["", f"and {count - len(problems):,} more"])
            self.addTopLevelItem(more)

    def _name(self, name: str, last: str) -> None:
        self.setAccessibleName(name)
        self.setHeaderLabels(["Row", "Picture", last])

    def _fill(self, items: Sequence[Read]) -> None:
        self.clear()
        self.addTopLevelItems([_item(one) for one in items])
        self.setVisible(bool(items))

    def _cells(self) -> list[Cells]:
        items = (self.topLevelItem(at) for at in range(self.topLevelItemCount()))
        return [(item.text(0), item.text(1), item.text(2)) for item in items if item]


def _item(one: Read) -> QTreeWidgetItem:
    said = what_of(one.reason) if isinstance(one, RecordProblem) else ", ".join(one.labels)
    cells = (f"{one.row:,}" if one.row else "", one.path, said)
    item = QTreeWidgetItem([one_line(cell)[:_LONGEST] for cell in cells])
    item.setTextAlignment(0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setToolTip(2, tip(item.text(2)))
    return item
