"""Drives the panel “How right is it?”; a part of `WindowDriver`."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListWidget, QSlider

from drivers.base import DriverBase
from nameplate.features.evaluation.evaluating import Evaluating
from nameplate.features.evaluation.panel import EvaluationPanel
from nameplate.features.evaluation.window.chart_view import ChartView
from nameplate.features.evaluation.window.figure_table import FigureTable
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


class FiguresDriver(DriverBase):
    """What a person asks of the figures, and what they say."""

    @property
    def evaluation_panel(self) -> EvaluationPanel:
        return self._evaluating.panel

    @property
    def _evaluating(self) -> Evaluating:
        return self.main.workbenches["evaluation"].part(Evaluating)

    def open_figures(self) -> list[str]:
        """Open the panel; return what it says once it has worked."""
        self.menu("How right is it?")
        return self.figures_say()

    def figures_say(self) -> list[str]:
        """What the panel says: of the comparison, of the truth, of a problem, of its age."""
        panel = self.evaluation_panel
        wait(lambda: not panel.is_busy and "before the last" not in panel.texts[-1])
        return panel.texts if panel.is_open else []

    @property
    def are_figures_open(self) -> bool:
        return self.evaluation_panel.is_open

    def compare_labels_with(self, truth: str) -> list[str]:
        """Choose what labels are compared with; return what the panel says then."""
        box = labelled(self.evaluation_panel, QComboBox, "What labels are compared with")
        box.setCurrentText(truth)
        box.activated.emit(box.currentIndex())
        return self.figures_say()

    def compare_labels_with_table(self, path: Path) -> list[str]:
        """Choose a table of labels as its dialog does."""
        self.evaluation_panel.take_table(path)
        return self.figures_say()

    def drop_on_figures(self, path: Path) -> list[str]:
        """Drop a file onto the panel; return what the panel says then."""
        drop_on(self.evaluation_panel, path)
        return self.figures_say()

    def turn_to(self, page: str) -> str:
        """Turn to a page of figures; return its sentence."""
        names = labelled(self.evaluation_panel, QListWidget, "Figures")
        (item,) = names.findItems(page, Qt.MatchFlag.MatchExactly)
        names.setCurrentItem(item)
        shown = self.evaluation_panel.page
        assert shown is not None
        return shown.sentence.text()

    @property
    def has_figures(self) -> bool:
        """Whether there are pages to turn to."""
        return self.evaluation_panel.page is not None

    def figure_tables(self) -> dict[str, list[tuple[str, ...]]]:
        """The tables of the page that is seen, by what they are called."""
        tables = self.evaluation_panel.page.findChildren(FigureTable)
        return {t.accessibleName(): t.texts for t in tables if not t.isHidden()}

    def figure_table(self, name: str) -> FigureTable:
        tables = self.evaluation_panel.page.findChildren(FigureTable)
        return next(t for t in tables if t.accessibleName().startswith(name))

    def open_figure(self, table: str, row: int, column: int) -> None:
        """Go to a cell of a table by the keyboard and press Enter."""
        found = self.figure_table(table)
        found.setFocus()
        while found.currentIndex().row() != row:
            press_keys(found, "Down" if found.currentIndex().row() < row else "Up")
        while found.currentIndex().column() != column:
            press_keys(found, "Right" if found.currentIndex().column() < column else "Left")
        press_keys(found, "Return")

    def click_figure(self, table: str, row: int, column: int) -> None:
        """Click a cell of a table."""
        found = self.figure_table(table)
        place = found.visualRect(found.model().index(row, column)).center()
        QTest.mouseClick(found.viewport(), LEFT, pos=place)

    def click_bar(self, place: int) -> None:
        """Click a bar of the chart that is seen."""
        chart = self.evaluation_panel.page.findChild(ChartView)
        box = chart.boxes[place]
        plot = chart.rect().adjusted(62, 14, -24, -44)
        x = plot.left() + plot.width() * (box.left + box.right) / 2
        QTest.mouseClick(chart, LEFT, pos=QPoint(round(x), plot.bottom() - 3))

    def spoken_cell(self, table: str, row: int, column: int) -> str:
        """What a screen reader says of a cell."""
        model = self.figure_table(table).model()
        return model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)

    def ask_for_certainty(self, percent: int) -> str:
        """Move the slider of the certainty; return what is said of it."""
        page = self.evaluation_panel.page
        page.findChild(QSlider).setValue(percent)
        return page.here

    def press_in_figures(self, text: str) -> None:
        """Press a button of the panel."""
        press_button(self.evaluation_panel, text)

    def button_of_figures(self, text: str) -> str:
        """The whole text of a button of the panel that begins so."""
        return button_in(self.evaluation_panel, text).text()

    @property
    def compared_figures(self) -> str:
        """What the first page says of other labels of the same pictures."""
        return self.evaluation_panel.pages[0].compared

    @property
    def delivered_figures(self) -> str:
        """What the first page says of what is delivered."""
        return self.evaluation_panel.pages[0].delivered

    @property
    def shown_figure(self) -> str:
        """What the bar says of the pictures behind a figure; empty where there is none."""
        bar = self._evaluating.bar
        return bar.text if bar.isVisible() else ""

    def answer_shown_figure(self, text: str) -> None:
        """Press a button of that bar."""
        answer_message(self._evaluating.bar, text)

    def save_figures(self, path: Path) -> None:
        """Save a report as the dialog does."""
        self._evaluating.save_report(path)
        wait(lambda: "report was" in self.message)

    def decide(self, pictures: dict[str, str]) -> None:
        """Decide what pictures show, all at once."""
        for name in set(pictures.values()):
            rows = [self._row_of(p) for p, given in pictures.items() if given == name]
            self.main.labelling.label(self._key_of(name), np.array(rows, dtype=np.int64))
