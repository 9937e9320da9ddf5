"""The rules by which images get labels."""

from dataclasses import replace

import numpy as np
import pytest

from nameplate.domain.changes import SetLabels
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState, labels_of
from nameplate.project.label_changes import (
    accept,
    auto_label,
    change_concepts,
    clear,
    label,
    merge,
    skip,
    split,
)
from project_help import opened_project, state_of

ALL = np.arange(4)


@pytest.fixture
def opened():
    """Images that suggest x, z, y and nothing: the last one is not read."""
    opened = opened_project()
    for row, axis in ((0, 0), (1, 2), (2, 1)):
        opened.embed(row, axis)
    opened.score()
    return opened


def rows(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_auto_labelling_leaves_out_rejects_weak_and_unread_images(opened):
    opened.do(auto_label(opened.project, ALL, opened.now))
    x, y, _ = opened.ids
    assert opened.label_ids == [x, NO_CONCEPT, y, NO_CONCEPT]
    assert opened.project.labels.states.tolist() == [
        ReviewState.SUGGESTED,
        ReviewState.UNLABELLED,
        ReviewState.SUGGESTED,
        ReviewState.UNLABELLED,
    ]


def test_auto_labelling_replaces_no_label_that_came_with_an_image(opened):
    _, y, _ = opened.ids
    code = np.array([opened.project.labels.sets.code_of([y])], np.int32)
    given = labels_of(code, DecidedBy.GIVEN, ReviewState.SUGGESTED)
    opened.do(SetLabels(opened.project.images.ids[:1], given))
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [y, NO_CONCEPT, y, NO_CONCEPT]
    assert opened.project.labels.decided_by[0] == DecidedBy.GIVEN


def test_auto_labelling_again_with_a_higher_minimum_takes_weak_labels_off(opened):
    opened.do(auto_label(opened.project, ALL, opened.now))
    opened.set(minimum=1.0)
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [NO_CONCEPT] * 4
    assert not opened.project.labels.decided_by.any()


@pytest.mark.parametrize("is_multi", [False, True])
def test_auto_labelling_goes_by_the_reject_concepts_of_now(opened, is_multi):
    x, y, z = opened.project.concepts
    opened.set(is_multi=is_multi)
    opened.score()
    others = (replace(x, is_reject=True), y, replace(z, is_reject=False))
    opened.do(change_concepts(opened.project, others))
    opened.do(auto_label(opened.project, ALL, opened.now))
    members = [opened.project.labels.members(row) for row in range(3)]
    # With several labels, what fits no better than a reject concept gets none.
    assert members == [(), (z.key,), (y.key,)]


def test_auto_labelling_twice_changes_nothing_the_second_time(opened):
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert not len(auto_label(opened.project, ALL, opened.now).ids)


def test_auto_labelling_never_touches_what_a_person_decided_or_skipped(opened):
    _, y, _ = opened.ids
    opened.do(label(opened.project, rows(0), y, opened.now))
    opened.do(skip(opened.project, rows(2), opened.now))
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [y, NO_CONCEPT, NO_CONCEPT, NO_CONCEPT]
    assert opened.project.labels.states[2] == ReviewState.SKIPPED


def test_a_persons_choice_is_accepted_where_it_was_suggested_and_corrected_elsewhere(opened):
    x, *_ = opened.ids
    opened.do(label(opened.project, ALL, x, opened.now))
    assert opened.label_ids == [x] * 4
    assert opened.project.labels.states.tolist() == [
        ReviewState.ACCEPTED,
        *[ReviewState.CORRECTED] * 3,
    ]


def test_a_label_remembers_when_with_which_model_and_how_probable_it_was(opened):
    x, *_ = opened.ids
    opened.do(label(opened.project, rows(0, 2, 3), x, opened.now))
    labels = opened.project.labels
    assert (labels.all["decided_at"][[0, 2, 3]] == opened.now.at).all()
    assert {labels.models[i] for i in labels.all["model"][[0, 2, 3]]} == {"model@1"}
    sure, unlikely, unread = labels.all["probability"][[0, 2, 3]].tolist()
    assert sure > 0.99
    assert unlikely < 0.01
    assert np.isnan(unread)
    opened.do(clear(opened.project, rows(0)))
    assert labels.all["decided_at"][0] == 0
    assert np.isnan(labels.all["probability"][0])


@pytest.mark.parametrize("chosen", [False, True])
def test_a_person_who_chooses_or_accepts_a_reject_decides_for_no_label(opened, chosen):
    z = opened.ids[2]
    by_name = label(opened.project, rows(1), z, opened.now)
    opened.do(by_name if chosen else accept(opened.project, rows(1), opened.now))
    assert opened.label_ids[1] == NO_CONCEPT
    assert opened.project.labels.decided_by[1] == DecidedBy.PERSON
    assert opened.project.labels.states[1] == ReviewState.ACCEPTED


def test_accepting_takes_the_label_before_the_suggestion_and_leaves_the_rest_alone(opened):
    x, y, _ = opened.ids
    automatic = label(opened.project, rows(0), y, opened.now)
    automatic.labels["decided_by"] = DecidedBy.AUTO
    opened.do(automatic)
    change = accept(opened.project, ALL, opened.now)
    opened.do(change)
    assert opened.project.images.rows_of(change.ids).tolist() == [0, 1, 2]
    assert opened.label_ids == [y, NO_CONCEPT, y, NO_CONCEPT]
    assert x not in opened.label_ids
    assert not len(accept(opened.project, ALL, opened.now).ids)  # a person decided these


def test_taking_labels_off_changes_only_what_was_touched(opened):
    opened.do(skip(opened.project, rows(1), opened.now))
    change = clear(opened.project, ALL)
    assert change.ids.tolist() == [2]
    opened.do(change)
    assert not opened.project.labels.states.any()


def test_labels_of_a_deleted_or_rejected_name_go_and_come_back_with_it(opened):
    x, y, z = opened.project.concepts
    opened.do(label(opened.project, rows(0, 3), x.key, opened.now))
    opened.do(label(opened.project, rows(2), y.key, opened.now))
    before = opened.project.labels.all.tobytes()
    opened.do(change_concepts(opened.project, (replace(y, is_reject=True), z)))
    assert opened.label_ids == [NO_CONCEPT] * 4
    assert not opened.project.labels.decided_by.any()
    opened.project.undo()
    assert opened.project.concepts == (x, y, z)
    assert opened.project.labels.all.tobytes() == before


def test_with_several_labels_names_add_up_and_are_taken_off_again(opened):
    x, y, _ = opened.ids
    opened.set(is_multi=True)
    opened.do(label(opened.project, rows(0, 1), x, opened.now))
    opened.do(label(opened.project, rows(0), y, opened.now))
    assert opened.project.labels.members(0) == (x, y)
    opened.do(label(opened.project, rows(0, 1), y, opened.now))
    assert opened.project.labels.members(1) == (x, y)
    opened.do(label(opened.project, rows(0, 1), x, opened.now))
    assert [opened.project.labels.members(row) for row in (0, 1)] == [(y,), (y,)]


def test_with_several_labels_auto_labelling_gives_all_that_reach_the_minimum(opened):
    x, y, _ = opened.ids
    opened.set(is_multi=True, minimum=0.5)
    both = np.array([[1.0, 1.0, 0.0]], dtype=np.float32) / np.sqrt(np.float32(2))
    opened.project.images.set_embeddings(rows(3), both)
    opened.score()
    opened.do(auto_label(opened.project, ALL, opened.now))
    members = [opened.project.labels.members(row) for row in range(4)]
    assert members == [(x,), (), (y,), (x, y)]


def test_deleting_one_of_several_labels_keeps_the_others(opened):
    x, y, z = opened.project.concepts
    opened.set(is_multi=True)
    for concept in (x, y):
        opened.do(label(opened.project, rows(0), concept.key, opened.now))
    opened.do(change_concepts(opened.project, (y, z)))
    assert opened.project.labels.members(0) == (y.key,)
    assert opened.project.labels.decided_by[0] == DecidedBy.PERSON


def test_with_several_labels_what_is_left_says_whether_the_suggestion_was_accepted(opened):
    opened.embed(0, 0)
    opened.score()
    opened.set(is_multi=True)
    project, row = opened.project, np.array([0])
    states = []
    for concept in (opened.ids[0], opened.ids[1], opened.ids[1], opened.ids[0]):
        opened.do(label(project, row, concept, opened.now))
        states.append(ReviewState(project.labels.states[0]))
    accepted, corrected = ReviewState.ACCEPTED, ReviewState.CORRECTED
    assert states == [accepted, corrected, accepted, corrected]


def test_a_concept_has_a_minimum_of_its_own(opened):
    x, y, z = opened.project.concepts
    opened.set(minimum=1.0)
    opened.do(change_concepts(opened.project, (replace(x, threshold=0.5), y, z)))
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [x.key, *[NO_CONCEPT] * 3]
    opened.set(minimum=0.0)
    opened.do(change_concepts(opened.project, (replace(x, threshold=1.0), y, z)))
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [NO_CONCEPT, NO_CONCEPT, y.key, NO_CONCEPT]


def test_a_concept_has_a_minimum_of_its_own_among_several_labels_too(opened):
    x, y, z = opened.project.concepts
    opened.set(is_multi=True, minimum=1.0)
    opened.score()
    opened.do(change_concepts(opened.project, (replace(x, threshold=0.5), y, z)))
    opened.do(auto_label(opened.project, ALL, opened.now))
    assert opened.label_ids == [x.key, *[NO_CONCEPT] * 3]


def test_merging_gives_all_labels_to_the_kept_concept_in_one_step(opened):
    x, y, _ = opened.ids
    opened.do(auto_label(opened.project, ALL, opened.now))
    opened.do(label(opened.project, rows(3), y, opened.now))
    before, steps = state_of(opened.project), len(opened.project.history.done)
    opened.do(merge(opened.project, x, [y], as_synonyms=True))
    assert opened.label_ids == [x, NO_CONCEPT, x, x]
    assert [c.names for c in opened.project.concepts] == [("x", "y"), ("z",)]
    decided = opened.project.labels.decided_by.tolist()
    assert decided == [DecidedBy.AUTO, DecidedBy.NOBODY, DecidedBy.AUTO, DecidedBy.PERSON]
    assert len(opened.project.history.done) == steps + 1
    opened.project.undo()
    assert state_of(opened.project) == before


def test_merging_labels_of_several_names_leaves_each_picture_the_kept_one_once(opened):
    x, y, _ = opened.ids
    opened.set(is_multi=True)
    opened.do(label(opened.project, rows(0, 1), x, opened.now))
    opened.do(label(opened.project, rows(1, 2), y, opened.now))
    opened.do(merge(opened.project, x, [y], as_synonyms=False))
    assert [opened.project.labels.members(row) for row in range(3)] == [(x,)] * 3


def test_merging_into_none_of_these_leaves_decisions_decided(opened):
    x, y, z = opened.ids
    opened.do(auto_label(opened.project, rows(0), opened.now))
    opened.do(label(opened.project, rows(1), x, opened.now))
    opened.do(merge(opened.project, z, [x, y], as_synonyms=False))
    assert opened.label_ids[:2] == [NO_CONCEPT] * 2
    assert opened.project.labels.decided_by[:2].tolist() == [DecidedBy.NOBODY, DecidedBy.PERSON]


def test_splitting_gives_the_chosen_pictures_a_new_name_and_moves_no_other(opened):
    x, y, z = opened.ids
    opened.do(label(opened.project, ALL, x, opened.now))
    change, new = split(opened.project, x, rows(1, 3), "w | v", opened.now)
    before = state_of(opened.project)
    opened.do(change)
    assert [c.key for c in opened.project.concepts] == [x, y, z, new]
    assert opened.project.concepts[-1].names == ("w", "v")
    assert opened.label_ids == [x, new, x, new]
    assert opened.project.labels.states[1] == ReviewState.CORRECTED
    opened.project.undo()
    assert state_of(opened.project) == before


def test_splitting_leaves_other_labels(opened):
    x, y, _ = opened.ids
    opened.set(is_multi=True)
    opened.do(label(opened.project, rows(0, 1), x, opened.now))
    opened.do(label(opened.project, rows(0, 1), y, opened.now))
    change, new = split(opened.project, x, rows(0), "w", opened.now)
    opened.do(change)
    assert opened.project.labels.members(0) == (y, new)
    assert opened.project.labels.members(1) == (x, y)


def test_splitting_into_a_name_that_is_there_is_refused(opened):
    with pytest.raises(UsageError, match="name-twice"):
        split(opened.project, opened.ids[0], ALL, "Y", opened.now)
