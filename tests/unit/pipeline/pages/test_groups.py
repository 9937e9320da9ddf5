"""Undecided images that look alike come in groups, and a name for one is one step."""

import numpy as np
import pytest

from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.embeddings import ImageVectors, unit
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.pages.groups import FEWEST, alike_groups, name_group, open_rows
from nameplate.project.label_changes import label
from project_help import Opened, around_axes, state_of


def decide(opened: Opened, rows: list[int], concept: int) -> None:
    change = label(opened.project, np.array(rows), concept, opened.now)
    opened.project.apply(change, Title("label", {"name": "x"}))


def blobs(sizes: list[int], strays: int = 0) -> list[ImageVectors]:
    """Return vectors around one direction for each size, wider each time, and some of none."""
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(len(sizes), 64)))
    which = np.repeat(np.arange(len(sizes)), sizes)
    noise = 0.02 * (1 + which)[:, None] * rng.normal(size=(len(which), 64))
    vectors = np.concatenate([centres[which] + noise, rng.normal(size=(strays, 64))])
    return [ImageVectors.of(unit(vectors))]


def test_each_undecided_image_is_in_one_group_or_among_the_others():
    opened = around_axes(60)
    decide(opened, [0, 1], opened.ids[0])
    rows = open_rows(opened.project)

    found = alike_groups(opened.project.images.vectors(), rows)

    assert sorted(np.concatenate([*found.groups, found.others]).tolist()) == list(range(2, 60))


def test_the_closest_group_is_first_and_images_that_fit_none_are_apart():
    blocks = blobs([12, 15, 30], strays=23)

    found = alike_groups(blocks, np.arange(80))

    assert set(found.groups[0].tolist()) <= set(range(12))
    for group in found.groups:
        ends = np.searchsorted([12, 27, 57], [group.min(), group.max()], "right")
        assert len(group) >= FEWEST
        assert ends[0] == ends[1] < 3
    assert set(range(57, 80)) <= set(found.others.tolist())


def test_groups_are_made_by_descriptors_where_there_are_any():
    (by_descriptors,), (by_embeddings,) = blobs([20, 20, 20]), blobs([60])
    descriptors = by_descriptors.embeddings.astype(np.float16)
    blocks = [ImageVectors(by_embeddings.embeddings, descriptors)]

    found = alike_groups(blocks, np.arange(60))

    assert all(len(set((group // 20).tolist())) == 1 for group in found.groups)
    assert len(found.groups) >= 3


def test_an_image_without_a_descriptor_is_among_the_others():
    (vectors,) = blobs([20, 20])
    descriptors = vectors.embeddings.astype(np.float16)
    descriptors[7] = np.nan

    found = alike_groups([ImageVectors(vectors.embeddings, descriptors)], np.arange(40))

    assert 7 in found.others


def test_of_images_that_have_nothing_in_common_there_is_no_group():
    found = alike_groups(blobs([], strays=60), np.arange(60))

    assert found.groups == ()
    assert sorted(found.others.tolist()) == list(range(60))


def test_of_too_few_images_and_of_equal_ones_groups_are_none_and_one():
    equal = [ImageVectors.of(np.tile(np.float32([1, 0, 0]), (10, 1)))]

    assert alike_groups(equal, np.arange(3)).groups == ()
    assert [group.tolist() for group in alike_groups(equal, np.arange(10)).groups] == [
        list(range(10))
    ]


def test_the_same_images_are_in_the_same_groups_and_looking_can_be_cancelled():
    blocks, cancel = blobs([40, 30], strays=30), CancelToken()
    one, other = (alike_groups(blocks, np.arange(100)) for _ in range(2))

    assert [group.tolist() for group in one.groups] == [group.tolist() for group in other.groups]
    cancel.cancel()
    with pytest.raises(CancelledError):
        alike_groups(blocks, np.arange(100), cancel)


def test_naming_a_group_is_one_step_and_undo_takes_name_and_labels_back():
    opened = around_axes(20)
    project, before = opened.project, state_of(opened.project)

    change, title = name_group(project, np.array([5, 3, 9]), "zebra | striped horse", opened.now)
    project.apply(change, title)

    assert [c.name for c in project.concepts][-1] == "zebra"
    assert project.labels.rows_with({project.concepts[-1].key}).tolist() == [3, 5, 9]
    assert (project.labels.decided_by[[3, 5, 9]] == DecidedBy.PERSON).all()
    project.undo()
    assert state_of(project) == before


def test_a_name_that_is_there_is_used_and_decided_images_stay():
    opened = around_axes(20)
    project = opened.project
    first, second = project.concepts[:2]
    decide(opened, [4], second.key)

    change, title = name_group(project, np.array([4, 5]), first.name.upper(), opened.now)
    project.apply(change, title)

    assert project.labels.rows_with({first.key}).tolist() == [5]


def test_a_label_that_came_with_an_image_is_in_no_group_and_stays():
    opened = around_axes(20)
    project = opened.project
    first, second = project.concepts[:2]
    code = np.array([project.labels.sets.code_of([second.key])], np.int32)
    given = labels_of(code, DecidedBy.GIVEN, ReviewState.SUGGESTED)
    opened.do(SetLabels(project.images.ids[[4]], given))

    change, title = name_group(project, np.array([4, 5]), first.name, opened.now)
    project.apply(change, title)

    assert 4 not in open_rows(project)
    assert project.labels.rows_with({first.key}).tolist() == [5]


def test_a_name_that_is_none_is_refused():
    opened = around_axes(20)

    with pytest.raises(UsageError):
        name_group(opened.project, np.array([1]), "  ", opened.now)
