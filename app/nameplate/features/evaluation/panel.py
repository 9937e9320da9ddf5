"""The accuracy panel: a headline, a table by name, and another person's decisions."""

import enum
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QPushButton

from nameplate.domain.changes import Effects, Ids
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.text import deferred
from nameplate.features.evaluation.by_name import heads_of, rows_of
from nameplate.features.evaluation.headline import (
    certified,
    explanation,
    headline,
    missing_sentence,
    sources,
)
from nameplate.features.evaluation.held_out import Collection, Question, made_now
from nameplate.features.evaluation.judging import Figures, judge
from nameplate.features.evaluation.page import REPORT_PAGE, write_page
from nameplate.features.evaluation.people.section import PeopleSection
from nameplate.features.evaluation.records import Rows, Source
from nameplate.features.evaluation.table import Cell, FigureTable
from nameplate.formats.label_export import model_name
from nameplate.formats.outputs.output import Output
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.ui.saving import save_file
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.file_dialogs import ask_for_project, ask_where_to_save
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.work_panel import MiddlePanel, SidePanel, WorkPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import error_text, tr

_QUIET_MS: Final = 1500
"""After the last change of the project, before the figures that are seen are worked out again."""

_LEAST_TABLE: Final = 160
_SAVED: Final = (
    deferred("The report was saved as “{name}”."),
    deferred("The report was not saved."),
)


def ask(workbench: Workbench) -> None:
    """Show the panel with the figures of now, or close it where it is shown."""
    workbench.part(AccuracyPanel).ask()


def ask_for_project_to_compare(workbench: Workbench) -> None:
    """Let the person choose a project to compare with."""
    chosen = workbench.guarded(partial(compare_with, workbench))
    ask_for_project(workbench.window, chosen, tr("Compare with a project"))


def compare_with(workbench: Workbench, path: Path) -> None:
    """Compare the decisions in the open project with those in a file."""
    panel = workbench.part(AccuracyPanel)
    if not panel.is_open:
        panel.ask()
    panel.people.compare_with(path)


class _State(enum.Enum):
    """The part of the panel that is shown below the headline."""

    PROBLEM = "problem"
    TOO_FEW = "too few"
    FIGURES = "figures"


class ShownBar(SidePanel):
    """The bar above pictures that a figure opened; Esc leads back to the panel."""

    def __init__(self, workbench: Workbench, panel: "AccuracyPanel") -> None:
        super().__init__()
        self._panel = panel
        self._text = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        back, every = QPushButton(tr("Back to accuracy")), QPushButton(tr("Show all pictures"))
        for button in (back, every):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(self.close_panel)
        every.clicked.connect(workbench.pictures.show_all)
        self.setLayout(row(self._text, back, every, margins=(14, 6, 8, 6), spacing=8, grows=0))
        self.hide()

    @property
    def text(self) -> str:
        """The text that describes the pictures; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_text(self, text: str) -> None:
        """Show a text that describes the pictures."""
        self._text.show_text(text)
        self.show()

    def close_panel(self) -> None:
        """Show the panel again."""
        self._panel.come_back()


class AccuracyPanel(WorkPanel):
    """The share of right labels, name by name; renewed while it is open.

    Attributes:
        figures: The figures that are shown; None for none.
        table: The table by name.
        people: The decisions of another person.
        shown_bar: Over the pictures behind a figure.
    """

    guide_page = "accuracy"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Accuracy"), tr("Check pictures"))
        self._workbench = workbench
        self.figures: Figures | None = None
        self._is_waiting, self._is_old = False, True
        self.people = PeopleSection(workbench, self._show_pictures)
        self.shown_bar = ShownBar(workbench, self)
        self._make_widgets()
        self._show_state(_State.PROBLEM)
        workbench.place(self, Area.MIDDLE)
        workbench.place(self.shown_bar, Area.ABOVE)
        workbench.follow(self._on_changed)
        self._quiet = workbench.later(_QUIET_MS, self._renew)

    def _make_widgets(self) -> None:
        role = QPalette.ColorRole.WindowText
        title = Paragraph(max_lines=2, role=role)
        title.setFont(font_of(title.font(), TITLE, QFont.Weight.DemiBold))
        self._said = (title, Paragraph(max_lines=2, role=role), Paragraph(max_lines=2))
        self.table = FigureTable(tr("Figures by name, the weakest first"))
        self.table.setMinimumHeight(_LEAST_TABLE)
        self.table.setToolTip(tr("Enter or a click shows the pictures"))
        self._report = QPushButton(tr("Save as a report…"))
        certify = QPushButton(tr("Check at random…"))
        certify.setVisible(self._workbench.has("check_at_random"))
        certify.clicked.connect(partial(self._workbench.trigger, "check_at_random"))
        self._report.clicked.connect(self._ask_for_report)
        self._report.setAutoDefault(True)  # Enter presses it, too
        self.do_work, self.cancel_work = self._go_to_pictures, self._stop
        self.bar.setRange(0, 0)
        body = QFrame()
        body.setLayout(column(self.table, self.people, spacing=16, grows=0))
        self.add_to_head(certify)
        self.lay_out(column(*self._said, spacing=4), others=(self._report,), below=body)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @property
    def texts(self) -> tuple[str, ...]:
        """The headline and the sentences below it; empty for those that are hidden."""
        return tuple("" if part.isHidden() else part.text() for part in self._said)

    def _show_state(self, state: _State) -> None:
        is_known = state is _State.FIGURES
        self.set_wide(is_wide=is_known)
        self.table.setVisible(is_known)
        self._report.setVisible(is_known)
        self.begin_button.setVisible(state is _State.TOO_FEW)
        self._show_busy(is_busy=False)
        self._pass_focus_on()

    def _show_busy(self, *, is_busy: bool) -> None:
        is_old = self._is_old and self.figures is not None
        self.state.show_text(
            tr("Comparing…") if is_busy else tr("From before your last change.") if is_old else ""
        )
        self.show_work(is_busy=is_busy, is_possible=True)

    def _say(self, *texts: str) -> None:
        for part, text in zip(self._said, (*texts, "", ""), strict=False):
            part.show_text(text)

    def _show_figures(self, figures: Figures, rows: Sequence[Sequence[Cell]]) -> None:
        self.figures = figures
        if missing := missing_sentence(figures):
            self._say(missing)
            self._show_state(_State.TOO_FEW)
            return
        said = certified(self._workbench.project) or [headline(figures), explanation(figures)]
        self._say(*said, sources(figures))
        self.table.show_rows(heads_of(figures.judged), rows)
        self._show_state(_State.FIGURES)

    # ---- opened and closed

    def ask(self) -> None:
        """Show the panel with the figures of now, or close it where it is shown."""
        if self.is_open:
            self.close_panel()
            return
        self.open_panel()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pass_focus_on()
        if self._is_old:
            self._work()

    def come_back(self) -> None:
        """Show the panel again, and all pictures behind it."""
        self._workbench.pictures.show_all()
        if not self.is_open:
            self.ask()

    def _pass_focus_on(self) -> None:
        """Focus the table, or the button where there is none yet."""
        for part in (self.table, self.begin_button):
            if self.window().focusWidget() is self and not part.isHidden():
                part.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Close the panel and cancel its job."""
        self._stop()
        self.leave_panel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc; leave Enter to the focused widget."""
        MiddlePanel.keyPressEvent(self, event)

    def _go_to_pictures(self) -> None:
        """Go where pictures are checked: page by page, or in the grid."""
        self.close_panel()
        self._workbench.trigger("sheets")

    # ---- the figures

    def _renew(self) -> None:
        if self._is_old and self.is_open and not self.is_busy:
            self._work()

    def _work(self) -> None:
        """Work the figures out once the names are read."""
        self._quiet.stop()
        if not self._workbench.project.concepts:
            self._fail(tr("There are no names yet. Add some to compare suggestions and labels."))
            return
        self._show_busy(is_busy=True)
        if not self._is_waiting:
            self._is_waiting = True
            self._workbench.when_scored(self._start, self._on_not_scored)

    def _start(self) -> None:
        workbench, model = self._workbench, self._workbench.model
        self._is_waiting = False
        if not self.is_busy:
            return  # it was cancelled, or closed
        question = Question(
            Source.DECISIONS, model=model_name(model) if model else "", made=made_now()
        )
        evidence = evidence_of(workbench.fitting.fitted)
        of = Collection.of(
            workbench.project, workbench.suggestions, workbench.want_stacks(), evidence
        )
        self._is_old = False

        def job(cancel: CancelToken) -> Iterator[tuple[Figures, Sequence[Sequence[Cell]]]]:
            figures = judge(of, question, cancel)
            show = partial(self._show_rows, figures)
            yield figures, rows_of(figures.judged, of.project.concepts, show)

        workbench.run(
            "evaluate",
            job,
            lambda found: self._on_figures(*found),
            self._on_failed,
            low_priority=True,
        )

    def _on_figures(self, figures: Figures, rows: Sequence[Sequence[Cell]]) -> None:
        self._show_figures(figures, rows)
        if self._is_old:
            self._quiet.start()

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._fail(error_text(error))

    def _on_not_scored(self) -> None:
        """Give up waiting: the names could not be read, which the message bar says."""
        if self._is_waiting:
            self._is_waiting = False
            self._fail(tr("The names could not be read."))

    def _fail(self, why: str) -> None:
        self.figures, self._is_old = None, True
        self._say("", why)
        self._show_state(_State.PROBLEM)

    def _stop(self) -> None:
        if self.is_busy:
            self._workbench.drop("evaluate")
            self._is_old = True
            self._show_busy(is_busy=False)

    def _on_changed(self, effects: Effects) -> None:
        of_project = effects.images or effects.concepts or effects.settings
        if of_project or len(effects.labelled) or effects.suggestions or effects.found:
            self._is_old = True
            if self.is_open:
                self._quiet.start()

    # ---- the pictures behind them

    def _show_rows(self, figures: Figures, rows: Rows, what: str) -> None:
        self._show_pictures(figures.ids[rows], what)

    def _show_pictures(self, ids: Ids, what: str) -> None:
        """Show pictures alone, and offer the way back."""
        if not len(ids):
            return
        self.leave_panel()
        self._workbench.pictures.modes.leave()
        self._workbench.pictures.show_only(ids, self._on_alone)
        self.shown_bar.show_text(tr("Accuracy: {what} ({count:,})", what=what, count=len(ids)))

    def _on_alone(self) -> None:
        if not self._workbench.pictures.are_alone:
            self.shown_bar.hide()

    # ---- the report

    def _ask_for_report(self) -> None:
        if self.figures is not None:
            save = self._workbench.guarded(partial(self.save_report, self.figures))
            kinds, path = tr("Web pages") + " (*.html)", Path.home() / "report.html"
            ask_where_to_save(self._workbench.window, save, tr("Save as a report"), path, kinds)

    def save_report(self, figures: Figures, path: Path) -> None:
        """Write a web page; a file that is there is replaced."""
        workbench = self._workbench
        folder = workbench.model.folder if workbench.model else None
        output = Output(path, REPORT_PAGE, overwrite=True, images=figures.files, model=folder)

        def write(stream: BinaryIO, cancel: CancelToken) -> None:
            write_page(stream, figures, cancel)

        workbench.say(tr("Writing the report…"))
        save_file(workbench, output, write, *_SAVED)
