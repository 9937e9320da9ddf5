"""A table of texts."""

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from nameplate.ui.widgets.boxes import small
from nameplate.ui.widgets.paragraph import tip

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Table(QTreeWidget):
    """Lists rows of texts, which are elided in the middle."""

    def __init__(
        self, name: str, heads: Sequence[str] = (), stretched: Collection[int] = ()
    ) -> None:
        """Make an empty one with an accessible `name`; see `set_heads`."""
        super().__init__()
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.header().setStretchLastSection(False)
        self.header().setDefaultAlignment(_LEFT)
        small(self.header())
        self.set_heads(heads, stretched)

    def set_heads(self, heads: Sequence[str], stretched: Collection[int]) -> None:
        """Show these columns: some `stretched` to the width, the others as wide as their texts."""
        self.setColumnCount(len(heads))
        self.setHeaderLabels(list(heads))
        for at in range(len(heads)):
            self.headerItem().setTextAlignment(at, _LEFT)
        modes = QHeaderView.ResizeMode
        for at in range(len(heads)):
            mode = modes.Stretch if at in stretched else modes.ResizeToContents
            self.header().setSectionResizeMode(at, mode)

    def add_rows(
        self, rows: Iterable[Sequence[str]], *, tips: Collection[int] = (), right: int = -1
    ) -> list[QTreeWidgetItem]:
        """Append rows, and return them.

        Args:
            rows: The cells of each; what is missing at the end is empty.
            tips: Columns whose text is the tool tip, too.
            right: A column of numbers; -1 for none.
        """
        if right >= 0:
            self.headerItem().setTextAlignment(right, _RIGHT)
        items = [QTreeWidgetItem(list(cells)) for cells in rows]
        for item in items:
            for at in tips:
                item.setToolTip(at, tip(item.text(at)))
            if right >= 0:
                item.setTextAlignment(right, _RIGHT)
        self.addTopLevelItems(items)
        return items

    def fit_rows(self) -> None:
        """Ask for the height that the rows need, and take no more."""
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToContents)
        lines = self.sizeHintForRow(0) * self.topLevelItemCount()
        head = 0 if self.isHeaderHidden() else self.header().sizeHint().height()
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setMaximumHeight(max(self.minimumHeight(), head + lines + bar + 4))

    @property
    def items(self) -> list[QTreeWidgetItem]:
        """The rows."""
        found = (self.topLevelItem(at) for at in range(self.topLevelItemCount()))
        return [item for item in found if item]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The cells of all rows."""
        columns = range(self.columnCount())
        return [tuple(item.text(at) for at in columns) for item in self.items]
