"""A real window on a virtual screen, from an empty start to each export by keys and mouse alone."""

import importlib.util

import pytest

from desktop import Desktop, needs_a_screen, virtual_screen
from nameplate.cli.main import run
from nameplate.formats.registry import FORMATS
from read_back import READERS, originals_in

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
TELLS = {"folders": LABELLED, "ultralytics": LABELLED, "xmp": DECIDED}
"""What a format holds, where that is not all."""

FORMATS_HERE = [
    one
    for one in FORMATS.values()
    if one.id != "parquet" or importlib.util.find_spec("pyarrow") is not None
]


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


def answer_dialog(desktop, title, text):
    desktop.focus_window(title)
    desktop.see_focus_on("*", "text")
    desktop.write(text)
    desktop.press("Return")
    desktop.see_no_more(f"{title}*", "dialog")
    desktop.focus_window("Nameplate")


def type_names(desktop):
    desktop.see_focus_on("New concept")
    for name in NAMES:
        desktop.type(name)
        desktop.press("Return")
    desktop.see("wide.png, suggested: red*")


def close(desktop):
    desktop.press("ctrl+q")
    assert desktop.wait_for_end() == 0


def choose_format(desktop, chosen):
    """Choose it in the list, by keys."""
    desktop.see_focus_on("Format", "list")
    desktop.press("Home", *["Down"] * [*FORMATS].index(chosen.id))
    desktop.see_focus_on(chosen.title, "list item")


def export_by_keys(desktop, chosen, place):
    desktop.press("ctrl+e")
    choose_format(desktop, chosen)
    if chosen.id == "xmp":  # they lie beside the pictures unless another place is asked for
        desktop.press("alt+b")
        desktop.see("Where to write")
    desktop.press("alt+w")
    desktop.see_focus_on("Where to write")
    desktop.write(f"~/{place.name}")
    desktop.press("Return")
    desktop.see(f"* written to {place}.*", "label")


def test_from_an_empty_start_to_each_export_by_keys_alone(
    desktop, tiny_model, coloured, tmp_path, isolated_home
):
    originals = originals_in(coloured)
    desktop.press("ctrl+shift+o")
    answer_dialog(desktop, "Add a folder", str(coloured))
    type_names(desktop)
    desktop.press("ctrl+l")
    desktop.see("6 pictures labelled.", "label")
    export_by_keys(desktop, FORMATS["csv"], isolated_home / "auto.csv")
    assert (isolated_home / "auto.csv").read_bytes() == by_command(coloured, tiny_model, tmp_path)

    desktop.press("ctrl+g")
    desktop.see_focus_on("tall.jpg, labelled automatically: blue*")
    desktop.press("1", "Return", "x", "slash")
    desktop.see_focus_on("Pick a name", "text")
    desktop.type("old/new")
    desktop.press("Return")
    desktop.see("wide.png, decided by you: old/new")

    for chosen in FORMATS_HERE:
        place = isolated_home / f"{chosen.id}{chosen.ending}"
        export_by_keys(desktop, chosen, place)
        expected = TELLS.get(chosen.id, LABELS)
        assert READERS[chosen.id](place, originals) == expected, chosen.id
    close(desktop)
    assert originals_in(coloured) == originals


def by_command(folder, model, tmp_path):
    """What the command line writes for the same pictures and names."""
    names = [part for name in NAMES for part in ("--concept", name)]
    command = ["label", str(folder), "--csv", str(tmp_path / "cli.csv"), *names]
    assert run([*command, "--model", str(model)]) == 0
    return (tmp_path / "cli.csv").read_bytes()
