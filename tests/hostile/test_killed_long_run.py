"""A long run of `label --out` is killed twenty times and gone on with: every image once, and right.

NAMEPLATE_KILLED_PICTURES=20000 pytest -s -m hostile -o faulthandler_timeout=0 \
    tests/hostile/test_killed_long_run.py

Without the variable it is left out: with 20,000 pictures and the starter model it takes the
processor for half an hour. NAMEPLATE_HOSTILE_SEED sets another chance.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import pytest

from hostile.measuring import seed
from shard_runs import (
    NAMES,
    OTHER_NAMES,
    concepts,
    load,
    make_varied_pictures,
    rows_of,
    rows_of_csv,
    timed,
    vectors_in,
)

pytest.importorskip("pyarrow.parquet")

COUNT = int(os.environ.get("NAMEPLATE_KILLED_PICTURES", "0"))

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
    pytest.mark.skipif(not COUNT, reason="NAMEPLATE_KILLED_PICTURES is not set"),
]

SHARDS = 80
KILLS = {"start": 2, "list": 3, "embeddings": 5, "any moment": 6, "labels": 4}
"""Where: while the program and its processes start, while a file of this kind is written, or at a
moment by chance of the embedding; 20 in all."""

MARK = "NAMEPLATE_KILLED_RUN"
LEAST_COSINE = 0.9999
MOST_TO_END = 15.0
"""Seconds for the processes of a run that was killed to end by themselves."""


@dataclass
class Killed:
    """What the kills came to.

    Attributes:
        kills: How many were in time, by where.
        whole: Shards that were whole at a kill, by their number: what identifies the file.
        remade: Shards that were made again although they were whole.
        waited: Longest time that a process outlived its parent, in seconds.
        orphans: Processes that did not end.
    """

    kills: dict[str, int] = field(default_factory=dict)
    whole: dict[str, tuple[int, int]] = field(default_factory=dict)
    remade: int = 0
    waited: float = 0.0
    orphans: int = 0

    def look_at(self, out: Path) -> None:
        """Compare the shards that are there with those that were there before."""
        now = {
            file.name: (file.stat().st_ino, file.stat().st_mtime_ns)
            for file in (out / "embeddings").glob("*.parquet")
        }
        self.remade += sum(now.get(name) != was for name, was in self.whole.items())
        self.whole = now


def test_a_long_run_is_whole_after_twenty_kills(tmp_path, tell):
    pictures, out = tmp_path / "pictures", tmp_path / "out"
    unreadable = make_varied_pictures(pictures, COUNT, seed())
    tell(f"{COUNT:,} pictures, {unreadable} of them none; {load()}")
    seconds, labels, vectors, paths = _expected(tmp_path, pictures, tell)
    command = ("label", "--out", out, "--shard-size", max(1, COUNT // SHARDS), *concepts(NAMES))
    killed = _kill_often(out, [*command, pictures], seconds, tell)
    done = timed(*command)
    killed.look_at(out)
    assert done.code == 1, done.said  # some are no pictures
    assert (killed.orphans, killed.remade) == (0, 0)
    assert sum(killed.kills.values()) == sum(KILLS.values())
    tell(f"kills: {killed.kills}; processes ended within {killed.waited:.1f} s of their parent")
    _compare_vectors(out, vectors, paths, tell)
    _compare_labels(out, labels, tell)
    left = [path.name for path in out.rglob(".nameplate-*")]
    assert not left
    _label_anew(out, command, pictures, tell)


def _expected(tmp_path, pictures, tell):
    done = timed("label", pictures, "--csv", tmp_path / "l.csv", *concepts(NAMES))
    tell(f"label --csv: {done.seconds:.0f} s, {done.cpu:.0f} of the processor; {load()}")
    assert done.code == 1, done.said
    seconds = done.seconds
    done = timed("embed", pictures, "--npz", tmp_path / "v.npz")
    assert done.code == 1, done.said
    with np.load(tmp_path / "v.npz") as arrays:
        return (
            seconds,
            rows_of_csv(tmp_path / "l.csv"),
            arrays["embedding"],
            arrays["path"].tolist(),
        )


# ---- kills


def _kill_often(out, command, seconds, tell):
    """Kill runs and begin them again; `seconds` are those of a run that is let be."""
    chance, killed, began = random.Random(f"{seed()} long run"), Killed(), time.monotonic()
    first = ["start"] * KILLS["start"] + ["list"] * KILLS["list"]
    middle = ["embeddings"] * KILLS["embeddings"] + ["any moment"] * KILLS["any moment"]
    chance.shuffle(middle)
    places = [*first, *middle, *["labels"] * KILLS["labels"]]
    shares = [0.0] * len(first) + sorted(chance.uniform(0, 0.9) for _ in middle)
    shares += sorted(chance.uniform(0, 0.9) for _ in range(KILLS["labels"]))
    for number, (place, share) in enumerate(zip(places, shares, strict=True)):
        if place == "list":  # another time from the beginning
            shutil.rmtree(out, ignore_errors=True)
            killed.whole.clear()
        later = chance.uniform(0.3, 6) if place == "start" else 0.0
        if place == "any moment":
            later = chance.uniform(0, 2 * seconds / SHARDS)
        workers = 1 + number % 2
        run = [*command, "--workers", workers]
        was_in_time = _kill_one(run, number, _is_time(out, place, round(share * SHARDS), later))
        killed.kills[place] = killed.kills.get(place, 0) + was_in_time
        _wait_for_the_rest(number, killed)
        killed.look_at(out)
        at = f"{len(killed.whole)} shards, {len(list((out / 'labels').glob('*.parquet')))} labelled"
        said = f"kill {number + 1}, {place}, {workers} processes: {at}"
        tell(f"{said}; {time.monotonic() - began:.0f} s; {load()}")
    return killed


def _kill_one(command, number, is_time):
    """Start a run, and kill it when `is_time` says so; return whether it was still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nameplate", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {MARK: str(number)},
    )
    while process.poll() is None and not next(is_time):
        time.sleep(0.001)
    was_there = process.poll() is None
    process.kill()
    process.wait()
    return was_there


def _is_time(out, place, shards, later):
    """Yield whether to kill now.

    Args:
        out: The folder of shards.
        place: One of `KILLS`.
        shards: So many are done first.
        later: Seconds after that.
    """
    folder = {"labels": out / "labels", "list": out}.get(place, out / "embeddings")
    while len(list(folder.glob("*.parquet"))) < shards:
        yield False
    if place in ("start", "any moment"):
        until = time.monotonic() + later
    else:  # while a file is being written; one of an earlier run may be left
        old = set(folder.glob(".nameplate-*.tmp"))
        while not set(folder.glob(".nameplate-*.tmp")) - old:
            yield False
        until = 0.0
    while True:
        yield time.monotonic() > until


def _wait_for_the_rest(number, killed):
    """Wait until the processes are gone that a killed run had started; end those that stay."""
    began = time.monotonic()
    while rest := _processes(number):
        if time.monotonic() > began + MOST_TO_END:
            killed.orphans += len(rest)
            for process in rest:
                process.kill()
            return
        time.sleep(0.05)
    killed.waited = max(killed.waited, time.monotonic() - began)


def _processes(number):
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == str(number):
                found.append(process)
    return found


# ---- what came of it


def _compare_vectors(out, vectors, paths, tell):
    names = [row["path"] for row in rows_of(out / "embeddings", ["path"])]
    assert names == [row["path"] for row in rows_of(out / "labels", ["path"])]
    assert len(names) == len(set(names)) == COUNT
    found = vectors_in(out, vectors.shape[1])
    by_name = {name: row for row, name in enumerate(names)}
    read = np.flatnonzero(np.isfinite(found).all(axis=1))
    assert sorted(paths) == sorted(names[row] for row in read)
    order = np.array([by_name[path] for path in paths])
    mine, theirs = found[order].astype(np.float64), vectors.astype(np.float64)
    lengths = np.linalg.norm(mine, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines = (mine * theirs).sum(axis=1) / lengths
    tell(f"{len(paths):,} vectors; the lowest cosine with those of embed is {cosines.min():.7f}")
    assert cosines.min() >= LEAST_COSINE


def _compare_labels(out, expected, tell):
    rows = rows_of(out / "labels")
    assert sorted(row["path"] for row in rows) == sorted(row["path"] for row in expected)
    by_path, others = {row["path"]: row for row in rows}, []
    for row in expected:
        mine = by_path[row["path"]]
        assert (mine["error"] or "") == row["error"]
        if (mine["label"] or "") != row["label"]:
            others.append(float(row["margin"]))
    most = f"; the largest margin among them is {max(others):.5f}" if others else ""
    tell(f"{len(others)} of {len(rows):,} labels differ from those of label --csv{most}")
    assert all(margin < 0.001 for margin in others)


def _label_anew(out, command, pictures, tell):
    """Label by other names while the pictures are away; tell how fast."""
    pictures.rename(pictures.with_name("away"))
    for names, what in ((NAMES, "the same names"), (OTHER_NAMES, f"{len(OTHER_NAMES)} others")):
        done = timed(*command[:5], *concepts(names))
        assert done.code == 1, done.said
        assert "no picture had to be encoded" in done.said, done.said
        tell(f"{what}: {done.seconds:.1f} s, {done.cpu:.2f} of the processor; {load()}")
