import numpy as np
import pytest

from nameplate.domain.concepts import add
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.errors import ModelError
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.prompt_encoder import NEUTRAL_PROMPTS, ConceptEncoder, build_classifier
from nameplate.storage.caches.embedding_cache import TextCache

TWO = TemplateSet("two", "Two", ("a {}.", "one {}."))
CLIP = Head("softmax", 100.0)


class Counting:
    """Encodes prompts to vectors that depend on the prompt alone, and remembers which."""

    def __init__(self):
        self.prompts = []

    def __call__(self, prompts, cancel=None):
        self.prompts += prompts
        rows = [np.random.default_rng(abs(hash(p)) % 2**32).normal(size=6) for p in prompts]
        return unit(np.stack(rows))


def test_each_prompt_is_encoded_once_however_often_concepts_change():
    encode = Counting()
    encoder = ConceptEncoder(encode)
    concepts = add((), "cat | kitten")
    encoder.vectors(concepts, TWO)
    encoder.vectors(add(concepts, "dog"), TWO)
    assert sorted(encode.prompts) == sorted(
        ["a cat.", "one cat.", "a kitten.", "one kitten.", "a dog.", "one dog."]
    )


def test_a_concepts_vector_does_not_depend_on_the_others():
    encoder = ConceptEncoder(Counting())
    alone = encoder.vectors(add((), "cat"), TWO)[0]
    beside = encoder.vectors(add(add((), "dog"), "cat"), TWO)[1]
    np.testing.assert_array_equal(alone, beside)


def test_a_synonym_shares_the_vector_and_adds_no_column():
    classifier = build_classifier(ConceptEncoder(Counting()), add((), "cat | kitten"), TWO, CLIP)
    assert classifier.vectors.shape == (1, 6)


def test_neutral_prompts_are_encoded_only_where_they_are_needed():
    encode = Counting()
    build_classifier(ConceptEncoder(encode), add((), "cat"), TWO, CLIP)
    assert not set(NEUTRAL_PROMPTS) & set(encode.prompts)
    classifier = build_classifier(ConceptEncoder(encode), add((), "cat"), TWO, CLIP, multi=True)
    assert set(NEUTRAL_PROMPTS) <= set(encode.prompts)
    assert classifier.neutral is not None


def test_a_prompt_without_a_finite_vector_is_named_and_never_used():
    encoder = ConceptEncoder(lambda prompts, _cancel: np.full((len(prompts), 3), np.nan))
    with pytest.raises(ModelError, match="no-vector-of-prompt"):
        encoder.vectors(add((), "cat"), TWO)


def test_a_sigmoid_head_without_a_bias_is_held_against_a_picture_of_nothing():
    head = Head("sigmoid", 100.0)
    classifier = build_classifier(ConceptEncoder(Counting()), add((), "cat"), TWO, head)
    assert classifier.neutral is not None


def test_kept_names_need_no_text_encoder_at_the_next_start_and_typed_ones_are_not_kept(tmp_path):
    concepts = add(add((), "cat | kitten"), "dog")
    encoder = ConceptEncoder(Counting(), TextCache(tmp_path, "model", 6))
    encoder.vectors(add(concepts, "do"), TWO)
    before = build_classifier(encoder, concepts, TWO, CLIP, multi=True)
    encoder.keep(concepts, TWO)

    encode = Counting()
    again = ConceptEncoder(encode, TextCache(tmp_path, "model", 6))
    after = build_classifier(again, concepts, TWO, CLIP, multi=True)
    assert encode.prompts == []
    np.testing.assert_array_equal(after.vectors, before.vectors)
    np.testing.assert_array_equal(after.neutral, before.neutral)
    again.vectors(add((), "do"), TWO)
    assert sorted(encode.prompts) == ["a do.", "one do."]
