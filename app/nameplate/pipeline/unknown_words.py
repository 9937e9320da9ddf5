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

_SCRIPTS: Final = {"ja": ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC"), "zh": ("CJK",)}
"""Of languages that are not written in Latin letters: how the names of their letters begin."""

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
"""


def little_known(
    concepts: Sequence[Concept],
    template_set: TemplateSet,
    model: LoadedModel,
    encoder: ConceptEncoder,
) -> list[str]:
    """Return the names that the model hardly knows.

    Those of which its vocabulary has nothing; if it reads English alone, or English and the
    languages of a second text encoder, also those in another script, and those that one of the
    measured vocabularies can only spell. Of a model whose languages are not known nothing else is
    claimed. Called on the thread that owns the text session.
    """
    names = model.manifest.names
    is_measured = names is not None or model.manifest.languages == _ENGLISH
    scripts = (
        "LATIN",
        *(s for one in (names.languages if names else ()) for s in _SCRIPTS.get(one, ())),
    )
    nearness = np.zeros(len(concepts), np.float32)
    if not is_measured or not concepts:
        pass
    elif model.text.tokenizer.vocabulary_size == _CLIP_VOCABULARY:
        nearness += 1
    elif (model.manifest.id, template_set.id) == (_STARTER, _STARTER_TEMPLATES):
        nearness = encoder.vectors(concepts, template_set) @ encoder.neutral()
    said = encoder.said_of(concepts)
    return [
        concept.name
        for concept, near in zip(concepts, nearness.tolist(), strict=True)
        if not concept.is_reject
        and (
            (is_measured and _is_in_other_script(concept.name, scripts))
            or model.text.knows_nothing_of(said(concept.name))
            or (near > _NEAR_NOTHING and _is_doubted(said(concept.name), model))
        )
    ]


def _is_doubted(name: str, model: LoadedModel) -> bool:
    """Return whether a name that is near nothing is one that the vocabulary can only spell.

    A second encoder gives a name that vector only where it knows nothing like it.
    """
    in_english = model.text.in_english(name)
    return in_english is None or _is_spelt(in_english, model.text.tokenizer)


def _is_in_other_script(name: str, scripts: tuple[str, ...]) -> bool:
    return any(c.isalpha() and not unicodedata.name(c, "LATIN").startswith(scripts) for c in name)


def _is_spelt(name: str, tokenizer: Tokenizer) -> bool:
    """Return whether words are missing in the vocabulary and split into short pieces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    letters, pieces = sum(map(str.isalnum, bare)), tokenizer.pieces(bare)
    return pieces > len(bare.split()) and letters < _LEAST_LETTERS * pieces
