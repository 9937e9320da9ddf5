"""The accuracy panel: a headline, each name in a line, and pages of details."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.evaluation.comparing import Collection, Question
from nameplate.features.evaluation.figures.judged import JudgedSets
from nameplate.features.evaluation.judging import Figures, judge
from nameplate.features.evaluation.report.document import Document, document_of, made_now
from nameplate.features.evaluation.report.page import report_of
from nameplate.features.evaluation.window.figure_page import FigurePage
from nameplate.features.evaluation.window.head import (
    Summary,
    TruthChoice,
    age_sentence,
    missing_sentence,
    shown_text,
)
from nameplate.features.evaluation.window.mistake_pages import (
    ConfusionPage,
    MistakesPage,
    NamesPage,
    OverviewPage,
)
from nameplate.features.evaluation.window.right_pages import (
    AccuracyPage,
    CoveragePage,
    ReliabilityPage,
)
from nameplate.features.evaluation.window.saving import ask_for_report
from nameplate.formats.label_export import model_name
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.ui.widgets.boxes import Stack, follow_in_tab_order, row
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.work_panel import MiddlePanel, WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import time_of_day
from nameplate.wording.texts import error_text, tr

_QUIET_MS: Final = 1500
"""After the last change of the project, before the figures that are seen are worked out again."""

_SHOWN: Final = "figures"
"""What the bar over the pictures of a figure is about."""

_LIST_WIDTH: Final = 148
_LIST_EDGES: Final = 16
_PAGES: Final = (
    OverviewPage, NamesPage, ConfusionPage, AccuracyPage, ReliabilityPage, CoveragePage,
)  # fmt: skip


def ask(workbench: Workbench) -> None:
    """Show the panel with figures of now, or close it where it is shown."""
    workbench.part(EvaluationPanel).ask()


class EvaluationPanel(WorkPanel):
    """Shows how right labels are, page by page, while it is open by the project of now.

    Attributes:
        figures: Those that are shown; None for none.
        pages: None before the first figures.
        shown_bar: Over the pictures of a figure: says what they are and leads back.
    """

    guide_page = "accuracy"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Accuracy"), tr("Update"))
        self._workbench = workbench
        self.figures: Figures | None = None
        self._is_waiting = self._is_old = False
        self._at = 0.0
        self.pages: Sequence[FigurePage] = ()
        self.shown_bar = MessageBar()
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._show_problem("")
        workbench.place(self, Area.MIDDLE)
        workbench.place(self.shown_bar, Area.ABOVE)
        workbench.follow(self._on_changed)
        self._quiet = workbench.later(_QUIET_MS, self._renew)

    def _make_widgets(self) -> None:
        self.truth = TruthChoice(self._workbench, self._work)
        self.summary = Summary()
        self._list = QListWidget()
        self._list.setAccessibleName(tr("Figures"))
        self._list.addItems([tr(page.title) for page in (*_PAGES, MistakesPage)])
        self._list.setFixedWidth(max(_LIST_WIDTH, self._list.sizeHintForColumn(0) + _LIST_EDGES))
        self._turned = Stack()
        self._details = QPushButton(tr("Details"))
        self._details.setCheckable(True)
        self._report = QPushButton(tr("Save as a report…"))
        self._promise = QPushButton(tr("Certify accuracy…"))
        self._promise.setToolTip(tr("Show by random checks that at least a share is right"))
        for button in (self._details, self._report):
            button.setAutoDefault(True)  # Enter presses it, too
        self.bar.setRange(0, 0)

    def _lay_out(self) -> None:
        self._body = QFrame()
        self._body.setLayout(row(self._list, self._turned, spacing=12, grows=1))
        self._body.setMinimumHeight(260)
        self.add_to_head(self._promise)
        others = (self._details, self._report)
        self.lay_out(self.summary, self.truth, others=others, below=self._body)

    def _connect(self) -> None:
        self.do_work, self.cancel_work = self._work, self._stop
        self._list.currentRowChanged.connect(self._turned.setCurrentIndex)
        self._details.toggled.connect(self._show_details)
        self._report.clicked.connect(self._ask_for_report)
        self._promise.clicked.connect(partial(self._workbench.trigger, "promise"))
        self._promise.setVisible(self._workbench.has("promise"))
        self._list.setCurrentRow(0)
        self._show_details(is_shown=False)

    def _show_details(self, is_shown: bool) -> None:
        """Show the list of pages, or the first page alone."""
        self._list.setVisible(is_shown)
        self._details.setText(tr("Hide details" if is_shown else "Details"))
        if not is_shown:
            self._list.setCurrentRow(0)

    def _make_pages(self) -> None:
        """Make the pages, a fifth of all that is in the window, once there are figures."""
        show, thumbnails = self._show_pictures, self._workbench.pictures.thumbnails
        self.pages = (*(page(show) for page in _PAGES), MistakesPage(show, thumbnails))
        for page in self.pages:
            self._turned.addWidget(page)
        self._turned.setCurrentIndex(self._list.currentRow())
        follow_in_tab_order(self._list, self._turned)

    # ---- a table of labels dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a table of labels; the window takes all else."""
        paths = dropped_paths(event.mimeData())
        if len(paths) == 1 and paths[0].suffix.lower() == ".csv":
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Compare with the table that was dropped."""
        event.acceptProposedAction()
        self.truth.take_table(dropped_paths(event.mimeData())[0])

    # ---- what is shown

    @property
    def page(self) -> FigurePage | None:
        """The page that is shown; None where there are no figures."""
        return None if self._body.isHidden() else self.pages[self._turned.currentIndex()]

    def _show_figures(self, figures: Figures, document: Document) -> None:
        """Show figures, or how many pictures are missing for them."""
        missing = missing_sentence(figures)
        self.summary.show_figures(figures, missing)
        self._ask_for_checks(is_asked=bool(missing))
        if not missing:
            if not self.pages:
                self._make_pages()
            self._fill_pages(figures, document)
        self._show_body(is_shown=not missing)

    def _fill_pages(self, figures: Figures, document: Document) -> None:
        """Fill the pages that fit, list them, and turn to the first one where another was shown."""
        is_several = isinstance(figures.judged, JudgedSets)
        for place, page in enumerate(self.pages):
            is_fit = page.is_for_several or not is_several
            self._list.setRowHidden(place, not is_fit)
            if is_fit:
                page.show_figures(figures, document)
        if self._list.isRowHidden(self._list.currentRow()):
            self._list.setCurrentRow(0)

    def _show_problem(self, problem: str) -> None:
        """Show that there are no figures, and why."""
        self.summary.show_problem(problem)
        self._ask_for_checks(is_asked=False)
        self._show_body(is_shown=False)
        self._show_state("", is_busy=False)

    def _show_state(self, text: str, *, is_busy: bool) -> None:
        """Say from when the figures are, or that they are being worked out."""
        self.state.show_text(text)
        self.show_work(is_busy=is_busy, is_possible=True)

    def _show_body(self, *, is_shown: bool) -> None:
        self.set_wide(is_wide=is_shown)
        self._body.setVisible(is_shown)
        self._report.setVisible(is_shown)
        self._details.setVisible(is_shown)
        self._pass_focus_on()

    # ---- opened and closed

    def ask(self) -> None:
        """Show the panel as it was left, with figures of now; or close it where it is shown."""
        if self.is_open:
            self.close_panel()
            return
        focused: QWidget | None = self.focusWidget()
        self.open_panel()
        if focused and focused.isVisible():
            focused.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.figures is None or self._is_old:
            self._work()

    def open_panel(self) -> None:
        """Show it, with the list of pages or the box of the truth ready for keys.

        Until it is known which of the two, keys wait: an arrow must not change the truth.
        """
        super().open_panel()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.page:
            self._pass_focus_on()

    def _pass_focus_on(self) -> None:
        if self.hasFocus():
            part: QWidget = self.truth.box
            if self.page:
                part = self.page if self._list.isHidden() else self._list
            part.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Close the panel; what is being worked out is cancelled."""
        self._stop()
        self.leave_panel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc; Enter belongs to what has the focus, and begins nothing here."""
        MiddlePanel.keyPressEvent(self, event)

    def _ask_for_checks(self, *, is_asked: bool) -> None:
        """Let the button lead to the pictures where too few are checked; else it updates."""
        self.begin_button.setText(tr("Check pictures" if is_asked else "Update"))
        self.do_work = self._go_to_pictures if is_asked else self._work

    def _go_to_pictures(self) -> None:
        """Go where pictures are checked: page by page, or in the grid."""
        self.close_panel()
        self._workbench.trigger("sheets")

    # ---- the figures

    def _renew(self) -> None:
        """Work out figures of now while they are looked at."""
        if self._is_old and self.is_open and not self.is_busy:
            self._work()

    def _work(self) -> None:
        """Work the figures out once the names are read."""
        self._quiet.stop()
        if not self._workbench.project.concepts:
            self._on_failed(None)
            return
        self._show_state(tr("Comparing…"), is_busy=True)
        if not self._is_waiting:
            self._is_waiting = True
            self._workbench.when_scored(self._start, self._on_not_scored)

    def _start(self) -> None:
        workbench, model = self._workbench, self._workbench.model
        self._is_waiting = False
        if not self.is_busy:
            return  # it was cancelled, or closed
        name = model_name(model) if model else ""
        question = Question(self.truth.source, self.truth.table, name, made_now())
        evidence = evidence_of(workbench.fitting.fitted)
        of = Collection.of(
            workbench.project, workbench.suggestions, workbench.want_stacks(), evidence
        )
        self._is_old = False

        def job(cancel: CancelToken) -> Iterator[tuple[Figures, Document]]:
            figures = judge(of, question, cancel)
            yield figures, document_of(figures)

        workbench.run("evaluate", job, self._on_figures, self._on_failed, low_priority=True)

    def _on_figures(self, found: tuple[Figures, Document]) -> None:
        figures, document = found
        self.figures, self._at = figures, dt.datetime.now().timestamp()
        self._show_figures(figures, document)
        self._show_age()
        if self._is_old:
            self._quiet.start()

    def _show_age(self) -> None:
        if self.figures is not None:
            age = age_sentence(time_of_day(self._at), is_old=self._is_old)
            self._show_state("" if self.figures.missing else age, is_busy=False)

    def _on_failed(self, error: Exception | None) -> None:
        if isinstance(error, CancelledError):
            return
        self.figures = None
        text = (
            error_text(error)
            if error
            else tr("There are no names yet. Add some to compare suggestions with your labels.")
        )
        self._show_problem(text)

    def _on_not_scored(self) -> None:
        """Give up waiting: the names could not be read, which the message bar says."""
        if self._is_waiting:
            self._is_waiting = False
            self._show_problem(tr("The names could not be read."))

    def _stop(self) -> None:
        if self.is_busy:
            self._workbench.drop("evaluate")
            self._is_old = True
            self._show_state("", is_busy=False)
            self._show_age()

    def _on_changed(self, effects: Effects) -> None:
        of_project = effects.images or effects.concepts or effects.settings
        if of_project or len(effects.labelled) or effects.suggestions or effects.found:
            self._note_old()

    def _note_old(self) -> None:
        """Say that the figures are of earlier decisions; renew them when nothing happens."""
        self._is_old = True
        if self.is_open and self.figures is not None:
            if not self.is_busy:
                self._show_age()
            self._quiet.start()

    # ---- the pictures behind them

    def _show_pictures(self, rows: NDArray[np.int64], what: str) -> None:
        """Show pictures alone, and offer the way back."""
        if self.figures is None:
            return
        self.leave_panel()
        self._workbench.pictures.modes.leave()
        self._workbench.pictures.show_only(self.figures.ids[rows], self._on_alone)
        self.shown_bar.clear()
        self.shown_bar.ask(
            shown_text(len(rows), what),
            (tr("&Back to accuracy"), self._back),
            (tr("Show &all pictures"), self._workbench.pictures.show_all),
            about=_SHOWN,
        )

    def _back(self) -> None:
        self._workbench.pictures.show_all()
        self.ask()

    def _ask_for_report(self) -> None:
        if self.figures is not None:
            make = partial(report_of, self.figures)
            ask_for_report(self._workbench, make, self.figures.files)

    def _on_alone(self) -> None:
        if not self._workbench.pictures.are_alone:
            self.shown_bar.withdraw(_SHOWN)
