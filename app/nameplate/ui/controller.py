"""Between the window and the services: starts jobs, takes in what they find, keeps undo."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from nameplate.domain.concepts import Concept, add, add_all
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import LabelDelta, clear_delta
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.batch_encoder import DeviceChanged
from nameplate.pipeline.caches import text_cache
from nameplate.pipeline.embedding import Priority, embed_with_cache
from nameplate.pipeline.loading import Loaded, load
from nameplate.pipeline.prompt_encoder import build_classifier
from nameplate.pipeline.workspace import Scored, Workspace, rate_read, score
from nameplate.scoring.zero_shot import Classifier
from nameplate.ui.commands import ConceptsCommand, LabelCommand
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.jobs.scanning import Scanning

_TYPING_MS: Final = 60
"""A pause in typing this long starts the scoring; with it the bars answer within 100 ms."""


class Controller(QObject):
    """The workspace and the jobs on it.

    Attributes:
        priority: What is read first.
        uses_cache: Whether what was read is kept on disk for the next time.

    Signals:
        loaded: The model is ready; a `Loaded`.
        load_failed: The model cannot be used; the error.
        images_added: New rows, int64.
        reading_begun: Waiting images are about to be read.
        rows_changed: Rows whose label, state or rating changed, int64.
        rated: All ratings are new; also after the last waiting image was read.
        concepts_changed: The concepts are others.
        labels_changed: Some label is another.
        labels_restored: Undo or redo changed the labels of these rows, int64.
        progress_changed: A `Progress`, or None when nothing is being read.
        preview_changed: The classifier that holds the name being typed, or None.
        scan_finished: A drop was looked through: how many new images, how many problems.
        problem_arose: A sentence for the message bar.
        cache_failed: A sentence that says why what was read is not kept; each job says it again.
    """

    loaded = Signal(object)
    load_failed = Signal(object)
    images_added = Signal(object)
    reading_begun = Signal()
    rows_changed = Signal(object)
    rated = Signal()
    concepts_changed = Signal()
    labels_changed = Signal()
    labels_restored = Signal(object)
    progress_changed = Signal(object)
    preview_changed = Signal(object)
    scan_finished = Signal(int, int)
    problem_arose = Signal(str)
    cache_failed = Signal(str)

    def __init__(
        self, model: Path | str, device: str, *, use_cache: bool = True, or_starter: bool = False
    ) -> None:
        """Start with no images, and with loading `model`: see `pipeline.loading.load`."""
        super().__init__()
        self.workspace = Workspace(0, TemplateSet("simple", "", ("a photo of a {}.",)))
        self.undo_stack = QUndoStack(self)
        self.model: LoadedModel | None = None
        self.priority = Priority()
        self._ready: Loaded | None = None
        self._device = device
        self.uses_cache: Final = use_cache
        self._scan_counts = (0, 0)
        self._is_paused = False
        self._started = 0.0
        self._done_before = 0
        self._typed = ""
        self._least_key = 0
        self._is_doing = False
        self._acts: list[Callable[[], object]] = []
        self.label_revision = 0
        self._load, self._scan = JobRunner("load", self), Scanning(self)
        self._embed, self._score = JobRunner("embed", self), JobRunner("score", self)
        self._score_soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._connect()
        self._load.start(lambda _cancel: iter([load(model, device, or_starter=or_starter)]))

    def _connect(self) -> None:
        self._load.event_arrived.connect(self._on_loaded)
        self._load.failed.connect(self.load_failed)
        self._scan.found.connect(self._on_scanned)
        self._scan.failed.connect(self._on_scan_failed)
        self._scan.ended.connect(self._on_scan_ended)
        self._embed.event_arrived.connect(self._on_embedded)
        self._embed.finished.connect(self._on_embed_finished)
        self._embed.failed.connect(self._on_embed_failed)
        self._score.event_arrived.connect(self._on_scored)
        self._score.failed.connect(self._on_score_failed)
        self._score_soon.timeout.connect(self._start_scoring)

    def shut_down(self) -> None:
        """Stop all jobs and wait for them; what was read is in the cache."""
        self._score_soon.stop()
        for runner in (self._load, self._scan, self._embed, self._score):
            runner.shut_down()

    # ---- images

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Add the images of files and folders."""
        self._is_paused = False
        self._scan.add(paths)

    @property
    def is_scanning(self) -> bool:
        """Whether folders are being looked through."""
        return self._scan.is_running

    @property
    def is_reading(self) -> bool:
        """Whether images are being read and encoded."""
        return self._embed.is_running

    @property
    def is_paused(self) -> bool:
        """Whether the reading stopped before its end."""
        return self._is_paused

    @property
    def has_more_to_scan(self) -> bool:
        """Whether a folder is left that was not looked through to its end."""
        return self._scan.has_more

    def pause(self) -> None:
        """Stop scanning and reading; what is done stays."""
        self._is_paused = True
        self._scan.stop()
        self._embed.cancel()

    def resume(self) -> None:
        """Go on reading."""
        self._is_paused = False
        self._scan.go_on()
        self._read_waiting()

    @Slot(object)
    def _on_scanned(self, batch: Any) -> None:
        rows = self.workspace.add_images(batch)
        images, problems = self._scan_counts
        self._scan_counts = (images + len(rows), problems + len(batch.problems))
        if len(rows):
            self.images_added.emit(np.arange(rows.start, rows.stop))
            self._read_waiting()

    @Slot(bool)
    def _on_scan_ended(self, is_whole: bool) -> None:
        counts, self._scan_counts = self._scan_counts, (0, 0)
        if is_whole:
            self.scan_finished.emit(*counts)
        if self._is_paused:
            self.progress_changed.emit(None)
            return
        self._scan.go_on()
        self._read_waiting()

    def _read_waiting(self) -> None:
        if self._ready is None or self._is_paused or self._embed.is_running:
            return
        if not self.workspace.images.waiting:
            return
        rows = self.workspace.waiting().tolist()
        self._started = time.monotonic()
        self._done_before = self._done()
        paths = self.workspace.images.paths.select(rows)
        ready, workspace = self._ready, self.workspace
        first, use_cache = self.priority, self.uses_cache

        def job(cancel: CancelToken) -> Iterator[Any]:
            read = embed_with_cache(
                rows, paths, ready.model, use_cache=use_cache, cancel=cancel, priority=first
            )
            # At the end of its last batch another model, with other vectors, may be in use.
            return rate_read(read, lambda: workspace.classifier if self._ready is ready else None)

        self.reading_begun.emit()
        self._embed.start(job)
        self._announce_progress()

    @Slot(object)
    def _on_embedded(self, event: Any) -> None:
        if isinstance(event, str):
            self.cache_failed.emit(event)
            return
        if isinstance(event, DeviceChanged):
            self.problem_arose.emit(event.text)
            return
        self.rows_changed.emit(self.workspace.take(event))
        if not self._is_paused:  # the last batch of a job that was stopped says nothing more
            self._announce_progress()

    @Slot()
    def _on_embed_finished(self) -> None:
        if not self._is_paused and self.workspace.images.waiting:
            self._read_waiting()
            return
        self.progress_changed.emit(None)
        self.rated.emit()

    def _done(self) -> int:
        return len(self.workspace.images) - self.workspace.images.waiting

    def _announce_progress(self) -> None:
        images, seconds = len(self.workspace.images), time.monotonic() - self._started
        self.progress_changed.emit(
            Progress(self._done(), images, seconds, before=self._done_before)
        )

    # ---- model

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self._load.is_running

    def use_model(self, folder: Path) -> None:
        """Load another model, and change over to it when it is ready; until then the old one works.

        Where it cannot be loaded `load_failed` says why, and the old one stays.
        """
        self._load.start(lambda _cancel: iter([load(folder, self._device)]))

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        before, self._ready, self.model = self._ready, loaded, loaded.model
        loaded.encoder.cache = text_cache(loaded.model) if self.uses_cache else None
        workspace = self.workspace
        if before is None or workspace.template_set == before.template_set:
            workspace.template_set = loaded.template_set
        if before is not None:
            self._embed.drop()  # what these still find is the old model's
            self._score.drop()
            self.preview_changed.emit(None)
        workspace.forget_embeddings(loaded.model.manifest.embedding_size)
        self.loaded.emit(loaded)
        self.rated.emit()
        self._score_soon.start()
        self._read_waiting()

    @Slot(object)
    def _on_embed_failed(self, error: Exception) -> None:
        self._is_paused = True  # so that the person can let it go on
        self.progress_changed.emit(None)
        self.problem_arose.emit(f"Reading stopped. {error}")

    @Slot(object)
    def _on_scan_failed(self, error: Exception) -> None:
        self.problem_arose.emit(f"Looking for pictures stopped. {error}")

    # ---- concepts

    def change_concepts(self, text: str, after: tuple[Concept, ...]) -> None:
        """Replace the concepts by `after`, as one undoable step named `text`."""
        before = self.workspace.concepts
        gone = {c.key for c in before} - {c.key for c in after}
        rejected = {c.key for c in after if c.is_reject}
        rows = self.workspace.rows_labelled(sorted(gone | rejected))
        self._push(
            ConceptsCommand(
                text, (before, after), self._set_concepts, clear_delta(rows), self._apply_labels
            )
        )

    def add_lines(self, lines: Sequence[str]) -> list[str]:
        """Add a concept for each of `lines`, as one step; return what was wrong with the others."""
        concepts, wrong = add_all(self.workspace.concepts, lines, least_key=self._least_key)
        if concepts != self.workspace.concepts:
            count = len(concepts) - len(self.workspace.concepts)
            text = f"add “{concepts[-1].name}”" if count == 1 else f"add {count} names"
            self.change_concepts(text, concepts)
        return [str(error) for _, error in wrong]

    def set_templates(self, template_set: TemplateSet) -> None:
        """Use another template set and score again."""
        self.workspace.template_set = template_set
        self._score_soon.start()

    def set_typed(self, text: str) -> None:
        """Score the selected image with the name that is being typed as well."""
        self._typed = text.strip()
        self._score_soon.start()

    def _set_concepts(self, concepts: tuple[Concept, ...]) -> None:
        self.workspace.concepts = concepts
        self.label_revision += 1  # the names stand in what is exported
        self._least_key = max(self._least_key, *(c.key + 1 for c in concepts), 0)
        self.concepts_changed.emit()
        self._score_soon.start()

    # ---- scoring

    @property
    def is_scoring(self) -> bool:
        """Whether ratings are on their way that the window does not show yet."""
        return self._score_soon.isActive() or self._score.is_running

    @Slot()
    def _start_scoring(self) -> None:
        if self._ready is None:
            return
        ready, workspace = self._ready, self.workspace
        concepts, templates = workspace.concepts, workspace.template_set
        blocks, typed = workspace.images.blocks(), self._with_typed(concepts)
        needs_all, known = not workspace.is_current, workspace.scores

        def job(cancel: CancelToken) -> Iterator[Any]:
            def build(of: tuple[Concept, ...]) -> Classifier:
                head = ready.model.head
                return build_classifier(ready.encoder, of, templates, head, cancel=cancel)

            yield build(typed) if typed else None
            if needs_all:
                classifier = build(concepts)
                yield score(classifier, blocks, known, cancel)
                ready.encoder.keep(classifier)

        self._score.start(job)
        self._run_waiting_acts()

    def _with_typed(self, concepts: tuple[Concept, ...]) -> tuple[Concept, ...]:
        """Return the concepts and the one being typed; nothing where it is no usable new name."""
        try:
            return add(concepts, self._typed, least_key=self._least_key) if self._typed else ()
        except UsageError:
            return ()

    @Slot(object)
    def _on_scored(self, result: Any) -> None:
        if not isinstance(result, Scored):
            self.preview_changed.emit(result)
            return
        self.workspace.set_scored(result)
        self.rated.emit()
        self._run_waiting_acts()

    def when_current(self, act: Callable[[], object]) -> None:
        """Do `act` as soon as the ratings are those of the names as they stand; now if they are.

        What decides labels, or writes them, must not use numbers of other names.
        """
        self._acts.append(act)
        if self._ready is not None:
            self._run_waiting_acts()

    def _run_waiting_acts(self) -> None:
        if self.workspace.is_current:
            acts, self._acts = self._acts, []
            for act in acts:
                act()

    @Slot(object)
    def _on_score_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            return
        dropped, self._acts = self._acts, []
        more = " What waited for it was not done." if dropped else ""
        self.problem_arose.emit(f"The names could not be read. {error}{more}")

    # ---- labels

    def change_labels(self, text: str, delta: LabelDelta) -> None:
        """Apply `delta` as one undoable step named `text`; nothing where it is empty."""
        if len(delta):
            self._push(LabelCommand(text, delta, self._apply_labels))

    def _push(self, command: QUndoCommand) -> None:
        self._is_doing = True
        try:
            self.undo_stack.push(command)
        finally:
            self._is_doing = False

    def _apply_labels(self, delta: LabelDelta) -> LabelDelta:
        inverse = self.workspace.labels.apply(delta)
        if len(delta):
            self.label_revision += 1
            self.rows_changed.emit(delta.rows)
            self.labels_changed.emit()
            if not self._is_doing:
                self.labels_restored.emit(delta.rows)
        return inverse
