"""How fast `label --out` is beside `label --csv`, with one process, two, and an engine.

pytest -s tests/perf/test_shards.py
.venv-scale/bin/pytest -s tests/perf/test_shards.py        also with Daft, after `make scale-env`

The second test has a Ray cluster on this machine, of one worker with one processor and of two. The
third ends one of two processes now and then, and tells what `docs/simulate_run.py` says of that.

NAMEPLATE_PERF_FILES says how many pictures (default: 3,000), NAMEPLATE_PERF_ROUNDS how many rounds
(default: 5). Each round runs every way once, in turns, with all pictures and with a few: the second
is what starting costs, and the rate is that of the difference.
"""

import importlib.util
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from statistics import median

import numpy as np
import psutil
import pytest

from perf.measuring import Report
from shard_runs import MARK, NAMES, concepts, load, make_varied_pictures, simulation, timed

pytestmark = pytest.mark.perf

simulate_run = simulation()

COUNT = int(os.environ.get("NAMEPLATE_PERF_FILES", "3000"))
ROUNDS = int(os.environ.get("NAMEPLATE_PERF_ROUNDS", "5"))
FEW = 16
LEAST_SECONDS = 0.5

WAYS = {
    "label --csv": (),
    "label --out": ("--workers", 1),
    "--workers 2": ("--workers", 2),
    "--engine daft --workers 2": ("--workers", 2, "--engine", "daft"),
}


def test_images_a_second_of_a_folder_of_shards_beside_the_csv(tmp_path, capsys):
    report = Report(capsys, f"label --out beside label --csv, {COUNT:,} small JPEGs; {load()}")
    pytest.importorskip("pyarrow.parquet")
    many, few = tmp_path / "many", tmp_path / "few"
    make_varied_pictures(many, COUNT, 1)
    make_varied_pictures(few, FEW, 2)
    ways = {
        way: options
        for way, options in WAYS.items()
        if "daft" not in options or importlib.util.find_spec("daft")
    }
    rates = {way: list[tuple[float, float]]() for way in ways}
    starts = {way: list[float]() for way in ways}
    for number in range(ROUNDS):
        for way, options in ways.items():
            whole = _run(tmp_path, many, options, COUNT // 6)
            start = _run(tmp_path, few, options, FEW // 2)  # each of two processes has one to do
            used, seconds = whole[0] - start[0], whole[1] - start[1]
            rates[way].append(((COUNT - FEW) / used, (COUNT - FEW) / seconds))
            starts[way].append(start[0])
            by_csv = rates["label --csv"][number]
            report.row(
                f"{number + 1}: {way}",
                f"{rates[way][-1][0]:6.1f} images a second of a processor "
                f"({rates[way][-1][0] / by_csv[0]:.3f}), {rates[way][-1][1]:6.1f} by the clock "
                f"({rates[way][-1][1] / by_csv[1]:.2f}); start {start[0]:.2f} s; "
                f"all {whole[0]:.1f} s; {load()}",
            )
    for way, found in rates.items():
        ratios = [one[0] / other[0] for one, other in zip(found, rates["label --csv"], strict=True)]
        clock = [one[1] / other[1] for one, other in zip(found, rates["label --csv"], strict=True)]
        report.row(
            way,
            f"{median(one[0] for one in found):.1f} images a second of a processor; beside the CSV "
            f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), by the clock "
            f"{median(clock):.2f}; start {median(starts[way]):.2f} s of a processor",
        )


def _run(tmp_path, folder, options, shard_size):
    """Run one way; return its seconds of the processor, and by the clock."""
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    to_shards = ("--out", out, "--shard-size", shard_size, *options)
    where = to_shards if options else ("--csv", tmp_path / "l.csv", "--overwrite")
    done = timed("label", folder, "--no-cache", *where, *concepts(NAMES), is_watched=True)
    assert done.code in (0, 1), done.said
    return max(done.cpu, sum(done.of_each.values())), done.seconds


def test_two_workers_of_a_ray_cluster_beside_one(tmp_path, capsys, monkeypatch):
    pytest.importorskip("daft")
    ray = pytest.importorskip("ray.cluster_utils")
    report = Report(capsys, f"Ray, {COUNT:,} small JPEGs; {load()}")
    make_varied_pictures(tmp_path / "many", COUNT, 1)
    monkeypatch.setenv(MARK, "ray cluster")  # Ray's own processes are watched, too
    cluster = ray.Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    options = ("--shard-size", COUNT // 8, "--engine", "daft", "--address", cluster.address)
    try:
        seconds = dict[int, float]()
        for workers in (1, 2):
            if workers == 2:
                cluster.add_node(num_cpus=1)
            out = tmp_path / f"out{workers}"
            fixed = ("--out", out, "--workers", workers, "--no-cache", *options)
            done = timed("label", tmp_path / "many", *fixed, *concepts(NAMES), is_watched=True)
            assert done.code in (0, 1), done.said
            seconds[workers] = done.seconds
            report.row(f"workers: {workers}", f"{done.seconds:.1f} s; {load()}")
            for what, used in sorted(done.of_each.items(), key=lambda one: -one[1]):
                if used >= LEAST_SECONDS:
                    report.row(
                        f"  {what.split()[0][-30:]} {what[-15:]}", f"{used:.1f} s of a processor"
                    )
        report.row("two beside one, by the clock", f"{seconds[1] / seconds[2]:.2f}")
    finally:
        cluster.shutdown()


def test_what_the_simulation_says_of_processes_that_die(tmp_path, capsys):
    report = Report(capsys, f"two processes, one ended now and then, {COUNT:,} JPEGs; {load()}")
    make_varied_pictures(tmp_path / "many", COUNT, 1)
    size, chance, kills = max(1, COUNT // 20), random.Random(1), 0
    usual = _seconds_until_done(tmp_path, size, lambda _: None)
    gap = usual / 6

    def end_one_sometimes(process):
        nonlocal kills
        if time.monotonic() > moments[-1]:
            moments.append(time.monotonic() + chance.uniform(0.5, 1.5) * gap)
            children = [
                one for one in process.children() if "spawn_main" in " ".join(one.cmdline())
            ]
            if len(moments) > 2 and children:
                chance.choice(children).kill()
                kills += 1

    moments = [0.0]
    seen = _seconds_until_done(tmp_path, size, end_one_sometimes)
    again = _seconds_until_done(tmp_path, size, lambda _: None)
    usual, start = (usual + again) / 2, _seconds_of_start(tmp_path)
    rate = COUNT / (usual - start) / 2
    work = 2 * seen - (2 + kills) * start  # of both, without what they took to begin
    run = simulate_run.Run(
        images=COUNT, shard_size=size, workers=2, rate=rate, overhead=0.0, start=start,
        slow_share=0.0, deaths=kills * 3600 / max(work, 1.0), outages=0.0,
    )  # fmt: skip
    said = [simulate_run.simulate(run, seed) for seed in range(2000)]
    seconds = [one.seconds for one in said if one.deaths == kills]
    report.row("without deaths, twice, and their start", f"{usual:.1f} s; {start:.1f} s; {load()}")
    report.row(f"with {kills} deaths", f"{seen:.1f} s")
    if not seconds:
        report.row("simulated", "no run had as many: they leave hardly any time to work")
        return
    report.row(
        "simulated",
        f"{np.mean(seconds):.1f} s, in nine of ten {np.quantile(seconds, 0.05):.1f} to "
        f"{np.quantile(seconds, 0.95):.1f} s; the mean of {len(seconds)} that had as many deaths",
    )


def _seconds_until_done(tmp_path, size, meanwhile, folder="many"):
    """Run with two processes; return its seconds by the clock."""
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    command = ("label", tmp_path / folder, "--out", tmp_path / "out", "--shard-size", size)
    arguments = [*command, "--workers", 2, "--no-cache", *concepts(NAMES)]
    began = time.monotonic()
    process = psutil.Popen(
        [sys.executable, "-m", "nameplate", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        with suppress(psutil.Error):
            meanwhile(process)
        time.sleep(0.05)
    assert process.returncode in (0, 1)
    return time.monotonic() - began


def _seconds_of_start(tmp_path):
    make_varied_pictures(tmp_path / "few", FEW, 2)
    return _seconds_until_done(tmp_path, FEW // 2, lambda _: None, "few")
