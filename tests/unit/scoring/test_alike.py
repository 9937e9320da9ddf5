"""Names that a model cannot tell apart."""

import numpy as np

from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import unit
from nameplate.scoring.alike import alike


def named(*lines):
    return add_all((), lines)[0]


def near(*angles):
    """Unit vectors in a plane."""
    return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


def pairs(concepts, vectors):
    return [(one.name, other.name) for one, other in alike(concepts, vectors)]


def test_pairs_that_are_nearly_one_are_found_the_nearest_first():
    concepts = named("sofa", "couch", "settee", "cat")
    assert pairs(concepts, near(0, 0.05, 0.15, 1.5)) == [
        ("sofa", "couch"),
        ("couch", "settee"),
        ("sofa", "settee"),
    ]
    assert pairs(concepts, near(0, 0.8, 1.6, 2.4)) == []


def test_two_rejects_do_no_harm():
    close = near(0, 0.01, 1.5)
    assert pairs(named("!other", "!something else", "car"), close) == []
    assert pairs(named("!other", "cat", "car"), close) == [("other", "cat")]


def test_where_all_names_lie_close_together_a_pair_has_to_stand_out():
    rng = np.random.default_rng(0)
    middle = np.full((6, 64), 1.0)
    vectors = unit(middle + 0.1 * rng.normal(size=(6, 64)))
    concepts = named(*"abcdef")
    assert (vectors @ vectors.T).min() > 0.95
    assert pairs(concepts, vectors) == []
    vectors[1] = unit(vectors[:1] + 0.01 * rng.normal(size=(1, 64)) / 8)[0]
    assert pairs(concepts, vectors) == [("a", "b")]


def test_few_or_very_many_names_are_not_compared():
    assert alike((), np.empty((0, 0), np.float32)) == ()
    assert alike(named("a"), near(0)) == ()
    many = named(*(f"n{i}" for i in range(2001)))
    assert alike(many, np.ones((2001, 1), np.float32)) == ()
