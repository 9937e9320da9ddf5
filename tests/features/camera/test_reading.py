"""What cameras wrote is read once, kept beside the project, and read anew from another file."""

import numpy as np
import pytest

from features.camera.camera_pictures import draw, draw_holiday
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.camera.exif_cache import FILE_NAME, ExifCache
from nameplate.features.camera.reading import ToRead, read_all
from nameplate.imaging.exif import Exif

NOTHING = Exif()
FUJI = Exif(63_853_797_791_000, "FUJIFILM X100V")


@pytest.fixture
def kept(tmp_path):
    with ExifCache(tmp_path / "cache") as opened:
        yield opened


@pytest.fixture
def unreadable(monkeypatch):
    """No file can be read from now on."""

    def fail():
        def refuse(*_, **__):
            raise AssertionError("a file was read")

        monkeypatch.setattr("nameplate.features.camera.exif_cache.read_exif", refuse)

    return fail


def test_a_file_is_read_once(kept, tmp_path, unreadable):
    paths = sorted(draw_holiday(tmp_path / "p").rglob("*.jpg"))
    found = kept.read(paths, CancelToken())
    assert found[0] == FUJI
    assert found[2] == NOTHING
    unreadable()
    with ExifCache(tmp_path / "cache") as again:
        assert again.read(paths, CancelToken()) == found


def test_another_file_of_the_same_name_is_read_anew(kept, tmp_path):
    path = draw(tmp_path / "a.jpg", "2024:06:12 14:03:11", ("FUJIFILM", "X100V"))
    assert kept.read([path], CancelToken()) == [FUJI]
    draw(path, camera=("", "Other"))
    assert kept.read([path], CancelToken()) == [Exif(camera="Other")]


def test_a_damaged_cache_is_made_anew(tmp_path):
    path = draw(tmp_path / "a.jpg", camera=("", "Other"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FILE_NAME).write_bytes(b"no database" * 1000)
    with ExifCache(tmp_path / "cache") as kept:
        for _ in range(2):
            assert kept.read([path], CancelToken()) == [Exif(camera="Other")]


def test_what_was_read_before_cancelling_is_kept(kept, tmp_path, monkeypatch):
    paths = sorted(draw_holiday(tmp_path / "p").rglob("*.jpg"))
    token, read = CancelToken(), list[str]()

    def read_two(path, *_, **__):
        read.append(path.name)
        if len(read) == 2:
            token.cancel()
        return NOTHING

    monkeypatch.setattr("nameplate.features.camera.exif_cache.read_exif", read_two)
    with pytest.raises(CancelledError):
        kept.read(paths, token)
    kept.read(paths, CancelToken())
    assert read == ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]


def test_removed_pictures_are_not_read_and_files_that_are_gone_say_nothing(kept, tmp_path):
    images = ImageTable()
    images.add([*sorted(draw_holiday(tmp_path / "p").rglob("*.jpg")), tmp_path / "gone.jpg"])
    images.is_removed[1] = True
    *_, found = read_all(ToRead.of(images), kept, CancelToken())
    assert found["taken"].rows["none"].tolist() == [2, 5]
    assert found["camera"].numbers.tolist() == [0, -1, -1, 0, 1, -1]
    assert found["camera"].texts == ("FUJIFILM X100V", "NIKON D750")


def test_no_pictures_have_no_cameras(kept):
    *_, found = read_all(ToRead.of(ImageTable()), kept, CancelToken())
    assert found["camera"].texts == ()
    assert not len(np.concatenate([one.numbers for one in found.values()]))
