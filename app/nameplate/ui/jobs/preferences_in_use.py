"""The preferences in use: a change applies at once, and is written by a job."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, QSettings, Signal

from nameplate.domain.messages import Message
from nameplate.domain.preferences import PREFERENCES, USUAL
from nameplate.domain.progress import CancelToken
from nameplate.storage.preferences import keep_preference, preferences, take_problems
from nameplate.ui.commands.keys import KeyMap
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.wording.texts import error_text, sentences, text_of, tr

_JOB: Final = "settings"

_BEFORE: Final = {
    "window/look": "theme",
    "labelling/goes-on": "advance",
    "labelling/typing-picks": "typing_picks",
    "commands/keys": "keys",
}
"""Where earlier versions kept preferences among what the window remembers."""


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

    def __init__(self, jobs: Jobs, remembered: QSettings) -> None:
        """Take over what earlier versions kept in `remembered`, once."""
        super().__init__(jobs)
        self._jobs = jobs
        self.values = preferences()

        def job(_cancel: CancelToken) -> Iterator[Message]:
            yield from take_problems()

        self._queue(job)
        for key, name in _BEFORE.items():
            if remembered.contains(key):
                if self.values[name] == USUAL[name]:
                    self._take_over(name, str(remembered.value(key)))
                remembered.remove(key)

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

    def _take_over(self, name: str, before: str) -> None:
        value: Any = {"true": True, "false": False}.get(
            before.casefold(), before.removeprefix("look_")
        )
        if name == "keys":
            with suppress(ValueError):
                self.choose(name, dict(KeyMap.from_json(before).changed))
        elif PREFERENCES[name].takes(value, USUAL[name]):
            self.choose(name, value)
