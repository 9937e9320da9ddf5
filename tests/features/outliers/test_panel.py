"""What deserves another look: decisions that may be mistakes, and what else looks odd."""

import numpy as np
import pytest

from features.outliers.driver import AnotherLook
from grey_pictures import draw_colours
from nameplate.domain.concepts import Concept
from nameplate.features.outliers.confusion import Advice, Confused
from nameplate.features.outliers.rules import Oddities, Oddity
from nameplate.features.outliers.sentences import lines_of
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in

MISTAKES = "Labels that may be wrong"
MISFITS = "Pictures that may need a new name"
EACH = 24


@pytest.fixture
def many(window, tmp_path):
    """The window with 72 pictures of three colours, which are suggested rightly."""
    return read_in(window, draw_colours(tmp_path / "many", EACH), *COLOURS)


@pytest.fixture
def wrong(many):
    """The same, where 30 pictures are decided, one of them wrongly."""
    for picture in [p for p in many.pictures() if p[-6:] < "10.png"]:
        many.select(picture)
        many.press("P")
    many.select("red/05.png")
    many.press("3")
    assert many.labels()["red/05.png"] == "blue"
    return many


def test_too_few_decisions_are_said_to_be_too_few(many):
    for picture in many.pictures()[:8]:
        many.select(picture)
        many.press("P")

    AnotherLook(many).open()

    assert AnotherLook(many).kinds[MISTAKES] == "not enough yet"
    assert "Not enough yet. Label 12 more pictures first." in AnotherLook(many).text(MISTAKES)


def test_an_old_list_is_not_shown_while_mistakes_are_looked_for_again(many):
    AnotherLook(many).open()
    assert AnotherLook(many).kinds[MISTAKES] == "not enough yet"
    many.menu_entry("Possible mistakes").trigger()
    for picture in many.pictures()[:30]:
        many.select(picture)
        many.press("P")

    many.menu_entry("Possible mistakes").trigger()

    assert AnotherLook(many).kinds == {}
    AnotherLook(many).wait_until_listed()
    assert AnotherLook(many).kinds[MISTAKES] != "not enough yet"


def test_a_wrong_decision_is_listed_and_its_line_shows_it_alone(wrong):
    AnotherLook(wrong).open()
    assert AnotherLook(wrong).kinds[MISTAKES] == "1"

    AnotherLook(wrong).show(MISTAKES)

    assert wrong.pictures() == ["red/05.png"]
    assert wrong.has_focus_on_pictures


def test_closing_the_list_shows_what_was_shown_before(wrong):
    wrong.look_at("folder:red")
    wrong.wait_until_arranged()
    before = wrong.pictures()
    AnotherLook(wrong).open()
    AnotherLook(wrong).show(MISTAKES)
    assert wrong.pictures() == ["red/05.png"]

    AnotherLook(wrong).press("Show all pictures")
    assert wrong.pictures() == before

    AnotherLook(wrong).show(MISTAKES)
    wrong.menu("Possible mistakes")
    assert wrong.pictures() == before


def test_esc_leaves_what_is_on_top_and_then_the_list(wrong):
    look = AnotherLook(wrong)
    look.open()
    kinds = look.kinds
    for way in ("Check pages", "Guide", "Large picture"):
        wrong.menu(way)
        assert (look.kinds == {}) == (way != "Large picture"), way
        wrong.press("Esc")
        assert look.kinds == kinds, way
    assert wrong.has_focus_on_pictures
    wrong.press("Esc")
    assert look.kinds == {}
    look.open()  # which has the focus now
    shown = wrong.pictures()
    wrong.press("Esc")
    assert look.kinds == {}
    look.open()
    look.show(MISTAKES)
    assert wrong.pictures() == ["red/05.png"]
    wrong.press("Esc")
    assert look.kinds == {}
    assert wrong.pictures() == shown
    assert wrong.has_focus_on_pictures


def test_a_decision_there_is_an_ordinary_one_and_takes_it_off_the_list(wrong):
    AnotherLook(wrong).open()
    AnotherLook(wrong).show(MISTAKES)

    wrong.select("red/05.png")
    wrong.press("1")
    wait(lambda: AnotherLook(wrong).kinds[MISTAKES] == "none")

    assert wrong.labels()["red/05.png"] == "red"
    wrong.press("Ctrl+Z")
    wait(lambda: AnotherLook(wrong).kinds[MISTAKES] == "1")


def test_what_is_called_right_leaves_the_list_and_keeps_its_label(wrong):
    AnotherLook(wrong).open()
    AnotherLook(wrong).show(MISTAKES)
    wrong.select("red/05.png")

    wait(lambda: wrong.conditions == ["1 possible mistake"])
    AnotherLook(wrong).press("Mark this one as right")

    assert AnotherLook(wrong).kinds[MISTAKES] == "none"
    assert wrong.labels()["red/05.png"] == "blue"
    assert "No label changed" in wrong.message
    wrong.menu("Undo")
    assert AnotherLook(wrong).kinds[MISTAKES] == "1"


def test_what_was_called_right_stays_off_the_list_when_the_project_is_opened_again(
    wrong, make_window, tmp_path
):
    AnotherLook(wrong).open()
    AnotherLook(wrong).show(MISTAKES)
    wrong.select("red/05.png")
    AnotherLook(wrong).press("Mark this one as right")
    wrong.save_as(tmp_path / "mine.nameplate")
    wrong.main.shut_down()
    wrong.main.close()

    later = make_window()
    later.wait_until_loaded()
    later.open_project(tmp_path / "mine.nameplate")
    later.wait_until_read()
    AnotherLook(later).open()

    assert AnotherLook(later).kinds[MISTAKES] == "none"


def test_what_is_odd_is_a_condition_like_others_and_stays_that_of_now(wrong):
    wrong.look_at("odd:mistake")
    wait(lambda: wrong.pictures() == ["red/05.png"])
    wrong.look_at("odd:mistake folder:green")
    wait(lambda: not wrong.pictures())
    wrong.look_at("odd:mistake by:person name:blue")
    wait(lambda: wrong.pictures() == ["red/05.png"])

    wrong.select("red/05.png")
    wrong.press("1")
    wrong.wait_until_read()
    assert wrong.pictures() == ["red/05.png"]  # nothing jumps away under a person's hands
    wrong.look_at("odd:mistake")
    wait(lambda: not wrong.pictures())


def test_the_filter_says_how_many_decisions_are_missing_before_mistakes_are_looked_for(many):
    for picture in many.pictures()[:8]:
        many.select(picture)
        many.press("P")
    many.look_at("odd:mistake")
    wait(lambda: "Label 12 more pictures first." in many.why_nothing)


def test_the_button_says_which_pictures_it_marks(many):
    for picture in [p for p in many.pictures() if p[-6:] < "10.png"]:
        many.select(picture)
        many.press("P")
    for picture in ("red/05.png", "red/06.png", "red/07.png"):
        many.select(picture)
        many.press("3")
    look = AnotherLook(many)
    look.open()
    look.show(MISTAKES)
    wait(lambda: len(many.pictures()) == 3)
    assert many.conditions == ["3 possible mistakes"]
    many.select("red/05.png")
    many.press("Shift+Right")
    look.press("Mark these 2 as right")
    wait(lambda: look.kinds[MISTAKES] == "1")
    assert look.offers("Mark this one as right")


NOTHING = {kind: np.empty(0, np.int64) for kind in Oddity}


def test_nothing_is_called_none_while_pictures_are_read_or_copies_looked_for():
    found = Oddities(NOTHING, (), 0, np.empty((0, 2), np.int64))
    assert {line.count for line in lines_of(found, ())} == {"none"}
    copies = lines_of(found, (), seeks_copies=True)
    assert [line.count for line in copies] == ["none", "none", "none yet"]
    assert copies[-1].text == "Nothing found yet: copies are still being looked for."
    lines = lines_of(found, (), waiting=12)
    assert {line.count for line in lines} == {"none yet"}
    assert {line.text for line in lines} == {"Nothing found yet: 12 pictures are still being read."}


@pytest.mark.parametrize(
    ("decisions", "advice", "said"),
    [
        (
            14,
            Advice.DESCRIBE_FIRST,
            "you and the names alone both say red or blue, but not the same for 9. If your labels",
        ),
        (
            14,
            Advice.MERGE,
            "for 9. They mean the same to the model. Merge them: ",
        ),
        (0, Advice.DESCRIBE_BOTH, "64% of their pictures could be either. Give both a synonym "),
    ],
)
def test_of_names_that_are_mixed_up_it_says_how_many_and_what_helps(decisions, advice, said):
    pair = Confused(1, 2, 9 / 14, decisions, advice)
    found = Oddities(NOTHING, (pair,), 0, np.empty((0, 2), np.int64))
    names = (Concept(1, "red"), Concept(2, "blue"))
    assert said in lines_of(found, names)[-1].text


def test_nothing_odd_says_so_and_changes_nothing(many):
    for picture in many.pictures():
        many.select(picture)
        many.press("P")
    steps = len(many.project.history.done)

    AnotherLook(many).open()

    assert AnotherLook(many).kinds[MISTAKES] == AnotherLook(many).kinds[MISFITS] == "none"
    wait(lambda: AnotherLook(many).kinds["Near copies with different labels"] == "none")
    assert AnotherLook(many).text(MISTAKES) == "Nothing found."
    assert len(many.project.history.done) == steps


def test_the_list_opens_before_there_are_names_or_pictures(window):
    AnotherLook(window).open()

    assert AnotherLook(window).kinds[MISFITS] == "none"


def test_the_list_is_out_of_sight_under_an_export_and_comes_with_the_pictures(many, tmp_path):
    AnotherLook(many).open()
    many.open_export("CSV", path=tmp_path / "labels.csv")
    assert not AnotherLook(many).kinds
    many.press("Escape")
    assert AnotherLook(many).kinds
    many.menu("Possible mistakes")
    many.open_export("CSV", path=tmp_path / "labels.csv")
    AnotherLook(many).open()


def test_where_everything_is_decided_nothing_is_said_to_fit_no_name(many):
    many.press("Ctrl+A", "1")
    many.look_at("odd:misfit")
    wait(lambda: many.why_nothing.startswith("You have checked every picture."))
