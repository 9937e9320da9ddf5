from PySide6.QtWidgets import QPushButton

from nameplate.ui.widgets.message_bar import MessageBar


def test_good_news_do_not_take_the_place_of_a_problem(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.warn("a problem")
    bar.tell("3 pictures added.")
    assert bar.text == "a problem"
    bar.hide()
    bar.tell("3 pictures added.")
    assert bar.text == "3 pictures added."


def test_what_can_be_answered_is_always_shown_and_answered_once(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    answers = []
    bar.warn("a problem")
    bar.tell("6 pictures labelled.", answer="Undo", on_answer=lambda: answers.append(1))
    bar.findChild(QPushButton).click()
    assert answers == [1]
    assert bar.isHidden()
