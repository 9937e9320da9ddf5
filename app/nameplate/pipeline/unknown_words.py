"""Finds names that a model makes little of, such as words of a language that it does not read."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.inference.tokenizer import Tokenizer
from nameplate.pipeline.prompt_encoder import ConceptEncoder

_ENGLISH: Final = "English"
"""What a manifest says of a model that reads nothing else."""

_CLIP_VOCABULARY: Final = 49_408
_CLIP_LETTERS: Final = 2.5
"""With CLIP's vocabulary, which has common English words whole, a name is doubted where its pieces
have fewer letters than this on average.

Measured on nouns: 1 of 588 common English ones, 15 of 91 rare ones (okapi), 32 of 103 common
German ones. So a list of three German names is noticed 2 times of 3.
"""

_STARTER: Final = "starter"
_STARTER_TEMPLATES: Final = "none"
_STARTER_LETTERS: Final = 3.0
_NEAR_NOTHING: Final = 0.88
"""The starter model's vector of the name must also be this near to that of prompts which name
nothing (cosine), with the sentences that it was measured with.

Of the same nouns: 5 of 588, 24 of 91, 59 of 103. A list of three German names is noticed 9 times
of 10.
"""


def little_known(
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    model: LoadedModel,
    encoder: ConceptEncoder,
) -> list[str]:
    """Return the names that the model makes little of.

    Those of which its vocabulary has nothing; if it reads English alone, also those in another
    script, and those that one of the measured vocabularies can only spell. Of a model whose
    languages are not known nothing else is claimed. Called on the thread that owns the text
    session.
    """
    tokenizer, is_english = model.text.tokenizer, model.manifest.languages == _ENGLISH
    is_doubted, most = np.zeros(len(concepts), np.bool_), 0.0
    if not is_english or not concepts:
        pass
    elif tokenizer.vocabulary_size == _CLIP_VOCABULARY:
        is_doubted, most = ~is_doubted, _CLIP_LETTERS
    elif (model.manifest.id, template_set.id) == (_STARTER, _STARTER_TEMPLATES):
        near = encoder.vectors(concepts, template_set) @ encoder.neutral()
        is_doubted, most = near > _NEAR_NOTHING, _STARTER_LETTERS
    return [
        concept.name
        for concept, can_be in zip(concepts, is_doubted.tolist(), strict=True)
        if tokenizer.knows_nothing_of(concept.name)
        or (is_english and _is_in_other_script(concept.name))
        or (can_be and _is_spelt(concept.name, tokenizer, most))
    ]


def _is_in_other_script(name: str) -> bool:
    return any(c.isalpha() and not unicodedata.name(c, "LATIN").startswith("LATIN") for c in name)


def _is_spelt(name: str, tokenizer: Tokenizer, most: float) -> bool:
    """Return whether words are not in the vocabulary, and their pieces are short or accented."""
    letters, pieces = sum(map(str.isalnum, name)), tokenizer.pieces(name)
    return pieces > len(name.split()) and (not name.isascii() or letters < most * pieces)
