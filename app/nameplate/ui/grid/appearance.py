"""How large the pictures of the grid are and what stands beneath them, from start to start."""

from PySide6.QtCore import QSettings

from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid

_SIZE = "grid/tile_size"
_DETAILS = "grid/details"


class Appearance:
    """Remembers how a grid shows its pictures.

    Attributes:
        has_details: Whether folder, size and probable names stand beneath each picture.
    """

    def __init__(self, grid: ImageGrid, arrangement: Arrangement, settings: QSettings) -> None:
        """Show the pictures as they were shown last."""
        self._grid = grid
        self._arrangement = arrangement
        self._settings = settings
        self.has_details = str(settings.value(_DETAILS, "false")) == "true"
        arrangement.set_details(are_shown=self.has_details)
        size = str(settings.value(_SIZE, ""))
        if size.isdecimal():
            grid.tile_size = int(size[:6])

    def toggle_details(self) -> None:
        """Show the details, or no longer."""
        self.has_details = not self.has_details
        self._arrangement.set_details(are_shown=self.has_details)

    def save(self) -> None:
        """Remember how the pictures are shown now."""
        self._settings.setValue(_SIZE, self._grid.tile_size)
        self._settings.setValue(_DETAILS, "true" if self.has_details else "false")
