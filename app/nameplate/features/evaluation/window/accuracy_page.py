"""The page that says how right the labels are, and whether that is better than before."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QPalette

from nameplate.domain.messages import Message
from nameplate.features.evaluation.document import Document
from nameplate.features.evaluation.findings import NAMES_ONLY
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.sentences import run_sentence
from nameplate.features.evaluation.window.chart_view import ShareBar
from nameplate.features.evaluation.window.figure_page import (
    FigurePage,
    PicturesButton,
    Rows,
    ShowPictures,
    said,
)
from nameplate.features.evaluation.window.figure_table import Cell, FigureTable, Grid
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

BEFORE: Final = "the figures before"
_HEADS: Final = ("Compared with", "Only these labels right", "Only those right", "Both", "Neither")
_WHAT: Final = {
    1: "only these labels are right",
    2: "only those labels are right",
    3: "both are right",
    4: "neither is right",
}
_LEAST_TABLE: Final = 92


class AccuracyPage(FigurePage):
    """The share of right labels with its interval, and comparisons with other runs."""

    title = "How right"
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._runs: list[tuple[str, tuple[Rows, ...]]] = []
        self._delivered = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._share = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        for part, size in ((self._delivered, 1.6), (self._share, 1.4)):
            large = font_of(part.font(), weight=QFont.Weight.Bold)
            large.setPointSizeF(size * large.pointSizeF())
            part.setFont(large)
        self._bar = ShareBar("Share of the labels that are right")
        self._more = Paragraph(max_lines=4)
        self._right = PicturesButton(self, "Show the right ones", "with a right label")
        self._wrong = PicturesButton(self, "Show the wrong ones", "with a wrong label, or none")
        self._table = FigureTable("Compared with other labels of the same pictures")
        self._table.setMinimumHeight(_LEAST_TABLE)
        self._compared = Paragraph(max_lines=8, role=QPalette.ColorRole.WindowText)
        buttons = row(self._wrong, self._right, None, spacing=8)
        parts = (self._delivered, 8, self._share, self._bar, self.sentence, self._more, buttons, 8)
        self.setLayout(column(*parts, self._compared, self._table, None, spacing=6))

    @property
    def delivered(self) -> str:
        """What it says first: what is delivered."""
        return self._delivered.text()

    @property
    def compared(self) -> str:
        """What it says about other runs."""
        return self._compared.text()

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; of several labels a picture, those of all that it has together."""
        found, share = figures.judged, figures.judged.share
        delivered, right = document["delivered"].said, document["right"].said
        more = [
            *document["more"].said,
            *(document["left-out"].said if "left-out" in document else ()),
        ]
        self._delivered.show_text("".join(map(what_of, delivered)))
        alone = "The program alone: " if delivered else ""
        self._share.show_text("" if share.value is None else f"{alone}{share.value:.0%} right")
        sentence = said(*right)
        line = " The thin line on the bar is that range." if share.value is not None else ""
        self.sentence.show_text(f"{sentence}{line}")
        self._bar.show_share(share, sentence)
        self._more.show_text(said(*more))
        self._right.show_rows(np.flatnonzero(found.is_right))
        self._wrong.show_rows(np.flatnonzero(~found.is_right))
        self._show_runs(figures)

    def _show_runs(self, figures: Figures) -> None:
        self._runs = []
        found, before, sentences = figures.findings, figures.before, list[Message]()
        if figures.names_only is not None:
            everything = np.arange(len(figures.judged), dtype=np.int64)
            self._add_run(NAMES_ONLY, figures, everything, figures.names_only.is_right)
            sentences += [run_sentence(found, run.title, run.paired) for run in found.runs]
        if before is not None and len(before.rows):
            self._add_run(BEFORE, figures, before.rows, before.is_right)
            sentences.append(run_sentence(found, BEFORE, before.paired))
        self._compared.show_text(said(*sentences))
        self._table.show_grid(Grid(_HEADS, (), len(self._runs), self._cell, self._open))

    def _add_run(self, title: str, figures: Figures, both: Rows, theirs: NDArray[np.bool_]) -> None:
        """Note the rows of each cell; `both` are compared, `theirs` whether that run is right."""
        mine = figures.judged.is_right[both]
        cells = (mine & ~theirs, theirs & ~mine, mine & theirs, ~mine & ~theirs)
        self._runs.append((title, tuple(both[one] for one in cells)))

    def _cell(self, run: int, at: int) -> Cell:
        title, cells = self._runs[run]
        if not at:
            return Cell(title)
        count, total = len(cells[at - 1]), sum(map(len, cells))
        spoken = f"{_HEADS[at]}: {counted(count, 'picture')}, compared with {title}"
        return Cell(f"{count:,}", spoken, count / total, at == 2, bool(count))

    def _open(self, run: int, at: int) -> None:
        title, cells = self._runs[run]
        if at:
            self.request(cells[at - 1], f"where {_WHAT[at]}, compared with {title}")
