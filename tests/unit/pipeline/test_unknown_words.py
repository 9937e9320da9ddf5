from dataclasses import replace
from pathlib import Path

import pytest

from nameplate.domain.concepts import Concept
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import load_model
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.unknown_words import little_known
from nameplate.storage.resources import starter_model

NOUNS = Path(__file__).parents[2] / "nouns"
ENGLISH = ["dog", "cup of coffee", "fire truck", "raccoon", "t-shirt", "golden retriever", "shirt"]
OTHERS = ["Hund", "Kürbis", "chien", "avión", "犬", "リンゴ", "苹果", "roter Apfel", "红色的苹果"]


@pytest.fixture(scope="module")
def starter():
    return load(starter_model(), "cpu")


def unknown(loaded, names):
    concepts = [Concept(key, name) for key, name in enumerate(names)]
    return little_known(concepts, loaded.template_set, loaded.model, loaded.encoder)


def test_words_of_the_starters_six_languages_are_not_doubted(starter):
    assert unknown(starter, ENGLISH) == []
    assert unknown(starter, OTHERS) == []


@pytest.mark.parametrize(
    ("language", "least", "most"),
    [
        ("english", 0, 0.01),
        ("rare_english", 0, 0.25),
        ("loan_words", 0, 0.3),
        ("german", 0, 0.02),
    ],
)
def test_few_nouns_are_doubted(starter, language, least, most):
    nouns = (NOUNS / f"{language}.txt").read_text(encoding="utf-8").split()
    assert least <= len(unknown(starter, nouns)) / len(nouns) <= most


def test_other_scripts_are_doubted_and_accents_of_words_that_it_has_are_not(starter):
    others = ["кошка", "고양이", "قطة", "cat 고양이"]
    assert unknown(starter, others) == others
    assert unknown(starter, ["café", "naïve", "crème", "piñata"]) == []


def test_what_the_vocabulary_has_nothing_of_is_told_whatever_the_languages(starter):
    manifest = replace(starter.model.manifest, languages=None, names=None)
    silent = replace(starter.model, manifest=manifest)
    names = ["🐶", "🐶 dog", "Hund", "собака"]
    assert unknown(replace(starter, model=silent), names) == ["🐶"]


def test_nothing_is_said_of_sentences_and_models_that_were_not_measured(starter, tiny_model):
    sentences = TemplateSet("simple", "a photo", ("a photo of a {}.",))
    concepts = [Concept(0, "red Hund"), Concept(1, "red собака")]
    assert little_known(concepts, sentences, starter.model, starter.encoder) == ["red собака"]
    tiny = load_model(tiny_model, device="cpu")
    assert little_known(concepts, starter.template_set, tiny, starter.encoder) == []
