"""What was marked on pages of older files is decided when they are opened, and brings none down."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.project.facts import fact_called, to_json
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.labelling import auto_label, label
from project_help import kept, opened_project

WRONG, SKIPPED = -1, -2
PAGE = {
    "concept": 1,
    "images": [3, 1, 2],
    "suggested": [1, 1, 1],
    "probabilities": [0.5, 0.25, 0.1],
    "behind": [[3, [4]]],
    "marks": [[1, WRONG], [3, 0], [2, SKIPPED]],
    "promise": 0,
    "blind": False,
}
AS_VERSION_3 = """
DROP TABLE image_facts;
CREATE TABLE rejected (image INTEGER PRIMARY KEY, concepts TEXT NOT NULL);
PRAGMA user_version = 3;
"""


def with_pages(path, *pages, opened=None):
    """Return the project in a file in which an older program kept `pages`."""
    _, file = kept(path, opened)
    assert file.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO facts VALUES ('marked pages', ?)", (json.dumps(pages),))
        db.executescript(AS_VERSION_3)
    for _ in range(2):  # what was decided is in the file
        file = ProjectFile.open(path)
        assert file.close()
    return file.project


@pytest.mark.parametrize("is_multi", [False, True])
def test_marks_are_decided(tmp_path, is_multi):
    opened = opened_project()
    opened.set(is_multi=is_multi)
    for row in range(4):
        opened.embed(row, 1)
    opened.score()
    opened.do(auto_label(opened.project, np.arange(4), opened.now))
    project = with_pages(tmp_path / "p.nameplate", PAGE, opened=opened)
    labels, rejected = project.labels, project.rejected
    assert [labels.members(row) for row in range(4)] == [(1,), (), (0,), (0,)]
    assert labels.states.tolist() == [
        *(ReviewState.SUGGESTED, ReviewState.SKIPPED),
        *(ReviewState.CORRECTED, ReviewState.CORRECTED),
    ]
    assert labels.decided_by.tolist() == [DecidedBy.AUTO, *[DecidedBy.PERSON] * 3]
    assert rejected == {1: {1}, 3: {1}, 4: {1}}


def test_what_was_decided_since_stays(tmp_path):
    opened = opened_project()
    opened.do(label(opened.project, np.array([0]), 0, opened.now))
    project = with_pages(tmp_path / "p.nameplate", PAGE, opened=opened)
    assert project.labels.members(0) == (0,)
    assert 1 not in project.rejected


def test_marks_of_checks_wait_on(tmp_path):
    page = {**PAGE, "promise": 3, "blind": True}
    project = with_pages(tmp_path / "p.nameplate", page)
    write = to_json(fact_called("marks"), project.labels)
    marks = json.loads(json.dumps(write(project.facts["marks"])))
    assert marks == [3, True, [[1, WRONG], [3, 0], [2, SKIPPED]]]
    assert not project.labels.decided_by.any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": None},
        {"suggested": [1]},
        {"suggested": [1, 2**70, "x"]},
        {"behind": [[77, [4]]]},
        {"marks": [[99, 1], [1, -9]]},
        {"marks": [[1]]},
        {"marks": {"1": 1}},
        {"marks": [[1, 2**70]]},
        {"promise": "x"},
        {"promise": 2**70},
        {"promise": 1, "marks": [[99, 1]]},
    ],
)
def test_what_is_no_page_is_left_out_and_the_project_opens_without_it(tmp_path, wrong):
    project = with_pages(tmp_path / "p.nameplate", 7, {**PAGE, **wrong})
    assert not (project.labels.decided_by == DecidedBy.PERSON).any()
    assert not (project.labels.states == ReviewState.SKIPPED).any()


def test_what_is_no_page_takes_no_other_with_it(tmp_path):
    project = with_pages(tmp_path / "p.nameplate", 7, {**PAGE, "images": None}, PAGE)
    assert project.labels.members(2) == (0,)
