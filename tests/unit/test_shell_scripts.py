"""The scripts that make packages: what they cannot do here they say in a line."""

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


def refusal(script, *words):
    done = subprocess.run([PACKAGING / script, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr
