"""The grid's pictures: from the thumbnail inside a HEIC where it shows the same, and only there."""

import random

import numpy as np
import pytest
from PIL import Image

from heif.files import INNER, OWN, Item, box, heif, mirrored, quarters, turned
from nameplate.domain.errors import ImageError
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.imaging.thumbnails import make_thumbnail
from nameplate.inference.specs import ImageSpec
from nameplate.pipeline.reading.prefetch import read_pixels
from nameplate.system.memory import room_for

PICTURE, THUMBNAIL = Item("own-640x480"), Item("inner-320x240")
TURNS = {
    (): None,
    (turned(1),): Image.Transpose.ROTATE_90,
    (turned(2),): Image.Transpose.ROTATE_180,
    (turned(3),): Image.Transpose.ROTATE_270,
    (mirrored(0),): Image.Transpose.FLIP_TOP_BOTTOM,
    (mirrored(1),): Image.Transpose.FLIP_LEFT_RIGHT,
    (turned(1), mirrored(0)): Image.Transpose.TRANSPOSE,
    (turned(1), mirrored(1)): Image.Transpose.TRANSVERSE,
}
"""What undoes each way in which a camera can be held, by the boxes in the file."""


def written(tmp_path, data):
    file = tmp_path / "phone.heic"
    file.write_bytes(data)
    return file


def made(tmp_path, data, side=256):
    return make_thumbnail(written(tmp_path, data), side, room_for)


def shows(image, colours, turn=None):
    expected = quarters((16, 12), colours)
    expected = expected if turn is None else expected.transpose(turn)
    # The middle of each quarter: the edges between them are soft.
    got = image.resize(expected.size, Image.Resampling.BOX)
    difference = np.abs(np.asarray(got).astype(int) - np.asarray(expected))
    return np.median(difference) <= 3 and np.mean(difference) < 12


@pytest.mark.parametrize(("changes", "turn"), TURNS.items())
def test_the_inner_thumbnail_is_shown_upright_with_the_size_of_the_picture(tmp_path, changes, turn):
    data = heif(Item(PICTURE.name, changes), Item(THUMBNAIL.name, changes))
    thumbnail = made(tmp_path, data)
    picture = pictures.picture(written(tmp_path, data), 256)
    assert shows(thumbnail.image, INNER, turn)
    assert shows(picture.image, OWN, turn)
    assert thumbnail.image.size == picture.image.size
    assert {thumbnail.width, thumbnail.height} == {640, 480}
    assert (thumbnail.width, thumbnail.height) == (picture.width, picture.height)


def test_a_file_of_two_pictures_shows_the_first_in_any_size(tmp_path):
    file = written(tmp_path, heif(PICTURE, Item("inner-512x384")).replace(b"thmb", b"skip"))
    for shown in (pictures.picture(file, 256), pictures.thumbnail(file, 256)):
        assert shown.image.size == (256, 192)
        assert shows(shown.image, OWN)
    assert pictures.picture(file, 640).image.size == (640, 480)


def test_numbers_of_items_may_take_four_bytes(tmp_path):
    assert shows(made(tmp_path, heif(PICTURE, THUMBNAIL, is_wide=True)).image, INNER)


@pytest.mark.parametrize(("side", "colours"), [(128, INNER), (320, INNER), (321, OWN), (512, OWN)])
def test_a_thumbnail_is_used_where_it_has_the_size_and_is_never_enlarged(tmp_path, side, colours):
    thumbnail = made(tmp_path, heif(PICTURE, THUMBNAIL), side)
    assert shows(thumbnail.image, colours)
    assert max(thumbnail.image.size) == side


def test_the_smallest_that_is_large_enough_is_used(tmp_path):
    coded = Item("inner-512x384").data
    garbage = Item("inner-512x384", coded=coded[:40] + bytes(len(coded) - 40))  # no error, though
    data = heif(PICTURE, garbage, Item("inner-160x120"), THUMBNAIL)
    for side in (160, 320):
        thumbnail = made(tmp_path, data, side)
        assert shows(thumbnail.image, INNER)
        assert max(thumbnail.image.size) == side


DATA = THUMBNAIL.data
NOT_USED = {
    "has another shape": (PICTURE, Item("bars-320x212")),
    "is as large as the picture": (Item("inner-512x384"), PICTURE),
    "is turned otherwise": (PICTURE, Item(THUMBNAIL.name, (turned(2),))),
    "is not turned": (Item(PICTURE.name, (turned(2),)), THUMBNAIL),
    "is mirrored otherwise": (PICTURE, Item(THUMBNAIL.name, (mirrored(1),))),
    "has fewer pixels than the file says": (PICTURE, Item("inner-160x120", size=(320, 240))),
    "has another shape than the file says": (PICTURE, Item("bars-320x212", size=(320, 240))),
    "has more pixels than the file says": (PICTURE, Item("inner-512x384", size=(320, 240))),
    "is cut short": (PICTURE, Item(THUMBNAIL.name, coded=DATA[: len(DATA) // 2])),
    "empty file": (PICTURE, Item(THUMBNAIL.name, coded=b"")),
    "is full of zeros": (PICTURE, Item(THUMBNAIL.name, coded=bytes(len(DATA)))),
    "is of an unknown kind": (PICTURE, Item(THUMBNAIL.name, coded=b"\xff\xd8\xff" + DATA)),
}


@pytest.mark.parametrize("what", NOT_USED)
def test_an_inner_thumbnail_is_not_used_that(tmp_path, what):
    picture, thumbnail = NOT_USED[what]
    data = heif(picture, thumbnail)
    shown = made(tmp_path, data).image
    expected = pictures.picture(written(tmp_path, data), 256).image
    assert shown.size == expected.size
    assert shown.tobytes() == expected.tobytes()


def test_a_thumbnail_of_a_cropped_picture_is_not_used(tmp_path):
    # The middle, in the same shape.
    numbers = (480, 1, 360, 1, 0, 1, 0, 1)
    middle = box(b"clap", *(number.to_bytes(4) for number in numbers))
    thumbnail = made(tmp_path, heif(Item(PICTURE.name, (middle,)), THUMBNAIL), 128)
    assert (thumbnail.width, thumbnail.height) == (480, 360)
    assert shows(thumbnail.image, OWN)


def test_a_very_large_file_is_not_searched(tmp_path):
    data = heif(PICTURE, THUMBNAIL)
    assert shows(made(tmp_path, data + box(b"free", bytes(1_000_000))).image, INNER)
    assert shows(made(tmp_path, data + box(b"free", bytes(32_000_000))).image, OWN)


def test_one_bad_thumbnail_does_not_keep_a_good_one_from_being_used(tmp_path):
    bad = Item(THUMBNAIL.name, coded=DATA[:200])
    assert shows(made(tmp_path, heif(PICTURE, bad, Item("inner-512x384"))).image, INNER)


def test_a_file_whose_structure_is_damaged_is_read_or_refused(tmp_path):
    whole, chance = heif(PICTURE, THUMBNAIL), random.Random(3)
    structure = whole.index(b"mdat")
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(8, structure)] = chance.randrange(256)
        try:
            thumbnail = made(tmp_path, bytes(data))
        except ImageError as error:
            assert error.reason  # noqa: PT017 - both outcomes are right
        else:
            assert max(thumbnail.image.size) <= 256


def test_the_grid_gets_the_inner_thumbnail_and_a_close_look_the_picture(tmp_path):
    file = written(tmp_path, heif(PICTURE, THUMBNAIL))
    with ThumbnailCache(tmp_path / "cache", clock=lambda: 0.0) as cache:
        assert shows(cache.thumbnail(file, 256), INNER)
        assert shows(cache.thumbnail(file, 256), INNER)
    assert shows(pictures.thumbnail(file, 256).image, INNER)
    for side in (128, 256, 1600):
        assert shows(pictures.picture(file, side).image, OWN)


@pytest.mark.parametrize("size", [32, 224])
def test_the_model_sees_the_picture_and_never_the_inner_thumbnail(tmp_path, size):
    spec = ImageSpec("", size, "squash", False, "bicubic", (0, 0, 0), (1, 1, 1))
    with_it, _ = read_pixels(written(tmp_path, heif(PICTURE, THUMBNAIL)), spec)
    without, _ = read_pixels(written(tmp_path, heif(PICTURE)), spec)
    assert np.array_equal(with_it, without)
    seen = Image.fromarray((255 * with_it.transpose(1, 2, 0)).round().astype(np.uint8))
    assert shows(seen.resize((640, 480)), OWN)
