"""The list of models: title, facts, activity."""

from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nameplate.ui.models.rows import ROW_ROLE, ModelRow, ModelRows
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.paragraph import one_line
from nameplate.ui.widgets.scroll_bar import SlimScrollBar

_Index = QModelIndex | QPersistentModelIndex

_PAD: Final = 12
_GAP: Final = 3
_BAR: Final = 4
_ICON: Final = 16


class ModelList(QListView):
    """A list view to choose a model.

    Signals:
        chosen: Another model became the current one; its id.
        model_activated: Enter was pressed on a model, or it was double-clicked.
        remove_requested: Delete was pressed.
    """

    chosen = Signal(str)
    model_activated = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ModelRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Models")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(SlimScrollBar(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setMinimumWidth(220)
        self.doubleClicked.connect(self.model_activated)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    @property
    def current(self) -> ModelRow | None:
        """The current model."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, ModelRow) else None

    def choose(self, model_id: str) -> None:
        """Make the model `model_id` the current one; the first where it is not there."""
        number = self.rows.row_of(model_id)
        if number < 0:
            number = 1 if self.rows.rowCount() > 1 else -1
        self.setCurrentIndex(self.rows.index(number) if number >= 0 else QModelIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter use or download, and Delete remove."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.model_activated.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _on_current_changed(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        self.chosen.emit(row.info.model_id if isinstance(row, ModelRow) else "")


class _Delegate(QStyledItemDelegate):
    """Draws a model on two lines, with a progress bar during an activity; or a heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line = option.fontMetrics.height()
        if isinstance(index.data(ROW_ROLE), str):
            return QSize(0, line + (10 if index.row() == 0 else 18))
        return QSize(0, 2 * line + _GAP + 2 * 9)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, ModelRow):
            _paint_back(painter, option)
            _paint_model(painter, option, row)
        else:
            _paint_heading(painter, option, str(row))
        painter.restore()


def _paint_heading(painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
    painter.setFont(_sized(option.font, 0.9, is_bold=True))
    painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    box = option.rect.adjusted(_PAD, 0, -_PAD, -4)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), text)


def _paint_back(painter: QPainter, option: QStyleOptionViewItem) -> None:
    is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
    is_over = bool(option.state & QStyle.StateFlag.State_MouseOver)
    is_active = bool(option.widget and option.widget.hasFocus())
    fill = QColor(Qt.GlobalColor.transparent)
    if is_selected:
        fill = theme.tint(option.palette, 0.2 if is_active else 0.11)
    elif is_over:
        fill = QColor(option.palette.color(QPalette.ColorRole.Midlight))
        fill.setAlphaF(0.6)
    is_focused = is_active and bool(option.state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(theme.tint(option.palette, 0.8) if is_focused else Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(QRectF(option.rect).adjusted(4.5, 1.5, -4.5, -1.5), 6, 6)


def _paint_model(painter: QPainter, option: QStyleOptionViewItem, row: ModelRow) -> None:
    line = option.fontMetrics.height()
    box = option.rect.adjusted(_PAD, 9, -_PAD, 0)
    first = QRect(box.left(), box.top(), box.width(), line)
    second = first.translated(0, line + _GAP)
    title = first.adjusted(0, 0, -_paint_mark(painter, option, first, row), 0)
    font = QFont(option.font)
    font.setBold(row.is_in_use)
    faint = row.info.problem and not row.activity
    role = QPalette.ColorRole.PlaceholderText if faint else QPalette.ColorRole.Text
    _paint_text(painter, option, title, row.info.title, (font, role))
    if row.problem and row.activity is None:
        second = _paint_icon(painter, option, second)
    small = _sized(option.font, 0.9)
    _paint_text(
        painter, option, second, row.second_line, (small, QPalette.ColorRole.PlaceholderText)
    )
    if row.activity is not None:
        _paint_bar(painter, option, row)


def _paint_text(
    painter: QPainter,
    option: QStyleOptionViewItem,
    box: QRect,
    text: str,
    look: tuple[QFont, QPalette.ColorRole],
) -> None:
    font, role = look
    painter.setFont(font)
    painter.setPen(option.palette.color(role))
    shown = QFontMetrics(font).elidedText(one_line(text), Qt.TextElideMode.ElideRight, box.width())
    flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
    painter.drawText(box, flags, shown)


def _paint_mark(painter: QPainter, option: QStyleOptionViewItem, line: QRect, row: ModelRow) -> int:
    """Draw “in use” at the right end of `line` if it applies; return the width it took."""
    if not row.is_in_use:
        return 0
    font = _sized(option.font, 0.85, is_bold=True)
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


def _paint_icon(painter: QPainter, option: QStyleOptionViewItem, line: QRect) -> QRect:
    """Draw a warning sign at the left of `line` and return the rest of the line."""
    scale = painter.device().devicePixelRatioF()
    colour = option.palette.color(QPalette.ColorRole.Text).name()
    pixmap = theme.icon_pixmap("warning", colour, round(_ICON * scale))
    top = line.top() + (line.height() - _ICON) / 2
    painter.drawPixmap(QRectF(line.left(), top, _ICON, _ICON), pixmap, QRectF(pixmap.rect()))
    return line.adjusted(_ICON + 5, 0, 0, 0)


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


def _sized(font: QFont, factor: float, *, is_bold: bool = False) -> QFont:
    sized = QFont(font)
    sized.setPointSizeF(font.pointSizeF() * factor)
    sized.setBold(is_bold)
    return sized
