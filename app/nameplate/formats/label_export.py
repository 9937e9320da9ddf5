"""What stands in the labels CSV; the window and the command line both write it through here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.prompts import TemplateSet
from nameplate.formats.csv import LabelRow, write_labels_csv
from nameplate.formats.outputs import Output
from nameplate.imaging.scan import relative_names
from nameplate.inference.model import LoadedModel
from nameplate.scoring.classifier import Classifier, columns_below
from nameplate.scoring.score_matrix import ScoreMatrix
from nameplate.scoring.scores import ScoredImages, any_of
from nameplate.scoring.suggestions import Suggestions

_DECIDED_BY: Final = {one.value: one.name.lower() if one else "" for one in DecidedBy}
_WAITING: Final = int(ImageState.WAITING)
_STATES: Final = {one.value: one.name.lower() for one in ReviewState}


@dataclass(frozen=True, slots=True)
class LabelExport:
    """Everything that a labels CSV is made of, as it is at one moment.

    Attributes:
        images: Without embeddings; removed ones are left out.
        labels: One an image.
        classifier: What the scores come from; None before there are any.
        scores: Of all images, and maybe of some that were not read yet at that moment.
        model: `ID@FINGERPRINT`.
        templates: The template set's id, or its templates.
        words: Puts a message into the words of the `error` column.
    """

    images: ImageTable
    labels: LabelTable
    classifier: Classifier | None
    scores: ScoreMatrix
    model: str
    templates: str
    words: Callable[[Message], str]

    @classmethod
    def of(
        cls,
        images: ImageTable,
        labels: LabelTable,
        suggestions: Suggestions,
        *,
        model: str,
        templates: str,
        words: Callable[[Message], str],
    ) -> "LabelExport":
        """Return what is to be written of a project, which may be changed afterwards."""
        classifier, scores = suggestions.classifier, suggestions.scores
        images, labels = images.without_embeddings(), labels.copy()
        return cls(images, labels, classifier, scores, model, templates, words)

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """In the order of the columns with all probabilities."""
        return self.classifier.concepts if self.classifier else ()

    def rows(self, *, all_scores: bool = False) -> Iterator[LabelRow]:
        """Yield a row for each image, in the order of the relative paths.

        Args:
            all_scores: Whether the rows have the probabilities of all concepts.
        """
        there = np.flatnonzero(~self.images.is_removed).tolist()
        texts = self.images.paths.texts
        named = sorted(zip(relative_names([texts[row] for row in there]), there, strict=True))
        for start in range(0, len(named), BLOCK_ROWS):
            block = named[start : start + BLOCK_ROWS]
            yield from self._rows_of(block, all_scores=all_scores)

    def write(self, output: Output, all_scores: bool) -> None:
        """Write the labels CSV, whole or not at all.

        Raises:
            OutputError: It must not be written, or cannot; an earlier file is whole.
        """
        rows = self.rows(all_scores=all_scores)
        names = [concept.name for concept in self.concepts] if all_scores else []
        output.write(lambda stream: write_labels_csv(stream, rows, concept_names=names))

    def chosen_columns(self) -> list[tuple[int, ...]]:
        """Return the columns of the classifier that each image is labelled with."""
        by_code = self._columns_by_code()
        return [by_code[code] for code in self.labels.concepts.tolist()]

    def _columns_by_code(self) -> dict[int, tuple[int, ...]]:
        column = {concept.key: number for number, concept in enumerate(self.concepts)}
        codes = np.unique(self.labels.concepts).tolist()
        return {
            code: tuple(column[key] for key in self.labels.sets.members(code) if key in column)
            for code in codes
        }

    def _columns_below(self) -> dict[int, tuple[int, ...]]:
        """Return for each column that of its concept and those of all below it."""
        return {columns[0]: columns for columns in columns_below(self.concepts).values()}

    def _together(self, scored: ScoredImages, row: int, columns: Sequence[int]) -> float | None:
        """Return the probability of a label with children: that of any of them."""
        is_exclusive = self.classifier is not None and self.classifier.is_exclusive
        p = any_of(scored.probabilities[row : row + 1], columns, is_exclusive=is_exclusive)[0]
        return None if np.isnan(p) else float(p)

    def _scored(self, rows: list[int]) -> ScoredImages:
        """Return the numbers of some images; NaN where one is not read."""
        if self.classifier is None:
            empty = np.empty((len(rows), 0), dtype=np.float32)
            return ScoredImages(empty, empty)
        scores = self.scores.of(np.array(rows, dtype=np.int64))
        scores[:, self.images.states[rows] != ImageState.READY] = np.nan
        return self.classifier.probabilities(scores)

    def _rows_of(self, block: list[tuple[str, int]], *, all_scores: bool) -> Iterator[LabelRow]:
        rows = [row for _, row in block]
        scored, labels = self._scored(rows), self.labels.all[rows]
        columns, below = self._columns_by_code(), self._columns_below()
        chosen = [
            _best_first(columns[code], scores)
            for code, scores in zip(labels["concepts"].tolist(), scored.scores, strict=True)
        ]
        places = _places(scored.scores, chosen)
        decisions = zip(labels["decided_by"].tolist(), labels["state"].tolist(), strict=True)
        for i, ((name, row), first, second, (by, state)) in enumerate(
            zip(block, *places, decisions, strict=True)
        ):
            score, p_first = _numbers(scored, i, first)
            if len(columns_of_first := below.get(first, ())) > 1 and chosen[i]:
                p_first = self._together(scored, i, columns_of_first)
            _, p_second = _numbers(scored, i, second)
            yield LabelRow(
                path=name,
                label=" | ".join(self.concepts[column].name for column in chosen[i]),
                probability=p_first,
                score=score,
                runner_up="" if second < 0 else self.concepts[second].name,
                runner_up_probability=p_second,
                margin=None if p_first is None else p_first - (p_second or 0.0),
                decided_by=_DECIDED_BY[by],
                state=_STATES[state],
                error=self._remark(row),
                model=self.model,
                templates=self.templates,
                all_probabilities=tuple(scored.probabilities[i].tolist()) if all_scores else (),
            )

    def _remark(self, row: int) -> str:
        """Return why an image has no label, or what was odd about it."""
        if self.images.states[row] == _WAITING:
            return self.words(Message("not-read-yet"))
        remark = self.images.reasons.get(row) or self.images.notes.get(row)
        return self.words(remark) if remark else ""


def _best_first(columns: tuple[int, ...], scores: NDArray[np.float32]) -> tuple[int, ...]:
    """Return the columns of one image's labels, those with the highest score first."""
    if len(columns) < 2:
        return columns
    return tuple(sorted(columns, key=lambda column: -scores[column]))


def _places(
    scores: NDArray[np.float32], chosen: list[tuple[int, ...]]
) -> tuple[list[int], list[int]]:
    """Return the first and the second column of each image; -1 where there is none.

    The first is that of the label, or the best where there is no label; the second the best of
    those that are neither the first nor another label of the image.
    """
    first = np.array([columns[0] if columns else -1 for columns in chosen])
    second = np.full(len(chosen), -1)
    is_rated = np.isnan(scores).sum(axis=1) == 0
    if not scores.shape[1] or not is_rated.any():
        return first.tolist(), second.tolist()
    left = np.where(is_rated[:, None], scores, -np.inf)
    first = np.where((first < 0) & is_rated, left.argmax(axis=1), first)
    for row, columns in enumerate(chosen):
        left[row, [first[row], *columns]] = -np.inf
    second = np.where(np.isneginf(left).all(axis=1), -1, left.argmax(axis=1))
    return first.tolist(), second.tolist()


def _numbers(scored: ScoredImages, row: int, column: int) -> tuple[float | None, float | None]:
    """Return score and probability of an image for a concept; None where there is none."""
    if column < 0 or np.isnan(scored.scores[row, column]):
        return None, None
    return float(scored.scores[row, column]), float(scored.probabilities[row, column])


def model_name(model: LoadedModel) -> str:
    """Return what the `model` column says: which model, and which bytes of it."""
    return f"{model.manifest.id}@{model.fingerprint[:8]}"


def template_name(template_set: TemplateSet) -> str:
    """Return what the `templates` column says."""
    return template_set.id or " | ".join(template_set.templates)
