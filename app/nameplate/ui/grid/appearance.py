"""Remembers the size and the details of pictures in the grid between sessions."""

from PySide6.QtCore import QSettings

from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid

_SIZE = "grid/tile_size"
_DETAILS = "grid/details"


def restore_appearance(grid: ImageGrid, arrangement: Arrangement, settings: QSettings) -> None:
    """Restore the appearance of the last session."""
    arrangement.set_details(are_shown=str(settings.value(_DETAILS, "false")) == "true")
    size = str(settings.value(_SIZE, ""))
    if size.isdecimal():
        grid.tile_size = int(size[:6])


def save_appearance(grid: ImageGrid, arrangement: Arrangement, settings: QSettings) -> None:
    """Save the current appearance."""
    settings.setValue(_SIZE, grid.tile_size)
    settings.setValue(_DETAILS, "true" if arrangement.has_details else "false")
