import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from nameplate.ui.widgets.message_bar import MessageBar
from qt_help import wait


@pytest.fixture
def bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def test_good_news_wait_until_a_problem_is_closed(bar):
    bar.warn("a problem")
    bar.tell("3 pictures added.")
    assert bar.text == "a problem"
    bar.dismiss()
    assert bar.text == "3 pictures added."
    bar.dismiss()
    assert bar.isHidden()


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


def test_what_can_be_answered_is_always_shown_and_answered_once(bar):
    answers = []
    bar.warn("a problem")
    bar.tell("6 pictures labelled.", answer="Undo", on_answer=lambda: answers.append(1))
    bar.findChild(QPushButton).click()
    assert answers == [1]
    assert bar.text == "a problem"


def test_a_problem_or_question_that_another_covers_comes_back(bar):
    bar.warn("the disk is full")
    bar.ask("Add to the models?", answer="Add", on_answer=lambda: None)
    bar.warn("the project was not opened")
    shown = []
    while not bar.isHidden():
        shown.append(bar.text)
        bar.dismiss()
    assert shown == ["the project was not opened", "Add to the models?", "the disk is full"]


def test_the_same_problem_twice_is_one(bar):
    bar.warn("the disk is full")
    bar.warn("no model")
    bar.warn("the disk is full")
    bar.dismiss()
    assert bar.text == "no model"
    bar.dismiss()
    assert bar.isHidden()


def test_what_has_ended_is_withdrawn_shown_or_not(bar):
    bar.warn("2 pictures are missing", about="missing")
    bar.warn("no model", about="model")
    bar.withdraw("missing")
    assert bar.text == "no model"
    bar.withdraw("model")
    assert bar.isHidden()


def test_the_buttons_of_a_covered_question_are_its_own_when_it_comes_back(bar):
    answers = []
    bar.ask("Delete?", answer="Delete", on_answer=lambda: answers.append("deleted"))
    bar.tell("labelled", answer="Undo", on_answer=lambda: answers.append("undone"))
    bar.findChild(QPushButton).click()
    bar.findChild(QPushButton).click()
    assert answers == ["undone", "deleted"]


def test_a_click_on_a_message_that_has_just_appeared_answers_nothing(bar, qtbot):
    answered = []
    bar.tell("Saved.", answer="Undo", on_answer=lambda: answered.append("undo"))
    button = next(one for one in bar.findChildren(QPushButton) if one.text() == "Undo")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert not answered

    def click():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        return answered

    wait(click)
    assert answered == ["undo"]


@pytest.mark.parametrize("text", ["6 pictures labelled.", "A long message. " * 40])
@pytest.mark.parametrize("width", [1024, 1360, 1920])
def test_buttons_follow_the_text_and_do_not_lie_under_those_of_panels(bar, text, width):
    bar.ask(text, answer="Undo", on_answer=lambda: None)
    bar.resize(width, bar.heightForWidth(width))
    bar.resize(width, bar.heightForWidth(width))
    bar.layout().activate()
    label = bar.findChildren(QLabel)[1]
    undo, cancel = bar.findChildren(QPushButton)
    assert undo.geometry().left() - label.geometry().right() < 20
    assert cancel.geometry().right() < width * 0.72
    assert label.height() >= label.heightForWidth(label.width())
    needed = label.fontMetrics().horizontalAdvance(label.text())
    assert label.width() >= min(needed, width // 2 - 20)
