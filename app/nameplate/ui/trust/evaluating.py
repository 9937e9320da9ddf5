"""Works out how right labels are, keeps the figures those of now, and opens their pictures."""

import datetime as dt
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.evaluation.page import REPORT_PAGE, write_page
from nameplate.formats.label_export import model_name
from nameplate.formats.outputs.output import Output
from nameplate.pipeline.evaluating import Collection, Question, TruthFrom
from nameplate.pipeline.judging import AnyFigures, judge, names_of
from nameplate.ui.grid.shown_alone import ShownAlone
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.trust.evaluation_panel import EvaluationPanel
from nameplate.ui.trust.sentences import age_sentence, shown_sentence
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import time_of_day
from nameplate.wording.texts import error_text, what_of

_QUIET_MS: Final = 1500
"""After the last change of the project, before the figures that are seen are worked out anew."""

_SHOWN: Final = "figures"
"""What the bar over the pictures of a figure is about."""


@dataclass(frozen=True, slots=True)
class _Report:
    """A report that was written."""

    path: Path


class Evaluating(QObject):
    """Asks for figures when the panel is open, and when something they are of has changed.

    Attributes:
        bar: Over the pictures of a figure: says what they are and leads back.

    Signals:
        pictures_wanted: The grid is to be shown.
    """

    pictures_wanted = Signal()

    def __init__(
        self,
        panel: EvaluationPanel,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        messages: MessageBar,
        alone: ShownAlone,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._owner = owner
        self._in_use = in_use
        self._scoring = scoring
        self._messages = messages
        self.bar = MessageBar()
        self._figures: AnyFigures | None = None
        self._before: AnyFigures | None = None
        self._is_waiting = False
        self._is_old = False
        self._at = 0.0
        self._alone = alone
        self._runner = JobRunner("evaluate", self, low_priority=True)
        self._writer = JobRunner("report", self)
        self._quiet = Later(self, _QUIET_MS, self._renew)
        self._connect()

    def _connect(self) -> None:
        panel, owner = self._panel, self._owner
        self._runner.event_arrived.connect(self._on_figures)
        self._runner.failed.connect(self._on_failed)
        self._writer.event_arrived.connect(self._on_written)
        self._writer.failed.connect(self._on_not_written)
        panel.work_requested.connect(self._work)
        panel.truth_changed.connect(self._work)
        panel.cancel_requested.connect(self._cancel)
        panel.pictures_requested.connect(self._show_pictures)
        panel.report_requested.connect(self._ask_for_report)
        owner.changed.connect(self._on_changed)
        owner.suggestions_changed.connect(self._note_old)
        owner.stacks_changed.connect(self._note_old)
        owner.opened.connect(self._on_opened)
        self._scoring.problem_occurred.connect(self._on_not_scored)
        self._alone.changed.connect(self._on_alone)

    def shut_down(self) -> None:
        """Stop working."""
        self._quiet.stop()
        self._runner.shut_down()
        self._writer.shut_down()

    @Slot()
    def ask(self) -> None:
        """Show the panel, with figures of now."""
        if self._panel.is_open:
            self._panel.close_panel()
            return
        self._panel.reopen()
        if self._figures is None or self._is_old:
            self._work()

    # ---- the figures

    @Slot()
    def _renew(self) -> None:
        """Work out figures of now while they are looked at."""
        if self._is_old and self._panel.is_open and not self._panel.is_busy:
            self._work()

    @Slot()
    def _work(self) -> None:
        """Work the figures out once the names are read."""
        self._quiet.stop()
        if not self._owner.project.concepts:
            self._on_failed(None)
            return
        self._panel.show_age("Working out…", is_busy=True)
        if not self._is_waiting:
            self._is_waiting = True
            self._scoring.when_current(self._start)

    def _start(self) -> None:
        panel, model = self._panel, self._in_use.model
        self._is_waiting = False
        if not panel.is_busy:
            return  # it was cancelled, or closed
        table = panel.table if panel.source is TruthFrom.TABLE else None
        made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        name = model_name(model) if model else ""
        question = Question(panel.source, table, name, made)
        owner, evidence = self._owner, self._scoring.learning.evidence
        if owner.stacks is None:
            owner.stacks_wanted.emit()  # the figures follow them
        of = Collection.of(owner.project, owner.suggestions, owner.stacks, evidence)
        before = self._to_compare_with(question, names_of(of, question))
        self._is_old = False

        def job(cancel: CancelToken) -> Iterator[AnyFigures]:
            yield judge(of, question, before, cancel)

        self._runner.start(job)

    def _to_compare_with(self, question: Question, names: Hashable) -> AnyFigures | None:
        """Return figures of other names, templates or another model, against the same truth."""
        last = self._figures
        if last is not None and last.names != names:
            self._before = last
        before = self._before
        if before is None or before.names == names or not before.question.is_like(question):
            return None
        return before

    @Slot(object)
    def _on_figures(self, figures: AnyFigures) -> None:
        self._figures, self._at = figures, dt.datetime.now().timestamp()
        self._panel.show_figures(figures)
        self._show_age()
        if self._is_old:
            self._quiet.start()

    def _show_age(self) -> None:
        if self._figures is not None:
            text = age_sentence(self._figures, time_of_day(self._at), is_old=self._is_old)
            self._panel.show_age(text, is_busy=False)

    @Slot(object)
    def _on_failed(self, error: Exception | None) -> None:
        if isinstance(error, CancelledError):
            return
        self._figures = None
        text = error_text(error) if error else "Not yet: there are no names to label pictures with."
        self._panel.show_problem(text)

    @Slot()
    def _on_not_scored(self) -> None:
        """Give up waiting: the names could not be read, which the message bar says."""
        if self._is_waiting:
            self._is_waiting = False
            self._panel.show_problem("Not yet: the names could not be read.")

    @Slot()
    def _cancel(self) -> None:
        if self._panel.is_busy:
            self._runner.drop()
            self._is_old = True
            self._panel.show_age("", is_busy=False)
            self._show_age()

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.images or effects.concepts or effects.settings or len(effects.labelled):
            self._note_old()

    @Slot()
    def _note_old(self) -> None:
        """Say that the figures are of earlier decisions; renew them when nothing happens."""
        self._is_old = True
        if self._panel.is_open and self._figures is not None:
            if not self._panel.is_busy:
                self._show_age()
            self._quiet.start()

    @Slot()
    def _on_opened(self) -> None:
        """Forget the figures; the project that was opened has a view of its own."""
        self._is_waiting = False
        self._runner.drop()
        self._figures = self._before = None
        self._alone.forget()
        self._panel.table = None
        self._panel.choose_source(TruthFrom.DECISIONS)
        self._panel.show_problem("")
        self._panel.leave_panel()

    # ---- the pictures behind them

    @Slot(object, str)
    def _show_pictures(self, rows: NDArray[np.int64], what: str) -> None:
        """Show pictures alone, and offer the way back."""
        if self._figures is None:
            return
        self._panel.leave_panel()
        self.pictures_wanted.emit()
        self._alone.show(self._figures.ids[rows])
        self.bar.clear()
        self.bar.ask(
            shown_sentence(len(rows), what),
            answer="Back to the &figures",
            on_answer=self._back,
            other="Show &all pictures",
            on_other=self._alone.back,
            about=_SHOWN,
        )

    def _back(self) -> None:
        self._alone.back()
        self.ask()

    @Slot()
    def _on_alone(self) -> None:
        if not self._alone.is_on:
            self.bar.withdraw(_SHOWN)

    # ---- the report

    @Slot()
    def _ask_for_report(self) -> None:
        path = Path.home() / "report.html"
        ask_where_to_save(
            self._panel.window(), self.save_report, "Save as a report", path, "Web pages (*.html)"
        )

    def save_report(self, path: Path) -> None:
        """Write the figures that are shown as a web page; a file that is there is replaced."""
        figures = self._figures
        if figures is None:
            return
        model = self._in_use.model
        images = figures.findings.files
        folder = model.folder if model else None
        output = Output(path, REPORT_PAGE, overwrite=True, images=images, model=folder)

        def job(cancel: CancelToken) -> Iterator[_Report]:
            found = figures.findings
            output.write(lambda stream: write_page(stream, found, what_of, cancel))
            yield _Report(path)

        self._messages.tell("Writing the report…")
        self._writer.start(job)

    @Slot(object)
    def _on_written(self, report: _Report) -> None:
        self._messages.tell(f"The report was saved as “{report.path.name}”.", is_reply=True)

    @Slot(object)
    def _on_not_written(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._messages.warn(f"The report was not saved. {error_text(error)}")
