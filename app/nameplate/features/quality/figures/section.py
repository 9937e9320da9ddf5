"""The part of the accuracy panel about suggestions: how many are right, name by name."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Effects, Ids
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import STACKS
from nameplate.features.quality.figures.held_out import Question, made_now
from nameplate.features.quality.figures.judging import Figures, judge
from nameplate.features.quality.figures.page import REPORT_PAGE, write_page
from nameplate.features.quality.figures.table import Cell, FigureTable, heads_of, rows_of
from nameplate.features.quality.figures.truth import DECISIONS, truth_of_decisions
from nameplate.features.quality.records import Rows
from nameplate.features.quality.snapshot import Snapshot
from nameplate.formats.label_export import model_name
from nameplate.formats.outputs.output import Output
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.ui.widgets.boxes import column, heading
from nameplate.ui.widgets.file_dialogs import ask_where_to_save
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr, trn

_JOB: Final = "evaluate"
_QUIET_MS: Final = 1500
"""After the last change of the project, before the figures that are seen are worked out again."""

_LEAST_TABLE: Final = 160


class FiguresSection(QWidget):
    """Suggestions compared with decisions of a person; renewed while it is visible.

    `show` shows images alone, with a text that describes them.

    Attributes:
        figures: The figures that are shown; None for none.
        table: The table by name.
        report_button: Saves a report; for the head of the panel.
    """

    def __init__(
        self,
        workbench: Workbench,
        show: Callable[[Ids, str], object],
        on_figures: Callable[[], object],
    ) -> None:
        super().__init__()
        self._workbench, self._show, self._on_figures = workbench, show, on_figures
        self.figures: Figures | None = None
        self._is_busy, self._is_old = False, True
        self._title = heading(tr("Where suggestions go wrong"))
        self._said = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._state = Paragraph(max_lines=1)
        self.table = FigureTable(tr("Figures by name, the weakest first"))
        self.table.setMinimumHeight(_LEAST_TABLE)
        self.table.setToolTip(tr("Enter or a click shows the pictures"))
        self.report_button = QPushButton(tr("Save as a report…"))
        self.report_button.clicked.connect(self._ask_for_report)
        parts = (self._title, self._said, self._state, self.table)
        self.setLayout(column(*parts, None, spacing=8, grows=parts.index(self.table)))
        self._show_figures(())
        workbench.follow(self._on_changed)
        self._quiet = workbench.later(_QUIET_MS, self.renew)

    @property
    def has_table(self) -> bool:
        """Whether enough was decided for figures by name."""
        return self.figures is not None and not self.figures.missing

    @property
    def is_current(self) -> bool:
        """Whether the figures are those of now."""
        return not (self._is_busy or self._is_old)

    def renew(self) -> None:
        """Work the figures out, once the names are read, unless they are those of now."""
        self._quiet.stop()
        if not self._is_old or self._is_busy or not self.isVisible():
            return
        if not self._workbench.project.concepts:
            self._fail(tr("There are no names yet. Add some to compare suggestions and labels."))
            return
        self._is_busy = True
        self._show_state()
        self._workbench.when_scored(self._start, self._on_not_scored)

    def stop(self) -> None:
        """Cancel the work."""
        if self._is_busy:
            self._workbench.drop(_JOB)
            self._is_busy, self._is_old = False, True
            self._show_state()

    def save_report(self, figures: Figures, path: Path) -> None:
        """Write a web page; a file that is there is replaced."""
        workbench = self._workbench
        folder = workbench.model.folder if workbench.model else None
        output = Output(path, REPORT_PAGE, overwrite=True, images=figures.files, model=folder)

        def job(cancel: CancelToken) -> Iterator[None]:
            output.write(lambda stream: write_page(stream, figures, cancel))
            yield None

        def on_saved(_done: None) -> None:
            saved = tr("The report was saved as “{name}”.", name=output.path.name)
            workbench.say(saved, is_reply=True)

        def on_failed(error: Exception) -> None:
            if not isinstance(error, CancelledError):
                workbench.warn(sentences(tr("The report was not saved."), error_text(error)))

        workbench.say(tr("Writing the report…"))
        # Each file is a job of its own: none takes the place of another one.
        workbench.run(f"save {output.path}", job, on_saved, on_failed)

    def _ask_for_report(self) -> None:
        if self.figures is not None:
            save = self._workbench.guarded(partial(self.save_report, self.figures))
            kinds, path = tr("Web pages") + " (*.html)", Path.home() / "report.html"
            ask_where_to_save(self._workbench.window, save, tr("Save as a report"), path, kinds)

    # ---- the work

    def _start(self) -> None:
        workbench, model = self._workbench, self._workbench.model
        if not self._is_busy:
            return  # it was cancelled, or closed
        name, made = model_name(model) if model else "", made_now()
        evidence = evidence_of(workbench.fitting.fitted)
        of = Snapshot.of(
            workbench.project, workbench.suggestions, workbench.derived.request(STACKS), evidence
        )
        self._is_old = False

        def job(cancel: CancelToken) -> Iterator[tuple[Figures, Sequence[Sequence[Cell]]]]:
            question = Question(DECISIONS, truth_of_decisions(of.project), name, made)
            figures = judge(of, question, cancel)
            show = partial(self._show_rows, figures)
            yield figures, rows_of(figures.judged, of.project.concepts, show)

        workbench.run(
            _JOB, job, lambda found: self._on_found(*found), self._on_failed, low_priority=True
        )

    def _on_found(self, figures: Figures, rows: Sequence[Sequence[Cell]]) -> None:
        self.figures, self._is_busy = figures, False
        self._show_figures(rows)
        self._on_figures()
        if self._is_old:
            self._quiet.start()

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._fail(error_text(error))

    def _on_not_scored(self) -> None:
        """Give up waiting: the names could not be read, which the message bar says."""
        if self._is_busy:
            self._fail(tr("The names could not be read."))

    def _fail(self, why: str) -> None:
        self.figures, self._is_busy, self._is_old = None, False, True
        self._show_figures(())
        self._state.show_text(why)
        self._on_figures()

    def _on_changed(self, effects: Effects) -> None:
        of_project = effects.images or effects.concepts or effects.settings
        has_others = effects.suggestions or STACKS in effects.found
        if of_project or len(effects.labelled) or has_others:
            self._is_old = True
            if self.isVisible():
                self._show_state()
                self._quiet.start()

    # ---- what is shown

    def _show_figures(self, rows: Sequence[Sequence[Cell]]) -> None:
        figures, has_table = self.figures, self.has_table
        for part in (self._title, self.table, self.report_button):
            part.setVisible(has_table)
        if figures is not None and has_table:
            share = figures.judged.records.share
            self._said.show_text(
                tr(
                    "On the {count:,} pictures you checked, {right:,} suggestions were right: "
                    "{share:.1%}.",
                    count=share.of,
                    right=share.count,
                    share=share.count / share.of,
                )
            )
            self.table.show_rows(heads_of(figures.judged), rows)
        else:
            missing = figures.missing if figures is not None else 0
            more = trn(
                "Check {count:,} more picture to see where suggestions go wrong.",
                "Check {count:,} more pictures to see where suggestions go wrong.",
                missing,
                zero="",
            )
            self._said.show_text(more)
        self._show_state()

    def _show_state(self) -> None:
        is_old = self._is_old and self.has_table
        old = tr("From before your last change.") if is_old else ""
        self._state.show_text(tr("Comparing…") if self._is_busy else old)

    def _show_rows(self, figures: Figures, rows: Rows, what: str) -> None:
        self._show(figures.ids[rows], what)
