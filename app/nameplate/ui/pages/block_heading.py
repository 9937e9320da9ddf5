"""How the heading of a block of a page is painted."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen

from nameplate.ui.pages.page_layout import HEADING
from nameplate.ui.pages.source import BlockHeading
from nameplate.ui.widgets.painting import CUT_OF_NAMES, draw_icon, font_of

_SWATCH: Final = 12
_BETWEEN: Final = 8
_ICON: Final = 16
_LEAST_NAME: Final = 60
"""Pixels that are left of a name before what Enter does gives way."""


def paint_heading(
    painter: QPainter,
    box: QRect,
    heading: BlockHeading,
    palette: QPalette,
    font: QFont,
    *,
    is_hovered: bool,
) -> None:
    """Paint a line, the name in large type, the effect of Enter, and an icon to click."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    text, second = palette.color(QPalette.ColorRole.WindowText), QPalette.ColorRole.PlaceholderText
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
    painter.drawLine(QPointF(box.left(), box.top() + 3.5), QPointF(box.right(), box.top() + 3.5))
    line, middle = box.adjusted(0, 6, 0, 0), box.center().y() + 3
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(heading.colour))
    swatch = QPointF(line.left(), middle - _SWATCH / 2)
    painter.drawRoundedRect(QRectF(swatch, QSizeF(_SWATCH, _SWATCH)), 4, 4)
    line.setLeft(line.left() + _SWATCH + _BETWEEN)
    sign = QRectF(line.right() - _ICON + 1, middle - _ICON / 2, _ICON, _ICON)
    if line.width() >= _LEAST_NAME + _ICON:
        icon = "undo" if heading.is_later else "cancel"
        draw_icon(painter, sign, icon, text if is_hovered else palette.color(second))
        line.setRight(line.right() - _ICON - _BETWEEN)
    large = font_of(font, HEADING, QFont.Weight.DemiBold)
    if QFontMetrics(large).horizontalAdvance(heading.name) > line.width():  # more letters are seen
        large = font_of(font, 1.0, QFont.Weight.DemiBold)
    wide, says = QFontMetrics(large), QFontMetrics(font).horizontalAdvance(heading.says)
    is_said = line.width() - says - _BETWEEN >= min(
        _LEAST_NAME, wide.horizontalAdvance(heading.name)
    )
    room = line.width() - (says + _BETWEEN if is_said else 0)
    name = wide.elidedText(heading.name, CUT_OF_NAMES, max(0, room))
    at_left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
    painter.setFont(large)
    painter.setPen(palette.color(second) if heading.is_later else text)
    painter.drawText(line, at_left, name)
    if is_said:
        line.setLeft(line.left() + wide.horizontalAdvance(name) + _BETWEEN)
        painter.setFont(font)
        painter.setPen(palette.color(second))
        painter.drawText(line, at_left, heading.says)
