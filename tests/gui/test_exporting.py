"""Exporting from the window: what it may overwrite, and when it asks."""

import csv
import errno
import json
import os
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from itertools import product

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from nameplate.cli.main import run
from nameplate.formats.csv import BEST, HEADER, is_labels_csv
from nameplate.formats.export_format import Target
from nameplate.formats.outputs import sidecar_output
from nameplate.formats.registry import FORMATS
from nameplate.storage.folders import undo_folder
from nameplate.wording.texts import text_of
from qt_help import boxes_in, button_in, labelled, press_keys, wait
from window_driver import COLOURS

OWN = ",".join(HEADER).encode() + b"\r\n"
ALL_COLUMNS = {"csv_columns": "All columns"}
THINGS = {Target.FILE: "rows", Target.FOLDER: "pictures", Target.SIDECARS: "sidecars"}


@pytest.fixture
def export(opened):
    """Export to a file and return the message shown."""
    opened.menu("Auto-label all")
    return opened.export


def test_no_picture_and_no_file_of_the_model_is_ever_replaced(
    opened, export, coloured, tmp_path, tiny_model
):
    picture, strange = coloured / "red" / "wide.png", coloured / "strange.tga"
    strange.write_bytes(bytes(100))  # a format without a signature
    opened.open(strange)
    opened.wait_for_pictures(7)
    refused = {
        picture: "not written: it is a picture",
        tiny_model / "new.csv": "is in the folder of a model",
    }
    if sys.platform != "win32":
        (tmp_path / "strange.csv").hardlink_to(strange)
        refused[tmp_path / "strange.csv"] = "is one of the pictures"
    before = files_in(coloured) | files_in(tmp_path) | files_in(tiny_model)
    for (place, why), overwrite in product(refused.items(), (False, True)):
        message = export(place, overwrite=overwrite)
        assert why in message, place
        assert message.endswith("Choose another name.")
    assert files_in(coloured) | files_in(tmp_path) | files_in(tiny_model) == before


def test_an_export_that_fails_at_the_end_says_why_and_leaves_the_file_that_was_there(
    export, tmp_path, monkeypatch
):
    place = tmp_path / "out" / "labels.csv"
    place.parent.mkdir()
    export(place)
    before, replace_file = files_in(place.parent), os.replace

    def fail(number, source, target, **options):
        if os.fspath(target) == str(place):
            raise OSError(number, os.strerror(number))
        replace_file(source, target, **options)

    for number, why in (
        (errno.ENOSPC, "disk full. Free some space."),
        (errno.EACCES, "no permission. Close programs that use it, or choose another place."),
        (errno.ENOENT, "its folder doesn't exist. Create the folder, or choose another place."),
    ):
        monkeypatch.setattr(os, "replace", partial(fail, number))
        assert export(place) == f"Not exported. {place}: can't write: {why}"
        assert files_in(place.parent) == before


def test_a_file_is_replaced_once_the_person_has_agreed_and_for_this_place_alone(opened, tmp_path):
    opened.menu("Auto-label all")
    file, other = tmp_path / "other.csv", tmp_path / "third.csv"
    file.write_bytes(b"name,age\r\n")
    other.write_bytes(b"name,age\r\n")
    for place in (other, file):
        opened.open_export("CSV", place, **ALL_COLUMNS)
        assert opened.begin_button().text() == f"Write to {place.stem}-2.csv"
    opened.answer_export("Replace other.csv")
    opened.wait_for_message("Wrote 6 rows to other.csv")
    assert is_labels_csv(file)
    assert other.read_bytes() == b"name,age\r\n"


def test_where_another_file_is_in_the_way_enter_writes_beside_it(opened, coloured, tmp_path):
    label_as_shown(opened)
    there, beside = coloured.parent / "pictures-labels.csv", "pictures-labels-2.csv"
    there.write_bytes(b"name,age\r\n")
    opened.open_export("CSV")  # it suggests a place that is free
    assert opened.begin_button().text() == "Export 6"
    assert opened.place_of_export.endswith(beside)
    opened.type_place(there)
    opened.wait_for_preview()
    press_keys(opened.main.exporting.panel, "Return")
    opened.wait_for_message(f"Wrote 6 rows to {beside}")
    assert there.read_bytes() == b"name,age\r\n"


def test_a_suggested_place_is_in_the_box_and_written_to_whatever_is_chosen_before(opened, coloured):
    label_as_shown(opened)
    folder = coloured.parent
    (folder / "pictures-labels.jsonl").write_text("somebody else's")
    opened.open_export("CSV")
    opened.write_export("Wrote 6 rows to pictures-labels.csv")
    opened.open_export("JSON Lines")
    assert opened.place_of_export == str(folder / "pictures-labels-2.jsonl")
    opened.write_export("Wrote 6 rows to pictures-labels-2.jsonl")


def test_a_new_project_of_the_same_folder_is_exported_beside_the_file_of_the_first(
    opened, coloured
):
    label_as_shown(opened)
    opened.open_export("CSV")
    opened.write_export("Wrote 6 rows to pictures-labels.csv")
    opened.menu("New project")
    wait(lambda: not opened.project.images.present)
    opened.open(coloured)
    opened.wait_for_pictures(6)
    opened.add("red")
    opened.wait_until_read()
    opened.menu("Auto-label all")
    opened.open_export()
    press_keys(opened.main.exporting.panel, "Return")
    opened.wait_for_message("Wrote 6 rows to pictures-labels-2.csv")


def test_what_was_written_is_no_longer_said_in_another_project(opened, tmp_path):
    opened.open_export("CSV", tmp_path / "labels.csv")
    opened.write_export("Wrote 6 rows")
    assert opened.offers_answer("Show in folder")
    opened.menu("New project")
    wait(lambda: not opened.project.images.present)
    assert not opened.offers_answer("Show in folder")
    assert "Wrote" not in opened.message


def test_a_box_that_was_emptied_is_exported_to_the_place_that_it_shows_in_grey(opened, coloured):
    label_as_shown(opened)
    (coloured.parent / "pictures-labels.csv").write_text("somebody else's")
    opened.open_export("CSV")
    opened.focus_on("Where to write")
    opened.press("Ctrl+A", "Backspace")
    opened.wait_for_preview()
    opened.write_export("Wrote 6 rows to pictures-labels-2.csv")


def test_what_takes_a_suggested_place_after_the_preview_is_said_with_a_way_on(opened, coloured):
    label_as_shown(opened)
    taken = coloured.parent / "pictures-labels.csv"
    opened.open_export("CSV")
    taken.write_text("somebody else's")
    opened.begin_button().click()
    opened.wait_for_refusal("already exists")
    assert taken.read_text() == "somebody else's"
    assert opened.begin_button().text() == "Write to pictures-labels-2.csv"
    opened.write_export("Wrote 6 rows to pictures-labels-2.csv")


def test_a_file_in_the_way_that_no_preview_knows_of_is_said(opened, tmp_path):
    label_as_shown(opened)
    config = tmp_path / "label_config.xml"
    config.write_text("<View/>")
    said = opened.export(tmp_path / "tasks.json", "Label Studio")
    assert said.startswith(f"Not exported. {config}: not written: it already exists")
    assert said.endswith("Choose another name, or move that file away.")
    opened.wait_for_preview()
    assert opened.begin_button().text() == "Export 6"
    config.unlink()
    opened.write_export("Wrote 6 rows to tasks.json")


def test_where_it_is_asked_about_suggestions_too_one_question_comes_after_the_other(
    opened, tmp_path
):
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    place = tmp_path / "labels.csv"
    place.write_bytes(b"name,age\r\n")
    opened.open_export("CSV", place)
    opened.answer_export("Replace labels.csv")
    assert place.read_bytes() == b"name,age\r\n"
    assert "Export them too" in opened.export_says()[-1]
    opened.answer_export("Export labels only (1)")
    opened.wait_for_message("Wrote 1 row to labels.csv.")


def test_the_panel_and_the_tool_row_count_the_same_labels(opened, tmp_path):
    label_as_shown(opened)
    opened.select("red/wide.png")
    opened.press("S")
    opened.open_export("CSV", tmp_path / "labels.csv")
    assert opened.begin_button().text() == "Export 5 labels"
    assert opened.words_on_tools()[-1] == "Export 5"
    assert opened.export_says()[1] == "6 pictures, all checked by you (1 skipped)."
    assert opened.names_to_export()[1] == "Labels only (5)"


def test_what_is_counted_before_and_after_an_export_has_its_unit_where_the_numbers_differ(
    opened, coloured, tmp_path
):
    label_as_shown(opened)
    for picture, key in zip(opened.pictures(), ("S", "Backspace"), strict=False):
        opened.select(picture)
        opened.press(key)
    opened.open_export("XMP sidecars")
    opened.type_place(tmp_path / "xmp")
    opened.wait_for_preview()
    left_out = "1 picture you haven't checked is left out."
    assert opened.export_says()[1] == f"5 pictures, all checked by you (1 skipped). {left_out}"
    assert opened.begin_button().text() == "Export 4 labels"
    opened.write_export("Wrote 5 sidecars")
    opened.open_export("CSV", tmp_path / "all.csv")
    assert opened.export_says()[1] == "6 pictures: 5 checked by you (1 skipped), 1 suggested."
    assert opened.begin_button().text() == "Export all 6"
    opened.write_export("Wrote 6 rows")


def test_a_file_that_comes_after_the_preview_was_never_agreed_on(opened, tmp_path):
    opened.menu("Auto-label all")
    opened.add("white")
    opened.open_export("CSV", tmp_path / "late.csv")
    (tmp_path / "late.csv").write_bytes(b"somebody else's")
    opened.begin_button().click()
    opened.wait_for_refusal("already exists")
    assert (tmp_path / "late.csv").read_bytes() == b"somebody else's"


def test_the_window_writes_the_same_csv_as_the_command_line(opened, coloured, tiny_model, tmp_path):
    (coloured / "green" / "broken.jpg").write_text("text")
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert "Wrote" in opened.export(tmp_path / "window.csv", **ALL_COLUMNS, all_scores=True)
    names = [part for name in COLOURS for part in ("--concept", name)]
    run(
        ["label", str(coloured), "--csv", str(tmp_path / "cli.csv"), "--scores", "all"]
        + ["--model", str(tiny_model), *names]
    )
    window, cli = (read_csv(tmp_path / f"{name}.csv") for name in ("window", "cli"))
    best = [window[0].index(name) for name in BEST]
    assert [[cell for n, cell in enumerate(row) if n not in best] for row in window] == cli


def test_a_csv_is_the_same_in_each_language_of_the_window(opened, coloured, spoken, tmp_path):
    (coloured / "green" / "empty.jpg").touch()
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.menu("Auto-label all")
    written = []
    for language in ("en", "de"):
        spoken(language)
        opened.export(tmp_path / f"{language}.csv", **ALL_COLUMNS, all_scores=True)
        written.append(read_csv(tmp_path / f"{language}.csv"))
    spoken("en")
    heads, *rows = written[0]
    assert "empty file" in [row[heads.index("error")] for row in rows]
    assert written[1] == written[0]


def test_an_export_asked_for_between_a_rename_and_its_undo_is_written(opened, tmp_path):
    opened.menu("Auto-label all")
    opened.rename("red", "white")
    opened.begin_export(tmp_path / "o.csv")
    opened.menu("Undo")
    opened.wait_for_message("Wrote")
    assert "red" in (tmp_path / "o.csv").read_text()


def test_each_format_is_exported_as_the_preview_said(opened, tmp_path):
    label_as_shown(opened)
    for chosen in FORMATS.values():
        out = tmp_path / chosen.id / f"labels{chosen.ending}"
        out.parent.mkdir()
        options = {"sidecar_name": "a.jpg.xmp"} if chosen.target is Target.SIDECARS else {}
        opened.open_export(chosen.title, **options)
        opened.type_place(out)
        opened.wait_for_preview()
        assert opened.export_preview(), chosen.id
        assert "6 " in opened.export_says()[1], chosen.id
        opened.write_export(f"Wrote 6 {THINGS[chosen.target]}")
        assert opened.export_says() == []
        assert opened.has_focus_on_pictures


def test_sidecars_go_to_a_folder_of_their_own_unless_asked_and_no_other(
    opened, coloured, tmp_path, monkeypatch
):
    monkeypatch.chdir(coloured.parent)
    label_as_shown(opened)
    assert "Wrote 6 rows" in opened.export(tmp_path / "labels.csv")
    before = {one for one in coloured.parent.iterdir() if one.is_dir()}
    opened.open_export("XMP sidecars")
    assert not button_in(opened.main.exporting.panel, "Beside the pictures").isChecked()
    assert "6 labels, all checked by you." in " ".join(opened.export_says())
    opened.write_export("Wrote 6 sidecars to ")
    (new,) = {one for one in coloured.parent.iterdir() if one.is_dir()} - before
    assert new.name == "pictures-xmp"
    assert len(list(new.rglob("*.xmp"))) == 6


def ask_for_sidecars(opened, *, beside=True):
    """Decide about all pictures, and ask for sidecars."""
    label_as_shown(opened)
    opened.open_export("XMP sidecars")
    if beside:
        opened.answer_export("Beside the pictures")
        opened.wait_for_preview()


@pytest.fixture
def sidecars(opened, coloured):
    """Sidecars were written beside the pictures, and the message is there; the files of before."""
    before = files_in(coloured)
    ask_for_sidecars(opened)
    opened.write_export("Wrote 6 sidecars beside the pictures")
    assert len(list(coloured.rglob("*.xmp"))) == 6
    return before


def test_the_command_that_writes_keywords_is_shown_and_copied(opened, tmp_path):
    label_as_shown(opened)
    opened.export(tmp_path / "keywords.csv", "ExifTool CSV")
    command = next(line for line in opened.message.split(": ") if line.startswith("exiftool"))
    assert command.startswith(f"exiftool -csv+={tmp_path}/keywords.csv -sep")
    opened.answer("Copy command")
    assert QGuiApplication.clipboard().text() == command


def test_sidecars_beside_the_pictures_are_a_step_that_undo_takes_back(opened, sidecars, coloured):
    labels = opened.labels()
    opened.main.messages.clear()
    opened.menu("Undo")
    opened.wait_for_message("Take the sidecars back, too?")
    assert opened.labels() == labels
    opened.answer("Take them back")
    opened.wait_for_message("6 sidecars taken back")
    assert files_in(coloured) == sidecars
    opened.menu("Redo")
    opened.main.messages.clear()
    opened.menu("Undo")
    assert "sidecars" not in opened.message


def wait_for_log(opened):
    wait(lambda: not opened.main.jobs.is_running("export-logs"))


def test_sidecars_taken_back_in_the_message_are_no_step_any_more(opened, sidecars, coloured):
    steps = opened.project.history.done
    assert text_of(steps[-1].title) == "write 6 sidecars"
    opened.answer("Take them back")
    opened.wait_for_message("6 sidecars taken back")
    assert opened.project.history.done[-1].title.code != "write-sidecars"
    assert not list(coloured.rglob("*.xmp"))


def test_sidecars_that_are_written_can_be_taken_back_as_long_as_the_project_is_open(
    opened, sidecars
):
    assert opened.offers_answer("Take them back")
    assert not opened.offers_answer("Cancel")
    opened.menu("New project")
    wait(lambda: not opened.project.images.present)
    assert not opened.offers_answer("Take them back")


def test_sidecars_can_be_taken_back_in_a_window_that_exported_nothing_yet(
    opened, sidecars, coloured, make_window
):
    path = opened.main.files.path
    opened.close()
    other = make_window()
    other.go_on_with(path)
    other.menu("Undo")
    other.wait_for_message("Take the sidecars back, too?")
    assert not other.offers_answer("Cancel")
    other.answer("Take them back")
    other.wait_for_message("6 sidecars taken back")
    assert not list(coloured.rglob("*.xmp"))


@pytest.mark.parametrize("beside", [True, False])
def test_the_preview_of_sidecars_is_the_same_after_they_were_written(opened, beside):
    ask_for_sidecars(opened, beside=beside)
    before = opened.export_preview()
    assert before
    opened.write_export("Wrote 6 sidecars")
    opened.open_export()
    assert opened.export_preview() == before


def test_sidecars_whose_log_is_gone_are_not_offered(opened, sidecars):
    for log in undo_folder().iterdir():
        log.unlink()
    opened.main.messages.clear()
    opened.menu("Undo")
    wait_for_log(opened)
    assert "sidecars back" not in opened.message


def test_doing_an_earlier_step_again_does_not_ask_about_sidecars(opened, sidecars):
    opened.menu("Undo")
    opened.wait_for_message("Take the sidecars back, too?")
    opened.menu("Undo")
    wait_for_log(opened)
    opened.main.messages.clear()
    opened.menu("Redo")
    wait_for_log(opened)
    assert "sidecars back" not in opened.message


def test_a_cancelled_export_of_sidecars_says_what_is_there(opened, coloured, monkeypatch):
    ask_for_sidecars(opened)
    write = sidecar_output.write_bytes
    begun, may_go_on = threading.Event(), threading.Event()

    def slowly(*of):
        write(*of)
        begun.set()
        assert may_go_on.wait(20)

    monkeypatch.setattr(sidecar_output, "write_bytes", slowly)
    opened.begin_button().click()
    wait(begun.is_set)
    opened.answer_export("Cancel")
    may_go_on.set()
    opened.wait_for_message("Cancelled. Wrote 1 sidecar beside the pictures.")
    assert len(list(coloured.rglob("*.xmp"))) == 1
    opened.answer("Take them back")
    opened.wait_for_message("1 sidecar taken back")
    assert not list(coloured.rglob("*.xmp"))


def files_in(folder):
    files = (path for path in folder.rglob("*") if path.suffix != ".ini")  # the settings change
    return {path: path.is_file() and path.read_bytes() for path in files}


def test_what_is_seen_is_exported_and_the_choice_says_how_much_that_is(opened, tmp_path):
    shown = dict(zip(opened.pictures(), opened.chips(), strict=True))
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.open_export("CSV", tmp_path / "best.csv", **ALL_COLUMNS)
    assert opened.names_to_export() == [
        "Labels and suggestions (6)",
        "Labels only (1)",
        "Only what you checked (1)",
    ]
    assert opened.export_says()[1] == "6 pictures: 1 checked by you, 5 suggested."
    assert opened.export_says()[-1] == (
        "5 pictures have no label, only a suggestion. Export them too? Their “label” stays empty; "
        "the suggestion is in “best”."
    )
    said = "5 names only suggested, in the column “best”."
    opened.write_export(said)
    head, *rows = read_csv(tmp_path / "best.csv")
    assert head[:4] == ["path", "label", "best", "best_probability"]
    best = {row[0]: row[head.index("best")] for row in rows}
    assert best["red/wide.png"] == "blue"
    assert sorted(best.values()) == ["blue", "blue", "blue", "green", "green", "red"]
    assert len(shown) == 6
    assert [row[1] for row in rows if row[0] != "red/wide.png"] == [""] * 5
    opened.open_export("CSV", tmp_path / "labels.csv")
    opened.choose_names("Labels only")
    opened.write_export("Wrote 1 row")
    head, row = read_csv(tmp_path / "labels.csv")
    assert (row[:2], "best" in head) == (["red/wide.png", "blue"], False)
    opened.open_export("CSV", tmp_path / "again.csv")
    opened.choose_names("Labels and suggestions")
    opened.write_export(said)
    opened.answer("Auto-label all")
    opened.wait_for_message("5 pictures labelled")


def test_suggestions_that_nobody_took_are_asked_about_and_each_answer_is_a_button(opened, tmp_path):
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.open_export("CSV", tmp_path / "labels.csv")
    assert opened.begin_button().text() == "Export all 6"
    opened.answer_export("Export labels only (1)")
    opened.wait_for_message("Wrote 1 row to labels.csv.")
    assert [row[:2] for row in read_csv(tmp_path / "labels.csv")[1:]] == [["red/wide.png", "blue"]]
    label_as_shown(opened)
    opened.open_export("CSV", tmp_path / "all.csv")
    assert opened.export_says()[-1] == ""
    assert opened.begin_button().text() == "Export 6"


def test_enter_before_the_preview_waits_for_it_and_for_what_it_asks(opened, coloured):
    place = coloured.parent / "pictures-labels.csv"
    opened.menu("Export…")
    press_keys(opened.main.exporting.panel, "Return")
    opened.wait_for_preview()
    opened.let_work()
    assert "Export them too" in opened.export_says()[-1]
    assert not place.exists()
    press_keys(opened.main.exporting.panel, "Esc")
    opened.menu("Auto-label all")
    opened.main.messages.clear()
    opened.menu("Export…")
    press_keys(opened.main.exporting.panel, "Return")
    opened.wait_for_message("Wrote 6 rows")
    before = place.stat().st_mtime_ns
    opened.menu("Export…")
    press_keys(opened.main.exporting.panel, "Return")  # it would replace that file
    opened.wait_for_preview()
    opened.let_work()
    assert opened.begin_button().text() == f"Replace {place.name}"
    assert place.stat().st_mtime_ns == before


def test_a_file_that_would_be_replaced_is_named_on_the_button(opened, tmp_path):
    opened.menu("Auto-label all")
    opened.export(tmp_path / "labels.csv")
    opened.open_export()
    assert opened.export_says()[-1] == "labels.csv already exists."
    assert opened.begin_button().text() == "Replace labels.csv"
    opened.type_place(tmp_path / "new.csv")
    opened.wait_for_preview()
    assert opened.begin_button().text() == "Export 6"


def test_the_format_that_was_used_last_comes_first(opened, tmp_path):
    formats = opened.offered_formats()
    assert formats[:2] == ["CSV", "JSON Lines"]
    opened.export(tmp_path / "out", "Class folders")
    assert opened.offered_formats()[:2] == ["Class folders", "CSV"]
    assert sorted(opened.offered_formats()) == sorted(formats)


def test_rare_options_are_out_of_sight_until_they_are_wanted_or_in_effect(opened, tmp_path):
    opened.open_export("CSV")
    bom = opened.main.exporting.panel.options.control("byte_order_mark")
    assert not bom.isVisible()
    opened.answer_export("More options")
    assert bom.isVisible()
    opened.export(tmp_path / "labels.csv", byte_order_mark=True)
    opened.open_export()
    assert bom.isVisible()
    opened.export(tmp_path / "other.csv", byte_order_mark=False)
    opened.open_export()
    assert not bom.isVisible()


def test_more_options_push_no_button_out_of_a_small_window(opened):
    opened.show(1024, 660)
    opened.open_export("CSV")
    button = opened.main.exporting.panel.begin_button
    is_seen = lambda: button.visibleRegion().boundingRect() == button.rect()  # noqa: E731
    wait(is_seen)
    opened.answer_export("More options")
    opened.let_work()
    wait(is_seen)


@pytest.mark.parametrize("width", [800, 1440])
def test_the_panel_is_one_column_in_the_middle_and_its_buttons_keep_their_places(opened, width):
    opened.show(width, 700)
    opened.open_export("CSV")
    export = opened.main.exporting.panel
    opened.let_work()
    place = labelled(export, QLineEdit, "Where to write")
    left = place.mapTo(export, place.rect().topLeft()).x()
    right = button_in(export, "Choose").mapTo(export, QPoint(0, 0)).x()
    right += button_in(export, "Choose").width()
    assert right - left <= 760
    assert abs(left - (export.width() - right)) <= 20  # a bar for scrolling may stand on the right
    begin = opened.begin_button()
    cancel = next(one for one in export.findChildren(QPushButton) if one.text() == "Cancel")
    before = begin.mapTo(export, QPoint(0, 0))
    assert (begin.isEnabled(), cancel.isVisible()) == (True, False)
    export.show_busy()
    opened.let_work()
    assert begin.mapTo(export, QPoint(0, 0)) == before
    assert (begin.isEnabled(), cancel.isVisible()) == (False, True)
    export.show_idle()


def test_a_filter_leaves_nothing_out_of_an_export_and_that_is_said(opened):
    opened.look_at("tall")
    opened.open_export("CSV")
    assert "Of all 6 pictures, not only the 3 shown." in opened.export_says()[1]


def test_an_export_over_labels_with_decisions_says_so_and_asks(opened, tmp_path):
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.export(tmp_path / "labels.csv", **ALL_COLUMNS)
    opened.menu("Undo")
    opened.name_by_key("green")
    (tmp_path / "copy.csv").write_bytes((tmp_path / "labels.csv").read_bytes())
    opened.open_export("CSV", tmp_path / "copy.csv")
    assert "already exists and holds labels made by hand" in opened.export_says()[-1]
    opened.answer_export("Replace copy.csv")
    opened.write_export("Wrote 6 rows")
    assert b"green,green" in (tmp_path / "copy.csv").read_bytes()


def test_folders_hold_what_is_seen_and_an_import_makes_no_decisions_of_it(opened, tmp_path):
    opened.export(tmp_path / "out", "Class folders")
    assert len(list((tmp_path / "out" / "red").iterdir())) == 2
    lines = (tmp_path / "out" / "nameplate-pictures.jsonl").read_text().splitlines()
    values = [json.loads(line) for line in lines]
    assert {(one["decided_by"], one["state"]) for one in values} == {("auto", "suggested")}


def test_without_a_label_there_is_nothing_to_export_but_best_names(opened, tmp_path):
    opened.open_export("Class folders", tmp_path / "out")
    assert opened.can_export()
    opened.choose_names("Labels only (0)")
    assert not opened.can_export()
    assert "Nothing to export" in opened.export_says()[-1]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def label_as_shown(opened):
    """Decide each picture for what is suggested."""
    opened.menu("Auto-label all")
    for picture in opened.pictures():
        opened.select(picture)
        opened.press("Return")


def test_a_skipped_picture_is_checked_here_as_in_the_status_line_and_is_no_label(opened):
    label_as_shown(opened)
    opened.select(opened.pictures()[0])
    opened.press("X")
    opened.select(opened.pictures()[1])
    opened.press("Backspace")
    assert opened.checked.startswith("5 of 6 checked")
    opened.open_export("CSV", which="Only what you checked")
    left_out = "1 picture you haven't checked is left out."
    assert opened.export_says()[1] == f"5 pictures, all checked by you (1 skipped). {left_out}"
    opened.open_export("Class folders")
    left_out = "1 picture you haven't checked is left out. 1 picture without a label is left out."
    assert opened.export_says()[1] == f"4 labels, all checked by you. {left_out}"


def test_the_preview_follows_format_and_options(opened):
    label_as_shown(opened)
    opened.open_export("CSV", **ALL_COLUMNS, all_scores=True)
    assert opened.export_preview()[0][:3] == ["blue/tall.jpg", "blue", "blue"]  # the best name
    assert len(opened.export_preview()) == 5
    assert opened.export_says()[1] == "6 labels, all checked by you."
    opened.open_export("Class folders")
    assert ["red", "2"] in opened.export_preview()


def test_a_folder_among_the_pictures_is_refused_in_place(opened, coloured):
    label_as_shown(opened)
    said = opened.export(coloured / "red" / "inside", "Class folders")
    assert "where pictures of the project are" in said
    assert not (coloured / "red" / "inside").exists()


def test_a_relative_path_is_refused_in_place(opened):
    opened.open_export("CSV")
    opened.type_place("labels.csv")
    opened.wait_for_refusal("whole path")


def test_no_suggested_place_comes_between_the_letters_of_another_one(opened):
    opened.open_export("CSV")
    opened.focus_on("Where to write")
    opened.press("Ctrl+A", "Backspace")
    opened.wait_for_preview()
    opened.type("/mine.csv")
    assert str(opened.main.exporting.panel.place.path) == "/mine.csv"


def test_esc_and_what_leads_to_the_pictures_closes_the_panel(opened):
    for part in (opened.main.exporting.panel, opened.filter_line):
        opened.open_export("CSV")
        part.setFocus()
        press_keys(part, "Esc")
        assert opened.export_says() == []
        assert opened.has_focus_on_pictures
    for way in ("Go to the pictures", "Large picture"):
        opened.open_export("CSV")
        opened.menu(way)
        assert opened.export_says() == []
        assert opened.main.columns.isVisible()


def test_each_box_that_is_typed_into_or_chosen_from_has_a_name(opened):
    opened.open_export("Class folders")
    assert all(box.accessibleName() for box in boxes_in(opened.main.exporting.panel))


@pytest.mark.parametrize("way", ["Keys", "Find a command…"])
def test_what_was_typed_into_the_panel_outlives_a_look_at_the_keys(opened, tmp_path, way):
    opened.open_export("CSV", tmp_path / "mine.csv")
    opened.focus_on("Where to write")
    opened.menu(way)
    press_keys(opened.main.focusWidget(), "Esc")
    assert opened.focused == "Where to write"
    opened.wait_for_preview()
    press_keys(opened.main.focusWidget(), "Return")
    opened.wait_for_message("Wrote 6 rows to mine.csv")


def test_exporting_again_writes_the_same_way_and_place_without_asking(opened, tmp_path):
    label_as_shown(opened)
    out = tmp_path / "labels.csv"
    opened.export(out, byte_order_mark=True)
    first = out.read_bytes()
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.main.messages.clear()
    opened.menu("Export again")
    opened.wait_for_message("Wrote 6 rows")
    assert opened.export_says() == []
    assert out.read_bytes() != first
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")


def test_exporting_again_replaces_nothing_that_was_changed_meanwhile(opened, tmp_path):
    label_as_shown(opened)
    out = tmp_path / "labels.csv"
    opened.export(out)
    out.write_text(out.read_text() + "a note of mine\n")
    changed = out.read_bytes()
    opened.main.messages.clear()
    opened.menu("Export again")
    opened.wait_for_refusal("already exists")
    assert out.read_bytes() == changed
    assert opened.begin_button().text() == "Write to labels-2.csv"


def test_exporting_a_folder_again_offers_one_with_a_number_beside_it(opened, tmp_path):
    label_as_shown(opened)
    opened.export(tmp_path / "out", "Class folders")
    opened.main.messages.clear()
    for before, free in (("out", "out-2"), ("out-2", "out-3")):
        opened.menu("Export again")
        opened.wait_for_refusal(f"{tmp_path / before}: already exists")
        opened.answer_export(f"Write to {free}")
        opened.wait_for_message(f"to {free}")
        assert (tmp_path / free).is_dir()
    assert sorted(one.name for one in tmp_path.glob("out*")) == ["out", "out-2", "out-3"]


def test_exporting_again_without_a_first_time_asks(opened):
    opened.menu("Export again")
    opened.wait_for_preview()
    assert opened.export_says()


def test_how_and_where_to_is_remembered_for_the_project(opened, tmp_path):
    label_as_shown(opened)
    opened.export(tmp_path / "x.jsonl", "JSON Lines", all_scores=True)
    opened.open_export()
    request = opened.main.exporting.panel.request
    assert (request.format.id, request.path) == ("jsonl", tmp_path / "x.jsonl")
    assert request.options.all_scores
    assert opened.can_export()  # the file is as the last export left it
    opened.save_as(tmp_path / "p.nameplate")
    opened.open_export()
    assert opened.main.exporting.panel.request.path == tmp_path / "x.jsonl"
    opened.menu("New project")
    assert opened.export_says() == []


def test_a_csv_has_path_and_label_until_all_columns_are_chosen_which_is_remembered(
    opened, make_window, coloured, tmp_path
):
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.export(tmp_path / "short.csv")
    head, *rows = read_csv(tmp_path / "short.csv")
    assert head == ["path", "label"]
    assert dict(rows)["red/wide.png"] == "blue"
    assert all(label for _, label in rows)  # suggestions, too, as they are seen
    opened.export(tmp_path / "long.csv", **ALL_COLUMNS)
    assert is_labels_csv(tmp_path / "long.csv")
    opened.export(tmp_path / "x.jsonl", "JSON Lines")
    opened.close()
    again = make_window()
    again.wait_until_loaded()
    again.add(*COLOURS)
    again.open(coloured)
    again.wait_until_read()
    again.export(tmp_path / "next.csv")
    assert is_labels_csv(tmp_path / "next.csv")


def test_suggestions_in_the_two_columns_are_asked_about_and_labels_alone_are_offered(
    opened, tmp_path
):
    opened.select("red/wide.png")
    opened.name_by_key("blue")
    opened.open_export("CSV", tmp_path / "short.csv")
    assert opened.export_says()[-1] == (
        "5 pictures have no label, only a suggestion. Export them too?"
    )
    opened.answer_export("Export labels only (1)")
    opened.wait_for_message("Wrote 1 row")
    assert read_csv(tmp_path / "short.csv") == [["path", "label"], ["red/wide.png", "blue"]]


def test_a_csv_of_two_columns_is_imported_again(opened, make_window, coloured, tmp_path):
    opened.menu("Auto-label all")
    labels = opened.labels()
    opened.export(tmp_path / "short.csv")
    project = tmp_path / "p.nameplate"
    assert run(["project", "new", str(project), str(coloured), "--concept", "red"]) == 0
    assert run(["import", str(tmp_path / "short.csv"), "--into", str(project)]) == 0
    assert run(["export", str(project), "--no-scores", "--out", str(tmp_path / "back.csv")]) == 0
    head, *rows = read_csv(tmp_path / "back.csv")
    assert tuple(head) == HEADER  # the command writes all columns
    assert {row[0]: row[1] for row in rows} == labels
    short = tmp_path / "back-short.csv"
    given = ["--no-scores", "--columns", "label", "--out", str(short)]
    assert run(["export", str(project), *given]) == 0
    assert read_csv(short) == [["path", "label"], *([path, labels[path]] for path in labels)]


def test_an_export_that_is_cancelled_leaves_nothing(opened, tmp_path, monkeypatch):
    label_as_shown(opened)
    waits = threading.Event()

    def slowly(task, output):
        def fill(stream):
            stream.write(b"half")
            waits.set()
            while True:
                task.cancel.raise_if_cancelled()
                time.sleep(0.01)

        output.write(fill)

    opened.open_export("CSV", tmp_path / "labels.csv")
    panel = opened.main.exporting.panel
    monkeypatch.setattr(panel, "_format", replace(FORMATS["csv"], write=slowly))
    opened.begin_button().click()
    wait(waits.is_set)
    opened.answer_export("Cancel")
    opened.wait_for_message("Nothing was written")
    assert list(tmp_path.glob("labels*")) == []
    assert opened.can_export()


def test_a_preview_that_comes_late_moves_nothing_under_the_pointer(opened):
    opened.show(1024, 700)
    opened.menu("Auto-label all")
    opened.menu("Export…")
    panel = opened.main.exporting.panel
    places = []
    for when in (lambda: not panel.has_preview, lambda: panel.has_preview):
        wait(when)
        QApplication.processEvents()  # what was shown is laid out
        found = [button_in(panel, "Choose…"), opened.begin_button()]
        places.append([button.mapTo(panel, QPoint()).y() for button in found])
    assert places[0] == places[1]


def test_a_long_name_of_a_place_does_not_widen_the_window(opened, tmp_path):
    opened.show(1024, 700)
    opened.open_export("Class folders", tmp_path / ("name " * 40))
    assert opened.main.width() <= 1024


def test_no_key_and_no_command_labels_pictures_that_the_panel_covers(opened):
    before = opened.labels()
    opened.press("Ctrl+A")
    opened.open_export("CSV")
    press_keys(opened.main.exporting.panel, "1", "Backspace", "S")
    press_keys(opened.main, "1")  # as from a button of the bar or the status line
    for text in ("Accept", "Skip", "Remove the label", "Auto-label the selected"):
        assert not opened.offers(text)
    opened.press("Ctrl+Shift+L", "Ctrl+K")
    opened.type("label with blue")
    assert not any(entry.startswith("Label with") for entry in opened.found)
    opened.press("Escape")
    assert opened.labels() == before
    press_keys(opened.main.exporting.panel, "Esc")
    assert opened.offers("Accept")
    assert opened.labels() == before
