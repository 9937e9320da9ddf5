import numpy as np
import pytest
from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import load_model
from nameplate.services import embedding
from nameplate.services.embedding import BATCH, LOOK_AHEAD_BATCHES, Embedded, Failed, embed_images
from nameplate.storage.embedding_cache import EmbeddingCache


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model, device="cpu")


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for number in range(40):
        path = tmp_path / f"{number:02}.png"
        Image.new("RGB", (40, 30 + number), (number * 6, 255 - number * 6, 80)).save(path)
        paths.append(path)
    return paths


def embed(paths, model, *, cache=None, cancel=None):
    events = list(
        embed_images(range(len(paths)), paths, model, cache=cache, cancel=cancel or CancelToken())
    )
    vectors = {}
    for event in events:
        if isinstance(event, Embedded):
            vectors |= dict(zip(event.rows.tolist(), event.embeddings, strict=True))
    return events, vectors


def test_every_image_gets_a_unit_vector_of_its_own(pictures, model):
    _, vectors = embed(pictures, model)
    assert sorted(vectors) == list(range(40))
    np.testing.assert_allclose([np.linalg.norm(v) for v in vectors.values()], 1, atol=1e-5)


def test_an_image_alone_and_in_a_batch_gets_the_same_vector(pictures, model):
    _, together = embed(pictures, model)
    _, alone = embed(pictures[7:8], model)
    np.testing.assert_allclose(alone[0], together[7], atol=1e-6)


def test_a_failure_is_an_event_and_the_others_go_on(pictures, model):
    pictures[3].write_bytes(b"")
    pictures[4].unlink()
    events, vectors = embed(pictures, model)
    failed = {event.row: event.reason for event in events if isinstance(event, Failed)}
    assert set(failed) == {3, 4}
    assert all(failed.values())
    assert len(vectors) == 38


def test_a_cancelled_job_keeps_what_was_done_in_the_cache(pictures, model, tmp_path):
    cancel = CancelToken()
    with EmbeddingCache(tmp_path / "cache", model.fingerprint) as cache:
        job = embed_images(range(40), pictures, model, cache=cache, cancel=cancel)
        first = next(job)
        cancel.cancel()
        rest = list(job)
        assert sum(len(e.rows) for e in [first, *rest] if isinstance(e, Embedded)) < 40
        known = cache.lookup(pictures)
    assert set(first.rows.tolist()) <= set(known)


def test_known_images_are_not_decoded_again(pictures, model, tmp_path, monkeypatch):
    with EmbeddingCache(tmp_path / "cache", model.fingerprint) as cache:
        _, before = embed(pictures, model, cache=cache)
        monkeypatch.setattr(embedding, "decode", None)
        _, after = embed(pictures, model, cache=cache)
    for row, vector in before.items():
        np.testing.assert_array_equal(after[row], vector)


def test_renamed_images_are_not_decoded_again(pictures, model, tmp_path, monkeypatch):
    with EmbeddingCache(tmp_path / "cache", model.fingerprint) as cache:
        embed(pictures, model, cache=cache)
        moved = [path.rename(path.with_name("moved-" + path.name)) for path in pictures]
        monkeypatch.setattr(embedding, "decode", None)
        _, after = embed(moved, model, cache=cache)
    assert len(after) == 40


def test_few_decoded_images_wait_for_the_encoder(pictures, model, monkeypatch):
    decoded, encoded, most = 0, 0, 0

    def counting_decode(path, **options):
        nonlocal decoded, most
        decoded += 1
        most = max(most, decoded - encoded)
        return decode(path, **options)

    decode = embedding.decode
    monkeypatch.setattr(embedding, "decode", counting_decode)
    for event in embed_images(range(40), pictures, model, cache=None, cancel=CancelToken()):
        encoded += len(event.rows)
    assert most <= BATCH * (1 + LOOK_AHEAD_BATCHES) + BATCH


def test_a_vector_that_is_not_finite_is_a_failure_and_is_not_cached(
    pictures, model, tmp_path, monkeypatch
):
    encode = model.image.encode

    def encode_with_a_hole(batch):
        vectors = encode(batch).copy()
        vectors[0] = np.nan
        return vectors

    monkeypatch.setattr(model.image, "encode", encode_with_a_hole)
    with EmbeddingCache(tmp_path / "cache", model.fingerprint) as cache:
        events, _ = embed(pictures[:8], model, cache=cache)
        assert 0 not in cache.lookup(pictures[:8])
    assert [e.row for e in events if isinstance(e, Failed)] == [0]
