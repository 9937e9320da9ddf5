"""Rows of the bar chart: the data of a bar, its model and its delegate."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nameplate.domain.labels import DecidedBy
from nameplate.ui.widgets.item_views import NO_PARENT, Index
from nameplate.ui.widgets.painting import (
    CUT_OF_NAMES,
    draw_icon,
    draw_line,
    faint,
    font_of,
    mirrored,
    one_line,
)
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import scaled
from nameplate.wording.numbers import percent
from nameplate.wording.texts import listed, tr

ROW_PAD: Final = 6
"""Padding left and right of a row's text, in pixels."""

_GAP: Final = 8
_THICK: Final = 12
_ICON: Final = 14
KEY_WIDTH: Final = 16
"""Of the keys before the names, in pixels."""

_LONGEST_MEASURED: Final = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """The data of one bar.

    Attributes:
        key: Of the concept; -1 for the one that is being typed.
        colour: Of the concept, `#rrggbb`.
        probability: In [0, 1]; NaN where there is none.
        shortcut: The key that labels with it; may be empty.
        decided_by: Who decided that label.
    """

    key: int
    name: str
    colour: str
    probability: float
    score: float
    is_reject: bool
    is_preview: bool
    is_label: bool
    shortcut: str = ""
    decided_by: DecidedBy = DecidedBy.NOBODY


class BarModel(QAbstractListModel):
    """The model of the bars, from the top.

    Attributes:
        bars: Those that are shown.
        of_all: All that could be: their names say where the bars begin.
    """

    bars: tuple[Bar, ...] = ()
    of_all: tuple[Bar, ...] = ()

    def set_bars(self, bars: list[Bar]) -> bool:
        """Replace the bars; return False where only their labels differ, if any do."""
        before = self.bars
        if [*map(_unlabelled, before)] == [*map(_unlabelled, bars)]:
            self.bars = tuple(bars)
            for row in (row for row, bar in enumerate(bars) if bar != before[row]):
                self.dataChanged.emit(self.index(row), self.index(row))
            return False
        self.beginResetModel()
        self.bars = tuple(bars)
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return the number of bars."""
        return 0 if parent.isValid() else len(self.bars)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name, the bar, the tool tip, or the accessible text."""
        if not index.isValid() or index.row() >= len(self.bars):
            return None
        bar = self.bars[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return bar.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._accessible_text(bar)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(_details(bar))
            case _:
                return None

    def is_best(self, bar: Bar) -> bool:
        """Whether no other bar is longer than `bar`."""
        known = [b.probability for b in self.bars if not math.isnan(b.probability)]
        return bool(known) and bar.probability == max(known)

    def shown_percent(self, bar: Bar) -> str:
        """Return the probability of `bar` in whole percent."""
        if math.isnan(bar.probability):
            return "–"
        # A softmax over one name is always 1.
        is_all = len(self.bars) == 1 and bar.probability == 1
        return tr("{percent}%", percent=100) if is_all else percent(bar.probability)

    def _accessible_text(self, bar: Bar) -> str:
        parts = [bar.name, self.shown_percent(bar)]
        # translators: of a name: the one with the highest probability
        parts += [tr("best")] if self.is_best(bar) and len(self.bars) > 1 else []
        parts += [_label_text(bar)] if bar.is_label else []
        parts += [tr("none of these")] if bar.is_reject else []
        parts += [tr("being typed")] if bar.is_preview else []
        parts += [tr("key {key}", key=bar.shortcut)] if bar.shortcut else []
        return listed(parts)


class BarDelegate(QStyledItemDelegate):
    """Draws a row: name, bar, percentage. `length_of` gives the current length of a bar."""

    def __init__(self, length_of: Callable[[Bar], float], parent: QObject) -> None:
        super().__init__(parent)
        self._length_of = length_of
        self._measured: tuple[tuple[Bar, ...], str] = ((), "")
        self._widest = 0

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a row; the width is the chart's."""
        return QSize(0, row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        model = index.model()
        assert isinstance(model, BarModel)  # noqa: S101 - the chart has no other
        bar = model.bars[index.row()]
        bold = font_of(option.font, weight=QFont.Weight.DemiBold)
        columns = self._columns(option.rect, model.of_all or model.bars, bold)
        names, track, numbers = (mirrored(one, option.rect) for one in columns)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_back(painter, option)
        _paint_key(painter, option, bar.shortcut)
        painter.setFont(bold if model.is_best(bar) else option.font)
        painter.setPen(option.palette.color(QPalette.ColorRole.WindowText))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(numbers, int(right), model.shown_percent(bar))
        _paint_name(painter, names, bar)
        _paint_bar(painter, option, QRectF(track), bar, self._length_of(bar))
        painter.restore()

    def _columns(
        self, row: QRect, bars: tuple[Bar, ...], font: QFont
    ) -> tuple[QRect, QRect, QRect]:
        """Return the rectangles of name, bar and percentage in `row`; the same for every bar."""
        metrics = QFontMetrics(font)
        if self._measured != (bars, font.key()):
            self._measured = (bars, font.key())
            names = (one_line(bar.name[:_LONGEST_MEASURED]) for bar in bars)
            bold = QFont(font)
            bold.setBold(True)  # as the best one is
            measure = QFontMetrics(bold).horizontalAdvance
            self._widest = max(map(measure, names), default=0)
        keys = scaled(KEY_WIDTH) if any(bar.shortcut for bar in bars) else 0
        box = row.adjusted(ROW_PAD + keys, 0, -ROW_PAD, 0)
        width = self._widest + scaled(_ICON) + 4
        width = int(max(0.22 * row.width(), min(0.48 * row.width(), width)))
        number = metrics.horizontalAdvance(">99%")
        track_top = box.center().y() - _THICK // 2 + 1
        track_left = box.left() + width + _GAP
        track = QRect(track_left, track_top, box.right() - number - _GAP - track_left, _THICK)
        return (
            QRect(box.left(), box.top(), width, box.height()),
            track,
            QRect(box.right() - number, box.top(), number + 1, box.height()),
        )


def row_height(metrics: QFontMetrics) -> int:
    """Return the height of a row in a font with `metrics`."""
    return max(26, metrics.height() + 10)


def _unlabelled(bar: Bar) -> Bar:
    return replace(bar, is_label=False, decided_by=DecidedBy.NOBODY)


def _label_text(bar: Bar) -> str:
    if bar.decided_by == DecidedBy.GIVEN:
        return tr("the given label")
    return tr("the label") if bar.decided_by == DecidedBy.PERSON else tr("the automatic label")


def _details(bar: Bar) -> str:
    """Return the text of the tool tip."""
    number = tr("{percent:.2f}%", percent=100 * bar.probability)
    number = "–" if math.isnan(bar.probability) else number
    lines = [bar.name, tr("{percent} among these names", percent=number)]
    lines += [tr("Fit by itself: {score:z.3f} of at most 1", score=bar.score)]
    lines += [tr("None of these: gives no label")] if bar.is_reject else []
    lines += [tr("Press Enter in the name box to keep it")] if bar.is_preview else []
    return "\n".join(lines)


def _paint_back(painter: QPainter, option: QStyleOptionViewItem) -> None:
    box = QRectF(option.rect).adjusted(1, 1, -1, -1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(Qt.PenStyle.NoPen)
    if option.state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(option.palette.color(QPalette.ColorRole.AlternateBase))
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Accent), 1))
    painter.drawRoundedRect(box, 5, 5)


def _paint_key(painter: QPainter, option: QStyleOptionViewItem, key: str) -> None:
    painter.setFont(font_of(option.font, 0.9))
    painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
    box = option.rect.adjusted(ROW_PAD, 0, -ROW_PAD, 0)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, key)


def _paint_name(painter: QPainter, box: QRect, bar: Bar) -> None:
    side = scaled(_ICON)
    room = box.adjusted(0, 0, -(side + 4) if bar.is_label else 0, 0)
    left = box.left() + draw_line(painter, mirrored(room, box), bar.name, CUT_OF_NAMES) + 4
    if bar.is_label:
        spot = QRectF(left, box.center().y() - side / 2 + 1, side, side)
        icons = {DecidedBy.PERSON: "check", DecidedBy.GIVEN: "folder"}  # as on the chips
        icon = icons.get(bar.decided_by, "auto-label")
        draw_icon(painter, mirrored(spot, QRectF(box)), icon, painter.pen().color())


def _paint_bar(
    painter: QPainter, option: QStyleOptionViewItem, track: QRectF, bar: Bar, length: float
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(option.palette.color(QPalette.ColorRole.Midlight))
    painter.drawRoundedRect(track, 3, 3)
    clip = QPainterPath()
    clip.addRoundedRect(track, 3, 3)
    painter.save()
    painter.setClipPath(clip)
    colour = QColor(bar.colour)
    # A probability above 0 is at least one line wide.
    filled = QRectF(track)
    filled.setWidth(max(track.width() * length, 2.0 if length > 0 else 0.0))
    filled = mirrored(filled, track)
    painter.fillRect(filled, faint(colour, 0.3) if bar.is_preview or bar.is_reject else colour)
    if bar.is_reject:
        painter.fillRect(filled, QBrush(colour, Qt.BrushStyle.BDiagPattern))
    painter.restore()
    if bar.is_preview:
        _paint_typing(painter, option, track, filled, colour)


def _paint_typing(
    painter: QPainter, option: QStyleOptionViewItem, track: QRectF, filled: QRectF, colour: QColor
) -> None:
    pen = QPen(colour, 1.25, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(filled.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setFont(font_of(option.font, 0.85))
    painter.setPen(option.palette.color(QPalette.ColorRole.WindowText))
    width = painter.fontMetrics().horizontalAdvance(tr("typing…"))
    is_after = filled.width() + 6 + width <= track.width()
    left = track.left() + 6 + filled.width() * is_after
    if width + 12 <= track.width():
        spot = QRectF(left, track.top() - 4, width + 2, track.height() + 8).toRect()
        spot = mirrored(spot, track.toRect())
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignVCenter), tr("typing…"))
