"""The pages about single names: how well each is found, and which are taken for which."""

from typing import Final

import numpy as np

from nameplate.features.evaluation.document import Document, Matrix, Names
from nameplate.features.evaluation.figures.metrics import ConceptResult
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.window.figure_page import (
    IN_BRACKETS,
    NO_NAME,
    FigurePage,
    Rows,
    ShowPictures,
    called,
    said,
    share_text,
    spoken_share,
)
from nameplate.features.evaluation.window.figure_table import Cell, FigureTable, Grid
from nameplate.ui.widgets.boxes import column, row
from nameplate.wording.numbers import counted

_NAME_HEADS: Final = ("Name", "Pictures", "Found", "Right where given", "Both (F1)")
_F1: Final = 4
_MISTAKE_HEADS: Final = ("Really", "Labelled", "Pictures")
_MOST_MISTAKES: Final = 1000


class NamesPage(FigurePage):
    """How many pictures of each name are found, and how many of its labels are right."""

    title = "By name"
    is_for_several = True

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self._results: list[tuple[int, ConceptResult]] = []
        self.table = FigureTable("How well each name is found, the worst first")
        self.table.setToolTip(
            "Enter or a click shows the pictures: of Found, those that were missed; of Both, all "
            "mistakes with the name. Both is 100% where the name is on all pictures that show it "
            "and on no others"
        )
        self.setLayout(column(self.sentence, self.table, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures, without names that neither pictures nor labels have."""
        section = document["names"]
        assert isinstance(section.content, Names)  # noqa: S101 - so it is made
        self._judged, results = figures.judged, section.content.results
        in_order = [(number, results[number]) for number in section.content.order]
        self._results = [one for one in in_order if one[1].images or one[1].labelled]
        self.sentence.show_text(f"{said(*section.said)} {IN_BRACKETS}")
        self.table.show_grid(Grid(_NAME_HEADS, (), len(self._results), self._cell, self._open))

    def _rows_of(self, place: int, at: int) -> tuple[Rows, str]:
        """Return the rows behind a cell, and what they are."""
        number, result = self._results[place]
        is_true, is_given = self._judged.with_name(number)
        name = called(result.name)
        match at:
            case 4 if (is_true != is_given).any():
                return np.flatnonzero(is_true != is_given), f"with mistakes about {name}"
            case 2 if (is_true & ~is_given).any():
                return np.flatnonzero(is_true & ~is_given), f"of {name} that were missed"
            case 3 if (is_given & ~is_true).any():
                return np.flatnonzero(is_given & ~is_true), f"that wrongly got {name}"
            case 3:
                return np.flatnonzero(is_given), f"that got {name}"
            case _:
                return np.flatnonzero(is_true), f"that really show {name}"

    def _cell(self, place: int, at: int) -> Cell:
        one = self._results[place][1]
        if at < 2:
            return Cell(one.name if not at else f"{one.images:,}", is_open=one.images > 0)
        if at == _F1:
            return _f1_cell(one)
        share = one.found if at == 2 else one.fitting
        filled = share.count / share.of if share.of else None
        of_what = f"of {one.name} are found" if at == 2 else f"labelled {one.name} really show it"
        return Cell(share_text(share), spoken_share(share, of_what), filled, False, share.of > 0)

    def _open(self, place: int, at: int) -> None:
        self.request(*self._rows_of(place, at))


def _f1_cell(one: ConceptResult) -> Cell:
    f1, is_open = one.f1, one.shared.of > 0
    if f1 is None:
        least = f"not enough pictures of {one.name} yet"
        return Cell("too few" if is_open else "none", least, is_open=is_open)
    value, (low, high) = f1
    text = f"{value:.0%} ({low:.0%} to {high:.0%})"
    spoken = (
        f"{one.name}, found and right where given, in one figure: {value:.0%}, for pictures like "
        f"these between {low:.0%} and {high:.0%}"
    )
    return Cell(text, spoken, value, False, is_open)


class ConfusionPage(FigurePage):
    """What is taken for what: rows for the truth, columns for labels; and a list of mistakes."""

    title = "Mixed up"

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__(show_pictures)
        self.table = FigureTable(
            "What is taken for what: a row for the truth, a column for the label"
        )
        self.list = FigureTable("The most frequent mistakes")
        body = row(self.table, self.list, spacing=12)
        body.setStretch(0, 3)
        body.setStretch(1, 2)
        self.setLayout(column(self.sentence, body, spacing=8, grows=1))

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures; names that neither pictures nor labels have are left out."""
        section = document["mistakes"]
        assert isinstance(section.content, Matrix)  # noqa: S101 - it is not for several
        self._judged, self._matrix = figures.judged, section.content
        self._sums = self._matrix.counts.sum(axis=1)
        names = [self._matrix.names[at] or NO_NAME for at in self._matrix.used]
        mistakes = min(_MOST_MISTAKES, len(self._matrix.mistakes))
        self.sentence.show_text(said(*section.said))
        self.table.show_grid(
            Grid(names, names, len(names), self._cell, self._on_cell, is_heat=True)
        )
        self.list.show_grid(
            Grid(_MISTAKE_HEADS, (), mistakes, self._mistake, self._on_mistake, widest=116)
        )

    def _cell(self, place: int, at: int) -> Cell:
        truth, label = self._matrix.used[place], self._matrix.used[at]
        count, names = int(self._matrix.counts[truth, label]), self._matrix.names
        label_text = names[label] or "nothing"
        spoken = f"{counted(count, 'picture')} of {names[truth] or NO_NAME} labelled {label_text}"
        if not count:
            return Cell("", spoken)
        share = count / int(self._sums[truth])
        return Cell(f"{count:,}", spoken, share, truth != label, is_open=True)

    def _mistake(self, place: int, at: int) -> Cell:
        truth, label, count = self._matrix.mistakes[place]
        names = self._matrix.names
        texts = (names[truth] or NO_NAME, names[label] or "nothing", f"{count:,}")
        share = count / self._matrix.mistakes[0][2] if at == 2 else None
        return Cell(texts[at], share=share, is_wrong=True, is_open=True)

    def _open(self, truth: int, label: int) -> None:
        names = self._matrix.names
        is_it = self._judged.with_name(truth)[0] & self._judged.with_name(label)[1]
        given = f"labelled {called(names[label])}" if names[label] else "without a label"
        self.request(np.flatnonzero(is_it), f"that are really {called(names[truth])} and {given}")

    def _on_cell(self, place: int, at: int) -> None:
        self._open(self._matrix.used[place], self._matrix.used[at])

    def _on_mistake(self, place: int, _at: int) -> None:
        self._open(*self._matrix.mistakes[place][:2])
