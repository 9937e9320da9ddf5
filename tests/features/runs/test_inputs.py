import os
import sys
import tarfile
import threading
import tracemalloc

import pytest

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.runs import inputs
from nameplate.features.runs.inputs import Inputs, list_images
from nameplate.pipeline.spool import ListedImage
from nameplate.wording.texts import what_of


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for name in ("a/1.jpg", "a/b/2.png", "a/notes.txt", "c/3.webp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    with tarfile.open(folder / "d.tar", "w") as archive:
        archive.add(folder / "a" / "1.jpg", "t/4.jpg")
    return folder


def names(*given):
    """Return the names of the images of inputs, and check that each leads to its file."""
    listed = Inputs.of(list(map(str, given)), [])
    root = listed.root()
    found = list(list_images(listed, CancelToken()))
    images = [one for one in found if isinstance(one, ListedImage)]
    assert all(os.path.exists(one.file) for one in images)  # noqa: PTH110
    return [one.name(root) if isinstance(one, ListedImage) else one.reason.code for one in found]


def test_a_folder_is_listed_with_what_is_below_it_also_in_tar_files(photos):
    (photos / "d.tar").rename(photos / "a" / "d.TAR")
    (photos / ".tar").write_bytes(b"hidden")
    assert names(photos) == ["a/1.jpg", "a/d.TAR/t/4.jpg", "a/b/2.png", "c/3.webp"]


def test_what_is_named_or_found_several_times_is_there_once(photos, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(photos / "a", target_is_directory=True)
    everything = sorted(names(photos))
    one, tar = photos / "a" / "1.jpg", photos / "d.tar"
    for given in (
        (photos, one, tar),
        (one, tar, photos, one, tar),
        (photos / "a", photos, photos / "c"),
        (photos / "[ac]", photos),
        (photos / "**" / "*.jpg", photos),
    ):
        assert sorted(names(*given)) == everything
    assert len(names(photos, link / "1.jpg", link)) == len(everything)


def test_globs_find_pictures_tar_files_and_folders(photos):
    assert names(photos / "**" / "*.jpg") == ["a/1.jpg"]
    assert names(photos / "*.tar") == ["d.tar/t/4.jpg"]
    assert names(photos / "[ab]") == ["a/1.jpg", "a/b/2.png"]
    assert names(photos / "*.gif") == []


def test_a_name_that_looks_like_a_glob_and_is_there_is_itself(photos):
    (photos / "[a]").mkdir()
    (photos / "[a]" / "5.jpg").write_bytes(b"x")
    assert names(photos / "[a]") == ["5.jpg"]


def test_a_file_that_is_named_is_taken_whatever_its_extension(photos):
    assert names(photos / "a" / "notes.txt") == ["notes.txt"]


def test_what_is_not_there_is_said(photos):
    assert len(names(photos / "none", photos / "c")) == 2


def test_a_list_has_one_input_a_line(photos, tmp_path):
    file = tmp_path / "list.txt"
    file.write_bytes(f"\ufeff{photos}\r\n\r\n a b.jpg \n".encode())
    assert list(Inputs.of(["x"], [file])) == [
        os.path.abspath("x"),  # noqa: PTH100
        str(photos),
        os.path.abspath("a b.jpg"),  # noqa: PTH100
    ]
    with pytest.raises(UsageError):
        Inputs.of([], [tmp_path / "none.txt"])


def test_many_files_are_remembered_in_a_few_bytes_each(monkeypatch):
    monkeypatch.setattr(inputs, "_LATEST", 50)
    names = list(map(str, range(1000)))
    seen = inputs.HashSet(names[:300])
    assert [name for name in [*names, *reversed(names), *names] if seen.add(name)] == names[300:]
    assert all(name in seen for name in names)
    assert "1000" not in seen


@pytest.mark.parametrize("url", ["https://me:secret@host/a.jpg", "s3://bucket/in", "hf://a/b"])
def test_a_url_is_refused(url, tmp_path):
    file = tmp_path / "list.txt"
    file.write_text(f"{tmp_path}\n{url}\n")
    for listed in (Inputs.of([url], []), Inputs.of([], [file])):
        with pytest.raises(UsageError, match="url-given") as caught:
            list(list_images(listed, CancelToken()))
        assert "secret" not in str(caught.value)


def test_a_list_may_be_of_any_size_and_is_read_a_line_at_a_time(tmp_path):
    file, count = tmp_path / "list.txt", 20_000
    root = os.path.abspath("/photos")  # noqa: PTH100 - with its drive, on Windows
    lines = [
        os.path.join(root, str(number // 1000), f"{number}{'long' * 20}.jpg")  # noqa: PTH118
        for number in range(count)
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    listed = Inputs.of([], [file])
    tracemalloc.start()
    for _ in range(2):
        assert sum(one == line for one, line in zip(listed, lines, strict=True)) == count
    assert listed.root().startswith(root)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < file.stat().st_size / 4


def test_a_list_that_is_no_text_is_said_with_its_line(tmp_path):
    file = tmp_path / "list.txt"
    file.write_bytes(b"/a.jpg\n" * 5000 + b"/\xff.jpg\n")
    with pytest.raises(UsageError) as caught:
        list(Inputs.of([], [file]))
    assert what_of(caught.value.reason) == "not UTF-8 text (line 5001)"
    file.write_bytes(b"x" * 200_000)
    with pytest.raises(UsageError) as caught:
        list(Inputs.of([], [file]))
    assert "line 1 is too long for a path" in what_of(caught.value.reason)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_list_through_a_pipe_can_be_gone_through_again(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("/a.jpg\n/b.jpg\n"))
    writer.start()
    listed = Inputs.of([], [pipe])
    writer.join()
    assert [list(listed), list(listed)] == [["/a.jpg", "/b.jpg"]] * 2


@pytest.mark.parametrize(
    ("given", "root"),
    [
        (["/p/a", "/p/b"], os.path.normpath("/p")),
        (["/p/a/*.jpg", "/p/a/b"], os.path.normpath("/p/a")),
    ],
)
def test_the_root_holds_all_inputs(monkeypatch, given, root):
    monkeypatch.setattr(os.path, "isdir", lambda path: True)
    assert Inputs(given).root() == root


def test_listing_stops_when_it_is_cancelled(photos):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(list_images(Inputs([str(photos)]), cancel))


def test_a_listing_that_is_cancelled_in_a_folder_is_not_taken_for_a_whole_one(photos, monkeypatch):
    cancel, list_folder = CancelToken(), os.scandir

    def scandir(path):
        cancel.cancel()
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(CancelledError):
        list(list_images(Inputs([str(photos)]), cancel))
