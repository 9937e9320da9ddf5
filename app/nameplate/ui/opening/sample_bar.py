"""Says of an open project that it is a sample of a run, and fetches its pictures from elsewhere."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from nameplate.domain.changes import Effects
from nameplate.domain.messages import Message
from nameplate.pipeline.fetching import MOST_ASKED, Found
from nameplate.project.samples import Sample
from nameplate.storage.agreed_hosts import allow
from nameplate.system.failures import as_word
from nameplate.wording.texts import listed, sentences, tr, trn, what_of

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_SAID_OTHERWISE: Final = ("not-fetched-yet", "changed-since-run")


class SampleBar(QObject):
    """Lets stand above a project what run it is a sample of, and where its pictures are."""

    _found = Signal(object)

    def __init__(self, window: "WindowParts") -> None:
        super().__init__(window)
        self._window, self._owner = window, window.owner
        self._fetching, self._files = window.fetching, window.files
        self._failed: dict[Path, Message] = {}
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)
        self._fetching.tell = self._found.emit
        self._owner.happened.connect(self._on_happened)
        self._files.opened.connect(self._say_what_it_is)
        window.model_in_use.loaded.connect(self._say_what_it_is)
        self._owner.find_by("pictures_elsewhere", self._ask_again)
        self._owner.find_by("run_command", self._copy_command)

    def _ask_again(self) -> bool:
        """Ask again for pictures that are not here; return whether there is something to ask."""
        is_asking = bool(self._fetching.hosts or self._failed)
        if is_asking:
            self._say_what_it_is()
        return is_asking

    def _say_what_it_is(self) -> None:
        sample = self._owner.project.sample
        if sample is None:
            return
        text = about_text(sample, self._owner.vectors_key)
        if hosts := self._fetching.hosts:
            shown = hosts[:MOST_ASKED]
            where, left = listed(shown), len(hosts) - MOST_ASKED
            if left > 0:
                where = tr("{names} (and {count:,} more, shown next)", names=where, count=left)
            at = tr("Its pictures are at {places}, and not fetched yet.", places=where)
            text = sentences(text, at)
            self._files.show_about(text, (tr("Fetch as needed"), lambda: self._fetch(shown)))
        elif self._failed:
            count, why = len(self._failed), what_of(next(iter(self._failed.values())))
            failed = trn(
                "{count:,} picture could not be fetched: the first {problem}.",
                "{count:,} pictures could not be fetched: the first {problem}.",
                count,
                problem=why,
            )
            text = sentences(text, failed)
            self._files.show_about(text, (tr("Try again"), self._fetch))
        elif len(sample) < sample.images and (others := self._window.workbenches.drops("run")):
            draw = partial(others[0][1], Path(sample.folder), len(sample))
            self._files.show_about(text, (tr("Draw other pictures"), draw))
        else:
            self._files.show_about(text)

    def _on_happened(self, effects: Effects) -> None:
        if not effects.opened:
            return
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
        window = self._window
        for part in (window.reading, window.thumbnails, window.large, window.inspector):
            part.try_again()
        self._say_what_it_is()

    def _copy_command(self) -> None:
        """Copy the command that labels the run again with the names and rules of the project."""
        if (sample := self._owner.project.sample) is not None:
            command = command_of(sample.folder, self._files.path)
            QGuiApplication.clipboard().setText(command)
            self._window.messages.tell(tr("Copied: {command}", command=command), is_reply=True)


def command_of(folder: str, project: Path) -> str:
    """Return the command that labels a run again with a project."""
    return f"nameplate label --out {as_word(folder)} --project {as_word(str(project))}"


def about_text(sample: Sample, vectors_key: str) -> str:
    """Return what a project is that is a sample of a run; the key is of the model in use."""
    name, count = Path(sample.folder).name, sample.images
    if len(sample) == count:
        text = trn(
            "All {count:,} picture in {name}, in a random order",
            "All {count:,} pictures in {name}, in a random order",
            count,
            name=name,
        )
    else:
        text = trn(
            "{part:,} of the {count:,} picture in {name}, drawn at random",
            "{part:,} of the {count:,} pictures in {name}, drawn at random",
            count,
            part=len(sample),
            name=name,
        )
    if count < sample.listed:
        text = tr("{pictures} (of {count:,} when it is done)", pictures=text, count=sample.listed)
    said = [tr("{text}.", text=text)]
    if not sample.rules:
        said.append(tr("Its names are not known: add them, or label the run again."))
    if vectors_key and vectors_key != sample.vectors_key:
        text = tr(
            "It was labelled with {model}, so the pictures are read again with the model in use.",
            model=sample.model,
        )
        said.append(text)
    return sentences(*said)
