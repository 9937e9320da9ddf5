"""The grid of pictures: current image, selection, keyboard and mouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from nameplate.ui.grid.gestures import MOVES, RubberBand
from nameplate.ui.grid.selectable import Pick, SelectableView
from nameplate.ui.grid.zoomable import Anchor
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.item_views import Index
from nameplate.wording.texts import tr

_Modifier = Qt.KeyboardModifier

_BLOCK: Final = 4096
"""Images that are searched at once for the next one."""


@dataclass(frozen=True, slots=True)
class _SavedState:
    """Order, selected images, current position and anchor, saved while the model resets."""

    order: NDArray[np.int64]
    selected: NDArray[np.int64]
    current: int
    anchor: Anchor | None


class ImageGrid(SelectableView):
    """Shows the images of a `TileModel`, with navigation and selection.

    Letters, digits, Enter, Backspace and Delete are left to the window's shortcuts, and files
    that are dragged over the grid to the window.

    Attributes:
        goes_on: Whether `go_on_to` does; not where images are shown in another order.

    Signals:
        current_image_changed: The current image row, -1 for none.
        image_activated: The image row that was double-clicked.
        drag_begun: The selected images are dragged away.
        stack_clicked: The number of a stack was clicked; the image row.
    """

    current_image_changed = Signal(int)
    image_activated = Signal(int)
    drag_begun = Signal()
    stack_clicked = Signal(int)

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__(loader)
        self._current = -1
        self._start = -1  # image row where a Shift selection starts
        self._kept: _SavedState | None = None
        self._walk: list[int] | None = None
        self.goes_on = True
        self._band = RubberBand(self, self._on_band_moved)
        self._pressed: QPoint | None = None  # where a drag of pictures may begin
        self._pressed_on = -1  # one of several selected, which is picked alone unless it is dragged
        self._band_how = Pick.ONLY
        self._band_base = self._flags
        self.setModel(self._tiles)
        self.setAccessibleName(tr("Pictures"))

    @property
    def seen_image_rows(self) -> NDArray[np.int64]:
        """The rows of the current image, -1 for none, and of the others that are seen."""
        current, others = self.current_image_row(), self.noted_rows
        return np.concatenate([[current], others[others != current]]).astype(np.int64)

    def current_image_row(self) -> int:
        """Return the current image row, -1 for none."""
        return self._current

    def set_current_image(self, image_row: int) -> None:
        """Make an image current, select only it and scroll to it; -1 for none."""
        index = self._tiles.index_of(image_row)
        self._go_to(index.row(), _Modifier.NoModifier)
        self.scrollTo(index)

    def shows(self, image_row: int) -> bool:
        """Return whether an image is shown, be it in a closed stack."""
        return self._tiles.index_of(image_row).isValid()

    def go_to_next(self, step: int = 1) -> None:
        """Make the image `step` after the current one current; stays at the first and last."""
        rows, place = self._walked()
        goal = min(len(rows) - 1, max(0, place + step))
        if goal >= 0 and goal != place:
            self.set_current_image(int(rows[goal]))

    def go_to_next_of(self, flags: NDArray[np.bool_]) -> bool:
        """Go to the next flagged image (a flag per image row), from the last to the first.

        Returns whether another image than the current one has a flag; else nothing happens.
        """
        rows, current = self._walked()
        flagged = np.flatnonzero(flags[rows])
        flagged = flagged[flagged != current]
        if len(flagged):
            place = np.searchsorted(flagged, current) % len(flagged)
            self.set_current_image(int(rows[flagged[place]]))
        return len(flagged) > 0

    def go_on_to(self, flags: NDArray[np.bool_]) -> None:
        """Go to the next flagged image (a flag per image row) after the current one, if any."""
        if not self.goes_on:
            return
        rows, current = self._walked()
        for start in range(current + 1, len(rows), _BLOCK):  # the next one is nearly always near
            later = rows[start : start + _BLOCK]
            if (flagged := flags[later]).any():
                self.set_current_image(int(later[flagged.argmax()]))
                return

    def _walked(self) -> tuple[NDArray[np.int64], int]:
        """Return the image rows to walk through, and the index of the current one."""
        if self._walk is not None and self._current in self._walk:
            rows = np.array(self._walk)
            rows = rows[self._tiles.positions_of(rows) >= 0]
            return rows, rows.tolist().index(self._current)
        return self._order(), self.currentIndex().row()

    def stay_within(self, image_rows: Sequence[int] | None) -> None:
        """Limit `go_to_next` and `go_to_next_of` to the shown of `image_rows`; None for all."""
        self._walk = None if image_rows is None else list(image_rows)

    def chosen_image_rows(self) -> NDArray[np.int64]:
        """Return the selected image rows, or those of the current cell if none is selected."""
        if self.has_selected_images() or self._current < 0:
            return self.selected_image_rows()
        return self._tiles.images_of(np.array([self._current]))

    def are_current(self, image_rows: NDArray[np.int64]) -> bool:
        """Return whether these are the images of the current cell, and no others."""
        if self._current < 0 or not len(image_rows):
            return False
        return np.array_equal(image_rows, self._tiles.images_of(np.array([self._current])))

    # ---- the model

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show `model`, a `TileModel`."""
        super().setModel(model)
        # After the base's selection model, which forgets the current item when it resets.
        self._tiles.modelAboutToBeReset.connect(self._on_reset_begun)
        self._tiles.modelReset.connect(self._on_reset_ended)
        self._on_reset_ended()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Repaint and notify the window and screen readers."""
        super().currentChanged(current, previous)
        self._held = None
        self._repaint((previous.row(), current.row()))
        self._note_current()

    def _on_reset_begun(self) -> None:
        self._kept = _SavedState(
            self._order(), self.selected_image_rows(), self.currentIndex().row(), self._anchor()
        )

    def _on_reset_ended(self) -> None:
        kept, self._kept = self._kept, None
        self._held, self._mouse = None, None
        self._band.end()
        self._pressed = None
        self.updateGeometries()
        changed = self._keep_selected(self._order()[:0] if kept is None else kept.selected)
        if kept is not None:
            changed = self._restore(kept) or changed
        self._note_current()
        if changed:
            self.selected_images_changed.emit()
        self.viewport().update()

    def _restore(self, kept: _SavedState) -> bool:
        """Restore current image and scroll position; return whether the selection changed.

        A current image that is no longer shown is replaced by the next one in the old order, so
        that a filter that hides decided images leads to the next undecided one.
        """
        current, changed = self._nearest(kept.order, kept.current), False
        if current >= 0:
            self.go_to(current)
            order = self._order()
            is_another = order[current] != kept.order[kept.current]
            if is_another and not self.has_selected_images():
                changed = self._change(order[current : current + 1], Pick.ONLY)
        if kept.anchor is not None:
            place = self._nearest(kept.order, kept.anchor.position)
            self._hold(Anchor(place, 0.0, kept.anchor.y) if place >= 0 else None)
        return changed

    def _nearest(self, old: NDArray[np.int64], position: int) -> int:
        """Return the new position of the image at `position` of the `old` order.

        Where it is no longer shown, the next one in the old order that is, else the one before.
        """
        if position < 0:
            return -1
        place = self._tiles.index_of(int(old[position])).row()
        if place < 0:
            places = self._tiles.positions_of(old)
            after, before = places[position:], places[:position]
            near = [*after[after >= 0][:1], *before[before >= 0][-1:]]
            place = int(near[0]) if near else -1
        return place

    def _note_current(self) -> None:
        index = self.currentIndex()
        row = self._tiles.image_row(index.row()) if index.isValid() else -1
        is_other, self._current = row != self._current, row
        self._say_current(is_other=is_other)
        if is_other:
            self.current_image_changed.emit(row)

    # ---- selection

    def _go_to(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        """Make `position` current and select as a click with `modifiers` does."""
        order = self._order()
        rows = order[max(position, 0) : position + 1]
        is_control = bool(modifiers & _Modifier.ControlModifier)
        if modifiers & _Modifier.ShiftModifier and position >= 0:
            start = self._tiles.index_of(self._start).row()
            ends = sorted((position, start if start >= 0 else position))
            rows, how = order[ends[0] : ends[1] + 1], Pick.ADD if is_control else Pick.ONLY
        else:
            self._start = int(order[position]) if position >= 0 else -1
            how = Pick.TOGGLE if is_control else Pick.ONLY
        self.go_to(position)
        self._pick(rows, how)

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and select; other keys are left to the window."""
        modifiers = event.modifiers() & ~_Modifier.KeypadModifier
        move = MOVES.get(event.key())
        is_control = modifiers == _Modifier.ControlModifier
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif event.key() == Qt.Key.Key_Space and is_control and self._current >= 0:
            self._go_to(self.currentIndex().row(), modifiers)
        elif move is not None and not modifiers & (_Modifier.AltModifier | _Modifier.MetaModifier):
            index = self.moveCursor(move, modifiers)
            if is_control:
                self.go_to(index.row())
            else:
                self._go_to(index.row(), modifiers)
            self.scrollTo(index)
        else:
            event.ignore()
            return
        event.accept()

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select, and prepare a drag; from empty ground, or with Shift or Ctrl, a rubber band."""
        point = event.position().toPoint()
        position, modifiers = self.indexAt(point).row(), event.modifiers()
        is_plain = not modifiers & (_Modifier.ControlModifier | _Modifier.ShiftModifier)
        is_left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.RightButton:
            if position >= 0 and not self.is_selected_at(position):
                self._go_to(position, _Modifier.NoModifier)
        elif is_left and is_plain and self._is_at(self.count_box, point):
            self.stack_clicked.emit(int(self._order()[position]))
        elif is_left:
            is_selected = is_plain and position >= 0 and self.is_selected_at(position)
            if is_plain and position >= 0:
                self._pressed, self._pressed_on = point, position if is_selected else -1
            else:
                self._begin_band(point, modifiers)
            if is_selected:
                self.go_to(position)
            elif position >= 0:
                self._go_to(position, modifiers)
            elif is_plain:
                self.clearSelection()
        buttons = Qt.MouseButton
        event.setAccepted(event.button() in (buttons.LeftButton, buttons.RightButton))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the rubber band, or begin a drag."""
        point, pressed = event.position().toPoint(), self._pressed
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._band.move(point)
            far = QApplication.startDragDistance()
            if pressed is not None and (point - pressed).manhattanLength() >= far:
                self._pressed = None
                self.drag_begun.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the rubber band; a click on one of several selected images picks it alone."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._band.end()
            pressed, self._pressed = self._pressed, None
            if pressed is not None and self._pressed_on >= 0:
                self._go_to(self._pressed_on, _Modifier.NoModifier)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Emit the image that was double-clicked."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        if self._is_at(self.count_box, point):
            self.mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.image_activated.emit(int(self._order()[index.row()]))

    def _begin_band(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        is_control = modifiers & _Modifier.ControlModifier
        is_shift = modifiers & _Modifier.ShiftModifier
        self._band_how = Pick.TOGGLE if is_control else Pick.ADD if is_shift else Pick.ONLY
        self._band_base = self._flags
        self._band.begin(point)

    def _on_band_moved(self, rect: QRect) -> None:
        self._pick(self._touched(rect), self._band_how, self._band_base)
        self.viewport().update()

    def _on_painted(self, painter: QPainter) -> None:
        super()._on_painted(painter)
        accent = self.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight)
        self._band.paint(painter, accent)
