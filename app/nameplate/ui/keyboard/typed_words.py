"""Tells the letters of a word that is typed on the pictures from keys that are pressed for them."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nameplate.domain.changes import RemoveImages
from nameplate.domain.filtering.views import View
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.looks.looks import Look, Looks
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.sheets import Rows, Sheets
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted

_QUICK_MS: Final = 500
"""A key that comes later than this after the one before does not go on with it."""

_SEVERAL: Final = 3
"""Decisions in quick succession by different letters, from which on they are told."""

_VOWELS: Final = frozenset("AEIOUY")
_CONSONANTS: Final = frozenset("BCDFGHJKLMNPQRSTVWXZ")
_MOST_CONSONANTS: Final = 3
"""At the beginning of a word, as in “splash”."""

_HARMLESS: Final = frozenset(("next", "previous", "next_undecided", "take_back"))
"""Who goes back and forth and takes labels off presses these in any order, and quickly."""


def is_word(letters: str, actions: Sequence[str]) -> bool:
    """Return whether capital letters that came quickly begin a word, and were no keys.

    A word has a vowel early, a consonant and two different letters at its beginning. So keys that
    accept, skip and walk (P, X, S, D, N) are none, at any speed and in any order: they have no
    vowel. A letter outside of a to z counts as both.

    Args:
        letters: All of them.
        actions: What each is the key of; empty for nothing.
    """
    start = next((n for n, one in enumerate(letters) if one not in _CONSONANTS), len(letters))
    has_other = "" in actions  # a letter that is no key
    if len(set(letters[:2])) < 2 or start > _MOST_CONSONANTS:
        return False
    if "X" in letters[:start] and not (has_other and start == 1):
        return False
    has_both = start < len(letters) and not _VOWELS.issuperset(letters)
    return has_other or (has_both and not _HARMLESS.issuperset(actions))


@dataclass(frozen=True, slots=True)
class _Before:
    """How things were before the first letter: what the letters of a word did is taken back."""

    look: Look
    view: View
    current: int
    selected: Rows
    next_step: int
    marks: int


@dataclass(frozen=True, slots=True)
class _Decided:
    """A step in which a letter decided something, and when it was pressed."""

    step: int
    letter: str
    at: int


class TypedWords:
    """Collects letters that come quickly, and takes back what they did once they are a word.

    Where letters that are no word decide something in quick succession, it tells, and offers Undo.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        looks: Looks,
        arrangement: Arrangement,
        grid: ImageGrid,
        sheets: Sheets,
        messages: MessageBar,
    ) -> None:
        self._owner = owner
        self._looks = looks
        self._arrangement = arrangement
        self._grid = grid
        self._sheets = sheets
        self._messages = messages
        self._decided: list[_Decided] = []
        self._letters, self._at = "", 0
        self._actions: list[str] = []
        self._before = self._now()

    def end(self) -> None:
        """Let the next letter begin anew: another key came."""
        self._letters, self._actions = "", []

    def add(self, letter: str, action: str, at: int) -> str:
        """Return the word that begins with the letters so far, as typed; empty for keys.

        What its letters did is taken back then. Call it before the letter does anything.

        Args:
            letter: As typed.
            action: What it is the key of; empty for nothing.
            at: When it was pressed, in milliseconds; 0 where that is not known.
        """
        if not at or at - self._at > _QUICK_MS:
            self.end()
        if not self._letters:
            self._before = self._now()
        self._letters, self._at = self._letters + letter, at
        self._actions.append(action)
        if is_word(self._letters.upper(), self._actions):
            word = self._letters
            self._take_back()
        else:
            word = "" if action else letter
        if word:
            self.end()
        return word

    @contextmanager
    def told(self, letter: str, at: int) -> Generator[None]:
        """Tell what a letter decides meanwhile, if others before it did so just now."""
        steps = self._owner.project.history
        before = steps.next_number
        yield
        if steps.last_number < before:  # it decided nothing, or another project is there
            return
        if not at or not self._decided or at - self._decided[-1].at > _QUICK_MS:
            self._decided = []
        self._decided.append(_Decided(steps.last_number, letter.upper(), at))
        is_mixed = len({one.letter for one in self._decided}) > 1
        if is_mixed and len(self._decided) >= _SEVERAL:
            count = counted(len(self._decided), "decision")
            self._messages.tell_done(f"{count} by letters.", self._undo_decided)

    def _undo_decided(self) -> None:
        while self._owner.project.history.last_number in {one.step for one in self._decided}:
            self._owner.undo()

    def _now(self) -> _Before:
        return _Before(
            self._looks.current,
            self._arrangement.view,
            self._grid.current_image_row(),
            self._grid.selected_image_rows(),
            self._owner.project.history.next_number,
            self._sheets.marks_made,
        )

    def _take_back(self) -> None:
        before = self._before
        if self._looks.current is not before.look:
            self._looks.show(before.look)
        if self._arrangement.view != before.view or self._arrangement.has_waiting:
            self._arrangement.set_view(before.view)  # drops what waits for the pictures, too
        while self._undo_one(before):
            pass
        if self._looks.current is not Look.SHEETS:
            self._grid.set_current_image(before.current)
            self._grid.select_images(before.selected)

    def _undo_one(self, before: _Before) -> bool:
        """Undo the last mark or step that a letter made; False if none is left."""
        if self._sheets.marks_made > before.marks and self._sheets.move_mark(is_undo=True):
            return True
        steps = self._owner.project.history.done
        # Pictures that came meanwhile are no letter's.
        is_ours = bool(steps) and steps[-1].number >= before.next_step
        is_ours = is_ours and not isinstance(steps[-1].change, RemoveImages)
        if is_ours:
            self._owner.undo()
        return is_ours
