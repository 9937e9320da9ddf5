import os
import shutil
import sys
from pathlib import Path

import pytest

from nameplate.inference.runtime.cards import Card, nvidia_cards

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="the driver is a shell script")


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Puts an `nvidia-smi` of our own onto the path: a shell script."""

    def write(script):
        tool = tmp_path / "nvidia-smi"
        tool.write_text("#!/bin/sh\n" + script)
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return write


def test_no_driver_means_no_card(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_cards() == ()


@on_posix
def test_a_program_in_the_current_folder_is_not_run(driver, tmp_path, monkeypatch):
    driver("echo 'Mine, 1.0, 1'")
    assert nvidia_cards()
    monkeypatch.chdir(tmp_path)
    for path in ("", ".", os.pathsep):  # Windows looks there whatever PATH says
        monkeypatch.setenv("PATH", path)
        monkeypatch.setattr(shutil, "which", found_as_on_windows)
        assert nvidia_cards() == ()


def found_as_on_windows(name, *_, **__):
    return name if Path(name).exists() else None


@on_posix
def test_each_card_is_listed_with_its_free_memory(driver):
    driver("echo 'NVIDIA GeForce RTX 4070, 550.54.14, 11264'\necho 'Tesla, T4, 550.1, 15000'")

    assert nvidia_cards() == (
        Card("NVIDIA GeForce RTX 4070", "550.54.14", 11264 << 20),
        Card("Tesla, T4", "550.1", 15000 << 20),
    )


@pytest.mark.parametrize(
    "script",
    [
        "echo 'No devices were found'; exit 6",
        "echo 'Failed to initialize NVML'",
        "echo 'NVIDIA, 550.1, [N/A]'",
        "printf '\\377\\376, a, b\\n'",
        "exit 0",
    ],
)
def test_an_answer_that_makes_no_sense_means_no_card(driver, script):
    driver(script)
    assert nvidia_cards() == ()


def test_a_driver_that_does_not_answer_is_not_waited_for(driver, monkeypatch):
    monkeypatch.setattr("nameplate.inference.runtime.cards._SECONDS", 0.2)
    driver("while :; do :; done")
    assert nvidia_cards() == ()
