import os
import sys
import tarfile
import threading
import tracemalloc
from pathlib import Path

import pytest

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.runs import inputs
from nameplate.features.runs.embedding import Setup
from nameplate.features.runs.inputs import list_images, listed_inputs, root_of_inputs
from nameplate.features.runs.places import places_of
from nameplate.formats.shards.image_list import ListedImage, file_below
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
    listed = listed_inputs(list(map(str, given)), [])
    root = root_of_inputs(listed)
    found = list(list_images(listed, root, CancelToken()))
    images = [one for one in found if isinstance(one, ListedImage)]
    assert all(os.path.exists(file_below(root, one.file)) for one in images)  # noqa: PTH110
    return [one.name if isinstance(one, ListedImage) else one.reason.code for one in found]


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


def test_many_files_are_remembered_in_a_few_bytes_each(monkeypatch):
    monkeypatch.setattr(inputs, "_LATEST", 50)
    urls = [f"https://h/{number}.jpg" for number in range(1000)]
    found = list(list_images([*urls, *reversed(urls), *urls], "https://h", CancelToken()))
    assert [one.file for one in found] == [f"{number}.jpg" for number in range(1000)]


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
    file.write_bytes(f"\ufeff{photos}\r\n\r\n s3://b/a b.jpg \n".encode())
    assert list(listed_inputs(["x"], [file])) == [
        os.path.abspath("x"),  # noqa: PTH100
        str(photos),
        "s3://b/a b.jpg",
    ]
    with pytest.raises(UsageError):
        listed_inputs([], [tmp_path / "none.txt"])


def test_a_list_may_be_of_any_size_and_is_read_a_line_at_a_time(tmp_path):
    file, count = tmp_path / "list.txt", 20_000
    root = os.path.abspath("/photos")  # noqa: PTH100 - with its drive, on Windows
    lines = [
        os.path.join(root, str(number // 1000), f"{number}{'long' * 20}.jpg")  # noqa: PTH118
        for number in range(count)
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    listed = listed_inputs([], [file])
    tracemalloc.start()
    for _ in range(2):
        assert sum(one == line for one, line in zip(listed, lines, strict=True)) == count
    assert root_of_inputs(listed).startswith(root)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < file.stat().st_size / 4


def test_a_list_that_is_no_text_is_said_with_its_line(tmp_path):
    file = tmp_path / "list.txt"
    file.write_bytes(b"/a.jpg\n" * 5000 + b"/\xff.jpg\n")
    with pytest.raises(UsageError) as caught:
        list(listed_inputs([], [file]))
    assert what_of(caught.value.reason) == "not UTF-8 text (line 5001)"
    file.write_bytes(b"x" * 200_000)
    with pytest.raises(UsageError) as caught:
        list(listed_inputs([], [file]))
    assert "line 1 is too long for a path" in what_of(caught.value.reason)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_list_through_a_pipe_can_be_gone_through_again(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("/a.jpg\n/b.jpg\n"))
    writer.start()
    listed = listed_inputs([], [pipe])
    writer.join()
    assert [list(listed), list(listed)] == [["/a.jpg", "/b.jpg"]] * 2


@pytest.mark.parametrize(
    ("given", "root"),
    [
        (["/p/a", "/p/b"], os.path.normpath("/p")),
        (["/p/a", "https://h/b"], ""),
        (["https://h/b", "http://h/b"], ""),
        (["https://h/b/c.jpg", "https://h/b/d.jpg"], "https://h/b"),
        (["https://h/b/", "https://h/c/*.jpg"], "https://h"),
        (["s3://b", "s3://b/c"], "s3://b"),
        (["s3://b", "s3://c"], ""),
    ],
)
def test_the_root_holds_all_inputs(monkeypatch, given, root):
    monkeypatch.setattr(os.path, "isdir", lambda path: True)
    assert root_of_inputs(given) == root


def test_a_picture_at_a_url_is_listed_without_a_request(monkeypatch):
    monkeypatch.setattr(inputs, "list_files", lambda *_: pytest.fail("asked"))
    given = ["https://h/a/1.jpg?signed=x", "https://h/a/2.PNG"]
    found = list(list_images(given, "https://h/a", CancelToken()))
    assert found == [ListedImage("1.jpg?signed=x"), ListedImage("2.PNG")]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hf://datasets/a/b.jpg", "url-scheme-refused"),
        ("simplecache::s3://bucket/a", "url-scheme-refused"),
        ("https://user:secret@host/a.jpg", "url-with-password"),
        ("https:///a.jpg", "url-not-understood"),
    ],
)
def test_a_url_that_is_refused_is_said_before_anybody_is_asked_and_kept_without_its_password(
    tmp_path, url, code
):
    with pytest.raises(UsageError, match=code):
        listed_inputs([url], [])
    file = tmp_path / "list.txt"
    file.write_text(f"https://host/a/1.jpg\n{url}\nhttps://host/a/2.jpg\n")
    listed = listed_inputs([], [file])
    root = root_of_inputs(listed)
    found = list(list_images(listed, root, CancelToken()))
    assert root == "https://host/a"
    assert [getattr(one, "file", None) or one.reason.code for one in found] == [
        "1.jpg",
        code,
        "2.jpg",
    ]
    assert "secret" not in str([*listed, *found])


def test_keys_of_a_bucket_are_listed_as_they_are(monkeypatch):
    keys = ["a::b.jpg", "c?d#e.jpg", "f*[g].jpg", "zip://h.jpg", "i%2ej.jpg", "/k.jpg", "l?m.txt"]
    urls = [f"s3://bucket/in/{key}" for key in keys]
    monkeypatch.setattr(inputs, "list_files", lambda *_: urls)
    found = list(list_images(["s3://bucket/in"], "s3://bucket/in", CancelToken()))
    assert [file_below("s3://bucket/in", one.file) for one in found] == urls[:-1]
    assert [
        file_below("s3://bucket/in", one.file)
        for one in list_images(urls[:2], "s3://bucket/in", CancelToken())
    ] == urls[:2]


def test_what_a_server_leaves_out_is_said_and_the_rest_is_listed(monkeypatch):
    left_out = UsageError("remote-too-deep", where="https://h/in", most=64)
    monkeypatch.setattr(inputs, "list_files", lambda *_: ["https://h/in/a.jpg", left_out])
    image, problem = list_images(["https://h/in"], "https://h/in", CancelToken())
    assert (image.file, problem.path, problem.reason.code) == (
        "a.jpg",
        "https://h/in",
        "remote-too-deep",
    )


def test_listing_stops_when_it_is_cancelled(photos):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(list_images([str(photos)], "", cancel))


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("/photos", "/photos/a/b.jpg"),
        ("/photos/", "/photos/b.jpg"),
        ("/", "/photos/b.jpg"),
        ("/more.tar", "/more.tar"),
        ("/photos/**/*.jpg", "/photos/a/b.jpg"),
        ("/photos/2*", "/photos/2020/b.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a.jpg"),
        ("s3a://bucket", "s3://bucket/a.jpg"),
        ("https://host/a.jpg?signed=1", "https://host/a.jpg?signed=1"),
        ("s3://bucket/in/*.jpg", "s3://bucket/in/a.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a::b.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a?b#c%2e%2e.jpg"),
        ("s3://bucket/in", "s3://bucket/in//a\\b*[c].jpg"),
        ("s3://bucket/in/a?b.jpg", "s3://bucket/in/a?b.jpg"),
        ("HTTP://Host:80/in/", "http://host./in/a%20b.jpg"),
        ("http://[::1]/in", "http://[0:0:0:0:0:0:0:1]:80/in/a.jpg"),
        ("https://host/x/../in", "https://host/in/y/../a.jpg"),
        ("https://host/in/*.jpg", "https://host/in/a.jpg"),
    ],
)
def test_what_was_named_and_what_lies_in_it_may_be_read(given, file):
    assert places_of([given, "/other"]).hold(file)


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("/photos", "/photos2/a.jpg"),
        ("/photos", "/photos/../a.jpg"),
        ("/photos/2*", "/photos/1/b.jpg"),
        ("/photos/2*", "/photos/2/../1/b.jpg"),
        ("/photos", "https://host/photos/a.jpg"),
        ("s3://bucket/in", "s3://bucket/out/a.jpg"),
        ("s3://bucket/in", "s3://bucket/in/../out/a.jpg"),
        ("https://host", "https://host.example/a.jpg"),
        ("https://host", "https://user@other/host/a.jpg"),
        ("https://host/d", "https://host/d/a.jpg::http://other/b.jpg"),
        ("https://host/d", "/etc/passwd"),
        ("http://a/good/", "http://b/../a/good/b.jpg"),
        ("http://a/good/", "http://b/%2e%2e/a/good/b.jpg"),
        ("http://a/good/", "http://b/..%2fa/good/b.jpg"),
        ("http://a/good/", "http://b/..\\a\\good\\b.jpg"),
        ("http://a/good/", "http://b\\../a/good/b.jpg"),
        ("http://a/good/", "http://a/good/../bad/b.jpg"),
        ("http://a/good/", "http://a/good/%2e%2e/bad/b.jpg"),
        ("http://a/good/", "http://a/good/..%5cbad/b.jpg"),
        ("http://a/good/", "http://a:81/good/b.jpg"),
        ("http://a/good/", "https://a/good/b.jpg"),
        ("http://a/good/", "http://x@a/good/b.jpg"),
        ("http://a/good/", "http://a@b/good/b.jpg"),
        ("http://a/good/", "s3://a/good/b.jpg"),
        ("s3://a/good/", "http://a/good/b.jpg"),
        ("http://a", "http://a.b/c.jpg"),
        ("http://a?x", "http://a.b/c.jpg"),
        ("http://a*", "http://a.b/c.jpg"),
        ("s3://a*", "s3://ab/c.jpg"),
        ("http://[::1]/", "http://[::2]/a.jpg"),
        ("hf://a/b", "hf://a/b/c.jpg"),
        ("file:///a", "file:///a/b.jpg"),
        ("zip://*.jpg::s3://bucket/a.zip", "zip://*.jpg::s3://bucket/a.zip"),
        ("101 inputs, sha256 0", "/etc/passwd"),
    ],
)
def test_what_lies_elsewhere_may_not(given, file):
    assert not places_of([given]).hold(file)


def test_a_server_may_lead_to_what_was_named_and_to_a_host_that_was_allowed():
    hosts = frozenset(["https://cdn.example.org"])
    setup = Setup(Path(), "auto", str, places=places_of(["https://a.example.org/in"]), hosts=hosts)
    assert setup.may_follow("https://a.example.org/in/b.jpg")
    assert setup.may_follow("https://CDN.example.org/any/c.jpg")
    assert not setup.may_follow("https://a.example.org/out/b.jpg")
    assert not setup.may_follow("https://other.example.org/in/b.jpg")
