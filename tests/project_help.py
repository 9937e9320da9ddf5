"""A small project whose suggestions are known, for tests that need no model."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nameplate.domain.changes import Change, SetConcepts, SetSettings, Settings, Title
from nameplate.domain.concepts import add
from nameplate.domain.embeddings import Head
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.label_export import LabelExport
from nameplate.pipeline.batch_encoder import Embedded
from nameplate.pipeline.rescore import record
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import Classifier

PLAIN = TemplateSet("none", "None", ("{}",))
AXES = np.eye(3, dtype=np.float32)
TEST = Title("label", {"name": "test"})


@dataclass
class Opened:
    """A project and what is suggested for its images."""

    project: Project
    suggestions: Suggestions

    @property
    def now(self) -> Circumstances:
        return Circumstances(1_700_000_000_000, "model@1", self.suggestions)

    @property
    def ids(self) -> list[int]:
        """Of the concepts."""
        return [concept.key for concept in self.project.concepts]

    @property
    def label_ids(self) -> list[int]:
        """By row, the first concept of each label; NO_CONCEPT where there is none."""
        labels = self.project.labels
        return labels.sets.first_concepts()[labels.concepts].tolist()

    def do(self, change: Change) -> None:
        self.project.apply(change, TEST)
        self.suggestions.grow(len(self.project.images))

    def add_images(self, *names: str) -> None:
        self.project.add_images(self.project.to_add(map(Path, names)))
        self.suggestions.grow(len(self.project.images))

    def set(self, **settings: object) -> None:
        self.do(SetSettings(replace(self.project.settings, **settings)))

    def embed(self, row: int, axis: int) -> None:
        """Let an image be one that lies on an axis, which is that of the concept `axis`."""
        embedded = Embedded(np.array([row]), AXES[axis : axis + 1])
        record(embedded, self.project.images, self.suggestions)

    def score(self) -> None:
        classifier = Classifier(
            self.project.concepts,
            AXES[: len(self.project.concepts)],
            PLAIN,
            Head("softmax", 10.0),
            multi=self.project.settings.is_multi,
        )
        result = score_images(classifier, self.project.images.blocks())
        self.suggestions.replace(result, self.project.images)

    def export(self) -> LabelExport:
        project = self.project
        return LabelExport.of(
            project.images, project.labels, self.suggestions, model="m", templates="t"
        )


def opened_project() -> Opened:
    """Four images, concepts x, y and the reject concept z along the axes; nothing is read."""
    opened = Opened(Project(Settings(PLAIN)), Suggestions())
    opened.project.images.forget_embeddings(3)
    opened.do(SetConcepts(add(add(add((), "x"), "y"), "!z")))
    opened.add_images(*(f"{i}.jpg" for i in range(4)))
    return opened
