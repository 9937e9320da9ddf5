"""The boxes of the window are changed by who has the focus in them."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox

from nameplate.ui.widgets.boxes import NumberBox
from qt_help import press_keys, wait


def turn_wheel(box):
    """Turn the mouse wheel one step down over a box."""
    middle = QPointF(box.rect().center())
    event = QWheelEvent(
        middle, QPointF(box.mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)


def boxes_of(window):
    boxes = [*window.main.findChildren(QComboBox), *window.main.findChildren(QSpinBox)]
    return [box for box in boxes if box.isVisible()]


def value_of(box):
    return box.currentIndex() if isinstance(box, QComboBox) else box.value()


def test_the_wheel_changes_the_box_that_has_the_focus_and_none_that_it_only_passes(opened):
    opened.menu("Export…")  # its panel has two lists
    opened.focus_on("Auto-label")
    opened.press("Down")  # the menu with the least probability
    opened.focus_on("Check")
    boxes = boxes_of(opened)
    assert [isinstance(box, QSpinBox) for box in boxes] == [False, False, True]
    opened.set_minimum(50)
    values = [value_of(box) for box in boxes]
    for box in boxes:
        turn_wheel(box)
    assert [value_of(box) for box in boxes] == values
    assert opened.focused == "Check"
    press_keys(QApplication.activePopupWidget(), "Escape")
    opened.focus_on("Auto-label above 50%")
    opened.press("Down")
    for kind in (QSpinBox, QComboBox):
        box = next(box for box in boxes if isinstance(box, kind))
        if kind is QComboBox:
            press_keys(QApplication.activePopupWidget(), "Escape")
            opened.come_back()
        box.setFocus()
        wait(box.hasFocus)
        before = value_of(box)
        turn_wheel(box)
        assert value_of(box) != before


@pytest.mark.parametrize(("language", "text"), [("en", "12,345"), ("de", "12.345")])
def test_numbers_are_written_and_typed_as_in_the_language_in_use(spoken, qtbot, language, text):
    spoken(language)
    box = NumberBox()
    qtbot.addWidget(box)
    box.setMaximum(1_000_000)
    box.setValue(12_345)
    assert box.text() == text
    for typed in (text, "12345"):
        box.setValue(0)
        box.lineEdit().setText(typed)
        box.interpretText()
        assert box.value() == 12_345
