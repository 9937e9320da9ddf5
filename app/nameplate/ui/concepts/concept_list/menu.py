"""The menu of the actions on a name."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from nameplate.ui.actions.keys import shown_key
from nameplate.ui.concepts.concept_list.actions import NAME_ACTIONS, NameAction
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import tr


class NamesMenu(QMenu):
    """The menu of the actions on a name, and of those on the whole list."""

    def __init__(
        self,
        names: ConceptList,
        do: Callable[[str], object],
        of_all: Mapping[str, Callable[[], object]],
    ) -> None:
        """Offer the actions of the whole list, and `NAME_ACTIONS`, which `do` carries out."""
        super().__init__(names)
        self._names, self._do = names, do
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
        action.triggered.connect(lambda: self._do(one.name))
        if one.icon:
            action.setIcon(icon(one.icon))
        return action

    def open_at(self, corner: QPoint, *, is_for_row: bool) -> None:
        """Offer the possible actions; for a row, without those of the whole list."""
        names = self._names
        concepts, selected = names.rows.concepts, names.selected_keys()
        current = names.current_concept()
        for action in self._of_all:
            action.setVisible(not is_for_row)
        self._of_all[3].setEnabled(bool(concepts))
        for action in self._actions.values():
            action.setEnabled(current is not None)
        for way, end in (("up", concepts[:1]), ("down", concepts[-1:])):
            self._actions[way].setEnabled(current is not None and current not in end)
        for name in ("merge", "merge_only"):
            self._actions[name].setEnabled(current is not None and len(selected) > 1)
        self._actions["reject"].setChecked(current is not None and current.is_reject)
        self.popup(corner)
