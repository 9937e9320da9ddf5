"""Concepts in files: lines, and TOML for what lines cannot hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import (
    LONGEST_PROMPT,
    MOST_PROMPTS,
    add_all,
    clean_name,
    clean_prompts,
)
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.concept_files import (
    as_text,
    as_toml,
    fit_lines,
    parse_concepts_file,
    parse_concepts_toml,
)

ALL = """
[[concept]]
name = "animal"

[[concept]]
name = "dog"
synonyms = ["hound", "puppy"]
prompts = ["a photo of a {}, a pet.", "a wet dog"]
threshold = 0.8

[[concept]]
name = "other"
none_of_these = true
"""


def content(concepts):
    return [(c.names, c.is_reject, c.prompts, c.threshold) for c in concepts]


def test_toml_holds_all_of_a_concept():
    animal, dog, other = parse_concepts_file(ALL, "names.toml")
    assert (animal.name, animal.prompts, animal.threshold) == ("animal", (), None)
    assert dog.names == ("dog", "hound", "puppy")
    assert dog.prompts == ("a photo of a {}, a pet.", "a wet dog")
    assert dog.threshold == 0.8
    assert other.is_reject


def test_a_parent_of_version_1_0_is_passed_over():
    found = parse_concepts_toml("[[concept]]\nname = 'dog'\nparent = 'animal'", "names.toml")
    assert found == parse_concepts_toml("[[concept]]\nname = 'dog'", "names.toml")


def test_a_file_of_another_ending_has_a_name_a_line():
    assert [c.name for c in parse_concepts_file("cat\n", "names.txt")] == ["cat"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("name = ", "no-toml"),
        ("a = " + "[" * 100_000, "no-toml"),
        ("a." * 2_000 + "b = 1", "no-toml"),
        ("", "no-concepts-in-toml"),
        ("concept = []", "no-concepts-in-toml"),
        ("concept = 3", "no-concepts-in-toml"),
        ("x = 1\n[[concept]]\nname = 'a'", "no-concepts-in-toml"),
        ("concept = [1]", "concept=1|no-concept-table|number=1"),
        ("[[concept]]\nsynonyms = ['x']", "field=name"),
        ("[[concept]]\nname = ' '", "empty-name"),
        ("[[concept]]\nname = 'a'\ncolor = 'red'", "no-such-field"),
        ("[[concept]]\nname = 'a'\nsynonyms = 'b'", "field=synonyms"),
        ("[[concept]]\nname = 'a'\nsynonyms = [1]", "field=synonyms"),
        ("[[concept]]\nname = 'a'\nprompts = [1]", "field=prompts"),
        ("[[concept]]\nname = 'a'\nthreshold = nan", "field=threshold"),
        ("[[concept]]\nname = 'a'\nthreshold = 2", "field=threshold"),
        ("[[concept]]\nname = 'a'\nthreshold = true", "field=threshold"),
        ("[[concept]]\nname = 'a'\nnone_of_these = 1", "field=none_of_these"),
        ("[[concept]]\nname = 'a'\n[[concept]]\nname = 'A'", "number=2.*name-twice"),
        (f"[[concept]]\nname = 'a'\nprompts = ['{'x' * 500}']", f"most={LONGEST_PROMPT}"),
        (
            "[[concept]]\nname = 'a'\nprompts = ["
            + ", ".join(f"'s{i}'" for i in range(MOST_PROMPTS + 1))
            + "]",
            "too-many-sentences",
        ),
        ("\n".join(f"[[concept]]\nname = '{i}'" for i in range(5001)), "too-many-names"),
    ],
    ids=range(22),
)
def test_what_is_no_list_of_concepts_is_refused_with_the_place(text, wrong):
    with pytest.raises(UsageError, match=wrong) as raised:
        parse_concepts_toml(text, "names.toml")
    assert "names.toml" in str(raised.value)


def usable(text):
    try:
        clean_name(text)
    except UsageError:
        return False
    return True


NAMES = st.text(max_size=20).filter(usable).map(clean_name)
DETAILS = st.tuples(
    st.lists(NAMES, max_size=3),
    st.lists(st.text(max_size=30), max_size=3).map(clean_prompts),
    st.none() | st.floats(0, 1),
    st.booleans(),
)


@given(
    st.lists(st.tuples(NAMES, DETAILS), min_size=1, max_size=6, unique_by=lambda n: n[0].casefold())
)
def test_whatever_concepts_there_are_toml_is_read_back(made):
    concepts, _ = add_all((), [f"name {number}" for number in range(len(made))])
    concepts = tuple(
        replace(
            c,
            name=name,
            synonyms=tuple(s for s in dict.fromkeys(synonyms) if s != name),
            prompts=prompts,
            threshold=threshold,
            is_reject=is_reject,
        )
        for c, (name, (synonyms, prompts, threshold, is_reject)) in zip(concepts, made, strict=True)
    )
    assert content(parse_concepts_toml(as_toml(concepts), "f")) == content(concepts)
    if fit_lines(concepts):
        assert content(parse_concepts_file(as_text(concepts), "f.txt")) == content(concepts)


def test_lines_are_enough_for_names_and_synonyms_alone():
    plain, _ = add_all((), ["dog | hound", "!other"])
    assert fit_lines(plain)
    assert as_text(plain) == "dog | hound\n!other\n"
    assert not fit_lines((replace(plain[0], threshold=0.5), *plain[1:]))
    assert not fit_lines((replace(plain[0], prompts=("a {}",)), *plain[1:]))
    assert not fit_lines((replace(plain[0], name="a | b"), *plain[1:]))
