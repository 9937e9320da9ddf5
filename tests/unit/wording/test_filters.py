"""Conditions in words."""

import pytest

from nameplate.domain.concepts import add_all
from nameplate.domain.filtering.conditions import DecidedIs, HasConcept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.typed import parse
from nameplate.domain.filtering.views import Sort
from nameplate.domain.labels import DecidedBy
from nameplate.wording.filters import DIRECTIONS, sort_directions, sort_title, term_text

CONCEPTS, _ = add_all((), ["cat", "n" * 60])


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("name:cat", "Name: cat"),
        ("-name:cat", "Not: Name: cat"),
        (f"name:{'n' * 60}", f"Name: {'n' * 31}…"),
        ("is:to-check", "Labelled, not checked"),
        ("by:auto", "Labelled automatically"),
        ("p>0.9", "Probability above 90%"),
        ("margin<=0.1", "Lead over the next name 10% or less"),
        ("p:0.4..0.6", "Probability 40% to 60%"),
        ("size>2MB", "Size above 2.0 MB"),
        ("date:2024-05", "Date modified: 1 May 2024 to 31 May 2024"),
        ("date:2024-05-03", "Date modified: 3 May 2024"),
        ("date>2024-05-03", "Date modified: from 4 May 2024"),
        ("date<2024", "Date modified: until 31 December 2023"),
        ("red", "Path: red"),
        ("folder:2024/may", "Folder: 2024/may"),
        ("id:3", "1 selected picture"),
        ("id:3-8", "6 selected pictures"),
    ],
)
def test_each_condition_has_its_words(word, text):
    (term,) = parse(word, CONCEPTS).filter.terms
    assert term_text(term, CONCEPTS) == text


def test_days_are_those_of_the_language(spoken):
    spoken("de")
    (term,) = parse("date:2024-05-03..2024-12", ()).filter.terms
    assert term_text(term, ()).endswith(": 3. Mai 2024 bis 31. Dezember 2024")


def test_a_name_that_is_gone_is_said_to_be():
    assert term_text(Term(HasConcept(7)), CONCEPTS) == "Name: deleted"


def test_everything_that_can_be_chosen_has_words():
    conditions = (*map(InState, State), *map(DecidedIs, DecidedBy))
    texts = {term_text(Term(condition), ()) for condition in conditions}
    assert len(texts) == len(State) + len(DecidedBy)
    assert set(DIRECTIONS) == set(Sort)


def test_an_order_of_a_feature_that_is_gone_is_called_by_its_key():
    assert sort_title("gone") == "gone"
    assert sort_directions("gone") == ("First added first", "Last added first")
    assert sort_title(Sort.DATE) == "Date modified"
