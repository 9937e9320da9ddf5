import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import add_all
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.columns import Columns, FoundImages
from nameplate.domain.filtering.conditions import HasConcept
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.path_index import PathIndex
from nameplate.domain.filtering.typed import parse
from nameplate.domain.filtering.views import Sort, View, order_of, snapshot_of, view_needs_paths
from nameplate.domain.images import CONTENT, FILE, ImageTable
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState, labels_of
from nameplate.domain.messages import Message
from unit.domain.filter_help import parsed

NAN = float("nan")
CONCEPTS, _ = add_all((), ["none", "cat", "dog"])
NAMES = ("a/x10.jpg", "a/x9.jpg", "b/y.jpg", "b/x1.jpg", "top.jpg")
DAYS = (dt.date(2024, 5, 1), dt.date(2024, 5, 31), dt.date(2023, 1, 1), None, dt.date(2024, 5, 1))


def at(day):
    """Return noon of a day in milliseconds."""
    noon = dt.time(12)
    return -1 if day is None else round(1000 * dt.datetime.combine(day, noon).timestamp())


def day(number):
    """Return a moment of a day of May 2024, by the clock of the place."""
    return (dt.date(2024, 5, number) - dt.date.min).days * 86_400_000 + 1


def columns_of(images, labels, suggested, probability):
    """Return the columns of a collection whose margins are half of the probabilities."""
    columns = Columns.of(images, labels, suggested, probability, probability / 2)
    found = {
        "odd": FoundImages({"mistake": np.array([0]), "misfit": np.array([0, 2, 9])}),
        "seen": FoundImages(
            {"none": np.array([2])}, numbers=np.array([day(3), day(1), -1, day(2)])
        ),
        "whom": FoundImages(
            {"none": np.array([1, 2])}, numbers=np.array([1, -1, -1, 0]), texts=("Ann", "Bob Ray")
        ),
    }
    return replace(columns, paths=PathIndex.of(images.paths.texts), found=found)


@pytest.fixture
def collection():
    """Five images: labelled 1 by a person, 2 automatically, suggested 1, skipped, unreadable."""
    images, labels = ImageTable(), LabelTable(5)
    images.add([Path(f"/p/{name}") for name in NAMES])
    images.set_unreadable(4, Message("is-empty"))
    images.set_embeddings(np.arange(3), np.empty((3, 0), np.float32))
    images.notes[2] = Message("is-cut-short")
    images.changed[0] = np.zeros((), CONTENT)
    files = list(zip([100, 2000, 50, -1, 0], map(at, DAYS), strict=True))
    images.files[:] = np.array(files, FILE)
    digests = [b"a" * 16, b"b" * 16, b"a" * 16, b"\0" * 16, b"\0" * 16]
    contents = list(zip([100, 2000, 100, 70, -1], digests, strict=True))
    images.contents[:] = np.array(contents, CONTENT)
    suggested = np.array([1, 2, 1, 2, NO_CONCEPT], dtype=np.int32)
    probability = np.array([0.9, 0.5, 0.7, 0.6, NAN], dtype=np.float32)
    for row, concepts, by, state in (
        (0, [1], DecidedBy.PERSON, ReviewState.ACCEPTED),
        (1, [2], DecidedBy.AUTO, ReviewState.SUGGESTED),
        (3, [], DecidedBy.PERSON, ReviewState.SKIPPED),
    ):
        codes = np.array([labels.sets.code_of(concepts)], dtype=np.int32)
        labels.replace(np.array([row]), labels_of(codes, by, state))
    return images, labels, suggested, probability


def shown(line, collection, sort=Sort.ADDED, *, is_falling=False):
    """Return the rows that a typed filter shows."""
    found = parsed(line, CONCEPTS)
    assert not found.wrong
    view = View(sort, is_falling, found.filter)
    columns = columns_of(*collection)
    rows = order_of(view, columns).tolist()
    # A job has only what the view needs, and finds the same.
    paths = columns.paths if view_needs_paths(view) else PathIndex.of(())
    snapshot = replace(snapshot_of(view, columns), paths=paths)
    assert order_of(view, snapshot).tolist() == rows
    return rows


def test_before_a_feature_has_looked_nothing_is_known_to_be_so_and_nothing_not_to_be(collection):
    columns = replace(columns_of(*collection), found={})
    for line in ("odd:mistake", "-odd:mistake", "seen:2024", "-seen:2024", "-whom:bob"):
        assert not len(order_of(View(filter=parsed(line, CONCEPTS).filter), columns))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("name:cat", [0, 2]),
        ("-name:cat", [1, 3, 4]),
        ("seen:2024-05-02..2024-05-03", [0, 3]),
        ("seen>2024-05-02", [0]),
        ("-seen:2024-05-02", [0, 1, 2, 4]),
        ("seen:none", [2]),
        ("whom:BOB", [0]),
        ("whom:a", [0, 3]),
        ("-whom:bob", [1, 2, 3, 4]),
        ("whom:cecil", []),
        ("whom:none -seen:none", [1]),
        ("is:undecided", [1, 2]),
        ("is:unlabelled", [2]),
        ("is:to-check", [1]),
        ("is:checked", [0, 3]),
        ("is:accepted", [0]),
        ("is:corrected", []),
        ("is:skipped", [3]),
        ("is:unreadable", [4]),
        ("has:problem", [2, 4]),
        ("is:changed", [0]),
        ("is:unread", [3]),
        ("has:copy", [0, 2]),
        ("odd:mistake", [0]),
        ("odd:misfit name:cat", [0, 2]),
        ("-odd:misfit", [1, 3, 4]),
        ("by:auto", [1]),
        ("by:person", [0, 3]),
        ("by:nobody", [2, 4]),
        ("p>0.6", [0, 2]),
        ("p>=0.6", [0, 2, 3]),
        ("p:0.5..0.7", [1, 2, 3]),
        ("-p>0.6", [1, 3, 4]),
        ("margin<0.3", [1]),
        ("size>100B", [1]),
        ("size:70B..100B", [0, 3]),
        ("date:2024-05", [0, 1, 4]),
        ("date:2024-05-01", [0, 4]),
        ("date<2024", [2]),
        ("x1", [0, 3]),
        ("X1 a", [0]),
        ("folder:b", [2, 3]),
        ("-folder:b -top", [0, 1]),
        ("id:1-2,5", [0, 1, 4]),
        ("-id:1-2,5", [2, 3]),
        ("is:undecided name:cat p<0.8 folder:b", [2]),
    ],
)
def test_a_filter_shows_the_images_for_which_all_its_words_hold(collection, line, expected):
    assert shown(line, collection) == expected


@pytest.mark.parametrize(
    ("sort", "rising", "falling"),
    [
        (Sort.ADDED, [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]),
        (Sort.NAME, [4, 3, 1, 0, 2], [2, 0, 1, 3, 4]),
        (Sort.FOLDER, [4, 1, 0, 3, 2], [3, 2, 1, 0, 4]),
        (Sort.DATE, [2, 0, 4, 1, 3], [1, 0, 4, 2, 3]),
        (Sort.SIZE, [4, 2, 3, 0, 1], [1, 0, 3, 2, 4]),
        (Sort.PROBABILITY, [1, 3, 2, 0, 4], [0, 2, 3, 1, 4]),
        (Sort.MARGIN, [1, 3, 2, 0, 4], [0, 2, 3, 1, 4]),
        (Sort.CONCEPT, [0, 2, 1, 3, 4], [1, 0, 2, 3, 4]),
        ("seen", [1, 3, 0, 2, 4], [0, 3, 1, 2, 4]),
        ("whom", [3, 0, 1, 2, 4], [0, 3, 1, 2, 4]),
        ("gone", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
    ],
)
def test_images_are_sorted_rising_or_falling_and_what_is_not_known_is_last(
    collection, sort, rising, falling
):
    assert shown("", collection, sort) == [row for row in rising if row >= 0]
    assert shown("", collection, sort, is_falling=True) == falling


def test_a_view_shows_no_removed_image_and_it_counts_as_no_copy(collection):
    collection[0].set_removed(np.array([1, 2]), is_removed=True)
    assert shown("", collection) == [0, 3, 4]
    assert shown("name:cat", collection, Sort.PROBABILITY) == [0]
    assert shown("has:copy", collection) == []


def test_what_a_person_found_to_be_none_of_the_names_is_shown_under_no_name(collection):
    assert shown("name:dog", collection) == [1]  # another one was skipped
    assert shown("", collection, Sort.CONCEPT) == [0, 2, 1, 3, 4]
    labels, suggested = collection[1], collection[2]
    suggested[3:] = 1, 2
    none = np.array([labels.sets.code_of([])], dtype=np.int32)
    for row in (2, 4):  # suggested as a cat, and as a dog
        labels.replace(np.array([row]), labels_of(none, DecidedBy.PERSON, ReviewState.CORRECTED))
    assert shown("name:cat", collection) == [0]
    assert shown("name:dog", collection) == [1]
    assert shown("", collection, Sort.CONCEPT)[:2] == [0, 1]


def test_an_image_with_several_labels_is_found_by_each_of_them(collection):
    labels = collection[1]
    codes = np.array([labels.sets.code_of([7, 1])], dtype=np.int32)
    several = labels_of(codes, DecidedBy.PERSON, ReviewState.CORRECTED)
    labels.replace(np.array([2]), several)
    columns = columns_of(*collection)
    for concept, expected in ((7, [2]), (1, [0, 2])):
        view = View(filter=Filter.of(HasConcept(concept)))
        assert order_of(view, columns).tolist() == expected


def test_the_condition_that_hides_all_is_known(collection):
    columns = columns_of(*collection)
    wanted = parse("name:cat is:corrected zebra", CONCEPTS).filter
    assert wanted.hiding(columns) == wanted.terms[1:]
    wanted = parse("is:skipped name:cat", CONCEPTS).filter
    assert wanted.hiding(columns) == ()


@given(st.sets(st.integers(1, 60)), st.booleans())
def test_only_these_are_the_images_of_these_ids(ids, is_not):
    images = ImageTable()
    images.add([Path("a")] * 40, np.arange(1, 80, 2))
    nothing = np.full(40, NAN, np.float32)
    columns = Columns.of(images, LabelTable(40), np.full(40, -1, np.int32), nothing, nothing)
    of = Filter((Term(ImageIds.of(np.array(sorted(ids), np.int64)), is_not=is_not),))
    expected = [row for row, key in enumerate(range(1, 80, 2)) if (key in ids) != is_not]
    assert order_of(View(filter=of), columns).tolist() == expected


@given(
    st.lists(st.sampled_from([NAN, 0.0, -0.0, 1.0, -1.0, 1e-8, -1e-8, 0.25, 0.2500001, -0.3])),
    st.booleans(),
    st.integers(0, 3),
)
def test_the_images_that_are_most_like_it_come_first_and_those_without_a_score_last(
    scores, is_falling, late
):
    images, count = ImageTable(), len(scores) + late  # as many came after the search
    images.add([Path(f"{i}.jpg") for i in range(count)])
    nothing, likeness = np.full(count, NAN, np.float32), np.array(scores, np.float32)
    columns = Columns.of(images, LabelTable(count), np.full(count, -1, np.int32), nothing, nothing)
    columns = replace(columns, similarity=likeness)
    sign = -1 if is_falling else 1
    keys = [2.0 if np.isnan(one) else sign * one for one in likeness.tolist()] + [2.0] * late
    expected = sorted(range(count), key=keys.__getitem__)
    view = View(Sort.LIKENESS, is_falling, Filter((Term(Like("red")), Term(Like("dog"), True))))
    assert order_of(view, columns).tolist() == expected
    assert order_of(view, snapshot_of(view, columns)).tolist() == expected


def test_a_new_likeness_is_the_order_until_another_is_chosen_or_none_is_left():
    before = View(Sort.SIZE, is_falling=True)
    red, both = Filter.of(Like("red")), Filter.of(Like("red"), Like("dog"))
    view = before.with_filter(red)
    assert (view.sort, view.is_falling) == (Sort.LIKENESS, True)
    assert view.with_filter(Filter(), before) == before
    assert view.with_filter(Filter()) == View()
    chosen = replace(view, sort=Sort.NAME, is_falling=False)
    assert chosen.with_filter(both).sort is Sort.LIKENESS
    assert replace(chosen, filter=both).with_filter(red).sort is Sort.NAME
    assert chosen.with_filter(Filter(), before).sort is Sort.NAME


SORTS = [(Sort.PROBABILITY, False), (Sort.PROBABILITY, True), (Sort.CONCEPT, False)]


@given(
    st.lists(
        st.tuples(
            st.integers(-1, 70_000), st.sampled_from([NAN, 0.0, 1.0, 1e-8, 0.25, 0.2500001, 0.9])
        )
    ),
    st.sampled_from(SORTS),
)
def test_an_order_is_that_of_the_numbers_equal_ones_as_added_and_none_last(rows, order):
    images, labels, (sort, is_falling) = ImageTable(), LabelTable(len(rows)), order
    images.add([Path(f"{i}.jpg") for i in range(len(rows))])
    suggested = np.array([key for key, _ in rows], dtype=np.int32)
    probability = np.array([p for _, p in rows], dtype=np.float32)
    keys = [key if key >= 0 else 10**6 for key, _ in rows]
    sign = -1 if is_falling or sort is Sort.CONCEPT else 1
    chances = [10.0 if np.isnan(p) else sign * p for p in probability.tolist()]
    ranks = zip(keys, chances, strict=True) if sort is Sort.CONCEPT else ((0, c) for c in chances)
    ranked = list(ranks)
    expected = sorted(range(len(rows)), key=ranked.__getitem__)
    columns = Columns.of(images, labels, suggested, probability, probability)
    assert order_of(View(sort, is_falling), columns).tolist() == expected
