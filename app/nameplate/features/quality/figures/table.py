"""The table by name: cells that are filled by their share and open the pictures behind them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.text import deferred
from nameplate.features.quality.figures.judging import Judged
from nameplate.features.quality.figures.remarks import weakest_first
from nameplate.features.quality.records import NameFigures, Records, Rows
from nameplate.features.quality.shares import Share
from nameplate.ui.widgets.boxes import small
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import faint, one_line, shortened
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import tint
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

_CELL: Final = Qt.ItemDataRole.UserRole
_NONE: Final = QModelIndex()
_WIDEST: Final = 220
_MOST_MEASURED: Final = 200
_MARK: Final = 10
_EDGE: Final = 6
_Index = QModelIndex | QPersistentModelIndex

ShowPictures = Callable[[Rows, str], object]
"""Shows the images in rows of the records alone; the text describes them."""

_FOUND: Final = 2
_FITTING: Final = 3
_MOST_MISTAKEN: Final = 3
_LONGEST: Final = 40


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


def heads_of(judged: Judged) -> list[str]:
    """Return the texts above the columns."""
    heads = [tr("Name"), tr("Pictures"), tr("Found", "pictures"), tr("Right where given")]
    return heads if judged.is_several else [*heads, tr("Mistaken for"), "", ""]


def rows_of(
    judged: Judged, concepts: Sequence[Concept], show: ShowPictures
) -> list[tuple[Cell, ...]]:
    """Return a row of cells for each name, the weakest first."""
    records, colours = judged.records, {one.key: one.colour for one in concepts}
    names = weakest_first(records)
    if judged.is_several:
        return [tuple(_figures(records, one, colours, show)) for one in names]
    none = records.none
    names += [none] if none.images else []
    return [
        (*_figures(records, one, colours, show), *_mistaken_for(records, one.key, show))
        for one in names
    ]


def _figures(
    records: Records, one: NameFigures, colours: dict[int, str], show: ShowPictures
) -> Iterator[Cell]:
    opens = [partial(_show_column, records, one, column, show) for column in range(4)]
    all_of_it, name = opens[0] if one.images else None, one.name or tr("none of them")
    yield Cell(name, colour=colours.get(one.key, ""), open=all_of_it)
    yield Cell(format_number(one.images), open=all_of_it)
    of_found = tr("Really {name}: {count:,} of {total:,} are found", name=name, **_of(one.found))
    yield _filled(one.found, of_found, opens[_FOUND])
    of_given = tr("Given {name}: {count:,} of {total:,} are right", name=name, **_of(one.fitting))
    yield Cell("") if one.key == NO_CONCEPT else _filled(one.fitting, of_given, opens[_FITTING])


def _of(share: Share) -> dict[str, object]:
    return {"count": share.count, "total": share.of}


def _filled(share: Share, spoken: str, opened: Callable[[], object]) -> Cell:
    """Return a cell that is filled by a share; its count where it is none yet."""
    if not share.of:
        return Cell(tr("none", "no pictures"), spoken)
    text = tr("{count:,} of {total:,}", **_of(share))
    if share.value is not None and share.interval is not None:
        low, high = share.interval
        text = format_number(share.value, ".0%")
        spoken = tr(
            "{what}; of more like these between {low:.0%} and {high:.0%}",
            what=spoken,
            low=low,
            high=high,
        )
    return Cell(text, spoken, share.count / share.of, open=opened)


def _mistaken_for(records: Records, key: int, show: ShowPictures) -> Iterator[Cell]:
    truth = records.code_of(key)
    found = records.mistakes(key)[:_MOST_MISTAKEN]
    for label, count in found:
        names = records.names_of(label)
        name = "".join(names) or tr("nothing")
        spoken = tr(
            "Really {name}, given {label}: {count:,}",
            name=called(records.names_of(truth)),
            label=called(names),
            count=count,
        )
        opened = partial(_show_pair, records, truth, label, show)
        text = tr("{text} ({count:,})", text=shortened(one_line(name), _LONGEST), count=count)
        yield Cell(text, spoken, open=opened)
    for _ in range(_MOST_MISTAKEN - len(found)):
        yield Cell("")


def _show_column(records: Records, one: NameFigures, column: int, show: ShowPictures) -> None:
    """Show the mistakes that a cell counts; where there are none, all of its pictures."""
    is_true, is_given = records.rows_with(one.key)
    missed, wrong = is_true & ~is_given, is_given & ~is_true
    is_shown, what = is_true, deferred("really {name}")
    if column == _FOUND and missed.any():
        is_shown, what = missed, deferred("really {name}, missed")
    elif column == _FITTING:
        is_shown, what = is_given, deferred("given {name}")
        if wrong.any():
            is_shown, what = wrong, deferred("wrongly given {name}")
    show(np.flatnonzero(is_shown), tr(what, name=called((one.name,) if one.name else ())))


def _show_pair(records: Records, truth: int, label: int, show: ShowPictures) -> None:
    names = {"name": called(records.names_of(truth)), "label": called(records.names_of(label))}
    show(records.rows_of(truth, label), tr("really {name}, given {label}", **names))


def called(names: Sequence[str]) -> str:
    """Return the names of a picture as they stand in a sentence."""
    if not names:
        return tr("none of them")
    quoted = (tr("“{name}”", name=shortened(one_line(name), _LONGEST)) for name in names)
    return tr(" and ", "between names").join(quoted)
