"""What stands above the pages: how right labels are, and what they are compared with."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.evaluation.comparing import Question, TruthFrom
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.report.document import counted_names
from nameplate.features.evaluation.report.sentences import copies_sentences, delivered_sentences
from nameplate.ui.widgets.boxes import choice, column, field, row
from nameplate.ui.widgets.file_dialogs import ask_for_file
from nameplate.ui.widgets.painting import TITLE, font_of, one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import listed, sentence, sentences, tr, trn, what_of

_LONGEST: Final = 40
_MOST_LISTED: Final = 4


def headline(figures: Figures) -> str:
    """Return what share is right, and of what; of pictures that you all checked just that."""
    counts = figures.delivered
    if is_all_checked(figures):
        return said(Message("delivered-checked", {"count": counts["images"]}))
    share = figures.judged.share if figures.as_labelled is None else figures.as_labelled
    if share.value is None:
        return ""
    return tr(
        "{share:.0%} of {count:,} suggestions are right."
        if figures.as_labelled is None
        else "{share:.0%} of {count:,} labels are right.",
        share=share.value,
        count=share.of,
    )


def is_all_checked(figures: Figures) -> bool:
    """Whether the truth is what you decided, and nothing is left that a program labels."""
    counts = figures.delivered
    return figures.is_by_decisions and 0 < counts["images"] == counts["checked"]


def explanation(figures: Figures) -> str:
    """Return how the share in the headline came about, and what it says about other pictures."""
    truth, alone = truth_text(figures.question), figures.judged.share
    shown = figures.as_labelled or alone
    if shown.value is None or shown.interval is None:
        return ""
    if is_all_checked(figures):
        return tr(
            "Without you, the suggestions would have been right for {right:,} of {count:,}, "
            "{share:.0%}.",
            right=alone.count,
            count=alone.of,
            share=shown.value,
        )
    # translators: {truth} is “your labels”, “folder names”, or “the labels in” a table
    same = tr(
        "Compared with {truth}: {same:,} of {count:,} are the same.",
        truth=truth,
        same=shown.count,
        count=shown.of,
    )
    low, high = shown.interval
    more = tr(
        "Of more pictures like these, expect {low:.0%} to {high:.0%} to be right.",
        low=low,
        high=high,
    )
    if figures.as_labelled is None or alone.value is None:
        return sentences(same, more)
    return sentences(same, more, tr("The suggestions alone: {share:.0%}.", share=alone.value))


def who_labelled(figures: Figures) -> str:
    """Return who labelled the pictures, as a person counts them; empty where you checked none."""
    if is_all_checked(figures):
        return ""
    return said(*delivered_sentences(figures.delivered))


def said(*messages: Message) -> str:
    """Return messages as sentences."""
    return sentences(*(sentence(what_of(one)) for one in messages))


def what_to_know(figures: Figures) -> str:
    """Return how far the figures can be relied on, and what learning is worth."""
    texts = [said(*copies_sentences(figures.copies))]
    if len(figures.unseen):
        texts.append(tr("Each picture is judged by suggestions that didn't learn from it."))
    if figures.is_by_decisions and figures.names_only is not None:
        alone = figures.names_only.is_right
        right, count = int(alone.sum()), len(alone)
        texts.append(tr("Names alone: {right:,} of {count:,} right.", right=right, count=count))
    if figures.is_by_decisions and not is_all_checked(figures):
        texts.append(tr("Did you check easy or hard ones first? Then the rest will differ."))
    return sentences(*texts)


def missing_sentence(figures: Figures) -> str:
    """Return how many pictures are missing before there are figures; empty for none."""
    if not figures.missing:
        return ""
    if figures.is_by_decisions:
        return trn(
            "Check {count:,} more picture to see how many suggestions are right. "
            "Likely mistakes come first on pages: the share may be low at first.",
            "Check {count:,} more pictures to see how many suggestions are right. "
            "Likely mistakes come first on pages: the share may be low at first.",
            figures.missing,
        )
    return trn(
        "Not enough to compare: {count:,} more picture needed.",
        "Not enough to compare: {count:,} more pictures needed.",
        figures.missing,
    )


def strangers_sentence(figures: Figures) -> str:
    """Return which pictures and names of the truth are not known; empty where all are."""
    return sentences(
        trn(
            "{count:,} name not among yours, so its pictures can't be right: {names}.",
            "{count:,} names not among yours, so their pictures can't be right: {names}.",
            len(figures.unknown_names),
            zero="",
            names=_some(counted_names(figures)),
        ),
        trn(
            "{count:,} row of the table matches no picture here: {rows}.",
            "{count:,} rows of the table match no picture here: {rows}.",
            len(figures.truth.unknown),
            zero="",
            rows=_some(figures.truth.unknown),
        ),
        trn(
            "{count:,} picture with two labels in the table; the last counts: {pictures}.",
            "{count:,} pictures with two labels in the table; the last counts: {pictures}.",
            len(figures.truth.contradicted),
            zero="",
            pictures=_some(figures.truth.contradicted),
        ),
    )


def shown_text(count: int, what: str) -> str:
    """Return which pictures the grid shows."""
    return tr("Accuracy: {what} ({count:,})", what=what, count=count)


def age_sentence(at: str, *, is_old: bool) -> str:
    """Return when figures were made, and whether they are of now."""
    return tr("From {time}, before your last change." if is_old else "From {time}.", time=at)


def truth_text(question: Question) -> str:
    """Return what suggestions are compared with."""
    match question.source:
        case TruthFrom.DECISIONS:
            return tr("your labels")
        case TruthFrom.FOLDERS:
            return tr("folder names")
        case TruthFrom.TABLE:
            name = shortened(one_line(Path(question.table).name), _LONGEST)
            return tr("the labels in “{name}”", name=name)


def _some(texts: Sequence[str]) -> str:
    shown = [shortened(one_line(text), _LONGEST) for text in texts[:_MOST_LISTED]]
    return listed([*shown, *texts[_MOST_LISTED:]], _MOST_LISTED)


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
        for part, says in zip(self._said, _SAID, strict=True):
            part.show_text("" if missing else says(figures))
        self.strangers.show_text(strangers_sentence(figures), "warning")
        self.problem.show_text(missing, "info" if missing else "")
        self.show()

    def show_problem(self, problem: str) -> None:
        """Say why there are no figures; empty for nothing."""
        for part in (*self._said, self.strangers):
            part.show_text("")
        self.problem.show_text(problem, "warning" if problem else "")
        self.setVisible(bool(problem))


_SOURCES: Final = {
    TruthFrom.DECISIONS: deferred("Your labels"),
    TruthFrom.FOLDERS: deferred("Folder names"),
    TruthFrom.TABLE: deferred("A table of labels…"),
}


class TruthChoice(QWidget):
    """A box of sources, and a button that chooses the table of labels.

    Attributes:
        box: Of the sources.
        source: Where the truth comes from.
    """

    def __init__(self, workbench: Workbench, on_chosen: Callable[[], object]) -> None:
        """Make one that calls `on_chosen` when the truth is another one."""
        super().__init__()
        self._workbench, self._on_chosen = workbench, on_chosen
        self._table: Path | None = None
        self.box = choice(tr("What labels are compared with"))
        self.box.setMaximumWidth(260)
        self.box.setMinimumContentsLength(22)
        for source, text in _SOURCES.items():
            self.box.addItem(tr(text), source)
        self._file = QPushButton(tr("Table…"))
        self.box.activated.connect(self._on_box)
        self._file.clicked.connect(self._ask_for_table)
        line = field(tr("Compared &with"), self.box, self._file)
        self.setLayout(row(line, None))
        self._choose(TruthFrom.DECISIONS)

    @property
    def table(self) -> str:
        """The table that is compared with; empty for another source."""
        return str(self._table or "") if self.source is TruthFrom.TABLE else ""

    def take_table(self, path: Path) -> None:
        """Compare with the labels in a file."""
        self._table = path
        self._choose(TruthFrom.TABLE)
        self._on_chosen()

    def _choose(self, source: TruthFrom) -> None:
        self.source = source
        self._file.setVisible(source is TruthFrom.TABLE)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self.box.findData(source))

    def _on_box(self) -> None:
        source = self.box.currentData()
        if source is TruthFrom.TABLE and self._table is None:
            self._ask_for_table()
            self._choose(self.source)  # until a table is chosen
        else:
            self._choose(source)
            self._on_chosen()

    def _ask_for_table(self) -> None:
        taken = self._workbench.guarded(self.take_table)
        ask_for_file(self, taken, tr("Labels to compare with"), tr("Tables") + " (*.csv)")
