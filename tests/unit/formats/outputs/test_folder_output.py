"""Exports that are folders: whole or not at all, and never among the pictures."""

import errno
import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError
from nameplate.formats.outputs import folder_output
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Kind

no_name_but_on_windows = pytest.mark.skipif(os.name == "nt", reason="half a letter is a name there")

KIND = Kind(Message("labels-csv"), lambda _: False)


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "pictures" / "in" / "a.jpg"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xff\xd8\xffpicture")
    return file


def output(path, *pictures):
    return FolderOutput(path, KIND, images=pictures)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_is_there_once_all_of_it_is_written(tmp_path, picture):
    target = tmp_path / "out"

    def fill(build):
        assert build.copy(str(picture), "cat/a.jpg")
        build.write_bytes("labels.csv", b"x")
        assert not target.exists()

    output(target, picture).write_folder(fill)
    assert names(target) == ["cat", "cat/a.jpg", "labels.csv"]
    assert (target / "cat" / "a.jpg").read_bytes() == picture.read_bytes()
    assert names(tmp_path) == ["out", *(f"out/{one}" for one in names(target))] + [
        "pictures",
        "pictures/in",
        "pictures/in/a.jpg",
    ]


def test_a_large_picture_is_left_midway_when_it_is_cancelled(tmp_path, picture):
    os.truncate(picture, 1 << 40)  # no disk has room for it

    def fill(build):
        threading.Timer(0.1, build.cancel.cancel).start()
        build.copy(str(picture), "a.jpg")

    with pytest.raises(CancelledError):
        output(tmp_path / "out", picture).write_folder(fill)
    assert names(tmp_path) == ["pictures", "pictures/in", "pictures/in/a.jpg"]


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError()]
)
@pytest.mark.parametrize("transfer", [FolderBuild.copy, FolderBuild.link])
def test_what_fails_midway_leaves_nothing_and_every_picture(tmp_path, picture, failure, transfer):
    def fill(build):
        transfer(build, str(picture), "a.jpg")
        raise failure

    with pytest.raises(OutputError if isinstance(failure, OSError) else type(failure)):
        output(tmp_path / "out", picture).write_folder(fill)
    assert names(tmp_path) == ["pictures", "pictures/in", "pictures/in/a.jpg"]


def test_a_picture_that_vanished_is_a_problem_and_the_others_are_written(tmp_path, picture):
    def fill(build):
        assert not build.copy(str(picture.with_name("gone.jpg")), "gone.jpg")
        assert not build.link(str(picture.with_name("gone.jpg")), "gone.jpg")
        assert build.link(str(picture), "a.jpg")

    build = output(tmp_path / "out", picture).write_folder(fill)
    assert names(tmp_path / "out") == ["a.jpg"]
    assert [why.code for _, why in build.problems] == ["has-vanished"] * 2


TRANSFERS = (FolderBuild.copy, FolderBuild.link)
PRIVATE = b"-----BEGIN OPENSSH PRIVATE KEY-----"


def secret(path):
    path.write_bytes(PRIVATE)


def link_to_a_secret(path):
    secret(path.with_name("id_rsa"))
    path.symlink_to(path.with_name("id_rsa"))


def hard_link_to_a_secret(path):
    secret(path.with_name("id_rsa"))
    path.hardlink_to(path.with_name("id_rsa"))


NO_PICTURES = {
    "a secret": secret,
    "a link to a secret": link_to_a_secret,
    "a hard link to a secret": hard_link_to_a_secret,
    "a link to a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a file without size": lambda path: path.symlink_to("/proc/self/environ"),
    "a pipe": lambda path: os.mkfifo(path),
    "a link to a pipe": lambda path: (os.mkfifo(path.with_name("p")), path.symlink_to("p")),
    "a folder": Path.mkdir,
    "an empty file": Path.touch,
    "a text that is called like a TGA": lambda path: secret(path),
}


@pytest.mark.skipif(os.name == "nt", reason="pipes and devices of POSIX")
@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize("made", NO_PICTURES)
def test_what_is_no_picture_is_not_taken(tmp_path, picture, transfer, made):
    source = picture.with_name("b.tga" if "TGA" in made else "b.jpg")
    NO_PICTURES[made](source)
    before = source.lstat().st_ino
    build = output(tmp_path / "out", picture).write_folder(
        lambda build: transfer(build, str(source), "b.jpg") and None
    )
    assert names(tmp_path / "out") == []
    assert len(build.problems) == 1
    assert source.lstat().st_ino == before


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize(
    "path",
    ["/a\0b.jpg", pytest.param("/\ud800.jpg", marks=no_name_but_on_windows)],
)
def test_what_is_no_path_is_a_problem(tmp_path, picture, transfer, path):
    build = output(tmp_path / "out", picture).write_folder(
        lambda build: transfer(build, path, "b.jpg") and None
    )
    assert [why.code for _, why in build.problems] == ["no-path"]


def test_a_picture_that_changes_while_it_is_copied_is_a_problem(tmp_path, picture, monkeypatch):
    picture.write_bytes(b"\xff\xd8\xff" + bytes(3_000_000))
    copy = folder_output._copy

    def slowly(*of):
        picture.write_bytes(b"\xff\xd8\xff" + b"1" * 1000)
        copy(*of)

    monkeypatch.setattr(folder_output, "_copy", slowly)
    build = output(tmp_path / "out", picture).write_folder(
        lambda build: build.copy(str(picture), "a.jpg") and None
    )
    assert [why.code for _, why in build.problems] == ["changed-meanwhile"]
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize("ending", ["tga", "dib", "tif", "ppm", "webp", "gif", "bmp", "png"])
def test_every_kind_of_picture_is_taken(tmp_path, picture, ending):
    source = picture.with_name(f"b.{ending}")
    Image.new("RGB", (20, 20), "red").save(source)
    build = output(tmp_path / "out", picture).write_folder(
        lambda build: build.copy(str(source), source.name) and None
    )
    assert build.problems == []
    assert (tmp_path / "out" / source.name).read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("pictures/in/out", "folder-among-pictures"),
        ("pictures", "folder-not-empty"),
        (".", "folder-not-empty"),
        ("a file", "file-for-folder"),
        ("missing/out", "no-folder-for-it"),
        ("link/out", "folder-among-pictures"),
    ],
)
def test_unfit_places_are_refused_before_the_work(tmp_path, picture, place, code):
    (tmp_path / "a file").write_text("x")
    (tmp_path / "link").symlink_to(picture.parent)
    with pytest.raises(OutputError) as caught:
        output(tmp_path / place, picture).check()
    assert caught.value.reason.code == code


def test_an_empty_folder_around_a_picture_that_vanished_is_refused(tmp_path):
    (tmp_path / "pictures").mkdir()
    with pytest.raises(OutputError, match="folder-around-pictures"):
        output(tmp_path / "pictures", tmp_path / "pictures" / "in" / "a.jpg").check()


def test_an_empty_folder_is_filled(tmp_path, picture):
    (tmp_path / "out").mkdir()
    output(tmp_path / "out", picture).write_folder(lambda build: build.write_bytes("x", b""))
    assert names(tmp_path / "out") == ["x"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\b", "c:x", ""])
def test_no_path_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(ValueError, match="inside a folder"):
        FolderBuild(tmp_path).open(name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_place_is_refused(tmp_path, picture):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no-permission"):
        output(tmp_path / "locked" / "out", picture).check()


def test_what_a_killed_writer_left_is_deleted_and_what_is_in_use_stays(tmp_path, picture):
    left = tmp_path / ".nameplate-folder-0123456789ab"
    (left / "content" / "x").mkdir(parents=True)
    (left / "lock").touch()
    other = tmp_path / ".nameplate-folder-of-mine"
    other.mkdir()
    is_writing, may_end = threading.Event(), threading.Event()

    def fill(build):
        is_writing.set()
        assert may_end.wait(20)
        build.write_bytes("x", b"")

    thread = threading.Thread(target=lambda: output(tmp_path / "one", picture).write_folder(fill))
    thread.start()
    assert is_writing.wait(20)
    output(tmp_path / "two", picture).write_folder(lambda build: build.write_bytes("y", b""))
    may_end.set()
    thread.join()
    assert not left.exists()
    assert other.exists()
    assert names(tmp_path / "one") == ["x"]
