"""The simulation of a run of many workers says what can be worked out by hand."""

from dataclasses import replace

import pytest

from shard_runs import simulation

simulate_run = simulation()
QUIET = simulate_run.Run(
    images=64_000, shard_size=1000, workers=8, rate=10.0, overhead=0.0, start=5.0, slow_share=0.0,
    deaths=0.0, outages=0.0,
)  # fmt: skip


def test_workers_that_are_alike_and_do_not_fail_take_the_images_by_their_rate():
    outcome = simulate_run.simulate(QUIET, 1)
    assert outcome.seconds == pytest.approx(5 + 64_000 / 8 / 10)
    assert outcome.ideal == pytest.approx(outcome.seconds)
    assert (outcome.lost, outcome.idle, outcome.given_up) == (0, 0, 0)


def test_a_shard_too_many_keeps_all_others_waiting():
    outcome = simulate_run.simulate(replace(QUIET, images=65_000), 1)
    assert outcome.seconds == pytest.approx(5 + 9 * 100)
    assert outcome.idle == pytest.approx(7 * 100)


def test_smaller_shards_wait_less_for_slow_workers_and_lose_less_with_those_that_die():
    worse = replace(QUIET, slow_share=0.25, deaths=2.0)
    found = [
        simulate_run.simulate(replace(worse, shard_size=size), 3) for size in (8000, 1000, 100)
    ]
    assert sorted((one.seconds for one in found), reverse=True) == [one.seconds for one in found]
    assert sorted((one.lost for one in found), reverse=True) == [one.lost for one in found]
    assert all(one.seconds > one.ideal for one in found)


def test_what_a_storage_refuses_is_asked_for_again():
    outcome = simulate_run.simulate(replace(QUIET, outages=6.0, outage=30.0), 5)
    assert 0 < outcome.given_up < 64_000 / 10
    assert outcome.seconds > outcome.ideal


def test_chance_comes_from_the_seed():
    run = replace(QUIET, deaths=3.0)
    assert simulate_run.simulate(run, 1) == simulate_run.simulate(run, 1)
    assert simulate_run.simulate(run, 1) != simulate_run.simulate(run, 2)
