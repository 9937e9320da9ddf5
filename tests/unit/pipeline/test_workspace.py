from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nameplate.domain.concepts import add
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.prompts import TemplateSet
from nameplate.imaging.scan import ScanBatch
from nameplate.pipeline.batch_encoder import Embedded, Failed
from nameplate.pipeline.workspace import Rated, Read, Workspace, rate_read, score
from nameplate.scoring.scores import score_embeddings
from nameplate.scoring.zero_shot import Classifier

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


def test_what_was_rated_where_it_was_read_is_taken_over(workspace):
    score_all(workspace)
    events = [Embedded(np.array([1]), AXES[2:]), Failed(0, "is empty"), "a remark"]
    read, failed, remark = rate_read(iter(events), lambda: workspace.classifier)
    assert isinstance(read, Read)
    assert (failed, remark) == (events[1], events[2])
    assert workspace.take(read).tolist() == [1]
    assert workspace.suggested[1] == workspace.concepts[2].key


def test_what_was_rated_by_an_earlier_classifier_is_rated_anew(workspace):
    score_all(workspace)
    embedded = Embedded(np.array([1]), AXES[:1])
    read = Read(embedded, Rated.of(workspace.classifier, embedded.embeddings))
    workspace.concepts = workspace.concepts[1:]
    after = Classifier(workspace.concepts, AXES[1:], PLAIN, Head("softmax", 10.0))
    workspace.set_scored(score(after, workspace.images.blocks(), workspace.scores))
    workspace.take(read)
    assert workspace.ratings.scores[1].tolist() == [0, 0]


def test_another_model_leaves_labels_and_no_rating(workspace):
    embed(workspace, 0, 0)
    score_all(workspace)
    workspace.labels.apply(workspace.auto_label())
    workspace.forget_embeddings(5)
    assert workspace.images.waiting == 4
    assert workspace.labels.concepts[0] == workspace.concepts[0].key
    assert workspace.ratings.scores.shape == (4, 0)
    assert (workspace.suggested == NO_CONCEPT).all()
    workspace.take(Embedded(np.array([1]), np.ones((1, 5), np.float32)))


HEADS = st.sampled_from([Head("softmax", 100.0), Head("sigmoid", 20.0, -2.0), Head("sigmoid", 9.0)])
POOL = unit(np.random.default_rng(5).normal(size=(6, 4)))
IMAGES = unit(np.random.default_rng(6).normal(size=(BLOCK_ROWS + 60, 4)))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, len(IMAGES) - 1), st.integers(1, 40)),
        st.tuples(st.just("rescore"), st.lists(st.integers(0, 5), unique=True), st.integers(0, 50)),
    ),
    max_size=8,
)


@given(steps=STEPS, head=HEADS, multi=st.booleans())
@settings(max_examples=60, deadline=None)
def test_ratings_made_bit_by_bit_are_those_made_at_once(steps, head, multi):
    opened = Workspace(4, PLAIN)
    opened.add_images(ScanBatch(tuple(Path(f"{i}.jpg") for i in range(len(IMAGES))), ()))
    names = add(add(add(add(add(add((), "a"), "b"), "c"), "!d"), "e"), "f")
    neutral = POOL[0] if head.bias is None and (multi or head.kind == "sigmoid") else None

    def read(first, count):
        rows = np.arange(first, min(first + count, len(IMAGES)))
        opened.take(Embedded(rows, IMAGES[rows]))

    for kind, what, number in [*steps, ("rescore", [4, 1, 3], 0)]:
        if kind == "read":
            read(what, number)
            continue
        concepts = tuple(names[i] for i in what)
        classifier = Classifier(concepts, POOL[what], PLAIN, head, multi, neutral)
        scored = score(classifier, opened.images.blocks(), opened.scores)
        read(number, 7)  # while that job ran
        opened.set_scored(scored)
    embeddings = opened.images.embeddings
    full = score_embeddings(embeddings, POOL[[4, 1, 3]], head, multi=multi, neutral=neutral)
    ratings = opened.ratings
    np.testing.assert_allclose(ratings.scores, full.scores, atol=1e-6)
    np.testing.assert_allclose(ratings.probabilities, full.probabilities, atol=1e-4)
    keys = np.array([names[i].key for i in (4, 1, 3)])
    is_read = ~np.isnan(embeddings).any(axis=1)
    assert (opened.suggested[~is_read] == NO_CONCEPT).all()
    best = keys[np.argmax(full.scores[is_read], axis=1)]
    np.testing.assert_array_equal(opened.suggested[is_read], best)
    of_best = full.probabilities[is_read].max(axis=1)
    np.testing.assert_allclose(opened.probability[is_read], of_best, atol=1e-4)
