"""Shows some pictures alone, ignoring the filter, and restores the previous view."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Ids
from nameplate.domain.filtering.chosen import OneOf
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.views import View
from nameplate.ui.grid.arrangement import Arrangement


class ShownAlone(QObject):
    """Shows only the pictures behind a row or number of a panel.

    Attributes:
        arrangement: Where they are shown.

    Signals:
        changed: They are shown now, or not any more, also since the person chose another filter.
    """

    changed = Signal()

    def __init__(self, arrangement: Arrangement) -> None:
        super().__init__(arrangement)
        self.arrangement = arrangement
        self._term: Term | None = None  # what this has put into the filter
        self._before = self._shown = View()
        arrangement.view_changed.connect(self._note_view)

    @property
    def is_on(self) -> bool:
        """Whether only these pictures are shown."""
        return self._term is not None

    def show(self, ids: Ids) -> None:
        """Show only the images with these ids."""
        if self._term is None:
            self._before = self.arrangement.view
        self._term = None
        term = Term(OneOf.of(ids))
        self.arrangement.set_filter(Filter((term,)))
        self._term, self._shown = term, self.arrangement.view
        self.changed.emit()

    def back(self) -> None:
        """Restore the previous view if only these pictures are shown.

        An order that was chosen since stays.
        """
        if self._term is not None:
            self._term = None
            now, before = self.arrangement.view, self._before
            is_same_order = (now.sort, now.is_falling) == (self._shown.sort, self._shown.is_falling)
            order = before if is_same_order else now
            now = replace(now, filter=before.filter, sort=order.sort, is_falling=order.is_falling)
            self.arrangement.set_view(now)
            self.changed.emit()

    def forget(self) -> None:
        """Keep the current view: another project was opened."""
        self._term = None
        self.changed.emit()

    @Slot(object)
    def _note_view(self, view: View) -> None:
        if self._term is not None and self._term not in view.filter.terms:
            self._term = None
            self.changed.emit()
