"""A zoomable picture with its caption beneath: label, state, name, position."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from nameplate.ui.tiles.chips import ChipStyle, chip_height, chip_of, draw_chip
from nameplate.ui.tiles.model import Tile, TileKind, kind_text, shown_name, state_text
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.picture import PictureView
from nameplate.ui.widgets.zoom import Zoom
from nameplate.wording.texts import tr

_NOTCH: Final = 120.0
_STEP: Final = 1.25
_NARROW: Final = 480
_EDGE: Final = 4
_GAP: Final = 10
_SAID_BY_CHIP: Final = {TileKind.SKIPPED, TileKind.REJECTED, TileKind.HIDDEN}


class ZoomView(PictureView):
    """A picture that wheel, drag and double click zoom and move.

    Signals:
        zoom_requested: Another `Zoom` was asked for.
        pressed: A mouse button was pressed on it.
        activated: It was double-clicked.
    """

    zoom_requested = Signal(object)
    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, most_scale=8.0, has_mat=False)
        self._dragged_from: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def set_zoom(self, zoom: Zoom) -> None:
        """Show the picture in another size, with a hand where it can be moved."""
        super().set_zoom(zoom)
        shape = Qt.CursorShape.ArrowCursor if zoom.is_fitted else Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)

    def zoomed_by(self, factor: float, at: QPointF | None = None) -> Zoom:
        """Return the zoom by `factor` about the point `at`, or the middle."""
        size, room = self.picture_size(), self.room()
        return self.zoom.by(factor, at or room.box.center(), size, room) if size else self.zoom

    def moved_by(self, by: QPointF) -> Zoom:
        """Return the zoom with the picture moved on the screen."""
        size = self.picture_size()
        return self.zoom.moved(by, size, self.room()) if size else self.zoom

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        notches = event.angleDelta().y() / _NOTCH
        if notches:
            self.zoom_requested.emit(self.zoomed_by(_STEP**notches, event.position()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by two fingers."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_requested.emit(self.zoomed_by(1 + event.value(), event.position()))
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        self.pressed.emit()
        if event.button() == Qt.MouseButton.LeftButton and not self.zoom.is_fitted:
            self._dragged_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture with the pointer."""
        if self._dragged_from is not None:
            by, self._dragged_from = event.position() - self._dragged_from, event.position()
            self.zoom_requested.emit(self.moved_by(by))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        del event
        self._dragged_from = None
        self.set_zoom(self.zoom)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the point under the pointer at its real size, or all of the picture."""
        size, room = self.picture_size(), self.room()
        if event.button() != Qt.MouseButton.LeftButton or size is None:
            return
        part = self.zoom.part_at(event.position(), size, room)
        actual = Zoom(is_actual=True, x=part.x(), y=part.y()).within(size, room)
        self.zoom_requested.emit(actual if self.zoom.is_fitted else Zoom())


@dataclass(frozen=True, slots=True)
class Caption:
    """The texts beneath a picture.

    Attributes:
        tile: The picture's label and state.
        place: Its place among those shown, such as "12 of 341".
        facts: Its size, and how it is shown.
    """

    tile: Tile
    place: str
    facts: str = ""


class CaptionBar(QWidget):
    """Shows a `Caption` on one line, or on two where there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption: Caption | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_caption(self, caption: Caption | None) -> None:
        """Show the caption of a picture; None for none."""
        if caption != self.caption:
            self.caption = caption
            self.update()

    def height_for(self, width: int) -> int:
        """Return the height that a bar of `width` takes."""
        line = self._line_height()
        return line if width >= _NARROW else line + self.fontMetrics().height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the label at the left, the place at the right, the name between them."""
        if self.caption is None:
            return
        painter, is_narrow = QPainter(self), self.width() < _NARROW
        line = QRect(_EDGE, 0, self.width() - 2 * _EDGE, self._line_height())
        style = ChipStyle.of(self.palette(), font_of(self.font(), 0.95))
        chip = chip_of(self.caption.tile)
        left = line.left()
        if chip is not None:
            size = QSize(line.width() * 3 // 5, chip_height(style.font))
            pixmap = draw_chip(chip, size, self.devicePixelRatioF(), style)
            painter.drawPixmap(left, (line.height() - size.height()) // 2, pixmap)
            left += round(pixmap.width() / pixmap.devicePixelRatio()) + _GAP
        right = self._draw_at_end(painter, line, self.caption.place)
        if not is_narrow:
            right = self._draw_at_end(
                painter, line.adjusted(0, 0, right - line.right(), 0), self.caption.facts
            )
            kind = self.caption.tile.kind
            said = "" if kind in _SAID_BY_CHIP else kind_text(kind)
            box = QRect(left, 0, max(0, right - left) // 2, line.height())
            if said and self.fontMetrics().horizontalAdvance(said) <= box.width():
                role = QPalette.ColorRole.PlaceholderText
                left += self._draw(painter, box, said, role) + _GAP
            rest = QRect(left, 0, right - left, line.height())
        else:
            rest = QRect(_EDGE, line.bottom(), line.width(), self.fontMetrics().height())
        self._draw(painter, rest, shown_name(self.caption.tile.path), QPalette.ColorRole.Text)

    def _draw_at_end(self, painter: QPainter, line: QRect, text: str) -> int:
        """Draw `text` at the right end of `line` and return where there is room before it."""
        width = self.fontMetrics().horizontalAdvance(text)
        box = QRect(line.right() - width, line.top(), width + 1, line.height())
        self._draw(painter, box, text, QPalette.ColorRole.PlaceholderText)
        return box.left() - (_GAP if text else 0)

    def _draw(self, painter: QPainter, box: QRect, text: str, role: QPalette.ColorRole) -> int:
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, box.width())
        painter.setPen(self.palette().color(role))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(box, int(flags), shown)
        return self.fontMetrics().horizontalAdvance(shown)

    def _line_height(self) -> int:
        return chip_height(font_of(self.font(), 0.95)) + 6


class Pane(QWidget):
    """A zoomable picture with its caption; a ring marks the one that keys act on.

    Attributes:
        row: The image row that is shown; -1 for none.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ZoomView(self)
        self.bar = CaptionBar(self)
        self.row = -1
        self._is_ringed = False
        self.setLayout(column(self.view, self.bar, margins=(3, 3, 3, 0), spacing=0, grows=0))

    def set_ringed(self, is_ringed: bool) -> None:
        """Show or hide the ring of the picture that keys act on."""
        if is_ringed != self._is_ringed:
            self._is_ringed = is_ringed
            self.update()

    def show_caption(self, caption: Caption) -> None:
        """Show the caption, also to screen readers."""
        self.bar.show_caption(caption)
        name, state = shown_name(caption.tile.path), state_text(caption.tile)
        text = tr("Picture {name}, {place}, {state}", name=name, place=caption.place, state=state)
        self.view.setAccessibleName(text)

    def resizeEvent(self, event: object) -> None:
        """Give the caption one line or two."""
        del event
        self.bar.setFixedHeight(self.bar.height_for(self.width()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring around the picture."""
        if not self._is_ringed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = QPalette.ColorGroup.Active
        painter.setPen(QPen(self.palette().color(group, QPalette.ColorRole.Accent), 3))
        painter.drawRoundedRect(QRectF(self.view.geometry()).adjusted(-1, -1, 1, 1), 9, 9)
