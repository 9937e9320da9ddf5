import pytest

from nameplate.domain.errors import ModelError
from nameplate.inference.glossary import Glossary

ENGLISH = "dog\nphoto\nof\nred\nrock\nchat\npotato\nthe\n"
NAMES = (
    "de\tHund\tdog\nde\tRock\tskirt\nfr\tchat\tcat\nfr\tpomme de terre\tpotato\n"
    "fr\tépée\tsword\nja\t犬\tdog\nde\tFußball\tsoccer ball\nde\tHund\tpuppy\n"
)


@pytest.fixture
def glossary(tmp_path):
    (tmp_path / "english.txt").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "glossary.txt").write_text(NAMES, encoding="utf-8")
    return Glossary(tmp_path / "english.txt", tmp_path / "glossary.txt")


@pytest.mark.parametrize(
    "prompt", ["dog", "A photo of the RED dog.", "rock", "", "123 😀", "T dog"]
)
def test_a_prompt_in_english_stays_as_it_is(glossary, prompt):
    assert glossary.in_english(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Hund", "dog"),
        ("hund", "dog"),
        ("a photo of a Hund.", "a photo of a dog."),
        ("Pomme de  terre", "potato"),
        ("犬", "dog"),
        ("FUSSBALL", "soccer ball"),
    ],
)
def test_a_name_of_the_glossary_is_said_in_english_also_in_a_sentence(glossary, prompt, said):
    assert glossary.in_english(prompt) == said


@pytest.mark.parametrize(
    "prompt", ["Katze", "Hund und Katze", "un Hund chat", "photo de terre", "красный", "pomme"]
)
def test_a_prompt_with_other_words_is_not_english(glossary, prompt):
    assert glossary.in_english(prompt) is None


def test_a_word_of_two_languages_means_what_the_language_says(glossary):
    assert glossary.in_english("Rock") == "Rock"
    assert [glossary.said_in(one, "Rock") for one in ("de", "fr", "en")] == [
        "skirt",
        "Rock",
        "Rock",
    ]
    assert glossary.said_in("fr", "Chat") == "cat"
    assert glossary.said_in("de", "Rock Hund") == "skirt dog"
    assert glossary.said_in("de", "Rock mit Hund") == "Rock mit Hund"


@pytest.mark.parametrize(
    ("names", "language"),
    [
        (["Rock", "Hund"], "de"),
        (["rock", "dog"], "en"),
        (["chat"], "en"),
        (["chat", "épée"], "fr"),
        (["Rock", "chat", "épée", "Hund", "Fußball"], "de"),
        (["never seen"], "en"),
        ([], "en"),
    ],
)
def test_names_are_in_the_language_of_those_that_are_no_english_words(glossary, names, language):
    assert glossary.language_of(names) == language


@pytest.mark.parametrize(
    ("damaged", "content"),
    [
        ("english.txt", b"\xff\xfe"),
        ("glossary.txt", b"\xff\xfe"),
        ("glossary.txt", b"de\tHund\n"),
        ("english.txt", b"a\n" * 2_600_000),
        ("english.txt", None),
        ("glossary.txt", None),
    ],
)
def test_a_damaged_or_missing_list_is_named(tmp_path, damaged, content):
    (tmp_path / "english.txt").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "glossary.txt").write_text(NAMES, encoding="utf-8")
    (tmp_path / damaged).unlink()
    if content is not None:
        (tmp_path / damaged).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Glossary(tmp_path / "english.txt", tmp_path / "glossary.txt")
    assert damaged in str(caught.value)
