"""Keeps keys that are typed in an open menu from what is beneath it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu

from nameplate.ui.keyboard.window_keys import WindowKeys
from nameplate.ui.widgets.keys import ENTER_KEYS, sequence_of

_KEY: Final = Qt.Key
_OF_MENUS: Final = (
    *(_KEY.Key_Up, _KEY.Key_Down, _KEY.Key_Left, _KEY.Key_Right, _KEY.Key_Home, _KEY.Key_End),
    *(_KEY.Key_PageUp, _KEY.Key_PageDown, _KEY.Key_Tab, _KEY.Key_Backtab),
    *(_KEY.Key_Escape, _KEY.Key_Alt, *ENTER_KEYS),
)
_PRESSES: Final = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)


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
