"""Shows the progress and problems of reading, the model and its device."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Slot

from nameplate.domain.messages import Message
from nameplate.domain.progress import Progress
from nameplate.pipeline.models.loading import Loaded
from nameplate.storage.caches.text_cache import TextCache
from nameplate.ui.jobs.model_in_use import ModelInUse, format_device
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.stack_finder import StackFinder
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.shell.problems_panel import ProblemsPanel
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, remedy_of, text_of, what_of

_MODEL: Final = "model"
_READING: Final = "reading"
_REFRESH_MS: Final = 250
"""Problems are refreshed at most this often: many of them must not block the window."""


class StatusPresenter(QObject):
    """Keeps the status line, the problems panel and the message bar up to date.

    Attributes:
        choose_model: Lets the person choose a model; None where nothing does.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        reading: Reading,
        status: StatusLine,
        problems: ProblemsPanel,
        messages: MessageBar,
    ) -> None:
        super().__init__(status)
        self.choose_model: Callable[[], object] | None = None
        self._owner = owner
        self._in_use = in_use
        self._reading = reading
        self._finder: StackFinder | None = None
        self._status = status
        self._problems = problems
        self._messages = messages
        self._failure = ""
        self._text_cache: TextCache | None = None
        self._reported = set[object]()
        self._listed: tuple[object, ...] = ()  # what the panel shows
        self._counts: Callable[[], str] = lambda: counted(owner.project.images.present, "picture")
        problems_soon = Later(self, _REFRESH_MS, self._show_problems)
        in_use.loaded.connect(self._on_loaded)
        in_use.load_failed.connect(self._on_load_failed)
        reading.progress_changed.connect(self._on_progress)
        reading.scan_finished.connect(self._on_scan_finished)
        reading.problem_occurred.connect(lambda text: messages.warn(text, about=_READING))
        reading.started.connect(lambda: messages.withdraw(_READING))
        reading.problem_occurred.connect(self._show_model)
        reading.cache_failed.connect(self.warn_of_cache)
        owner.read.connect(problems_soon.ask)
        owner.changed.connect(problems_soon.ask)
        owner.opened.connect(self._show_problems)
        owner.suggestions_changed.connect(self._look_at_text_cache)
        status.cancel_requested.connect(self.stop)
        status.resume_requested.connect(reading.resume)
        status.problems_requested.connect(self.toggle_problems)

    def set_counts(self, counts: Callable[[], str]) -> None:
        """Set the function that returns the numbers of all, shown and selected pictures as text."""
        self._counts = counts

    def follow(self, finder: StackFinder) -> None:
        """Show that stacks are looked for, if that takes long."""
        self._finder = finder
        finder.slowed.connect(self.refresh)

    def stop(self) -> None:
        """Stop scanning and reading, of which results are kept; or stop looking for stacks."""
        if self._finder is not None and self._finder.is_slow:
            self._finder.cancel()
        else:
            self._reading.pause()
        self.refresh()

    def refresh(self) -> None:
        """Update the status line while no images are being read."""
        table = self._owner.project.images
        images, waiting = self._counts(), table.waiting
        if self._reading.is_scanning:
            self._status.show_busy("Looking for pictures…")
        elif self._reading.is_paused and self._reading.has_more_to_scan:
            self._status.show_paused(f"Cancelled; {images} so far, folders not looked through")
        elif self._reading.is_paused and waiting:
            self._status.show_paused(f"Cancelled; {counted(waiting, 'picture')} not read")
        elif self._finder is not None and self._finder.is_slow:
            self._show_finding(self._finder.progress)
        elif self._failure:
            self._status.show_text(f"{images}; no model, so no name can be judged")
        elif waiting and self._in_use.model is None:
            self._status.show_text(f"{images}; waiting for the model")
        else:
            self._status.show_text(images if table.present else "")

    def _show_finding(self, progress: Progress | None) -> None:
        """Show how far looking for stacks is."""
        if progress is None:
            self._status.show_busy("Looking for copies and bursts…")
        else:
            self._status.show_progress(progress, "Looking for copies and bursts:")

    def toggle_problems(self) -> None:
        """Show or hide the list of unreadable files; tell if there are none."""
        was_visible = self._problems.isVisible()
        self._problems.setVisible(not was_visible)
        self._show_problems()
        if not was_visible and not self._problems.isVisible():
            self._messages.tell("There is no file that could not be read.", is_reply=True)

    @Slot(object)
    def warn_of_cache(self, problem: Message) -> None:
        """Report a problem of the cache, once per reason.

        Images, prompts and thumbnails share its folder: a full disk affects all three, and
        every new job.
        """
        reason = problem.parameters.get("reason", problem.code)
        if reason not in self._reported:
            self._reported.add(reason)
            self._messages.warn(what_of(problem))

    @Slot()
    def _look_at_text_cache(self) -> None:
        if self._text_cache is not None and self._text_cache.problem:
            self.warn_of_cache(self._text_cache.problem)

    @Slot(object)
    def _on_progress(self, progress: Progress | None) -> None:
        if progress is not None and progress.done < progress.total:
            self._status.show_progress(progress)
        else:
            self.refresh()

    @Slot(int, int, int)
    def _on_scan_finished(self, images: int, problems: int, known: int) -> None:
        self._show_problems()
        if images:
            self._messages.tell(f"{counted(images, 'picture')} added.", about=LAST_STEP)
        elif problems:
            last = self._reading.problems[-1]
            self._messages.warn(
                f"Nothing was added: {last.path} {what_of(last.reason)}.",
                answer="Show",
                on_answer=self.toggle_problems,
                about=LAST_STEP,
            )
        else:
            self._messages.warn(
                f"No new pictures there: {counted(known, 'picture')} here already."
                if known
                else "No pictures in this folder. Nameplate reads JPEG, PNG, WebP, HEIC, TIFF, GIF "
                "and BMP.",
                about=LAST_STEP,
            )
        if not self._reading.is_reading:
            self.refresh()

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        self._failure = ""
        self._messages.withdraw(_MODEL)
        self._text_cache = loaded.encoder.cache
        if loaded.remark:
            self._messages.warn(text_of(loaded.remark))
        self._show_model()

    @Slot()
    def _show_model(self) -> None:
        """Show model and device, which may change if a GPU fails."""
        model = self._in_use.model
        if model is None:
            return
        device = model.device
        what = what_of(device.note) if device.note else ""
        why = f"{what[0].upper()}{what[1:]}. {remedy_of(device.note)}" if device.note else ""
        self._status.show_model(model.manifest.title, format_device(device.device), why)

    @Slot(object)
    def _on_load_failed(self, error: Exception) -> None:
        if self._in_use.model is not None:  # the model in use stays
            return
        self._failure = error_text(error)
        self._status.show_model("No model", why=self._failure)
        self._messages.warn(
            f"The model cannot be used. {self._failure}",
            answer="Choose another",
            on_answer=self.choose_model,
            about=_MODEL,
        )
        self.refresh()

    @Slot()
    def _show_problems(self) -> None:
        reasons, problems = self._reasons(), self._reading.problems
        count = len(reasons) + len(problems)
        missing = int(np.count_nonzero(self._owner.project.images.is_missing[list(reasons)]))
        self._status.show_problems(len(reasons) - missing, missing, len(problems))
        if not self._problems.isVisible():
            return
        if not count:
            self._problems.hide()
            return
        now = (self._owner.project, problems[:], reasons)
        if now != self._listed:
            self._listed = now
            self._problems.set_problems(self._pairs, count)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for problem in self._reading.problems:
            yield str(problem.path), what_of(problem.reason)
        for row, reason in self._reasons().items():
            yield str(self._owner.project.images.paths[row]), what_of(reason)

    def _reasons(self) -> dict[int, Message]:
        """Return why images cannot be read, by row, without removed ones."""
        images = self._owner.project.images
        return {row: why for row, why in images.reasons.items() if not images.is_removed[row]}
