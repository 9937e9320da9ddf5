"""Damaged files: as much of the picture as there is, with a note, or a reason; nothing else."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from heif.files import coded
from nameplate.domain.errors import ImageError
from nameplate.imaging.decode import CUT_SHORT, DAMAGED, DecodedImage, decode
from nameplate.imaging.pictures import picture

SIDES: Final = (32, 24)


def noise(sides=SIDES):
    random = np.random.default_rng(7).integers(0, 256, (*sides[::-1], 3), dtype=np.uint8)
    return Image.fromarray(random)


def encoded(kind, sides=SIDES, **options):
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 1
    exif[0x010E] = "description"
    picture = noise(sides).convert("P") if kind == "GIF" else noise(sides)
    if kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        options["exif"] = exif
    if kind == "GIF":
        options["interlace"] = False
    picture.save(stream, kind, **options)
    return stream.getvalue()


SAMPLES: Final = {
    "jpeg": encoded("JPEG"),
    "progressive": encoded("JPEG", progressive=True),
    "cmyk": encoded("JPEG", quality=50),
    "png": encoded("PNG"),
    "webp": encoded("WEBP"),
    "lossless": encoded("WEBP", lossless=True),
    "gif": encoded("GIF"),
    "tiff": encoded("TIFF"),
    "deflate": encoded("TIFF", compression="tiff_adobe_deflate"),
    "bmp": encoded("BMP"),
    "ppm": encoded("PPM"),
    "avif": encoded("AVIF"),
    "heif": coded("noise-32x24"),
}


def decode_bytes(data, read=decode):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.tga"
        file.write_bytes(data)
        try:
            return read(file)
        except ImageError as error:
            assert error.reason  # noqa: PT017 - both outcomes are right
            return error


def whole(kind):
    decoded = decode_bytes(SAMPLES[kind])
    assert isinstance(decoded, DecodedImage)
    assert decoded.note is None
    return decoded.image.tobytes()


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_picture_cut_anywhere_is_noted_or_refused_or_whole(kind):
    data, expected = SAMPLES[kind], whole(kind)
    for end in range(1, len(data), max(1, len(data) // 60)):
        decoded = decode_bytes(data[:end])
        if isinstance(decoded, ImageError):
            continue
        assert decoded.image.size == SIDES
        assert decoded.note in (CUT_SHORT, DAMAGED, None)
        if not decoded.note:
            assert decoded.image.tobytes() == expected, f"half a picture at {end} without a note"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "PPM"])
def test_of_a_picture_cut_at_two_thirds_the_first_half_is_kept(kind):
    data = encoded(kind, (160, 120))
    full, cut = decode_bytes(data), decode_bytes(data[: len(data) * 2 // 3])
    assert isinstance(full, DecodedImage)
    assert isinstance(cut, DecodedImage)
    assert cut.note == CUT_SHORT
    half = 160 * 60 * 3
    assert cut.image.tobytes()[:half] == full.image.tobytes()[:half]
    assert cut.image.crop((0, 116, 160, 120)).getcolors(2) is not None  # blank


def test_a_progressive_picture_that_is_cut_is_coarse_but_whole():
    data = encoded("JPEG", (160, 120), progressive=True)
    cut = decode_bytes(data[: len(data) * 2 // 3])
    assert isinstance(cut, DecodedImage)
    assert cut.note == CUT_SHORT
    assert cut.image.crop((0, 100, 160, 120)).getcolors(100) is None


def test_a_cut_jpeg_keeps_its_size_and_note_as_a_draft():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.jpg"
        data = encoded("JPEG", (800, 600))
        file.write_bytes(data[: len(data) // 2])
        cut = decode(file, draft_side=100)
    assert (cut.width, cut.height, cut.image.size) == (800, 600, (400, 300))
    assert cut.note == CUT_SHORT


def test_damage_in_the_middle_of_a_png_is_noted():
    data = bytearray(encoded("PNG", (160, 120)))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    damaged = decode_bytes(bytes(data))
    assert isinstance(damaged, DecodedImage)
    assert damaged.note == DAMAGED


def test_a_picture_of_which_nothing_is_left_is_refused():
    starts = {"jpeg": b"\xff\xda", "gif": b",\0\0\0\0", "png": b"IDAT"}
    for kind, start in starts.items():
        error = decode_bytes(SAMPLES[kind][: SAMPLES[kind].index(start) + 4])
        assert isinstance(error, ImageError), kind
        assert error.reason.code in ("damaged-picture", "damaged-avif")
    error = decode_bytes(SAMPLES["bmp"][:54])
    assert isinstance(error, ImageError)


@given(
    kind=st.sampled_from(sorted(SAMPLES)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6),
    end=st.none() | st.floats(0, 1),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_bytes_are_it_is_a_picture_or_a_reason(kind, edits, end):
    data = bytearray(SAMPLES[kind])
    for place, patch in edits:
        at = int(place * (len(data) - 1))
        data[at : at + len(patch)] = patch
    data = data if end is None else data[: int(end * len(data))]
    # As the program reads it: where a decoder of a rare format crashes, a child process does.
    decoded = decode_bytes(bytes(data), lambda file: picture(file, 64))
    if isinstance(decoded, DecodedImage):
        assert decoded.image.mode == "RGB"
        assert decoded.width > 0


@given(st.binary(max_size=200))
def test_bytes_by_chance_are_a_picture_or_a_reason(data):
    assert decode_bytes(data) is not None


def test_damaged_files_give_no_warning_in_the_program(tmp_path):
    """In a process of its own: there the module's filters hold, and not those of pytest."""
    file = tmp_path / "a.jpg"
    noise().save(file, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    with pytest.warns(UserWarning, match="Corrupt EXIF"), Image.open(file) as plain:
        plain.getexif()
    code = """
import pathlib, sys
from nameplate.imaging.decode import decode
print(decode(pathlib.Path(sys.argv[1])).image.size)
"""
    command = [sys.executable, "-W", "always", "-c", code, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == (f"{SIDES}\n", "")


def _with_claimed_sides(data, sides):
    at = next(i for i in (data.find(b"\xff\xc0"), data.find(b"\xff\xc2")) if i > 0) + 5
    return data[:at] + sides[1].to_bytes(2) + sides[0].to_bytes(2) + data[at + 4 :]


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
@pytest.mark.parametrize("draft_side", [None, 100])
def test_a_jpeg_that_ends_long_before_its_size_is_noted(tmp_path, options, draft_side):
    file = tmp_path / "a.jpg"
    small = encoded("JPEG", (40, 30), **options)
    file.write_bytes(_with_claimed_sides(small, (3000, 3000)))
    assert decode(file, draft_side=draft_side).note == CUT_SHORT


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_the_smallest_whole_jpeg_is_not_called_cut_short(tmp_path, mode, options):
    file = tmp_path / "a.jpg"
    Image.new(mode, (2000, 2000)).save(file, quality=1, optimize=True, **options)
    assert decode(file).note is None
