"""Paints a tile of the grid: the picture on its mat, the chip that says its label, the name.

What costs time (scaling, rounded corners, text layout) is done once and kept as a pixmap, so
painting a tile is a few blits.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nameplate.ui.chips import Chip, Ink, chip_height, chip_of, draw_chip, draw_problem
from nameplate.ui.thumbnails import PixmapCache, ThumbnailLoader
from nameplate.ui.tile_model import Tile, TileKind, TileRole, shown_name

_PAD: Final = 6
_MAT_RATIO: Final = 0.84
_MAT_PAD: Final = 5
_MAT_GAP: Final = 6
_NAME_GAP: Final = 3
_MAT_RADIUS: Final = 7.0
_PICTURE_RADIUS: Final = 3.0
_TILE_RADIUS: Final = 10.0
_MOST_NAMES: Final = 4096
_PICTURE_BYTES: Final = 96 * 2**20
_CHIP_BYTES: Final = 16 * 2**20

_State = QStyle.StateFlag


class _PictureKey(NamedTuple):
    path: Path
    source: int
    width: int
    height: int


class _ProblemKey(NamedTuple):
    reason: str
    width: int
    ratio: float


class _ChipKey(NamedTuple):
    chip: Chip
    width: int
    ratio: float


@dataclass(frozen=True, slots=True)
class _Look:
    """The colours and metrics of one palette and font."""

    mat: QColor
    muted: QColor
    accent: QColor
    tint: QColor
    hover: QColor
    name_font: QFont
    name_height: int
    chip_height: int
    ink: Ink

    @classmethod
    def of(cls, palette: QPalette, font: QFont) -> "_Look":
        group = QPalette.ColorGroup.Active
        base = palette.color(group, QPalette.ColorRole.Base)
        accent = palette.color(group, QPalette.ColorRole.Highlight)
        text = palette.color(group, QPalette.ColorRole.Text)
        is_dark = base.lightness() < 128
        small = QFont(font)
        small.setPointSizeF(max(7.0, font.pointSizeF() * 0.92))
        chip = QFont(small)
        chip.setWeight(QFont.Weight.Medium)
        return cls(
            mat=palette.color(group, QPalette.ColorRole.AlternateBase),
            muted=palette.color(group, QPalette.ColorRole.PlaceholderText),
            accent=accent,
            tint=_faint(accent, 0.26 if is_dark else 0.13),
            hover=_faint(text, 0.05),
            name_font=small,
            name_height=QFontMetrics(small).height(),
            chip_height=chip_height(chip),
            ink=Ink.of(palette, chip),
        )


class TileDelegate(QStyledItemDelegate):
    """Paints tiles for `ImageGrid`, with pictures from a thumbnail loader."""

    def __init__(self, loader: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._look = _Look.of(QGuiApplication.palette(), QGuiApplication.font())
        self._pictures: PixmapCache[_PictureKey] = PixmapCache(_PICTURE_BYTES)
        self._chips: PixmapCache[_ChipKey] = PixmapCache(_CHIP_BYTES)
        self._problems: PixmapCache[_ProblemKey] = PixmapCache(_CHIP_BYTES)
        self._names: dict[tuple[str, int], str] = {}

    def set_look(self, palette: QPalette, font: QFont) -> None:
        """Paint with the colours of `palette` and the letters of `font` from now on."""
        self._look = _Look.of(palette, font)
        self._chips.clear()
        self._problems.clear()
        self._names.clear()

    def height_for(self, width: int) -> int:
        """Return the height of a tile of `width`."""
        look = self._look
        texts = _MAT_GAP + look.chip_height + _NAME_GAP + look.name_height + _PAD
        return _PAD + self._mat(QRect(0, 0, width, 0)).height() + texts

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of a tile as wide as the option's rectangle."""
        del index
        width = option.rect.width()
        return QSize(width, self.height_for(width))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the tile of `index`; nothing is read or decoded here."""
        tile: Tile | None = index.data(TileRole)
        if tile is None:
            return
        rect: QRect = option.rect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, option.state)
        mat = self._mat(rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.mat)
        painter.drawRoundedRect(QRectF(mat), _MAT_RADIUS, _MAT_RADIUS)
        if tile.kind is TileKind.UNREADABLE:
            self._paint_problem(painter, mat, tile.note)
        else:
            self._paint_picture(painter, mat, tile.path)
        self._paint_texts(painter, mat, tile)
        self._paint_rings(painter, rect, option.state)

    @staticmethod
    def _mat(tile: QRect) -> QRect:
        width = tile.width() - 2 * _PAD
        return QRect(tile.left() + _PAD, tile.top() + _PAD, width, round(width * _MAT_RATIO))

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & _State.State_Selected)
        if not is_selected and not state & _State.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.tint if is_selected else self._look.hover)
        painter.drawRoundedRect(QRectF(rect), _TILE_RADIUS, _TILE_RADIUS)

    def _paint_rings(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        """Draw the ring of a selected tile (thin) and of the current one (strong).

        A current tile that is not selected has a dashed ring, and the ring of the current tile is
        a little weaker while the keyboard is elsewhere: where keys go is seen without colours.
        """
        is_selected = bool(state & _State.State_Selected)
        is_current = bool(state & _State.State_HasFocus)
        if not is_selected and not is_current:
            return
        width = 1.25
        if is_current:
            width = 3.0 if state & _State.State_Active else 2.0
        pen = QPen(self._look.accent, width)
        if not is_selected:
            pen = QPen(self._look.muted, 2.0, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = pen.widthF() / 2
        radius = _TILE_RADIUS - inset
        painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius)

    def _paint_picture(self, painter: QPainter, mat: QRect, path: Path) -> None:
        room = mat.adjusted(_MAT_PAD, _MAT_PAD, -_MAT_PAD, -_MAT_PAD)
        ratio = painter.device().devicePixelRatioF()
        thumbnail = self._loader.pixmap(path, round(max(room.width(), room.height()) * ratio))
        if thumbnail is None:
            if self._loader.has_failed(path):
                self._paint_problem(painter, mat, "cannot be shown")
            return
        picture = self._picture(path, thumbnail, room.size(), ratio)
        size = picture.deviceIndependentSize()
        # On whole pixels: a picture between them would be blurred.
        x = mat.left() + round((mat.width() - size.width()) / 2)
        y = mat.top() + round((mat.height() - size.height()) / 2)
        painter.drawPixmap(x, y, picture)

    def _picture(self, path: Path, thumbnail: QPixmap, room: QSize, ratio: float) -> QPixmap:
        """Return `thumbnail` fitted into `room`, with rounded corners."""
        wanted = thumbnail.size().scaled(room * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        wanted = wanted.expandedTo(QSize(1, 1))
        key = _PictureKey(path, thumbnail.cacheKey(), wanted.width(), wanted.height())
        found = self._pictures.get(key)
        if found is None:
            found = _rounded(thumbnail, wanted, _PICTURE_RADIUS * ratio)
            found.setDevicePixelRatio(ratio)
            self._pictures.put(key, found)
        return found

    def _paint_texts(self, painter: QPainter, mat: QRect, tile: Tile) -> None:
        look = self._look
        top = mat.bottom() + 1 + _MAT_GAP
        chip = chip_of(tile)
        if chip is not None:
            pixmap = self._chip(chip, mat.width(), painter.device().devicePixelRatioF())
            painter.drawPixmap(mat.left(), top, pixmap)
        painter.setFont(look.name_font)
        painter.setPen(look.muted)
        name = QRect(mat.left(), top + look.chip_height + _NAME_GAP, mat.width(), look.name_height)
        text = self._elided(shown_name(tile.path), mat.width() - 4)
        painter.drawText(name.translated(2, 0), Qt.AlignmentFlag.AlignLeft, text)

    def _chip(self, chip: Chip, width: int, ratio: float) -> QPixmap:
        key = _ChipKey(chip, width, ratio)
        found = self._chips.get(key)
        if found is None:
            size = QSize(width, self._look.chip_height)
            found = draw_chip(chip, size, ratio, self._look.ink)
            self._chips.put(key, found)
        return found

    def _elided(self, name: str, width: int) -> str:
        found = self._names.get((name, width))
        if found is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            metrics = QFontMetrics(self._look.name_font)
            found = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width)
            self._names[name, width] = found
        return found

    def _paint_problem(self, painter: QPainter, mat: QRect, reason: str) -> None:
        ratio = painter.device().devicePixelRatioF()
        key = _ProblemKey(reason, mat.width(), ratio)
        found = self._problems.get(key)
        if found is None:
            found = draw_problem(reason, mat.size(), ratio, self._look.ink)
            self._problems.put(key, found)
        painter.drawPixmap(mat.topLeft(), found)


def _rounded(source: QPixmap, size: QSize, radius: float) -> QPixmap:
    scaled = source.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    rounded = QPixmap(size)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(QRectF(0, 0, size.width(), size.height()), radius, radius)
    painter.end()
    return rounded


def _faint(colour: QColor, alpha: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(alpha)
    return faint
