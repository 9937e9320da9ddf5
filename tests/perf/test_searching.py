"""How long a folder of shards is searched, and what of that is its reading."""

import time

import numpy as np
import pytest

from nameplate.domain.embeddings import unit
from nameplate.domain.progress import CancelToken
from nameplate.formats.shards.manifest import Manifest
from nameplate.formats.shards.vectors import Shard, read_shard, write_shard
from nameplate.pipeline.search.rules import cosines
from nameplate.pipeline.search.shards import Search, search_shards
from perf.measuring import Report

pytestmark = pytest.mark.perf

pytest.importorskip("pyarrow")

SIZE, SHARDS, DIMENSION = 2000, 10, 768
SCALE = 1_000_000 / (SIZE * SHARDS)


def test_search_of_shards(tmp_path, capsys):
    made = ("0", "tiny", "1", DIMENSION, "1", "2026-01-02T03:04:05+00:00")
    manifest = Manifest(("/photos",), "/photos", SIZE * SHARDS, SIZE, *made)
    rng = np.random.default_rng(3)
    for number in range(SHARDS):
        names = [f"2026/{number:05}/DSC_{row:05}.jpg" for row in range(SIZE)]
        vectors = unit(rng.standard_normal((SIZE, DIMENSION))).astype(np.float16)
        write_shard(tmp_path, manifest, number, Shard(names, names, vectors, [""] * SIZE))
    query = unit(rng.standard_normal(DIMENSION))
    report = Report(
        capsys, "a folder of shards of 768 numbers (seconds of processor for 1,000,000)"
    )

    def seconds(work):
        start = time.process_time()
        work()
        return SCALE * (time.process_time() - start)

    def search():
        cancel = CancelToken()
        search_shards(tmp_path, manifest, Search(query, 1), cancel, lambda _: None)

    read = [read_shard(tmp_path, manifest, number).embeddings for number in range(SHARDS)]
    whole = min(seconds(search) for _ in range(3))
    scored = min(seconds(lambda: [cosines(one, query) for one in read]) for _ in range(3))
    report.row("searched", f"{whole:8.1f}")
    report.row("of that, cosines of what is read", f"{scored:8.1f}")
