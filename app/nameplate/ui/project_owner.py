"""The owner of the open project, the only object in the window that changes it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Change, Effects, SetLabels, Settings, Title
from nameplate.domain.contents import contents_of
from nameplate.domain.filtering.views import Place, View
from nameplate.domain.marked_pages import MarkedPage
from nameplate.domain.messages import Message
from nameplate.domain.stacks import Stacks
from nameplate.pipeline.reading.batch_encoder import EmbedEvent
from nameplate.pipeline.reading.rescore import ScoredBatch, record
from nameplate.project.facts import declared
from nameplate.project.project import Project
from nameplate.project.sampling import take_sample
from nameplate.scoring.likeness import Likeness
from nameplate.scoring.suggestions import ScoringResult, Suggestions


class ProjectOwner(QObject):
    """Holds the open project and its suggestions, and emits what changed.

    Attributes:
        project: Changed through the methods here alone.
        suggestions: One row per image; derived, and so no part of the project.
        vectors_key: What names the vectors of the model in use; empty while there is none.
        odd: As `Columns.odd`: which of the first images deserve another look, as it was found last;
            None before anything was. Derived, too.
        likeness: How much each image is like what the filter asks for; derived, too.
        stacks: Which of the first images belong together, as it was found last; None before it was.
            Derived, too.
        odd_missing: How many more decisions it takes before mistakes are looked for.

    Signals:
        opened: Another project replaced the previous one; `changed` follows.
        changed: The project changed; the `Effects`.
        restored: It changed by undo or redo; the `Effects`, and whether by undo. `changed` came
            before.
        marked: Marks of pages that were not turned yet are others.
        read: Rows of images that were read, or turned out to be unreadable, int64.
        placed: Where the person was in the project that was opened; its `Place`. After `changed`.
        suggestions_changed: All suggestions are new, or gone.
        odd_changed: `odd` is new.
        likeness_changed: `likeness` is new, or gone.
        stacks_changed: `stacks` is new.
        stacks_wanted: They are to be found, once all images are read, unless they are known.
    """

    opened = Signal()
    changed = Signal(object)
    restored = Signal(object, bool)
    marked = Signal()
    placed = Signal(object)
    read = Signal(object)
    suggestions_changed = Signal()
    odd_changed = Signal()
    likeness_changed = Signal()
    stacks_changed = Signal()
    stacks_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with an empty project."""
        super().__init__(parent)
        self.project = Project(Settings())
        self.suggestions = Suggestions()
        self.odd: NDArray[np.uint8] | None = None
        self.stacks: Stacks | None = None
        self.odd_missing = 0
        self.likeness = Likeness()
        self._embedding_size, self.vectors_key = 0, ""

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
        """Undo the last step, and return what that changed."""
        return self._restore(self.project.undo(), is_undo=True)

    def redo(self) -> Effects:
        """Redo the step that was undone last, and return what that changed."""
        return self._restore(self.project.redo(), is_undo=False)

    def open_project(self, project: Project) -> None:
        """Replace the project by another; the previous one is not changed."""
        self.project, self.suggestions, self.likeness = project, Suggestions(), Likeness()
        self.odd = self.stacks = None
        place = project.place
        if self._embedding_size:
            project.images.forget_embeddings(self._embedding_size)
            take_sample(project, self.vectors_key)
        rows = np.flatnonzero(~project.images.is_removed)
        self.opened.emit()
        self._tell(Effects.everything(rows, declared()))
        project.move_to(place)  # the views have begun at the first image meanwhile
        self.placed.emit(place)

    def move_to(self, row: int, view: View) -> None:
        """Remember which image is looked at (-1 for none), and in which view."""
        images = self.project.images
        is_there = 0 <= row < len(images)
        self.project.move_to(Place(int(images.ids[row]) if is_there else 0, view))

    def keep_pages(self, pages: tuple[MarkedPage, ...]) -> None:
        """Remember the pages that have marks, if they are others than before."""
        if pages != self.project.pages:
            self.project.keep_pages(pages)
            self.marked.emit()

    def _restore(self, effects: Effects, *, is_undo: bool) -> Effects:
        self._tell(effects)
        self.restored.emit(effects, is_undo)
        return effects

    def _tell(self, effects: Effects) -> None:
        self.suggestions.grow(len(self.project.images))
        for rows in (effects.labelled, effects.added):
            self.suggestions.reject(rows, self.project.rejected_of(rows))
        self.changed.emit(effects)

    # ---- what is derived from it

    def forget_embeddings(self, size: int, vectors_key: str = "") -> None:
        """Drop all embeddings and suggestions, for another model with embeddings of this size.

        Where the project is a sample of a run with that model, its embeddings come from there.
        """
        self._embedding_size, self.vectors_key = size, vectors_key
        self.project.images.forget_embeddings(size)
        known = take_sample(self.project, vectors_key)
        self.suggestions.forget()
        self.likeness = Likeness(self.likeness.asked)
        self.suggestions_changed.emit()
        if len(known):
            self.read.emit(known)

    def record(self, event: EmbedEvent | ScoredBatch) -> None:
        """Record the results of reading some images."""
        rows = record(event, self.project, self.suggestions)
        self.likeness.add(rows, self.project.images)
        self.read.emit(rows)

    def read_again(self, rows: NDArray[np.int64]) -> None:
        """Let unreadable images wait once more."""
        self.project.images.set_waiting(rows)
        self.read.emit(rows)

    def note(self, path: Path, problem: Message | None, content: str = "") -> None:
        """Know what became of a picture when it was looked at.

        Args:
            path: Of the image.
            problem: What is odd about it; None for what was, and is well again.
            content: The key of what its file holds now; empty where that is not known.
        """
        images, row = self.project.images, self.project.row_of(str(path))
        if row is None:
            return
        if problem is None:
            images.notes.pop(row, None)
        else:
            images.notes[row] = problem
        if content:
            self.project.record_contents(np.array([row]), contents_of([content]))
        self.read.emit(np.array([row]))

    def replace_odd(self, odd: NDArray[np.uint8], missing: int = 0) -> None:
        """Know which images deserve another look, and how many decisions mistakes are short of."""
        self.odd, self.odd_missing = odd, missing
        self.odd_changed.emit()

    def replace_likeness(self, likeness: Likeness) -> None:
        """Know how much each image is like what the filter asks for."""
        likeness.add_late(self.project.images)
        self.likeness = likeness
        self.likeness_changed.emit()

    def stacks_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the stack of each image, -1 for none or as long as none is known."""
        return np.full(len(rows), -1, np.int64) if self.stacks is None else self.stacks.of(rows)

    def replace_stacks(self, stacks: Stacks) -> None:
        """Know which images belong together."""
        self.stacks = stacks
        self.stacks_changed.emit()

    def replace_suggestions(self, result: ScoringResult) -> None:
        """Replace all suggestions by those from new scores."""
        self.suggestions.replace(result, self.project.images)
        self.suggestions_changed.emit()
