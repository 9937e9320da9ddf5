"""What can be undone: one small command for each thing that a person does."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import LabelDelta

ApplyLabels = Callable[[LabelDelta], LabelDelta]
SetConcepts = Callable[[tuple[Concept, ...]], None]


class LabelCommand(QUndoCommand):
    """Changes labels; each redo or undo applies a delta and keeps the one that takes it back."""

    def __init__(self, text: str, delta: LabelDelta, apply: ApplyLabels) -> None:
        super().__init__(text)
        self._delta = delta
        self._apply = apply

    def redo(self) -> None:
        """Apply the change."""
        self._delta = self._apply(self._delta)

    def undo(self) -> None:
        """Take the change back."""
        self._delta = self._apply(self._delta)


class ConceptsCommand(QUndoCommand):
    """Replaces the concepts; labels of concepts that go away go with them, and come back."""

    def __init__(
        self,
        text: str,
        concepts: tuple[tuple[Concept, ...], tuple[Concept, ...]],
        set_concepts: SetConcepts,
        labels: LabelDelta,
        apply: ApplyLabels,
    ) -> None:
        super().__init__(text)
        self._before, self._after = concepts
        self._set_concepts = set_concepts
        self._labels = labels
        self._apply = apply

    def redo(self) -> None:
        """Take off the labels, then set the new concepts."""
        self._labels = self._apply(self._labels)
        self._set_concepts(self._after)

    def undo(self) -> None:
        """Set the old concepts, then put the labels back."""
        self._set_concepts(self._before)
        self._labels = self._apply(self._labels)
