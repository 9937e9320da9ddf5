"""Connects the large view and compare with the looks, the grid and its selection."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.inference.preprocess import crop_box
from nameplate.pipeline.fetching import Fetching
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.inspector.inspection import InspectedPicture
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.looks.compare import CompareView
from nameplate.ui.looks.large import LargeView
from nameplate.ui.looks.loader import LoadedPicture, PictureLoader
from nameplate.ui.looks.looks import Look, Looks
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.widgets.picture import Box

_NONE = np.empty(0, dtype=np.int64)


class PictureLooks(QObject):
    """Adds the large view and compare to the looks.

    There the selection is the one picture that is looked at: a key never labels what is not seen.
    What was selected in the grid is selected again there, unless the person went on to others.

    Attributes:
        loader: Decodes the pictures.
        large: The current picture alone.
        compare: Pictures side by side.

    Signals:
        looked_at: What is known of the picture that is shown large; an `InspectedPicture`.
    """

    looked_at = Signal(object)

    def __init__(
        self,
        looks: Looks,
        grid: ImageGrid,
        model: TileModel,
        owner: ProjectOwner,
        in_use: ModelInUse,
        fetching: Fetching,
    ) -> None:
        super().__init__(looks)
        self._looks = looks
        self._grid = grid
        self._model = model
        self._in_use = in_use
        self._look = Look.GRID
        self._chosen: NDArray[np.int64] = _NONE
        self.loader = PictureLoader(self, fetching=fetching)
        self.large = LargeView(grid, model, self.loader, self._crop)
        self.compare = CompareView(grid, model, self.loader, self._crop)
        looks.register(Look.LARGE, self.large)
        looks.register(Look.COMPARE, self.compare)
        for panes in (self.large, self.compare):
            panes.looked_at.connect(self._on_looked_at)
        looks.changed.connect(self._on_look)
        grid.image_activated.connect(lambda _row: looks.show(Look.LARGE))
        self.compare.emptied.connect(looks.leave)
        self.compare.taken_out.connect(self._on_taken_out)
        owner.opened.connect(self._on_opened)
        in_use.loaded.connect(self._on_model)

    def set_crop_shown(self, is_shown: bool) -> None:
        """Dim what the model does not see, or not."""
        self.large.set_crop_shown(is_shown)
        self.compare.set_crop_shown(is_shown)

    def compared_rows(self) -> NDArray[np.int64] | None:
        """Return the image rows that are compared; None while none are."""
        is_compared = self._looks.current is Look.COMPARE
        return np.array(self.compare.rows, np.int64) if is_compared else None

    def toggle_actual_size(self) -> None:
        """Toggle between actual size and fitting; from the grid, open the large view so."""
        if self._looks.current is Look.COMPARE:
            self.compare.toggle_actual_size()
            return
        self._looks.show(Look.LARGE)
        if self._looks.current is Look.LARGE:
            self.large.toggle_actual_size()

    @Slot()
    def try_again(self) -> None:
        """Decode once more what failed."""
        self.loader.try_again()
        self.large.try_again()
        self.compare.try_again()

    def shut_down(self) -> None:
        """Stop the decoding threads."""
        self.loader.shut_down()

    def _crop(self, size: tuple[int, int]) -> Box | None:
        model = self._in_use.model
        return crop_box(*size, model.manifest.image) if model else None

    @Slot(object)
    def _on_look(self, look: Look) -> None:
        before, self._look = self._look, look
        if before is Look.GRID:
            self._chosen = self._grid.selected_image_rows()
        if before is Look.COMPARE:
            self._grid.stay_within(None)
        is_current_chosen = self._grid.current_image_row() in self._chosen
        if look is Look.LARGE:
            self.large.open()
        elif look is Look.COMPARE:
            self.compare.open(self._chosen if is_current_chosen else _NONE)
        else:
            self.large.close_pictures()
            self.compare.close_pictures()
        if look is Look.GRID:
            self._back_to_grid(is_current_chosen)

    def _back_to_grid(self, is_current_chosen: bool) -> None:
        shown = self._model.positions_of(self._chosen) >= 0
        if is_current_chosen and len(self._chosen) > 1:
            self._grid.select_images(self._chosen[shown])
        self._grid.scrollTo(self._grid.currentIndex())

    @Slot(object)
    def _on_looked_at(self, loaded: LoadedPicture) -> None:
        known = loaded.size, loaded.note, loaded.problem
        self.looked_at.emit(InspectedPicture(loaded.request.path, None, *known))

    @Slot(int)
    def _on_taken_out(self, row: int) -> None:
        self._chosen = self._chosen[self._chosen != row]

    @Slot()
    def _on_opened(self) -> None:
        self._chosen = _NONE
        self.loader.forget()

    @Slot()
    def _on_model(self) -> None:
        self.large.refresh()
        self.compare.refresh()
