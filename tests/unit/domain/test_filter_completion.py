"""What a word of a typed filter may become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import add_all
from nameplate.domain.filtering.columns import FoundImages
from nameplate.domain.filtering.condition import MOST_COMPLETIONS
from nameplate.domain.filtering.typed import completions, word_at
from unit.domain.filter_help import FINDINGS, parsed

CONCEPTS, _ = add_all((), ["cat | kitten", "fire truck", "bobcat"])
FOUND = {
    "seen": FoundImages({}, texts=("2024-05", "2024-01", "2023-01")),
    "whom": FoundImages({}, texts=("Ann", "Bob Ray")),
}
FOLDERS = ["2024", "2024/may", "2024/my trip", "old/may"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("na", ["name:"]),
        ("name:", ["name:cat", 'name:"fire truck"', "name:bobcat"]),
        ("name:cat", ["name:bobcat"]),
        ("name:kit", ["name:cat"]),
        ('name:"fire', ['name:"fire truck"']),
        ("-name:bob", ["-name:bobcat"]),
        ("cat", ["name:cat", "name:bobcat"]),
        ("is:un", ["is:undecided", "is:unlabelled", "is:unreadable", "is:unread"]),
        ("has:c", ["is:checked", "is:corrected", "is:changed", "has:copy"]),
        ("skip", ["is:skipped"]),
        ("odd:m", ["odd:mistake", "odd:misfit"]),
        ("dup", ["odd:duplicate"]),
        ("seen:", ["seen:none", "seen:2024", "seen:2023"]),
        ("seen:2024-", ["seen:2024-05", "seen:2024-01"]),
        ("whom:", ["whom:none", "whom:Ann", 'whom:"Bob Ray"']),
        ("-whom:ra", ['-whom:"Bob Ray"']),
        ("by:p", ["by:person", "by:probe"]),
        ("li", ["like:"]),
        ("like:f", ['like:"fire truck"']),
        ("folder:ma", ["folder:2024/may", "folder:old/may"]),
        ("folder:my", ['folder:"2024/my trip"']),
        ("folder:4", []),
        ("p", ["p>90%", "p<50%", "p:40%..60%", "has:problem"]),
        ("size:", ["size>2MB", "size<100kB"]),
        ("prob:", ["p>90%", "p<50%", "p:40%..60%"]),
        ("-names:cat", ["-name:"]),
        ("zebra:", []),
        ("zebra", []),
        ("is:checked", []),
    ],
)
def test_keys_names_states_and_folders_are_offered(typed, expected):
    assert completions(typed, CONCEPTS, FOLDERS, FINDINGS, FOUND) == expected


def test_all_keys_are_offered_before_anything_is_typed():
    assert completions("", CONCEPTS)[:3] == ["name:", "is:", "has:"]


@given(st.text(max_size=8))
def test_whatever_is_offered_can_be_typed(typed):
    for word in completions(typed, CONCEPTS, FOLDERS, FINDINGS, FOUND):
        if not word.endswith((":", ':"')):
            assert not parsed(word, CONCEPTS).wrong


def test_a_few_of_many_are_offered():
    many, _ = add_all((), [f"name {number}" for number in range(300)])
    assert len(completions("name:", many)) == MOST_COMPLETIONS


def test_the_word_at_the_cursor_is_the_one_that_is_completed():
    line = 'red name:"fire tr is:x'
    assert word_at("red is:x", 3).text == "red"
    assert word_at("red is:x", 8).text == "is:x"
    assert word_at("red is:x", 4).text == ""
    assert word_at(line, len(line)).text == 'name:"fire tr is:x'
