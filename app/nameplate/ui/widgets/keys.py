"""Kinds of keys."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

ENTER_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""The large Enter key, and that of the number pad."""

FINDS_BY_LETTERS: Final = "finds-by-letters"
"""The property of a box with many entries, one of which a person finds by typing its beginning."""


def is_typed(event: QKeyEvent) -> bool:
    """Return whether a key types a visible character, alone or with Shift."""
    others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    others |= Qt.KeyboardModifier.MetaModifier
    text = event.text()
    return (
        bool(text) and text.isprintable() and not text.isspace() and not event.modifiers() & others
    )
