"""Pages of one concept's suggestions, and what turning them decides."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.messages import Message
from nameplate.domain.stacks import Stacks
from nameplate.pipeline.pages.deciding import decide_page, mark_images
from nameplate.pipeline.pages.rules import FEWEST_OF_MANY, SKIPPED, WRONG, Candidates
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.rescore import record
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import auto_label
from nameplate.wording.texts import what_of
from project_help import Opened, opened_project, state_of

REASON = Message("has-vanished")


def many(count: int, seed: int) -> Opened:
    """Return a project of images that suggest its three concepts by chance."""
    opened = opened_project()
    opened.add_images(*(f"more{i}.jpg" for i in range(count - 4)))
    opened.score()
    vectors = np.random.default_rng(seed).standard_normal((count, 3), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    record(Embedded(np.arange(count), vectors), opened.project, opened.suggestions)
    return opened


@dataclass
class Reviewer:
    """Turns pages of a project."""

    opened: Opened
    size: int = 3

    def candidates(self) -> Candidates:
        rows = np.arange(len(self.opened.project.images))
        of = self.opened
        of.suggestions.reject(rows, of.project.rejected_of(rows))
        return Candidates.of(of.project, of.suggestions, rows)

    def mark(self, page, marks):
        for row, mark in marks.items():
            one = page.only([row, *page.behind.get(row, ())])
            one = one.opened(one.behind)
            of = self.opened
            made = mark_images(of.project, one.rows, one.suggested, mark, of.now)
            if made.change is not None:
                of.project.apply(made.change, made.title)

    def turn(self, page, marks, **more):
        self.mark(page, marks)
        decision = decide_page(self.opened.project, page, self.opened.now, **more)
        if decision.change is not None:
            self.opened.project.apply(decision.change, decision.title)
        return decision


@given(st.integers(4, 30), st.integers(0, 99), st.integers(1, 8), st.data())
def test_every_image_comes_until_it_is_decided_and_never_as_what_it_was_rejected_from(
    count, seed, size, data
):
    opened = many(count, seed)
    reviewer, seen = Reviewer(opened, size), set()
    while page := (left := reviewer.candidates()).next_page(size):
        counts = left.counts()
        of_page = {block.concept: len(block.places) for block in page.blocks}
        first, *others = of_page
        assert of_page[first] == min(size, counts[first])
        assert all(of_page[key] in (counts[key], *range(FEWEST_OF_MANY, size)) for key in others)
        kept = {key: count - of_page.get(key, 0) for key, count in counts.items()}
        room = size - len(page.rows)
        assert room == 0 or all(count > room for count in kept.values() if count)
        assert room < FEWEST_OF_MANY or not any(kept.values())
        least, most = -(-sum(counts.values()) // size), sum(-(-n // size) for n in counts.values())
        assert least <= left.pages(size) <= most
        shown = set(zip(page.rows.tolist(), page.suggested.tolist(), strict=True))
        assert not shown & seen  # decided images do not come again, nor do rejected ones as this
        seen |= shown
        for key in np.unique(page.suggested):
            assert np.all(np.diff(page.probability[page.suggested == key]) >= 0)
        mark = st.sampled_from([None, None, WRONG, SKIPPED, *opened.ids])
        said = {row: data.draw(mark) for row in page.rows.tolist()}
        reviewer.turn(page, {row: one for row, one in said.items() if one is not None})
    labels, ids = opened.project.labels, opened.project.images.ids
    nameless = reviewer.candidates().all_rejected.tolist()
    assert sorted(nameless) == np.flatnonzero(labels.decided_by != DecidedBy.PERSON).tolist()
    assert all(opened.project.rejected[int(ids[row])] == set(opened.ids) for row in nameless)


@given(st.integers(4, 40), st.integers(0, 99), st.integers(1, 8), st.integers(0, 40))
def test_pages_of_alike_images_show_each_image_once_and_no_decided_one(count, seed, size, placed):
    opened = many(count, seed)
    reviewer, seen = Reviewer(opened, size), []
    projections = opened.project.images.embeddings[:placed]  # the others came later
    while page := (left := reviewer.candidates()).next_page(size, projections=projections):
        decided_by = opened.project.labels.decided_by[page.rows]
        assert not (decided_by == DecidedBy.PERSON).any()
        assert 1 <= len(page.rows) <= size
        keys = np.array([concept.key for concept in left.concepts])
        of = dict(zip(left.rows.tolist(), keys[left.places].tolist(), strict=True))
        assert page.suggested.tolist() == [of[row] for row in page.rows.tolist()]
        assert len(set(page.concepts)) == len(page.blocks)
        seen += page.rows.tolist()
        reviewer.turn(page, {})
    assert sorted(seen) == list(range(count))


def test_alike_images_lie_next_to_each_other_on_a_page(opened):
    reviewer = Reviewer(opened)
    turns = np.array([0, 3, 1, 0, 3, 1, 0, 3, 1, 0]) * 0.4 + np.arange(10) * 0.001
    projections = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    page = reviewer.candidates().next_page(10, projections=projections)
    kinds = np.array([0, 3, 1, 0, 3, 1, 0, 3, 1, 0])[page.rows]
    assert np.count_nonzero(np.diff(kinds)) == 2  # three stretches


def test_the_first_page_has_a_few_pictures_of_each_name_and_those_after_one_name():
    opened = many(120, 3)
    reviewer = Reviewer(opened)
    page = reviewer.candidates().next_page(20)
    assert np.unique(page.suggested, return_counts=True)[1].tolist() == [5, 5, 5]
    reviewer.turn(page, {})
    assert len(reviewer.candidates().next_page(20).blocks) == 1


@pytest.mark.parametrize("size", [8, 60])
def test_there_is_no_first_page_of_names_that_do_not_fit_or_of_few_pictures(size):
    page = Reviewer(many(120, 3)).candidates().next_page(size)
    assert len(page.rows) == size
    assert len(page.rows[page.blocks[0].places]) > 5


def test_surely_right_is_what_is_very_probable(opened):
    left = Reviewer(opened).candidates()
    assert left.surely_right == 10
    doubtful = np.array([0.5, 0.97, 0.98, 0.99, 1, 0, 0, 0, 0, 0], np.float32)
    assert replace(left, probability=doubtful).surely_right == 3


@given(st.integers(0, 99), st.booleans(), st.data())
def test_undo_of_a_page_restores_all_and_redo_does_it_again(seed, is_multi, data):
    opened = many(9, seed)
    opened.set(is_multi=is_multi)
    opened.do(auto_label(opened.project, np.arange(5), opened.now))
    reviewer = Reviewer(opened, 4)
    page = reviewer.candidates().next_page(4)
    before = state_of(opened.project)
    mark = st.sampled_from([WRONG, SKIPPED, *opened.ids])
    steps = len(opened.project.history.done)
    reviewer.turn(page, {row: data.draw(mark) for row in page.rows[:3].tolist()})
    after, made = state_of(opened.project), len(opened.project.history.done) - steps
    for _ in range(made):
        opened.project.undo()
    assert state_of(opened.project) == before
    for _ in range(made):
        opened.project.redo()
    assert state_of(opened.project) == after


@given(st.integers(0, 99), st.lists(st.sampled_from([WRONG, SKIPPED, 0, 1, 2]), min_size=1))
def test_marks_that_are_taken_off_leave_nothing(seed, marks):
    opened = many(9, seed)
    reviewer = Reviewer(opened, 4)
    page, before = reviewer.candidates().next_page(4), state_of(opened.project)
    row = int(page.rows[0])
    for mark in marks:
        reviewer.mark(page, {row: mark})
    reviewer.mark(page, {row: None})
    assert state_of(opened.project) == before


@pytest.fixture
def opened():
    """Ten images that suggest x."""
    opened = opened_project()
    opened.add_images(*(f"more{i}.jpg" for i in range(6)))
    for row in range(10):
        opened.embed(row, 0)
    opened.score()
    return opened


def test_a_page_is_one_step_with_a_title_that_counts(opened):
    reviewer = Reviewer(opened, 10)
    x, y, _ = opened.ids
    page = reviewer.candidates().next_page(10)
    steps = len(opened.project.history.done)
    decision = reviewer.turn(page, {0: y, 1: y, 2: WRONG, 3: SKIPPED, 4: x})
    assert (
        what_of(decision.title)
        == "page of 10 as “x”: 6 accepted, 2 named, 1 skipped, 1 left undecided"
    )
    assert len(opened.project.history.done) == steps + 5
    assert opened.label_ids == [y, y, NO_CONCEPT, NO_CONCEPT, *[x] * 6]
    states = opened.project.labels.states.tolist()
    assert states[:4] == [ReviewState.CORRECTED] * 2 + [ReviewState.UNLABELLED, ReviewState.SKIPPED]
    assert states[4:] == [ReviewState.ACCEPTED] * 6


def test_images_that_came_with_a_label_are_on_no_page(opened):
    opened.project.labels.decided_by[[3, 5]] = DecidedBy.GIVEN
    left = Reviewer(opened).candidates().rows.tolist()
    assert left == [row for row in range(len(opened.project.images)) if row not in (3, 5)]


def test_what_is_named_and_skipped_on_a_page_has_the_moment_of_its_acceptance(opened):
    project, page = opened.project, Reviewer(opened, 10).candidates().next_page(10)
    _, y, _ = opened.ids
    for at, row, mark in ((5, 0, y), (6, 1, SKIPPED)):
        one, now = page.only([row]), replace(opened.now, at=at)
        made = mark_images(project, one.rows, one.suggested, mark, now)
        project.apply(made.change, made.title)
    assert project.labels.all["decided_at"][:2].tolist() == [5, 6]
    step = decide_page(project, page, replace(opened.now, at=9))
    project.apply(step.change, step.title)
    assert project.labels.all["decided_at"].tolist() == [9] * 10
    project.undo()
    assert project.labels.all["decided_at"][:3].tolist() == [5, 6, 0]


@pytest.mark.parametrize("is_multi", [False, True])
def test_what_a_page_says_is_a_name_for_images_that_are_suggested_otherwise_by_now(
    opened, is_multi
):
    x, *_ = opened.ids
    opened.set(is_multi=is_multi)
    opened.score()
    reviewer = Reviewer(opened, 10)
    page = reviewer.candidates().next_page(10)
    labels = opened.project.labels
    labels.concepts[:3] = labels.sets.code_of([x])  # as auto-labelling has it
    for row in (0, 1):
        opened.embed(row, 1)
    reviewer.mark(page, {0: x})
    reviewer.turn(page, {})
    assert [labels.members(row) for row in range(3)] == [(x,)] * 3
    by = labels.decided_by[:3].tolist()
    assert by == [DecidedBy.PERSON, DecidedBy.NOBODY, DecidedBy.PERSON]
    assert not opened.project.rejected


def test_the_name_of_the_page_takes_a_mark_off_also_where_the_next_best_is_suggested_by_now(opened):
    x, *_ = opened.ids
    reviewer = Reviewer(opened, 10)
    page, before = reviewer.candidates().next_page(10), state_of(opened.project)
    reviewer.mark(page, {0: WRONG})
    assert reviewer.candidates().concepts[reviewer.candidates().places[0]].key != x
    reviewer.mark(page, {0: x})
    assert state_of(opened.project) == before


def test_pages_are_kept_with_the_project_and_can_be_undone_after_it_was_reopened(opened, tmp_path):
    file = ProjectFile.create(tmp_path / "pages.nameplate", opened.project)
    _, y, _ = opened.ids
    reviewer = Reviewer(opened, 5)
    reviewer.turn(reviewer.candidates().next_page(5), {0: y, 1: SKIPPED})
    before = state_of(opened.project)
    nothing_right = reviewer.candidates().next_page(5)
    reviewer.turn(nothing_right, dict.fromkeys(nothing_right.rows.tolist(), WRONG))
    assert file.close()
    again = ProjectFile.open(tmp_path / "pages.nameplate")
    project = again.project
    assert what_of(project.history.done[-1].title) == "page of 5 as “x”: 5 left undecided"
    for _ in range(6):
        project.undo()
    assert state_of(project) == before
    for _ in range(3):
        project.undo()
    assert not project.labels.decided_by.any()
    assert again.close()


def test_an_image_that_went_or_was_decided_meanwhile_is_left_as_it_is_and_reported(opened):
    reviewer = Reviewer(opened, 10)
    page = reviewer.candidates().next_page(10)
    opened.project.images.set_unreadable(3, REASON)
    opened.project.images.set_removed(np.array([4]), is_removed=True)
    decision = reviewer.turn(page, {}, unseen=[5])
    assert decision.left_out == (3, 5)  # 4 was taken out: whoever did that knows
    assert np.flatnonzero(opened.project.labels.decided_by).tolist() == [0, 1, 2, 6, 7, 8, 9]
    again = reviewer.turn(page, {})
    assert again.left_out == (3,)


def test_where_images_may_have_several_labels_a_page_adds_its_concept(opened):
    x, y, _ = opened.ids
    opened.set(is_multi=True)
    opened.score()
    reviewer = Reviewer(opened, 10)
    page = reviewer.candidates().next_page(10)
    labels = opened.project.labels
    labels.concepts[0] = labels.sets.code_of([y])
    labels.concepts[1] = labels.sets.code_of([x])
    reviewer.turn(page, {1: y})
    assert [labels.members(row) for row in range(3)] == [(x, y), (y,), (x,)]


def test_a_page_of_a_reject_concept_leaves_images_decided_without_a_label(opened):
    *_, z = opened.ids
    opened.embed(2, 2)
    page = Reviewer(opened, 10).candidates().next_page(10, z, is_filled=False)
    assert page.rows.tolist() == [2]
    Reviewer(opened).turn(page, {})
    assert opened.project.labels.decided_by[2] == DecidedBy.PERSON
    assert opened.label_ids[2] == NO_CONCEPT


def test_a_concept_that_is_asked_for_comes_and_then_the_riskiest_again(opened):
    x, y, _ = opened.ids
    opened.embed(7, 1)
    candidates = Reviewer(opened).candidates()
    assert candidates.next_page(4, y, is_filled=False).concepts == (y,)
    assert candidates.next_page(7, y).concepts == (y, x)
    assert candidates.without(np.array([7])).next_page(4, y).concepts == (x,)


def test_no_few_of_many_fill_a_page_but_all_that_a_name_has_left_do(opened):
    x, y, _ = opened.ids
    opened.embed(7, 1)
    candidates = Reviewer(opened).candidates()
    assert candidates.next_page(FEWEST_OF_MANY, y).concepts == (y,)
    few = candidates.without(np.arange(6))
    assert few.next_page(FEWEST_OF_MANY, y).concepts == (y, x)


def test_images_that_are_not_read_yet_are_counted_and_not_shown():
    opened = opened_project()
    opened.score()
    opened.embed(1, 0)
    candidates = Reviewer(opened).candidates()
    assert candidates.rows.tolist() == [1]
    assert candidates.unread == 3


def grouped(opened: Opened, groups: list[int]) -> Candidates:
    rows = np.arange(len(opened.project.images))
    numbers = np.array(groups)
    stacks = Stacks(numbers, (numbers >= 0).astype(np.uint8))
    return Candidates.of(opened.project, opened.suggestions, rows, stacks)


def test_a_stack_stands_on_a_page_as_one_and_is_decided_as_it_is():
    opened = many(40, 0)
    suggested = opened.suggestions.suggested
    x = int(suggested[0])
    same = np.flatnonzero(suggested == x)[:3].tolist()
    groups = [0 if row in same else -1 for row in range(40)]
    page = grouped(opened, groups).next_page(40, x, is_filled=False)
    assert page.behind == {same[0]: tuple(same[1:])}
    assert not np.isin(same[1:], page.rows).any()
    assert page.opened(same).rows.tolist() == page.all_rows.tolist()
    made = Reviewer(opened).turn(page, {same[0]: SKIPPED})
    assert (opened.project.labels.states[same] == ReviewState.SKIPPED).all()
    assert made.title.parameters["count"] == len(page.rows) + 2


def test_images_of_a_stack_of_which_different_things_are_said_stand_alone():
    opened = many(40, 0)
    suggested = opened.suggestions.suggested.tolist()
    other = next(row for row in range(40) if suggested[row] != suggested[0])
    groups = [0 if row in (0, other) else -1 for row in range(40)]
    assert (grouped(opened, groups).stacks == -1).all()
    same = next(row for row in range(1, 40) if suggested[row] == suggested[0])
    groups = [0 if row in (0, same, other) else -1 for row in range(40)]
    assert (grouped(opened, groups).stacks == -1).all()


def test_a_page_has_four_names_at_most_so_that_its_pictures_can_be_seen():
    names = tuple(Concept(key, f"name {key}") for key in range(10))
    places, nothing = np.repeat(np.arange(10), 2), np.empty(0, np.int64)
    probability, alone = np.full(20, 0.5, np.float32), np.full(20, -1)
    left = Candidates(np.arange(20), names, places, probability, nothing, 0, alone)
    assert len(left.next_page(30).blocks) == 4
    assert left.pages(30) == 3


def test_the_last_pictures_of_several_names_make_one_page_in_blocks():
    opened = many(12, 1)
    candidates = Reviewer(opened, 30).candidates()
    page = candidates.next_page(30)
    assert sorted(page.rows.tolist()) == [*range(12)]
    assert sorted(page.concepts) == sorted(opened.ids)
    assert candidates.pages(30) == 1
    first, second = page.rows[:2].tolist()
    made = Reviewer(opened).turn(page, {first: WRONG, second: SKIPPED})
    labels = opened.project.labels
    assert labels.decided_by[first] != DecidedBy.PERSON
    assert opened.project.rejected[int(opened.project.images.ids[first])] == {page.suggested[0]}
    for row, key in zip(page.rows[2:].tolist(), page.suggested[2:].tolist(), strict=True):
        is_reject = key == opened.ids[2]
        assert labels.members(row) == (() if is_reject else (key,))
    assert what_of(made.title) == "page of 12 as 3 names: 10 accepted, 1 skipped, 1 left undecided"
