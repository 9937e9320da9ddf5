"""A real window on a virtual screen, from an empty start to each export by keys and mouse alone.

These are tours of many seconds: all are in the hostile run.
"""

import csv
import os
import time

import pytest

from e2e.desktop import Desktop, needs_a_screen, needs_layouts, virtual_screen
from e2e.read_back import READERS, originals_in, rows_of_csv
from nameplate.cli.main import run
from nameplate.formats.registry import FORMATS

pytestmark = [pytest.mark.e2e, needs_a_screen]

NAMES = ("red", "green", "blue")
DECIDED = {
    "blue/tall.jpg": "red",  # corrected
    "blue/wide.png": "blue",  # accepted
    "green/tall.jpg": "",  # skipped
    "green/wide.png": "old/new",  # a name that no folder can be called, picked and added
}
LABELS = DECIDED | {"red/tall.jpg": "red", "red/wide.png": "red"}
LABELLED = {path: label for path, label in LABELS.items() if label}
TELLS = {"folders": LABELLED, "xmp": DECIDED}
"""What a format holds, where that is not all."""


@pytest.fixture
def desktop(tiny_model, tmp_path):
    """A person before the program, which has just been started for the first time."""
    with virtual_screen() as screen:
        desktop = Desktop(screen, tmp_path, "--model", str(tiny_model))
        try:
            desktop.focus_window("Nameplate")
            desktop.see_focus_on("Add a folder…", "push button")
            yield desktop
        finally:
            desktop.close()


def answer_dialog(desktop, title, path, button=""):
    """Type a path; press Return, or a button with the mouse."""
    desktop.focus_window(title)
    desktop.see_focus_on("*", "text")
    desktop.write(str(path))
    if button:
        desktop.click(button, "push button")
    else:
        desktop.press("Return")
    desktop.see_no_more(f"{title}*", "dialog")
    desktop.focus_window("Nameplate")


def add_folder(desktop, folder):
    desktop.press("ctrl+shift+o")
    answer_dialog(desktop, "Add a folder", folder)
    desktop.see_focus_on("New name")


def type_names(desktop):
    desktop.see_focus_on("New name")
    for name in NAMES:
        desktop.type(name)
        desktop.press("Return")
    desktop.see("wide.png, suggested: red*")


def choose_format(desktop, chosen):
    """Choose it in the list, by keys."""
    desktop.see_focus_on("Format", "list")
    desktop.type(chosen.title)
    desktop.see_focus_on(chosen.title, "list item")


def export_by_keys(desktop, chosen, place):
    desktop.press("ctrl+e")
    choose_format(desktop, chosen)
    desktop.press("alt+w")
    desktop.see_focus_on("Where to write")
    desktop.press("ctrl+a")  # the suggested place may have come once more since
    desktop.write(f"~/{place.name}")
    desktop.press("Return")
    desktop.see(f"Wrote * to {place.name}.*", "label")


@pytest.mark.hostile
def test_from_an_empty_start_to_each_export_by_keys_alone(
    desktop, tiny_model, coloured, tmp_path, isolated_home
):
    originals = originals_in(coloured)
    add_folder(desktop, coloured)
    type_names(desktop)
    desktop.press("ctrl+l")
    desktop.see("6 pictures labelled.", "label")
    desktop.press("ctrl+e")
    choose_format(desktop, FORMATS["csv"])
    choose(desktop, "Path and label", "All columns")  # by the mouse; remembered from now on
    desktop.press("Escape")
    export_by_keys(desktop, FORMATS["csv"], isolated_home / "auto.csv")
    exported, by_command = isolated_home / "auto.csv", labelled(coloured, tiny_model, tmp_path)
    assert rows_of(exported, without=("best", "best_probability")) == rows_of(by_command)

    decide_by_keys(desktop)
    for chosen in FORMATS.values():
        place = isolated_home / f"{chosen.id}{chosen.ending}"
        export_by_keys(desktop, chosen, place)
        expected = TELLS.get(chosen.id, LABELS)
        assert READERS[chosen.id](place, originals) == expected, chosen.id
    kept = isolated_home / "kept.csv"
    export_by_keys(desktop, FORMATS["csv"], kept)
    export_again_by_keys(desktop, lambda: READERS["csv"](kept, originals))
    import_by_keys(desktop, coloured, kept)
    back = isolated_home / "back.csv"
    export_by_keys(desktop, FORMATS["csv"], back)
    assert decisions_in(back) == decisions_in(kept)
    desktop.press("ctrl+q")
    assert desktop.wait_for_end() == 0
    assert originals_in(coloured) == originals


def decide_by_keys(desktop):
    desktop.press("ctrl+g")
    desktop.see_focus_on("tall.jpg, labelled automatically: blue*")
    desktop.press("1", "Return", "x", "slash")
    desktop.see_focus_on("Pick a name", "text")
    desktop.type("old/new")
    desktop.press("Return")
    desktop.see("wide.png, decided by you: old/new")


def export_again_by_keys(desktop, read):
    desktop.press("Home", "2")
    desktop.see("tall.jpg, decided by you: green")
    desktop.press("ctrl+shift+e")
    changed = LABELS | {"blue/tall.jpg": "green"}
    desktop.wait(lambda: read() == changed, "not exported again")


def import_by_keys(desktop, folder, table):
    """Import labels into a new project of the same pictures."""
    desktop.press("ctrl+shift+n")
    desktop.see("Add pictures, then name what they show.")
    add_folder(desktop, folder)
    desktop.press("ctrl+shift+i")
    desktop.see_focus_on("File or folder to read")
    desktop.type(str(table))
    desktop.press("Return")
    desktop.see("6 of 6 rows match your pictures.")
    desktop.see("Import 5 labels", "push button")
    desktop.press("Return")
    desktop.see("5 labels imported, 1 skipped, 4 names added.", "label")


def decisions_in(path):
    return [
        [row[key] for key in ("path", "label", "decided_by", "state")] for row in rows_of_csv(path)
    ]


@pytest.mark.hostile
def test_each_export_by_the_mouse_with_its_options_and_a_cancel(
    desktop, coloured, tmp_path, isolated_home
):
    originals = originals_in(coloured)
    desktop.click("Add a folder…", "push button")
    answer_dialog(desktop, "Add a folder", coloured)
    type_names(desktop)
    desktop.click("Auto-label")
    desktop.see("6 pictures labelled.", "label")
    desktop.click("wide.png, labelled automatically: blue*")
    desktop.see("Picture wide.png")
    desktop.click("red, <1%*")
    desktop.see("wide.png, decided by you: red")
    labels = {path: path.split("/")[0] for path in originals.values()} | {"blue/wide.png": "red"}

    desktop.click("File", "menu item")
    desktop.click("Export…", "menu item")
    desktop.click("Choose where to write")
    answer_dialog(desktop, "Export labels", tmp_path / "chosen.csv", "Save")
    desktop.click("More options")
    desktop.click("Add a BOM (for Excel)")
    assert READERS["csv"](written(desktop, tmp_path), originals) == labels
    assert (tmp_path / "chosen.csv").read_bytes().startswith("path".encode("utf-8-sig"))

    for chosen in [one for one in FORMATS.values() if one.id != "csv"]:
        begin_by_mouse(desktop, chosen)
        if chosen.id == "folders":
            choose(desktop, "Copy", "Link*")
        found = READERS[chosen.id](written(desktop, tmp_path), originals)
        assert found == (labels if chosen.id != "xmp" else {"blue/wide.png": "red"}), chosen.id
    linked = list(tmp_path.glob("pictures-folders/*/*.png"))
    assert {file.stat().st_nlink for file in linked} == {2}

    cancel_by_mouse(desktop, coloured / "green" / "wide.png", isolated_home / "never")
    assert originals == originals_in(coloured)  # nothing is suggested among the pictures


def begin_by_mouse(desktop, chosen):
    desktop.click("Export*", "button menu")
    choose_format(desktop, chosen)


def choose(desktop, now, then):
    """Choose from the box that shows `now`, once the wheel over it has changed nothing."""
    desktop.point_at(now, "combo box")
    desktop.turn_wheel(2)
    left, top, width, height = desktop.see(now, "combo box").place
    desktop.click_at(left + width - 10, top + height // 2)  # also where one can type into it
    desktop.click(then, "list item")
    desktop.see(then, "combo box")


def written(desktop, folder):
    """Press the button; where it was written in a folder, as the window says."""
    desktop.click("Export [0-9]*", "push button")
    desktop.see_no_more("Export labels")
    said = desktop.see("Wrote * to *.*", "label").name
    return folder / said.split(" to ")[1].split(". ")[0].removesuffix(".")


def cancel_by_mouse(desktop, picture, place):
    """Cancel while one of the pictures takes long: gigabytes of nothing follow it."""
    size, before = picture.stat().st_size, set(place.parent.iterdir())
    begin_by_mouse(desktop, FORMATS["folders"])
    choose(desktop, "Link*", "Copy")
    desktop.click("Where to write")
    desktop.write(str(place))
    desktop.see("6 *by you*", "label")
    os.truncate(picture, 4_000_000_000)
    desktop.click("Export [0-9]*", "push button")
    desktop.click("Cancel", "push button")
    desktop.see("Cancelled. Nothing was written.", "label")
    os.truncate(picture, size)
    assert set(place.parent.iterdir()) == before


@pytest.mark.hostile
def test_words_typed_at_three_speeds_decide_nothing(desktop, coloured):
    add_folder(desktop, coloured)
    type_names(desktop)
    desktop.press("ctrl+g")
    for word, ms in zip(("horse", "cat", "zebra", "sheep"), (100, 200, 150, 250), strict=True):
        desktop.see_focus_on("tall.jpg, suggested: blue*")
        desktop.type(word, ms)
        desktop.press("Return")  # of the word
        desktop.see("Words typed on the pictures do nothing*", "label")
        time.sleep(1.2)
    desktop.see_focus_on("tall.jpg, suggested: blue*")
    for name in ("red, 0 pictures, key 1", "green, 0 pictures, key 2", "blue, 0 pictures, key 3"):
        desktop.see(name, "list item")
    desktop.press("slash")
    desktop.see_focus_on("Pick a name", "text")
    desktop.type("blue", 150)
    desktop.press("Return")
    desktop.see("tall.jpg, decided by you: blue")
    desktop.see("blue, 1 picture, key 3", "list item")


@pytest.mark.hostile
@needs_layouts
def test_digits_of_a_french_keyboard_label_with_shift_and_without(desktop, coloured):
    add_folder(desktop, coloured)
    type_names(desktop)
    desktop.use_keyboard("fr")
    desktop.press("ctrl+g")
    desktop.see_focus_on("tall.jpg, suggested: blue*")
    desktop.press("ampersand", "eacute", "quotedbl", "1", "2", "3")
    for number, name in enumerate(NAMES, 1):
        desktop.see(f"{name}, 2 pictures, key {number}", "list item")


@pytest.mark.hostile
def test_pages_are_checked_and_pictures_enlarged_by_the_mouse(desktop, coloured):
    add_folder(desktop, coloured)
    type_names(desktop)
    desktop.point_at("Order of the pictures: As added*", "button menu")
    desktop.turn_wheel(3)
    desktop.click("tall.jpg, suggested: green*", times=2)
    desktop.see("Picture tall.jpg, 3 of 6*")
    desktop.press("Escape", "t")
    desktop.see("Accept 6: 2 *")  # all that is left, by name
    desktop.press("Tab")
    desktop.see("Accept 2 as red")
    desktop.drag(*across(desktop.see("*red: Page 1*")))
    desktop.see("Go on", "push button")
    desktop.press("3")
    desktop.click("Go on", "push button")
    page = desktop.see("*: Page 2*")
    desktop.see("Accept 4: 2 *")
    first, _ = across(page)
    desktop.click_at(*first)
    desktop.see("Accept 3: *")
    desktop.click_at(*first)
    desktop.click("Accept 4: 2 *")
    desktop.see_no_more("*: Page 2*")
    desktop.press("Escape")
    desktop.see("Order of the pictures: As added*", "button menu")
    desktop.press("End")
    desktop.see("wide.png, decided by you: blue")
    assert len(desktop.found("*, decided by you: blue", "list item")) >= 2


def across(page):
    """Two places on the first and the last picture of a page."""
    left, top, width, height = page.place
    return [(left + width * n // 4, top + height * n // 4) for n in (1, 3)]


def rows_of(file, without=()):
    """Return the rows of a CSV, but for some columns."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [{name: cell for name, cell in row.items() if name not in without} for row in rows]


def labelled(folder, model, tmp_path):
    """Return what the command line writes for the same pictures and names."""
    names = [part for name in NAMES for part in ("--concept", name)]
    command = ["label", str(folder), "--csv", str(tmp_path / "cli.csv"), *names]
    assert run([*command, "--model", str(model)]) == 0
    return tmp_path / "cli.csv"
