"""What the README of a saved classifier claims of it."""

import numpy as np
import pytest

from features.quality.quality_help import Folder
from nameplate.domain.embeddings import Head, unit
from nameplate.features.classifier.card import card
from nameplate.features.classifier.saved import saved_of
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
    none = np.empty((0, 0), np.float32)
    learned = Probe(names, vectors, none, np.zeros(len(concepts), np.float32), 1.0, "")
    saved = saved_of(folder.project, learned if evidence else names, model, evidence)
    return " ".join(card(saved, "2026-01-01", []).split())


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
    for row in range(30):
        folder.relabel(row)
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
