"""The list of models: title, facts, activity."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from nameplate.features.models.rows import ModelRow
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.item_views import Index, make_slim
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import draw_icon, draw_line, draw_row_back, font_of

ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""Gives the `ModelRow`, or the text of a heading."""

_PAD: Final = 12
_GAP: Final = 3
_BAR: Final = 4
_ICON: Final = 16


class ModelList(QListWidget):
    """The models, with two headings that cannot be chosen."""

    def __init__(self, act: Callable[[], object], remove: Callable[[], object]) -> None:
        """List nothing yet; Enter or a double click calls `act`, Delete `remove`."""
        super().__init__()
        self._act, self._remove = act, remove
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Models")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        make_slim(self)
        self.setMouseTracking(True)
        self.setMinimumWidth(220)
        self.doubleClicked.connect(act)

    @property
    def current(self) -> ModelRow | None:
        """The current model."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, ModelRow) else None

    @property
    def current_id(self) -> str:
        """The id of the current model; empty for none."""
        return self.current.info.model_id if self.current else ""

    def set_rows(self, rows: Sequence[ModelRow]) -> None:
        """Show `rows`; if the models are others than before, none is current afterwards."""
        here = [row for row in rows if row.info.is_here]
        others = [row for row in rows if not row.info.is_here]
        new: list[ModelRow | str] = []
        for heading, some in (("On this computer", here), ("To download", others)):
            new += [heading, *some] if some else []
        before = [self.item(number).data(ROW_ROLE) for number in range(self.count())]
        if [_name(row) for row in new] != [_name(row) for row in before]:
            with QSignalBlocker(self):
                self.clear()
                for row in new:
                    _fill(QListWidgetItem(self), row)
            return
        for number, row in enumerate(new):
            if row != before[number]:
                _fill(self.item(number), row)

    def item_of(self, model_id: str) -> QListWidgetItem | None:
        """Return the item of the model `model_id`; None where there is none."""
        items = map(self.item, range(self.count()))
        return next((i for i in items if _name(i.data(ROW_ROLE)) == (True, model_id)), None)

    def choose(self, model_id: str) -> None:
        """Make the model `model_id` the current one; the first where it is not there."""
        item = self.item_of(model_id) or (self.item(1) if self.count() > 1 else None)
        self.setCurrentIndex(self.indexFromItem(item) if item else QModelIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter use or download, and Delete remove."""
        if event.key() in ENTER_KEYS:
            self._act()
        elif event.key() == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)


def _name(row: ModelRow | str) -> tuple[bool, str]:
    return (False, row) if isinstance(row, str) else (True, row.info.model_id)


def _fill(item: QListWidgetItem, row: ModelRow | str) -> None:
    item.setData(ROW_ROLE, row)
    is_heading = isinstance(row, str)
    item.setText(row if is_heading else row.info.title)
    text = row if is_heading else row.accessible_text
    item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
    chosen = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(Qt.ItemFlag.NoItemFlags if is_heading else chosen)


class _Delegate(QStyledItemDelegate):
    """Draws a model on two lines, with a progress bar during an activity; or a heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        if isinstance(index.data(ROW_ROLE), str):
            return QSize(0, line + (10 if index.row() == 0 else 18))
        return QSize(0, 2 * line + _GAP + 2 * 9)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, ModelRow):
            draw_row_back(painter, option, QRectF(option.rect).adjusted(4.5, 1.5, -4.5, -1.5))
            _paint_model(painter, option, row)
        else:
            _paint_heading(painter, option, str(row))
        painter.restore()


def _paint_heading(painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
    painter.setFont(font_of(option.font, 0.9, QFont.Weight.Bold))
    painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    box = option.rect.adjusted(_PAD, 0, -_PAD, -4)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), text)


def _paint_model(painter: QPainter, option: QStyleOptionViewItem, row: ModelRow) -> None:
    line = option.fontMetrics.height()
    box = option.rect.adjusted(_PAD, 9, -_PAD, 0)
    first = QRect(box.left(), box.top(), box.width(), line)
    second = first.translated(0, line + _GAP)
    title = first.adjusted(0, 0, -_paint_mark(painter, option, first, row), 0)
    text = option.palette.color(QPalette.ColorRole.Text)
    muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
    painter.setFont(
        font_of(option.font, weight=QFont.Weight.Bold if row.is_in_use else QFont.Weight.Normal)
    )
    painter.setPen(muted if row.info.problem and not row.activity else text)
    draw_line(painter, title, row.info.title)
    if row.problem and row.activity is None:
        top = second.top() + (line - _ICON) / 2
        draw_icon(painter, QRectF(second.left(), top, _ICON, _ICON), "warning", text)
        second.setLeft(second.left() + _ICON + 5)
    painter.setFont(font_of(option.font, 0.9))
    painter.setPen(muted)
    draw_line(painter, second, row.second_line)
    if row.activity is not None:
        _paint_bar(painter, option, row)


def _paint_mark(painter: QPainter, option: QStyleOptionViewItem, line: QRect, row: ModelRow) -> int:
    """Draw “in use” at the right end of `line` if it applies; return the width it took."""
    if not row.is_in_use:
        return 0
    font = font_of(option.font, 0.85, QFont.Weight.Bold)
    width = QFontMetrics(font).horizontalAdvance("In use") + 16
    box = QRectF(line.right() - width + 1, line.top() - 1, width, line.height() + 2)
    colour = option.palette.color(QPalette.ColorRole.Highlight)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setFont(font)
    painter.setPen(theme.readable_on(colour))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "In use")
    return width + 8


def _paint_bar(painter: QPainter, option: QStyleOptionViewItem, row: ModelRow) -> None:
    """Draw the progress of the activity along the bottom of the row."""
    rect = option.rect
    track = QRectF(rect.left() + _PAD, rect.bottom() - 6, rect.width() - 2 * _PAD, _BAR)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(option.palette.color(QPalette.ColorRole.Midlight))
    painter.drawRoundedRect(track, 2, 2)
    progress = row.activity.progress if row.activity else None
    if progress is not None and progress.total:
        track.setWidth(max(_BAR, track.width() * min(1.0, progress.done / progress.total)))
        painter.setBrush(option.palette.color(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(track, 2, 2)
