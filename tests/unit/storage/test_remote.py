"""Which failures of a server are asked again, with a file system that fails as it is told to."""

import errno
import io

import pytest

from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.storage import remote
from nameplate.storage.remote import list_files, opened_for_headers, read_bytes
from nameplate.system.elsewhere import is_url


class StatusError(Exception):
    def __init__(self, status):
        self.status = status


class BotocoreError(Exception):
    def __init__(self, status):
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}}


class FileSystem:
    """Fails with each of `failures` in turn, then answers."""

    def __init__(self, content=b"picture", failures=(), folders=()):
        self.content, self.failures, self.folders = content, list(failures), dict(folders)
        self.asked = []

    def _answer(self, path):
        self.asked.append(path)
        if self.failures:
            raise self.failures.pop(0)

    def size(self, path):
        return len(self.content)

    def cat_file(self, path, start=None, end=None):
        self._answer(path)
        return self.content[start:end]

    def isdir(self, path):
        return path in self.folders

    def info(self, path):
        self._answer(path)

    def ls(self, path, detail):
        self._answer(path)
        kind = {True: "directory", False: "file"}
        return [{"name": n, "type": kind[n.endswith("/")]} for n in self.folders[path]]

    def unstrip_protocol(self, path):
        return f"fake://{path}"

    def open(self, path, mode, **_):
        system = self

        class Stream(io.BytesIO):
            def read(self, size=-1):
                system._answer(path)
                return super().read(size)

        return Stream(self.content)


def not_there_since(cause):
    error = FileNotFoundError("url")
    error.__cause__ = cause
    return error


@pytest.fixture
def use(monkeypatch):
    monkeypatch.setattr(remote, "_FIRST_PAUSE", 0.001)

    def use_system(*arguments, **options):
        system = FileSystem(*arguments, **options)
        monkeypatch.setattr(remote, "_opened", lambda url: (system, url.partition("://")[2]))
        return system

    return use_system


URL = "fake://a.jpg"


@pytest.mark.parametrize(
    "failure",
    [
        StatusError(429),
        StatusError(500),
        StatusError(503),
        BotocoreError(503),
        OSError("reset"),
        TimeoutError(),
        EOFError(),
    ],
)
def test_what_may_pass_is_asked_again(use, failure):
    system = use(failures=[failure] * (remote.MOST_TRIES - 1))
    assert read_bytes(URL, None, None, CancelToken()) == b"picture"
    assert len(system.asked) == remote.MOST_TRIES


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (FileNotFoundError(), "remote-not-there"),
        (StatusError(404), "remote-not-there"),
        (PermissionError(errno.EACCES, ""), "remote-forbidden"),
        (StatusError(403), "remote-forbidden"),
        (BotocoreError(403), "remote-forbidden"),
    ],
)
def test_what_does_not_change_is_asked_once(use, failure, code):
    system = use(failures=[failure] * 9)
    with pytest.raises(ImageError) as error:
        read_bytes(URL, None, None, CancelToken())
    assert error.value.reason.code == code
    assert len(system.asked) == 1


def test_what_fails_for_good_is_given_up(use):
    system = use(failures=[StatusError(503)] * 99)
    with pytest.raises(ImageError) as error:
        read_bytes(URL, None, None, CancelToken())
    assert error.value.reason.code == "remote-failed"
    assert len(system.asked) == remote.MOST_TRIES


def test_a_mistake_of_ours_is_no_failure_of_a_server(use):
    use(failures=[TypeError("ours")])
    with pytest.raises(TypeError):
        read_bytes(URL, None, None, CancelToken())


def test_pieces_are_read_and_what_ends_too_early_is_said(use):
    use(b"0123456789")
    assert read_bytes(URL, 2, 3, CancelToken()) == b"234"
    with pytest.raises(ImageError) as error:
        read_bytes(URL, 8, 3, CancelToken())
    assert error.value.reason.code == "remote-cut-short"


def test_what_is_too_large_is_not_fetched(use, monkeypatch):
    monkeypatch.setattr(remote, "MOST_BYTES", 3)
    system = use(b"0123")
    with pytest.raises(ImageError) as error:
        read_bytes(URL, None, None, CancelToken())
    assert error.value.reason.code == "remote-too-large"
    assert not system.asked


def test_a_cancel_ends_the_waiting_for_another_try(use, monkeypatch):
    monkeypatch.setattr(remote, "_FIRST_PAUSE", 1000.0)
    cancel = CancelToken()
    system = use(failures=[StatusError(503)] * 9)
    monkeypatch.setattr(remote.time, "sleep", lambda _: cancel.cancel())
    with pytest.raises(CancelledError):
        read_bytes(URL, None, None, cancel)
    assert len(system.asked) == 1


def test_a_folder_is_walked_once_and_not_left(use):
    use(
        folders={
            "h/in": [
                "h/in/b.jpg",
                "h/in/a.jpg",
                "h/in/./",
                "h/in/../out/",
                "h/in/../c.jpg",
                "h/in/d/",
            ],
            "h/in/d/": ["h/in/d/e.jpg", "h/in/d/", "h/in/d/../"],
        }
    )
    found = list(list_files("fake://h/in", CancelToken()))
    assert found == ["fake://h/in/a.jpg", "fake://h/in/b.jpg", "fake://h/in/d/e.jpg"]


def test_headers_are_read_with_retries_and_a_failure_is_no_end_of_the_file(use):
    use(b"0123456789", failures=[StatusError(503)] * 2)
    with opened_for_headers(URL, CancelToken()) as stream:
        stream.seek(4)
        assert stream.read(3) == b"456"
    use(b"0123456789", failures=[StatusError(503)] * 99)
    with pytest.raises(UsageError), opened_for_headers(URL, CancelToken()) as stream:
        stream.read(3)


def test_only_what_has_a_scheme_is_a_url():
    assert all(map(is_url, ("s3://b/k", "https://h", "git+ssh://h")))
    assert not any(map(is_url, ("C:\\a", "C://a", "/a://b", "://a", "a", "a:b://c")))


def test_a_server_that_is_gone_is_no_missing_file(use):
    gone = not_there_since(ConnectionRefusedError("refused"))
    use(failures=[gone])
    assert read_bytes(URL, None, None, CancelToken()) == b"picture"
    use(failures=[gone] * 6)
    with pytest.raises(ImageError, match="remote-failed"):
        read_bytes(URL, None, None, CancelToken())
    use(failures=[not_there_since(KeyError("name"))])
    with pytest.raises(ImageError, match="remote-not-there"):
        read_bytes(URL, None, None, CancelToken())
