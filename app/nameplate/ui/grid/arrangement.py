"""Decides which pictures the grid shows in which order, and when to update that."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.facts import Derived
from nameplate.domain.filtering.cells import Cells, cells_of, disagreeing, stacks_shown
from nameplate.domain.filtering.chosen import ImageIds
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.views import Arranged, Place, Sort, View
from nameplate.domain.labels import DecidedBy
from nameplate.domain.stacks import STACKS, Stacks, members
from nameplate.scoring.similarity import SIMILARITY
from nameplate.ui.grid.arranging import Arranging
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.jobs import Jobs
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.content import Tiles
from nameplate.ui.tiles.model import TileModel
from nameplate.wording.texts import part_of_pictures, pictures_text, tr, trn

_NOTHING: Final = Arranged(View(), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class _Alone:
    """Some images that are shown alone, and the views before and while they are."""

    owner: object
    on_changed: Callable[[], object]
    term: Term
    before: View
    shown: View


class Arrangement(QObject):
    """Keeps a grid showing the pictures of a `View`.

    Pictures do not jump away under a person's hands: a label for one of them repaints its tile, so
    that what was done is seen and can be taken back, and so does what is learned from it. A step
    that labels several sorts again, and so do its undo and redo, suggestions of other names, and
    images that come or go.

    Attributes:
        arranging: Works the order out, on a thread of its own where there are many.
        hiding: Where nothing is shown, the terms of the filter that hide everything by themselves.

    Signals:
        arranged: Other pictures may be shown, or in another order.
        view_changed: Another view was chosen, or that of a project that was opened; the `View`.
    """

    arranged = Signal()
    view_changed = Signal(object)

    def __init__(self, owner: ProjectOwner, jobs: Jobs, grid: ImageGrid) -> None:
        super().__init__(grid)
        self._owner = owner
        self.grid: Final = grid
        self._view = View()
        self._shown = _NOTHING
        self._before = View()  # its order is that of the pictures when no similarity is asked for
        self._shows_cells = True
        self._after: Callable[[], object] | None = None
        self._waiting: list[Callable[[], object]] = []
        self._alone: _Alone | None = None
        self._last = -1  # the image row that was current before none was shown
        self._is_in_hand = False  # pictures are decided one by one in the order that they have
        self.hiding: tuple[Term, ...] = ()
        self._tiles = Tiles(owner)
        self.model = TileModel(
            self._tiles.tile,
            self,
            path_of=lambda row: owner.project.images.paths[row],
        )
        grid.setModel(self.model)
        self.arranging = Arranging(owner, jobs, self._on_arranged, self)
        owner.changed.connect(self._on_project_changed)
        owner.restored.connect(self._on_restored)
        grid.current_image_changed.connect(self._note_place)

    @property
    def has_details(self) -> bool:
        """Whether folder, size and the most probable names stand beneath each picture."""
        return self._tiles.has_details

    @property
    def view(self) -> View:
        """The view that was chosen last; its pictures may appear a little later."""
        return self._view

    @property
    def is_coming(self) -> bool:
        """Whether the pictures of `view` are not shown yet."""
        return self.arranging.is_busy and self._shown.view != self._view

    @property
    def images(self) -> NDArray[np.int64]:
        """The rows of all images that the view shows, those in closed stacks among them."""
        return self._shown.order

    @property
    def selected(self) -> NDArray[np.int64]:
        """The rows of the selected images."""
        return self.grid.selected_image_rows()

    @property
    def cells(self) -> Cells | None:
        """Which of the images are shown as one in the grid; None where each is shown."""
        return self._shown.cells

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
        total, images = self._owner.project.images.present, len(self._shown.order)
        selected = self.grid.selected_count()
        text = pictures_text(total)
        text = part_of_pictures(images, total) if images < total else text
        if self.model.cells is not None:
            shown = len(self.model.order)
            text = tr("{pictures}, {count:,} shown", pictures=text, count=shown)
        elif images < total:
            text = trn(
                "{part:,} of {count:,} picture shown",
                "{part:,} of {count:,} pictures shown",
                total,
                part=images,
            )
        if selected > 1:
            text = tr("{pictures}   {count:,} selected", pictures=text, count=selected)
        return text

    def beyond_shown(self) -> str:
        """Return that all pictures are meant, not only those shown; empty where all are shown."""
        total, images = self._owner.project.images.present, len(self._shown.order)
        if images >= total:
            return ""
        return trn(
            "Of all {count:,} picture, not only the {part:,} shown.",
            "Of all {count:,} pictures, not only the {part:,} shown.",
            total,
            part=images,
        )

    def set_filter(self, of: Filter) -> None:
        """Apply another filter, in the same order unless similarity is asked for, or no more."""
        self.set_view(self._view.with_filter(of, self._before))

    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Hide the names of the images in `rows` wherever they are shown; empty hides none."""
        self._tiles.hidden = frozenset(rows.tolist())
        self.model.all_changed()

    def set_details(self, *, are_shown: bool) -> None:
        """Show or hide folder, size and the most probable names beneath each picture."""
        self._tiles.has_details = are_shown
        self.grid.set_details(are_shown=are_shown)

    def toggle_details(self) -> None:
        """Show or hide the details."""
        self.set_details(are_shown=not self.has_details)

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
        alone = self._alone
        if alone is not None and alone.term not in view.filter.terms:
            self._alone = None
            alone.on_changed()

    def _begin(self) -> None:
        if len(self.model.order):
            self.grid.set_current_image(int(self.model.order[0]))

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self._clear()
        elif len(effects.read):
            self.model.rows_changed(effects.read)
        elif effects.suggestions:
            self.refresh()
        elif effects.found:
            for key in effects.found:
                self._on_found(key)
        else:
            if effects.images and self._are_at_the_end(effects.added):
                self.model.append(effects.added)
                self._shown = replace(self._shown, order=self.model.order)
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

    def _clear(self) -> None:
        """Show nothing, and drop actions that wait for the previous project."""
        self._after = self._alone = None
        self._tiles.hidden = frozenset()
        self._waiting.clear()
        self._shown = _NOTHING
        self._put()
        self._last = -1

    def go_on(self) -> None:
        """Show a project where the person left it, or from the first undecided picture on."""
        place = self._owner.project.place
        self._view = place.view
        self._waiting.clear()
        self._sort(partial(self._show_place, place))
        self.view_changed.emit(place.view)

    def _show_place(self, place: Place) -> None:
        self.grid.clearSelection()
        project, order = self._owner.project, self.model.order
        if len(order):
            images = self._shown.order
            left = images[project.images.ids[images] == place.image]
            is_open = project.labels.decided_by[order] != DecidedBy.PERSON
            self.grid.set_current_image(int([*left, order[np.argmax(is_open)]][0]))
            if project.concepts:  # else a name is next
                self.grid.setFocus()

    def _note_place(self) -> None:
        row = self.grid.current_image_row()
        self._last = row if row >= 0 else self._last
        self._owner.move_to(row, self._view)

    def refresh(self) -> None:
        """Update the tiles, and the order too unless a person is working in it."""
        if not self._view.is_default and not self._is_in_hand:
            self._sort()
        self.model.all_changed()

    def _on_found(self, key: Derived[Any]) -> None:
        """Update the view with a finding that it uses, unless somebody works in it.

        Stacks that are found anew move nothing.
        """
        view, may_sort = self._view, not self._is_in_hand
        if key == SIMILARITY:
            is_asked, may_sort = bool(view.filter.similarity), may_sort or self.arranging.is_busy
        elif key == STACKS:
            is_asked = view.is_stacked and self.cells is None
        else:
            is_asked = key.name in view.findings
        if is_asked and may_sort:
            self._sort()
        if key == SIMILARITY:
            self.model.all_changed()

    def _sort(self, after: Callable[[], object] | None = None) -> None:
        """Arrange the pictures again, then call `after`."""
        self._after, self._is_in_hand = after or self._after, False
        self.arranging.ask(self._view)

    def _on_arranged(self, arranged: Arranged) -> None:
        self.hiding, self._shown = arranged.hiding, arranged
        self._put()
        if self._last >= 0 and self.grid.current_image_row() < 0 and len(self.model.order):
            is_shown = self.grid.shows(self._last)
            self.grid.set_current_image(self._last if is_shown else int(self.model.order[0]))
        self.arranged.emit()
        if self._after is not None and not self.arranging.is_outdated:
            after, self._after = self._after, None
            after()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def _are_at_the_end(self, added: NDArray[np.int64]) -> bool:
        """Return whether new images can just be appended, as nothing sorts or hides them."""
        before = len(self._owner.project.images) - len(added)
        is_next = bool(len(added)) and added[0] == before == len(self.model.order)
        return is_next and self._view.is_default

    def _moves(self, labelled: NDArray[np.int64]) -> bool:
        """Return whether new labels of these rows move pictures.

        One cell stays where it is seen. One that is not there, of which a label was taken back,
        cannot jump, and would not be seen otherwise.
        """
        if self._view.is_default or not len(labelled):
            return False
        places = self.model.positions_of(labelled)
        return bool(places.min() < 0 or places.min() != places.max())

    def _on_restored(self, effects: Effects) -> None:
        """Go to the picture or the stack that undo or redo changed, if it is a single one."""
        rows = effects.labelled
        if not len(rows):
            return
        if self.arranging.is_busy:
            self._after = partial(self._show_rows, rows)
            return
        if self.cells is not None and (self._owner.stacks_of(rows) >= 0).any():
            self.stack_again()
        self._show_rows(rows)

    def _show_rows(self, rows: NDArray[np.int64]) -> None:
        places = self.model.positions_of(rows)
        if places[0] >= 0 and places.min() == places.max():
            self.grid.set_current_image(int(rows[0]))

    # ---- some alone

    def shows_alone(self, owner: object) -> bool:
        """Return whether only the images of `show_only` are shown that `owner` asked for."""
        return self._alone is not None and self._alone.owner is owner

    def show_only(self, owner: object, images: ImageIds, on_changed: Callable[[], object]) -> None:
        """Show these images alone, whatever the filter is.

        Args:
            owner: Who asks for it.
            images: Which.
            on_changed: Called when they are, and when they are not any more, also since the person
                chose a filter.
        """
        alone, before = self._alone, self._view
        if alone is not None and alone.owner is owner:
            before, self._alone = alone.before, None
        term = Term(images)
        self.set_filter(Filter((term,)))
        self._alone = _Alone(owner, on_changed, term, before, self._view)
        on_changed()

    def show_all(self, owner: object) -> None:
        """Return to the view before `show_only`, but keep an order that was chosen since."""
        alone = self._alone
        if alone is None or alone.owner is not owner:
            return
        self._alone = None
        now, shown = self._view, alone.shown
        is_same_order = (now.sort, now.is_falling) == (shown.sort, shown.is_falling)
        order = alone.before if is_same_order else now
        view = replace(now, filter=alone.before.filter, sort=order.sort)
        self.set_view(replace(view, is_falling=order.is_falling))
        alone.on_changed()

    # ---- stacks

    def show_cells(self, *, are_shown: bool) -> None:
        """Show each stack as one cell, where the view says so, or each picture.

        What shows single pictures walks through each: a key never labels what is not seen.
        """
        if are_shown == self._shows_cells:
            return
        self._shows_cells = are_shown
        if self.cells is not None:
            if are_shown:
                self._break_up(self.cells.grouped)
            self._put()

    def open_stacks(self, rows: NDArray[np.int64]) -> None:
        """Show each picture of the stacks of `rows`, beside the first one."""
        if self.cells is not None:
            self.arranging.opened = np.union1d(self.arranging.opened, self.cells.images_of(rows))
            self._put_cells(self.cells.stacks)

    def close_stacks(self, rows: NDArray[np.int64]) -> bool:
        """Show the stacks of `rows` as one again; False where some differ, which stand alone."""
        if self.cells is None:
            return True
        images = members(self.cells.stacks, rows)
        self.arranging.opened = np.setdiff1d(self.arranging.opened, images)
        self._put_cells(self.cells.stacks)
        is_apart = self._break_up(images)
        if is_apart:
            self._put()
        return not is_apart

    def open_differing(self, rows: NDArray[np.int64]) -> bool:
        """Open the stacks of `rows` whose pictures no longer agree; False for none.

        What is learned while a person works does not move what they see.
        """
        if self.model.cells is None:
            return False
        apart = disagreeing(self.model.cells, rows, self.arranging.columns())
        self.open_stacks(apart)
        return len(apart) > 0

    def stack_again(self) -> None:
        """Recompute the stacks in the shown order."""
        columns = self.arranging.columns()
        if self._shown.view.is_stacked and len(columns.stacks):
            self._put_cells(stacks_shown(self._shown.order, columns))

    def _break_up(self, rows: NDArray[np.int64]) -> bool:
        """Let closed stacks of which different things are said be none; False for none."""
        cells, is_apart = self._shown.cells, False
        if cells is not None:
            apart = disagreeing(cells, rows, self.arranging.columns())
            if is_apart := len(apart) > 0:
                is_out = np.zeros(len(cells.stacks), np.bool_)
                is_out[members(cells.stacks, apart)] = True
                self._set_cells(cells.stacks.without(is_out))
        return is_apart

    def _set_cells(self, stacks: Stacks) -> None:
        cells = cells_of(self._shown.order, stacks, self.arranging.opened)
        self._shown = replace(self._shown, cells=cells)

    def _put_cells(self, stacks: Stacks) -> None:
        """Show these stacks, and restart a running arrangement."""
        self._set_cells(stacks)
        if self.arranging.is_busy:
            self.arranging.ask(self._view)
        self._put()
        self.arranged.emit()

    def _put(self) -> None:
        self.model.set_order(self._shown.order, self.cells if self._shows_cells else None)


def _order_of(view: View) -> tuple[object, ...]:
    """Return the key of a view's order: equal keys mean equal orders."""
    similarity = view.filter.similarity if view.sort is Sort.LIKENESS else ()
    return view.sort, view.is_falling, similarity
