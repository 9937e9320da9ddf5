"""Filters as one line of text, and back."""

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import Concept, add_all
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.columns import Columns
from nameplate.domain.filtering.conditions import (
    AsTyped,
    DecidedIs,
    FoundText,
    HasConcept,
    HasFinding,
    InFolder,
    PathHas,
    keys,
)
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.numbers import DatedWithin, NumberWithin, Quantity
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.typed import line_of, parse
from nameplate.domain.images import ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable
from nameplate.wording.texts import text_of
from unit.domain.filter_help import ODD, SEEN, WHOM, parsed

CONCEPTS, _ = add_all(
    (), ["cat | kitten", "dog", "fire truck", 'a "b" c', "-x", "name:y", "!other"]
)

TEXTS = st.text(min_size=1, max_size=20)
ONE_IMAGE = ImageTable()
ONE_IMAGE.add([Path("a.jpg")])
COLUMNS = Columns.of(ONE_IMAGE, LabelTable(1), *(np.zeros(1, kind) for kind in ("i4", "f4", "f4")))
SHARES = st.floats(0, 1)
SIZES = st.integers(0, 2**50).map(float)
DATES = st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30))


def bounds(of):
    return st.one_of(
        st.tuples(of, st.none(), st.booleans()),
        st.tuples(st.none(), of, st.booleans()),
        st.tuples(of, of).map(lambda two: (min(two), max(two), False)),
    )


CONDITIONS = st.one_of(
    st.integers(0, 12).map(HasConcept),
    st.sampled_from(State).map(InState),
    st.sampled_from(ODD.words).map(lambda word: HasFinding(ODD, word[0])),
    # A text that is one of the finding's words, in any case, is read as that word.
    st.text(min_size=1, max_size=9)
    .filter(lambda text: text.strip() and text.casefold().strip() not in dict(WHOM.words))
    .map(partial(FoundText, WHOM)),
    st.dates().map(lambda day: DatedWithin(day, None, SEEN)),
    st.sampled_from(DecidedBy).map(DecidedIs),
    bounds(SHARES).map(lambda b: NumberWithin(Quantity.PROBABILITY, *b)),
    bounds(SHARES).map(lambda b: NumberWithin(Quantity.MARGIN, *b)),
    bounds(SIZES).map(lambda b: NumberWithin(Quantity.SIZE, *b)),
    bounds(DATES).map(lambda b: DatedWithin(*b[:2])),
    TEXTS.map(PathHas),
    TEXTS.map(lambda text: InFolder(text.rstrip("/") or "a")),
    st.sets(st.integers(1, 40)).map(lambda ids: ImageIds.of(sorted(ids))),
    TEXTS.map(str.strip).filter(bool).map(Like),
    st.sets(st.integers(1, 40), min_size=1).map(lambda ids: Like(ImageIds.of(sorted(ids)))),
    TEXTS.map(PurePath).map(Like),
)
FILTERS = st.lists(st.builds(Term, CONDITIONS, st.booleans()), unique=True).map(
    lambda terms: Filter(tuple(terms))
)


@given(FILTERS, st.sampled_from([CONCEPTS, ()]))
def test_a_filter_written_as_a_line_is_read_as_the_same(given_filter, concepts):
    found = parsed(line_of(given_filter, concepts), concepts)
    assert found.wrong == ()
    assert found.filter == given_filter


@given(st.text(max_size=60))
def test_whatever_is_typed_each_word_is_a_condition_or_said_to_be_wrong(line):
    found = parsed(line, CONCEPTS)
    for wrong in found.wrong:
        assert line[wrong.word.start : wrong.word.end] == wrong.word.text
        assert text_of(wrong.reason)
    again = parsed(line_of(found.filter, CONCEPTS), CONCEPTS)
    assert again.filter == found.filter


DAY = dt.date


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("name:cat", HasConcept(0)),
        ("NAME:Cat", HasConcept(0)),
        ("name:kitten", HasConcept(0)),
        ('name:"fire truck"', HasConcept(2)),
        ('name:"a ""b"" c"', HasConcept(3)),
        ("is:undecided", InState(State.UNDECIDED)),
        ("has:copy", InState(State.COPY)),
        ("odd:mistake", HasFinding(ODD, "mistake")),
        ("ODD:Duplicate", HasFinding(ODD, "duplicate")),
        ("seen:2024-02", DatedWithin(DAY(2024, 2, 1), DAY(2024, 2, 29), SEEN)),
        ("Seen:..2023", DatedWithin(None, DAY(2023, 12, 31), SEEN)),
        ("seen:NONE", HasFinding(SEEN, "none")),
        ("whom:ann", FoundText(WHOM, "ann")),
        ('whom:"Bob Ray"', FoundText(WHOM, "Bob Ray")),
        ("by:me", DecidedIs(DecidedBy.PERSON)),
        ("p>0.9", NumberWithin(Quantity.PROBABILITY, least=0.9, is_strict=True)),
        ("p<=90%", NumberWithin(Quantity.PROBABILITY, most=0.9)),
        ("p<50", NumberWithin(Quantity.PROBABILITY, most=0.5, is_strict=True)),
        ("p:1", NumberWithin(Quantity.PROBABILITY, 1, 1)),
        ("p:0.4..0.6", NumberWithin(Quantity.PROBABILITY, 0.4, 0.6)),
        ("p:40..60%", NumberWithin(Quantity.PROBABILITY, 0.4, 0.6)),
        ("p:1..60", NumberWithin(Quantity.PROBABILITY, 0.01, 0.6)),
        ("margin<0.1", NumberWithin(Quantity.MARGIN, most=0.1, is_strict=True)),
        ("size>2MB", NumberWithin(Quantity.SIZE, least=2e6, is_strict=True)),
        ("size:1.5kb..3GB", NumberWithin(Quantity.SIZE, 1500.0, 3e9)),
        ("date:2024", DatedWithin(DAY(2024, 1, 1), DAY(2024, 12, 31))),
        ("date:2024-02", DatedWithin(DAY(2024, 2, 1), DAY(2024, 2, 29))),
        ("date>2024-05", DatedWithin(first=DAY(2024, 6, 1))),
        ("date:2024-05..2024-06", DatedWithin(DAY(2024, 5, 1), DAY(2024, 6, 30))),
        ("date:..2024-06-03", DatedWithin(last=DAY(2024, 6, 3))),
        ("folder:2024/may/", InFolder("2024/may")),
        ('folder:"my pictures"', InFolder("my pictures")),
        ("id:3,5-9", ImageIds(((3, 3), (5, 9)))),
        ('like:"a red car"', Like("a red car")),
        ('LIKE:" a red car', Like("a red car")),
        ("like-id:3,5-9", Like(ImageIds(((3, 3), (5, 9))))),
        ("like-file:/a/b.jpg", Like(PurePath("/a/b.jpg"))),
        ('"name:cat"', PathHas("name:cat")),
        ('"red car', PathHas("red car")),
    ],
)
def test_a_word_means_what_people_expect(line, condition):
    assert parsed(line, CONCEPTS).filter == Filter.of(condition)
    assert parsed(f"-{line}", CONCEPTS).filter == Filter((Term(condition, is_not=True),))


def test_words_are_conditions_that_all_hold():
    found = parsed("  red   car -name:dog ", CONCEPTS)
    assert found.filter == Filter((
        Term(PathHas("red")), Term(PathHas("car")), Term(HasConcept(1), is_not=True)
    ))  # fmt: skip


RED_CAR, NOT_SNOW = Term(Like("a red car")), Term(PathHas("snow"), is_not=True)


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("like:a red car", [RED_CAR]),
        ("like: a  red car ", [Term(Like("a  red car"))]),
        ("-like:a red car", [Term(Like("a red car"), is_not=True)]),
        ("holiday like:a red car", [Term(PathHas("holiday")), RED_CAR]),
        ("like:red is:undecided", [Term(Like("red")), Term(InState(State.UNDECIDED))]),
        (
            "like:red p>0.9 car",
            [
                *Filter.of(
                    Like("red"), NumberWithin(Quantity.PROBABILITY, 0.9, None, True), PathHas("car")
                ).terms
            ],
        ),
        ("like:a red car -snow", [RED_CAR, NOT_SNOW]),
        ("like:a red car like:snow", [RED_CAR, Term(Like("snow"))]),
        ('like:a red car "holiday trip"', [RED_CAR, Term(PathHas("holiday trip"))]),
        ('like:"a red car" holiday', [RED_CAR, Term(PathHas("holiday"))]),
        ("like:red - at 12:30", [Term(Like("red - at 12:30"))]),
    ],
)
def test_a_sentence_goes_on_to_the_next_condition(line, terms):
    found = parsed(line, CONCEPTS)
    assert found.wrong == ()
    assert found.filter == Filter(tuple(terms))


def test_a_wrong_key_ends_a_sentence_and_is_said():
    found = parsed("like:a red car nmae:dog", CONCEPTS)
    assert [wrong.word.text for wrong in found.wrong] == ["nmae:dog"]
    assert found.filter.terms == (RED_CAR,)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("name:cow", "no name “cow”"),
        ("name:", "right after the colon"),
        ("state:unsure", "Use one of name, is, has"),
        ("is:new", "undecided"),
        ("by:him", "nobody, auto, person, probe"),
        ("p>101", "p<50%"),
        ("p:..", "isn't a probability"),
        ("p:0.6..0.4", "Write 0.4..0.6"),
        ("size>big", "size>2MB"),
        ("date:yesterday", "date:2024-05"),
        ("date:2024-02-30", "isn't a date"),
        ("seen:never", "Write seen:2024"),
        ("whom:", "right after the colon"),
        ("whom>ann", "can't be compared with “>”"),
        ("name>cat", "can't be compared with “>”"),
        ("prob<30", "“prob:” isn't a condition"),
        ("folder:", "right after the colon"),
        ("id:9-5", "isn't the number"),
        ("like:", "right after the colon"),
        (f"like:{'x' * 501}", "takes at most 500 characters"),
        ("like-id:1-2000", "at most 1,000"),
        ("like>0.2", "can't be compared with “>”"),
        ("12:30", ""),
    ],
)
def test_a_wrong_word_is_told_with_what_to_write_and_the_others_count(word, part):
    found = parsed(f"is:checked red {word}", CONCEPTS)
    if not part:
        assert not found.wrong
        return
    assert [wrong.word.text for wrong in found.wrong] == [word]
    assert part in text_of(found.wrong[0].reason)
    assert found.filter == Filter.of(InState(State.CHECKED), PathHas("red"))


def test_a_name_of_several_words_without_quotes_is_told_how_to_write_it():
    concepts, _ = add_all((), ["cup", "cup of coffee", "race car"])
    wrong = parsed("name:race car", concepts).wrong
    assert 'name:"race car"' in text_of(wrong[0].reason)
    assert not parsed('name:"race car" name:cup', concepts).wrong


def test_a_renamed_name_keeps_its_filter():
    kept = parsed("name:dog", CONCEPTS).filter
    renamed = [Concept(c.key, "wolf" if c.name == "dog" else c.name) for c in CONCEPTS]
    assert line_of(kept, renamed) == "name:wolf"


def test_a_filter_loses_the_conditions_of_names_that_are_gone():
    both = parsed("name:dog red", CONCEPTS).filter
    assert both.of_known([0]) == Filter.of(PathHas("red"))
    assert both.of_known([1]) == both


def test_a_saved_condition_of_a_feature_that_is_gone_is_kept_as_it_is_and_matches_nothing():
    line = "is:checked -odd:mistake"
    kept = parse(line, CONCEPTS, keeps_unknown=True)
    assert not kept.wrong
    assert kept.filter.terms[1] == Term(AsTyped("odd:mistake"), is_not=True)
    assert line_of(kept.filter) == line
    assert not kept.filter.terms[1].matching(COLUMNS).any()
    assert [word.word.text for word in parse(line, CONCEPTS).wrong] == ["-odd:mistake"]


def test_a_feature_of_others_takes_none_of_the_keys_of_the_program():
    others = tuple(replace(ODD, key=key) for key in ("name", "is", "like", "by", "folder"))
    assert keys(others) == keys()
