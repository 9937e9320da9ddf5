"""The commands on a name in the list: their keys and menu."""

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


class Command(NamedTuple):
    """A command on a concept, in the menu and by key.

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


COMMANDS: Final = (
    Command("label", "Label the selected pictures", "check", "Shift+Return"),
    Command("filter", "Show only its pictures", "search", "Ctrl+Return", is_group_end=True),
    Command("details", "Edit details…", "settings", "Alt+Return"),
    Command("rename", "Rename", "rename", "F2"),
    Command("colour", "Colour…", "palette", "#"),
    Command("up", "Move up", "up", "Alt+Up"),
    Command("down", "Move down", "down", "Alt+Down"),
    Command("in", "Nest under the name above", "", "Alt+Right"),
    Command("out", "Move out of its parent", "", "Alt+Left"),
    Command("reject", "Use as “none of these”", "reject", "!", is_group_end=True),
    Command("merge", "Merge the selected names", "", "Ctrl+J"),
    Command("merge_only", "Merge, drop their names", "", "Ctrl+Shift+J"),
    Command("split", "Split off the selected pictures…", "", "Ctrl+T", is_group_end=True),
    Command("remove", "Delete", "delete", "Del"),
)


class NamesMenu(QMenu):
    """The menu of the commands, and of actions on the whole list."""

    def __init__(self, panel: "ConceptPanel", of_all: Mapping[str, Callable[[], object]]) -> None:
        """Make it of what is for the list as a whole, `of_all`, and of `COMMANDS`."""
        super().__init__(panel)
        self._panel = panel
        self._of_all = [self.addAction(text, act) for text, act in of_all.items()]
        self._of_all.append(self.addSeparator())
        self._of_all[0].setIcon(icon("paste"))
        self._actions = dict[str, QAction]()
        for command in COMMANDS:
            self._actions[command.name] = self._command(command)
            if command.is_group_end:
                self.addSeparator()

    def _command(self, command: Command) -> QAction:
        action = self.addAction(f"{tr(command.text)}\t{shown_key(command.key)}")
        action.setCheckable(command.name == "reject")
        action.triggered.connect(lambda: self._panel.do(command.name))
        if command.icon:
            action.setIcon(icon(command.icon))
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


def command_of(event: QKeyEvent) -> str:
    """Return the name of the command of the key, or an empty string."""
    if event.text() in ("#", "!"):
        # By the text typed: the keys for it depend on the keyboard layout.
        return "colour" if event.text() == "#" else "reject"
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else event.key()
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key == Qt.Key.Key_Backspace and modifiers == Qt.KeyboardModifier.ControlModifier:
        return "remove"  # as in the Finder: a Mac's small keyboard has no Delete key
    pressed = QKeySequence(modifiers.value | int(key)).toString()
    return next((c.name for c in COMMANDS if c.key == pressed), "")
