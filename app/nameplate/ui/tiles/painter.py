"""The painter of pictures with their chips, for tiles of the grid and for pages.

What many tiles have in common, such as a chip, is painted once and kept as a pixmap, so that a tile
is two blits: its picture and its chip.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)

from nameplate.ui.tiles.chips import Chip, ChipStyle, chip_height, chip_of, draw_chip, draw_problem
from nameplate.ui.tiles.model import DETAILED_NAMES, Tile, TileKind, shown_name
from nameplate.ui.tiles.pixmap_cache import LruCache, bytes_of
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.painting import (
    SMALL,
    capitalised,
    clear_pixmap,
    faint,
    font_of,
    mirrored,
    smooth_painter,
)
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

LARGE_SIDE: Final = 208
"""From this width on, in pixels, a tile shows its picture as large, and the name of its file."""

REACH: Final = 3
"""Pixels by which the marks of a tile reach beyond it on each side."""

_ROOM_RATIO: Final = 0.84
"""The height of the room for a picture where its width is 1."""

_CHIP_GAP: Final = 6
_NAME_GAP: Final = 2
_BELOW: Final = 4
_NUMBER_INSET: Final = 4
PICTURE_RADIUS: Final = 4.0
_MARKS_RADIUS: Final = 7.0
_PART_BYTES: Final = 16 * 2**20

_EDGES: Final = ((4.0, 8.0), (2.0, 4.0))
"""By how much each of the pictures beneath is higher, and narrower on each side."""

_PILE_HEIGHT: Final = 4
"""Pixels that the others of a pile take above the uppermost picture."""

_BETWEEN: Final = 8
"""Pixels between two tiles of a row."""

_IN_THE_MIDDLE: Final = Qt.TextElideMode.ElideMiddle
_AT_END: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class Marks(NamedTuple):
    """The interaction state of a picture, such as selected.

    Attributes:
        is_selected: It is selected; on a page, it was dragged over last.
        is_current: It is the current item, which keys are for or move from.
        is_hovered: The mouse is over it.
        is_active: The grid, or the page, has the keyboard focus.
    """

    is_selected: bool = False
    is_current: bool = False
    is_hovered: bool = False
    is_active: bool = False


_Part = tuple[Marks | Chip | str, int, int, float]
"""What is kept as a pixmap: marks, a chip, or why there is no picture; its width and height in
pixels, and how many device pixels a pixel has."""


class PicturePainter:
    """Paints the pictures of a loader and their overlays, for grid and pages."""

    def __init__(self, loader: ThumbnailLoader, small: float) -> None:
        """Paint with small letters of a size of `small`, where that of the window's font is 1."""
        self._loader = loader
        self._factor = small
        self._parts = LruCache[_Part, QPixmap](_PART_BYTES, bytes_of)
        self.set_style(QGuiApplication.palette(), QGuiApplication.font())

    def set_style(self, palette: QPalette, font: QFont) -> None:
        """Set the palette and font to paint with."""
        group = QPalette.ColorGroup.Active
        self._mat_colour = palette.color(group, QPalette.ColorRole.AlternateBase)
        self._accent = palette.color(group, QPalette.ColorRole.Accent)
        self._filled = palette.color(group, QPalette.ColorRole.Highlight)
        self._small = font_of(font, max(7.0 / font.pointSizeF(), self._factor))
        self._style = ChipStyle.of(palette, font_of(self._small, weight=QFont.Weight.Medium))
        self._chip_height = chip_height(self._style.font)
        self._parts.clear()

    def number_box(self, picture: QRect, text: str) -> QRectF:
        """Return where a number of pictures stands: in the upper right corner; empty for none."""
        if not text:
            return QRectF()
        metrics = QFontMetrics(self._small)
        width, height = metrics.horizontalAdvance(text) + 14, metrics.height() + 4
        return QRectF(
            picture.right() - _NUMBER_INSET - width, picture.top() + _NUMBER_INSET, width, height
        )

    def _paint_number(self, painter: QPainter, picture: QRect, text: str) -> None:
        """Write a number of pictures, if there is one, so that it can be read on any picture."""
        if not text:
            return
        box = self.number_box(picture, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._style.text, 1.0))
        painter.setBrush(faint(self._mat_colour, 0.9))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setFont(self._small)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _paint_picture(
        self, painter: QPainter, box: QRectF, picture: QPixmap | None, fit: Fit, problem: str
    ) -> None:
        """Paint a picture, or its ground while there is none, and why there never will be."""
        if picture is not None:
            draw_fitted(painter, box, picture, fit)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._mat_colour)
        painter.drawRoundedRect(box, PICTURE_RADIUS, PICTURE_RADIUS)
        if problem:
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._part(capitalised(problem), box.size().toSize(), ratio)
            painter.drawPixmap(on_pixels(painter, box.topLeft()), pixmap)

    def _part(self, part: Chip | str, size: QSize, ratio: float) -> QPixmap:
        """Return a chip, or why a picture cannot be shown, painted at most as large as `size`."""

        def make() -> QPixmap:
            if isinstance(part, Chip):
                return draw_chip(part, size, ratio, self._style)
            return draw_problem(part, size, ratio, self._style)

        return self._parts.get_or_make((part, size.width(), size.height(), ratio), make)


class TilePainter(PicturePainter):
    """Paints the tiles of the grid."""

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__(loader, SMALL)
        self._lines = 0  # of details beneath the name

    def set_style(self, palette: QPalette, font: QFont) -> None:
        """Set the palette and font to paint with."""
        super().set_style(palette, font)
        self._name_height = QFontMetrics(self._small).height()

    def set_details(self, *, are_shown: bool) -> None:
        """Set whether tiles have room for details."""
        self._lines = 1 + DETAILED_NAMES if are_shown else 0

    def height_for(self, width: int) -> int:
        """Return the height of a tile of `width`."""
        lines = self._lines_for(width)
        names = _NAME_GAP + lines * self._name_height if lines else 0
        texts = _CHIP_GAP + self._chip_height + names + _BELOW
        return _room_height(width) + texts

    def _lines_for(self, width: int) -> int:
        """Return how many lines of text stand beneath the chip."""
        return self._lines or int(width >= LARGE_SIDE)

    def paint(self, painter: QPainter, rect: QRect, tile: Tile, marks: Marks) -> None:
        """Paint `tile` in `rect`, and its marks around it, without reading or decoding files."""
        ratio = painter.device().devicePixelRatioF()
        if marks.is_selected or marks.is_current or marks.is_hovered:
            around = rect.adjusted(-REACH, -REACH, REACH, REACH)
            pixmap = self._marks(marks, around.size(), ratio)
            painter.drawPixmap(on_pixels(painter, QPointF(around.topLeft())), pixmap)
        fit = self.fit_for(rect.width(), ratio)
        is_readable = tile.kind is not TileKind.UNREADABLE
        picture = self._loader.pixmap(tile.path, fit) if is_readable else None
        box = _picture_box(rect, tile, picture, fit, ratio)
        if tile.count > 1:
            _paint_pile(painter, box, self._mat_colour, self._style.muted)
        failure = tr("Can't be shown") if self._loader.has_failed(tile.path) else ""
        problem = failure if is_readable else tile.note
        self._paint_picture(painter, box, picture, fit, problem)
        self._paint_number(painter, box.toRect(), stack_number(tile))
        self._paint_texts(painter, rect, tile)
        if tile.opened:
            _paint_bracket(painter, rect, tile.opened, self._style.muted)

    def count_box(self, rect: QRect, tile: Tile, ratio: float) -> QRectF:
        """Return where the number of a stack stands in a tile at `rect`; empty for none."""
        fit = self.fit_for(rect.width(), ratio)
        box = _picture_box(rect, tile, self._loader.pixmap(tile.path, fit), fit, ratio)
        return self.number_box(box.toRect(), stack_number(tile))

    def fit_for(self, width: int, ratio: float) -> Fit:
        """Return how a picture fits into a tile of `width` at `ratio` device pixels a pixel."""
        return _fit_for(width, ratio)

    def _marks(self, marks: Marks, size: QSize, ratio: float) -> QPixmap:
        """Return the pixmap beneath a tile: its background and the rings around it."""

        def make() -> QPixmap:
            made, rect = clear_pixmap(size, ratio), QRectF(QPointF(), QSizeF(size))
            with smooth_painter(made) as painter:
                if marks.is_selected or marks.is_hovered:
                    tint = faint(self._filled, 0.26 if self._style.is_dark else 0.13)
                    painter.setBrush(tint if marks.is_selected else faint(self._style.text, 0.07))
                    painter.drawRoundedRect(rect, _MARKS_RADIUS, _MARKS_RADIUS)
                if marks.is_selected or marks.is_current:
                    self._paint_ring_of_tile(painter, rect, marks)
            return made

        return self._parts.get_or_make((marks, size.width(), size.height(), ratio), make)

    def _paint_ring_of_tile(self, painter: QPainter, rect: QRectF, marks: Marks) -> None:
        """Draw the ring of a selected tile (thin) or of the current one (strong).

        A current tile that is not selected has a dashed ring, and the ring of the current tile is
        a little weaker without the focus: the focus is visible without colours.
        """
        width = 1.25
        if marks.is_current:
            width = 3.0 if marks.is_active else 2.0
        pen = QPen(self._accent, width)
        if not marks.is_selected:
            pen = QPen(self._style.muted, 2.0, Qt.PenStyle.DotLine)
        paint_ring(painter, rect, _MARKS_RADIUS, pen)

    def _paint_texts(self, painter: QPainter, tile_box: QRect, tile: Tile) -> None:
        """Draw the lines below the picture: chip, similarity, name and details."""
        width = tile_box.width()
        top = tile_box.top() + _room_height(width) + _CHIP_GAP
        lines = self._lines_for(width)
        if lines or tile.similarity is not None:
            painter.setFont(self._small)
            painter.setPen(self._style.muted)
        room = width
        if tile.similarity is not None:
            score = format_number(tile.similarity, ".2f")
            line = QRect(tile_box.left(), top, width, self._chip_height)
            painter.drawText(line, int(_AT_END), score)
            room -= painter.fontMetrics().horizontalAdvance(score) + _CHIP_GAP
        if (chip := chip_of(tile)) is not None:
            size, ratio = QSize(room, self._chip_height), painter.device().devicePixelRatioF()
            pixmap = self._part(chip, size, ratio)
            left = mirrored(QRect(tile_box.left(), top, room, 1), tile_box).left()
            left += (room - pixmap.width() / ratio) / 2
            painter.drawPixmap(on_pixels(painter, QPointF(left, top)), pixmap)
        if not lines:
            return
        below = top + self._chip_height + _NAME_GAP
        text = QRectF(tile_box.left() + 1, below, width - 2, self._name_height)
        name = painter.fontMetrics().elidedText(shown_name(tile.path), _IN_THE_MIDDLE, width - 2)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignCenter), name)
        for start, end in tile.details[: max(0, self._lines - 1)]:
            text.translate(0, self._name_height)
            _paint_line(painter, text, start, end)


@lru_cache(maxsize=16)
def _fit_for(width: int, ratio: float) -> Fit:
    return Fit(int(width * ratio), int(_room_height(width) * ratio), PICTURE_RADIUS * ratio)


def _room_height(width: int) -> int:
    """Return the height of the room for the picture in a tile of `width`, which it has all of."""
    return round(width * _ROOM_RATIO)


def _picture_box(
    rect: QRect, tile: Tile, picture: QPixmap | None, fit: Fit, ratio: float
) -> QRectF:
    """Return where the picture of a tile at `rect` lies: above its chip.

    That is all of its room while there is none, and a little lower where a pile needs that.
    """
    width, height = rect.width(), _room_height(rect.width())
    size = QSizeF(width, height) if picture is None else shown_size(picture, fit, ratio)
    top = rect.top() + height - size.height()
    if tile.count > 1:
        top = max(top, rect.top() + _PILE_HEIGHT)
    return QRectF(QPointF(rect.left() + (width - size.width()) / 2, top), size)


def _paint_line(painter: QPainter, line: QRectF, start: str, end: str) -> None:
    metrics = painter.fontMetrics()
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight), end)
    room = max(0, line.width() - (metrics.horizontalAdvance(end + "  ") if end else 0))
    shown = metrics.elidedText(start, _IN_THE_MIDDLE, int(room))
    painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), shown)


def paint_ring(painter: QPainter, box: QRectF, radius: float, pen: QPen) -> None:
    """Draw a ring within the edges of a rounded box."""
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = pen.widthF() / 2
    box = box.adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(box, radius - inset, radius - inset)


def draw_fitted(painter: QPainter, box: QRectF, picture: QPixmap, fit: Fit) -> None:
    """Draw a thumbnail in `box`, which has its `shown_size`."""
    if not _is_made_for(picture, fit):
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    box = QRectF(on_pixels(painter, box.topLeft()), box.size())
    painter.drawPixmap(box, picture, QRectF(picture.rect()))


def _is_made_for(picture: QPixmap, fit: Fit) -> bool:
    across, down = fit.width - picture.width(), fit.height - picture.height()
    return min(across, down) == 0


def shown_size(picture: QPixmap, fit: Fit, ratio: float) -> QSizeF:
    """Return the size of a thumbnail in pixels: stretched until that of the right size is ready."""
    size = QSizeF(picture.width() / ratio, picture.height() / ratio)
    if _is_made_for(picture, fit):
        return size
    room = QSizeF(fit.width / ratio, fit.height / ratio)
    return size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)


def on_pixels(painter: QPainter, point: QPointF) -> QPointF:
    """Return the point nearest to `point` on whole device pixels.

    A pixmap between pixels would be blurred; at ratios such as 1.25 whole logical pixels are not.
    """
    if painter.device().devicePixelRatioF() == 1.0:
        return QPointF(round(point.x()), round(point.y()))
    to_device = painter.deviceTransform()
    there = to_device.map(point)
    on_grid = QPointF(round(there.x()), round(there.y()))
    return to_device.inverted()[0].map(on_grid)


def times(count: int) -> str:
    """Return how many pictures something stands for: `×4`."""
    return f"\N{MULTIPLICATION SIGN}{format_number(count)}"


def stack_number(tile: Tile) -> str:
    """Return the text in the corner of a tile: `×4`, `2/4` if it is open, or nothing."""
    if tile.count > 1:
        return times(tile.count)
    return f"{tile.opened[0]}/{tile.opened[1]}" if tile.opened else ""


def _paint_pile(painter: QPainter, picture: QRectF, ground: QColor, ink: QColor) -> None:
    """Paint the edges of two more pictures behind one."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 1.0))
    painter.setBrush(ground)
    for above, narrower in _EDGES:
        edge = picture.adjusted(narrower, 0.5 - above, -narrower, -above)
        painter.drawRoundedRect(edge, PICTURE_RADIUS, PICTURE_RADIUS)


def _paint_bracket(painter: QPainter, tile: QRect, opened: tuple[int, int], ink: QColor) -> None:
    """Paint the part of a tile in the bracket around an open stack: open to its neighbours."""
    place, of = opened
    box = QRectF(tile).adjusted(-2, -2, 2, 2)
    left = box.left() if place == 1 else tile.left() - _BETWEEN / 2
    right = box.right() if place == of else tile.right() + 1 + _BETWEEN / 2
    painter.save()
    painter.setPen(QPen(ink, 2.0))
    for y in (box.top(), box.bottom()):
        painter.drawLine(QPointF(left, y), QPointF(right, y))
    for x, is_end in ((left, place == 1), (right, place == of)):
        if is_end:
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
    painter.restore()
