"""One picture on a page, and how it is painted: as suggested, wrong, renamed, skipped, decided."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen

from nameplate.ui.tiles.chips import Chip, ChipForm, ChipStyle, chip_height, draw_chip, draw_problem
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.tiles.painter import draw_fitted, on_pixels
from nameplate.ui.tiles.pixmap_cache import PixmapCache
from nameplate.ui.tiles.stack_marks import number_box, paint_number, times
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.painting import faint, font_of

_PAD: Final = 5
_BETWEEN: Final = 2
_RADIUS: Final = 8.0
_PICTURE_RADIUS: Final = 3.0
_PART_BYTES: Final = 4 * 2**20


class Verdict(Enum):
    """What is said of a picture on a page; the value is said to a screen reader."""

    RIGHT = "right"
    WRONG = "wrong"
    NAMED = "renamed"
    SKIPPED = "skipped"
    DECIDED = "decided"
    ASKED = "not named yet"
    ANSWERED = "named"
    GONE = "cannot be shown"


@dataclass(frozen=True, slots=True)
class PagePicture:
    """What a page shows of one picture.

    Attributes:
        path: The file.
        verdict: What is said of it.
        detail: The probability that it is what the page says, in words; empty for none.
        label: The name that it gets, has, or would have; what it is not where it is wrong.
        colour: Of the name, `#rrggbb`.
        note: Why it cannot be shown.
        others: The further names of a label of several, each with its colour.
        count: How many pictures it stands for: itself and the rest of its stack.
    """

    path: Path
    verdict: Verdict = Verdict.RIGHT
    detail: str = ""
    label: str = ""
    colour: str = ""
    note: str = ""
    others: tuple[tuple[str, str], ...] = ()
    count: int = 1

    @property
    def text(self) -> str:
        """What a screen reader says."""
        names = ", ".join([self.label, *(name for name, _ in self.others)])
        says = {
            Verdict.RIGHT: names or self.detail,
            Verdict.WRONG: f"wrong, not {self.label}" if self.label else "wrong",
            Verdict.NAMED: f"wrong, {self.label}",
            Verdict.DECIDED: f"decided: {self.label}",
            Verdict.ANSWERED: f"named: {self.label}",
        }.get(self.verdict, self.verdict.value)
        stack = f", for a stack of {self.count}" if self.count > 1 else ""
        return f"{shown_name(self.path)}, {says}{stack}"


_OUT: Final = {Verdict.WRONG, Verdict.NAMED}
_DIMMED: Final = {*_OUT, Verdict.SKIPPED}


@dataclass(frozen=True, slots=True)
class Ring:
    """How a picture is set off from others.

    Attributes:
        is_current: Keys are for it.
        is_grouped: It was dragged over last: the next key names it together with the others.
        has_focus: The page has the keyboard focus.
    """

    is_current: bool = False
    is_grouped: bool = False
    has_focus: bool = False


class PicturePainter:
    """Paints the pictures of pages, with thumbnails of a loader."""

    def __init__(self, loader: ThumbnailLoader, palette: QPalette, font: QFont) -> None:
        self._loader = loader
        self._parts = PixmapCache[tuple[Chip | str, int, int, float]](_PART_BYTES)
        self.set_style(palette, font)

    def set_style(self, palette: QPalette, font: QFont) -> None:
        """Set the palette and font to paint with."""
        group = QPalette.ColorGroup.Active
        self._mat = palette.color(group, QPalette.ColorRole.AlternateBase)
        self._text = palette.color(group, QPalette.ColorRole.Text)
        self._accent = palette.color(group, QPalette.ColorRole.Highlight)
        is_dark = palette.color(group, QPalette.ColorRole.Base).lightness() < 128
        self._cross = QColor("#f87171" if is_dark else "#c81e1e")
        self._small = font_of(font, max(7.0 / font.pointSizeF(), 0.88))
        chip = font_of(self._small, weight=QFont.Weight.Medium)
        self._chip_style = ChipStyle.of(palette, chip)
        self._chip_height = chip_height(chip)
        self._parts.clear()

    @staticmethod
    def fit_for(tile: QSize, ratio: float) -> Fit:
        """Return how a picture fits into a tile at `ratio` device pixels a pixel."""
        across, down = (int((side - 2 * _PAD) * ratio) for side in (tile.width(), tile.height()))
        return Fit(max(1, across), max(1, down), _PICTURE_RADIUS * ratio)

    def is_ready(self, picture: PagePicture, fit: Fit) -> bool:
        """Whether a picture is seen, or it is known that it cannot be; else it is asked for."""
        is_shown = self._loader.pixmap(picture.path, fit) is not None
        return is_shown or self._loader.has_failed(picture.path)

    def paint(self, painter: QPainter, tile: QRect, picture: PagePicture, ring: Ring) -> None:
        """Paint `picture` in `tile`; nothing is read or decoded here."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._mat)
        painter.drawRoundedRect(QRectF(tile), _RADIUS, _RADIUS)
        ratio = painter.device().devicePixelRatioF()
        shown, fit = None, self.fit_for(tile.size(), ratio)
        if picture.verdict is not Verdict.GONE:
            shown = self._loader.pixmap(picture.path, fit)
        if shown is not None:
            painter.setOpacity(0.28 if picture.verdict in _DIMMED else 1.0)
            draw_fitted(painter, QRectF(tile), shown, fit)
            painter.setOpacity(1.0)
        elif picture.verdict is Verdict.GONE or self._loader.has_failed(picture.path):
            self._paint_problem(painter, tile, picture.note or "cannot be shown", ratio)
        if picture.verdict in _OUT:
            self._paint_cross(painter, tile)
        self._paint_chips(painter, tile, picture, ratio)
        if picture.count > 1:
            self._paint_count(painter, tile, picture.count)
        self._paint_ring(painter, tile, ring)

    def count_box(self, tile: QRect, count: int) -> QRectF:
        """Return where it stands for how many pictures the one in `tile` is."""
        return number_box(tile.adjusted(_PAD, _PAD, -_PAD, -_PAD), times(count), self._small)

    def _paint_count(self, painter: QPainter, tile: QRect, count: int) -> None:
        """Write into the upper right corner for how many pictures it stands."""
        box = self.count_box(tile, count)
        paint_number(painter, box, times(count), self._small, self._mat, self._text)

    def _paint_problem(self, painter: QPainter, tile: QRect, why: str, ratio: float) -> None:
        found = self._parts.get_or_make(
            (why, tile.width(), tile.height(), ratio),
            lambda: draw_problem(why, tile.size(), ratio, self._chip_style),
        )
        painter.drawPixmap(on_pixels(painter, QPointF(tile.topLeft())), found)

    def _paint_cross(self, painter: QPainter, tile: QRect) -> None:
        """Cross a picture out, and put a sign into its corner: no colour is needed to see it."""
        box = QRectF(tile).adjusted(_PAD + 4, _PAD + 4, -_PAD - 4, -_PAD - 4)
        painter.setPen(
            QPen(faint(self._cross, 0.75), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())

    def _paint_chips(
        self, painter: QPainter, tile: QRect, picture: PagePicture, ratio: float
    ) -> None:
        """Paint the chip of a picture, and those of its further names above it."""
        chip = _chip(picture)
        if chip is None:
            if picture.detail:
                self._paint_detail(painter, tile, picture.detail)
            return
        others = picture.others if picture.verdict is Verdict.RIGHT else ()
        chips = [chip, *(Chip(ChipForm.OUTLINED, name, "", colour) for name, colour in others)]
        room = max(1, (tile.height() - 2 * _PAD) // (self._chip_height + _BETWEEN))
        if len(chips) > room:  # nobody must take what is shown for all of it
            chips[room - 1 :] = [Chip(ChipForm.SOFT, f"+{len(chips) - room + 1} names")]
        for place, one in enumerate(chips):
            self._paint_chip(painter, tile, one, place, ratio)

    def _paint_chip(
        self, painter: QPainter, tile: QRect, chip: Chip, place: int, ratio: float
    ) -> None:
        """Paint the chip at a place, from the lower left corner upwards."""
        size = QSize(tile.width() - 2 * _PAD - 4, self._chip_height)
        pixmap = self._parts.get_or_make(
            (chip, size.width(), size.height(), ratio),
            lambda: draw_chip(chip, size, ratio, self._chip_style),
        )
        bottom = tile.bottom() - _PAD - 1 - place * (self._chip_height + _BETWEEN)
        corner = QPointF(tile.left() + _PAD + 2, bottom - self._chip_height)
        self._paint_ground(painter, QRectF(corner, pixmap.deviceIndependentSize()))
        painter.drawPixmap(on_pixels(painter, corner), pixmap)

    def _paint_detail(self, painter: QPainter, tile: QRect, detail: str) -> None:
        """Write a probability into the lower right corner."""
        metrics = QFontMetrics(self._small)
        width, height = metrics.horizontalAdvance(detail) + 10, metrics.height() + 2
        box = QRectF(
            tile.right() - _PAD - 1 - width, tile.bottom() - _PAD - 1 - height, width, height
        )
        self._paint_ground(painter, box)
        painter.setFont(self._small)
        painter.setPen(self._text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), detail)

    def _paint_ground(self, painter: QPainter, box: QRectF) -> None:
        """Make room in the picture, so that what is written there can be read on any."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(self._mat, 0.86))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)

    def _paint_ring(self, painter: QPainter, tile: QRect, ring: Ring) -> None:
        if not (ring.is_current or ring.is_grouped):
            return
        pen = QPen(self._accent, 3.0 if ring.has_focus else 2.0)
        if not ring.is_current:
            pen = QPen(self._accent, 2.0, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = pen.widthF() / 2
        box = QRectF(tile).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, _RADIUS - inset, _RADIUS - inset)


def _chip(picture: PagePicture) -> Chip | None:
    label, colour = picture.label, picture.colour
    if picture.verdict is Verdict.RIGHT and not label:
        return None
    return {
        Verdict.RIGHT: Chip(ChipForm.OUTLINED, label, "", colour),
        Verdict.NAMED: Chip(ChipForm.FILLED, label, "", colour),
        Verdict.WRONG: Chip(ChipForm.OUTLINED, label, icon="reject"),
        Verdict.SKIPPED: Chip(ChipForm.SOFT, "skipped"),
        Verdict.DECIDED: Chip(ChipForm.FILLED, label, "", colour, icon="check"),
        Verdict.ASKED: Chip(ChipForm.SOFT, "what is it?"),
        Verdict.ANSWERED: Chip(ChipForm.FILLED, label, "", colour, icon="check"),
    }.get(picture.verdict)
