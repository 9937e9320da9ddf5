"""Opens a random sample of a run as a new project, and says of an open project that it is one."""

import os
import shlex
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.samples import Sample
from nameplate.pipeline.fetching import MOST_ASKED, Fetching, Found
from nameplate.pipeline.shards.sampling import SampleWish, sampled_project
from nameplate.project.project import Project
from nameplate.storage.agreed_hosts import allow
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of

_DRAWING: Final = "drawing"
_SHOWN_AFTER: Final = 1.0
_BETWEEN: Final = 0.25
"""Seconds: what is done sooner needs no progress, and nobody reads more often."""


_SAID_OTHERWISE: Final = ("not-fetched-yet", "changed-since-run")


class Sampling(QObject):
    """Draws samples from folders of shards, off the window's thread.

    Signals:
        fetching_wanted: The person agreed that pictures are fetched as they are looked at, or
            wants those once more that could not be had.
    """

    fetching_wanted = Signal()
    _found = Signal(object)

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        fetching: Fetching,
        files: ProjectFiles,
        messages: MessageBar,
    ) -> None:
        super().__init__(files)
        self._owner = owner
        self._fetching = fetching
        self._files = files
        self._messages = messages
        self._announced = 0.0
        self._failed: dict[Path, Message] = {}
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)
        fetching.tell = self._found.emit
        self._runner = JobRunner(
            "draw",
            self,
            on_event=self._on_event,
            on_failed=self._on_failed,
            on_done=lambda: messages.withdraw(_DRAWING),
        )
        owner.opened.connect(self._begin)
        files.opened.connect(self._say_what_it_is)
        in_use.loaded.connect(self._say_what_it_is)

    def shut_down(self) -> None:
        """Stop drawing, and wait for the thread."""
        self._runner.shut_down()

    def open(self, folder: Path, count: int | None = None) -> None:
        """Open a sample of a run in place of the open project, which is kept."""
        wish = SampleWish(folder) if count is None else SampleWish(folder, count)

        def job(cancel: CancelToken) -> Iterator[Progress | Project]:
            project = yield from sampled_project(wish, cancel)
            yield project

        self._announced = time.monotonic() + _SHOWN_AFTER - _BETWEEN
        self._runner.start(job)

    def ask_again(self) -> bool:
        """Ask again for pictures that are not here; return whether there is something to ask."""
        is_asking = bool(self._fetching.hosts or self._failed)
        if is_asking:
            self._say_what_it_is()
        return is_asking

    @Slot(object)
    def _on_event(self, event: Progress | Project) -> None:
        if isinstance(event, Project):
            self._files.open_made(event)
        elif time.monotonic() - self._announced > _BETWEEN:
            self._announced = time.monotonic()
            self._messages.tell(
                f"Drawing pictures at random: {event.done:,} of {event.total:,}.",
                answer="Cancel",
                on_answer=self._runner.cancel,
                about=_DRAWING,
            )

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.withdraw(_DRAWING)
        self._messages.warn(f"No sample was opened. {error_text(error)}")

    @Slot()
    def _say_what_it_is(self) -> None:
        sample = self._owner.project.sample
        if sample is None:
            return
        text = about_text(sample, self._owner.vectors_key)
        if hosts := self._fetching.hosts:
            shown = hosts[:MOST_ASKED]
            more = (
                f" (and {len(hosts) - MOST_ASKED} more, shown next)" if hosts[MOST_ASKED:] else ""
            )
            text += f" Its pictures are at {', '.join(shown)}{more}; nobody was asked for them yet."
            self._files.show_about(text, "Fetch as I look", lambda: self._fetch(shown))
        elif self._failed:
            count, why = len(self._failed), what_of(next(iter(self._failed.values())))
            text += f" {counted(count, 'picture')} could not be fetched: the first {why}."
            self._files.show_about(text, "Try again", self._fetch)
        elif len(sample) < sample.images:
            self._files.show_about(text, "Draw others", self._draw_others)
        else:
            self._files.show_about(text)

    @Slot()
    def _begin(self) -> None:
        sample, images = self._owner.project.sample, self._owner.project.images
        rows = [] if sample is None else images.rows_of(np.arange(1, len(sample) + 1)).tolist()
        self._failed.clear()
        self._fetching.begin(sample, images.paths.select(rows))

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        if self._owner.project.row_of(str(found.path)) is None:
            return  # of the project before
        before = len(self._failed)
        self._failed.pop(found.path, None)
        if found.problem is not None and found.problem.code not in _SAID_OTHERWISE:
            self._failed[found.path] = found.problem
        self._owner.note(found.path, found.problem, found.content)
        if len(self._failed) != before:
            self._say_what_it_is()

    def _fetch(self, hosts: Sequence[str] = ()) -> None:
        allow(hosts)  # for this session
        self._failed.clear()
        self.fetching_wanted.emit()
        self._say_what_it_is()

    def _draw_others(self) -> None:
        if (sample := self._owner.project.sample) is not None:
            self.open(Path(sample.folder), len(sample))

    @Slot()
    def copy_command(self) -> None:
        """Copy the command that labels the run again with the names and rules of the project."""
        if (sample := self._owner.project.sample) is not None:
            command = command_of(sample.folder, self._files.path)
            QGuiApplication.clipboard().setText(command)
            self._messages.tell(f"Copied: {command}", is_reply=True)


def command_of(folder: str, project: Path) -> str:
    """Return the command that labels a run again with a project."""
    return f"nameplate label --out {_as_word(folder)} --project {_as_word(str(project))}"


def _as_word(path: str) -> str:
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)


def about_text(sample: Sample, vectors_key: str) -> str:
    """Return what a project is that is a sample of a run.

    Args:
        sample: Of the project.
        vectors_key: Of the model in use; empty while there is none.
    """
    name, pictures = Path(sample.folder).name, counted(sample.images, "picture")
    text = f"{len(sample):,} of the {pictures} in {name}, drawn at random"
    if len(sample) == sample.images:
        text = f"All {pictures} in {name}, in a random order"
    if sample.images < sample.listed:
        text += f" (of {sample.listed:,} that it will have)"
    if not sample.rules:
        text += ". What they were labelled as is not written there: label it again, or add names"
    if vectors_key and vectors_key != sample.vectors_key:
        text += (
            f". It was labelled with {sample.model} by another model than the one in use, so that "
            "the pictures are read anew"
        )
    return f"{text}."
