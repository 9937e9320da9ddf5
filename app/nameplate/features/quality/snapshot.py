"""A copy of a project for a job about its labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import ImageVectors, Vectors
from nameplate.domain.images import ImageState
from nameplate.domain.stacks import Stacks
from nameplate.features.quality.records import Flags
from nameplate.pipeline.learning.guard import Evidence
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.scoring.zero_shot import ZeroShot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of a project, for a job.

    Attributes:
        project: The project without embeddings and history.
        vectors: The vectors, as `ImageTable.vectors` gives them.
        suggestions: The suggestions of the classifier in use.
        stacks: The stacks of the first images; None where they are not known.
        evidence: The evidence for the learned classifier; None for names alone.
    """

    project: Project
    vectors: Sequence[ImageVectors]
    suggestions: Suggestions
    stacks: Stacks | None = None
    evidence: Evidence | None = None

    @classmethod
    def of(
        cls,
        project: Project,
        suggestions: Suggestions,
        stacks: Stacks | None = None,
        evidence: Evidence | None = None,
    ) -> "Snapshot":
        """Copy a project for a job; takes a few milliseconds for 100,000 images."""
        copy = project.snapshot(project.images.without_embeddings())
        alone = suggestions.copy()
        alone.reject(np.arange(len(project.images)), {})  # else decisions would show in it
        return cls(copy, project.images.vectors(), alone, stacks, evidence)

    @property
    def blocks(self) -> tuple[Vectors, ...]:
        """The embeddings, as `ImageTable.blocks` gives them."""
        return tuple(block.embeddings for block in self.vectors)

    @property
    def names(self) -> ZeroShot | None:
        """The classifier by names alone; None where there is none yet."""
        classifier = self.suggestions.classifier
        return classifier.names if classifier else None

    @property
    def label_concepts(self) -> tuple[Concept, ...]:
        """The concepts that give a label."""
        return tuple(concept for concept in self.project.concepts if not concept.is_reject)

    @property
    def is_there(self) -> Flags:
        """Which images are not removed."""
        return ~self.project.images.is_removed

    @property
    def is_read(self) -> Flags:
        """Which images are there, with an embedding."""
        return self.is_there & (self.project.images.states == ImageState.READY)
