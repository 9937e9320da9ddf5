"""Finds names that a model makes little of, such as words of a language that it does not read."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.prompt_encoder import ConceptEncoder

_MODEL: Final = "starter"
_TEMPLATES: Final = "none"
"""The model, and the sentences, that the figures below were measured with."""

_NEAR_NOTHING: Final = 0.88
_PIECES: Final = 2
"""A name is little known if its vector is so near that of prompts which name nothing (cosine), and
its tokenizer, which has common words whole, takes so many pieces a word.

Measured on common nouns: 1 of 111 English ones, 59 of 100 German, 43 of 97 French. So a list of
three German names is noticed 19 times of 20. Names with letters that English has not (ä, é, ж) are
little known, too.
"""


def little_known(
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    model: LoadedModel,
    encoder: ConceptEncoder,
) -> list[str]:
    """Return the names that the model makes little of; none for a model that was not measured.

    Called on the thread that owns the text session.
    """
    if model.manifest.id != _MODEL or template_set.id != _TEMPLATES or not concepts:
        return []
    near = encoder.vectors(concepts, template_set) @ encoder.neutral()
    tokenizer = model.text.tokenizer
    return [
        concept.name
        for concept, cosine in zip(concepts, near.tolist(), strict=True)
        if _is_foreign(concept.name)
        or (
            cosine > _NEAR_NOTHING
            and tokenizer.pieces(concept.name) >= _PIECES * len(concept.name.split())
        )
    ]


def _is_foreign(name: str) -> bool:
    return any(letter.isalpha() and not letter.isascii() for letter in name)
