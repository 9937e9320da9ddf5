"""Models put together in the store: what killed processes leave, and what living ones need."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nameplate.features.models.store import install_model, remove_model, staging_folder
from nameplate.model_hub.installed import installed_models
from nameplate.storage.folders import models_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and SIGKILL of POSIX")

_INSTALL = """
import sys
from pathlib import Path
from nameplate.features.models.store import install_model

install_model(sys.argv[1], Path(sys.argv[2]), ["a.txt", "pipe"], "id = 1")
"""

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a file, and a pipe that whoever copies it has to wait for."""
    (tmp_path / "a.txt").write_text("a")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.fixture
def start_adding(source: Path) -> Iterator[Start]:
    """Return a function that starts a process which adds a model, and stops in the middle of it."""
    started = list[subprocess.Popen[bytes]]()

    def start(model_id: str) -> "subprocess.Popen[bytes]":
        before = working_folders()
        process = subprocess.Popen([sys.executable, "-c", _INSTALL, model_id, str(source)])
        started.append(process)
        end = time.monotonic() + 30
        while not any((f / "content/a.txt").exists() for f in working_folders() - before):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def working_folders() -> set[Path]:
    return set(models_folder().glob(".adding-*"))


def test_what_a_killed_process_left_is_cleared_by_the_next_and_a_living_ones_folder_is_not(
    source: Path, start_adding: Start
) -> None:
    killed = start_adding("one")
    (left,) = working_folders()
    living = start_adding("two")
    (in_use,) = working_folders() - {left}
    killed.kill()
    killed.wait(30)

    install_model("three", source, ["a.txt"], "id = 3")

    assert working_folders() == {in_use}
    (source / "pipe").write_bytes(b"the rest")
    assert living.wait(30) == 0
    assert list(installed_models()) == ["three", "two"]
    assert (models_folder() / "two" / "pipe").read_bytes() == b"the rest"
    assert sorted(path.name for path in (models_folder() / "two").iterdir()) == [
        "a.txt",
        "model.toml",
        "pipe",
    ]
    remove_model("two")
    assert working_folders() == set()
    assert list(installed_models()) == ["three"]


def test_a_folder_that_an_earlier_version_left_without_a_lock_is_cleared(source: Path) -> None:
    left = models_folder() / ".adding-0123456789ab"
    left.mkdir(parents=True)
    (left / "image.onnx").write_bytes(b"half")
    install_model("one", source, ["a.txt"], "id = 1")
    assert working_folders() == set()


def test_a_download_that_was_stopped_is_kept(source: Path) -> None:
    with staging_folder("later", "files") as folder:
        folder.mkdir()
        (folder / "image.onnx").write_bytes(b"half")
    install_model("one", source, ["a.txt"], "id = 1")
    assert (folder / "image.onnx").read_bytes() == b"half"


def test_nobody_else_can_open_the_folder_of_the_models(source: Path) -> None:
    before = os.umask(0)
    try:
        with staging_folder("some", "some"):
            assert models_folder().parent.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
