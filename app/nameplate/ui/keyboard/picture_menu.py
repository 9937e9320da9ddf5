"""The context menu of the pictures, and what can be done with their files."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from nameplate.domain.labels import NO_CONCEPT
from nameplate.ui.widgets.painting import entry_text

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_MOST_NAMES: Final = 30
"""Names in the menu; of more, one is picked by typing."""


class PictureMenu(QObject):
    """The menu of the selected pictures."""

    def __init__(self, window: "WindowParts") -> None:
        grid = self._grid = window.grid
        super().__init__(grid)
        self._window, self._owner, self._outside = window, window.owner, window.outside
        self.menu = QMenu(grid)
        self._names = QMenu("Label with", self.menu)
        grid.menu_requested.connect(self.open_at)
        grid.selected_images_changed.connect(self.menu.close)  # it would be for other pictures

    @Slot(QPoint)
    def open_at(self, place: QPoint) -> None:
        """Open it at a global point, for the selected pictures."""
        if self._grid.current_image_row() >= 0 and not self.menu.isVisible():
            self._fill()
            self.menu.popup(place)

    def open_at_current(self) -> None:
        """Open it at the current picture, as the menu key does."""
        grid, index = self._grid, self._grid.currentIndex()
        grid.scrollTo(index)
        self.open_at(grid.viewport().mapToGlobal(grid.visualRect(index).center()))

    def open_picture(self) -> None:
        """Open the current picture in the system's default program."""
        row = self._grid.current_image_row()
        if row >= 0:
            self._outside.open_picture(self._owner.project.images.paths[row])

    def show_file(self) -> None:
        """Show the folder of the current picture in the system's program for files."""
        row = self._grid.current_image_row()
        if row >= 0:
            self._outside.open_folder(self._owner.project.images.paths[row].parent)

    def show_only_its_name(self) -> None:
        """Show only pictures of the name that the current picture has, or that is suggested."""
        row = self._grid.current_image_row()
        members = self._owner.project.labels.members(row) if row >= 0 else ()
        suggested = int(self._owner.suggestions.suggested[row]) if row >= 0 else NO_CONCEPT
        key = members[0] if members else suggested
        if key == NO_CONCEPT:
            self._outside.messages.tell("This picture has no name yet.", is_reply=True)
        else:
            self._window.filtering.show_concept(key)

    def _fill(self) -> None:
        self.menu.clear()
        window = self._window
        window.actions_by_id.fill(self.menu, "Picture")
        self._names.clear()
        names = window.keyboard.names()
        for concept, key in names[:_MOST_NAMES]:
            text = entry_text(concept.name) + (f"\t{key}" if key else "")
            self._names.addAction(text, partial(window.decisions.label, concept.key))
        if names:
            self.menu.insertMenu(window.actions_by_id["pick"], self._names)
