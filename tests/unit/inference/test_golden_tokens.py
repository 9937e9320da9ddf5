"""Difficult prompts have the same tokens as with the original tokenizers.

`tests/parity/make_golden_tokens.py` asked the originals; no training framework is needed here.
"""

import gzip

import pytest

from nameplate.inference.specs import TextSpec
from nameplate.inference.tokenizer import Tokenizer, clean
from parity.golden_prompts import PROMPTS, golden, whole_merges, whole_words

GOLDEN = golden()
NUMBERS = range(len(PROMPTS))


def spec(context, cleaning):
    return TextSpec("text.onnx", "tokenizer", context, "max_length", 0, cleaning)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "bpe_simple_vocab_16e6.txt.gz"
    merges = whole_merges(GOLDEN["clip"]["merges"])
    path.write_bytes(gzip.compress(merges.encode(), compresslevel=1))
    return Tokenizer(path, spec(77, "clip"))


@pytest.fixture(scope="module")
def chinese(tmp_path_factory):
    path = tmp_path_factory.mktemp("chinese") / "vocab.txt"
    words = GOLDEN["chinese"]
    path.write_text(whole_words(words["words"], words["count"]), encoding="utf-8")
    return Tokenizer(path, spec(52, "lower"))


def test_the_golden_file_is_of_these_prompts():
    assert GOLDEN["prompts"] == list(PROMPTS)


@pytest.mark.parametrize("number", NUMBERS)
def test_clips_tokens_are_those_of_open_clip(clip, number):
    wanted = GOLDEN["clip"]["ids"][number]
    assert clip.tokens([PROMPTS[number]]).ids.tolist() == [wanted + [0] * (77 - len(wanted))]


@pytest.mark.parametrize("number", NUMBERS)
def test_chinese_clips_tokens_are_those_of_cn_clip(chinese, number):
    wanted = GOLDEN["chinese"]["ids"][number]
    assert chinese.tokens([PROMPTS[number]]).ids.tolist() == [wanted + [0] * (52 - len(wanted))]


@pytest.mark.parametrize("cleaning", ["repair", "canonicalize", "siglip"])
def test_cleaned_texts_are_those_of_open_clip_and_big_vision(cleaning):
    assert [clean(prompt, cleaning) for prompt in PROMPTS] == GOLDEN[cleaning]
