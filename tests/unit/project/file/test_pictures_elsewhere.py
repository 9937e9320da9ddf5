"""A project that names pictures on other machines contacts none of them."""

import os
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from hostile_projects import execute
from nameplate.cli.main import run
from nameplate.domain.changes import Relink
from nameplate.domain.paths import PathList
from nameplate.project.file import autosave, integrity
from nameplate.project.file.integrity import ProjectError
from nameplate.system.elsewhere import host_of
from project_help import kept, opened_project

no_url_of_windows = pytest.mark.skipif(
    sys.platform == "win32", reason="whose paths have one separator, and so no URL"
)
UNC = "\\\\evil\\share"


@pytest.fixture
def asked(monkeypatch):
    """The paths that the system was asked about."""
    asked = list[str]()
    for name in ("stat", "lstat", "scandir", "open", "access", "readlink"):
        real = getattr(os, name)

        def record(path, *more, real=real, **options):
            asked.append(str(path))
            return real(path, *more, **options)

        monkeypatch.setattr(os, name, record)
    return asked


def put(path, column, text):
    execute(path, (f"UPDATE folders SET {column} = ?", (text.encode(),)))


@pytest.mark.parametrize(
    "folder",
    [
        UNC,
        "//evil/share",
        "/\\evil\\share",
        "\\??\\UNC\\evil\\share",
        "\\\\?\\UNC\\evil\\x",
        pytest.param("https://evil/x", marks=no_url_of_windows),
    ],
)
@pytest.mark.parametrize("column", ["path", "beside"])
def test_a_project_with_pictures_elsewhere_is_not_opened_unasked(
    path, column, folder, asked, capsys
):
    put(path, "beside", "x")
    put(path, column, folder)
    for command in ("info", "check"):
        assert run(["project", command, str(path)]) == 2
        assert "evil" in capsys.readouterr().err
    with pytest.raises(ProjectError) as caught:
        autosave.ProjectFile.open(path)
    assert not [one for one in asked if "evil" in one]
    assert caught.value.reason.parameters["hosts"] == (host_of(folder),)


def test_names_that_make_a_folder_one_of_another_machine_are_seen(path, asked):
    put(path, "path", "/")
    execute(path, "UPDATE images SET path = CAST('/evil/x.jpg' AS BLOB) WHERE id = 1")
    with pytest.raises(ProjectError):
        autosave.ProjectFile.open(path)
    assert not [one for one in asked if "evil" in one]


def test_paths_that_undo_would_bring_back_are_asked_about_too(tmp_path):
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    images = opened.project.images
    for folder in (UNC, str(tmp_path)):
        names = [Path(f"{folder}/{row}.jpg") for row in range(4)]
        opened.do(Relink(images.ids[np.arange(4)], PathList(names)))
    kept(path, opened)[1].close()
    with pytest.raises(ProjectError):
        autosave.ProjectFile.open(path)


def test_a_project_on_the_same_machine_as_its_pictures_needs_no_question(path, monkeypatch):
    put(path, "path", UNC)
    with pytest.raises(ProjectError), closing(integrity.opened_to_read(path)[0]) as db:
        autosave.store.read_project(db, path)
    with closing(integrity.opened_to_read(path)[0]) as db:
        autosave.store.read_project(db, Path("//evil/work/p.nameplate"))


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("\\\\NAS\\share\\a", "\\\\nas"),
        ("//nas/share", "\\\\nas"),
        ("\\\\?\\UNC\\nas\\share", "\\\\nas"),
        ("\\??\\unc\\nas", "\\\\nas"),
        ("\\\\.\\pipe\\x", "\\\\.\\pipe\\x"),
        ("\\\\?\\GLOBALROOT\\Device\\Mup\\nas", "\\\\?\\GLOBALROOT\\Device\\Mup\\nas"),
        ("https://host:1/a?b", "https://host:1"),
        ("s3://bucket", "s3://bucket"),
        ("http://[", "http://["),
        ("HTTPS://Host:443/a", "https://host:443"),
        ("https://me:secret@host/x", "https://host"),
        ("https://me:se@cret@host", "https://host"),
        ("ftp://me:secret@host/x", "ftp://host"),
    ],
)
def test_a_machine_is_said_by_its_name_without_a_password(text, host):
    assert host_of(text) == host
