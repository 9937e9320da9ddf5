"""Bounds, plans and samples of a promise: exact, and right as often as is said."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.promise.promise_help import false_pass, most_wrong, passes
from nameplate.features.promise.rules.counts import allowed_wrong, hypergeometric, log_factorial
from nameplate.features.promise.rules.promises import Anchoring, surest
from nameplate.features.promise.rules.stages import OVERLOOKED, keeps_risk, make_plan, risk_of_try
from nameplate.scoring.random_order import first_in_order, random_keys

TARGETS = (0.95, 0.98, 0.99)
NEEDED = {  # checks for 95% with 0, 1 and 2 wrong ones, by the exact hypergeometric probability
    100: ((39, 51, 59), (63, 75, 81), (78, 87, 90)),
    300: ((50, 74, 92), (104, 141, 164), (158, 197, 218)),
    1_000: ((56, 87, 113), (132, 197, 248), (238, 338, 409)),
    10_000: ((59, 93, 123), (147, 231, 305), (291, 455, 597)),
}
SETS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n))
)


def exact(found, drawn, population, wrong):
    if found > min(wrong, drawn) or drawn - found > population - wrong:
        return Fraction(0)
    ways = math.comb(wrong, found) * math.comb(population - wrong, drawn - found)
    return Fraction(ways, math.comb(population, drawn))


def stopped(plan, seen):
    """Return how probable it is to pass with each number found, counted with whole numbers.

    The checks are made one by one, `seen` of all labels are wrong and would be found.
    """
    paths, passed, population = {0: Fraction(1)}, {}, plan.population
    for done in range(population + 1):
        for found in [one for one in paths if (plan.needed(one) or population + 1) <= done]:
            if plan.needed(found) is not None:
                passed[found] = passed.get(found, 0) + paths.pop(found)
        after = {}
        for found, probability in paths.items() if done < population else ():
            share = Fraction(seen - found, population - done)
            for new, chance in ((1, share), (0, 1 - share)):
                if chance:
                    after[found + new] = after.get(found + new, 0) + probability * chance
        paths = after
    return passed


@pytest.mark.parametrize("population", NEEDED)
def test_so_many_checks_are_needed_as_the_exact_probabilities_say(population):
    for target, row in zip(TARGETS, NEEDED[population], strict=True):
        allowed = allowed_wrong(target, population)
        for found, needed in enumerate(row):
            assert most_wrong(population, needed, found, 0.05) - found <= allowed
            assert most_wrong(population, needed - 1, found, 0.05) - found > allowed


def test_shares_are_meant_as_they_are_written():
    assert [allowed_wrong(0.9, n) for n in (1, 10, 100)] == [0, 1, 10]
    assert allowed_wrong(0.97, 100) == 3
    assert allowed_wrong(0.98, 1_000_000) == 20_000
    assert allowed_wrong(0.999, 999) == 0


@given(SETS, st.integers(0, 40))
def test_probabilities_are_those_of_whole_numbers(numbers, found):
    population, drawn, wrong = numbers
    computed = float(hypergeometric(found, drawn, population, wrong))
    assert computed == pytest.approx(float(exact(found, drawn, population, wrong)), abs=1e-12)


def test_factorials_of_large_numbers_are_exact_to_12_digits():
    numbers = np.array([0, 1, 19, 20, 21, 170, 10_000, 1_000_000])
    expected = [math.lgamma(n + 1) for n in numbers.tolist()]
    np.testing.assert_allclose(log_factorial(numbers), expected, rtol=1e-13, atol=1e-14)


@given(SETS, st.sampled_from([0.01, 0.05, 0.3]))
def test_the_bound_is_too_low_no_more_often_than_is_said(numbers, risk):
    population, drawn, wrong = numbers
    too_low = [x for x in range(drawn + 1) if most_wrong(population, drawn, x, risk) < wrong]
    assert sum(exact(x, drawn, population, wrong) for x in too_low) <= risk + 1e-9


@given(SETS, st.sampled_from([0.01, 0.05, 0.3]))
def test_the_bound_rises_with_what_is_found_and_falls_with_more_checks_and_risk(numbers, risk):
    population, drawn, _ = numbers
    bounds = [most_wrong(population, drawn, x, risk) for x in range(drawn + 1)]
    assert bounds == sorted(bounds)
    assert all(x <= bound <= population - drawn + x for x, bound in enumerate(bounds))
    if drawn < population:
        assert most_wrong(population, drawn + 1, 0, risk) <= bounds[0]
    assert most_wrong(population, drawn, 0, risk * 2) <= bounds[0]


@settings(max_examples=20)
@given(
    st.integers(1, 30),
    st.integers(0, 6),
    st.sampled_from([0.01, 0.05, 0.2]),
    st.sampled_from([0, 0.02, 0.1, 0.3]),
    st.booleans(),
)
def test_a_plan_lets_false_promises_pass_no_more_often_than_is_said(
    population, allowed, risk, overlooked, is_corrected
):
    """Of each number of wrong labels as many are overlooked as may be, or fewer.

    What is found is left without a name, so that the same share is allowed of fewer labels.
    """
    allowed = min(allowed, population)
    plan = make_plan(population, allowed, risk, overlooked=overlooked, is_corrected=is_corrected)
    assert list(plan.looks) == sorted(plan.looks)
    assert max(plan.looks, default=0) <= population
    assert not plan.looks or keeps_risk(plan)
    for wrong in range(population + 1):
        for missed in range(math.floor(overlooked * wrong + 1e-9) + 1):
            passed = stopped(plan, wrong - missed)
            if is_corrected:
                left = {found: plan.allowed_of(population - found) for found in passed}
                false = sum(p for found, p in passed.items() if wrong - found > left[found])
            else:  # whatever it has found, the set as it was is no such set
                false = sum(passed.values()) if wrong > allowed else 0
            assert false <= risk


@pytest.mark.parametrize("overlooked", [0, 0.1])
def test_false_passes_are_those_that_whole_numbers_give(overlooked):
    plan = make_plan(40, 6, 0.05, overlooked=overlooked)
    for wrong in range(41):
        passed = stopped(plan, wrong)
        looks = range(len(plan.looks))
        false = sum(passed.get(found, 0) for found in looks if wrong >= plan.too_many(found))
        assert false_pass(plan, wrong) == pytest.approx(float(false), abs=1e-12)
        by_looks = sum(passed.get(found, 0) for found in looks)
        assert passes(plan, wrong) == pytest.approx(float(by_looks), abs=1e-12)


@pytest.mark.parametrize(("population", "target"), [(300, 0.95), (300, 0.98), (1_000, 0.98)])
def test_who_overlooks_each_wrong_label_with_a_chance_of_2_in_100_is_planned_for(
    population, target
):
    """That is a little worse than 2 of 100: by luck a person overlooks more of a few."""
    allowed = allowed_wrong(target, population)
    plan = make_plan(population, allowed, risk_of_try(0.95, 1), overlooked=OVERLOOKED)
    for wrong in range(allowed + 1, allowed + 4):
        false, seen = 0.0, np.arange(max(0, wrong - 30), wrong + 1)
        ways = log_factorial(wrong) - log_factorial(seen) - log_factorial(wrong - seen)
        for one, chance in zip(
            seen.tolist(),
            np.exp(ways + seen * math.log(1 - OVERLOOKED)) * OVERLOOKED ** (wrong - seen),
            strict=True,
        ):
            false += chance * false_pass_of(plan, one, wrong) if chance > 1e-5 else 0
        assert false <= 0.04


def false_pass_of(plan, seen, wrong):
    """Return how probable a false pass is where only so many of the wrong ones are found."""
    by_found = [
        passes(replace(plan, looks=plan.looks[: found + 1]), seen)
        - (passes(replace(plan, looks=plan.looks[:found]), seen) if found else 0)
        for found in range(len(plan.looks))
        if wrong - found > plan.allowed_of(plan.population - found)
    ]
    return sum(by_found)


@pytest.mark.parametrize("population", [100, 300, 1_000, 10_000, 1_000_000])
@pytest.mark.parametrize("target", [0.95, 0.98, 0.99, 0.999])
def test_a_plan_keeps_its_risk_for_sets_of_every_size(population, target):
    allowed = allowed_wrong(target, population)
    plan = make_plan(population, allowed, 0.05, overlooked=OVERLOOKED)
    worst = [false_pass(plan, allowed + more) for more in range(1, min(40, population - allowed))]
    assert max(worst) <= 0.05
    assert all(first <= second for first, second in pairwise(plan.looks))


def test_small_sets_are_checked_whole():
    for population in (1, 2, 10):
        plan = make_plan(population, allowed_wrong(0.98, population), 0.05, overlooked=OVERLOOKED)
        assert plan.needed(0) == plan.needed(5) == population
        assert not plan.is_hopeless(5)


def test_too_many_wrong_ones_leave_only_the_check_of_nearly_everything():
    plan = make_plan(10_000, 200, 0.05)
    assert not plan.is_hopeless(len(plan.looks) - 1)
    assert plan.is_hopeless(len(plan.looks))
    assert 9_800 < plan.needed(len(plan.looks)) <= 9_802


def test_all_tries_of_a_life_together_spend_the_risk_and_no_more():
    spent = [risk_of_try(0.95, tries) for tries in range(1, 10_000)]
    whole = sum(spent) + sum(spent[1:])  # a promise each, and a part of each
    assert 0.0499 < whole <= 0.05
    assert spent[:3] == pytest.approx([0.0375, 0.003125, 0.05 / 48])


def test_so_many_checks_does_each_try_take():
    """98% of 10,000 labels, none wrong: a table of docs/adr/0029-promise.md."""

    def first(tries, overlooked=0.0):
        return make_plan(10_000, 200, risk_of_try(0.95, tries), overlooked=overlooked).looks[0]

    assert [first(tries) for tries in (1, 2, 3, 4, 5, 10)] == [194, 314, 366, 399, 423, 494]
    assert [first(1, overlooked) for overlooked in (0.02, 0.1, 0.3)] == [198, 216, 277]
    assert [first(tries, OVERLOOKED) for tries in (1, 2, 5)] == [198, 320, 431]


TRUTHS = (0.999, 0.995, 0.99, 0.981, 0.979, 0.97, 0.9)


def replay(plan, order_of_wrong):
    """Return how many wrong ones were found when a plan passed; None where it does not."""
    for found, look in enumerate(plan.looks):
        if np.searchsorted(order_of_wrong, look) <= found:
            return found
    found = len(plan.looks)
    if plan.is_hopeless(found):
        return None
    while (check := plan.whole(found)) is not None:
        if np.searchsorted(order_of_wrong, check) <= found:
            return found
        found += 1
    return None


@pytest.mark.parametrize("population", [100, 300, 1_000, 10_000])
def test_replays_with_three_tries_keep_the_promise_in_95_of_100(population):
    """Whoever fails improves the labels a little and tries again; stopping is the plan's own."""
    chance, allowed = np.random.default_rng(20), allowed_wrong(0.98, population)
    plans = [make_plan(population, allowed, risk_of_try(0.95, tries)) for tries in (1, 2, 3)]
    for truth in TRUTHS:
        wrong = round(population * (1 - truth))
        numbers = [wrong, wrong * 9 // 10, wrong * 8 // 10]
        exact_risk = sum(map(false_pass, plans, numbers))
        kept = sum(_is_kept(plans, numbers, population, chance) for _ in range(100))
        assert exact_risk <= 0.05
        assert kept >= 100 * (1 - exact_risk) - 3 * math.sqrt(100 * exact_risk), truth


def _is_kept(plans, numbers, population, chance):
    for plan, wrong in zip(plans, numbers, strict=True):
        found = replay(plan, np.sort(chance.permutation(population)[:wrong]))
        if found is not None:
            return wrong - found <= plan.allowed_of(population - found)
    return True


def test_labels_that_are_right_enough_pass_with_few_checks():
    plan = make_plan(10_000, 200, risk_of_try(0.95, 1))
    assert plan.looks[0] < 200
    assert passes(plan, 20) > 0.99  # 99.8% right
    assert passes(plan, 50) > 0.95
    assert passes(plan, 300) < 0.01


@given(st.sets(st.integers(1, 10_000), min_size=2), st.integers(0, 2**53 - 1), st.data())
def test_images_that_come_later_change_no_earlier_place_in_the_lane(ids, seed, data):
    few = data.draw(st.sets(st.sampled_from(sorted(ids)), min_size=1))
    all_ids, some = (np.array(sorted(one), np.int64) for one in (ids, few))
    order = all_ids[first_in_order(all_ids, seed, len(all_ids))]
    assert some[first_in_order(some, seed, len(some))].tolist() == [i for i in order if i in few]
    count = len(some) // 2
    first = some[first_in_order(some, seed, len(some))][:count]
    assert some[first_in_order(some, seed, count)].tolist() == first.tolist()


def test_each_image_of_any_set_is_as_likely_to_be_checked_as_any_other():
    ids = np.array([3, 4, 5, 900, 10_000, 10_001, 2**40, 2**40 + 1])
    seeds = np.random.default_rng(4).integers(0, 2**53, 8_000)
    picked = np.stack([first_in_order(ids, int(seed), 2) for seed in seeds])
    pairs = np.unique(picked[:, 0] * 8 + picked[:, 1], return_counts=True)[1]
    assert len(pairs) == 56  # each ordered pair, about 143 times
    assert np.sum((pairs - 8_000 / 56) ** 2) / (8_000 / 56) < 100  # chi-squared, p about 0.0002


def test_no_two_images_share_a_key():
    assert len(np.unique(random_keys(np.arange(200_000), 5))) == 200_000


@given(
    st.lists(st.floats(0, 1, width=32) | st.just(math.nan), max_size=30),
    st.sampled_from([0.5, 0.9, 0.98]),
)
def test_the_surest_labels_are_offered_with_a_fifth_of_the_errors(values, target):
    probability = np.array(values, np.float32)
    places = surest(probability, target)
    chosen = probability[places].astype(np.float64)
    assert (1 - chosen).sum() <= 0.2 * (1 - target) * len(chosen) + 1e-6
    rest = np.delete(probability, places)
    assert not len(chosen) or not (rest > chosen.min()).any()


def test_few_blind_checks_show_nothing_and_say_so():
    assert Anchoring(160, 0, 24, 0).most_overlooked == 1
    assert Anchoring(0, 0, 0, 0).most_overlooked == 1
    assert Anchoring(160, 0, 24, 1).most_overlooked == 1
    assert not Anchoring(160, 4, 40, 1).is_believed_too_easily
    assert not Anchoring(160, 0, 24, 0).is_believed_too_easily
    assert Anchoring(160, 0, 40, 4).is_believed_too_easily
    many = Anchoring(2000, 200, 2000, 200).most_overlooked
    assert 0.1 < many < 0.25


@pytest.mark.parametrize("overlooked", [0.1, 0.5])
def test_the_bound_of_what_is_overlooked_is_too_low_in_5_of_100_at_most(overlooked):
    chance, low = np.random.default_rng(3), 0
    for _ in range(400):
        blind, shown = chance.binomial(60, 0.2), chance.binomial(300, 0.2 * (1 - overlooked))
        low += Anchoring(300, int(shown), 60, int(blind)).most_overlooked < overlooked - 0.001
    assert low <= 0.05 * 400 + 3 * math.sqrt(0.05 * 400)
