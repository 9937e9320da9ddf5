"""Sentences and thresholds of concepts in a project's file."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from nameplate.domain.changes import SetConcepts
from nameplate.domain.concepts import Concept
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.integrity import DamagedProjectError
from nameplate.project.file.values import concept_json, concept_of
from project_help import kept


@pytest.fixture
def path(tmp_path):
    """A project with sentences and a threshold."""
    opened, file = kept(tmp_path / "p.nameplate")
    x, y, z = opened.project.concepts
    x = replace(x, prompts=("a {}", "b"), threshold=0.25)
    opened.do(SetConcepts((x, y, z)))
    assert file.close()
    return tmp_path / "p.nameplate"


def test_they_are_kept_and_undo_brings_back_what_was_before(path):
    file = ProjectFile.open(path)
    x, _, _ = file.project.concepts
    assert (x.prompts, x.threshold) == (("a {}", "b"), 0.25)
    file.project.undo()
    assert all((c.prompts, c.threshold) == ((), None) for c in file.project.concepts)
    assert file.close()


def test_what_a_later_version_adds_to_a_concept_is_passed_over():
    cat = Concept(3, "cat")
    assert concept_of({**concept_json(cat), "of a later version": 1}) == cat


def test_a_parent_of_version_1_0_is_passed_over_and_that_version_reads_what_is_written():
    cat = Concept(3, "cat")
    assert concept_of({**concept_json(cat), "parent": 2}) == cat
    assert concept_json(cat)["parent"] is None


@pytest.mark.parametrize(
    "values",
    [
        {"prompts": "text"},
        {"prompts": [1]},
        {"prompts": ["x" * 401]},
        {"prompts": ["x"] * 101},
        {"threshold": 2},
        {"threshold": float("nan")},
        {"threshold": "0.5"},
    ],
    ids=str,
)
def test_what_they_cannot_be_is_damage(path, values):
    with closing(sqlite3.connect(path)) as db, db:
        (text,) = db.execute("SELECT value FROM concepts WHERE id = 0").fetchone()
        changed = json.dumps({**json.loads(text), **values})
        db.execute("UPDATE concepts SET value = ? WHERE id = 0", (changed,))
    with pytest.raises(DamagedProjectError):
        ProjectFile.open(path)
