"""One process at a time: a lock that others see, and that ends with its holder."""

import os
import sys

import pytest

from nameplate.storage.lock import locked


def test_a_lock_is_had_by_one_at_a_time(tmp_path):
    path = tmp_path / "lock"
    with locked(path) as first, locked(path) as second:
        assert (first, second) == (True, False)
    with locked(path) as again:
        assert again


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is copied there")
def test_a_copy_of_the_process_keeps_no_lock_that_was_let_go(tmp_path):
    """As a child is, between the start of its process and that of its program."""
    path = tmp_path / "lock"
    stay, go = os.pipe()
    with locked(path):
        child = os.fork()
        if not child:
            os.close(go)
            os.read(stay, 1)
            os._exit(0)
    try:
        with locked(path) as is_held:
            assert is_held
    finally:
        os.close(go)
        os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
@pytest.mark.parametrize("kind", ["link", "link to nothing", "pipe", "device"])
def test_a_lock_is_made_nowhere_else_and_is_a_file(tmp_path, kind):
    path, other = tmp_path / "lock", tmp_path / "other"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/null" if kind == "device" else other)
    if kind == "link":
        other.write_text("stay")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match=r"link|regular"), locked(path):
        pass
    assert sorted(tmp_path.iterdir()) == before
