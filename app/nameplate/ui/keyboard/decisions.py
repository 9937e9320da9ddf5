"""Sends decisions by key to the page that is shown, or to the selected pictures."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.review.stacking import Stacking
from nameplate.ui.sheets.sheets import Sheets

Rows = NDArray[np.int64]


class _Decides(Protocol):
    """The protocol that labelling and sheets share."""

    def accept(self) -> object: ...

    def take_back(self) -> object: ...

    def skip(self) -> object: ...

    def chosen_rows(self) -> Rows: ...

    def label(self, key: ConceptId, rows: Rows | None = None) -> object: ...

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool: ...

    def go_by(self, steps: int) -> object: ...


class Decisions:
    """Sends each decision to the sheets while they are shown, else to the labelling."""

    def __init__(
        self,
        modes: ViewModes,
        arrangement: Arrangement,
        labelling: Labelling,
        stacking: Stacking,
        sheets: Sheets,
    ) -> None:
        self._modes = modes
        self._arrangement = arrangement
        self._labelling = labelling
        self._stacking = stacking
        self._sheets = sheets

    def _is_selection_seen(self) -> bool:
        return self._modes.current is not ViewMode.SHEETS or self._sheets.select_targets()

    @property
    def _here(self) -> _Decides:
        is_sheet = self._modes.current is ViewMode.SHEETS
        return self._sheets if is_sheet else self._labelling

    def when_seen(self, act: Callable[[], object]) -> None:
        """Call `act` on the chosen images, after a filter that is still being applied.

        It may take a moment to be worked out, and hide some of them. Of groups that are to be
        named no image is chosen.
        """
        if self._modes.current is ViewMode.GROUPS:
            return
        is_for_many = len(self.chosen_rows()) > 1 and self._here is self._labelling
        if is_for_many or self._arrangement.has_waiting:
            self._arrangement.when_shown(act)
        else:
            act()

    def _decide(self, act: Callable[[], object], rows: Rows | None = None) -> None:
        """Call `act` as `when_seen` does, if the chosen stacks are still what they are seen as."""
        self.when_seen(lambda: None if self._is_held_back(rows) else act())

    def _is_held_back(self, rows: Rows | None) -> bool:
        rows = self.chosen_rows() if rows is None else rows
        return self._here is self._labelling and self._stacking.hold_back(rows)

    def accept(self) -> None:
        """Accept the suggestion, and go on."""
        self._decide(self._here.accept)

    def take_back(self) -> None:
        """Take a decision back."""
        self._decide(self._here.take_back)

    def skip(self) -> None:
        """Decide to give no label."""
        self._decide(self._here.skip)

    def chosen_rows(self) -> Rows:
        """Return the rows of the images that a decision would affect now."""
        return self._here.chosen_rows()

    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give the concept `key` to the chosen images, or to `rows` chosen before."""
        self._decide(partial(self._here.label, key, rows), rows)

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name and label with it as `label` does; False if it cannot be added."""
        return not self._is_held_back(rows) and self._here.label_as_new(line, rows)

    def remove(self) -> None:
        """Take the selected pictures, or those that a page points at, out of the project."""
        if self._is_selection_seen():
            self.when_seen(self._labelling.remove)

    def auto_label_selected(self) -> None:
        """Label these pictures with their suggestions."""
        if self._is_selection_seen():
            self.when_seen(self._labelling.auto_label_selected)

    def open_stack(self) -> None:
        """Show each picture of the chosen stacks, or show them as one again."""
        if self._modes.current is ViewMode.SHEETS:
            self._sheets.open_copies()
        elif self._modes.current is not ViewMode.GROUPS:
            self._stacking.open_or_close()

    def go_to_undecided(self) -> None:
        """Go to the next undecided picture; on a page, to the next picture."""
        if self._modes.current is ViewMode.SHEETS:
            self._sheets.go_by(1)
        else:
            self._labelling.go_to_undecided()

    def go_by(self, steps: int) -> None:
        """Go to the picture `steps` after the current one."""
        self._here.go_by(steps)

    def set_goes_on(self, goes_on: bool) -> None:
        """Set whether a decision about one picture makes the next one current."""
        self._labelling.goes_on = goes_on
