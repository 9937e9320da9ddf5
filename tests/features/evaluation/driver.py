"""Drives the accuracy panel of a window."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nameplate.features.evaluation.panel import AccuracyPanel, compare_with
from nameplate.features.evaluation.table import FigureTable
from qt_help import LEFT, button_is_shown, press_button, press_keys, wait
from window_driver import WindowDriver


class FiguresDriver:
    """What a person does in the panel, and what it says."""

    def __init__(self, window: WindowDriver) -> None:
        self.window = window

    @property
    def panel(self) -> AccuracyPanel:
        return self.window.main.workbenches["evaluation"].part(AccuracyPanel)

    @property
    def people(self) -> "PeopleDriver":
        return PeopleDriver(self.window)

    def open(self) -> str:
        """Open the panel; return its headline once it has worked."""
        self.window.menu("Accuracy")
        return self.headline

    def settled(self) -> None:
        """Wait for the figures of now."""
        panel = self.panel
        wait(lambda: not panel.is_busy and panel.state.text() == "")

    @property
    def headline(self) -> str:
        self.settled()
        return self.panel.texts[0]

    @property
    def explanation(self) -> str:
        self.settled()
        return self.panel.texts[1]

    @property
    def sources(self) -> str:
        """The line about the sources of the labels."""
        return self.panel.texts[2]

    @property
    def has_figures(self) -> bool:
        """Whether there is a table."""
        return self.panel.table.isVisible()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The texts of the table."""
        self.settled()
        return self.panel.table.texts

    def row_of(self, name: str) -> int:
        return [row[0] for row in self.rows].index(name)

    def open_cell(self, name: str, head: str, *, after: int = 0) -> None:
        """Go to a cell by the keyboard and press Enter; `after` counts columns beside `head`."""
        table = self.panel.table
        go_to(table, self.row_of(name), list(table.heads).index(head) + after)
        press_keys(table, "Return")

    def click_cell(self, name: str, head: str) -> None:
        """Click a cell."""
        click(self.panel.table, self.row_of(name), list(self.panel.table.heads).index(head))

    def spoken_cell(self, name: str, head: str) -> str:
        """The text of a cell for screen readers."""
        table = self.panel.table
        index = table.model().index(self.row_of(name), list(table.heads).index(head))
        return index.data(Qt.ItemDataRole.AccessibleTextRole)

    def press(self, text: str) -> None:
        """Press a button of the panel."""
        press_button(self.panel, text)

    @property
    def shown(self) -> str:
        """The text of the bar above the pictures behind a figure; empty where there is none."""
        return self.panel.shown_bar.text

    def answer_shown(self, text: str) -> None:
        """Press a button of that bar."""
        press_button(self.panel.shown_bar, text)

    def save(self, path: Path) -> None:
        """Save a report as the dialog does."""
        self.panel.save_report(self.panel.figures, path)
        wait(lambda: "report was" in self.window.message)

    def decide(self, pictures: dict[str, str]) -> None:
        """Decide what pictures show, all at once."""
        window = self.window
        for name in set(pictures.values()):
            rows = [window._row_of(path) for path, given in pictures.items() if given == name]
            window.main.labelling.label(window._key_of(name), np.array(rows, dtype=np.int64))


class PeopleDriver:
    """The section about another person's decisions."""

    def __init__(self, window: WindowDriver) -> None:
        self._bench = window.main.workbenches["evaluation"]

    @property
    def _section(self):
        return self._bench.part(AccuracyPanel).people

    def begin(self, file: Path) -> None:
        """Choose a file in the dialog for a project to compare with."""
        compare_with(self._bench, file)

    def compare_with(self, project: Path) -> list[str]:
        """Compare with a project as the dialog does; return what the section says."""
        self.begin(project)
        wait(lambda: self.says[:1] == [f"Compared with {project.stem}"])
        return self.says

    def answer(self, text: str) -> None:
        """Press a button."""
        press_button(self._section, text)

    def offers(self, text: str) -> bool:
        """Whether there is such a button."""
        return button_is_shown(self._section, text)

    def open_difference(self, place: int) -> None:
        """Click a row of the table of differences."""
        click(self._section.table, place, 0)

    @property
    def says(self) -> list[str]:
        """What the section says; empty where it is not shown."""
        return [] if self._section.isHidden() else self._section.texts

    @property
    def differences(self) -> list[tuple[str, ...]]:
        """The table of what was decided differently: you, they, how many pictures."""
        return self._section.table.texts


def go_to(table: FigureTable, row: int, column: int) -> None:
    """Go to a cell of a table by the keyboard."""
    table.setFocus()
    while table.currentIndex().row() != row:
        press_keys(table, "Down" if table.currentIndex().row() < row else "Up")
    while table.currentIndex().column() != column:
        press_keys(table, "Right" if table.currentIndex().column() < column else "Left")


def click(table: FigureTable, row: int, column: int) -> None:
    """Click a cell of a table."""
    place = table.visualRect(table.model().index(row, column)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)
