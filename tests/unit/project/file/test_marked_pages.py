"""Marks of pages that were not turned yet are in the project's file, and bring no other down."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.marked_pages import MarkedPage
from nameplate.project.sheets import SKIPPED, WRONG
from project_help import kept, opened_project, reopened

IMAGES = (1, 2, 3, 4)
CONCEPTS = (0, 1, 2)
PAGE = MarkedPage(1, (3, 1), (1, 1), (0.5, 0.25), {3: (2,)}, {1: WRONG, 3: 2, 4: SKIPPED})


@st.composite
def pages(draw):
    """Pages as they can be: of suggestions, of checks, or marks that wait for a page."""
    marks = st.dictionaries(
        st.sampled_from(IMAGES), st.sampled_from((WRONG, SKIPPED, *CONCEPTS)), min_size=1
    )
    kind, marks = draw(st.sampled_from(["page", "checks", "marks"])), draw(marks)
    images = tuple(draw(st.lists(st.sampled_from(IMAGES), unique=True, min_size=1)))
    if kind == "checks":
        return MarkedPage(images=images, marks=marks, promise=3, is_blind=draw(st.booleans()))
    concept = draw(st.sampled_from((-1, *CONCEPTS)))
    if kind == "marks":
        return MarkedPage(concept, marks=marks)
    count = len(images)
    suggested = draw(st.lists(st.sampled_from(CONCEPTS), min_size=count, max_size=count))
    sure = st.floats(0, 1, width=32)
    probabilities = draw(st.lists(sure, min_size=count, max_size=count))
    left = tuple(sorted(set(IMAGES).difference(images)))
    behind = {images[0]: left} if left and draw(st.booleans()) else {}
    return MarkedPage(concept, images, tuple(suggested), tuple(probabilities), behind, marks)


@given(st.lists(pages(), max_size=3))
def test_pages_come_back_as_they_were(tmp_path_factory, pages):
    path = tmp_path_factory.mktemp("project") / "p.nameplate"
    opened, file = kept(path)
    opened.project.keep_pages(tuple(pages))
    assert file.close()
    again = reopened(path)
    assert again.pages == tuple(pages)
    assert [list(page.marks) for page in again.pages] == [list(page.marks) for page in pages]


def test_the_last_marks_count_and_are_waited_for(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for mark in (WRONG, SKIPPED, 2):
        opened.project.keep_pages((replace(PAGE, marks={1: mark}),))
    assert file.flush(10)
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT value FROM facts WHERE name = 'marked pages'"
        ((value,),) = db.execute(query).fetchall()
    assert json.loads(value)[0]["marks"] == [[1, 2]]
    opened.project.keep_pages(())
    assert file.close()
    assert reopened(path).pages == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": [3, 99]},
        {"images": [3, 3]},
        {"images": [3, 3], "promise": 3},
        {"images": [3, [1]]},
        {"images": [3.0, 1]},
        {"images": None},
        {"suggested": [1]},
        {"suggested": [1, 2**40]},
        {"probabilities": [0.5]},
        {"probabilities": [0.5, 2]},
        {"probabilities": [0.5, 10**400]},
        {"probabilities": [0.5, None]},
        {"behind": [[3, [1]]]},
        {"behind": [[2, [4]]]},
        {"behind": [[3, [99]]]},
        {"marks": []},
        {"marks": [[1, -9]]},
        {"marks": [[1, 2**40]]},
        {"marks": [[99, 1]]},
        {"marks": [[1]]},
        {"marks": {"1": 1}},
        {"concept": 77},
        {"promise": -1},
    ],
)
def test_what_is_no_page_is_left_out_and_the_project_opens_without_it(tmp_path, wrong):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    opened.project.keep_pages((PAGE,))
    assert file.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        query = "SELECT value FROM facts WHERE name = 'marked pages'"
        (page,) = json.loads(db.execute(query).fetchone()[0])
        values = json.dumps([{**page, **wrong}, 7, page])
        db.execute("UPDATE facts SET value = ? WHERE name = 'marked pages'", (values,))
    assert reopened(path).pages == (PAGE,)


def test_a_page_that_would_take_too_long_to_show_keeps_its_marks_alone(tmp_path):
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    opened.add_images(*(f"{i}.png" for i in range(20_000)))
    opened, file = kept(path, opened)
    ids = tuple(opened.project.images.ids.tolist())
    page = MarkedPage(1, ids, (1,) * len(ids), (0.5,) * len(ids), marks={1: WRONG})
    opened.project.keep_pages((page,))
    assert file.close()
    assert reopened(path).pages == (MarkedPage(1, marks={1: WRONG}),)


def test_more_pages_than_a_project_can_have_are_not_read(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    opened.project.keep_pages((PAGE,) * 1000)
    assert file.close()
    assert len(reopened(path).pages) < 200
