"""What stands in the labels CSV; the window and the command line both write it through here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState
from nameplate.domain.score_matrix import ScoreMatrix
from nameplate.domain.scoring import Ratings
from nameplate.domain.templates import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.services.rating import Classifier
from nameplate.storage.csv_export import LabelRow, write_labels_csv
from nameplate.storage.outputs import Output
from nameplate.storage.scan import common_folder, relative_name


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a labels CSV is made of.

    Attributes:
        images: The images.
        concepts: In the order of the columns of `ratings`.
        ratings: N x K.
        chosen: The columns that each image is labelled with, best first.
        decided_by: Who decided, one value of `DecidedBy` an image.
        states: One value of `ReviewState` an image.
        model: `ID@FINGERPRINT`.
        templates: The template set's id, or its templates.
    """

    images: ImageTable
    concepts: tuple[Concept, ...]
    ratings: Ratings
    chosen: Sequence[tuple[int, ...]]
    decided_by: Sequence[int]
    states: Sequence[int]
    model: str
    templates: str

    def rows(self) -> Iterator[LabelRow]:
        """Yield a row for each image, in the order of the relative paths."""
        folder = common_folder(self.images.paths)
        names = [relative_name(path, folder) for path in self.images.paths]
        for i in sorted(range(len(names)), key=names.__getitem__):
            yield self._row(i, names[i])

    def write(self, output: Output, *, all_scores: bool) -> None:
        """Write the CSV, whole or not at all.

        Raises:
            OutputError: It must not be written, or cannot; an earlier file is whole.
        """
        names = [c.name for c in self.concepts] if all_scores else []
        rows = self.rows() if names else (replace(r, all_probabilities=()) for r in self.rows())
        output.write(lambda stream: write_labels_csv(stream, rows, concept_names=names))

    def _remark(self, i: int) -> str:
        """Return why image `i` has no label, or what was odd about it."""
        if self.images.states[i] == ImageState.WAITING:
            return "not read yet"
        return self.images.reasons.get(i, self.images.notes.get(i, ""))

    def _row(self, i: int, name: str) -> LabelRow:
        chosen = self.chosen[i]
        scores, probabilities = self.ratings.scores[i], self.ratings.probabilities[i]
        is_rated = bool(len(scores)) and not bool(np.isnan(scores).any())
        ranked: list[int] = np.argsort(-scores, kind="stable").tolist() if is_rated else []
        first = chosen[0] if chosen else (ranked[0] if ranked else None)
        second = next((c for c in ranked if c not in chosen and c != first), None)
        p_first = None if first is None or not is_rated else float(probabilities[first])
        p_second = None if second is None else float(probabilities[second])
        return LabelRow(
            path=name,
            label=" | ".join(self.concepts[c].name for c in chosen),
            probability=p_first,
            score=None if first is None or not is_rated else float(scores[first]),
            runner_up="" if second is None else self.concepts[second].name,
            runner_up_probability=p_second,
            margin=None if p_first is None else p_first - (p_second or 0.0),
            decided_by="" if not self.decided_by[i] else DecidedBy(self.decided_by[i]).name.lower(),
            state=ReviewState(self.states[i]).name.lower(),
            error=self._remark(i),
            model=self.model,
            templates=self.templates,
            all_probabilities=tuple(float(p) for p in probabilities),
        )


def automatic_report(
    images: ImageTable,
    concepts: tuple[Concept, ...],
    ratings: Ratings,
    chosen: Sequence[tuple[int, ...]],
    *,
    model: str,
    templates: str,
) -> Report:
    """Return the report of labels that nobody has reviewed."""
    return Report(
        images,
        concepts,
        ratings,
        chosen,
        [DecidedBy.AUTO if c else DecidedBy.NOBODY for c in chosen],
        [ReviewState.SUGGESTED if c else ReviewState.UNLABELLED for c in chosen],
        model,
        templates,
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The images and labels of a workspace at one moment.

    Attributes:
        images: Without embeddings.
        labels: One an image.
        classifier: What the images were rated by; None before the first.
        scores: Of all images, and maybe of some that were not read yet at that moment.
    """

    images: ImageTable
    labels: LabelTable
    classifier: Classifier | None
    scores: ScoreMatrix

    def report(self, *, model: str, templates: str) -> Report:
        """Return what the labels CSV says; takes time, so not for the window's thread."""
        concepts = () if self.classifier is None else self.classifier.concepts
        column = {concept.key: i for i, concept in enumerate(concepts)}
        keys = self.labels.concepts.tolist()
        return Report(
            self.images,
            concepts,
            self._ratings(),
            [(column[key],) if key in column else () for key in keys],
            self.labels.decided_by.tolist(),
            self.labels.states.tolist(),
            model,
            templates,
        )

    def _ratings(self) -> Ratings:
        count = len(self.images)
        if self.classifier is None:
            empty = np.empty((count, 0), dtype=np.float32)
            return Ratings(empty, empty)
        scores = self.scores.of(np.arange(count))
        scores[:, self.images.states != ImageState.READY] = np.nan
        return self.classifier.rate_scores(scores)


def model_name(model: LoadedModel) -> str:
    """Return what the `model` column says: which model, and which bytes of it."""
    return f"{model.manifest.id}@{model.fingerprint[:8]}"


def template_name(template_set: TemplateSet) -> str:
    """Return what the `templates` column says."""
    return template_set.id or " | ".join(template_set.templates)
