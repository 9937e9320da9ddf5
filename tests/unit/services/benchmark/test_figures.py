"""Medians, ratios, the CPU limit, and what is wanted of them."""

import json

import numpy as np
import pytest

from nameplate.services.benchmark.figures import Figure, cpu_limit, figure, ratios


def test_a_figure_is_the_median_of_its_rounds_and_keeps_their_spread():
    found = figure("scan.files", "files", [5.0, 1.0, 3.0], "files/s")
    assert (found.value, found.low, found.high, found.rounds) == (3.0, 1.0, 5.0, 3)


def test_a_ratio_compares_what_was_measured_in_the_same_round():
    assert ratios([10.0, 40.0], [5.0, 10.0]) == [2.0, 4.0]
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])


def test_the_limit_of_the_processor_adds_the_session_to_a_share_of_the_decoding():
    # 10 ms of all cores, and 20 ms of one of four: 15 ms an image.
    assert cpu_limit(0.010, 0.020, 4) == pytest.approx(1 / 0.015)
    assert cpu_limit(0.010, 0.0, 4) == pytest.approx(100)


@pytest.mark.parametrize(
    ("key", "value", "met"),
    [
        ("decode.jpeg-12.ratio", 5.0, True),
        ("decode.jpeg-12.ratio", 4.9, False),
        ("rescore.100000", 150.0, True),
        ("rescore.100000", 151.0, False),
        ("scan.files", 1.0, None),
    ],
)
def test_a_figure_says_whether_it_is_what_was_wanted(key, value, met):
    assert figure(key, "", [value], "").is_met is met


def test_a_figure_comes_back_from_json_as_it_was():
    found = figure("rescore.growth", "a million", np.array([9.5, 10.5], np.float32), "x", note="n")
    as_json = json.loads(json.dumps(found.as_json()))
    assert Figure.from_json(as_json) == found
    assert (as_json["target"], as_json["met"]) == ("at most 12", True)
