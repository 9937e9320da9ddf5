"""The pictures of the window, as a feature sees them by its workbench."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Ids
from nameplate.domain.filtering.chosen import OneOf
from nameplate.domain.filtering.views import View

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts
    from nameplate.ui.workbench import Workbench


class Pictures:
    """The pictures that are shown, as a feature sees them.

    Attributes:
        grid: Keeps which images are selected and which is current, whatever shows them.
        arrangement: Which images are shown, in which order, and which of them as one.
        modes: The ways to look at them.
        decisions: What keys do to the images that they are for.
        thumbnails: Makes thumbnails.
    """

    def __init__(self, frame: "WindowParts", workbench: "Workbench") -> None:
        self._frame = frame
        self._workbench = workbench
        self.grid: Final = frame.grid
        self.arrangement: Final = frame.arrangement
        self.modes: Final = frame.modes
        self.decisions: Final = frame.decisions
        self.thumbnails: Final = frame.thumbnails

    @property
    def selected(self) -> NDArray[np.int64]:
        """The rows of the selected images."""
        return self.grid.selected_image_rows()

    @property
    def view(self) -> View:
        """Which images are shown, in which order."""
        return self.arrangement.view

    @property
    def goes_on(self) -> bool:
        """Whether a label leads to the next picture."""
        return self._frame.preferences.values.advance

    def follow_view(self, act: Callable[[], object]) -> None:
        """Call `act` when the view is another one."""
        self._workbench.connect_to(self.arrangement.view_changed, lambda _view: act())

    def follow_selected(self, act: Callable[[], object]) -> None:
        """Call `act` when others are `selected`."""
        self._workbench.connect_to(self.grid.selected_images_changed, act)

    def follow_current(self, act: Callable[[int], object]) -> None:
        """Call `act` with the row of the current image, -1 for none, now and when it is another."""
        act(self.grid.current_image_row())
        self._workbench.connect_to(self.grid.current_image_changed, act)

    def follow_mode(self, act: Callable[[], object]) -> None:
        """Call `act` when the pictures are looked at another way: large, on pages, in the grid."""
        self._workbench.connect_to(self.modes.changed, lambda _mode: act())

    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Hide the names of images wherever they are shown; empty hides none."""
        self.arrangement.hide_names(rows)
        self._frame.inspector.hide_names(rows)

    def describe(self, row: int, text: str) -> None:
        """Say beside the picture of an image, while it is the current one, what its file says."""
        self._frame.inspector.describe(row, text)

    # ---- some alone

    @property
    def are_alone(self) -> bool:
        """Whether only those of `show_only` are shown."""
        return self.arrangement.shows_alone(self)

    def show_only(self, ids: Ids, on_changed: Callable[[], object]) -> None:
        """Show only some images, whatever the filter is.

        Args:
            ids: Theirs.
            on_changed: Called when they are, and when they are not any more, also since the person
                chose a filter.
        """
        self.arrangement.show_only(self, OneOf.of(ids, "shown"), on_changed)

    def show_all(self) -> None:
        """Show what was shown before `show_only`."""
        self.arrangement.show_all(self)
