"""Steps with a promise are undone, done again and kept like all others."""

from hypothesis import given
from hypothesis import strategies as st

from features.promise.steps import STEPS, state_of, take
from project_help import try_reopening, try_undo


@given(st.lists(STEPS, max_size=12))
def test_whatever_was_done_can_be_undone_and_done_again(steps):
    try_undo(steps, take, state_of)


@given(st.lists(STEPS, max_size=10))
def test_what_was_done_is_there_after_reopening_and_undo_goes_on(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("project") / "p.nameplate"
    try_reopening(path, steps, take, state_of)
