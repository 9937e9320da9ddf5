"""The actions on a name in the list, and their keys."""

from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


class NameAction(NamedTuple):
    """An action on a concept, in the menu and by key.

    Attributes:
        icon: The file in `resources/icons`; may be empty.
        key: Its key while the list has the focus, as `QKeySequence` spells it.
        is_group_end: Whether a separator follows it in the menu.
    """

    name: str
    text: str
    icon: str
    key: str
    is_group_end: bool = False


NAME_ACTIONS: Final = (
    NameAction("label", "Label the selected pictures", "check", "Shift+Return"),
    NameAction("filter", "Show only its pictures", "search", "Ctrl+Return", is_group_end=True),
    NameAction("details", "Edit details…", "settings", "Alt+Return"),
    NameAction("rename", "Rename", "rename", "F2"),
    NameAction("colour", "Colour…", "palette", "#"),
    NameAction("up", "Move up", "up", "Alt+Up"),
    NameAction("down", "Move down", "down", "Alt+Down"),
    NameAction("reject", "Use as “none of these”", "reject", "!", is_group_end=True),
    NameAction("merge", "Merge the selected names", "", "Ctrl+J"),
    NameAction("merge_only", "Merge, drop their names", "", "Ctrl+Shift+J"),
    NameAction("split", "Split off the selected pictures…", "", "Ctrl+T", is_group_end=True),
    NameAction("remove", "Delete", "delete", "Del"),
)


def action_of(event: QKeyEvent) -> str:
    """Return the name of the action of the key, or an empty string."""
    if event.text() in ("#", "!"):
        # By the text typed: the keys for it depend on the keyboard layout.
        return "colour" if event.text() == "#" else "reject"
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else event.key()
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key == Qt.Key.Key_Backspace and modifiers == Qt.KeyboardModifier.ControlModifier:
        return "remove"  # as in the Finder: a Mac's small keyboard has no Delete key
    pressed = QKeySequence(modifiers.value | int(key)).toString()
    return next((c.name for c in NAME_ACTIONS if c.key == pressed), "")
