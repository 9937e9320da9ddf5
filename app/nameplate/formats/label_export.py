"""The content of an export: a snapshot of images with their labels and scores.

Every export format is made of this. It knows no format itself.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.tally import labelled_of
from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState, unlabelled
from nameplate.domain.messages import Message
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.stacks import StackKind, Stacks, joined, same_files
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.imaging.scan import names_below, project_root
from nameplate.inference.model import LoadedModel
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.score_matrix import ScoreMatrix
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.suggestions import Suggestions
from nameplate.system.failures import printable

_DECIDED_BY: Final = {one.value: one.name.lower() if one else "" for one in DecidedBy}
_WAITING: Final = int(ImageState.WAITING)
_STATES: Final = {one.value: one.name.lower() for one in ReviewState}


_ROWS_OF_COLUMNS: Final = 64
"""Images whose cells are asked of a feature at once: it may read a file for each, and there are
progress and Cancel between."""

Cells = Callable[[NDArray[np.int64]], Sequence[str]]
"""From the rows of images to their cells in a column."""


class Certificate(NamedTuple):
    """A certificate of all labels: their number, and its text, one message a paragraph."""

    labels: int
    paragraphs: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class LabelExport:
    """The content of an export, a snapshot of a project.

    Attributes:
        images: Without embeddings; removed ones are left out.
        labels: One an image.
        concepts: All of the project, in the person's order, with printable names.
        classifier: What the scores come from; None before there are any.
        scores: Of all images, and maybe of some that were not read yet at that moment.
        words: Puts a message into words, for people.
        suggested: int32 ids of the concepts that images are suggested as; NO_CONCEPT for none.
        suggested_probability: float32, NaN where there is none.
        most: How many images are delivered, the first ones; None for all. For a preview.
        stacks: Which images belong together, as far as that was looked for; None where it was not.
        has_suggestions: Whether suggestions are delivered as the best names.
        model: `ID@FINGERPRINT` of the model that the numbers come from; empty for none.
        templates: The template set's id, or its templates.
        first_images: The highest id of the images that the project began with; 0 for all images.
            Paths are relative to the folder of these, so that they stay when others are added.
        is_read: Whether images are read in this session, and one that is not is waited for.
        certificate: The certificate of the labels; None for none.
        uncertified: Why it does not hold any more; None where it does or there was none.
        columns: The columns of features, by name.
        words_in_files: Like `words`, into the English that programs read; None for `words`.
    """

    images: ImageTable
    labels: LabelTable
    concepts: tuple[Concept, ...]
    classifier: Classifier | None
    scores: ScoreMatrix
    words: Callable[[Message], str]
    suggested: NDArray[np.int32]
    suggested_probability: NDArray[np.float32]
    most: int | None = None
    stacks: Stacks | None = None
    has_suggestions: bool = True
    model: str = ""
    templates: str = ""
    first_images: int = 0
    is_read: bool = True
    certificate: Certificate | None = None
    uncertified: Message | None = None
    columns: Mapping[str, Cells] = field(default_factory=dict[str, Cells])
    words_in_files: Callable[[Message], str] | None = None

    @classmethod
    def of(
        cls,
        images: ImageTable,
        labels: LabelTable,
        concepts: tuple[Concept, ...],
        suggestions: Suggestions,
        words: Callable[[Message], str],
    ) -> "LabelExport":
        """Return a snapshot of a project, which may be changed afterwards."""
        classifier, scores = suggestions.classifier, suggestions.scores
        images, labels, named = images.without_embeddings(), labels.copy(), _printable(concepts)
        never = np.flatnonzero(images.was_never_read())
        labels.replace(never, unlabelled(len(never)))
        suggested = np.full(len(images), NO_CONCEPT, np.int32)
        probability = np.full(len(images), np.nan, np.float32)
        count = min(len(images), len(suggestions.suggested))
        suggested[:count] = suggestions.suggested[:count]
        probability[:count] = suggestions.probability[:count]
        snapshot = cls(images, labels, named, classifier, scores, words, suggested, probability)
        return replace(snapshot, has_suggestions=classifier is not None)

    def with_stacks(self) -> "LabelExport":
        """Return this with stacks, which are those of equal files where they were not looked for.

        Removed images are in none.
        """
        if self.stacks is not None:
            is_out = self.images.is_removed[: len(self.stacks)]
            return replace(self, stacks=self.stacks.without(is_out))
        same = same_files(self.images.contents, ~self.images.is_removed)
        return replace(self, stacks=joined({StackKind.SAME_FILE: same}, len(self.images)))

    @property
    def scored(self) -> tuple[Concept, ...]:
        """The concepts of `all_probabilities`."""
        return _printable(self.classifier.concepts) if self.classifier else ()

    def root(self) -> str:
        """Return the folder that paths are relative to; empty where there is none."""
        return project_root(self.images, self.first_images)

    def exported(
        self,
        *,
        which: Which = Which.BEST,
        all_scores: bool = False,
        absolute_paths: bool = False,
        columns: Sequence[str] = (),
    ) -> Iterator[ExportedImage]:
        """Yield the images, in the order of their paths.

        Args:
            which: Which names are delivered.
            all_scores: Give the probabilities of all concepts too.
            absolute_paths: Give absolute paths.
            columns: Those of features that are wanted, each one of `LabelExport.columns`.
        """
        named = self._named(which, absolute_paths=absolute_paths)
        size = _ROWS_OF_COLUMNS if columns else BLOCK_ROWS
        for start in range(0, len(named), size):
            block = named[start : start + size]
            yield from self.exported_rows(block, all_scores=all_scores, columns=columns)

    def count(self, which: Which = Which.BEST) -> int:
        """Return how many images `exported` yields."""
        count = int(np.count_nonzero(self._is_wanted(which)))
        return count if self.most is None else min(count, self.most)

    def count_named(self, which: Which) -> int:
        """Count the exported images that have a label, or a suggestion in its place."""
        is_named = labelled_of(self.images, self.labels)
        if which is Which.BEST:
            is_named |= self._is_suggested & ~self.images.is_removed
        return int(np.count_nonzero(self._is_wanted(which) & is_named))

    def count_labels(self, which: Which) -> int:
        """Return how many images are delivered with a label."""
        return int(np.count_nonzero(self._is_wanted(which) & self.labels.has_label))

    def count_automatic(self) -> int:
        """Return how many images have a label that the program decided."""
        is_automatic = self.labels.has_label & ~self._is_decided & ~self._is_given
        return int(np.count_nonzero(is_automatic & ~self.images.is_removed))

    def count_given(self) -> int:
        """Return how many images have a label that came with them and nobody checked."""
        is_given = self.labels.has_label & self._is_given
        return int(np.count_nonzero(is_given & ~self.images.is_removed))

    @property
    def _is_given(self) -> NDArray[np.bool_]:
        return self.labels.decided_by == DecidedBy.GIVEN

    def count_suggested(self) -> int:
        """Return how many images have no label, but a suggestion that could be one."""
        return int(np.count_nonzero(self._is_suggested & ~self.images.is_removed))

    def count_unread(self) -> int:
        """Return how many images wait to be read: they have no suggestion, or may be unreadable."""
        waiting = (self.images.states == _WAITING) & ~self.images.is_removed
        return int(np.count_nonzero(waiting)) if self.is_read else 0

    @property
    def _is_decided(self) -> NDArray[np.bool_]:
        return self.labels.decided_by == DecidedBy.PERSON

    @property
    def _is_suggested(self) -> NDArray[np.bool_]:
        """Which images have no label or decision, but a suggestion that could be a label."""
        none = [NO_CONCEPT, *(concept.key for concept in self.concepts if concept.is_reject)]
        is_free = ~self.labels.has_label & ~self._is_decided & self.has_suggestions
        return is_free & ~np.isin(self.suggested, none)

    def _is_wanted(self, which: Which) -> NDArray[np.bool_]:
        is_there = ~self.images.is_removed
        if which is Which.BEST:
            return is_there
        is_wanted = self._is_decided
        if which is Which.LABELS:
            is_wanted |= self.labels.has_label
        return is_there & is_wanted

    def _named(self, which: Which, *, absolute_paths: bool) -> list[tuple[str, int]]:
        """Return path and row of each image to deliver, in their order."""
        rows = np.flatnonzero(self._is_wanted(which)).tolist()
        texts = self.images.paths.texts
        chosen = [texts[row] for row in rows]
        if absolute_paths:
            chosen = list(map(os.path.abspath, chosen))
        root = "" if absolute_paths else self.root()
        names = names_below(root, chosen)
        return sorted(zip(names, rows, strict=True))[: self.most]

    def _scored_images(self, rows: list[int]) -> ScoredImages:
        """Return the scores of some images; NaN for images that were not read."""
        if self.classifier is None:
            empty = np.empty((len(rows), 0), dtype=np.float32)
            return ScoredImages(empty, empty)
        scores = self.scores.of(np.array(rows, dtype=np.int64))
        scores[:, self.images.states[rows] != ImageState.READY] = np.nan
        return self.classifier.probabilities(scores)

    def exported_rows(
        self,
        block: Sequence[tuple[str, int]],
        *,
        all_scores: bool = False,
        columns: Sequence[str] = (),
    ) -> Iterator[ExportedImage]:
        """Yield some images in the order given: the path to deliver, and the row, of each."""
        rows = [row for _, row in block]
        scored, labels, concepts = self._scored_images(rows), self.labels.all[rows], self.scored
        places = {concept.key: number for number, concept in enumerate(concepts)}
        names = {concept.key: concept.name for concept in (*concepts, *self.concepts)}
        chosen = [
            _best_first(self.labels.sets.members(code), places, scores)
            for code, scores in zip(labels["concepts"].tolist(), scored.scores, strict=True)
        ]
        taken = [[places.get(key, -1) for key in keys] for keys in chosen]
        bests = [places.get(key, -1) for key in self.suggested[rows].tolist()]
        firsts, seconds = _places(scored, taken, bests)
        rejects = {concept.key for concept in self.concepts if concept.is_reject}
        by = _DECIDED_BY[int(self.classifier.decider)] if self.classifier else ""
        stacks = [-1] * len(rows)
        if self.stacks is not None:
            stacks = self.stacks.of(np.array(rows, np.int64)).tolist()
        cells = [self.columns[name](np.array(rows, np.int64)) for name in columns]
        further = [*zip(*cells, strict=True)] or [()] * len(rows)
        for i, (path, row) in enumerate(block):
            label, content, second = labels[i], self.images.contents[row], seconds[i]
            score, p_first = _numbers(scored, i, firsts[i])
            _, p_second = _numbers(scored, i, second)
            labels_of = tuple(names[key] for key in chosen[i] if key in names)
            key, p_best = int(self.suggested[row]), float(self.suggested_probability[row])
            is_suggested = self.has_suggestions and key in names and not labels_of
            is_suggested &= label["decided_by"] != DecidedBy.PERSON
            best = labels_of[0] if labels_of else ""
            if is_suggested:
                best = names[key]
            yield ExportedImage(
                path=path,
                file=os.path.abspath(self.images.paths.texts[row]),  # noqa: PTH100
                labels=labels_of,
                decided_by=_DECIDED_BY[int(label["decided_by"])],
                state=_STATES[int(label["state"])],
                decided_at=int(label["decided_at"]),
                probability=p_first,
                score=score,
                runner_up="" if second < 0 else concepts[second].name,
                runner_up_probability=p_second,
                margin=None if p_first is None else p_first - (p_second or 0.0),
                error=self._remark(row),
                size=int(content["size"]),
                digest=content["digest"].tobytes().hex() if content["size"] >= 0 else "",
                all_probabilities=tuple(scored.probabilities[i].tolist()) if all_scores else (),
                stack=stacks[i] + 1 if stacks[i] >= 0 else None,
                best=best,
                best_probability=(p_best if is_suggested else p_first) if best else None,
                suggested_by=by if is_suggested and key not in rejects else "",
                further=further[i],
            )

    def _remark(self, row: int) -> str:
        """Return why an image has no label, or the note on its file."""
        words = self.words_in_files or self.words
        if self.is_read and self.images.states[row] == _WAITING:
            return words(Message("not-read-yet"))
        remark = self.images.reasons.get(row) or self.images.notes.get(row)
        return words(remark) if remark else ""


def _printable(concepts: tuple[Concept, ...]) -> tuple[Concept, ...]:
    """Return concepts with names that every file takes: a folder may be called by no text."""
    return tuple(replace(concept, name=printable(concept.name)) for concept in concepts)


def _best_first(
    keys: tuple[int, ...], columns: dict[int, int], scores: NDArray[np.float32]
) -> tuple[int, ...]:
    """Return the concepts of one image's label, those with the highest score first."""
    if len(keys) < 2:
        return keys
    # Concepts without a score come last.
    order = {key: -scores[columns[key]] if key in columns else np.inf for key in keys}
    return tuple(sorted(keys, key=order.__getitem__))


def _places(
    scored: ScoredImages, chosen: list[list[int]], suggested: list[int]
) -> tuple[list[int], list[int]]:
    """Return the first and the second column of each image; -1 where there is none.

    The first is that of the label, or of the suggestion where there is no label; the second the
    most probable of those that are neither the first nor another label of the image; of equally
    probable ones that of the highest score. Where there is no first, as every concept was rejected,
    there is no second.

    Args:
        scored: n x K. A learned classifier's probabilities go by more than its scores.
        chosen: The columns of each image's labels.
        suggested: The column that each image is suggested as; -1 for none.
    """
    first = np.array([columns[0] if columns else -1 for columns in chosen])
    second = np.full(len(chosen), -1)
    scores = scored.scores
    is_rated = np.isnan(scores).sum(axis=1) == 0
    if not scores.shape[1] or not is_rated.any():
        return first.tolist(), second.tolist()
    left = np.where(is_rated[:, None], scored.probabilities, -np.inf)
    is_unlabelled = np.array([not columns for columns in chosen])
    first = np.where(is_unlabelled & is_rated, suggested, first)
    for row, columns in enumerate(chosen):
        taken = [column for column in (first[row], *columns) if column >= 0]
        left[row, taken] = -np.inf
    is_none = np.isneginf(left).all(axis=1) | (is_unlabelled & (first < 0))
    is_most_probable = left == left.max(axis=1, keepdims=True)
    among = np.where(is_most_probable, np.where(is_rated[:, None], scores, -np.inf), -np.inf)
    second = np.where(is_none, -1, among.argmax(axis=1))
    return first.tolist(), second.tolist()


def _numbers(scored: ScoredImages, row: int, column: int) -> tuple[float | None, float | None]:
    """Return score and probability of an image for a concept; None where there is none."""
    if column < 0 or np.isnan(scored.scores[row, column]):
        return None, None
    return float(scored.scores[row, column]), float(scored.probabilities[row, column])


def model_name(model: LoadedModel) -> str:
    """Return the text of the `model` column: id and fingerprint."""
    return f"{model.manifest.id}@{model.fingerprint[:8]}"


def template_name(template_set: TemplateSet) -> str:
    """Return the text of the `templates` column."""
    return template_set.id or " | ".join(template_set.templates)
