"""A slim scroll bar for the panels, lighter than that of Fusion."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QScrollBar,
    QStyle,
    QStyleOptionSlider,
)

_WIDTH: Final = 10


def make_slim(view: QAbstractItemView) -> None:
    """Let a view scroll by pixels, up and down only, with a slim bar and without a frame."""
    view.setVerticalScrollBar(SlimScrollBar(view))
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(QFrame.Shape.NoFrame)


class SlimScrollBar(QScrollBar):
    """A scroll bar with a rounded handle, without buttons or track."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(Qt.Orientation.Vertical, area)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        # Makes Qt use this sheet for the layout: no buttons, so the handle has the full length.
        self.setStyleSheet(
            f"QScrollBar:vertical {{ width: {_WIDTH}px; background: transparent; }}"
            "QScrollBar::handle:vertical { min-height: 28px; background: transparent; }"
            "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
        )

    def sizeHint(self) -> QSize:
        """Return a width of a few pixels."""
        return QSize(_WIDTH, super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the handle in the palette's current colours."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
        )
        is_strong = self.underMouse() or self.isSliderDown()
        colour = self.palette().color(QPalette.ColorRole.PlaceholderText)
        colour.setAlphaF(0.8 if is_strong else 0.4)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        box = QRectF(handle).adjusted(2, 2, -2, -2)
        painter.drawRoundedRect(box, box.width() / 2, box.width() / 2)
