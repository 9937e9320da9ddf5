"""Labels shards of embeddings: by the rule of window and command line, and reading no picture."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.changes import Settings, Title
from nameplate.domain.concepts import Concept
from nameplate.domain.messages import Message
from nameplate.domain.samples import vectors_of
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import ExportFacts, LabelExport
from nameplate.formats.shards.vectors import Shard
from nameplate.project.labelling import Circumstances, auto_label
from nameplate.project.project import Project
from nameplate.project.sampling import give
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.suggestions import Suggestions, score_images

VERSION: Final = 1
"""Of how labels follow from embeddings and names; another one labels a folder anew."""


@dataclass(frozen=True, slots=True)
class Labeller:
    """What shards are labelled with.

    Attributes:
        concepts: The names.
        settings: With a template set.
        classifier: Of these.
        model: The column `model`.
        templates: The column `templates`.
        all_scores: Whether the probabilities of all names are wanted.
    """

    concepts: tuple[Concept, ...]
    settings: Settings
    classifier: Classifier
    model: str
    templates: str
    all_scores: bool = False

    @property
    def made_from(self) -> str:
        """A hash of what the labels depend on, beside the embeddings; hexadecimal."""
        concepts = [asdict(concept) | {"colour": ""} for concept in self.concepts]
        values = (VERSION, concepts, asdict(self.settings), self.model, self.all_scores)
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the probabilities of each image; none where they are not wanted."""
        return tuple(c.name for c in self.classifier.concepts) if self.all_scores else ()

    def label(self, shard: Shard) -> Iterator[ExportedImage]:
        """Yield each image of a shard with its label, in the order of the shard."""
        project, suggestions = self._project(shard), Suggestions()
        suggestions.replace(score_images(self.classifier, project.images.blocks()), project.images)
        now = Circumstances(round(1000 * time.time()), self.model, suggestions)
        rows = np.arange(len(shard.paths), dtype=np.int64)
        project.apply(auto_label(project, rows, now), Title("auto-label"))
        facts = ExportFacts(self.model, self.templates, words=_recorded)
        export = LabelExport.of(
            project.images, project.labels, project.concepts, suggestions, facts
        )
        named = list(zip(shard.paths, rows.tolist(), strict=True))
        return export.exported_rows(named, all_scores=self.all_scores)

    def _project(self, shard: Shard) -> Project:
        """Return a project of the images of a shard; a row of each has the same index."""
        project = Project(self.settings)
        # Numbers: two odd file names may be printed alike, and no file is opened.
        files = [Path(str(number)) for number in range(len(shard.paths))]
        project.add_images(project.to_add(files))
        project.concepts = self.concepts
        project.images.forget_embeddings(shard.embeddings.shape[1])
        is_embedded = shard.is_embedded
        known = {n: text for n, text in enumerate(shard.problems) if text or not is_embedded[n]}
        give(project.images, np.arange(len(files)), vectors_of(shard.embeddings), known)
        return project


def _recorded(message: Message) -> str:
    """Return the words that a shard has for a problem."""
    return str(message.parameters["text"])
