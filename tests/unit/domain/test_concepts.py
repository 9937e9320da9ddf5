from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import (
    LONGEST_NAME,
    PALETTE,
    PLAIN_COLOUR,
    Concept,
    add,
    add_all,
    as_line,
    clean_name,
    merged,
    moved,
    rename,
    shared_name,
)
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.concept_files import parse_concepts


def test_a_concepts_file_has_names_synonyms_comments_and_rejects():
    text = "# animals\ncat | kitten | pussy cat\n\ndog\n!something else\n"
    cat, dog, other = parse_concepts(text, "file.txt")
    assert (cat.name, cat.synonyms) == ("cat", ("kitten", "pussy cat"))
    assert (dog.name, dog.is_reject) == ("dog", False)
    assert (other.name, other.is_reject) == ("something else", True)


def test_a_byte_order_mark_is_not_part_of_the_first_name():
    assert parse_concepts("\ufeffcat\n", "f")[0].name == "cat"


def test_a_double_name_is_refused_with_its_line():
    with pytest.raises(
        UsageError, match=r"line \(file=file\.txt, line=3\): name-twice \(name=Cat\)"
    ):
        parse_concepts("cat\ndog\nCat\n", "file.txt")


@pytest.mark.parametrize("line", ["", "   ", "!", "\t\n", "cat | ", "\u200b\ufeff"])
def test_an_empty_name_is_refused(line):
    with pytest.raises(UsageError, match="empty-name"):
        add((), line)


def test_a_name_of_five_hundred_letters_is_refused_with_the_limit():
    with pytest.raises(UsageError, match=f"letters=500, most={LONGEST_NAME}"):
        add((), "x" * 500)


def test_renaming_keeps_key_place_and_colour():
    concepts = add(add((), "cat"), "dog")
    renamed = rename(concepts, concepts[0].key, "lion | big cat")
    assert [c.name for c in renamed] == ["lion", "dog"]
    assert renamed[0].key == concepts[0].key
    assert renamed[0].colour == concepts[0].colour


def test_renaming_to_its_own_name_in_other_case_is_allowed_but_not_to_another_concepts():
    concepts = add(add((), "cat"), "dog")
    assert rename(concepts, concepts[0].key, "Cat")[0].name == "Cat"
    with pytest.raises(UsageError):
        rename(concepts, concepts[0].key, "DOG")


def test_new_concepts_take_the_palette_in_order_and_then_grey_and_keys_are_never_used_twice():
    concepts: tuple[Concept, ...] = ()
    for number in range(len(PALETTE) + 2):
        concepts = add(concepts, f"name {number}")
    assert [c.colour for c in concepts] == [*PALETTE, PLAIN_COLOUR, PLAIN_COLOUR]
    assert len({c.key for c in concepts}) == len(concepts)


def test_a_new_concept_takes_the_colour_that_a_removed_one_had():
    concepts: tuple[Concept, ...] = ()
    for number in range(len(PALETTE)):
        concepts = add(concepts, f"name {number}")
    assert add(concepts[:3] + concepts[4:], "new")[-1].colour == PALETTE[3]


def test_underscores_control_characters_and_spaces():
    assert clean_name("  sea\t\n lion ") == "sea lion"
    assert clean_name("a\x00b") == "a b"
    assert clean_name("cafe\u0301") == "caf\u00e9"


@given(st.text(max_size=80))
def test_a_cleaned_name_stays_as_it_is(text):
    try:
        name = clean_name(text)
    except UsageError:
        return
    assert clean_name(name) == name
    assert "\n" not in name


@given(
    st.lists(
        st.text("abc xyz_é", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=4
    ),
    st.booleans(),
)
def test_a_concept_written_as_a_line_is_read_back(names, is_reject):
    concept = add((), ("!" if is_reject else "") + "|".join(names))[0]
    again = add((), as_line(concept))[0]
    assert again.names == concept.names
    assert again.is_reject == is_reject


def named(*lines):
    concepts, wrong = add_all((), lines)
    assert not wrong
    return concepts


@pytest.mark.parametrize("line", ["animal > dog", "!animal > dog", "dog | pet > hound"])
def test_a_name_stands_alone_and_the_others_of_a_list_are_added(line):
    concepts, [(place, error)] = add_all((), ["cat", line, "car"])
    assert [c.name for c in concepts] == ["cat", "car"]
    assert (place, error.reason.code) == (1, "name-with-parent")


def test_a_name_from_elsewhere_may_hold_the_sign_of_parents_and_is_renamed_like_any_other():
    shoes = Concept(0, "Clothing > Shoes")
    (after,) = rename((shoes,), 0, f"{as_line(shoes)} | boots")
    assert after.names == ("Clothing > Shoes", "boots")


def test_a_greater_sign_without_spaces_is_part_of_a_name():
    assert [c.name for c in named("a>b", "> c")] == ["a>b", "> c"]


@given(st.sets(st.integers(0, 7)), st.integers(0, 8))
def test_what_is_moved_stands_together_in_its_order_and_the_rest_keeps_its_own(keys, place):
    concepts = named(*"abcdefgh")
    after = [c.key for c in moved(concepts, keys, place)]
    assert sorted(after) == list(range(8))
    start = len([key for key in range(place) if key not in keys])
    assert after[start : start + len(keys)] == sorted(keys)
    assert [key for key in after if key not in keys] == sorted(set(range(8)) - keys)


def test_merging_keeps_one_and_may_make_the_other_names_synonyms():
    concepts = named("cat | kitten", "dog", "kat | Cat | feline", "puss")
    cat, _, kat, puss = (c.key for c in concepts)
    after = merged(concepts, cat, {kat, puss}, as_synonyms=True)
    assert [c.name for c in after] == ["cat", "dog"]
    assert after[0].synonyms == ("kitten", "kat", "Cat", "feline", "puss")
    plain = merged(concepts, cat, {kat, puss}, as_synonyms=False)
    assert plain == (concepts[0], concepts[1])


def test_a_synonym_of_two_names_is_found():
    concepts = add_all((), ["cat | feline", "dog", "lion | Feline"])[0]
    name, one, other = shared_name(concepts)
    assert (name, one.name, other.name) == ("Feline", "cat", "lion")
    assert shared_name(add_all((), ["cat | feline", "dog"])[0]) is None
    assert shared_name((replace(concepts[0], synonyms=("cat", "CAT")),)) is None
    assert shared_name(add_all((), ["cat | dog", "dog"])[0])[1].name == "cat"
