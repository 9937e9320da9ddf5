import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cache_help import MODEL, fill, found, lookup, lookup_content, query, vector
from nameplate.storage.caches import embedding_cache
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.system import file_status
from nameplate.system.file_status import content_key


def test_what_was_stored_is_found_again_bit_by_bit(folder, files):
    fill(folder, files[:3])
    with EmbeddingCache(folder, MODEL) as cache:
        hits = lookup(cache, [*files, files[0]])
    assert sorted(hits) == [0, 1, 2, 5]
    assert all((hits[i] == vector(i)).all() for i in range(3))
    assert (hits[5] == vector(0)).all()
    hits[0][0] = 1  # the caller's own, and writable


def test_another_model_does_not_see_it(folder, files):
    fill(folder, files)
    assert found(folder, files, "other") == []
    fill(folder, files[:1], "other")
    assert found(folder, files, "other") == [0]
    assert found(folder, files) == [0, 1, 2, 3, 4]


def test_a_lookup_reads_no_file(folder, files, monkeypatch):
    fill(folder, files)
    monkeypatch.setattr(embedding_cache, "content_key", lambda _: pytest.fail("read"))
    assert found(folder, files) == [0, 1, 2, 3, 4]


def test_a_changed_file_is_a_miss(folder, files):
    fill(folder, files)
    files[0].write_bytes(b"another picture")
    status = files[1].stat()
    files[1].write_bytes(b"picture X")  # as long as before
    later = status.st_mtime_ns + 100  # the least that Windows' disks tell apart
    os.utime(files[1], ns=(status.st_atime_ns, later))
    files[2].unlink()
    assert found(folder, files) == [3, 4]


def test_moved_renamed_and_copied_files_are_found_by_content(folder, files, tmp_path):
    fill(folder, files)
    moved = tmp_path / "moved.jpg"
    files[0].rename(moved)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(files[1].read_bytes())
    other = tmp_path / "other.jpg"
    other.write_bytes(b"picture Z")
    paths = [moved, copy, other, files[0], tmp_path]
    with EmbeddingCache(folder, MODEL) as cache:
        assert lookup(cache, paths) == {}
        hits = lookup_content(cache, paths)
        assert sorted(hits) == [0, 1]
        assert (hits[0] == vector(0)).all()
        assert sorted(lookup(cache, paths)) == [0, 1]  # now at the cost of a stat


def test_a_file_that_changed_while_it_was_encoded_is_not_stored(folder, files):
    with EmbeddingCache(folder, MODEL) as cache:
        assert lookup(cache, files) == {}
        files[0].write_bytes(b"changed meanwhile")
        files[1].unlink()
        cache.store([(file, vector(i)) for i, file in enumerate(files)])
        assert sorted(lookup(cache, files)) == [2, 3, 4]


def test_vectors_that_are_not_finite_or_have_the_wrong_length_are_not_kept(folder, files):
    bad = vector(0)
    bad[3] = np.nan
    with EmbeddingCache(folder, MODEL, size=8) as cache:
        cache.store([(files[0], bad), (files[1], vector(1, size=4)), (files[2], vector(2))])
        assert sorted(lookup(cache, files)) == [2]
    with EmbeddingCache(folder, MODEL, size=4) as cache:
        assert lookup(cache, files) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vectors SET vector = zeroblob(32)",
        "UPDATE vectors SET vector = substr(vector, 1, 16)",
        "UPDATE vectors SET vector = NULL",
        "UPDATE vectors SET vector = 'text'",
        "UPDATE embeddings SET checksum = NULL",
        """UPDATE vectors SET vector = (SELECT vector FROM vectors ORDER BY id DESC)
           WHERE id = (SELECT min(id) FROM vectors)""",
        """UPDATE files SET content = (SELECT max(content) FROM files)
           WHERE content = (SELECT min(content) FROM files)""",
        "UPDATE files SET content = 'text'",
        "UPDATE files SET content = -1 - 9223372036854775807",
    ],
)
def test_what_disagrees_with_its_checksum_is_a_miss_and_is_dropped(folder, files, damage):
    fill(folder, files[:2])
    query(folder / FILE_NAME, damage)
    assert query(folder / FILE_NAME, "SELECT count(*) FROM embeddings") == [(2,)]
    assert 0 not in found(folder, files)
    fill(folder, files)
    assert found(folder, files) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "content",
    [b"", b"this is no database, but it is quite long" * 50, b"SQLite format 3\0" + b"\xff" * 8000],
)
def test_a_damaged_file_is_made_anew(folder, files, content):
    folder.mkdir(parents=True)
    (folder / FILE_NAME).write_bytes(content)
    with EmbeddingCache(folder, MODEL) as cache:
        assert bool(cache.problem) == bool(content)
        assert not content or cache.problem.code == "cache-emptied"
        assert lookup(cache, files) == {}
    fill(folder, files)
    assert found(folder, files) == [0, 1, 2, 3, 4]


def test_damage_anywhere_in_the_file_never_raises_and_never_gives_a_wrong_vector(folder, files):
    fill(folder, files)
    file = folder / FILE_NAME
    whole = file.read_bytes()
    random = np.random.default_rng(3)
    for _ in range(60):
        data = bytearray(whole)
        at = int(random.integers(len(data)))
        data[at : at + 64] = random.bytes(len(data[at : at + 64]))
        file.write_bytes(data)
        with EmbeddingCache(folder, MODEL) as cache:
            hits = lookup(cache, files)
            cache.store([(files[0], vector(0))])
            hits |= lookup_content(cache, files)
        assert all((value == vector(i)).all() for i, value in hits.items())
        for rest in folder.iterdir():
            rest.unlink()


def test_a_file_of_another_version_or_with_other_tables_is_made_anew(folder, files):
    for change in ("PRAGMA user_version = 99", "ALTER TABLE files RENAME size TO length"):
        fill(folder, files)
        query(folder / FILE_NAME, change)
        with EmbeddingCache(folder, MODEL) as cache:
            assert lookup(cache, files) == {}
            assert cache.problem.code == "cache-emptied"
            cache.store([(files[0], vector(0))])
            assert sorted(lookup(cache, files)) == [0]


def test_what_was_unused_for_longest_is_dropped_above_the_limit(folder, tmp_path, monkeypatch):
    day = 86_400.0
    now = 0.0
    images = [tmp_path / f"{i}.jpg" for i in range(200)]
    for i, image in enumerate(images):
        image.write_bytes(b"%d" % i)
    limit = 300_000
    layout = replace(embedding_cache.LAYOUT, limit=lambda: limit)
    monkeypatch.setattr(embedding_cache, "LAYOUT", layout)
    with EmbeddingCache(folder, MODEL, clock=lambda: now) as cache:
        for start in range(0, 200, 50):
            cache.store([(image, vector(i, 512)) for i, image in enumerate(images[start:][:50])])
            now += 2 * day
            assert 0 in lookup(cache, images[:1])  # used every day
        hits = lookup(cache, images)
        assert cache.problem is None
    assert 0 in hits
    assert 199 in hits
    assert not set(range(1, 50)) & set(hits)
    one_batch = 50 * 2_500  # is written before the oldest are dropped
    assert (folder / FILE_NAME).stat().st_size < 1.2 * (limit + one_batch)


def test_threads_may_take_turns(folder, files):
    with EmbeddingCache(folder, MODEL) as cache:
        with ThreadPoolExecutor(len(files)) as pool:
            list(pool.map(cache.store, [[(file, vector(i))] for i, file in enumerate(files)]))
        assert sorted(lookup(cache, files)) == [0, 1, 2, 3, 4]
        assert cache.problem is None


def test_many_paths_and_odd_names_work(folder, tmp_path):
    odd = "🐈'" if sys.platform == "win32" else "🐈'\n"  # which takes no control characters
    images = [tmp_path / f"{i}{odd}.jpg" for i in range(1100)]
    if sys.platform != "win32":
        images.append(tmp_path / os.fsdecode(b"\xff.jpg"))
    for i, image in enumerate(images):
        image.write_bytes(b"%d" % i)
    with EmbeddingCache(folder, MODEL) as cache:
        cache.store([(image, vector(i)) for i, image in enumerate(images)])
        hits = lookup(cache, images)
    assert len(hits) == len(images)
    assert all((value == vector(i)).all() for i, value in hits.items())


def test_after_closing_nothing_is_found_and_nothing_raised(folder, files):
    cache = EmbeddingCache(folder, MODEL)
    cache.close()
    cache.close()
    cache.store([(files[0], vector(0))])
    assert lookup(cache, files) == {}


def test_the_content_key_depends_on_every_byte_and_not_on_the_name(tmp_path):
    one, same, other = (tmp_path / name for name in "abc")
    one.write_bytes(bytes(3_000_000))
    same.write_bytes(bytes(3_000_000))
    other.write_bytes(bytes(1_500_000) + b"\1" + bytes(1_499_999))
    assert content_key(one) == content_key(same) != content_key(other)
    assert content_key(one).endswith("-3000000")
    with pytest.raises(OSError, match="gone"):
        content_key(tmp_path / "gone")


def test_files_of_one_size_and_time_that_swap_their_names_are_not_mixed_up(folder, files):
    for file in files:
        os.utime(file, ns=(0, 0))
    fill(folder, files)
    spare = files[0].with_name("spare.jpg")
    files[0].rename(spare)
    files[1].rename(files[0])
    spare.rename(files[1])
    with EmbeddingCache(folder, MODEL) as cache:
        hits = lookup(cache, files)
        assert not {0, 1} & set(hits)
        hits |= lookup_content(cache, files)
        assert (hits[0] == vector(1)).all()
        assert (hits[1] == vector(0)).all()


@pytest.mark.skipif(sys.platform == "win32", reason="there it is the time of creation")
def test_content_put_into_a_file_behind_its_time_and_size_is_a_miss(folder, files):
    fill(folder, files)
    status = files[0].stat()
    time.sleep(0.02)  # the clock of the file system has ticks
    with files[0].open("r+b") as stream:
        stream.write(b"PICTURE 0")
    os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    assert found(folder, files) == [1, 2, 3, 4]


def test_a_number_of_a_file_that_is_beyond_sqlite_is_no_error(folder, files, monkeypatch):
    real = os.stat

    def huge(path):
        status = real(path)
        times = {"st_ctime_ns": 5, "st_mtime_ns": 10**19}
        return os.stat_result((*status[:1], 2**64 - 1, *status[2:]), times)

    statuses = SimpleNamespace(stat=huge, fsencode=os.fsencode)
    monkeypatch.setattr(file_status, "os", statuses)
    fill(folder, files)
    assert found(folder, files) == [0, 1, 2, 3, 4]


def test_a_content_that_another_row_lays_claim_to_is_not_believed(folder, files, tmp_path):
    fill(folder, files[:2])
    file = folder / FILE_NAME
    one, other = (name for (name,) in query(file, "SELECT name FROM contents ORDER BY id"))
    query(file, "UPDATE contents SET name = 'none' WHERE name = ?", (one,))
    query(file, "UPDATE contents SET name = ? WHERE name = ?", (one, other))
    moved = files[0].rename(tmp_path / "moved.jpg")
    with EmbeddingCache(folder, MODEL) as cache:
        assert lookup_content(cache, [moved]) == {}
        assert cache.problem.code == "cache-emptied"


def test_what_is_found_is_one_array_with_the_places_that_were_asked_for(folder, files):
    fill(folder, files[:3])
    with EmbeddingCache(folder, MODEL, size=8) as cache:
        hits = cache.find([files[4], files[2], files[0], files[3]])
        assert hits.indices.tolist() == [1, 2]
        np.testing.assert_array_equal(hits.vectors, [vector(2), vector(0)])
        assert cache.find([]).vectors.shape == (0, 8)


def test_a_content_hashed_elsewhere_is_found_and_stored_without_reading_the_file(
    folder, files, tmp_path, monkeypatch
):
    keys = [content_key(file) for file in files]
    moved = tmp_path / "moved.jpg"
    monkeypatch.setattr(embedding_cache, "content_key", lambda _: pytest.fail("read"))
    with EmbeddingCache(folder, MODEL) as cache:
        cache.find(files[:2])
        cache.store([(file, vector(i)) for i, file in enumerate(files[:2])], keys[:2])
        moved.write_bytes(files[0].read_bytes())
        assert cache.find_content(moved, keys[4]) is None
        hit = cache.find_content(moved, keys[0])
        assert hit is not None
        np.testing.assert_array_equal(hit.embeddings, [vector(0)])
        assert sorted(lookup(cache, [*files, moved])) == [0, 1, 5]


def test_a_clock_that_was_wrong_costs_no_embedding(folder, files, tmp_path):
    now = 4e9  # far in the future
    with EmbeddingCache(folder, MODEL, clock=lambda: now) as cache:
        cache.store([(files[0], vector(0))])
    now = 1e9
    with EmbeddingCache(folder, MODEL, clock=lambda: now) as cache:
        assert sorted(lookup(cache, files)) == [0]
    assert query(folder / FILE_NAME, "SELECT used FROM embeddings") == [(1_000_000_000,)]


def described(value):
    return np.full((1, 5), value, np.float16)


def test_descriptors_are_kept_beside_embeddings_and_may_be_missing(folder, files):
    with EmbeddingCache(folder, MODEL, size=len(vector(0))) as cache:
        cache.store([(files[0], vector(0))])  # as a version without descriptors did
    options = {"size": len(vector(0)), "descriptor_size": 5}
    with EmbeddingCache(folder, MODEL, **options) as cache:
        cache.store([(files[1], vector(1))], None, described(0.5))
        hits = cache.find(files[:2])
        np.testing.assert_array_equal(hits.vectors, [vector(0), vector(1)])
        assert np.isnan(hits.descriptors[0]).all()
        np.testing.assert_array_equal(hits.descriptors[1:], described(0.5))
    with EmbeddingCache(folder, MODEL, describes=True, **options) as cache:
        assert sorted(lookup(cache, files[:2])) == [1]
        cache.store([(files[0], vector(0))], None, described(0.25))
        assert sorted(lookup(cache, files[:2])) == [0, 1]
