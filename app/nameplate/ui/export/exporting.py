"""Writes exports on a thread, reports the results, and offers to take them back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from nameplate.domain.changes import Effects, Several, Title
from nameplate.domain.errors import OutputError
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.formats.export_format import ExportReport, Target
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES, log_of, time_of
from nameplate.formats.outputs.sidecar_undo import Undone, undo_sidecars
from nameplate.pipeline.exporting import (
    IN_THE_WAY,
    ExportRequest,
    is_log_of,
    write_export,
)
from nameplate.ui.export.memory import ExportMemory
from nameplate.ui.export.panel import ExportPanel
from nameplate.ui.export.sentences import note_sentence, problems_sentence, written
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.jobs import Job, Task
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import Answer
from nameplate.ui.widgets.painting import shortened
from nameplate.wording.texts import error_text, sentences, tr, trn

_EXPORT: Final = "export"
_LOGS: Final = "export-logs"
_SIDECARS: Final = "undone-sidecars"
_LONGEST_NAME: Final = 60
_LATE_MS: Final = 400
"""What takes longer shows its progress when it was asked for without the panel."""


class Exporting(QObject):
    """Writes what its panel asks for, and says what came of it.

    Attributes:
        panel: Where an export is chosen.
    """

    _progress = Signal(object)  # from the thread that writes

    def __init__(
        self,
        services: Services,
        scoring: Scoring,
        arrangement: Arrangement,
        memory: ExportMemory,
        outside: Outside,
    ) -> None:
        super().__init__()
        self._owner, self._jobs, self._messages = services.owner, services.jobs, services.messages
        self._actions, self._scoring = services.actions, scoring
        self._memory, self._outside = memory, outside
        self.panel = ExportPanel(services, scoring, arrangement, memory.usual_options())
        self.setParent(self.panel)
        self._cancel = CancelToken()
        self._asked = 0  # exports that were asked for; one that waits is told from a later one
        self._project = self._owner.project  # that is being written
        self._step = 0  # the last one that it has
        self._late = Later(self, _LATE_MS, self.panel.show_busy)
        self._progress.connect(self._on_progress)
        self.panel.export = lambda: self._begin(self.panel.request)
        self.panel.cancel_work = self.cancel
        self._owner.changed.connect(self._on_project_changed)

    def finish(self) -> None:
        """Let a running export finish."""
        self.panel.soon.stop()
        self._late.stop()
        self._jobs.finish(_EXPORT)

    # ---- what a person asks for

    def ask(self) -> None:
        """Show the panel with the choices of this project's last export."""
        if self.panel.is_writing:
            self.panel.show_busy()
            return
        self.panel.begin(self._memory.last())

    def again(self) -> None:
        """Repeat this project's last export; ask if there is none."""
        request = self._memory.last()
        if request is None:
            self.ask()
        elif not self.panel.is_writing:
            self._late.start()
            self._begin(request, is_again=True)

    def cancel(self) -> None:
        """Cancel an export that is being written, or is waiting for scores."""
        self._cancel.cancel()
        if self.panel.is_writing:
            self.panel.state.show_text(tr("Cancelling…"))  # a slow drive may take a while
        else:
            self._asked += 1
            self._late.stop()
            self.panel.show_idle()

    def _begin(self, request: ExportRequest, *, is_again: bool = False) -> None:
        """Write an export; if it has scores, wait until they are up to date."""
        self._asked += 1
        asked = self._asked

        def start() -> None:
            if asked == self._asked:
                self._start(request)

        if not is_again:
            self.panel.show_busy()
        if request.needs_scores:
            self._scoring.when_current(start)
        else:
            start()

    def _start(self, request: ExportRequest) -> None:
        self._messages.withdraw(_EXPORT)
        request = replace(request, path=request.path or self.panel.place.shown_path)
        export, model = self.panel.snapshot(), self.panel.model_folder
        cancel = self._cancel = CancelToken()

        def job(_cancel: CancelToken) -> Iterator[ExportReport]:
            # Closing the window lets it finish; only the person's Cancel ends it.
            yield write_export(export, request, model, cancel, self._progress.emit)

        lacks_stacks = request.options.with_stacks and export.stacks is None
        self._run(job, partial(self._on_written, request, lacks_stacks), request)

    def _run(
        self, job: Job, on_done: Callable[[Any], object], request: ExportRequest | None = None
    ) -> None:
        """Write what was asked for, or put files back where that is nothing."""
        self.panel.is_writing, self._project = True, self._owner.project
        self._step = self._project.history.last_number

        def end(tell: Callable[[Any], object], what: Any) -> None:
            self.panel.is_writing = False
            self._late.stop()
            tell(what)

        failed = partial(self._on_failed, request)
        self._jobs.run(_EXPORT, Task(job, partial(end, on_done), partial(end, failed)))

    def _put_back(self, log: Path) -> None:
        if self.panel.is_writing:
            self._messages.warn(tr("An export is running. Undo when it is done."))
            return
        cancel = self._cancel = CancelToken()

        def job(_cancel: CancelToken) -> Iterator[Undone]:
            yield undo_sidecars(log, cancel)

        self._run(job, partial(self._say_put_back, log))

    # ---- results

    def _on_project_changed(self, effects: Effects) -> None:
        """Close the panel where it was about the project before."""
        if not effects.opened:
            return
        self._asked += 1
        self._jobs.drop(_LOGS)
        for about in (_SIDECARS, _EXPORT):
            self._messages.withdraw(about)
        if not self.panel.is_writing:
            self.panel.show_idle()
        self.panel.leave_panel()

    def _on_progress(self, progress: Progress) -> None:
        if self.panel.is_writing and self.panel.is_open:
            self.panel.show_progress(progress)

    def _on_written(self, request: ExportRequest, lacks_stacks: bool, report: ExportReport) -> None:
        request = replace(request, path=report.path, overwrite=False, written=report.written)
        if self._project is self._owner.project:
            self._note_sidecars(report)
            self._memory.remember(request, self._step)
        self.panel.show_idle()
        self.panel.leave_panel()
        self._say_written(request, report, lacks_stacks=lacks_stacks)

    def _note_sidecars(self, report: ExportReport) -> None:
        """Make written sidecars a step, which *Undo* offers to take back."""
        if report.undo is None:
            return
        history = self._project.history
        is_latest = self._step == history.last_number
        title = Title("write-sidecars", {"count": report.images})
        # The log is found by this, which no text shows.
        parameters = {**title.parameters, "when": time_of(report.undo)}
        self._owner.change(Several(()), replace(title, parameters=parameters))
        if is_latest:
            self._step = history.last_number  # what was exported has this step, too

    def _say_written(
        self, request: ExportRequest, report: ExportReport, *, lacks_stacks: bool
    ) -> None:
        path = request.path or Path()
        is_beside = path == BESIDE_PICTURES
        text = sentences(
            tr("Cancelled.") if report.is_cancelled else "",
            written(report, request, shortened(path.name, _LONGEST_NAME)),
            *map(note_sentence, report.notes),
            tr("Copies and bursts aren't known yet: only equal files share a stack number.")
            if lacks_stacks
            else "",
            problems_sentence(report.problems),
        )
        if report.undo:
            self._offer_to_take_back(text, report.undo)
        elif report.command:
            self._offer_command(text, report.command)
        elif is_beside:
            self._messages.tell(text, is_reply=True, about=_EXPORT)
        else:
            folder = path.parent if request.format.target is Target.FILE else path
            show = partial(self._outside.open_folder, folder)
            answers: list[Answer] = [(tr("Show in folder"), show)]
            if any(note.code == "suggestions-are-in-best" for note in report.notes):
                auto_label = self._actions.trigger("auto_label")
                answers.append((tr("Auto-label all"), auto_label))
            self._messages.tell(text, *answers, about=_EXPORT)

    def _offer_command(self, text: str, command: str) -> None:
        """Show the command that applies an export, to be copied into a terminal."""
        how = tr(
            "To write them into the pictures, when all is checked, run this once: {command}",
            command=command,
        )
        copy = partial(QGuiApplication.clipboard().setText, command)
        self._messages.tell(
            sentences(text, how), (tr("Copy command"), copy), stays=True, about=_EXPORT
        )

    def _offer_to_take_back(self, text: str, log: Path, about: str = _EXPORT) -> None:
        take_back = partial(self._put_back, log)
        self._messages.tell(text, (tr("Take them back"), take_back), stays=True, about=about)

    def offer_files(self, *, is_undo: bool) -> None:
        """Offer to undo in the files, too, what was undone in the project, if it wrote any."""
        self._jobs.drop(_LOGS)
        self._messages.withdraw(_SIDECARS)
        undone = self._owner.project.history.undone
        log = log_of_step(undone[-1].title) if is_undo and undone else None
        if log is None:
            return
        images = self._owner.project.images.without_embeddings()

        def job(_cancel: CancelToken) -> Iterator[Path]:
            if is_log_of(log, images):
                yield log

        self._jobs.run(_LOGS, Task(job, self._on_log))

    def _on_log(self, log: Path) -> None:
        text = tr("Undone in the project. Take the sidecars back, too?")
        self._offer_to_take_back(text, log, _SIDECARS)

    def _say_put_back(self, log: Path, undone: Undone) -> None:
        self._messages.withdraw(_EXPORT)  # what it offers was done
        steps = self._owner.project.history.done
        is_whole = not undone.problems and self._project is self._owner.project
        if is_whole and steps and log_of_step(steps[-1].title) == log:
            self._owner.undo()  # or the step would stay, and undo nothing
        count = undone.sidecars
        text = trn("{count:,} sidecar taken back.", "{count:,} sidecars taken back.", count)
        if undone.problems:
            self._messages.warn(sentences(text, problems_sentence(undone.problems)))
        else:
            self._messages.tell(text, is_reply=True)

    def _on_failed(self, request: ExportRequest | None, error: Exception) -> None:
        is_open = self.panel.is_open
        self.panel.show_idle()
        if isinstance(error, CancelledError):
            self._messages.tell(tr("Cancelled. Nothing was written."), is_reply=True)
            return
        if request is None:
            self._messages.warn(sentences(tr("Nothing was put back."), error_text(error)))
            return
        text = sentences(tr("Not exported."), error_text(error))
        self._messages.warn(text, about=_EXPORT)
        if not is_open or (isinstance(error, OutputError) and error.reason.code in IN_THE_WAY):
            self.panel.begin(request)  # it says what is in the way of this place, with a way on
        else:
            self.panel.soon.start()


def log_of_step(title: Title) -> Path | None:
    """Return the log of sidecars that a step may have, of whatever project; else None."""
    if title.code != "write-sidecars":
        return None
    return log_of(str(title.parameters.get("when")))
