"""Works out how right labels are, keeps the figures those of now, and opens their pictures."""

import datetime as dt
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.evaluation.comparing import Collection, Question, TruthFrom
from nameplate.features.evaluation.judging import AnyFigures, judge, names_of
from nameplate.features.evaluation.panel import EvaluationPanel
from nameplate.features.evaluation.report.page import REPORT_PAGE, write_page
from nameplate.features.evaluation.window.sentences import age_sentence, shown_sentence
from nameplate.formats.label_export import model_name
from nameplate.formats.outputs.output import Output
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import time_of_day
from nameplate.wording.texts import error_text, what_of

_QUIET_MS: Final = 1500
"""After the last change of the project, before the figures that are seen are worked out anew."""

_SHOWN: Final = "figures"
"""What the bar over the pictures of a figure is about."""


def ask(workbench: Workbench) -> None:
    """Show the panel with figures of now, or close it where it is shown."""
    workbench.part(Evaluating).ask()


class Evaluating(QObject):
    """Works out figures when the panel is open, and when something they are of has changed.

    Attributes:
        panel: Where they are shown.
        bar: Over the pictures of a figure: says what they are and leads back.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self.panel = panel = workbench.part(EvaluationPanel)
        self.bar = MessageBar()
        self._figures: AnyFigures | None = None
        self._before: AnyFigures | None = None
        self._is_waiting = False
        self._is_old = False
        self._at = 0.0
        self._quiet = workbench.later(_QUIET_MS, self._renew)
        panel.work_requested.connect(self._work)
        panel.truth_changed.connect(self._work)
        panel.cancel_requested.connect(self._cancel)
        panel.pictures_requested.connect(self._show_pictures)
        panel.report_requested.connect(self._ask_for_report)
        workbench.place(self.bar, Area.ABOVE)
        workbench.follow(self._on_changed)
        workbench.follow_failed_scoring(self._on_not_scored)

    @Slot()
    def ask(self) -> None:
        """Show the panel, with figures of now."""
        if self.panel.is_open:
            self.panel.close_panel()
            return
        self.panel.reopen()
        if self._figures is None or self._is_old:
            self._work()

    # ---- the figures

    @Slot()
    def _renew(self) -> None:
        """Work out figures of now while they are looked at."""
        if self._is_old and self.panel.is_open and not self.panel.is_busy:
            self._work()

    @Slot()
    def _work(self) -> None:
        """Work the figures out once the names are read."""
        self._quiet.stop()
        if not self._workbench.project.concepts:
            self._on_failed(None)
            return
        self.panel.show_age("Working out…", is_busy=True)
        if not self._is_waiting:
            self._is_waiting = True
            self._workbench.when_scored(self._start)

    def _start(self) -> None:
        panel, model = self.panel, self._workbench.model
        self._is_waiting = False
        if not panel.is_busy:
            return  # it was cancelled, or closed
        table = panel.table if panel.source is TruthFrom.TABLE else None
        made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        name = model_name(model) if model else ""
        question = Question(panel.source, table, name, made)
        workbench = self._workbench
        of = Collection.of(
            workbench.project, workbench.suggestions, workbench.stacks(), workbench.evidence
        )
        before = self._to_compare_with(question, names_of(of, question))
        self._is_old = False

        def job(cancel: CancelToken) -> Iterator[AnyFigures]:
            yield judge(of, question, before, cancel)

        workbench.run("evaluate", job, self._on_figures, self._on_failed, low_priority=True)

    def _to_compare_with(self, question: Question, names: Hashable) -> AnyFigures | None:
        """Return figures of other names, templates or another model, against the same truth."""
        last = self._figures
        if last is not None and last.names != names:
            self._before = last
        before = self._before
        if before is None or before.names == names or not before.question.is_like(question):
            return None
        return before

    def _on_figures(self, figures: AnyFigures) -> None:
        self._figures, self._at = figures, dt.datetime.now().timestamp()
        self.panel.show_figures(figures)
        self._show_age()
        if self._is_old:
            self._quiet.start()

    def _show_age(self) -> None:
        if self._figures is not None:
            text = age_sentence(self._figures, time_of_day(self._at), is_old=self._is_old)
            self.panel.show_age(text, is_busy=False)

    def _on_failed(self, error: Exception | None) -> None:
        if isinstance(error, CancelledError):
            return
        self._figures = None
        text = error_text(error) if error else "Not yet: there are no names to label pictures with."
        self.panel.show_problem(text)

    def _on_not_scored(self) -> None:
        """Give up waiting: the names could not be read, which the message bar says."""
        if self._is_waiting:
            self._is_waiting = False
            self.panel.show_problem("Not yet: the names could not be read.")

    @Slot()
    def _cancel(self) -> None:
        if self.panel.is_busy:
            self._workbench.drop("evaluate")
            self._is_old = True
            self.panel.show_age("", is_busy=False)
            self._show_age()

    def _on_changed(self, effects: Effects) -> None:
        of_project = effects.images or effects.concepts or effects.settings
        if of_project or len(effects.labelled) or effects.suggestions or effects.stacks:
            self._note_old()

    def _note_old(self) -> None:
        """Say that the figures are of earlier decisions; renew them when nothing happens."""
        self._is_old = True
        if self.panel.is_open and self._figures is not None:
            if not self.panel.is_busy:
                self._show_age()
            self._quiet.start()

    # ---- the pictures behind them

    @Slot(object, str)
    def _show_pictures(self, rows: NDArray[np.int64], what: str) -> None:
        """Show pictures alone, and offer the way back."""
        if self._figures is None:
            return
        self.panel.leave_panel()
        self._workbench.pictures.show_grid()
        self._workbench.pictures.show_only(self._figures.ids[rows], self._on_alone)
        self.bar.clear()
        self.bar.ask(
            shown_sentence(len(rows), what),
            answer="Back to the &figures",
            on_answer=self._back,
            other="Show &all pictures",
            on_other=self._workbench.pictures.show_all,
            about=_SHOWN,
        )

    def _back(self) -> None:
        self._workbench.pictures.show_all()
        self.ask()

    def _on_alone(self) -> None:
        if not self._workbench.pictures.are_alone:
            self.bar.withdraw(_SHOWN)

    # ---- the report

    @Slot()
    def _ask_for_report(self) -> None:
        path, save = Path.home() / "report.html", self._workbench.guarded(self.save_report)
        ask_where_to_save(
            self._workbench.window, save, "Save as a report", path, "Web pages (*.html)"
        )

    def save_report(self, path: Path) -> None:
        """Write the figures that are shown as a web page; a file that is there is replaced."""
        figures = self._figures
        if figures is None:
            return
        model = self._workbench.model
        images = figures.findings.files
        folder = model.folder if model else None
        output = Output(path, REPORT_PAGE, overwrite=True, images=images, model=folder)

        def job(cancel: CancelToken) -> Iterator[Path]:
            found = figures.findings
            output.write(lambda stream: write_page(stream, found, what_of, cancel))
            yield path

        self._workbench.say("Writing the report…")
        self._workbench.run("report", job, self._on_written, self._on_not_written)

    def _on_written(self, path: Path) -> None:
        self._workbench.say(f"The report was saved as “{path.name}”.", is_reply=True)

    def _on_not_written(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._workbench.warn(f"The report was not saved. {error_text(error)}")
