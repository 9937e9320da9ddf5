"""Shows some pictures of the grid side by side, zoomed together, and decodes the next ones."""

from collections.abc import Collection, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Final

from PySide6.QtCore import QElapsedTimer, QPointF, QRect, QSizeF, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from nameplate.inference.preprocess import crop_box
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.modes.pane import Caption, Pane, ZoomView
from nameplate.ui.tiles.model import TileKind, shown_name
from nameplate.ui.tiles.picture_loader import PictureLoader, PictureRequest
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.zoom import ACTUAL, Zoom
from nameplate.wording.texts import tr, why_not_shown

_GAP: Final = 8
_REST_MS: Final = 400
"""After so long on one picture all of its pixels are decoded: a person who walks on needs none."""

_HURRY_MS: Final = 120
"""Between two pictures of a person who only passes them, as with a key that is held down."""

_PREVIEW_SIDE: Final = 256

_SOON_MS: Final = 80
_ZOOM_STEP: Final = 1.5
_MOST_PIXELS: Final = 64_000_000
"""Of one picture with all its pixels; a larger one is shown from so many."""

_MOST_PIXELS_TOGETHER: Final = 110_000_000
_UNKNOWN_SIDE: Final = 100_000.0
"""Pixels: a picture is taken to be large until its size is known."""

_PANS: Final = {
    Qt.Key.Key_Left: QPointF(1, 0),
    Qt.Key.Key_Right: QPointF(-1, 0),
    Qt.Key.Key_Up: QPointF(0, 1),
    Qt.Key.Key_Down: QPointF(0, -1),
}
_ZOOM_KEYS: Final = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class PicturePanes(QWidget):
    """One or several panes with pictures of the grid, of which one has the focus.

    Nothing is decoded here: a pane shows the thumbnail of the grid at once, the picture when a
    thread has it, and all of its pixels when they are needed. The picture is painted before the
    rest of the window learns that another one is looked at.
    """

    def __init__(
        self, model_in_use: ModelInUse, arrangement: Arrangement, loader: PictureLoader
    ) -> None:
        super().__init__()
        self._grid, self._model = arrangement.grid, arrangement.model
        self._in_use, self.loader = model_in_use, loader
        self._panes: list[Pane] = []
        self._focused = -1
        self._ahead: tuple[Path, ...] = ()
        self._zoom = Zoom()
        self._is_crop_shown = False
        self._rest = Later(self, _REST_MS, self._request)
        self._soon = Later(self, _SOON_MS, self._request)
        self._since = QElapsedTimer()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.loader.loaded.connect(self._on_loaded)
        self._in_use.loaded.connect(self._show_pictures)
        self._grid.loader.loaded.connect(self._on_thumbnails)
        model = self._model
        for changed in (model.dataChanged, model.modelReset, model.rowsInserted):
            changed.connect(self._show_all_captions)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The panes that show a picture, in order."""
        return tuple(pane for pane in self._panes if pane.row >= 0)

    @property
    def is_settled(self) -> bool:
        """Whether all shown pictures and the likely next ones are decoded."""
        return not self._soon.isActive() and self.loader.is_idle

    @property
    def zoom(self) -> Zoom:
        """How large the pictures are shown."""
        return self._zoom

    def show_rows(self, rows: Sequence[int], focused: int, ahead: Sequence[Path] = ()) -> None:
        """Show pictures.

        Args:
            rows: The image rows, all of which the grid shows.
            focused: The one that keys are for.
            ahead: Files that will be looked at next, the likeliest first.
        """
        before = [pane.row for pane in self.panes]
        is_same = list(rows) == before
        self._focused, self._ahead = focused, tuple(ahead)
        while len(self._panes) < len(rows):
            self._panes.append(self._new_pane())
        for number, pane in enumerate(self._panes):
            pane.row = rows[number] if number < len(rows) else -1
            pane.setVisible(pane.row >= 0)
            pane.set_ringed(pane.row == focused and len(rows) > 1)
        if not is_same:
            self._show_pictures()
            self._lay_out()
            self._show_all_captions()
            if len(before) == len(rows):
                self.repaint()
            self.loader.keep_full({path for row in rows if (path := self._path(row)) is not None})
        self._announce()
        self._rest.start()
        is_hurrying = self._since.isValid() and self._since.elapsed() < _HURRY_MS and not is_same
        self._since.start()
        if is_hurrying:
            self._request_previews()
            self._soon.start()
        else:
            self._soon.stop()
            self._request()

    def close_pictures(self) -> None:
        """Show no pictures, and free their memory.

        Before the inspector wants its own: the loader drops what somebody else wanted before.
        """
        self.loader.want(())
        self.loader.keep_full(())
        for pane in self._panes:
            pane.row = -1
            pane.view.show_picture(None, None, None)
        self.set_zoom(Zoom())

    def set_crop_shown(self, is_shown: bool) -> None:
        """Dim the parts outside the model's crop, or not."""
        self._is_crop_shown = is_shown
        for pane in self._panes:
            pane.view.set_crop_shown(is_shown)

    def set_zoom(self, zoom: Zoom) -> None:
        """Zoom all pictures to the same part."""
        self._zoom = zoom
        for pane in self._panes:
            pane.view.set_zoom(zoom)
        self._show_all_captions()
        self._request()

    def toggle_actual_size(self) -> None:
        """Toggle between actual size and fitting."""
        is_actual = self._zoom.is_actual and self._zoom.factor == 1.0
        self.set_zoom(Zoom() if is_actual else ACTUAL)

    def zoom_by(self, steps: int) -> None:
        """Enlarge the pictures about their middle, or shrink them, at most to fitting."""
        view = self._main_view()
        if view is not None:
            self.set_zoom(view.zoomed_by(_ZOOM_STEP**steps))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, move the picture with Shift; other keys are left to the window."""
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        pan, steps = _PANS.get(Qt.Key(event.key())), _ZOOM_KEYS.get(Qt.Key(event.key()), 0)
        view = self._main_view()
        if pan is not None and is_shift and view is not None:
            self.set_zoom(view.moved_by(pan * (min(view.width(), view.height()) / 4)))
        elif steps:
            self.zoom_by(steps)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the panes out again; pictures of the new size follow a moment later."""
        super().resizeEvent(event)
        self._lay_out()
        self._soon.start()

    def _new_pane(self) -> Pane:
        pane = Pane(self)
        pane.view.set_crop_shown(self._is_crop_shown)
        pane.view.set_zoom(self._zoom)
        pane.view.zoom_requested.connect(self.set_zoom)
        pane.view.pressed.connect(partial(self._on_pressed, pane))
        return pane

    def _on_pressed(self, pane: Pane) -> None:
        self.setFocus()
        self._grid.set_current_image(pane.row)

    def _main_view(self) -> ZoomView | None:
        return next((p.view for p in self.panes if p.row == self._focused), None)

    # ---- what is shown

    def _path(self, row: int) -> Path | None:
        place = self._model.index_of(row)
        return self._model.path(place.row()) if place.isValid() else None

    def _on_loaded(self, path: Path) -> None:
        shown = [pane for pane in self.panes if self._path(pane.row) == path]
        for pane in shown:
            self._show_picture(pane)
        if shown and len(self.panes) > 1:
            self._lay_out()
        if shown and self.isVisible():
            self._show_captions(shown)
            if len(self.panes) == 1:
                self.repaint()
            if not self._soon.isActive():
                self._request()

    def _on_thumbnails(self, paths: Collection[Path]) -> None:
        for pane in self.panes:
            path = self._path(pane.row)
            if path is not None and path in paths and not self.loader.fitted(path):
                self._show_thumbnail(pane, path)

    def _show_pictures(self) -> None:
        for pane in self.panes:
            self._show_picture(pane)

    def _show_picture(self, pane: Pane) -> None:
        path = self._path(pane.row)
        if path is None:
            return
        fitted, full = self.loader.fitted(path), self.loader.full(path)
        if fitted is None:
            self._show_thumbnail(pane, path)
        elif fitted.problem:
            pane.view.show_message(why_not_shown(fitted.problem), "warning")
        else:
            sizes = full.sizes if full is not None else ()
            pixels = tuple(image for image in sizes if image.width() > fitted.image.width())
            model = self._in_use.model
            crop = crop_box(*fitted.size, model.manifest.image) if model else None
            pane.view.show_picture(fitted.image, fitted.size, crop, pixels)

    def _show_thumbnail(self, pane: Pane, path: Path) -> None:
        thumbnail = self._grid.thumbnail(path)
        if thumbnail is None or thumbnail.isNull():
            pane.view.show_picture(None, None, None)
            return
        size = QSizeF(thumbnail.size())
        size.scale(_UNKNOWN_SIDE, _UNKNOWN_SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        whole = (round(size.width()), round(size.height()))
        pane.view.show_picture(thumbnail.toImage(), whole, None)

    def _show_all_captions(self) -> None:
        self._show_captions(self.panes)

    def _show_captions(self, panes: Sequence[Pane]) -> None:
        if not self.isVisible():
            return
        count = self._model.rowCount()
        for pane in panes:
            place = self._model.index_of(pane.row)
            if not place.isValid():
                continue
            tile = self._model.tile(place.row())
            where = tr("{count:,} of {total:,}", count=place.row() + 1, total=count)
            pane.show_caption(Caption(tile, where, self._facts(pane, tile.path)))
            fitted = self.loader.fitted(tile.path)
            if tile.kind is TileKind.UNREADABLE and (fitted is None or fitted.problem):
                said = why_not_shown(tile.note, shown_name(tile.path))
                pane.view.show_message(said, "warning")

    def _announce(self) -> None:
        """Tell screen readers which picture keys act on."""
        view = self._main_view()
        text = view.accessibleName() if view is not None else ""
        self.setAccessibleDescription(text)
        if QAccessible.isActive() and self.hasFocus() and text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _facts(self, pane: Pane, path: Path) -> str:
        fitted, size = self.loader.fitted(path), pane.view.picture_size()
        if fitted is None or fitted.problem or size is None:
            return ""
        room = pane.view.room()
        shown = round(100 * self._zoom.scale(size, room) * room.ratio)
        width, height = fitted.size
        return tr("{width:,} × {height:,} at {percent}%", width=width, height=height, percent=shown)

    def _lay_out(self) -> None:
        panes = self.panes
        if not panes:
            return
        sizes = [pane.view.picture_size() or QSizeF(4, 3) for pane in panes]
        beneath = panes[0].bar.height()
        columns = columns_for(
            [size.width() / size.height() for size in sizes], self.width(), self.height(), beneath
        )
        for pane, cell in zip(panes, cells(len(panes), columns, self.rect(), _GAP), strict=True):
            pane.setGeometry(cell)

    # ---- what is decoded

    def _request(self) -> None:
        """Request the shown pictures, then the next ones, then all pixels of the shown ones."""
        if not self.isVisible():
            return
        panes = sorted(self.panes, key=lambda pane: pane.row != self._focused)
        shown = [(pane, path) for pane in panes if (path := self._path(pane.row)) is not None]
        fits = [_fitting(pane, path) for pane, path in shown]
        pixels = [r for pane, path in shown if (r := self._all_pixels(pane, path)) is not None]
        ahead = [_fitting(panes[0], path) for path in self._ahead] if panes else []
        nearby = self.loader.fits([*fits, *ahead])
        if self._zoom.is_fitted:
            is_resting = len(panes) == 1 and not self._rest.isActive()
            self.loader.want(nearby, later=pixels if is_resting else ())
        else:
            self.loader.want([*fits, *pixels, *nearby[len(fits) :]])

    def _request_previews(self) -> None:
        """Request small previews of pictures that are only passed and have no thumbnail.

        Of the next ones, too: the one that is shown now is often gone when it is decoded.
        """
        shown = [path for pane in self.panes if (path := self._path(pane.row)) is not None]
        paths = [path for path in (*shown, *self._ahead) if not self.loader.fitted(path)]
        missing = [path for path in paths if not self._grid.thumbnail(path)]
        side = _PREVIEW_SIDE
        self.loader.want([PictureRequest(path, side, side, _PREVIEW_SIDE) for path in missing])

    def _all_pixels(self, pane: Pane, path: Path) -> PictureRequest | None:
        """Return the request for all pixels; None if there are no more, or none at all."""
        fitted = self.loader.fitted(path)
        if fitted is None or fitted.problem or (fitted.image.width() >= fitted.size[0]):
            return None
        width, height = fitted.size
        most = min(_MOST_PIXELS, _MOST_PIXELS_TOGETHER // len(self.panes))
        part = min(1.0, (most / (width * height)) ** 0.5)
        return PictureRequest(path, int(width * part), int(height * part), is_full=True)


def _fitting(pane: Pane, path: Path) -> PictureRequest:
    room = pane.view.room()
    size = room.box.size() * room.ratio
    return PictureRequest(
        path, max(1, round(size.width())), max(1, round(size.height())), room.most * room.ratio
    )


def columns_for(aspects: Sequence[float], width: int, height: int, beneath: int = 0) -> int:
    """Return the number of columns in which pictures of these shapes cover most area.

    Args:
        aspects: Width divided by height of each picture; at least one.
        width: Of the room, in pixels.
        height: Likewise.
        beneath: What each picture has beneath it, in pixels of height.
    """

    def covered(columns: int) -> float:
        across = width / columns
        down = max(1.0, height / ceil(len(aspects) / columns) - beneath)
        return sum(min(across, down * aspect) ** 2 / aspect for aspect in aspects)

    return max(range(1, len(aspects) + 1), key=covered)


def cells(count: int, columns: int, room: QRect, gap: int) -> list[QRect]:
    """Return `count` cells of one size in `room`, row by row; the last row is centred."""
    rows = ceil(count / columns)
    width = (room.width() - (columns - 1) * gap) // columns
    height = (room.height() - (rows - 1) * gap) // rows
    made: list[QRect] = []
    for number in range(count):
        line, place = divmod(number, columns)
        in_line = min(columns, count - line * columns)
        start = (room.width() - in_line * width - (in_line - 1) * gap) // 2
        left = room.left() + start + place * (width + gap)
        made.append(QRect(left, room.top() + line * (height + gap), width, height))
    return made
