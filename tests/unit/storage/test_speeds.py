import json

import pytest

from nameplate.storage import speeds
from nameplate.storage.speeds import MIN_IMAGES, measured_speeds, record_speed, speeds_path


def test_nothing_was_measured_at_first():
    assert measured_speeds() == {}


def test_the_last_speed_of_each_model_and_device_is_remembered():
    record_speed("starter", "cpu", images=100, seconds=4)
    record_speed("other", "cpu", images=100, seconds=50)
    record_speed("starter", "cuda", images=1000, seconds=2)
    record_speed("starter", "cpu", images=100, seconds=2)

    assert measured_speeds() == {
        ("starter", "cpu"): 50,
        ("other", "cpu"): 2,
        ("starter", "cuda"): 500,
    }


def test_a_few_images_say_nothing_of_speed():
    record_speed("starter", "cpu", images=MIN_IMAGES - 1, seconds=1)
    record_speed("starter", "cpu", images=MIN_IMAGES, seconds=0)

    assert measured_speeds() == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"{}",
        b"[" * 90_000,
        b'[["starter", "cpu", 50.0]]' + b" " * 100_001,
        b"\xff\xfe",
        b'["text", 1, null, {}, [], ["a"], ["a", "cpu", "fast"], ["a", "cpu", true], [1, 2, 3]]',
        b'[["a", "cpu", -1], ["a", "cpu", 0], ["a", "cpu", NaN], ["a", "cpu", 1e999]]',
        json.dumps([["x" * 201, "cpu", 5], ["x", "y" * 201, 5], ["x", "y", 1e7]]).encode(),
    ],
)
def test_a_file_that_makes_no_sense_says_nothing_and_is_replaced(content):
    speeds_path().parent.mkdir(parents=True)
    speeds_path().write_bytes(content)

    assert measured_speeds() == {}
    record_speed("starter", "cpu", images=100, seconds=2)
    assert measured_speeds() == {("starter", "cpu"): 50}


def test_the_file_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(speeds, "MOST", 3)
    for number in range(5):
        record_speed(f"model{number}", "cpu", images=100, seconds=2)

    assert [model for model, _ in measured_speeds()] == ["model2", "model3", "model4"]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(speeds, "own_folder", lambda _where: tmp_path / "file" / "nameplate")

    record_speed("starter", "cpu", images=100, seconds=2)

    assert measured_speeds() == {}
