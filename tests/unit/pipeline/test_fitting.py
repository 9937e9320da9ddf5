"""Which classifier is fitted, and what becomes of one that fails."""

from dataclasses import replace

import numpy as np
import pytest

from nameplate.domain.changes import SetFact
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.fitting import choose, fit, is_same
from nameplate.pipeline.learning.fitted import Fitted
from nameplate.project.facts import SETTINGS
from nameplate.scoring.classifier import ScoredImages
from nameplate.scoring.zero_shot import FittedClassifier
from project_help import opened_project


class Stranger:
    """A fitter that does what it is told."""

    def __init__(self, taken, error=None, made=None):
        self.taken, self.error, self.made = taken, error, made

    def training_data(self, _project, _names, stacks):
        stacks()
        return self.taken

    def fit(self, names, taken, _blocks, _cancel):
        if self.error is not None:
            raise self.error
        return Fitted(self.made or names, Message("as-recorded", {"text": taken}))


def said(*fitters, stacks=lambda: None):
    opened = opened_project()
    opened.score()
    names, cancel = opened.suggestions.classifier, CancelToken()
    choice = choose(fitters, opened.project, names, stacks)
    found = fit(choice, names, opened.project.images.vectors(), cancel)
    assert found is None or found.classifier is names
    return found and found.said


def test_the_last_that_has_something_to_go_by_is_asked_and_where_none_has_names_alone_suggest():
    assert said(Stranger("one"), Stranger("other"), Stranger(None)).parameters["text"] == "other"
    assert said(Stranger(None)) is None
    assert said() is None


def raises(error):
    def stacks():
        raise error

    return {"stacks": stacks}


@pytest.mark.parametrize(
    ("error", "more"),
    [(ZeroDivisionError("x"), {}), (None, raises(ZeroDivisionError("x")))],
)
def test_one_that_fails_leaves_the_names_in_force_and_says_why(error, more):
    found = said(Stranger("one", error), **more)
    assert str(found.parameters["why"]) == "learning-failed (reason=x)"


@pytest.mark.parametrize(
    ("error", "more"), [(CancelledError(), {}), (None, raises(CancelledError()))]
)
def test_one_that_is_cancelled_did_not_fail(error, more):
    with pytest.raises(CancelledError):
        said(Stranger("one", error), **more)


def test_one_that_does_not_give_a_probability_for_each_name_leaves_the_names_in_force():
    class Short(FittedClassifier):
        made_from = ()

        def probabilities(self, scores):
            return ScoredImages(scores.T, np.ones((scores.shape[1], 1), np.float32))

    opened = opened_project()
    opened.score()
    found = said(Stranger("one", made=Short(opened.suggestions.classifier)))
    assert found.code == "suggested-by-names"


ONE = np.array([1, 2])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ONE, ONE.copy(), True),
        (ONE, np.array([1, 3]), False),
        (ONE, np.array([1]), False),
        ((ONE, "x"), (ONE.copy(), "x"), True),
        ((ONE, "x"), (ONE, "y"), False),
        ({"of": ONE}, {"of": ONE.copy()}, False),  # nobody can tell: it is fitted to anew
        (ONE, None, False),
        (None, ONE, False),
        ("x", "x", True),
    ],
)
def test_training_data_may_be_arrays(one, other, same):
    assert (
        is_same((test_training_data_may_be_arrays, one), (test_training_data_may_be_arrays, other))
        == same
    )


def test_nothing_is_fitted_where_names_alone_are_wanted():
    opened = opened_project()
    opened.score()
    names = opened.suggestions.classifier
    for learns in (True, False):
        opened.do(SetFact(SETTINGS, replace(opened.project.settings, learns=learns)))
        is_chosen = choose([Stranger("one")], opened.project, names, lambda: None) is not None
        assert is_chosen == learns
