"""Remembers the size and the details of pictures in the grid between sessions."""

from PySide6.QtCore import QSettings

from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid

_SIZE = "grid/tile_size"
_DETAILS = "grid/details"


class Appearance:
    """Saves and restores how a grid shows its pictures.

    Attributes:
        has_details: Whether folder, size and probable names stand beneath each picture.
    """

    def __init__(self, grid: ImageGrid, arrangement: Arrangement, settings: QSettings) -> None:
        """Restore the appearance of the last session."""
        self._grid = grid
        self._arrangement = arrangement
        self._settings = settings
        self.has_details = str(settings.value(_DETAILS, "false")) == "true"
        arrangement.set_details(are_shown=self.has_details)
        size = str(settings.value(_SIZE, ""))
        if size.isdecimal():
            grid.tile_size = int(size[:6])

    def toggle_details(self) -> None:
        """Show or hide the details."""
        self.has_details = not self.has_details
        self._arrangement.set_details(are_shown=self.has_details)

    def save(self) -> None:
        """Save the current appearance."""
        self._settings.setValue(_SIZE, self._grid.tile_size)
        self._settings.setValue(_DETAILS, "true" if self.has_details else "false")
