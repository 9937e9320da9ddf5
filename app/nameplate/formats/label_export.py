"""Builds the rows of the labels CSV, for the window and the command line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.csv import LabelRow, write_labels_csv
from nameplate.formats.outputs import Output
from nameplate.imaging.scan import relative_names
from nameplate.inference.model import LoadedModel
from nameplate.scoring.score_matrix import ScoreMatrix
from nameplate.scoring.scores import BLOCK_ROWS, Ratings
from nameplate.scoring.zero_shot import Classifier

_DECIDED_BY: Final = {one.value: one.name.lower() if one else "" for one in DecidedBy}
_WAITING: Final = int(ImageState.WAITING)
_STATES: Final = {one.value: one.name.lower() for one in ReviewState}


@dataclass(frozen=True, slots=True)
class Report:
    """The data of a labels CSV.

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

    def rows(self, *, all_scores: bool = False) -> Iterator[LabelRow]:
        """Yield a row for each image, in the order of the relative paths.

        Args:
            all_scores: Whether the rows have the probabilities of all concepts.
        """
        names = relative_names(self.images.paths.texts)
        order = sorted(range(len(names)), key=names.__getitem__)
        for start in range(0, len(order), BLOCK_ROWS):
            block = order[start : start + BLOCK_ROWS]
            for i, first, second in zip(block, *self._places(block), strict=True):
                yield self._row(i, names[i], first, second, all_scores=all_scores)

    def write(self, output: Output, *, all_scores: bool) -> None:
        """Write the CSV, whole or not at all.

        Raises:
            OutputError: It must not be written, or cannot; an earlier file is whole.
        """
        names = [c.name for c in self.concepts] if all_scores else []
        rows = self.rows(all_scores=all_scores)
        output.write(lambda stream: write_labels_csv(stream, rows, concept_names=names))

    def _places(self, rows: list[int]) -> tuple[list[int], list[int]]:
        """Return the first and the second column of each of `rows`; -1 where there is none.

        The first is that of the label, or the best where there is no label; the second the best of
        those that are neither the first nor another label of the image.
        """
        first = np.array([self.chosen[i][0] if self.chosen[i] else -1 for i in rows])
        second = np.full(len(rows), -1)
        scores = self.ratings.scores[rows]
        rated = ~np.isnan(scores).any(axis=1)
        if not self.concepts or not rated.any():
            return first.tolist(), second.tolist()
        scores[~rated] = -np.inf
        first = np.where((first < 0) & rated, scores.argmax(axis=1), first)
        for row, i in enumerate(rows):
            scores[row, [first[row], *self.chosen[i]]] = -np.inf
        second = np.where(np.isneginf(scores).all(axis=1), -1, scores.argmax(axis=1))
        return first.tolist(), second.tolist()

    def _remark(self, i: int) -> str:
        """Return why image `i` has no label, or the notes on its file."""
        if self.images.states[i] == _WAITING:
            return "not read yet"
        return self.images.reasons.get(i) or self.images.notes.get(i, "")

    def _numbers(self, i: int, column: int) -> tuple[float | None, float | None]:
        """Return score and probability of image `i` for a concept; None where there is none."""
        if column < 0 or np.isnan(self.ratings.scores[i, column]):
            return None, None
        return float(self.ratings.scores[i, column]), float(self.ratings.probabilities[i, column])

    def _row(self, i: int, name: str, first: int, second: int, *, all_scores: bool) -> LabelRow:
        score, p_first = self._numbers(i, first)
        _, p_second = self._numbers(i, second)
        probabilities = self.ratings.probabilities[i].tolist() if all_scores else ()
        return LabelRow(
            path=name,
            label=" | ".join(self.concepts[c].name for c in self.chosen[i]),
            probability=p_first,
            score=score,
            runner_up="" if second < 0 else self.concepts[second].name,
            runner_up_probability=p_second,
            margin=None if p_first is None else p_first - (p_second or 0.0),
            decided_by=_DECIDED_BY[self.decided_by[i]],
            state=_STATES[self.states[i]],
            error=self._remark(i),
            model=self.model,
            templates=self.templates,
            all_probabilities=tuple(probabilities),
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
        """Return the data of the labels CSV; takes time, so not for the window's thread."""
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
    """Return the text of the `model` column: id and fingerprint."""
    return f"{model.manifest.id}@{model.fingerprint[:8]}"


def template_name(template_set: TemplateSet) -> str:
    """Return the text of the `templates` column."""
    return template_set.id or " | ".join(template_set.templates)
