"""The preferences in use: a change applies at once, and is written by a job."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.storage.preferences import check_settings_file, keep_preference, preferences
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.wording.texts import error_text, sentences, text_of, tr

_JOB: Final = "settings"


class PreferencesInUse(QObject):
    """The preferences of a window.

    Attributes:
        values: The preferences; changed by `choose` alone.

    Signals:
        changed: A preference has another value; its name.
        problem_occurred: Something cannot be read or kept; what to say of it.
    """

    changed = Signal(str)
    problem_occurred = Signal(str)

    def __init__(self, jobs: Jobs) -> None:
        super().__init__(jobs)
        self._jobs = jobs
        self.values = preferences()

        def job(_cancel: CancelToken) -> Iterator[Message]:
            yield from check_settings_file()

        self._queue(job)

    def choose(self, name: str, value: Any) -> None:
        """Change a preference; it is in use from now on, and in other windows from their start."""
        if value == self.values[name]:
            return
        self.values = replace(self.values, **{name: value})

        def job(_cancel: CancelToken) -> Iterator[Message]:
            if (problem := keep_preference(name, value)) is not None:
                yield problem

        self._queue(job)
        self.changed.emit(name)

    def toggle(self, name: str) -> None:
        """Switch a preference on or off."""
        self.choose(name, not self.values[name])

    def finish(self) -> None:
        """Wait until all changes are written."""
        self._jobs.finish(_JOB)

    def _queue(self, job: Any) -> None:
        def say(problem: Message) -> None:
            self.problem_occurred.emit(text_of(problem))

        def failed(error: Exception) -> None:
            text = sentences(tr("Settings can't be saved."), error_text(error))
            self.problem_occurred.emit(text)

        self._jobs.queue(_JOB, Task(job, say, failed))
