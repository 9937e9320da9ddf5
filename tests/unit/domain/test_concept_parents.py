"""Parents of concepts: paths, the order of the list, what happens when one goes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.concepts import (
    DEEPEST,
    add,
    add_all,
    as_line,
    as_lines,
    check_parents,
    in_tree_order,
    lifted,
    parents_of,
    path_of,
    rename,
)
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.concept_files import parse_concepts
from nameplate.domain.naming.edits import TreePlace, merged, place_beside, placed, with_parent


def named(*lines):
    concepts, wrong = add_all((), lines)
    assert not wrong
    return concepts


def names(concepts):
    return [c.name for c in concepts]


def paths(concepts):
    return [" > ".join(path_of(concepts, c.key)) for c in concepts]


def key(concepts, name):
    return next(c.key for c in concepts if c.name == name)


def test_a_line_may_name_parents_and_those_that_are_missing_are_added_above_it():
    concepts = named("car", "animal > dog > puppy | whelp", "dog collar")
    assert paths(concepts) == [
        "car",
        "animal",
        "animal > dog",
        "animal > dog > puppy",
        "dog collar",
    ]
    assert concepts[3].synonyms == ("whelp",)


def test_parents_may_stand_below_their_children_in_a_file():
    concepts = parse_concepts(
        "animal > dog > puppy\nanimal > dog | hound\n!animal > odd\nanimal", "f"
    )
    assert paths(concepts) == ["animal", "animal > dog", "animal > dog > puppy", "animal > odd"]
    assert concepts[1].synonyms == ("hound",)
    assert concepts[3].is_reject


def test_a_greater_sign_without_spaces_is_part_of_a_name():
    assert names(named("a>b", "> c")) == ["a>b", "> c"]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["a > b", "b > a"], "parent-below-itself"),
        (["a > a"], "parent-below-itself"),
        (["a > b", "c > b > d"], "other-parent"),
        (["b", "c > b > d"], "other-parent"),
        (["a > b", "c > b"], "name-twice"),
        ([" > ".join(f"n{i}" for i in range(DEEPEST + 2))], "parents-too-deep"),
    ],
)
def test_parents_that_cannot_be_are_refused_and_change_nothing_else(lines, wrong):
    concepts, errors = add_all(named("other"), lines)
    assert [error.reason.code for _, error in errors] == [wrong]
    check_parents(concepts)
    assert concepts[0].name == "other"


def test_a_chain_cannot_grow_too_deep_by_its_beginning():
    chain = named(" > ".join(f"n{i}" for i in range(DEEPEST + 1)), "top")
    with pytest.raises(UsageError, match="parents-too-deep"):
        with_parent(chain, [chain[0].key], chain[-1].key)


def test_a_rename_keeps_the_parent_unless_it_names_one():
    concepts = named("animal > dog", "pet")
    dog = key(concepts, "dog")
    assert paths(rename(concepts, dog, "hound")) == ["animal", "animal > hound", "pet"]
    assert paths(rename(concepts, dog, "pet > hound")) == ["animal", "pet", "pet > hound"]
    least = 70
    after = rename(concepts, dog, "beast > hound", least_key=least)
    assert paths(after) == ["animal", "beast", "beast > hound", "pet"]
    assert key(after, "beast") == least
    assert as_line(concepts[1]) == "dog"
    with pytest.raises(UsageError, match="parent-below-itself"):
        rename(concepts, concepts[0].key, "dog > animal")


def test_children_of_a_deleted_parent_are_lifted_to_the_next_above():
    concepts = named("animal > dog > puppy > toy", "cat")
    gone = {key(concepts, "dog"), key(concepts, "puppy")}
    left = [c for c in concepts if c.key not in gone]
    assert paths(lifted(concepts, left)) == ["animal", "animal > toy", "cat"]
    assert paths(lifted(concepts, left[1:])) == ["toy", "cat"]


def test_a_parent_moves_with_all_that_lies_below_it():
    concepts = named("car", "animal > dog", "animal > cat", "tree")
    car, animal, dog, cat, tree = (c.key for c in concepts)

    def after(one, place):
        return paths(placed(concepts, [one], place))

    pets = ["animal", "animal > dog", "animal > cat"]
    assert after(animal, TreePlace(None, car)) == [*pets, "car", "tree"]
    assert after(animal, TreePlace(None, None)) == ["car", "tree", *pets]
    assert after(cat, TreePlace(animal, dog)) == ["car", pets[0], pets[2], pets[1], "tree"]
    assert after(cat, TreePlace(None, tree)) == ["car", *pets[:2], "cat", "tree"]
    assert after(car, TreePlace(animal, None)) == [*pets, "animal > car", "tree"]
    with pytest.raises(UsageError, match="parent-below-itself"):
        placed(concepts, [animal], TreePlace(dog, None))


def test_without_parents_the_order_is_the_persons():
    concepts = named("b", "a", "c")
    assert in_tree_order(concepts) == concepts


def test_what_is_moved_with_its_parent_stays_below_it():
    concepts = named("pet", "animal > dog", "animal > cat")
    pet, animal, dog, cat = (c.key for c in concepts)
    both = [dog, animal, cat]
    below = ["pet", "pet > animal", "pet > animal > dog", "pet > animal > cat"]
    assert paths(placed(concepts, both, TreePlace(pet, None))) == below
    assert paths(with_parent(concepts, both, pet)) == below


def test_a_step_leads_past_a_sibling_or_out_of_the_parent():
    concepts = named("car", "animal > dog", "animal > cat", "tree")
    car, animal, dog, cat, tree = (c.key for c in concepts)
    assert place_beside(concepts, animal, "up") == TreePlace(None, car)
    assert place_beside(concepts, car, "down") == TreePlace(None, tree)
    assert place_beside(concepts, dog, "down") == TreePlace(animal, None)
    assert place_beside(concepts, dog, "out") == TreePlace(None, tree)
    assert place_beside(concepts, tree, "in") == TreePlace(animal, None)
    assert place_beside(concepts, tree, "in", [animal, tree]) == TreePlace(car, None)
    assert place_beside(concepts, tree, "in", [car, animal, tree]) is None
    for key_, way in ((car, "up"), (tree, "down"), (dog, "up"), (cat, "down"), (car, "out")):
        assert place_beside(concepts, key_, way) is None


def test_a_parent_that_is_not_there_or_a_circle_is_no_endless_way():
    a, b = named("a", "b")
    circle = (replace(a, parent=b.key), replace(b, parent=a.key))
    with pytest.raises(UsageError, match="parent-below-itself"):
        check_parents(circle)
    assert len(parents_of(circle)[a.key]) == DEEPEST
    assert len(path_of(circle, a.key)) == DEEPEST + 1
    with pytest.raises(UsageError, match="no-such-parent"):
        check_parents([replace(a, parent=99)])
    assert path_of([replace(a, parent=99)], a.key) == ("a",)


TREES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12)


def tree_of(wishes):
    """Eight concepts, under the parents that can be had."""
    concepts = named(*"abcdefgh")
    for child, parent in wishes:
        try:
            concepts = with_parent(concepts, [child], parent)
        except UsageError:
            continue
    return concepts


@given(TREES)
def test_lines_with_parents_are_read_back(wishes):
    concepts = tree_of(wishes)
    again = parse_concepts("\n".join(as_lines(concepts)), "f")
    assert as_lines(again) == as_lines(concepts)


@given(TREES, st.sets(st.integers(0, 7)))
def test_whatever_is_deleted_the_parents_are_parents(wishes, gone):
    concepts = tree_of(wishes)
    left = lifted(concepts, [c for c in concepts if c.key not in gone])
    check_parents(left)
    before, after = parents_of(concepts), parents_of(left)
    assert all(after[k] == tuple(p for p in before[k] if p not in gone) for k in after)


@given(TREES, st.integers(0, 7), st.integers(0, 7))
def test_children_lie_right_below_their_parents_wherever_one_is_moved(wishes, one, index):
    concepts = tree_of(wishes)
    place = TreePlace(concepts[index].parent, concepts[index].key)
    try:
        concepts = placed(concepts, [one], place)
    except UsageError:  # below itself
        return
    above = parents_of(concepts)
    assert sorted(names(concepts)) == list("abcdefgh")
    for place, concept in enumerate(concepts):
        if concept.parent is not None:
            over = concepts[place - 1]
            assert concept.parent in (over.key, *above[over.key])


def test_one_line_added_gives_the_concept_of_that_line():
    concepts = add(add((), "animal > dog"), "animal > cat")
    assert paths(concepts) == ["animal", "animal > dog", "animal > cat"]
    assert len({c.key for c in concepts}) == 3


def test_merging_keeps_one_and_may_make_the_other_names_synonyms():
    concepts = named("cat | kitten", "dog", "kat | Cat | feline", "puss")
    cat, _, kat, puss = (c.key for c in concepts)
    after = merged(concepts, cat, [kat, puss, cat], as_synonyms=True)
    assert names(after) == ["cat", "dog"]
    assert after[0].synonyms == ("kitten", "kat", "Cat", "feline", "puss")
    assert merged(concepts, cat, [kat], as_synonyms=False)[0] == concepts[0]


def test_what_lies_below_a_concept_that_is_merged_lies_below_the_kept_one():
    concepts = named("cat", "animal > dog > puppy", "animal > pet > lap dog")
    cat, animal, lap = (key(concepts, name) for name in ("cat", "animal", "lap dog"))
    after = merged(concepts, cat, [animal], as_synonyms=False)
    assert paths(after) == [
        "cat",
        "cat > dog",
        "cat > dog > puppy",
        "cat > pet",
        "cat > pet > lap dog",
    ]
    after = merged(concepts, lap, [animal], as_synonyms=False)
    assert paths(after) == [
        "cat",
        "lap dog",
        "lap dog > dog",
        "lap dog > dog > puppy",
        "lap dog > pet",
    ]


@given(TREES, st.integers(0, 7), st.sets(st.integers(0, 7)), st.booleans())
def test_whatever_is_merged_the_parents_are_parents(wishes, kept, others, as_synonyms):
    concepts = tree_of(wishes)
    after = merged(concepts, kept, others, as_synonyms=as_synonyms)
    check_parents(after)
    assert set(names(after)) == {c.name for c in concepts if c.key == kept or c.key not in others}
