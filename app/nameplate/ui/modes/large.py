"""The large view: the grid's current picture alone, or two to nine pictures side by side."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from nameplate.ui.modes.panes import PicturePanes
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.services import Services
from nameplate.ui.tiles.picture_loader import PictureLoader
from nameplate.ui.widgets.boxes import close_button
from nameplate.ui.widgets.painting import mirrored
from nameplate.ui.widgets.zoom import Zoom
from nameplate.wording.texts import tr

_MOST: Final = 9
_NEIGHBOURS: Final = 4
_CORNER: Final = 10
"""Distance of the button that leads back from the corner."""

_FAR: Final = 10**12
_STEPS: Final = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Home: -_FAR,
    Qt.Key.Key_End: _FAR,
}
_LINES: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_STEPS_ALONE: Final = _STEPS | _LINES | {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_PICTURES: Final = (1, 2, 3, -1)
_THUMBNAILS: Final = sorted(range(-10, 40), key=lambda step: step if step >= 0 else 10 - step)
"""What is made ahead, the most urgent first, in steps in the direction that a person walks in."""


class LargeView(PicturePanes):
    """Shows the current picture of the grid as large as fits, or compares it with others.

    The selection is the one picture that keys are for: a key never labels what is not seen.

    Attributes:
        compared: The image rows that are side by side, in the order shown; none while the current
            picture is shown alone.
    """

    def __init__(self, services: Services, modes: ViewModes, loader: PictureLoader) -> None:
        super().__init__(services.model_in_use, modes.arrangement, loader)
        self._owner, self._modes, self._arrangement = services.owner, modes, modes.arrangement
        self.compared: list[int] = []
        self._place = 0
        self._is_forward = True
        self._back = close_button(tr("Back"), tr("Esc"))
        self._back.setObjectName("over_pictures")
        self._back.setParent(self)
        self._back.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves keys to the pictures
        self._back.clicked.connect(modes.leave)
        modes.register(ViewMode.LARGE, self, self.zoom_by, pictures=self._above_caption)
        modes.register(ViewMode.COMPARE, self, self.zoom_by)
        modes.changed.connect(self._on_mode)
        self._grid.current_image_changed.connect(self._follow)
        self._grid.image_activated.connect(lambda _row: modes.show(ViewMode.LARGE))
        self._model.modelReset.connect(self._drop_hidden)

    def _above_caption(self) -> QWidget:
        return self.panes[0].view if self.panes else self

    def take_out(self) -> None:
        """Take the picture with the focus out of the comparison; the next one gets the focus."""
        row, rows = self._grid.current_image_row(), self.compared
        if row not in rows or not self.isVisible():
            return
        place = rows.index(row)
        rest = [other for other in rows if other != row]
        self._modes.chosen = self._modes.chosen[self._modes.chosen != row]
        if not rest:
            self._modes.leave()
            return
        self.compared = rest
        self._grid.stay_within(rest)
        self._grid.set_current_image(rest[min(place, len(rest) - 1)])
        self._show()

    def toggle_actual_size(self) -> None:
        """Toggle between actual size and fitting; from the grid, open the large view so."""
        if self._modes.current is not ViewMode.COMPARE:
            self._modes.show(ViewMode.LARGE)
        if self._modes.current in (ViewMode.LARGE, ViewMode.COMPARE):
            super().toggle_actual_size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk on; other keys are those of all panes, or left to the window."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key, rows = Qt.Key(event.key()), self.compared
        steps = (_STEPS if rows else _STEPS_ALONE).get(key)
        lines = _LINES.get(key) if rows else None
        if plain != Qt.KeyboardModifier.NoModifier or steps is lines is None:
            super().keyPressEvent(event)
        elif not rows:
            self._grid.go_to_next(steps or 0)
        else:
            by = (lines or 0) * self._columns() if steps is None else steps
            place, last = rows.index(self._grid.current_image_row()) + by, len(rows) - 1
            if steps is not None or 0 <= place <= last:
                self._grid.set_current_image(rows[min(last, max(0, place))])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button that leads back in its corner."""
        super().resizeEvent(event)
        size = self._back.sizeHint()
        corner = QRect(self.width() - size.width() - _CORNER, _CORNER, size.width(), size.height())
        self._back.setGeometry(mirrored(corner, self.rect()))

    def _columns(self) -> int:
        tops = [pane.y() for pane in self.panes]
        return tops.count(tops[0]) if tops else 1

    # ---- what is shown

    def _on_mode(self, mode: ViewMode) -> None:
        self.compared = []
        self._grid.stay_within(None)
        if mode is ViewMode.LARGE:
            self.setAccessibleName(tr("Large picture"))
            if self._modes.decides is not None:
                self._grid.stay_within(self._modes.decides.rows.tolist())
            row = self._grid.current_image_row()
            self._grid.set_current_image(row if row >= 0 else self._model.image_row(0))
            self._show()
        elif mode is ViewMode.COMPARE:
            self.setAccessibleName(tr("Pictures side by side"))
            self._compare()
        else:
            self.close_pictures()

    def _compare(self) -> None:
        """Compare the selected pictures; if fewer than two, the current one's stack or its next."""
        current, chosen = self._grid.current_image_row(), self._modes.chosen
        if self._modes.is_from_page:
            chosen = self._grid.selected_image_rows()
        if len(chosen) < 2 or current not in chosen:
            chosen = self._stack_of(current)
        if len(chosen) < 2:
            order, start = self._model.order, self._model.index_of(current).row()
            decides = self._modes.decides
            if decides is not None and current in decides.rows:
                order = decides.rows[self._model.positions_of(decides.rows) >= 0]
                start = order.tolist().index(current)
            start = max(0, min(start, len(order) - 2))
            chosen = order[start : start + _NEIGHBOURS]
        self.compared = [int(row) for row in chosen[:_MOST]]
        self.set_zoom(Zoom())
        self._grid.stay_within(self.compared)
        self._grid.set_current_image(current if current in self.compared else self.compared[0])
        self._show()

    def _stack_of(self, row: int) -> NDArray[np.int64]:
        """Return the shown pictures of a picture's stack, where pages or the grid have stacks."""
        stacks, order = self._owner.stacks, self._model.order
        has_stacks = self._modes.is_from_page or self._arrangement.view.is_stacked
        if stacks is None or row < 0 or not has_stacks:
            return order[:0]
        number = int(stacks.numbers[row]) if row < len(stacks.numbers) else -1
        return order[:0] if number < 0 else order[stacks.of(order) == number]

    def _follow(self, row: int) -> None:
        if not self.isVisible():
            return
        if self.compared and row not in self.compared:  # such as the one of an undone step
            self._modes.leave()
        else:
            self._show()

    def _drop_hidden(self) -> None:
        """Drop compared pictures that the view hides now."""
        if not self.isVisible() or not self.compared:
            return
        rows = [row for row in self.compared if self._model.index_of(row).isValid()]
        if self._grid.current_image_row() in rows:
            self.compared = rows
            self._show()
        else:
            self._modes.leave()

    def _show(self) -> None:
        row = self._grid.current_image_row()
        if self.compared:
            self.show_rows(self.compared, row)
            self._back.raise_()  # above panes that came later
            return
        place = self._model.index_of(row).row()
        if place < 0:
            return
        if place != self._place:
            self._is_forward = place > self._place
        self._place = place
        if not self._zoom.is_fitted:
            self.set_zoom(Zoom())
        self.show_rows([row], row, self._near(_PICTURES))
        self._back.raise_()
        self._grid.prepare_thumbnails(self._model.path(place), self._near(_THUMBNAILS))

    def _near(self, steps: Iterable[int]) -> list[Path]:
        """Return the next files in the direction that the person moves in."""
        sign = 1 if self._is_forward else -1
        places = (self._place + sign * step for step in steps)
        return [self._model.path(at) for at in places if 0 <= at < self._model.rowCount()]
