"""Old projects open, and commands and exports say and write what they did before."""

import io
import os
import re
import shutil
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from corpus.frozen import compare
from nameplate.cli.main import COMMANDS, run
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.registry import FORMATS
from nameplate.project.file.autosave import ProjectFile
from nameplate.storage.resources import resource

HERE = Path(__file__).parent
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
    """Return a text without what differs between two runs."""
    program = resource("samples").parents[1]
    for folder, instead in ((place, "<place>"), (program, "<program>"), (Path.home(), "<home>")):
        text = text.replace(str(folder), instead)
    for varying, instead in _VARYING:
        text = varying.sub(instead, text)
    return text


def said(place, *arguments):
    """Run a command; return what it said, as a terminal would show it, and its exit code."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)
    error = io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        try:
            code = run(arguments)
        except SystemExit as end:
            code = end.code
    text = f"$ nameplate {' '.join(arguments)}\n{out.buffer.getvalue().decode()}"
    if error.getvalue():
        text += f"--- stderr\n{error.getvalue()}"
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


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words help by version")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_as_it_was(command, place):
    compare(f"help-{command}", said(place, command, "--help"))


@pytest.mark.parametrize("project", PROJECTS)
def test_each_project_opens_and_is_what_it_was(project, place):
    file = f"{project}.nameplate"
    text = "".join(
        said(place, "project", *words, file) for words in (["check"], ["info"], ["info", "--json"])
    )
    compare(f"project-{project}", text)


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
    compare(f"steps-{project}", f"{steps} steps\n")


def facts_of(file):
    labels = file.project.labels
    return [labels.members(row) for row in range(len(file.project.images))], file.project.concepts


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("chosen", FORMATS)
def test_each_format_writes_what_it_did(chosen, project, place, embeddings, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(embeddings))
    place_of = {"xmp": str(BESIDE_PICTURES)}.get(chosen, f"out/delivered{FORMATS[chosen].ending}")
    (place / "out").mkdir()
    options = [] if FORMATS[chosen].has_numbers is False else ["--no-scores"]
    text = said(
        place, "export", f"{project}.nameplate", "--format", chosen, "--out", place_of, *options
    )
    sidecars = sorted((place / "pictures").glob("*.xmp"))
    text += written(place / "out", place) + "".join(written(one, place) for one in sidecars)
    compare(f"export-{chosen}-{project}", text)


LABEL = ("label", "pictures", "--concept", "cat | kitten", "--concept", "dog", "--reject", "thing")
COMMAND_LINES = {
    "version": ["--version"],
    "no-such-command": ["lable"],
    "formats": ["export", "--formats"],
    "label": [*LABEL, "--csv", "-", "--limit", "6"],
    "label-all": [*LABEL, "--csv", "-", "--limit", "6", "--scores", "all", "--multi"],
    "label-json": [*LABEL, "--csv", "labels.csv", "--limit", "6", "--json"],
    "label-no-names": ["label", "pictures", "--csv", "-"],
    "evaluate": [
        "evaluate",
        "pictures",
        *LABEL[2:6],
        "--truth",
        str(resource("samples", "truth.csv")),
    ],
    "search": ["search", "pictures", "--text", "a red flower", "--top", "3"],
    "compare": ["project", "compare", "version-1.nameplate", "version-2.nameplate"],
    "models": ["models", "list"],
    "model": ["models", "show", "starter"],
    "not-there": ["project", "info", "none.nameplate"],
}


@pytest.mark.parametrize("name", COMMAND_LINES)
def test_each_command_says_what_it_did(name, place):
    text = said(place, *COMMAND_LINES[name])
    labels = place / "labels.csv"
    compare(f"command-{name}", text + (written(labels, place) if labels.exists() else ""))
