"""Paints tiles of the grid: picture, label chip, file name.

A tile is painted once and kept as a pixmap, so that a frame of scrolling is one blit for each tile.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from PySide6.QtCore import (
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
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
from nameplate.ui.tiles.pixmap_cache import PixmapCache
from nameplate.ui.tiles.stack_marks import (
    PILE_HEIGHT,
    number_box,
    paint_bracket,
    paint_number,
    paint_pile,
    stack_number,
)
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.painting import clear_pixmap, faint, font_of, smooth_painter

_PAD: Final = 6
_MAT_RATIO: Final = 0.84
_MAT_PAD: Final = 5
_MAT_GAP: Final = 6
_NAME_GAP: Final = 3
_MAT_RADIUS: Final = 7.0
_PICTURE_RADIUS: Final = 3.0
_TILE_RADIUS: Final = 10.0
_MOST_NAMES: Final = 4096
_TILE_BYTES: Final = 32 * 2**20
_PART_BYTES: Final = 16 * 2**20

_NO_PICTURE: Final = 0
_NEVER_A_PICTURE: Final = -1


class Marks(NamedTuple):
    """The interaction state of a tile, such as selected.

    Attributes:
        is_selected: It is selected.
        is_current: It is the current item, from which keys move.
        is_hovered: The mouse is over it.
        is_active: The grid has the keyboard focus.
    """

    is_selected: bool = False
    is_current: bool = False
    is_hovered: bool = False
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class _TileStyle:
    """The colours and metrics of one palette and font."""

    mat: QColor
    text: QColor
    muted: QColor
    accent: QColor
    tint: QColor
    hover: QColor
    name_font: QFont
    name_height: int
    chip_height: int
    chip_style: ChipStyle

    @classmethod
    def of(cls, palette: QPalette, font: QFont) -> "_TileStyle":
        group = QPalette.ColorGroup.Active
        base = palette.color(group, QPalette.ColorRole.Base)
        accent = palette.color(group, QPalette.ColorRole.Highlight)
        text = palette.color(group, QPalette.ColorRole.Text)
        is_dark = base.lightness() < 128
        small = font_of(font, max(7.0 / font.pointSizeF(), 0.92))
        chip = font_of(small, weight=QFont.Weight.Medium)
        return cls(
            mat=palette.color(group, QPalette.ColorRole.AlternateBase),
            text=text,
            muted=palette.color(group, QPalette.ColorRole.PlaceholderText),
            accent=accent,
            tint=faint(accent, 0.26 if is_dark else 0.13),
            hover=faint(text, 0.05),
            name_font=small,
            name_height=QFontMetrics(small).height(),
            chip_height=chip_height(chip),
            chip_style=ChipStyle.of(palette, chip),
        )


class TilePainter:
    """Paints the tiles of the grid, with thumbnails of a loader."""

    def __init__(self, loader: ThumbnailLoader) -> None:
        self._loader = loader
        self._style = _TileStyle.of(QGuiApplication.palette(), QGuiApplication.font())
        self._kept = PixmapCache[tuple[Tile, int, int, int, float]](_TILE_BYTES)
        self._parts = PixmapCache[tuple[Marks | Chip | str, int, int, float]](_PART_BYTES)
        self._names: dict[tuple[str, int], str] = {}
        self._lines = 0  # of details beneath the name
        self._fit: tuple[int, float, Fit] | None = None  # the last answer of `fit_for`

    def set_style(self, palette: QPalette, font: QFont) -> None:
        """Set the palette and font to paint with."""
        self._style = _TileStyle.of(palette, font)
        self._kept.clear()
        self._parts.clear()
        self._names.clear()

    def set_details(self, *, are_shown: bool) -> None:
        """Set whether tiles have room for details."""
        self._lines = 1 + DETAILED_NAMES if are_shown else 0
        self._kept.clear()
        self._parts.clear()

    def height_for(self, width: int) -> int:
        """Return the height of a tile of `width`."""
        style = self._style
        texts = _MAT_GAP + style.chip_height + _NAME_GAP + style.name_height + _PAD
        texts += self._lines * style.name_height
        return _PAD + self._mat(QRect(0, 0, width, 0)).height() + texts

    def paint(self, painter: QPainter, rect: QRect, tile: Tile, marks: Marks) -> None:
        """Paint `tile` in `rect`, without reading or decoding files."""
        ratio, size = painter.device().devicePixelRatioF(), rect.size()
        corner = QPointF(rect.topLeft())
        if not ratio.is_integer():
            corner = on_pixels(painter, corner)
        if marks.is_selected or marks.is_current or marks.is_hovered:
            painter.drawPixmap(corner, self._marks(marks, size, ratio))
        painter.drawPixmap(corner, self._pixmap(tile, size, ratio))
        if tile.opened:
            paint_bracket(painter, rect, tile.opened, self._style.muted)

    def count_box(self, rect: QRect, tile: Tile) -> QRectF:
        """Return where the number of a stack stands in a tile at `rect`; empty for none."""
        text = stack_number(tile)
        return number_box(self._mat(rect), text, self._style.name_font) if text else QRectF()

    def fit_for(self, width: int, ratio: float) -> Fit:
        """Return how a picture fits into a tile of `width` at `ratio` device pixels a pixel."""
        if self._fit is None or self._fit[:2] != (width, ratio):
            room = _room(self._mat(QRect(0, 0, width, 0)))
            across, down = int(room.width() * ratio), int(room.height() * ratio)
            self._fit = (width, ratio, Fit(across, down, _PICTURE_RADIUS * ratio))
        return self._fit[2]

    def _pixmap(self, tile: Tile, size: QSize, ratio: float) -> QPixmap:
        """Return the tile painted without marks: neither selected nor current."""
        fit = self.fit_for(size.width(), ratio)
        picture, source = None, _NEVER_A_PICTURE
        if tile.kind is not TileKind.UNREADABLE:
            picture = self._loader.pixmap(tile.path, fit)
            if picture is not None:
                source = picture.cacheKey()
            elif not self._loader.has_failed(tile.path):
                source = _NO_PICTURE
        problem = tile.note if tile.kind is TileKind.UNREADABLE else "cannot be shown"

        def make() -> QPixmap:
            made, mat = clear_pixmap(size, ratio), self._mat(QRect(QPoint(), size))
            with smooth_painter(made) as painter:
                top = mat  # of a pile, lower: its edges stand between it and the ring
                if tile.count > 1:
                    top = mat.adjusted(0, PILE_HEIGHT, 0, 0)
                    paint_pile(painter, top, _MAT_RADIUS, self._style.mat, self._style.muted)
                painter.setBrush(self._style.mat)
                painter.drawRoundedRect(QRectF(top), _MAT_RADIUS, _MAT_RADIUS)
                if picture is not None:
                    draw_fitted(painter, QRectF(top), picture, fit)
                elif source == _NEVER_A_PICTURE:
                    self._paint_problem(painter, mat, problem)
                self._paint_number(painter, mat, tile)
                self._paint_texts(painter, mat, tile)
            return made

        return self._kept.get_or_make((tile, source, size.width(), size.height(), ratio), make)

    @staticmethod
    def _mat(tile: QRect) -> QRect:
        width = tile.width() - 2 * _PAD
        return QRect(tile.left() + _PAD, tile.top() + _PAD, width, round(width * _MAT_RATIO))

    def _marks(self, marks: Marks, size: QSize, ratio: float) -> QPixmap:
        """Return the pixmap beneath a tile: its background and the rings around it."""

        def make() -> QPixmap:
            made, rect = clear_pixmap(size, ratio), QRectF(QPointF(), QSizeF(size))
            with smooth_painter(made) as painter:
                if marks.is_selected or marks.is_hovered:
                    painter.setBrush(self._style.tint if marks.is_selected else self._style.hover)
                    painter.drawRoundedRect(rect, _TILE_RADIUS, _TILE_RADIUS)
                if marks.is_selected or marks.is_current:
                    self._paint_rings(painter, rect, marks)
            return made

        return self._parts.get_or_make((marks, size.width(), size.height(), ratio), make)

    def _paint_rings(self, painter: QPainter, rect: QRectF, marks: Marks) -> None:
        """Draw the ring of a selected tile (thin) and of the current one (strong).

        A current tile that is not selected has a dashed ring, and the ring of the current tile is
        a little weaker without the focus: the focus is visible without colours.
        """
        width = 1.25
        if marks.is_current:
            width = 3.0 if marks.is_active else 2.0
        pen = QPen(self._style.accent, width)
        if not marks.is_selected:
            pen = QPen(self._style.muted, 2.0, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = pen.widthF() / 2
        radius = _TILE_RADIUS - inset
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)

    def _paint_number(self, painter: QPainter, mat: QRect, tile: Tile) -> None:
        if text := stack_number(tile):
            style = self._style
            box = number_box(mat, text, style.name_font)
            paint_number(painter, box, text, style.name_font, style.mat, style.text)

    def _paint_texts(self, painter: QPainter, mat: QRect, tile: Tile) -> None:
        style = self._style
        top = mat.bottom() + 1 + _MAT_GAP
        chip, ratio = chip_of(tile), painter.device().devicePixelRatioF()
        if chip is not None:
            size = QSize(mat.width(), style.chip_height)
            pixmap = self._parts.get_or_make(
                (chip, size.width(), size.height(), ratio),
                lambda: draw_chip(chip, size, ratio, style.chip_style),
            )
            painter.drawPixmap(on_pixels(painter, QPointF(mat.left(), top)), pixmap)
        painter.setFont(style.name_font)
        painter.setPen(style.muted)
        name = QRect(
            mat.left(), top + style.chip_height + _NAME_GAP, mat.width(), style.name_height
        )
        score = "" if tile.likeness is None else f"{tile.likeness:.2f}"
        self._paint_detail(painter, name.adjusted(2, 0, -2, 0), shown_name(tile.path), score)
        for start, end in tile.details[: self._lines]:
            name.translate(0, style.name_height)
            self._paint_detail(painter, name.adjusted(2, 0, -2, 0), start, end)

    def _paint_detail(self, painter: QPainter, line: QRect, start: str, end: str) -> None:
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, end)
        room = line.width() - (painter.fontMetrics().horizontalAdvance(end + "  ") if end else 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self._elided(start, max(room, 0)))

    def _elided(self, name: str, width: int) -> str:
        found = self._names.get((name, width))
        if found is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            metrics = QFontMetrics(self._style.name_font)
            found = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width)
            self._names[name, width] = found
        return found

    def _paint_problem(self, painter: QPainter, mat: QRect, reason: str) -> None:
        ratio = painter.device().devicePixelRatioF()
        found = self._parts.get_or_make(
            (reason, mat.width(), mat.height(), ratio),
            lambda: draw_problem(reason, mat.size(), ratio, self._style.chip_style),
        )
        painter.drawPixmap(on_pixels(painter, QPointF(mat.topLeft())), found)


def _room(mat: QRect) -> QRect:
    return mat.adjusted(_MAT_PAD, _MAT_PAD, -_MAT_PAD, -_MAT_PAD)


def draw_fitted(painter: QPainter, box: QRectF, picture: QPixmap, fit: Fit) -> None:
    """Draw a thumbnail in the middle of `box`, as large as `fit` says."""
    ratio = painter.device().devicePixelRatioF()
    size = QSizeF(picture.width() / ratio, picture.height() / ratio)
    if picture.width() != fit.width and picture.height() != fit.height:
        # It was made for another size; it is stretched until the right one is ready.
        room = QSizeF(fit.width / ratio, fit.height / ratio)
        size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    corner = box.center() - QPointF(size.width() / 2, size.height() / 2)
    target = QRectF(on_pixels(painter, corner), size)
    painter.drawPixmap(target, picture, QRectF(picture.rect()))


def on_pixels(painter: QPainter, point: QPointF) -> QPointF:
    """Return the point nearest to `point` on whole device pixels.

    A pixmap between pixels would be blurred; at ratios such as 1.25 whole logical pixels are not.
    """
    to_device = painter.deviceTransform()
    there = to_device.map(point)
    on_grid = QPointF(round(there.x()), round(there.y()))
    return to_device.inverted()[0].map(on_grid)
