import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from nameplate.imaging.pixels import swaps_sides, to_8_bits, to_rgb, upright

KINDS = [np.uint16, np.dtype(">u2"), np.int32, np.float32]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 128, 255]], np.uint16), [0, 128, 255]),
        (np.array([[0, 2048, 4095]], np.uint16), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
        (np.array([[0, 4096]], np.dtype(">u2")), [0, 16]),
        (np.array([[0, 65535]], np.int32), [0, 255]),
        (np.array([[-10, 0, 10]], np.int32), [0, 128, 255]),
        (np.array([[-(2**31), 2**31 - 1]], np.int32), [0, 255]),
        (np.array([[0.0, 0.25, 1.0]], np.float32), [0, 64, 255]),
        (np.array([[-3e38, 0, 3e38]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, 1, 2, np.inf, -np.inf]], np.float32), [0, 0, 255, 255, 0]),
    ],
)
def test_wide_values_are_scaled_by_the_documented_rule(values, expected):
    assert to_8_bits(values)[0].tolist() == expected


def test_a_picture_of_one_value_divides_by_nothing():
    for value in (0, 7, 60_000):
        constant = np.full((3, 3), value, np.uint16)
        assert np.ptp(to_8_bits(constant)) == 0
    for value in (0.0, -4.5, np.nan, np.inf):
        assert (to_8_bits(np.full((3, 3), value, np.float32)) == 128).all()


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=2, max_dims=2, max_side=5))
    )
)
def test_scaling_keeps_the_order_and_never_warns(values):
    scaled = to_8_bits(values)
    finite = np.isfinite(values)
    order = np.argsort(values[finite], kind="stable")
    assert (np.diff(scaled[finite][order].astype(int)) >= 0).all()


def test_unknown_orientations_turn_nothing():
    picture = Image.new("RGB", (2, 3))
    for orientation in (0, 1, 9, None, "6", (6,), 6.0):
        assert upright(picture, orientation).size == (2, 3)
        assert not swaps_sides(orientation)
    assert upright(picture, 6).size == (3, 2)
    assert swaps_sides(6)


@pytest.mark.parametrize("mode", ["La", "RGBa", "PA", "HSV", "RGBX", "I;16", "I;16B"])
def test_rare_modes_become_rgb(mode):
    if mode == "La":
        picture = Image.new("LA", (4, 4), (0, 0)).convert("La")
    elif mode == "RGBa":
        picture = Image.new("RGBA", (4, 4), (0, 0, 0, 0)).convert("RGBa")
    else:
        picture = Image.new(mode, (4, 4))
    assert to_rgb(picture).mode == "RGB"
    if mode in ("La", "RGBa"):
        assert to_rgb(picture).getpixel((0, 0)) == (255, 255, 255)
