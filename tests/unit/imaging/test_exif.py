"""What a camera wrote is read as it stands, and unknown where it is nothing sensible."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from heif.files import PICTURES
from nameplate.imaging.exif import LONGEST_CAMERA, UNKNOWN, Exif, camera_name, read_exif, read_time

ABOUT_1970 = (dt.datetime(1970, 1, 1) - dt.datetime.min) // dt.timedelta(milliseconds=1)
EXIF, ORIGINAL, FRACTION = 0x8769, 0x9003, 0x9291


def taken_at(path):
    return read_exif(path).taken


def written(path, **tags):
    exif = Image.Exif()
    exif.get_ifd(EXIF).update({globals()[name]: value for name, value in tags.items()})
    Image.new("RGB", (20, 10)).save(path, exif=exif)
    return path


def test_the_time_is_that_of_the_camera_with_its_fraction(tmp_path):
    path = written(tmp_path / "a.jpg", ORIGINAL="1970:01:02 00:00:01", FRACTION="25")
    assert taken_at(path) == ABOUT_1970 + 86_401_250
    data, more = path.read_bytes(), b"\xff\xef" + (60_000).to_bytes(2) + bytes(59_998)
    path.write_bytes(data[:2] + 70 * more + data[2:])  # read in a child process
    assert taken_at(path) == ABOUT_1970 + 86_401_250


def test_a_picture_from_before_1970_has_its_time(tmp_path):
    path = written(tmp_path / "a.jpg", ORIGINAL="1969:12:31 23:59:59", FRACTION="999")
    assert taken_at(path) == ABOUT_1970 - 1


def test_tiff_avif_and_heic_say_it_too(tmp_path):
    said = {ORIGINAL: "1970:01:02 00:00:01", FRACTION: "25"}
    of_tiff, exif = ImageFileDirectory_v2(), Image.Exif()
    of_tiff[EXIF] = exif[EXIF] = said
    picture, files = Image.new("RGB", (20, 10)), [tmp_path / "a.tif", tmp_path / "a.avif"]
    picture.save(files[0], tiffinfo=of_tiff)
    picture.save(files[1], exif=exif)
    files.append(PICTURES / "taken-32x24.heic")
    assert [taken_at(file) for file in files] == [ABOUT_1970 + 86_401_250] * 3


def test_without_a_fraction_it_is_the_whole_second(tmp_path):
    assert (
        taken_at(written(tmp_path / "a.jpg", ORIGINAL="1970:01:01 00:01:00")) == ABOUT_1970 + 60_000
    )


def test_a_file_that_does_not_say_or_is_none_has_no_time(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    Image.new("RGB", (20, 10)).save(tmp_path / "plain.gif")
    files = [written(tmp_path / "a.jpg"), tmp_path / "text.jpg", tmp_path / "plain.gif", tmp_path]
    assert [taken_at(file) for file in [*files, tmp_path / "nothing.jpg"]] == [UNKNOWN] * 5


@pytest.mark.parametrize(
    "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:02:30 10:00:00", "2024-05-01", 5]
)
def test_a_clock_that_was_never_set_says_nothing(text):
    assert read_time(text) == UNKNOWN


@given(st.one_of(st.text(), st.binary(), st.integers(), st.from_regex(r"\d{4}(:\d\d){2} .*")))
def test_whatever_stands_there_gives_a_time_or_none(value):
    assert read_time(value, value) >= UNKNOWN


def said_by_camera(path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "FUJIFILM\0", "X100V"
    exif.get_ifd(EXIF)[ORIGINAL] = "1970:01:01 00:01:00"
    Image.new("RGB", (20, 10)).save(path, exif=exif)
    return path


def test_the_camera_is_said_here_and_in_a_child_process(tmp_path):
    path = said_by_camera(tmp_path / "a.jpg")
    data, more = path.read_bytes(), b"\xff\xef" + (60_000).to_bytes(2) + bytes(59_998)
    for content in (data, data[:2] + 70 * more + data[2:]):  # the second in a child process
        path.write_bytes(content)
        assert read_exif(path) == Exif(ABOUT_1970 + 60_000, "FUJIFILM X100V")


@pytest.mark.parametrize(
    ("maker", "model", "name"),
    [
        ("FUJIFILM", "X100V", "FUJIFILM X100V"),
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("OLYMPUS IMAGING CORP.", "E-M5", "OLYMPUS E-M5"),
        ("EASTMAN KODAK COMPANY", "KODAK DC290", "KODAK DC290"),
        ("Minolta Co., Ltd.", "DiMAGE 7", "Minolta DiMAGE 7"),
        ("LEICA CAMERA AG", "LEICA Q2", "LEICA Q2"),
        ("Phase One", "P45", "Phase One P45"),
        ("Apple", "", "Apple"),
        ("", "iPhone 13", "iPhone 13"),
        ("  A\0\0\n", "\x1b[2JB\u202e\u200b ", "A [2JB"),
        (b"FUJIFILM", 5, ""),
        (None, None, ""),
    ],
)
def test_a_camera_is_called_by_its_maker_once_and_its_model(maker, model, name):
    assert camera_name(maker, model) == name


def test_a_name_of_ten_thousand_letters_is_cut():
    assert len(camera_name("x" * 10_000, "y" * 10_000)) == LONGEST_CAMERA
