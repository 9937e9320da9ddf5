"""Which classifier is fitted, and what becomes of one that fails."""

import pytest

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.fitting import Fitted, choose, fit
from project_help import opened_project


class Stranger:
    """A fitter that does what it is told."""

    def __init__(self, taken, error=None):
        self.taken, self.error = taken, error

    def take(self, _project, _names, stacks):
        stacks()
        return self.taken

    def fit(self, names, taken, _blocks, _cancel):
        if self.error is not None:
            raise self.error
        return Fitted(names, Message("as-recorded", {"text": taken}))


def said(*fitters, stacks=lambda: None):
    opened = opened_project()
    opened.score()
    names, cancel = opened.suggestions.classifier, CancelToken()
    choice = choose(fitters, opened.project, names, stacks)
    found = fit(choice, names, opened.project.images.blocks(), cancel)
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
