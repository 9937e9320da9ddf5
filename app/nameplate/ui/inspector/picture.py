"""The current image, large, on a mat; outside the model's crop it can be dimmed."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from nameplate.ui.widgets.painting import draw_icon

_PAD: Final = 8
_ICON: Final = 28
_MOST_SCALE: Final = 2.0

Box = tuple[float, float, float, float]


class PictureView(QWidget):
    """Shows one picture as large as fits, at most at twice its size, or a message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._size: QSize | None = None
        self._crop: Box | None = None
        self._is_crop_shown = False
        self._text = ""
        self._icon = ""
        self._scaled = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_picture(
        self, image: QImage | None, size: tuple[int, int] | None, crop: Box | None
    ) -> None:
        """Show `image`.

        Args:
            image: The picture, or a smaller copy of it; None while it loads.
            size: Width and height of the original, which set the size and shape on the screen.
            crop: Left, top, right and bottom in the original's pixels of what the model sees.
        """
        self._image, self._crop = image, crop
        self._size = QSize(*size) if size else image.size() if image else None
        self._text = self._icon = ""
        self._scaled = QPixmap()
        self.update()

    def show_message(self, text: str, icon: str) -> None:
        """Show the icon and `text` instead of a picture."""
        self._image = self._size = self._crop = None
        self._text, self._icon = text, icon
        self._scaled = QPixmap()
        self.update()

    def set_crop_shown(self, is_shown: bool) -> None:
        """Dim the picture outside the model's crop, or show all of it."""
        self._is_crop_shown = is_shown
        self.update()

    def picture_rect(self) -> QRect:
        """Return the rectangle of the picture; empty for none."""
        if self._size is None or self._size.isEmpty():
            return QRect()
        room = self.rect().adjusted(_PAD, _PAD, -_PAD, -_PAD)
        width, height = self._size.width(), self._size.height()
        scale = min(room.width() / width, room.height() / height, _MOST_SCALE)
        # A strip of 30,000 x 1 pixels stays visible as a line.
        shown = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        box = QRect(room.topLeft(), shown)
        box.moveCenter(room.center())
        return box

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the mat, then the picture or the message."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(self.rect(), 8, 8)
        if self._text:
            self._paint_message(painter)
        box = self.picture_rect()
        if box.isEmpty():
            return
        if self._image is None or self._image.isNull():
            painter.fillRect(box, self.palette().color(QPalette.ColorRole.Midlight))
            return
        painter.drawPixmap(box.topLeft(), self._fitted(self._image, box.size()))
        if self._is_crop_shown and self._crop is not None:
            self._paint_crop(painter, box, self._crop)

    def _fitted(self, image: QImage, size: QSize) -> QPixmap:
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(size.width() * ratio), round(size.height() * ratio))
        if self._scaled.size() != wanted:
            # Scaled once, with all pixels of the source; a painter would skip most of them.
            scaled = image.scaled(
                wanted,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._scaled = QPixmap.fromImage(scaled)
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled

    def _paint_crop(self, painter: QPainter, box: QRect, crop: Box) -> None:
        size = self._size or QSize(1, 1)
        x, y = box.width() / size.width(), box.height() / size.height()
        left, top, right, bottom = crop
        seen = QRectF(
            box.left() + left * x, box.top() + top * y, (right - left) * x, (bottom - top) * y
        )
        seen = seen.intersected(QRectF(box))
        shade = QPainterPath()
        shade.addRect(QRectF(box))
        hole = QPainterPath()
        hole.addRect(seen)
        painter.fillPath(shade.subtracted(hole), QColor(0, 0, 0, 165))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 220), 1))
        painter.drawRect(seen.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_message(self, painter: QPainter) -> None:
        colour = self.palette().color(QPalette.ColorRole.PlaceholderText)
        middle = self.rect().center()
        spot = QRectF(middle.x() - _ICON / 2, middle.y() - _ICON, _ICON, _ICON)
        draw_icon(painter, spot, self._icon, colour)
        painter.setPen(colour)
        below = QRect(_PAD, middle.y() + 8, self.width() - 2 * _PAD, 60)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(below, int(flags | Qt.TextFlag.TextWordWrap), self._text)
