"""Copies of a picture are told by its pixels, and from pictures that are only alike."""

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from nameplate.pipeline.stacks.edges import FINE, edge_correlations
from nameplate.pipeline.stacks.rules import (
    ALIKE_BY_EDGES,
    ALIKE_BY_PIXELS,
    SIDE,
    comparable,
    correlations,
)


def by_pixels(one: Image.Image, other: Image.Image) -> float:
    colours = [
        np.asarray(of.resize((SIDE, SIDE), Image.Resampling.BOX))[None] for of in (one, other)
    ]
    return float(correlations(*map(comparable, colours))[0])


def by_edges(one: Image.Image, other: Image.Image) -> float:
    grey = [of.convert("L").resize((FINE, FINE), Image.Resampling.BOX) for of in (one, other)]
    return float(edge_correlations(*(np.asarray(of)[None] for of in grey))[0])


def are_copies(one: Image.Image, other: Image.Image) -> bool:
    return by_pixels(one, other) >= ALIKE_BY_PIXELS and by_edges(one, other) >= ALIKE_BY_EDGES


def a_picture(seed: int) -> Image.Image:
    blocks = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    return Image.fromarray(blocks).resize((240, 200), Image.Resampling.BICUBIC)


def test_a_smaller_a_brighter_and_a_closely_cropped_picture_are_copies():
    picture = a_picture(0)
    for other in (
        picture.resize((90, 75)),
        ImageEnhance.Brightness(picture).enhance(1.2),
        picture.crop((5, 4, 236, 197)),
    ):
        assert are_copies(picture, other)


def test_another_picture_and_the_same_in_other_colours_are_none():
    picture = a_picture(0)
    other_colours = Image.merge("RGB", picture.split()[::-1])
    for other in (a_picture(1), other_colours):
        assert not are_copies(picture, other)


def test_pictures_of_one_colour_have_nothing_to_be_compared_by():
    red = Image.new("RGB", (50, 50), (200, 10, 10))
    assert by_pixels(red, red) == by_edges(red, red) == 0


def test_other_things_laid_out_alike_are_no_copies_though_their_areas_of_colour_are():
    def shirt(seed: int) -> Image.Image:
        picture = Image.new("RGB", (320, 420), (150, 20, 90))
        draw, rng = ImageDraw.Draw(picture), np.random.default_rng(seed)
        draw.rectangle((60, 120, 260, 360), (235, 235, 235))
        for x, y in rng.integers((80, 150), (220, 320), (12, 2)).tolist():
            draw.rectangle((x, y, x + 25, y + 25), (60, 120, 90))
        return picture

    one, other = shirt(0), shirt(1)
    assert by_pixels(one, other) > 0.9
    assert by_edges(one, other) < ALIKE_BY_EDGES
    assert are_copies(one, one.crop((11, 14, 315, 413)).resize((160, 210)))
