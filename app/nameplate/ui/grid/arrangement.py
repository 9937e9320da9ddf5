"""Decides which pictures the grid shows in which order, and when to update that."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.views import Arranged, Place, Sort, View
from nameplate.domain.labels import DecidedBy
from nameplate.ui.grid.arranging import Arranging
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.content import Tiles
from nameplate.ui.tiles.model import TileModel
from nameplate.wording.numbers import counted


class Arrangement(QObject):
    """Keeps a grid showing the pictures of a `View`.

    Pictures do not jump away under a person's hands: a label for one of them repaints its tile, so
    that what was done is seen and can be taken back, and so does what is learned from it. A step
    that labels several sorts again, and so do its undo and redo, suggestions of other names, and
    images that come or go.

    Attributes:
        model: The pictures that are shown, in order.
        arranging: Works the order out, on a thread of its own where there are many.
        hiding: Where nothing is shown, the terms of the filter that hide everything by themselves.

    Signals:
        arranged: Other pictures may be shown, or in another order.
        placed: A project was opened and is shown where the person left it; the `View`.
        view_changed: Another view was chosen; the `View`.
    """

    arranged = Signal()
    placed = Signal(object)
    view_changed = Signal(object)

    def __init__(self, owner: ProjectOwner, grid: ImageGrid) -> None:
        super().__init__(grid)
        self._owner = owner
        self._grid = grid
        self._view = View()
        self._shown = View()
        self._before = View()  # its order is that of the pictures when no likeness is asked for
        self._after: Callable[[], object] | None = None
        self._waiting: list[Callable[[], object]] = []
        self._is_in_hand = False  # pictures are decided one by one in the order that they have
        self.hiding: tuple[Term, ...] = ()
        self._has_details = False
        self._hidden: frozenset[int] = frozenset()
        self.model = TileModel(
            lambda row: Tiles(
                owner.project,
                owner.suggestions,
                self._has_details,
                self._hidden,
                owner.likeness,
            ).tile(row),
            self,
            path_of=lambda row: owner.project.images.paths[row],
        )
        grid.setModel(self.model)
        self.arranging = Arranging(owner, self)
        self.arranging.done.connect(self._on_arranged)
        owner.opened.connect(self._on_opened)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.placed.connect(self._go_to)
        grid.current_image_changed.connect(self._note_place)
        owner.read.connect(self.model.rows_changed)
        owner.suggestions_changed.connect(self.refresh)
        owner.odd_changed.connect(self._on_odd)
        owner.likeness_changed.connect(self._on_likeness)

    @property
    def view(self) -> View:
        """The view that was chosen last; its pictures may appear a little later."""
        return self._view

    @property
    def is_coming(self) -> bool:
        """Whether the pictures of `view` are not shown yet."""
        return self.arranging.is_busy and self._shown != self._view

    @property
    def has_waiting(self) -> bool:
        """Whether an action waits for the pictures of `view`."""
        return bool(self._waiting)

    def when_shown(self, act: Callable[[], object]) -> None:
        """Call `act` when the pictures of `view` are shown; drop it if the view changes."""
        if self.is_coming:
            self._waiting.append(act)
        else:
            act()

    def counts(self) -> str:
        """Return the numbers of all, shown and selected pictures as text."""
        total, shown = self._owner.project.images.present, len(self.model.order)
        selected = self._grid.selected_count()
        text = counted(total, "picture")
        if shown < total:
            text = f"{shown:,} of {text} shown"
        return f"{text}   {selected:,} selected" if selected > 1 else text

    def shut_down(self) -> None:
        """Stop and wait for the threads."""
        self.arranging.shut_down()

    def set_filter(self, of: Filter) -> None:
        """Apply another filter, in the same order unless a likeness is asked for, or no more."""
        self.set_view(self._view.with_filter(of, self._before))

    @Slot(object)
    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Hide the names of the images in `rows` wherever they are shown; empty hides none."""
        self._hidden = frozenset(rows.tolist())
        self.model.all_changed()

    def set_details(self, *, are_shown: bool) -> None:
        """Show or hide folder, size and the most probable names beneath each picture."""
        self._has_details = are_shown
        self._grid.set_details(are_shown=are_shown)

    @Slot(object)
    def set_view(self, view: View) -> None:
        """Apply another filter or order; a new order starts at its first picture."""
        before, self._view = self._view, view
        if view.sort is not Sort.LIKENESS:
            self._before = view
        self._waiting.clear()
        is_sorted_anew = _order_of(view) != _order_of(before)
        self._note_place()
        self._sort(self._begin if is_sorted_anew else None)
        self.view_changed.emit(view)

    def _begin(self) -> None:
        if len(self.model.order):
            self._grid.set_current_image(int(self.model.order[0]))

    @Slot()
    def _on_opened(self) -> None:
        """Show nothing, and drop actions that wait for the previous project."""
        self._after = None
        self._waiting.clear()
        self.model.set_order(np.empty(0, dtype=np.int64))

    @Slot(object)
    def _go_to(self, place: Place) -> None:
        """Show a project where the person left it, or from the first undecided picture on."""
        self._view = place.view
        self._waiting.clear()
        self._sort(partial(self._show_place, place))
        self.placed.emit(place.view)

    def _show_place(self, place: Place) -> None:
        self._grid.clearSelection()
        project, order = self._owner.project, self.model.order
        if len(order):
            is_there = project.images.ids[order] == place.image
            is_open = project.labels.decided_by[order] != DecidedBy.PERSON
            first = np.argmax(is_there if is_there.any() else is_open)
            self._grid.set_current_image(int(order[int(first)]))
            self._grid.setFocus()

    @Slot()
    def _note_place(self) -> None:
        self._owner.move_to(self._grid.current_image_row(), self._view)

    @Slot()
    def refresh(self) -> None:
        """Update the tiles, and the order too unless a person is working in it."""
        if not self._view.is_as_added and not self._is_in_hand:
            self._sort()
        self.model.all_changed()

    @Slot()
    def _on_odd(self) -> None:
        """Show what is odd now, where the filter asks for it and nobody works in it."""
        if self._view.filter.asks_what_is_odd and not self._is_in_hand:
            self._sort()

    @Slot()
    def _on_likeness(self) -> None:
        """Show the pictures that waited for it, or in its order where nobody works in them."""
        if self._view.filter.likeness and (self.arranging.is_busy or not self._is_in_hand):
            self._sort()
        self.model.all_changed()

    def _sort(self, after: Callable[[], object] | None = None) -> None:
        """Arrange the pictures again, then call `after`."""
        self._after, self._is_in_hand = after or self._after, False
        self.arranging.ask(self._view)

    @Slot(object)
    def _on_arranged(self, arranged: Arranged) -> None:
        self.hiding, self._shown = arranged.hiding, arranged.view
        self.model.set_order(arranged.order)
        self.arranged.emit()
        if self._after is not None and not self.arranging.is_outdated:
            after, self._after = self._after, None
            after()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.images and self._are_at_the_end(effects.added):
            self.model.append(effects.added)
            self.arranged.emit()
        elif effects.images or self._moves(effects.labelled):
            self._sort()
        elif len(effects.labelled):
            self._is_in_hand = True
        if effects.concepts or effects.settings:
            self._is_in_hand = False
            self.model.all_changed()
        else:
            self.model.rows_changed(effects.labelled)

    def _are_at_the_end(self, added: NDArray[np.int64]) -> bool:
        """Return whether new images can just be appended, as nothing sorts or hides them."""
        before = len(self._owner.project.images) - len(added)
        is_next = bool(len(added)) and added[0] == before == len(self.model.order)
        return is_next and self._view.is_as_added

    def _moves(self, labelled: NDArray[np.int64]) -> bool:
        """Return whether new labels of these rows move pictures.

        One picture stays where it is seen. One that is not there, of which a label was taken back,
        cannot jump, and would not be seen otherwise.
        """
        if self._view.is_as_added or not len(labelled):
            return False
        return len(labelled) > 1 or not self.model.index_of(int(labelled[0])).isValid()

    @Slot(object)
    def _on_restored(self, effects: Effects) -> None:
        """Go to the picture that undo or redo changed, if it is a single one."""
        rows = effects.labelled
        if len(rows) != 1:
            return
        if self.arranging.is_busy:
            self._after = partial(self._show_row, int(rows[0]))
        else:
            self._show_row(int(rows[0]))

    def _show_row(self, row: int) -> None:
        if self.model.index_of(row).isValid():
            self._grid.set_current_image(row)


def _order_of(view: View) -> tuple[object, ...]:
    """Return what the order of a view goes by: other values, and it is another order."""
    likeness = view.filter.likeness if view.sort is Sort.LIKENESS else ()
    return view.sort, view.is_falling, likeness
