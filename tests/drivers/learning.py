"""Says what is learned, and presses the button beside it, in a person's words."""

from nameplate.ui.learning import LearningBox
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import press_button
from window_driver import WindowDriver


def box_of(window: WindowDriver) -> LearningBox:
    """Return what is shown beneath the names."""
    return window.main.workbenches["learning"].part(LearningBox)


def learning_says(window: WindowDriver) -> str:
    """Return what is said to be learned, beneath the names."""
    return box_of(window).findChild(Paragraph).text()


def press(window: WindowDriver, text: str) -> None:
    """Press the button that turns it on, or shows pictures of the names that it takes to learn."""
    press_button(box_of(window), text)
