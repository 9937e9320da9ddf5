"""The benchmark's own images: real pictures of the sizes that are claimed, the same each time."""

import shutil

import pytest
from PIL import Image

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.services.benchmark import collection as made
from nameplate.services.benchmark.collection import (
    KINDS,
    MAIN,
    Collection,
    make_collection,
    make_image,
)
from nameplate.storage.decode import decode
from nameplate.storage.resources import resource

IMAGES = 3


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    return make_collection(tmp_path_factory.mktemp("made") / "here", IMAGES, CancelToken())


def test_every_kind_is_there_and_has_the_size_that_its_name_says(collection):
    for kind in KINDS:
        files = collection.files(kind)
        assert len(files) == kind.count(IMAGES)
        for file in files:
            picture = decode(file)
            assert picture.notes == ()
            assert picture.width * picture.height == pytest.approx(kind.megapixels * 1e6, rel=0.01)


def test_the_pictures_are_photographs_and_not_flat_colours(collection):
    for file in collection.files(MAIN):
        with Image.open(file) as image:
            assert all(high - low > 100 for low, high in image.getextrema())
        assert file.stat().st_size > 80_000


@pytest.mark.parametrize("kind", [k for k in KINDS if k.megapixels <= 2 and k.suffix != ".heic"])
def test_a_number_gives_the_same_file_each_time(collection, tmp_path, kind):
    made._write(tmp_path, kind, 0, CancelToken())
    (again,) = (tmp_path / kind.folder).iterdir()
    assert again.read_bytes() == collection.files(kind)[0].read_bytes()


def test_another_number_of_the_same_sample_gives_another_picture():
    samples = len(list(resource("samples").glob("*.jpg")))
    assert make_image(MAIN, 0).tobytes() != make_image(MAIN, samples).tobytes()


def test_the_many_small_files_are_all_different(collection):
    files = list(collection.many.rglob("*.jpg"))
    assert len(files) == collection.many_count == IMAGES * made.MANY_FOR_EACH
    assert len({file.read_bytes() for file in files}) == len(files)
    assert decode(files[0]).notes == ()


def test_a_mixed_collection_has_as_many_paths_as_asked_for_and_large_ones_among_them(collection):
    paths = collection.mixed(40)
    assert len(paths) == 40
    assert {path.parent.name for path in paths} == set(made.MIXED)


def test_a_kept_collection_is_taken_again_and_not_made_twice(collection):
    before = collection.files(MAIN)[0].stat().st_mtime_ns
    assert make_collection(collection.folder, IMAGES, CancelToken()) == collection
    assert collection.files(MAIN)[0].stat().st_mtime_ns == before


def test_a_folder_with_something_else_is_left_alone(collection, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        make_collection(tmp_path, IMAGES, CancelToken())
    with pytest.raises(UsageError, match="something else"):
        make_collection(collection.folder, IMAGES + 1, CancelToken())
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_disk_without_room_is_noticed_before_anything_is_written(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=made.bytes_needed(IMAGES) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(OutputError, match="MB are free"):
        make_collection(tmp_path / "new", IMAGES, CancelToken())
    assert not list((tmp_path / "new").iterdir())


def test_a_collection_takes_no_more_room_than_was_asked_for(collection):
    files = [path for path in collection.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < made.bytes_needed(IMAGES)


def test_a_cancel_leaves_nothing_that_a_later_run_would_stumble_over(tmp_path):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        make_collection(tmp_path / "half", IMAGES, cancel)
    assert not list((tmp_path / "half").iterdir())


def test_where_heic_cannot_be_written_the_kind_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(made, "can_write_heic", lambda: False)
    heic = next(kind for kind in KINDS if kind.suffix == ".heic")
    (tmp_path / heic.folder).mkdir()
    made._write(tmp_path, heic, 0, CancelToken())
    assert Collection(tmp_path, IMAGES).files(heic) == []
    assert len(Collection(tmp_path, IMAGES).mixed(5)) == 0
