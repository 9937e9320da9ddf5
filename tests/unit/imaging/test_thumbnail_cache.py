"""Thumbnails on disk: kept while the file is as it was, bounded, and never a reason to fail."""

import os
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from cache_help import query, transactions_tried
from nameplate.domain.errors import ImageError
from nameplate.imaging import pictures, thumbnail_cache
from nameplate.imaging.thumbnail_cache import FILE_NAME, ThumbnailCache

LONG_AGO = 1_000_000_000


def picture(file, colour, size=(400, 300)):
    """Write a picture that was last changed long ago."""
    Image.new("RGB", size, colour).save(file, "PNG", compress_level=0)
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


def colour_of(image):
    pixel = image.getpixel((image.width // 2, image.height // 2))
    return ("red", "green", "blue")[max(range(3), key=lambda i: pixel[i])]


@pytest.fixture
def red(tmp_path):
    return picture(tmp_path / "a.png", "red")


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were really read."""
    names: list[str] = []
    real = pictures.thumbnail

    def noting(path, side, cancel):
        names.append(path.name)
        return real(path, side, cancel)

    monkeypatch.setattr(pictures, "thumbnail", noting)
    return names


@pytest.fixture
def cache(folder):
    with ThumbnailCache(folder) as cache:
        yield cache


def rows(folder):
    return len(query(folder / FILE_NAME, "SELECT id FROM thumbnails"))


def test_a_file_is_read_once_for_each_size_also_by_the_next_window(folder, red, decoded):
    for _ in range(2):
        with ThumbnailCache(folder) as cache:
            assert cache.thumbnail(red, 128).size == (128, 96)
            assert cache.thumbnail(red, 256).size == (256, 192)
            assert colour_of(cache.thumbnail(red, 128)) == "red"
    assert decoded == ["a.png", "a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no time that cannot be set")
def test_a_changed_file_is_never_shown_with_its_old_picture(cache, red, decoded):
    cache.thumbnail(red, 128)
    before = red.stat()
    picture(red, "blue")  # as many bytes, and the same time of change
    assert (red.stat().st_size, red.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert colour_of(cache.thumbnail(red, 128)) == "blue"
    assert colour_of(cache.thumbnail(red, 128)) == "blue"
    assert len(decoded) == 2


def test_two_files_that_swap_their_names_swap_their_pictures(cache, red, tmp_path):
    blue = picture(tmp_path / "b.png", "blue")
    assert [colour_of(cache.thumbnail(p, 128)) for p in (red, blue)] == ["red", "blue"]
    blue.rename(tmp_path / "c.png")
    red.rename(blue)
    (tmp_path / "c.png").rename(red)
    assert [colour_of(cache.thumbnail(p, 128)) for p in (red, blue)] == ["blue", "red"]


def test_a_file_changed_while_it_is_read_is_not_kept(cache, red, folder, monkeypatch):
    real = pictures.thumbnail

    def changing(path, side, cancel):
        made = real(path, side, cancel)
        picture(path, "blue", (500, 300))
        return made

    monkeypatch.setattr(pictures, "thumbnail", changing)
    assert colour_of(cache.thumbnail(red, 128)) == "red"
    monkeypatch.setattr(pictures, "thumbnail", real)
    assert colour_of(cache.thumbnail(red, 128)) == "blue"


def test_a_file_changed_just_now_is_not_kept_since_its_time_may_stay_the_same(red, folder, decoded):
    with ThumbnailCache(folder, clock=lambda: LONG_AGO + 1) as cache:
        cache.thumbnail(red, 128)
        cache.thumbnail(red, 128)
    assert len(decoded) == 2


def test_a_small_file_is_not_kept_since_reading_it_costs_no_more(cache, tmp_path, folder, red):
    small = picture(tmp_path / "small.png", "green", (90, 60))
    assert cache.thumbnail(small, 128).size == (90, 60)
    cache.thumbnail(red, 128)
    assert rows(folder) == 1


def test_a_picture_turned_by_its_camera_is_kept_upright(cache, tmp_path, decoded):
    turned = tmp_path / "turned.jpg"
    image = Image.new("RGB", (800, 400), "blue")
    image.paste((255, 0, 0), (0, 0, 400, 400))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright: the left half becomes the top
    image.save(turned, exif=exif)
    os.utime(turned, (LONG_AGO, LONG_AGO))
    for _ in range(2):
        shown = cache.thumbnail(turned, 256)
        assert shown.size == (128, 256)
        assert colour_of(shown.crop((0, 0, 128, 120))) == "red"
        assert colour_of(shown.crop((0, 136, 128, 256))) == "blue"
    assert len(decoded) == 1


def test_an_unreadable_file_says_so_each_time(cache, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"nothing")
    for path in (tmp_path / "bad.png", tmp_path / "gone.png", Path("a\0b")):
        with pytest.raises(ImageError):
            cache.thumbnail(path, 128)
    assert cache.problem is None


# Bounds.


def test_what_was_unused_for_longest_makes_room(folder, tmp_path, decoded, monkeypatch):
    layout = replace(thumbnail_cache.LAYOUT, limit=lambda: 400_000)
    monkeypatch.setattr(thumbnail_cache, "LAYOUT", layout)
    now = [2_000_000_000.0]
    noise = [tmp_path / f"{i}.png" for i in range(12)]
    for file in noise:
        Image.effect_noise((300, 300), 90).convert("RGB").save(file)
        os.utime(file, (LONG_AGO, LONG_AGO))
    with ThumbnailCache(folder, clock=lambda: now[0]) as cache:
        for file in noise:
            now[0] += 100_000  # more than a day: using the first one is noted each time
            cache.thumbnail(file, 256)
            cache.thumbnail(noise[0], 256)
        assert cache.problem is None
        kept = rows(folder)
        assert 3 < kept < 12
        decoded.clear()
        cache.thumbnail(noise[0], 256)
        cache.thumbnail(noise[-1], 256)
        assert decoded == []
        cache.thumbnail(noise[1], 256)
        assert decoded == ["1.png"]


# Troubles.


def test_a_damaged_entry_is_noticed_and_made_anew(folder, red, decoded):
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
    ((blob,),) = query(folder / FILE_NAME, "SELECT picture FROM thumbnails")
    middle = len(blob) // 2
    bad = blob[:middle] + bytes([blob[middle] ^ 1]) + blob[middle + 1 :]
    query(folder / FILE_NAME, "UPDATE thumbnails SET picture = ?", (bad,))
    with ThumbnailCache(folder) as cache:
        assert colour_of(cache.thumbnail(red, 128)) == "red"
        assert colour_of(cache.thumbnail(red, 128)) == "red"
    assert len(decoded) == 2


def test_a_picture_that_got_into_another_files_row_is_noticed(folder, red, tmp_path):
    blue = picture(tmp_path / "b.png", "blue")
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
        cache.thumbnail(blue, 128)
    first, second = query(folder / FILE_NAME, "SELECT checksum, picture FROM thumbnails")
    for number, other in ((1, second), (2, first)):
        change = "UPDATE thumbnails SET checksum = ?, picture = ? WHERE id = ?"
        query(folder / FILE_NAME, change, (*other, number))
    with ThumbnailCache(folder) as cache:
        assert [colour_of(cache.thumbnail(p, 128)) for p in (red, blue)] == ["red", "blue"]


@pytest.mark.parametrize("damage", ["garbage", "another version", "no table"])
def test_a_damaged_file_is_made_anew_without_a_word(folder, red, decoded, damage):
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
    if damage == "garbage":
        (folder / FILE_NAME).write_bytes(b"garbage " * 1000)
    else:
        change = "PRAGMA user_version = 99" if "v" in damage else "DROP TABLE thumbnails"
        query(folder / FILE_NAME, change)
    with ThumbnailCache(folder) as cache:
        for _ in range(3):
            assert colour_of(cache.thumbnail(red, 128)) == "red"
        assert cache.problem is None
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
    assert 2 <= len(decoded) <= 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no file that is open")
def test_deleting_the_folder_under_a_window_costs_no_picture(folder, red, decoded):
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        for side in (128, 256, 512):
            assert colour_of(cache.thumbnail(red, side)) == "red"
    with ThumbnailCache(folder) as cache:
        assert colour_of(cache.thumbnail(red, 128)) == "red"
        assert cache.problem is None


def test_another_program_that_holds_the_cache_costs_one_short_wait_and_no_word(
    folder, red, monkeypatch
):
    with ThumbnailCache(folder) as cache:
        cache.thumbnail(red, 128)
        other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        tried = transactions_tried(monkeypatch)
        for side in (256, 512, 1024):
            cache.thumbnail(red, side)
        assert cache.thumbnail(red, 128).size == (128, 96)
        assert len(tried) == 1
        assert cache.problem is None
        other.close()


def test_after_closing_thumbnails_are_made_without_it(folder, red, decoded):
    cache = ThumbnailCache(folder)
    cache.close()
    assert cache.thumbnail(red, 128).size == (128, 96)
    assert not folder.exists()


def test_many_threads_may_ask_at_once(folder, tmp_path, decoded):
    files = [picture(tmp_path / f"{i}.png", ("red", "green", "blue")[i % 3]) for i in range(30)]
    wrong: list[int] = []

    def work(cache):
        for i, file in enumerate(files):
            if colour_of(cache.thumbnail(file, 128)) != ("red", "green", "blue")[i % 3]:
                wrong.append(i)

    with ThumbnailCache(folder) as one, ThumbnailCache(folder) as other:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, (one, one, other, other)))
        assert (wrong, one.problem, other.problem) == ([], None, None)
    assert rows(folder) == 30
