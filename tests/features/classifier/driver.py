"""Saves and uses classifiers in a window, as its dialogs do."""

from pathlib import Path

from nameplate.features.classifier.window import save_to, use_from
from qt_help import wait
from window_driver import WindowDriver


def save_classifier(window: WindowDriver, path: Path) -> None:
    """Choose a new folder for the classifier, and wait until it is there."""
    window.main.messages.clear()
    save_to(window.main.workbenches["classifier"], path)
    window.wait_for_message(f"Saved “{path.name}”: ")


def use(window: WindowDriver, path: Path) -> None:
    """Choose a saved classifier or another project, and wait until it is in use."""
    window.main.messages.clear()
    workbench = window.main.workbenches["classifier"]
    use_from(workbench, path)
    wait(lambda: not workbench.is_running("use") and window.message)
    window.wait_until_read()
