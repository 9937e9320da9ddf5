"""The panel “How right is it?”: what is compared with what, and pages of figures."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from nameplate.features.evaluation.comparing import TruthFrom
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.judging import AnyFigures
from nameplate.features.evaluation.window.accuracy_page import AccuracyPage
from nameplate.features.evaluation.window.certainty_pages import CoveragePage, ReliabilityPage
from nameplate.features.evaluation.window.figure_page import FigurePage
from nameplate.features.evaluation.window.mistakes_page import MistakesPage
from nameplate.features.evaluation.window.name_pages import ConfusionPage, NamesPage
from nameplate.features.evaluation.window.sentences import (
    missing_sentence,
    strangers_sentence,
    what_is_compared,
)
from nameplate.ui.widgets.boxes import choice, follow_in_tab_order, row
from nameplate.ui.widgets.file_dialogs import ask_for_file, dropped_paths
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import WorkPanel
from nameplate.ui.workbench import Area, Workbench

_SOURCES: Final = {
    TruthFrom.DECISIONS: "your decisions",
    TruthFrom.FOLDERS: "the names of the folders",
    TruthFrom.TABLE: "a table of labels…",
}
_TABLES: Final = "Tables (*.csv)"
_LIST_WIDTH: Final = 148
_PAGES: Final[Sequence[type[FigurePage]]] = (
    AccuracyPage,
    NamesPage,
    ConfusionPage,
    ReliabilityPage,
    CoveragePage,
)
_TITLES: Final = [page.title for page in (*_PAGES, MistakesPage)]


class EvaluationPanel(WorkPanel):
    """Shows how right labels are, page by page. A passive view.

    Attributes:
        pages: The pages, in their order; none before the first figures.

    Signals:
        truth_changed: Something else is compared with; `source` and `table` say what.
        pictures_requested: Rows of the figures, int64, and what they are, in words.
        report_requested: The figures are to be written as a report.
    """

    truth_changed = Signal()
    pictures_requested = Signal(object, str)
    report_requested = Signal()

    def __init__(self, workbench: Workbench) -> None:
        super().__init__("How right is it?", "Work out anew", "evaluation")
        self._workbench = workbench
        self.table: Path | None = None
        self._source = TruthFrom.DECISIONS
        self._thumbnails = workbench.pictures.thumbnails
        self.pages: Sequence[FigurePage] = ()
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.choose_source(TruthFrom.DECISIONS)
        self.show_problem("")
        workbench.place(self, Area.PAGE)

    def _make_widgets(self) -> None:
        self._truth = choice("What labels are compared with")
        self._truth.setMaximumWidth(260)
        self._truth.setMinimumContentsLength(22)
        for source, text in _SOURCES.items():
            self._truth.addItem(text, source)
        self._file = QPushButton("Table…")
        self._note = Paragraph(max_lines=3)
        self._strangers = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._problem = Paragraph(max_lines=5, role=QPalette.ColorRole.WindowText)
        self._list = QListWidget()
        self._list.setAccessibleName("Figures")
        self._list.setFixedWidth(_LIST_WIDTH)
        self._list.addItems(_TITLES)
        self._turned = QStackedWidget()
        self._scrolled = QScrollArea()  # a page must not widen a small window
        self._scrolled.setFrameShape(QFrame.Shape.NoFrame)
        self._scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scrolled.setWidgetResizable(True)
        self._scrolled.setWidget(self._turned)
        self._report = QPushButton("Save as a report…")
        self._promise = QPushButton("Promise it…")
        self._promise.setToolTip("How right the labels of the other pictures are, shown by checks")
        self.bar.setRange(0, 0)

    def _lay_out(self) -> None:
        name = QLabel("Compared &with:")
        name.setBuddy(self._truth)
        head = row(name, self._truth, self._file, None, self._report, spacing=8)
        self._body = QFrame()
        self._body.setLayout(row(self._list, self._scrolled, spacing=12, grows=1))
        texts = (self._note, self._strangers, self._problem)
        self.add_to_head(self._promise)
        self.lay_out(head, *texts, self._body, None, grows=4)

    def _connect(self) -> None:
        self._truth.activated.connect(self._on_truth)
        self._file.clicked.connect(self._ask_for_table)
        self._list.currentRowChanged.connect(self._turned.setCurrentIndex)
        self._report.clicked.connect(self.report_requested)
        self._promise.clicked.connect(partial(self._workbench.trigger, "promise"))
        self._promise.setVisible(self._workbench.has("promise"))
        self._list.setCurrentRow(0)

    def _make_pages(self) -> None:
        """Make the pages, a fifth of all that is in the window, once there are figures."""
        self.pages = (*(page() for page in _PAGES), MistakesPage(self._thumbnails))
        for page in self.pages:
            page.pictures_requested.connect(self.pictures_requested)
            self._turned.addWidget(page)
        self._turned.setCurrentIndex(self._list.currentRow())
        follow_in_tab_order(self._list, self._turned)

    # ---- what is compared with

    @property
    def source(self) -> TruthFrom:
        """Where the truth comes from."""
        return self._source

    def choose_source(self, source: TruthFrom, table: Path | None = None) -> None:
        """Choose what is compared with, without a signal."""
        self._source, self.table = source, table or self.table
        self._file.setVisible(source is TruthFrom.TABLE)
        with QSignalBlocker(self._truth):
            self._truth.setCurrentIndex(self._truth.findData(source))

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """What the panel says: of the comparison, of the truth, of a problem, of its age."""
        parts = (self._note, self._strangers, self._problem, self.state)
        return ["" if part.isHidden() else part.text() for part in parts]

    @property
    def page(self) -> FigurePage | None:
        """The page that is shown; None where there are no figures."""
        return None if self._body.isHidden() else self.pages[self._turned.currentIndex()]

    def show_page(self, title: str) -> None:
        """Turn to the page of this title."""
        self._list.setCurrentRow(_TITLES.index(title))

    def show_figures(self, figures: AnyFigures) -> None:
        """Show figures, or how many pictures are missing for them."""
        self._note.show_text(what_is_compared(figures))
        self._strangers.show_text(strangers_sentence(figures), "warning")
        missing = missing_sentence(figures)
        self._problem.show_text(missing, "info" if missing else "")
        if not missing:
            if not self.pages:
                self._make_pages()
            self._fit_pages(is_several=isinstance(figures.judged, JudgedSets))
            for page in self.pages:
                page.show_figures(figures)
        self._show_body(is_shown=not missing)

    def _fit_pages(self, *, is_several: bool) -> None:
        """List the pages that fit, and turn to the first one where another was shown."""
        for place, page in enumerate(self.pages):
            self._list.setRowHidden(place, is_several and not page.is_for_several)
        if self._list.isRowHidden(self._list.currentRow()):
            self._list.setCurrentRow(0)

    def show_problem(self, problem: str) -> None:
        """Show that there are no figures, and why."""
        self._note.show_text("")
        self._strangers.show_text("")
        self._problem.show_text(problem, "warning" if problem else "")
        self._show_body(is_shown=False)
        self.show_age("", is_busy=False)

    def show_age(self, text: str, *, is_busy: bool) -> None:
        """Say from when the figures are, or that they are being worked out."""
        self.state.show_text(text)
        self.show_work(is_busy=is_busy, is_possible=True)

    def _show_body(self, *, is_shown: bool) -> None:
        self._body.setVisible(is_shown)
        self._report.setVisible(is_shown)
        self._pass_focus_on()

    # ---- what a person does

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
            part = self._list if self.page else self._truth
            part.setFocus(Qt.FocusReason.OtherFocusReason)

    def reopen(self) -> None:
        """Show it as it was left: what had the focus has it again."""
        focused: QWidget | None = self.focusWidget()
        self.open_panel()
        if focused and focused.isVisible():
            focused.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_truth(self) -> None:
        source = self._truth.currentData()
        if source is TruthFrom.TABLE and self.table is None:
            self._ask_for_table()
            self.choose_source(self._source)  # until a table is chosen
            return
        self.choose_source(source)
        self.truth_changed.emit()

    @Slot()
    def _ask_for_table(self) -> None:
        taken = self._workbench.guarded(self.take_table)
        ask_for_file(self, taken, "Labels to compare with", _TABLES)

    def take_table(self, path: Path) -> None:
        """Compare with the labels in a file."""
        self.choose_source(TruthFrom.TABLE, path)
        self.truth_changed.emit()

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
        self.take_table(dropped_paths(event.mimeData())[0])

    @Slot()
    def close_panel(self) -> None:
        """Close the panel; what is being worked out is cancelled."""
        self.cancel_requested.emit()
        self.leave_panel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc; Enter belongs to what has the focus, and begins nothing here."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        event.accept()
