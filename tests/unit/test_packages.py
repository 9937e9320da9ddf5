"""Packages for Linux and macOS, as far as it can be told without making them."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what they say on Linux")


@pytest.mark.parametrize("words", [[], ["--unsigned"], ["--nonsense"]])
def test_a_disk_image_is_made_on_a_mac(words):
    assert refusal("macos/make_dmg.sh", *words) == "make_dmg: a disk image is made on macOS.\n"


def test_what_is_built_for_older_systems_must_be_said():
    assert refusal("linux/oldest.sh") == "oldest: name a command, such as: make bundle\n"


def test_a_deb_asks_for_what_is_left_to_the_system(monkeypatch):
    monkeypatch.syspath_prepend(PACKAGING)
    monkeypatch.syspath_prepend(PACKAGING / "linux")
    contents, libraries = importlib.import_module("contents"), importlib.import_module("libraries")
    for name in ("contents", "libraries"):  # others have modules of these names
        sys.modules.pop(name)

    asked = libraries.Needed(tuple(sorted(contents.LEFT_TO_LINUX)), "2.35").deb()
    assert asked[:4] == ["libc6 (>= 2.35)", "libexpat1", "libgcc-s1", "libstdc++6"]


def refusal(script, *words):
    done = subprocess.run([PACKAGING / script, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr
