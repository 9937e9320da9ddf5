"""Labels in the window: by keys, automatically, taken back."""

from functools import partial

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from nameplate.domain.labels import ReviewState
from nameplate.ui.tiles.model import TileKind
from qt_help import wait


def test_auto_label_labels_every_picture_rightly_and_can_be_undone(opened):
    opened.menu("Auto-label all")
    assert len(opened.labels()) == 6
    assert all(path.split("/")[0] == label for path, label in opened.labels().items())
    assert "6 pictures labelled" in opened.message
    opened.menu("Undo")
    assert opened.chips() == [""] * 6
    assert opened.message == ""  # it was about what was undone
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
    opened.menu("Accept")
    opened.add("black")
    opened.menu("Auto-label all")
    opened.wait_until_read()
    known = {concept.key for concept in opened.project.concepts}
    labels = opened.project.labels
    assert any(labels.members(row) for row in range(6))
    assert {key for row in range(6) for key in labels.members(row)} <= known


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
    assert "Unreadable files get no label." in opened.message


def test_after_a_decision_pictures_that_cannot_be_read_are_passed_over(opened):
    first, *lost, next_one, last = opened.pictures()
    for picture in lost:
        opened.lose(picture)
    opened.select(first)
    opened.press("1", "2")
    assert opened.labels()[next_one] == "green"
    assert opened.current() == last


def test_a_key_on_a_picture_that_cannot_be_read_says_why_it_decides_nothing(opened):
    first, second = opened.pictures()[:2]
    opened.lose(first)
    for key in ("1", "X", "Return"):
        opened.main.messages.clear()
        opened.select(first)
        opened.press(key)
        assert opened.message == "Unreadable files get no label."
        assert not opened.labels()[first]
        assert opened.current() == second


def test_a_file_that_turns_out_unreadable_after_it_was_labelled_has_no_label(
    opened, coloured, tmp_path, monkeypatch
):
    opened.menu("Cancel reading")
    (coloured / "zzz.jpg").write_text("not a picture")
    reading = opened.main.reading
    monkeypatch.setattr(type(reading), "_read_waiting", lambda _self: None)
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.menu("Select all")
    opened.press("1")
    assert "7 pictures changed" in opened.message
    wait(lambda: opened.checked.startswith("7 of 7"))
    assert opened.end_message == ""  # the last was not read, and may turn out to be no picture
    monkeypatch.undo()
    opened.menu("Go on reading")
    wait(lambda: TileKind.UNREADABLE in [tile.kind for tile in opened.tiles().values()])
    red = opened.project.concepts[0]
    assert opened.project.counts.by_concept()[red.key] == 6
    wait(lambda: opened.checked.startswith("6 of"))
    assert "All 6 readable pictures are checked" in opened.end_message
    opened.export(tmp_path / "labels.csv", csv_columns="All columns")
    rows = (tmp_path / "labels.csv").read_text().splitlines()
    assert next(row for row in rows if row.startswith("zzz.jpg")).startswith("zzz.jpg,,")


def test_enter_on_what_a_person_decided_changes_nothing_and_goes_on(opened):
    first, second = opened.pictures()[:2]
    opened.select(first)
    other = next(n for n in opened.names() if n not in opened.state(first))
    opened.name_by_key(other)
    assert opened.review_state(first) == ReviewState.CORRECTED
    steps = len(opened.project.history.done)
    opened.select(first)
    opened.press("Return")
    assert opened.current() == second
    assert opened.review_state(first) == ReviewState.CORRECTED
    assert len(opened.project.history.done) == steps


@pytest.mark.parametrize("by_key", [False, True])
def test_after_a_button_of_a_message_is_pressed_keys_are_for_the_pictures_again(opened, by_key):
    opened.press_on_pictures("Ctrl+A", "1")
    undo = next(b for b in opened.main.messages.findChildren(QPushButton) if b.text() == "Undo")
    if by_key:
        undo.setFocus(Qt.FocusReason.TabFocusReason)
        opened.press("Space")
    else:  # the mouse answers nothing that has only just appeared
        click = partial(QTest.mouseClick, undo, Qt.MouseButton.LeftButton)
        wait(lambda: click() or set(opened.chips()) == {""})
    assert set(opened.chips()) == {""}
    assert opened.has_focus_on_pictures


def test_undo_goes_back_to_the_picture_it_changed(opened):
    third, fourth = opened.pictures()[2:4]
    opened.select(third)
    opened.press("1")
    assert opened.current() == fourth
    opened.menu("Undo")
    assert opened.current() == third


@pytest.mark.usefixtures("slow_model")
def test_pictures_read_after_an_auto_labelling_are_offered_for_it(opened, coloured):
    for number in range(40):
        Image.new("RGB", (700, 700), (250, number, 0)).save(coloured / f"late{number:02}.png")
    opened.open(coloured)
    opened.wait_for_pictures(46)
    assert opened.project.images.waiting > 0
    opened.menu("Auto-label all")
    opened.wait_for_message("read since then have no label", 20)
    opened.answer("Auto-label")
    assert opened.chips().count("red") >= 40


def test_a_picture_has_several_labels_where_that_is_chosen_and_keys_add_and_take_off(opened):
    opened.menu("Several labels per picture")
    assert opened.minimum_box.value() == 50
    assert "Auto-label now labels only above 50%" in opened.message
    opened.wait_until_read()
    opened.select("blue/tall.jpg")
    opened.press("1", "3")
    assert opened.current() == "blue/tall.jpg"
    assert opened.labels()["blue/tall.jpg"] == "red, blue"
    opened.press("1")
    assert opened.labels()["blue/tall.jpg"] == "blue"
    opened.menu("Undo label")
    assert opened.labels()["blue/tall.jpg"] == "red, blue"
    opened.menu("Several labels per picture")
    assert not opened.menu_entry("Several labels per picture").isChecked()
    assert "Auto-label now labels at any probability" in opened.message
    opened.wait_until_read()
    assert opened.labels()["blue/tall.jpg"] == "red, blue"
    opened.press("2")
    assert opened.labels()["blue/tall.jpg"] == "green"


def test_auto_labelling_says_what_labels_it_would_take_off_before_and_after(opened):
    opened.add("grey", "black", "white")
    opened.wait_until_read()
    opened.menu("Auto-label all")
    assert opened.message == "6 pictures labelled."
    weak = opened.suggestions.probability < 0.99
    count = int(np.count_nonzero(weak))
    assert count > 0
    opened.set_minimum(99)
    before = opened.labels()
    opened.menu("Auto-label all")
    assert f"Auto-label? {count} picture" in opened.message
    assert opened.labels() == before
    opened.answer("Auto-label")
    assert f"{count} cleared (less than 99%)" in opened.message
    assert "0 pictures labelled" not in opened.message
    assert opened.chips().count("") == count
    opened.answer("Undo")
    assert opened.labels() == before


def test_auto_labelling_says_that_it_labels_what_a_filter_hides_too(opened):
    opened.look_at("tall")
    shown = len(opened.pictures())
    opened.menu("Auto-label all")
    assert opened.message == f"6 pictures labelled. Of all 6 pictures, not only the {shown} shown."
    opened.menu("Undo")
    opened.menu("Select all")
    opened.menu("Auto-label the selected")
    assert opened.message == f"{shown} pictures labelled."


def test_what_undo_brings_back_is_shown_again_under_a_filter(opened):
    opened.menu("Auto-label all")
    opened.look_at("name:red")
    shown = opened.pictures()
    assert shown
    opened.menu("Select all")
    opened.menu("Remove the label")
    opened.menu("Undo")
    assert opened.pictures() == shown
    assert set(opened.chips()) == {"red"}


def test_a_problem_is_not_swallowed_by_labels(opened):
    opened.main.messages.warn("The disk is full.")
    opened.menu("Auto-label all")
    assert "6 pictures labelled" in opened.message
    opened.menu("Undo")
    assert opened.message == "The disk is full."


def test_a_message_about_names_that_are_read_goes_when_they_are(opened):
    opened.rename("red", "white")
    opened.menu("Accept")
    assert "Reading the new names" in opened.message
    wait(lambda: opened.are_suggestions_current)
    assert opened.message == ""


def test_before_there_is_a_name_nothing_is_decided_and_it_is_said(window, coloured):
    window.open(coloured)
    window.wait_until_read()
    window.select(window.pictures()[0])
    window.menu("Go to the pictures")
    window.press("Return")
    assert "No names yet" in window.message
    window.menu("Skip")
    assert "No names yet" in window.message
    assert not window.offers("Auto-label all")
    assert window.menu_entry("Undo").text() == "Undo add 6 pictures"
