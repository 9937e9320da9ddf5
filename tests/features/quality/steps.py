"""Steps of random checks, among all others that a person takes."""

from contextlib import suppress

from hypothesis import strategies as st

import project_help
from nameplate.domain.changes import SetFact
from nameplate.domain.errors import UsageError
from nameplate.features.quality.checks.checking import begin, next_page, record_page
from nameplate.features.quality.facts import MARKS
from nameplate.pipeline.pages.rules import SKIPPED, WRONG
from nameplate.project.certificates import why_ended
from nameplate.project.facts import RANDOM_CHECK

STEPS = st.one_of(
    project_help.STEPS,
    st.tuples(st.just("mark"), st.integers(0, 3), st.sampled_from([WRONG, SKIPPED, 1])),
    st.tuples(st.just("begin checks")),
    st.tuples(st.just("check"), st.booleans()),
)


def take(opened, step):
    """Take a step, if it can be taken."""
    project, now = opened.project, opened.now
    with suppress(UsageError):
        match step:
            case ("begin checks",):
                opened.do(begin(project, now.at).change)
            case "check", is_right:
                if _is_open(project) and (page := next_page(project, 2)) is not None:
                    marks = dict.fromkeys(page.rows.tolist(), SKIPPED)
                    opened.do(record_page(project, page, {} if is_right else marks, now).change)
            case "mark", row, mark:
                opened.do(SetFact(MARKS, {int(project.images.ids[row]): mark}))
            case _:
                project_help.take(opened, step)


def _is_open(project):
    check = project.fact(RANDOM_CHECK)
    return check is not None and why_ended(project, check) is None


def state_of(project):
    """Return all that a person could see of a project and its checks."""
    check = project.fact(RANDOM_CHECK)
    why = check and why_ended(project, check)
    return project_help.state_of(project), check, why, project.fact(MARKS)
