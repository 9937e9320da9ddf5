"""What the keys for pictures decide about: the page of a sheet, or the selected pictures."""

from functools import partial
from typing import Protocol

from nameplate.domain.concepts import ConceptId
from nameplate.ui.commands.actions import Actions
from nameplate.ui.looks.looks import Look, Looks
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.sheets.sheets import Sheets


class _Decides(Protocol):
    """What labelling and sheets have in common."""

    def accept(self) -> object: ...

    def take_back(self) -> object: ...

    def skip(self) -> object: ...

    def label(self, key: ConceptId) -> object: ...

    def label_as_new(self, line: str) -> bool: ...

    def go_by(self, steps: int) -> object: ...


class Decisions:
    """Sends each decision to what is looked at: to the sheets while they are shown, else labels."""

    def __init__(
        self, actions: Actions, looks: Looks, labelling: Labelling, sheets: Sheets
    ) -> None:
        self._looks = looks
        self._labelling = labelling
        self._sheets = sheets
        actions.handle(
            {
                "accept": self.accept,
                "take_back": self.take_back,
                "skip": self.skip,
                "remove": self.remove,
                "auto_label": labelling.auto_label,
                "auto_label_selected": self.auto_label_selected,
                "next_undecided": self.go_to_undecided,
                "next": partial(self.go_by, 1),
                "previous": partial(self.go_by, -1),
            }
        )

    def _is_selection_seen(self) -> bool:
        return self._looks.current is not Look.SHEETS or self._sheets.select_targets()

    @property
    def _here(self) -> _Decides:
        is_sheet = self._looks.current is Look.SHEETS
        return self._sheets if is_sheet else self._labelling

    def accept(self) -> None:
        """Accept what is suggested, and go on."""
        self._here.accept()

    def take_back(self) -> None:
        """Take a decision back."""
        self._here.take_back()

    def skip(self) -> None:
        """Decide to give no label."""
        self._here.skip()

    def label(self, key: ConceptId) -> None:
        """Give the concept `key`."""
        self._here.label(key)

    def label_as_new(self, line: str) -> bool:
        """Add a name and give it; False if it cannot be added."""
        return self._here.label_as_new(line)

    def remove(self) -> None:
        """Take the selected pictures, or those that a page points at, out of the project."""
        if self._is_selection_seen():
            self._labelling.remove()

    def auto_label_selected(self) -> None:
        """Label these pictures with their suggestions."""
        if self._is_selection_seen():
            self._labelling.auto_label_selected()

    def go_to_undecided(self) -> None:
        """Go to the next picture that nobody decided about; on a page that is the next one."""
        if self._looks.current is Look.SHEETS:
            self._sheets.go_by(1)
        else:
            self._labelling.go_to_undecided()

    def go_by(self, steps: int) -> None:
        """Go to the picture `steps` after the current one."""
        self._here.go_by(steps)

    def set_goes_on(self, goes_on: bool) -> None:
        """Let a decision about one picture make the next one current, or not."""
        self._labelling.goes_on = goes_on
