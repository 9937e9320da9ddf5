"""How fast `label --out` is beside `label --csv`, with one process, two, and an engine.

pytest -s tests/perf/test_shards.py
.venv-scale/bin/pytest -s tests/perf/test_shards.py        also with Daft, after `make scale-env`

The second test has a Ray cluster on this machine, of one worker with one processor and of two.

NAMEPLATE_PERF_FILES says how many pictures (default: 3,000), NAMEPLATE_PERF_ROUNDS how many rounds
(default: 5). Each round runs every way once, in turns, with all pictures and with a few: the second
is what starting costs, and the rate is that of the difference.
"""

import importlib.util
import os
import shutil
from statistics import median

import pytest

from perf.measuring import Report
from shard_runs import MARK, NAMES, concepts, load, make_varied_pictures, timed

pytestmark = pytest.mark.perf

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
