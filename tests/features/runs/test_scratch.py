import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nameplate.features.runs.embedding import scratch_folder

HOLD = """
import sys
from nameplate.features.runs.embedding import scratch_folder
with scratch_folder() as folder:
    (folder / "0").write_text("picture")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_there_for_as_long_as_it_is_needed(temporary):
    with scratch_folder() as one, scratch_folder() as other:
        assert one != other
        (one / "0").write_text("picture")
    assert not list(temporary.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_what_a_killed_process_left_is_deleted_and_not_before(temporary):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        left = process.stdout.readline().strip()
        with scratch_folder():
            assert (Path(left) / "0").exists()
        process.kill()
    with scratch_folder():
        assert not Path(left).exists()


def test_what_is_not_ours_is_left_alone(temporary):
    (temporary / "nameplate-scratch-file").write_text("a file")
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / ".lock").write_text("")
    (temporary / "nameplate-scratch-link").symlink_to(temporary / "elsewhere")
    with scratch_folder():
        pass
    assert (temporary / "elsewhere" / ".lock").exists()
    assert (temporary / "nameplate-scratch-file").exists()
