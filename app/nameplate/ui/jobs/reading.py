"""Scans files and folders for pictures, adds them to the project, and embeds them."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.imaging.scan import ScanBatch, ScanProblem, scan
from nameplate.pipeline.models.loading import Loaded
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, EmbedEvent, FilesSeen
from nameplate.pipeline.reading.embedding import Priority, describe, embed_with_cache, vectors_key
from nameplate.pipeline.reading.rescore import ScoredBatch, score_events
from nameplate.system.elsewhere import is_elsewhere
from nameplate.ui.jobs.jobs import Job, Jobs, Task, nothing
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.project_owner import ProjectOwner
from nameplate.wording.texts import error_text, sentences, tr, what_of

_ELSEWHERE: Final = Message("on-another-computer")
"""A project with such paths is not opened again."""

_BETWEEN_PROGRESS: Final = 0.1
"""Seconds: the bar is painted at once each time, for longer than a quick batch takes."""


class Recognised(NamedTuple):
    """The opened paths that are scanned for pictures, and the actions on the others.

    Attributes:
        acts: Functions to call on the window's thread.
    """

    paths: Sequence[Path]
    acts: Sequence[Callable[[], object]] = ()


Recognise = Callable[[Sequence[Path]], Recognised]
"""Tells pictures from other opened paths; called on the thread of a job."""


class Reading(QObject):
    """Adds the images of files and folders to the project, and embeds waiting images.

    Attributes:
        problems: Files and folders that could not be scanned.
        priority: The images that are read first.

    Signals:
        started: Waiting images are about to be read.
        ended: No image waits any more, or reading was paused.
        scan_ended: Folders were looked through: how many new images, how many problems, how many
            images that were there already; None where that was stopped.
        progressed: How far reading is, a `Progress`; None while nothing is read.
        warned: Reading stopped, or goes on otherwise; what to say of it.
        cache_failed: What is read cannot be kept; a `Message`.
    """

    started = Signal()
    ended = Signal()
    scan_ended = Signal(object)
    progressed = Signal(object)
    warned = Signal(str)
    cache_failed = Signal(object)

    def __init__(
        self,
        owner: ProjectOwner,
        model_in_use: ModelInUse,
        jobs: Jobs,
        seen: Callable[[], NDArray[np.int64]],
    ) -> None:
        """Read nothing yet; of waiting images, those in the rows of `seen` are read first."""
        super().__init__(owner)
        self._owner, self._in_use, self._jobs, self._seen = owner, model_in_use, jobs, seen
        self.problems = list[ScanProblem]()
        self.priority = Priority()
        self.is_paused = self._is_describing = False
        self._adding_step = 0  # the step that the running scan adds images to
        self._counts = (0, 0, 0)  # of the running scan: new images, problems, known images
        self._started, self._done_before, self._announced = 0.0, 0, 0.0
        self._to_scan: list[tuple[Sequence[Path], Recognise]] = []
        self._scanned: list[tuple[Sequence[Path], Recognise]] = []  # those that are looked through
        self._owner.changed.connect(self._on_project_changed)
        self._in_use.loaded.connect(self._on_loaded)

    # ---- what a person does

    def open_paths(self, paths: Sequence[Path], recognise: Recognise | None = None) -> None:
        """Add the images of files and folders; `recognise` tells others from them."""
        self.is_paused = False
        # Earlier problems there are found again, or are gone.
        self.problems = [
            one for one in self.problems if {one.path, *one.path.parents}.isdisjoint(paths)
        ]
        self._to_scan.append((paths, recognise or Recognised))
        self._scan_next()

    def pause(self) -> None:
        """Stop scanning and reading; a folder that was partly scanned is scanned again."""
        self.is_paused = True
        self._to_scan = [*self._scanned, *self._to_scan]
        self._scanned = []
        self._jobs.cancel("scan")
        self._jobs.cancel("embed")

    def resume(self) -> None:
        """Continue scanning and reading."""
        self.is_paused = False
        self._scan_next()
        self._read_waiting()
        self._describe()

    # ---- how far it is

    @property
    def is_scanning(self) -> bool:
        """Whether folders are being scanned."""
        return self._jobs.is_running("scan")

    @property
    def is_reading(self) -> bool:
        """Whether images are being read and encoded."""
        return self._jobs.is_running("embed") and not self._is_describing

    @property
    def has_more_to_scan(self) -> bool:
        """Whether a folder is left that was not scanned completely."""
        return bool(self._to_scan)

    def _announce_progress(self) -> None:
        """Emit the progress of reading, not more often than anyone can read it."""
        now = time.monotonic()
        if now - self._announced < _BETWEEN_PROGRESS:
            return
        self._announced = now
        images, seconds = self._owner.project.images, now - self._started
        done = images.present - images.waiting
        progress = Progress(done, images.present, seconds, before=self._done_before)
        self.progressed.emit(progress)

    # ---- scanning

    def _on_found(self, batch: ScanBatch | Recognised) -> None:
        if isinstance(batch, Recognised):
            self._scanned = [(batch.paths, Recognised)] if batch.paths else []
            for act in batch.acts:
                act()
            return
        self.problems.extend(batch.problems)
        added, self._adding_step = self._owner.add_images(batch.images, self._adding_step)
        images, problems, known = self._counts
        known += len(batch.images) - added
        self._counts = (images + added, problems + len(batch.problems), known)

    def _scan_next(self) -> None:
        if self._to_scan and not self.is_scanning:
            asked = self._scanned = self._to_scan
            self._to_scan = []

            def job(cancel: CancelToken) -> Iterator[ScanBatch | Recognised]:
                there = [path for paths, _ in asked for path in paths if is_elsewhere(str(path))]
                found = [look([p for p in paths if p not in there]) for paths, look in asked]
                here = [path for paths, _ in found for path in paths]
                yield Recognised([*there, *here], [act for _, acts in found for act in acts])
                yield ScanBatch((), tuple(ScanProblem(path, _ELSEWHERE) for path in there))
                yield from scan(here, cancel=cancel)

            self._jobs.run("scan", self._scan_task(job))
            self.progressed.emit(None)

    def _scan_task(self, job: Job) -> Task:
        """Return the task of a job that looks for pictures, or of `nothing` in place of one."""
        return Task(job, self._on_found, self._on_scan_failed, self._on_scan_finished)

    def _on_scan_failed(self, error: Exception) -> None:
        self._scanned = []
        text = sentences(tr("Looking for pictures stopped."), error_text(error))
        self.warned.emit(text)
        self._on_scan_finished()

    def _on_scan_finished(self) -> None:
        is_whole, self._scanned = bool(self._scanned), []
        counts, self._counts, self._adding_step = self._counts, (0, 0, 0), 0
        self.scan_ended.emit(counts if is_whole else None)
        if self.is_paused:
            self.progressed.emit(None)
            return
        self._scan_next()
        self._read_waiting()

    # ---- reading

    def _read_waiting(self) -> None:
        images, ready = self._owner.project.images, self._in_use.ready
        if ready is None or self.is_paused or self.is_reading or not images.waiting:
            return
        rows = images.waiting_rows().tolist()
        paths = images.paths.select(rows)
        first, use_cache = self.priority, self._in_use.uses_cache

        def read(cancel: CancelToken) -> Iterator[Any]:
            return embed_with_cache(
                rows, paths, ready.model, use_cache=use_cache, cancel=cancel, priority=first
            )

        self._started, self._done_before = time.monotonic(), images.present - images.waiting
        self._announced = 0.0
        self.read_seen_first()  # a job skips images that came after it started
        self.started.emit()
        self._embed(self._scored(read, ready))
        self._announce_progress()

    def _describe(self) -> None:
        """Read images again of which the cache had embeddings alone, behind all other work.

        They have suggestions meanwhile, but nothing is learned from them.
        """
        rows, ready = self._owner.project.images.undescribed_rows(), self._in_use.ready
        if ready is None or self.is_paused or self.is_reading or not len(rows):
            return
        self._is_describing = True
        paths = self._owner.project.images.paths.select(rows.tolist())

        def read(cancel: CancelToken) -> Iterator[Any]:
            return describe(rows.tolist(), paths, ready.model, cancel)

        task = Task(self._scored(read, ready), self._on_described)
        self._jobs.run("embed", task, low_priority=True)

    def _on_described(self, event: object) -> None:
        if isinstance(event, Embedded | ScoredBatch):
            self._owner.record(event)

    def _scored(self, job: Job, ready: Loaded) -> Job:
        """Return a job that also scores each batch, with the classifier in use at that time."""
        suggestions = self._owner.suggestions
        # At the end of its last batch another model, with other vectors, may be in use.
        return lambda cancel: score_events(
            job(cancel), lambda: suggestions.classifier if self._in_use.ready is ready else None
        )

    def read_seen_first(self) -> None:
        """Let waiting images that are seen be read before the others."""
        states, rows = self._owner.project.images.states, self._seen()
        rows = rows[(rows >= 0) & (rows < len(states))]
        self.priority.put(rows[states[rows] == ImageState.WAITING].tolist())

    def _embed(self, job: Job) -> None:
        """Run a job that reads pictures, or `nothing` in place of one."""
        self._is_describing = False
        task = Task(job, self._on_embedded, self._on_embed_failed, self._on_embed_finished)
        self._jobs.run("embed", task)

    def _on_embedded(
        self, event: EmbedEvent | ScoredBatch | FilesSeen | DeviceChanged | Message
    ) -> None:
        if isinstance(event, Message):
            self.cache_failed.emit(event)
        elif isinstance(event, DeviceChanged):
            self.warned.emit(what_of(event.message))
        elif isinstance(event, FilesSeen):
            self._owner.project.images.files[event.rows] = event.files
        else:
            self._owner.record(event)
            if not self.is_paused:  # the last batch of a cancelled job reports no progress
                self._announce_progress()

    def _on_embed_finished(self) -> None:
        if not self.is_paused and self._owner.project.images.waiting:
            self._read_waiting()
            return
        self.progressed.emit(None)
        self.ended.emit()
        self._describe()

    def _on_embed_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            self._on_embed_finished()
            return
        self.is_paused = True  # so that the person can resume
        self.progressed.emit(None)
        text = sentences(tr("Reading stopped."), error_text(error))
        self.warned.emit(text)

    # ---- changes from elsewhere

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self._drop_all()
            return
        undone = self._owner.project.history.undone
        # The scan whose images were undone is stopped, so that it adds no more of them.
        if self._adding_step and undone and undone[-1].number == self._adding_step:
            self._forget_scan()
        if len(effects.relinked) and self._jobs.is_running("embed"):
            self._embed(nothing)  # what it finds may be about the old paths
        if len(effects.added) or len(effects.relinked):
            self._read_waiting()

    def _forget_scan(self) -> None:
        self._to_scan, self._scanned = [], []
        self._jobs.run("scan", self._scan_task(nothing))
        self.progressed.emit(None)

    def _drop_all(self) -> None:
        """Drop the jobs of the previous project."""
        self.is_paused = False
        self._adding_step, self._counts = 0, (0, 0, 0)
        self.problems.clear()
        self._forget_scan()
        self._embed(nothing)

    def _on_loaded(self, loaded: Loaded) -> None:
        """Embed everything again with another model; the same on another device goes on."""
        if self._jobs.is_running("embed"):
            self._embed(nothing)
        model = loaded.model
        key = vectors_key(model.fingerprint)
        if key != self._owner.vectors_key:
            self._owner.forget_embeddings(model.manifest.sizes, key)
        self._read_waiting()
