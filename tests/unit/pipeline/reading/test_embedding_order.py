"""Whatever is slow, missing, prioritized or cancelled: each image has one event."""

import time
from dataclasses import replace
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import load_model
from nameplate.pipeline.reading import embedding, pools, prefetch
from nameplate.pipeline.reading.batch_encoder import Embedded, Failed, FilesSeen
from nameplate.pipeline.reading.embedding import Priority, embed_images

COUNT = 48
ROWS = st.sets(st.integers(0, COUNT - 1), max_size=12)


class Run(NamedTuple):
    """A machine, its files, and what a person does meanwhile."""

    concurrency: int
    cpus: int
    lookup: int
    free: float
    slow: set[int]
    missing: set[int]
    priorities: list[set[int]]
    cancel_after: int | None


RUNS = st.builds(
    Run,
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([1, 7, 256]),
    st.sampled_from([0.0, 1e6, 1e10]),
    ROWS,
    ROWS,
    st.lists(ROWS, max_size=4),
    st.none() | st.integers(1, COUNT),
)


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model, device="cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{number:02}.png" for number in range(COUNT)]
    for number, path in enumerate(paths):
        Image.new("RGB", (20 + number, 20), (number, 90, 200)).save(path)
    return paths


@settings(
    max_examples=settings.default.max_examples // 5,  # each reads all the pictures
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(RUNS)
def test_each_image_has_one_event(model, pictures, run):
    files = [
        path.with_name("gone.png") if n in run.missing else path for n, path in enumerate(pictures)
    ]
    decode, late = prefetch.decode, {pictures[number] for number in run.slow}

    def decode_some_slowly(path, **options):
        time.sleep(0.004 * (path in late))
        return decode(path, **options)

    done, failed, put, priority, cancel = [], set(), [], Priority(), CancelToken()
    with (
        patch.object(pools, "available_cpus", lambda: run.cpus),
        patch.object(embedding, "FIRST_LOOKUP", run.lookup),
        patch.object(prefetch, "free_bytes", lambda: run.free),
        patch.object(prefetch, "decode", decode_some_slowly),
    ):
        for event in embed_images(
            range(COUNT),
            files,
            replace(model, concurrency=run.concurrency),
            cache=None,
            cancel=cancel,
            priority=priority,
        ):
            if isinstance(event, FilesSeen):
                continue
            rows = event.rows.tolist() if isinstance(event, Embedded) else [event.row]
            done += rows
            failed |= set(rows) if isinstance(event, Failed) else set()
            if len(put) < len(run.priorities):
                put.append(sorted(run.priorities[len(put)]))
                priority.put(put[-1])
            if run.cancel_after is not None and len(done) >= run.cancel_after:
                cancel.cancel()
    assert len(done) == len(set(done))
    assert failed <= run.missing
    if run.cancel_after is None:
        assert sorted(done) == list(range(COUNT))
        assert failed == run.missing
