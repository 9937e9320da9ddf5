"""Drives the panel *Accuracy*, random checks and pages of doubtful labels in a person's words."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from drivers.base import called
from nameplate.features.quality.figures.table import FigureTable
from nameplate.features.quality.panel import AccuracyPanel, compare_with
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import LEFT, button_is_shown, press_button, press_keys, wait
from window_driver import WindowDriver


class AccuracyDriver:
    """What a person does in the panel, and what it says."""

    def __init__(self, window: WindowDriver) -> None:
        self.window = window

    @property
    def panel(self) -> AccuracyPanel:
        return self.window.main.workbenches["quality"].part(AccuracyPanel)

    def open(self) -> None:
        """Open the panel, and wait until the figures are worked out."""
        if not self.panel.is_open:
            self.window.menu("Accuracy")
        wait(lambda: self.panel.is_open)

    def offers(self, button: str) -> bool:
        """Whether the panel has this button."""
        return button_is_shown(self.panel, button)

    def answer(self, button: str) -> None:
        """Press a button of the panel."""
        press_button(self.panel, button)

    @property
    def says(self) -> str:
        """What is said of all labels; empty while the panel is closed."""
        return "\n".join(filter(None, said_in(self.panel.card))) if self.panel.is_open else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    @property
    def people(self) -> "PeopleDriver":
        return PeopleDriver(self.window)

    def settled(self) -> None:
        """Wait for the figures of now."""
        wait(lambda: self.panel.figures.is_current)

    @property
    def headline(self) -> str:
        self.settled()
        return said_in(self.panel.card)[0]

    @property
    def explanation(self) -> str:
        self.settled()
        return said_in(self.panel.card)[1]

    @property
    def suggestions(self) -> str:
        """What is said of suggestions, above the table."""
        self.settled()
        return said_in(self.panel.figures)[1]

    @property
    def state(self) -> str:
        """The state of the work on the figures."""
        return said_in(self.panel.figures)[2]

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The title with the number of doubtful labels, and what is said of them."""
        return tuple(said_in(self.panel.doubtful))

    @property
    def sources(self) -> str:
        """The line about the sources of the labels."""
        return said_in(self.panel.card)[2]

    @property
    def has_figures(self) -> bool:
        """Whether there is a table."""
        return self.panel.figures.table.isVisible()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The texts of the table."""
        self.settled()
        return texts_of(self.panel.figures.table)

    def row_of(self, name: str) -> int:
        return [row[0] for row in self.rows].index(name)

    def open_cell(self, name: str, head: str, *, after: int = 0) -> None:
        """Go to a cell by the keyboard and press Enter; `after` counts columns beside `head`."""
        table = self.panel.figures.table
        go_to(table, self.row_of(name), heads_of(table).index(head) + after)
        press_keys(table, "Return")

    def click_cell(self, name: str, head: str) -> None:
        """Click a cell."""
        table = self.panel.figures.table
        click(table, self.row_of(name), heads_of(table).index(head))

    def spoken_cell(self, name: str, head: str) -> str:
        """The text of a cell for screen readers."""
        table = self.panel.figures.table
        index = table.model().index(self.row_of(name), heads_of(table).index(head))
        return index.data(Qt.ItemDataRole.AccessibleTextRole)

    @property
    def shown(self) -> str:
        """The text of the bar above the pictures behind a figure; empty where there is none."""
        bar = self.panel.shown_bar
        return "" if bar.isHidden() else said_in(bar)[0]

    def answer_shown(self, text: str) -> None:
        """Press a button of that bar."""
        press_button(self.panel.shown_bar, text)

    def save(self, path: Path) -> None:
        """Save a report as the dialog does."""
        self.settled()
        self.panel.figures.save_report(self.panel.figures.figures, path)
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
        self._bench = window.main.workbenches["quality"]

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
        return [] if self._section.isHidden() else said_in(self._section)

    @property
    def differences(self) -> list[tuple[str, ...]]:
        """The table of what was decided differently: you, they, how many pictures."""
        return texts_of(self._section.table)


class RandomChecks(AccuracyDriver):
    """Random checks and their pages."""

    def hide_labels(self) -> None:
        """Turn the switch that hides labels."""
        self.panel.card.findChild(QCheckBox).click()

    def begin(self, *, hidden: bool = False) -> None:
        """Open the panel, and wait for the first page."""
        self.open()
        if hidden:
            self.hide_labels()
        self.answer("Check at random")
        wait(lambda: self.window.page and self.window.is_page_seen, 30)

    def leave_checks(self) -> None:
        """Leave the page of checks, and go to the panel by the status line."""
        self.window.press("Escape")
        self.press_status()
        wait(lambda: self.panel.is_open)

    def check_page(self) -> None:
        """Check a page by the folders of its pictures: the folder is the right name."""
        wait(lambda: self.window.is_page_seen)
        before, names = self.window.page, self.window.names()
        is_hidden = self.window.page_text.startswith("Name these.")
        for place, picture in enumerate(before):
            truth = picture.split("/")[0]
            if is_hidden or self.window.on_page()[picture] != truth:
                self.window.point_at(place)
                self.window.press(str(names.index(truth) + 1))
        self.window.press("Return")
        wait(lambda: self.window.page != before)

    @property
    def status(self) -> str:
        """What the status line says of the checks."""
        return self.window.main.status.note_text

    def press_status(self) -> None:
        """Press what the status line says of the checks."""
        press_button(self.window.main.status, self.status)

    def inspector_says(self) -> str:
        """All that stands in the inspector, and what a screen reader says of its parts."""
        inspector = self.window.main.inspector
        texts = [p.text() for p in inspector.findChildren(Paragraph) if not p.isHidden()]
        spoken = [w.accessibleName() for w in inspector.findChildren(QWidget) if w.isVisible()]
        return "\n".join([*texts, *spoken, inspector.chart.accessibleDescription()])

    def hidden_from(self) -> dict[str, str]:
        """Return what a screen reader says in the grid of each picture of the page."""
        model = self.window.main.arrangement.model
        paths = self.window.project.images.paths
        role = Qt.ItemDataRole.AccessibleTextRole
        return {
            called(paths[row]): model.data(model.index_of(row), role)
            for row in model.order.tolist()
            if called(paths[row]) in self.window.page
        }


class DoubtfulLabels:
    """The doubtful labels of the open project."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    def open(self) -> None:
        """Show their pages, and wait until the labels were compared."""
        self.begin()
        wait(lambda: not self._is_comparing, 30)
        if self._window.page:
            wait(lambda: self._window.is_page_seen)

    def begin(self) -> None:
        """Show their pages, or what is said before there are any."""
        AccuracyDriver(self._window).open()
        press_button(self._window.main, "Show")
        wait(self._window.pages.isVisible)

    @property
    def _is_comparing(self) -> bool:
        return self.says.startswith(("Comparing", "All pictures", "\n")) or not self.says

    @property
    def says(self) -> str:
        """What stands on the page, or where there is none."""
        return self._window.page_text if self._window.pages.isVisible() else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    def use_folder_names(self) -> None:
        """Take the names of the folders as given labels."""
        self._window.menu("Use folder names as labels")
        self._window.wait_for_message("labels imported")


def said_in(widget: QWidget) -> list[str]:
    """Return what a widget says, from above; empty for parts that are hidden."""
    return ["" if part.isHidden() else part.text() for part in widget.findChildren(QLabel)]


def heads_of(table: FigureTable) -> list[str]:
    """Return the texts above the columns of a table."""
    model, across = table.model(), Qt.Orientation.Horizontal
    return [model.headerData(at, across) for at in range(model.columnCount())]


def texts_of(table: FigureTable) -> list[tuple[str, ...]]:
    """Return the texts of all cells of a table, row by row."""
    model, columns = table.model(), range(table.model().columnCount())
    rows = range(model.rowCount())
    return [tuple(model.index(row, at).data() for at in columns) for row in rows]


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
