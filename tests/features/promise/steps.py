"""Steps with a promise, among all others that a person takes."""

from contextlib import suppress
from dataclasses import fields

from hypothesis import strategies as st

import project_help
from nameplate.domain.changes import SetFact
from nameplate.domain.errors import UsageError
from nameplate.features.promise.facts import MARKS, PageMarks
from nameplate.features.promise.rules.applying import apply_labels
from nameplate.features.promise.rules.beginning import begin, end
from nameplate.features.promise.rules.checking import next_page, record_page
from nameplate.features.promise.rules.promises import Promise, promise_in
from nameplate.pipeline.pages.rules import SKIPPED, WRONG

STEPS = st.one_of(
    project_help.STEPS,
    st.tuples(st.just("mark"), st.integers(0, 3), st.sampled_from([WRONG, SKIPPED, 1])),
    st.tuples(st.sampled_from(["promise", "check", "give", "end promise"]), st.booleans()),
)


def take(opened, step):
    """Take a step, if it can be taken."""
    match step:
        case "promise" | "check" | "give" | "end promise" as what, is_right:
            with suppress(UsageError):
                if (done := _promising(opened, what, is_right=is_right)) is not None:
                    opened.do(done.change)
        case "mark", row, mark:
            marks = PageMarks(1, row > 1, {int(opened.project.images.ids[row]): mark})
            opened.do(SetFact(MARKS, marks))
        case _:
            project_help.take(opened, step)


def state_of(project):
    """Return all that a person could see of a project and its promise."""
    return project_help.state_of(project), _state_of_promise(project), project.fact(MARKS)


def _promising(opened, what, *, is_right):
    """Return a step with the promise; None where there is none to take."""
    project, now = opened.project, opened.now
    page = next_page(project, 2)
    if what == "promise":
        return begin(project, now, 0.5, 0.9)
    if what == "check" and page is not None:
        marks = dict.fromkeys(page.rows.tolist(), SKIPPED)
        return record_page(project, page, {} if is_right else marks, now)
    return {"give": lambda: apply_labels(project, now), "end promise": lambda: end(project)}.get(
        what, lambda: None
    )()


def _state_of_promise(project):
    promise = promise_in(project)
    if promise is None:
        return None
    labels = promise.labels
    members = [project.labels.sets.members(code) for code in labels.concepts.tolist()]
    values = (labels.ids.tolist(), members, labels.probability.tolist())
    return values, {name: getattr(promise, name) for name in _OF_PROMISE}


_OF_PROMISE = [field.name for field in fields(Promise) if field.name != "labels"]
