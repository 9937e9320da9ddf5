"""Labels that came with the pictures: in the window, and in the file of a project."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import project_help
from features.exchange.driver import Imports
from nameplate.domain.errors import NameplateError
from nameplate.domain.records import LabelRecord
from nameplate.features.exchange.given import given_in
from nameplate.features.exchange.import_plan import PlanBuilder
from nameplate.features.exchange.importing import import_change
from nameplate.project.file.autosave import ProjectFile
from nameplate.ui.tiles.chips import chip_of
from project_help import kept, try_reopening, try_undo
from qt_help import wait

STEPS = st.one_of(
    project_help.STEPS,
    st.tuples(
        st.just("import"),
        st.dictionaries(st.integers(0, 3), st.sampled_from(["x", "y", "new"]), min_size=1),
        st.booleans(),
    ),
)


def take(opened, step):
    """Take a step, if it can be taken."""
    match step:
        case "import", labels, is_checked:
            builder = PlanBuilder(opened.project.images.ids)
            for row, name in labels.items():
                builder.add(row, LabelRecord(row + 1, "", (name,)), by_content=False)
            plan = builder.finished()
            found = import_change(opened.project, plan, at=1, is_checked=is_checked)
            if found.changed:
                opened.do(found.change)
        case _:
            project_help.take(opened, step)


def state_of(project):
    """Return all that a person could see of a project, and what its pictures came with."""
    given_labels = given_in(project)
    members = [project.labels.sets.members(code) for code in given_labels.concepts.tolist()]
    return project_help.state_of(project), given_labels.ids.tolist(), members


@settings(max_examples=15)
@given(st.lists(STEPS, max_size=8))
def test_imports_can_be_undone_and_done_again(steps):
    try_undo(steps, take, state_of)


@settings(max_examples=15)
@given(st.lists(STEPS, max_size=8))
def test_what_was_given_is_there_after_reopening(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("project") / "p.nameplate"
    try_reopening(path, steps, take, state_of)


@pytest.mark.parametrize(
    "damage",
    ["[", "1", "[[[0], [-5]]]", "[[[0], [3, 0]]]", "[[[-1], [1]]]", "[[[0], 1]]", '[["x", [1]]]'],
)
def test_given_labels_that_are_none_are_a_damaged_project(damage, tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    take(opened, ("import", {0: "x"}, False))
    assert file.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("UPDATE facts SET value = ? WHERE name = 'given'", (damage,)).rowcount
        db.commit()
    with pytest.raises(NameplateError, match="project-is-damaged"):
        ProjectFile.open(path)


@pytest.fixture
def given_to(opened, tmp_path):
    """The window with two imported labels, of which that of a red picture is wrong."""
    table = tmp_path / "given.csv"
    table.write_text("file,label\nred/wide.png,blue\nblue/tall.jpg,blue\n")
    imports = Imports(opened)
    imports.open(table)
    imports.answer("Import 2 labels")
    opened.wait_for_message("2 labels imported")
    return opened


def test_a_given_label_says_that_nobody_has_checked_it(given_to):
    assert given_to.labels()["red/wide.png"] == "blue"
    assert given_to.state("red/wide.png").startswith("given, not checked: blue")
    chip = chip_of(given_to.tiles()["red/wide.png"])
    assert (chip.text, chip.detail) == ("blue", "")  # a low percentage would read like an error
    given_to.filter_by("by:given")
    assert set(given_to.pictures()) == {"red/wide.png", "blue/tall.jpg"}
    assert given_to.conditions == ["Given, not checked"]


def test_auto_labelling_leaves_given_labels_and_enter_accepts_one(given_to):
    given_to.menu("Auto-label all")
    assert given_to.labels()["red/wide.png"] == "blue"
    assert given_to.labels()["red/tall.jpg"] == "red"
    given_to.select("blue/tall.jpg")
    given_to.press("Return")
    assert given_to.state("blue/tall.jpg") == "decided by you: blue"
    assert given_to.review_state("blue/tall.jpg").name == "ACCEPTED"


def test_an_export_tells_given_labels_from_automatic_ones(given_to):
    given_to.menu("Auto-label all")
    given_to.open_export()
    wait(lambda: any("4 automatic, 2 given" in said for said in given_to.export_says()))


def test_a_project_that_is_opened_again_has_its_given_labels(given_to, make_window, tmp_path):
    given_to.select("red/wide.png")
    given_to.name_by_key("red")
    path = tmp_path / "p.nameplate"
    given_to.save_and_close(path)
    window = make_window()
    window.wait_until_loaded()
    window.open_project(path)
    assert window.state("blue/tall.jpg").startswith("given, not checked: blue")
    assert window.state("red/wide.png") == "decided by you: red"
    project = window.project
    codes = given_in(project).of(np.array(project.images.ids))
    names = {concept.key: concept.name for concept in project.concepts}
    came = [[names[key] for key in project.labels.sets.members(code)] for code in codes.tolist()]
    assert sorted(filter(None, came)) == [["blue"], ["blue"]]
