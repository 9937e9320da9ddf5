"""The pages that were turned, with the steps of the project that they became."""

from dataclasses import dataclass

from nameplate.project.history import History
from nameplate.ui.sheets.page import Page


@dataclass(frozen=True, slots=True)
class _Turned:
    page: Page
    step: int


class TurnedPages:
    """Follows the history of a project, whoever moves in it."""

    def __init__(self) -> None:
        self._done: list[_Turned] = []
        self._undone: list[_Turned] = []

    def __len__(self) -> int:
        return len(self._done)

    def turn(self, page: Page, history: History) -> None:
        """Note that the last step of `history` is that of `page`.

        Args:
            page: With its marks.
            history: Of the project.
        """
        self._done.append(_Turned(page, history.done[-1].number))
        self._undone.clear()

    def is_last_step(self, history: History) -> bool:
        """Whether undo would take the last page back, and nothing else."""
        last = history.done[-1].number if history.done else 0
        return bool(self._done) and last == self._done[-1].step

    def taken_back(self, history: History) -> Page | None:
        """Return the page whose step was undone just now; None where it was another step."""
        undone = history.undone
        if not (self._done and undone and undone[-1].number == self._done[-1].step):
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1].page

    def is_turned_again(self, history: History) -> bool:
        """Note and return whether the step of a page was done again just now."""
        done = history.done
        if not (self._undone and done and done[-1].number == self._undone[-1].step):
            return False
        self._done.append(self._undone.pop())
        return True
