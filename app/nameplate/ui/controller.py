"""The controller of the window: owns the project, starts jobs, records their results."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from nameplate.domain.changes import Change, Effects, SetSettings, Settings, Title
from nameplate.domain.concepts import Concept, add, add_all
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.label_export import model_name
from nameplate.imaging.scan import ScanProblem
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.batch_encoder import DeviceChanged
from nameplate.pipeline.caches import text_cache
from nameplate.pipeline.embedding import Priority, embed_with_cache
from nameplate.pipeline.loading import Loaded, load
from nameplate.pipeline.prompt_encoder import build_classifier
from nameplate.pipeline.rescore import record, score_events
from nameplate.project.labelling import Circumstances, change_concepts
from nameplate.project.project import Project
from nameplate.scoring.suggestions import ScoringResult, Suggestions, score_images
from nameplate.scoring.zero_shot import Classifier
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.jobs.scanning import Scanning
from nameplate.wording.texts import error_text, what_of

_TYPING_MS: Final = 60
"""Debounce of typing before scoring; with it the bars respond within 100 ms."""


class Controller(QObject):
    """The project, the suggestions for its images, and the jobs on it.

    Attributes:
        project: Changed through `change`, `undo` and `redo` alone.
        suggestions: One row per image.
        scan_problems: Files and folders that could not be scanned.
        priority: The images that are read first.
        uses_cache: Whether embeddings are cached on disk.

    Signals:
        loaded: The model is ready; a `Loaded`.
        load_failed: The model cannot be used; the error.
        opened: Another project replaced the previous one; `changed` follows.
        changed: The project changed; the `Effects`.
        restored: It changed by undo or redo; the `Effects`. `changed` came before.
        reading_started: Waiting images are about to be read.
        read: Rows of images that were read, or turned out to be unreadable, int64.
        suggestions_changed: All suggestions are new, or the last waiting image was read.
        progress_changed: A `Progress`, or None when nothing is being read.
        preview_changed: The classifier that holds the name being typed, or None.
        scan_finished: A drop was scanned: how many new images, how many problems.
        problem_occurred: A sentence for the message bar.
        cache_failed: The `Message` on why embeddings are not cached; once per job.
    """

    loaded = Signal(object)
    load_failed = Signal(object)
    opened = Signal()
    changed = Signal(object)
    restored = Signal(object)
    reading_started = Signal()
    read = Signal(object)
    suggestions_changed = Signal()
    progress_changed = Signal(object)
    preview_changed = Signal(object)
    scan_finished = Signal(int, int)
    problem_occurred = Signal(str)
    cache_failed = Signal(object)

    def __init__(
        self, model: Path | str, device: str, *, use_cache: bool = True, or_starter: bool = False
    ) -> None:
        """Start with an empty project and load `model`; see `pipeline.loading.load`."""
        super().__init__()
        self.project = Project(Settings())
        self.suggestions = Suggestions()
        self.scan_problems = list[ScanProblem]()
        self.model: LoadedModel | None = None
        self.priority = Priority()
        self._ready: Loaded | None = None
        self._device = device
        self.uses_cache: Final = use_cache
        self._scan_counts = (0, 0)
        self._adding_step = 0  # the step that the running scan adds images to
        self._is_paused = False
        self._started = 0.0
        self._done_before = 0
        self._typed = ""
        self._pending_actions: list[Callable[[], object]] = []
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
        """Whether folders are being scanned."""
        return self._scan.is_running

    @property
    def is_reading(self) -> bool:
        """Whether images are being read and encoded."""
        return self._embed.is_running

    @property
    def is_paused(self) -> bool:
        """Whether scanning and reading are paused."""
        return self._is_paused

    @property
    def has_more_to_scan(self) -> bool:
        """Whether a folder is left that was not scanned completely."""
        return self._scan.has_more

    def pause(self) -> None:
        """Stop scanning and reading; results so far are kept."""
        self._is_paused = True
        self._scan.stop()
        self._embed.cancel()

    def resume(self) -> None:
        """Continue scanning and reading."""
        self._is_paused = False
        self._scan.go_on()
        self._read_waiting()

    @Slot(object)
    def _on_scanned(self, batch: Any) -> None:
        self.scan_problems.extend(batch.problems)
        adding = self.project.to_add(batch.images)
        images, problems = self._scan_counts
        self._scan_counts = (images + len(adding.ids), problems + len(batch.problems))
        if len(adding.ids):
            effects, self._adding_step = self.project.add_images(adding, self._adding_step)
            self._show(effects)

    @Slot(bool)
    def _on_scan_ended(self, is_whole: bool) -> None:
        counts, self._scan_counts, self._adding_step = self._scan_counts, (0, 0), 0
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
        if not self.project.images.waiting:
            return
        rows = self.project.images.waiting_rows().tolist()
        self._started = time.monotonic()
        self._done_before = self._done()
        paths = self.project.images.paths.select(rows)
        ready, suggestions = self._ready, self.suggestions
        first, use_cache = self.priority, self.uses_cache

        def job(cancel: CancelToken) -> Iterator[Any]:
            read = embed_with_cache(
                rows, paths, ready.model, use_cache=use_cache, cancel=cancel, priority=first
            )
            # At the end of its last batch another model, with other vectors, may be in use.
            return score_events(
                read, lambda: suggestions.classifier if self._ready is ready else None
            )

        self.reading_started.emit()
        self._embed.start(job)
        self._announce_progress()

    @Slot(object)
    def _on_embedded(self, event: Any) -> None:
        if isinstance(event, Message):
            self.cache_failed.emit(event)
            return
        if isinstance(event, DeviceChanged):
            self.problem_occurred.emit(what_of(event.message))
            return
        self.read.emit(record(event, self.project.images, self.suggestions))
        if not self._is_paused:  # the last batch of a cancelled job reports no progress
            self._announce_progress()

    @Slot()
    def _on_embed_finished(self) -> None:
        if not self._is_paused and self.project.images.waiting:
            self._read_waiting()
            return
        self.progress_changed.emit(None)
        self.suggestions_changed.emit()

    def _done(self) -> int:
        return self.project.images.present - self.project.images.waiting

    def _announce_progress(self) -> None:
        images, seconds = self.project.images.present, time.monotonic() - self._started
        self.progress_changed.emit(
            Progress(self._done(), images, seconds, before=self._done_before)
        )

    # ---- model

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self._load.is_running

    def use_model(self, folder: Path) -> None:
        """Load another model and switch to it when it is ready; until then the old one is used.

        If it cannot be loaded, `load_failed` follows and the old one stays.
        """
        self._load.start(lambda _cancel: iter([load(folder, self._device)]))

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        before, self._ready, self.model = self._ready, loaded, loaded.model
        loaded.encoder.cache = text_cache(loaded.model) if self.uses_cache else None
        if before is not None:
            self._embed.drop()  # their results would be those of the old model
            self._score.drop()
            self.preview_changed.emit(None)
        self.project.images.forget_embeddings(loaded.model.manifest.embedding_size)
        self.suggestions.forget()
        self.loaded.emit(loaded)
        self.suggestions_changed.emit()
        self._score_soon.start()
        self._read_waiting()

    @Slot(object)
    def _on_embed_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            self._on_embed_finished()
            return
        self._is_paused = True  # so that the person can resume
        self.progress_changed.emit(None)
        self.problem_occurred.emit(f"Reading stopped. {error_text(error)}")

    @Slot(object)
    def _on_scan_failed(self, error: Exception) -> None:
        self.problem_occurred.emit(f"Looking for pictures stopped. {error_text(error)}")

    # ---- changes

    def change(self, change: Change, title: Title) -> None:
        """Change the project as one undoable step."""
        self._show(self.project.apply(change, title))

    def undo(self) -> None:
        """Undo the last step; a scan that is still adding images to it stops."""
        done = self.project.history.done
        if self._adding_step and done and done[-1].number == self._adding_step:
            self._scan.forget()
        self._restore(self.project.undo())

    def redo(self) -> None:
        """Redo the step that was undone last."""
        self._restore(self.project.redo())

    def _restore(self, effects: Effects) -> None:
        self._show(effects)
        self.restored.emit(effects)

    def _show(self, effects: Effects) -> None:
        self.suggestions.grow(len(self.project.images))
        self.changed.emit(effects)
        if effects.concepts or effects.settings:
            self._score_soon.start()
        if len(effects.added):
            self._read_waiting()

    def open_project(self, project: Project) -> None:
        """Replace the project by another; the previous one is not changed."""
        self.pause()
        self._scan.forget()
        self._embed.drop()
        self._score.drop()
        self._is_paused = False
        self._adding_step, self._scan_counts = 0, (0, 0)
        self._pending_actions.clear()
        self.scan_problems.clear()
        self.preview_changed.emit(None)
        self.project, self.suggestions = project, Suggestions()
        if self.model is not None:
            project.images.forget_embeddings(self.model.manifest.embedding_size)
        rows = np.flatnonzero(~project.images.is_removed)
        self.opened.emit()
        self._show(Effects(rows, rows, images=True, concepts=True, settings=True))

    def change_concepts(self, title: Title, after: tuple[Concept, ...]) -> None:
        """Replace the concepts by `after`, as one step."""
        self.change(change_concepts(self.project, after), title)

    def add_lines(self, lines: Sequence[str]) -> list[str]:
        """Add a concept for each of `lines`, as one step; return the errors of the others."""
        before, least = self.project.concepts, self.project.next_concept_id
        concepts, wrong = add_all(before, lines, least_key=least)
        if concepts != before:
            count = len(concepts) - len(before)
            title = Title("add-names", {"count": count, "name": concepts[-1].name})
            self.change_concepts(title, concepts)
        return [error_text(error) for _, error in wrong]

    @property
    def template_set(self) -> TemplateSet | None:
        """The template set in use: the person's choice, or the best one for the model.

        None while there is neither.
        """
        best = self._ready.template_set if self._ready else None
        return self.project.settings.template_set or best

    def set_templates(self, template_set: TemplateSet) -> None:
        """Use another template set and score again."""
        if template_set != self.template_set:
            settings = replace(self.project.settings, template_set=template_set)
            self.change(SetSettings(settings), Title("templates", {"name": template_set.title}))

    def set_minimum(self, minimum: float) -> None:
        """Set the minimum probability of bulk labelling, 0 to 1."""
        if minimum != self.project.settings.minimum:
            settings = replace(self.project.settings, minimum=minimum)
            title = Title("minimum", {"percent": round(100 * minimum)})
            self.change(SetSettings(settings), title)

    def set_typed(self, text: str) -> None:
        """Score the selected image with the name being typed too."""
        self._typed = text.strip()
        self._score_soon.start()

    # ---- scoring

    @property
    def is_scoring(self) -> bool:
        """Whether a scoring job is pending or running."""
        return self._score_soon.isActive() or self._score.is_running

    @property
    def is_current(self) -> bool:
        """Whether the suggestions are those of the current names and templates."""
        templates, settings = self.template_set, self.project.settings
        return templates is not None and self.suggestions.is_for(
            self.project.concepts, templates, multi=settings.is_multi
        )

    @property
    def circumstances(self) -> Circumstances:
        """The time, model and suggestions recorded with a label decided now."""
        name = model_name(self.model) if self.model else ""
        return Circumstances(round(1000 * time.time()), name, self.suggestions)

    @Slot()
    def _start_scoring(self) -> None:
        if self._ready is None:
            return
        ready, templates = self._ready, self.template_set or self._ready.template_set
        concepts, multi = self.project.concepts, self.project.settings.is_multi
        blocks, typed = self.project.images.blocks(), self._with_typed(concepts)
        needs_all, known = not self.is_current, self.suggestions.scores

        def job(cancel: CancelToken) -> Iterator[Any]:
            def build(of: tuple[Concept, ...]) -> Classifier:
                head = ready.model.head
                return build_classifier(
                    ready.encoder, of, templates, head, multi=multi, cancel=cancel
                )

            yield build(typed) if typed else None
            if needs_all:
                classifier = build(concepts)
                yield score_images(classifier, blocks, known, cancel)
                ready.encoder.keep(classifier)

        self._score.start(job)
        self._run_waiting_acts()

    def _with_typed(self, concepts: tuple[Concept, ...]) -> tuple[Concept, ...]:
        """Return the concepts and the one being typed; nothing if that is no usable new name."""
        try:
            return (
                add(concepts, self._typed, least_key=self.project.next_concept_id)
                if self._typed
                else ()
            )
        except UsageError:
            return ()

    @Slot(object)
    def _on_scored(self, result: Any) -> None:
        if not isinstance(result, ScoringResult):
            self.preview_changed.emit(result)
            return
        self.suggestions.replace(result, self.project.images)
        self.suggestions_changed.emit()
        self._run_waiting_acts()

    def when_current(self, act: Callable[[], object]) -> None:
        """Call `act` once the suggestions are up to date, which may be now.

        Labelling and export must not use scores of other names.
        """
        self._pending_actions.append(act)
        if self._ready is not None:
            self._run_waiting_acts()

    def _run_waiting_acts(self) -> None:
        if self.is_current:
            acts, self._pending_actions = self._pending_actions, []
            for act in acts:
                act()

    @Slot(object)
    def _on_score_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            return
        dropped, self._pending_actions = self._pending_actions, []
        more = " What waited for it was not done." if dropped else ""
        self.problem_occurred.emit(f"The names could not be read. {error_text(error)}{more}")
