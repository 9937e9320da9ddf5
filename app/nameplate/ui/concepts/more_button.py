"""The button with three dots that opens a menu."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QToolButton


class MoreButton(QToolButton):
    """A button with three dots, drawn so that they are the same in every font."""

    def sizeHint(self) -> QSize:
        """Return the size, which no font changes."""
        return QSize(28, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() or self.hasFocus() or self.isDown():
            painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(self.rect(), 5, 5)
        painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
        middle = QPointF(self.width() / 2, self.height() / 2)
        for step in (-6, 0, 6):
            painter.drawEllipse(middle + QPointF(step, 0), 1.6, 1.6)
