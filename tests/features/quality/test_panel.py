"""All ways to questions about the labels lead into one panel."""

import pytest
from PySide6.QtTest import QTest

from features.quality.driver import AccuracyDriver, DoubtfulLabels, RandomChecks
from grey_pictures import draw_colours
from nameplate.domain.errors import UsageError
from nameplate.features.quality.doubtful import finder
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in


@pytest.fixture
def many(window, tmp_path):
    """72 pictures with the names of their folders as labels; two lie in a wrong one."""
    root = draw_colours(tmp_path / "many", 24)
    (root / "red" / "05.png").rename(root / "blue" / "a.png")
    (root / "green" / "05.png").rename(root / "blue" / "b.png")
    return read_in(window, root, *COLOURS)


@pytest.fixture
def accuracy(many):
    DoubtfulLabels(many).use_folder_names()
    return AccuracyDriver(many)


def doubtful(accuracy) -> tuple[str, str]:
    """What is said of doubtful labels, once they are known."""
    wait(lambda: not accuracy.doubtful[1].startswith("Comparing"))
    return accuracy.doubtful


@pytest.mark.parametrize(
    ("keys", "focused"),
    [
        ("Ctrl+R", "Check at random"),
        ("Ctrl+P", "Check at random"),
        ("Ctrl+Shift+B", "Show them"),
        ("Ctrl+Shift+T", "Show them"),
    ],
)
def test_each_key_leads_to_its_part_of_the_panel_and_enter_goes_on(accuracy, keys, focused):
    window = accuracy.window
    window.press(keys)
    assert accuracy.panel.is_open
    assert window.focused == focused
    window.press("Return")
    wait(lambda: window.page and window.is_page_seen)
    begins = "Are these labels right?" if focused == "Check at random" else "Which of these"
    assert window.page_text.startswith(begins)


def test_doubtful_labels_are_counted_and_renewed_while_the_panel_is_open(accuracy):
    accuracy.open()
    assert doubtful(accuracy)[0] == "2 doubtful labels"
    accuracy.decide({"blue/a.png": "red"})
    wait(lambda: doubtful(accuracy)[0] == "1 doubtful label")
    accuracy.decide({"blue/b.png": "green"})
    said = "72 of 72 labels compared. Random checks show how many are right."
    wait(lambda: doubtful(accuracy) == ("No doubtful labels", said))
    assert not accuracy.panel.doubtful.button.isEnabled()


def test_without_names_and_labels_it_says_what_doubt_takes_and_changes_nothing(window, coloured):
    window.open(coloured)
    window.wait_until_read()
    steps = len(window.project.history.done)
    accuracy = AccuracyDriver(window)
    accuracy.open()
    said = "Label pictures with two names first, or import labels."
    wait(lambda: accuracy.doubtful[1] == said)
    assert not accuracy.panel.doubtful.button.isEnabled()
    assert not window.filled
    assert len(window.project.history.done) == steps


def test_given_labels_are_checked_at_random_before_anything_was_decided(accuracy):
    accuracy.open()
    assert accuracy.headline == "72 labels are not checked yet."
    assert "Check some of the 72 labels at random to learn how many are right." in accuracy.says


def test_correcting_a_doubtful_label_comes_before_random_checks(accuracy):
    accuracy.open()
    assert "before you check at random" in doubtful(accuracy)[1]
    assert accuracy.window.filled == ["Show them"]
    assert accuracy.window.focused == "Show them"
    checks = RandomChecks(accuracy.window)
    checks.begin()
    checks.check_page()
    checks.leave_checks()
    wait(lambda: "they begin anew" in doubtful(accuracy)[1])
    assert accuracy.window.filled == ["Check at random"]


def test_suggestions_that_are_left_are_the_next_step(many):
    accuracy = AccuracyDriver(many)
    accuracy.decide({path: path.split("/")[0] for path in many.pictures()[:30]})
    accuracy.open()
    assert many.filled == ["Check pictures"]
    assert many.focused == "Check pictures"
    assert accuracy.offers("Check at random")
    accuracy.answer("Check pictures")
    wait(lambda: many.page and not accuracy.panel.is_open)


def test_a_comparison_that_is_cancelled_or_fails_is_not_begun_again_by_itself(
    accuracy, monkeypatch
):
    begun = list[int]()

    def fail(_of, _cancel):
        begun.append(1)
        raise UsageError("no-labels-to-check")
        yield

    monkeypatch.setattr(finder, "audit", fail)
    accuracy.open()
    wait(lambda: accuracy.doubtful[1] == "The labels were not compared.")
    QTest.qWait(1000)
    assert len(begun) == 1
