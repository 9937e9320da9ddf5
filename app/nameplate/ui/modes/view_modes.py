"""Switches between the view modes in the middle of the window."""

from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.boxes import Pages
from nameplate.ui.widgets.message_bar import MessageBar


class ViewMode(Enum):
    """A way to look at the pictures."""

    GRID = auto()
    """Many pictures as tiles."""
    LARGE = auto()
    """The current picture alone."""
    COMPARE = auto()
    """Two to nine pictures side by side."""
    SHEETS = auto()
    """A page of the pictures suggested as one concept."""
    GROUPS = auto()
    """Pictures that look alike, to be named."""


_NONE: Final = np.empty(0, np.int64)


class ViewModes(QObject):
    """Shows one view mode at a time in a stack, or why there are no pictures.

    The grid stays the owner of the current picture and of the selection, whatever is shown: the
    other modes show them and move them, so that labelling, inspector and undo work in each. What
    was selected in the grid is selected again there, unless the person went on to others.

    Attributes:
        stack: The middle of the window.
        current: The mode that is chosen; it is shown while there are pictures to show.
        chosen: The rows of the images that were selected when the grid was left.

    Signals:
        changed: Another mode was chosen and is shown; the `ViewMode`.
        wanted: The pictures get the focus: a panel in their place gives way.
    """

    changed = Signal(object)
    wanted = Signal()

    def __init__(
        self,
        owner: ProjectOwner,
        arrangement: Arrangement,
        grid: ImageGrid,
        start: QWidget,
        nothing: QWidget,
        messages: MessageBar,
    ) -> None:
        """Show the start page; `nothing` is shown when a filter hides every picture."""
        self.stack: Final = Pages()
        super().__init__(self.stack)
        self.current = ViewMode.GRID
        self.chosen = _NONE
        self._before_page: tuple[NDArray[np.int64], int, int] | None = None
        self._owner = owner
        self._arrangement = arrangement
        self._grid = grid
        self._messages = messages
        self._start = start
        self._nothing = nothing
        self._before = ViewMode.GRID
        self._widgets: dict[ViewMode, QWidget] = {}
        self._present = self._shown = 0
        self._owes_focus = False
        self.stack.addWidget(start)
        self.register(ViewMode.GRID, grid)
        self.stack.addWidget(nothing)
        owner.opened.connect(self._on_opened)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """The widgets of all modes, where the keys for pictures work."""
        return tuple(dict.fromkeys(self._widgets.values()))

    def register(self, mode: ViewMode, widget: QWidget) -> None:
        """Register the `widget` of `mode`, which gets the focus when it is shown."""
        if widget not in self.widgets:
            self.stack.addWidget(widget)
        self._widgets[mode] = widget

    def show(self, mode: ViewMode) -> None:
        """Show and focus `mode`; without pictures it does nothing, and says so if they are hidden.

        Where a sheet is left and the view shows no picture, the grid says so in any mode's place.
        """
        if not self._has_pictures or mode not in self._widgets:
            if self._present and mode is not ViewMode.GRID:
                text = "No picture is shown: clear the filter first (Ctrl+Shift+F)."
                self._messages.tell(text, is_reply=True)
            return
        if not self._shown and mode is not ViewMode.SHEETS:
            mode = ViewMode.GRID
        before = self.current
        if mode is not before:
            # From a sheet one looks at a picture and goes back to the sheet.
            is_from_sheet = before is ViewMode.SHEETS and mode is not ViewMode.GRID
            self._before = ViewMode.SHEETS if is_from_sheet else ViewMode.GRID
            if mode is not ViewMode.GRID:  # pictures are looked at one by one: stacks are none
                self._arrangement.show_cells(are_shown=False)
        self.current = mode
        if not self._has_pictures:
            self._owes_focus = True
        self._refresh(self._widgets[mode] if self._has_pictures else self._nothing)
        self.focus()
        if mode is not before:
            self._on_changed(before)

    def _on_changed(self, before: ViewMode) -> None:
        """Keep the selection of the grid, or restore it, and tell that the mode is another."""
        grid, mode, revision = self._grid, self.current, self._owner.project.revision
        self._arrangement.show_cells(are_shown=mode is ViewMode.GRID)
        if before is ViewMode.GRID:
            self.chosen = grid.selected_image_rows()
        if mode is ViewMode.SHEETS and self._before_page is None:
            self._before_page = grid.selected_image_rows(), grid.current_image_row(), revision
        elif mode is ViewMode.GRID:
            page, self._before_page = self._before_page, None
            # A page selects what is pointed at. Once something was decided there, the grid goes
            # on from where the page was.
            if before is ViewMode.SHEETS and page is not None and page[2] == revision:
                grid.set_current_image(page[1])
                grid.select_images(page[0])
            if len(self.chosen) > 1 and grid.current_image_row() in self.chosen:
                shown = self._arrangement.model.positions_of(self.chosen) >= 0
                grid.select_images(self.chosen[shown])
            grid.scrollTo(grid.currentIndex())
        self.changed.emit(mode)

    @Slot()
    def _on_opened(self) -> None:
        self.chosen, self._before_page = _NONE, None

    def toggle(self, mode: ViewMode) -> None:
        """Show `mode`; if it is shown already, leave it."""
        if mode is self.current:
            self.leave()
        else:
            self.show(mode)

    @Slot()
    def leave(self) -> None:
        """Return to the grid, or to the sheet that the person came from."""
        self.show(ViewMode.GRID if self.current is ViewMode.SHEETS else self._before)

    @Slot()
    def focus(self) -> None:
        """Focus the current mode, or the page that says why there are no pictures."""
        self.wanted.emit()
        is_nothing = self.stack.currentWidget() is self._nothing
        (self._nothing if is_nothing else self._widgets[self.current]).setFocus()

    @property
    def _has_pictures(self) -> bool:
        # A sheet that is done says so itself, also where the view shows only what is not done.
        return self._shown > 0 or (self._present > 0 and self.current is ViewMode.SHEETS)

    @property
    def has_focus(self) -> bool:
        """Whether the current mode, or a part of it, has the focus."""
        widget, focused = self._widgets[self.current], self.stack.window().focusWidget()
        return focused is widget or widget.isAncestorOf(focused)

    def zoom(self, *, is_in: bool) -> None:
        """Zoom the current mode, if it has `zoom_in` and `zoom_out`."""
        self._call("zoom_in" if is_in else "zoom_out")

    def select_all(self) -> None:
        """Select every picture, if the current mode shows all that a key would affect."""
        self._call("selectAll")

    def _call(self, method: str) -> None:
        getattr(self._widgets[self.current], method, lambda: None)()

    def set_pictures(self, present: int, shown: int) -> None:
        """Show the chosen mode, or why there are no pictures.

        Args:
            present: How many pictures the project has.
            shown: How many of them the view shows.
        """
        self._present, self._shown = present, shown
        if self._has_pictures:
            self._refresh(self._widgets[self.current])
            if self._owes_focus:
                self._owes_focus = False
                self.focus()
            return
        # A widget that is hidden loses the focus; it is given back with the pictures.
        self._owes_focus = self._owes_focus or self.has_focus
        self._refresh(self._nothing if present else self._start)
        if self.current is not ViewMode.GRID:
            before, self.current = self.current, ViewMode.GRID
            self._on_changed(before)

    def _refresh(self, widget: QWidget) -> None:
        if self.stack.currentWidget() is not widget:
            self.stack.setCurrentWidget(widget)
