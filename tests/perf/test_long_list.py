"""What the list of very many images takes, in processor time and memory.

pytest -s tests/perf/test_long_list.py

NAMEPLATE_PERF_NAMES says how many names (default: 1,000,000; 10,000,000 take a minute). Names are
generated, and one file in fifty of them is made, for what is found in folders and named by a list.
"""

import json
import os
import subprocess
import sys

import pytest

from perf.measuring import Report
from shard_runs import load

pytestmark = pytest.mark.perf

COUNT = int(os.environ.get("NAMEPLATE_PERF_NAMES", "1000000"))
FILES = COUNT // 50
SHARD_SIZES = (2000, 200)

SCRIPT = """
import json, re, sys, time
from pathlib import Path
from nameplate.domain.progress import CancelToken
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.shards.image_list import ListedImage, digest_of_list, read_list, write_list
from nameplate.formats.shards.manifest import Manifest
from nameplate.features.runs.inputs import list_images, listed_inputs, root_of_inputs
from nameplate.features.runs.places import places_of
kind, given, out, count, size = sys.argv[1], sys.argv[2], Path(sys.argv[3]), *map(int, sys.argv[4:])
require_pyarrow(out)
began = time.process_time()
if kind == "names":
    images = (ListedImage(f"{k // 1000:05}/IMG_{k * 7919 % count:08}.jpg") for k in range(count))
    write_list(out, images, size)
elif kind == "check":
    manifest = Manifest((), "", count, size, digest_of_list(out), "", "", 1, "", "")
    images_of = read_list(out, manifest)
    checked = time.process_time() - began
    for number in range(10):
        images_of(number)
    began = time.process_time() - (time.process_time() - began - checked) / 10
elif kind == "places":
    places_of(listed_inputs([], [Path(given)]))
else:
    inputs = listed_inputs([], [Path(given)]) if kind == "list" else listed_inputs([given], [])
    write_list(out, list_images(inputs, root_of_inputs(inputs), CancelToken()), size)
used = time.process_time() - began
# Not getrusage, which counts what the parent had when it forked.
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([used, peak]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_what_a_list_takes(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    report = Report(capsys, f"{COUNT:,} generated names, {FILES:,} files; {load()}")
    files, names = _make_files(tmp_path), tmp_path / "names.txt"
    with names.open("w") as stream:
        stream.writelines(f"/data/{k // 1000:05}/IMG_{k:08}.jpg\n" for k in range(COUNT))
    for size in SHARD_SIZES:
        for kind, what in (("names", "written"), ("check", "checked; a shard of it read")):
            report.row(f"{COUNT:,} {what}, shards of {size:,}", _run(kind, "", tmp_path, size))
    report.row(f"{COUNT:,} of a list hashed", _run("places", names, tmp_path, 2000))
    report.row(f"{FILES:,} found in folders", _run("folder", tmp_path / "files", tmp_path, 2000))
    report.row(f"{FILES:,} named by a list", _run("list", files, tmp_path, 2000))


def _run(kind, given, tmp_path, size):
    out = tmp_path / f"out{size}"
    out.mkdir(exist_ok=True)
    arguments = list(map(str, (kind, given, out, COUNT, size)))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True
    )
    used, peak = json.loads(done.stdout)
    return f"{used:8.3f} s of a processor, {peak:.0f} MB at most"


def _make_files(tmp_path):
    """Make links to one file, a thousand in a folder; return a list of them."""
    file = tmp_path / "files.txt"
    with file.open("w") as stream:
        for first in range(0, FILES, 1000):
            folder = tmp_path / "files" / f"{first // 1000:05}"
            folder.mkdir(parents=True)
            one = folder / f"{first:08}.jpg"
            one.write_bytes(b"x")
            stream.write(f"{one}\n")
            for number in range(first + 1, min(first + 1000, FILES)):
                os.link(one, other := folder / f"{number:08}.jpg")
                stream.write(f"{other}\n")
    return file
