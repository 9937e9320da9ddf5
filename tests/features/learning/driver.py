"""Says what is suggested from, and drives the switch, in a person's words."""

from nameplate.features.learning.panel import LearningBox
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import press_button
from window_driver import WindowDriver


def box_of(window: WindowDriver) -> LearningBox:
    """Return what is shown beneath the names."""
    return window.main.workbenches["learning"].part(LearningBox)


def suggested_from(window: WindowDriver) -> str:
    """Return what is said to be suggested from, beneath the names."""
    return box_of(window).findChild(Paragraph).text()


def press(window: WindowDriver, text: str) -> None:
    """Press the switch, or the button that shows pictures of the names that it takes to learn."""
    press_button(box_of(window), text)
