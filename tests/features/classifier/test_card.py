"""What the README of a saved classifier claims of it."""

import numpy as np
import pytest

from features.promise.promise_help import Folder, decide_some
from features.promise.test_given_labels import given
from nameplate.domain.embeddings import Head, unit
from nameplate.features.classifier.card import card
from nameplate.features.classifier.saved import saved_of
from nameplate.features.promise.rules.state import kept_promise
from nameplate.inference.model import load_model
from nameplate.pipeline.learning import guard
from nameplate.pipeline.learning.guard import Evidence
from nameplate.pipeline.learning.probe import Probe
from nameplate.scoring.zero_shot import ZeroShot
from project_help import PLAIN


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model)


def said_of(folder, model, evidence=None):
    """Return the README of what a project was taught."""
    concepts = folder.project.concepts
    vectors = unit(np.random.default_rng(0).normal(size=(len(concepts), 16)))
    names = ZeroShot(concepts, vectors, PLAIN, Head("softmax", 5.0), multi=False)
    learned = Probe(names, vectors, np.zeros(len(concepts), np.float32), 1.0, "")
    saved = saved_of(folder.project, learned if evidence else names, model, evidence)
    return " ".join(card(saved, "2026-01-01", []).split())


def test_a_certificate_is_told_with_its_share_its_certainty_and_its_labels(model):
    folder = Folder(300)
    folder.begin(0.995)
    folder.keep()
    assert (
        "Random checks certify, with 95% certainty, that at least 99.5% of 300 labels that were"
        " suggested in its project are right." in said_of(folder, model)
    )


def test_labels_that_came_with_the_pictures_say_nothing_of_a_classifier(model):
    folder = given(300)
    folder.begin(0.9)
    folder.check_all()
    assert kept_promise(folder.project) is not None
    said = said_of(folder, model)
    assert "certify" not in said
    assert "It was not tried." in said


@pytest.mark.parametrize(("right", "said"), [(299 / 300, "99.6%"), (0.57, "57%"), (1.0, "100%")])
def test_a_share_is_never_rounded_up(model, right, said):
    evidence = Evidence(
        300, is_used=True, by_name=(200, 90, 10), tested=guard.Tested(300, right, ())
    )
    found = said_of(Folder(1), model, evidence)
    assert f"it got {said} right" in found
    assert "300 decisions of a person" in found
    assert "| y | | 0% | 90 |" in found


def test_decisions_that_were_not_learned_from_are_not_counted(model):
    folder = Folder(40)
    decide_some(folder, 30)
    said = said_of(folder, model)
    assert "nothing was learned from decisions" in said
    assert "| x | | 0% | 0 |" in said


def test_a_test_is_not_told_where_what_was_taught_elsewhere_may_have_seen_the_pictures(model):
    evidence = Evidence(
        60,
        is_used=True,
        by_name=(30, 30, 0),
        tested=guard.Tested(60, 1.0, ((0, 1, 2),)),
        taught_in="garden",
    )
    said = said_of(Folder(1), model, evidence)
    assert "what was taught in “garden” and 60 decisions" in said
    assert "hidden" not in said
    assert "It was not tried." in said
