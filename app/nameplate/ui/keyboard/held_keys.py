"""Keeps the repeats of a held key from being taken for new presses."""

from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent

from nameplate.ui.keyboard.window_keys import WindowKeys

_HELD_MS: Final = 10
"""A key that is down for less was typed by a program, which may type a letter twice at once."""

_PRESSES: Final = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)


class HeldKeys(WindowKeys):
    """Drops repeats of a held key that Qt reports as new presses, in all windows of the program.

    X11 reports each repeat as a release and a press at the same time. Qt says that it is a repeat
    only where both have arrived when it handles the release, which is not so on a busy machine: a
    held key would decide several pictures.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key, self._pressed_at, self._released_at = 0, 0, 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drop a press at the time at which the same key was released, if it was held before."""
        if isinstance(event, QKeyEvent):
            if event.type() in _PRESSES:
                return self._is_repeat(event)
            self._released_at = event.timestamp() if event.key() == self._key else 0
        return super().eventFilter(watched, event)

    def _is_repeat(self, event: QKeyEvent) -> bool:
        key, at = event.key(), event.timestamp()
        if event.isAutoRepeat():
            return False
        is_held = key == self._key and self._released_at - self._pressed_at >= _HELD_MS
        if is_held and at == self._released_at:
            event.accept()  # else the shortcut would be carried out
            return True
        if at != self._pressed_at or key != self._key:
            self._key, self._pressed_at, self._released_at = key, at, 0
        return False
