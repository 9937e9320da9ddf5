"""Labels of shards by names, templates and rules; the rules as a file.

It is the rule of window and command line, and reads no picture.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.domain.changes import Settings, Title
from nameplate.domain.concepts import LONGEST_PROMPT, Concept, clean_name
from nameplate.domain.embeddings import unit
from nameplate.domain.messages import Message
from nameplate.domain.prompts import checked
from nameplate.features.runs.shards import Shard, read_values, write_values
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import LabelExport
from nameplate.project.file.values import concept_json, concepts_of, settings_json, settings_of
from nameplate.project.label_changes import DecisionContext, auto_label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

VERSION: Final = 1
"""Of how labels follow from embeddings and names; another one labels a folder again."""


@dataclass(frozen=True, slots=True)
class Labeller:
    """Labels shards; `model` is a column of the labels."""

    settings: Settings
    classifier: ZeroShot
    model: str
    all_scores: bool = False

    @property
    def made_from(self) -> str:
        """A hash of all settings that the labels depend on; hexadecimal."""
        concepts = [asdict(concept) | {"colour": ""} for concept in self.classifier.concepts]
        values = (VERSION, concepts, asdict(self.settings), self.model, self.all_scores)
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the probabilities of each image; none where they are not wanted."""
        return tuple(c.name for c in self.classifier.concepts) if self.all_scores else ()

    def label(self, shard: Shard) -> Iterator[ExportedImage]:
        """Yield each image of a shard with its label, in the order of the shard."""
        project, suggestions = self._project(shard), Suggestions()
        suggestions.replace(score_images(self.classifier, project.images.vectors()), project.images)
        now = DecisionContext(round(1000 * time.time()), self.model, suggestions)
        rows = np.arange(len(shard.paths), dtype=np.int64)
        project.apply(auto_label(project, rows, now), Title("auto-label"))
        export = LabelExport.of(
            project.images, project.labels, project.concepts, suggestions, _recorded
        )
        named = list(zip(shard.paths, rows.tolist(), strict=True))
        return export.exported_rows(named, all_scores=self.all_scores)

    def _project(self, shard: Shard) -> Project:
        """Return a project of the images of a shard; a row of each has the same index."""
        project = Project(self.settings)
        # Numbers: two odd file names may be printed alike, and no file is opened.
        files = [Path(str(number)) for number in range(len(shard.paths))]
        project.add_images(project.to_add(files))
        project.concepts = self.classifier.concepts
        project.images.forget_embeddings(shard.embeddings.shape[1])
        is_embedded = np.asarray(np.isfinite(shard.embeddings).all(axis=1), np.bool_)
        ready = np.flatnonzero(is_embedded)
        vectors = unit(shard.embeddings[ready])  # float16 is off by 2e-4
        project.images.set_embeddings(ready, vectors)
        for row, text in enumerate(shard.problems):
            problem = Message("as-recorded", {"text": text})
            if not is_embedded[row]:
                project.images.set_unreadable(row, problem)
            elif text:
                project.images.notes[row] = problem
        return project


def _recorded(message: Message) -> str:
    """Return the words that a shard has for a problem."""
    return str(message.parameters["text"])


# ---- the file of the rules


RULES_NAME: Final = "rules.json"

_KIND: Final = "nameplate-rules"
_MOST_NAMES: Final = 100_000
_MOST_TEMPLATES: Final = 1000
_COLOUR: Final = re.compile(r"(#[0-9a-fA-F]{6})?")


Rules = tuple[tuple[Concept, ...], Settings]
"""Names, and settings with a template set."""


def write_rules(folder: Path, labeller: Labeller) -> None:
    """Write the names and rules of the labels of a folder.

    It does not say which shards are labelled so already: those that are not are labelled anew.

    Raises:
        OutputError: It cannot be written.
    """
    concepts = list(map(concept_json, labeller.classifier.concepts))
    values = {"settings": settings_json(labeller.settings), "concepts": concepts}
    write_values(folder / RULES_NAME, _KIND, values)


def read_rules(folder: Path) -> Rules | None:
    """Return names and rules of a folder; None if an earlier version made it; see `read_values`."""
    return read_values(folder / RULES_NAME, _KIND, _rules_of, Message("rules-damaged"))


def _rules_of(values: Any) -> Rules:
    """Parse rules; refuse those that nobody could have typed: the file may be a stranger's."""
    concepts, settings = concepts_of(values["concepts"]), settings_of(values["settings"])
    names = [name for concept in concepts for name in concept.names]
    keys = {concept.key for concept in concepts}
    templates = settings.template_set.templates if settings.template_set else ()
    sentences = [*templates, *(one for concept in concepts for one in concept.prompts)]
    is_ordered = (
        len(names) <= _MOST_NAMES
        and len(keys) == len(concepts)
        and len({name.casefold() for name in names}) == len(names)
        and len(templates) <= _MOST_TEMPLATES
        and all(len(one) <= LONGEST_PROMPT and one.isprintable() for one in sentences)
        and all(_COLOUR.fullmatch(concept.colour) for concept in concepts)
        and all(clean_name(name) == name for name in names)
    )
    if not is_ordered:
        raise ValueError("rules that nobody could have given")
    for template in templates:
        checked(template)
    return concepts, settings
