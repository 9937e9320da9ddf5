import pytest

from nameplate.domain.concepts import Concept
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import load_model
from nameplate.pipeline.loading import load
from nameplate.pipeline.unknown_words import little_known
from nameplate.storage.resources import starter_model

ENGLISH = ["dog", "cup of coffee", "fire truck", "raccoon", "t-shirt", "golden retriever", "shirt"]
OTHERS = ["Hund", "Katze", "Eichhörnchen", "écureuil", "собака", "chaussure", "Schmetterling"]


@pytest.fixture(scope="module")
def starter():
    return load(starter_model(), "cpu")


def unknown(loaded, names):
    concepts = [Concept(key, name) for key, name in enumerate(names)]
    return little_known(concepts, loaded.template_set, loaded.model, loaded.encoder)


def test_words_of_another_language_are_little_known_to_the_starter_and_english_ones_are_not(
    starter,
):
    assert unknown(starter, ENGLISH) == []
    assert unknown(starter, OTHERS) == OTHERS


def test_nothing_is_said_of_a_model_that_was_not_measured(starter, tiny_model):
    sentences = TemplateSet("simple", "a photo", ("a photo of a {}.",))
    concepts = [Concept(0, "Hund")]
    assert little_known(concepts, sentences, starter.model, starter.encoder) == []
    tiny = load_model(tiny_model, device="cpu")
    assert little_known(concepts, starter.template_set, tiny, starter.encoder) == []
