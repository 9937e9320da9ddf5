"""Nothing is learned from what was checked for a promise while that stands or may be kept."""

import numpy as np

from features.promise.promise_help import Folder
from nameplate.domain.labels import DecidedBy
from nameplate.features.promise.rules.beginning import change_to, end
from nameplate.features.promise.rules.promises import (
    Basis,
    Check,
    Outcome,
    Plan,
    Promise,
    PromisedLabels,
)
from nameplate.features.promise.rules.state import PromiseStage
from nameplate.pipeline.fitting import unlearned_rows
from nameplate.project.project import Project
from project_help import opened_project


def learned_ids(project: Project) -> set[int]:
    """Return the images whose decisions may be learned from."""
    ids, by_person = project.images.ids, project.labels.decided_by == DecidedBy.PERSON
    decided = {*ids[by_person].tolist(), *project.rejected}
    return decided - set(ids[unlearned_rows(project)].tolist())


def test_what_was_checked_for_a_promise_is_known():
    opened = opened_project()
    assert unlearned_rows(opened.project).tolist() == []
    ids = opened.project.images.ids
    labels = PromisedLabels(ids, np.zeros(4, np.int32), np.ones(4, np.float32))
    basis = Basis("model@1", DecidedBy.AUTO, "", "", "")
    checks = tuple(Check(int(ids[row]), Outcome.RIGHT) for row in (3, 1))
    promise = Promise(0.98, 0.95, 0, labels, basis, Plan((2,), 0, 0, 0.05), 1, checks=checks)
    opened.do(change_to(opened.project, promise))
    assert unlearned_rows(opened.project).tolist() == [3, 1]


def test_what_was_checked_for_a_promise_teaches_once_that_failed_or_was_given_up():
    folder = Folder(1000, wrong=range(0, 1000, 5))
    project = folder.project
    folder.begin()
    assert folder.check_all() is PromiseStage.FAILED
    checked = set(folder.promise.checked_ids.tolist())
    assert learned_ids(project) == checked
    project.undo()
    rest = folder.promise.checked_ids
    assert project.images.ids[unlearned_rows(project)].tolist() == rest.tolist()
    folder.take(end(project))
    assert learned_ids(project) == set(rest.tolist())


def test_a_later_promise_checks_nothing_that_was_learned_from():
    folder = Folder(1000, wrong=range(0, 1000, 20))
    project = folder.project
    folder.begin()
    assert folder.check_all() is PromiseStage.FAILED
    before = set(folder.promise.checked_ids.tolist())
    folder.begin(0.9)
    assert folder.check_all() is PromiseStage.PASSED
    later = set(folder.promise.checked_ids.tolist())
    assert later
    assert not later & before
    assert learned_ids(project) == before
