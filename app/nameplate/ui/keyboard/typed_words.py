"""Keeps a word that is typed on the pictures from deciding anything."""

from collections.abc import Iterator
from functools import partial
from itertools import takewhile
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from nameplate.domain.changes import RemoveImages
from nameplate.domain.filtering.views import View
from nameplate.project.history import Step
from nameplate.project.label_changes import Rows
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.services import Services
from nameplate.ui.widgets.keys import is_of_action
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.wording.texts import tr, trn

_QUICK_MS: Final = 500
"""A letter that comes later than this after the one before does not go on with it."""

_PAUSE_MS: Final = 1000
"""After a word, typed keys do nothing until none came for as long."""

_SEVERAL: Final = 3
"""Letters in quick succession, from which on what they decided is told."""

_MOST_KEYS: Final = 6
"""Keys of actions in a row, after which no letter makes a word of them until a pause."""

_SHOWN: Final = 12
"""Letters that are shown at most."""

_WITHIN: Final = "-'’"
"""Signs that may stand within a word."""

_IN_SUCCESSION: Final = frozenset(
    ("accept", "skip", "take_back", "next", "previous", "next_undecided")
)
"""Actions whose keys are pressed quickly, in any order: letters of these alone are no word."""


class _Before(NamedTuple):
    """How things were before the first letter."""

    mode: ViewMode
    view: View
    current: int
    selected: Rows
    next_step: int
    pointed: int


class TypedWords:
    """Undoes the effect of quick letters once they form a word, and ignores the rest of it.

    Where letters that are no word decide something in quick succession, it tells, and offers Undo.
    """

    def __init__(self, services: Services, modes: ViewModes) -> None:
        self._owner, self._messages = services.owner, services.messages
        self._actions, self._modes = services.actions, modes
        self._arrangement, self._grid = modes.arrangement, modes.arrangement.grid
        self._letters, self._at, self._keys_in_row = "", 0, 0
        self._has_other = self._is_word = False
        self._before = self._now()

    def end(self) -> None:
        """Start over with the next letter, since another key came."""
        self._letters, self._keys_in_row = "", 0
        self._has_other = self._is_word = False

    def goes_on(self, sign: str, at: int) -> bool:
        """Return whether a sign that comes now stands within a word, as in “t-shirt”."""
        is_soon = bool(self._letters) and 0 < at - self._at <= _QUICK_MS
        return len(sign) == 1 and sign in _WITHIN and is_soon

    def hold_back(self, event: QKeyEvent) -> bool:
        """Return whether a key is the rest of a word; Enter, Space and Backspace are, too."""
        at = event.timestamp()  # 0 where that is not known
        is_soon = self._is_word and 0 < at <= self._at + _PAUSE_MS
        is_of_word = bool(event.text()) and event.key() != Qt.Key.Key_Escape
        if not is_soon or not is_of_word or is_of_action(event):
            return False
        self._at = at
        return True

    def add(self, letter: str, action: str, at: int) -> bool:
        """Return whether the letters so far are a word, so that this one does nothing.

        They are if one of them is no key that is pressed in quick succession. What they
        did is undone then. After six keys of actions in a row, with which few words begin, all
        are keys until a pause. Call it before the letter does anything.

        Args:
            letter: As typed.
            action: What it is the key of; empty for nothing.
            at: When it was pressed, in milliseconds; 0 where that is not known.
        """
        if not at or at - self._at > _QUICK_MS:
            self.end()
        self._at = at
        if self._keys_in_row == _MOST_KEYS:
            if self._letters:
                self._messages.withdraw(LAST_STEP)  # that they may be a word
            self._letters = ""
            return False
        if not self._letters:
            self._before = self._now()
        self._letters += letter
        self._keys_in_row = self._keys_in_row + 1 if action else 0
        self._has_other = self._has_other or action not in _IN_SUCCESSION
        if not self._has_other or (action and len(set(self._letters.upper())) < 2):
            return False
        self._take_back()
        self._letters, self._is_word = "", True
        key = self._actions.key_in_brackets("pick")
        text = tr("Words typed on the pictures do nothing. Use “Pick a name”{key}.", key=key)
        self._messages.tell(text, is_reply=True, about=LAST_STEP)
        return True

    def tell(self) -> None:
        """Report the decisions of different letters in quick succession, with Undo."""
        letters, before = self._letters, self._before
        count = sum(1 for _ in self._steps_since(before))
        if count and len(letters) >= _SEVERAL and len(set(letters.upper())) > 1:
            shown = letters if len(letters) <= _SHOWN else f"{letters[: _SHOWN - 1]}…"
            text = trn(
                "“{letters}” was taken as keys: {count:,} decision.",
                "“{letters}” was taken as keys: {count:,} decisions.",
                count,
                letters=shown,
            )
            self._messages.tell_done(text, partial(self._undo_all, before))

    def _now(self) -> _Before:
        decides = self._modes.current.decides
        return _Before(
            self._modes.current,
            self._arrangement.view,
            self._grid.current_image_row(),
            self._grid.selected_image_rows(),
            self._owner.project.history.next_number,
            -1 if decides is None else decides.position,
        )

    def _take_back(self) -> None:
        before = self._before
        self._modes.stop()
        if self._modes.current is not before.mode:
            self._modes.show(before.mode)
        if self._arrangement.view != before.view or self._arrangement.has_waiting:
            self._arrangement.set_view(before.view)  # drops what waits for the pictures, too
        self._undo_all(before)
        self._owner.forget_undone(before.next_step)  # nobody chose to do these
        if decides := self._modes.current.decides:
            decides.go_to(before.pointed)
        else:
            self._grid.set_current_image(before.current)
            self._grid.select_images(before.selected)

    def _undo_all(self, before: _Before) -> None:
        for _ in tuple(self._steps_since(before)):
            self._owner.undo()

    def _steps_since(self, before: _Before) -> Iterator[Step]:
        """Return the letters' steps, newest first, as far back as the last change of pictures."""
        return takewhile(
            lambda step: (
                step.number >= before.next_step and not isinstance(step.change, RemoveImages)
            ),
            reversed(self._owner.project.history.done),
        )
