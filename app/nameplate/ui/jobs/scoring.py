"""Encodes the names and scores all images with them; also a name that is being typed."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.concepts import Concept, add
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.label_export import model_name
from nameplate.pipeline.models.loading import Loaded
from nameplate.pipeline.prompt_encoder import build_classifier
from nameplate.pipeline.unknown_words import little_known
from nameplate.project.label_changes import DecisionContext
from nameplate.scoring.alike import Pair, alike
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.similarity import Similarity
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ClassifierKey, ZeroShot
from nameplate.ui.jobs.fitting import Fitting
from nameplate.ui.jobs.jobs import Jobs, Task, ignore
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import error_text, sentences, tr

Search = Callable[[Loaded, Sequence[Vectors], CancelToken], Similarity]
"""Computes the similarity of all images, from the model in use and the blocks of embeddings."""

_TYPING_MS: Final = 60
"""Debounce of typing before scoring; with it the bars respond within 100 ms."""


class _Remarks(NamedTuple):
    little_known: tuple[str, ...]
    alike: tuple[Pair, ...]


class Scoring(QObject):
    """Keeps the suggestions up to date with names, templates and model.

    They are shown as soon as the names are read; `fitting` then adds what the decisions say.

    Signals:
        preview_changed: The classifier that holds the name being typed or edited, or None.
        remarked: The names were read: those that the model hardly knows, and the pairs of them
            that it hardly tells apart.
    """

    preview_changed = Signal(object)
    remarked = Signal(object, object)

    def __init__(
        self, owner: ProjectOwner, model_in_use: ModelInUse, jobs: Jobs, messages: MessageBar
    ) -> None:
        super().__init__(owner)
        self._owner, self._in_use, self._jobs = owner, model_in_use, jobs
        self._messages = messages
        self._typed = ""
        self._draft: Concept | None = None
        self._search: Search | None = None
        self._on_found: Callable[[Similarity | Exception], object] = ignore
        self._waiting: list[tuple[Callable[[], object], Callable[[], object]]] = []
        self._soon = Later(self, _TYPING_MS, self._start)
        self.fitting = Fitting(owner, model_in_use, jobs, self._run_waiting)
        self._owner.changed.connect(self._on_project_changed)
        self._in_use.loaded.connect(self._on_loaded)

    @property
    def is_scoring(self) -> bool:
        """Whether images are being scored, or will be in a moment: with names or decisions."""
        return self._soon.isActive() or self._jobs.is_running("score") or self.fitting.is_due

    @property
    def template_set(self) -> TemplateSet | None:
        """The template set in use: the person's choice, or the best one for the model.

        None while there is neither.
        """
        ready = self._in_use.ready
        return self._owner.project.settings.template_set or (ready and ready.template_set)

    @property
    def is_current(self) -> bool:
        """Whether the suggestions are those of the current names and templates.

        They may not have learned from the last decisions yet.
        """
        project, templates = self._owner.project, self.template_set
        return templates is not None and self._owner.suggestions.is_made_from(
            ClassifierKey.of(project.concepts, templates, multi=project.settings.is_multi)
        )

    @property
    def decision_context(self) -> DecisionContext:
        """The time, model and suggestions recorded with a label decided now."""
        model = self._in_use.model
        name = model_name(model) if model else ""
        return DecisionContext(round(1000 * time.time()), name, self._owner.suggestions)

    def set_typed(self, text: str) -> None:
        """Score the selected image with the name being typed too."""
        self._typed = text.strip()
        self._soon.start()

    def set_draft(self, concept: Concept | None) -> None:
        """Score the selected image with a concept that is being edited; None ends that."""
        if concept is not None and concept in self._owner.project.concepts:
            concept = None
        if concept != self._draft:
            self._draft = concept
            self._soon.start()

    def search(
        self, search: Search | None, on_found: Callable[[Similarity | Exception], object] = ignore
    ) -> None:
        """Compute a similarity before any names are scored, in place of one that is computed.

        Args:
            search: Computes it; None for none.
            on_found: Called with it, or with the exception that ended it.
        """
        if search is not None or self._search is not None:
            self._search, self._on_found = search, on_found
            self._start()

    def when_current(
        self, act: Callable[[], object], on_failed: Callable[[], object] = ignore
    ) -> None:
        """Call `act` once the suggestions are up to date, which may be now.

        Labelling and export must not use scores of other names, and a person who has just decided
        something expects that it counts. Where the names cannot be read, `on_failed` is called.
        """
        self._waiting.append((act, on_failed))
        self._run_waiting()
        if self._waiting:
            self.fitting.hurry()

    def _run_waiting(self) -> None:
        is_ready = self._in_use.ready is not None and not self.fitting.is_due
        if self._waiting and is_ready and self.is_current:
            acts, self._waiting = self._waiting, []
            for act, _ in acts:
                act()

    # ---- the job

    def _start(self) -> None:
        ready, templates = self._in_use.ready, self.template_set
        if ready is None or templates is None:
            return
        project = self._owner.project
        concepts, multi = project.concepts, project.settings.is_multi
        blocks, typed = project.images.vectors(), self._with_typed()
        search = self._search
        needs_all, known = not self.is_current, self._owner.suggestions.scores

        def job(cancel: CancelToken) -> Iterator[Any]:
            def build(of: tuple[Concept, ...]) -> Classifier:
                head = ready.model.head
                return build_classifier(
                    ready.encoder, of, templates, head, multi=multi, cancel=cancel
                )

            if search is not None:
                yield search(ready, [block.embeddings for block in blocks], cancel)
            yield build(typed) if typed else None
            if needs_all:
                yield score_images(build(concepts), blocks, known, cancel)
                ready.encoder.keep(concepts, templates)
                vectors = ready.encoder.vectors(concepts, templates)
                unknown = little_known(concepts, templates, ready.model, ready.encoder)
                yield _Remarks(tuple(unknown), alike(concepts, vectors))

        self._jobs.run("score", Task(job, self._on_scored, self._on_failed))
        self._run_waiting()

    def _with_typed(self) -> tuple[Concept, ...]:
        """Return the concepts with the one being edited, or the one being typed.

        Nothing where there is neither, or no usable new name.
        """
        project, draft = self._owner.project, self._draft
        if draft is not None:
            return tuple(draft if c.key == draft.key else c for c in project.concepts)
        try:
            least = project.next_concept_id
            return add(project.concepts, self._typed, least_key=least) if self._typed else ()
        except UsageError:
            return ()

    def _on_scored(self, result: Similarity | Suggestions | Classifier | _Remarks | None) -> None:
        if isinstance(result, Similarity):
            self._search = None
            self._on_found(result)
            return
        if isinstance(result, _Remarks):
            self.remarked.emit(*result)
            return
        if not isinstance(result, Suggestions):
            self.preview_changed.emit(result)
            return
        self._owner.replace_suggestions(result)
        if isinstance(result.classifier, ZeroShot):
            self.fitting.start_from(result.classifier)
        self._run_waiting()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            return
        if self._search is not None:  # it was the first to be done
            self._search = None
            self._on_found(error)
            return
        dropped, self._waiting = self._waiting, []
        more = tr("What waited for it was not done.") if dropped else ""
        text = sentences(tr("Can't read the names."), error_text(error), more)
        self._messages.warn(text)
        for _, on_failed in dropped:
            on_failed()

    # ---- changes from elsewhere

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:  # jobs and what waits are of the project before
            self._waiting.clear()
            self._draft = self._search = None
            self._drop()
        elif effects.concepts or effects.settings:
            self._soon.start()

    def _on_loaded(self) -> None:
        """Encode the names with another model."""
        self._drop()
        self._soon.start()

    def _drop(self) -> None:
        self._jobs.drop("score")
        self.preview_changed.emit(None)
