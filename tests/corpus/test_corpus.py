"""Old projects open, and commands and exports say and write what they did before."""

import io
import os
import re
import shlex
import shutil
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from corpus.frozen import SAID, compare, kept
from nameplate import __version__
from nameplate.cli.main import COMMANDS, run
from nameplate.formats.registry import FORMATS
from nameplate.project.file.autosave import ProjectFile
from nameplate.storage.resources import resource

HERE = Path(__file__).parent
PROGRAM = resource("samples").parents[1]
COMMANDS_KEPT = [*kept("command-*"), *kept("help-*"), *kept("export-*"), *kept("project-*")]
PROJECTS = sorted(path.stem for path in (HERE / "projects").glob("*.nameplate"))

_VARYING = (
    (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d[:.]\d\d([:.]\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?"),
        "<time>",
    ),
    (re.compile(r"\d+(\.\d+)? (ms|s|seconds?|minutes?)\b"), "<duration>"),
    (re.compile(r"\d+(\.\d+)?(/s| images/s| per second)"), "<rate>"),
)


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory):
    """The cache of all exports: the same pictures are encoded once."""
    return tmp_path_factory.mktemp("embeddings")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the pictures and the projects, where all commands run."""
    (tmp_path / "pictures").mkdir()
    for picture in resource("samples").glob("*.jpg"):
        shutil.copy2(picture, tmp_path / "pictures")
        os.utime(tmp_path / "pictures" / picture.name, (1_700_000_000, 1_700_000_000))
    for project in PROJECTS:
        shutil.copy2(HERE / "projects" / f"{project}.nameplate", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def plain(text, place):
    """Return a text without what differs between two runs, or between two releases."""
    text = text.replace(f"nameplate {__version__}", "nameplate <version>")
    for folder, instead in ((place, "<place>"), (PROGRAM, "<program>"), (Path.home(), "<home>")):
        text = text.replace(str(folder), instead).replace(folder.as_posix(), instead)
    for varying, instead in _VARYING:
        text = varying.sub(instead, text)
    return text


def commands_in(file):
    """Return the words of the commands whose transcript is kept in a file."""
    lines = file.read_text(encoding="utf-8").replace("<program>", PROGRAM.as_posix()).splitlines()
    return [shlex.split(line)[2:] for line in lines if line.startswith("$ nameplate ")]


def said(place, *arguments):
    """Run a command; return what it said, as a terminal would show it, and its exit code."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)
    error = io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        try:
            code = run(arguments)
        except SystemExit as end:
            code = end.code
    text = f"$ nameplate {shlex.join(arguments)}\n{out.buffer.getvalue().decode()}"
    if error.getvalue():
        text += f"--- stderr\n{error.getvalue()}"
    text = text.replace(os.sep, "/")
    return plain(f"{text.rstrip()}\n--- exit {code}\n", place)


def written(path, place):
    """Return all that lies at a path as text; of pictures their names alone."""
    if path.is_dir():
        return "".join(
            f"=== {one.relative_to(path).as_posix()}\n{written(one, place)}"
            for one in sorted(path.rglob("*"))
            if one.is_file()
        )
    content = path.read_bytes()
    if path.suffix in {".jpg", ".png"}:
        return ""
    if path.suffix == ".parquet":
        return plain("".join(f"{row}\n" for row in read_table(path).to_pylist()), place)
    if zipfile.is_zipfile(path):
        return f"{zipfile.ZipFile(path).namelist()}\n"
    return plain(content.decode(), place).rstrip() + "\n"


@pytest.mark.parametrize("project", PROJECTS)
def test_each_step_of_an_old_project_is_undone_and_redone(project, place):
    path = place / f"{project}.nameplate"
    file = ProjectFile.open(path)
    history, steps = file.project.history, 0
    while history.undone:
        file.project.redo()
    before = facts_of(file)
    while history.done:
        file.project.undo()
        steps += 1
    for _ in range(steps):
        file.project.redo()
    assert facts_of(file) == before
    assert file.close()
    compare(SAID / f"steps-{project}.txt", f"{steps} steps\n")


def facts_of(file):
    labels = file.project.labels
    return [labels.members(row) for row in range(len(file.project.images))], file.project.concepts


@pytest.mark.parametrize("file", COMMANDS_KEPT)
def test_each_command_says_and_writes_what_it_did(file, place, embeddings, monkeypatch):
    if file.stem.startswith("export-"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(embeddings))
    if file.stem.startswith("help-") and (sys.platform, *sys.version_info[:2]) != ("linux", 3, 11):
        pytest.skip("argparse words help by version, and systems differ in their devices")
    if file.stem.startswith(("export-xmp", "export-exiftool")) and sys.platform == "win32":
        pytest.skip("a command to paste has other quotes there")
    (place / "out").mkdir()
    text = "".join(said(place, *words) for words in commands_in(file))
    parts = [place / "out", *sorted((place / "pictures").glob("*.xmp")), place / "labels.csv"]
    compare(file, text + "".join(written(part, place) for part in parts if part.exists()))


def test_each_command_and_each_format_of_each_project_is_among_them():
    words = [one for param in COMMANDS_KEPT for one in commands_in(*param.values)]
    assert {one[0] for one in words if one[1:] == ["--help"]} >= {*COMMANDS}
    told = [(one[0], one[1], one[-1]) for one in words if one[0] == "project"]
    told += [("export", one[1], one[3]) for one in words if one[0] == "export" and len(one) > 3]
    for project in (f"{stem}.nameplate" for stem in PROJECTS):
        assert {("project", "check", project), ("project", "info", project)} <= {*told}
        assert {("export", project, chosen) for chosen in FORMATS} <= {*told}
