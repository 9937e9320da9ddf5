"""What there is to learn from: a person's decisions, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from nameplate.domain.changes import RemoveImages, SetFactOfImages
from nameplate.domain.progress import NEVER
from nameplate.pipeline.learning.decisions import to_learn
from nameplate.pipeline.learning.fitter import Learner
from nameplate.pipeline.learning.learning import Sample
from nameplate.project.facts import REJECTED
from nameplate.project.label_changes import accept, auto_label, label, skip
from project_help import Opened, opened_project

X, Y, Z = 0, 1, 2


@pytest.fixture
def opened() -> Opened:
    """Four images that are read and scored: x, y, z and x."""
    opened = opened_project()
    for row, axis in enumerate((X, Y, Z, X)):
        opened.embed(row, axis)
    opened.score()
    return opened


def rows(*some: int) -> np.ndarray:
    return np.array(some, np.int64)


def decide(opened: Opened, row: int, place: int) -> None:
    concept = opened.project.concepts[place]
    opened.do(label(opened.project, rows(row), concept.key, opened.now))


def found(opened: Opened) -> dict[int, tuple[str, str]]:
    """Return for each row the names that it shows, and those that it does not show."""
    concepts = opened.project.concepts
    decided = to_learn(opened.project, concepts)

    def names(which: np.ndarray) -> str:
        return "".join(c.name for c, is_one in zip(concepts, which, strict=True) if is_one)

    said = zip(decided.shown, decided.excluded, strict=True)
    return {
        int(row): (names(shown), names(excluded))
        for row, (shown, excluded) in zip(decided.rows, said, strict=True)
    }


def test_a_label_says_what_an_image_shows_and_what_it_does_not(opened):
    decide(opened, 1, X)
    assert found(opened) == {1: ("x", "y")}


def test_what_was_accepted_counts_as_what_was_corrected(opened):
    opened.do(accept(opened.project, rows(0, 1), opened.now))
    assert found(opened) == {0: ("x", "y"), 1: ("y", "x")}


def test_automatic_labels_say_nothing(opened):
    opened.do(auto_label(opened.project, rows(0, 1, 2, 3), opened.now))
    assert found(opened) == {}


def test_a_skipped_image_says_nothing(opened):
    opened.do(skip(opened.project, rows(0), opened.now))
    assert found(opened) == {}


def test_an_image_that_is_none_of_these_shows_no_name(opened):
    decide(opened, 2, Z)
    assert found(opened) == {2: ("", "xy")}


def test_what_was_wrong_on_a_page_is_known_not_to_be_that(opened):
    ids, concepts = opened.project.images.ids, opened.ids
    opened.do(SetFactOfImages(REJECTED, {int(ids[3]): frozenset([concepts[X]])}))
    assert found(opened) == {3: ("", "x")}
    decide(opened, 3, Y)  # what a person decided about it since counts alone
    assert found(opened) == {3: ("y", "x")}


def test_an_image_with_several_labels_shows_all_of_them(opened):
    opened.set(is_multi=True)
    decide(opened, 0, X)
    decide(opened, 0, Y)
    assert found(opened) == {0: ("xy", "")}


def test_removed_images_and_those_that_are_not_read_say_nothing_until_they_are_back():
    opened = opened_project()
    opened.embed(0, X)
    opened.score()
    for row in (0, 1):
        decide(opened, row, X)
    assert list(found(opened)) == [0]
    opened.do(RemoveImages(opened.project.images.ids[:1]))
    assert found(opened) == {}
    opened.project.undo()
    opened.embed(1, X)
    assert list(found(opened)) == [0, 1]


def test_other_names_have_other_columns(opened):
    decide(opened, 0, X)
    decided = to_learn(opened.project, opened.project.concepts[1:])
    assert decided.shown.tolist() == [[False, False]]
    assert to_learn(opened.project, ()).shown.shape == (1, 0)


def test_images_that_were_decided_at_once_share_their_moment(opened):
    key = opened.project.concepts[X].key
    opened.do(label(opened.project, rows(0, 3), key, opened.now))
    opened.do(label(opened.project, rows(1), key, replace(opened.now, at=opened.now.at + 1)))
    first, other, third = to_learn(opened.project, opened.project.concepts).moments
    assert first == third != other


def test_the_same_decisions_are_known_to_be_the_same(opened):
    concepts = opened.project.concepts
    decide(opened, 0, X)
    before = to_learn(opened.project, concepts)
    opened.do(auto_label(opened.project, rows(1, 2, 3), opened.now))
    assert to_learn(opened.project, concepts) == before
    decide(opened, 0, Y)
    assert to_learn(opened.project, concepts) != before


def test_what_a_file_says_of_an_image_that_is_not_there_keeps_nothing_from_being_learned(opened):
    decide(opened, 1, X)
    opened.project.image_facts[REJECTED.name] = {999: frozenset({opened.project.concepts[0].key})}
    assert found(opened) == {1: ("x", "y")}


@pytest.mark.parametrize(("descriptor_size", "least"), [(0, 20), (2, 5)])
def test_copies_are_looked_for_once_there_are_enough_decisions_to_learn_from(
    descriptor_size, least
):
    opened = opened_project()
    images = opened.project.images
    opened.add_images(*(f"more{n}" for n in range(20)))
    images.forget_embeddings(3, descriptor_size)
    images.set_embeddings(np.arange(len(images)), np.eye(3, dtype=np.float32)[[0] * len(images)])
    opened.score()
    asked = []
    for row in range(least):
        assert not asked
        decide(opened, row, X)
        to_learn(opened.project, opened.project.concepts, lambda: asked.append(1))
    assert asked


def test_a_few_more_images_leave_the_sample_as_it_is_until_all_are_read(opened, monkeypatch):
    opened.add_images(*(f"more{n}" for n in range(21)))
    decide(opened, 0, X)
    names, learner, sizes, sample_of = opened.suggestions.classifier, Learner(), [], Sample.of

    def sampled(blocks):
        sizes.append(len(sample_of(blocks).images.embeddings))
        return sample_of(blocks)

    monkeypatch.setattr(Sample, "of", sampled)
    for count in (23, 24, 25, 25):
        for row in range(count):
            opened.embed(row, row % 3)
        data = learner.training_data(opened.project, names, lambda: None)
        learner.fit(names, data, opened.project.images.vectors(), NEVER)
    assert sizes == [23, 25]
