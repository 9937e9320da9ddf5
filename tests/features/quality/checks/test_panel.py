"""Random checks in the window: begun, shown after each page, hidden, ended and certified."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from features.quality.driver import RandomChecks
from grey_pictures import draw_colours
from nameplate.domain.labels import DecidedBy
from nameplate.features.quality.checks import pages
from nameplate.project import project
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.file.store import ENDING
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in

EACH = 24


@pytest.fixture(autouse=True)
def one_order_of_checks(monkeypatch):
    """Check the same labels each time."""
    monkeypatch.setattr(project, "token_hex", lambda _bytes: f"{5:032x}")


@pytest.fixture
def window_of_many(window, tmp_path):
    """The window with 72 pictures, half of one colour suggested wrongly; none has a label."""
    wrong = frozenset(("red", shade) for shade in range(0, EACH, 6))
    return read_in(window, draw_colours(tmp_path / "many", EACH, wrong), *COLOURS)


def label_all(window):
    """Label all pictures with their suggestions."""
    window.menu("Auto-label all")
    wait(lambda: window.project.labels.has_label.all())


@pytest.fixture
def many(window_of_many):
    """The same, labelled automatically."""
    label_all(window_of_many)
    return window_of_many


@pytest.fixture
def checks(many):
    return RandomChecks(many)


def check_of(window):
    return window.project.fact(RANDOM_CHECK)


def test_the_bound_is_shown_after_each_page_and_goes_along_with_the_export(many, checks):
    checks.open()
    assert "Check some of the 72 labels at random to learn how many are right." in checks.says
    assert "are all right, at least 95% of the labels are" in checks.says
    assert not checks.offers("Details")
    assert checks.status == ""
    checks.answer("Check at random")
    wait(lambda: many.page and many.is_page_seen)
    assert many.page_text.startswith("Are these labels right?")
    assert "72 labels to draw from" in many.page_text
    assert "A skip counts as wrong." in many.page_text
    shown = many.on_page()
    assert set(shown.values()) <= set(COLOURS)
    checks.check_page()
    first = check_of(many)
    assert f"{len(first.checks)} checked, {first.wrong} wrong: at least " in many.page_text
    checks.check_page()
    assert check_of(many).share > first.share
    checks.leave_checks()
    assert checks.says.startswith("At least ")
    assert "of these 72 labels are right" in checks.says
    assert "more without a mistake show" in checks.says
    assert checks.status.startswith("At least ")
    assert "seed" not in checks.says
    checks.answer("Details")
    assert "SplitMix64" in checks.says
    assert "or in a copy of this one, isn't covered" in checks.says
    checks.answer("Copy")
    assert QGuiApplication.clipboard().text().count("\n") == 8
    checks.answer("Export…")
    wait(lambda: "With a certificate: at least" in many.export_says_of_certificate)


def test_wrong_labels_are_corrected_and_counted(many, checks):
    checks.begin()
    while many.page:
        checks.check_page()
    check = check_of(many)
    assert len(check.checks) == check.labels == 72
    assert check.wrong == 4
    assert all(label == picture.split("/")[0] for picture, label in many.labels().items())
    assert "All labels are checked." in many.page_text
    checks.press_status()
    checks.wait_until_says("72 of them, drawn at random: 4 were wrong and corrected.")
    assert not checks.panel.card.check_button.isEnabled()


def test_without_a_label_it_says_that_suggestions_do_not_count_and_leads_to_them(window_of_many):
    checks = RandomChecks(window_of_many)
    checks.open()
    assert "No picture has a label yet." in checks.says
    assert not checks.offers("Check at random")
    window_of_many.press("Return")
    wait(lambda: window_of_many.page and not checks.says)


def test_a_page_that_hides_labels_shows_them_nowhere_and_the_certificate_says_so(many, checks):
    checks.begin(hidden=True)
    many.press("Right")
    wait(lambda: many.current() == many.page[1])
    assert set(many.on_page().values()) == {"not named yet"}
    assert not any(name in many.page_text for name in COLOURS)
    assert all("label hidden" in said for said in checks.hidden_from().values())
    assert not many.bars()
    assert not any(name in checks.inspector_says() for name in COLOURS)
    before = many.page
    wait(lambda: many.is_page_seen)
    many.press("Return")
    assert "name each, or skip it, which counts as wrong" in many.page_text
    assert many.page == before
    many.press("Home", "1")
    assert many.on_page()[before[0]] == f"named: {many.names()[0]}"
    many.press("2")  # the next one is current by itself
    assert many.on_page()[before[1]] == f"named: {many.names()[1]}"
    many.press("Home", "X")
    assert many.on_page()[before[0]] == "skipped"
    checks.check_page()
    assert check_of(many).hidden == 8
    checks.leave_checks()
    assert not any("hidden" in said for said in checks.hidden_from().values())
    checks.answer("Details")
    assert "Each check hid the label" in checks.says
    checks.hide_labels()
    checks.answer("Check at random")
    wait(lambda: many.page_text.startswith("Are these labels right?"))


def test_a_label_that_was_seen_before_it_was_hidden_does_not_count_as_hidden(many, checks):
    checks.begin()
    seen = set(many.page)
    many.press("Escape")
    checks.begin(hidden=True)
    wait(lambda: many.page_text.startswith("Name these."))
    hidden = 0
    for _ in range(5):
        hidden += len(set(many.page) - seen)
        checks.check_page()
        assert check_of(many).hidden == hidden
    assert hidden


def test_a_page_is_not_turned_before_anybody_can_have_looked_at_each_label(
    many, checks, monkeypatch
):
    checks.begin()
    monkeypatch.setattr(pages, "HASTY_MS", 10_000)
    for _ in range(3):
        many.press("Return")
        assert "Look at each first." in many.page_text
    assert check_of(many).checks == ()
    monkeypatch.setattr(pages, "HASTY_MS", 0)
    checks.check_page()
    assert check_of(many).checks


def test_a_page_of_checks_is_taken_back_as_it_was_marked(many, checks):
    checks.begin()
    before = many.page
    many.click_on_page(1)
    many.point_at(2)
    many.press("X")
    said = many.on_page()
    assert said[before[1]].startswith("wrong, not ")
    by = many.project.labels.decided_by
    for take_back in (lambda: many.press("Backspace"), lambda: many.menu("Undo")):
        wait(lambda: many.is_page_seen)
        many.press("Return")
        wait(lambda: many.page != before)
        assert check_of(many).wrong == 2
        take_back()
        wait(lambda: many.page == before)
        assert many.on_page() == said
        assert check_of(many).checks == ()
        assert not (by == DecidedBy.PERSON).any()


def test_one_stops_closes_the_program_opens_it_again_and_goes_on(
    many, checks, make_window, tmp_path
):
    checks.begin()
    checks.check_page()
    many.point_at(0)
    many.press("X")
    page, said, done = many.page, many.on_page(), check_of(many).checks
    many.press("Escape")
    many.save_and_close(tmp_path / f"mine{ENDING}")
    later = make_window()
    later.go_on_with(tmp_path / f"mine{ENDING}")
    again = RandomChecks(later)
    wait(lambda: again.status.startswith("At least "))
    again.press_status()
    again.answer("Check at random")
    wait(lambda: later.page)
    assert (later.page, later.on_page(), check_of(later).checks) == (page, said, done)
    later.menu("Undo")
    assert later.on_page() != said


def test_all_names_of_a_label_of_several_are_seen_on_the_page(many, checks):
    many.menu("Several labels per picture")
    many.wait_until_read()
    label_all(many)
    many.show(1024, 700)
    checks.begin(hidden=True)  # the switch is off: a label of several is always shown
    wait(lambda: many.page_text.startswith("Are all these names right?"))
    said = many.on_page()
    several = next(name for name, label in said.items() if label == "red, green, blue")
    ink = {concept.name: concept.colour for concept in many.project.concepts}
    assert {ink["red"], ink["green"], ink["blue"]} <= many.colours_on_page(several)


def test_the_usual_pages_are_between_two_pages_of_checks(many, checks):
    checks.begin()
    page = many.page
    many.click_on_page(0)
    many.press("Escape", "T")
    wait(lambda: many.look == "pages" and not many.page_text.startswith("Are these"))
    many.press("Escape")
    checks.open()
    checks.answer("Check at random")
    wait(lambda: many.page == page)
    assert many.on_page()[page[0]].startswith("wrong, not ")


def test_another_label_ends_the_certificate_and_undo_brings_it_back(many, checks):
    checks.begin()
    checks.check_page()
    many.press("Escape")
    unchecked = next(
        picture
        for picture in many.pictures()
        if many.state(picture).startswith("labelled automatically")
    )
    many.select(unchecked)
    many.press("1" if unchecked.split("/")[0] != many.names()[0] else "2")
    wait(lambda: many.message.startswith("The certificate has ended: a label or a name was"))
    assert checks.status == ""
    checks.open()
    assert "each new start takes more checks" in checks.says
    assert not checks.offers("Copy")
    many.menu("Export…")
    wait(lambda: "Without a certificate: a label" in many.export_says_of_certificate)
    many.press("Escape")
    many.answer("Undo")
    wait(lambda: checks.status.startswith("At least "))


def test_a_key_on_a_large_picture_of_a_check_is_what_it_is_on_the_page(many, checks):
    checks.open()
    checks.answer("Check at random")
    wait(lambda: many.page and many.is_page_seen)
    first = many.page[0]
    other = next(name for name in COLOURS if name != many.on_page()[first])
    many.point_at(first)
    many.press("Space")
    assert (many.look, many.current()) == ("large", first)
    many.name_by_key(other)
    many.press("Escape")
    wait(lambda: many.page and many.on_page().get(first) == f"named: {other}")
    many.turn_page()
    assert many.labels()[first] == other
    assert check_of(many).wrong == 1


def test_a_page_that_is_shown_when_the_labels_change_says_why_it_is_over(many, checks):
    checks.begin()
    many.rename("red", "crimson")
    wait(lambda: "The certificate has ended" in many.page_text)
    many.menu("Undo")
    wait(lambda: many.page)


def test_a_new_name_may_come_from_a_page_of_checks(many, checks):
    checks.begin()
    picture = many.page[0]
    many.point_at(0)
    assert many.pages.mode.decides.label_as_new("violet")
    wait(lambda: many.on_page()[picture] == "named: violet")
    many.press("Return")
    wait(lambda: picture not in many.page)
    assert check_of(many).wrong == 1
    assert many.labels()[picture] == "violet"
    assert checks.status.startswith("At least ")


def test_at_the_smallest_window_details_scroll_by_keys_and_all_buttons_are_seen(many, checks):
    many.show(1024, 700)
    checks.begin()
    checks.check_page()
    checks.leave_checks()
    for text in ("Check at random", "Copy", "Export…", "Details"):
        button = next(one for one in checks.panel.findChildren(QPushButton) if one.text() == text)
        assert button.visibleRegion().boundingRect() == button.rect()
    checks.answer("Details")
    parts = checks.panel.findChildren(Paragraph)
    last = next(one for one in parts if one.text().startswith("The order of the checks"))
    many.press("PgDown", "PgDown")
    wait(lambda: last.visibleRegion().boundingRect() == last.rect())


def test_the_certificate_of_an_earlier_version_is_shown_until_checks_begin(many, checks):
    many.project.facts["promise"] = {
        "target": 0.98,
        "count": 72,
        "given_at": 1_764_288_000_000,
        "is_ended": False,
        "tries": 1,
    }
    checks.open()
    assert "An earlier version certified on 2025-11-28" in checks.says
    checks.answer("Check at random")
    wait(lambda: many.page and many.is_page_seen)
    assert check_of(many).attempt == 2
