"""The actions of the window, and the keys that are no actions."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from nameplate.domain.text import deferred
from nameplate.plug_ins.feature import Action, When
from nameplate.plug_ins.registry import features, not_taken
from nameplate.ui.widgets.file_dialogs import ask_for_files, ask_for_folder
from nameplate.wording.texts import tr
from nameplate.wording.translation import current

_OF_WINDOW: Final[tuple[Action[Any], ...]] = (
    Action("add_folder", "Add a folder…",
        lambda w: ask_for_folder(
            w, lambda folder: w.opener.open_chosen([folder]), start=w.opener.start),
        keys=("Ctrl+Shift+O",), menu="File/add/10", also=("Add/add/10",), icon="folder",
        words="open pictures import images photos"),
    Action("add_files", "Add pictures…",
        lambda w: ask_for_files(w, w.opener.open_chosen, w.opener.start),
        keys=("Ctrl+O",), group="File", also=("Add/add/20",), icon="add-images",
        words="open files images photos"),
    Action("samples", "Try the samples", lambda w: w.open_samples(), group="File",
        also=("Add/add/30",), icon="samples", words="example demo"),
    Action("new_project", "New project", lambda w: w.files.new(), keys=("Ctrl+Shift+N",),
        menu="File/project/40", words="session close"),
    Action("open_project", "Open project…", lambda w: w.keyboard.find_project(),
        keys=("Ctrl+Shift+P",), menu="File/project/50", words="recent last"),
    Action("save_project", "Save project as…", lambda w: w.files.ask_where_to_save(),
        keys=("Ctrl+Shift+S",), menu="File/project/70", words="keep move"),
    Action("export", "Export…", lambda w: w.ask_to_export(), keys=("Ctrl+E",),
        menu="File/labels/100", also=("Export/export/10",), when=When.IMAGES, icon="export",
        tip="Write the labels to a file", words="save csv deliver write", room="Export 000"),
    Action("export_again", "Export again", lambda w: w.exporting.again(), keys=("Ctrl+Shift+E",),
        group="File", also=("Export/export/20",), when=When.IMAGES,
        tip="To the same place, in the same format"),
    Action("settings", "Settings", lambda w: w.settings_panel.open_panel(), keys=("Ctrl+,",),
        menu="File/settings/120", icon="settings",
        words="preferences options configure language device threads cache"),
    Action("quit", "Quit", lambda w: w.close(), keys=("Ctrl+Q",), menu="File/quit/140",
        words="exit close"),
    Action("undo", "Undo", lambda w: w.decisions.undo(), keys=("Ctrl+Z",), menu="Edit/history/10",
        also=("First/keys/50",), icon="undo"),
    Action("redo", "Redo", lambda w: w.decisions.redo(), keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        menu="Edit/history/20", icon="redo"),
    Action("select_all", "Select all", lambda w: w.arrangement.when_shown(w.modes.select_all),
        keys=("Ctrl+A",), menu="Edit/selection/30", also=("Ground/selection/10",),
        on_pictures=True),
    Action("select_none", "Select none", lambda w: w.grid.clearSelection(),
        keys=("Ctrl+D", "Ctrl+Shift+A"), group="Edit", also=("Ground/selection/20",),
        on_pictures=True, words="deselect"),
    Action("name_box", "Add a name", lambda w: w.panel.focus_name_box(), keys=("Ctrl+N",),
        group="Edit", words="type new class tag category concept"),
    Action("find_name", "Find a name", lambda w: w.panel.focus_find_box(), keys=("Ctrl+Shift+K",),
        group="Edit", words="search class tag category concept"),
    Action("pictures", "Go to the pictures", lambda w: w.modes.focus(), keys=("Ctrl+G",),
        group="Edit", words="focus"),
    Action("filter", "Filter the pictures", lambda w: w.filtering.focus_line(), keys=("Ctrl+F",),
        group="View", also=("First/keys/80",), icon="search", words="search find"),
    Action("filter_menu", "Filter by…", lambda w: w.tools.filter.open_menu(),
        keys=("Ctrl+Shift+C",), group="View", also=("Filter/choose/10",),
        tip="By state, name, probability, or a saved view", words="conditions and saved views"),
    Action("only_these", "Show only the selected", lambda w: w.filtering.only_selected(),
        keys=("F",), group="View", also=("Picture/like/95",),
        when=When.SELECTION | When.SEEN | When.GRID, on_pictures=True, words="filter isolate"),
    Action("more_like_this", "More like this", lambda w: w.filtering.like_selected(is_not=False),
        keys=("L",), group="View", also=("Picture/like/70",),
        when=When.SELECTION | When.SEEN | When.GRID, tip="The most similar pictures first",
        on_pictures=True, words="search similar alike"),
    Action("less_like_this", "Less like this", lambda w: w.filtering.like_selected(is_not=True),
        keys=("Shift+L",), group="View", also=("Picture/like/80",),
        when=When.SELECTION | When.SEEN | When.GRID, tip="The least similar pictures first",
        on_pictures=True, words="search unlike different"),
    Action("clear_filter", "Clear the filter", lambda w: w.filtering.clear(),
        keys=("Ctrl+Shift+F",), group="View", also=("Filter/now/40",), words="show all pictures"),
    Action("choose_folder", "Show a folder…", lambda w: w.filtering.choose_folder(),
        keys=("Ctrl+Shift+D",), group="View", also=("Filter/choose/20",), words="filter"),
    Action("save_view", "Save this view…", lambda w: w.filtering.ask_name(),
        keys=("Ctrl+Shift+V",), group="View", also=("Filter/now/30",),
        tip="Keep filter and order under a name"),
    Action("copy", "Copy files", lambda w: w.transfer.copy(), keys=("Ctrl+C",),
        group="Edit", also=("Picture/file/120",), when=When.SELECTION,
        tip="Pasted into a text, their paths", on_pictures=True, words="copy the files"),
    Action("paste", "Paste pictures", lambda w: w.transfer.paste(), keys=("Ctrl+V",),
        group="Edit", also=("Ground/add/30",), icon="paste"),
    Action("remove", "Remove from the project", lambda w: w.decisions.remove(),
        keys=("Ctrl+Delete",), menu="Edit/selection/70", also=("Picture/remove/130",),
        when=When.IMAGES | When.SEEN, icon="delete", tip="The files stay where they are",
        on_pictures=True, words="delete take out"),
    Action("auto_label", "Auto-label all", lambda w: w.labelling.auto_label(), keys=("Ctrl+L",),
        menu="Label/auto-label/90", also=("Auto-label/label/10",),
        when=When.IMAGES | When.NAMES | When.MODEL, icon="auto-label",
        tip="Give each unchecked picture its most probable name", words="classify predict"),
    Action("auto_label_selected", "Auto-label the selected",
        lambda w: w.decisions.auto_label_selected(), keys=("Ctrl+Shift+L",),
        group="Label", also=("Auto-label/label/20",),
        when=When.NAMES | When.MODEL | When.SELECTION | When.SEEN),
    Action("accept", "Accept", lambda w: w.decisions.accept(),
        keys=("Enter", "Return", "P"), menu="Label/decide/10",
        also=("Picture/decide/10", "First/keys/10"), when=When.IMAGES | When.SEEN,
        on_pictures=True,
        tip="Take the suggestion, then go on", words="accept and go on confirm right yes"),
    Action("pick", "Pick a name…", lambda w: w.keyboard.pick(), keys=("/",),
        menu="Label/decide/20", also=("Picture/decide/20", "First/keys/40"), when=When.SEEN,
        icon="search", tip="Type a few letters, then Enter", on_pictures=True,
        words="label class tag category choose"),
    Action("skip", "Skip", lambda w: w.decisions.skip(), keys=("X", "S"), menu="Label/decide/30",
        also=("Picture/decide/30", "First/keys/20"), when=When.IMAGES | When.SEEN,
        on_pictures=True,
        tip="Give it no label; it counts as checked", words="reject no label leave for later"),
    Action("take_back", "Remove the label", lambda w: w.decisions.take_back(),
        keys=("Backspace", "Delete", "U"), menu="Label/decide/40",
        also=("Picture/decide/40", "First/keys/30"),
        when=When.IMAGES | When.SEEN, on_pictures=True,
        words="take the label off clear delete unlabel untag"),
    Action("next_undecided", "Next undecided picture", lambda w: w.decisions.go_to_undecided(),
        keys=("N",), group="Label", also=("Ground/walk/40",), when=When.IMAGES,
        on_pictures=True, repeats=True, words="unlabelled unchecked go"),
    Action("next", "Next picture", lambda w: w.decisions.go_by(1), keys=("D",),
        group="Label", also=("Large/walk/10",), on_pictures=True, repeats=True),
    Action("previous", "Previous picture", lambda w: w.decisions.go_by(-1), keys=("A",),
        group="Label", also=("Large/walk/20",), on_pictures=True, repeats=True),
    Action("several", "Several labels per picture", lambda w: w.tools.toggle_several(),
        keys=("Ctrl+Shift+M",), group="Label", also=("Auto-label/how/40",), is_checkable=True,
        words="multi several labels a picture tags"),
    Action("advance", "Go on after each label", lambda w: w.preferences.toggle("advance"),
        group="Label", also=("Keys/typing/10",), is_checkable=True,
        tip="A label leads to the next picture", words="advance next automatically"),
    Action("stop", "Cancel reading", lambda w: w.status.stop(), keys=("Ctrl+.",),
        group="File", icon="cancel", words="stop pause"),
    Action("resume", "Go on reading", lambda w: w.reading.resume(), keys=("Ctrl+Shift+.",),
        group="File", words="resume continue"),
    Action("grid", "Grid", lambda w: w.modes.leave(), keys=("G",), menu="View/mode/10",
        when=When.IMAGES, on_pictures=True, words="thumbnails tiles library"),
    Action("large", "Large picture", lambda w: w.toggle_large(), keys=("Space",),
        menu="View/mode/20", also=("Picture/look/60", "First/keys/60"), when=When.IMAGES,
        on_pictures=True,
        words="loupe enlarge preview"),
    Action("compare", "Compare", lambda w: w.toggle_compare(), keys=("C",), menu="View/mode/30",
        also=("Picture/look/65",), when=When.IMAGES, on_pictures=True,
        tip="Two to nine pictures side by side", words="survey side by side"),
    Action("take_out", "Remove from the comparison", lambda w: w.large.take_out(),
        keys=("Shift+C",), group="View", also=("Large/compare/40",),
        when=When.IMAGES | When.SEEN | When.COMPARE, on_pictures=True,
        words="take out of the comparison"),
    Action("actual_size", "Actual size", lambda w: w.large.toggle_actual_size(),
        keys=("Z",), group="View", also=("Large/look/30",), when=When.IMAGES, on_pictures=True,
        tip="Each pixel as one on the screen", words="real size 100% zoom sharp"),
    Action("names_column", "Names", lambda w: w.columns.toggle("names"), keys=("F7",),
        menu="View/parts/170", is_checkable=True, tip="The column left of the pictures",
        words="column sidebar panel"),
    Action("inspector", "Probabilities", lambda w: w.columns.toggle("inspector"),
        keys=("F8", "I"), menu="View/parts/180", also=("Large/look/38",), when=When.SEEN,
        is_checkable=True, tip="The column right of the pictures",
        words="inspector column bars sidebar panel"),
    Action("show_crop", "What the model sees", lambda w: w.show_crop(), keys=("V",),
        group="View", also=("Picture/look/68",), is_checkable=True, on_pictures=True,
        tip="The rest of the picture is dimmed", words="crop"),
    Action("full_screen", "Full screen", lambda w: w.full_screen.toggle(), keys=("F11",),
        menu="View/parts/200", also=("Large/look/37",), when=When.IMAGES),
    Action("zoom_in", "Larger pictures", lambda w: w.modes.zoom(1),
        keys=("Ctrl++", "Ctrl+="), group="View", also=("Ground/look/50",), icon="zoom-in",
        words="zoom in size"),
    Action("zoom_out", "Smaller pictures", lambda w: w.modes.zoom(-1), keys=("Ctrl+-",),
        group="View", also=("Ground/look/60",), icon="zoom-out", words="zoom out size"),
    Action("details", "Details", lambda w: w.arrangement.toggle_details(),
        keys=("Ctrl+I",), group="View", also=("Ground/look/70",), is_checkable=True,
        tip="File, size and best names under each picture", words="info captions file names"),
    Action("learn", "Learn from your labels", lambda w: w.workbenches.toggle("learning"),
        group="Label", also=("Auto-label/how/50",), is_checkable=True,
        tip="Suggestions follow your labels where that makes them better",
        words="learn from my decisions training probe"),
    Action("groups", "Name similar pictures", lambda w: w.workbenches.toggle("groups"),
        keys=("Shift+T",), menu="Check/pages/10", on_pictures=True, leads_to_names=True,
        tip="Pictures that look alike get their name at once",
        words="name pictures that look alike groups clusters"),
    Action("sheets", "Check pages", lambda w: w.workbenches.check_pages(), keys=("T",),
        menu="Check/pages/20", also=("Next/check/10", "First/keys/70"), when=When.IMAGES,
        tip="Accept a page of similar suggestions at once", on_pictures=True,
        words="check page by page sheets review verify batch", room="Check ~00 pages"),
    Action("stacks", "Stacks", lambda w: w.workbenches.toggle("stacks"), keys=("Ctrl+B",),
        menu="View/stacks/50", also=("Ground/look/80",), is_checkable=True,
        tip="Copies and bursts are shown as one picture, with their number",
        words="show stacks as one bursts duplicates copies near-identical"),
    Action("open_copies", "Open or close the stack",
        lambda w: w.workbenches.open_or_close_stack(), keys=("Shift+E",), group="View",
        also=("Picture/stacks/50",), when=When.IMAGES | When.SEEN, on_pictures=True,
        tip="Show each of its pictures",
        words="open the stack, or close it expand collapse copies burst"),
    Action("problems", "Unreadable files", lambda w: w.problems.toggle(),
        keys=("Ctrl+U",), group="Check", icon="warning", words="problems errors broken"),
    Action("look_system", "System colours", lambda w: w.preferences.choose("theme", "system"),
        group="View", is_checkable=True, words="theme look appearance"),
    Action("look_light", "Light colours", lambda w: w.preferences.choose("theme", "light"),
        group="View", is_checkable=True,
        words="theme look appearance bright"),
    Action("look_dark", "Dark colours", lambda w: w.preferences.choose("theme", "dark"),
        group="View", is_checkable=True,
        words="theme look appearance night"),
    Action("look_contrast", "High contrast", lambda w: w.preferences.choose("theme", "contrast"),
        group="View", is_checkable=True,
        words="theme look appearance colours"),
    Action("picture_menu", "Menu of the picture", lambda w: w.picture_menu.open_at_current(),
        keys=("Menu", "Shift+F10"), group="Edit", when=When.IMAGES | When.SEEN,
        on_pictures=True, words="context right click"),
    Action("only_this_name", "Show only this name",
        lambda w: w.picture_menu.show_only_its_name(), keys=("Ctrl+Enter", "Ctrl+Return"),
        group="View", also=("Picture/like/90",), icon="search", on_pictures=True,
        when=When.IMAGES | When.SEEN, tip="The pictures with the name of this one",
        words="filter only pictures of this name class tag"),
    Action("open_picture", "Open in another program", lambda w: w.picture_menu.open_picture(),
        keys=("Ctrl+Shift+Enter", "Ctrl+Shift+Return"), group="View",
        also=("Picture/file/100",), icon="samples", on_pictures=True, words="edit external"),
    Action("show_file", "Show in folder", lambda w: w.picture_menu.show_file(),
        keys=("Ctrl+Shift+G",), group="View", also=("Picture/file/110",), icon="folder",
        on_pictures=True, words="show in its folder reveal finder explorer"),
    Action("guide", "Guide", lambda w: w.guide.open_page(), menu="Help/help/10",
        words="help manual documentation tutorial"),
    Action("all_keys", "Keys", lambda w: w.help_here(), keys=("F1", "?", "Ctrl+/"),
        menu="Help/help/20", icon="question", words="all keys keyboard shortcuts help cheat sheet"),
    Action("find_command", "Find a command…", lambda w: w.keyboard.find_action(),
        keys=("Ctrl+K",), menu="Help/help/30", also=("First/keys/90",), icon="search"),
    Action("change_keys", "Change keys…", lambda w: w.keyboard.change_keys(), group="Help",
        words="shortcuts customise settings preferences"),
    Action("about", "About Nameplate", lambda w: w.show_about(), menu="Help/about/50",
        words="version licence log"),
    Action("licences", "Licences", lambda w: w.show_licences(), group="Help",
        also=("About/licences/10",), words="third-party libraries open source lgpl legal"),
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
    deferred("Pictures", "menu"): (
        (deferred("Arrows, Home, End, PgUp, PgDown"), deferred("Go to another picture")),
        (deferred("Shift+arrows"), deferred("Select up to there")),
        (deferred("Ctrl+arrows, Ctrl+Space"), deferred("Go without selecting; select or not")),
        (deferred("like:a red car"), deferred("Typed in the filter line: the most similar first")),
        (deferred("Esc"), deferred("Back to the pictures, from them to the grid")),
    ),
    deferred("Names", "menu"): (
        (deferred("Shift+Enter"), deferred("Label the selected pictures with it")),
        (deferred("Ctrl+Enter"), deferred("Only this name")),
        (deferred("Alt+Enter"), deferred("Details")),
        ("F2, #, !", deferred("Rename, colour, none of these")),
        (deferred("Alt+Up, Alt+Down, Del"), deferred("Move up, move down, delete")),
        (deferred("Ctrl+J, Ctrl+T"), deferred("Merge the selected, split off pictures")),
    ),
}
"""Keys that belong to a part of the window and cannot be changed, and what each does, by group."""

NAMING: Final = (deferred("1 to 9, 0"), deferred("Give the name with this key"))
"""The keys of names, as the most used keys begin with them."""

LARGE_KEYS: Final = (
    NAMING,
    ("accept", deferred("Accept the suggestion")),
    ("skip", deferred("Skip")),
    ("take_back", deferred("Remove the label")),
    (deferred("Arrows"), deferred("Go to another picture")),
    ("actual_size", deferred("Actual size, or all of it")),
    (deferred("Shift+arrows"), deferred("Move the enlarged picture")),
    ("compare", deferred("Compare with the next ones")),
    ("full_screen", deferred("Full screen")),
    (deferred("Esc"), deferred("Back to the grid")),
)
"""The most used keys while one picture is shown large; see `ViewMode.keys`."""

COMPARE_KEYS: Final = (
    NAMING,
    ("accept", deferred("Accept the suggestion")),
    ("skip", deferred("Skip")),
    ("take_out", deferred("Remove from the comparison")),
    (deferred("Arrows"), deferred("Go to another picture")),
    ("actual_size", deferred("Actual size, or all of it")),
    (deferred("Shift+arrows"), deferred("Move the enlarged pictures")),
    ("full_screen", deferred("Full screen")),
    ("undo", deferred("Undo")),
    (deferred("Esc"), deferred("Back to the grid")),
)
"""Likewise while pictures are compared."""

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


def words_of(action: Action[Any]) -> str:
    """Return words that find an action in lists, in the language in use and in English."""
    words = [tr(action.tip), tr(action.words)]
    if not current().is_english:
        words += [action.text, action.tip, action.words]
    return " ".join(words)


def group_of(action_id: str) -> str:
    """Return the heading of the group of an action in lists: its menu, where it has one."""
    action = next(action for action in ACTIONS if action.id == action_id)
    return action.menu.partition("/")[0] or action.group or deferred("More", "menu")
