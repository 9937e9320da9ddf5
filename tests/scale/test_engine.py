"""Daft, on this machine and on a Ray cluster of two workers: the same shards as without it."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from PIL import Image

pytestmark = pytest.mark.scale

parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("daft")

NAMES = ("--concept", "red", "--concept", "green", "--concept", "blue")


@pytest.fixture
def pictures(tmp_path):
    root = tmp_path / "pictures"
    for name in ("red", "green", "blue"):
        (root / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (60 + number, 50), name).save(root / name / f"{number}.png")
    (root / "red" / "text.png").write_text("not a picture")
    return root


@pytest.fixture
def command_of(tiny_model, pictures, tmp_path):
    def command(out, *options, size=3):
        words = [sys.executable, "-m", "nameplate", "label", pictures, "--out", tmp_path / out]
        words += ["--model", tiny_model, "--shard-size", size, *NAMES, *options]
        return list(map(str, words))

    return command


@pytest.fixture
def label(command_of, tmp_path):
    def call(out, *options, cwd=None):
        done = subprocess.run(
            command_of(out, *options),
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env=os.environ,
            timeout=300,
        )
        files = sorted((tmp_path / out / "embeddings").glob("*.parquet"))
        rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
        return done.returncode, done.stderr, [[str(cell) for cell in row.values()] for row in rows]

    return call


@pytest.fixture
def cluster():
    """The address of a Ray cluster of two workers on this machine."""
    ray = pytest.importorskip("ray.cluster_utils")
    cluster = ray.Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    yield cluster.address
    cluster.shutdown()


def test_daft_makes_the_same_shards_on_this_machine(label):
    code, _, expected = label("plain")
    assert code == 1
    assert len(expected) == 16
    code, said, rows = label("daft", "--engine", "daft", "--workers", "2")
    assert code == 1, said
    assert rows == expected


@pytest.mark.parametrize("is_cluster", [False, True])
def test_no_process_of_the_engine_runs_modules_of_the_current_folder(
    label, pictures, tmp_path, request, is_cluster
):
    address = ["--address", request.getfixturevalue("cluster")] if is_cluster else []
    for name in ("PIL", "daft", "json", "multiprocessing", "numpy", "psutil", "ray"):
        code = f"import pathlib; pathlib.Path({str(tmp_path)!r}, 'ran').open('a').write(__name__)"
        (pictures / f"{name}.py").write_text(code)
    code, said, _ = label("daft", "--engine", "daft", "--workers", "2", *address, cwd=pictures)
    assert code == 1, said
    assert not (tmp_path / "ran").exists()


def test_daft_makes_the_same_shards_on_a_cluster_and_goes_on_with_them(label, cluster, tmp_path):
    _, _, expected = label("plain")
    options = ("--engine", "daft", "--workers", "2", "--address", cluster)
    code, said, rows = label("ray", *options)
    assert code == 1, said
    assert rows == expected
    (tmp_path / "ray" / "embeddings" / "00002.parquet").unlink()
    code, said, rows = label("ray", *options)
    assert code == 1, said
    assert sorted(rows) == sorted(expected)  # in a shard with another number


def test_a_cluster_that_does_not_answer_is_said(label):
    code, said, rows = label("ray", "--engine", "daft", "--address", "127.0.0.1:1")
    assert (code, rows) == (2, [])
    assert "no Ray cluster answers" in said


def lives(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.skipif(os.name != "posix", reason="there is no Ctrl-C for one process alone")
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_ctrl_c_ends_daft_and_its_processes_and_keeps_what_was_done(
    command_of, pictures, tmp_path, send
):
    (pictures / "slow").mkdir()
    Image.new("RGB", (6000, 4000), "red").save(pictures / "slow" / "0.png")
    for number in range(1, 64):  # half a minute for each of two processes
        (pictures / "slow" / f"{number}.png").hardlink_to(pictures / "slow" / "0.png")
    command = command_of("daft", "--engine", "daft", "--workers", "2", size=16)
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    done = tmp_path / "daft" / "embeddings" / "00000.parquet"
    try:
        while not done.exists():
            assert process.poll() is None
            time.sleep(0.1)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len([one for one in children if "udf_worker" in " ".join(one.cmdline())]) == 2
        send(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130, said
    assert b"are kept" in said
    until = time.monotonic() + 5
    while any(map(lives, children)) and time.monotonic() < until:
        time.sleep(0.1)
    left = [one for one in children if lives(one)]
    for one in left:
        one.kill()
    assert not left
    assert parquet.read_table(done).num_rows == 16
