"""Learning begins at fixed points of a person's decisions, and never ends by more of them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, ImageVectors, unit
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.learning import learning
from nameplate.pipeline.learning.decisions import Decisions, prefixes
from nameplate.pipeline.learning.guard import Mixture
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.scoring.zero_shot import ZeroShot

moments = st.lists(st.just(-1) | st.integers(0, 60), min_size=10, max_size=80)


def sets_of(decided_at):
    found = prefixes(np.array(decided_at, np.int64), 5)
    return [frozenset(rows.tolist()) for rows in found]


@given(moments, st.lists(st.integers(61, 90), max_size=40))
def test_later_decisions_change_no_earlier_prefix(before, later):
    some = sets_of(before)
    assert sets_of([*before, *later])[: len(some)] == some


@given(moments)
@example([-1, 0, 1, 2, 3, 4, 4, 5, -1])
def test_a_prefix_has_all_that_was_decided_until_a_moment_and_each_is_larger(decided_at):
    sizes = []
    for rows in sets_of(decided_at):
        last = max(decided_at[row] for row in rows)
        assert rows == {row for row, moment in enumerate(decided_at) if 0 <= moment <= last}
        sizes.append(len(rows))
    assert sizes == sorted(set(sizes))
    assert not sizes or sizes[0] >= 5


def folder(seed, count=90, kinds=3, spread=0.9):
    """Images whose descriptors tell kinds apart of which names tell half."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, kinds, count)
    names = unit(rng.normal(size=(kinds, 8)))
    embeddings = unit(names[truth] + 1.2 * rng.normal(size=(count, 8)))
    centres = rng.normal(size=(kinds, 12))
    descriptors = unit(centres[truth] + spread * rng.normal(size=(count, 12)))
    concepts = tuple(Concept(key, f"name {key}") for key in range(kinds))
    plain = TemplateSet("", "", ("{}",))
    images = ImageVectors(embeddings, descriptors.astype(np.float16))
    return ZeroShot(concepts, names, plain, Head("softmax", 5.0)), images, truth


def learned_from(names, images, truth, rows, moments, decided_at=None):
    shown = np.eye(len(names.concepts), dtype=np.bool_)[truth[rows]]
    given = Decisions(images.take(rows), shown, ~shown, moments, None, decided_at)
    left = np.setdiff1d(np.arange(len(truth)), rows)
    return learn(names, given, Sample(images), undecided=images.take(left))


def test_once_in_use_learning_is_never_switched_off_by_further_decisions():
    begun = 0
    for seed in range(6):
        names, images, truth = folder(seed)
        order = np.random.default_rng(seed).permutation(len(truth))
        if seed % 3 == 1:  # in the order of the folder, kind after kind
            order = np.argsort(truth, kind="stable")
        each = 1 if seed % 3 < 2 else 14  # one by one, or in pages
        was_used = False
        for count in range(4, len(order), 7):
            moments = np.arange(count) // each
            is_used = learned_from(names, images, truth, order[:count], moments).evidence.is_used
            assert is_used >= was_used, (seed, count)
            was_used = is_used
        begun += was_used
    assert begun >= 3


def test_what_was_in_use_stays_where_all_decisions_at_once_would_not_bring_it_into_use():
    names, images, truth = folder(1)
    rows = moments = np.arange(len(truth))
    wrong = (truth + rows % 2 + 1) % 3  # either of the other kinds, which nothing tells
    labels = np.where(rows < 30, truth, wrong)
    first = learned_from(names, images, labels, rows[:30], moments[:30])
    at_once = learned_from(names, images, labels, rows, moments, np.zeros_like(rows))
    in_order = learned_from(names, images, labels, rows, moments)
    assert [one.evidence.is_used for one in (first, at_once, in_order)] == [True, False, True]


def test_what_is_learned_follows_from_the_decisions_and_their_moments_alone():
    names, images, truth = folder(0)
    rows, moments = np.arange(60), np.arange(60) // 12
    one = learned_from(names, images, truth, rows, moments)
    shuffled = np.random.default_rng(1).permutation(60)
    other = learned_from(names, images, truth, rows[shuffled], moments[shuffled])
    assert one.evidence == other.evidence
    for mine, theirs in zip(one.classifier.weights, other.classifier.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize(("count", "is_surer"), [(99, False), (100, True)])
def test_of_fewer_than_a_hundred_decisions_nothing_is_made_surer(monkeypatch, count, is_surer):
    names, images, truth = folder(0, count=160)
    rows = np.arange(count)

    def scale(sharpness):
        mixed = Mixture(1.0, sharpness, helps=True)
        monkeypatch.setattr(learning, "mixture", lambda _held: mixed)
        return learned_from(names, images, truth, rows, rows).classifier.scale

    assert (scale(3.0) > scale(1.0)) == is_surer
    assert scale(0.5) < scale(1.0)


def test_an_image_without_a_descriptor_has_the_suggestion_of_the_names():
    names, images, truth = folder(0)
    found = learned_from(names, images, truth, np.arange(70), np.arange(70)).classifier
    assert found is not names
    images.descriptors[80:] = np.nan
    mine, by_names = (one.probabilities(one.weights.scores(images)) for one in (found, names))
    np.testing.assert_allclose(mine.probabilities[80:], by_names.probabilities[80:], atol=1e-5)
    assert not np.allclose(mine.probabilities[:80], by_names.probabilities[:80], atol=1e-2)


def test_names_passed_over_hold_up_what_was_decided_one_by_one_and_not_pages():
    names, images, truth = folder(4, count=160, kinds=4, spread=0.3)
    first = np.flatnonzero(truth < 2)  # nothing is decided about half of the names
    one_by_one = learned_from(names, images, truth, first, np.arange(len(first)))
    pages = learned_from(names, images, truth, first, np.arange(len(first)) // 14)
    assert one_by_one.evidence.why.code == "names-passed-over"
    assert pages.evidence.is_used
