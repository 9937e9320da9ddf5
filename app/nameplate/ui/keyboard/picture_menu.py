"""The context menu of the pictures, and what can be done with their files."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtWidgets import QMenu

from nameplate.domain.labels import NO_CONCEPT
from nameplate.ui.commands.actions import Actions
from nameplate.ui.commands.table import SEPARATOR
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.keyboard.decisions import Decisions
from nameplate.ui.keyboard.keyboard import Keyboard
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.painting import entry_text

_MOST_NAMES: Final = 30
"""Names in the menu; of more, one is picked by typing."""

_ABOVE: Final = ("accept",)
_BELOW: Final = (
    "pick", "skip", "take_back", SEPARATOR,
    "open_copies", "keep_best", SEPARATOR,
    "more_like_this", "less_like_this", SEPARATOR,
    "only_this_name", "open_picture", "show_file", "copy", SEPARATOR,
    "remove",
)  # fmt: skip


class PictureMenu(QObject):
    """The menu of the selected pictures.

    Signals:
        name_requested: Only pictures of this name are to be shown; the key of the concept.
    """

    name_requested = Signal(int)

    def __init__(
        self,
        actions: Actions,
        decisions: Decisions,
        owner: ProjectOwner,
        grid: ImageGrid,
        keyboard: Keyboard,
        outside: Outside,
    ) -> None:
        super().__init__(grid)
        self._actions = actions
        self._decisions = decisions
        self._owner = owner
        self._grid = grid
        self._keyboard = keyboard
        self._outside = outside
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
            self.name_requested.emit(key)

    def _fill(self) -> None:
        self.menu.clear()
        self._actions.fill(self.menu, _ABOVE)
        self._names.clear()
        names = self._keyboard.names()
        for concept, key in names[:_MOST_NAMES]:
            text = entry_text(concept.name) + (f"\t{key}" if key else "")
            self._names.addAction(text, partial(self._decisions.label, concept.key))
        if names:
            self.menu.addMenu(self._names)
        self._actions.fill(self.menu, _BELOW)
