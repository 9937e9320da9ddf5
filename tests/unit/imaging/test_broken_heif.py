"""A HEIC decoder that cannot be loaded costs HEIC alone, and the program says so."""

import csv
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from heif.files import PICTURES

FAILURES = ("raise ImportError('DLL load failed')", "raise OSError('libheif.so.1: no such file')")


@pytest.fixture(params=FAILURES)
def nameplate(request, tmp_path):
    """A way to run Nameplate where importing the decoder fails."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pi_heif.py").write_text(request.param)
    path = os.pathsep.join([str(broken), os.environ.get("PYTHONPATH", "")])

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "nameplate", *map(str, words)],
            env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_other_pictures_are_labelled_and_heic_says_why_it_is_not(nameplate, tiny_model, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(PICTURES / "own-300x200.heic", folder / "a.heic")
    for ending in ("jpg", "avif", "bmp", "ppm"):
        Image.new("RGB", (40, 40), (200, 0, 0)).save(folder / f"b.{ending}")
    table = tmp_path / "labels.csv"
    concepts = ["--concept", "red", "--concept", "blue"]
    done = nameplate("label", folder, *concepts, "--csv", table, "--model", tiny_model)

    assert done.returncode == 1, done.stderr
    assert "HEIC, and its decoder can't load here" in done.stderr
    with table.open(newline="") as stream:
        rows = {row["path"]: row for row in csv.DictReader(stream)}
    assert [row["label"] != "" for row in rows.values()] == [False, True, True, True, True]
    assert rows["a.heic"]["error"]


def test_doctor_names_the_broken_decoder(nameplate, tiny_model):
    done = nameplate("doctor", "--model", tiny_model)

    assert done.returncode == 3
    assert "PROBLEM  HEIC pictures can't be read: their decoder can't load (" in done.stdout
    assert "providers running" in done.stdout  # all else is looked at
