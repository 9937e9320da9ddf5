"""Makes the window's actions and menus from their declarations, and enables what is possible."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from nameplate.domain.text import deferred
from nameplate.plug_ins.feature import MENUS, Action, When
from nameplate.project.project import Project
from nameplate.storage.preferences import PREFERENCES
from nameplate.ui.actions.keys import KeyMap, shown_key
from nameplate.ui.actions.table import ACTIONS, actions_of
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import sentences, tr, what_of

_MISSING: Final = {
    When.IMAGES: deferred("Add pictures first."),
    When.NAMES: deferred("No names yet. Type the first one on the left."),
    When.MODEL: deferred("No model is loaded yet."),
    When.SEEN: deferred("Close this panel first."),
    When.GRID: deferred("Go to the grid first."),
    When.COMPARE: deferred("Compare pictures first."),
    When.SELECTION: deferred("Select pictures first."),
}
"""What is said where something of this is missing for an action; the most important first."""


class Actions(QObject):
    """The actions of a window by id; builds the menus from their declarations.

    Attributes:
        keys: The keys of the actions; changed by `set_keys` alone.
        run: Called with the `Action` that was triggered.
        now: The conditions passed to `offer` last; None before.

    Signals:
        keys_changed: Actions have other keys.
    """

    keys_changed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.window: Final = window
        self.run: Callable[[Action[Any]], object] = lambda _action: None
        self._by_id: dict[str, QAction] = {}
        self._keys_of: dict[str, tuple[str, ...]] = {}  # as they are set
        self.now: When | None = None
        for declared in ACTIONS:
            self._by_id[declared.id] = self._make(declared)
        colours = QActionGroup(window)
        for name in PREFERENCES["theme"].values:
            colours.addAction(self._by_id[f"look_{name}"])
        for title in MENUS:
            text = tr(title, "menu")  # Alt leads to its first letter, if keyboards have that
            self.fill(window.menuBar().addMenu(f"&{text}" if text[:1].isascii() else text), title)
        self.set_keys(KeyMap())

    def _make(self, declared: Action[Any]) -> QAction:
        action = QAction(tr(declared.text), self.window)
        action.setCheckable(declared.is_checkable)
        if declared.icon:
            action.setIcon(icon(declared.icon))
        if declared.on_pictures:
            action.setAutoRepeat(declared.repeats)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self.window.addAction(action)
        action.triggered.connect(lambda: self.run(declared))
        return action

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._by_id

    def trigger(self, action_id: str) -> Callable[[], None]:
        """Return a function that triggers an action like its menu entry, if there is one."""
        action = self._by_id.get(action_id)
        return action.trigger if action is not None else lambda: None

    def some(self, *ids: str) -> list[QAction]:
        """Return the actions with these ids."""
        return [self._by_id[action_id] for action_id in ids]

    def put_on_pictures(self, *widgets: QWidget) -> None:
        """Make the keys of picture actions work while one of `widgets` has the focus.

        Each widget that shows pictures to decide about is given here: the grid, a large view.
        """
        actions = [self._by_id[spec.id] for spec in ACTIONS if spec.on_pictures]
        for widget in widgets:
            widget.addActions(actions)

    def set_keys(self, keys: KeyMap) -> None:
        """Set the keys of the actions, also in menus and tool tips."""
        self.keys = keys
        for spec in ACTIONS:
            action, theirs = self._by_id[spec.id], keys.of(spec.id)
            if self._keys_of.get(spec.id) == theirs:
                continue  # each setting takes Qt a while, and few are changed at a time
            self._keys_of[spec.id] = theirs
            action.setShortcuts([QKeySequence(key) for key in theirs])
            said = tr(spec.text).rstrip("…")
            said = tr("{text}. {tip}", text=said, tip=tr(spec.tip)) if spec.tip else said
            # The tool tip of a button includes its shortcut.
            key = self.key_of(spec.id)
            action.setToolTip(tip(tr("{text} ({key})", text=said, key=key) if theirs else said))
        self.keys_changed.emit()

    def key_of(self, action_id: str) -> str:
        """Return the key of an action as printed on keyboards; empty if it has none."""
        return next(map(shown_key, self.keys.of(action_id) if action_id in self else ()), "")

    def key_in_brackets(self, action_id: str) -> str:
        """Return what follows words that send a person to an action: ` (Ctrl+F)`, or nothing."""
        key = self.key_of(action_id)
        return f" ({key})" if key else ""

    def offer(self, project: Project, now: When) -> None:
        """Enable what is possible now, and show the steps that undo and redo would act on."""
        for declared in ACTIONS if now != self.now else ():
            if declared.when:
                self[declared.id].setEnabled(declared.when in now)
        self.now = now
        history = project.history
        for name, steps in (("undo", history.done), ("redo", history.undone)):
            self[name].setEnabled(bool(steps))
            step = entry_text(what_of(steps[-1].title)) if steps else ""
            undo = tr("Undo {step}", step=step) if step else tr("Undo")
            redo = tr("Redo {step}", step=step) if step else tr("Redo")
            self[name].setText(undo if name == "undo" else redo)
        self["several"].setChecked(project.settings.is_multi)

    def why_not(self, key: QKeySequence) -> str:
        """Return why the action that has a key can't be used now; empty where there is none."""
        spec = next((one for one in ACTIONS if key in self[one.id].shortcuts()), None)
        if spec is None or self[spec.id].isEnabled() or self.now is None:
            return ""
        missing = spec.when & ~self.now
        why = next((tr(text) for what, text in _MISSING.items() if what in missing), "")
        now = tr("“{action}” isn't possible now.", action=tr(spec.text).rstrip("…"))
        return sentences(now, why)

    def fill(self, menu: QMenu, title: str, *, is_for_now: bool = False, without: str = "") -> None:
        """Add the actions of a menu or list by rank, with a line between its groups.

        Args:
            menu: To add to.
            title: The menu or list.
            is_for_now: Whether only what is possible now is added: it is filled again each time.
            without: The id of an action that is left out.
        """
        for group in actions_of(title):
            actions = self.some(*(action.id for action in group if action.id != without))
            entries = [one for one in actions if one.isEnabled() or not is_for_now]
            if entries and not menu.isEmpty():
                menu.addSeparator()
            menu.addActions(entries)
