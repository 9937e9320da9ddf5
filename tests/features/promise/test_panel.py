"""Promising that labels are right: the whole way, stopped and gone on, kept, failed and void."""

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from PySide6.QtWidgets import QComboBox, QPushButton

from features.promise.driver import Promise
from grey_pictures import draw_colours
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.features.promise.jobs import Offers
from nameplate.features.promise.rules.applying import PartialPromise
from nameplate.features.promise.rules.beginning import PromiseOffer
from nameplate.features.promise.rules.promises import (
    Anchoring,
    Outcome,
    Plan,
    PromisedLabels,
    promise_in,
)
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.features.promise.steps import Next, choice_text
from nameplate.features.promise.words import smaller_text
from nameplate.project import project
from nameplate.project.file.store import ENDING
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording import translation
from qt_help import button_is_shown, wait
from tiny_model import build_tiny_model
from window_driver import COLOURS
from window_fixtures import read_in

ENGLISH = "At least {share} of the labels are right, with {certainty} certainty."
GERMAN = "Mit {certainty} Sicherheit stimmen {share} der Labels."
EACH = 24


@pytest.fixture
def many(window, tmp_path):
    """The window with pictures whose suggestions are right."""
    return read_in(window, draw_colours(tmp_path / "many", EACH), *COLOURS)


@pytest.fixture(autouse=True)
def one_order_of_checks(monkeypatch):
    """Check the same labels each time: which ones they are decides how a promise ends."""
    monkeypatch.setattr(project, "token_hex", lambda _bytes: f"{5:032x}")


@pytest.fixture
def poor(window, tmp_path):
    """The window with pictures of which half are suggested wrongly, however surely."""
    wrong = frozenset((colour, shade) for colour in COLOURS for shade in range(0, EACH, 2))
    return read_in(window, draw_colours(tmp_path / "poor", EACH, wrong), *COLOURS)


def by(window) -> dict[str, int]:
    """Return how many labels there are by who decided them."""
    decided_by = window.project.labels.decided_by
    return {who.name: int((decided_by == who).sum()) for who in DecidedBy}


@pytest.fixture
def german(tmp_path, monkeypatch):
    """German from now on, of one sentence alone."""
    catalogue = Catalog(locale="de", charset="utf-8")
    catalogue.add(ENGLISH, GERMAN)
    with (tmp_path / "de.mo").open("wb") as stream:
        write_mo(stream, catalogue)
    with monkeypatch.context() as patch:
        patch.setattr(translation, "resource", lambda *parts: tmp_path / parts[-1])
        translation.use("de")
    yield
    translation.use("en")


@pytest.mark.usefixtures("german")
def test_what_is_chosen_stands_where_the_sentence_of_a_language_has_it(many):
    Promise(many).open(0.9)
    boxes = sorted(Promise(many).panel.findChildren(QComboBox), key=lambda box: box.x())
    assert [box.accessibleName() for box in boxes] == ["Certainty", "Accuracy, at least"]
    assert [box.currentText() for box in boxes] == ["95%", "90%"]


def test_a_promise_is_chosen_checked_kept_and_given(many):
    Promise(many).open(0.9)
    assert "of the 72 suggestions. If all " in Promise(many).says
    assert "at least 90% of the 72 are, with 95% certainty" in Promise(many).says
    assert Promise(many).offers("Start checking")
    Promise(many).answer("Start checking")
    wait(lambda: many.page and many.is_page_seen)
    assert "0 of at least" in many.page_text
    assert "none wrong so far" in many.page_text
    assert Promise(many).status.startswith("Certifying: 0 of at least ")
    assert "A skip counts as wrong." in many.page_text
    assert Promise(many).check_all() >= 1
    Promise(many).wait_until_says("Passed: at least 90% of 72 labels are right.")
    checks = len(promise_in(many.project).checks)
    assert by(many)["PERSON"] == checks < 72
    assert by(many)["AUTO"] == 0
    Promise(many).answer("Apply 72 labels")
    assert by(many)["AUTO"] == 72 - checks
    Promise(many).wait_until_says("Certified: 72 labels, at least 90% right.")
    assert "seed" not in Promise(many).says.lower()  # no statistics before they are asked for
    Promise(many).answer("How to verify it")
    assert "seed" in Promise(many).says.lower()
    assert Promise(many).status == "Certified: 72 labels, at least 90% right"
    many.menu("Undo")
    assert by(many)["AUTO"] == 0
    Promise(many).wait_until_says("Passed: ")


def test_wrong_labels_that_were_corrected_are_called_so_and_those_without_a_name_too(many):
    Promise(many).begin(0.9)
    many.point_at(0)
    many.press("X")
    many.point_at(1)
    many.press("1" if many.page[1].split("/")[0] != many.names()[0] else "2")
    wait(lambda: many.is_page_seen)
    before = many.page
    many.press("Return")
    wait(lambda: many.page != before)
    Promise(many).check_all()
    Promise(many).wait_until_says("Passed: at least 90% of 71 labels are right.")
    checks = len(promise_in(many.project).checks)
    found = f"{checks} checked, 1 corrected, 1 without a name. "
    assert f"{found}Apply the labels now." in Promise(many).says
    Promise(many).answer("Apply 72 labels")
    Promise(many).wait_until_says(f"{found}Next: Export.")


def test_a_result_is_discarded_by_a_button_that_says_so_and_brought_back_from_its_bar(many):
    Promise(many).keep(0.9)
    checks = len(promise_in(many.project).checks)
    Promise(many).answer("Discard result")
    Promise(many).wait_until_says("none passes by luck")
    assert many.message == "Result discarded. What you checked stays checked."
    assert by(many)["PERSON"] == checks
    many.answer("Undo")
    Promise(many).wait_until_says("Passed: at least 90% of 72 labels are right.")


@pytest.mark.parametrize(
    ("missing", "at_least", "said"),
    [
        (
            28,
            119,
            "If none of the next 28 or so is wrong, part of the labels can pass; all of them need ",
        ),
        (28, 119, "can pass; all of them need 140 checks or more."),
        (28, None, "If none of the next 28 or so is wrong, part of the labels can pass."),
        (1, None, "If the next one is right, part of the labels can pass."),
        (None, None, "No part of them passes. Check more pictures page by page"),
    ],
)
def test_where_too_many_were_wrong_it_says_what_a_part_takes_and_what_all_take(
    missing, at_least, said
):
    state = PromiseState(PromiseStage.FAILED, 21, 10, at_least, Anchoring(0, 0, 0, 0))
    promise = an_offer(72, 72)
    assert said in smaller_text(promise, state, PartialPromise(None, 0, missing))


def test_the_key_of_pages_shows_the_usual_ones_where_there_is_nothing_more_to_check(many):
    Promise(many).keep()
    many.press("Escape")
    assert many.look == "pages"
    many.press("t")
    wait(lambda: many.page)
    assert "Are these labels right?" not in many.page_text


def test_what_is_left_without_a_label_is_said_before_the_export(many, coloured):
    Promise(many).keep(0.9)
    Promise(many).answer("Apply 72 labels")
    Promise(many).wait_until_says("Certified: ")
    assert many.offers("Undo add 72 certified labels")
    assert "without a label" not in Promise(many).says
    assert "overlooked at most 2 of 100 wrong labels" in Promise(many).says
    (coloured / "broken.jpg").write_text("not a picture")
    many.drop(coloured)
    many.wait_for_pictures(79)
    many.wait_until_read()
    many.press("Escape")
    Promise(many).open()
    Promise(many).wait_until_says("6 pictures have no label and no part in the certificate")
    assert Promise(many).offers("Check the others")


def test_enter_leads_all_the_way(many):
    Promise(many).open(0.9)
    many.press("Return")  # in the box where the share is chosen
    wait(lambda: many.page and many.is_page_seen)
    Promise(many).check_all()
    Promise(many).wait_until_says("Passed: ")
    many.press("Return")
    Promise(many).wait_until_says("Certified: ")
    many.press("Return")
    wait(lambda: many.main.exporting.panel.is_open)
    assert "With a certificate: 72 labels, at least 90% right." in many.export_says_of_promise


def test_a_blind_page_shows_its_names_nowhere(many):
    Promise(many).begin()
    shown = many.on_page()
    assert set(shown.values()) == set(COLOURS)
    assert [*shown.values()] == sorted(shown.values(), key=COLOURS.index)  # by name
    Promise(many).check_page()
    wait(lambda: Promise(many).is_blind)
    many.press("Right")
    wait(lambda: many.current() == many.page[1])
    assert set(many.on_page().values()) == {"not named yet"}
    assert not any(name in many.page_text for name in COLOURS)
    assert all("label hidden" in said for said in Promise(many).hidden_from().values())
    assert not many.bars()
    assert not any(name in Promise(many).inspector_says() for name in COLOURS)
    before = many.page
    wait(lambda: many.is_page_seen)
    many.press("Return")
    assert "name each, or skip it, which counts as wrong" in many.page_text
    assert "hidden" not in many.page_text  # there is one line
    assert many.page == before
    many.press("Home", "1")
    assert many.on_page()[before[0]] == f"named: {many.names()[0]}"
    many.press("2")  # the next one is current by itself
    assert many.on_page()[before[1]] == f"named: {many.names()[1]}"
    many.press("Home", "X")
    assert many.on_page()[before[0]] == "skipped"
    Promise(many).check_page()
    assert not Promise(many).is_blind
    assert not any("hidden" in said for said in Promise(many).hidden_from().values())


def test_a_page_of_checks_is_taken_back_as_it_was_marked(many):
    Promise(many).begin()
    before = many.page
    many.click_on_page(1)
    many.point_at(2)
    many.press("X")
    said = many.on_page()
    assert said[before[1]].startswith("wrong, not ")
    for take_back in (lambda: many.press("Backspace"), lambda: many.menu("Undo")):
        wait(lambda: many.is_page_seen)
        many.press("Return")
        wait(lambda: many.page != before)
        assert promise_in(many.project).wrong == 2
        assert "2 wrong" in many.page_text
        take_back()
        wait(lambda: many.page == before)
        assert many.on_page() == said
        assert promise_in(many.project).checks == ()
        assert by(many)["PERSON"] == 0


def test_one_stops_closes_the_program_opens_it_again_and_goes_on(many, make_window, tmp_path):
    Promise(many).begin()
    Promise(many).check_page()
    done = len(promise_in(many.project).checks)
    many.point_at(0)
    many.press("X")
    page, said = many.page, many.on_page()
    many.press("Escape")
    assert many.look == "grid"
    many.save_and_close(tmp_path / f"mine{ENDING}")
    later = make_window()
    later.go_on_with(tmp_path / f"mine{ENDING}")
    wait(lambda: Promise(later).status.startswith(f"Certifying: {done} of "))
    Promise(later).press_status()
    Promise(later).wait()
    assert f"{done} of at least" in Promise(later).says
    Promise(later).answer("Continue checking")
    wait(lambda: later.page)
    assert (later.page, later.on_page()) == (page, said)
    later.menu("Undo")
    assert later.on_page() != said
    Promise(later).check_all()
    Promise(later).wait_until_says("Passed: ")


def test_all_names_of_a_label_of_several_are_seen_on_the_page(many):
    many.menu("Several labels per picture")
    many.wait_until_read()
    many.show(1024, 700)
    Promise(many).begin(0.9)
    wait(lambda: many.page_text.startswith("Are all these names right?"))
    said = many.on_page()
    several = next(name for name, label in said.items() if label == "red, green, blue")
    one = next(name for name, label in said.items() if label == "red")
    ink = {concept.name: concept.colour for concept in many.project.concepts}
    seen = {name: many.colours_on_page(name) for name in (several, one)}
    assert {ink["red"], ink["green"], ink["blue"]} <= seen[several]
    assert ink["green"] not in seen[one]


def test_the_usual_pages_are_between_two_pages_of_checks(many):
    Promise(many).begin()
    page = many.page
    many.click_on_page(0)
    many.press("Escape", "T")
    wait(lambda: many.page and many.page_name)
    Promise(many).leave_checks()
    Promise(many).answer("Continue checking")
    wait(lambda: many.page == page)
    assert many.on_page()[page[0]].startswith("wrong, not ")


def test_too_many_wrong_ones_end_in_what_to_do_and_the_last_page_can_be_taken_back(poor):
    Promise(poor).begin(0.9)
    Promise(poor).check_all()
    Promise(poor).wait_until_says(
        "Not passed: too many checked labels are wrong to certify 90% of them all."
    )
    assert Promise(poor).status == "Not passed"
    Promise(poor).wait()
    outcome = "Your checks are enough", "part of the labels can pass", "No part of them passes"
    assert any(words in Promise(poor).says for words in outcome)
    checks = len(promise_in(poor.project).checks)
    wrong = promise_in(poor.project).wrong
    assert f"{checks} checks, {wrong} wrong." in Promise(poor).says
    outcomes = {check.outcome for check in promise_in(poor.project).checks}
    assert outcomes == {Outcome.RIGHT, Outcome.CORRECTED}
    checked = {
        picture for picture, label in poor.labels().items() if label == picture.split("/")[0]
    }
    assert len(checked) == len(promise_in(poor.project).checks)  # corrected, too
    Promise(poor).answer("Undo the last page")
    wait(lambda: poor.page)
    wait(lambda: Promise(poor).status.startswith("Certifying: "))


def test_the_surest_part_of_a_promise_that_failed_is_promised(poor):
    paths, suggested = poor.project.images.paths, poor.suggestions.suggested
    names = {concept.key: concept.name for concept in poor.project.concepts}
    is_wrong = [names[int(key)] != paths[row].parent.name for row, key in enumerate(suggested)]
    poor.suggestions.probability[is_wrong] = 0.97  # the wrong ones are the less sure
    Promise(poor).begin(0.9, 0.9)
    for _ in range(5):
        poor.menu("Larger pictures")
    assert len(poor.page) < 10
    Promise(poor).check_all()
    Promise(poor).wait_until_says("Not passed: ")
    Promise(poor).wait()
    while not Promise(poor).next.startswith("Certify "):
        Promise(poor).answer("Continue checking")
        wait(lambda: poor.page)
        Promise(poor).check_page()
        Promise(poor).leave_checks()
    assert "Your checks are enough for the surest" in Promise(poor).says
    poor.press("Return")
    Promise(poor).wait_until_says("Passed: ")
    labels = len(promise_in(poor.project).labels)
    assert labels < 72
    poor.press("Return")
    Promise(poor).wait_until_says(f"Certified: {labels} labels, at least 90% right.")


def test_a_changed_name_makes_it_void_and_undo_makes_it_whole(many):
    Promise(many).begin()
    page = many.page
    many.rename("red", "crimson")
    wait(lambda: Promise(many).status == "Certifying stopped")
    assert many.message == "Certifying stopped: the names have changed."
    wait(lambda: "Certifying stopped: the names have changed." in many.page_text)
    assert not many.page
    Promise(many).leave_checks()
    assert "Undo that change" in Promise(many).says
    assert Promise(many).offers("Start again…")
    many.menu("Undo")
    wait(lambda: Promise(many).status.startswith("Certifying: 0 of "))
    Promise(many).wait_until_says("Checking 72 labels.")
    Promise(many).answer("Continue checking")
    wait(lambda: many.page and set(many.page) <= set(page))  # a bar may leave room for fewer


def test_each_new_name_that_keeps_it_stopped_is_said_with_undo_until_something_else_is_done(many):
    Promise(many).begin()
    for name in ("violet", "pink"):
        many.add(name)
        wait(lambda: many.offers_answer("Undo"))
        assert many.message == "Certifying stopped: the names have changed."
    many.main.messages.tell("Something else.", is_reply=True)
    many.main.messages.dismiss()
    many.answer("Undo")
    wait(lambda: many.offers_answer("Undo"))
    assert many.names() == [*COLOURS, "violet"]
    many.answer("Undo")
    wait(lambda: Promise(many).status.startswith("Certifying: 0 of "))
    assert not many.offers_answer("Undo")


def test_another_model_makes_it_void_and_no_undo_is_offered_which_would_take_checks_back(
    many, tmp_path, tiny_model
):
    Promise(many).begin()
    Promise(many).check_page()
    done = len(promise_in(many.project).checks)
    many.use(build_tiny_model(tmp_path / "other", seed=3, dim=24, model_id="other"))
    wait(lambda: Promise(many).status == "Certifying stopped")
    assert many.message.startswith("Certifying stopped: another model is in use. Use tiny@")
    assert not button_is_shown(many.main.messages, "Undo")
    assert button_is_shown(many.main.messages, "Choose the model…")
    Promise(many).leave_checks()
    assert Promise(many).offers("Choose the model…")
    assert "Undo" not in Promise(many).says
    many.use(tiny_model)
    wait(lambda: Promise(many).status.startswith(f"Certifying: {done} of "))


def test_a_certificate_that_does_not_hold_any_more_stays_at_home_and_says_why(many):
    Promise(many).keep(0.9)
    Promise(many).answer("Apply 72 labels")
    many.press("Escape", "Escape")
    given = next(
        picture
        for picture in many.pictures()
        if many.state(picture).startswith("labelled automatically")
    )
    many.select(given)
    many.press("1" if given.split("/")[0] != many.names()[0] else "2")
    wait(lambda: Promise(many).status == "The certificate no longer holds")
    many.menu("Export…")
    assert "Without the certificate, which no longer holds" in many.export_says_of_promise


def test_no_new_name_comes_from_a_page_of_checks(many):
    Promise(many).begin()
    assert not many.pages.mode.decides.label_as_new("violet")
    assert "would end the certificate" in many.message
    assert "violet" not in many.names()
    assert Promise(many).status.startswith("Certifying: 0 of ")


def test_what_cannot_be_promised_is_said_with_what_to_do(window, coloured):
    window.open(coloured)
    window.wait_for_pictures(6)
    Promise(window).open()
    assert "nothing is suggested" in Promise(window).says.lower()
    assert not Promise(window).offers("Start checking")
    window.press("Escape")
    assert not Promise(window).says


def test_without_names_the_promise_leads_to_pictures_to_be_named(window, coloured):
    window.open(coloured)
    window.wait_for_pictures(6)
    Promise(window).open()
    Promise(window).answer("Name pictures")
    assert window.look == "groups"
    assert "clear the filter" not in window.message


def test_checks_by_name_take_the_height_that_there_is_before_they_scroll(many):
    names = Promise(many).panel.names
    Promise(many).open()
    names.show()
    for count, scrolls in ((60, True), (16, False)):
        names.table.clear()
        names.table.add_rows([f"name {number}"] for number in range(count))
        names.table.fit_rows()
        names.table.show()
        bar = names.table.verticalScrollBar()
        wait(lambda bar=bar, scrolls=scrolls: (bar.maximum() > 0) == scrolls)


def test_enter_on_another_button_presses_that_one(many):
    Promise(many).begin()
    Promise(many).check_page()
    Promise(many).leave_checks()
    many.focus_on("Stop certifying")
    many.press("Return")
    Promise(many).wait_until_says("none passes by luck")


def an_offer(labels, undecided, *, target=0.98, first=30):
    few = PromisedLabels(np.arange(labels), np.zeros(labels, np.int32), np.ones(labels, np.float32))
    plan = Plan((first, first + 4), population=labels, allowed=0, risk=0.05)
    return PromiseOffer(target, few, undecided, plan, seed=1, tries=1)


def test_where_it_is_too_early_it_says_which_share_is_worth_its_checks():
    early = Offers(an_offer(34, 533), an_offer(510, 533, target=0.9, first=39))
    shown = choice_text(None, None, early, 0.95)
    assert "To certify 90% of 510 labels takes 39 checks, if none is wrong." in shown.text
    assert shown.others[0] == (Next.LESS, "Certify 90% instead")

    shown = choice_text(None, None, Offers(an_offer(34, 533)), 0.95)
    assert "90%" not in shown.text
    assert shown.others == ((Next.BEGIN, "Certify anyway"),)

    sure = choice_text(None, None, Offers(an_offer(200, 233)), 0.95)
    assert "90%" not in sure.text


def test_without_names_it_asks_for_names_and_speaks_of_no_smaller_share(window, coloured):
    window.open(coloured)
    window.wait_until_read()
    Promise(window).open()
    assert "Name what they show" in Promise(window).says
    assert "smaller share" not in Promise(window).says


def test_at_the_smallest_window_the_certificate_scrolls_by_keys_and_all_buttons_are_seen(many):
    many.show(1024, 700)
    Promise(many).keep(0.9)
    Promise(many).answer("Apply 72 labels")
    Promise(many).wait_until_says("drawn at random: none was wrong.")
    panel = Promise(many).panel
    for text in ("Export…", "Copy certificate", "New certificate…"):
        button = next(one for one in panel.findChildren(QPushButton) if one.text() == text)
        assert button.visibleRegion().boundingRect() == button.rect()
    Promise(many).answer("How to verify it")
    last = next(one for one in panel.findChildren(Paragraph) if one.text().startswith("Digest"))
    wait(lambda: last.visibleRegion().isEmpty())
    many.press("PgDown", "PgDown")
    wait(lambda: last.visibleRegion().boundingRect() == last.rect())


@pytest.mark.parametrize(
    ("found", "title", "text"),
    [
        (an_offer(10, 10, first=10), "10 suggestions are too few", "Check them all: "),
        (an_offer(3, 10, first=3), "10 suggestions are too few", "Check them all: "),
        (an_offer(1, 1, first=1), "1 suggestion is too few", "Check it: "),
        (UsageError("promise-none-sure", percent=98, left=3), "3 suggestions are", "Check them"),
        (UsageError("promise-none-sure", percent=98, left=999), "None of 999", "Check pages"),
    ],
)
def test_the_few_pictures_that_are_left_are_checked_without_a_certificate(found, title, text):
    shown = choice_text(None, None, Offers(found), 0.95)
    assert shown.title.startswith(title)
    assert shown.text.startswith(text)
    assert shown.main == (Next.PAGES, "Check pages")


def test_where_everything_is_decided_the_labels_are_exported_without_a_promise():
    shown = choice_text(None, None, Offers(UsageError("promise-all-decided", count=372)), 0.95)
    assert shown.title == "All 372 pictures are checked."
    assert shown.text == "The labels are yours, so there is nothing to certify."
    assert not shown.has_choice
    assert shown.main == (Next.EXPORT, "Export…")


def test_the_share_that_is_worth_its_checks_is_worked_out_and_chosen_by_a_button(many):
    probability = many.suggestions.probability
    probability[:] = 0.985  # too little for 98% and for 95%, enough for 90%
    probability[:6] = 1.0
    Promise(many).open()
    Promise(many).wait_until_says("72 suggestions are too few to certify 98%")
    assert "To certify 90% of 72 labels takes " in Promise(many).says
    Promise(many).answer("Certify 90% instead")
    Promise(many).wait_until_says("at least 90% of the 72 are, with 95% certainty")


def test_the_first_page_of_checks_has_none_before_it(many):
    many.begin_pages()
    many.turn_page()
    many.press("Escape")
    Promise(many).begin()
    wait(lambda: many.page_text.startswith("Are these labels right?"))
    wait(lambda: not many.can_take_page_back)
    Promise(many).check_page()
    assert many.can_take_page_back


def test_where_it_is_too_early_the_main_button_leads_to_what_helps_first():
    def shown(labels, undecided):
        return choice_text(None, None, Offers(an_offer(labels, undecided)), 0.95)

    early = shown(34, 533)
    assert early.title == "Only 34 of 533 suggestions are sure enough for 98%."
    assert early.main == (Next.PAGES, "Check pages")
    assert early.others == ((Next.BEGIN, "Certify anyway"),)
    later = shown(200, 233)
    assert later.main == (Next.BEGIN, "Start checking")
    assert later.title == (
        "Check 30 of the 200 surest suggestions. If all 30 are right, at least 98% of the 200 are, "
        "with 95% certainty."
    )


def test_a_promise_is_given_up_and_tried_again_with_more_checks(many):
    Promise(many).begin()
    first = promise_in(many.project).plan.looks[0]
    Promise(many).check_page()
    Promise(many).leave_checks()
    Promise(many).answer("Stop certifying")
    Promise(many).wait_until_says("none passes by luck")
    assert many.message == "Certifying stopped. What you checked stays checked."
    assert Promise(many).status == ""
    Promise(many).wait()
    Promise(many).answer("Certify anyway")
    wait(lambda: many.page and not Promise(many).says)
    promise = promise_in(many.project)
    assert promise.tries == 2
    assert promise.plan.looks[0] / len(promise.labels) > first / 72
    wait(lambda: not many.can_take_page_back)
    assert "takes it back" not in many.page_text  # that was a page of the promise before
