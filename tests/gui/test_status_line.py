"""The status line: however much it says, it widens no window."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QToolButton

from nameplate.domain.progress import Progress
from nameplate.ui.shell.status_line import StatusLine
from nameplate.wording.texts import tr

LANGUAGES = ["en", "de", "fr", "es", "ja", "zh_CN"]


@pytest.fixture
def make_full(qtbot, window):
    """Return a function that makes a status line that says all that it can, beside the window."""

    def make():
        main = window.main
        status = StatusLine(main.services, main.reading, main.arrangement)
        qtbot.addWidget(status)
        return saying_all(status)

    return make


@pytest.fixture
def full(make_full):
    return make_full()


def saying_all(status):
    status.show_note("At least 98% of these 1,234,567 labels are right, by 194 checks")
    status.show_problems(1_234, 56_789, 1_234)
    status.show_model("A model with a very long name of more letters than most", "cuda")
    status.show_checked("12,345 of 123,456 checked", 0.1, "details")
    status.show_progress(Progress(12_345, 1_234_567, 1_000))
    return status


def test_cancel_is_never_cut(spoken, make_full):
    for language in LANGUAGES:
        spoken(language)
        full = make_full()
        full.resize(800, 30)
        full.show()
        cancel = next(b for b in full.findChildren(QToolButton) if b.text() == tr("Cancel"))
        assert cancel.width() == cancel.sizeHint().width(), language
        assert full.minimumSizeHint().width() <= 800, language


def test_the_text_of_a_job_is_cut_before_the_name_of_the_model(spoken, window, qtbot):
    for language in LANGUAGES:
        spoken(language)
        main = window.main
        status = StatusLine(main.services, main.reading, main.arrangement)
        qtbot.addWidget(status)
        status.show_problems(3, 0, 0)
        status.show_model("Starter model", "cpu")
        checked = tr("{count:,} of {total:,} checked", count=12_345, total=123_456)
        status.show_checked(checked, 0.1, "")
        status.show_progress(Progress(12_345, 123_456, 1_000), "Looking for copies and bursts")
        status.resize(1024, 30)
        status.show()
        buttons = status.findChildren(QToolButton)
        assert all(b.width() >= b.sizeHint().width() for b in buttons), language


def test_all_parts_together_need_less_than_a_small_window_has(full):
    assert full.minimumSizeHint().width() <= 700


def test_every_part_lies_inside_a_small_window(full):
    for width in (700, 1024):
        full.resize(width, 30)
        full.show()
        parts = [part for part in full.findChildren(QAbstractButton) if part.isVisible()]
        assert len(parts) == 4
        assert all(0 <= part.geometry().left() <= part.geometry().right() < width for part in parts)


def test_parts_are_cut_only_where_there_is_no_room(full):
    full.resize(3000, 30)
    full.show()
    buttons = full.findChildren(QToolButton)
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    full.resize(700, 30)
    long = [button for button in buttons if button.text() != "Cancel" and button.isVisible()]
    assert len(long) == 3
    assert all(button.width() < button.sizeHint().width() for button in long)
    assert full.text.endswith("left")  # a screen reader is told all of it
