"""The pages that say how right labels are, and how sure one can be of each."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSlider

from nameplate.domain.text import deferred
from nameplate.features.evaluation.figures.certainty import Bin, Coverage
from nameplate.features.evaluation.figures.judged import Judged, JudgedSets
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.report.document import Document
from nameplate.features.evaluation.window.chart_view import ChartView, ShareBar
from nameplate.features.evaluation.window.figure_page import (
    IN_BRACKETS,
    FigurePage,
    PicturesButton,
    ShowPictures,
    share_text,
    spoken_share,
)
from nameplate.features.evaluation.window.figure_table import Cell, FigureTable, Grid
from nameplate.features.evaluation.window.head import said
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import sentences, tr

_FIRST_CERTAINTY: Final = 80
_KEY: Final = deferred(
    "Dashed: where percentages are exactly true. Pale bars: too few pictures to tell. Thin lines: "
    "how far others may differ."
)


class AccuracyPage(FigurePage):
    """The share of right labels with its interval."""

    title = deferred("Share right")
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._bar = ShareBar(tr("Share of the labels that are right"))
        self._more = Paragraph(max_lines=4)
        parts = (self._bar, self.sentence, self._more, None)
        self.setLayout(column(*parts, spacing=8))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; of several labels a picture, those of all that it has together."""
        share = figures.judged.share
        sentence = said(*document["right"].said)
        more = [one for of in ("more", "left-out") if of in document for one in document[of].said]
        line = tr("The thin line on the bar is that range.") if share.value is not None else ""
        self.sentence.show_text(sentences(sentence, line))
        self._bar.show_share(share, sentence)
        self._more.show_text(said(*more))


class ReliabilityPage(FigurePage):
    """Whether percentages are what they say: a bar for each range of them."""

    title = deferred("Percentages")
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._bins: list[Bin] = []
        self._names = 0  # in how many columns each picture was judged, where it may have several
        self.chart = ChartView(tr("Whether percentages are what they say"), self._open)
        self.table = FigureTable(tr("Whether percentages are what they say, range by range"))
        body = row(self.chart, self.table, spacing=12, grows=(3, 2))
        self.setLayout(column(self.sentence, body, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; where a picture may have several labels, of each name by itself."""
        judged, section = figures.judged, document["reliability"]
        self._bins = [one for one in judged.reliability.bins if one.right.of]
        self._names = len(judged.names) if isinstance(judged, JudgedSets) else 0
        sentence = said(*section.said)
        self.sentence.show_text(sentences(sentence, tr(_KEY), tr(IN_BRACKETS)))
        self.chart.show_chart(section.content, sentence)
        counted = tr("Names of pictures") if self._names else tr("Pictures")
        heads = tr("Percentage"), counted, tr("Right", "share")
        rows = len(self._bins)
        self.table.show_grid(Grid(heads, (), rows, self._cell, self._open, self.chart.mark_box))

    def _cell(self, place: int, at: int) -> Cell:
        one = self._bins[place]
        if at < 2:
            text = tr("{low:.0%} to {high:.0%}", low=one.low, high=one.high)
            return Cell(format_number(one.right.of) if at else text, is_open=True)
        what = deferred("Suggested at {low:.0%} to {high:.0%}: {count:,} of {total:,} are right")
        spoken = spoken_share(one.right, what, low=one.low, high=one.high)
        return Cell(share_text(one.right), spoken, one.right.count / one.right.of, False, True)

    def _open(self, place: int, _at: int = 0) -> None:
        one = self._bins[place]
        rows, what = one.rows, deferred("Suggested at {low:.0%} to {high:.0%}")
        if self._names:
            rows = np.unique(rows // self._names)
            what = deferred("A name at {low:.0%} to {high:.0%}")
        self.request(rows, what, low=one.low, high=one.high)


class CoveragePage(FigurePage):
    """What if only pictures of some certainty get a label: how many would, and how right."""

    title = deferred("Only the sure")

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._judged: Judged | None = None
        name = tr("How right labels are, by how many pictures get one")
        self.chart = ChartView(name, on_place=self._on_place)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(tr("Minimum probability for a label, in percent"))
        self._here = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._labelled = PicturesButton(
            self, tr("Show what gets a label"), deferred("{share:.0%} or more")
        )
        self._wrong = PicturesButton(
            self,
            tr("Show the wrong ones of these"),
            deferred("{share:.0%} or more, but wrong"),
        )
        self._rest = PicturesButton(
            self, tr("Show what gets none"), deferred("Less than {share:.0%}")
        )
        self.slider.valueChanged.connect(self._show_here)
        label = QLabel(tr("At &least"))
        label.setBuddy(self.slider)
        buttons = row(self._labelled, self._wrong, self._rest, None, spacing=8)
        choice = row(label, self.slider, spacing=8)
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

    def _show_here(self) -> None:
        judged, least = self._judged, self.slider.value() / 100
        if judged is None:
            return
        is_given = judged.sure >= least  # NaN never is
        is_right = judged.guesses == judged.truth
        place = int(np.searchsorted(-judged.coverage.thresholds, -least, side="right")) - 1
        self.chart.mark_place(judged.coverage.share(place) if place >= 0 else 0.0)
        text = _here_sentence(judged.coverage, place, least)
        self._here.show_text(text)
        self.slider.setAccessibleDescription(text)
        self._labelled.show_rows(np.flatnonzero(is_given), share=least)
        self._wrong.show_rows(np.flatnonzero(is_given & ~is_right), share=least)
        self._rest.show_rows(np.flatnonzero(~is_given), share=least)

    def _on_place(self, x: float) -> None:
        """Choose the certainty at which about this share of the pictures gets a label."""
        found = self._judged.coverage if self._judged else None
        if found is None or not len(found.labelled):
            return
        place = min(int(np.searchsorted(found.labelled, x * found.images)), len(found.labelled) - 1)
        self.slider.setValue(int(100 * found.thresholds[place]))


def _here_sentence(found: Coverage, place: int, least: float) -> str:
    if place < 0:
        return tr("No picture has {share:.0%} or more.", share=least)
    share = found.precision(place)
    low, high = share.interval or (0.0, 1.0)
    return tr(
        "With {least:.0%} or more: {labelled:.0%} of the pictures get a label, and {right:.0%} of "
        "those are right (expect {low:.0%} to {high:.0%}): {wrong:,} of {count:,} are wrong.",
        least=least,
        labelled=found.share(place),
        right=share.count / share.of,
        low=low,
        high=high,
        count=share.of,
        wrong=share.of - share.count,
    )
