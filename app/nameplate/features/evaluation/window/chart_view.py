"""Paints the charts of an evaluation, whose shapes the report draws as well."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from nameplate.features.evaluation.figures.shares import Share
from nameplate.features.evaluation.report.charts import (
    TICKS,
    Band,
    Box,
    Chart,
    Line,
    Mark,
    Whisker,
)
from nameplate.ui.widgets.painting import faint, smooth_painter
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import tint
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import what_of

_LEFT: Final = 62
_BOTTOM: Final = 44
_TOP: Final = 14
_RIGHT: Final = 24


class ChartView(QWidget):
    """A `Chart`; its figures stand in a table beside it, too, which the keyboard reaches."""

    def __init__(
        self,
        name: str,
        on_box: Callable[[int], object] = lambda _place: None,
        on_place: Callable[[float], object] = lambda _x: None,
    ) -> None:
        """Make an empty one with an accessible name.

        `on_box` is called with the place of the bar that was clicked, `on_place` with where in the
        chart was clicked, from left (0) to right (1).
        """
        super().__init__()
        self._on_box, self._on_place = on_box, on_place
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 150)
        self._chart: Chart | None = None
        self._marked_box = -1
        self._marked_place: float | None = None

    def sizeHint(self) -> QSize:
        """Return the preferred size."""
        return QSize(520, 340)

    def show_chart(self, chart: object, described: str) -> None:
        """Show a chart; `described` is what a screen reader says of it."""
        self._chart = chart if isinstance(chart, Chart) else None
        self.setAccessibleDescription(described)
        self.update()

    def mark_box(self, place: int) -> None:
        """Frame a bar; -1 for none."""
        self._marked_box = place
        self.update()

    def mark_place(self, x: float | None) -> None:
        """Draw an upright line at a place from 0 to 1."""
        self._marked_place = x
        self.update()

    @property
    def boxes(self) -> list[Box]:
        """The bars."""
        marks: tuple[Mark, ...] = self._chart.marks if self._chart else ()
        return [mark for mark in marks if isinstance(mark, Box)]

    # ---- places

    @property
    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _at(self, x: float, y: float) -> QPointF:
        plot = self._plot
        return QPointF(plot.left() + x * plot.width(), plot.bottom() - y * plot.height())

    def _box(self, box: Box) -> QRectF:
        return QRectF(self._at(box.left, box.top), self._at(box.right, box.bottom))

    def _column(self, box: Box) -> QRectF:
        """Return where a click means this bar: over the whole height, since it may be low."""
        return QRectF(self._at(box.left, 1.0), self._at(box.right, 0.0))

    def _place_of(self, point: QPointF) -> int:
        found = [at for at, box in enumerate(self.boxes) if self._column(box).contains(point)]
        return found[0] if found else -1

    # ---- what a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say what was clicked."""
        point, plot = event.position(), self._plot
        if self._chart is None or not plot.adjusted(-4, 0, 4, 0).contains(point):
            return
        place = self._place_of(point)
        if place >= 0:
            self._on_box(place)
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the place."""
        plot = self._plot
        x = (event.position().x() - plot.left()) / plot.width()
        self._on_place(float(np.clip(x, 0, 1)))

    def event(self, event: QEvent) -> bool:
        """Say the numbers of the bar under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_of(QPointF(event.pos()))
            text = self.boxes[place].text if place >= 0 else ""
            QToolTip.showText(event.globalPos(), tip(text), self)
            return True
        return super().event(event)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes and marks."""
        if self._chart is None:
            return
        with smooth_painter(self) as painter:
            self._draw_axes(painter, self._chart)
            for mark in self._chart.marks:
                self._draw(painter, mark)
            self._draw_marked(painter)

    def _draw_axes(self, painter: QPainter, chart: Chart) -> None:
        palette, plot = self.palette(), self._plot
        text = palette.color(QPalette.ColorRole.PlaceholderText)
        line = palette.color(QPalette.ColorRole.Mid)
        painter.fillRect(plot, palette.color(QPalette.ColorRole.Base))
        centre = int(Qt.AlignmentFlag.AlignCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for tick in TICKS:
            below, beside = self._at(tick, 0), self._at(0, tick)
            words = format_number(tick, ".0%")
            painter.setPen(QPen(line, 1))
            painter.drawLine(beside, self._at(1, tick))
            painter.setPen(text)
            painter.drawText(QRectF(below.x() - 30, below.y() + 2, 60, 18), centre, words)
            painter.drawText(QRectF(16, beside.y() - 9, _LEFT - 22, 18), right, words)
        painter.drawText(
            QRectF(plot.left(), plot.bottom() + 20, plot.width(), 20), centre, what_of(chart.x)
        )
        painter.save()
        painter.translate(2, plot.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, plot.height(), 18), centre, what_of(chart.y))
        painter.restore()
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw(self, painter: QPainter, mark: Mark) -> None:
        palette = self.palette()
        blue = palette.color(QPalette.ColorRole.Highlight)
        match mark:
            case Box():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(faint(blue, 0.35 if mark.role == "faint" else 0.85))
                painter.drawRect(self._box(mark))
            case Line():
                soft = palette.color(QPalette.ColorRole.PlaceholderText)
                pen = QPen(soft, 1.5, Qt.PenStyle.DashLine) if mark.role == "ideal" else None
                painter.setPen(pen or QPen(blue, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline([self._at(x, y) for x, y in mark.points])
            case Band():
                low = [self._at(x, y) for x, y, _ in mark.points]
                high = [self._at(x, y) for x, _, y in mark.points]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(faint(blue, 0.18))
                painter.drawPolygon(QPolygonF([*low, *reversed(high)]))
            case Whisker():
                painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 1.5))
                low, high = (self._at(mark.x, end) for end in mark.interval)
                painter.drawLine(low, high)
                for end in (low, high):
                    painter.drawLine(end - QPointF(4, 0), end + QPointF(4, 0))

    def _draw_marked(self, painter: QPainter) -> None:
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(ink, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if 0 <= self._marked_box < len(self.boxes):
            painter.drawRect(self._box(self.boxes[self._marked_box]))
        if self._marked_place is not None:
            painter.drawLine(self._at(self._marked_place, 0), self._at(self._marked_place, 1))


class ShareBar(QWidget):
    """A bar of a share from 0% to 100%, with its interval as a line across its end."""

    def __init__(self, name: str) -> None:
        """Make an empty one with an accessible name."""
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedHeight(30)
        self._share = Share(0, 0)

    def show_share(self, share: Share, described: str) -> None:
        """Show a share; `described` is what a screen reader says of it."""
        self._share = share
        self.setAccessibleDescription(described)
        self.setToolTip(tip(described))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar."""
        value, interval = self._share.value, self._share.interval
        box = QRectF(self.rect()).adjusted(1, 6, -1, -6)
        with smooth_painter(self) as painter:
            painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(box, 4, 4)
            if value is None or interval is None:
                return
            filled = QRectF(box)
            filled.setWidth(box.width() * value)
            painter.setBrush(QColor(tint(self.palette(), 0.85)))
            painter.drawRoundedRect(filled, 4, 4)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 2))
            low, high = (box.left() + box.width() * end for end in interval)
            middle = box.center().y()
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for end in (low, high):
                painter.drawLine(QPointF(end, middle - 6), QPointF(end, middle + 6))
