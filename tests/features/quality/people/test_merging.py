"""Two people's projects of the same pictures: matched, compared and merged."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.changes import (
    Relink,
    RemoveImages,
    SetConcepts,
    SetFact,
    SetLabels,
    Settings,
    Title,
)
from nameplate.domain.concepts import add_all
from nameplate.domain.images import contents_of
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.paths import PathList
from nameplate.features.quality.people.comparison import Rule, TwoSides, compare, merge
from nameplate.features.quality.people.matching import match_concepts, match_images
from nameplate.project.facts import SETTINGS
from nameplate.project.file import store
from nameplate.project.project import Project
from project_help import state_of

TEST = Title("label", {"name": "test"})


class Person:
    """A person's project, and what they do in it."""

    def __init__(self, *names: str, multi: bool = False) -> None:
        self.project = Project(Settings(is_multi=multi))
        self.project.apply(SetConcepts(add_all((), names)[0]), TEST)

    def add(self, folder: str, **files: str) -> "Person":
        """Add pictures: `a="one"` is a.jpg with the content one; empty for one not read yet."""
        first = len(self.project.images)
        paths = [Path(folder, f"{name}.jpg") for name in files]
        self.project.add_images(self.project.to_add(paths))
        keys = [_key(content) if content else None for content in files.values()]
        self.project.record_contents(np.arange(first, first + len(keys)), contents_of(keys))
        return self

    def decide(self, at: int = 1000, by: DecidedBy = DecidedBy.PERSON, **labels: str) -> "Person":
        """Decide: `a="cat"`, `a="cat dog"`, `a=""` for none of the names, `a="skip"`."""
        project, keys = self.project, {c.name: c.key for c in self.project.concepts}
        for name, text in labels.items():
            row = next(r for r, p in enumerate(project.images.paths) if p.stem == name)
            is_skipped = text == "skip"
            members = [] if is_skipped else [keys[word] for word in text.split()]
            label = labels_of(
                np.array([project.labels.sets.code_of(members)], np.int32),
                by,
                ReviewState.SKIPPED if is_skipped else ReviewState.CORRECTED,
                decided_at=at,
                probability=0.25,
                model=project.labels.model_index("theirs@1" if at == 2000 else "mine@1"),
            )
            project.apply(SetLabels(project.images.ids[[row]], label), TEST)
        return self

    def labels(self) -> dict[str, str]:
        names = {c.key: c.name for c in self.project.concepts}
        return {
            path.stem: " ".join(names[key] for key in self.project.labels.members(row))
            for row, path in enumerate(self.project.images.paths)
        }


def _key(content: str) -> str:
    return f"{content.encode().hex():0<32}-{len(content)}"


def pairs(mine: Person, theirs: Person) -> dict[str, str]:
    """Return which picture of the other project each picture is."""
    match = match_images(mine.project.images, theirs.project.images)
    rows = mine.project.images.rows_of(match.ids)
    one, other = mine.project.images.paths, theirs.project.images.paths
    return {one[i].stem: other[j].stem for i, j in zip(rows, match.rows, strict=True)}


def match_of(mine: Person, theirs: Person):
    return match_images(mine.project.images, theirs.project.images)


def mine_alone(mine: Person, match) -> int:
    return mine.project.images.present - len(match.ids) - match.ambiguous - match.changed


def sides(mine: Person, theirs: Person) -> TwoSides:
    return TwoSides.of(mine.project, theirs.project, match_of(mine, theirs))


def comparison(mine: Person, theirs: Person):
    return compare(mine.project, theirs.project, match_of(mine, theirs))


def merge_into(mine: Person, theirs: Person, rule: Rule = Rule.MINE):
    merged = merge(sides(mine, theirs), rule)
    if merged.change is not None:
        mine.project.apply(merged.change, TEST)
    return merged


def differing(person: Person, found) -> list[str]:
    rows = person.project.images.rows_of(found.ids[~found.records.is_right])
    return [person.project.images.paths[row].stem for row in rows]


# ---- which images are the same


def test_images_are_the_same_by_content_wherever_they_lie_and_in_whatever_order():
    mine = Person().add("/ann/pics", a="one", b="two", c="three")
    theirs = Person().add("/bob/x", z="three", y="one")
    assert pairs(mine, theirs) == {"a": "y", "c": "z"}
    match = match_of(mine, theirs)
    assert (len(match.ids), match.by_path, mine_alone(mine, match), match.theirs_alone) == (
        2,
        0,
        1,
        0,
    )


def test_where_a_content_is_not_known_the_path_in_the_common_folder_tells():
    mine = Person().add("/ann/pics/red", a="one", b="").add("/ann/pics/blue", a2="")
    theirs = Person().add("/bob/red", b="two", a="").add("/bob/blue", a2="")
    assert pairs(mine, theirs) == {"a": "a", "b": "b", "a2": "a2"}
    assert match_of(mine, theirs).by_path == 3


def test_the_same_path_with_another_content_is_not_the_same_image():
    mine = Person().add("/ann", a="one", b="two")
    theirs = Person().add("/bob", a="another", b="two")
    assert pairs(mine, theirs) == {"b": "b"}
    assert match_of(mine, theirs).changed == 1


def test_copies_are_told_apart_by_their_names_and_reported_where_nothing_does():
    mine = Person().add("/ann/red", a="one", b="one").add("/ann/blue", c="one", d="two")
    theirs = Person().add("/bob/red", b="one", x="one").add("/bob/blue", y="one", d="two")
    assert pairs(mine, theirs) == {"b": "b", "d": "d"}
    match = match_of(mine, theirs)
    assert (match.ambiguous, mine_alone(mine, match), match.theirs_alone) == (2, 0, 0)


def test_the_last_copy_has_no_other_choice():
    mine = Person().add("/ann", a="one", b="one")
    theirs = Person().add("/bob", b="one", x="one")
    assert pairs(mine, theirs) == {"b": "b", "a": "x"}


def test_a_project_of_more_folders_is_matched_by_the_ends_of_whole_folders():
    mine = Person().add("/ann/2024/red", a="", b="").add("/ann/2025", c="")
    theirs = Person().add("/bob/red", a="", b="", z="")
    assert pairs(mine, theirs) == {"a": "a", "b": "b"}


def test_removed_images_are_not_there():
    mine = Person().add("/ann", a="one", b="two")
    theirs = Person().add("/bob", a="one", b="two")
    theirs.project.apply(RemoveImages(theirs.project.images.ids[:1]), TEST)
    assert pairs(mine, theirs) == {"b": "b"}


CONTENTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "1", "2", "3"]))


@given(CONTENTS, CONTENTS)
def test_no_image_is_matched_twice_and_none_with_another_content(mine, theirs):
    one, other = Person().add("/ann", **mine), Person().add("/bob/x", **theirs)
    match = match_of(one, other)
    assert len(set(match.rows.tolist())) == len(match.rows) == len(match.ids)
    assert np.all(np.diff(match.ids) > 0)
    for first, second in pairs(one, other).items():
        assert "" in (mine[first], theirs[second]) or mine[first] == theirs[second]
    back = match_of(other, one)
    assert len(back.ids) == len(match.ids)


# ---- which concepts are the same


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        (["cat", "dog"], ["Dog", "CAT"], {"Dog": "dog", "CAT": "cat"}),
        (["cat | kitten"], ["kitten"], {"kitten": "cat | kitten"}),
        (["kitten"], ["cat | Kitten"], {"cat | Kitten": "kitten"}),
        (["cat", "kitten"], ["kitten | cat"], {"kitten | cat": "kitten"}),
        (["cat", "dog"], ["pet | cat | dog"], {}),
        (["cat"], ["bird"], {}),
    ],
)
def test_concepts_are_the_same_by_name_or_by_a_synonym_that_leads_to_one(mine, theirs, same):
    one, other = add_all((), mine)[0], add_all((), theirs)[0]
    found = match_concepts(one, other)
    assert {theirs[key]: mine[to] for key, to in found.items()} == same


def test_names_that_are_added_follow_and_the_project_opens_again(tmp_path):
    mine = Person("cat", "dog").add("/ann", a="1")
    theirs = Person("dog", "bird", "owl").add("/bob", a="1")
    merge_into(mine, theirs)
    path = tmp_path / "merged.nameplate"
    store.close(store.create(path, mine.project))
    with closing(store.open_file(path, read_only=True)) as db:
        concepts = store.load(db, path).concepts
    assert [concept.name for concept in concepts] == ["cat", "dog", "bird", "owl"]


# ---- how far two people agree


@pytest.fixture
def ann():
    person = Person("cat", "dog").add("/ann", a="1", b="2", c="3", d="4", e="5", f="6")
    return person.decide(a="cat", b="cat", c="dog", d="skip", e="")


@pytest.fixture
def bob():
    person = Person("dog", "Cat", "fox").add("/bob", f="6", e="5", d="4", c="3", b="2", a="1")
    return person.decide(2000, a="Cat", b="dog", d="skip", e="fox", f="fox")


def test_decisions_are_compared_by_what_they_mean(ann, bob):
    found = comparison(ann, bob)
    records = found.records
    assert (records.share.of, records.share.count) == (4, 2)
    assert differing(ann, found) == ["b", "e"]
    assert (found.mine_alone, found.theirs_alone) == (1, 1)
    assert found.new_names == ("fox",)
    apart = [(records.names_of(mine), records.names_of(t), n) for t, mine, n in records.confusions]
    assert sorted(apart) == [((), ("fox",), 1), (("cat",), ("dog",), 1)]
    (theirs, mine, _), _ = records.confusions
    assert len(records.rows_of(theirs, mine)) == 1
    assert not len(records.rows_of(mine, theirs))


def test_a_decision_that_was_taken_over_is_that_of_one_person(ann, bob):
    merge_into(ann, bob)
    found = comparison(ann, bob)
    assert (found.records.share.of, found.theirs_alone, found.taken_over) == (4, 0, 1)


def test_automatic_labels_are_no_decisions(ann, bob):
    bob.decide(by=DecidedBy.AUTO, a="dog")
    ann.decide(by=DecidedBy.AUTO, f="cat")
    found = comparison(ann, bob)
    assert (found.mine_alone, found.theirs_alone) == (2, 1)


def test_several_labels_are_compared_as_sets():
    mine = Person("cat", "dog", multi=True).add("/ann", a="1", b="2", c="3", d="4")
    theirs = Person("dog", "cat", multi=True).add("/bob", a="1", b="2", c="3", d="4")
    mine.decide(a="cat dog", b="cat", c="dog", d="")
    theirs.decide(2000, a="dog cat", b="cat dog", c="dog", d="")
    found = comparison(mine, theirs)
    assert differing(mine, found) == ["b"]


def test_a_name_that_is_none_of_these_here_labels_nothing():
    mine = Person("cat", "!other").add("/ann", a="1").decide(a="")
    theirs = Person("cat", "other").add("/bob", a="1").decide(2000, a="other")
    assert comparison(mine, theirs).records.share.count == 1
    merge_into(mine, theirs, Rule.THEIRS)
    assert mine.labels() == {"a": ""}


# ---- merging


def test_what_they_alone_decided_is_taken_over_as_it_is(ann, bob):
    merged = merge_into(ann, bob)
    assert (merged.taken, merged.replaced, merged.cleared, merged.added) == (1, 0, 0, 1)
    assert merged.stays == 2
    assert ann.labels() == {"a": "cat", "b": "cat", "c": "dog", "d": "", "e": "", "f": "fox"}
    label = ann.project.labels.all[5]
    assert label["decided_at"] == 2000
    assert label["probability"] == 0.25
    assert label["state"] == ReviewState.CORRECTED
    assert ann.project.labels.models[label["model"]] == "theirs@1"


@pytest.mark.parametrize(
    ("rule", "b", "e"),
    [
        (Rule.MINE, "cat", ""),
        (Rule.THEIRS, "dog", "fox"),
        (Rule.NEWEST, "cat", "fox"),
        (Rule.NONE, "", ""),
    ],
)
def test_what_both_decided_differently_goes_by_the_rule(ann, bob, rule, b, e):
    ann.decide(3000, b="cat")
    merge_into(ann, bob, rule)
    labels = ann.labels()
    assert (labels["b"], labels["e"], labels["a"]) == (b, e, "cat")
    states = ann.project.labels.states[[1, 4]].tolist()
    assert (states == [ReviewState.UNLABELLED] * 2) == (rule is Rule.NONE)


def test_an_automatic_label_gives_way_to_a_decision(ann, bob):
    ann.decide(by=DecidedBy.AUTO, f="cat")
    assert merge_into(ann, bob).taken == 1
    assert ann.labels()["f"] == "fox"


@pytest.mark.parametrize(("b", "is_multi"), [("cat dog", True), ("dog", False)])
def test_a_project_of_single_labels_allows_several_once_it_takes_some_over(b, is_multi):
    mine = Person("cat", "dog").add("/ann", a="1", b="2").decide(a="cat")
    theirs = Person("cat", "dog", multi=True).add("/bob", a="1", b="2").decide(a="cat dog", b=b)
    merged = merge_into(mine, theirs)
    assert mine.labels() == {"a": "cat", "b": b}
    assert mine.project.settings.is_multi is merged.makes_multi is is_multi
    mine.project.undo()
    assert not mine.project.settings.is_multi


def test_nothing_to_take_over_is_no_change(ann):
    merged = merge(sides(ann, ann))
    assert merged.change is None


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["cat", "dog", "cat dog", "skip"])),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["dog", "fox", "dog fox", ""])),
    st.sampled_from(Rule),
)
def test_a_merge_is_one_step_that_undo_takes_back_and_a_file_keeps(
    tmp_path_factory, one, other, rule
):
    mine = Person("cat", "dog", multi=True).add("/ann", a="1", b="2", c="3", d="4").decide(**one)
    theirs = Person("fox", "dog").add("/bob", d="4", c="3", b="2", a="1").decide(2000, **other)
    before, untouched = state_of(mine.project), state_of(theirs.project)
    steps = len(mine.project.history.done)
    merged = merge_into(mine, theirs, rule)
    after = state_of(mine.project)
    assert merged.added == 1
    assert len(mine.project.history.done) == steps + 1
    assert state_of(theirs.project) == untouched
    if rule is Rule.THEIRS:
        again = comparison(mine, theirs)
        assert again.records.is_right.all()
        assert not again.theirs_alone

    file = tmp_path_factory.mktemp("merged") / "m.nameplate"
    store.close(store.create(file, mine.project))
    db = store.open_file(file, read_only=True)
    read = store.load(db, file)
    db.close()
    assert state_of(read)[1:] == after[1:]
    read.undo()
    assert state_of(read)[1:] == before[1:]
    mine.project.undo()
    assert state_of(mine.project) == before
    mine.project.redo()
    assert state_of(mine.project) == after


def test_images_that_went_meanwhile_are_left_out(ann, bob):
    match = match_of(ann, bob)
    ann.project.apply(RemoveImages(ann.project.images.ids[1:2]), TEST)
    ann.project.apply(Relink(ann.project.images.ids[:1], PathList([Path("/else/a.jpg")])), TEST)
    ann.project.apply(SetFact(SETTINGS, replace(ann.project.settings, is_multi=True)), TEST)
    found = compare(ann.project, bob.project, match)
    assert differing(ann, found) == ["e"]
    assert found.records.share.of == 3
