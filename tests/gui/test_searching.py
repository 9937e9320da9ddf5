"""Searching: pictures in the order of how much they are like a sentence or other pictures."""

from pathlib import Path, PurePath

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nameplate.domain.embeddings import unit
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.views import Sort, View
from nameplate.pipeline.search.rules import query_of
from nameplate.ui.search.searching import chosen_files
from qt_help import drop_on, press_button, wait
from tiny_model import build_tiny_model


def search(window, line):
    window.filter_by(line)
    window.wait_until_arranged()


def expected_order(window, query):
    """Return the pictures by their cosines with `query`."""
    scores = window.project.images.embeddings @ query
    names = [Path(path) for path in window.project.images.paths]
    order = np.argsort(-scores, kind="stable")
    return [f"{names[row].parent.name}/{names[row].name}" for row in order.tolist()]


def text_vectors(window, *texts):
    return window.main.model_in_use.model.text.encode(texts)


def test_a_sentence_puts_the_pictures_that_are_most_like_it_first(opened):
    search(opened, "like:a red car")
    query = text_vectors(opened, "a red car")[0]
    assert opened.pictures() == expected_order(opened, query)
    assert opened.conditions == ["Like “a red car”"]
    assert opened.order == "Similarity"
    assert opened.current() == opened.pictures()[0]
    assert opened.has_focus_on_pictures
    first = float((opened.project.images.embeddings @ query).max())
    assert opened.similarity_of(opened.pictures()[0]) == pytest.approx(first, abs=0.006)


def test_what_is_searched_for_combines_with_its_opposite_and_with_other_conditions(opened):
    search(opened, "like:red like:tall -like:green -name:blue")
    vectors = text_vectors(opened, "red", "tall", "green")
    blocks = opened.project.images.blocks()
    wanted = expected_order(opened, query_of(vectors[:2], vectors[2:], blocks))
    assert opened.pictures() == [one for one in wanted if not one.startswith("blue")]
    assert opened.conditions == [
        "Like “red”", "Like “tall”", "Less like “green”", "Not: Name: blue"
    ]  # fmt: skip


def test_another_order_can_be_chosen_and_that_of_before_comes_back_with_the_last_condition(opened):
    opened.look_at(sort=Sort.NAME, is_falling=True)
    before = opened.pictures()
    search(opened, "like:red")
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "red")[0])
    press_button(opened.main.filtering.chips, opened.conditions[0])
    assert (opened.order, opened.pictures()) == ("File name", before)
    search(opened, "like:red")
    opened.look_at("like:red", sort=Sort.NAME)
    assert opened.conditions == ["Like “red”"]
    assert opened.pictures() == before[::-1]


def test_more_and_less_like_the_selected_pictures(opened):
    opened.select("red/tall.jpg")
    opened.press("Shift+Right")
    rows = opened.main.grid.selected_image_rows()
    opened.press("L")
    opened.wait_until_arranged()
    middle = unit(opened.project.images.embeddings[rows].mean(axis=0))
    assert len(rows) == 2
    assert opened.pictures() == expected_order(opened, middle)
    assert opened.conditions == ["Like 2 pictures"]
    assert opened.filter_line.text() == ""
    search(opened, "is:undecided")  # what is typed comes to it
    assert opened.conditions == ["Like 2 pictures", "Undecided"]
    opened.select("green/tall.jpg")
    opened.press("Shift+L")
    opened.wait_until_arranged()
    assert opened.conditions == ["Like 2 pictures", "Undecided", "Less like 1 picture"]
    assert opened.pictures()[-1] == "green/tall.jpg"
    opened.press("Ctrl+Shift+F")
    assert (opened.conditions, opened.order) == ([], "As added")


def test_a_dropped_or_pasted_file_is_searched_for_and_not_added(opened, tmp_path):
    file = tmp_path / "elsewhere.png"
    Image.new("RGB", (40, 30), (250, 10, 10)).save(file)
    drop_on(opened.main.tools.filter, file)
    opened.wait_until_arranged()
    assert opened.conditions == ["Like the file elsewhere.png"]
    assert opened.pictures()[0].startswith("red")
    assert len(opened.project.images) == 6
    # What is wrong with one is said, and the other counts.
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drop_on(opened.main.tools.filter, broken, file)
    opened.wait_for_message("broken.png")
    assert opened.conditions == ["Like the file broken.png", "Like the file elsewhere.png"]
    assert opened.pictures()[0].startswith("red")


def test_a_pasted_picture_is_searched_for_and_kept_for_saved_views(opened):
    image = QImage(3000, 200, QImage.Format.Format_RGB32)
    image.fill(0xFF00FF00)
    data = QMimeData()
    data.setImageData(image)
    QGuiApplication.clipboard().setMimeData(data)
    opened.press("Ctrl+F", "Ctrl+V")
    wait(lambda: opened.conditions)
    opened.wait_until_arranged()
    assert opened.pictures()[0].startswith("green")
    (term,) = opened.main.arrangement.view.filter.terms
    with Image.open(term.condition.target) as kept:
        assert kept.size == (1024, 68)


def test_a_saved_view_searches_again_also_in_another_session(opened, make_window, tmp_path):
    search(opened, 'like:"a red car" -name:blue')
    found = opened.pictures()
    opened.menu("Save this view…")
    opened.type("Red cars")
    opened.press("Return")
    opened.save_as(tmp_path / "p.nameplate")
    opened.close()
    again = make_window()
    again.wait_until_loaded()
    again.open_project(tmp_path / "p.nameplate")  # as it was left
    again.wait_until_read()
    wait(lambda: again.pictures() == found)
    again.menu("Clear the filter")
    again.choose_in_filter_menu("Red cars")
    again.wait_until_arranged()
    assert (again.pictures(), again.order) == (found, "Similarity")


def test_only_the_search_that_was_typed_last_is_shown(opened):
    arrangement = opened.main.arrangement
    for text in ("red", "green", "blue"):
        arrangement.set_filter(Filter.of(Like(text)))
        assert arrangement.is_coming
    opened.wait_until_arranged()
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "blue")[0])
    QTest.qWait(50)
    assert opened.main.owner.similarity.asked == (Term(Like("blue")),)


def test_what_cannot_be_searched_for_is_said_and_nothing_waits(opened):
    gone = Filter.of(Like(ImageIds(((7000, 7001),))))
    opened.main.arrangement.set_view(View(Sort.LIKENESS, is_falling=True, filter=gone))
    opened.wait_for_message("were removed from the project")
    opened.wait_until_arranged()
    assert len(opened.pictures()) == 6
    opened.main.arrangement.set_filter(Filter())
    assert opened.main.messages.is_quiet


def test_pictures_that_are_read_later_come_to_the_order(window, coloured):
    window.main.activateWindow()
    search(window, "like:red")
    window.open(coloured)
    window.wait_until_read()
    wait(lambda: window.pictures() == expected_order(window, text_vectors(window, "red")[0]))


def test_another_model_searches_anew(opened, tmp_path):
    search(opened, "like:red")
    opened.use(build_tiny_model(tmp_path / "other", seed=3, dim=24, size=48, model_id="other"))
    wait(lambda: opened.similarity_of(opened.pictures()[0]) is not None)
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "red")[0])


def test_a_file_that_only_a_project_names_is_not_read_before_the_person_agrees(opened, tmp_path):
    file = tmp_path / "of a stranger.png"
    Image.new("RGB", (40, 30), (0, 0, 250)).save(file)
    opened.main.arrangement.set_filter(Filter.of(Like(PurePath(file)), Like("red")))
    opened.wait_for_message("of a stranger.png")
    opened.wait_until_arranged()
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "red")[0])
    alone = opened.pictures()
    opened.answer("Read it")
    wait(lambda: opened.pictures() != alone)
    assert opened.message == ""
    # It is known from now on.
    opened.press("Ctrl+Shift+F")
    opened.main.arrangement.set_filter(Filter.of(Like(PurePath(file))))
    opened.wait_until_arranged()
    assert (opened.message, opened.pictures()[0][:4]) == ("", "blue")
    assert file in chosen_files()


def test_what_is_no_picture_file_is_not_waited_for_even_if_the_person_agrees(opened):
    for path in ("/dev/zero", "https://h/a.jpg", "../a.jpg", "/a\0b.jpg", "//h/share/a.jpg"):
        opened.main.owner.let_read([PurePath(path)])
        opened.main.arrangement.set_filter(Filter.of(Like(PurePath(path))))
        opened.wait_until_arranged()
        assert len(opened.pictures()) == 6, path
        assert opened.message, path
        opened.menu("Clear the filter")
        opened.wait_until_arranged()
        assert not opened.message, path


def test_what_is_asked_for_before_there_is_a_model_is_searched_for_when_there_is_one(
    make_window, coloured, tmp_path, tiny_model
):
    window = make_window(tmp_path / "no model")
    wait(lambda: not window.main.model_in_use.is_loading)
    window.open(coloured)
    window.wait_for_pictures(6)
    search(window, "like:red")
    assert "no model to search with" in window.message
    assert len(window.pictures()) == 6
    window.use(tiny_model)
    window.wait_until_nothing_waits()
    wait(lambda: window.pictures() == expected_order(window, text_vectors(window, "red")[0]))


def test_a_sentence_of_which_the_model_knows_no_word_is_said_and_left_out(opened, monkeypatch):
    tokenizer = opened.main.model_in_use.model.text.tokenizer
    monkeypatch.setattr(type(tokenizer), "knows_nothing_of", lambda _, text: text == "xq")
    search(opened, "like:xq like:red")
    assert "knows no word of “xq”" in opened.message
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "red")[0])


def test_a_search_that_fails_is_said_and_the_pictures_stay(opened, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError("out of luck")

    monkeypatch.setattr("nameplate.pipeline.search.scoring.scores_of", fail)
    before = opened.pictures()
    search(opened, "like:red")
    opened.wait_for_message("The search failed")
    assert opened.pictures() == before
    monkeypatch.undo()
    search(opened, "like:blue")
    assert opened.pictures() == expected_order(opened, text_vectors(opened, "blue")[0])


def test_pictures_shown_alone_give_the_whole_view_back(opened):
    pictures = opened.main.workbenches["search"].pictures
    opened.look_at(sort=Sort.NAME, is_falling=True)
    before = opened.pictures()
    search(opened, "like:red")
    found = opened.pictures()
    pictures.show_only(opened.project.images.ids[:2], lambda: None)
    opened.wait_until_arranged()
    assert len(opened.pictures()) == 2
    pictures.show_all()
    opened.wait_until_arranged()
    assert (opened.pictures(), opened.order) == (found, "Similarity")
    opened.look_at("like:red", sort=Sort.NAME)
    pictures.show_only(opened.project.images.ids[:2], lambda: None)
    pictures.show_all()
    opened.wait_until_arranged()
    assert opened.order == "File name"
    opened.press("Ctrl+Shift+F")
    opened.turn_round()
    assert opened.pictures() == before


def test_the_inspector_says_how_much_the_picture_is_like_what_is_searched_for(opened):
    search(opened, "like:a red car")
    first = opened.similarity_of(opened.current())
    assert f"Similarity {first:.2f}" in opened.inspected()
    opened.press("Ctrl+Shift+F")
    assert not [text for text in opened.inspected() if text.startswith("Similarity")]


def test_paste_in_the_menu_of_the_line_searches_with_a_picture_too(opened):
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.fill(0xFF0000FF)
    data = QMimeData()
    data.setImageData(image)
    QGuiApplication.clipboard().setMimeData(data)
    opened.filter_line.setFocus()
    place = opened.filter_line.rect().center()
    there = opened.filter_line.mapToGlobal(place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, there)
    QApplication.sendEvent(opened.filter_line, event)
    (menu,) = opened.filter_line.findChildren(QMenu)
    next(one for one in menu.actions() if "Paste" in one.text()).trigger()
    menu.close()
    wait(lambda: opened.conditions)
    opened.wait_until_arranged()
    assert opened.pictures()[0].startswith("blue")
