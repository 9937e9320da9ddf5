from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.concepts import add
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.scoring import Head
from nameplate.domain.templates import TemplateSet
from nameplate.services.embedding import Embedded, Failed
from nameplate.services.rating import Classifier
from nameplate.services.workspace import Workspace, score
from nameplate.storage.scan import ScanBatch

PLAIN = TemplateSet("none", "None", ("{}",))
AXES = np.eye(3, dtype=np.float32)


@pytest.fixture
def workspace():
    """Four images, three concepts along the axes; the last concept is a reject."""
    opened = Workspace(3, PLAIN)
    opened.concepts = add(add(add((), "x"), "y"), "!z")
    opened.add_images(ScanBatch(tuple(Path(f"{i}.jpg") for i in range(4)), ()))
    return opened


def classifier_of(workspace):
    return Classifier(workspace.concepts, AXES, workspace.template_set, Head("softmax", 10.0))


def embed(workspace, row, axis):
    return workspace.take(Embedded(np.array([row]), AXES[axis : axis + 1]))


def score_all(workspace):
    workspace.set_scored(score(classifier_of(workspace), [workspace.images.embeddings]))


def test_images_are_added_once(workspace):
    again = workspace.add_images(ScanBatch((Path("3.jpg"), Path("4.jpg"), Path("4.jpg")), ()))
    assert list(again) == [4]


def test_rows_embedded_after_scoring_began_are_rated_when_it_ends(workspace):
    embed(workspace, 0, 0)
    scored = score(classifier_of(workspace), [workspace.images.embeddings])
    embed(workspace, 1, 1)
    workspace.add_images(ScanBatch(tuple(Path(f"late{i}.jpg") for i in range(3000)), ()))
    embed(workspace, 2500, 2)
    workspace.set_scored(scored)
    keys = [c.key for c in workspace.concepts]
    assert workspace.suggested[[0, 1, 2500]].tolist() == keys
    assert workspace.suggested[2] == NO_CONCEPT


def test_rows_embedded_later_are_rated_at_once(workspace):
    score_all(workspace)
    embed(workspace, 3, 1)
    assert workspace.suggested[3] == workspace.concepts[1].key


def test_a_failure_is_a_row_with_its_reason(workspace):
    assert workspace.take(Failed(2, "is empty")).tolist() == [2]
    assert workspace.images.reasons == {2: "is empty"}
    assert 2 not in workspace.waiting()


def test_auto_labelling_leaves_out_rejects_weak_and_unread_images(workspace):
    for row, axis in ((0, 0), (1, 2), (2, 1)):
        embed(workspace, row, axis)
    score_all(workspace)
    workspace.labels.apply(workspace.auto_label())
    x, y, _ = (c.key for c in workspace.concepts)
    assert workspace.labels.concepts.tolist() == [x, NO_CONCEPT, y, NO_CONCEPT]
    workspace.minimum = 1.0
    workspace.labels.apply(workspace.auto_label())
    assert workspace.labels.concepts.tolist() == [NO_CONCEPT] * 4


def test_a_person_who_chooses_or_accepts_a_reject_decides_for_no_label(workspace):
    embed(workspace, 0, 2)
    score_all(workspace)
    z = workspace.concepts[2].key
    for delta in (workspace.accept(np.array([0])), workspace.label(np.array([0]), z)):
        workspace.labels.apply(delta)
        assert workspace.labels.concepts[0] == NO_CONCEPT
        assert workspace.labels.decided_by[0] == DecidedBy.PERSON
        assert workspace.labels.states[0] == ReviewState.ACCEPTED


def test_ratings_are_current_until_a_name_or_the_templates_change(workspace):
    assert not workspace.is_current
    score_all(workspace)
    assert workspace.is_current
    workspace.concepts = add(workspace.concepts, "w")
    assert not workspace.is_current


def test_a_snapshot_does_not_change_with_the_workspace(workspace):
    embed(workspace, 0, 0)
    score_all(workspace)
    snapshot = workspace.snapshot()
    workspace.labels.apply(workspace.auto_label())
    workspace.take(Failed(1, "is empty"))
    rows = list(snapshot.report(model="m", templates="t").rows())
    assert [row.label for row in rows] == ["", "", "", ""]
    assert [row.error for row in rows] == ["", *["not read yet"] * 3]
    assert rows[0].probability == pytest.approx(1, abs=1e-3)


def test_a_corrected_label_is_reported_with_its_own_probability(workspace):
    embed(workspace, 0, 0)
    score_all(workspace)
    workspace.labels.apply(workspace.label(np.array([0]), workspace.concepts[1].key))
    row = next(workspace.snapshot().report(model="m", templates="t").rows())
    assert (row.label, row.decided_by, row.state) == ("y", "person", "corrected")
    assert row.runner_up == "x"
    assert row.probability < 0.01
    assert row.margin < 0
