"""Results that must not be written, by real commands: refused, and every file stays as it was."""

import hashlib
import os
import shutil
import sys

import pytest
from PIL import Image

from hostile.folders import NAMES
from hostile.measuring import run_program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")

LABEL, EMBED, EVALUATE = "--csv", "--npz", "--report"

REFUSED = {
    "a picture beyond the limit": (LABEL, "pictures/red/wide.png"),
    "a picture as vectors": (EMBED, "pictures/red/tall.jpg"),
    "a picture elsewhere": (LABEL, "elsewhere.csv"),
    "a damaged picture": (LABEL, "torn.JPG"),
    "a new picture": (LABEL, "new.jpg"),
    "a symbolic link to a picture": (LABEL, "symbolic.csv"),
    "a hard link to a picture": (EMBED, "hard.npz"),
    "a link to a name of a picture": (LABEL, "to-new.csv"),
    "a graph": (LABEL, "model/image.onnx"),
    "a tokenizer": (LABEL, "model/tokenizer.json"),
    "a new file of a model": (EMBED, "model/new.npz"),
    "a file that a model links to": (LABEL, "blob"),
    "what is called like a graph": (EMBED, "new.onnx"),
    "beside a manifest": (LABEL, "other/labels.csv"),
    "names": (LABEL, "names.txt"),
    "a link to names": (LABEL, "names.csv"),
    "a project": (LABEL, "mine.nameplate"),
    "a truth file": (EVALUATE, "report"),
    "a report in a model": (EVALUATE, "model/report"),
    "a folder": (LABEL, "folder.csv"),
}
"""What would be lost, and the option and the place that would do it."""


@pytest.fixture
def place(coloured, tiny_model, tmp_path):
    """A folder of all that must stay as it is."""
    Image.new("RGB", (9, 9)).save(tmp_path / "elsewhere.csv", "JPEG")
    (tmp_path / "torn.JPG").write_bytes(b"nothing that begins like a picture")
    (tmp_path / "symbolic.csv").symlink_to(coloured / "red" / "wide.png")
    os.link(coloured / "blue" / "wide.png", tmp_path / "hard.npz")
    (tmp_path / "to-new.csv").symlink_to("new.png")
    shutil.copytree(tiny_model, tmp_path / "model")
    (tmp_path / "model" / "text.onnx").rename(tmp_path / "blob")
    (tmp_path / "model" / "text.onnx").symlink_to(tmp_path / "blob")
    for name in ("other", "report", "folder.csv"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "model.toml").write_text('id = "other"')
    (tmp_path / "names.txt").write_text("red\nblue\n")
    (tmp_path / "names.csv").symlink_to("names.txt")
    (tmp_path / "mine.nameplate").write_bytes(b"labels of a week")
    (tmp_path / "report" / "labels.csv").write_text("path,label\nred/wide.png,red\n")
    return tmp_path


def state(folder):
    """Return every entry below a folder, with what is in it and when it changed."""
    return {
        path: (
            path.is_symlink(),
            path.lstat().st_mtime_ns if path.is_file() else 0,
            hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_lost_is_not(name, table, place, coloured):
    row = table("outputs that must not be written")
    option, file = REFUSED[name]
    model = ("--model", place / "model")
    command = {
        LABEL: ["label", coloured, "--concepts", place / "names.txt", "--limit", 1],
        EMBED: ["embed", coloured, "--limit", 1],
        EVALUATE: ["evaluate", coloured, *NAMES, "--truth", place / "report" / "labels.csv"],
    }[option]
    before = state(place)
    for consent in ((), ("--overwrite",)):
        done = run_program(*command, option, place / file, *model, *consent, cwd=place)
        problem = done.unless(2) or ("" if state(place) == before else "changed a file")
        row.note(f"{name} {consent}", done.seconds, done.megabytes, problem)
