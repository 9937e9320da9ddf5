import os
import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cache_help import lookup
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from nameplate.inference.runtime.providers import DeviceReport
from nameplate.pipeline.reading import batch_encoder, embedding, pools, prefetch
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed, FilesSeen
from nameplate.pipeline.reading.batching import CPU_BATCH_SIZE, plan_batches
from nameplate.pipeline.reading.collection import embed_all
from nameplate.pipeline.reading.embedding import (
    Priority,
    embed_images,
    embed_with_cache,
    open_embedding_cache,
)
from nameplate.pipeline.reading.pools import MIN_IO_THREADS
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.storage.speeds import MIN_IMAGES, measured_speeds
from nameplate.wording.texts import what_of
from tiny_model import on_session


@pytest.fixture(scope="module")
def model(tiny_model):
    return replace(load_model(tiny_model, device="cpu"), concurrency=2)


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for number in range(40):
        path = tmp_path / f"{number:02}.png"
        Image.new("RGB", (40, 30 + number), (number * 6, 255 - number * 6, 80)).save(path)
        paths.append(path)
    return paths


@pytest.fixture
def cache(tmp_path, model):
    with EmbeddingCache(tmp_path / "cache", model.fingerprint) as cache:
        yield cache


def vectors_in(events):
    """Return the vector of each row."""
    vectors = {}
    for event in events:
        if isinstance(event, Embedded):
            vectors |= dict(zip(event.rows.tolist(), event.embeddings, strict=True))
    return vectors


def embed(paths, model, *, cache=None):
    events = list(embed_images(range(len(paths)), paths, model, cache=cache, cancel=CancelToken()))
    return events, vectors_in(events)


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


def test_as_many_batches_are_encoded_at_once_as_the_model_allows(pictures, model, monkeypatch):
    encode, together = model.image.vectors, threading.Barrier(model.concurrency, timeout=10)

    def encode_beside_the_others(batch, cancel=None):
        together.wait()  # each batch waits until all of them are being encoded
        return encode(batch, cancel)

    monkeypatch.setattr(model.image, "vectors", encode_beside_the_others)
    _, vectors = embed(pictures, model)
    assert len(vectors) == 40


def test_an_image_that_takes_long_holds_up_no_other(pictures, model, monkeypatch):
    decode, others_are_done = prefetch.decode, threading.Event()

    def decode_one_slowly(path, **options):
        assert path != pictures[2] or others_are_done.wait(10)
        return decode(path, **options)

    monkeypatch.setattr(prefetch, "decode", decode_one_slowly)
    order = []
    for event in embed_images(range(40), pictures, model, cache=None, cancel=CancelToken()):
        order += event.rows.tolist()
        if len(order) >= 32:  # the last batch waits for the slow one, the one before it was begun
            others_are_done.set()
    assert sorted(order) == list(range(40))
    assert order.index(2) >= 36


def test_files_that_a_drive_keeps_waiting_take_no_core(pictures, model, monkeypatch):
    content_key, others_are_done = prefetch.content_key, threading.Event()
    waiting = {
        pictures[number] for number in range(MIN_IO_THREADS - 1)
    }  # as many as there are cores

    def read_some_slowly(path, cancel):
        assert path not in waiting or others_are_done.wait(10)
        return content_key(path, cancel)

    monkeypatch.setattr(prefetch, "content_key", read_some_slowly)
    monkeypatch.setattr(pools, "available_cpus", lambda: 2)
    order = []
    for event in embed_images(range(40), pictures, model, cache=None, cancel=CancelToken()):
        order += event.rows.tolist()
        if len(order) >= 32:
            others_are_done.set()
    assert set(order[36:]) >= {0, 1, 2}
    assert sorted(order) == list(range(40))


def test_what_goes_wrong_in_a_thread_is_raised_where_the_events_are_read(
    pictures, model, monkeypatch
):
    def fault(_path, **_options):
        raise ZeroDivisionError("a fault of the program")

    monkeypatch.setattr(prefetch, "decode", fault)
    with pytest.raises(ZeroDivisionError, match="a fault of the program"):
        embed(pictures, model)


def test_after_a_cancel_nothing_more_is_decoded(pictures, model, monkeypatch):
    read, decode, goes_on = [], prefetch.decode, threading.Semaphore(CPU_BATCH_SIZE)

    def decode_when_allowed(path, **options):
        assert goes_on.acquire(timeout=10)
        read.append(path)
        return decode(path, **options)

    monkeypatch.setattr(prefetch, "BATCHES_AHEAD", 10)
    monkeypatch.setattr(prefetch, "decode", decode_when_allowed)
    monkeypatch.setattr(pools, "available_cpus", lambda: 2)
    cancel = CancelToken()
    events = embed_images(
        range(40), pictures, replace(model, concurrency=1), cache=None, cancel=cancel
    )
    threading.Timer(
        0.2, goes_on.release, [CPU_BATCH_SIZE]
    ).start()  # one batch is encoded, one waits
    next(events)
    cancel.cancel()
    threading.Timer(0.2, goes_on.release, [40]).start()
    assert len(list(events)) <= 1
    assert len(read) <= 2 * CPU_BATCH_SIZE + 2  # those that were about to be decoded


def test_a_card_is_called_by_one_thread_and_never_waits_for_a_batch(pictures, model, monkeypatch):
    callers, waiting = set(), []
    on_card = on_session(model, LostCard(model, after=99))
    encode, started = on_card.image.vectors, batch_encoder.BatchEncoder._submit

    def encode_watched(batch, cancel=None):
        callers.add(threading.current_thread().name)
        time.sleep(0.01)
        return encode(batch, cancel)

    def start_watched(self, items):
        started(self, items)
        waiting.append(len(self._running))

    monkeypatch.setattr(on_card.image, "vectors", encode_watched)
    monkeypatch.setattr(batch_encoder.BatchEncoder, "_submit", start_watched)
    monkeypatch.setattr(pools, "available_cpus", lambda: 2)
    _, vectors = embed(3 * pictures, on_card)
    assert len(vectors) == 120
    assert callers == {"encode_0"}
    assert max(waiting) == 2


def test_one_batch_at_a_time_is_encoded_where_a_run_takes_all_cores(pictures, model, monkeypatch):
    encode, inside, most = model.image.vectors, [], []

    def encode_watched(batch, cancel=None):
        inside.append(batch)
        most.append(len(inside))
        time.sleep(0.005)
        inside.pop()
        return encode(batch, cancel)

    monkeypatch.setattr(model.image, "vectors", encode_watched)
    embed(pictures, replace(model, concurrency=1))
    assert set(most) == {1}


def test_what_was_yielded_before_a_cancel_and_after_it_is_cached(pictures, model, cache):
    cancel, rows = CancelToken(), []
    for event in embed_images(range(40), pictures, model, cache=cache, cancel=cancel):
        rows += event.rows.tolist()
        cancel.cancel()
    assert CPU_BATCH_SIZE <= len(rows) <= model.concurrency * CPU_BATCH_SIZE
    assert set(lookup(cache, pictures)) == set(rows)


@pytest.mark.parametrize("are_renamed", [False, True])
def test_known_images_are_not_decoded_again(pictures, model, cache, monkeypatch, are_renamed):
    _, before = embed(pictures, model, cache=cache)
    if are_renamed:
        pictures = [path.rename(path.with_name("moved-" + path.name)) for path in pictures]
    monkeypatch.setattr(prefetch, "decode", None)
    _, after = embed(pictures, model, cache=cache)
    assert len(after) == 40
    for row, vector in before.items():
        np.testing.assert_array_equal(after[row], vector)


def counted(model, monkeypatch):
    """Count the rows that are encoded, in a list of the sizes of batches."""
    encode, sizes = model.image.vectors, []

    def encode_and_count(batch, cancel=None):
        sizes.append(len(batch))
        return encode(batch, cancel)

    monkeypatch.setattr(model.image, "vectors", encode_and_count)
    return sizes


@pytest.mark.parametrize("apart", [1, 20, 60])
def test_copies_of_one_file_are_encoded_once(pictures, model, tmp_path, cache, monkeypatch, apart):
    copy = tmp_path / "copy.png"
    copy.write_bytes(pictures[0].read_bytes())
    others = [tmp_path / f"more-{number}.png" for number in range(60)]
    for number, path in enumerate(others):
        Image.new("RGB", (20, 20 + number), (number, 200, 9)).save(path)
    files = [pictures[0], *others[: apart - 1], copy]
    sizes = counted(model, monkeypatch)

    _, vectors = embed(files, model, cache=cache)
    assert len(lookup(cache, files)) == len(files)

    assert sum(sizes) == len(files) - 1
    np.testing.assert_array_equal(vectors[0], vectors[len(files) - 1])


def test_a_damaged_image_and_its_copy_both_keep_their_remark(tmp_path, cache, model):
    noise = np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8)
    whole = tmp_path / "whole.jpg"
    Image.fromarray(noise).save(whole)
    files = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for file in files:
        file.write_bytes(whole.read_bytes()[:-2000])

    events, vectors = embed(files, model, cache=cache)
    assert not lookup(cache, files)

    notes = {}
    for event in events:
        notes |= event.notes
    assert set(vectors) == set(notes) == {0, 1}


class Watched:
    """Counts how many images were read ahead of the encoder."""

    def __init__(self, model, monkeypatch):
        self.read, self.encoded, self.most = [], 0, 0
        self._lock = threading.Lock()
        read, encode = prefetch.decode, model.image.vectors

        def decode(path, **options):
            with self._lock:
                self.read.append(path.name)
                self.most = max(self.most, len(self.read) - self.encoded)
            return read(path, **options)

        def encode_slowly(batch, cancel=None):
            time.sleep(0.02)  # the preprocessor has time to run ahead
            vectors = encode(batch, cancel)
            with self._lock:
                self.encoded += len(batch)
            return vectors

        monkeypatch.setattr(prefetch, "decode", decode)
        monkeypatch.setattr(model.image, "vectors", encode_slowly)


def test_few_images_are_read_ahead_of_the_encoder(pictures, model, monkeypatch):
    monkeypatch.setattr(prefetch, "BATCHES_AHEAD", 1)
    monkeypatch.setattr(pools, "available_cpus", lambda: 2)
    watched = Watched(model, monkeypatch)

    embed(pictures, model)

    in_flight = plan_batches(model).images_in_flight
    assert in_flight < watched.most <= 3 * in_flight


def test_where_little_memory_is_free_hardly_any_image_is_read_ahead(pictures, model, monkeypatch):
    held = 3 * 32 * 32 * 4
    monkeypatch.setattr(prefetch, "free_bytes", lambda: 4 * held / prefetch.MEMORY_SHARE)
    monkeypatch.setattr("nameplate.pipeline.reading.batching.free_bytes", lambda: 0)
    watched = Watched(model, monkeypatch)

    _, vectors = embed(pictures[:12], model)

    assert len(vectors) == 12
    assert watched.most <= 4 + 1 + 1


def test_images_that_a_person_looks_at_are_read_first(pictures, model):
    priority = Priority()
    priority.put([115, 116, 999, 117])
    order = []
    for event in embed_images(
        range(120), 3 * pictures, model, cache=None, cancel=CancelToken(), priority=priority
    ):
        if isinstance(event, FilesSeen):
            continue
        order += event.rows.tolist()
        if len(order) <= CPU_BATCH_SIZE:
            priority.put([115, 119, 118])

    assert order[:3] == [115, 116, 117]
    assert sorted(order) == list(range(120))
    # What was decoded by then does not wait for the new priorities.
    assert set(order[:40]) >= {118, 119}


def test_priorities_that_change_before_they_are_met_lose_no_image(pictures, model, monkeypatch):
    monkeypatch.setattr(embedding, "FIRST_LOOKUP", 2)
    monkeypatch.setattr(prefetch, "BATCHES_AHEAD", 0)
    monkeypatch.setattr(pools, "available_cpus", lambda: 1)
    priority = Priority()
    priority.put(range(10, 120))
    order = []
    for event in embed_images(
        range(120), 3 * pictures, model, cache=None, cancel=CancelToken(), priority=priority
    ):
        if isinstance(event, FilesSeen):
            continue
        order += event.rows.tolist()
        if len(order) == 8:
            priority.put([119])

    assert set(order[:8]) <= set(range(10, 10 + 8 + MIN_IO_THREADS))
    assert order.index(119) < 40
    assert sorted(order) == list(range(120))


def test_rows_may_come_in_any_order_and_with_gaps(pictures, model):
    rows = [(number * 7) % 40 + 1000 for number in range(40)]
    priority = Priority()
    priority.put([rows[-1], 5])

    job = embed_images(rows, pictures, model, cache=None, cancel=CancelToken(), priority=priority)
    events = [event for event in job if not isinstance(event, FilesSeen)]
    _, plain = embed(pictures, model)

    got = vectors_in(events)
    assert events[0].rows[0] == rows[-1]
    for number, row in enumerate(rows):
        np.testing.assert_allclose(got[row], plain[number], atol=1e-6)


@pytest.mark.parametrize("has_cache", [False, True])
def test_who_shows_images_is_told_size_and_date_of_each_file(pictures, model, tmp_path, has_cache):
    files = [*pictures[:5], tmp_path / "gone.png"]
    os.utime(files[2], (1_700_000_000, 1_700_000_000))
    for _ in range(2):  # with a cache, the second time all are known
        with open_embedding_cache(model) as cache:
            known = cache if has_cache else None
            job = embed_images(
                range(6), files, model, cache=known, cancel=CancelToken(), priority=Priority()
            )
            told = [event for event in job if isinstance(event, FilesSeen)]
        assert np.concatenate([event.rows for event in told]).tolist() == list(range(6))
        seen = np.concatenate([event.files for event in told])
        assert seen["size"].tolist() == [*(path.stat().st_size for path in files[:5]), -1]
        assert seen["changed_at"][2] == 1_700_000_000_000
        assert seen["changed_at"][5] == -1


def test_all_known_images_show_before_the_unknown_ones_are_encoded(
    pictures, model, cache, monkeypatch
):
    monkeypatch.setattr(embedding, "FIRST_LOOKUP", 10)
    embed(pictures[20:], model, cache=cache)
    order = []
    for event in embed_images(range(40), pictures, model, cache=cache, cancel=CancelToken()):
        order += event.rows.tolist()
    # Lookups of 10 and then 20 and 10 images, a batch after each.
    assert set(order[:36]) >= set(range(20, 40))
    assert sorted(order) == list(range(40))


def test_a_lost_device_is_reported_once_and_the_work_goes_on(pictures, model, monkeypatch):
    on_card = on_session(model, LostCard(model, after=2))

    files = [*pictures, *pictures]
    events = list(embed_images(range(80), files, on_card, cache=None, cancel=CancelToken()))

    changes = [event for event in events if isinstance(event, DeviceChanged)]
    assert len(vectors_in(events)) == 80
    assert len(changes) == 1
    assert what_of(changes[0].message) == (
        "cuda failed: the model failed (CUDA failure 999). Continuing on the CPU."
    )
    assert changes[0].device.device == on_card.device.device == "cpu"
    assert measured_speeds() == {}


def test_a_command_passes_on_that_the_device_was_lost(pictures, model):
    on_card = on_session(model, LostCard(model, after=2))
    notes = []

    table = ImageTable()
    table.add(pictures)
    embed_all(
        table,
        on_card,
        cache=None,
        cancel=CancelToken(),
        on_progress=lambda _: None,
        on_note=notes.append,
    )

    assert np.isfinite(table.embeddings).all()
    assert len(notes) == 1
    assert "Continuing on the CPU" in what_of(notes[0])


class LostCard:
    """The real session of `model`, said to run on a card that is lost after some runs."""

    def __init__(self, model, after):
        self._real = model.image._session
        self.name, self.inputs, self.outputs = "m", self._real.inputs, self._real.outputs
        self._left = after
        self.device = DeviceReport("auto", "cuda", self.providers)

    @property
    def providers(self):
        card = ("CUDAExecutionProvider",) if self._left else ()
        return (*card, "CPUExecutionProvider")

    def run(self, feeds, output_names=None, cancel=None):
        if self._left:
            self._left -= 1
            if not self._left:
                cause = Message("model-could-not-run", {"why": "CUDA failure 999"})
                why = Message("device-failed", {"device": "cuda", "reason": cause})
                self.device = replace(self.device, device="cpu", note=why)
        return self._real.run(feeds, output_names)


@pytest.mark.parametrize(("count", "times"), [(10, 0), (40, 1)])
def test_the_memory_that_a_long_run_freed_is_given_back(pictures, model, monkeypatch, count, times):
    given_back = []
    monkeypatch.setattr(embedding, "LARGEST_LOOKUP", 20)
    monkeypatch.setattr(embedding, "give_back_freed_memory", lambda: given_back.append(1))
    embed(pictures[:count], model)
    assert len(given_back) == times


def test_the_speed_of_a_run_is_remembered(model, tmp_path):
    files = [tmp_path / f"{number}.png" for number in range(MIN_IMAGES)]
    for number, path in enumerate(files):  # no copies, of which some may be encoded once
        Image.new("RGB", (40, 30), (number, 80, 80)).save(path)
    embed(files, model)

    ((key, speed),) = measured_speeds().items()
    assert key == ("tiny", "cpu")
    assert speed > 1


def test_images_that_were_known_say_nothing_of_speed(pictures, model, cache):
    files = [*pictures, *pictures]
    embed(pictures, model, cache=cache)
    embed(files, model, cache=cache)
    assert measured_speeds() == {}


def test_a_folder_that_goes_away_fails_image_by_image_and_ends(
    pictures, model, tmp_path, monkeypatch
):
    monkeypatch.setattr(prefetch, "BATCHES_AHEAD", 0)
    monkeypatch.setattr(pools, "available_cpus", lambda: 1)
    gone = tmp_path / "drive"
    gone.mkdir()
    moved = [path.rename(gone / path.name) for path in pictures]
    failed, done = [], 0
    for event in embed_images(range(40), moved, model, cache=None, cancel=CancelToken()):
        if isinstance(event, Failed):
            failed.append(event)
        else:
            done += len(event.rows)
            if gone.is_dir():
                shutil.rmtree(gone)

    assert done + len(failed) == 40
    assert failed
    assert len({event.reason for event in failed}) == 1  # a window can say it once for all


def test_an_image_that_changes_while_it_is_read_is_not_remembered_as_it_was(
    pictures, model, cache, monkeypatch
):
    decode = prefetch.decode

    def decode_and_change(path, **options):
        decoded = decode(path, **options)
        if path == pictures[3]:
            Image.new("RGB", (64, 64), "white").save(path)
        return decoded

    monkeypatch.setattr(prefetch, "decode", decode_and_change)
    _, vectors = embed(pictures[:8], model, cache=cache)
    assert set(lookup(cache, pictures[:8])) == set(range(8)) - {3}
    monkeypatch.setattr(prefetch, "decode", decode)
    _, again = embed(pictures[3:4], model, cache=cache)
    assert len(vectors) == 8
    assert np.abs(again[0] - vectors[3]).max() > 0.01


def test_a_file_that_grows_while_it_is_read_is_read_anew_next_time(
    pictures, model, cache, monkeypatch
):
    content_key = prefetch.content_key

    def grow_and_hash(path, cancel):
        with path.open("ab") as stream:
            stream.write(b"more")
        return content_key(path, cancel)

    monkeypatch.setattr(prefetch, "content_key", grow_and_hash)
    _, vectors = embed(pictures[:2], model, cache=cache)
    assert not lookup(cache, pictures[:2])
    assert set(vectors) == {0, 1}


def test_a_cache_folder_that_cannot_be_written_is_reported_once_and_stops_nothing(
    pictures, model, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(embedding, "default_folder", lambda: tmp_path / "file" / "cache")

    events = list(
        embed_with_cache(range(40), pictures, model, use_cache=True, cancel=CancelToken())
    )

    assert sum(len(event.rows) for event in events if isinstance(event, Embedded)) == 40
    assert len([event for event in events if isinstance(event, Message)]) == 1


def test_large_jpegs_are_decoded_at_reduced_size_where_nothing_is_lost_by_it(tmp_path, model):
    large = tmp_path / "large.jpg"
    ramp = np.linspace(0, 255, 800).astype(np.uint8)
    picture = np.stack([np.tile(ramp, (600, 1)), np.full((600, 800), 90, np.uint8)] * 2, axis=2)
    Image.fromarray(picture[:, :, :3].copy()).save(large, quality=92)
    spec = model.manifest.image

    array, note = prefetch.read_pixels(large, spec)

    whole = pixels(Image.open(large).convert("RGB"), spec)
    assert array.shape == (3, 32, 32)
    assert note is None
    assert np.abs(array - whole).max() < 0.1
    assert not np.array_equal(array, whole)  # it was decoded at reduced size


def test_a_vector_that_is_not_finite_is_a_failure_and_is_not_cached(
    pictures, model, cache, monkeypatch
):
    encode = model.image.vectors

    def encode_with_a_hole(batch, cancel=None):
        vectors = encode(batch, cancel)
        vectors.embeddings[0] = np.nan
        return vectors

    monkeypatch.setattr(model.image, "vectors", encode_with_a_hole)
    events, _ = embed(pictures[:4], model, cache=cache)
    assert set(lookup(cache, pictures[:4])) == {1, 2, 3}
    assert [e.row for e in events if isinstance(e, Failed)] == [0]
