"""Finds names that a model hardly knows, such as words of a language it was not trained on."""

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
_LEAST_LETTERS: Final = 2.5
"""A name is doubted where its pieces have fewer letters than this on average.

Accents do not count, as English writes loan words with them (piñata). With CLIP's vocabulary, which
has common English words whole, 1 of 588 common English nouns is doubted so, 15 of 91 rare ones
(okapi), 3 of 32 loan words and 22 of 103 common German ones: a list of five German names is noticed
7 times of 10.
"""

_STARTER: Final = "starter"
_STARTER_TEMPLATES: Final = "none"
_NEAR_NOTHING: Final = 0.9
"""The starter model's vector of the name must also be this near to that of prompts which name
nothing (cosine), with the sentences that it was measured with.

Both limits were chosen on half of the words. Of the other half 2 of 294 common English nouns are
doubted, 7 of 46 rare ones, 7 of 16 loan words and 23 of 52 German ones: a list of five is noticed 9
times of 10.
"""


def little_known(
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    model: LoadedModel,
    encoder: ConceptEncoder,
) -> list[str]:
    """Return the names that the model hardly knows.

    Those of which its vocabulary has nothing; if it reads English alone, also those in another
    script, and those that one of the measured vocabularies can only spell. Of a model whose
    languages are not known nothing else is claimed. Called on the thread that owns the text
    session.
    """
    tokenizer, is_english = model.text.tokenizer, model.manifest.languages == _ENGLISH
    is_doubted = np.zeros(len(concepts), np.bool_)
    if not is_english or not concepts:
        pass
    elif tokenizer.vocabulary_size == _CLIP_VOCABULARY:
        is_doubted = ~is_doubted
    elif (model.manifest.id, template_set.id) == (_STARTER, _STARTER_TEMPLATES):
        is_doubted = encoder.vectors(concepts, template_set) @ encoder.neutral() > _NEAR_NOTHING
    return [
        concept.name
        for concept, can_be in zip(concepts, is_doubted.tolist(), strict=True)
        if tokenizer.knows_nothing_of(concept.name)
        or (is_english and _is_in_other_script(concept.name))
        or (can_be and _is_spelt(concept.name, tokenizer))
    ]


def _is_in_other_script(name: str) -> bool:
    return any(c.isalpha() and not unicodedata.name(c, "LATIN").startswith("LATIN") for c in name)


def _is_spelt(name: str, tokenizer: Tokenizer) -> bool:
    """Return whether words are missing in the vocabulary and split into short pieces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    letters, pieces = sum(map(str.isalnum, bare)), tokenizer.pieces(bare)
    return pieces > len(bare.split()) and letters < _LEAST_LETTERS * pieces
