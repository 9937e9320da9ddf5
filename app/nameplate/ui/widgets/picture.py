"""A view of a picture, fitted or zoomed, optionally dimmed outside the model's crop."""

from typing import Final, cast

from PIL import Image
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
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
from nameplate.ui.widgets.zoom import Room, Zoom

_PAD: Final = 8
_ICON: Final = 28
_MOST_SCALE: Final = 2.0
_COARSE: Final = 3.0
"""From so many device pixels a pixel on, pixels are shown as squares: they are looked at then."""

_STRIP_BYTES: Final = 1 << 20

Box = tuple[float, float, float, float]


class PictureView(QWidget):
    """Shows a picture at its zoom, or a message.

    Attributes:
        zoom: How large the picture is shown; fitted unless `set_zoom` says otherwise.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        most_scale: float = _MOST_SCALE,
        has_mat: bool = True,
    ) -> None:
        """Make a view that enlarges small pictures at most `most_scale` times to fit.

        With a mat all of its room is seen, whatever the shape of the picture.
        """
        super().__init__(parent)
        self.zoom = Zoom()
        self._has_mat = has_mat
        self._most_scale = most_scale
        self._is_crop_shown = False
        self.show_picture(None, None, None)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def is_picture_shown(self) -> bool:
        """Whether pixels of a picture are shown, instead of its empty place or a message."""
        return self._image is not None and not self._image.isNull()

    @property
    def message(self) -> str:
        """The message instead of a picture; empty if there is a picture."""
        return self._text

    def show_picture(
        self,
        image: QImage | None,
        size: tuple[int, int] | None,
        crop: Box | None,
        pixels: tuple[QImage, ...] = (),
    ) -> None:
        """Show a picture.

        Args:
            image: The picture, or a smaller copy of it; None while it loads.
            size: Width and height of the original, which set the size and shape on the screen.
            crop: Left, top, right and bottom in the original's pixels of what the model sees.
            pixels: The picture in larger sizes, ascending, up to that with all its pixels; each
                at most twice the one before, since a painter reads only some of more pixels.
        """
        self._image, self._crop, self._pixels = image, crop, pixels
        self._size = QSizeF(*size) if size else QSizeF(image.size()) if image else None
        self._text = self._icon = ""
        self._scaled = QPixmap()
        self.update()

    def show_message(self, text: str, icon: str) -> None:
        """Show the icon and `text` instead of a picture."""
        self.show_picture(None, None, None)
        self._text, self._icon = text, icon

    def set_crop_shown(self, is_shown: bool) -> None:
        """Dim the picture outside the model's crop, or show all of it."""
        self._is_crop_shown = is_shown
        self.update()

    def set_zoom(self, zoom: Zoom) -> None:
        """Set the zoom."""
        self.zoom = zoom
        self.update()

    def room(self) -> Room:
        """Return the room for pictures."""
        return Room(QRectF(self.rect()), self.devicePixelRatioF(), self._most_scale)

    def picture_size(self) -> QSizeF | None:
        """Return width and height of the picture in its own pixels; None if there is none."""
        return None if self._size is None or self._size.isEmpty() else self._size

    def picture_rect(self) -> QRect:
        """Return the rectangle of the picture; empty for none."""
        return self._box().toAlignedRect()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the mat, then the picture or the message."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._has_mat or self._text:
            painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(self.rect(), 4, 4)
        if self._text:
            self._paint_message(painter)
        box = self._box()
        if box.isEmpty():
            return
        painter.setClipRect(self.rect())
        if self._image is None or self._image.isNull():
            painter.fillRect(box, self.palette().color(QPalette.ColorRole.Midlight))
            return
        self._paint_picture(painter, box, self._image)
        if self._is_crop_shown and self._crop is not None:
            self._paint_crop(painter, box, self._crop)

    def _box(self) -> QRectF:
        size = self.picture_size()
        return self.zoom.rect(size, self.room()) if size else QRectF()

    def _paint_picture(self, painter: QPainter, box: QRectF, image: QImage) -> None:
        """Draw the picture into `box`, from the smallest sufficient or the largest source."""
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(box.width() * ratio), round(box.height() * ratio))
        sources = (image, *self._pixels)
        image = next((s for s in sources if s.width() >= wanted.width()), sources[-1])
        if image.size() == wanted:
            # In device pixels, so that each is copied as it is.
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(QPointF(box.left() * ratio, box.top() * ratio), image)
            painter.restore()
        elif image.width() > wanted.width() and self.zoom.is_fitted:
            painter.drawPixmap(box.topLeft(), self._fitted(image, wanted, ratio))
        else:
            seen = box.intersected(QRectF(self.rect()))
            x, y = image.width() / box.width(), image.height() / box.height()
            source = QRectF(
                (seen.left() - box.left()) * x,
                (seen.top() - box.top()) * y,
                seen.width() * x,
                seen.height() * y,
            )
            is_whole = bool(self._pixels) and image is self._pixels[-1]
            is_coarse = is_whole and wanted.width() >= _COARSE * image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_coarse)
            painter.drawImage(seen, image, source)

    def _fitted(self, image: QImage, wanted: QSize, ratio: float) -> QPixmap:
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

    def _paint_crop(self, painter: QPainter, box: QRectF, crop: Box) -> None:
        size = self._size or QSizeF(1, 1)
        x, y = box.width() / size.width(), box.height() / size.height()
        left, top, right, bottom = crop
        seen = QRectF(
            box.left() + left * x, box.top() + top * y, (right - left) * x, (bottom - top) * y
        )
        seen = seen.intersected(box)
        shade = QPainterPath()
        shade.addRect(box)
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


def to_qimage(picture: Image.Image) -> QImage:
    """Return a copy of the RGB `picture` in the format of pixmaps, so none is converted.

    It is made in strips: one call for all of a large picture would keep Python's lock, for which
    the window's thread waits, for tens of milliseconds.

    Raises:
        MemoryError: There is not enough memory.
    """
    width, height = picture.size
    made = QImage(width, height, QImage.Format.Format_RGB32)
    if made.isNull():
        raise MemoryError
    bits, line = cast("memoryview", made.bits()), 4 * width  # Qt's stubs take it for bytes
    rows = max(1, _STRIP_BYTES // line)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(height, top + rows)))
        part = strip.tobytes("raw", "BGRX")
        bits[top * line : top * line + len(part)] = part
    return made
