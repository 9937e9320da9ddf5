"""The actions on a name in the list: their keys and menu."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from nameplate.domain.naming.edits import WAYS, place_beside
from nameplate.ui.commands.keys import shown_key
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import tr

if TYPE_CHECKING:  # it makes the menu
    from nameplate.ui.concepts.panel import ConceptPanel


class NameAction(NamedTuple):
    """An action on a concept, in the menu and by key.

    Attributes:
        name: Identifies it.
        text: The menu entry.
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
    NameAction("in", "Nest under the name above", "", "Alt+Right"),
    NameAction("out", "Move out of its parent", "", "Alt+Left"),
    NameAction("reject", "Use as “none of these”", "reject", "!", is_group_end=True),
    NameAction("merge", "Merge the selected names", "", "Ctrl+J"),
    NameAction("merge_only", "Merge, drop their names", "", "Ctrl+Shift+J"),
    NameAction("split", "Split off the selected pictures…", "", "Ctrl+T", is_group_end=True),
    NameAction("remove", "Delete", "delete", "Del"),
)


class NamesMenu(QMenu):
    """The menu of the actions on a name, and of those on the whole list."""

    def __init__(self, panel: "ConceptPanel", of_all: Mapping[str, Callable[[], object]]) -> None:
        """Make it of what is for the list as a whole, `of_all`, and of `NAME_ACTIONS`."""
        super().__init__(panel)
        self._panel = panel
        self._of_all = [self.addAction(text, act) for text, act in of_all.items()]
        self._of_all.append(self.addSeparator())
        self._of_all[0].setIcon(icon("paste"))
        self._actions = dict[str, QAction]()
        for one in NAME_ACTIONS:
            self._actions[one.name] = self._action(one)
            if one.is_group_end:
                self.addSeparator()

    def _action(self, one: NameAction) -> QAction:
        action = self.addAction(f"{tr(one.text)}\t{shown_key(one.key)}")
        action.setCheckable(one.name == "reject")
        action.triggered.connect(lambda: self._panel.do(one.name))
        if one.icon:
            action.setIcon(icon(one.icon))
        return action

    def open_at(self, corner: QPoint, *, is_for_row: bool) -> None:
        """Offer what is possible now; for a row, without what is for the list as a whole."""
        names = self._panel.names
        concepts, selected = names.rows.concepts, names.selected_keys()
        current = names.current_concept()
        for action in self._of_all:
            action.setVisible(not is_for_row)
        self._of_all[3].setEnabled(bool(concepts))
        for action in self._actions.values():
            action.setEnabled(current is not None)
        for way in WAYS:
            place = place_beside(concepts, current.key, way, selected) if current else None
            self._actions[way].setEnabled(place is not None)
        for name in ("merge", "merge_only"):
            self._actions[name].setEnabled(current is not None and len(selected) > 1)
        self._actions["reject"].setChecked(current is not None and current.is_reject)
        self.popup(corner)


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
