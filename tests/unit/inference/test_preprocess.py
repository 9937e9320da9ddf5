import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nameplate.inference.preprocess import crop_box, pixels, resized_shape
from nameplate.inference.specs import ImageSpec

GOLDEN = np.load(Path(__file__).parent / "golden_preprocess.npz")
SPECS = json.loads(str(GOLDEN["about"]))["specs"]

CLIP = ImageSpec("image.onnx", 24, "shortest", True, "bicubic", (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
SQUASH = replace(CLIP, resize="squash", crop=False)


def golden_spec(number):
    values = SPECS[number]
    mean, std = tuple(values.pop("mean")), tuple(values.pop("std"))
    crop = values["resize"] == "shortest"
    return ImageSpec(file="image.onnx", crop=crop, mean=mean, std=std, **values)


@pytest.mark.parametrize("number", range(len(SPECS)))
def test_the_pixels_are_those_of_torchvision_and_of_transformers(number):
    image, expected = GOLDEN[f"image_{number}"], GOLDEN[f"pixels_{number}"]
    spec = golden_spec(number)

    result = pixels(Image.fromarray(image), spec)

    assert result.dtype == np.float32
    assert result.flags["C_CONTIGUOUS"]
    # Bit for bit; a strip is resized only where it is seen, which may round another way: 1/255.
    is_strip = max(image.shape[:2]) >= 16 * min(image.shape[:2])
    tolerance = 1.001 / 255 / min(spec.std) if is_strip else 0.0
    if spec.crop_rounding == "down":  # transformers multiplies by 1/255 instead of dividing
        tolerance = 1e-6
    np.testing.assert_allclose(result, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("resize", ["shortest", "squash"])
@pytest.mark.parametrize("sides", [(90, 61), (61, 90), (70, 70), (97, 80)])
def test_what_need_not_be_exact_is_off_by_a_level_at_most(sides, resize):
    levels = np.random.default_rng(0).integers(0, 256, (*sides, 3), dtype=np.uint8)
    spec = replace(CLIP, resize=resize, crop=resize == "shortest", mean=(0, 0, 0), std=(1, 1, 1))
    image = Image.fromarray(levels)

    off = np.abs(pixels(image, spec, is_exact=False) - pixels(image, spec))

    assert off.max() < 1.01 / 255
    assert (off > 0).mean() < 0.02


def test_a_plain_picture_becomes_its_colour_less_mean_over_std():
    result = pixels(Image.new("RGB", (30, 50), (255, 0, 51)), CLIP)

    assert result.shape == (3, 24, 24)
    np.testing.assert_allclose(result[:, 5, 7], [0.5 / 0.2, -0.4 / 0.3, -0.1 / 0.4], rtol=1e-5)


def test_the_long_side_is_truncated_and_not_rounded():
    assert resized_shape(100, 179, replace(CLIP, size=224)) == (224, 400)  # 400.96
    assert resized_shape(179, 100, replace(CLIP, size=224)) == (400, 224)


def test_a_half_pixel_margin_goes_to_the_even_side():
    # 25 - 24 = 1: round(0.5) is 0; 27 - 24 = 3: round(1.5) is 2
    for width, left in ((25, 0), (27, 2)):
        columns = np.arange(width, dtype=np.uint8)
        image = Image.fromarray(np.tile(columns[None, :, None], (24, 1, 3)))
        plain = replace(CLIP, mean=(0, 0, 0), std=(1, 1, 1))
        assert pixels(image, plain)[0, 0, 0] * 255 == pytest.approx(left)


def test_a_half_pixel_margin_goes_down_where_the_model_was_fed_so():
    for width, left in ((25, 0), (27, 1), (29, 2), (28, 2)):
        columns = np.arange(width, dtype=np.uint8)
        image = Image.fromarray(np.tile(columns[None, :, None], (24, 1, 3)))
        plain = replace(CLIP, mean=(0, 0, 0), std=(1, 1, 1), crop_rounding="down")
        assert pixels(image, plain)[0, 0, 0] * 255 == pytest.approx(left)
        assert crop_box(width, 24, plain)[0] == left


def test_a_very_long_strip_takes_no_more_memory_than_its_crop():
    assert pixels(Image.new("RGB", (60_000, 1)), replace(CLIP, size=224)).shape == (3, 224, 224)
    assert pixels(Image.new("RGB", (1, 60_000)), replace(CLIP, size=224)).shape == (3, 224, 224)


def test_a_picture_that_is_not_rgb_is_refused():
    with pytest.raises(ValueError, match="RGBA"):
        pixels(Image.new("RGBA", (5, 5)), CLIP)


def test_the_crop_box_says_what_the_model_sees():
    assert crop_box(48, 24, CLIP) == (12.0, 0.0, 36.0, 24.0)
    assert crop_box(480, 960, CLIP) == (0.0, 240.0, 480.0, 720.0)
    assert crop_box(24, 24, replace(CLIP, resize_to=32)) == (3.0, 3.0, 21.0, 21.0)


def test_a_squashed_picture_is_seen_whole():
    assert crop_box(480, 100, SQUASH) == (0.0, 0.0, 480.0, 100.0)
    assert pixels(Image.new("RGB", (480, 100)), SQUASH).shape == (3, 24, 24)


def test_the_crop_box_stays_inside_the_picture():
    for width in range(1, 90, 4):
        for height in range(1, 90, 5):
            left, top, right, bottom = crop_box(width, height, CLIP)
            assert 0 <= left < right <= width + 1e-9
            assert 0 <= top < bottom <= height + 1e-9
