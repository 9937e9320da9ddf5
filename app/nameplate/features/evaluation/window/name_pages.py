"""The pages about single names: how well each is found, and which are taken for which."""

from typing import Final

import numpy as np
from PySide6.QtCore import Slot

from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.figures.metrics import ConceptResult, Evaluation
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.judging import AnyFigures
from nameplate.features.evaluation.sentences import confusion_sentence, names_sentence
from nameplate.features.evaluation.window.figure_page import (
    IN_BRACKETS,
    NO_NAME,
    FigurePage,
    Rows,
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

    def __init__(self) -> None:
        super().__init__()
        self._figures: AnyFigures | None = None
        self._results: list[tuple[int, ConceptResult]] = []
        self.table = FigureTable("How well each name is found, the worst first")
        self.table.setToolTip(
            "Enter or a click shows the pictures: of Found, those that were missed; of Both, all "
            "mistakes with the name. Both is 100% where the name is on all pictures that show it "
            "and on no others"
        )
        self.table.opened.connect(self._on_opened)
        self.setLayout(column(self.sentence, self.table, spacing=8, grows=1))

    def show_figures(self, figures: AnyFigures) -> None:
        """Show these figures."""
        found = figures.judged
        self._figures = figures
        evaluation = found if isinstance(found, JudgedSets) else found.evaluation
        used = [
            one for one in enumerate(evaluation.per_concept()) if one[1].images or one[1].labelled
        ]
        self._results = sorted(used, key=lambda one: _worth(one[1]))
        self.sentence.show_text(f"{said(names_sentence(evaluation))} {IN_BRACKETS}")
        self.table.show_grid(Grid(_NAME_HEADS, (), len(self._results), self._cell))

    def _rows_of(self, place: int, at: int) -> tuple[Rows, str]:
        """Return the rows behind a cell, and what they are."""
        assert self._figures is not None  # noqa: S101 - there are rows to ask for
        number, found = self._results[place][0], self._figures.judged
        name = called(self._name(place))
        if isinstance(found, JudgedSets):
            is_true, is_given = found.truth[:, number], found.labels[:, number]
        else:
            is_true, is_given = found.truth == number, found.labels == number
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

    def _name(self, place: int) -> str:
        return self._results[place][1].name

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

    @Slot(int, int)
    def _on_opened(self, place: int, at: int) -> None:
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


def _worth(one: ConceptResult) -> tuple[bool, float]:
    """Return by what the worst names come first; those with too few pictures come last."""
    share = one.found
    return share.value is None, 0.0 if share.value is None else share.value


class ConfusionPage(FigurePage):
    """What is taken for what: rows for the truth, columns for labels; and a list of mistakes."""

    title = "Mixed up"

    def __init__(self) -> None:
        super().__init__()
        self._judged: Judged | None = None
        self._shown: list[int] = []
        self._mistakes: list[tuple[int, int, int]] = []
        self.table = FigureTable(
            "What is taken for what: a row for the truth, a column for the label"
        )
        self.list = FigureTable("The most frequent mistakes")
        self.table.opened.connect(self._on_cell)
        self.list.opened.connect(self._on_mistake)
        body = row(self.table, self.list, spacing=12)
        body.setStretch(0, 3)
        body.setStretch(1, 2)
        self.setLayout(column(self.sentence, body, spacing=8, grows=1))

    def show_figures(self, figures: AnyFigures) -> None:
        """Show these figures; names that neither pictures nor labels have are left out."""
        if isinstance(figures.judged, JudgedSets):
            return
        self._judged, evaluation = figures.judged, figures.judged.evaluation
        matrix, last = evaluation.matrix, len(evaluation.names) - 1
        is_used = (matrix.sum(axis=0) > 0) | (matrix.sum(axis=1) > 0)
        self._shown = np.flatnonzero(is_used).tolist()
        self._sums = matrix.sum(axis=1)
        self._mistakes = evaluation.confusions()[:_MOST_MISTAKES]
        names = [evaluation.names[at] if at < last else NO_NAME for at in self._shown]
        self.sentence.show_text(said(confusion_sentence(evaluation)))
        self.table.show_grid(Grid(names, names, len(names), self._cell, is_heat=True))
        self.list.show_grid(
            Grid(_MISTAKE_HEADS, (), len(self._mistakes), self._mistake, widest=116)
        )

    @property
    def _evaluation(self) -> Evaluation:
        assert self._judged is not None  # noqa: S101 - there are cells to ask for
        return self._judged.evaluation

    def _cell(self, place: int, at: int) -> Cell:
        truth, label = self._shown[place], self._shown[at]
        count, names = int(self._evaluation.matrix[truth, label]), self._evaluation.names
        label_text = names[label] or "nothing"
        spoken = f"{counted(count, 'picture')} of {names[truth] or NO_NAME} labelled {label_text}"
        if not count:
            return Cell("", spoken)
        share = count / int(self._sums[truth])
        return Cell(f"{count:,}", spoken, share, truth != label, is_open=True)

    def _mistake(self, place: int, at: int) -> Cell:
        truth, label, count = self._mistakes[place]
        names = self._evaluation.names
        texts = (names[truth] or NO_NAME, names[label] or "nothing", f"{count:,}")
        share = count / self._mistakes[0][2] if at == 2 else None
        return Cell(texts[at], share=share, is_wrong=True, is_open=True)

    def _open(self, truth: int, label: int) -> None:
        assert self._judged is not None  # noqa: S101 - there are cells to open
        found, names = self._judged, self._evaluation.names
        rows = np.flatnonzero((found.truth == truth) & (found.labels == label))
        given = f"labelled {called(names[label])}" if names[label] else "without a label"
        self.request(rows, f"that are really {called(names[truth])} and {given}")

    @Slot(int, int)
    def _on_cell(self, place: int, at: int) -> None:
        self._open(self._shown[place], self._shown[at])

    @Slot(int, int)
    def _on_mistake(self, place: int, _at: int) -> None:
        self._open(*self._mistakes[place][:2])
