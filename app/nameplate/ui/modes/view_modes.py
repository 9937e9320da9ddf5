"""Switches between the view modes in the middle of the window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import ConceptId
from nameplate.project.label_changes import Rows
from nameplate.ui.actions.table import COMPARE_KEYS, LARGE_KEYS
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import Stack
from nameplate.wording.texts import sentences, tr


class ModeKeys(Protocol):
    """The effects of keys in a view mode that shows other pictures than the grid."""

    @property
    def rows(self) -> Rows:
        """The rows of the images that the mode shows, in its order."""
        ...

    def accept(self) -> None:
        """Accept the suggestions."""
        ...

    def take_back(self) -> None:
        """Take a decision back."""
        ...

    def skip(self) -> None:
        """Decide to give no label."""
        ...

    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give a concept to `chosen_rows`, or to those of `rows`."""
        ...

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name and label with it; return whether that was possible."""
        ...

    def chosen_rows(self) -> Rows:
        """Return the rows of the images that a key is for."""
        ...

    def select_chosen(self) -> bool:
        """Select these in the grid; return whether there are any."""
        ...

    def open_stack(self) -> None:
        """Show the images of the stack that is pointed at."""
        ...

    def go_by(self, steps: int) -> None:
        """Point at another picture."""
        ...

    @property
    def position(self) -> int:
        """Of the picture that is pointed at; -1 for none."""
        ...

    def go_to(self, position: int) -> None:
        """Point at the picture at a position."""
        ...

    def stop(self) -> bool:
        """Let nothing happen any more that a key has begun; return whether there was something."""
        ...

    def shows(self, effects: Effects) -> bool:
        """Return whether the effects of an undo or redo are visible."""
        ...


@dataclass(frozen=True, eq=False)
class ViewMode:
    """A way to look at the pictures.

    Attributes:
        name: As in the code.
        decides: What keys do; None where they label the images that are selected, or nothing. A
            mode with it says itself why it shows none.
        begin: Called when it is shown.
        selects: Whether it shows and changes the selection and the current image of the grid, which
            keys are for then.
        in_order: Whether its images stand in the order of the grid: a label leads to the next one.
        covers: Whether it lies over the mode before, which one goes back to from it.
        keys: Its most used keys, each with what it does: the id of an action, or the key itself.
            Empty for those of the grid.
    """

    GRID: ClassVar["ViewMode"]
    LARGE: ClassVar["ViewMode"]
    COMPARE: ClassVar["ViewMode"]

    name: str
    decides: ModeKeys | None = None
    begin: Callable[[], object] = ignore
    selects: bool = False
    in_order: bool = True
    covers: bool = False
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def keeps_selection(self) -> bool:
        """Whether its selection is restored when it is shown again."""
        return self.selects and not self.covers


ViewMode.GRID = ViewMode("grid", selects=True)
ViewMode.LARGE = ViewMode("large", selects=True, covers=True, keys=LARGE_KEYS)
ViewMode.COMPARE = ViewMode("compare", selects=True, covers=True, keys=COMPARE_KEYS)


_NONE: Final = np.empty(0, np.int64)


class _Registered(NamedTuple):
    """The widget of a mode and its functions; see `ViewModes.register`."""

    widget: QWidget
    zoom: Callable[[int], object]
    select_all: Callable[[], object]
    pictures: Callable[[], QWidget]


class ViewModes(QObject):
    """Shows one mode at a time in a stack, or why there are no pictures.

    The grid stays the owner of the current picture and of the selection, whatever is shown: the
    other modes show them and move them, so that labelling, inspector and undo work in each. What
    was selected in the grid is selected again there, unless the person went on to others.

    Attributes:
        current: The mode that is chosen; it is shown while there are pictures to show.
        chosen: The rows of the images that were selected when a mode was left that keeps them.

    Signals:
        changed: Another mode was chosen and is shown; the `ViewMode`.
    """

    changed = Signal(object)

    def __init__(
        self,
        services: Services,
        arrangement: Arrangement,
        start_page: QWidget,
        nothing: QWidget,
        middle: Stack,
    ) -> None:
        """Show the start page."""
        self.stack: Final = Stack()
        super().__init__(self.stack)
        self.stack.setAutoFillBackground(True)
        self.stack.setBackgroundRole(QPalette.ColorRole.Base)
        self.current = ViewMode.GRID
        self.chosen = _NONE
        self._before_page: tuple[NDArray[np.int64], int, int] | None = None
        self._owner, self._actions, self._messages = (
            services.owner,
            services.actions,
            services.messages,
        )
        self.arrangement: Final = arrangement
        self._grid = grid = arrangement.grid
        self._start_page, self._nothing, self._middle = start_page, nothing, middle
        self._beneath = list[ViewMode]()
        self._modes = dict[ViewMode, _Registered]()
        self._present = self._shown = 0
        self._owes_focus = False
        self.stack.addWidget(start_page)
        self.register(ViewMode.GRID, grid, grid.zoom_by, grid.selectAll)
        self.stack.addWidget(nothing)
        self._owner.changed.connect(self._on_project_changed)
        self.arrangement.arranged.connect(self._on_arranged)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """The widgets of all modes, where the keys for pictures work."""
        return tuple(dict.fromkeys(shown.widget for shown in self._modes.values()))

    def register(
        self,
        mode: ViewMode,
        widget: QWidget,
        zoom: Callable[[int], object] = ignore,
        select_all: Callable[[], object] = ignore,
        pictures: Callable[[], QWidget] | None = None,
    ) -> None:
        """Let a mode be shown.

        Args:
            mode: The mode.
            widget: Shows it, and gets the focus then.
            zoom: Makes its pictures larger (1) or smaller (-1).
            select_all: Selects every picture, where it shows all that a key would be for.
            pictures: Returns the part of it that messages lie over; by default it is all of it.
        """
        if widget not in self.widgets:
            self.stack.addWidget(widget)
        self._modes[mode] = _Registered(widget, zoom, select_all, pictures or (lambda: widget))

    def forget(self, mode: ViewMode) -> None:
        """Show a mode no more: its feature has ended."""
        self._beneath = [one for one in self._beneath if one is not mode]
        is_current = self.current is mode
        if is_current:
            self._owes_focus = self._owes_focus or self.has_focus
            self.current = ViewMode.GRID
            self._beneath.clear()
        self.stack.removeWidget(self._modes.pop(mode).widget)
        if is_current:
            self._on_changed(mode)

    def stop(self) -> bool:
        """Let nothing happen any more that a key has begun; return whether there was something."""
        return max((mode.decides.stop() for mode in self._modes if mode.decides), default=False)

    def show(self, mode: ViewMode) -> None:
        """Show and focus `mode`; without pictures it does nothing, and says so if they are hidden.

        Where a page is left and the view shows no picture, the grid says so in any mode's place.
        """
        if not self._has_pictures or mode not in self._modes:
            if self._present and mode is not ViewMode.GRID:
                key = self._actions.key_of("clear_filter")
                first = tr("Clear it first ({key}).", key=key) if key else tr("Clear it first.")
                text = sentences(tr("The filter hides all pictures."), first)
                self._messages.tell(text, is_reply=True)
            return
        if not self._shown and mode.decides is None:
            mode = ViewMode.GRID
        before = self.current
        if mode is not before:
            self._cover(before, mode)
            if before.decides is not None and mode is not ViewMode.GRID:
                before.decides.select_chosen()  # the mouse may have come to it just now
            if mode is not ViewMode.GRID:  # pictures are looked at one by one: stacks are none
                self.arrangement.show_cells(are_shown=False)
        self.current = mode
        if not self._has_pictures:
            self._owes_focus = True
        self._refresh(self._modes[mode].widget if self._has_pictures else self._nothing)
        self.focus()
        if mode is not before:
            self._on_changed(before)

    def _cover(self, before: ViewMode, mode: ViewMode) -> None:
        """Note the modes beneath a mode, which one goes back to; a page is found again so."""
        if mode in self._beneath:
            del self._beneath[self._beneath.index(mode) :]
        elif mode.covers:
            self._beneath.append(before)
        else:
            self._beneath.clear()

    def _on_changed(self, before: ViewMode) -> None:
        """Keep the selection of the grid, or restore it, and tell that the mode is another."""
        grid, mode, revision = self._grid, self.current, self._owner.project.revision
        self.arrangement.show_cells(are_shown=mode is ViewMode.GRID)
        grid.goes_on = mode.in_order
        if before.keeps_selection:
            self.chosen = grid.selected_image_rows()
        if mode.decides is not None and self._before_page is None:
            self._before_page = grid.selected_image_rows(), grid.current_image_row(), revision
        elif mode.keeps_selection:
            page, self._before_page = self._before_page, None
            # A page selects what is pointed at. Once something was decided there, the grid goes
            # on from where the page was.
            if before.decides is not None and page is not None and page[2] == revision:
                grid.set_current_image(page[1])
                grid.select_images(page[0])
            if len(self.chosen) > 1 and grid.current_image_row() in self.chosen:
                shown = self.arrangement.model.positions_of(self.chosen) >= 0
                grid.select_images(self.chosen[shown])
            grid.scrollTo(grid.currentIndex())
        self.changed.emit(mode)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.chosen, self._before_page = _NONE, None

    def toggle(self, mode: ViewMode) -> None:
        """Show `mode`; if it is shown already, leave it."""
        if mode is self.current:
            self.leave()
        else:
            self.show(mode)

    def leave(self) -> None:
        """Return to the mode that this one covers, or else to the grid."""
        self.show(self._beneath[-1] if self._beneath else ViewMode.GRID)

    def focus(self) -> None:
        """Focus the current mode, or its replacement without pictures; close the panel."""
        self._middle.setCurrentIndex(0)
        shown = self.stack.currentWidget()
        is_empty = shown in (self._nothing, self._start_page)
        (shown if is_empty else self._modes[self.current].widget).setFocus()

    @property
    def _has_pictures(self) -> bool:
        # A page that is done says so itself, also where the view shows only what is not done.
        return self._shown > 0 or (self._present > 0 and self.current.decides is not None)

    @property
    def shows_nothing(self) -> bool:
        """Whether it is said why there are no pictures: the filter hides all."""
        return self.stack.currentWidget() is self._nothing

    @property
    def is_covered(self) -> bool:
        """Whether a panel stands in the place of the pictures."""
        return self._middle.currentIndex() != 0

    @property
    def is_from_page(self) -> bool:
        """Whether leaving the mode returns to a page."""
        return any(mode.decides is not None for mode in self._beneath)

    @property
    def decides(self) -> ModeKeys | None:
        """The effects of keys, also of a page at its large pictures; None for those of the grid."""
        modes = [self.current, *(reversed(self._beneath) if self.current.covers else ())]
        return next((mode.decides for mode in modes if mode.decides is not None), None)

    @property
    def has_focus(self) -> bool:
        """Whether the current mode, or a part of it, has the focus."""
        widget, focused = self._modes[self.current].widget, self.stack.window().focusWidget()
        return focused is widget or widget.isAncestorOf(focused)

    @property
    def pictures(self) -> QWidget:
        """The pictures of the current mode, be they shown or not."""
        return self._modes[self.current].pictures()

    @property
    def shows_others(self) -> bool:
        """Whether pictures are seen that are not the grid's, such as a page."""
        return not self.current.selects and self.stack.isVisible()

    def zoom(self, step: int) -> None:
        """Make the pictures of the current mode larger (1) or smaller (-1)."""
        self._modes[self.current].zoom(step)

    def select_all(self) -> None:
        """Select every picture of the current mode, if it shows all that a key would be for."""
        self._modes[self.current].select_all()

    def _on_arranged(self) -> None:
        """Show the chosen mode, or why there are no pictures."""
        self._present = self._owner.project.images.present
        self._shown = len(self.arrangement.model.order)
        if self._has_pictures:
            self._refresh(self._modes[self.current].widget)
            if self._owes_focus:
                self._owes_focus = False
                typed_in = self.stack.window().focusWidget()
                if not (isinstance(typed_in, QLineEdit) and typed_in.text()):
                    self.focus()
            return
        # A widget that is hidden loses the focus; it is given back with the pictures.
        self._owes_focus = self._owes_focus or self.has_focus
        self._refresh(self._nothing if self._present else self._start_page)
        if self.current is not ViewMode.GRID:
            before, self.current = self.current, ViewMode.GRID
            self._beneath.clear()
            self._on_changed(before)

    def _refresh(self, widget: QWidget) -> None:
        if self.stack.currentWidget() is not widget:
            self.stack.setCurrentWidget(widget)
