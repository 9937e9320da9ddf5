"""The open project in memory: images, concepts, labels and what the model says of them.

Lives on one thread (the window's). Jobs read snapshots and hand results back to it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable
from nameplate.domain.labels import (
    NO_CONCEPT,
    LabelDelta,
    LabelTable,
    accept_delta,
    auto_delta,
    person_delta,
)
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.views import View, order_of
from nameplate.formats.label_export import Snapshot
from nameplate.imaging.scan import ScanBatch, ScanProblem
from nameplate.pipeline.batch_encoder import Embedded, EmbedEvent
from nameplate.pipeline.collection import record_event
from nameplate.scoring.score_matrix import ScoreMatrix, best_of, score_matrix
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import Classifier

Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Rated:
    """What a classifier says of n images.

    Attributes:
        classifier: That one.
        scores: R x n, see `ScoreMatrix`.
        suggested: int32 concept keys, NO_CONCEPT where there is no suggestion.
        probability: float32 of the suggestion, NaN where there is none.
    """

    classifier: Classifier
    scores: NDArray[np.float32]
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]

    @classmethod
    def of(cls, classifier: Classifier, embeddings: Vectors) -> "Rated":
        """Rate n images (n x D)."""
        scores = np.empty((len(classifier.weights), len(embeddings)), dtype=np.float32)
        if len(scores):
            scores[:] = (embeddings @ classifier.weights.T).T
        return cls(classifier, scores, *_suggestions(classifier, scores))


@dataclass(frozen=True, slots=True)
class Read:
    """Images that were embedded, and already rated on the thread that did so."""

    embedded: Embedded
    rated: Rated


def rate_read(
    events: Iterable[Event], classifier: Callable[[], Classifier | None]
) -> Iterator[Event | Read]:
    """Pass the events of an embedding job on, and rate on its thread what was embedded.

    Args:
        events: Of `embed_images` or `embed_with_cache`.
        classifier: Returns the one in use, asked for each event; it is rated anew by
            `Workspace.take` where another one has come meanwhile.
    """
    for event in events:
        now = classifier() if isinstance(event, Embedded) else None
        if now is not None and isinstance(event, Embedded):
            yield Read(event, Rated.of(now, event.embeddings))
        else:
            yield event


@dataclass(frozen=True, slots=True)
class Scored:
    """A classifier and what it says of images.

    Attributes:
        classifier: Built for the concepts as they stood when the job began.
        scores: Of all rows that there were then.
        suggested: int32 concept keys, NO_CONCEPT where there is no suggestion; one a row that
            `scores` has room for.
        probability: float32 of the suggestion, NaN where there is none.
    """

    classifier: Classifier
    scores: ScoreMatrix
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]


def score(
    classifier: Classifier,
    blocks: Sequence[Vectors],
    known: ScoreMatrix | None = None,
    cancel: CancelToken | None = None,
) -> Scored:
    """Rate all images; for a job, not for the window's thread.

    Args:
        classifier: The new one.
        blocks: Embeddings, as `ImageTable.blocks` gives them.
        known: Scores of the same images that are there already, from which the columns of concepts
            that stay are taken; see `score_matrix`.
        cancel: Looked at before each block.

    Raises:
        CancelledError: `cancel` was set.
    """
    scores = score_matrix(blocks, classifier.weights, known, cancel)
    found = [_suggestions(classifier, block) for block in scores.blocks]
    keys = [np.empty(0, dtype=np.int32), *(keys for keys, _ in found)]
    chances = [np.empty(0, dtype=np.float32), *(chances for _, chances in found)]
    return Scored(classifier, scores, np.concatenate(keys), np.concatenate(chances))


def _suggestions(
    classifier: Classifier, scores: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the keys that the scores (R x n) of some images suggest, and their probabilities."""
    count = len(classifier.concepts)
    best, probability = best_of(scores, count, classifier.head, multi=classifier.multi)
    # The last entry answers for column -1: no suggestion.
    keys = np.array([*(concept.key for concept in classifier.concepts), NO_CONCEPT], np.int32)
    return keys[best], probability


class Workspace:
    """What a person has open.

    Attributes:
        images: The images.
        labels: Their labels.
        concepts: The concepts, in the person's order.
        template_set: How names are put into prompts.
        minimum: The probability below which auto-labelling gives no label.
        problems: What could not be looked at while scanning.
        classifier: The one that `ratings` come from; None until the first is there.
    """

    def __init__(self, dimension: int, template_set: TemplateSet) -> None:
        self.images = ImageTable(dimension)
        self.labels = LabelTable()
        self.concepts: tuple[Concept, ...] = ()
        self.template_set = template_set
        self.minimum = 0.0
        self.problems: list[ScanProblem] = []
        self.classifier: Classifier | None = None
        self._known = set[str]()
        self._forget_ratings()

    # ---- images

    def add_images(self, batch: ScanBatch) -> range:
        """Add the images of `batch` that are not there yet and return their rows."""
        self.problems.extend(batch.problems)
        named = {os.path.normcase(path): path for path in batch.images}
        new = [name for name in named if name not in self._known]
        self._known.update(new)
        rows = self.images.add([named[name] for name in new])
        self.labels.grow(len(self.images))
        self._reserve(len(self.images))
        return rows

    def waiting(self) -> NDArray[np.int64]:
        """Return the rows that have no embedding yet and may get one; `images.waiting` counts."""
        return np.flatnonzero(self.images.states == ImageState.WAITING)

    def take(self, event: EmbedEvent | Read) -> NDArray[np.int64]:
        """Write what an embedding job found, rate those rows, and return them."""
        rated = event.rated if isinstance(event, Read) else None
        event = event.embedded if isinstance(event, Read) else event
        record_event(event, self.images)
        if not isinstance(event, Embedded):
            return np.array([event.row], dtype=np.int64)
        if self.classifier is not None:
            if rated is None or rated.classifier is not self.classifier:
                rated = Rated.of(self.classifier, event.embeddings)
            self._write(event.rows, rated)
        return event.rows

    def forget_embeddings(self, dimension: int) -> None:
        """Begin anew with a model whose vectors have `dimension` numbers.

        Every readable image waits again and no suggestion is left; labels stay as decided.
        """
        self.images.forget_embeddings(dimension)
        self.classifier = None
        self._forget_ratings()
        self._reserve(len(self.images))

    # ---- ratings

    def set_scored(self, scored: Scored) -> None:
        """Take over a classifier and its ratings; rows embedded since then are rated here."""
        self.classifier = scored.classifier
        self._scores = scored.scores
        self._suggested = scored.suggested
        self._probability = scored.probability
        self._reserve(len(self.images))
        is_ready = self.images.states == ImageState.READY
        late = np.flatnonzero(is_ready & np.isnan(self.probability))
        if len(late) and len(scored.classifier.concepts):
            embeddings = self.images.embeddings_of(late)
            self._write(late, Rated.of(scored.classifier, embeddings))

    @property
    def scores(self) -> ScoreMatrix:
        """Scores of all images by `classifier`, for a job to start from or to report."""
        return self._scores

    def ratings_of(self, rows: NDArray[np.int64]) -> ScoredImages:
        """Return the ratings of some images by `classifier`; K is 0 while there is none."""
        if self.classifier is None:
            empty = np.empty((len(rows), 0), dtype=np.float32)
            return ScoredImages(empty, empty)
        return self.classifier.with_probabilities(self._scores.of(rows))

    @property
    def ratings(self) -> ScoredImages:
        """Ratings of all images; takes time, so not for the window's thread."""
        return self.ratings_of(np.arange(len(self.images)))

    @property
    def suggested(self) -> NDArray[np.int32]:
        """Concept keys that the model suggests; NO_CONCEPT where it suggests none."""
        return self._suggested[: len(self.images)]

    @property
    def probability(self) -> NDArray[np.float32]:
        """Of the suggestion; NaN where there is none."""
        return self._probability[: len(self.images)]

    @property
    def is_current(self) -> bool:
        """Whether the ratings are those of the concepts and templates as they stand."""
        built = self.classifier
        return (
            built is not None
            and built.template_set == self.template_set
            and [(c.key, c.names) for c in built.concepts]
            == [(c.key, c.names) for c in self.concepts]
        )

    # ---- labels

    def rejects(self) -> set[int]:
        """Return the keys of the reject concepts."""
        return {c.key for c in self.concepts if c.is_reject}

    def _usable(self, keys: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return `keys` with NO_CONCEPT for those of concepts that are gone."""
        known = np.isin(keys, [c.key for c in self.concepts])
        return np.where(known, keys, NO_CONCEPT).astype(np.int32)

    def auto_label(self, rows: NDArray[np.int64] | None = None) -> LabelDelta:
        """Return what auto-labelling `rows` (all without one) with `minimum` changes."""
        if rows is None:
            rows = np.arange(len(self.images))
        rows = rows[self._suggested[rows] != NO_CONCEPT]
        keys = self._usable(self._suggested[rows])
        weak = self._probability[rows] < self.minimum
        keys[weak | np.isin(keys, list(self.rejects()))] = NO_CONCEPT
        return auto_delta(self.labels, rows, keys)

    def label(self, rows: NDArray[np.int64], key: int) -> LabelDelta:
        """Return what a person's choice of the concept `key` for `rows` changes."""
        return self._without_rejects(person_delta(rows, key, self._suggested[rows]))

    def accept(self, rows: NDArray[np.int64]) -> LabelDelta:
        """Return what a person's accepting what `rows` show, label or suggestion, changes."""
        labelled = self.labels.concepts[rows]
        keys = np.where(labelled != NO_CONCEPT, labelled, self._suggested[rows])
        return self._without_rejects(accept_delta(rows, self._usable(keys)))

    def rows_labelled(self, keys: Sequence[int]) -> NDArray[np.int64]:
        """Return the rows labelled with any of `keys`."""
        return np.flatnonzero(np.isin(self.labels.concepts, list(keys)))

    def _without_rejects(self, delta: LabelDelta) -> LabelDelta:
        """Return `delta` with no label where it has a reject concept: decided, but none of them."""
        is_reject = np.isin(delta.concepts, list(self.rejects()))
        return replace(delta, concepts=np.where(is_reject, NO_CONCEPT, delta.concepts))

    # ---- views and results

    def order(self, view: View) -> NDArray[np.int64]:
        """Return the rows that `view` shows, in its order."""
        return order_of(view, self.images, self.labels, self.suggested, self.probability)

    def snapshot(self) -> Snapshot:
        """Return all that a labels CSV is made of, for a job to write."""
        images, labels = self.images.without_embeddings(), self.labels.copy()
        return Snapshot(images, labels, self.classifier, self._scores)

    def _forget_ratings(self) -> None:
        self._scores = ScoreMatrix(np.empty((0, 0), dtype=np.float32), [])
        self._suggested = np.empty(0, dtype=np.int32)
        self._probability = np.empty(0, dtype=np.float32)

    def _reserve(self, count: int) -> None:
        self._scores.reserve(count)
        short = count - len(self._suggested)
        if short > 0:
            more = max(short, len(self._suggested), BLOCK_ROWS)
            none = np.full(more, NO_CONCEPT, dtype=np.int32)
            self._suggested = np.concatenate([self._suggested, none])
            nan = np.full(more, np.nan, dtype=np.float32)
            self._probability = np.concatenate([self._probability, nan])

    def _write(self, rows: NDArray[np.int64], rated: Rated) -> None:
        self._scores.put(rows, rated.scores)
        self._suggested[rows] = rated.suggested
        self._probability[rows] = rated.probability
