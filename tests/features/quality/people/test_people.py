"""Two people's projects of the same pictures, compared and merged in the window."""

import numpy as np
import pytest

from features.quality.driver import AccuracyDriver
from nameplate.domain.changes import SetConcepts, SetLabels, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.project.file import store
from nameplate.project.project import Project
from qt_help import wait

TEST = Title("label", {"name": "test"})
BOB = {
    "red/wide.png": "red",
    "red/tall.jpg": "pink",
    "green/wide.png": "red",
    "green/tall.jpg": "red",
    "blue/wide.png": "blue",
}


@pytest.fixture
def bob(coloured, tmp_path):
    """Bob's project of the same pictures: five are decided, one of them as pink."""
    names = ["pink", "blue", "red"]
    project = Project(Settings())
    project.apply(SetConcepts(add_all((), names)[0]), TEST)
    project.add_images(project.to_add(coloured / name for name in BOB))
    codes = [project.labels.sets.code_of([names.index(name)]) for name in BOB.values()]
    labels = labels_of(
        np.array(codes, np.int32), DecidedBy.PERSON, ReviewState.CORRECTED, decided_at=1
    )
    project.apply(SetLabels(project.images.ids, labels), TEST)
    file = tmp_path / "bob.nameplate"
    store.close(store.create(file, project))
    return file


@pytest.fixture
def comparing(window):
    return AccuracyDriver(window).people


@pytest.fixture
def ann(opened):
    """Ann's window: three pictures are decided, two of them otherwise than Bob decided."""
    for picture, key in (("red/wide.png", "1"), ("green/wide.png", "2"), ("green/tall.jpg", "2")):
        opened.select(picture)
        opened.main.grid.setFocus()
        opened.press(key)
    return opened


def test_the_section_says_how_far_two_people_agree(ann, bob, comparing):
    said = comparing.compare_with(bob)
    assert said[1].startswith("You agree on 33% of the 3 pictures you both checked.")
    assert "Cohen's kappa: 0.00" in said[1]
    assert "With so few pictures" in said[1]
    assert said[2] == (
        "5 pictures in both projects, 5 matched by path alone. "
        "Checked by you alone: 0, by them alone: 2."
    )
    assert comparing.differences == [("green", "red", "2")]


def test_the_differences_are_a_view_that_can_be_left_again(ann, bob, comparing):
    figures = AccuracyDriver(ann)
    comparing.compare_with(bob)
    comparing.answer("Show 2 differences")
    assert sorted(ann.pictures()) == ["green/tall.jpg", "green/wide.png"]
    ann.select("green/wide.png")
    assert figures.shown == "Accuracy: you and bob differ (2) · bob: red"
    figures.answer_shown("Back to accuracy")
    assert len(ann.pictures()) == 6

    comparing.open_difference(0)
    assert len(ann.pictures()) == 2
    assert figures.shown == "Accuracy: you “green”, they “red” (2)"
    ann.select(0)
    ann.main.grid.setFocus()
    ann.press("1")
    assert len(ann.pictures()) == 2  # what is being gone through does not jump away
    ann.press("Escape")
    wait(lambda: comparing.differences == [("green", "red", "1")])
    comparing.answer("Stop comparing")
    assert (comparing.says, figures.panel.is_open) == ([], True)


def test_another_filter_leaves_the_view_of_the_differences(ann, bob, comparing):
    comparing.compare_with(bob)
    comparing.answer("Show 2 differences")
    ann.menu("Clear the filter")
    assert len(ann.pictures()) == 6
    ann.menu("Accuracy")
    comparing.answer("Show 2 differences")
    assert len(ann.pictures()) == 2


def test_what_they_alone_decided_is_taken_over_after_a_preview_and_undone(ann, bob, comparing):
    said = comparing.compare_with(bob)
    assert said[3] == (
        "To take over: 2 labels that only they checked, 1 new name (pink). "
        "Where you differ, yours stay."
    )
    before = ann.labels()
    comparing.answer("Take over 2 labels")
    assert ann.message == "2 labels taken over from bob, 1 name added."
    assert ann.labels() == before | {"red/tall.jpg": "pink", "blue/wide.png": "blue"}
    assert ann.names() == ["red", "green", "blue", "pink"]
    wait(lambda: comparing.says[3].startswith("There is nothing to take over."))
    assert comparing.says[2].endswith("2 with one and the same decision left out.")
    assert not comparing.offers("Take over")
    assert ann.menu_entry("Undo").text() == "Undo merge 2 decisions of “bob”"
    ann.menu("Undo")
    assert ann.labels() == before
    assert ann.names() == ["red", "green", "blue"]


def test_what_is_no_project_is_said_and_nothing_is_shown(ann, coloured, comparing):
    comparing.begin(coloured / "red" / "wide.png")
    ann.wait_for_message("not a Nameplate project")
    assert comparing.says == []


def test_the_comparison_ends_when_another_project_is_opened(ann, bob, comparing):
    comparing.compare_with(bob)
    ann.open_project(bob)
    assert AccuracyDriver(ann).people.says == []
    assert len(ann.pictures()) == 5


def test_pictures_that_come_later_are_compared_too(window, coloured, bob, comparing):
    window.open(coloured / "red")
    window.wait_for_pictures(2)
    comparing.compare_with(bob)
    window.open(coloured / "green")
    wait(lambda: "4 pictures in both projects" in comparing.says[2])


def test_projects_without_a_common_picture_say_so(opened, tmp_path, comparing):
    file = tmp_path / "empty.nameplate"
    store.close(store.create(file, Project(Settings())))
    said = comparing.compare_with(file)
    assert said[1] == "No picture was checked by both of you."
    assert said[3] == "There is nothing to take over."
    assert not comparing.differences


def test_a_project_that_is_dropped_can_be_compared_with(opened, bob, comparing):
    opened.drop(bob)
    opened.answer("Compare")
    wait(lambda: comparing.says[:1] == ["Compared with bob"])
    assert opened.project.images.present == 6
