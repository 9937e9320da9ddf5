"""The table by name: cells that are filled by their share and open the pictures behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from nameplate.ui.widgets.boxes import small
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import faint, one_line
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import tint

_CELL: Final = Qt.ItemDataRole.UserRole
_NONE: Final = QModelIndex()
_WIDEST: Final = 220
_MOST_MEASURED: Final = 200
_MARK: Final = 10
_EDGE: Final = 6
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        text: Its text.
        spoken: The text for screen readers and the tool tip; empty for `text`.
        share: The share of it that is filled, from 0 to 1; None for an empty one.
        colour: The colour of a mark before the text; empty for none.
        open: Shows the pictures behind it; None where there are none.
    """

    text: str
    spoken: str = ""
    share: float | None = None
    colour: str = ""
    open: Callable[[], object] | None = None


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.heads: Sequence[str] = ()
        self.rows: Sequence[Sequence[Cell]] = ()

    def show(self, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        self.beginResetModel()
        self.heads, self.rows = heads, rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return one_line(cell.text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return one_line(cell.spoken or cell.text)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(cell.spoken or cell.text)
            case _:
                return cell if role == _CELL else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_head = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.heads[section] if is_head and 0 <= section < len(self.heads) else None


class _CellPainter(QStyledItemDelegate):
    def __init__(self, table: "FigureTable") -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        cell: Cell = index.data(_CELL)
        box, palette, left = QRectF(option.rect), option.palette, _EDGE
        painter.save()
        if cell.share is not None:
            filled = box.adjusted(1, 1, -1, -1)
            filled.setWidth(filled.width() * cell.share)
            painter.fillRect(filled, faint(palette.color(QPalette.ColorRole.Highlight), 0.3))
        if cell.colour:
            top = box.center().y() - _MARK / 2
            painter.fillRect(QRectF(box.left() + left, top, _MARK, _MARK), QColor(cell.colour))
            left += _MARK + _EDGE
        if index == self._table.currentIndex():
            painter.setPen(tint(palette, 1.0 if self._table.hasFocus() else 0.4))
            painter.drawRect(box.adjusted(1, 1, -2, -2))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        room = option.rect.adjusted(left, 0, -_EDGE, 0)
        shown = option.fontMetrics.elidedText(
            one_line(cell.text), Qt.TextElideMode.ElideMiddle, room.width()
        )
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(room, int(flags), shown)
        painter.restore()


class FigureTable(QTableView):
    """A table of figures; a click or Enter on a cell opens the pictures behind it."""

    def __init__(self, name: str) -> None:
        """Make an empty one with an accessible name."""
        super().__init__()
        self.setAccessibleName(name)
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_CellPainter(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = small(self.horizontalHeader())
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._open)

    def show_rows(self, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Show other figures; the current cell stays in its place."""
        current = self.currentIndex()
        self._model.show(heads, rows)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        for at, head in enumerate(heads):
            cells = [row[at] for row in rows[:_MOST_MEASURED]]
            texts = [head, *(one_line(cell.text) for cell in cells)]
            longest = max(map(self.fontMetrics().horizontalAdvance, texts))
            mark = _MARK + _EDGE if any(cell.colour for cell in cells) else 0
            is_filled = any(cell.share is not None for cell in cells)
            modes = QHeaderView.ResizeMode
            mode = modes.Stretch if is_filled else modes.Fixed
            self.horizontalHeader().setSectionResizeMode(at, mode)
            self.setColumnWidth(at, min(_WIDEST, longest + 20 + mark))
        if rows:
            row, column = max(0, current.row()), max(0, current.column())
            last = min(row, len(rows) - 1), min(column, len(heads) - 1)
            self.setCurrentIndex(self._model.index(*last))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the pictures behind the current cell with Enter."""
        if event.key() in ENTER_KEYS:
            self._open(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        cell = self._model.rows[index.row()][index.column()] if index.isValid() else Cell("")
        if cell.open is not None:
            cell.open()
