import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.naming.lists import Pasted, names_in_line, names_in_text


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("shirt", ["shirt"]),
        ("shirt, pants", ["shirt", "pants"]),
        ("shirt,pants,", ["shirt", "pants"]),
        ('"shirt, pants"', ["shirt, pants"]),
        ("“shirt, pants”, hat", ["shirt, pants", "hat"]),
        ("cat | kitten, !other", ["cat | kitten", "!other"]),
        ("1,000 dollars", ["1,000 dollars"]),
        ('a 5" nail', ['a 5" nail']),
        ("", []),
        (" , ,", []),
    ],
)
def test_commas_are_between_names_but_not_within_quotes_or_numbers(line, names):
    assert names_in_line(line) == names


@given(st.text(max_size=40))
def test_a_line_gives_names_without_blanks_around_and_loses_no_letter(line):
    names = names_in_line(line)
    assert all(name == name.strip() != "" for name in names)
    letters = [c for c in line if c.isalnum()]
    assert [c for name in names for c in name if c.isalnum()] == letters


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat\ndog\n\n# birds\nduck", ["cat", "dog", "duck"]),
        ("1\tshirt\n2\tpants\n3\thats", ["shirt", "pants", "hats"]),
        ("shirt\t12\npants\t7", ["shirt", "pants"]),
        ("1,shirt\n2,pants", ["shirt", "pants"]),
        ('1,"shirt, long"\n2,pants', ["shirt, long", "pants"]),
        ("a dog, sitting\na cat, lying", ["a dog, sitting", "a cat, lying"]),
        ("shirt\tpants\thats", ["shirt", "pants", "hats"]),
        ("0\n1\n2", ["0", "1", "2"]),
        ("1\t\n2\tpants", ["pants"]),
        ("shirt, pants", ["shirt", "pants"]),
        ("cat\ncat\ndog", ["cat", "dog"]),
        ("", []),
        ('"', ['"']),
        ('1,"a\n2,b', ["a", "b"]),
        ('"shirt, pants"\nhat', ["shirt, pants", "hat"]),
    ],
)
def test_a_pasted_list_or_table_gives_the_names_and_not_the_numbers(text, names):
    assert list(names_in_text(text).names) == names


@pytest.mark.parametrize("text", ["No\tName\n1\tshirt\n2\tpants", "Name\nshirt\npants"])
def test_a_heading_is_no_name(text):
    pasted = names_in_text(text)
    assert pasted.names == ("shirt", "pants")
    assert pasted.heading == "Name"


def test_a_name_that_is_a_heading_elsewhere_is_a_name_alone():
    assert names_in_text("label") == Pasted(("label",))


@given(st.text(alphabet=st.sampled_from('ab1,\t\n\r"# '), max_size=60))
def test_no_text_is_too_odd(text):
    assert all(name for name in names_in_text(text).names)


def test_a_line_of_any_length_is_a_line_and_no_error():
    long = "x" * 200_000
    assert names_in_text(f"cat, dog\n{long}").names == ("cat, dog", long)


def test_quotation_marks_that_nothing_closes_take_no_time_of_their_square():
    many = 100_000  # minutes, if each were looked for to the end
    assert names_in_line("“," * many) == ["“"] * many
