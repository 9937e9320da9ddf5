"""Images that fit no name, and copies with different labels."""

import numpy as np
import pytest

from nameplate.cli.progress import result_of
from nameplate.domain.embeddings import Head, Vectors, unit
from nameplate.domain.images import contents_of
from nameplate.features.quality.doubtful.audit import audit
from nameplate.features.quality.doubtful.finder import duplicates, misfit, misfits, with_decisions
from nameplate.features.quality.snapshot import Snapshot
from nameplate.project.label_changes import label
from project_help import around_axes, opened_project, state_of

HEAD = Head("softmax", 50.0)


def _three_kinds(each: int, seed: int = 0) -> tuple[Vectors, np.ndarray]:
    """Return vectors around three directions, and which each is around."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(3), each)
    return unit(np.eye(8)[kinds] + 0.1 * rng.normal(size=(3 * each, 8))), kinds


def test_what_has_only_low_scores_fits_least():
    scores = np.array([[0.3, 0.1, 0.1], [0.1, 0.1, 0.3]], np.float32)

    found = misfit(scores, HEAD)

    assert np.argmax(found) == 1
    assert found[0] == pytest.approx(found[2])


def test_an_image_without_scores_and_no_names_at_all_fit_nothing_known():
    assert np.isnan(misfit(np.full((2, 1), np.nan, np.float32), HEAD)).all()
    assert np.isnan(misfit(np.zeros((0, 3), np.float32), HEAD)).all()


def test_a_few_decisions_find_misfits_that_score_like_the_others():
    vectors, _ = _three_kinds(20)
    alike = np.random.default_rng(1).normal(0, 0.01, 60).astype(np.float32)
    none, named = np.arange(40, 45), np.r_[0:6, 20:26]

    found = with_decisions(alike, vectors, none, named)

    assert np.isin(np.argsort(-alike)[:20], np.arange(40, 60)).sum() < 15
    assert np.isin(np.argsort(-found)[:20], np.arange(40, 60)).sum() >= 18


def test_two_decisions_are_too_few_to_learn_misfits_from():
    vectors, _ = _three_kinds(5)
    alike = np.zeros(15, np.float32)

    assert with_decisions(alike, vectors, np.arange(2), np.arange(5, 15)) is alike


def decide(opened, rows, concept):
    opened.do(label(opened.project, np.array(rows), opened.ids[concept], opened.now))


def snapshot(opened):
    return Snapshot.of(opened.project, opened.suggestions)


def test_files_of_equal_bytes_with_two_labels_are_found_with_their_copies():
    opened = around_axes(10)
    keys = contents_of([f"{number:032x}-{number}" for number in (1, 1, 2, 2, 3, 3, 4)])
    opened.project.record_contents(np.arange(7), keys)
    for rows, concept in (([0], 0), ([1], 1), ([2, 3, 4], 0), ([6], 1)):
        decide(opened, rows, concept)
    of = snapshot(opened)
    stacks = result_of(audit(of), lambda _: None).stacks
    assert duplicates(of, stacks).tolist() == [0, 1]


def test_only_undecided_images_fit_no_name():
    opened = around_axes(60)
    decide(opened, list(range(20)), 0)
    assert misfits(snapshot(opened)).min() >= 20


@pytest.mark.parametrize("is_scored", [True, False])
def test_a_project_without_scores_or_embeddings_has_nothing_doubtful(is_scored: bool):
    opened = opened_project()
    if is_scored:
        opened.score()
    of = snapshot(opened)
    found = result_of(audit(of), lambda _: None)
    assert [len(rows) for rows in (found.order, misfits(of), duplicates(of, found.stacks))] == [
        0
    ] * 3


def test_looking_changes_nothing():
    opened = around_axes(40)
    before = state_of(opened.project)
    misfits(snapshot(opened))
    assert state_of(opened.project) == before
