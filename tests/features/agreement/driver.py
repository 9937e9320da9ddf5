"""Drives the panel that compares two projects, in a window that is given."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QTreeWidget

from nameplate.features.agreement.panel import ComparePanel, compare_with
from qt_help import press_button, wait
from window_driver import WindowDriver


class Comparing:
    """What a person does in the panel, and what it says."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _panel(self) -> ComparePanel:
        return self._window.main.workbenches["agreement"].part(ComparePanel)

    def begin(self, file: Path) -> None:
        """Choose a file in the dialog for a project to compare with."""
        compare_with(self._window.main.workbenches["agreement"], file)

    def compare_with(self, project: Path) -> list[str]:
        """Compare with a project as the dialog does; return what the panel says, in sentences."""
        self.begin(project)
        wait(lambda: self.says[:1] == [f"Compared with {project.stem}"])
        return self.says

    def answer(self, text: str) -> None:
        """Press a button."""
        press_button(self._panel, text)

    def settle(self, text: str) -> None:
        """Choose what becomes of pictures that both decided differently."""
        self._panel.findChild(QComboBox).setCurrentText(text)

    def open_difference(self, place: int) -> None:
        """Show the pictures of a row of the table of differences, by the keyboard."""
        table = self._panel.findChild(QTreeWidget)
        table.setFocus()
        table.setCurrentItem(table.topLevelItem(place))
        table.itemActivated.emit(table.currentItem(), 0)

    @property
    def says(self) -> list[str]:
        """What the panel says; empty where it is not shown."""
        panel = self._panel
        return panel.texts if panel.isVisible() else []

    @property
    def difference_here(self) -> str:
        """What both decided about the current picture, where they differ."""
        return self._panel.difference

    @property
    def differences(self) -> list[tuple[str, ...]]:
        """The table of what was decided differently: you, they, how many pictures."""
        return self._panel.rows
