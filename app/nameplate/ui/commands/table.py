"""The tables of all actions and menus: text, keys, icon."""

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
        on_pictures: Works only while the pictures, the names or the bars have the focus, so that
            its plain letter can still be typed into a box.
        tip: What it does, where the menu entry does not say it; the tool tip.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    is_checkable: bool = False
    on_pictures: bool = False
    tip: str = ""


ACTIONS: Final[tuple[ActionSpec, ...]] = (
    ActionSpec("add_files", "Add pictures…", ("Ctrl+O",), "add-images"),
    ActionSpec("add_folder", "Add a folder…", ("Ctrl+Shift+O",), "folder"),
    ActionSpec("new_project", "New project", ("Ctrl+Shift+N",)),
    ActionSpec("open_project", "Open project…", ("Ctrl+Shift+P",)),
    ActionSpec("open_recent", "Open recent"),
    ActionSpec("save_project", "Save project as…", ("Ctrl+Shift+S",)),
    ActionSpec("find_missing", "Find missing pictures…"),
    ActionSpec("compare_projects", "Compare with another project…"),
    ActionSpec("samples", "Try the samples", (), "samples"),
    ActionSpec("export", "Export…", ("Ctrl+E",), "export"),
    ActionSpec("export_again", "Export again", ("Ctrl+Shift+E",), "", False, False,
        "To the same place in the same way, without asking"),
    ActionSpec("import_labels", "Import labels…", ("Ctrl+Shift+I",)),
    ActionSpec("how_right", "How right is it?", ("Ctrl+R",), "", False, False,
        "Charts of how right the labels are, which open the pictures behind them"),
    ActionSpec("models", "Models…", ("Ctrl+M",), "settings"),
    ActionSpec("quit", "Quit", ("Ctrl+Q",)),
    ActionSpec("undo", "Undo", ("Ctrl+Z",), "undo"),
    ActionSpec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    ActionSpec("select_all", "Select all", ("Ctrl+A",), "", False, True),
    ActionSpec("select_none", "Select none", ("Ctrl+D", "Ctrl+Shift+A"), "", False, True),
    ActionSpec("name_box", "Type a name", ("Ctrl+N",)),
    ActionSpec("find_name", "Find a name", ("Ctrl+Shift+K",)),
    ActionSpec("pictures", "Go to the pictures", ("Ctrl+G",)),
    ActionSpec("filter", "Filter", ("Ctrl+F",), "search"),
    ActionSpec("filter_menu", "Conditions and saved views…", ("Ctrl+Shift+C",)),
    ActionSpec("only_these", "Show only the selected", ("F",), "", False, True),
    ActionSpec("more_like_this", "More like this", ("L",), "", False, True,
        "The pictures that look most like the selected ones come first"),
    ActionSpec("less_like_this", "Less like this", ("Shift+L",), "", False, True,
        "The pictures that look like the selected ones come last"),
    ActionSpec("clear_filter", "Clear the filter", ("Ctrl+Shift+F",)),
    ActionSpec("choose_folder", "Show a folder…", ("Ctrl+Shift+D",)),
    ActionSpec("save_view", "Save this view…", ("Ctrl+Shift+V",)),
    ActionSpec("copy", "Copy the files", ("Ctrl+C",), "", False, True,
        "Their paths too, for a text"),
    ActionSpec("paste", "Paste pictures", ("Ctrl+V",), "paste"),
    ActionSpec("remove", "Remove from the project", ("Ctrl+Delete",), "delete", False, True,
        "The files stay where they are"),
    ActionSpec("auto_label", "Auto-label all", ("Ctrl+L",), "auto-label", False, False,
        "Each picture that nobody decided about gets its most probable name; you are asked first "
        "if any would lose a label"),
    ActionSpec("auto_label_selected", "Auto-label the selected", ("Ctrl+Shift+L",)),
    ActionSpec("promise", "Promise how right the labels are…", ("Ctrl+P",), "check", False, False,
        "“At least 98% of these labels are right”, shown by checks of random pictures"),
    ActionSpec("accept", "Accept and go on", ("Enter", "Return", "P"), "check", False, True),
    ActionSpec("pick", "Pick a name…", ("/",), "search", False, True,
        "Type the beginning of a name and press Enter"),
    ActionSpec("take_back", "Take the label off", ("Backspace", "Delete", "U"), "", False, True),
    ActionSpec("skip", "Skip", ("X", "S"), "", False, True),
    ActionSpec("stacks", "Show stacks as one", ("Ctrl+B",), "", True, False,
        "Copies of a picture and the pictures of a burst are one cell, with their number"),
    ActionSpec("open_copies", "Open the stack, or close it", ("Shift+E",), "", False, True,
        "Each of its pictures is shown, in the grid and on a page"),
    ActionSpec("keep_best", "Keep the best of the stack", ("Shift+B",), "", False, True,
        "The others are skipped, no file is deleted; in Compare, the picture with the frame stays"),
    ActionSpec("next_undecided", "Next undecided picture", ("N",), "", False, True),
    ActionSpec("another_look", "Take another look", ("Ctrl+Shift+T",), "", False, False,
        "Decisions that may be mistakes, pictures that fit no name, names that are mixed up"),
    ActionSpec("next", "Next picture", ("D",), "", False, True),
    ActionSpec("previous", "Previous picture", ("A",), "", False, True),
    ActionSpec("advance", "Go on after each label", (), "", True),
    ActionSpec("typing_picks", "Typing picks a name", (), "", True, False,
        "A word typed on the pictures picks a name. Off, letters are keys of the names after the "
        "tenth"),
    ActionSpec("several", "Several labels a picture", ("Ctrl+Shift+M",), "", True),
    ActionSpec("learn", "Learn from my decisions", (), "", True, False,
        "What is suggested follows what you decided, where your decisions show that this helps"),
    ActionSpec("stop", "Cancel reading", ("Ctrl+.",), "cancel"),
    ActionSpec("resume", "Go on reading", ("Ctrl+Shift+.",)),
    ActionSpec("grid", "Grid", ("G",), "", False, True),
    ActionSpec("large", "Large picture", ("Space",), "", False, True),
    ActionSpec("compare", "Compare", ("C",), "", False, True),
    ActionSpec("sheets", "Check page by page", ("T",), "", False, True),
    ActionSpec("groups", "Name pictures that look alike", ("Shift+T",), "", False, True,
        "Group after group comes: type what it is"),
    ActionSpec("take_out", "Take out of the comparison", ("Shift+C",), "", False, True),
    ActionSpec("actual_size", "Real size", ("Z",), "", False, True),
    ActionSpec("full_screen", "Full screen", ("F11",)),
    ActionSpec("bars", "Probabilities beside the pictures", ("I",), "", True, True),
    ActionSpec("zoom_in", "Larger pictures", ("Ctrl++", "Ctrl+="), "zoom-in"),
    ActionSpec("zoom_out", "Smaller pictures", ("Ctrl+-",), "zoom-out"),
    ActionSpec("details", "Details beneath the pictures", ("Ctrl+I",), "", True),
    ActionSpec("show_crop", "What the model sees", ("V",), "", True, True),
    ActionSpec("problems", "Unreadable files", ("Ctrl+U",), "warning"),
    ActionSpec("look_system", "As the system", (), "", True),
    ActionSpec("look_light", "Light", (), "", True),
    ActionSpec("look_dark", "Dark", (), "", True),
    ActionSpec("picture_menu", "Menu of the picture", ("Menu", "Shift+F10"), "", False, True),
    ActionSpec("only_this_name", "Only pictures of this name", ("Ctrl+Enter", "Ctrl+Return"),
        "search", False, True),
    ActionSpec("open_picture", "Open in another program",
        ("Ctrl+Shift+Enter", "Ctrl+Shift+Return"), "samples", False, True),
    ActionSpec("show_file", "Show in its folder", ("Ctrl+Shift+G",), "folder", False, True),
    ActionSpec("find_command", "Find a command…", ("Ctrl+K",), "search"),
    ActionSpec("all_keys", "All keys", ("F1", "?"), "question"),
    ActionSpec("change_keys", "Change keys…"),
    ActionSpec("report", "Copy report", ("Ctrl+Shift+R",)),
    ActionSpec("about", "About Nameplate"),
)  # fmt: skip

MENUS: Final[Mapping[str, tuple[str, ...]]] = {
    "&File": (
        "add_files", "add_folder", "samples", SEPARATOR,
        "new_project", "open_project", "open_recent", "save_project", "find_missing",
        "compare_projects", SEPARATOR,
        "export", "export_again", "import_labels", SEPARATOR, "models", SEPARATOR, "quit",
    ),
    "&Edit": (
        "undo", "redo", SEPARATOR,
        "select_all", "select_none", "copy", "paste", "remove", SEPARATOR,
        "name_box", "find_name", "pictures", "picture_menu", SEPARATOR,
        "find_command", "change_keys",
    ),
    "&Label": (
        "accept", "pick", "take_back", "skip", "keep_best", SEPARATOR,
        "next_undecided", "next", "previous", SEPARATOR,
        "auto_label", "auto_label_selected", SEPARATOR,
        "advance", "typing_picks", "several", "learn", SEPARATOR,
        "stop", "resume",
    ),
    "&Check": (
        "groups", "sheets", "another_look", SEPARATOR,
        "how_right", "promise",
    ),
    "&View": (
        "grid", "large", "compare", "take_out", SEPARATOR,
        "stacks", "open_copies", SEPARATOR,
        "filter", "filter_menu", "more_like_this", "less_like_this", "only_these", "only_this_name",
        "clear_filter", "choose_folder", "save_view",
        SEPARATOR,
        "actual_size", "full_screen", "bars", SEPARATOR,
        "zoom_in", "zoom_out", "details", "show_crop", "problems", SEPARATOR,
        "open_picture", "show_file", SEPARATOR,
        "look_system", "look_light", "look_dark",
    ),
    "&Help": ("all_keys", "report", "about"),
}  # fmt: skip

FIXED_KEYS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Pictures": (
        ("Arrows, Home, End, PgUp, PgDown", "Go to another picture"),
        ("Shift+arrows", "Select up to there"),
        ("Ctrl+arrows, Ctrl+Space", "Go without selecting; select or not"),
        ("like:a red car", "Typed in the filter line: those first that are most like it"),
        ("Esc", "From any box or list back to the pictures, from these to the grid"),
    ),
    "Names": (
        ("Shift+Enter", "Label the selected pictures with it"),
        ("Ctrl+Enter", "Only pictures of this name"),
        ("Alt+Enter", "Details"),
        ("F2, #, !", "Rename, colour, none of these"),
        ("Alt+Up, Alt+Down, Del", "Move, delete"),
        ("Alt+Right, Alt+Left", "Make it a kind of the name above, take it out again"),
        ("Ctrl+J, Ctrl+T", "Merge the selected, split off pictures"),
    ),
}
"""Keys that belong to a part of the window and cannot be changed, and what each does, by group."""

KEPT_KEYS: Final = frozenset(
    {*"0123456789", "Esc", "Tab", "Shift+Tab", "Left", "Right", "Up", "Down", "Home", "End"}
    | {"PgUp", "PgDown"}
)
"""Keys that no action may have: they label, and lead through the window and the pictures."""


def group_of(action_id: str) -> str:
    """Return the menu of an action, which is the heading of its group."""
    return next((title.replace("&", "") for title, ids in MENUS.items() if action_id in ids), "")
