"""What features keep is in the file, undone and done again, also while nobody declares it."""

import json
import zlib

import pytest

from hostile_projects import execute
from nameplate.domain.changes import GrowFact, SetFact, SetFactOfImages
from nameplate.domain.facts import Fact
from nameplate.plug_ins import failures
from nameplate.plug_ins.feature import Feature
from nameplate.project import facts
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project
from project_help import kept, opened_project, reopened

VALUES = "nameplate.project.file.values"
GOAL = Fact("goal", (), f"{__name__}:listed", f"{__name__}:goal_of")
STARS = Fact("stars", 0, by_image=True)
MOST = Fact("most", 0, join=f"{VALUES}:higher")
OF_NOBODY_ELSE = Fact("settings", "of another")
FEATURE = Feature(__name__, facts=(GOAL, STARS, MOST, OF_NOBODY_ELSE))


def listed(goal):
    return list(goal)


def goal_of(values):
    if not all(isinstance(one, str) for one in values):
        raise ValueError("no goal")
    return tuple(values)


@pytest.fixture(autouse=True)
def declare(monkeypatch):
    """Declare the facts of some features from now on; those of one at first."""

    def declare(*features):
        monkeypatch.setattr(facts, "features", lambda: features)
        facts.declared.cache_clear()

    monkeypatch.setattr(facts, "resolve", lambda owner, reference: _resolved(owner, reference))
    declare(FEATURE)
    yield declare
    monkeypatch.undo()
    facts.declared.cache_clear()


def _resolved(owner, reference, resolve=facts.resolve):
    module, _, name = reference.partition(":")
    return globals()[name] if module == __name__ else resolve(owner, reference)


STEPS = (
    SetFact(GOAL, ("a", "b")),
    SetFactOfImages(STARS, {1: 5, 2: 3}),
    SetFactOfImages(STARS, {1: None, 3: 1}),
    GrowFact(MOST, 7),
    GrowFact(MOST, 4),
    SetFact(GOAL, ("c",)),
)


def known(project):
    return project.fact(GOAL), dict(project.fact_of_images(STARS)), project.fact(MOST)


def moves(project):
    """Undo all that was done in these tests, and do it again; return what was there each time."""
    seen = [known(project)]
    for move in (*[project.undo] * len(STEPS), *[project.redo] * len(STEPS)):
        move()
        seen.append(known(project))
    return seen


def test_what_a_feature_keeps_is_undone_done_again_and_there_when_it_is_reopened(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for step in STEPS:
        opened.do(step)
    assert known(opened.project) == (("c",), {2: 3, 3: 1}, 7)
    assert file.close()
    seen = moves(opened.project)
    assert seen[len(STEPS)] == ((), {}, 7)  # what only grows is not taken back
    assert moves(reopened(path)) == seen


@pytest.mark.parametrize("undone", range(len(STEPS) + 1))
def test_while_a_feature_is_gone_what_it_kept_stays_and_its_steps_are_undone(
    undone, tmp_path, declare
):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for step in STEPS:
        opened.do(step)
    assert file.close()

    declare()
    file = ProjectFile.open(path)
    assert file.project.facts["goal"] == ["c"]
    assert file.project.image_facts["stars"] == {2: 3, 3: 1}
    moves(file.project)
    for _ in range(undone):
        file.project.undo()
    assert file.close()
    copy = tmp_path / "copy.nameplate"
    assert ProjectFile.create(copy, file.project).close()

    declare(FEATURE)
    for _ in range(undone):
        opened.project.undo()
    for one in (path, copy):
        again = reopened(one)
        assert known(again) == known(opened.project)
        for _ in range(undone):
            again.redo()
        assert known(again) == (("c",), {2: 3, 3: 1}, 7)


def test_no_feature_takes_the_place_of_what_the_engine_keeps(path):
    assert reopened(path).settings == opened_project().project.settings


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("facts", ("goal", "["), ""),
        ("image_facts", ("stars", -1, "1"), "out of range"),
        ("image_facts", ("stars", 1, "x"), ""),
        ("image_facts", ("rejected", 1, "[-1]"), "out of range"),
    ],
)
def test_what_is_no_value_of_a_fact_is_a_damaged_project(table, row, message, path):
    marks = ", ".join("?" * len(row))
    execute(path, (f"INSERT INTO {table} VALUES ({marks})", row))
    with pytest.raises(Exception, match=f"project-is-damaged.*{message}"):
        ProjectFile.open(path)


def test_a_value_that_a_plug_in_refuses_stays_as_it_is_and_the_project_is_opened(path, monkeypatch):
    monkeypatch.setattr(failures, "FAILURES", told := {})
    execute(path, ("INSERT INTO facts VALUES (?, ?)", ("goal", "[1]")))
    assert reopened(path).fact(GOAL) == [1]
    assert told[__name__].why == "ValueError: no goal"


@pytest.mark.parametrize("name", ["identity", "next concept", "next step", "place"])
@pytest.mark.parametrize("kind", ["fact", "grown fact"])
def test_a_step_of_a_stranger_changes_nothing_that_no_step_of_the_program_does(
    kind, name, tmp_path
):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    opened.do(SetFact(GOAL, ("a",)))
    assert file.close()
    head = json.dumps({"kind": kind, "name": name, "value": None}).encode()
    change = zlib.compress(len(head).to_bytes(4, "little") + head)
    execute(path, ("UPDATE steps SET change = ? WHERE number = 3", (change,)))
    project = reopened(path)
    assert isinstance(project, Project)
    assert len(project.history.done) == 0  # nor is what was before it known
