"""How soon a known project of 100,000 pictures can be used, and what memory the window takes then.

The window is in a process of its own, which does nothing else before: 100,000 different files, the
starter model, a project with 20 names and 2,000 decisions whose embeddings are all known.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.embeddings import unit
from nameplate.imaging.scan import scan
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.storage.resources import starter_model
from perf.measuring import Report, make_pictures

pytestmark = pytest.mark.perf

COUNT, DECISIONS = 100_000, 2000
TESTS = Path(__file__).parents[1]

BEGIN = """
import json, sys, time
from pathlib import Path
import numpy as np
from PySide6.QtWidgets import QApplication
from features.quality.driver import AccuracyDriver
from perf.many_pictures import NAMES, decide, turn_pages
from nameplate.storage.resources import starter_model
from nameplate.ui.app import application, reduce_gui_latency
from perf.measuring import Frames
from qt_help import wait
from window_driver import WindowDriver

moments = {}
def memory(*kinds):
    lines = dict(line.split(":") for line in open("/proc/self/status"))
    return sum(int(lines[kind].split()[0]) for kind in kinds) / 1024
def note(what):
    moments[what + ", MB"] = memory("VmRSS")
    moments[what + ", without mapped files, MB"] = memory("RssAnon", "RssShmem")

app = application()
window = WindowDriver.on(starter_model(), Path(sys.argv[1]))
window.show(1440, 900)
reduce_gui_latency()
frames = Frames()
window.wait_until_loaded()
note("window with its model")
"""

FIRST = """
window.add(*NAMES)
window.open(Path(sys.argv[2]))
frames.until(lambda: len(window.project.images) == int(sys.argv[4]))
frames.until(lambda: window.is_settled)
decide(window, np.arange(len(window.project.images)) % len(NAMES), int(sys.argv[5]))
frames.until(lambda: window.is_settled)
window.save_as(Path(sys.argv[3]))
"""

AGAIN = """
grid, start, frames = window.main.grid, time.perf_counter(), Frames()
window.open(Path(sys.argv[3]))
seen, model = set(), window.main.arrangement.model
window.main.thumbnails.loaded.connect(seen.update)
there = lambda: model.rowCount() == int(sys.argv[4])
frames.turns_until(lambda: there() and seen)
moments["opened, with pictures in sight, s"] = time.perf_counter() - start
frames.turns_until(lambda: window.is_settled)
moments["all rated and learned from, s"] = time.perf_counter() - start
moments["a turn meanwhile, 99 of 100, ms"] = frames.p99
moments["the longest, own part, ms"] = max(frames.own)
note("all rated and learned from")
turn_pages(window, lambda: None, 10)
frames.until(lambda: window.is_settled)
note("after ten pages")
window.menu("Accuracy")
accuracy = AccuracyDriver(window)
frames.until(lambda: accuracy.panel.figures.is_current)
note("after the figures")
frames.until(lambda: not accuracy.doubtful[1].startswith("Comparing"))
note("after doubtful labels")
moments["at most, MB"] = memory("VmHWM")
"""

END = """
window.close()
print(json.dumps(moments))
"""


def test_a_known_project_of_100_000_pictures(tmp_path, capsys):
    report = Report(capsys, f"{COUNT:,} known pictures, 20 names, {DECISIONS:,} decisions")
    folder = make_pictures(tmp_path / "pictures", COUNT, distinct=True)
    fill_cache(folder)
    project = tmp_path / "all.nameplate"
    work_in_window(FIRST, tmp_path, folder, project)
    moments = work_in_window(AGAIN, tmp_path, folder, project)
    report.row("load of the machine", f"{os.getloadavg()[0]:8.1f}")
    for what, figure in moments.items():
        report.row(what, f"{figure:8.2f}" if figure < 100 else f"{figure:8.0f}")
    assert moments["opened, with pictures in sight, s"] < 10
    assert moments["all rated and learned from, without mapped files, MB"] < 900
    assert moments["after doubtful labels, without mapped files, MB"] < 900


def fill_cache(folder: Path) -> None:
    """Remember an embedding and a descriptor for every picture, of one of 20 kinds by turns."""
    loaded, rng = load(starter_model(), "cpu"), np.random.default_rng(0)
    narrow, wide = loaded.model.manifest.sizes
    centres = rng.standard_normal((20, narrow + wide)) / np.sqrt(narrow)
    place = 0
    with open_embedding_cache(loaded.model) as cache:
        for batch in scan([folder], batch=4096):
            count = len(batch.images)
            noise = 0.03 * rng.standard_normal((count, centres.shape[1]), dtype=np.float32)
            made = centres[np.arange(place, place + count) % 20] + noise
            embeddings = unit(made[:, :narrow]).astype(np.float32)
            items = list(zip(batch.images, embeddings, strict=True))
            cache.store(items, descriptors=np.abs(made[:, narrow:]).astype(np.float16))
            place += count
        assert cache.problem is None


def work_in_window(what: str, home: Path, folder: Path, project: Path) -> dict[str, float]:
    """Do so in a window in a process of its own; return what it noted."""
    given = [home / "window.ini", folder, project, COUNT, DECISIONS]
    command = [sys.executable, "-c", BEGIN + what + END, *map(str, given)]
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=600
    )
    return json.loads(done.stdout.splitlines()[-1])
