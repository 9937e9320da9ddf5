"""Saves the position of the window and the widths of its columns between sessions."""

from typing import Final

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

_GEOMETRY: Final = "window/geometry"
_COLUMNS: Final = "window/columns"
_WIDEST, _HIGHEST = 1360, 840


class WindowPlace:
    """Saves and restores the geometry of a window and its columns."""

    def __init__(self, window: QMainWindow, columns: QSplitter, settings: QSettings) -> None:
        self._window = window
        self._columns = columns
        self._settings = settings

    def restore(self) -> None:
        """Restore the geometry, or at first make the window as large as the screen allows."""
        geometry = self._settings.value(_GEOMETRY)
        if not (isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)):
            room = self._window.screen().availableSize()
            self._window.resize(min(_WIDEST, room.width()), min(_HIGHEST, room.height() - 40))
        columns = self._settings.value(_COLUMNS)
        if isinstance(columns, QByteArray):
            self._columns.restoreState(columns)

    def save(self) -> None:
        """Save the geometry."""
        self._settings.setValue(_GEOMETRY, self._window.saveGeometry())
        self._settings.setValue(_COLUMNS, self._columns.saveState())
