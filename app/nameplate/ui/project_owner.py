"""The owner of the open project, the only object in the window that changes it."""

from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Change, Effects, SetLabels, Settings, Title
from nameplate.domain.facts import Derived
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import Place, View
from nameplate.domain.stacks import STACKS, Stacks
from nameplate.pipeline.reading.batch_encoder import EmbedEvent
from nameplate.pipeline.reading.rescore import ScoredBatch, record
from nameplate.project.derived import DerivedValues
from nameplate.project.facts import declared
from nameplate.project.project import Project
from nameplate.scoring.similarity import SIMILARITY, Similarity
from nameplate.scoring.suggestions import Suggestions
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.mapped_blocks import MappedBlocks


class ProjectOwner(QObject):
    """Holds the open project and its suggestions, and notifies others of changes.

    Who listened first hears first. A part of the window is made after those that it uses, so it
    hears of a change after them; the features hear last.

    Attributes:
        project: Changed through the methods here alone.
        suggestions: One row per image; derived, and so no part of the project.
        vectors_key: What names the vectors of the model in use; empty while there is none.
        search: Computes the similarity to what the terms of a filter ask for, at once or later.
        let_read: Lets files be read that the person chose to search with.

    Signals:
        changed: The `Effects` of a change of the project, or of values derived from it.
        restored: The project changed by undo or redo; the `Effects`, and whether by undo. All have
            heard of `changed` before.
    """

    changed = Signal(object)
    restored = Signal(object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with an empty project."""
        super().__init__(parent)
        self.project = Project(Settings())
        self.suggestions = Suggestions()
        self.search: Callable[[tuple[Term, ...]], Similarity | None] = Similarity
        self.let_read: Callable[[Iterable[PurePath]], object] = lambda _files: None
        self.derived = DerivedValues(self._tell_found)
        self._sizes, self.vectors_key = (0, 0), ""

    # ---- the project

    def change(self, change: Change, title: Title) -> None:
        """Apply a change as one undoable step; labels of no images are ignored."""
        if not isinstance(change, SetLabels) or len(change.ids):
            self._tell(self.project.apply(change, title))

    def add_images(self, paths: Iterable[Path], step: int) -> tuple[int, int]:
        """Add those of `paths` that are new, as one step with earlier ones of `step`.

        Returns:
            How many were added, and the number of the step.
        """
        adding = self.project.to_add(paths)
        if len(adding.ids):
            effects, step = self.project.add_images(adding, step)
            self._tell(effects)
        return len(adding.ids), step

    def undo(self) -> Effects:
        """Undo the last step, and return its effects."""
        return self._restore(self.project.undo(), is_undo=True)

    def redo(self) -> Effects:
        """Redo the step that was undone last, and return its effects."""
        return self._restore(self.project.redo(), is_undo=False)

    def forget_undone(self, first: int) -> None:
        """Let undone steps from a number on not be done again."""
        self.project.history.forget_undone(first)
        self._tell(Effects())

    def open_project(self, project: Project) -> None:
        """Replace the project by another; the previous one is not changed."""
        self.project, self.suggestions = project, Suggestions()
        self.derived = DerivedValues(self._tell_found)
        place = project.place
        if self.vectors_key:
            project.images.forget_embeddings(*self._sizes)
        project.images.make_block = MappedBlocks(default_folder)
        rows = np.flatnonzero(~project.images.is_removed)
        self.changed.emit(Effects(opened=True))
        self._tell(Effects.everything(rows, declared()))
        project.move_to(place)  # the views have begun at the first image meanwhile

    def move_to(self, row: int, view: View) -> None:
        """Remember which image is looked at (-1 for none), and in which view."""
        images = self.project.images
        is_there = 0 <= row < len(images)
        self.project.move_to(Place(int(images.ids[row]) if is_there else 0, view))

    def _restore(self, effects: Effects, *, is_undo: bool) -> Effects:
        self._tell(effects)
        self.restored.emit(effects, is_undo)
        return effects

    def _tell(self, effects: Effects) -> None:
        self.suggestions.grow(len(self.project.images))
        for rows in (effects.labelled, effects.added):
            self.suggestions.reject(rows, self.project.rejected_of(rows))
        self.changed.emit(effects)

    def _tell_found(self, key: Derived[Any]) -> None:
        self.changed.emit(Effects(found=frozenset({key})))

    def _tell_read(self, rows: NDArray[np.int64]) -> None:
        self.changed.emit(Effects(read=rows))

    # ---- what is derived from it

    def forget_embeddings(self, sizes: tuple[int, int], vectors_key: str = "") -> None:
        """Drop all vectors and suggestions, for another model with vectors of these lengths."""
        self._sizes, self.vectors_key = sizes, vectors_key
        self.project.images.forget_embeddings(*sizes)
        self.project.images.make_block = MappedBlocks(default_folder)
        self.suggestions.forget()
        self.derived[SIMILARITY] = Similarity(self.similarity.asked)
        self.changed.emit(Effects(suggestions=True))

    def record(self, event: EmbedEvent | ScoredBatch) -> None:
        """Record the results of reading some images."""
        rows = record(event, self.project, self.suggestions)
        self.similarity.add(rows, self.project.images)
        self._tell_read(rows)

    def request_similarity(self, asked: tuple[Term, ...]) -> Similarity:
        """Return the similarity to `asked`, or the previous one while that is computed."""
        if self.similarity.asked != asked and (found := self.search(asked)) is not None:
            self.derived[SIMILARITY] = found
        return self.similarity

    @property
    def similarity(self) -> Similarity:
        """The similarity of each image to the filter's query."""
        return self.derived[SIMILARITY]

    @property
    def stacks(self) -> Stacks | None:
        """Which of the first images belong together; None before that was found."""
        return self.derived[STACKS]

    def stacks_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the stack of each image, -1 for none or as long as none is known."""
        return np.full(len(rows), -1, np.int64) if self.stacks is None else self.stacks.of(rows)

    def replace_suggestions(self, scored: Suggestions) -> None:
        """Replace all suggestions by those from new scores."""
        self.suggestions.replace(scored, self.project.images)
        self.changed.emit(Effects(suggestions=True))
