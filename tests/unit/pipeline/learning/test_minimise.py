import numpy as np

from nameplate.pipeline.learning.minimise import minimise


def rosenbrock(at):
    x, y = at
    value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    return value, np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def test_the_bottom_of_a_bent_valley_is_found():
    found = minimise(rosenbrock, np.array([-1.2, 1.0]), gradient=1e-8)
    assert found.is_found
    np.testing.assert_allclose(found.at, [1, 1], atol=1e-6)


def test_a_start_at_the_bottom_is_the_end():
    calls = []

    def bowl(at):
        calls.append(at)
        return float(at @ at), 2 * at

    found = minimise(bowl, np.zeros(3), gradient=1e-8)
    assert found.is_found
    assert len(calls) == 1


def test_too_few_steps_find_nothing():
    assert not minimise(rosenbrock, np.array([-1.2, 1.0]), gradient=1e-8, steps=3).is_found


def test_a_function_that_is_no_number_is_given_up():
    found = minimise(lambda at: (np.nan, np.full_like(at, np.nan)), np.ones(2), gradient=1e-8)
    assert not found.is_found
    assert np.isfinite(found.at).all()


def test_a_slope_that_leads_nowhere_is_given_up():
    found = minimise(lambda at: (float(at[0]), -np.ones(1)), np.zeros(1), gradient=1e-8)
    assert not found.is_found


def test_no_variables():
    assert minimise(lambda at: (0.0, at), np.zeros(0), gradient=1e-8).is_found
