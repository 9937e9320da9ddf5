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
            bar.ask(text, answer="Yes", on_answer=lambda: None)
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


def test_the_buttons_of_a_covered_question_are_its_own_when_it_comes_back(bar):
    answers = []
    bar.ask("Delete?", answer="Delete", on_answer=lambda: answers.append("deleted"))
    bar.tell("labelled", answer="Undo", on_answer=lambda: answers.append("undone"))
    bar.findChild(QPushButton).click()
    assert bar.text == "Delete?"
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
