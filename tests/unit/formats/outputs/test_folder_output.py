"""Exports that are folders: whole or not at all, and never among the pictures."""

import errno
import os
import threading
from pathlib import Path

import pytest

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Kind
from nameplate.formats.outputs.safe_names import MOVES

KIND = Kind(Message("labels-csv"), lambda _: False)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "pictures" / "in" / "a.jpg"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xff\xd8\xffpicture")
    return file


def output(path: Path, *pictures: Path) -> FolderOutput:
    return FolderOutput(path, KIND, images=pictures)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_folder_is_there_once_all_of_it_is_written(tmp_path: Path, picture: Path) -> None:
    target = tmp_path / "out"

    def fill(build: FolderBuild) -> None:
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


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError()]
)
@pytest.mark.parametrize("transfer", [FolderBuild.copy, FolderBuild.link, FolderBuild.move])
def test_what_fails_midway_leaves_nothing_and_every_picture(
    tmp_path: Path, picture: Path, failure: BaseException, transfer
) -> None:
    def fill(build: FolderBuild) -> None:
        transfer(build, str(picture), "a.jpg")
        raise failure

    with pytest.raises(OutputError if isinstance(failure, OSError) else type(failure)):
        output(tmp_path / "out", picture).write_folder(fill)
    assert names(tmp_path) == ["pictures", "pictures/in", "pictures/in/a.jpg"]


def test_a_moved_picture_leaves_its_place_and_the_log_says_where_it_was(
    tmp_path: Path, picture: Path
) -> None:
    target, content = tmp_path / "out", picture.read_bytes()
    output(target, picture).write_folder(lambda build: build.move(str(picture), "c/a.jpg") and None)
    assert not picture.exists()
    assert (target / "c" / "a.jpg").read_bytes() == content
    assert str(picture) in (target / MOVES).read_text()


def test_a_picture_that_vanished_is_a_problem_and_the_others_are_written(
    tmp_path: Path, picture: Path
) -> None:
    def fill(build: FolderBuild) -> None:
        assert not build.copy(str(picture.with_name("gone.jpg")), "gone.jpg")
        assert not build.move(str(picture.with_name("gone.jpg")), "gone.jpg")
        assert build.link(str(picture), "a.jpg")

    build = output(tmp_path / "out", picture).write_folder(fill)
    assert names(tmp_path / "out") == ["a.jpg"]
    assert [why.code for _, why in build.problems] == ["has-vanished"] * 2


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
def test_unfit_places_are_refused_before_the_work(
    tmp_path: Path, picture: Path, place: str, code: str
) -> None:
    (tmp_path / "a file").write_text("x")
    (tmp_path / "link").symlink_to(picture.parent)
    with pytest.raises(OutputError) as caught:
        output(tmp_path / place, picture).check()
    assert caught.value.reason.code == code


def test_an_empty_folder_around_a_picture_that_vanished_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    with pytest.raises(OutputError, match="folder-around-pictures"):
        output(tmp_path / "pictures", tmp_path / "pictures" / "in" / "a.jpg").check()


def test_an_empty_folder_is_filled(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "out").mkdir()
    output(tmp_path / "out", picture).write_folder(lambda build: build.write_bytes("x", b""))
    assert names(tmp_path / "out") == ["x"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\b", "c:x", ""])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="inside a folder"):
        FolderBuild(tmp_path).open(name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_place_is_refused(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no-permission"):
        output(tmp_path / "locked" / "out", picture).check()


def test_what_a_killed_writer_left_is_deleted_and_what_is_in_use_stays(
    tmp_path: Path, picture: Path
) -> None:
    left = tmp_path / ".nameplate-folder-0123456789ab"
    (left / "content" / "x").mkdir(parents=True)
    (left / "lock").touch()
    other = tmp_path / ".nameplate-folder-of-mine"
    other.mkdir()
    is_writing, may_end = threading.Event(), threading.Event()

    def fill(build: FolderBuild) -> None:
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
