from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import add
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.labels import NO_CONCEPT, DecidedBy
from nameplate.domain.messages import Message
from nameplate.pipeline.reading.batch_encoder import Embedded, Failed
from nameplate.pipeline.reading.rescore import ScoredBatch, record, score_events
from nameplate.project.label_changes import auto_label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import BatchScores, Suggestions, score_images
from nameplate.scoring.zero_shot import ClassifierKey, ZeroShot
from project_help import AXES, PLAIN, opened_project
from scoring_help import scored as scored_at_once


@pytest.fixture
def opened():
    return opened_project()


def test_images_embedded_after_scoring_began_are_scored_when_it_ends(opened):
    opened.embed(0, 0)
    classifier = ZeroShot(opened.project.concepts, AXES, PLAIN, Head("softmax", 10.0))
    result = score_images(classifier, opened.project.images.vectors())
    opened.embed(1, 1)
    opened.add_images(*(f"late{i}.jpg" for i in range(3000)))
    opened.embed(2500, 2)
    opened.suggestions.replace(result, opened.project.images)
    assert opened.suggestions.suggested[[0, 1, 2500]].tolist() == opened.ids
    assert opened.suggestions.suggested[2] == NO_CONCEPT


def test_images_embedded_later_are_scored_at_once(opened):
    opened.score()
    opened.embed(3, 1)
    assert opened.suggestions.suggested[3] == opened.ids[1]


def test_a_failure_is_a_row_with_its_reason(opened):
    images = opened.project.images
    assert record(Failed(2, Message("is-empty")), opened.project, opened.suggestions).tolist() == [
        2
    ]
    assert images.reasons == {2: Message("is-empty")}
    assert 2 not in images.waiting_rows()


def test_suggestions_are_those_of_their_names_templates_and_mode(opened):
    def are_of(concepts, template_set=PLAIN, *, multi=False):
        return opened.suggestions.is_made_from(
            ClassifierKey.of(concepts, template_set, multi=multi)
        )

    concepts = opened.project.concepts
    assert not are_of(concepts)
    opened.score()
    assert are_of(concepts)
    assert not are_of(add(concepts, "w"))
    assert not are_of(concepts, multi=True)
    assert not are_of(concepts, replace(PLAIN, templates=("a {}",)))
    x, *others = concepts
    assert not are_of([replace(x, prompts=("a {}",)), *others])
    assert are_of([replace(x, threshold=0.5, colour="#000000"), *others])


def test_a_classifier_that_learns_from_decisions_takes_the_same_way(opened):
    @dataclass(frozen=True)
    class Trained(ZeroShot):
        decisions: int = 0

        @property
        def made_from(self):
            return super().made_from, self.decisions

        @property
        def decider(self):
            return DecidedBy.PROBE

    opened.embed(0, 0)
    project, suggestions = opened.project, opened.suggestions
    for decisions, weights in ((1, AXES), (2, AXES[[1, 0, 2]])):
        trained = Trained(
            project.concepts, weights, PLAIN, Head("softmax", 10.0), decisions=decisions
        )
        assert not suggestions.is_made_from(trained.made_from)
        scored = score_images(trained, project.images.vectors(), suggestions.scores)
        suggestions.replace(scored, project.images)
        assert suggestions.is_made_from(trained.made_from)
        opened.do(auto_label(project, np.arange(4), opened.now))
        assert opened.label_ids[0] == opened.ids[decisions - 1]
        assert project.labels.decided_by.tolist() == [DecidedBy.PROBE, 0, 0, 0]


def test_scores_that_were_made_beside_the_embeddings_are_taken_over(opened):
    opened.score()
    events = [Embedded(np.array([1]), AXES[2:]), Failed(0, Message("is-empty")), "a remark"]
    classifier = opened.suggestions.classifier
    scored, failed, remark = score_events(iter(events), lambda: classifier)
    assert isinstance(scored, ScoredBatch)
    assert (failed, remark) == (events[1], events[2])
    assert record(scored, opened.project, opened.suggestions).tolist() == [1]
    assert opened.suggestions.suggested[1] == opened.ids[2]


def test_scores_of_an_earlier_classifier_are_made_anew(opened):
    opened.score()
    embedded = Embedded(np.array([1]), AXES[:1])
    scored = ScoredBatch(embedded, BatchScores.of(opened.suggestions.classifier, embedded.vectors))
    images, suggestions = opened.project.images, opened.suggestions
    after = ZeroShot(opened.project.concepts[1:], AXES[1:], PLAIN, Head("softmax", 10.0))
    suggestions.replace(score_images(after, images.vectors(), suggestions.scores), images)
    record(scored, opened.project, suggestions)
    assert suggestions.scored_images(np.array([1])).scores.tolist() == [[0, 0]]


def test_another_model_leaves_labels_and_no_suggestion(opened):
    opened.embed(0, 0)
    opened.score()
    opened.do(auto_label(opened.project, np.arange(4), opened.now))
    opened.project.images.forget_embeddings(5)
    opened.suggestions.forget()
    assert opened.project.images.waiting == 4
    assert opened.label_ids[0] == opened.ids[0]
    assert opened.suggestions.scored_images(np.arange(4)).scores.shape == (4, 0)
    assert (opened.suggestions.suggested == NO_CONCEPT).all()
    new = Embedded(np.array([1]), np.ones((1, 5), np.float32))
    record(new, opened.project, opened.suggestions)


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
def test_ratings_made_bit_by_bit_are_those_made_at_once(steps, head, multi):
    project, suggestions = Project(Settings()), Suggestions()
    images = project.images
    images.forget_embeddings(4)
    project.add_images(project.to_add(Path(f"{i}.jpg") for i in range(len(IMAGES))))
    suggestions.grow(len(IMAGES))
    names = add(add(add(add(add(add((), "a"), "b"), "c"), "!d"), "e"), "f")
    neutral = POOL[0] if head.bias is None and (multi or head.kind == "sigmoid") else None

    def read(first, count):
        rows = np.arange(first, min(first + count, len(IMAGES)))
        record(Embedded(rows, IMAGES[rows]), project, suggestions)

    for kind, what, number in [*steps, ("rescore", [4, 1, 3], 0)]:
        if kind == "read":
            read(what, number)
            continue
        concepts = tuple(names[i] for i in what)
        classifier = ZeroShot(concepts, POOL[what], PLAIN, head, multi, neutral)
        scored = score_images(classifier, images.vectors(), suggestions.scores)
        read(number, 7)  # while that job ran
        suggestions.replace(scored, images)
    embeddings = images.embeddings
    full = scored_at_once(embeddings, POOL[[4, 1, 3]], head, multi=multi, neutral=neutral)
    ratings = suggestions.scored_images(np.arange(len(IMAGES)))
    np.testing.assert_allclose(ratings.scores, full.scores, atol=1e-6)
    np.testing.assert_allclose(ratings.probabilities, full.probabilities, atol=1e-4)
    keys = np.array([names[i].key for i in (4, 1, 3)])
    is_read = ~np.isnan(embeddings).any(axis=1)
    assert (suggestions.suggested[~is_read] == NO_CONCEPT).all()
    best = keys[np.argmax(full.scores[is_read], axis=1)]
    np.testing.assert_array_equal(suggestions.suggested[is_read], best)
    of_best = full.probabilities[is_read].max(axis=1)
    np.testing.assert_allclose(suggestions.probability[is_read], of_best, atol=1e-4)
