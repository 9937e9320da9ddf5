"""The pages about percentages: are they what they say, and what if only the sure get a label."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSlider

from nameplate.features.evaluation.document import Document
from nameplate.features.evaluation.figures.calibration import Bin
from nameplate.features.evaluation.figures.coverage import Coverage
from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.window.chart_view import ChartView
from nameplate.features.evaluation.window.figure_page import (
    IN_BRACKETS,
    FigurePage,
    PicturesButton,
    ShowPictures,
    said,
    share_text,
    spoken_share,
)
from nameplate.features.evaluation.window.figure_table import Cell, FigureTable, Grid
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import counted

_HEADS: Final = ("It says", "Pictures", "Right")
_HEADS_OF_SEVERAL: Final = ("It says", "Names of pictures", "Right")
_FIRST_CERTAINTY: Final = 80


class ReliabilityPage(FigurePage):
    """Whether percentages are what they say: a bar for each range of them."""

    title = "Percentages"
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._bins: list[Bin] = []
        self._names = 0  # in how many columns each picture was judged, where it may have several
        self.chart = ChartView("Whether percentages are what they say")
        self.table = FigureTable("Whether percentages are what they say, range by range")
        self.chart.box_clicked.connect(self._open)
        body = row(self.chart, self.table, spacing=12)
        body.setStretch(0, 3)
        body.setStretch(1, 2)
        self.setLayout(column(self.sentence, body, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; where a picture may have several labels, of each name by itself."""
        judged, section = figures.judged, document["reliability"]
        self._bins = [one for one in judged.reliability.bins if one.right.of]
        self._names = len(judged.names) if isinstance(judged, JudgedSets) else 0
        sentence = said(*section.said)
        self.sentence.show_text(f"{sentence} {IN_BRACKETS}")
        self.chart.show_chart(section.content, sentence)
        heads = _HEADS_OF_SEVERAL if self._names else _HEADS
        rows = len(self._bins)
        self.table.show_grid(Grid(heads, (), rows, self._cell, self._open, self.chart.mark_box))

    def _cell(self, place: int, at: int) -> Cell:
        one = self._bins[place]
        said_range = f"{one.low:.0%} to {one.high:.0%}"
        if at < 2:
            return Cell(said_range if not at else f"{one.right.of:,}", is_open=True)
        spoken = spoken_share(one.right, f"that it is {said_range} sure of are right")
        return Cell(share_text(one.right), spoken, one.right.count / one.right.of, False, True)

    @Slot(int)
    def _open(self, place: int, _at: int = 0) -> None:
        one, what = self._bins[place], "that it is"
        rows = one.rows
        if self._names:
            rows, what = np.unique(rows // self._names), "of which some name is"
        self.request(
            rows, f"{what} {one.low:.0%} to {one.high:.0%} sure{' of' * (not self._names)}"
        )


class CoveragePage(FigurePage):
    """What if only pictures of some certainty get a label: how many would, and how right."""

    title = "Only the sure"

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._judged: Judged | None = None
        self.chart = ChartView("How right labels are, by how many pictures get one")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("Least certainty for a label, in percent")
        self._here = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._labelled = PicturesButton(self, "Show what gets a label", "")
        self._wrong = PicturesButton(self, "Show the wrong ones of these", "")
        self._rest = PicturesButton(self, "Show what gets none", "")
        self.chart.place_clicked.connect(self._on_place)
        self.slider.valueChanged.connect(self._show_here)
        name = QLabel("&Least certainty:")
        name.setBuddy(self.slider)
        buttons = row(self._labelled, self._wrong, self._rest, None, spacing=8)
        choice = row(name, self.slider, spacing=8)
        parts = (self.sentence, self.chart, choice, self._here, buttons)
        self.setLayout(column(*parts, spacing=8, grows=1))

    @property
    def here(self) -> str:
        """What it says of the certainty that is chosen."""
        return self._here.text()

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; the certainty that was chosen stays."""
        if self._judged is None:
            self.slider.setValue(_FIRST_CERTAINTY)
        assert isinstance(figures.judged, Judged)  # noqa: S101 - it is not for several
        self._judged, section = figures.judged, document["coverage"]
        sentence = said(*section.said)
        self.sentence.show_text(sentence)
        self.chart.show_chart(section.content, sentence)
        self._show_here()

    @Slot()
    def _show_here(self) -> None:
        judged, least = self._judged, self.slider.value() / 100
        if judged is None:
            return
        is_given = judged.sure >= least  # NaN never is
        is_right = judged.guesses == judged.truth
        place = _place_of(judged.coverage, least)
        self.chart.mark_place(judged.coverage.share(place) if place >= 0 else 0.0)
        text = _here_sentence(judged.coverage, place, least)
        self._here.show_text(text)
        self.slider.setAccessibleDescription(text)
        self._labelled.show_rows(np.flatnonzero(is_given), f"of at least {least:.0%} certainty")
        wrong = f"of at least {least:.0%} certainty that are wrong"
        self._wrong.show_rows(np.flatnonzero(is_given & ~is_right), wrong)
        self._rest.show_rows(np.flatnonzero(~is_given), f"of less than {least:.0%} certainty")

    @Slot(float)
    def _on_place(self, x: float) -> None:
        """Choose the certainty at which about this share of the pictures gets a label."""
        found = self._judged.coverage if self._judged else None
        if found is None or not len(found.labelled):
            return
        place = min(int(np.searchsorted(found.labelled, x * found.images)), len(found.labelled) - 1)
        self.slider.setValue(int(100 * found.thresholds[place]))


def _place_of(found: Coverage, least: float) -> int:
    """Return the last place of the arrays whose threshold is at least `least`; -1 for none."""
    return int(np.searchsorted(-found.thresholds, -least, side="right")) - 1


def _here_sentence(found: Coverage, place: int, least: float) -> str:
    if place < 0:
        return f"At {least:.0%} certainty no picture gets a label."
    share = found.precision(place)
    wrong = share.of - share.count
    low, high = share.interval or (0.0, 1.0)
    return (
        f"At {least:.0%} certainty {found.share(place):.0%} of the pictures get a label and "
        f"{share.count / share.of:.0%} of those are right (between {low:.0%} and {high:.0%}): "
        f"{counted(share.of, 'picture')}, {wrong:,} of them wrong."
    )
