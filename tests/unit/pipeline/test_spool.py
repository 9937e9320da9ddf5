import errno
import tarfile
from pathlib import Path

import pytest

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.image_list import ListedImage
from nameplate.imaging.tar_index import tar_members
from nameplate.pipeline import spool
from nameplate.pipeline.spool import Spool


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def tar(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"one")
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(tmp_path / "a.jpg", "../../evil.jpg")
    return tmp_path / "all.tar"


def image_in(tar):
    with tar.open("rb") as stream:
        (member,) = tar_members(stream)
    return ListedImage(str(tar), member.name, member.offset, member.size)


def fetch(image, scratch, root=""):
    spooled = Spool([image], root, scratch)
    spooled.fetch(0, CancelToken())
    return spooled


def test_a_file_is_read_where_it_is(tmp_path, scratch):
    assert fetch(ListedImage("a.jpg"), scratch, str(tmp_path)).paths == [tmp_path / "a.jpg"]
    assert not list(scratch.iterdir())


def test_a_picture_of_a_tar_file_is_written_to_the_scratch_folder_whatever_its_name(tar, scratch):
    image = image_in(tar)
    spooled = fetch(image, scratch)
    assert spooled.paths == [scratch / "0"]
    assert (scratch / "0").read_bytes() == b"one"
    spooled.discard(0)
    assert not list(scratch.iterdir())


def test_a_tar_file_that_became_shorter_is_a_reason(tar, scratch):
    image = image_in(tar)
    tar.write_bytes(tar.read_bytes()[: image.offset + 1])
    with pytest.raises(ImageError) as error:
        fetch(image, scratch)
    assert error.value.reason.code == "tar-cut-short"


def test_what_is_too_large_is_not_fetched(tar, scratch, monkeypatch):
    monkeypatch.setattr(spool, "MOST_BYTES", 2)
    image = image_in(tar)
    with pytest.raises(ImageError) as error:
        fetch(image, scratch)
    assert error.value.reason.code == "remote-too-large"


def test_on_a_full_disk_no_half_of_a_picture_stays(tar, scratch, monkeypatch):
    write = Path.write_bytes

    def fill(path, content):
        write(path, content[:1])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "write_bytes", fill)
    image = image_in(tar)
    with pytest.raises(ImageError):
        fetch(image, scratch)
    assert not list(scratch.iterdir())
