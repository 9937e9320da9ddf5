"""Scores images on the thread that embedded them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import contents_of
from nameplate.pipeline.reading.batch_encoder import Embedded, EmbedEvent
from nameplate.pipeline.reading.collection import record_event
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.suggestions import BatchScores, Suggestions

Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """Images that were embedded and scored."""

    embedded: Embedded
    scores: BatchScores


def score_events(
    events: Iterable[Event], classifier: Callable[[], Classifier | None]
) -> Iterator[Event | ScoredBatch]:
    """Pass on the events of an embedding job, adding scores of embedded images.

    Args:
        events: Of `embed_images` or `embed_with_cache`.
        classifier: Returns the one in use, asked at each event; `record` scores again where
            another one has come meanwhile.
    """
    for event in events:
        now = classifier() if isinstance(event, Embedded) else None
        if now is not None and isinstance(event, Embedded):
            yield ScoredBatch(event, BatchScores.of(now, event.vectors))
        else:
            yield event


def record(
    event: EmbedEvent | ScoredBatch, project: Project, suggestions: Suggestions
) -> NDArray[np.int64]:
    """Record the result of an embedding job, and return the rows that it is about."""
    scores = event.scores if isinstance(event, ScoredBatch) else None
    event = event.embedded if isinstance(event, ScoredBatch) else event
    record_event(event, project.images)
    if not isinstance(event, Embedded):
        return np.array([event.row], dtype=np.int64)
    if event.contents:
        project.record_contents(event.rows, contents_of(event.contents))
    suggestions.put_vectors(event.rows, event.vectors, scores)
    return event.rows
