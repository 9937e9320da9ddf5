import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.errors import ModelError
from nameplate.inference.manifest import read_manifest
from nameplate.inference.tokenizer import PROMPT_LIMIT, Tokenizer, clean
from nameplate.wording.texts import what_of
from tiny_model import build_tiny_model

START, END, UNKNOWN = 2, 3, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("tiny"), context_length=8)


@pytest.fixture(scope="module")
def spec(folder):
    return read_manifest(folder).text


@pytest.fixture(scope="module")
def tokenizer(folder, spec):
    return Tokenizer(folder / "tokenizer.json", spec)


def test_prompts_are_padded_to_the_longest(tokenizer):
    ids = tokenizer.tokens(["red", "a photo of the dog"]).ids

    assert ids.dtype == np.int64
    assert ids.shape == (2, 7)
    assert ids[0].tolist() == [START, 4, END, 0, 0, 0, 0]
    assert ids[1, [0, -1]].tolist() == [START, END]


def test_prompts_are_padded_to_the_context_where_the_tower_needs_it(folder, spec):
    padded = replace(spec, padding="max_length", pad_id=1)

    ids = Tokenizer(folder / "tokenizer.json", padded).tokens(["red"]).ids

    assert ids.tolist() == [[START, 4, END, 1, 1, 1, 1, 1]]


def test_the_mask_tells_padding_even_where_its_id_is_the_end_token(folder, spec):
    tokens = Tokenizer(folder / "tokenizer.json", replace(spec, pad_id=END)).tokens(
        ["red", "a red dog"]
    )

    assert tokens.ids[0].tolist() == [START, 4, END, END, END]
    assert tokens.mask.tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


def test_a_long_prompt_is_cut_and_keeps_its_end_token(tokenizer):
    long = " ".join(["red"] * 20)

    ids = tokenizer.tokens([long]).ids

    assert ids.tolist() == [[START, 4, 4, 4, 4, 4, 4, END]]
    assert tokenizer.is_truncated(long)


def test_a_prompt_that_just_fits_is_not_cut(tokenizer):
    fits = " ".join(["red"] * 6)

    assert not tokenizer.is_truncated(fits)
    assert tokenizer.is_truncated(fits + " dog")


def test_the_padding_and_truncation_in_the_file_do_not_count(folder, spec, tmp_path):
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    content["truncation"] = {
        "max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"
    }  # fmt: skip
    content["padding"] = {
        "strategy": {"Fixed": 32}, "direction": "Left", "pad_to_multiple_of": None,
        "pad_id": 1, "pad_type_id": 0, "pad_token": "[UNK]",
    }  # fmt: skip
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    ids = Tokenizer(path, spec).tokens(["a red dog", "a"]).ids

    assert ids.shape == (2, 5)
    assert ids[1].tolist()[2:] == [END, 0, 0]


def test_nothing_and_an_empty_prompt_have_ids_too(tokenizer):
    assert tokenizer.tokens([]).ids.shape == (0, 1)
    assert tokenizer.tokens([""]).ids.tolist() == [[START, END]]
    assert tokenizer.lengths(["", "red"]).tolist() == [2, 3]


def test_a_length_that_is_too_short_is_refused(tokenizer):
    with pytest.raises(ValueError, match="5 tokens, more than 4"):
        tokenizer.tokens(["a red dog"], length=4)


@given(st.text(max_size=60))
def test_any_text_can_be_encoded(tokenizer, text):
    ids = tokenizer.tokens([text]).ids

    assert ids.shape[1] <= 8
    assert ids.max() < tokenizer.vocabulary_size


def test_a_surrogate_from_the_name_of_a_file_is_no_error(tokenizer):
    assert tokenizer.tokens(["caf\udce9"]).ids.tolist() == [[START, UNKNOWN, UNKNOWN, END]]


def test_a_missing_tokenizer_is_named(spec, tmp_path):
    with pytest.raises(ModelError, match="model-file-missing") as caught:
        Tokenizer(tmp_path / "tokenizer.json", spec)

    assert caught.value.where.endswith("tokenizer.json")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not json", b'{"model": {"type": "No"}}', b"\xff"]
)
def test_a_damaged_tokenizer_is_named(spec, tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)

    with pytest.raises(ModelError, match="no-tokenizer"):
        Tokenizer(path, spec)


def test_a_tokenizer_that_is_a_folder_is_called_one(spec, tmp_path):
    with pytest.raises(ModelError, match="model-file-is-folder"):
        Tokenizer(tmp_path, spec)


def test_a_context_without_room_for_a_word_is_refused(folder, spec):
    with pytest.raises(ModelError, match=r"added=2, most=2"):
        Tokenizer(folder / "tokenizer.json", replace(spec, context_length=2))


@pytest.mark.parametrize(
    ("cleaning", "text", "expected"),
    [
        ("whitespace", "  A  red\n\tDog. ", "A red Dog."),
        ("whitespace", "salt &amp; pepper", "salt &amp; pepper"),
        ("none", "  A  red\n\tDog. \x1c", "  A  red\n\tDog. \x1c"),
        ("repair", "  A  red\n\tDog. ", "A red Dog."),
        ("repair", "Salt &amp;amp; “Pepper”", 'Salt & "Pepper"'),
        ("clip", "  A  red\n\tDog. ", "a red dog."),
        ("clip", "Salt &amp;amp; Pepper", "salt & pepper"),
        ("clip", "sea_lion", "sea_lion"),
        ("canonicalize", "A photo of a Sea_Lion.", "a photo of a sea lion"),
        ("canonicalize", "it's  (very) red!", "its very red"),
        ("canonicalize", "&lt;b&gt; Größe", "b größe"),
    ],
)
def test_cleaning_is_that_of_the_training(cleaning, text, expected):
    assert clean(text, cleaning) == expected


def _without_unknown(content):
    del content["model"]["vocab"]["[UNK]"]


def _without_unknown_id(content):
    content["model"] = {"type": "Unigram", "unk_id": None, "vocab": [["a", -1.0], ["b", -2.0]]}


def _strange_template(content):
    content["post_processor"]["single"].insert(0, {"SpecialToken": {"id": "[NO]", "type_id": 0}})


def _bad_charsmap(content):
    content["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": "AAAA"}


@pytest.mark.parametrize(
    "damage", [_without_unknown, _without_unknown_id, _strange_template, _bad_charsmap]
)
def test_a_tokenizer_that_fails_inside_is_refused_when_it_is_loaded(folder, spec, tmp_path, damage):
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    damage(content)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(ModelError, match="no-tokenizer") as caught:
        Tokenizer(path, spec)

    assert caught.value.where == str(path)
    assert len(what_of(caught.value.reason)) < 400


class _Failing:
    def __init__(self, error):
        self._error = error

    def encode_batch(self, texts):
        raise self._error


def test_a_failure_with_a_later_prompt_is_a_model_error(folder, spec):
    panic = type("PanicException", (BaseException,), {})
    for error in (Exception("lost"), panic("lost")):
        tokenizer = Tokenizer(folder / "tokenizer.json", spec)
        tokenizer._tokenizer = _Failing(error)
        with pytest.raises(ModelError, match="no-tokenizer"):
            tokenizer.tokens(["red"])


def test_an_interruption_is_not_taken_for_a_damaged_tokenizer(folder, spec):
    tokenizer = Tokenizer(folder / "tokenizer.json", spec)
    tokenizer._tokenizer = _Failing(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        tokenizer.tokens(["red"])


def test_a_prompt_of_megabytes_is_cut_before_it_is_tokenised(tokenizer):
    long = "red " * 100_000

    assert tokenizer.tokens([long]).ids.tolist() == [[START, 4, 4, 4, 4, 4, 4, END]]
    assert tokenizer.is_truncated(long)
    assert tokenizer.is_truncated("x" * (PROMPT_LIMIT + 1))
    assert not tokenizer.is_truncated("x" * PROMPT_LIMIT)
    assert not tokenizer.is_truncated("red" + " " * 100_000)
