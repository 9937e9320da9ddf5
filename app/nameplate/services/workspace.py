"""The open project in memory: images, concepts, labels and what the model says of them.

Lives on one thread (the window's). Jobs read snapshots and hand results back to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import (
    NO_CONCEPT,
    LabelDelta,
    LabelTable,
    accept_delta,
    auto_delta,
    person_delta,
)
from nameplate.domain.ordering import View, order_of
from nameplate.domain.scoring import Ratings, Suggestions, Vectors, suggest
from nameplate.domain.templates import TemplateSet
from nameplate.services.collection import take
from nameplate.services.embedding import Embedded, EmbedEvent
from nameplate.services.rating import Classifier
from nameplate.services.report import Snapshot
from nameplate.storage.scan import ScanBatch, ScanProblem

_FIRST_CAPACITY: Final = 1024


@dataclass(frozen=True, slots=True)
class Scored:
    """A classifier and what it says of the first rows of the images.

    Attributes:
        classifier: Built for the concepts as they stood when the job began.
        ratings: Of the rows that there were then.
        suggestions: Of those ratings.
    """

    classifier: Classifier
    ratings: Ratings
    suggestions: Suggestions


def score(classifier: Classifier, blocks: Sequence[Vectors]) -> Scored:
    """Rate `blocks` of embeddings in full; for a job, not for the window's thread."""
    columns = len(classifier.concepts)
    rated = [classifier.rate(block) for block in blocks]
    empty = np.empty((0, columns), dtype=np.float32)
    ratings = Ratings(
        np.concatenate([empty, *(r.scores for r in rated)]),
        np.concatenate([empty, *(r.probabilities for r in rated)]),
    )
    return Scored(classifier, ratings, suggest(ratings))


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
        self._known: set[Path] = set()
        self._scores = np.empty((0, 0), dtype=np.float32)
        self._probabilities = np.empty((0, 0), dtype=np.float32)
        self._suggested = np.empty(0, dtype=np.int32)
        self._probability = np.empty(0, dtype=np.float32)

    # ---- images

    def add_images(self, batch: ScanBatch) -> range:
        """Add the images of `batch` that are not there yet and return their rows."""
        self.problems.extend(batch.problems)
        new = [p for p in dict.fromkeys(batch.images) if p not in self._known]
        self._known.update(new)
        rows = self.images.add(new)
        self.labels.grow(len(self.images))
        self._reserve(len(self.images))
        return rows

    def waiting(self) -> NDArray[np.int64]:
        """Return the rows that have no embedding yet and may get one."""
        return np.flatnonzero(self.images.states == ImageState.WAITING)

    def take(self, event: EmbedEvent) -> NDArray[np.int64]:
        """Write what an embedding job found, rate those rows, and return them."""
        take(event, self.images)
        if not isinstance(event, Embedded):
            return np.array([event.row], dtype=np.int64)
        self._rate(event.rows)
        return event.rows

    def forget_embeddings(self, dimension: int) -> None:
        """Begin anew with a model whose vectors have `dimension` numbers.

        Every readable image waits again and no suggestion is left; labels stay as decided.
        """
        self.images.forget_embeddings(dimension)
        self.classifier = None
        self._scores = self._scores[:, :0].copy()
        self._probabilities = self._scores
        self._suggested[:] = NO_CONCEPT
        self._probability[:] = np.nan

    # ---- ratings

    def set_scored(self, scored: Scored) -> None:
        """Take over a classifier and its ratings; rows embedded since then are rated here."""
        count = len(scored.ratings.scores)
        self.classifier = scored.classifier
        columns = len(scored.classifier.concepts)
        capacity = max(len(self._suggested), len(self.images), _FIRST_CAPACITY)
        self._scores = np.full((capacity, columns), np.nan, dtype=np.float32)
        self._probabilities = np.full((capacity, columns), np.nan, dtype=np.float32)
        self._suggested = np.full(capacity, NO_CONCEPT, dtype=np.int32)
        self._probability = np.full(capacity, np.nan, dtype=np.float32)
        self._write_ratings(np.arange(count), scored)
        ready = self.images.states == ImageState.READY
        late = np.isnan(self._probability[: len(self.images)]) & ready
        self._rate(np.flatnonzero(late))

    @property
    def ratings(self) -> Ratings:
        """Ratings of all images by `classifier`; K is 0 while there is none."""
        count = len(self.images)
        return Ratings(self._scores[:count], self._probabilities[:count])

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
        """Return copies of all that a labels CSV is made of, for a job to write."""
        concepts = self.classifier.concepts if self.classifier else ()
        ratings = Ratings(self.ratings.scores.copy(), self.ratings.probabilities.copy())
        return Snapshot(self.images.without_embeddings(), self.labels.copy(), concepts, ratings)

    def _reserve(self, count: int) -> None:
        short = count - len(self._suggested)
        if short <= 0:
            return
        more = max(short, len(self._suggested), _FIRST_CAPACITY)
        self._scores = _grown(self._scores, more)
        self._probabilities = _grown(self._probabilities, more)
        none = np.full(more, NO_CONCEPT, dtype=np.int32)
        self._suggested = np.concatenate([self._suggested, none])
        nan = np.full(more, np.nan, dtype=np.float32)
        self._probability = np.concatenate([self._probability, nan])

    def _rate(self, rows: NDArray[np.int64]) -> None:
        if self.classifier is not None and len(self.classifier.concepts) and len(rows):
            self._write_ratings(rows, score(self.classifier, [self.images.embeddings_of(rows)]))

    def _write_ratings(self, rows: NDArray[np.int64], scored: Scored) -> None:
        self._scores[rows] = scored.ratings.scores
        self._probabilities[rows] = scored.ratings.probabilities
        keys = [concept.key for concept in scored.classifier.concepts]
        # The last entry answers for column -1: no suggestion.
        self._suggested[rows] = np.array([*keys, NO_CONCEPT], np.int32)[scored.suggestions.best]
        self._probability[rows] = scored.suggestions.probability


def _grown(rows: NDArray[np.float32], more: int) -> NDArray[np.float32]:
    return np.concatenate([rows, np.full((more, rows.shape[1]), np.nan, dtype=np.float32)])
