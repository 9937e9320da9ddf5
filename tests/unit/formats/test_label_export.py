"""What the labels CSV says of a project."""

from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import RemoveImages, SetConcepts, Settings
from nameplate.domain.concepts import add
from nameplate.domain.messages import Message
from nameplate.formats.exported_image import Which
from nameplate.pipeline.reading.batch_encoder import Failed
from nameplate.pipeline.reading.rescore import record
from nameplate.project.label_changes import auto_label, label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from project_help import PLAIN, Opened, opened_project


@pytest.fixture
def opened():
    opened = opened_project()
    opened.embed(0, 0)
    opened.score()
    return opened


def test_an_export_does_not_change_with_the_project(opened):
    export = opened.export()
    opened.do(auto_label(opened.project, np.arange(4), opened.now))
    record(Failed(1, Message("is-empty")), opened.project, opened.suggestions)
    rows = list(export.exported())
    assert [row.labels for row in rows] == [()] * 4
    assert [row.error for row in rows] == ["", *["not read yet"] * 3]
    assert rows[0].probability == pytest.approx(1, abs=1e-3)


def test_a_corrected_label_is_exported_with_its_own_probability(opened):
    opened.do(label(opened.project, np.array([0]), opened.ids[1], opened.now))
    row = next(opened.export().exported())
    assert (row.labels, row.decided_by, row.state) == (("y",), "person", "corrected")
    assert row.runner_up == "x"
    assert row.probability < 0.01
    assert row.margin < 0


def test_the_runner_up_is_the_next_score_and_a_single_name_has_none(opened):
    opened.embed(1, 1)
    opened.score()
    rows = list(opened.export().exported())
    assert [row.runner_up for row in rows] == ["y", "x", "", ""]  # on a tie the earlier name
    opened.do(SetConcepts(opened.project.concepts[:1]))
    opened.score()
    assert [row.runner_up for row in opened.export().exported()] == [""] * 4


def test_several_labels_come_the_best_first(opened):
    opened.set(is_multi=True)
    opened.embed(1, 1)
    opened.score()
    for concept in opened.ids[:2]:
        opened.do(label(opened.project, np.array([0, 1]), concept, opened.now))
    rows = list(opened.export().exported(all_scores=True))
    assert [row.labels for row in rows[:2]] == [("x", "y"), ("y", "x")]
    assert [row.runner_up for row in rows[:2]] == ["z", "z"]
    assert len(rows[0].all_probabilities) == 3


def test_removed_images_are_left_out_and_paths_are_relative_to_the_others(opened):
    opened.add_images("sub/a.jpg", "sub/b.jpg")
    opened.do(RemoveImages(opened.project.images.ids[:4]))
    assert [row.path for row in opened.export().exported()] == ["a.jpg", "b.jpg"]


def test_before_there_is_a_classifier_the_numbers_are_empty():
    rows = list(opened_project().export().exported(all_scores=True))
    assert [row.path for row in rows] == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert {(row.probability, row.score, row.runner_up) for row in rows} == {(None, None, "")}


def test_paths_stay_when_another_folder_is_added_and_lead_out_to_it():
    first = Opened(Project(Settings(PLAIN)), Suggestions())
    first.add_images("/data/a/1.jpg", "/data/a/in/2.jpg")
    before = [row.path for row in first.export().exported()]
    first.add_images("/data/b/3.jpg")
    assert before == ["1.jpg", "in/2.jpg"]
    assert [row.path for row in first.export().exported()] == ["../b/3.jpg", *before]
    first.do(RemoveImages(first.project.images.ids[:1]))
    assert [row.path for row in first.export().exported()] == ["../b/3.jpg", "in/2.jpg"]


def test_absolute_paths_and_decided_images_alone_are_given_where_asked(opened):
    opened.do(label(opened.project, np.array([2]), opened.ids[0], opened.now))
    (row,) = opened.export().exported(which=Which.DECIDED, absolute_paths=True)
    assert (row.path, row.file) == (
        Path("2.jpg").absolute().as_posix(),
        str(Path("2.jpg").absolute()),
    )
    assert opened.export().count(Which.DECIDED) == 1


def test_a_label_of_a_name_without_scores_is_delivered_too(opened):
    more = add(opened.project.concepts, "w", least_key=opened.project.next_concept_id)
    opened.do(SetConcepts(more))
    opened.do(label(opened.project, np.array([0]), more[-1].key, opened.now))
    row = next(opened.export().exported())
    assert (row.labels, row.probability, row.runner_up) == (("w",), None, "x")
