"""What a file will cost is known before it is decoded."""

import io
import os
import struct

import pytest
from PIL import Image

from bombs import BOMBS, chunk, jpeg, jpeg_of_scans, jpeg_with_segments, png
from heif.files import PICTURES
from nameplate.domain.errors import ImageError
from nameplate.imaging.cost import MOST_SCANS, count_scans, is_plain, jpeg_header
from nameplate.imaging.decode import decode


def header_of(data: bytes):
    return jpeg_header(io.BytesIO(data))


def written(tmp_path, data, name="a.jpg"):
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


@pytest.mark.parametrize(
    ("options", "has_scans", "samples"),
    [
        ({}, False, 1.5),
        ({"subsampling": 0}, False, 3),
        ({"progressive": True}, True, 1.5),
        ({"progressive": True, "subsampling": 1}, True, 2),
    ],
)
def test_the_header_of_a_jpeg_says_how_it_is_coded(options, has_scans, samples):
    header = header_of(jpeg(64, **options))
    assert (header.size, header.has_scans, header.samples) == ((64, 64), has_scans, samples)


def test_fill_bytes_and_metadata_before_the_picture_are_passed_over():
    whole = jpeg()
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0ab"
    header = header_of(whole[:2] + exif + b"\xff\xff\xff\xfe\0\4ok" + whole[2:])
    assert header.exif_segments == 1
    assert header.metadata == header_of(whole).metadata + 12 + 8
    assert header.size == (64, 64)


@pytest.mark.parametrize("end", [2, 3, 5, 20, 150])
def test_a_header_that_is_cut_is_none(end):
    assert header_of(jpeg()[:end]) is None


def test_a_header_without_end_is_given_up():
    assert header_of(jpeg_with_segments(0xFE, b"", 5000)) is None


def test_fill_bytes_without_end_are_given_up():
    assert header_of(jpeg()[:2] + b"\xff" * 100_000 + jpeg()[2:]) is None


def test_scans_are_counted_across_the_borders_of_blocks(tmp_path):
    data = jpeg_of_scans(7, side=64)
    before = data.count(b"\xff\xda")
    for shift in range(3):
        fill = b"\0" * ((1 << 20) - data.index(b"\xff\xda") - 2 + shift)
        assert count_scans(io.BytesIO(fill + data)) == before


def test_a_picture_of_a_camera_is_decoded_in_this_process(tmp_path):
    assert is_plain(written(tmp_path, jpeg(600)))
    assert is_plain(written(tmp_path, jpeg(600, progressive=True)))
    assert is_plain(written(tmp_path, png(4000, 3000), "a.png"))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_not(tmp_path, name):
    assert not is_plain(written(tmp_path, BOMBS[name](), name))


def test_a_png_of_very_many_or_very_large_chunks_is_not(tmp_path):
    for before in (20_000 * chunk(b"abCd", b""), 5 * chunk(b"abCd", bytes(1_000_000))):
        assert not is_plain(written(tmp_path, png(8, 8, before=before), "a.png"))
    assert is_plain(written(tmp_path, png(8, 8, before=chunk(b"abCd", bytes(9))), "b.png"))


def test_formats_that_few_people_have_are_not(tmp_path):
    for kind in ("TIFF", "BMP", "GIF", "PPM", "AVIF"):
        file = tmp_path / f"a.{kind.lower()}"
        Image.new("RGB", (8, 8)).save(file, kind)
        assert not is_plain(file)
    assert not is_plain(PICTURES / "red-60x40.heic")


def test_what_cannot_be_opened_is_left_to_the_decoder_to_name(tmp_path):
    assert is_plain(tmp_path / "missing.jpg")
    assert is_plain(tmp_path)
    assert is_plain(written(tmp_path, b""))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_pipe_or_a_link_to_a_device_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")
    for name in ("pipe.jpg", "endless.jpg"):
        assert is_plain(tmp_path / name)
        with pytest.raises(ImageError, match="no-regular-file"):
            decode(tmp_path / name)


def test_more_scans_than_any_encoder_makes_are_refused_with_their_number(tmp_path):
    file = written(tmp_path, jpeg_of_scans(MOST_SCANS, side=64))
    with pytest.raises(ImageError, match=r"too-many-passes \(passes=50\d") as caught:
        decode(file)
    assert caught.value.where == str(file)
    assert decode(written(tmp_path, jpeg_of_scans(100, side=64))).width == 64


def test_exif_in_very_many_pieces_is_refused(tmp_path):
    file = written(tmp_path, jpeg_with_segments(0xE1, b"Exif\0\0MM\0*", 101))
    with pytest.raises(ImageError, match=r"too-much-exif \(pieces=101"):
        decode(file)
