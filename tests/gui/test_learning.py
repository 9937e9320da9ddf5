"""What is suggested follows what a person decides, beside their work."""

import csv
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtTest import QTest

from drivers.learning import learning_says, press
from grey_pictures import GREYS, REDS, draw_greys
from nameplate.cli.main import run
from nameplate.domain.filtering.views import Sort
from nameplate.domain.labels import DecidedBy
from nameplate.domain.stacks import STACKS, Stacks, no_stacks
from nameplate.pipeline.learning import fitter, learning
from nameplate.ui.jobs import fitting
from nameplate.ui.pages import pages
from qt_help import wait
from window_driver import WindowDriver
from window_fixtures import read_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty grey pictures, which the model has no name for here, and thirty red ones."""
    return draw_greys(tmp_path / "greys")


@pytest.fixture
def greys(window: WindowDriver, folder: Path) -> WindowDriver:
    """The window with these pictures, read and scored with the names red, black and green."""
    return read_in(window, folder, "red", "black", "green")


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many decisions were learned from, each time that it was learned."""
    learn, counts = fitter.learn, list[int]()

    def counted(names, decisions, *more):
        counts.append(len(decisions))
        return learn(names, decisions, *more)

    monkeypatch.setattr(fitter, "learn", counted)
    return counts


@pytest.fixture
def asked(window: WindowDriver) -> list[None]:
    """How often stacks were looked for since the window is there; they are not found."""
    times = list[None]()
    window.main.owner.derived.find_by(STACKS, lambda: times.append(None))
    return times


def decide(window: WindowDriver, key: str, *lines: str) -> None:
    """Label all pictures whose path has a text, as a step for each text."""
    for line in lines:
        window.look_at(line)
        window.wait_until_arranged()
        window.press_on_pictures("Ctrl+A", key)
    window.look_at("")
    window.wait_until_read()


def teach(window: WindowDriver) -> None:
    """Decide that half of the greys are black, and half of the reds red."""
    decide(window, "2", "grey/g0", "grey/g1", "grey/g2")
    decide(window, "1", "red/r0", "red/r1")


def suggested(window: WindowDriver, start: str) -> set[str]:
    """Return what the undecided pictures are suggested as whose names begin so."""
    tiles = window.tiles().items()
    return {t.label for name, t in tiles if name.split("/")[1].startswith(start)}


def test_after_decisions_of_a_kind_the_rest_is_suggested_so_and_undo_takes_it_back(greys):
    before = suggested(greys, "g3")
    assert "black" not in before
    assert learning_says(greys) == ""
    teach(greys)
    assert suggested(greys, "g3") | suggested(greys, "g5") == {"black"}
    assert suggested(greys, "r2") == {"red"}
    assert learning_says(greys).startswith("It has learned from you")
    for _ in range(5):
        greys.menu("Undo")
    greys.wait_until_read()
    assert suggested(greys, "g3") == before
    assert learning_says(greys) == ""
    for _ in range(5):
        greys.menu("Redo")
    greys.wait_until_read()
    assert suggested(greys, "g3") == {"black"}


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_page_that_was_left_shows_what_is_suggested_when_it_is_shown_again(greys, is_marked):
    greys.begin_pages()
    while greys.page_name in ("", "black"):
        greys.press("Tab")
    before, name = greys.page, greys.page_name
    assert any(one.startswith("grey/") for one in before)
    marked = next(one for one in before if one.startswith("grey/g5"))
    if is_marked:
        greys.point_at(marked)
        greys.press("X")
    greys.press("Escape")
    teach(greys)
    greys.press_on_pictures("T")
    wait(lambda: greys.page and greys.page != before)
    wrong = [one for one in greys.page if suggested(greys, one.split("/")[1]) != {greys.page_name}]
    assert wrong == ([marked] if is_marked else [])
    assert not is_marked or greys.page_name == name


def test_pages_of_names_that_were_passed_over_come_first(greys):
    decide(greys, "2", *(f"grey/g{n}" for n in range(4)))
    decide(greys, "3", "grey/g40")
    assert learning_says(greys) == ""
    assert "black" not in suggested(greys, "g5")
    greys.begin_pages()
    assert greys.page_name == "red"
    assert all(one.startswith("red/") for one in greys.page)
    greys.turn_page()
    greys.wait_until_read()
    assert greys.labels()["red/r00.png"] == "red"
    assert not greys.page or greys.page_name != "red"


def test_switched_off_the_names_alone_suggest_and_switched_on_again_all_is_as_it_was(greys):
    before = suggested(greys, "g3")
    teach(greys)
    greys.menu("Learn from your labels")
    greys.wait_until_read()
    assert suggested(greys, "g3") == before
    assert learning_says(greys) == "Learning is off"
    assert not greys.menu_entry("Learn from your labels").isChecked()
    greys.menu("Undo turn learning off")
    greys.wait_until_read()
    assert suggested(greys, "g3") == {"black"}
    greys.menu("Learn from your labels")
    greys.wait_until_read()
    assert suggested(greys, "g3") == before
    press(greys, "Turn on")
    greys.wait_until_read()
    assert suggested(greys, "g3") == {"black"}


def test_without_decisions_nothing_is_learned_at_all_and_of_too_few_nothing_is_said(greys, fits):
    greys.menu("Auto-label all")
    greys.add("white")
    greys.wait_until_read()
    assert fits == []
    greys.select("grey/g00.png")
    greys.press_on_pictures("2")
    greys.wait_until_read()
    assert learning_says(greys) == ""
    assert "black" not in suggested(greys, "g3")


def test_directions_are_found_once_and_before_anything_is_decided(window, folder, monkeypatch):
    found, axes = list[int](), learning.principal_axes
    monkeypatch.setattr(
        learning, "principal_axes", lambda sample: found.append(len(sample)) or axes(sample)
    )
    read_in(window, folder, "red", "black", "green")
    wait(lambda: found)
    assert not window.main.jobs.is_running("fit")
    teach(window)
    window.press("Ctrl+Z")
    window.wait_until_read()
    assert found == [90]


def test_nothing_is_learned_anew_while_no_decision_has_changed(greys, fits):
    teach(greys)
    known = len(fits)
    assert fits[-1] == 50
    greys.menu("Auto-label all")
    greys.set_minimum(10)
    greys.menu("Undo")
    greys.menu("Undo")
    greys.wait_until_read()
    greys.look_at("is:unlabelled", sort=Sort.MARGIN)
    greys.wait_until_arranged()
    greys.wait_until_read()
    assert len(fits) == known


def test_a_page_on_which_nothing_was_said_is_made_anew_when_something_else_was_learned(greys):
    greys.show(1024, 700)  # a larger page would teach that many greys are green
    greys.begin_pages()
    shown = greys.page
    teach_by_rows(greys, range(30), 2)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    assert suggested(greys, "g5") == {"black"}
    wait(lambda: greys.page != shown)
    steps, pointed = len(greys.project.history.done), greys.pages.view.current
    greys.press("X", "Delete", "Return")  # meant for the page that was there
    greys.let_work()
    assert len(greys.project.history.done) == steps
    assert greys.pages.view.current == pointed
    assert greys.contradictions() == {}
    label = {greys.tiles()[name].label for name in greys.page}
    assert label == {greys.page_name}


def test_a_page_is_not_replaced_while_its_menu_is_open(greys):
    greys.show(1024, 700)
    greys.begin_pages()
    shown = greys.page
    greys.press("Menu")
    teach_by_rows(greys, range(30), 2)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    QTest.qWait(300)  # another page would have come
    assert greys.contradictions() == {}
    assert greys.page == shown
    greys.main.picture_menu.menu.close()
    wait(lambda: greys.page != shown)


def test_a_picked_name_is_for_its_picture_also_where_another_page_came(greys):
    greys.show(1024, 700)
    greys.begin_pages()
    shown = greys.page
    picture = next(one for one in shown if one < "grey/g30")
    greys.point_at(picture)
    greys.press("/")
    greys.type("red")
    teach_by_rows(greys, range(30), 2)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    wait(lambda: greys.page and picture not in greys.page)
    greys.press("Return")
    assert greys.labels()[picture] == "red"


def test_on_a_page_that_was_begun_what_is_suggested_otherwise_says_so_and_is_left_undecided(greys):
    greys.show(1024, 700)
    greys.begin_pages()
    while greys.page_name == "black":
        greys.press("Tab")
    shown, name = greys.page, greys.page_name
    marked, *rest = [one for one in shown if one.startswith("grey/") and one > "grey/g30"]
    greys.click_on_page(marked)
    teach_by_rows(greys, range(30), 2)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    assert suggested(greys, "g5") == {"black"}
    wait(lambda: greys.on_page()[rest[0]] == "now suggested: black")
    assert greys.page == shown
    assert greys.on_page()[marked] == f"wrong, not {name}"
    assert greys.contradictions() == {}
    assert "with a new suggestion" in greys.page_text
    kept = rest[1]
    greys.point_at(kept)
    greys.name_by_key(name)
    assert greys.on_page()[kept] == f"decided: {name}"
    greys.turn_page()
    greys.wait_until_read()
    assert greys.labels()[kept] == name
    assert not greys.labels().get(rest[0])


@pytest.fixture
def slow_to_learn(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that makes each fit take so many seconds longer."""
    learn, longer = fitter.learn, [0.0]

    def slowly(*args):
        time.sleep(longer[0])
        return learn(*args)

    monkeypatch.setattr(fitter, "learn", slowly)
    return lambda seconds: longer.__setitem__(0, seconds)


def test_the_page_after_is_of_what_was_learned_from_the_one_before(
    greys, slow_to_learn, monkeypatch
):
    monkeypatch.setattr(pages, "_LEARN_MS", 60_000)  # on a busy machine nothing is quick
    monkeypatch.setattr(fitting, "_QUICK_S", 60)
    slow_to_learn(0.05)
    teach_by_rows(greys, range(10), 2)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    greys.look_at("grey/")
    greys.wait_until_arranged()
    greys.begin_pages()
    assert greys.page_name != "black"
    greys.press("Ctrl+A", "2")
    greys.turn_page()
    assert greys.page_name == "black"
    assert suggested(greys, "g") == {"black"}
    assert learning_says(greys).startswith("It has learned from you")


def test_names_alone_replace_no_page_while_learning_with_a_new_name_is_due(greys, slow_to_learn):
    greys.show(1024, 700)
    teach(greys)
    greys.begin_pages()
    before = greys.page
    assert greys.page_name == "black"
    slow_to_learn(1)
    greys.add("white")
    wait(lambda: "black" not in suggested(greys, "g5"))  # by names alone
    QTest.qWait(300)  # another page would have come
    assert greys.is_scoring
    assert greys.page == before
    greys.wait_until_read()
    assert suggested(greys, "g5") == {"black"}
    assert greys.page == before


def test_the_first_page_waits_for_what_is_being_learned(greys, slow_to_learn, monkeypatch):
    monkeypatch.setattr(pages, "_LEARN_MS", 60_000)  # on a busy machine nothing is quick
    greys.delete("black")
    greys.wait_until_read()
    red, green = (concept.key for concept in greys.project.concepts)
    slow_to_learn(2)
    greys.main.labelling.label(green, np.arange(10, GREYS))
    greys.main.labelling.label(red, np.arange(GREYS, GREYS + 20))
    greys.begin_pages()
    assert not greys.is_scoring


def test_a_page_does_not_wait_long_for_what_is_learned(greys, slow_to_learn):
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    greys.look_at("grey/")
    greys.wait_until_arranged()
    greys.begin_pages()
    slow_to_learn(4)
    greys.press("Ctrl+A", "2")
    greys.turn_page()
    assert greys.is_scoring
    assert greys.page


def test_undo_while_the_next_page_is_waited_for_shows_the_page_again(greys, slow_to_learn):
    slow_to_learn(0.3)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    greys.begin_pages()
    before = greys.page
    wait(lambda: greys.is_page_seen)
    greys.press("Ctrl+A", "2", "Return")
    wait(lambda: greys.is_scoring)
    greys.menu("Undo")
    assert greys.page == before
    greys.wait_until_read()
    greys.let_work()
    assert greys.page == before
    assert set(greys.on_page().values()) == {"named: black"}


def test_keys_do_nothing_while_the_next_page_is_waited_for(greys, slow_to_learn, monkeypatch):
    monkeypatch.setattr(pages, "_LEARN_MS", 60_000)  # on a busy machine nothing is quick
    monkeypatch.setattr(fitting, "_QUICK_S", 60)
    slow_to_learn(0.5)
    teach_by_rows(greys, range(GREYS, GREYS + 20), 1)
    greys.begin_pages()
    wait(lambda: greys.is_page_seen)
    greys.press("Ctrl+A", "2", "Return")
    history = greys.project.history
    wait(lambda: history.done[-1].title.code == "page")
    steps = len(history.done)
    greys.press("X", "1", "Ctrl+Del", "Space", "Escape")
    assert greys.is_scoring
    assert len(history.done) == steps
    greys.wait_until_read()
    wait(lambda: greys.page and greys.is_page_seen)


def teach_by_rows(window: WindowDriver, rows: range, key: int) -> None:
    """Let these pictures be decided, ten at once, by something else than the page that is shown."""
    concept = window.project.concepts[key - 1].key
    for start in rows[::10]:
        window.main.labelling.label(concept, np.arange(start, start + 10))
        window.wait_until_read()


def test_a_fit_that_fails_leaves_the_names_in_force_and_is_said(greys, monkeypatch):
    teach(greys)
    assert suggested(greys, "g3") == {"black"}

    def fail(*_):
        raise FloatingPointError("overflow")

    monkeypatch.setattr(fitter, "learn", fail)
    greys.select("grey/g59.png")
    greys.press_on_pictures("2")
    greys.wait_until_read()
    assert "black" not in suggested(greys, "g3")
    said = "Names only: learning failed (overflow)"
    assert learning_says(greys) == said


def test_auto_labelling_right_after_decisions_waits_for_what_is_learned_from_them(greys):
    decide(greys, "2", "grey/g0", "grey/g1", "grey/g2")
    decide(greys, "1", "red/r0")
    greys.look_at("red/r1")
    greys.wait_until_arranged()
    greys.press_on_pictures("Ctrl+A", "1")
    greys.look_at("")
    greys.menu("Auto-label all")
    wait(lambda: all(greys.labels().values()))
    assert greys.labels()["grey/g45.png"] == "black"
    assert greys.state("grey/g45.png").startswith("labelled by learning: black")
    by = greys.project.labels.decided_by
    assert np.count_nonzero(by == DecidedBy.PERSON) == 50
    assert np.count_nonzero(by == DecidedBy.PROBE) == GREYS + REDS - 50
    greys.look_at("by:probe")
    assert len(greys.pictures()) == GREYS + REDS - 50


def test_labels_given_before_stay_and_it_is_offered_to_bring_them_up_to_date(greys):
    greys.menu("Auto-label all")
    before = greys.labels()["grey/g45.png"]
    greys.main.messages.clear()
    teach(greys)
    assert greys.labels()["grey/g45.png"] == before
    greys.main.messages.clear()
    offers(greys, "grey/g3", "2")
    assert "20 automatic labels would change" in greys.message
    greys.answer("Auto-label again")
    wait(lambda: greys.labels()["grey/g45.png"] == "black")
    assert "20 changed, 70 kept." in greys.message


def test_nothing_is_offered_before_copies_are_known_and_the_offer_goes_when_it_is_not_true(
    asked, greys
):
    owner = greys.main.owner
    greys.menu("Auto-label all")
    teach(greys)
    greys.main.messages.clear()
    decide(greys, "2", "grey/g3")
    greys.main.messages.clear()
    wait(lambda: learning_says(greys).startswith("It has learned from you"))
    assert greys.message == ""
    assert asked
    owner.derived.publish(STACKS, no_stacks())
    greys.wait_for_message("would change")
    one = np.zeros(GREYS + REDS, np.int64)
    owner.derived.publish(STACKS, Stacks(one, np.ones(len(one), np.uint8)))
    wait(lambda: not learning_says(greys))
    assert not greys.offers_answer("Auto-label again")


def test_stacks_are_asked_for_once_so_that_their_search_stays_cancelled(asked, greys):
    teach(greys)
    teach(greys)
    assert len(asked) == 1


def test_a_page_is_not_made_smaller_by_the_offer_which_comes_when_pages_are_left(greys):
    greys.menu("Auto-label all")
    teach(greys)
    greys.look_at("")
    greys.wait_until_arranged()
    greys.show(1024, 700)  # with a larger page nothing would be left to be another
    greys.begin_pages()
    greys.main.messages.clear()
    greys.turn_page()
    greys.wait_until_read()
    assert greys.message == ""
    greys.main.modes.leave()
    assert "would change" in greys.message


def offers(window: WindowDriver, line: str, key: str) -> None:
    """Decide, close what is said about the step, and wait for what is said about learning."""
    window.look_at(line)
    window.wait_until_arranged()
    window.press_on_pictures("Ctrl+A", key)
    window.main.messages.clear()
    window.look_at("")
    window.wait_until_read()
    wait(lambda: "Learned from" in window.message)


def test_one_decision_moves_no_picture_though_all_are_suggested_anew(greys):
    teach(greys)
    greys.look_at("is:unlabelled", sort=Sort.MARGIN)
    greys.wait_until_arranged()
    order = greys.pictures()
    greys.select(order[3])
    greys.press_on_pictures("2")
    greys.wait_until_read()
    assert greys.pictures() == order
    assert greys.current() == order[4]
    greys.turn_round()
    greys.turn_round()
    greys.wait_until_arranged()
    assert greys.pictures() != order


def test_a_new_name_is_suggested_at_once_and_then_learned_with(greys, fits):
    teach(greys)
    greys.add("white")
    greys.wait_until_read()
    assert fits[-1] == 50
    assert suggested(greys, "g3") == {"black"}
    assert "white" in greys.bars()


def test_a_name_that_is_typed_is_judged_by_the_names_alone_and_that_is_said(greys):
    teach(greys)
    greys.select("grey/g45.png")
    wait(lambda: any("learned from labels" in text for text in greys.inspected()))
    greys.press_in_empty_name_box()
    greys.type("grey")
    wait(lambda: "grey" in greys.bars())
    assert any("without learning while you type" in text for text in greys.inspected())


def test_with_another_model_it_is_learned_anew(
    greys: WindowDriver, make_window: Callable[..., WindowDriver], tmp_path: Path, fits: list[int]
):
    from tiny_model import build_tiny_model

    teach(greys)
    known = len(fits)
    greys.use(build_tiny_model(tmp_path / "other", dim=24, model_id="other"))
    wait(lambda: len(fits) > known and fits[-1] == 50)


def test_the_gain_is_said_as_it_was_measured(greys, monkeypatch):
    learn = fitter.learn

    def measured(*asked):
        learned = learn(*asked)
        return learned._replace(evidence=replace(learned.evidence, gain=0.26, interval=(0.01, 0.5)))

    monkeypatch.setattr(fitter, "learn", measured)
    teach(greys)
    assert learning_says(greys) == "It has learned from you: about 3 in 10 more are right"


def test_beneath_the_minimum_of_auto_labelling_stands_how_right_suggestions_above_it_are(greys):
    greys.set_minimum(90)
    assert greys.beneath_minimum == (
        "Percentages can be too high until you have checked 40 pictures."
    )
    teach(greys)
    wait(lambda: greys.beneath_minimum == "Above 90%: 50 of 50 that you checked are right.")
    box = greys.minimum_box.lineEdit()
    box.setSelection(0, 2)
    QTest.keyClicks(box, "80")  # not entered yet
    assert greys.beneath_minimum == "Above 80%: 50 of 50 that you checked are right."
    greys.set_minimum(0)
    wait(lambda: greys.beneath_minimum == "50 of 50 suggestions that you checked are right.")
    greys.menu("Undo")
    greys.menu("Undo")
    greys.menu("Undo")
    wait(lambda: greys.beneath_minimum.startswith("Percentages"))


def test_a_project_that_is_opened_again_knows_what_was_learned(greys, tmp_path, make_window):
    teach(greys)
    assert greys.main.files.path is not None
    path = greys.main.files.path
    greys.close()
    again = make_window()
    again.wait_until_loaded()
    again.open(path)
    again.wait_until_read()
    wait(lambda: learning_says(again).startswith("It has learned from you"))
    assert suggested(again, "g3") == {"black"}


def test_window_and_command_line_learn_the_same_where_pictures_are_copies(
    make_window, folder, tiny_model, tmp_path, capsys
):
    """Each picture is there twice, in another size: copies are no evidence for one another."""
    for one in sorted(folder.rglob("?[0-2]?.png")):
        picture = Image.open(one).resize((48, 48), Image.Resampling.BICUBIC)
        picture.save(one.with_name(f"{one.stem}b.png"))
    window = make_window()
    window.wait_until_loaded()
    window.open(folder)
    window.add("red", "black", "green")
    window.wait_until_read()
    concepts = [concept.key for concept in window.project.concepts]
    for row, path in enumerate(window.project.images.paths):
        if path.stem[1] in "01":  # one by one, so that only stacks tell what belongs together
            window.main.labelling.label(concepts[path.parent.name == "grey"], np.array([row]))
            time.sleep(0.002)
    wait(lambda: window.main.owner.stacks is not None)
    window.wait_until_read()
    assert window.main.owner.stacks.count > 20
    said, path = learning_says(window), window.main.files.path
    labels = {name: tile.label for name, tile in window.tiles().items()}
    window.close()
    report = ["--report", str(tmp_path / "report"), "--model", str(tiny_model)]
    assert run(["evaluate", str(path), "--truth", "decisions", *report]) == 0
    found = re.search(r"names \+ your \d+ decisions: about (\d+) of 100", capsys.readouterr().err)
    assert f"about {round(int(found[1]) / 10)} in 10 more are right" in said
    with (tmp_path / "report" / "labels.csv").open(newline="") as stream:
        written = {row["path"]: row["label"] for row in csv.DictReader(stream)}
    undecided = [name for name in labels if name.split("/")[1][1] not in "01"]
    assert {name: written[name] for name in undecided} == {n: labels[n] for n in undecided}
