"""Shows all of a window as the place where dragged files can be dropped."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from nameplate.ui.widgets.painting import TITLE, font_of, smooth_painter
from nameplate.wording.texts import tr

_INSET: Final = 8
_RADIUS: Final = 8


class DropHighlight(QWidget):
    """Lies over a window while files are dragged over it; they go through it to the window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(font_of(self.font(), TITLE, QFont.Weight.DemiBold))
        self.hide()

    def set_shown(self, is_shown: bool) -> None:
        """Show it over all but the menus, or hide it."""
        self.setGeometry(self._window.centralWidget().geometry())
        self.setVisible(is_shown)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim the widget below and draw a frame in the accent colour."""
        palette, frame = self.palette(), self.rect().adjusted(*(_INSET, _INSET, -_INSET, -_INSET))
        with smooth_painter(self) as painter:
            painter.setOpacity(0.8)
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Window))
            painter.setOpacity(1)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
            painter.drawRoundedRect(QRectF(frame), _RADIUS, _RADIUS)
            self._write(painter, frame)

    def _write(self, painter: QPainter, frame: QRect) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, tr("Drop to add"))
