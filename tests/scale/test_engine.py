"""Daft, on this machine and on a Ray cluster of two workers: the same shards as without it."""

import os
import subprocess
import sys

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
def label(tiny_model, pictures, tmp_path):
    def call(out, *options):
        command = [sys.executable, "-m", "nameplate", "label", pictures, "--out", tmp_path / out]
        command += ["--model", tiny_model, "--shard-size", "3", *NAMES, *options]
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            check=False,
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


def test_daft_makes_the_same_shards_on_a_cluster_and_goes_on_with_them(label, cluster, tmp_path):
    _, _, expected = label("plain")
    options = ("--engine", "daft", "--workers", "2", "--address", cluster)
    code, said, rows = label("ray", *options)
    assert code == 1, said
    assert rows == expected
    (tmp_path / "ray" / "embeddings" / "00002.parquet").unlink()
    code, said, rows = label("ray", *options)
    assert code == 1, said
    assert rows == expected


def test_a_cluster_that_does_not_answer_is_said(label):
    code, said, rows = label("ray", "--engine", "daft", "--address", "127.0.0.1:1")
    assert (code, rows) == (2, [])
    assert "no Ray cluster answers" in said
