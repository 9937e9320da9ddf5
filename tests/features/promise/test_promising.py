"""A promise about labels: what is frozen and checked, when it passes, what voids it."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from features.promise.promise_help import WAYS, Cheater, Folder, cheated, decide_some
from nameplate.domain.changes import RemoveImages, SetConcepts, SetLabels
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState, labels_of
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.applying import apply_labels, make_smaller
from nameplate.features.promise.rules.beginning import end
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.checking import next_page, record_page
from nameplate.features.promise.rules.promises import Outcome, promise_in, tries_in
from nameplate.features.promise.rules.stages import risk_of_try
from nameplate.features.promise.rules.state import (
    PromiseStage,
    kept_promise,
    problem_of,
    state_of,
)
from nameplate.pipeline.pages.rules import SKIPPED, WRONG
from nameplate.project.file import store
from nameplate.project.file.checking import DamagedProjectError
from nameplate.project.labelling import auto_label, label
from nameplate.scoring.random_order import random_keys
from nameplate.wording.texts import what_of
from project_help import TEST
from project_help import state_of as state_of_project


def test_a_promise_is_kept_by_checks_and_then_its_labels_are_given():
    folder = Folder(1000)
    folder.begin()
    promise = folder.promise
    assert len(promise.labels) == 1000
    assert folder.state.at_least == promise.plan.looks[0]
    assert folder.check_all() is PromiseStage.PASSED
    assert len(promise.plan.looks) > 1
    assert folder.state.checks == promise.plan.looks[0]
    folder.take(apply_labels(folder.project, folder.now))
    assert folder.state.stage is PromiseStage.APPLIED
    by = folder.project.labels.decided_by
    assert np.count_nonzero(by == DecidedBy.PERSON) == folder.state.checks
    assert np.count_nonzero(by == DecidedBy.AUTO) == 1000 - folder.state.checks
    folder.project.undo()
    assert folder.state.stage is PromiseStage.PASSED
    assert problem_of(folder.project) is None


def test_the_checked_images_are_the_first_of_the_seed_s_order_and_no_person_s():
    folder = Folder(400)
    steered = np.arange(0, 60)
    folder.opened.do(label(folder.project, steered, folder.opened.ids[0], folder.now))
    folder.begin()
    promised = set(folder.promise.labels.ids.tolist())
    assert not promised & set(folder.project.images.ids[steered].tolist())
    pages = []
    while (page := next_page(folder.project)) is not None:
        pages.append(page)
        folder.check(page)
    keys = random_keys(folder.promise.labels.ids, folder.promise.seed)
    checked = folder.promise.is_checked
    assert keys[checked].max() < keys[~checked].min()
    assert any(page.is_blind for page in pages)
    for page in pages:
        first = folder.project.labels.sets.first_concepts()[page.concepts].tolist()
        assert page.is_blind or first == sorted(first)  # by the names, in the person's order


def test_what_is_found_is_corrected_and_undo_takes_a_page_back():
    folder = Folder(300)
    folder.begin()
    page = next_page(folder.project)
    renamed, wrong, skipped = page.rows[:3].tolist()
    folder.wrong = {renamed}
    folder.check(page, {wrong: WRONG, skipped: SKIPPED})
    outcomes = {check.image: check.outcome for check in folder.promise.checks}
    ids = folder.project.images.ids
    assert outcomes[int(ids[renamed])] is Outcome.CORRECTED
    assert outcomes[int(ids[wrong])] is outcomes[int(ids[skipped])] is Outcome.NAMELESS
    assert folder.opened.label_ids[renamed] == folder.truth(renamed)
    assert folder.opened.label_ids[wrong] == folder.opened.label_ids[skipped] == NO_CONCEPT
    assert (folder.state.checks, folder.state.wrong) == (24, 3)
    folder.project.undo()
    assert folder.state.checks == 0
    assert next_page(folder.project).rows.tolist() == page.rows.tolist()
    assert not folder.project.labels.has_label[page.rows].any()


def test_a_page_cannot_be_recorded_twice_and_a_blind_one_needs_a_name_for_each():
    folder = Folder(300)
    folder.begin()
    page = next_page(folder.project)
    folder.check(page)
    with pytest.raises(UsageError, match="promise-other-page"):
        folder.check(page)
    blind = next_page(folder.project)
    assert blind.is_blind
    with pytest.raises(UsageError, match="promise-page-unfinished"):
        record_page(folder.project, blind, {}, folder.now)


def change_of(folder, what):
    project, now = folder.project, folder.now
    unchecked = int(np.flatnonzero(project.labels.decided_by != DecidedBy.PERSON)[0])
    checked = int(project.images.rows_of(promise_in(project).checked_ids[:1])[0])
    other = {row: folder.opened.ids[1 - row % 2] for row in (unchecked, checked)}
    return {
        "removed": RemoveImages(project.images.ids[[unchecked]]),
        "names": SetConcepts(add(project.concepts, "another", least_key=9)),
        "label": label(project, np.array([unchecked]), other[unchecked], now),
        "check": label(project, np.array([checked]), other[checked], now),
        "sentences": SetConcepts(
            (replace(project.concepts[0], prompts=("an x",)), *project.concepts[1:])
        ),
    }[what]


@pytest.mark.parametrize("what", ["removed", "names", "label", "check", "sentences"])
def test_a_promise_is_void_once_what_it_is_about_changes_until_that_is_undone(what):
    folder = Folder(300)
    folder.begin_checks()
    page = next_page(folder.project)
    folder.opened.do(change_of(folder, what))
    state = folder.state
    assert state.stage is PromiseStage.VOID
    assert state.why.code == f"promise-void-{what}"
    with pytest.raises(UsageError):
        apply_labels(folder.project, folder.now)
    with pytest.raises(UsageError, match="promise-not-checked"):
        folder.check(page)
    folder.project.undo()
    assert folder.state.stage is PromiseStage.OPEN
    folder.check(page)


def test_another_model_voids_a_promise_until_its_labels_are_given():
    folder = Folder(300)
    folder.begin()
    assert state_of(folder.project, "other@2").why.code == "promise-void-model"
    assert state_of(folder.project).why is None
    folder.keep()
    assert state_of(folder.project, "other@2").stage is PromiseStage.APPLIED


def test_automatic_labels_change_nothing_of_a_promise_and_are_replaced_in_the_end():
    folder = Folder(300)
    folder.begin()
    folder.opened.suggestions.suggested[:] = folder.opened.ids[0]
    rows = np.arange(300)
    folder.opened.do(auto_label(folder.project, rows, folder.now))
    folder.keep()
    assert folder.opened.label_ids == [folder.opened.ids[row % 2] for row in rows]
    assert kept_promise(folder.project) is not None
    folder.opened.do(auto_label(folder.project, rows, folder.now))
    assert folder.state.why.code == "promise-void-label"
    assert kept_promise(folder.project) is None


def test_labels_that_are_wrong_too_often_fail_and_the_surest_part_may_pass():
    folder = Folder(4000, wrong=range(3000, 4000, 8))
    folder.opened.suggestions.probability[:3000] = 0.9995
    folder.opened.suggestions.probability[3000:] = 0.99
    folder.begin()
    assert folder.check_all() is PromiseStage.FAILED
    smaller = make_smaller(folder.project)
    while smaller.step is None and smaller.missing:
        folder.check(next_page(folder.project))
        smaller = make_smaller(folder.project)
    assert 2000 <= smaller.labels <= 3500
    folder.take(smaller.step)
    assert folder.state.stage is PromiseStage.PASSED
    assert problem_of(folder.project) is None
    folder.take(apply_labels(folder.project, folder.now))
    labels = folder.promise.labels
    rows = folder.project.images.rows_of(labels.ids)
    wrong = [row for row in rows.tolist() if folder.opened.label_ids[row] != folder.truth(row)]
    assert len(wrong) <= 0.02 * len(labels)
    assert any("were dropped" in what_of(one) for one in certificate_of(folder.promise))


def test_each_try_after_a_failure_has_less_of_the_risk():
    folder = Folder(1000, wrong=range(0, 1000, 5))
    folder.begin()
    first = folder.promise.plan
    folder.check(next_page(folder.project))
    folder.take(end(folder.project))
    assert folder.state.stage is PromiseStage.ENDED
    folder.begin()
    assert folder.promise.tries == 2
    assert folder.promise.plan.risk == pytest.approx(first.risk / 12)
    folder.check(next_page(folder.project))
    folder.begin()
    assert folder.promise.plan.risk == pytest.approx(first.risk / 36)


def given_between(folder, _path):
    """Keep an easy promise, at half of the labels."""
    folder.begin(0.5)
    folder.keep()


def peeked(folder, _path):
    """See the first page, and take the promise back."""
    folder.begin()
    assert next_page(folder.project) is not None
    folder.project.undo()
    decide_some(folder)


def undone(folder, _path):
    folder.begin_checks()
    folder.project.undo()
    folder.project.undo()
    decide_some(folder)


def ended(folder, _path):
    folder.begin_checks()
    folder.take(end(folder.project))


def renamed(folder, _path):
    folder.begin_checks()
    folder.opened.do(SetConcepts(add(folder.project.concepts, "another", least_key=9)))


def removed_and_added(folder, _path):
    folder.begin_checks()
    ids = folder.project.images.ids[:20]
    folder.opened.do(RemoveImages(ids))
    folder.opened.add_images(*(f"{i:05}.jpg" for i in range(10)))


def copied(folder, path):
    """Go on in a copy of the project's file."""
    folder.begin_checks()
    store.close(store.create(path, folder.project))
    copy = path.with_name("copy.nameplate")
    shutil.copyfile(path, copy)
    folder.go_on_with(copy)


def saved_elsewhere(folder, path):
    folder.begin_checks()
    with closing(store.create(path, folder.project)) as db:
        store.close(store.copied(db, path.with_name("new.nameplate")))
    folder.go_on_with(path.with_name("new.nameplate"))


@pytest.mark.parametrize(
    "way",
    [given_between, peeked, undone, ended, renamed, removed_and_added, copied, saved_elsewhere],
)
def test_nothing_that_a_person_does_makes_the_next_promise_a_first_try_again(way, tmp_path):
    folder = Folder(400, wrong=range(0, 400, 40))
    way(folder, tmp_path / "a.nameplate")
    folder.begin()
    assert folder.promise.tries == 2
    assert folder.promise.plan.risk == risk_of_try(0.95, 2)
    assert problem_of(folder.project) is None


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_who_tries_again_and_again_spends_the_risk_once(way, tmp_path):
    folder = Folder(1000, wrong=range(0, 1000, 12))
    cheater = Cheater(folder, tmp_path)
    cheated(way, cheater, 4)
    numbers = [number for _, number in cheater.tries]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3
    assert cheater.spent <= 0.05


def test_the_same_promise_about_the_same_labels_is_the_same_try_with_the_same_checks(tmp_path):
    folder, path = Folder(300), tmp_path / "a.nameplate"
    store.close(store.create(path, folder.project))
    folder.begin()
    first, page = folder.promise, next_page(folder.project)
    folder.check(page)
    folder.project.undo()
    folder.project.undo()
    folder.begin()
    assert (folder.promise.tries, folder.promise.seed) == (1, first.seed)
    assert next_page(folder.project).rows.tolist() == page.rows.tolist()
    folder.go_on_with(path)  # a copy from before it began
    folder.begin()
    assert (folder.promise.tries, folder.promise.seed) == (1, first.seed)
    folder.project.undo()
    folder.begin(0.95)
    assert folder.promise.tries == 2
    assert folder.promise.seed != first.seed


def test_a_try_is_in_the_file_once_it_began_and_stays_when_it_is_undone(tmp_path):
    folder, path = Folder(300), tmp_path / "a.nameplate"
    with closing(store.create(path, folder.project)) as db:
        taken = []
        folder.project.on_step = taken.append
        folder.begin()
        store.write(db, path, taken, folder.project.labels)
        assert tries_in(reopened(path)) == tries_in(folder.project)
        seed = folder.promise.seed
        taken.clear()
        folder.project.undo()
        store.write(db, path, taken, folder.project.labels)
    again = reopened(path)
    assert promise_in(again) is None
    assert tries_in(again) == {seed: 1}
    assert again.identity == folder.project.identity


def test_a_merge_counts_the_tries_of_both_and_those_they_share_once(tmp_path):
    comparison = pytest.importorskip("nameplate.features.agreement.comparison")
    from nameplate.features.agreement.matching import match_images
    from nameplate.features.agreement.merging import merge

    folder, path = Folder(300), tmp_path / "a.nameplate"
    folder.begin()
    shared = folder.promise.seed
    store.close(store.create(path, folder.project))
    other = reopened(path)
    decide_some(folder)
    folder.begin()
    theirs = folder.project
    row = np.array([5])
    other.apply(label(other, row, folder.opened.ids[1], folder.now), TEST)
    match = match_images(other.images, theirs.images)
    merged = merge(other, comparison.TwoSides.of(other, theirs, match))
    other.apply(merged.change, TEST)
    assert tries_in(other) == tries_in(theirs)
    assert tries_in(other)[shared] == 1
    other.undo()
    assert len(tries_in(other)) == 2


@pytest.mark.parametrize("share", [0, 1, 1.5, -1, float("nan")])
def test_what_nobody_can_promise_is_refused(share):
    folder = Folder(10)
    with pytest.raises(UsageError, match="promise-out-of-range"):
        folder.begin(target=share)
    with pytest.raises(UsageError, match="confidence-out-of-range"):
        folder.begin(confidence=share)


def test_where_there_is_nothing_to_promise_that_is_said():
    folder = Folder(10, probability=0.6)
    with pytest.raises(UsageError, match="promise-none-sure"):
        folder.begin()
    folder.opened.do(label(folder.project, np.arange(10), folder.opened.ids[0], folder.now))
    with pytest.raises(UsageError, match="promise-all-decided"):
        folder.begin()
    folder.opened.add_images("damaged.jpg")
    folder.project.images.set_unreadable(10, Message("as-recorded", {"text": "is damaged"}))
    with pytest.raises(UsageError, match="promise-all-decided"):
        folder.begin()
    folder.opened.do(RemoveImages(folder.project.images.ids.copy()))
    with pytest.raises(UsageError, match="promise-no-images"):
        folder.begin()
    folder = Folder(3)
    folder.opened.suggestions.forget()
    with pytest.raises(UsageError, match="promise-nothing-suggested"):
        folder.begin()


@pytest.mark.parametrize("images", [1, 2])
def test_of_one_or_two_labels_all_are_checked(images):
    folder = Folder(images)
    folder.begin()
    assert folder.check_all() is PromiseStage.PASSED
    assert folder.state.checks == images
    folder.take(apply_labels(folder.project, folder.now))
    assert folder.state.stage is PromiseStage.APPLIED


@pytest.fixture
def kept(tmp_path):
    """A project with a promise that is being checked, in its file."""
    folder, path = Folder(300), tmp_path / "a.nameplate"
    folder.begin_checks()
    store.close(store.create(path, folder.project))
    return folder, path


def reopened(path):
    with closing(store.open_file(path)) as db:
        return store.load(db, path)


def test_checks_survive_a_kill_between_two_pages(kept):
    folder, path = kept
    with closing(store.open_file(path)) as db:
        project = store.load(db, path)
        taken = []
        project.on_step = taken.append
        step = record_page(project, next_page(project), all_marked(folder, project), folder.now)
        project.apply(step.change, step.title)
        store.write(db, path, taken, project.labels)  # and nothing is closed in order
        again = reopened(path)
    assert state_of_promise(again) == state_of_promise(project)
    assert next_page(again).rows.tolist() == next_page(project).rows.tolist()
    again.undo()
    assert state_of_promise(again) == state_of_promise(folder.project)
    again.undo()
    again.undo()
    assert promise_in(again) is None
    again.redo()
    again.redo()
    assert state_of_promise(again) == state_of_promise(folder.project)


def all_marked(folder, project):
    return {row: folder.truth(row) for row in next_page(project).rows.tolist()}


def state_of_promise(project):
    return state_of_project(project)[-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", 10**9),
        ("labels", "eJwDAAAAAAE="),
        ("labels", "no base 64"),
        ("target", 1.0),
        ("seed", -1),
        ("seed", 2**60),
        ("sets", [[99]]),
        ("sets", []),
        ("looks", []),
        ("looks", [5, 3]),
        ("risk", 0),
        ("decider", 2),
        ("tries", 0),
        ("overlooked", 0.9),
        ("overlooked", -0.1),
        ("pictures", 7),
        ("looks", [*range(41)]),
        ("population", 1),
        ("model", "m" * 5000),
        ("begun_at", "yesterday"),
        ("checks", [[1, 9, 0]]),
        ("checks", [[10**6, 0, 0]]),
        ("checks", [[1, 0, 0]] * 2),
        ("checks", [[1]]),
    ],
)
def test_a_promise_that_nobody_made_is_refused_with_the_file(kept, field, value):
    _, path = kept
    with closing(sqlite3.connect(path)) as db, db:
        fact, forged = "promise", value
        if field == "checks":
            fact = field
        else:
            query = "SELECT value FROM facts WHERE name = 'promise'"
            forged = {**json.loads(db.execute(query).fetchone()[0]), field: value}
        db.execute("UPDATE facts SET value = ? WHERE name = ?", (json.dumps(forged), fact))
    with pytest.raises(DamagedProjectError):
        reopened(path)


def test_a_plan_or_checks_that_do_not_follow_from_the_promise_are_found():
    folder = Folder(300)
    folder.begin_checks()
    promise = folder.promise
    folder.project.facts["promise"] = replace(promise, plan=replace(promise.plan, looks=(1,)))
    assert problem_of(folder.project).code == "promise-other-plan"
    folder.project.facts |= {"promise": promise, "checks": promise.checks[5:]}
    assert problem_of(folder.project).code == "promise-other-checks"


def test_a_given_label_that_differs_from_what_is_checked_makes_the_certificate_void():
    folder = Folder(300)
    folder.begin()
    sets, labels = folder.project.labels.sets, folder.promise.labels
    other = next(key for key in folder.opened.ids[:2] if sets.code_of([key]) != labels.concepts[0])
    codes = np.array([sets.code_of([other])], np.int32)
    given = labels_of(codes, DecidedBy.GIVEN, ReviewState.SUGGESTED)
    folder.opened.do(SetLabels(labels.ids[:1], given))
    assert folder.state.why.code == "promise-void-label"
    folder.project.undo()
    assert folder.state.why is None
