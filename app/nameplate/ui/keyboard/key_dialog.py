"""The dialog for changing the keys of actions."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QDialog, QKeySequenceEdit, QLabel, QLineEdit, QPushButton

from nameplate.ui.actions.actions import Actions
from nameplate.ui.actions.keys import KeyMap, KeysError, shown_keys
from nameplate.ui.actions.table import ACTIONS, actions_of, group_of, words_of
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.overlays.fuzzy import best
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.wording.texts import tr

_SIZE: Final = (620, 560)
_ID: Final = int(Qt.ItemDataRole.UserRole)


class KeyDialog(QDialog):
    """Lists all actions with their keys, which can be changed."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions.window)
        self._actions = actions
        self.setWindowTitle(tr("Keys"))
        self._line = QLineEdit(self)
        self._line.setPlaceholderText(tr("Find an action"))
        self._line.setAccessibleName(tr("Find an action"))
        heads = (tr("Action"), tr("Group"), tr("Keys"))
        self._list = Table(tr("Actions and their keys"), heads, stretched=(0,))
        self._key = QKeySequenceEdit(self)
        self._key.setMaximumSequenceLength(1)
        self._key.setClearButtonEnabled(True)
        self._key.setAccessibleName(tr("Press the key to add"))
        self._message = Paragraph(self, max_lines=3, role=QPalette.ColorRole.WindowText)
        self._lay_out()
        self._line.textChanged.connect(self._fill)
        actions.keys_changed.connect(self._fill)
        self.resize(*_SIZE)
        self._fill()

    @property
    def message(self) -> str:
        """The message about the last change."""
        return self._message.text()

    def rows(self) -> dict[str, str]:
        """Return the shown keys by the text of their action."""
        return {text: keys for text, _, keys in self._list.rows}

    def select(self, action_id: str) -> None:
        """Select an action."""
        for item in self._list.items:
            if item.data(0, _ID) == action_id:
                self._list.setCurrentItem(item)

    def add_key(self, key: str) -> None:
        """Add a key to the selected action."""
        if (chosen := self._chosen) and key:
            self._set(chosen, (*self._actions.keys.of(chosen), key))

    def _lay_out(self) -> None:
        buttons = {
            tr("Add key"): lambda: self.add_key(self._key.keySequence().toString()),
            tr("Remove keys"): lambda: self._chosen and self._set(self._chosen, ()),
            tr("Reset"): lambda: (
                self._chosen and self._set(self._chosen, KeyMap().of(self._chosen))
            ),
            tr("Reset all"): lambda: self._take(KeyMap(), tr("All keys are reset.")),
            tr("Close"): self.close,
        }
        made = dict[str, QPushButton]()
        for text, do in buttons.items():
            made[text] = QPushButton(text, self)
            made[text].setAutoDefault(False)
            made[text].clicked.connect(lambda _=False, do=do: do())
        add, off, usual, all_usual, close = made.values()
        label = QLabel(tr("&New key"), self)
        label.setBuddy(self._key)
        one = row(label, self._key, add, off, usual, spacing=8, grows=1)
        every = row(all_usual, None, close, spacing=8)
        switches = [self._switch(a.id) for group in actions_of("Keys") for a in group]
        parts = (self._line, self._list, one, self._message, row(*switches, None), every)
        self.setLayout(column(*parts, margins=(12, 12, 12, 12), spacing=8, grows=1))

    def _switch(self, action_id: str) -> QCheckBox:
        """Return a box for an action that can be on or off."""
        action = self._actions[action_id]
        box = QCheckBox(action.text(), self)
        box.setToolTip(action.toolTip())
        box.setChecked(action.isChecked())
        action.toggled.connect(box.setChecked)
        box.clicked.connect(action.trigger)
        return box

    @property
    def _chosen(self) -> str:
        chosen = self._list.selectedItems()
        if not chosen:
            self._say(tr("Select an action first."), is_wrong=True)
            return ""
        return str(chosen[0].data(0, _ID))

    def _set(self, action_id: str, keys: tuple[str, ...]) -> None:
        try:
            self._take(self._actions.keys.with_keys(action_id, keys))
        except KeysError as error:
            self._say(str(error), is_wrong=True)

    def _take(self, keys: KeyMap, said: str = "") -> None:
        self._key.clear()
        self._say(said)
        self._actions.set_keys(keys)

    def _say(self, text: str, *, is_wrong: bool = False) -> None:
        self._message.show_text(text, "warning" if is_wrong else "")

    def _fill(self) -> None:
        selected = self._list.selectedItems()
        chosen = str(selected[0].data(0, _ID)) if selected else ""
        self._list.clear()
        texts = [tr(spec.text) for spec in ACTIONS]
        found = best(self._line.text(), texts, [words_of(spec) for spec in ACTIONS])
        for spec in (ACTIONS[place] for place in found):
            keys = shown_keys(self._actions.keys.of(spec.id))
            text, group = tr(spec.text).rstrip("…"), tr(group_of(spec.id), "menu")
            (item,) = self._list.add_rows([(text, group, keys)])
            item.setData(0, _ID, spec.id)
        self.select(chosen)
