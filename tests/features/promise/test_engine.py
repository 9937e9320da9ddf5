"""What the engine does with promises: steps, the file, learning; and without the feature."""

from contextlib import closing

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from features.promise.promise_help import Folder
from features.promise.steps import STEPS, state_of, take
from nameplate.domain.labels import DecidedBy
from nameplate.features.promise import FEATURE
from nameplate.features.promise.rules.beginning import change_to, end
from nameplate.features.promise.rules.promises import (
    Basis,
    Check,
    Outcome,
    Plan,
    Promise,
    PromisedLabels,
    tries_in,
)
from nameplate.features.promise.rules.state import PromiseStage
from nameplate.pipeline.learning.decisions import unlearned_rows
from nameplate.project import facts
from nameplate.project.file import read, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project
from project_help import opened_project, reopened, try_reopening, try_undo


@given(st.lists(STEPS, max_size=12))
def test_whatever_was_done_can_be_undone_and_done_again(steps):
    try_undo(steps, take, state_of)


@given(st.lists(STEPS, max_size=10))
@example([("promise", False), ("delete", 0), ("label", [0], 0), ("check", True)])
def test_what_was_done_is_there_after_reopening_and_undo_goes_on(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("project") / "p.nameplate"
    try_reopening(path, steps, take, state_of)


def test_without_the_feature_a_promise_is_kept_and_undone_and_its_tries_stay(tmp_path, monkeypatch):
    folder, path = Folder(300), tmp_path / "a.nameplate"
    with closing(store.create(path, folder.project)) as db:
        taken = []
        folder.project.on_step = taken.append
        folder.begin()
        folder.check_all()
        store.write(db, path, taken, folder.project.labels)
    before, tries = state_of(folder.project), tries_in(folder.project)

    others = {name: one for name, one in facts.declared().items() if one[1] is not FEATURE}
    with monkeypatch.context() as without:
        for module in (facts, read):
            without.setattr(module, "declared", lambda: others)
        file = ProjectFile.open(path)
        steps = len(file.project.history.done)
        while file.project.history.done:
            file.project.undo()
        assert not file.project.facts["promise"]
        assert file.close()
        assert tries_in(folder.project) == tries
        file = ProjectFile.open(path)
        for _ in range(steps):
            file.project.redo()
        assert file.close()
    again = reopened(path)
    assert state_of(again) == before
    while again.history.done:
        again.undo()
    assert tries_in(again) == tries


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
