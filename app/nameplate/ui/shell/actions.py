"""Every action and every menu, as tables: text, keys, icon; and what can be done now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from nameplate.project.project import Project
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import what_of

SEPARATOR: Final = "-"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """The definition of one action.

    Attributes:
        id: Its name in the code.
        text: Its menu entry.
        keys: Its shortcuts; the first one is shown.
        icon: A file name in `resources/icons` without extension; may be empty.
        is_checkable: Whether it can be on or off.
        on_pictures: Works only while the pictures have the focus, so that its plain letter or
            digit can still be typed into a box.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    is_checkable: bool = False
    on_pictures: bool = False


ACTIONS: Final = (
    ActionSpec("add_files", "Add pictures…", ("Ctrl+O",), "add-images"),
    ActionSpec("add_folder", "Add a folder…", ("Ctrl+Shift+O",), "folder"),
    ActionSpec("new_project", "New project", ("Ctrl+Shift+N",)),
    ActionSpec("open_project", "Open project…", ("Ctrl+Shift+P",)),
    ActionSpec("open_recent", "Open recent"),
    ActionSpec("save_project", "Save project as…", ("Ctrl+Shift+S",)),
    ActionSpec("find_missing", "Find missing pictures…"),
    ActionSpec("samples", "Try the samples", (), "samples"),
    ActionSpec("export", "Export CSV…", ("Ctrl+E",), "export"),
    ActionSpec("export_all", "Export CSV with every probability…", ("Ctrl+Shift+E",)),
    ActionSpec("models", "Models…", ("Ctrl+M",), "settings"),
    ActionSpec("quit", "Quit", ("Ctrl+Q",)),
    ActionSpec("undo", "Undo", ("Ctrl+Z",), "undo"),
    ActionSpec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    ActionSpec("select_all", "Select all", ("Ctrl+A",), "", False, True),
    ActionSpec("name_box", "Type a name", ("Ctrl+N", "/"), "", False, True),
    ActionSpec("pictures", "Go to the pictures", ("Ctrl+G",)),
    ActionSpec("auto_label", "Auto-label all", ("Ctrl+L",), "auto-label"),
    ActionSpec("auto_label_selected", "Auto-label the selected", ("Ctrl+Shift+L",)),
    ActionSpec("accept", "Accept and go on", ("Return", "Enter"), "check", False, True),
    ActionSpec("take_back", "Take the label off", ("Backspace", "Delete"), "", False, True),
    ActionSpec("skip", "Skip", ("X",), "", False, True),
    ActionSpec("several", "Several labels a picture", ("Ctrl+Shift+M",), "", True),
    ActionSpec("stop", "Cancel reading", ("Ctrl+.",), "cancel"),
    ActionSpec("resume", "Go on reading", ("Ctrl+Shift+.",)),
    ActionSpec("grid", "Grid", ("Escape",), "", False, True),
    ActionSpec("large", "Large picture", ("Space",), "", False, True),
    ActionSpec("compare", "Compare", ("C",), "", False, True),
    ActionSpec("sheets", "Check page by page", ("T",), "check", False, True),
    ActionSpec("take_out", "Take out of the comparison", ("Shift+C",), "", False, True),
    ActionSpec("actual_size", "Real size", ("Z",), "", False, True),
    ActionSpec("open_outside", "Open in its usual program", ("Ctrl+Return",), "", False, True),
    ActionSpec("full_screen", "Full screen", ("F11",)),
    ActionSpec("bars", "Probabilities beside the pictures", ("I",), "", False, True),
    ActionSpec("zoom_in", "Larger pictures", ("Ctrl++", "Ctrl+="), "zoom-in"),
    ActionSpec("zoom_out", "Smaller pictures", ("Ctrl+-",), "zoom-out"),
    ActionSpec("show_crop", "What the model sees", ("V",), "", True, True),
    ActionSpec("problems", "Unreadable files", ("Ctrl+U",), "warning"),
    ActionSpec("look_system", "As the system", (), "", True),
    ActionSpec("look_light", "Light", (), "", True),
    ActionSpec("look_dark", "Dark", (), "", True),
    ActionSpec("report", "Copy report", ("Ctrl+Shift+R",)),
    ActionSpec("about", "About Nameplate"),
)

MENUS: Final[Mapping[str, tuple[str, ...]]] = {
    "&File": (
        "add_files", "add_folder", "samples", SEPARATOR,
        "new_project", "open_project", "open_recent", "save_project", "find_missing", SEPARATOR,
        "export", "export_all", SEPARATOR, "models", SEPARATOR, "quit",
    ),
    "&Edit": ("undo", "redo", SEPARATOR, "select_all", "name_box", "pictures"),
    "&Label": (
        "auto_label", "auto_label_selected", SEPARATOR, "accept", "take_back", "skip", SEPARATOR,
        "several", SEPARATOR,
        "stop", "resume",
    ),
    "&View": (
        "grid", "large", "compare", "take_out", "sheets", SEPARATOR,
        "actual_size", "full_screen", "bars", "open_outside", SEPARATOR,
        "zoom_in", "zoom_out", "show_crop", "problems", SEPARATOR,
        "look_system", "look_light", "look_dark",
    ),
    "&Help": ("report", "about"),
}  # fmt: skip


_FOR_PICTURES: Final = (
    "accept", "take_back", "skip", "grid", "large", "compare", "take_out", "actual_size",
    "full_screen", "open_outside", "sheets",
)  # fmt: skip
"""What can be done as soon as there are pictures."""


class Actions:
    """The actions of a window by id; builds the menus from the tables above."""

    def __init__(self, window: QMainWindow, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._by_id: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setCheckable(spec.is_checkable)
            # The tool tip of a button includes its shortcut.
            action.setToolTip(f"{spec.text} ({spec.keys[0]})" if spec.keys else spec.text)
            if spec.id in handlers:
                action.triggered.connect(_without_argument(handlers[spec.id]))
            self._by_id[spec.id] = action
        looks = QActionGroup(window)
        for name in ("look_system", "look_light", "look_dark"):
            looks.addAction(self._by_id[name])
        for title, ids in MENUS.items():
            self._fill(window.menuBar().addMenu(title), ids)
        self.refresh_icons()

    def __getitem__(self, action_id: str) -> QAction:
        return self._by_id[action_id]

    def put_on(self, window: QMainWindow, *pictures: QWidget) -> None:
        """Add picture actions, with their shortcuts, to `pictures` only, the others to `window`."""
        for spec in ACTIONS:
            action = self._by_id[spec.id]
            if spec.on_pictures:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                for widget in pictures:
                    widget.addAction(action)
            else:
                window.addAction(action)

    def offer(self, project: Project, *, has_model: bool, has_selection: bool) -> None:
        """Enable what can be done now, and name the steps that undo and redo are about."""
        has_images, has_names = bool(project.images.present), bool(project.concepts)
        history = project.history
        for name, verb, steps in (("undo", "Undo", history.done), ("redo", "Redo", history.undone)):
            self[name].setEnabled(bool(steps))
            self[name].setText(f"{verb} {what_of(steps[-1].title) if steps else ''}".strip())
        for name in ("export", "export_all"):
            self[name].setEnabled(has_images and has_model)
        for name in _FOR_PICTURES:
            self[name].setEnabled(has_images)
        self["several"].setChecked(project.settings.is_multi)
        self["auto_label"].setEnabled(has_images and has_names and has_model)
        self["auto_label_selected"].setEnabled(has_selection and has_names and has_model)

    def refresh_icons(self) -> None:
        """Redraw the icons in the palette's colour, after the colour scheme changed."""
        for spec in ACTIONS:
            if spec.icon:
                self._by_id[spec.id].setIcon(icon(spec.icon))

    def _fill(self, menu: QMenu, ids: tuple[str, ...]) -> None:
        for action_id in ids:
            if action_id == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self._by_id[action_id])


def _without_argument(handler: Callable[[], object]) -> Callable[[bool], None]:
    def call(_checked: bool) -> None:
        handler()

    return call
