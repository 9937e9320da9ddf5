"""What listing very many images takes, in processor time and memory.

pytest -s tests/perf/test_long_list.py

NAMEPLATE_PERF_NAMES says how many names (default: 1,000,000). Names are generated; half of them
are known.
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

SCRIPT = """
import json, re, sys, time
from pathlib import Path
from nameplate.domain.progress import CancelToken
from nameplate.features.runs import folder, inputs
from nameplate.features.runs.shards import Manifest
from nameplate.pipeline.spool import ListedImage
out, count = Path(sys.argv[1]), int(sys.argv[2])
def names(start, end):
    return (f"/data/{k // 1000:05}/IMG_{k * 7919 % count:08}.jpg" for k in range(start, end))
def listed(_inputs, _cancel):
    seen = inputs.HashSet()
    for one in names(0, count):
        if seen.add(one):
            yield ListedImage(one, stamp="63000-1764662400000000000")
folder.list_images = listed
known = ((one, "63000-1764662400000000000", True) for one in names(0, count // 2))
folder.states_of = lambda *about: {0: None}
folder.shards_there = lambda path: [0]
folder.files_in = lambda path, number: known  # nothing more when it is read for what changed
manifest = Manifest("", "0" * 64, "", "", 768, "")
began = time.process_time()
shards = folder.ShardFolder(out, manifest)
with shards.missing(inputs.Inputs(), None, 2000, CancelToken()) as missing:
    assert missing.images == count - count // 2
used = time.process_time() - began
# Not getrusage, which counts what the parent had when it forked.
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([used, peak]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_what_a_list_takes(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    report = Report(capsys, f"{COUNT:,} generated names; {load()}")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(COUNT)],
        capture_output=True,
        text=True,
        check=True,
    )
    used, peak = json.loads(done.stdout)
    report.row(
        f"{COUNT:,} listed, half of them known",
        f"{used:8.3f} s of a processor, {peak:.0f} MB at most",
    )
