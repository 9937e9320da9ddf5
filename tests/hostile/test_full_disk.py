"""`label --out` on a real disk that is full: what fits is kept, and the next runs go on with it."""

import subprocess
import sys

import pytest
from PIL import Image

from hostile.folders import NAMES
from hostile.measuring import run_program

parquet = pytest.importorskip("pyarrow.parquet")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk")

PICTURES, SHARD_SIZE, STEP = 40, 5, 12


def resize(disk, kilobytes, *options):
    command = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={kilobytes}k"]), "t", disk]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if not resize(folder, STEP):
        pytest.skip("nothing may be mounted")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_loses_nothing(workers, table, disk, tmp_path, tiny_model):
    row = table(f"label --out on a full disk, {workers} processes")
    pictures, out = tmp_path / "pictures", disk / "out"
    pictures.mkdir()
    for number in range(PICTURES):
        Image.new("RGB", (40 + number, 40), ("red", "blue")[number % 2]).save(
            pictures / f"{number:02}.png"
        )
    command = ("label", pictures, "--out", out, "--workers", workers, "--model", tiny_model)
    kept, code, size = set(), None, STEP
    while code != 0 and size < 100 * STEP:
        done = run_program(*command, "--shard-size", SHARD_SIZE, *NAMES)
        code, there = done.code, set(out.rglob("*.parquet"))
        problem = done.unless(0, 2)
        if code and "disk full" not in done.error:
            problem = problem or f"said {done.error[-300:]}"
        if kept - there or list(out.rglob(".nameplate-*")):
            problem = "what was done is gone, or something stayed behind"
        row.note(f"{size} KB", done.seconds, done.megabytes, problem)
        kept, size = there, size + STEP
        resize(disk, size, "remount")
    rows = [
        row for file in (out / "labels").glob("*") for row in parquet.read_table(file).to_pylist()
    ]
    assert sorted(row["path"] for row in rows) == [f"{n:02}.png" for n in range(PICTURES)]
