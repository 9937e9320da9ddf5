import errno
import os
import tarfile
from pathlib import Path

import pytest

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging.tar_index import tar_members
from nameplate.pipeline import spool
from nameplate.pipeline.spool import ListedImage, Spool


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


def fetch(image, scratch):
    spooled = Spool([image], scratch)
    spooled.fetch(0, CancelToken())
    return spooled


def test_a_name_is_relative_to_the_root_and_valid_text(tmp_path):
    root = str(tmp_path)
    assert ListedImage(str(tmp_path / "a" / "b.tar"), "c/d.jpg").name(root) == "a/b.tar/c/d.jpg"
    assert ListedImage(f"{tmp_path}2.jpg").name(root) == f"{tmp_path}2.jpg".replace(os.sep, "/")
    assert ListedImage(str(tmp_path / "\udcff.jpg")).name(root) == "\\udcff.jpg"


def test_a_file_is_read_where_it_is(tmp_path, scratch):
    assert fetch(ListedImage(str(tmp_path / "a.jpg")), scratch).paths == [tmp_path / "a.jpg"]
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
    assert error.value.reason.code == "picture-in-tar-too-large"


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
