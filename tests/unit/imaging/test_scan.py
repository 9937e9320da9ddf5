import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import ScanProblem, relative_names, scan

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="names and links of POSIX")


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def images_of(*paths):
    return [image for batch in scan(paths) for image in batch.images]


def problems_of(*paths):
    return [problem for batch in scan(paths) for problem in batch.problems]


def names_of(folder, *paths):
    return [image.relative_to(folder).as_posix() for image in images_of(*(paths or (folder,)))]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        # Files come before folders, and both by name.
        (
            "b/2.jpg b/1.jpg a/z.png a/deep/er/x.gif z.webp c.bmp",
            "c.bmp z.webp a/z.png a/deep/er/x.gif b/1.jpg b/2.jpg",
        ),
        ("a.JPG b.Heic c.txt jpg d.jpg.part e.tar.png", "a.JPG b.Heic e.tar.png"),
        (".a.jpg .git/b.jpg @eaDir/c.jpg __MACOSX/d.jpg Thumbs.db ok.jpg", "ok.jpg"),
        # A whole drive of Windows, with what was deleted from it.
        ("$RECYCLE.BIN/S-1-5/$RA.jpg a$.jpg", "a$.jpg"),
    ],
    ids=["order", "extensions", "hidden files", "drive"],
)
def test_a_folder_gives_its_pictures_in_order(tmp_path, made, found):
    make(tmp_path, *made.split())
    assert names_of(tmp_path) == found.split()


def test_a_file_named_by_the_person_is_taken_whatever_it_is_called(tmp_path):
    make(tmp_path, "picture", ".hidden.jpg", "notes.txt")
    files = [tmp_path / "picture", tmp_path / ".hidden.jpg", tmp_path / "notes.txt"]
    assert images_of(*files) == files


def test_the_order_of_what_was_given_is_kept(tmp_path):
    make(tmp_path, "b/1.jpg", "a/1.jpg", "0.jpg")
    given = (tmp_path / "b", tmp_path / "0.jpg", tmp_path / "a")
    assert names_of(tmp_path, *given) == ["b/1.jpg", "0.jpg", "a/1.jpg"]


def test_a_file_given_twice_is_listed_once(tmp_path):
    make(tmp_path, "a.jpg", "b.jpg", "raw.xyz")
    file, other = tmp_path / "a.jpg", tmp_path / "raw.xyz"
    assert names_of(tmp_path, file, file, tmp_path, file) == ["a.jpg", "b.jpg"]
    assert names_of(tmp_path, tmp_path, file, other) == ["a.jpg", "b.jpg", "raw.xyz"]


def test_a_folder_under_two_spellings_is_entered_once(tmp_path, monkeypatch):
    make(tmp_path, "in/a.jpg", "other/b.jpg")
    monkeypatch.chdir(tmp_path)
    spellings = (Path("in"), tmp_path / "in", Path("other/../in"), Path("./in/"), Path())
    assert names_of(tmp_path, *spellings) == ["in/a.jpg", "other/b.jpg"]


def test_relative_paths_become_absolute(tmp_path, monkeypatch):
    make(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert images_of(Path()) == [tmp_path / "a.jpg"]


@on_posix
def test_links_to_folders_are_followed_and_loops_end(tmp_path):
    make(tmp_path, "in/a.jpg", "elsewhere/b.jpg")
    (tmp_path / "in/again").symlink_to(tmp_path / "in")
    (tmp_path / "in/up").symlink_to(tmp_path)
    (tmp_path / "in/far").symlink_to(tmp_path / "elsewhere")
    assert names_of(tmp_path, tmp_path / "in") == ["in/a.jpg", "in/far/b.jpg"]
    assert problems_of(tmp_path / "in") == []


@on_posix
def test_broken_links_are_problems_with_a_reason(tmp_path):
    make(tmp_path, "a.jpg")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    found = {problem.path.name: problem.reason for problem in problems_of(tmp_path)}
    assert found["gone.jpg"] == Message("is-broken-link")
    assert set(found) == {"gone.jpg", "self.jpg"}
    assert names_of(tmp_path) == ["a.jpg"]
    assert problems_of(tmp_path / "gone.jpg")[0].reason == Message("is-broken-link")
    assert len(problems_of(tmp_path / "self.jpg")) == 1


@on_posix
def test_what_is_no_file_is_a_problem_when_given_or_named_like_a_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    os.mkfifo("pipe.jpg")
    os.mkfifo("control")
    Path("link.jpg").symlink_to("pipe.jpg")
    Path("endless.jpg").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
    given = problems_of(tmp_path / "control")[0].reason
    assert given == Message("is-something-else", {"kind": Message("pipe")})
    assert problems_of(tmp_path / "link.jpg")[0].reason == given
    assert {problem.path.name: problem.reason for problem in problems_of(tmp_path)} == {
        "pipe.jpg": Message("is-no-picture", {"kind": Message("pipe")}),
        "link.jpg": Message("is-no-picture", {"kind": Message("pipe")}),
        "endless.jpg": Message("is-no-picture", {"kind": Message("device")}),
        "socket.jpg": Message("is-no-picture", {"kind": Message("socket")}),
    }
    assert images_of(tmp_path) == []


def test_missing_and_impossible_paths_are_problems(tmp_path):
    make(tmp_path, "a.jpg")
    bad = [tmp_path / "gone", Path("nul\0in it"), tmp_path / ("x" * 5000), tmp_path / "a.jpg/b"]
    problems = problems_of(*bad, tmp_path)
    assert len(problems) == 4
    assert problems[0] == ScanProblem(tmp_path / "gone", Message("is-not-there"))
    assert images_of(*bad, tmp_path) == [tmp_path / "a.jpg"]


def test_a_folder_without_permission_is_a_problem_and_the_rest_goes_on(tmp_path, monkeypatch):
    make(tmp_path, "closed/a.jpg", "open/b.jpg")
    real = os.scandir

    def guarded(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    problem = ScanProblem(tmp_path / "closed", Message("no-permission-to-open"))
    with monkeypatch.context() as patch:  # not longer: pytest, too, looks into the folder
        patch.setattr(os, "scandir", guarded)
        assert names_of(tmp_path) == ["open/b.jpg"]
        assert problems_of(tmp_path) == [problem]


@on_posix
def test_names_that_are_not_text_or_hold_newlines_and_emoji_work(tmp_path):
    raw = os.fsdecode(b"caf\xe9.jpg")
    make(tmp_path, raw, "two\nlines.jpg", "🐈/🐕.jpg", "=cmd().jpg")
    names = relative_names(images_of(tmp_path))
    assert names == ["=cmd().jpg", "caf\\udce9.jpg", "two\nlines.jpg", "🐈/🐕.jpg"]
    assert all(name.encode("utf-8") for name in names)
    assert all(image.exists() for image in images_of(tmp_path))


def test_batches_have_the_size_asked_for_and_nothing_is_lost(tmp_path):
    make(tmp_path, *(f"{i:03}.jpg" for i in range(25)))
    batches = list(scan([tmp_path], batch=10))
    assert [len(batch.images) for batch in batches] == [10, 10, 5]


def test_an_empty_folder_gives_nothing(tmp_path):
    assert list(scan([tmp_path])) == []
    assert list(scan([])) == []


def test_a_cancelled_scan_stops_at_the_next_batch(tmp_path):
    make(tmp_path, *(f"{i:03}.jpg" for i in range(25)))
    cancel = CancelToken()
    batches = scan([tmp_path], cancel=cancel, batch=10)
    assert len(next(batches).images) == 10
    cancel.cancel()
    assert list(batches) == []
    assert list(scan([tmp_path], cancel=cancel)) == []


def test_a_deep_tree_does_not_overflow_the_stack(tmp_path):
    make(tmp_path, "a.jpg")
    folders = [tmp_path / "/".join("d" * depth) for depth in range(1, 1200)]
    for folder in folders:
        folder.mkdir()
    (folders[-1] / "b.jpg").touch()
    assert len(images_of(tmp_path)) == 2
    (folders[-1] / "b.jpg").unlink()
    for folder in reversed(folders):  # pytest's own clean-up would overflow
        folder.rmdir()


def test_scanning_opens_no_file(tmp_path, monkeypatch):
    make(tmp_path, "a.jpg", "b/c.jpg")

    def refuse(*_, **__):
        raise AssertionError("opened")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert len(images_of(tmp_path, tmp_path / "a.jpg")) == 2


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/a/b/1.jpg", "/a/b/c/2.jpg"], ["1.jpg", "c/2.jpg"]),
        (["/a/b/1.jpg"], ["1.jpg"]),
        (["/ab/1.jpg", "/ac/1.jpg"], ["ab/1.jpg", "ac/1.jpg"]),
        (["a/1.jpg", "2.jpg"], ["a/1.jpg", "2.jpg"]),
        (["/a/1.jpg", "2.jpg"], ["/a/1.jpg", "2.jpg"]),
        (["/a/\udcff.jpg"], [r"\udcff.jpg"]),
        ([], []),
    ],
)
def test_a_relative_name_begins_below_the_deepest_folder_that_holds_all(paths, names):
    assert relative_names(list(map(Path, paths))) == names


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=1))
def test_a_relative_name_leads_back_to_its_image(parts):
    paths = [Path("/root", *names, "x.jpg") for names in parts]
    folder = os.path.commonpath([path.parent for path in paths])
    assert [Path(folder, name) for name in relative_names(paths)] == paths
