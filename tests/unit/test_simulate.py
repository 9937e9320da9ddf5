"""`tests/perf/simulate.py`: what it counts, and that it decides through the real project."""

import json
from itertools import pairwise

import numpy as np
import pytest

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, ImageVectors, unit
from nameplate.domain.labels import ReviewState
from nameplate.scoring.zero_shot import ZeroShot
from perf import simulate
from perf.simulate import BUDGETS, STRATEGIES, TARGETS, KnownFolder, Replay, page_actions
from project_help import PLAIN

CAT, DOG, COW = 3, 5, 7


def a_folder(images: int = 60, noise: float = 0.5, seed: int = 0) -> KnownFolder:
    """Return images of three kinds, each near the vector of its name."""
    rng = np.random.default_rng(seed)
    concepts = tuple(Concept(key, name) for key, name in ((CAT, "cat"), (DOG, "dog"), (COW, "cow")))
    axes = np.eye(3, 8, dtype=np.float32)
    truth = rng.integers(0, 3, images)
    vectors = unit(axes[truth] + noise * rng.standard_normal((images, 8)))
    return KnownFolder(
        ZeroShot(concepts, axes, PLAIN, Head("softmax", 10.0)), ImageVectors.of(vectors), truth
    )


@pytest.mark.parametrize(
    ("right", "actions"),
    [
        ([CAT] * 40, 1),  # accepted as it is
        ([DOG, CAT, CAT], 2),  # one is named
        ([CAT, DOG, DOG, CAT], 3),  # two are named one by one, or dragged over: the same
        ([CAT, DOG, DOG, DOG, DOG, CAT], 3),  # four are dragged over and named
        ([DOG] * 9, 3),  # the whole page is something else
        ([DOG, DOG, DOG, COW, DOG, DOG, DOG], 4),  # but for one of them
        ([DOG, DOG, DOG, CAT, DOG, DOG, DOG], 4),  # or one that is what the page says
        ([DOG] * 5 + [CAT] * 5 + [COW] * 5, 5),  # two stretches
        ([DOG, COW, DOG, COW], 5),  # nothing lies together
    ],
)
def test_a_page_takes_as_many_actions_as_one_counts_by_hand(right, actions):
    assert page_actions(np.array(right, np.int32), np.full(len(right), CAT)) == actions


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("noise", [0.1, 1.5])
def test_each_way_looks_at_every_image_once_and_decides_all_of_them_rightly(name, noise):
    folder = a_folder(noise=noise)
    replay = Replay(folder)
    points = list(STRATEGIES[name](replay, np.random.default_rng(0)))
    assert points[-1].looked == len(folder)
    assert points[-1].accuracy == 1.0
    assert [p.actions for p in points] == sorted(p.actions for p in points)
    labels = replay.project.labels
    decided = [labels.members(row) for row in range(len(folder))]
    assert [list(one) for one in decided] == [[key] for key in replay.truth.tolist()]
    assert set(labels.states.tolist()) <= {ReviewState.ACCEPTED, ReviewState.CORRECTED}


def test_seconds_are_those_of_pictures_pages_and_corrections():
    by_pages = STRATEGIES["sheets"](Replay(a_folder(noise=1.0)), np.random.default_rng(0))
    for before, after in pairwise(by_pages):
        actions, looked = after.actions - before.actions, after.looked - before.looked
        expected = 1 + 0.25 * looked + 1.5 * (actions - 1)
        assert after.seconds - before.seconds == pytest.approx(expected)
    alone = STRATEGIES["least_sure"](Replay(a_folder()), np.random.default_rng(0))
    assert [*alone][-1].seconds == pytest.approx(60 * 1.2)


def test_pictures_alone_cost_an_action_each_and_the_least_sure_comes_first():
    replay = Replay(a_folder())
    least = int(np.argmin(replay.suggestions.probability))
    points = STRATEGIES["least_sure"](replay, np.random.default_rng(0))
    assert next(points).actions == 0
    assert next(points).actions == 1
    assert replay.project.labels.states[least] != ReviewState.UNLABELLED


def test_the_same_seeds_give_the_same_simulation():
    one = simulate.simulate(a_folder(noise=1.0), 2)
    assert one == simulate.simulate(a_folder(noise=1.0), 2)
    assert set(one["strategies"]) == {"sheets", "least_sure", "random", "names_only"}
    for of in one["strategies"].values():
        assert [*of["actions_per_1000"]] == [str(target) for target in TARGETS]
        assert [*of["actions_per_1000"].values()] == sorted(of["actions_per_1000"].values())
    assert 0 < one["guard"]["runs"] <= 2 * 3 * len(BUDGETS)


def test_replays_leave_out_a_tenth_that_is_another_one_for_each_seed():
    folder = a_folder(100)
    one, other = folder.some(1), folder.some(2)
    assert len(one) == len(other) == 90
    assert not np.array_equal(one.images.embeddings, other.images.embeddings)
    assert len(a_folder(20).some(1)) == 20  # of few, all are kept


def test_two_images_and_two_names_are_enough():
    result = simulate.simulate(a_folder(2), 1)
    assert result["images"] == 2
    assert result["guard"] == {"runs": 0, "worst_loss": 0.0, "share_within_0.003": 1.0}


def test_a_folder_is_read_with_a_model(coloured, tiny_model, capsys):
    options = [str(coloured), "--model", str(tiny_model), "--seeds", "1"]
    simulate.main([*options, "--json"])
    result = json.loads(capsys.readouterr().out)
    assert (result["images"], result["zero_shot"]) == (6, 1.0)
    sheets = result["strategies"]["sheets"]
    assert set(sheets["actions_per_1000"].values()) == {0}
    assert set(sheets["minutes_per_1000"].values()) == {0}
    assert result["guard"]["share_within_0.003"] == 1.0
    simulate.main(options)
    assert "6 images, 100.0% rightly suggested" in capsys.readouterr().out


def test_folders_that_are_none_of_the_names_are_left_out(coloured, tiny_model, capsys):
    options = [str(coloured), "--model", str(tiny_model), "--seeds", "1", "--json"]
    simulate.main([*options, "--concept", "red", "--concept", "blue"])
    said = capsys.readouterr()
    assert json.loads(said.out)["images"] == 4
    assert "2 images are left out: their folder isn't one of the names" in said.err
    with pytest.raises(SystemExit, match="needs two names"):
        simulate.main([*options, "--concept", "red"])
