from dataclasses import replace

import pytest

from nameplate.inference.cards import Card
from nameplate.inference.encoders import ImageEncoder
from nameplate.inference.model import load_model
from nameplate.inference.providers import DeviceReport
from nameplate.inference.session import AllocationError
from nameplate.services import batching
from nameplate.services.batching import batch_rows
from tiny_model import build_tiny_model

ROW = 3 * 32 * 32 * 4 * batching.TIMES_INPUT


@pytest.fixture(scope="module")
def model(tiny_model):
    return load_model(tiny_model, device="cpu")


class Card16:
    """The real session, said to run on a card that takes at most 16 rows."""

    def __init__(self, real, device):
        self.name, self.inputs, self.outputs = real.name, real.inputs, real.outputs
        self.providers = ("CUDAExecutionProvider", "CPUExecutionProvider")
        self.device = DeviceReport(device, device, self.providers, self.providers)
        self._real = real

    def run(self, feeds, wanted=None):
        if len(next(iter(feeds.values()))) > 16:
            raise AllocationError("needs more memory than is free")
        return self._real.run(feeds, wanted)


def on(device, model):
    session = Card16(model.image._session, device)
    return replace(model, image=ImageEncoder(session, model.manifest.image, 16))


def test_the_cpu_gets_the_batch_that_measured_best(model):
    assert batch_rows(model) == batching.CPU_ROWS


@pytest.mark.parametrize(("rows", "expected"), [(100, 8), (8, 8), (7.9, 4), (3, 2), (1, 1), (0, 1)])
def test_little_memory_makes_small_batches_and_never_none(model, monkeypatch, rows, expected):
    monkeypatch.setattr(batching, "free_bytes", lambda: rows * ROW / batching.SHARE)
    assert batch_rows(model) == expected


@pytest.mark.parametrize(("rows", "expected"), [(1000, 64), (40, 32), (1, 1)])
def test_a_card_gets_what_the_fullest_one_has_room_for(model, monkeypatch, rows, expected):
    free = int(rows * ROW / batching.SHARE)
    cards = (Card("big", "1", 100 * free), Card("small", "1", free))
    monkeypatch.setattr(batching, "nvidia_cards", lambda: cards)
    assert batch_rows(on("cuda", model)) == expected


def test_a_card_that_says_nothing_of_its_memory_gets_a_modest_batch(model, monkeypatch):
    monkeypatch.setattr(batching, "nvidia_cards", tuple)
    assert batch_rows(on("cuda", model)) == batching.CARD_ROWS_UNKNOWN
    assert batch_rows(on("directml", model)) == batching.CARD_ROWS_UNKNOWN


def test_what_did_not_fit_once_is_not_tried_again(model, monkeypatch):
    monkeypatch.setattr(batching, "nvidia_cards", lambda: (Card("c", "1", 1 << 40),))
    on_card = on("cuda", model)
    assert batch_rows(on_card) == 64

    batch = model_batch(64)
    assert len(on_card.image.encode(batch)) == 64

    assert batch_rows(on_card) == 16


def model_batch(rows):
    import numpy as np

    return np.random.default_rng(0).standard_normal((rows, 3, 32, 32), dtype=np.float32)


def test_a_graph_of_a_fixed_batch_gets_that(tmp_path):
    fixed = load_model(build_tiny_model(tmp_path, fixed_batch=True), device="cpu")
    assert batch_rows(fixed) == 1
