"""Creates the window's actions and menus from the tables, and enables what is possible."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from nameplate.project.project import Project
from nameplate.ui.commands.keys import KeyMap, shown_key
from nameplate.ui.commands.table import ACTIONS, MENUS, SEPARATOR
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import what_of

Handlers = Mapping[str, Callable[[], object]]
"""What is done, by the id of the action."""


_FOR_PICTURES: Final = (
    "accept", "take_back", "skip", "grid", "large", "compare", "sheets", "take_out", "actual_size",
    "full_screen", "remove", "next_undecided", "picture_menu", "export", "export_again",
    "import_labels", "compare_projects", "how_right", "promise", "open_copies", "keep_best",
)  # fmt: skip
"""What can be done as soon as there are pictures."""

_OF_SELECTED: Final = ("only_these", "copy", "more_like_this", "less_like_this")
"""What takes pictures that are selected."""

_GRID_ONLY: Final = (
    "only_these", "more_like_this", "less_like_this", "picture_menu", "keep_best",
)  # fmt: skip
"""What is about the selection or the order of the grid, which are not seen on a page of a sheet."""

_ON_SEEN: Final = (
    "accept", "pick", "take_back", "skip", "remove", "auto_label_selected", "take_out",
    "open_copies", *_GRID_ONLY,
)  # fmt: skip
"""What decides about the pictures that are seen, or leads on from them."""

_WALKING: Final = ("next", "previous", "next_undecided")
"""What a key that is held down does again and again; others are for the picture that was seen."""


class Actions(QObject):
    """The actions of a window by id; builds the menus from the tables.

    Attributes:
        window: Theirs.
        keys: The keys of the actions; changed by `set_keys` alone.

    Signals:
        keys_changed: Actions have other keys.
    """

    keys_changed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        """Create the actions; `handle` connects them to functions."""
        super().__init__(window)
        self.window: Final = window
        self._by_id: dict[str, QAction] = {}
        self._keys_of: dict[str, tuple[str, ...]] = {}  # as they are set
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setCheckable(spec.is_checkable)
            if spec.icon:
                action.setIcon(icon(spec.icon))
            if spec.on_pictures:
                action.setAutoRepeat(spec.id in _WALKING)
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            else:
                window.addAction(action)
            self._by_id[spec.id] = action
        looks = QActionGroup(window)
        for name in ("look_system", "look_light", "look_dark"):
            looks.addAction(self._by_id[name])
        for title, ids in MENUS.items():
            self.fill(window.menuBar().addMenu(title), ids)
        self.set_keys(KeyMap())

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def trigger(self, action_id: str) -> Callable[[], None]:
        """Return a function that triggers an action like its menu entry."""
        return self._by_id[action_id].trigger

    def some(self, *ids: str) -> list[QAction]:
        """Return the actions with these ids."""
        return [self._by_id[action_id] for action_id in ids]

    def handle(self, handlers: Handlers) -> None:
        """Call these functions when their actions are triggered."""
        for action_id, handler in handlers.items():
            self._by_id[action_id].triggered.connect(_without_argument(handler))

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
            said = ". ".join(filter(None, (spec.text, spec.tip)))
            # The tool tip of a button includes its shortcut.
            action.setToolTip(tip(f"{said} ({self.key_of(spec.id)})" if theirs else said))
        self.keys_changed.emit()

    def key_of(self, action_id: str) -> str:
        """Return the key of an action as printed on keyboards; empty if it has none."""
        return next(map(shown_key, self.keys.of(action_id)), "")

    def offer(
        self,
        project: Project,
        *,
        has_model: bool,
        has_selection: bool,
        is_on_page: bool,
        are_covered: bool,
        marks: tuple[bool, bool] = (False, False),
    ) -> None:
        """Enable what is possible now, and show the steps that undo and redo would act on.

        Args:
            project: The open one.
            has_model: Whether a model is loaded.
            has_selection: Whether pictures are selected in the grid.
            is_on_page: Whether a page of a sheet is looked at.
            are_covered: Whether a panel is in the place of the pictures.
            marks: Whether a mark on that page can be undone, and redone, before any step.
        """
        has_images, has_names = bool(project.images.present), bool(project.concepts)
        history = project.history
        for name, verb, steps, has_marks in (
            ("undo", "Undo", history.done, marks[0]),
            ("redo", "Redo", history.undone, marks[1]),
        ):
            self[name].setEnabled(bool(steps) or has_marks)
            step = what_of(steps[-1].title) if steps else ""
            shown = "mark on this page" if has_marks else entry_text(step)
            self[name].setText(f"{verb} {shown}".strip())
        for name in _FOR_PICTURES:
            self[name].setEnabled(has_images)
        for name in _OF_SELECTED:
            self[name].setEnabled(has_selection)
        self["several"].setChecked(project.settings.is_multi)
        self["learn"].setChecked(project.settings.learns)
        self["auto_label"].setEnabled(has_images and has_names and has_model)
        self["auto_label_selected"].setEnabled(has_selection and has_names and has_model)
        self["pick"].setEnabled(True)
        for name in (*(_GRID_ONLY if is_on_page else ()), *(_ON_SEEN if are_covered else ())):
            self[name].setEnabled(False)

    def fill(self, menu: QMenu, ids: tuple[str, ...]) -> None:
        """Append the actions `ids` to `menu`, with lines where there is a `SEPARATOR`."""
        for action_id in ids:
            if action_id == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self._by_id[action_id])


def _without_argument(handler: Callable[[], object]) -> Callable[[bool], None]:
    def call(_checked: bool) -> None:
        handler()

    return call
