"""Concepts to classifiers: their prompts are encoded, each once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet, prompts_of
from nameplate.scoring.scores import ensemble
from nameplate.scoring.zero_shot import Classifier
from nameplate.storage.text_cache import TextCache

EncodePrompts = Callable[[Sequence[str], CancelToken | None], Vectors]

NEUTRAL_PROMPTS: Final = ("a photo.", "a picture.", "an image of something.")
"""Prompts that name nothing: what a concept is held against where a model has no bias."""

_MOST_CACHED: Final = 50_000
_AT_A_TIME: Final = 256
"""Prompts that are lost at most when a job is cancelled."""


class ConceptEncoder:
    """Turns concepts into vectors, each prompt encoded once.

    Used from one thread at a time: the one that owns the text session.

    Attributes:
        cache: Where prompts are looked up before they are encoded; None for nowhere.
    """

    def __init__(self, encode: EncodePrompts, cache: TextCache | None = None) -> None:
        self.cache = cache
        self._encode = encode
        self._known: dict[str, Vectors] = {}
        self._on_disk = set[str]()

    def vectors(
        self,
        concepts: Sequence[Concept],
        template_set: TemplateSet,
        cancel: CancelToken | None = None,
    ) -> Vectors:
        """Return the K x D unit vectors of `concepts` under `template_set`.

        Raises:
            ModelError: The model gives no finite vector for a prompt.
            CancelledError: `cancel` was set; what was encoded by then is kept for the next time.
        """
        prompts = [prompts_of(concept, template_set) for concept in concepts]
        self._learn({p for of_one in prompts for p in of_one}, cancel)
        rows = [ensemble(np.stack([self._known[p] for p in of_one])) for of_one in prompts]
        return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)

    def keep(self, classifier: "Classifier") -> None:
        """Keep what the concepts of `classifier` were made of in the cache, for the next start.

        Not done for every name: those that a person is still typing are of no use later.
        """
        if self.cache is None:
            return
        prompts = {p for c in classifier.concepts for p in prompts_of(c, classifier.template_set)}
        if classifier.neutral is not None:
            prompts.update(NEUTRAL_PROMPTS)
        new = (prompts & self._known.keys()) - self._on_disk
        if new:
            self.cache.store({prompt: self._known[prompt] for prompt in new})
            self._on_disk |= new

    def neutral(self) -> Vectors:
        """Return the unit vector (D) of the neutral prompts."""
        self._learn(set(NEUTRAL_PROMPTS), None)
        return ensemble(np.stack([self._known[p] for p in NEUTRAL_PROMPTS]))

    def _learn(self, prompts: set[str], cancel: CancelToken | None) -> None:
        new = sorted(prompts - self._known.keys())
        if len(self._known) + len(new) > _MOST_CACHED:
            self._known.clear()
            new = sorted(prompts)
        if new and self.cache is not None:
            found = self.cache.find(new)
            self._known.update(found)
            self._on_disk |= found.keys()
            new = [prompt for prompt in new if prompt not in found]
        for start in range(0, len(new), _AT_A_TIME):
            some = new[start : start + _AT_A_TIME]
            vectors = self._encode(some, cancel)
            if not np.isfinite(vectors).all():
                bad = some[int(np.argmin(np.isfinite(vectors).all(axis=1)))]
                raise ModelError(f"the model gives no finite vector for “{bad[:80]}”")
            self._known.update(zip(some, vectors, strict=True))


def build_classifier(
    encoder: ConceptEncoder,
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    head: Head,
    *,
    multi: bool = False,
    cancel: CancelToken | None = None,
) -> Classifier:
    """Encode `concepts` and return the classifier.

    Raises:
        ModelError: As `ConceptEncoder.vectors` does.
        CancelledError: Likewise.
    """
    stands_alone = multi or head.kind == "sigmoid"
    vectors = encoder.vectors(concepts, template_set, cancel)
    neutral = encoder.neutral() if stands_alone and head.bias is None else None
    return Classifier(tuple(concepts), vectors, template_set, head, multi, neutral)


def names_cut_short(
    concepts: Iterable[Concept], template_set: TemplateSet, is_cut: Callable[[str], bool]
) -> list[str]:
    """Return the names of the concepts whose longest prompt the model does not read to its end."""
    longest = ((c.name, max(prompts_of(c, template_set), key=len)) for c in concepts)
    return [name for name, prompt in longest if is_cut(prompt)]
