"""The context menus of pictures, of the ground between them and of the filter."""

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from nameplate.domain.labels import NO_CONCEPT
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.keyboard.keyboard import Keyboard
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.review.decisions import Decisions
from nameplate.ui.services import Services
from nameplate.ui.widgets.painting import entry_text
from nameplate.wording.texts import tr, trn

_MOST_NAMES: Final = 30
"""Names in the menu; of more, one is picked by typing."""


class PictureMenu(QObject):
    """The context menu of the selected pictures, and the actions on their files."""

    def __init__(
        self,
        services: Services,
        outside: Outside,
        modes: ViewModes,
        filtering: Filtering,
        decisions: Decisions,
        keyboard: Keyboard,
    ) -> None:
        grid = self._grid = modes.arrangement.grid
        super().__init__(grid)
        self._owner, self._actions, self._outside = services.owner, services.actions, outside
        self._modes, self._filtering, self._decisions = modes, filtering, decisions
        self._keyboard = keyboard
        self.menu = QMenu(grid)
        self._names = QMenu(tr("Label with"), self.menu)
        modes.stack.installEventFilter(self)  # what no widget in it has a menu for
        grid.selected_images_changed.connect(self.menu.close)  # it would be for other pictures

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu that is asked for by a right click or key."""
        if event.type() != QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return super().eventFilter(watched, event)
        place, is_by_key = event.globalPos(), event.reason() == QContextMenuEvent.Reason.Keyboard
        shown = self._modes.stack.currentWidget()
        if watched is not self._modes.stack or self._modes.shows_nothing:
            self._open("Filter", place=place)
        elif is_by_key:
            self.open_at_current()
        elif shown is self._grid:
            at = self._grid.viewport().mapFromGlobal(place)
            is_on_one = self._grid.indexAt(at).isValid()
            self.open_at(place) if is_on_one else self._open("Ground", place=place)
        elif shown in self._modes.widgets:
            pictures = shown.focusProxy() or shown  # a page has a heading and buttons, too
            if pictures.rect().contains(pictures.mapFromGlobal(place)):
                self.open_at(place)
        return True

    def open_at(self, place: QPoint) -> None:
        """Open it at a global point, for the pictures that keys are for."""
        mode = self._modes.current
        is_chosen = mode.selects if mode.decides is None else mode.decides.select_chosen()
        if is_chosen and self._grid.current_image_row() >= 0:
            self._open(*(("Picture", "Large") if mode.covers else ("Picture",)), place=place)

    def open_at_current(self) -> None:
        """Open it at the current picture, as the menu key does."""
        grid, shown = self._grid, self._modes.stack.currentWidget()
        if shown is grid:
            grid.scrollTo(grid.currentIndex())
            place = grid.viewport().mapToGlobal(grid.visualRect(grid.currentIndex()).center())
            self.open_at(place)
        elif shown in self._modes.widgets:
            self.open_at(shown.mapToGlobal(shown.rect().center()))

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
            self._outside.messages.tell(tr("This picture has no name yet."), is_reply=True)
        else:
            self._filtering.show_concept(key)

    def _open(self, *lists: str, place: QPoint) -> None:
        """Open a menu of the enabled actions of some lists."""
        if self.menu.isVisible():
            return
        actions = self._actions
        self.menu.clear()
        self._names.clear()
        for one in lists:
            actions.fill(self.menu, one, is_for_now=True, without=self._modes.current.name)
        names = self._keyboard.names() if actions["pick"] in self.menu.actions() else []
        count = len(self._decisions.chosen_rows())
        several = trn("Label {count:,} picture with", "Label {count:,} pictures with", count)
        self._names.setTitle(several if count > 1 else tr("Label with"))
        for concept, key in names[:_MOST_NAMES]:
            text = entry_text(concept.name) + (f"\t{key}" if key else "")
            self._names.addAction(text, partial(self._decisions.label, concept.key))
        if names:
            self.menu.insertMenu(actions["pick"], self._names)
        self.menu.popup(place)
