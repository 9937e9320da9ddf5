"""A view of tiles of one size, scrolled and zoomed; its speed does not depend on their number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractAnimation,
    QAbstractItemModel,
    QEasingCurve,
    QEvent,
    QPoint,
    QPropertyAnimation,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QCursor, QHoverEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView

from nameplate.ui.grid.layout import GAP, GridLayout
from nameplate.ui.grid.tile_view import TileView
from nameplate.ui.tiles.model import Tile, TileKind, TileModel
from nameplate.ui.tiles.painter import Marks, TilePainter
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader
from nameplate.ui.widgets.item_views import Index, make_slim
from nameplate.ui.widgets.later import Later

SMALLEST_TILE: Final = 72
LARGEST_TILE: Final = 480
_FIRST_TILE: Final = 136
_NOTCH: Final = 120
"""One notch of a wheel, in Qt's eighths of a degree."""

_GLIDES: Final = QAbstractAnimation.State.Running
_NOTE_MS: Final = 40
"""After scrolling the tiles that are visible are looked at, not at every frame."""

_Hint = QAbstractItemView.ScrollHint


@dataclass(frozen=True, slots=True)
class Anchor:
    """A tile, a fraction of its height (0 to 1), and the y in the viewport of that point."""

    position: int
    part: float
    y: int


class ZoomableView(TileView):
    """Lays out, scrolls and zooms the tiles of a `TileModel`.

    Selection, keys and mouse are left to a subclass.

    Attributes:
        noted_rows: The visible image rows that `shown_images_changed` told last.

    Signals:
        shown_images_changed: The visible image rows changed, int64 in display order; emitted some
            milliseconds later.
        zoomed: The tiles have another `tile_size`.
    """

    shown_images_changed = Signal(object)
    zoomed = Signal()

    def __init__(self, loader: ThumbnailLoader) -> None:
        painter = TilePainter(loader)
        super().__init__(painter)
        self.loader, self._painter = loader, painter
        # It shows nothing yet.
        self._tiles = TileModel(lambda _row: Tile(Path(), TileKind.PLAIN), self)
        self._tile_size = _FIRST_TILE
        self._held: Anchor | None = None
        self._zoomed_at = QPoint()
        self._covered = 0
        self._is_adjusting = False
        self._turned = 0
        make_slim(self)
        self._glide = QPropertyAnimation(self.verticalScrollBar(), b"value", self)
        self._glide.setDuration(140)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.verticalScrollBar().sliderPressed.connect(self._glide.stop)
        loader.loaded.connect(self._on_thumbnails_loaded)
        self._noted = range(0)
        self.noted_rows = np.empty(0, dtype=np.int64)
        self._is_forward = True
        self._note_soon = Later(self, _NOTE_MS, self._note_shown)

    @property
    def tile_size(self) -> int:
        """About the width of a tile: as many fill the row evenly as are nearest to it."""
        return self._tile_size

    @tile_size.setter
    def tile_size(self, size: int) -> None:
        self._zoom(size, self._held or self._anchor())

    @property
    def covered(self) -> int:
        """The height of an overlay at the bottom, in pixels; tiles can be scrolled clear of it.

        Nothing moves when it changes, but that the current tile comes out from under it where the
        mouse is elsewhere.
        """
        return self._covered

    @covered.setter
    def covered(self, pixels: int) -> None:
        if pixels == self._covered:
            return
        grows, self._covered = pixels > self._covered, pixels
        bar = self.verticalScrollBar()
        bar.setRange(0, max(self._lowest(), bar.value()))
        is_seen = self.currentIndex().row() in self.shown_positions()
        if grows and is_seen and not self._is_pointed_at():
            self.scrollTo(self.currentIndex())

    def _is_pointed_at(self) -> bool:
        return self.viewport().rect().contains(self.viewport().mapFromGlobal(QCursor.pos()))

    def zoom_by(self, step: int) -> None:
        """Enlarge the tiles until a row has one fewer (1), or shrink them until it has one more.

        As many steps back lead to where it was, unless it was scrolled in between.
        """
        self._zoom_by(-step, self._held or self._anchor())

    def set_details(self, *, are_shown: bool) -> None:
        """Show or hide details beneath each picture."""
        held = self._anchor()
        self._painter.set_details(are_shown=are_shown)
        self._fit()
        self._hold(held)
        self.viewport().update()

    def thumbnail(self, path: Path) -> QPixmap | None:
        """Return the thumbnail of a tile, or request it; see `ThumbnailLoader.pixmap`."""
        return self.loader.pixmap(path, self._fit_of_tiles())

    def prepare_thumbnails(self, shown: Path, ahead: Sequence[Path]) -> None:
        """Make the thumbnails of `ahead` while another view mode shows only `shown`."""
        self.loader.prefetch({shown}, ahead, self._fit_of_tiles())

    # ---- the model

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show `model`, a `TileModel`."""
        assert isinstance(model, TileModel)  # noqa: S101 - narrows the type
        self._tiles, self._held = model, None
        super().setModel(model)
        self.updateGeometries()

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Extend the layout by images appended at the end."""
        super().rowsInserted(parent, start, end)
        self.updateGeometries()
        if start < self.shown_positions().stop:
            self.viewport().update()

    # ---- geometry

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Scroll as little as `hint` allows until the tile of `index` is visible."""
        if not index.isValid():
            return
        rect, page = self._rect(index.row()), self.viewport().height() - self._covered
        above, below = rect.top() - GAP, rect.bottom() + 1 + GAP - page
        match hint:
            case _Hint.PositionAtTop:
                distance = above
            case _Hint.PositionAtBottom:
                distance = below
            case _Hint.PositionAtCenter:
                distance = rect.center().y() - page // 2
            case _:
                distance = min(above, max(0, below)) if above > 0 else above
        if distance:
            self._glide.stop()
            self.verticalScrollBar().setValue(self.verticalOffset() + distance)

    def updateGeometries(self) -> None:
        """Update the layout; the anchor tile stays in place."""
        if self._is_adjusting:
            return
        held = self._held or self._anchor()
        super().updateGeometries()
        self._fit()
        self._hold(held)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Scroll the painted pixels, and paint the exposed ones."""
        if not self._is_adjusting:
            self._held = None
        is_whole = (dy * self.devicePixelRatioF()).is_integer()
        if self._mouse is None and is_whole:  # else tiles would lie between pixels of the screen
            self.viewport().scroll(dx, dy)
        else:
            self.viewport().update()
        self._mouse = None  # another tile may be under it; known when it moves

    def _order(self) -> NDArray[np.int64]:
        return self._tiles.order

    def _fit(self) -> None:
        """Compute the layout, and whether there is a scroll bar, from the size of the view.

        Not from the viewport's size: it changes with the scroll bar, which changes with the
        layout, and some sizes would alternate for ever.
        """
        room = self.contentsRect().size()
        bar = self.verticalScrollBar()
        layout = self._laid_out(room.width())
        has_bar = layout.height > room.height()
        if has_bar:
            layout = self._laid_out(room.width() - bar.sizeHint().width())
        policy = Qt.ScrollBarPolicy
        self._is_adjusting = True
        self._layout = layout
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if has_bar else policy.ScrollBarAlwaysOff
        )
        bar.setPageStep(room.height())
        bar.setSingleStep(max(16, min(layout.step, room.height() // 2) // 3))
        bar.setRange(0, self._lowest())
        self._is_adjusting = False

    def _lowest(self) -> int:
        """Return how far it can be scrolled."""
        height = self._layout.height + self._covered if self._layout.count else 0
        return max(0, height - self.contentsRect().height())

    def _laid_out(self, width: int) -> GridLayout:
        count = len(self._order())
        return GridLayout.fitting(count, width, self._tile_size, self._painter.height_for)

    def _anchor(self) -> Anchor | None:
        """Return the anchor to keep when the layout changes: the current tile, if visible.

        Else it is the first visible one, except at the very top, which stays the top.
        """
        shown, current = self.shown_positions(), self.currentIndex().row()
        if current in shown:
            return Anchor(current, 0.0, self._rect(current).top())
        if not shown or self.verticalOffset() == 0:
            return None
        return Anchor(shown.start, 0.0, self._rect(shown.start).top())

    def _hold(self, anchor: Anchor | None) -> None:
        """Scroll to `anchor`, with as much of its tile visible as fits."""
        self._held = anchor
        if anchor is None or anchor.position >= self._layout.count:
            return
        rect, page = self._layout.rect(anchor.position), self.viewport().height()
        y = anchor.y - round(anchor.part * rect.height())
        if anchor.position == self.currentIndex().row():
            y = max(min(y, page - rect.height() - GAP), min(y, GAP))
        self._is_adjusting = True
        self.verticalScrollBar().setValue(rect.top() - y)
        self._is_adjusting = False

    # ---- zoom

    def _zoom(self, size: int, anchor: Anchor | None) -> None:
        size = min(max(size, SMALLEST_TILE), LARGEST_TILE)
        if size == self._tile_size:
            return
        self._tile_size = size
        self._glide.stop()
        self._fit()
        self._hold(anchor)
        self.viewport().update()
        self.zoomed.emit()

    def _zoom_by(self, columns: int, anchor: Anchor | None) -> None:
        wanted = self._layout.width_for(max(1, self._layout.columns + columns))
        size = min(max(wanted, SMALLEST_TILE), LARGEST_TILE)
        if self._layout.columns_for(size) != self._layout.columns:  # as a step back needs it
            self._zoom(size, anchor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll smoothly; with Ctrl, zoom about the tile under the mouse."""
        turned, moved = event.angleDelta().y(), event.pixelDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += turned
            notches = int(self._turned / _NOTCH)  # rounds towards zero for both signs
            self._turned -= notches * _NOTCH
            if notches:
                at = event.position().toPoint()
                is_same = self._held is not None and at == self._zoomed_at
                anchor, self._zoomed_at = self._held if is_same else self._anchor_at(at), at
                self._zoom_by(-notches, anchor)
        elif moved:
            self._glide.stop()
            self.verticalScrollBar().setValue(self.verticalOffset() - moved)
        elif turned:
            self._glide_by(-3 * self.verticalScrollBar().singleStep() * turned // _NOTCH)
        event.accept()

    def _glide_by(self, distance: int) -> None:
        """Scroll smoothly, to `distance` pixels beyond where the last turn of the wheel leads."""
        bar, is_moving = self.verticalScrollBar(), self._glide.state() == _GLIDES
        goal = (self._glide.endValue() if is_moving else bar.value()) + distance
        self._glide.stop()
        self._glide.setStartValue(bar.value())
        self._glide.setEndValue(min(max(goal, bar.minimum()), bar.maximum()))
        self._glide.start()

    def _anchor_at(self, point: QPoint) -> Anchor | None:
        index = self.indexAt(point)
        if not index.isValid():
            return self._anchor()
        rect = self._rect(index.row())
        return Anchor(index.row(), (point.y() - rect.top()) / rect.height(), point.y())

    # ---- painting

    def _paint_tile(self, painter: QPainter, rect: QRect, position: int, marks: Marks) -> None:
        self._painter.paint(painter, rect, self._tiles.tile(position), marks)

    def _on_painted(self, painter: QPainter) -> None:
        super()._on_painted(painter)
        self._note_soon.ask()

    def count_box(self, position: int) -> QRectF:
        """Return where the number of a stack is in the viewport; empty for none."""
        tile, rect = self._tiles.tile(position), self._rect(position)
        return self._painter.count_box(rect, tile, self.devicePixelRatioF())

    def viewportEvent(self, event: QEvent) -> bool:
        """Track the tile under the mouse."""
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.HoverEnter):
            assert isinstance(event, QHoverEvent)  # noqa: S101 - narrows the type
            self._point_at(event.position().toPoint())
        elif event.type() in (QEvent.Type.HoverLeave, QEvent.Type.Leave):
            self._point_at(None)
        return super().viewportEvent(event)

    def _on_thumbnails_loaded(self, paths: Collection[Path]) -> None:
        self._repaint(at for at in self.shown_positions() if self._tiles.path(at) in paths)

    def _note_shown(self) -> None:
        """Drop and prefetch thumbnails, and emit which images are visible."""
        tiles, shown = self._tiles, self.shown_positions()
        if not self.isVisible():
            return
        if shown.start != self._noted.start:
            self._is_forward = shown.start > self._noted.start
        self._noted = shown
        order, page = tiles.order, len(shown)
        ahead = range(shown.start - 1, max(shown.start - page, 0) - 1, -1)  # the nearest first
        if self._is_forward:
            ahead = range(shown.stop, min(shown.stop + page, len(order)))
        paths = {tiles.path(position) for position in shown}
        self.loader.prefetch(paths, [tiles.path(at) for at in ahead], self._fit_of_tiles())
        rows = order[shown.start : shown.stop].copy()
        if not np.array_equal(rows, self.noted_rows):
            self.noted_rows = rows
            self.shown_images_changed.emit(rows)

    def _fit_of_tiles(self) -> Fit:
        return self._painter.fit_for(self._layout.tile_width, self.devicePixelRatioF())
