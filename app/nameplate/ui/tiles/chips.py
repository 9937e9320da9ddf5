"""Chips: small labels beneath pictures, which show whether model or person decided.

A suggestion is outlined, a decision is filled; dashes and a question mark show that the model is
unsure, an icon shows whether a person or the program decided. No two differ in colour alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap

from nameplate.ui.tiles.model import Tile, TileKind
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.painting import clear_pixmap, draw_icon, smooth_painter, wrapped
from nameplate.wording.numbers import percent
from nameplate.wording.texts import tr

_DOT: Final = 8.0
_END: Final = 8
CHIP_ENDS: Final = 2 * _END
"""Pixels by which a chip is wider than its text, at least."""

_GAP: Final = 5
_AROUND: Final = 6
"""Pixels by which a chip is higher than its letters and icon."""

_PROBLEM_LINES: Final = 2
_LEAST_LETTERS: Final = 7


class ChipForm(Enum):
    """The shape of a chip."""

    OUTLINED = auto()
    DASHED = auto()
    FILLED = auto()
    SOFT = auto()
    SKELETON = auto()


@dataclass(frozen=True, slots=True)
class Chip:
    """The content of a chip.

    Attributes:
        form: Its shape.
        text: The label, or a word for the state.
        detail: A percentage, in a muted colour.
        colour: Of the concept, `#rrggbb`.
        icon: The name of the icon before the text; a dot where it is empty.
        tail: The name of the icon at the end.
    """

    form: ChipForm
    text: str = ""
    detail: str = ""
    colour: str = ""
    icon: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True)
class ChipStyle:
    """The colours and the font that chips are drawn with."""

    is_dark: bool
    ground: QColor
    text: QColor
    muted: QColor
    line: QColor
    soft: QColor
    warning: QColor
    font: QFont

    @classmethod
    def of(cls, palette: QPalette, font: QFont) -> "ChipStyle":
        """Return the style for the active colours of `palette`."""
        role = QPalette.ColorRole

        def colour(of: QPalette.ColorRole) -> QColor:
            return palette.color(QPalette.ColorGroup.Active, of)

        is_dark = colour(role.Base).lightness() < 128
        return cls(
            is_dark=is_dark,
            ground=colour(role.Base),
            text=colour(role.Text),
            muted=colour(role.PlaceholderText),
            line=colour(role.PlaceholderText if is_dark else role.Dark),
            soft=colour(role.Midlight),
            warning=QColor("#f5b544" if is_dark else "#b45309"),
            font=font,
        )


def chip_of(tile: Tile) -> Chip | None:
    """Return the chip of `tile`, or None."""
    make = _CHIPS.get(tile.kind)
    detail = "" if tile.probability is None else percent(tile.probability)
    return make(tile, detail) if make else None


def chip_height(font: QFont) -> int:
    """Return the height of chips in `font`, in pixels."""
    return QFontMetrics(font).height() + _AROUND


def draw_chip(chip: Chip, size: QSize, ratio: float, style: ChipStyle) -> QPixmap:
    """Return `chip` on a transparent pixmap as high as `size` and at most as wide."""
    if chip.form is ChipForm.SKELETON:
        return _skeleton(size, ratio, style)
    metrics = QFontMetrics(style.font)
    side = size.height() - _AROUND
    tail = side + 3 if chip.tail else 0
    room = size.width() - CHIP_ENDS - tail
    is_narrow = metrics.horizontalAdvance(chip.text) > room - _head_width(chip, side)
    # A name matters more than a dot.
    head = 0 if is_narrow and not chip.icon else _head_width(chip, side)
    room -= head
    chip = _without_detail(chip, metrics, room)
    detail = _GAP + metrics.horizontalAdvance(chip.detail) if chip.detail else 0
    text, room = chip.text, max(room - detail, 12)
    if metrics.horizontalAdvance(text) > room:  # Qt cuts also what is too wide by less than 1
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    text_width = metrics.horizontalAdvance(text)
    width = min(size.width(), CHIP_ENDS + head + text_width + detail + tail)
    pixmap = clear_pixmap(QSize(width, size.height()), ratio)
    text_colour, detail_colour = _letters(chip, style)
    with smooth_painter(pixmap) as painter:
        painter.setFont(style.font)
        _draw_body(painter, chip, QRectF(0, 0, width, size.height()), style)
        if head:
            _draw_head(painter, chip, size.height(), text_colour)
        box = QRect(_END + head, 0, text_width + 2, size.height())
        painter.setPen(text_colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(detail_colour)
        if chip.detail:
            box = QRect(box.left() + text_width + _GAP, 0, detail, size.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, chip.detail)
        if chip.tail:
            spot = _icon_box(width - _END - side + 2, size.height())
            draw_icon(painter, spot, chip.tail, detail_colour)
    return pixmap


def draw_problem(reason: str, size: QSize, ratio: float, style: ChipStyle) -> QPixmap:
    """Return a warning sign with `reason` beneath it in at most two lines, centred in `size`."""
    pixmap = clear_pixmap(size, ratio)
    metrics = QFontMetrics(style.font)
    lines = wrapped(reason, style.font, max(1, size.width() - 12), _PROBLEM_LINES)
    side = max(16, min(30, size.height() // 4))
    height = side + 6 + len(lines) * metrics.lineSpacing()
    top = max(2, (size.height() - height) // 2)
    with smooth_painter(pixmap) as painter:
        spot = QRectF((size.width() - side) / 2, top, side, side)
        draw_icon(painter, spot, "warning", style.warning)
        painter.setFont(style.font)
        painter.setPen(style.muted)
        for number, line in enumerate(lines):
            y = top + side + 6 + number * metrics.lineSpacing()
            box = QRect(0, y, size.width(), metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, line)
    return pixmap


def _skeleton(size: QSize, ratio: float, style: ChipStyle) -> QPixmap:
    width, height = max(24, size.width() * 2 // 5), size.height() * 0.5
    pixmap = clear_pixmap(QSize(width, size.height()), ratio)
    with smooth_painter(pixmap) as painter:
        painter.setBrush(style.soft)
        box = QRectF(0, (size.height() - height) / 2, width, height)
        painter.drawRoundedRect(box, height / 2, height / 2)
    return pixmap


def _without_detail(chip: Chip, metrics: QFontMetrics, room: int) -> Chip:
    """Return `chip`, without its percentage if the label needs the room or has too little."""
    text, beside = metrics.horizontalAdvance(chip.text), room
    beside -= _GAP + metrics.horizontalAdvance(chip.detail)
    is_in_the_way = beside < text <= room or beside < _LEAST_LETTERS * metrics.averageCharWidth()
    return replace(chip, detail="") if beside < text and is_in_the_way else chip


def _head_width(chip: Chip, icon: int) -> int:
    if chip.form is ChipForm.SOFT or (chip.form is ChipForm.FILLED and not chip.icon):
        return 0
    return (icon if chip.icon else int(_DOT)) + _GAP


def _letters(chip: Chip, style: ChipStyle) -> tuple[QColor, QColor]:
    """Return the colours of the text and the muted detail."""
    if chip.form is ChipForm.FILLED:
        text = theme.readable_on(QColor(chip.colour))
        return text, text  # less of it could not be read on some colours
    is_firm = chip.form is ChipForm.OUTLINED and not chip.icon
    is_firm = is_firm or chip.form is ChipForm.SOFT
    return (style.text if is_firm else style.muted), style.muted


def _draw_body(painter: QPainter, chip: Chip, rect: QRectF, style: ChipStyle) -> None:
    line = QColor(chip.colour) if chip.colour else style.line
    if chip.form is not ChipForm.FILLED:
        line = theme.seen_on(style.ground, line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if chip.form is ChipForm.FILLED:
        painter.setBrush(line)
    elif chip.form is ChipForm.SOFT:
        painter.setBrush(style.soft)
    else:
        pen = QPen(line, 1.4)
        if chip.form is ChipForm.DASHED:
            pen.setDashPattern([3.0, 2.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        rect = rect.adjusted(0.7, 0.7, -0.7, -0.7)
    radius = rect.height() / 2
    painter.drawRoundedRect(rect, radius, radius)


def _draw_head(painter: QPainter, chip: Chip, height: int, colour: QColor) -> None:
    if chip.icon:
        draw_icon(painter, _icon_box(_END - 1, height), chip.icon, colour)
    elif chip.form is not ChipForm.SOFT:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(chip.colour) if chip.colour else colour)
        radius = _DOT / 2
        if chip.form is ChipForm.DASHED:
            painter.setPen(QPen(QColor(chip.colour) if chip.colour else colour, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius -= 0.8
        painter.drawEllipse(QPointF(_END + _DOT / 2, height / 2), radius, radius)


def _icon_box(left: float, height: int) -> QRectF:
    return QRectF(left, _AROUND / 2, height - _AROUND, height - _AROUND)


def _automatic(tile: Tile, detail: str) -> Chip:
    return Chip(ChipForm.FILLED, tile.label, detail, tile.colour, icon="auto-label")


_CHIPS: Final[dict[TileKind, Callable[[Tile, str], Chip]]] = {
    TileKind.NAMELESS: lambda _t, _d: Chip(ChipForm.DASHED, "?"),
    TileKind.SUGGESTED: lambda t, detail: Chip(ChipForm.OUTLINED, t.label, detail, t.colour),
    TileKind.UNSURE: lambda t, detail: Chip(
        ChipForm.DASHED, t.label, detail, t.colour, tail="question"
    ),
    TileKind.AUTO: _automatic,
    TileKind.LEARNED: _automatic,
    TileKind.GIVEN: lambda t, _: Chip(ChipForm.FILLED, t.label, "", t.colour, icon="folder"),
    TileKind.DECIDED: lambda t, _: Chip(ChipForm.FILLED, t.label, "", t.colour, icon="check"),
    TileKind.REJECTED: lambda t, detail: Chip(
        ChipForm.OUTLINED, t.label or tr("none of these"), detail, icon="reject"
    ),
    TileKind.SKIPPED: lambda _t, _d: Chip(ChipForm.SOFT, tr("skipped")),
    TileKind.HIDDEN: lambda _t, _d: Chip(ChipForm.SOFT, tr("what is it?")),
    TileKind.WAITING: lambda _t, _d: Chip(ChipForm.SKELETON),
}
