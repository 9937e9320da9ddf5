import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication

from heif_help import INNER, OWN, Item, heif
from nameplate.cli.main import run
from nameplate.domain.errors import ModelError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import ReviewState
from nameplate.domain.progress import CancelledError
from nameplate.domain.views import Show, Sort
from nameplate.ui.grid.tile_model import TileKind
from nameplate.ui.jobs import reading, scanning
from qt_help import press_button, wait
from window_driver import COLOURS


def test_an_empty_window_invites_and_shows_no_grid(window):
    assert window.is_inviting
    assert not window.shows_pictures
    assert not window.offers("Auto-label all")
    assert not window.offers("Export CSV…")
    assert "CPU" in window.model_text


def test_dropping_files_and_nested_folders_adds_their_pictures_once(window, coloured):
    elsewhere = QUrl("https://example.org/not-local.png")
    window.drop(coloured, coloured / "red" / "wide.png", elsewhere)
    window.wait_for_pictures(6)
    window.wait_until_read()
    assert window.shows_pictures
    assert len(window.pictures()) == len(set(window.pictures())) == 6


def test_typing_a_name_and_enter_adds_it_and_waits_for_the_next(window):
    window.menu("Type a name")
    window.type("red | scarlet")
    window.press("Return")
    window.type("blue")
    window.press("Return")
    assert window.names() == ["red", "blue"]
    assert [concept.synonyms for concept in window.project.concepts] == [("scarlet",), ()]
    assert window.typed == ""


@pytest.mark.parametrize(("line", "why"), [("RED", "is there already"), ("x" * 500, "500 letters")])
def test_a_name_that_cannot_be_used_is_said_and_stays_in_the_box(window, line, why):
    window.add("red")
    window.add(line)
    assert window.names() == ["red"]
    assert window.typed == line
    assert why in window.hint


def test_while_a_name_is_typed_the_bars_of_the_selected_picture_answer(opened):
    opened.select(0)
    opened.menu("Type a name")
    opened.type("white")
    wait(lambda: "white" in opened.bars())
    assert set(opened.bars()) == {*COLOURS, "white"}
    assert opened.bars()["white"].is_preview
    assert opened.names() == COLOURS
    opened.press("Escape")
    wait(lambda: "white" not in opened.bars())
    assert set(opened.bars()) == set(COLOURS)


def test_auto_label_labels_every_picture_rightly_and_can_be_undone(opened):
    opened.menu("Auto-label all")
    assert len(opened.labels()) == 6
    assert all(path.split("/")[0] == label for path, label in opened.labels().items())
    assert "6 pictures labelled" in opened.message
    opened.menu("Undo")
    assert opened.chips() == [""] * 6
    opened.menu("Redo")
    assert "" not in opened.chips()


def test_a_minimum_probability_leaves_weak_suggestions_without_a_label(opened):
    opened.add("grey", "black", "white")
    opened.wait_until_read()
    of_all = opened.suggestions.probability
    percent = int(100 * np.min(of_all)) + 1
    opened.set_minimum(percent)
    opened.menu("Auto-label all")
    for (name, tile), probability in zip(opened.tiles().items(), of_all, strict=True):
        is_weak = probability < percent / 100
        assert tile.kind == (TileKind.UNSURE if is_weak else TileKind.AUTO), name
    assert "" in opened.chips()


def test_the_window_writes_the_same_csv_as_the_command_line(opened, coloured, tiny_model, tmp_path):
    (coloured / "green" / "broken.jpg").write_text("text")
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert "written" in opened.export(tmp_path / "window.csv", all_scores=True)
    names = [part for name in COLOURS for part in ("--concept", name)]
    run(
        ["label", str(coloured), "--csv", str(tmp_path / "cli.csv"), "--scores", "all"]
        + ["--model", str(tiny_model), *names]
    )
    assert (tmp_path / "window.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()


def test_an_export_that_fails_says_why_and_keeps_the_labels(opened, tmp_path):
    opened.menu("Auto-label all")
    said = opened.export(tmp_path / "no" / "such" / "o.csv")
    assert said.startswith("The CSV was not written.")
    assert "" not in opened.chips()


def test_keys_label_accept_take_back_and_skip_then_go_on(opened):
    opened.menu("Go to the pictures")
    first, second, third = opened.pictures()[:3]
    opened.select(first)
    opened.press("2")
    assert opened.state(first) == "decided by you: green"
    assert opened.review_state(first) == ReviewState.CORRECTED
    assert opened.current() == second
    opened.press("Return")
    assert opened.state(second) == "decided by you: blue"
    assert opened.review_state(second) == ReviewState.ACCEPTED
    opened.press("X")
    assert opened.state(third) == "skipped"
    assert opened.review_state(third) == ReviewState.SKIPPED
    opened.select(first)
    opened.press("Backspace")
    assert opened.state(first).startswith("suggested: blue")
    assert opened.review_state(first) == ReviewState.UNLABELLED


def test_digits_typed_into_the_name_box_label_nothing(opened):
    opened.menu("Type a name")
    opened.type("12 x")
    assert opened.typed == "12 x"
    assert opened.chips() == [""] * 6


def test_auto_label_never_touches_a_persons_label(opened):
    opened.select("blue/tall.jpg")
    opened.press("2")
    opened.menu("Select all")
    opened.menu("Auto-label the selected")
    assert opened.state("blue/tall.jpg") == "decided by you: green"
    assert opened.state("blue/wide.png").startswith("labelled automatically: blue")


def test_deleting_a_concept_takes_its_labels_and_undo_brings_both_back(opened):
    opened.menu("Auto-label all")
    before = opened.labels()
    opened.delete("red")
    opened.wait_until_read()
    assert "red" not in opened.chips()
    opened.menu("Undo")
    assert opened.labels() == before
    assert opened.names() == COLOURS


def test_a_new_concept_never_gets_the_key_of_a_deleted_one(opened):
    last = opened.project.concepts[-1].key
    opened.delete("blue")
    opened.add("white")
    assert opened.project.concepts[-1].key > last


def test_rename_colour_order_and_reject_are_undoable(opened):
    opened.rename("red", "scarlet | red")
    opened.colour("scarlet", "#123456")
    opened.move_down("scarlet")
    opened.move_down("scarlet")
    opened.reject("scarlet")
    assert opened.names() == ["green", "blue", "scarlet"]
    assert opened.project.concepts[2].is_reject
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert opened.labels()["red/wide.png"] == ""
    assert opened.tiles()["red/wide.png"].kind == TileKind.REJECTED
    for _ in range(6):
        opened.menu("Undo")
    assert opened.names() == COLOURS
    assert not opened.project.concepts[0].is_reject


def test_unreadable_files_are_listed_with_reasons_and_the_rest_goes_on(window, coloured):
    (coloured / "red" / "empty.jpg").touch()
    window.open(coloured, coloured / "missing.jpg")
    window.add(*COLOURS)
    window.wait_until_read()
    shown = window.unreadable()
    assert set(shown) == {"red/empty.jpg", "pictures/missing.jpg"}
    assert all(shown.values())
    kinds = [tile.kind for tile in window.tiles().values()]
    assert sorted(kinds, key=str) == [TileKind.SUGGESTED] * 6 + [TileKind.UNREADABLE]


def test_a_folder_without_pictures_is_said(window, tmp_path):
    (tmp_path / "nothing").mkdir()
    window.open(tmp_path / "nothing")
    window.wait_for_message("No new pictures")
    assert window.is_inviting


def test_a_model_that_cannot_be_used_is_said_and_the_window_stays(make_window, tmp_path):
    window = make_window(tmp_path / "no-model")
    window.wait_for_message("cannot be used")
    assert window.model_text == "No model"
    window.add("red")
    assert window.names() == ["red"]


@pytest.mark.usefixtures("slow_model")
def test_reading_can_be_stopped_and_goes_on_later(window, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    noise = Image.effect_noise((900, 900), 90).convert("RGB")
    for number in range(60):
        noise.save(folder / f"{number:03}.png", compress_level=0)
    window.open(folder)
    wait(lambda: window.is_reading)
    window.menu("Cancel reading")
    wait(lambda: not window.is_reading)
    assert window.project.images.waiting > 0
    assert "Cancelled" in window.status
    window.menu("Go on reading")
    window.wait_for_pictures(60)
    window.wait_until_nothing_waits()


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({"show": Show.UNREADABLE}, 0),
        ({"show": Show.UNLABELLED}, 0),
        ({"show": Show.TO_CHECK}, 6),
        ({"sort": Sort.LEAST_SURE}, 6),
        ({"only": "red"}, 2),
    ],
)
def test_views_show_what_they_say(opened, view, expected):
    opened.menu("Auto-label all")
    opened.look_at(**view)
    assert len(opened.pictures()) == expected


def test_light_and_dark_can_be_chosen(window):
    def lightness():
        return window.main.palette().color(QPalette.ColorRole.Window).lightness()

    window.menu("Dark")
    wait(lambda: lightness() < 100)
    window.menu("Light")
    wait(lambda: lightness() > 200)


def test_every_action_has_one_menu_entry_and_no_key_is_given_twice(window):
    entries = window.menu_entries()
    of_window, of_pictures = window.main.actions(), window.main.grid.actions()
    assert sorted(map(id, entries)) == sorted(map(id, of_window + of_pictures))
    assert len({action.text() for action in entries}) == len(entries)
    keys = [key.toString() for action in entries for key in action.shortcuts()]
    assert len(keys) > 20
    assert len(keys) == len(set(keys))


def test_the_window_can_be_small(window):
    window.main.resize(800, 500)
    assert window.main.width() <= 960


def test_escape_in_the_empty_name_box_goes_to_the_pictures(opened):
    opened.menu("Type a name")
    opened.type("half a na")
    opened.press("Escape")
    assert opened.typed == ""
    opened.press("Escape")
    assert opened.has_focus_on_pictures


@pytest.mark.parametrize(
    ("key", "is_left_to_the_window"), [("Ctrl+E", True), ("Ctrl+Z", True), ("Ctrl+V", False)]
)
def test_the_name_box_leaves_the_windows_keys_to_the_window(window, key, is_left_to_the_window):
    combination = QKeySequence(key)[0]
    event = QKeyEvent(
        QEvent.Type.ShortcutOverride, combination.key(), combination.keyboardModifiers()
    )
    event.ignore()
    window.menu("Type a name")
    QApplication.sendEvent(window.main.focusWidget(), event)
    assert event.isAccepted() != is_left_to_the_window


def test_auto_label_right_after_a_rename_waits_for_the_new_names(opened):
    opened.rename("red", "white")
    assert not opened.are_suggestions_current
    opened.menu("Auto-label all")
    assert opened.chips() == [""] * 6
    wait(lambda: any(opened.chips()))
    assert opened.are_suggestions_current
    names = {concept.key: concept.name for concept in opened.project.concepts}
    assert opened.chips() == [names[key] for key in opened.suggestions.suggested.tolist()]


def test_no_label_is_ever_of_a_concept_that_is_gone(opened):
    opened.delete("blue")
    opened.menu("Select all")
    opened.menu("Accept and go on")
    opened.add("black")
    opened.menu("Auto-label all")
    opened.wait_until_read()
    known = {concept.key for concept in opened.project.concepts}
    labels = opened.project.labels
    assert any(labels.members(row) for row in range(6))
    assert {key for row in range(6) for key in labels.members(row)} <= known


def test_an_export_asked_for_between_a_rename_and_its_undo_is_written(opened, tmp_path):
    opened.menu("Auto-label all")
    opened.rename("red", "white")
    opened.begin_export(tmp_path / "o.csv")
    opened.menu("Undo")
    opened.wait_for_message("written to")
    assert "red" in (tmp_path / "o.csv").read_text()


def test_a_scan_that_was_stopped_goes_on_where_it_was(window, tmp_path, monkeypatch):
    for number in range(1500):
        (tmp_path / f"{number:04}.png").touch()
    scan, scans = scanning.scan, []

    def scan_that_waits_to_be_stopped(paths, *, cancel):
        scans.append(paths)
        for batch in scan(paths, cancel=cancel):
            yield batch
            while len(scans) == 1 and not cancel.is_cancelled:
                time.sleep(0.005)

    monkeypatch.setattr(scanning, "scan", scan_that_waits_to_be_stopped)
    window.open(tmp_path)
    wait(window.pictures)
    window.menu("Cancel reading")
    wait(lambda: not window.is_looking_for_pictures)
    wait(lambda: "Cancelled" in window.status)
    assert len(window.pictures()) < 1500
    window.menu("Go on reading")
    window.wait_for_pictures(1500)
    window.wait_until_nothing_waits()


def test_dropping_the_same_folder_again_after_a_stop_goes_on_reading(window, coloured):
    window.open(coloured)
    window.wait_for_pictures(6)
    window.menu("Cancel reading")
    window.open(coloured)
    window.wait_until_nothing_waits()


def test_reading_that_was_cancelled_before_it_began_goes_on_with_the_next_drop(
    window, coloured, monkeypatch
):
    real, calls = reading.embed_with_cache, []

    def cancelled_first(*arguments, cancel, **more):
        calls.append(cancel)
        if len(calls) > 1:
            yield from real(*arguments, cancel=cancel, **more)
            return
        while not cancel.is_cancelled:
            time.sleep(0.01)
        raise CancelledError

    monkeypatch.setattr(reading, "embed_with_cache", cancelled_first)
    window.open(coloured)
    wait(lambda: bool(calls) and not window.is_looking_for_pictures)
    window.menu("Cancel reading")
    window.open(coloured)
    window.wait_until_nothing_waits()
    assert "stopped" not in window.message


def test_new_pictures_do_not_take_the_keys_away_from_what_has_them(opened, tmp_path):
    opened.look_at(sort=Sort.LEAST_SURE)
    opened.menu("Go to the pictures")
    Image.new("RGB", (30, 30), "red").save(tmp_path / "one-more.png")
    opened.open(tmp_path / "one-more.png")
    opened.wait_for_pictures(7)
    assert opened.has_focus_on_pictures


def test_a_reading_that_fails_says_so_and_can_go_on(window, coloured, monkeypatch):
    encoder = window.model.image
    encode = encoder.encode

    def broken(_batch, _cancel):
        raise ModelError("the graph fails")

    monkeypatch.setattr(encoder, "encode", broken)
    window.open(coloured)
    window.wait_for_message("the graph fails")
    wait(lambda: "not read" in window.status)
    monkeypatch.setattr(encoder, "encode", encode)
    window.menu("Go on reading")
    window.wait_until_nothing_waits()
    assert (window.project.images.states == ImageState.READY).all()


def test_what_the_model_sees_is_one_switch_in_the_menu_and_in_the_inspector(opened):
    opened.main.inspector.crop_toggled.emit(True)
    assert opened.menu_entry("What the model sees").isChecked()
    opened.menu("What the model sees")
    assert not opened.menu_entry("What the model sees").isChecked()


def test_only_one_look_is_chosen_and_it_is_remembered(make_window):
    first = make_window()
    first.menu("Dark")
    looks = ("As the system", "Light", "Dark")
    assert [first.menu_entry(look).isChecked() for look in looks] == [False, False, True]
    second = make_window()
    assert second.menu_entry("Dark").isChecked()
    second.menu("Light")


def test_an_unreadable_picture_gets_no_label(opened, coloured):
    (coloured / "zzz.jpg").touch()
    opened.open(coloured)
    wait(lambda: TileKind.UNREADABLE in [tile.kind for tile in opened.tiles().values()])
    opened.menu("Select all")
    opened.press("1")
    labels = opened.labels()
    assert labels.pop("pictures/zzz.jpg") == ""
    assert list(labels.values()) == ["red"] * 6
    assert "6 pictures changed" in opened.message
    assert "A file that cannot be read gets no label." in opened.message


def test_the_large_picture_is_never_the_thumbnail_inside_the_file(window, tmp_path):
    def shows(widget, colour):
        image = widget.grab().toImage().scaled(60, 60)
        seen = [image.pixelColor(x, y).getRgb()[:3] for x in range(60) for y in range(60)]
        return any(max(abs(a - b) for a, b in zip(colour, one, strict=True)) < 8 for one in seen)

    file = tmp_path / "phone.heic"
    file.write_bytes(heif(Item("own-640x480"), Item("inner-320x240")))
    window.open(file)
    wait(lambda: shows(window.main.grid, INNER[0]))
    window.menu("Select all")
    wait(lambda: shows(window.picture, OWN[0]))
    assert not shows(window.picture, INNER[0])


def test_a_filter_that_hides_all_says_so_and_leads_back(opened):
    opened.look_at(show=Show.CHECKED)
    assert opened.shows_nothing
    press_button(opened.main.nothing, "Show all pictures")
    assert opened.shows_pictures
    opened.menu("Go to the pictures")
    opened.press("1")
    assert opened.chips().count("red") == 1


def test_undo_goes_back_to_the_picture_it_changed(opened):
    third, fourth = opened.pictures()[2:4]
    opened.select(third)
    opened.press("1")
    assert opened.current() == fourth
    opened.menu("Undo")
    assert opened.current() == third


def test_sorting_begins_at_the_first_picture(opened):
    opened.select(5)
    opened.look_at(sort=Sort.LEAST_SURE)
    assert opened.current() == opened.pictures()[0]


def test_all_parts_of_the_window_turn_dark_together(opened):
    main = opened.main
    parts = (main.panel, main.grid, main.inspector, main.tools, main.status)
    window = QPalette.ColorRole.Window
    opened.menu("Dark")
    wait(lambda: all(p.palette().color(window).lightness() < 100 for p in parts))
    opened.menu("Light")
    wait(lambda: all(p.palette().color(window).lightness() > 200 for p in parts))


def test_one_name_alone_shows_no_percentage(window, coloured):
    window.open(coloured)
    window.add("red")
    window.wait_until_read()
    assert window.state("red/wide.png") == "suggested: red"
    window.add("blue")
    window.wait_until_read()
    assert "%" in window.state("red/wide.png")


def test_the_status_counts_what_is_shown_and_selected(opened):
    opened.menu("Select all")
    assert "6 selected" in opened.status
    opened.look_at(only="red")
    assert "2 of 6 pictures shown" in opened.status


@pytest.mark.usefixtures("slow_model")
def test_pictures_read_after_an_auto_labelling_are_offered_for_it(opened, coloured):
    for number in range(40):
        Image.new("RGB", (700, 700), (250, number, 0)).save(coloured / f"late{number:02}.png")
    opened.open(coloured)
    opened.wait_for_pictures(46)
    assert opened.project.images.waiting > 0
    opened.menu("Auto-label all")
    opened.wait_for_message("read since have no label", 20)
    opened.answer("Auto-label")
    assert opened.chips().count("red") >= 40


def test_a_name_longer_than_the_model_reads_is_said(window):
    window.add("red")
    window.add(" ".join(["very"] * 38) + " red")
    assert "longer than the model reads" in window.hint


def test_adding_a_folder_can_be_undone_and_done_again(opened):
    opened.menu("Auto-label all")
    labelled = opened.labels()
    opened.menu("Undo")
    opened.menu("Undo")
    assert opened.menu_entry("Redo").text() == "Redo add 6 pictures"
    assert not opened.shows_pictures
    assert opened.is_inviting
    opened.menu("Redo")
    opened.menu("Redo")
    assert opened.shows_pictures
    assert len(opened.pictures()) == 6
    opened.wait_until_read()
    assert opened.labels() == labelled


def test_the_least_probability_and_the_sentences_can_be_undone(opened):
    before, other = opened.sentence, opened.sentences[-1]
    assert other != before
    opened.set_minimum(40)
    opened.read_as(other)
    assert opened.sentence == opened.project.settings.template_set.title == other
    assert opened.menu_entry("Undo").text() == f"Undo read as “{other[:30]}”"
    opened.menu("Undo")
    assert opened.sentence == before
    assert opened.menu_entry("Undo").text() == "Undo at least 40%"
    opened.menu("Undo")
    assert opened.minimum_box.value() == 0
    assert opened.project.settings.minimum == 0
