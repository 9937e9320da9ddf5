"""Kinds of keys."""

import sys
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

ENTER_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""The large Enter key, and that of the number pad."""

_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
AT_MOST_SHIFT: Final = (Qt.KeyboardModifier.NoModifier, _SHIFT)
"""For `modifiers in`, not `& ~Shift`: signed on Windows, that lacks Ctrl and Alt as well."""
_OF_ACTIONS: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_PLAIN: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)

_ROWS: Final = ((2, "1234567890"), (16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
"""The keys of a PC by their scan codes, with what is printed on an American one."""

_OF_X11: Final = 8
"""Added to scan codes by X11 and Wayland."""

_DIGITS_OF_MAC: Final = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)


def _places(platform: str) -> Mapping[int, str]:
    if platform == "darwin":  # there are no scan codes, but virtual keys that belong to places
        return dict(zip(_DIGITS_OF_MAC, "1234567890", strict=True))
    more = 0 if platform == "win32" else _OF_X11
    return {more + first + n: key for first, keys in _ROWS for n, key in enumerate(keys)}


_PLACES: Final = _places(sys.platform)


FINDS_BY_LETTERS: Final = "finds-by-letters"
"""The property of a box with many entries, one of which a person finds by typing its beginning."""


def is_typed(event: QKeyEvent) -> bool:
    """Return whether a key types a visible character, alone or with Shift."""
    text = event.text()
    return (
        bool(text)
        and text.isprintable()
        and not text.isspace()
        and not event.modifiers() & _OF_ACTIONS
    )


def is_of_action(event: QKeyEvent) -> bool:
    """Return whether a key can be nothing but that of an action, as Ctrl+E or F11."""
    is_of_row = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
    return is_of_row or bool(event.modifiers() & _OF_ACTIONS)


def digit_of(event: QKeyEvent) -> str:
    """Return the digit that a key types or that is printed on it, "0" to "9"; empty for others.

    A French keyboard has é on the key of 2, which types 2 with Shift; both are 2.
    """
    text, modifiers = event.text(), event.modifiers()
    if len(text) == 1 and text.isdecimal() and (modifiers == _SHIFT or modifiers in _PLAIN):
        return str(int(text))
    place = _place_of(event)
    return place if modifiers in _PLAIN and place.isdecimal() else ""


def letter_of(event: QKeyEvent) -> str:
    """Return the letter that a key types alone or with Shift; empty for others, and for digits."""
    text, modifiers = event.text(), event.modifiers()
    is_letter = len(text) == 1 and text.isalpha() and (modifiers == _SHIFT or modifiers in _PLAIN)
    return text if is_letter and not digit_of(event) else ""


def sequence_of(event: QKeyEvent) -> QKeySequence:
    """Return the name of a key in a table of keys.

    Of an alphabet that the table does not have, the letter in the same place of an American
    keyboard counts.
    """
    place = _place_of(event)
    if not event.text().isascii() and place.isalpha():
        shift = "Shift+" if event.modifiers() == _SHIFT else ""
        return QKeySequence(f"{shift}{place}")
    return QKeySequence(event.keyCombination())


def _place_of(event: QKeyEvent) -> str:
    is_mac = sys.platform == "darwin"
    return _PLACES.get(event.nativeVirtualKey() if is_mac else event.nativeScanCode(), "")
