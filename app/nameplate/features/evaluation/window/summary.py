"""What the accuracy panel says above its pages: the share that is right, or why there is none."""

from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QWidget

from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.window.sentences import (
    explanation,
    headline,
    strangers_sentence,
    what_to_know,
    who_labelled,
)
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph

_SAID = (headline, explanation, who_labelled, what_to_know)


class Summary(QWidget):
    """A headline with its explanation, what is wrong with the truth, or why there are no figures.

    Attributes:
        strangers: Of the truth: what of it belongs to no picture.
        problem: Why there are no figures.
    """

    def __init__(self) -> None:
        super().__init__()
        role = QPalette.ColorRole.WindowText
        title = Paragraph(max_lines=2, role=role)
        title.setFont(font_of(title.font(), TITLE, QFont.Weight.DemiBold))
        explained = Paragraph(max_lines=3, role=role)
        self._said = (title, explained, Paragraph(max_lines=2), Paragraph(max_lines=3))
        self.strangers = Paragraph(max_lines=3, role=role)
        self.problem = Paragraph(max_lines=5, role=role)
        said = column(*self._said, spacing=4)
        self.setLayout(column(said, self.strangers, self.problem, spacing=12))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Its headline, explanation, who labelled, and what to know; empty what it does not say."""
        return tuple("" if part.isHidden() else part.text() for part in self._said)

    def show_figures(self, figures: Figures, missing: str) -> None:
        """Say what figures say, or that pictures are `missing` for them."""
        for part, sentence in zip(self._said, _SAID, strict=True):
            part.show_text("" if missing else sentence(figures))
        self.strangers.show_text(strangers_sentence(figures), "warning")
        self.problem.show_text(missing, "info" if missing else "")
        self.show()

    def show_problem(self, problem: str) -> None:
        """Say why there are no figures; empty for nothing."""
        for part in (*self._said, self.strangers):
            part.show_text("")
        self.problem.show_text(problem, "warning" if problem else "")
        self.setVisible(bool(problem))
