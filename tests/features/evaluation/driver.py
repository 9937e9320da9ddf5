"""Drives the accuracy panel of a window."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListWidget, QPushButton, QSlider

from nameplate.features.evaluation.panel import EvaluationPanel
from nameplate.features.evaluation.report.page import report_of
from nameplate.features.evaluation.window.chart_view import ChartView
from nameplate.features.evaluation.window.figure_table import FigureTable
from nameplate.features.evaluation.window.saving import save_report
from qt_help import (
    LEFT,
    answer_message,
    button_in,
    drop_on,
    labelled,
    press_button,
    press_keys,
    wait,
)
from window_driver import WindowDriver


class FiguresDriver:
    """What a person asks of the figures, and what they say."""

    def __init__(self, window: WindowDriver) -> None:
        self.window = window

    @property
    def panel(self) -> EvaluationPanel:
        return self.window.main.workbenches["evaluation"].part(EvaluationPanel)

    def open(self) -> list[str]:
        """Open the panel; return what it says once it has worked."""
        self.window.menu("Accuracy")
        return self.says()

    def says(self) -> list[str]:
        """What the panel says: of the comparison, of the truth, of a problem, of its age."""
        panel = self.panel
        wait(lambda: not panel.is_busy and "before your last" not in panel.state.text())
        if not panel.is_open:
            return []
        headline, explanation, _who, note = panel.summary.sentences
        parts = (panel.summary.strangers, panel.summary.problem, panel.state)
        said = " ".join(filter(None, (headline, explanation, note)))
        return [said, *("" if part.isHidden() else part.text() for part in parts)]

    def compare_with(self, truth: str) -> list[str]:
        """Choose what labels are compared with; return what the panel says then."""
        box = labelled(self.panel, QComboBox, "What labels are compared with")
        box.setCurrentText(truth)
        box.activated.emit(box.currentIndex())
        return self.says()

    def compare_with_table(self, path: Path) -> list[str]:
        """Choose a table of labels as its dialog does."""
        self.panel.truth.take_table(path)
        return self.says()

    def drop(self, path: Path) -> list[str]:
        """Drop a file onto the panel; return what the panel says then."""
        drop_on(self.panel, path)
        return self.says()

    def turn_to(self, page: str) -> str:
        """Turn to a page of figures, among the details; return its sentence."""
        for button in self.panel.findChildren(QPushButton):
            if button.text() == "Details":
                button.setChecked(True)
        names = labelled(self.panel, QListWidget, "Figures")
        (item,) = names.findItems(page, Qt.MatchFlag.MatchExactly)
        names.setCurrentItem(item)
        shown = self.panel.page
        assert shown is not None
        return shown.sentence.text()

    @property
    def has_figures(self) -> bool:
        """Whether there are pages to turn to."""
        return self.panel.page is not None

    def tables(self) -> dict[str, list[tuple[str, ...]]]:
        """The tables of the page that is seen, by what they are called."""
        tables = self.panel.page.findChildren(FigureTable)
        return {t.accessibleName(): t.texts for t in tables if not t.isHidden()}

    def table(self, name: str) -> FigureTable:
        tables = self.panel.page.findChildren(FigureTable)
        return next(t for t in tables if t.accessibleName().startswith(name))

    def open_cell(self, table: str, row: int, column: int) -> None:
        """Go to a cell of a table by the keyboard and press Enter."""
        found = self.table(table)
        found.setFocus()
        while found.currentIndex().row() != row:
            press_keys(found, "Down" if found.currentIndex().row() < row else "Up")
        while found.currentIndex().column() != column:
            press_keys(found, "Right" if found.currentIndex().column() < column else "Left")
        press_keys(found, "Return")

    def click_cell(self, table: str, row: int, column: int) -> None:
        """Click a cell of a table."""
        found = self.table(table)
        place = found.visualRect(found.model().index(row, column)).center()
        QTest.mouseClick(found.viewport(), LEFT, pos=place)

    def click_bar(self, place: int) -> None:
        """Click a bar of the chart that is seen."""
        chart = self.panel.page.findChild(ChartView)
        box = chart.boxes[place]
        plot = chart.rect().adjusted(62, 14, -24, -44)
        x = plot.left() + plot.width() * (box.left + box.right) / 2
        QTest.mouseClick(chart, LEFT, pos=QPoint(round(x), plot.bottom() - 3))

    def spoken_cell(self, table: str, row: int, column: int) -> str:
        """What a screen reader says of a cell."""
        model = self.table(table).model()
        return model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)

    def ask_for_certainty(self, percent: int) -> str:
        """Move the slider of the certainty; return what is said of it."""
        page = self.panel.page
        page.findChild(QSlider).setValue(percent)
        return page.here

    def press(self, text: str) -> None:
        """Press a button of the panel."""
        press_button(self.panel, text)

    def button(self, text: str) -> str:
        """The whole text of a button of the panel that begins so."""
        return button_in(self.panel, text).text()

    @property
    def delivered(self) -> str:
        """What the panel says of who labelled the pictures."""
        return self.panel.summary.sentences[2]

    @property
    def shown(self) -> str:
        """What the bar says of the pictures behind a figure; empty where there is none."""
        bar = self.panel.shown_bar
        return bar.text if bar.isVisible() else ""

    def answer_shown(self, text: str) -> None:
        """Press a button of that bar."""
        answer_message(self.panel.shown_bar, text)

    def save(self, path: Path) -> None:
        """Save a report as the dialog does."""
        found = self.panel.figures
        bench = self.window.main.workbenches["evaluation"]
        save_report(bench, lambda: report_of(found), found.files, path)
        wait(lambda: "report was" in self.window.message)

    def decide(self, pictures: dict[str, str]) -> None:
        """Decide what pictures show, all at once."""
        window = self.window
        for name in set(pictures.values()):
            rows = [window._row_of(path) for path, given in pictures.items() if given == name]
            window.main.labelling.label(window._key_of(name), np.array(rows, dtype=np.int64))
