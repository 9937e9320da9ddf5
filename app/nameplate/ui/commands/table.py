"""Every action and every menu, as tables: text, keys, icon."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
        "zoom_in", "zoom_out", "show_crop", "problems", SEPARATOR,
        "look_system", "look_light", "look_dark",
    ),
    "&Help": ("report", "about"),
}  # fmt: skip
