"""The geometry of a picture in a widget: fitted, at actual size, or zoomed and moved."""

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

LARGEST: Final = 32.0
"""Device pixels that a pixel of a picture may take on a side; a picture of 10 x 10 may take more,
since fitting it is always allowed."""


@dataclass(frozen=True, slots=True)
class Room:
    """The room for a picture.

    Attributes:
        box: Of the widget, in its coordinates.
        ratio: Device pixels to one of these.
        most: The largest scale at which a picture is fitted; a small one is not enlarged further.
    """

    box: QRectF
    ratio: float = 1.0
    most: float = 2.0


@dataclass(frozen=True, slots=True)
class Zoom:
    """The scale and position of a picture, independent of its size.

    Attributes:
        is_actual: Whether `factor` is of the real size, a pixel to a device pixel; else of the
            size at which the whole picture fits.
        factor: Larger than 1 enlarges.
        x: The part of the picture in the middle of the room, 0 left to 1 right.
        y: Likewise, 0 top to 1 bottom.
    """

    is_actual: bool = False
    factor: float = 1.0
    x: float = 0.5
    y: float = 0.5

    @property
    def is_fitted(self) -> bool:
        """Whether the whole picture is shown as large as fits."""
        return not self.is_actual and self.factor <= 1.0

    def scale(self, size: QSizeF, room: Room) -> float:
        """Return the length on the screen of one pixel of a picture of `size`, both >= 1."""
        if self.is_actual:
            return self.factor / room.ratio
        return self.factor * _fitting(size, room)

    def rect(self, size: QSizeF, room: Room) -> QRectF:
        """Return the rectangle of a picture, on whole device pixels; it may exceed the room."""
        scale = self.scale(size, room)
        # A strip of 30,000 x 1 pixels stays visible as a line.
        width, height = max(1.0, size.width() * scale), max(1.0, size.height() * scale)
        left = _start(width, room.box.left(), room.box.width(), self.x)
        top = _start(height, room.box.top(), room.box.height(), self.y)
        on_pixels = (round(part * room.ratio) / room.ratio for part in (left, top, width, height))
        return QRectF(*on_pixels)

    def by(self, factor: float, at: QPointF, size: QSizeF, room: Room) -> "Zoom":
        """Return this zoom times `factor`, with the part of the picture at point `at` fixed.

        It is never smaller than fitted, and a pixel never larger than `LARGEST`.
        """
        now, fitting = self.scale(size, room), _fitting(size, room)
        wanted = min(now * factor, max(LARGEST / room.ratio, fitting))
        if wanted <= fitting:
            return Zoom()
        part = self.part_at(at, size, room)
        x = part.x() + (room.box.center().x() - at.x()) / (size.width() * wanted)
        y = part.y() + (room.box.center().y() - at.y()) / (size.height() * wanted)
        times = self.factor * wanted / now
        return replace(self, factor=times, x=x, y=y).within(size, room)

    def moved(self, by: QPointF, size: QSizeF, room: Room) -> "Zoom":
        """Return this zoom with the picture moved, as far as there is more of it."""
        scale = self.scale(size, room)
        x = self.x - by.x() / (size.width() * scale)
        y = self.y - by.y() / (size.height() * scale)
        return replace(self, x=x, y=y).within(size, room)

    def part_at(self, at: QPointF, size: QSizeF, room: Room) -> QPointF:
        """Return the part of the picture at point `at` of the widget, 0 to 1 inside it."""
        rect = self.rect(size, room)
        return QPointF(
            min(1.0, max(0.0, (at.x() - rect.left()) / rect.width())),
            min(1.0, max(0.0, (at.y() - rect.top()) / rect.height())),
        )

    def within(self, size: QSizeF, room: Room) -> "Zoom":
        """Return this zoom without empty edges that moving the picture could fill."""
        scale = self.scale(size, room)
        return replace(
            self,
            x=_clamped(self.x, room.box.width() / (size.width() * scale)),
            y=_clamped(self.y, room.box.height() / (size.height() * scale)),
        )


ACTUAL: Final = Zoom(is_actual=True)
"""A pixel of the picture on a pixel of the screen."""


def _fitting(size: QSizeF, room: Room) -> float:
    scale = min(room.box.width() / size.width(), room.box.height() / size.height(), room.most)
    return max(scale, 1e-6)  # of a room that has no place at all


def _start(length: float, start: float, room: float, part: float) -> float:
    if length <= room:
        return start + (room - length) / 2
    return start + min(0.0, max(room - length, room / 2 - part * length))


def _clamped(part: float, seen: float) -> float:
    """Return `part` clamped so that a window of length `seen` (in pictures) stays inside."""
    return 0.5 if seen >= 1 else min(1 - seen / 2, max(seen / 2, part))
