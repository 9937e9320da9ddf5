"""Files are opened to be read only where they are files, and without waiting."""

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from nameplate.domain.messages import Message
from nameplate.system.failures import reason_of
from nameplate.system.opening import NotRegularFileError, open_regular

posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices with names")


def test_a_file_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    with open_regular(tmp_path / "a") as stream:
        assert stream.read() == b"content"


def test_a_folder_is_none(tmp_path):
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


def test_a_folder_is_none_where_the_system_calls_it_forbidden(tmp_path, monkeypatch):
    def as_windows(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    (tmp_path / "a").write_bytes(b"content")
    monkeypatch.setattr(os, "open", as_windows)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with pytest.raises(PermissionError):
        open_regular(tmp_path / "a")


@posix
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "endless"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "a"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(path))
        case "device":
            path.symlink_to("/dev/null")
        case _:
            path.symlink_to("/dev/zero")
    with pytest.raises(NotRegularFileError) as caught:
        open_regular(path)
    assert reason_of(caught.value) == Message("no-regular-file")


@posix
def test_a_link_is_followed_only_where_it_may(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "link").symlink_to("a")
    with open_regular(tmp_path / "link") as stream:
        assert stream.read() == b"content"
    with pytest.raises(OSError, match="link") as caught:
        open_regular(tmp_path / "link", follow_links=False)
    assert reason_of(caught.value) == Message("is-loop-of-links")


@pytest.mark.skipif(sys.platform != "linux", reason="lists the open files of Linux")
def test_no_handle_stays_open_after_a_refusal(tmp_path):
    os.mkfifo(tmp_path / "a")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(10):
        with pytest.raises(NotRegularFileError):
            open_regular(tmp_path / "a")
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
