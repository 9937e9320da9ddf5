"""Random checks as steps: order, end, attempts, and projects of earlier versions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.quality.quality_help import Folder
from nameplate.domain.changes import RemoveImages, SetConcepts, SetFact
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.features.quality.checks.checking import begin, next_page, record_page
from nameplate.features.quality.facts import (
    ATTEMPTS,
    MARKS,
    attempts_of,
    earlier_attempts,
    earlier_certificate,
    marks_of,
)
from nameplate.pipeline.pages.rules import SKIPPED, WRONG
from nameplate.project.certificates import certificate_of, seed_of
from nameplate.project.facts import SETTINGS
from nameplate.project.file.random_checks import check_json, check_of
from nameplate.project.label_changes import change_concepts
from nameplate.project.random_check import Check, CheckResult, RandomCheck, checks_until
from nameplate.scoring.at_any_time import most_wrong, risk_of_attempt
from nameplate.wording.texts import what_of


def order_of(folder):
    """Return the ids of the images in the order of their checks."""
    folder.begin()
    while len(folder.check.checks) < folder.check.labels:
        folder.check_page(next_page(folder.project, 1))
    return [one.image for one in folder.check.checks]


# ---- the bound


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (300, [62, 97, 122, 133, 177, 203, 199, 236, 254]),
        (1000, [71, 118, 155, 185, 271, 335, 352, 466, 541]),
        (10_000, [75, 128, 172, 216, 337, 438, 486, 713, 899]),
    ],
)
def test_the_bound_takes_the_checks_of_the_published_table(labels, expected):
    """Of 95, 98 and 99%, with 0, 1 and 2 wrong ones found and corrected, none overlooked."""
    found = []
    for percent in (95, 98, 99):
        allowed = labels * (100 - percent) // 100
        for wrong in range(3):
            counts = range(wrong, labels)
            enough = (n for n in counts if most_wrong(labels, n, wrong, 0.0375) - wrong <= allowed)
            found.append(next(enough))
    assert found == expected


def test_the_risk_of_all_attempts_together_is_what_it_says():
    risks = [risk_of_attempt(attempt) for attempt in range(1, 10_000)]
    assert risks[:3] == pytest.approx([0.0375, 0.003125, 0.05 / 8 / 6])
    assert sum(risks) <= 0.05
    assert risks == sorted(risks, reverse=True)


@settings(max_examples=60)
@given(st.data())
def test_the_bound_sharpens_with_right_checks_and_never_passes_what_is_known(data):
    labels = data.draw(st.integers(1, 3000))
    checks = data.draw(st.integers(1, labels))
    found = data.draw(st.integers(0, min(checks, 20)))
    most = most_wrong(labels, checks, found, 0.0375)
    assert found <= most <= labels - (checks - found)
    if checks < labels:
        assert most_wrong(labels, checks + 1, found, 0.0375) <= most
        assert most_wrong(labels, checks + 1, found + 1, 0.0375) >= most


def test_the_true_number_is_ruled_out_as_seldom_as_is_said_whenever_one_looks():
    """Exactly: by the probability of each path to a state that rules it out."""
    for labels, wrong in ((40, 3), (60, 1), (80, 12)):
        alive, out = {0: 1.0}, 0.0
        for checks in range(1, labels + 1):
            after = {}
            for found, chance in alive.items():
                p = (wrong - found) / (labels - checks + 1)
                for more, part in ((found + 1, chance * p), (found, chance * (1 - p))):
                    after[more] = after.get(more, 0.0) + part
            is_out = {f: most_wrong(labels, checks, f, 0.0375) < wrong for f in after}
            out += sum(chance for found, chance in after.items() if is_out[found])
            alive = {found: chance for found, chance in after.items() if not is_out[found]}
        assert out <= 0.0375


def test_what_it_takes_is_known_before_the_first_check():
    assert checks_until(0.98, 1000, 0, 0, 1) == 185
    assert checks_until(0.98, 300, 0, 0, 1) == 133
    check = RandomCheck(
        1, 300, "", "", "", 0, tuple(Check(n, CheckResult.RIGHT) for n in range(133))
    )
    assert check.share >= 0.98
    assert checks_until(1, 300, 0, 0, 1) == 298
    assert checks_until(0.98, 300, 0, 0, 2) == 185


def test_all_labels_checked_leave_only_what_may_be_overlooked():
    folder = Folder(30, wrong=(3, 4))
    folder.check_until(1.1)
    assert folder.check.share == 1
    assert folder.share_right == 1


# ---- pages


def test_pages_follow_one_random_order_whatever_their_size():
    folder = Folder(100)
    order = order_of(folder)
    assert sorted(order) == folder.project.images.ids.tolist()
    assert order != sorted(order)
    again = Folder(100)
    again.begin()
    ids = again.project.images.ids
    for size in (7, 24, 1):
        done = len(again.check.checks)
        page = next_page(again.project, size)
        assert sorted(ids[page.rows].tolist()) == sorted(order[done : done + size])
        again.check_page(page)
    hidden = next_page(again.project, 24, is_hidden=True)
    assert ids[hidden.rows].tolist() == order[32:40]


def test_another_project_attempt_or_label_has_another_order():
    orders = {tuple(order_of(Folder(60, seed=seed))) for seed in (1, 2)}
    other = Folder(60, seed=1)
    other.relabel(5, other.opened.ids[0])
    orders.add(tuple(order_of(other)))
    second = Folder(60, seed=1)
    second.begin()
    seeds = {seed_of(second.project, second.check)}
    second.relabel(5, second.opened.ids[0])
    second.begin()
    assert second.check.attempt == 2
    assert seed_of(second.project, second.check) not in seeds
    assert len(orders) == 3


def test_marks_correct_labels_and_what_is_left_without_a_name_is_no_label():
    folder = Folder(60, wrong=(2,))
    folder.begin()
    page = next_page(folder.project, 60)
    folder.check_page(page, said={7: WRONG, 8: SKIPPED, 9: folder.opened.ids[2]})
    outcomes = {one.image: one.outcome for one in folder.check.checks}
    ids = folder.project.images.ids.tolist()
    assert outcomes[ids[2]] is CheckResult.CORRECTED
    assert [outcomes[ids[row]] for row in (7, 8, 9)] == [CheckResult.NAMELESS] * 3
    assert folder.check.wrong == 4
    assert folder.check.labelled == 57
    assert folder.project.labels.has_label[[2, 7, 8, 9]].tolist() == [True, False, False, False]
    assert (folder.project.labels.decided_by == DecidedBy.PERSON).all()
    assert folder.why is None


def test_a_hidden_page_needs_a_name_for_each_picture():
    folder = Folder(60)
    folder.begin()
    page = next_page(folder.project, is_hidden=True)
    with pytest.raises(UsageError, match="page-unfinished"):
        record_page(folder.project, page, {}, folder.now)
    folder.check_page(page)
    assert folder.check.hidden == 8
    assert folder.check.wrong == 0


def test_several_labels_an_image_are_always_shown_and_all_must_be_right():
    folder = Folder(60)
    folder.opened.set(is_multi=True)
    x, y, _ = folder.opened.ids
    folder.relabel(4, y)  # x and y
    folder.begin()
    page = next_page(folder.project, 60, is_hidden=True)
    assert not page.is_hidden
    folder.check_page(page, said={4: x})
    assert folder.check.wrong == 1


def test_a_page_is_checked_once_and_only_while_its_labels_are_there():
    folder = Folder(60)
    with pytest.raises(UsageError):
        record_page(folder.project, next_page(begun(Folder(60))), {}, folder.now)
    folder.begin()
    page = next_page(folder.project)
    folder.check_page(page)
    with pytest.raises(UsageError):
        folder.check_page(page)
    later = next_page(folder.project)
    folder.relabel(int(later.rows[0]), folder.opened.ids[0 if later.rows[0] % 2 else 1])
    with pytest.raises(UsageError):
        folder.check_page(later)


def begun(folder):
    folder.begin()
    return folder.project


def test_without_a_label_nothing_is_begun():
    with pytest.raises(UsageError, match="no-labels-to-check"):
        begin(empty(), 1)


def empty():
    folder = Folder(2)
    folder.opened.do(change_concepts(folder.project, ()))
    return folder.project


# ---- what ends them


def _changed(folder):
    folder.relabel(50, folder.opened.ids[1])


def _added(folder):
    folder.opened.add_images("new.jpg")
    folder.relabel(100, folder.opened.ids[0])


def _removed(folder):
    folder.opened.do(RemoveImages(folder.project.images.ids[50:51]))


def _renamed(folder):
    x, *others = folder.project.concepts
    folder.opened.do(SetConcepts((type(x)(**{**fields_of(x), "name": "other"}), *others)))


def fields_of(concept):
    return {name: getattr(concept, name) for name in type(concept).__dataclass_fields__}


def _checked_again(folder):
    row = int(folder.project.images.rows_of(np.array([folder.check.checks[0].image]))[0])
    folder.relabel(row, folder.opened.ids[1 - row % 2])


@pytest.mark.parametrize("change", [_changed, _added, _removed, _renamed, _checked_again])
def test_another_label_ends_them_and_undo_brings_them_back(change):
    folder = Folder(100)
    folder.begin()
    folder.check_page()
    steps = len(folder.project.history.done)
    change(folder)
    assert folder.why == "check-ended-labels"
    while len(folder.project.history.done) > steps:
        folder.project.undo()
    assert folder.why is None


def test_what_says_nothing_about_a_label_does_not_end_them():
    folder = Folder(100)
    folder.begin()
    folder.check_page()
    folder.opened.add_images("new.jpg")
    folder.opened.do(SetConcepts(add(folder.project.concepts, "another")))
    folder.relabel(50, folder.opened.ids[0])  # as it was: accepted
    assert folder.why is None


# ---- attempts


def test_attempts_count_through_undo_and_copies_and_the_same_labels_are_the_same_attempt(tmp_path):
    folder = Folder(60)
    folder.begin()
    first = seed_of(folder.project, folder.check)
    folder.project.undo()
    folder.begin()
    assert (folder.check.attempt, seed_of(folder.project, folder.check)) == (1, first)
    folder.project.undo()
    folder.relabel(5, folder.opened.ids[0])
    folder.begin()
    assert folder.check.attempt == 2
    folder.save(tmp_path / "copy.nameplate")
    folder.go_on_with(tmp_path / "copy.nameplate")
    while folder.project.history.done:
        folder.project.undo()
    assert sorted(folder.project.fact(ATTEMPTS).values()) == [1, 2]


# ---- files


def test_checks_are_the_same_after_reopening(tmp_path):
    folder = Folder(100, wrong=(1, 2, 3))
    folder.begin()
    folder.check_page(is_hidden=True)
    folder.check_page()
    before = folder.check
    page = next_page(folder.project)
    folder.save(tmp_path / "a.nameplate")
    folder.go_on_with(tmp_path / "a.nameplate")
    assert folder.check == before
    assert folder.why is None
    assert next_page(folder.project).rows.tolist() == page.rows.tolist()


GOOD = {
    "attempt": 1,
    "labels": 10,
    "drawn": "0" * 32,
    "now": "1" * 32,
    "pictures": "",
    "begun_at": 5,
    "checks": [[1, 0, 0], [2, 1, 1]],
}


@pytest.mark.parametrize(
    "change",
    [
        {"attempt": 0},
        {"attempt": 1.5},
        {"labels": 11},
        {"labels": 1},
        {"drawn": "x"},
        {"now": 7},
        {"pictures": "../.."},
        {"begun_at": -1},
        {"checks": [[1, 0, 0], [1, 0, 0]]},
        {"checks": [[99, 0, 0]]},
        {"checks": [[1, 9, 0]]},
        {"checks": [["1", 0, 0]]},
        {"checks": [[1]]},
        {"checks": 5},
    ],
)
def test_checks_that_a_file_cannot_have_are_refused(change):
    folder = Folder(10)
    check = check_of(GOOD, folder.project)
    assert check_of(check_json(check, folder.project.labels), folder.project) == check
    with pytest.raises((ValueError, LookupError, TypeError)):
        check_of({**GOOD, **change}, folder.project)


@pytest.mark.parametrize("values", [5, [[1]], {"x": 1}, {"0" * 32: -1}, [["0" * 32, 1]], None])
def test_attempts_and_marks_of_a_file_are_believed_only_as_such(values):
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        attempts_of(values)
    assert marks_of(values, Folder(3).project) == {}


# ---- earlier versions

PROMISE = {"target": 0.98, "count": 1000, "given_at": 1_764_288_000_000, "tries": 3}


def of_earlier(**values):
    folder = Folder(60)
    facts = {**PROMISE, "is_ended": False, **values}
    folder.project.facts["promise"] = facts
    folder.project.facts["checks"] = [[1, 0, 0], [2, 1, 0], [3, 2, 1]]
    folder.project.facts["tries"] = [[5, 1], [7, 2]]
    return folder


def test_a_certificate_of_an_earlier_version_is_shown_as_text_and_its_attempts_count():
    folder = of_earlier()
    assert what_of(earlier_certificate(folder.project)) == (
        "an earlier version certified on 2025-11-28 that at least 98% of 999 labels were right "
        "(3 checked, 2 wrong)"
    )
    folder.begin()
    assert folder.check.attempt == 4
    assert folder.project.facts["promise"]["tries"] == 3


@pytest.mark.parametrize(
    "values",
    [{"given_at": 0}, {"is_ended": True}, {"target": "x"}, {"count": None}, {"given_at": 1e40}],
)
def test_what_is_no_certificate_of_an_earlier_version_is_none(values):
    folder = of_earlier(**values)
    assert earlier_certificate(folder.project) is None
    for wrong in (5, [], "x", [[1, 2, 3]], {"tries": "x"}):
        folder.project.facts["promise"] = folder.project.facts["tries"] = wrong
        assert earlier_attempts(folder.project) >= 0


def test_settings_are_no_part_of_the_labels():
    folder = Folder(60)
    folder.begin()
    folder.check_page()
    folder.opened.do(SetFact(SETTINGS, replace(folder.project.settings, minimum=0.9)))
    assert folder.why is None


def test_checks_that_leave_nothing_certain_certify_nothing():
    folder = Folder(9)
    folder.begin()
    page = next_page(folder.project, is_hidden=True)
    folder.check_page(page, dict.fromkeys(page.rows.tolist(), SKIPPED))
    assert folder.check.share == 0
    assert certificate_of(folder.project) is None


def test_marks_on_labels_that_are_not_on_the_page_stay():
    folder = Folder(40)
    folder.begin()
    wrong = next_page(folder.project, 24).rows.tolist()[-1]
    image = int(folder.project.images.ids[wrong])
    folder.opened.do(SetFact(MARKS, {image: WRONG}))
    pages = (next_page(folder.project, size) for size in range(23, 0, -1))
    folder.check_page(next(page for page in pages if wrong not in page.rows))
    assert folder.project.fact(MARKS) == {image: WRONG}
