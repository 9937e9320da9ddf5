"""The panel of a promise: what is promised, how far its checks are, and what comes next."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QPushButton, QScrollArea, QWidget

from nameplate.ui.promise.words import WHAT_FREEZES, WHAT_IT_IS, share_text
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import WorkPanel

TARGETS: Final = (0.9, 0.95, 0.98, 0.99, 0.995)
CONFIDENCES: Final = (0.9, 0.95, 0.99)
USUAL: Final = (0.98, 0.95)
"""The share that is promised, and how surely, until a person chooses others."""

_WIDEST: Final = 780


@dataclass(frozen=True, slots=True)
class PanelText:
    """What the panel says and offers.

    Attributes:
        title: What there is to know.
        text: More of it, and what to do next.
        note: What else was found.
        certificate: What is promised, a paragraph a line.
        button: The text of the button for what comes next.
        is_ready: Whether that can be done now.
        others: What else can be done: the texts of buttons by what they are for.
        done: How many checks were made, and how many it takes; None where none are made.
        has_choice: Whether a person chooses what to promise.
    """

    title: str
    text: str = ""
    note: str = ""
    certificate: str = ""
    button: str = ""
    is_ready: bool = True
    others: tuple[tuple[str, str], ...] = ()
    done: tuple[int, int] | None = None
    has_choice: bool = False


class PromisePanel(WorkPanel):
    """Shows how far a promise is, and asks for its next step. A passive view.

    Signals:
        chosen: Another share or another certainty is wanted.
        other_requested: A further button was pressed; what it is for.
        figures_requested: The person wants to see how right the labels are.
    """

    chosen = Signal()
    other_requested = Signal(str)
    figures_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Promise how right the labels are", "Begin", "promising")
        self._shown = PanelText("")
        self._target = _shares("At least so much is right", TARGETS, USUAL[0])
        self._confidence = _shares("How sure you want to be of it", CONFIDENCES, USUAL[1])
        role = QPalette.ColorRole.WindowText
        self._heading = Paragraph(max_lines=3, role=role)
        self._heading.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        self._text = Paragraph(max_lines=8, role=role)
        self._note = Paragraph(max_lines=5, role=role)
        self._certificate = [Paragraph(max_lines=6, role=role) for _ in range(_PARAGRAPHS)]
        self._what = [Paragraph(max_lines=6) for _ in range(2)]
        self._checks = QProgressBar(textVisible=False)
        self._checks.setFixedHeight(8)
        self._others = [QPushButton() for _ in range(_MOST_OTHERS)]
        self._figures = QPushButton("How right is it?")
        self._figures.setToolTip("Figures about labels whose truth is known: your decisions")
        self._figures.setAutoDefault(True)  # Enter on it must not press the main button
        self._lay_out()  # before anything is shown: a part without a window is one itself
        for paragraph, words in zip(self._what, (WHAT_IT_IS, WHAT_FREEZES), strict=True):
            paragraph.show_text(words)
        self._figures.clicked.connect(self.figures_requested)
        for box in (self._target, self._confidence):
            box.currentIndexChanged.connect(self.chosen)
        for number, button in enumerate(self._others):
            button.setAutoDefault(True)  # Enter on it must not press the main button
            button.clicked.connect(lambda _=False, number=number: self._on_other(number))

    def _lay_out(self) -> None:
        self._form = QWidget()
        words = (
            QLabel("At least"),
            self._target,
            QLabel("of the labels are right, and I want to be"),
            self._confidence,
            QLabel("sure of that."),
        )
        self._form.setLayout(row(*words, None, spacing=6))
        body = QWidget()
        body.setMaximumWidth(_WIDEST)
        self.add_to_head(self._figures)
        parts = (self._form, self._heading, self._checks, self._text, self._note)
        body.setLayout(
            column(
                *parts,
                *self._certificate,
                6,
                *self._what,
                None,
                spacing=10,
            )
        )
        body.setAutoFillBackground(False)
        self._scrolled = QScrollArea(widgetResizable=True)
        self._scrolled.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scrolled.setWidget(body)
        self._scrolled.viewport().setAutoFillBackground(False)
        self.lay_out(self._scrolled, grows=0, others=self._others)

    # ---- what is chosen

    @property
    def target(self) -> float:
        """The share that is to be promised."""
        return self._target.currentData()

    @property
    def confidence(self) -> float:
        """How surely."""
        return self._confidence.currentData()

    def choose(self, target: float, confidence: float) -> None:
        """Choose what is to be promised; without a signal, and only what there is to choose."""
        for box, share in ((self._target, target), (self._confidence, confidence)):
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(share)))

    # ---- what is shown

    @property
    def text(self) -> str:
        """All that is said of the promise."""
        parts = (self._heading, self._text, self._note, *self._certificate)
        return "\n".join(part.text() for part in parts if not part.isHidden())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being worked out that it waits for."""
        return not self._shown.title.endswith("…") and not self._shown.text.endswith("…")

    def show_text(self, shown: PanelText) -> None:
        """Show how far the promise is, and what can be done next."""
        if self.is_open and self.begin_button.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # not where Qt goes from a hidden button
        self._shown = shown
        self._form.setVisible(shown.has_choice)
        self._heading.show_text(shown.title)
        self._text.show_text(shown.text)
        self._note.show_text(shown.note, "info")
        paragraphs = shown.certificate.split("\n") if shown.certificate else []
        for place, part in enumerate(self._certificate):
            part.show_text(paragraphs[place] if place < len(paragraphs) else "")
        for part in self._what:
            part.setVisible(not shown.certificate)
        self._checks.setVisible(shown.done is not None)
        done, total = shown.done or (0, 1)
        self._checks.setRange(0, max(1, total))
        self._checks.setValue(done)
        self._checks.setAccessibleName(f"{done:,} of {total:,} checks")
        for place, button in enumerate(self._others):
            is_there = place < len(shown.others)
            button.setText(shown.others[place][1] if is_there else "")
            button.setVisible(is_there)
        self.begin_button.setText(shown.button or "Begin")
        self.show_work(is_busy=False, is_possible=bool(shown.button) and shown.is_ready)
        self.begin_button.setVisible(bool(shown.button))
        if self.is_open and self.hasFocus():  # it waited for the button
            self.take_focus()

    def take_focus(self) -> None:
        """Give the focus to what is chosen first, or to the button for what comes next."""
        first = self._target if self._shown.has_choice else self.begin_button
        is_there = first.isEnabled() and not first.isHidden()
        (first if is_there else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll a long certificate with Page up and Page down, wherever the focus is."""
        bar = self._scrolled.verticalScrollBar()
        if event.key() == Qt.Key.Key_PageDown:
            bar.setValue(bar.value() + bar.pageStep())
        elif event.key() == Qt.Key.Key_PageUp:
            bar.setValue(bar.value() - bar.pageStep())
        super().keyPressEvent(event)

    def _on_other(self, number: int) -> None:
        self.other_requested.emit(self._shown.others[number][0])


_PARAGRAPHS: Final = 16
_MOST_OTHERS: Final = 4


def _shares(what: str, shares: tuple[float, ...], usual: float) -> QComboBox:
    box = choice(what)
    box.setMinimumContentsLength(5)
    for share in shares:
        box.addItem(share_text(share), share)
    box.setCurrentIndex(shares.index(usual))
    return box
