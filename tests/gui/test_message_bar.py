import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from nameplate.ui.widgets import message_bar
from nameplate.ui.widgets.message_bar import CANCEL, MessageBar
from qt_help import wait


@pytest.fixture
def bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (["! a problem", "3 added."], ["a problem", "3 added."]),  # good news wait
        (["! full", "Add?", "! not opened"], ["not opened", "Add?", "full"]),  # what was covered
        (["! full", "! no model", "! full"], ["full", "no model"]),  # the same one twice
    ],
)
def test_what_is_still_to_be_said_comes_when_a_message_is_closed(bar, said, shown):
    for text in said:
        if text.startswith("!"):
            bar.warn(text.removeprefix("! "))
        elif text.endswith("?"):
            bar.ask(text, ("Yes", lambda: None), CANCEL)
        else:
            bar.tell(text)
    seen = []
    while not bar.isHidden():
        seen.append(bar.text)
        bar.dismiss()
    assert seen == shown


def test_the_icon_takes_the_colours_of_another_look(bar):
    def icon():
        return bar.findChild(QLabel).pixmap().toImage()

    bar.tell("3 pictures added.")
    before = icon()
    dark = QPalette(bar.palette())
    dark.setColor(QPalette.ColorRole.ButtonText, "white")
    QApplication.setPalette(dark)
    try:
        wait(lambda: icon() != before)
    finally:
        QApplication.setPalette(QPalette())


def test_what_has_ended_is_withdrawn_shown_or_not(bar):
    bar.warn("2 pictures are missing", about="missing")
    bar.warn("no model", about="model")
    bar.withdraw("missing")
    assert bar.text == "no model"
    bar.withdraw("model")
    assert bar.isHidden()


def test_a_question_that_waits_comes_after_one_that_is_shown(bar):
    bar.tell("3 added.")
    bar.ask("Are these names?", ("Yes", None), waits=True)
    assert bar.text == "Are these names?"
    bar.ask("Go on?", ("Go on", None))
    bar.ask("Are those names?", ("Yes", None), waits=True)
    assert bar.text == "Go on?"
    bar.dismiss()
    assert bar.text == "Are these names?"


def test_each_answer_to_a_question_has_a_letter_of_its_own(bar):
    bar.ask("Use what?", ("Another project…", lambda: None), ("A classifier…", lambda: None))
    assert [button.text() for button in bar.findChildren(QPushButton)] == [
        "&Another project…",
        "A &classifier…",
    ]


def test_the_buttons_of_a_covered_question_are_its_own_when_it_comes_back(bar):
    answers = []
    bar.ask("Delete?", ("Delete", lambda: answers.append("deleted")), CANCEL)
    bar.tell("labelled", ("Undo", lambda: answers.append("undone")))
    bar.findChild(QPushButton).click()
    assert bar.text == "Delete?"
    bar.findChild(QPushButton).click()
    assert answers == ["undone", "deleted"]


def test_a_click_on_a_message_that_has_just_appeared_answers_nothing(bar, qtbot):
    answered = []
    bar.tell("Saved.", ("Undo", lambda: answered.append("undo")))
    button = next(one for one in bar.findChildren(QPushButton) if one.text() == "Undo")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert not answered

    def click():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        return answered

    wait(click)
    assert answered == ["undo"]


@pytest.mark.parametrize("width", [340, 640, 1360])
@pytest.mark.parametrize(
    "answers", [("Undo", "Show"), ("Open it in place of this", "Compare both")]
)
@pytest.mark.parametrize("text", ["6 pictures labelled.", "A message of several lines. " * 10])
def test_nothing_is_cut_and_buttons_stand_by_a_short_text_and_under_a_long_one(
    bar, text, answers, width
):
    bar.tell(text, *((answer, lambda: None) for answer in answers))
    size = bar.size_within(width)
    assert size.width() <= width
    bar.resize(size)
    bar.layout().activate()
    label = next(one for one in bar.findChildren(QLabel) if one.text() == text)
    first, second = bar.findChildren(QPushButton)
    assert label.height() >= label.heightForWidth(label.width())
    for button in (first, second):
        assert button.width() >= button.sizeHint().width()
        assert bar.rect().contains(button.geometry())
    is_short = label.fontMetrics().horizontalAdvance(text) < 200
    if width > 340:
        assert (first.geometry().top() < label.geometry().bottom()) == is_short
    else:
        assert first.geometry().right() < second.geometry().left() or second.y() > first.y()


@pytest.mark.parametrize("is_new", [True, False])
def test_a_reply_ends_with_the_next_thing_that_is_done_unless_it_just_came(bar, is_new):
    bar.tell("This is no stack.", is_reply=True)
    if not is_new:
        wait(lambda: not bar._new.isActive())
    bar.end_reply()
    assert bar.is_quiet != is_new
    bar.tell("Labelled.", ("Undo", lambda: None), is_reply=True)
    wait(lambda: not bar._new.isActive())
    bar.end_reply()
    assert bar.text == "Labelled."
    assert not bar.is_quiet


def test_a_click_on_the_close_button_of_what_has_just_appeared_closes_nothing(bar, qtbot):
    bar.warn("The disk is full.")
    close = bar.findChild(QToolButton)
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not bar.is_quiet
    wait(lambda: [qtbot.mouseClick(close, Qt.MouseButton.LeftButton), bar.is_quiet][1])


def test_what_is_told_goes_by_itself_though_the_mouse_rests_on_a_button_elsewhere(
    qtbot, monkeypatch
):
    monkeypatch.setattr(message_bar, "_SHOWN_MS", 50)
    bar, button = MessageBar(), QPushButton("Check")
    for widget in (button, bar):
        qtbot.addWidget(widget)
    button.show()
    bar.tell("3 pictures added.")
    bar.move(0, 300)
    QCursor.setPos(button.mapToGlobal(button.rect().center()))
    assert QApplication.widgetAt(QCursor.pos()) is button
    wait(bar.isHidden, 3)
