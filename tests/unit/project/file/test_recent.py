"""Looking through the last projects reads little of each."""

import sqlite3

import numpy as np
import pytest

from hostile_projects import execute
from nameplate.domain.progress import CancelToken
from nameplate.project.file import integrity
from nameplate.project.file.recent import known_folder, recent_projects
from nameplate.project.label_changes import label
from project_help import kept, opened_project


@pytest.fixture
def said(monkeypatch):
    """What SQLite is told by who judges a project."""
    said, connected = list[str](), integrity.connected

    def traced(*args: object, **options: bool) -> sqlite3.Connection:
        db = connected(*args, **options)
        db.set_trace_callback(said.append)
        return db

    monkeypatch.setattr(integrity, "connected", traced)
    return said


def test_the_last_projects_are_looked_into_without_reading_all_of_them(tmp_path, said):
    path, opened = tmp_path / "p.nameplate", opened_project()
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    kept(path, opened)[1].close()
    pictures = tmp_path / "pictures"
    execute(path, f"UPDATE folders SET path = CAST('{pictures}' AS BLOB)")
    said.clear()
    known = known_folder(pictures, [], tmp_path, tmp_path / "none")
    ((recent,),) = recent_projects([], tmp_path, tmp_path / "none", CancelToken())
    assert known is not None
    assert known.decided == 1
    assert recent.summary is not None
    assert any("user_version" in text for text in said)
    assert not [text for text in said if "integrity" in text or "foreign_key_check" in text]
