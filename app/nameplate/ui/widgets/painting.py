"""Helpers for painting lists and tiles: fonts, colours, icons, lines of text."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPaintDevice,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from nameplate.ui.widgets import theme

TITLE: Final = 1.4
"""Size of the title of a panel, where that of other texts is 1."""

SMALL: Final = 0.92
"""Likewise of counts, hints and captions."""

_Rect = TypeVar("_Rect", QRect, QRectF)

_NO_BREAK: Final = "\u00a0\u202f"


def one_line(text: str) -> str:
    """Return `text` with line breaks and other control characters as spaces.

    No-break spaces stay: French has them before its signs, which begin no line.
    """
    return "".join(c if c.isprintable() or c in _NO_BREAK else " " for c in text)


def capitalised(text: str) -> str:
    """Return `text` with a capital first, as it stands alone."""
    return f"{text[:1].upper()}{text[1:]}"


CUT_OF_NAMES: Final = Qt.TextElideMode.ElideMiddle
"""Where a name is cut that is too long: some begin alike."""


def shortened(text: str, most: int) -> str:
    """Return `text`, cut to `most` characters with an ellipsis if it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def entry_text(text: str) -> str:
    """Return `text` for a button or menu entry: on one line, with & escaped."""
    return one_line(text).replace("&", "&&")


def font_of(font: QFont, factor: float = 1.0, weight: QFont.Weight | None = None) -> QFont:
    """Return `font` scaled by `factor`, and with another weight."""
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * factor)
    if weight is not None:
        made.setWeight(weight)
    return made


def tabular(font: QFont) -> QFont:
    """Return `font` with digits that are all as wide, for numbers in a column."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def faint(colour: QColor, alpha: float) -> QColor:
    """Return `colour` with opacity `alpha`, 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def clear_pixmap(size: QSize, ratio: float) -> QPixmap:
    """Return a transparent pixmap of `size` at `ratio` device pixels a pixel."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


@contextmanager
def smooth_painter(device: QPaintDevice) -> Generator[QPainter]:
    """Yield an antialiasing painter on `device` without a pen."""
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    try:
        yield painter
    finally:
        painter.end()


def draw_icon(painter: QPainter, box: QRectF, name: str, colour: QColor) -> None:
    """Draw the icon `resources/icons/NAME.svg` in `box`, which is square."""
    side = round(box.width() * painter.device().devicePixelRatioF())
    pixmap = theme.icon_pixmap(name, colour.name(QColor.NameFormat.HexArgb), side)
    painter.drawPixmap(box, pixmap, QRectF(pixmap.rect()))


def is_mirrored() -> bool:
    """Whether the window is read from right to left."""
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft


def mirrored(box: _Rect, row: _Rect) -> _Rect:
    """Return `box` of `row`, on the other side of it in a window that is read from right to left.

    What is painted is laid out from left to right; alignments of texts are mirrored by Qt.
    """
    aside: Any = row.left() + row.right() - box.left() - box.right()
    return box.translated(aside, 0) if is_mirrored() else box


def draw_line(
    painter: QPainter,
    box: QRect,
    text: str,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """Draw `text` on one line, cut to fit into `box`; return its width.

    It begins where the window's lines do, whatever it is written in, and has its own order.
    """
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(one_line(text), cut, box.width())
    if not shown.isascii():
        shown = f"\N{FIRST STRONG ISOLATE}{shown}\N{POP DIRECTIONAL ISOLATE}"
    painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)


def draw_row_back(painter: QPainter, option: QStyleOptionViewItem, box: QRectF) -> None:
    """Draw the background of a row in `box`: selected, hovered, framed with the focus.

    A selected one has a bar where its line begins, too, so that it is not told by its colour alone.
    """
    is_active = bool(option.widget and option.widget.hasFocus())
    accent = option.palette.color(QPalette.ColorRole.Accent)
    is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
    fill = QColor(Qt.GlobalColor.transparent)
    if is_selected:
        fill = theme.tint(option.palette, 0.16 if is_active else 0.1)
    elif option.state & QStyle.StateFlag.State_MouseOver:
        fill = faint(option.palette.color(QPalette.ColorRole.Midlight), 0.6)
    is_focused = is_active and bool(option.state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QPen(accent, 1.5) if is_focused else Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, 5, 5)
    if is_selected and not is_focused:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        bar = QRectF(box.left(), box.top() + 7, 3, box.height() - 14)
        painter.drawRoundedRect(mirrored(bar, box), 1.5, 1.5)


def wrapped(text: str, font: QFont, width: int, max_lines: int) -> list[str]:
    """Return `text` as at most `max_lines` lines of `width`, broken anywhere; the rest elided."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    # QTextLayout counts UTF-16 units; a Python string counts an emoji as one.
    units = text.encode("utf-16-le", "surrogatepass")
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        start = 2 * line.textStart()
        if len(lines) == max_lines - 1:
            rest = units[start:].decode("utf-16-le", "replace").strip()
            lines.append(QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, width))
            break
        end = start + 2 * line.textLength()
        lines.append(units[start:end].decode("utf-16-le", "replace").rstrip())
    layout.endLayout()
    return lines
