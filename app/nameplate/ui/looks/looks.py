"""Switches between the looks in the middle of the window."""

from collections.abc import Callable
from typing import ClassVar, Final, Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import ConceptId
from nameplate.project.labelling import Rows
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.widgets.boxes import Pages


class Decides(Protocol):
    """What keys do in a look; `Labelling` does it to the images of the grid."""

    def accept(self) -> object:
        """Accept what is suggested, and go on."""
        ...

    def take_back(self) -> object:
        """Take a decision back."""
        ...

    def skip(self) -> object:
        """Decide to give no label."""
        ...

    def chosen_rows(self) -> Rows:
        """Return the rows of the images that a decision would affect now."""
        ...

    def label(self, key: ConceptId, rows: Rows | None = None) -> object:
        """Give the concept `key` to the chosen images, or to `rows` chosen before."""
        ...

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name and label with it as `label` does; False if it cannot be added."""
        ...

    def go_by(self, steps: int) -> object:
        """Go to the image `steps` after the current one."""
        ...


class DecidesItself(Decides, Protocol):
    """What keys do in a look that has images of its own, such as a page."""

    @property
    def position(self) -> int:
        """Of the image that keys are for; -1 for none."""
        ...

    def go_to(self, position: int) -> object:
        """Let keys be for the image at a position."""
        ...

    def select_chosen(self) -> bool:
        """Let the images that a key is for be the selection; False where there are none."""
        ...

    def open_stack(self) -> object:
        """Show each image of the stack that a key is for."""
        ...

    def stop(self) -> bool:
        """Let what a key has begun not happen any more; return whether there was something."""
        ...

    def shows(self, effects: Effects) -> bool:
        """Whether what was just undone or done again is seen."""
        ...


class Look:
    """A way to look at the pictures.

    Attributes:
        name: As in the code.
        is_of_grid: Whether it shows images of the grid, by its selection and order.
        decides: What keys do; None where they label images of the grid, or nothing. One comes back
            to a look with it from a large picture, and it says itself why it shows none.
        begin: Called when it is shown.
    """

    GRID: ClassVar["Look"]
    LARGE: ClassVar["Look"]
    COMPARE: ClassVar["Look"]
    GROUPS: ClassVar["Look"]

    def __init__(
        self,
        name: str,
        decides: DecidesItself | None = None,
        begin: Callable[[], object] = lambda: None,
        *,
        is_of_grid: bool = False,
    ) -> None:
        self.name: Final = name
        self.decides: Final = decides
        self.begin: Final = begin
        self.is_of_grid: Final = is_of_grid


Look.GRID = Look("grid", is_of_grid=True)
Look.LARGE = Look("large", is_of_grid=True)
Look.COMPARE = Look("compare", is_of_grid=True)
Look.GROUPS = Look("groups")


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

    def forget(self, look: Look) -> None:
        """Show a look no more: its feature has ended."""
        if self._before is look:
            self._before = Look.GRID
        is_current = self.current is look
        if is_current:
            self._owes_focus = self._owes_focus or self.has_focus
            self.current = Look.GRID
        self.stack.removeWidget(self._widgets.pop(look))
        if is_current:
            self.changed.emit(Look.GRID)

    def stop(self) -> bool:
        """Let nothing happen any more that a key has begun; return whether there was something."""
        return max((look.decides.stop() for look in self._widgets if look.decides), default=False)

    def show(self, look: Look) -> None:
        """Show and focus `look`; without pictures it does nothing, and says so if they are hidden.

        Where a page is left and the view shows no picture, the grid says so in any look's place.
        """
        if not self._has_pictures or look not in self._widgets:
            if self._present and look is not Look.GRID:
                self.refused.emit("No picture is shown: clear the filter first (Ctrl+Shift+F).")
            return
        if not self._shown and look.decides is None:
            look = Look.GRID
        is_another = look is not self.current
        if is_another:
            # From a page one looks at a picture and goes back to the page.
            is_from_page = self.current.decides is not None and look is not Look.GRID
            self._before = self.current if is_from_page else Look.GRID
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
        """Return to the grid, or to the page that the person came from."""
        self.show(self._before if self.current.decides is None else Look.GRID)

    @Slot()
    def focus(self) -> None:
        """Focus the current look, or the page that says why there are no pictures."""
        self.wanted.emit()
        is_nothing = self.stack.currentWidget() is self._nothing
        (self._nothing if is_nothing else self._widgets[self.current]).setFocus()

    @property
    def _has_pictures(self) -> bool:
        # A page that is done says so itself, also where the view shows only what is not done.
        return self._shown > 0 or (self._present > 0 and self.current.decides is not None)

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
