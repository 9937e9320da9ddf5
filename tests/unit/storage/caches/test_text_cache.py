import numpy as np
import pytest

from cache_help import MODEL, fill, found, query, vector
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import TextCache

PROMPTS = ["a cat.", "", "x" * 100_000, "a \0 🐈 \udcff"]


def stored(folder, fingerprint="f", size=8):
    cache = TextCache(folder, fingerprint, size)
    cache.store({prompt: vector(i) for i, prompt in enumerate(PROMPTS)})
    return cache


def test_a_prompt_is_found_by_its_very_text_bit_by_bit(folder):
    found = stored(folder).find([*PROMPTS, "a cat", "A cat."])
    assert set(found) == set(PROMPTS)
    for i, prompt in enumerate(PROMPTS):
        np.testing.assert_array_equal(found[prompt], vector(i))


def test_another_model_or_size_does_not_see_it(folder):
    stored(folder)
    assert TextCache(folder, "other", 8).find(PROMPTS) == {}
    assert TextCache(folder, "f", 4).find(PROMPTS) == {}


def test_prompts_and_images_share_a_file_and_no_vector(folder, files):
    fill(folder, files)
    cache = stored(folder, MODEL)
    assert set(cache.find(PROMPTS)) == set(PROMPTS)
    assert found(folder, files) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "damage",
    ["UPDATE vectors SET vector = zeroblob(32)", "UPDATE embeddings SET checksum = 1"],
)
def test_a_damaged_vector_is_not_believed(folder, damage):
    cache = stored(folder)
    query(folder / FILE_NAME, damage)
    assert cache.find(PROMPTS) == {}
    assert set(stored(folder).find(PROMPTS)) == set(PROMPTS)


def test_where_nothing_can_be_written_nothing_is_found_and_nothing_raised(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert stored(tmp_path / "file" / "cache").find(PROMPTS) == {}
