"""The delegate of the concept list, which draws the rows and edits names."""

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from nameplate.domain.concepts import PLAIN_COLOUR, Concept
from nameplate.ui.concepts.concept_list.model import (
    CONCEPT_ROLE,
    COUNT_ROLE,
    KEY_ROLE,
    PICK_KEY,
)
from nameplate.ui.concepts.name_box import LineEdit
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.item_views import Index
from nameplate.ui.widgets.painting import (
    CUT_OF_NAMES,
    SMALL,
    draw_icon,
    draw_line,
    draw_row_back,
    faint,
    font_of,
    mirrored,
    tabular,
)
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, tr

_PAD: Final = 8
_MARK: Final = 14
_LEAST_HEIGHT: Final = 30


class _RowEditor(LineEdit):
    is_filled = False


class ConceptDelegate(QStyledItemDelegate):
    """Draws a row: key on its colour, name with synonyms, count; edits its line in place."""

    def swatch_rect(self, row: QRect) -> QRect:
        """Return where the colour of the row at `row` is, with the key on it."""
        side = _swatch_side(row.height())
        box = QRect(row.left() + _PAD, row.top() + (row.height() - side) // 2, side, side)
        return mirrored(box, row)

    def mark_rect(self, row: QRect) -> QRect:
        """Return where the check mark of the row at `row` is."""
        top = row.top() + (row.height() - _MARK) // 2
        return mirrored(QRect(row.right() - _PAD - _MARK, top, _MARK, _MARK), row)

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a row; the width is the list's."""
        return QSize(0, row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        concept: Concept = index.data(CONCEPT_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_row_back(painter, option, QRectF(option.rect).adjusted(1.5, 1, -1.5, -1))
        _paint_swatch(painter, option, self.swatch_rect(option.rect), concept, index.data(KEY_ROLE))
        right = option.rect.right() - _PAD
        mark: Qt.CheckState | None = index.data(Qt.ItemDataRole.CheckStateRole)
        if mark is not None:
            _paint_mark(painter, option, self.mark_rect(option.rect), mark)
            right -= _MARK + 8
        count: int = index.data(COUNT_ROLE)
        if count or not concept.is_reject:
            right = _paint_aside(painter, option, right, format_number(count))
        if concept.threshold is not None:
            least = tr("≥{percent}%", percent=round(100 * concept.threshold))
            right = _paint_aside(painter, option, right, least)
        if concept.is_reject:
            right = _paint_reject(painter, option, right)
        left = option.rect.left() + name_left(option.rect.height())
        box = QRect(left, option.rect.top(), right - left, option.rect.height())
        _paint_names(painter, option, box, concept)
        painter.restore()

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line editor."""
        editor = _RowEditor(parent)
        editor.setAccessibleName(tr("New name for {name}", name=index.data()))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the editor once, so that a later change of counts does not overwrite the typing."""
        if isinstance(editor, _RowEditor) and not editor.is_filled:
            editor.is_filled = True
            editor.setText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Pass the typed line to the model, which emits it."""
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        """Place the editor over the names and the count."""
        room = option.rect.adjusted(name_left(option.rect.height()) - 9, 0, -2, 0)
        editor.setGeometry(mirrored(room, option.rect))


def name_left(height: int) -> int:
    """Return the left edge of the name in a row of `height`."""
    return _PAD + _swatch_side(height) + 8


def row_height(metrics: QFontMetrics) -> int:
    """Return the height of a row in a font with `metrics`."""
    return max(_LEAST_HEIGHT, metrics.height() + 14)


def _swatch_side(height: int) -> int:
    return height - 10


def _paint_swatch(
    painter: QPainter, option: QStyleOptionViewItem, box: QRect, concept: Concept, key: str
) -> None:
    """Draw the key of a name on its colour; that of none of these has an edge alone."""
    fill, edge = QColor(concept.colour), faint(option.palette.color(QPalette.ColorRole.Text), 0.3)
    text = theme.readable_on(fill)
    if key == PICK_KEY:  # which it shares with many
        is_plain = concept.colour == PLAIN_COLOUR
        key, fill = (key, faint(fill, 0.2)) if is_plain else ("", fill)
        text = option.palette.color(QPalette.ColorRole.PlaceholderText)
    if concept.is_reject:
        fill = QColor(Qt.GlobalColor.transparent)
        edge = text = option.palette.color(QPalette.ColorRole.PlaceholderText)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setFont(font_of(option.font, SMALL))
    painter.setPen(text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)


def _paint_reject(painter: QPainter, option: QStyleOptionViewItem, right: int) -> int:
    """Draw the sign of a reject concept; return the right edge of the room left of it."""
    box = QRect(right - _MARK, option.rect.center().y() - _MARK // 2, _MARK, _MARK)
    box = QRectF(mirrored(box, option.rect)).translated(0, 0.5)
    draw_icon(painter, box, "reject", option.palette.color(QPalette.ColorRole.PlaceholderText))
    return right - _MARK - 10


def _paint_aside(painter: QPainter, option: QStyleOptionViewItem, right: int, text: str) -> int:
    """Draw a muted text that ends at `right`; return the right edge of the room left of it."""
    painter.setFont(tabular(font_of(option.font, SMALL)))
    painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    width = painter.fontMetrics().horizontalAdvance(text)
    box = QRect(right - width, option.rect.top(), width + 1, option.rect.height())
    painter.drawText(mirrored(box, option.rect), Qt.AlignmentFlag.AlignVCenter, text)
    return right - width - 10


def _paint_mark(
    painter: QPainter, option: QStyleOptionViewItem, box: QRect, mark: Qt.CheckState
) -> None:
    """Draw a check box: checked for all selected pictures, a dash for some, empty for none."""
    text = option.palette.color(QPalette.ColorRole.Text)
    painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Dark), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if mark == Qt.CheckState.Checked:
        draw_icon(painter, QRectF(box), "check", text)
    elif mark == Qt.CheckState.PartiallyChecked:
        painter.setPen(QPen(text, 2))
        middle = box.center().y() + 1
        painter.drawLine(box.left() + 4, middle, box.right() - 3, middle)


def _paint_names(
    painter: QPainter, option: QStyleOptionViewItem, box: QRect, concept: Concept
) -> None:
    painter.setFont(option.font)
    painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    width = draw_line(painter, mirrored(box, option.rect), concept.name, CUT_OF_NAMES)
    rest = box.adjusted(width + 8, 0, 0, 0)
    if concept.synonyms and rest.width() > 24:
        painter.setFont(font_of(option.font, SMALL))
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        draw_line(painter, mirrored(rest, option.rect), listed(concept.synonyms))
