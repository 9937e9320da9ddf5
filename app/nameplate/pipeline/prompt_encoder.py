"""Encodes the prompts of concepts, each only once, and builds classifiers from them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet, prompts_of
from nameplate.inference.model import LoadedModel
from nameplate.scoring.scores import ensemble
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.storage.caches.embedding_cache import TextCache, default_folder

EncodePrompts = Callable[[Sequence[str], CancelToken | None], Vectors]

NEUTRAL_PROMPTS: Final = ("a photo.", "a picture.", "an image of something.")
"""Prompts that name nothing: what a concept is compared with where a model has no bias."""

_MAX_IN_MEMORY: Final = 50_000
_BLOCK_SIZE: Final = 256
"""Prompts encoded in one call; a cancelled job loses at most so many."""


def text_cache(model: LoadedModel) -> TextCache:
    """Return this person's cache of prompt embeddings for `model`."""
    return TextCache(default_folder(), model.fingerprint, model.manifest.embedding_size)


class ConceptEncoder:
    """Encodes concepts into vectors; each prompt is encoded once and kept in memory.

    Called from one thread at a time: the one that owns the text session.

    Attributes:
        cache: Where prompts are looked up before they are encoded; None for no cache.
        translator_for: Returns for names that belong together the translator of one of them into
            prompts, as `LoadedModel.translator_for` does.
    """

    def __init__(
        self,
        encode: EncodePrompts,
        cache: TextCache | None = None,
        translator_for: Callable[[Sequence[str]], Callable[[str], str]] = lambda _names: str,
    ) -> None:
        self.cache = cache
        self.translator_for = translator_for
        self._encode = encode
        self._known: dict[str, Vectors] = {}
        self._on_disk = set[str]()

    def said_of(self, concepts: Sequence[Concept]) -> Callable[[str], str]:
        """Return how the names of concepts are said in prompts.

        Raises:
            ModelError: A list of names cannot be loaded.
        """
        return self.translator_for([name for concept in concepts for name in concept.names])

    def vectors(
        self,
        concepts: Sequence[Concept],
        template_set: TemplateSet,
        cancel: CancelToken | None = None,
    ) -> Vectors:
        """Return the K x D unit vectors of `concepts` under `template_set`.

        Raises:
            ModelError: The model gives no finite vector for a prompt.
            CancelledError: `cancel` was set; prompts encoded by then are kept in memory.
        """
        said = self.said_of(concepts)
        prompts = [prompts_of(concept, template_set, said) for concept in concepts]
        self._encode_new({p for of_one in prompts for p in of_one}, cancel)
        rows = [ensemble(np.stack([self._known[p] for p in of_one])) for of_one in prompts]
        return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)

    def of_texts(self, texts: Sequence[str], cancel: CancelToken | None = None) -> Vectors:
        """Return the n x D unit vectors of texts, n >= 1, as they stand: without templates.

        Raises:
            ModelError: As `vectors` does.
        """
        self._encode_new(set(texts), cancel)
        return np.stack([self._known[text] for text in texts])

    def keep(self, concepts: Sequence[Concept], template_set: TemplateSet) -> None:
        """Store the encoded prompts of `concepts` in the cache, for the next start.

        Not done for every prompt: names that a person is still typing are of no use later.
        """
        if self.cache is None:
            return
        said = self.said_of(concepts)
        prompts = {p for c in concepts for p in prompts_of(c, template_set, said)}
        prompts.update(NEUTRAL_PROMPTS)
        new = (prompts & self._known.keys()) - self._on_disk
        if new:
            self.cache.store({prompt: self._known[prompt] for prompt in new})
            self._on_disk |= new

    def neutral(self) -> Vectors:
        """Return the unit vector (D) of the neutral prompts' ensemble."""
        self._encode_new(set(NEUTRAL_PROMPTS), None)
        return ensemble(np.stack([self._known[p] for p in NEUTRAL_PROMPTS]))

    def _encode_new(self, prompts: set[str], cancel: CancelToken | None) -> None:
        new = sorted(prompts - self._known.keys())
        if new and len(self._known) + len(new) > _MAX_IN_MEMORY:
            self._known.clear()
            new = sorted(prompts)
        if new and self.cache is not None:
            found = self.cache.find(new)
            self._known.update(found)
            self._on_disk |= found.keys()
            new = [prompt for prompt in new if prompt not in found]
        for start in range(0, len(new), _BLOCK_SIZE):
            some = new[start : start + _BLOCK_SIZE]
            vectors = self._encode(some, cancel)
            if not np.isfinite(vectors).all():
                bad = some[int(np.argmin(np.isfinite(vectors).all(axis=1)))]
                raise ModelError("no-vector-of-prompt", prompt=bad[:80])
            self._known.update(zip(some, vectors, strict=True))


def build_classifier(
    encoder: ConceptEncoder,
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    head: Head,
    *,
    multi: bool = False,
    cancel: CancelToken | None = None,
) -> ZeroShot:
    """Encode `concepts` and return the zero-shot classifier.

    Raises:
        ModelError: As `ConceptEncoder.vectors` does.
    """
    is_per_concept = multi or head.kind == "sigmoid"
    vectors = encoder.vectors(concepts, template_set, cancel)
    neutral = encoder.neutral() if is_per_concept and head.bias is None else None
    return ZeroShot(tuple(concepts), vectors, template_set, head, multi, neutral)


def names_cut_short(
    concepts: Iterable[Concept], template_set: TemplateSet, is_cut: Callable[[str], bool]
) -> list[str]:
    """Return the names of concepts whose longest prompt is truncated by the model."""
    longest = ((c.name, max(prompts_of(c, template_set), key=len)) for c in concepts)
    return [name for name, prompt in longest if is_cut(prompt)]
