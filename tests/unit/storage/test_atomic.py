import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.storage.atomic import check_writable, write_atomically
from nameplate.storage.whole_folder import write_folder_atomically
from nameplate.wording.texts import remedy_of

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


def put(stream):
    stream.write(b"new")


def fail_halfway(number):
    def write(stream):
        stream.write(b"half")
        raise OSError(number, os.strerror(number))

    return write


def test_a_file_is_made_and_replaced_and_nothing_else_is_left(tmp_path):
    file = tmp_path / "out.csv"
    write_atomically(file, put)
    write_atomically(file, put)
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "full-disk"), (errno.EIO, "cannot-write"), (errno.EROFS, "read-only-disk")],
)
def test_the_previous_file_stays_whole_when_the_disk_fails(tmp_path, number, reason):
    file = tmp_path / "out.csv"
    file.write_bytes(b"old")
    with pytest.raises(OutputError, match=reason) as caught:
        write_atomically(file, fail_halfway(number))
    assert caught.value.where == str(file)
    assert remedy_of(caught.value.reason)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_after_writing_keeps_the_previous_file_too(tmp_path, monkeypatch, failing):
    file = tmp_path / "out.csv"
    file.write_bytes(b"old")

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(failing, fail)
    with pytest.raises(OutputError, match="full-disk"):
        write_atomically(file, put)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def held_for(tries, monkeypatch):
    """Let as many renames fail as Windows does while a scanner or a viewer has a file open."""
    left, replace = [tries], Path.replace

    def as_windows(path, target):
        if left[0]:
            left[0] -= 1
            error = PermissionError(errno.EACCES, "Permission denied")
            error.winerror = 32
            raise error
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", as_windows)
    monkeypatch.setattr(Path, "rename", as_windows)


def test_a_file_that_another_program_holds_for_a_moment_is_replaced_after_it(tmp_path, monkeypatch):
    file = tmp_path / "out.csv"
    file.write_bytes(b"old")
    held_for(3, monkeypatch)
    write_atomically(file, put)
    assert file.read_bytes() == b"new"
    held_for(1000, monkeypatch)
    with pytest.raises(OutputError) as caught:
        write_atomically(file, put)
    assert caught.value.reason == Message("no-permission-to-write")
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_with_a_file_that_is_held_for_a_moment_gets_its_place_after_it(
    tmp_path, monkeypatch
):
    held_for(3, monkeypatch)
    write_folder_atomically(
        tmp_path / "out", lambda folder: (folder / "a").touch(), check=lambda: None
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_an_interruption_passes_on_and_leaves_nothing(tmp_path):
    file = tmp_path / "out.csv"

    def interrupt(stream):
        stream.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(file, interrupt)
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written_are_refused_early_and_late(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path, reason in (
        (tmp_path / "no" / "out.csv", "no-folder-for-it"),
        (tmp_path / "file" / "out.csv", "folder-is-none|no-folder-for-it"),  # Windows tells less
        (tmp_path, "folder-for-file"),
        (tmp_path / ("x" * 400), "name-too-long"),
        (Path("a\0b"), "output-no-path"),
    ):
        with pytest.raises(OutputError, match=reason):
            check_writable(path)
        with pytest.raises(OutputError, match=reason):
            write_atomically(path, put)


def test_a_folder_without_permission_is_refused_early(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match="no-permission-to-write"):
        check_writable(tmp_path / "out.csv")


def test_a_protected_file_is_not_replaced(tmp_path, monkeypatch):
    file = tmp_path / "out.csv"
    file.write_bytes(b"old")
    file.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # for root everything is writable
    with pytest.raises(OutputError, match="no-permission-to-write"):
        check_writable(file)
    with pytest.raises(OutputError, match="no-permission-to-write"):
        write_atomically(file, put)
    assert file.read_bytes() == b"old"


def test_checking_leaves_nothing_behind_and_touches_nothing(tmp_path):
    file = tmp_path / "out.csv"
    check_writable(file)
    assert list(tmp_path.iterdir()) == []
    file.write_bytes(b"old")
    before = file.stat()
    check_writable(file)
    after = file.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert list(tmp_path.iterdir()) == [file]


@on_posix
def test_a_link_stays_a_link_and_modes_are_kept(tmp_path):
    real = tmp_path / "real.csv"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    write_atomically(link, put)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@on_posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o666])
def test_what_is_written_is_never_more_readable_than_the_file_before(tmp_path, mode):
    file, modes = tmp_path / "out.csv", list[int]()
    file.write_bytes(b"old")
    file.chmod(mode)

    def write(_):
        (temporary,) = tmp_path.glob(".nameplate-*")
        modes.append(stat.S_IMODE(temporary.stat().st_mode))

    write_atomically(file, write)
    assert not modes[0] & ~mode
    assert stat.S_IMODE(file.stat().st_mode) == mode


@on_posix
@pytest.mark.parametrize("kind", ["link", "link to nothing", "link to a folder"])
def test_where_links_are_not_followed_a_link_is_left_as_it_is(tmp_path, kind):
    file, other = tmp_path / "out.csv", tmp_path / "other"
    file.symlink_to(other)
    if kind == "link":
        other.write_bytes(b"stay")
    elif kind == "link to a folder":
        other.mkdir()
    with pytest.raises(OutputError, match="output-is-link"):
        write_atomically(file, put, follow_links=False)
    assert not file.is_file() or other.read_bytes() == b"stay"
    assert not list(tmp_path.glob(".nameplate-*"))


@on_posix
def test_where_links_are_not_followed_files_are_made_and_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    for _ in range(2):
        write_atomically(tmp_path / "link" / "out.csv", put, follow_links=False)
    assert (tmp_path / "folder" / "out.csv").read_bytes() == b"new"


@on_posix
def test_where_links_are_not_followed_a_pipe_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    write_atomically(tmp_path / "pipe", put, follow_links=False)
    assert (tmp_path / "pipe").read_bytes() == b"new"


@on_posix
def test_a_new_file_gets_the_mode_that_any_program_would_give(tmp_path):
    write_atomically(tmp_path / "out.csv", put)
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


@on_posix
def test_a_device_is_written_and_not_replaced():
    check_writable(Path("/dev/null"))
    write_atomically(Path("/dev/null"), put)
    assert Path("/dev/null").is_char_device()


@on_posix
def test_a_pipe_that_nobody_reads_is_refused_at_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for attempt in (lambda: check_writable(pipe), lambda: write_atomically(pipe, put)):
        with pytest.raises(OutputError, match="pipe-without-reader") as caught:
            attempt()
        assert caught.value.where == str(pipe)


@on_posix
def test_a_pipe_with_a_reader_gets_everything_and_no_end_before_that(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    content = bytes(range(256)) * 4000  # more than a pipe holds
    got = bytearray()

    def read():
        with os.fdopen(handle, "rb") as stream:
            got.extend(stream.read())

    check_writable(pipe)
    reader = threading.Thread(target=read)
    reader.start()
    reader.join(0.05)
    assert reader.is_alive()  # the check was no end of the data
    write_atomically(pipe, lambda stream: stream.write(content))
    reader.join(10)
    assert got == content


@on_posix
def test_an_anonymous_pipe_is_written_through_its_number():
    read, write = os.pipe()
    target = Path(f"/dev/fd/{write}")
    check_writable(target)
    write_atomically(target, put)
    os.close(write)
    assert os.read(read, 100) == b"new"
    os.close(read)


@on_posix
def test_a_socket_is_refused_early(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(OutputError, match="output-is-socket"):
            check_writable(Path("socket"))


@on_posix
def test_the_last_check_comes_when_all_is_written_and_what_it_raises_keeps_the_file(tmp_path):
    file = tmp_path / "out.csv"
    file.write_bytes(b"old")
    written = list[bytes]()

    def refuse():
        (temporary,) = tmp_path.glob(".nameplate-*.tmp")
        written.append(temporary.read_bytes())
        raise OutputError("is-something-else")

    with pytest.raises(OutputError, match="is-something-else"):
        write_atomically(file, put, check=refuse)
    assert written == [b"new"]
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


_WRITE_AND_WAIT = """
import sys
from pathlib import Path
from nameplate.storage.atomic import write_atomically

def write(stream):
    stream.write(b"all of it")
    stream.flush()
    print("writing", flush=True)
    sys.stdin.read()

write_atomically(Path(sys.argv[1]), write)
"""


@pytest.fixture
def start_writer():
    """Return a function that starts a process which writes a file until its stdin is closed."""
    started = list[subprocess.Popen[str]]()

    def start(file):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITE_AND_WAIT, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@on_posix
def test_what_a_killed_writer_left_is_cleared_and_a_living_writers_file_is_not(
    tmp_path, start_writer
):
    killed = start_writer(tmp_path / "killed.csv")
    (left,) = tmp_path.glob(".nameplate-*.tmp")
    living = start_writer(tmp_path / "living.csv")
    (in_use,) = set(tmp_path.glob(".nameplate-*.tmp")) - {left}
    killed.kill()
    killed.wait(30)
    assert left.read_bytes() == b"all of it"

    write_atomically(tmp_path / "out.csv", put)

    assert sorted(tmp_path.iterdir()) == sorted([in_use, tmp_path / "out.csv"])
    living.communicate(timeout=30)
    assert living.returncode == 0
    assert (tmp_path / "living.csv").read_bytes() == b"all of it"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "living.csv", tmp_path / "out.csv"]


def test_another_threads_temporary_file_stays(tmp_path):
    def write_another(stream):
        write_atomically(tmp_path / "inner.csv", put)
        stream.write(b"outer")

    write_atomically(tmp_path / "outer.csv", write_another)
    assert (tmp_path / "outer.csv").read_bytes() == b"outer"
    assert (tmp_path / "inner.csv").read_bytes() == b"new"


@on_posix
def test_only_plain_files_with_exactly_the_programs_names_are_cleared(tmp_path):
    (tmp_path / ".nameplate-0123456789ab.tmp").write_bytes(b"left")
    kept = [
        tmp_path / ".nameplate-notes.tmp",
        tmp_path / ".nameplate-0123456789ac.tmp",
        tmp_path / ".nameplate-0123456789ad.tmp",
        tmp_path / "precious",
    ]
    kept[0].write_bytes(b"mine")
    kept[1].mkdir()
    kept[3].write_bytes(b"mine")
    kept[2].symlink_to("precious")
    write_atomically(tmp_path / "out.csv", put)
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "out.csv"])


@on_posix
def test_many_writers_at_once_take_nothing_from_each_other(tmp_path):
    def write_often(number):
        for _ in range(60):
            write_atomically(tmp_path / f"{number}.csv", put)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write_often, range(6)))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}.csv" for n in range(6)]
