"""Groups of alike images, near-duplicates, and the spread of a folder they are found by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.images import gathered
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import StackKind, joined
from nameplate.scoring.clusters import clusters, cosines_to_others, usual_cosine
from nameplate.scoring.near_duplicates import near_pairs
from nameplate.scoring.whitening import FOR_GROUPS, WhitenedSpace, in_blocks, sample_of


def _blobs(sizes: list[int], noise: float = 0.05, seed: int = 0) -> tuple[Vectors, np.ndarray]:
    """Return vectors around one direction for each size, and which each is around."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(len(sizes), 32)))
    which = np.repeat(np.arange(len(sizes)), sizes)
    return unit(centres[which] + noise * rng.normal(size=(len(which), 32))), which


def _of_one_folder(count: int, seed: int = 0) -> Vectors:
    """Return vectors as of a folder: close together, different in many directions."""
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=64) * 5 + rng.normal(size=(count, 64)))


def _are_same_parts(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two numberings part images in the same way."""
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


def test_clusters_find_what_lies_apart():
    vectors, which = _blobs([5, 40, 15])

    assert _are_same_parts(clusters(vectors, 3), which)


def test_the_same_seed_gives_the_same_clusters():
    vectors = _of_one_folder(300)

    assert np.array_equal(clusters(vectors, 9, seed=4), clusters(vectors, 9, seed=4))


def test_an_image_without_an_embedding_is_in_no_cluster():
    vectors, _ = _blobs([10, 10])
    vectors[3], vectors[7] = np.nan, 0

    groups = clusters(vectors, 2)

    assert np.flatnonzero(groups < 0).tolist() == [3, 7]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_images_that_are_all_alike_are_one_cluster(count: int):
    vectors = np.tile(unit(np.ones((1, 8))), (count, 1))

    assert clusters(vectors, 4).tolist() == [0] * count


def test_clusters_of_many_images_are_fitted_to_some_of_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("nameplate.scoring.clusters.MOST_FITTED", 50)
    vectors, which = _blobs([400, 300])

    assert _are_same_parts(clusters(vectors, 2), which)


@given(st.integers(0, 60), st.integers(0, 12), st.integers(0, 5))
def test_every_known_image_is_in_one_cluster(images: int, count: int, seed: int):
    groups = clusters(_of_one_folder(images, seed), count, seed)

    assert (groups >= 0).all() == (count > 0 or not images)
    assert (groups < max(count, 1)).all()


@pytest.mark.parametrize("count", [1, 2, 6, 50])
def test_images_with_nothing_in_common_are_not_close_to_the_others_of_their_group(count: int):
    assert np.allclose(cosines_to_others(np.eye(50, dtype=np.float32)[:count]), 0, atol=1e-3)


def test_the_cosine_to_the_others_of_a_group_leaves_the_image_itself_out():
    vectors, _ = _blobs([12], noise=0.2)

    others = [np.delete(vectors, place, axis=0).mean(axis=0) for place in range(12)]

    wanted = (vectors * unit(np.array(others))).sum(axis=1)
    assert np.allclose(cosines_to_others(vectors), wanted, atol=1e-5)


def test_the_usual_cosine_is_that_of_pairs_and_knows_nothing_of_images_without_a_vector():
    vectors = np.zeros((5, 8), np.float32)
    vectors[[0, 1], 0], vectors[2, 1] = 1, 1

    assert usual_cosine(vectors) == pytest.approx(np.sqrt(1 / 3))
    assert usual_cosine(vectors[3:]) == 0


def near_duplicates(vectors: Vectors) -> np.ndarray:
    """Return the number of the group of near-duplicates of each image, from 0; -1 for none."""
    return joined({StackKind.COPY: near_pairs(in_blocks(vectors))}, len(vectors)).numbers


def test_near_duplicates_are_found_and_nothing_else_in_a_folder_of_likes():
    vectors = _of_one_folder(500)
    rng = np.random.default_rng(1)
    vectors[100:120] = unit(vectors[:20] + 0.002 * rng.normal(size=(20, 64)))

    groups = near_duplicates(vectors)

    assert np.array_equal(groups[:20], groups[100:120])
    assert sorted(np.flatnonzero(groups >= 0)) == [*range(20), *range(100, 120)]


def test_a_burst_is_one_group_of_near_duplicates():
    vectors = _of_one_folder(200)
    vectors[50:58] = unit(vectors[50] + 0.002 * np.random.default_rng(1).normal(size=(8, 64)))

    groups = near_duplicates(vectors)

    assert groups[50:58].tolist() == [0] * 8


def test_near_duplicates_are_found_among_more_images_than_a_block_holds():
    vectors = _of_one_folder(2500)
    vectors[2400:2410] = vectors[:10]

    groups = near_duplicates(vectors)

    assert np.array_equal(groups[:10], groups[2400:2410])
    assert (groups >= 0).sum() == 20


@pytest.mark.parametrize("count", [0, 1, 2, 63])
def test_among_few_images_no_near_duplicates_are_claimed(count: int):
    assert (near_duplicates(_of_one_folder(count)) < 0).all()


def test_images_that_are_all_the_same_or_not_embedded_yet_give_no_near_duplicates():
    same = np.tile(unit(np.ones((1, 8))), (100, 1))
    unread = np.full((100, 8), np.nan, np.float32)

    assert (near_duplicates(same) < 0).all()
    assert (near_duplicates(unread) < 0).all()
    assert (near_duplicates(np.empty((0, 8), np.float32)) < 0).all()


def test_looking_for_groups_can_be_cancelled():
    cancel, vectors = CancelToken(), _of_one_folder(100)
    cancel.cancel()

    for look in (
        lambda: clusters(vectors, 3, cancel=cancel),
        lambda: near_pairs(in_blocks(vectors), cancel=cancel),
    ):
        with pytest.raises(CancelledError):
            look()


def test_a_spread_centres_a_folder_and_places_the_unknown_nowhere():
    vectors = _of_one_folder(300)
    vectors[7] = np.nan

    placed = WhitenedSpace.of(vectors, FOR_GROUPS).place(in_blocks(vectors))

    assert not placed[7].any()
    assert np.allclose(np.delete(np.linalg.norm(placed, axis=1), 7), 1, atol=1e-5)
    assert np.abs(placed.mean(axis=0)).max() < 0.1


def test_a_sample_has_at_most_what_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("nameplate.scoring.whitening.MOST_SAMPLED", 200)
    vectors = _of_one_folder(3000)
    vectors[5] = np.nan

    sample = sample_of(in_blocks(vectors), len(vectors))

    assert 100 < len(sample) < 300
    assert not np.isnan(sample).any()


def test_rows_are_gathered_from_blocks_in_the_order_asked_for():
    vectors = _of_one_folder(2500)
    rows = np.array([2400, 3, 1100, 3])

    assert np.array_equal(gathered(in_blocks(vectors), rows), vectors[rows])
