"""The doubts of a project's labels, decided and given ones."""

from dataclasses import replace

import numpy as np
import pytest

from nameplate.cli.progress import result_of
from nameplate.domain.changes import SetLabels
from nameplate.domain.images import CONTENT
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.progress import Progress
from nameplate.features.quality.doubtful.audit import (
    DOUBTFUL,
    Reason,
    audit,
    call_right,
    doubtful_places,
    is_called_right,
)
from nameplate.features.quality.snapshot import Snapshot
from nameplate.project.label_changes import label, skip
from nameplate.scoring.suggestions import Suggestions
from project_help import around_axes, take, try_reopening, try_undo


def give(opened, places, by=DecidedBy.GIVEN):
    """Let images, by row, have come with the concepts in these places."""
    sets, ids = opened.project.labels.sets, opened.project.images.ids[list(places)]
    keys = [[opened.ids[place] for place in one] for one in places.values()]
    codes = np.array([sets.code_of(one) for one in keys], np.int32)
    opened.do(SetLabels(ids, labels_of(codes, by, ReviewState.SUGGESTED)))


def doubtful_rows(project, found):
    return found.rows[doubtful_places(project, found)]


def name_of(opened, key):
    return opened.project.concept(int(key)).name


@pytest.fixture
def opened():
    """Sixty images, of which two in three are given labels; that of row 6 is wrong."""
    found = around_axes(60)
    give(found, {row: [row % 3] for row in range(60) if row % 3 < 2} | {6: [1]})
    return found


def found_in(snapshot, tell=lambda progress: None):
    return result_of(audit(snapshot), tell)


def audited(opened):
    return found_in(Snapshot.of(opened.project, opened.suggestions))


def test_a_wrong_label_is_found_with_what_the_image_shows(opened):
    done = audited(opened)
    first = done.order[0]
    assert done.rows[first] == 6
    assert name_of(opened, done.suggested[first]) == "x"
    assert done.doubt[first] > 0.5
    assert len(done.rows) == 40
    estimate, low, high = done.wrong
    assert 0 <= low <= 1 <= high
    assert low <= estimate <= high


def test_a_label_with_little_doubt_is_none_of_those_to_look_at(opened):
    done = audited(opened)
    first, second = int(done.order[0]), 0
    doubt = done.doubt.copy()
    doubt[[first, second]] = DOUBTFUL, DOUBTFUL / 2
    changed = replace(done, doubt=doubt, order=np.array([first, second]))
    assert changed.doubtful.tolist() == [first]
    assert doubtful_rows(opened.project, changed).tolist() == [done.rows[first]]


def test_decided_labels_are_judged_as_given_ones_are():
    found = around_axes(60)
    for row in [one for one in range(60) if one % 3 < 2]:
        name = 0 if row == 7 else row % 3
        found.do(label(found.project, np.array([row]), found.ids[name], found.now))
    done = audited(found)
    assert doubtful_rows(found.project, done).tolist() == [7]
    assert name_of(found, done.suggested[done.order[0]]) == "y"


def test_a_label_that_was_decided_since_is_not_asked_about_and_undo_brings_it_back(opened):
    done = audited(opened)
    opened.do(label(opened.project, np.array([6]), opened.ids[1], opened.now))
    assert 6 not in doubtful_rows(opened.project, done)
    opened.project.undo()
    assert 6 in doubtful_rows(opened.project, done)


def test_a_label_that_was_called_right_is_right_until_it_is_another(opened):
    done = audited(opened)
    opened.do(call_right(opened.project, np.array([6, 2])))
    assert is_called_right(opened.project, np.arange(10)).nonzero()[0].tolist() == [2, 6]
    assert 6 not in doubtful_rows(opened.project, done)
    give(opened, {6: [2]})
    assert is_called_right(opened.project, np.arange(10)).nonzero()[0].tolist() == [2]
    opened.project.undo()
    opened.project.undo()
    assert not is_called_right(opened.project, np.arange(10)).any()
    assert 6 in doubtful_rows(opened.project, done)


def test_what_was_called_right_is_undone_done_again_and_kept(tmp_path):
    def take_one(opened, step):
        if step[0] == "call right":
            opened.do(call_right(opened.project, np.array(step[1])))
        else:
            take(opened, step)

    steps = [("label", [0, 1], 0), ("call right", [0, 2]), ("label", [0], 1), ("call right", [0])]
    try_undo(steps, take_one)
    try_reopening(tmp_path / "p.nameplate", [*steps, ("undo", [])], take_one)


def test_the_reason_is_the_names_where_pictures_say_less(opened):
    done = audited(opened)
    assert done.reasons[done.order[0]] == Reason.PICTURES
    few = around_axes(12)
    give(few, {0: [0], 3: [1], 1: [1]})
    done = audited(few)
    assert done.rows[done.order[0]] == 3
    assert done.reasons[done.order[0]] == Reason.NAME


def test_without_a_model_pictures_alone_are_compared(opened):
    done = found_in(Snapshot.of(opened.project, Suggestions()))
    assert done.rows[done.order[0]] == 6
    assert done.reasons[done.order[0]] == Reason.PICTURES


def test_a_copy_with_another_label_is_a_reason(opened):
    contents = np.zeros(60, CONTENT)
    contents["size"] = -1
    contents["size"][[6, 9]], contents["digest"][[6, 9]] = 5, b"same"
    opened.project.record_contents(np.arange(60), contents)
    done = audited(opened)
    assert done.rows[done.order[0]] == 6
    assert done.reasons[done.order[0]] == Reason.COPY


def test_what_the_program_decided_and_what_was_skipped_is_not_judged(opened):
    give(opened, {0: [0]}, DecidedBy.AUTO)
    opened.do(skip(opened.project, np.array([1]), opened.now))
    rows = audited(opened).rows.tolist()
    assert not {0, 1} & set(rows)
    assert len(rows) == 38


def test_several_labels_and_images_that_are_not_read_are_counted_and_left_out():
    opened = around_axes(12)
    opened.add_images("unread.jpg")
    give(opened, {row: [row % 2] for row in range(13)} | {0: [0, 1]})
    done = audited(opened)
    assert (done.several, done.unread, len(done.rows)) == (1, 1, 11)


@pytest.mark.parametrize("places", [{}, {0: [0]}, {0: [0, 1]}])
def test_nothing_is_said_of_too_few_labels(places):
    opened = around_axes(12)
    give(opened, places)
    done = audited(opened)
    assert done.wrong is None
    assert not len(done.order)


def test_the_project_stays_as_it_is(opened):
    before = opened.project.labels.all.copy()
    audited(opened)
    assert opened.project.labels.all.tobytes() == before.tobytes()


def test_it_tells_how_far_it_is(opened):
    told = list[Progress]()
    found_in(Snapshot.of(opened.project, opened.suggestions), told.append)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert {one.total for one in told} == {40}
    assert told[-1].done >= 39
