"""Drops keys of all windows of the program that mean nothing, before their widgets get them."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QMenu

from nameplate.ui.widgets.keys import ENTER_KEYS, sequence_of

_HELD_MS: Final = 10
"""A key that is down for less was typed by a program, which may type a letter twice at once."""

_PRESSES: Final = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
_KEY: Final = Qt.Key
_OF_MENUS: Final = (
    *(_KEY.Key_Up, _KEY.Key_Down, _KEY.Key_Left, _KEY.Key_Right, _KEY.Key_Home, _KEY.Key_End),
    *(_KEY.Key_PageUp, _KEY.Key_PageDown, _KEY.Key_Tab, _KEY.Key_Backtab),
    *(_KEY.Key_Escape, _KEY.Key_Alt, *ENTER_KEYS),
)


class WindowKeys(QObject):
    """Hands the events of each window that had the focus to the `eventFilter` of a subclass."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.listen_to)

    def listen_to(self, window: QWindow | None) -> None:
        """Filter the events of a window, if there is one."""
        if window is not None:
            window.installEventFilter(self)  # once, however often it is asked for


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


class MenuKeys(WindowKeys):
    """Drops keys in an open menu that neither move in it nor are those of its entries.

    To Qt the pictures have the focus still: a letter in the menu of files would skip one.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drop a key that means nothing in the menu that is open."""
        menu = QApplication.activePopupWidget() if event.type() in _PRESSES else None
        if not (isinstance(event, QKeyEvent) and isinstance(menu, QMenu)):
            return super().eventFilter(watched, event)
        if is_dropped := not _means_something(event, menu):
            event.accept()  # else the shortcut would be carried out
            self.listen_to(menu.windowHandle())  # which may have it only after the first key
        return is_dropped


def _means_something(event: QKeyEvent, menu: QMenu) -> bool:
    has_focus_within = menu.focusWidget() not in (None, menu)  # a box to type a number
    is_of_menu = event.key() in _OF_MENUS or event.modifiers() & Qt.KeyboardModifier.AltModifier
    key = sequence_of(event)
    is_of_entry = any(key in entry.shortcuts() for entry in menu.actions())
    return has_focus_within or bool(is_of_menu) or is_of_entry
