"""What the keys for pictures decide about: the page of a sheet, or the selected pictures."""

from typing import Protocol

from nameplate.domain.concepts import ConceptId
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

    def __init__(self, looks: Looks, labelling: Labelling, sheets: Sheets) -> None:
        self._looks = looks
        self._labelling = labelling
        self._sheets = sheets

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

    def go_by(self, steps: int) -> None:
        """Go to the picture `steps` after the current one."""
        self._here.go_by(steps)

    def set_goes_on(self, goes_on: bool) -> None:
        """Let a decision about one picture make the next one current, or not."""
        self._labelling.goes_on = goes_on
