"""Searches: encodes what is asked for, and scores the images of a project with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ImageError, ModelError
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.filters import Term
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.models.loading import Loaded
from nameplate.pipeline.reading.batch_encoder import Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.search.rules import mean_of, query_of, scores_of
from nameplate.scoring.similarity import Similarity
from nameplate.system.failures import printable


def vectors_of_pictures(files: Sequence[Path], model: LoadedModel, cancel: CancelToken) -> Vectors:
    """Return the embeddings of pictures that are searched with, n x D.

    Raises:
        ImageError: One cannot be read.
        ModelError: The image encoder fails.
    """
    found = np.full((len(files), model.manifest.embedding_size), np.nan, np.float32)
    for event in embed_images(range(len(files)), files, model, cache=None, cancel=cancel):
        if isinstance(event, Failed):
            raise ImageError(event.reason, where=printable(str(files[event.row])))
        if isinstance(event, Embedded):
            found[event.rows] = event.embeddings
    cancel.raise_if_cancelled()
    return found


Pictures = Mapping[PurePath, Vectors | Message]
"""Of each picture that is searched with: its embedding (D), or why it has none."""


def similarity_of(
    asked: Sequence[Term],
    ids: NDArray[np.int64],
    blocks: Sequence[Vectors],
    pictures: Pictures,
    ready: Loaded,
    cancel: CancelToken,
) -> Similarity:
    """Return how much each image is like what the terms of a filter ask for.

    Each term counts as `query_of` says, several pictures in one by their mean. What cannot be
    looked for is left out, with a message. `ids` and `blocks` are of all images. Called on the
    thread that owns the text session.
    """
    wanted = _Wanted(ids, blocks, pictures, ready, cancel)
    like, unlike = list[Vectors](), list[Vectors]()
    for term in asked:
        found = wanted.vector(term.condition.target) if isinstance(term.condition, Like) else None
        if found is not None:
            (unlike if term.is_not else like).append(found)
    query, scores = None, np.empty(0, np.float32)
    if like or unlike:
        vectors = np.stack([*like, *unlike])
        query = query_of(vectors[: len(like)], vectors[len(like) :], blocks)
        scores = scores_of(blocks, query, cancel)
    problems = tuple(wanted.problems)
    return Similarity(tuple(asked), query, scores, problems, is_partial=wanted.is_partial)


@dataclass(slots=True)
class _Wanted:
    """Finds the vectors of what is asked for, and notes what has none."""

    ids: NDArray[np.int64]
    blocks: Sequence[Vectors]
    pictures: Pictures
    ready: Loaded
    cancel: CancelToken
    problems: list[Message] = field(default_factory=list[Message])
    is_partial: bool = False

    def vector(self, what: str | ImageIds | PurePath) -> Vectors | None:
        """Return the vector (D) of a sentence, of images or of a picture."""
        match what:
            case str():
                return self._of_text(what.encode(errors="replace").decode())  # no half characters
            case ImageIds():
                return self._of_images(what)
            case PurePath():
                found = self.pictures[what]
                return self._none(found) if isinstance(found, Message) else found

    def _of_text(self, text: str) -> Vectors | None:
        model = self.ready.model
        if model.text.knows_nothing_of(text):
            return self._none(Message("search-unknown-words", {"text": text}))
        if model.is_cut_short(text):
            self.problems.append(Message("search-cut-short", {"text": text}))
        try:
            return self.ready.encoder.of_texts([text], self.cancel)[0]
        except ModelError as error:
            return self._none(error.message)

    def _of_images(self, images: ImageIds) -> Vectors | None:
        rows = np.flatnonzero(images.has(self.ids))
        if not len(rows):
            return self._none(Message("search-images-gone"))
        found, unread = mean_of(self.blocks, rows)
        self.is_partial = self.is_partial or unread > 0
        return found if found is not None else self._none(Message("search-images-unread"))

    def _none(self, why: Message) -> None:
        self.problems.append(why)
