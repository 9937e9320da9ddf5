"""One picture on a page in its current state, and how it is painted."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap

from nameplate.domain.text import deferred
from nameplate.ui.tiles.chips import CHIP_ENDS, Chip, ChipForm
from nameplate.ui.tiles.model import shown_name
from nameplate.ui.tiles.painter import (
    PICTURE_RADIUS,
    Marks,
    PicturePainter,
    on_pixels,
    paint_ring,
    shown_size,
    times,
)
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.painting import CUT_OF_NAMES, draw_icon, faint
from nameplate.wording.texts import listed, tr, trn

_PAD: Final = 3
"""Pixels around a picture, for the ring of the current one."""

_INSET: Final = 4
_BETWEEN: Final = 2
_GLASS: Final = 24
_IN_GLASS: Final = QMarginsF(4, 4, 4, 4)
_ASKED: Final = deferred("{given} → {other}?")
_LEAST_LEFT: Final = 5
"""Signs that must be left of a name that is cut, with the ellipsis."""


class Verdict(Enum):
    """The state of a picture on a page; the value is the text for screen readers."""

    RIGHT = deferred("right", "picture")
    WRONG = deferred("wrong", "picture")
    NAMED = deferred("named", "picture")
    SKIPPED = deferred("skipped", "picture")
    DECIDED = deferred("decided", "picture")
    ASKED = deferred("not named yet", "picture")
    CHANGED = deferred("new suggestion", "picture")
    LATER = deferred("left for later", "picture")
    GONE = deferred("can't be shown", "picture")


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One picture as a page shows it.

    Attributes:
        verdict: What is said of it.
        detail: The probability that it is what the page says, in words; empty for none.
        label: The name that it gets, has, or would have; what it is not where it is wrong.
        colour: Of the name, `#rrggbb`.
        note: Why it can't be shown.
        others: The further names of a label of several, each with its colour.
        instead: The name that it probably shows instead, which is asked; empty for none.
        count: How many pictures it stands for: itself and the rest of its stack.
        of: The name of its block; empty on a page of one name.
    """

    row: int
    path: Path
    verdict: Verdict = Verdict.RIGHT
    detail: str = ""
    label: str = ""
    colour: str = ""
    note: str = ""
    others: tuple[tuple[str, str], ...] = ()
    instead: str = ""
    count: int = 1
    of: str = ""

    @property
    def text(self) -> str:
        """The text for screen readers."""
        file, says = shown_name(self.path), self._says
        if self.count > 1:
            return tr(
                "{file}, {what}, for a stack of {count:,}", file=file, what=says, count=self.count
            )
        return listed((file, says))

    @property
    def _says(self) -> str:
        match self.verdict:
            case Verdict.RIGHT:
                asked = tr("or {name}?", name=self.instead) if self.instead else ""
                names = (self.label, *(name for name, _ in self.others), asked)
                return listed(names) or listed((self.of, self.detail))
            case Verdict.WRONG if self.label:
                return tr("wrong, not {name}", name=self.label)
            case Verdict.NAMED:
                return tr("named: {name}", name=self.label)
            case Verdict.DECIDED:
                return tr("decided: {name}", name=self.label)
            case Verdict.CHANGED:
                return tr("now suggested: {name}", name=self.label)
            case _:
                return tr(self.verdict.value, "picture")


_DIMMED: Final = {Verdict.WRONG, Verdict.SKIPPED, Verdict.CHANGED, Verdict.LATER}
"""They get no label; what has one is seen like any other picture."""
_DIM: Final = 0.32


class PagePainter(PicturePainter):
    """Paints the pictures of pages."""

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__(loader, 0.88)

    @staticmethod
    def fit_for(tile: QSize, ratio: float) -> Fit:
        """Return how a picture fits into a tile at `ratio` device pixels a pixel."""
        across, down = (int((side - 2 * _PAD) * ratio) for side in (tile.width(), tile.height()))
        return Fit(max(1, across), max(1, down), PICTURE_RADIUS * ratio)

    def is_ready(self, picture: PagePicture, fit: Fit) -> bool:
        """Whether a picture is seen, or it is known that it cannot be; else it is asked for."""
        is_shown = self._loader.pixmap(picture.path, fit) is not None
        return is_shown or self._loader.has_failed(picture.path)

    def paint(self, painter: QPainter, tile: QRect, picture: PagePicture, marks: Marks) -> None:
        """Paint `picture` in `tile`; nothing is read or decoded here."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = painter.device().devicePixelRatioF()
        box, fit, shown = self._shown(tile, picture, ratio)
        is_gone = picture.verdict is Verdict.GONE or self._loader.has_failed(picture.path)
        problem = (picture.note or tr("Can't be shown")) if is_gone else ""
        painter.setOpacity(_DIM if shown is not None and picture.verdict in _DIMMED else 1.0)
        self._paint_picture(painter, box, shown, fit, problem)
        painter.setOpacity(1.0)
        self._paint_chips(painter, tile, box, picture, ratio)
        self._paint_number(painter, box.toRect(), _number(picture))
        is_pointed_at = marks.is_current and marks.is_hovered
        if is_pointed_at and (glass := self.glass_box(tile, picture, ratio)):
            self._paint_ground(painter, glass)
            draw_icon(painter, glass.marginsRemoved(_IN_GLASS), "zoom-in", self._style.text)
        if marks.is_current or marks.is_selected:
            width = 3.0 if marks.is_current and marks.is_active else 2.0
            around = box.adjusted(-_PAD, -_PAD, _PAD, _PAD)
            paint_ring(painter, around, PICTURE_RADIUS + _PAD, QPen(self._accent, width))

    def count_box(self, tile: QRect, picture: PagePicture, ratio: float) -> QRectF:
        """Return where it stands for how many pictures one stands; empty for itself alone."""
        box, _, _ = self._shown(tile, picture, ratio)
        return self.number_box(box.toRect(), _number(picture))

    def glass_box(self, tile: QRect, picture: PagePicture, ratio: float) -> QRectF:
        """Return where the magnifying glass stands, in the upper left corner; empty for none."""
        box, _, shown = self._shown(tile, picture, ratio)
        return QRectF() if shown is None else QRectF(box.topLeft(), QSizeF(_GLASS, _GLASS))

    def _shown(
        self, tile: QRect, picture: PagePicture, ratio: float
    ) -> tuple[QRectF, Fit, QPixmap | None]:
        """Return where in its tile a picture lies, how it fits, and its thumbnail.

        It lies in the middle, and takes all of the tile while there is no thumbnail.
        """
        box, fit, shown = QRectF(tile), self.fit_for(tile.size(), ratio), None
        if picture.verdict is not Verdict.GONE:
            shown = self._loader.pixmap(picture.path, fit)
        if shown is not None:
            box.setSize(shown_size(shown, fit, ratio))
            box.moveCenter(QRectF(tile).center())
        return box, fit, shown

    def _paint_chips(
        self, painter: QPainter, tile: QRect, box: QRectF, picture: PagePicture, ratio: float
    ) -> None:
        """Paint the chip of a picture in its `box`, and those of its further names above it.

        What is too long for a narrow picture takes the width of its tile.
        """
        chip = _chip(picture)
        if chip is None:
            if picture.detail:
                self._paint_detail(painter, box, picture.detail)
            return
        is_right = picture.verdict is Verdict.RIGHT
        others = picture.others if is_right else ()
        if is_right and picture.instead:
            metrics, width = QFontMetrics(self._style.font), tile.width() - CHIP_ENDS
            chip = replace(chip, text=question(picture.label, picture.instead, metrics, width))
        chips = [chip, *(Chip(ChipForm.OUTLINED, name, "", colour) for name, colour in others)]
        step = self._chip_height + _BETWEEN
        room = max(1, int(box.bottom() - tile.top() - _INSET) // step)
        if len(chips) > room:  # nobody must take what is shown for all of it
            more = trn("+{count:,} name", "+{count:,} names", len(chips) - room + 1)
            chips[room - 1 :] = [Chip(ChipForm.SOFT, more)]
        size = QSize(tile.width(), self._chip_height)
        corner = box.bottomLeft() + QPointF(_INSET, -_INSET - self._chip_height)
        for place, one in enumerate(chips):  # from the lower left corner upwards
            pixmap = self._part(one, size, ratio)
            over = pixmap.deviceIndependentSize().width() + 2 * _INSET - box.width()
            there = corner - QPointF(max(0, over) / 2, place * step)
            self._paint_ground(painter, QRectF(there, pixmap.deviceIndependentSize()))
            painter.drawPixmap(on_pixels(painter, there), pixmap)

    def _paint_detail(self, painter: QPainter, picture: QRectF, detail: str) -> None:
        """Write a probability into the lower right corner."""
        metrics = QFontMetrics(self._small)
        width, height = metrics.horizontalAdvance(detail) + 10, metrics.height() + 2
        size = QPointF(width + _INSET, height + _INSET)
        box = QRectF(picture.bottomRight() - size, QSizeF(width, height))
        self._paint_ground(painter, box)
        painter.setFont(self._small)
        painter.setPen(self._style.text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), detail)

    def _paint_ground(self, painter: QPainter, box: QRectF) -> None:
        """Paint the ground of a text, so that it can be read on any picture."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(self._mat_colour, 0.86))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)


def question(given: str, other: str, metrics: QFontMetrics, width: int) -> str:
    """Return which of two names a picture shows, as a question at most so wide.

    The longer name is cut first; where little of either would be left, the other one alone stays.
    """
    room = width - metrics.horizontalAdvance(tr(_ASKED, given="", other=""))
    names = given, other
    wide = [metrics.horizontalAdvance(name) for name in names]
    shown = [
        metrics.elidedText(name, CUT_OF_NAMES, max(room // 2, room - beside))
        for name, beside in zip(names, reversed(wide), strict=True)
    ]
    if any(len(cut) < _LEAST_LEFT and cut != name for cut, name in zip(shown, names, strict=True)):
        shown = ["", metrics.elidedText(other, CUT_OF_NAMES, room)]
    return tr(_ASKED, given=shown[0], other=shown[1]).strip()


def _number(picture: PagePicture) -> str:
    return times(picture.count) if picture.count > 1 else ""


def _chip(picture: PagePicture) -> Chip | None:
    label, colour = picture.label, picture.colour
    if picture.verdict is Verdict.RIGHT and not label:
        return None
    return {
        Verdict.RIGHT: Chip(ChipForm.OUTLINED, label, "", colour),
        Verdict.NAMED: Chip(ChipForm.FILLED, label, "", colour, icon="check"),
        Verdict.WRONG: Chip(ChipForm.DASHED, "?"),
        Verdict.SKIPPED: Chip(ChipForm.SOFT, tr("skipped", "picture")),
        Verdict.CHANGED: Chip(ChipForm.OUTLINED, f"{label}?", "", colour),
        Verdict.DECIDED: Chip(ChipForm.FILLED, label, "", colour, icon="check"),
        Verdict.ASKED: Chip(ChipForm.SOFT, tr("what is it?")),
    }.get(picture.verdict)
