"""What cameras wrote into very many pictures: read for the first time, and asked for again."""

import os
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.camera.camera_pictures import draw
from nameplate.domain.filtering.columns import Columns
from nameplate.domain.filtering.typed import parse
from nameplate.domain.filtering.views import View, order_of
from nameplate.domain.images import ImageTable
from nameplate.domain.labels import LabelTable
from nameplate.domain.progress import CancelToken
from nameplate.features.camera import FEATURE
from nameplate.features.camera.exif_cache import FILE_NAME, ExifCache
from nameplate.features.camera.reading import ToRead, read_all
from perf.measuring import Report

pytestmark = pytest.mark.perf

COUNT = int(os.environ.get("NAMEPLATE_PERF_COUNTS", "100000").split(",")[0])


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Links to a thousand pictures, of five cameras on as many days; a file of 0.8 kB each."""
    folder, images, kinds = tmp_path_factory.mktemp("cameras"), ImageTable(), list[Path]()
    for kind in range(1000):
        day = f"20{10 + kind // 100}:{1 + kind % 12:02}:{1 + kind % 28:02} 12:00:00"
        path = folder / "kinds" / f"{kind}.jpg"
        kinds.append(draw(path, day, ("Maker", f"Model {kind % 5}")))
    paths = [folder / f"{number // 1000}" / f"{number}.jpg" for number in range(COUNT)]
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.hardlink_to(kinds[number % 1000])
    images.add(paths)
    return images


def read(images, folder):
    """Read all; return what was found, and the seconds that it took, and those of the processor."""
    started, busy = time.perf_counter(), time.process_time()
    with ExifCache(folder) as kept:
        *_, found = read_all(ToRead.of(images), kept, CancelToken())
    took, busy = time.perf_counter() - started, time.process_time() - busy
    return found, f"{took:.1f} s, {busy:.1f} s of the processor"


def shown(view, images, found):
    """Return how many images a view shows, and the milliseconds that it took."""
    none = np.full(len(images), np.nan, np.float32)
    columns = Columns.of(images, LabelTable(len(images)), np.zeros(len(images), "i4"), none, none)
    columns, started = replace(columns, found=found), time.perf_counter()
    return len(order_of(view, columns)), 1000 * (time.perf_counter() - started)


def test_cameras_are_read_once_and_asked_for_at_once(images, tmp_path, capsys):
    report = Report(capsys, "what cameras wrote")
    found, seconds = read(images, tmp_path)
    report.row(f"read from {COUNT:,} files", seconds)
    report.row("kept on disk", f"{(tmp_path / FILE_NAME).stat().st_size / 1e6:.1f} MB")
    again, seconds = read(images, tmp_path)
    report.row("read from disk again", seconds)
    tracemalloc.start()
    read(images, tmp_path)
    now, most = tracemalloc.get_traced_memory()
    report.row("memory, at the end and at most", f"{now / 1e6:.1f}, {most / 1e6:.1f} MB")
    tracemalloc.stop()
    for line in ("taken:2012", "taken:2012-03..2014-06", 'camera:"model 3"', "-camera:none"):
        count, ms = shown(View(filter=parse(line, (), FEATURE.findings).filter), images, found)
        report.row(f"{line}, {count:,} shown", f"{ms:.1f} ms")
    for sort in ("taken", "camera"):
        report.row(f"sorted by {sort}", f"{shown(View(sort), images, found)[1]:.1f} ms")
    assert np.array_equal(again["taken"].numbers, found["taken"].numbers)
    assert len(found["camera"].texts) == 5
