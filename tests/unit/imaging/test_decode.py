"""Decoding: the right picture from every kind of file, and a reason for every other."""

import errno
import io
import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from heif.files import coded, exif, turned_away
from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.imaging.decode import CUT_SHORT, decode
from nameplate.imaging.pictures import thumbnail

SIDES = (40, 24)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def quarters():
    """A picture that no turn or mirroring leaves as it is: red, green / blue, white."""
    picture = Image.new("RGB", SIDES, WHITE)
    for colour, corner in ((RED, (0, 0)), (GREEN, (20, 0)), (BLUE, (0, 12))):
        picture.paste(colour, (*corner, corner[0] + 20, corner[1] + 12))
    return picture


def saved(file, picture, **options):
    picture.save(file, **options)
    return file


def pixels(file):
    return np.asarray(decode(file).image).astype(np.int16)


def is_near(file, expected, tolerance=12):
    wanted = np.asarray(expected).astype(np.int16)
    # The median: lossy formats ring at the edges of the quarters.
    got = pixels(file)
    return got.shape == wanted.shape and np.median(np.abs(got - wanted)) <= tolerance


def reason(file):
    with pytest.raises(ImageError) as caught:
        decode(file)
    assert caught.value.where == str(file)
    return str(caught.value.reason)


FORMATS = ["jpg", "png", "webp", "gif", "bmp", "tif", "ppm", "tga", "heic", "avif"]


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_gives_the_picture(tmp_path, extension):
    file = tmp_path / f"a.{extension}"
    if extension == "heic":
        file.write_bytes(coded("turned-1"))
    else:
        saved(file, quarters())
    decoded = decode(file)
    assert decoded.image.mode == "RGB"
    assert (decoded.width, decoded.height) == SIDES
    assert decoded.note is None
    assert is_near(file, quarters())


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tif", "avif", "heic"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_turn_is_applied_in_every_format(tmp_path, extension, orientation):
    file = tmp_path / f"a.{extension}"
    if extension == "heic":
        file.write_bytes(coded(f"turned-{orientation}"))
    else:
        saved(file, turned_away(orientation), exif=exif(orientation).tobytes())
    assert is_near(file, quarters())
    decoded = decode(file, draft_side=4)
    assert (decoded.width, decoded.height) == SIDES
    assert decoded.image.width > decoded.image.height


def test_broken_exif_turns_nothing(tmp_path):
    for data in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"):
        file = saved(tmp_path / "a.jpg", quarters(), exif=data)
        assert is_near(file, quarters())
    assert is_near(saved(tmp_path / "b.jpg", quarters(), exif=exif(77)), quarters())


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LAB", "YCbCr", "RGBA", "LA", "RGBX"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    grey = quarters().convert("L")
    picture = {"1": grey.convert("1"), "L": grey, "LA": grey.convert("LA")}.get(mode)
    expected = quarters() if picture is None else picture.convert("RGB")
    if picture is None and mode == "LAB":
        picture = Image.new("LAB", SIDES, (255, 128, 128))  # L = 100%: white
        expected = Image.new("RGB", SIDES, WHITE)
    picture = picture or quarters().convert(mode)
    assert is_near(saved(tmp_path / "a.tif", picture), expected, tolerance=3)


def test_a_cmyk_jpeg_has_its_colours(tmp_path):
    assert is_near(saved(tmp_path / "a.jpg", quarters().convert("CMYK")), quarters())


def transparent(mode):
    """Left half opaque black, right half invisible, with black hidden below."""
    picture = Image.new("RGBA", SIDES, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 20, 24))
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "RGBA"), ("a.png", "LA"), ("a.webp", "RGBA"), ("a.tif", "RGBA"), ("a.avif", "RGBA")],
)
def test_what_is_transparent_is_white(tmp_path, name, mode):
    options = {"lossless": True} if name.endswith("webp") else {}
    got = pixels(saved(tmp_path / name, transparent(mode), **options))
    assert (got[:, :18] < 8).all()
    assert (got[:, 22:] > 247).all()


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "P"), ("a.png", "L"), ("a.png", "RGB"), ("a.gif", "P")]
)
def test_a_colour_marked_as_transparent_is_white(tmp_path, name, mode):
    marked = {"P": 1, "L": 77, "RGB": (77, 77, 77)}[mode]
    picture = Image.new(mode, SIDES, 0)
    if mode == "P":
        picture.putpalette([0, 0, 0, 200, 0, 0])
    picture.paste(marked, (20, 0, 40, 24))
    got = pixels(saved(tmp_path / name, picture, transparency=marked))
    assert (got[:, :20] == 0).all()
    assert (got[:, 20:] == 255).all()


def test_half_transparent_is_half_white(tmp_path):
    picture = Image.new("RGBA", SIDES, (0, 0, 0, 128))
    assert (abs(pixels(saved(tmp_path / "a.png", picture)) - 127) <= 1).all()


def test_sixteen_bits_are_scaled_by_their_range(tmp_path):
    ramp = np.linspace(0, 65535, 40, dtype=np.uint16)[None, :].repeat(24, axis=0)
    expected = np.rint(ramp / 257)[..., None].repeat(3, axis=2)
    for name in ("a.png", "a.tif"):
        assert (pixels(saved(tmp_path / name, Image.fromarray(ramp))) == expected).all()
    big_endian = tmp_path / "b.pgm"
    big_endian.write_bytes(b"P5 40 24 65535\n" + ramp.astype(">u2").tobytes())
    assert (abs(pixels(big_endian) - expected) <= 1).all()


def test_floats_are_scaled_from_smallest_to_largest(tmp_path):
    ramp = np.linspace(-3, 5, 40, dtype=np.float32)[None, :].repeat(24, axis=0).copy()
    ramp[0, 0] = np.nan
    got = pixels(saved(tmp_path / "a.tif", Image.fromarray(ramp)))
    assert (got[1, 0] == 0).all()
    assert (got[1, -1] == 255).all()
    assert (got[0, 0] == 0).all()


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.tif"])
def test_of_several_frames_the_first_is_taken(tmp_path, name):
    others = [Image.new("RGB", SIDES, (0, 0, 0)), Image.new("RGB", SIDES, (9, 9, 9))]
    file = saved(tmp_path / name, quarters(), save_all=True, append_images=others)
    assert is_near(file, quarters())


@pytest.mark.parametrize("size", [(800, 600), (600, 800), (1600, 20), (801, 599)])
@pytest.mark.parametrize("side", [1, 100, 160, 199, 200, 201, 400, 2000])
def test_what_shall_fit_is_decoded_as_small_as_has_enough_pixels(tmp_path, size, side):
    Image.new("RGB", size, "red").save(file := tmp_path / "a.jpg")
    longest = max(size)
    made = max(decode(file, fit_side=side).image.size)
    assert made >= min(side, longest)
    assert made <= max(2 * side + 2, longest // 8 + 1)  # sides are rounded up


def test_a_draft_keeps_both_sides_above_twice_what_is_wanted(tmp_path):
    file = saved(tmp_path / "a.jpg", quarters().resize((1600, 1000)))
    for side, expected in ((50, (200, 125)), (224, (800, 500)), (400, (1600, 1000))):
        decoded = decode(file, draft_side=side)
        assert decoded.image.size == expected
        assert (decoded.width, decoded.height) == (1600, 1000)
    png = saved(tmp_path / "a.png", quarters())
    assert decode(png, draft_side=1).image.size == SIDES


def test_a_thumbnail_fits_and_is_never_larger_than_the_picture(tmp_path):
    file = saved(tmp_path / "a.jpg", quarters().resize((1600, 960)))
    small = thumbnail(file, 100)
    assert small.image.size == (100, 60)
    assert (small.width, small.height) == (1600, 960)
    assert thumbnail(saved(tmp_path / "b.png", quarters()), 100).image.size == SIDES


def test_a_picture_of_one_pixel_can_be_read_and_shrunk(tmp_path):
    for name in ("a.png", "a.jpg"):
        file = saved(tmp_path / name, Image.new("RGB", (1, 1), RED))
        assert decode(file, draft_side=0).image.size == (1, 1)
        assert thumbnail(file, 1).image.size == (1, 1)


def test_the_original_is_not_changed(tmp_path):
    file = saved(tmp_path / "a.jpg", quarters())
    before, status = file.read_bytes(), file.stat()
    thumbnail(file, 8)
    assert file.read_bytes() == before
    assert file.stat().st_mtime_ns == status.st_mtime_ns


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is-empty"),
        (b"Dear diary,\nno picture.", "no-picture (kind=text)"),
        ("Grüße, 🐈".encode() * 300, "no-picture (kind=text)"),
        (b"%PDF-1.7 ...", "no-picture (kind=pdf)"),
        (b"PK\x03\x04zip", "no-picture (kind=zip)"),
        (b"<svg xmlns='...'/>", "no-picture (kind=svg)"),
        (b"<!DOCTYPE html><html>", "no-picture (kind=web-page)"),
        (b"\0\0\0\x18ftypmp42....", "no-picture (kind=video)"),
        (bytes(2000), "no-picture (kind=zeros)"),
        (bytes(range(128, 256)) * 8, "no-picture-of-ours"),
        (b"%!PS-Adobe-3.0 EPSF", "no-picture (kind=postscript)"),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tga"])
def test_what_is_no_picture_says_what_it_is(tmp_path, name, content, expected):
    file = tmp_path / name
    file.write_bytes(content)
    assert reason(file) == expected


def test_a_picture_with_a_wrong_extension_is_read(tmp_path):
    file = saved(tmp_path / "a.png", quarters(), format="JPEG")
    assert is_near(file, quarters())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and names of POSIX")
def test_pipes_folders_and_vanished_files_have_reasons(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert reason(tmp_path / "pipe.png") == "no-regular-file"
    assert reason(tmp_path) == "is-folder"
    assert reason(tmp_path / "gone.png") == "unreadable-picture (reason=has-vanished)"
    assert reason(Path("a\0b")) == "no-path"
    odd = saved(tmp_path / os.fsdecode(b"\xff\n.png"), quarters())
    assert decode(odd).width == SIDES[0]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EACCES, "unreadable-picture (reason=no-permission-to-open)"),
        (errno.ENOENT, "unreadable-picture (reason=has-vanished)"),
        (errno.EIO, "unreadable-picture (reason=disk-failed)"),
    ],
)
def test_what_the_system_refuses_has_a_reason(tmp_path, monkeypatch, number, expected):
    file = saved(tmp_path / "a.png", quarters())

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("nameplate.imaging.decode.open_regular", refuse)
    assert reason(file) == expected


def test_a_disk_that_fails_while_pixels_are_read_is_not_a_damaged_picture(tmp_path, monkeypatch):
    file = saved(tmp_path / "a.bmp", quarters())

    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > 50:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(40 if size is None or size > 40 else size)

    failing = Failing(file.read_bytes())
    monkeypatch.setattr("nameplate.imaging.decode.open_regular", lambda *_: failing)
    assert reason(file) == "unreadable-picture (reason=disk-failed)"


def huge_png(file, side):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return file


def test_a_picture_that_is_far_too_large_is_refused_at_once(tmp_path):
    file = huge_png(tmp_path / "a.png", 30_000)
    expected = "too-many-pixels (width=30000, height=30000, most=400000000)"
    assert reason(file) == expected
    with pytest.raises(ImageError, match="too-many-pixels"):
        thumbnail(file, 10)


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (15_000, "too-little-memory"),  # where Pillow would warn
        (21_000, "more-pixels-than-most"),  # where Pillow makes it an error
        (60_000, "more-pixels-than-most"),
    ],
)
def test_sizes_that_only_pillow_finds_out_are_refused_too(tmp_path, monkeypatch, side, expected):
    monkeypatch.setattr("nameplate.system.memory._free", lambda: 5e8)
    file = saved(tmp_path / "a.tga", quarters())
    data = bytearray(file.read_bytes())
    data[12:16] = struct.pack("<HH", side, side)
    file.write_bytes(data)
    assert expected in reason(file)


def test_a_picture_that_needs_more_memory_than_is_free_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("nameplate.system.memory._free", lambda: 100e6)
    file = huge_png(tmp_path / "a.png", 9_000)
    expected = "too-little-memory (width=9000, height=9000, need="
    assert reason(file).startswith(expected)


def test_running_out_of_memory_is_a_reason(tmp_path, monkeypatch):
    file = saved(tmp_path / "a.png", quarters())

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr("nameplate.imaging.decode.to_rgb", fail)
    assert reason(file) == "picture-needs-memory"


def test_several_threads_decode_at_once_and_each_gets_its_own(tmp_path):
    whole = saved(tmp_path / "a.jpg", quarters().resize((400, 240)))
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:-900])
    with ThreadPoolExecutor(4) as pool:
        notes = list(pool.map(lambda file: decode(file).note, [whole, cut] * 20))
    assert notes == [None, CUT_SHORT] * 20


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"P1\n3 3\n0 1", "PBM"),
        (b"P4 8 8\n", "PBM"),
        (b"P2\n# by hand\n4 4\n255\nx", "PGM"),
        (b"P5\n4 x\n255\n", "PGM"),
        (b"P3\n4 4\n255\nx", "PPM"),
        (b"P6\n0 0\n255\n", "PPM"),
    ],
)
def test_a_broken_portable_map_is_called_one(tmp_path, content, kind):
    (tmp_path / "a.ppm").write_bytes(content)
    with pytest.raises(ImageError) as caught:
        decode(tmp_path / "a.ppm")
    assert caught.value.reason == Message("damaged-picture", {"kind": kind})


def test_a_text_that_begins_like_a_portable_map_is_a_text(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"P5 is the fifth page, P6the sixth.")
    with pytest.raises(ImageError, match=r"no-picture \(kind=text\)"):
        decode(tmp_path / "a.jpg")
