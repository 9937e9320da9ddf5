"""A table of figures whose cells are filled by their share, and open the pictures behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
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

WRONG: Final = "#d97706"
"""Of mistakes; with the blue of what is right it can be told apart without seeing red and green."""

_CELL: Final = Qt.ItemDataRole.UserRole
_NONE: Final = QModelIndex()
_MOST_HEAD: Final = 120
_LEAST_WIDTH: Final = 330
"""Of a table of figures that stands beside something else, where it has as much to show."""

_MOST_CELLS: Final = 40
_MOST_MEASURED: Final = 200
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        text: What it shows.
        spoken: What a screen reader says, and the tool tip; empty for the text.
        share: How much of it is filled, or how strongly, from 0 to 1; None for not at all.
        is_wrong: Whether it counts mistakes, which have another colour.
        is_open: Whether there are pictures behind it.
    """

    text: str
    spoken: str = ""
    share: float | None = None
    is_wrong: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Grid:
    """What a table shows.

    Attributes:
        heads: Above the columns.
        sides: Beside the rows; empty for none.
        rows: How many.
        cell: Returns the cell in a row and a column; called for those that are seen.
        open: Shows the pictures behind a cell that has some.
        enter: Called with the row of the current cell.
        is_heat: Whether a share is shown by the strength of the colour, not as a bar.
        widest: The width of a column of texts at most.
    """

    heads: Sequence[str] = ()
    sides: Sequence[str] = ()
    rows: int = 0
    cell: Callable[[int, int], Cell] = lambda _row, _column: Cell("")
    open: Callable[[int, int], object] = lambda _row, _column: None
    enter: Callable[[int], object] = lambda _row: None
    is_heat: bool = False
    widest: int = 220


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.grid = Grid()

    def show(self, grid: Grid) -> None:
        self.beginResetModel()
        self.grid = grid
        self.endResetModel()

    def rowCount(self, parent: _Index = _NONE) -> int:
        return 0 if parent.isValid() else self.grid.rows

    def columnCount(self, parent: _Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.grid.heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.grid.cell(index.row(), index.column())
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
        is_head = orientation == Qt.Orientation.Horizontal
        texts = self.grid.heads if is_head else self.grid.sides
        if not 0 <= section < len(texts):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(texts[section])
        return tip(texts[section]) if role == Qt.ItemDataRole.ToolTipRole else None


class _CellPainter(QStyledItemDelegate):
    def __init__(self, table: "FigureTable") -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        cell: Cell = index.data(_CELL)
        box, palette = QRectF(option.rect), option.palette
        is_heat = self._table.grid.is_heat
        painter.save()
        if cell.share is not None:
            colour = QColor(WRONG) if cell.is_wrong else palette.color(QPalette.ColorRole.Highlight)
            strength = 0.12 + 0.6 * cell.share if is_heat else 0.3
            filled = QRectF(box).adjusted(1, 1, -1, -1)
            if not is_heat:
                filled.setWidth(filled.width() * cell.share)
            painter.fillRect(filled, faint(colour, strength))
        if index == self._table.currentIndex():
            painter.setPen(tint(palette, 1.0 if self._table.hasFocus() else 0.4))
            painter.drawRect(box.adjusted(1, 1, -2, -2))
        role = QPalette.ColorRole.Text if cell.text else QPalette.ColorRole.PlaceholderText
        painter.setPen(palette.color(role))
        room = option.rect.adjusted(6, 0, -6, 0)
        shown = option.fontMetrics.elidedText(
            one_line(cell.text), Qt.TextElideMode.ElideMiddle, room.width()
        )
        middle = Qt.AlignmentFlag.AlignHCenter if is_heat else Qt.AlignmentFlag.AlignLeft
        flags = middle | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(room, int(flags), shown)
        painter.restore()


class _TurnedHead(QHeaderView):
    """Heads of narrow columns: the texts run upwards."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.is_turned = False

    def sizeHint(self) -> QSize:
        """Return a height that the longest text fits into, up to some length."""
        size = super().sizeHint()
        if not self.is_turned:
            return size
        model, metrics = self.model(), self.fontMetrics()
        count = min(model.columnCount(), 200)
        texts = [model.headerData(at, Qt.Orientation.Horizontal) or "" for at in range(count)]
        longest = max(map(metrics.horizontalAdvance, texts), default=0)
        return QSize(size.width(), min(_MOST_HEAD, longest + 14))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw a head."""
        if not self.is_turned:
            super().paintSection(painter, rect, section)
            return
        painter.save()
        painter.fillRect(rect, self.palette().color(QPalette.ColorRole.Window))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.translate(rect.left(), rect.bottom())
        painter.rotate(-90)
        room = QRect(6, 0, rect.height() - 10, rect.width())
        text = self.model().headerData(section, Qt.Orientation.Horizontal) or ""
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(room, int(flags), shown)
        painter.restore()


def _widest_number(grid: Grid) -> str:
    """Return the longest text of a heat table, by its diagonal and its first cells."""
    rows, columns = range(grid.rows), range(len(grid.heads))
    places = [(at, at) for at in rows[:_MOST_MEASURED] if at in columns]
    places += [(row, at) for row in rows[:_MOST_CELLS] for at in columns[:_MOST_CELLS]]
    return max((grid.cell(*place).text for place in places), key=len, default="")


class FigureTable(QTableView):
    """Shows a `Grid`; a click or Enter on a cell with pictures behind it asks for them."""

    def __init__(self, name: str) -> None:
        """Make an empty one with an accessible name."""
        super().__init__()
        self.setAccessibleName(name)
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_CellPainter(self))
        self._head = _TurnedHead(self)
        self.setHorizontalHeader(self._head)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for head in (self._head, self.verticalHeader()):
            head.setHighlightSections(False)
            head.setSectionsClickable(False)
            head.setTextElideMode(Qt.TextElideMode.ElideMiddle)
            small(head)
        self._head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._open)
        self.selectionModel().currentChanged.connect(self._on_current)

    @property
    def grid(self) -> Grid:
        """What it shows."""
        return self._model.grid

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The texts of all cells, row by row."""
        grid = self.grid
        columns = range(len(grid.heads))
        return [tuple(grid.cell(row, at).text for at in columns) for row in range(grid.rows)]

    def show_grid(self, grid: Grid) -> None:
        """Show other figures; the current cell stays where it is."""
        current = self.currentIndex()
        self._head.is_turned = grid.is_heat
        self._model.show(grid)
        self.verticalHeader().setVisible(bool(grid.sides))
        line = self.fontMetrics().height() + 10
        self.verticalHeader().setDefaultSectionSize(line)
        if grid.sides:
            longest = max(map(self.fontMetrics().horizontalAdvance, map(one_line, grid.sides)))
            self.verticalHeader().setFixedWidth(min(_MOST_HEAD, longest + 14))
        self._size_columns(grid, line)
        if grid.rows and grid.heads:
            row, column = max(0, current.row()), max(0, current.column())
            last = min(row, grid.rows - 1), min(column, len(grid.heads) - 1)
            self.setCurrentIndex(self._model.index(*last))
        self.setVisible(grid.rows > 0)

    def _size_columns(self, grid: Grid, line: int) -> None:
        modes = QHeaderView.ResizeMode
        if grid.is_heat:
            self._head.setSectionResizeMode(modes.Fixed)
            least = self.fontMetrics().horizontalAdvance(_widest_number(grid)) + 14
            self._head.setDefaultSectionSize(max(line + 14, least))
            return
        needed = 0
        for at in range(len(grid.heads)):
            cells = [grid.cell(row, at) for row in range(min(grid.rows, _MOST_MEASURED))]
            is_filled = any(cell.share is not None for cell in cells)
            self._head.setSectionResizeMode(at, modes.Stretch if is_filled else modes.Fixed)
            texts = [one_line(grid.heads[at]), *(one_line(cell.text) for cell in cells)]
            longest = max(map(self.fontMetrics().horizontalAdvance, texts))
            self.setColumnWidth(at, min(grid.widest, longest + 20))
            needed += min(grid.widest, longest + 20)
        self.setMinimumWidth(min(_LEAST_WIDTH, needed + self.verticalScrollBar().width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the pictures behind the current cell with Enter."""
        if event.key() in ENTER_KEYS:
            self._open(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid() and self.grid.cell(index.row(), index.column()).is_open:
            self.grid.open(index.row(), index.column())

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.grid.enter(index.row())
