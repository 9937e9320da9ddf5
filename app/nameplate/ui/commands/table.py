"""The actions of the window, and the keys that are no actions."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from nameplate.domain.feature import Action, When
from nameplate.system.features import features, not_taken
from nameplate.ui.widgets.file_dialogs import ask_for_files, ask_for_folder, ask_for_project

if TYPE_CHECKING:
    from nameplate.ui.main_window import MainWindow

_OF_WINDOW: Final[tuple[Action["MainWindow"], ...]] = (
    Action("add_files", "Add pictures…", lambda w: ask_for_files(w, w.opener.open),
        keys=("Ctrl+O",), menu="File/add/10", also=("Add/add/20",), icon="add-images"),
    Action("add_folder", "Add a folder…",
        lambda w: ask_for_folder(w, lambda folder: w.opener.open([folder])),
        keys=("Ctrl+Shift+O",), menu="File/add/20", also=("Add/add/10",), icon="folder"),
    Action("new_project", "New project", lambda w: w.files.new(), keys=("Ctrl+Shift+N",),
        menu="File/project/40"),
    Action("open_project", "Open project…", lambda w: ask_for_project(w, w.files.open),
        keys=("Ctrl+Shift+P",), menu="File/project/50"),
    Action("open_recent", "Open recent", None, menu="File/project/60"),
    Action("save_project", "Save project as…", lambda w: w.files.ask_where_to_save(),
        keys=("Ctrl+Shift+S",), menu="File/project/70"),
    Action("samples", "Try the samples", lambda w: w.open_samples(), menu="File/add/30",
        also=("Add/add/30",), icon="samples"),
    Action("export", "Export…", lambda w: w.ask_to_export(), keys=("Ctrl+E",),
        menu="File/labels/100", also=("Export/export/10",), when=When.IMAGES, icon="export"),
    Action("export_again", "Export again", lambda w: w.exporting.again(), keys=("Ctrl+Shift+E",),
        menu="File/labels/110", also=("Export/export/20",), when=When.IMAGES,
        tip="To the same place in the same way, without asking"),
    Action("quit", "Quit", lambda w: w.close(), keys=("Ctrl+Q",), menu="File/quit/140"),
    Action("undo", "Undo", lambda w: w.decisions.undo(), keys=("Ctrl+Z",), menu="Edit/history/10",
        icon="undo"),
    Action("redo", "Redo", lambda w: w.decisions.redo(), keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        menu="Edit/history/20", icon="redo"),
    Action("select_all", "Select all", lambda w: w.arrangement.when_shown(w.modes.select_all),
        keys=("Ctrl+A",), menu="Edit/selection/30", on_pictures=True),
    Action("select_none", "Select none", lambda w: w.grid.clearSelection(),
        keys=("Ctrl+D", "Ctrl+Shift+A"), menu="Edit/selection/40", on_pictures=True),
    Action("name_box", "Type a name", lambda w: w.panel.focus_name_box(), keys=("Ctrl+N",),
        menu="Edit/places/80"),
    Action("find_name", "Find a name", lambda w: w.panel.focus_find_box(), keys=("Ctrl+Shift+K",),
        menu="Edit/places/90"),
    Action("pictures", "Go to the pictures", lambda w: w.modes.focus(), keys=("Ctrl+G",),
        menu="Edit/places/100"),
    Action("filter", "Filter", lambda w: w.filtering.focus_line(), keys=("Ctrl+F",),
        menu="View/filter/70", icon="search"),
    Action("filter_menu", "Conditions and saved views…", lambda w: w.tools.filter.open_menu(),
        keys=("Ctrl+Shift+C",), menu="View/filter/80"),
    Action("only_these", "Show only the selected", lambda w: w.filtering.only_selected(),
        keys=("F",), menu="View/filter/110", when=When.SELECTION | When.SEEN | When.GRID,
        on_pictures=True),
    Action("more_like_this", "More like this", lambda w: w.filtering.like_selected(is_not=False),
        keys=("L",), menu="View/filter/90", also=("Picture/like/70",),
        when=When.SELECTION | When.SEEN | When.GRID,
        tip="The pictures that look most like the selected ones come first", on_pictures=True),
    Action("less_like_this", "Less like this", lambda w: w.filtering.like_selected(is_not=True),
        keys=("Shift+L",), menu="View/filter/100", also=("Picture/like/80",),
        when=When.SELECTION | When.SEEN | When.GRID,
        tip="The pictures that look like the selected ones come last", on_pictures=True),
    Action("clear_filter", "Clear the filter", lambda w: w.filtering.clear(),
        keys=("Ctrl+Shift+F",), menu="View/filter/130"),
    Action("choose_folder", "Show a folder…", lambda w: w.filtering.choose_folder(),
        keys=("Ctrl+Shift+D",), menu="View/filter/140"),
    Action("save_view", "Save this view…", lambda w: w.filtering.ask_name(),
        keys=("Ctrl+Shift+V",), menu="View/filter/150"),
    Action("copy", "Copy the files", lambda w: w.transfer.copy(), keys=("Ctrl+C",),
        menu="Edit/selection/50", also=("Picture/file/120",), when=When.SELECTION,
        tip="Their paths too, for a text", on_pictures=True),
    Action("paste", "Paste pictures", lambda w: w.transfer.paste(), keys=("Ctrl+V",),
        menu="Edit/selection/60", icon="paste"),
    Action("remove", "Remove from the project", lambda w: w.decisions.remove(),
        keys=("Ctrl+Delete",), menu="Edit/selection/70", also=("Picture/remove/130",),
        when=When.IMAGES | When.SEEN, icon="delete", tip="The files stay where they are",
        on_pictures=True),
    Action("auto_label", "Auto-label all", lambda w: w.labelling.auto_label(), keys=("Ctrl+L",),
        menu="Label/auto-label/90", also=("Auto-label/label/10",),
        when=When.IMAGES | When.NAMES | When.MODEL, icon="auto-label",
        tip="Each picture that nobody decided about gets its most probable name; you are "
        "asked first if any would lose a label"),
    Action("auto_label_selected", "Auto-label the selected",
        lambda w: w.decisions.auto_label_selected(), keys=("Ctrl+Shift+L",),
        menu="Label/auto-label/100", also=("Auto-label/label/20",),
        when=When.NAMES | When.MODEL | When.SELECTION | When.SEEN),
    Action("accept", "Accept and go on", lambda w: w.decisions.accept(),
        keys=("Enter", "Return", "P"), menu="Label/decide/10", also=("Picture/decide/10",),
        when=When.IMAGES | When.SEEN, icon="check", on_pictures=True),
    Action("pick", "Pick a name…", lambda w: w.keyboard.pick(), keys=("/",),
        menu="Label/decide/20", also=("Picture/decide/20",), when=When.SEEN, icon="search",
        tip="Type the beginning of a name and press Enter", on_pictures=True),
    Action("take_back", "Take the label off", lambda w: w.decisions.take_back(),
        keys=("Backspace", "Delete", "U"), menu="Label/decide/30", also=("Picture/decide/40",),
        when=When.IMAGES | When.SEEN, on_pictures=True),
    Action("skip", "Skip", lambda w: w.decisions.skip(), keys=("X", "S"), menu="Label/decide/40",
        also=("Picture/decide/30",), when=When.IMAGES | When.SEEN, on_pictures=True),
    Action("next_undecided", "Next undecided picture", lambda w: w.decisions.go_to_undecided(),
        keys=("N",), menu="Label/walk/60", when=When.IMAGES, on_pictures=True, repeats=True),
    Action("next", "Next picture", lambda w: w.decisions.go_by(1), keys=("D",),
        menu="Label/walk/70", on_pictures=True, repeats=True),
    Action("previous", "Previous picture", lambda w: w.decisions.go_by(-1), keys=("A",),
        menu="Label/walk/80", on_pictures=True, repeats=True),
    Action("advance", "Go on after each label", lambda w: w.keyboard.set_advance(),
        menu="Label/switches/110", is_checkable=True),
    Action("typing_picks", "Typing picks a name", lambda w: w.keyboard.set_typing_picks(),
        menu="Label/switches/120",
        tip="A word typed on the pictures picks a name. Off, letters are keys of the names "
        "after the tenth", is_checkable=True),
    Action("several", "Several labels a picture", lambda w: w.tools.toggle_several(),
        keys=("Ctrl+Shift+M",), menu="Label/switches/130", is_checkable=True),
    Action("stop", "Cancel reading", lambda w: w.status.stop(), keys=("Ctrl+.",),
        menu="Label/reading/150", icon="cancel"),
    Action("resume", "Go on reading", lambda w: w.reading.resume(), keys=("Ctrl+Shift+.",),
        menu="Label/reading/160"),
    Action("grid", "Grid", lambda w: w.modes.leave(), keys=("G",), menu="View/mode/10",
        when=When.IMAGES, on_pictures=True),
    Action("large", "Large picture", lambda w: w.toggle_large(), keys=("Space",),
        menu="View/mode/20", when=When.IMAGES, on_pictures=True),
    Action("compare", "Compare", lambda w: w.toggle_compare(), keys=("C",), menu="View/mode/30",
        when=When.IMAGES, on_pictures=True),
    Action("take_out", "Take out of the comparison", lambda w: w.large.take_out(),
        keys=("Shift+C",), menu="View/mode/40", when=When.IMAGES | When.SEEN, on_pictures=True),
    Action("actual_size", "Real size", lambda w: w.large.toggle_actual_size(),
        keys=("Z",), menu="View/screen/160", when=When.IMAGES, on_pictures=True),
    Action("full_screen", "Full screen", lambda w: w.full_screen.toggle(), keys=("F11",),
        menu="View/screen/170", when=When.IMAGES),
    Action("names_column", "Names column", lambda w: w.columns.toggle("names"), keys=("F7",),
        menu="View/screen/180", is_checkable=True),
    Action("inspector", "Inspector", lambda w: w.columns.toggle("inspector"), keys=("F8",),
        menu="View/screen/182", is_checkable=True),
    Action("bars", "Probabilities beside the pictures", lambda w: w.columns.toggle("inspector"),
        keys=("I",), menu="View/screen/184", is_checkable=True, on_pictures=True),
    Action("zoom_in", "Larger pictures", lambda w: w.modes.zoom(1),
        keys=("Ctrl++", "Ctrl+="), menu="View/size/190", icon="zoom-in"),
    Action("zoom_out", "Smaller pictures", lambda w: w.modes.zoom(-1), keys=("Ctrl+-",),
        menu="View/size/200", icon="zoom-out"),
    Action("details", "Details beneath the pictures", lambda w: w.arrangement.toggle_details(),
        keys=("Ctrl+I",), menu="View/size/210", is_checkable=True),
    Action("show_crop", "What the model sees", lambda w: w.show_crop(), keys=("V",),
        menu="View/size/220", also=("Picture/look/85",), is_checkable=True, on_pictures=True),
    Action("problems", "Unreadable files", lambda w: w.problems.toggle(),
        keys=("Ctrl+U",), menu="View/size/230", icon="warning"),
    Action("look_system", "As the system", lambda w: w.choose_colours("look_system"),
        menu="View/colours/260", is_checkable=True),
    Action("look_light", "Light", lambda w: w.choose_colours("look_light"),
        menu="View/colours/270", is_checkable=True),
    Action("look_dark", "Dark", lambda w: w.choose_colours("look_dark"), menu="View/colours/280",
        is_checkable=True),
    Action("picture_menu", "Menu of the picture", lambda w: w.picture_menu.open_at_current(),
        keys=("Menu", "Shift+F10"), menu="Edit/places/110",
        when=When.IMAGES | When.SEEN | When.GRID, on_pictures=True),
    Action("only_this_name", "Only pictures of this name",
        lambda w: w.picture_menu.show_only_its_name(), keys=("Ctrl+Enter", "Ctrl+Return"),
        menu="View/filter/120", also=("Picture/file/90",), icon="search", on_pictures=True),
    Action("open_picture", "Open in another program", lambda w: w.picture_menu.open_picture(),
        keys=("Ctrl+Shift+Enter", "Ctrl+Shift+Return"), menu="View/file/240",
        also=("Picture/file/100",), icon="samples", on_pictures=True),
    Action("show_file", "Show in its folder", lambda w: w.picture_menu.show_file(),
        keys=("Ctrl+Shift+G",), menu="View/file/250", also=("Picture/file/110",), icon="folder",
        on_pictures=True),
    Action("find_command", "Find a command…", lambda w: w.keyboard.find_command(),
        keys=("Ctrl+K",), menu="Edit/commands/120", icon="search"),
    Action("all_keys", "All keys", lambda w: w.keyboard.show_sheet(), keys=("F1", "?"),
        menu="Help/help/10", icon="question"),
    Action("change_keys", "Change keys…", lambda w: w.keyboard.change_keys(),
        menu="Edit/commands/130"),
    Action("about", "About Nameplate", lambda w: w.show_about(), menu="Help/help/30"),
)  # fmt: skip

_IDS: Final = {action.id for action in _OF_WINDOW}

ACTIONS: Final[tuple[Action[Any], ...]] = (
    *_OF_WINDOW,
    *not_taken(
        "action",
        (one for feature in features() for one in feature.actions),
        lambda one: one.id,
        _IDS,
    ),
)
"""All actions: the window's, and then those of the features."""

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


@cache
def actions_of(menu: str) -> list[list[Action[Any]]]:
    """Return the groups of actions of a menu or list, from top to bottom."""
    places = [(one, action) for action in ACTIONS for one in action.places if one.menu == menu]
    groups = dict[str, list[Action[Any]]]()
    for place, action in sorted(places, key=lambda one: one[0].rank):
        groups.setdefault(place.group, []).append(action)
    return list(groups.values())


def group_of(action_id: str) -> str:
    """Return the menu of an action, which is the heading of its group in lists."""
    return next(action.menu.partition("/")[0] for action in ACTIONS if action.id == action_id)
