"""Files are read from a real web server, also from one that lies, is slow or never ends."""

import gzip
import io
import itertools
import tarfile
import time
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from loopback import File, LyingServer, endless
from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.tar_index import tar_members
from nameplate.storage import remote_s3
from nameplate.storage.remote import fetch, list_files, opened_for_headers
from nameplate.storage.remote_limits import Limits

SMALL = Limits(
    bytes=300_000,
    page=20_000,
    names=50,
    folders=20,
    depth=4,
    seconds=100.0,
    pause=0.001,
)
HURRIED = replace(SMALL, silence=0.3, grace=0.3, seconds=2.0)
"""For servers that are slow: any server can be, on a busy machine."""


BOMB = gzip.compress(zlib.compress(bytes(3_000_000)))


@pytest.fixture
def server():
    with LyingServer() as server:
        yield server


@pytest.fixture
def read(server):
    """Return a function that reads a file of the server."""

    def call(path="/a.jpg", part=None, limits=SMALL, cancel=None, may_follow=lambda _url: False):
        target, cancel = io.BytesIO(), cancel or CancelToken()
        fetch(server.address + path, part, target, cancel, may_follow, limits)
        return target.getvalue()

    return call


@pytest.fixture
def refused(read):
    """Return a function that reads a file, and returns the code of why it cannot be had."""

    def call(*arguments, **options):
        with pytest.raises(ImageError) as caught:
            read(*arguments, **options)
        return caught.value.reason.code

    return call


def listed(server, path="/in/", limits=SMALL):
    """Return what is found, without the server, and the codes of what is left out."""
    found = list(list_files(server.address + path, CancelToken(), limits))
    files = [one.removeprefix(server.address) for one in found if isinstance(one, str)]
    return files, [one.reason.code for one in found if not isinstance(one, str)]


@pytest.mark.parametrize("failures", [[429], [500, 503], [0, 0], [503, 0, 502, 500, 429]])
def test_what_may_pass_is_asked_again(server, read, failures):
    server.files["/a.jpg"] = File(b"picture", failures=failures)
    count = len(failures)
    assert read() == b"picture"
    assert len(server.asked) == count + 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "remote-not-there"),
        (410, "remote-not-there"),
        (401, "remote-forbidden"),
        (403, "remote-forbidden"),
        (400, "remote-failed"),
    ],
)
def test_what_does_not_change_is_asked_once(server, refused, status, code):
    server.files["/a.jpg"] = File(status=status)
    assert refused() == code
    assert len(server.asked) == 1


@pytest.mark.parametrize("file", [File(status=503), File(hangs_up=True)])
def test_what_fails_for_good_is_given_up(server, refused, file):
    server.files["/a.jpg"] = file
    assert refused() == "remote-failed"
    assert len(server.asked) == SMALL.tries


def test_pieces_are_read_and_what_ends_too_early_is_said(server, read, refused):
    for has_ranges in (True, False):
        server.files["/a.jpg"] = File(b"0123456789", has_ranges=has_ranges)
        assert read(part=(2, 3)) == b"234"
        assert read(part=(2, 0)) == b""
        assert refused(part=(8, 3)) == "remote-cut-short"


@pytest.mark.parametrize("start", ["bytes 0-2/10", "bytes 9-11/20", "nothing"])
def test_another_part_than_was_asked_for_is_not_taken_for_it(server, refused, start):
    server.files["/a.jpg"] = File(b"0123456789", headers={"Content-Range": start})
    assert refused(part=(2, 3)) == "remote-cut-short"


@pytest.mark.parametrize("length", [None, 1 << 40, 400_000])
def test_a_picture_without_end_is_read_to_the_most_and_no_further(server, refused, length):
    server.files["/a.jpg"] = File(endless(), length=length)
    tracemalloc.start()
    assert refused() == "remote-too-large"
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()
    assert len(server.asked) == 1


def test_a_picture_without_length_is_read(server, read):
    server.files["/a.jpg"] = File(b"x" * 200_000, length=None)
    assert read() == b"x" * 200_000


@pytest.mark.parametrize("length", [10, 1000])
def test_a_length_that_is_not_true_is_no_picture(server, refused, length):
    server.files["/a.jpg"] = File(b"x" * 5, length=length)
    assert refused() in {"remote-failed", "remote-cut-short"}


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
def test_what_is_packed_unasked_is_refused_and_never_unpacked(server, refused, packing):
    server.files["/a.jpg"] = File(BOMB, headers={"Content-Encoding": packing})
    assert refused() == "remote-packed"
    assert "accept-encoding: identity" in server.heads[0].lower()


@pytest.mark.parametrize(
    "file",
    [
        File(b"x" * 1000, pause=0.05),
        File(b"x" * 1000, pause=0.05, length=None),
        File(b"x" * 1000, pause=0.05, is_trickled=True),
        File(b"x", pause=9.0, length=5),
    ],
    ids=["bytes", "bytes without length", "the head too", "silence"],
)
def test_a_server_that_sends_too_little_is_given_up_in_time(server, refused, file):
    server.files["/a.jpg"] = file
    assert refused(limits=HURRIED) in {"remote-too-slow", "remote-failed"}


def test_all_tries_of_a_file_together_have_an_end(server, refused):
    server.files["/a.jpg"] = File(endless(b"x" * 5000), length=None, pause=1e-6)
    limits = replace(SMALL, bytes=1 << 40, rate=1, seconds=0.5)
    assert refused(limits=limits) == "remote-too-slow"


def test_a_cancel_ends_the_waiting_for_another_try(server, read):
    server.files["/a.jpg"] = File(status=503)
    cancel = CancelToken()

    class Late(CancelToken):
        @property
        def is_cancelled(self):
            return bool(server.asked)

    with pytest.raises(CancelledError):
        read(cancel=Late(), limits=replace(SMALL, pause=1000.0, seconds=1e9, grace=1e9))
    assert not cancel.is_cancelled
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_server_may_lead_to_another_of_its_files(server, read, status):
    server.files["/a.jpg"] = File(status=status, headers={"Location": "/b/c.jpg?d"})
    server.files["/b/c.jpg"] = File(b"picture")
    assert read() == b"picture"


@pytest.mark.parametrize("place", ["{}/a.jpg", "{}/../a.jpg", "//{}/a.jpg"])
def test_another_server_is_asked_only_where_it_was_named_too(server, read, refused, place):
    with LyingServer() as other:
        other.default = File(b"secret")
        to = place.format(other.address.removeprefix("http:" if "//{" not in place else "http://"))
        server.files["/a.jpg"] = File(status=302, headers={"Location": to})
        assert refused() == "remote-leads-elsewhere"
        assert not other.asked
        assert read(may_follow=lambda url: url.startswith(other.address)) == b"secret"


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "s3://bucket/a.jpg",
        "http://169.254.169.254/latest",
        "http://user@127.0.0.1/a.jpg",
        "http://localhost:1/",
        "ftp://127.0.0.1/",
        "http://[::1/",
        "http://127.0.0.1\\@evil/",
        "",
    ],
)
def test_nowhere_else_is_followed_to(server, refused, to):
    server.files["/a.jpg"] = File(status=302, headers={"Location": to} if to else {})
    assert refused() in {"remote-leads-elsewhere", "remote-too-many-redirects"}


def test_a_server_that_leads_round_is_left(server, refused):
    server.files["/a.jpg"] = File(status=302, headers={"Location": "/a.jpg"})
    assert refused() == "remote-too-many-redirects"


def test_a_server_that_is_gone_is_no_missing_file(read):
    with LyingServer() as gone:
        address = gone.address
    with pytest.raises(ImageError, match="remote-failed"):
        fetch(f"{address}/a.jpg", None, io.BytesIO(), CancelToken(), limits=SMALL)


@pytest.mark.parametrize("url", ["hf://a/b.jpg", "file:///etc/passwd", "zip://a::https://h/z.zip"])
def test_a_url_that_is_refused_is_no_picture(url):
    with pytest.raises(ImageError, match="url-scheme-refused"):
        fetch(url, None, io.BytesIO(), CancelToken(), limits=SMALL)


def test_a_folder_is_walked_once_and_not_left(server):
    server.page(
        "/in/",
        [
            "b.jpg",
            "a.jpg",
            "./",
            "../c.jpg",
            "/out/",
            "d/",
            "?C=N;O=D",
            "//evil/x.jpg",
            "/in/e.jpg",
        ],
    )
    server.page("/in/d/", ["f.jpg", "./", "/in/d/", "../", "%2e%2e/g.jpg", "#"])
    assert listed(server) == (["/in/a.jpg", "/in/b.jpg", "/in/e.jpg", "/in/d/f.jpg"], [])
    assert server.asked == ["/in/", "/in/d/"]


def test_a_folder_may_be_named_without_its_slash_and_a_file_is_itself(server):
    server.files["/in"] = File(status=301, headers={"Location": "/in/"})
    server.page("/in/", ["a%20b.jpg", "c%23d.jpg"])
    assert listed(server, "/in") == (["/in/a%20b.jpg", "/in/c%23d.jpg"], [])
    server.page("/on", ["/on/a.jpg", "/once/b.jpg"])
    assert listed(server, "/on") == (["/on/a.jpg"], [])
    server.files["/file"] = File(endless(), length=None)
    assert listed(server, "/file?x=1") == (["/file?x=1"], [])


def test_a_pattern_finds_what_fits_and_looks_no_deeper_than_it_must(server):
    server.page("/in/", ["a.jpg", "b.png", "c/"])
    server.page("/in/c/", ["d.jpg", "e/"])
    server.page("/in/c/e/", ["f.jpg"])
    assert listed(server, "/in/*.jpg")[0] == ["/in/a.jpg"]
    assert server.asked == ["/in/"]
    assert listed(server, "/in/*/*.jpg")[0] == ["/in/c/d.jpg"]
    assert listed(server, "/in/**/*.jpg")[0] == ["/in/a.jpg", "/in/c/d.jpg", "/in/c/e/f.jpg"]


def test_lists_that_never_end_are_left_and_that_is_said(server):
    server.page("/in/", [f"{number}.jpg" for number in range(60)])
    files, left_out = listed(server)
    assert (len(files), left_out) == (SMALL.names, ["remote-list-too-long"])
    server.page("/in/", [f"{number}/" for number in range(60)])
    assert listed(server) == ([], ["remote-too-many-folders"])
    server.page("/in/", ["a/", "a.jpg"])
    for depth in range(1, 10):
        server.page(f"/in/{'a/' * depth}", ["a/", "a.jpg"])
    files, left_out = listed(server)
    assert (len(files), left_out) == (SMALL.depth + 1, ["remote-too-deep"])


def test_a_list_whose_folders_all_come_slowly_has_an_end(server):
    server.page("/in/", ["a.jpg", "in/"])
    server.default = File(b"<a href='in/'>", pause=0.01, headers={"Content-Type": "text/html"})
    much = dict.fromkeys(("folders", "depth", "silence", "grace"), 10**6)
    assert listed(server, limits=replace(SMALL, **much, listing=0.5))[1] == ["remote-list-too-slow"]
    assert len(server.asked) < 10


def test_a_tar_file_whose_headers_all_come_slowly_has_an_end(server):
    content = tar_of(["a.jpg"] * 30)
    server.files["/a.tar"] = File(content, failures=[503] * 300)
    limits = replace(SMALL, tries=400, listing=0.3, pause=0.01)
    with pytest.raises(UsageError) as caught:
        opened_for_headers(f"{server.address}/a.tar", CancelToken(), limits).read(1)
    assert caught.value.reason.code == "remote-list-too-slow"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (File(endless(b"<a href='a.jpg'>" * 99), length=None), "remote-page-too-long"),
        (File(b"<a href='a.jpg'>" * 99, pause=0.05), "remote-too-slow"),
        (File(gzip.compress(b"<a>"), headers={"Content-Encoding": "gzip"}), "remote-packed"),
        (File(status=302, headers={"Location": "/out/"}), "remote-leads-elsewhere"),
        (
            File(status=302, headers={"Location": "http://localhost:1/in/"}),
            "remote-leads-elsewhere",
        ),
        (File(status=403), "remote-forbidden"),
    ],
)
def test_a_page_that_cannot_be_had_is_said(server, file, code):
    server.page("/out/", ["b.jpg"])
    server.files["/in/"] = file
    limits = replace(HURRIED if file.pause else SMALL, page=200_000)
    with pytest.raises(UsageError) as caught:
        listed(server, limits=limits)
    # On a busy machine a slow server may also send nothing for too long.
    others = {"remote-too-large", *["remote-failed"] * bool(file.pause)}
    assert caught.value.reason.code in {code, *others}


@pytest.fixture
def bucket(monkeypatch):
    """A function that lets a bucket have keys, in pages of ten; or pages that never end."""

    def have(keys, *, page_of_keys=None):
        def page(address, after, _clock):
            found = [key for key in keys if key.startswith(address.path) and key > after][:10]
            return found, found[-1] if found else ""

        monkeypatch.setattr(remote_s3, "A_PAGE", 10)
        monkeypatch.setattr(remote_s3, "page_of_keys", page_of_keys or page)
        monkeypatch.setattr(remote_s3, "is_there", lambda address, _clock: address.path in keys)

    return have


def in_bucket(url, limits=SMALL):
    found = list(list_files(url, CancelToken(), limits))
    return [one if isinstance(one, str) else one.reason.code for one in found]


def test_keys_of_a_bucket_are_listed_whatever_is_in_them(bucket):
    names = ["a::b.jpg", "c?d#e.jpg", "f*[g].jpg", "h//i.jpg", "zip://j.jpg", "k/l.jpg"]
    bucket(
        sorted([*(f"in/{name}" for name in names), "in/", "in/k/", "inside/m.jpg", "in/../n.jpg"])
    )
    found = in_bucket("s3a://b/in")
    assert sorted(set(found) - {"remote-odd-name"}) == sorted(f"s3://b/in/{name}" for name in names)
    assert found.count("remote-odd-name") == 1
    assert in_bucket("s3://b/in/k*/*.jpg") == ["s3://b/in/k/l.jpg"]
    assert in_bucket("s3://b/in/c?d#e.jpg") == ["s3://b/in/c?d#e.jpg"]
    with pytest.raises(UsageError, match="remote-not-there"):
        in_bucket("s3://b/none")


def test_a_bucket_whose_pages_never_end_is_left(bucket):
    names = map("in/{}.jpg".format, itertools.count())
    bucket([], page_of_keys=lambda *_: ([next(names)], next(names)))
    assert in_bucket("s3://b/in")[-1] == "remote-list-too-long"
    bucket([], page_of_keys=lambda *_: ([], next(names)))
    assert in_bucket("s3://b/in/*.jpg") == ["remote-list-too-long"]

    def slow_page(_address, _after, clock):
        time.sleep(0.05)
        clock.wait()
        return ["in/a.jpg"], next(names)

    bucket([], page_of_keys=slow_page)
    found = in_bucket("s3://b/in", replace(SMALL, listing=0.12, grace=10**6))
    assert found[-1] == "remote-list-too-slow"
    bucket(["in"], page_of_keys=lambda *_: ([], "the same"))
    assert in_bucket("s3://b/in") == ["s3://b/in"]


def tar_of(names):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number, name in enumerate(names):
            info = tarfile.TarInfo(name)
            info.size = 90_000 * number
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    return stream.getvalue()


@pytest.mark.parametrize("length", [True, None])
@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_tar_file_is_listed_whatever_the_server_says_of_it(server, length, has_ranges):
    names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    server.files["/a.tar"] = File(tar_of(names), length=length, has_ranges=has_ranges)
    with opened_for_headers(f"{server.address}/a.tar", CancelToken(), SMALL) as stream:
        assert [one.name for one in tar_members(stream)] == names
    assert len(server.asked) < (8 if has_ranges else 2)


def test_headers_are_read_with_retries_and_a_failure_is_no_end_of_the_file(server):
    server.files["/a.tar"] = File(b"0123456789", failures=[503, 0])
    with opened_for_headers(f"{server.address}/a.tar", CancelToken(), SMALL) as stream:
        stream.seek(4)
        assert stream.read(3) == b"456"
        stream.seek(99)
        assert stream.read(3) == b""
    server.files["/a.tar"] = File(status=503)
    with (
        pytest.raises(UsageError),
        opened_for_headers(f"{server.address}/a.tar", CancelToken(), SMALL) as stream,
    ):
        stream.read(3)
