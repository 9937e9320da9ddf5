"""Switches between the looks in the middle of the window."""

from enum import Enum, auto
from typing import Final, Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.widgets.boxes import Pages


class Look(Enum):
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


@runtime_checkable
class _Zooms(Protocol):
    def zoom_in(self) -> None: ...

    def zoom_out(self) -> None: ...


@runtime_checkable
class _SelectsAll(Protocol):
    def selectAll(self) -> None: ...


class Looks(QObject):
    """Shows one look at a time in a stack, or why there are no pictures.

    The grid stays the owner of the current picture and of the selection, whatever is shown: the
    other looks show them and move them, so that labelling, inspector and undo work in each.

    Attributes:
        stack: The middle of the window.
        current: The look that is chosen; it is shown while there are pictures to show.

    Signals:
        about_to_change: Another look was chosen and will be shown; the `Look`.
        changed: Another look was chosen and is shown; the `Look`.
        wanted: The pictures get the focus: a panel in their place gives way.
        refused: A look was asked for while the view hides every picture; why there is none.
    """

    about_to_change = Signal(object)
    changed = Signal(object)
    wanted = Signal()
    refused = Signal(str)

    def __init__(self, grid: ImageGrid, start: QWidget, nothing: QWidget) -> None:
        """Show the start page; `nothing` is shown when a filter hides every picture."""
        self.stack: Final = Pages()
        super().__init__(self.stack)
        self.current = Look.GRID
        self._start = start
        self._nothing = nothing
        self._before = Look.GRID
        self._widgets: dict[Look, QWidget] = {}
        self._present = self._shown = 0
        self._owes_focus = False
        self.stack.addWidget(start)
        self.register(Look.GRID, grid)
        self.stack.addWidget(nothing)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """The widgets of all looks, where the keys for pictures work."""
        return tuple(self._widgets.values())

    def register(self, look: Look, widget: QWidget) -> None:
        """Register the `widget` of `look`, which gets the focus when it is shown."""
        self._widgets[look] = widget
        self.stack.addWidget(widget)

    def show(self, look: Look) -> None:
        """Show and focus `look`; without pictures it does nothing, and says so if they are hidden.

        Where a sheet is left and the view shows no picture, the grid says so in any look's place.
        """
        if not self._has_pictures or look not in self._widgets:
            if self._present and look is not Look.GRID:
                self.refused.emit("No picture is shown: clear the filter first (Ctrl+Shift+F).")
            return
        if not self._shown and look is not Look.SHEETS:
            look = Look.GRID
        is_another = look is not self.current
        if is_another:
            # From a sheet one looks at a picture and goes back to the sheet.
            is_from_sheet = self.current is Look.SHEETS and look is not Look.GRID
            self._before = Look.SHEETS if is_from_sheet else Look.GRID
            self.about_to_change.emit(look)
        self.current = look
        if not self._has_pictures:
            self._owes_focus = True
        self._refresh(self._widgets[look] if self._has_pictures else self._nothing)
        self.focus()
        if is_another:
            self.changed.emit(look)

    def toggle(self, look: Look) -> None:
        """Show `look`; if it is shown already, leave it."""
        if look is self.current:
            self.leave()
        else:
            self.show(look)

    @Slot()
    def leave(self) -> None:
        """Return to the grid, or to the sheet that the person came from."""
        self.show(Look.GRID if self.current is Look.SHEETS else self._before)

    @Slot()
    def focus(self) -> None:
        """Focus the current look, or the page that says why there are no pictures."""
        self.wanted.emit()
        is_nothing = self.stack.currentWidget() is self._nothing
        (self._nothing if is_nothing else self._widgets[self.current]).setFocus()

    @property
    def _has_pictures(self) -> bool:
        # A sheet that is done says so itself, also where the view shows only what is not done.
        return self._shown > 0 or (self._present > 0 and self.current is Look.SHEETS)

    @property
    def has_focus(self) -> bool:
        """Whether the current look, or a part of it, has the focus."""
        widget, focused = self._widgets[self.current], self.stack.window().focusWidget()
        return focused is widget or widget.isAncestorOf(focused)

    def zoom(self, *, is_in: bool) -> None:
        """Zoom the current look."""
        widget = self._widgets[self.current]
        if isinstance(widget, _Zooms):
            (widget.zoom_in if is_in else widget.zoom_out)()

    def select_all(self) -> None:
        """Select every picture, if the current look shows all that a key would affect."""
        widget = self._widgets[self.current]
        if isinstance(widget, _SelectsAll):
            widget.selectAll()

    def set_pictures(self, present: int, shown: int) -> None:
        """Show the chosen look, or why there are no pictures.

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
        if self.current is not Look.GRID:
            self.current = Look.GRID
            self.changed.emit(Look.GRID)

    def _refresh(self, widget: QWidget) -> None:
        if self.stack.currentWidget() is not widget:
            self.stack.setCurrentWidget(widget)
