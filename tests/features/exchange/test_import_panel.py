"""Importing labels in the window: what is shown before, what is done, and how it is taken back."""

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox

from features.exchange.driver import Imports
from nameplate.features.exchange import import_panel
from nameplate.formats.csv import HEADER
from nameplate.formats.registry import FORMATS, IMPORTS
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import button_in, button_is_shown, labelled, press_keys, wait


@pytest.fixture
def imports(opened):
    return Imports(opened)


@pytest.fixture
def table(tmp_path):
    """Write a table and return its path."""

    def write(*lines, name="labels.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_what_would_change_is_said_before_anything_changes(opened, table, imports):
    before = opened.labels()
    said = imports.open(
        table("file,species", "red/wide.png,red", "blue/tall.jpg,sky", "none/a.jpg,red")
    )
    assert said[:3] == [
        "2 of 3 rows match your pictures.",
        "1 new name: sky.",
        "1 row without a picture here, listed below.",
    ]
    assert imports.unusable_rows() == [
        ("4", "none/a.jpg", "no picture of the project has this path")
    ]
    assert opened.labels() == before
    assert opened.names() == ["red", "green", "blue"]


def test_the_offer_to_go_on_with_another_project_goes_once_labels_are_to_be_imported(
    opened, make_window, coloured, table
):
    opened.select(0)
    opened.press("1")
    opened.close()
    again = make_window()
    again.open(coloured)
    again.wait_for_message("You checked 1 of these today. Go on?")
    Imports(again).begin(table("file,species", "red/wide.png,blue"))
    assert not again.offers_answer("Go on")


def test_an_import_is_one_step_which_the_bar_takes_back(opened, table, imports):
    before = opened.labels()
    imports.open(table("file,species", "red/wide.png,blue", "blue/tall.jpg,sky"))
    assert imports.unusable_rows() == []
    assert imports.first_rows() == [("2", "red/wide.png", "blue"), ("3", "blue/tall.jpg", "sky")]
    imports.answer("Import 2 labels")
    opened.wait_for_message("2 labels imported, 1 name added.")
    assert imports.says() == []
    assert opened.has_focus_on_pictures
    after = opened.labels()
    assert (after["red/wide.png"], after["blue/tall.jpg"]) == ("blue", "sky")
    opened.answer("Undo")
    assert opened.labels() == before
    assert opened.names() == ["red", "green", "blue"]


def test_skipped_pictures_are_not_counted_as_labels(opened, table, imports):
    rows = "red/wide.png,red,,,,,,person,accepted,,,", "blue/tall.jpg,,,,,,,person,skipped,,,"
    imports.open(table(",".join(HEADER), *rows))
    imports.answer("Import 1 label")
    opened.wait_for_message("1 label imported, 1 skipped.")


def test_names_that_are_there_keep_their_keys_and_colours_and_new_ones_come_after(
    opened, table, imports
):
    before = opened.project.concepts
    imports.open(table("file,species", "blue/tall.jpg,apple", "red/wide.png,BLUE"))
    imports.answer("Import 2 labels")
    opened.wait_for_message("2 labels imported, 1 name added.")
    assert opened.project.concepts[:3] == before
    assert opened.names() == ["red", "green", "blue", "apple"]


def test_what_a_person_decided_stays_unless_they_say_otherwise(opened, table, imports):
    opened.select("red/wide.png")
    opened.name_by_key("green")
    said = imports.open(table("file,label", "red/wide.png,red"))
    assert "1 picture keeps the label you checked." in said
    assert not imports.is_possible()
    imports.answer("Replace labels you checked too")
    wait(imports.is_possible)
    imports.answer("Import 1 label")
    assert opened.labels()["red/wide.png"] == "red"


def test_a_decision_made_while_the_preview_is_open_is_counted(opened, table, imports):
    imports.open(table("file,label", "red/wide.png,red"))
    assert imports.is_possible()
    opened.menu("Auto-label all")
    wait(imports.is_possible)
    imports.answer("Import 1 label")
    assert opened.state("red/wide.png").startswith("given, not checked: red")


@pytest.fixture
def outdated(opened, table, imports):
    """The window with a preview of two labels, one of them decided, before a change was counted."""
    opened.select("red/wide.png")
    opened.name_by_key("green")
    imports.open(table("file,label", "red/wide.png,red", "red/tall.jpg,red"))
    opened.main.labelling.label(opened.project.concepts[2].key, np.array([2]))
    return opened


def press_import(imports) -> None:
    """Press the button, and do not wait for what it does."""
    button_in(imports.panel, "Import 1 label").click()


def test_import_pressed_before_a_change_was_counted_imports_what_is_counted_then(outdated, imports):
    press_import(imports)
    outdated.wait_for_message("1 label imported")
    assert outdated.labels()["red/wide.png"] == "green"


def test_a_box_that_is_ticked_while_an_import_is_counted_imports_nothing(outdated, imports):
    before = outdated.labels()
    press_import(imports)
    imports.answer("Replace labels you checked too")
    wait(imports.is_possible)
    assert outdated.labels() == before
    imports.answer("Import 2 labels")
    assert outdated.labels()["red/wide.png"] == "red"


def test_an_import_that_failed_is_not_done_when_something_else_is_changed(
    outdated, monkeypatch, imports
):
    with monkeypatch.context() as patched:

        def fail(*_args, **_options):
            raise MemoryError("no room")

        patched.setattr(import_panel, "import_change", fail)
        press_import(imports)
        wait(lambda: "no room" in "".join(imports.says()))
    outdated.menu("Undo")
    wait(imports.is_possible)
    assert outdated.labels()["red/tall.jpg"] == ""


def test_columns_that_are_not_clear_can_be_chosen(opened, table, imports):
    said = imports.open(table("a,b,c", "1,red/wide.png,blue", "2,red/tall.jpg,green"))
    assert "which column" in said[-1] or "column" in said[-1]
    assert not imports.is_possible()
    imports.choose("Column of the pictures", "b")
    said = imports.choose("Column of the labels", "c")
    assert said[0] == "2 of 2 rows match your pictures."
    imports.answer("Import 2 labels")
    assert opened.labels()["red/wide.png"] == "blue"


def test_how_a_table_is_read_is_one_line_until_it_is_not_clear_or_is_to_be_changed(table, imports):
    def columns():
        return labelled(imports.panel, QComboBox, "Column of the labels")

    imports.open(table("file,species", "red/wide.png,red"))
    assert "pictures in “file”, labels in “species”" in imports.read_as
    assert not columns().isVisible()
    imports.answer("Change")
    assert columns().isVisible()
    imports.begin(table("a,b,c", "1,red/wide.png,blue", name="unclear.csv"))
    imports.says()
    assert columns().isVisible()
    assert columns().currentText() == ""
    assert "labels in" not in imports.read_as


def test_another_delimiter_and_encoding_can_be_chosen(table, imports):
    path = table("file;label", "red/wide.png;żółw", encoding="cp1250")
    said = imports.open(path)
    assert "żółw" not in "".join(said)
    said = imports.choose("Text encoding", "cp1250")
    assert "1 new name: żółw." in said
    said = imports.choose("Separator", "comma")
    assert not imports.is_possible()
    said = imports.choose("Separator", "semicolon")
    assert "1 new name: żółw." in said


def test_a_file_that_has_no_labels_says_so_in_place(tmp_path, imports):
    for number, (content, said) in enumerate(
        [
            (b"", "not a readable table"),
            (b"\x89PNG\r\n\x1a\n\0\0", "not a readable table"),
            (b"a,b\r\n1,2\r\n", "column"),
        ]
    ):
        path = tmp_path / f"bad-{number}.csv"
        path.write_bytes(content)
        assert said in imports.open(path)[-1]
        assert not imports.is_possible()
    assert "not found" in imports.open(tmp_path / "no.csv")[-1]


def test_the_first_rows_and_how_many_came_so_far_are_shown_while_a_large_file_is_read(
    table, imports
):
    many = (f"none/{number}.jpg,red" for number in range(300_000))
    path = table("file,label", "red/wide.png,blue", *many)
    imports.begin(path)
    wait(imports.first_rows)
    assert imports.panel.is_busy
    assert imports.first_rows()[0] == ("2", "red/wide.png", "blue")
    assert len(imports.first_rows()) == 20
    panel = imports.panel
    wait(lambda: any("read, 1 matched" in one.text() for one in panel.findChildren(Paragraph)))
    imports.answer("Cancel")


def test_a_byte_of_another_encoding_far_below_reads_all_of_it_anew(table, imports):
    many = (f"none/{number}.jpg,red" for number in range(100_000))
    path = table("file,label", "red/wide.png,blue", *many, "blue/tall.jpg,Käfer", encoding="cp1252")
    said = imports.open(path)
    assert said[0] == "2 of 100,002 rows match your pictures."
    assert "1 new name: Käfer." in said


def test_reading_can_be_cancelled(opened, table, imports):
    many = (f"none/{number}.jpg,red" for number in range(300_000))
    path = table("file,label", *many)
    imports.begin(path)
    imports.answer("Cancel")
    assert imports.says()[-1] == "Cancelled. Nothing was imported."
    assert not imports.is_possible()
    press_keys(imports.panel, "Esc")
    assert opened.has_focus_on_pictures


def test_a_table_that_is_dropped_can_be_imported_or_give_names(opened, table, imports):
    opened.drop(table("file,label", "red/wide.png,blue"))
    assert opened.message == "“labels.csv” is a table. What do you want from it?"
    opened.answer("Labels")
    assert imports.says()[0] == "1 of 1 row matches your pictures."
    imports.answer("Import 1 label")
    assert opened.labels()["red/wide.png"] == "blue"
    opened.drop(table("label", "violet"))
    opened.answer("Names")
    wait(opened.main.names.preview.isVisible)
    assert opened.offered_names() == ["violet"]


BOTH = [one for one in FORMATS.values() if one.id in IMPORTS]
_REPLACE = "Replace labels you checked too"
_CHECKED = "Count them as checked by you"


def test_what_is_exported_is_imported_again_and_found_by_what_it_looks_like(
    opened, tmp_path, imports
):
    for picture in opened.pictures():
        opened.select(picture)
        opened.press("Return")
    before = opened.labels()
    for chosen in BOTH:
        out = tmp_path / chosen.id / f"labels{chosen.ending}"
        out.parent.mkdir()
        opened.open_export(chosen.title)
        opened.type_place(out)
        opened.wait_for_preview()
        opened.write_export("Wrote")
        for picture in opened.pictures():
            opened.select(picture)
            opened.name_by_key("red")
        assert opened.labels() != before
        imports.open(out)
        if not button_in(imports.panel, _REPLACE).isChecked():
            imports.answer(_REPLACE)
        if button_is_shown(imports.panel, _CHECKED):
            imports.answer(_CHECKED)
        wait(imports.is_possible)
        imports.answer("Import")
        opened.wait_for_message("imported")
        assert opened.labels() == before, chosen.id


def test_no_key_gets_through_to_the_pictures_and_another_project_closes_the_panel(
    opened, table, imports
):
    before = opened.labels()
    imports.open(table("file,label", "red/wide.png,blue"))
    press_keys(imports.panel, "1", "Backspace", "S")
    assert opened.labels() == before
    opened.menu("New project")
    assert imports.says() == []


def test_long_names_and_paths_do_not_widen_the_window(opened, table, imports):
    opened.main.resize(1024, 700)
    imports.open(table("file,label" + "x" * 300, "no/" + "p" * 200 + ".jpg," + "n" * 300))
    assert opened.main.width() <= 1024
