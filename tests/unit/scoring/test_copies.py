"""Copies of a picture are told by its pixels, and from pictures that are only alike."""

import numpy as np
from PIL import Image, ImageEnhance

from nameplate.scoring.copies import SIDE, are_copies, comparable


def small(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))[None]


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
        assert are_copies(comparable(small(picture)), comparable(small(other))).all()


def test_another_picture_and_the_same_in_other_colours_are_none():
    picture = a_picture(0)
    other_colours = Image.merge("RGB", picture.split()[::-1])
    for other in (a_picture(1), other_colours):
        assert not are_copies(comparable(small(picture)), comparable(small(other))).any()


def test_pictures_of_one_colour_have_nothing_to_be_compared_by():
    red = comparable(small(Image.new("RGB", (50, 50), (200, 10, 10))))
    assert not are_copies(red, red).any()
