from dataclasses import replace

import pytest

from nameplate.inference.model import load_model
from nameplate.inference.runtime.cards import Card
from nameplate.inference.runtime.providers import DeviceReport
from nameplate.inference.runtime.session import AllocationError
from nameplate.pipeline.reading import batching
from nameplate.pipeline.reading.batching import BatchPlan, plan_batches
from tiny_model import build_tiny_model, on_session

IMAGE_BYTES = 3 * 32 * 32 * 4 * batching.PEAK_MEMORY_FACTOR


@pytest.fixture(scope="module")
def model(tiny_model):
    return replace(load_model(tiny_model, device="cpu"), concurrency=2)


class Card16:
    """The real session, said to run on a card that takes at most 16 rows."""

    def __init__(self, real, device):
        self.name, self.inputs, self.outputs = real.name, real.inputs, real.outputs
        self.providers = ("CUDAExecutionProvider", "CPUExecutionProvider")
        self.device = DeviceReport(device, device, self.providers)
        self._real = real

    def run(self, feeds, output_names=None, cancel=None):
        if len(next(iter(feeds.values()))) > 16:
            raise AllocationError("model-needs-memory")
        return self._real.run(feeds, output_names)


def on(device, model):
    return on_session(model, Card16(model.image._session, device))


def test_each_core_gets_the_batch_that_measured_best(model):
    assert plan_batches(model) == BatchPlan(batching.CPU_BATCH_SIZE, concurrency=2)
    assert plan_batches(model).images_in_flight == 2 * batching.CPU_BATCH_SIZE


def test_a_run_that_takes_all_cores_gets_one_batch_at_a_time(model):
    assert plan_batches(replace(model, concurrency=1)) == BatchPlan(
        batching.CPU_BATCH_SIZE, concurrency=1
    )


@pytest.mark.parametrize(
    ("fitting", "batch_size", "concurrency"),
    [(100, 4, 2), (8, 4, 2), (7.9, 4, 1), (3.9, 2, 1), (1, 1, 1), (0, 1, 1)],
)
def test_little_memory_makes_few_small_batches_and_never_none(
    model, monkeypatch, fitting, batch_size, concurrency
):
    monkeypatch.setattr(
        batching, "free_bytes", lambda: fitting * IMAGE_BYTES / batching.MEMORY_SHARE
    )
    assert plan_batches(model) == BatchPlan(batch_size, concurrency)


@pytest.mark.parametrize(("rows", "expected"), [(1000, 64), (40, 32), (1, 1)])
def test_a_card_gets_what_the_fullest_one_has_room_for(model, monkeypatch, rows, expected):
    free = int(rows * IMAGE_BYTES / batching.MEMORY_SHARE)
    cards = (Card("big", "1", 100 * free), Card("small", "1", free))
    monkeypatch.setattr(batching, "nvidia_cards", lambda: cards)
    assert plan_batches(on("cuda", model)) == BatchPlan(expected, concurrency=1)


def test_a_card_that_says_nothing_of_its_memory_gets_a_modest_batch(model, monkeypatch):
    monkeypatch.setattr(batching, "nvidia_cards", tuple)
    expected = BatchPlan(batching.CARD_BATCH_SIZE_UNKNOWN_MEMORY, concurrency=1)
    assert plan_batches(on("cuda", model)) == expected
    assert plan_batches(on("directml", model)) == expected


def test_what_did_not_fit_once_is_not_tried_again(model, monkeypatch):
    monkeypatch.setattr(batching, "nvidia_cards", lambda: (Card("c", "1", 1 << 40),))
    on_card = on("cuda", model)
    assert plan_batches(on_card).batch_size == 64

    batch = model_batch(64)
    assert len(on_card.image.encode(batch)) == 64

    assert plan_batches(on_card).batch_size == 16


def model_batch(rows):
    import numpy as np

    return np.random.default_rng(0).standard_normal((rows, 3, 32, 32), dtype=np.float32)


def test_a_graph_of_a_fixed_batch_gets_that(tmp_path):
    fixed = load_model(build_tiny_model(tmp_path, fixed_batch=True), device="cpu")
    assert plan_batches(fixed).batch_size == 1
