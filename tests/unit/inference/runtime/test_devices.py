"""A fake session simulates a card that fails: there is no other way to lose one on purpose."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.runtime import providers
from nameplate.inference.runtime.devices import open_session
from nameplate.inference.runtime.providers import DeviceReport, offered
from nameplate.inference.runtime.session import AllocationError, OnnxSession, TensorInfo
from tiny_model import build_tiny_model

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
GONE = ModelError("model-could-not-run", why="CUDA failure 999: unknown error")
NO_KERNEL = ModelError("model-could-not-run", why="no kernel image is available")


@pytest.fixture
def cuda_build(monkeypatch):
    """Pretends that the installed onnxruntime was built with CUDA."""
    fake = SimpleNamespace(get_available_providers=lambda: [CUDA, CPU])
    monkeypatch.setattr(providers, "load_runtime", lambda: fake)
    monkeypatch.setattr(providers.sys, "platform", "linux")


class Device:
    """A session that doubles its input, and fails at the runs that `failures` names."""

    def __init__(self, device="cpu", failures=None, rows=None):
        self.name = "image.onnx"
        self.inputs = (TensorInfo("x", "float32", (rows, 3)),)
        self.outputs = (TensorInfo("y", "float32", (None, 3)),)
        self.inner = ()
        self.providers = (CUDA, CPU) if device == "cuda" else (CPU,)
        self.device = DeviceReport(device, device, self.providers)
        self.runs = 0
        self._failures = failures or {}

    def run(self, feeds, output_names=None, cancel=None):
        self.runs += 1
        if self.runs in self._failures:
            raise self._failures[self.runs]
        return {"y": feeds["x"] * 2}


class Machine:
    """Opens sessions: on `card` for CUDA, on a new CPU otherwise."""

    def __init__(self, card, cpu=None):
        self.card, self.cpu, self.opened = card, cpu or Device(), []

    def __call__(self, device):
        self.opened.append(device)
        chosen = self.card if device == "cuda" else self.cpu
        if isinstance(chosen, Exception):
            raise chosen
        return chosen


def x(rows=1):
    return {"x": np.ones((rows, 3), np.float32)}


def test_a_card_that_passes_its_first_run_is_used(cuda_build):
    session = open_session(Machine(Device("cuda")), "auto", 8)

    assert session.device.device == "cuda"
    assert session.device.note is None
    assert session.providers == (CUDA, CPU)
    assert session.run(x())["y"].sum() == 6


@pytest.mark.parametrize(
    "card",
    [
        NO_KERNEL,
        Device("cuda", {1: NO_KERNEL}),
    ],
    ids=["at its construction", "at its first run"],
)
def test_auto_goes_on_with_the_cpu_where_the_card_fails_and_says_why(cuda_build, card):
    machine = Machine(card)

    session = open_session(machine, "auto", 8)

    assert machine.opened == ["cuda", "cpu"]
    assert (session.device.requested, session.device.device) == ("auto", "cpu")
    assert session.providers == (CPU,)
    why = {"device": "cuda", "reason": NO_KERNEL.reason}
    assert session.device.note == Message("device-does-not-work", why)


def test_a_card_that_was_asked_for_and_fails_at_its_first_run_is_an_error(cuda_build):
    card = Device("cuda", {1: NO_KERNEL})

    with pytest.raises(ModelError, match="no kernel image"):
        open_session(Machine(card), "cuda", 8)


@pytest.mark.parametrize("requested", ["auto", "cuda"])
def test_a_card_that_is_lost_at_work_is_replaced_by_the_cpu(cuda_build, requested):
    machine = Machine(Device("cuda", {4: GONE}))
    session = open_session(machine, requested, 8)
    before = session.device

    results = [session.run(x(n))["y"] for n in (1, 2, 3, 4)]

    assert [len(y) for y in results] == [1, 2, 3, 4]
    assert all((y == 2).all() for y in results)
    assert before.device == "cuda"
    assert (session.device.device, session.device.requested) == ("cpu", requested)
    why = {"device": "cuda", "reason": GONE.reason}
    assert session.device.note == Message("device-failed", why)
    assert session.providers == (CPU,)
    assert machine.opened == ["cuda", "cpu"]
    assert machine.card.runs == 4  # the first one, two of ours, the failure; then never again


def test_what_fails_on_the_cpu_too_is_the_fault_of_the_model(cuda_build):
    machine = Machine(
        Device("cuda", {2: GONE}),
        Device("cpu", {1: ModelError("other-shape", shape="(1,)", expected="(2,)")}),
    )
    session = open_session(machine, "auto", 8)

    with pytest.raises(ModelError, match="other-shape"):
        session.run(x())
    assert session.device.device == "cuda"
    assert session.run(x())["y"].sum() == 6


def test_rows_that_do_not_fit_on_the_card_are_for_the_caller_to_divide(cuda_build):
    session = open_session(
        Machine(Device("cuda", {2: AllocationError("model-needs-memory")})), "auto", 8
    )

    with pytest.raises(AllocationError):
        session.run(x(2))
    assert session.device.device == "cuda"


@pytest.mark.parametrize(("fixed", "count"), [(None, 1), (2, 2)])
def test_what_cannot_be_divided_and_does_not_fit_goes_to_the_cpu(cuda_build, fixed, count):
    card = Device("cuda", {2: AllocationError("model-needs-memory")}, rows=fixed)
    session = open_session(Machine(card), "auto", 8)

    assert len(session.run(x(count))["y"]) == count
    assert session.device.device == "cpu"


def test_a_real_session_on_the_cpu_says_why_it_is_not_on_a_card(tmp_path):
    path = build_tiny_model(tmp_path) / "image.onnx"

    session = open_session(lambda name: OnnxSession(path, device=name), "auto", 32)

    assert session.device.device == "cpu"
    if sys.platform == "linux" and CUDA not in offered():
        assert session.device.note.code == "build-without-device"
        assert session.device.note.parameters["name"] == "CUDA"
    on_request = open_session(lambda name: OnnxSession(path, device=name), "cpu", 32)
    assert on_request.device.note is None


def test_a_real_session_takes_over_from_a_lost_card(cuda_build, tmp_path):
    path = build_tiny_model(tmp_path) / "image.onnx"
    real = OnnxSession(path)
    pictures = {"pixel_values": np.random.default_rng(0).random((3, 3, 32, 32), np.float32)}

    class Lost(Device):
        def __init__(self):
            super().__init__("cuda", {2: GONE})
            self.inputs, self.outputs, self.inner = real.inputs, real.outputs, ()

        def run(self, feeds, output_names=None, cancel=None):
            self.runs += 1
            if self.runs in self._failures:
                raise self._failures[self.runs]
            return real.run(feeds, output_names)

    session = open_session(Machine(Lost(), real), "auto", 32)

    np.testing.assert_array_equal(
        session.run(pictures)["image_embeds"], real.run(pictures)["image_embeds"]
    )
    assert session.device.device == "cpu"


def test_a_damaged_model_is_called_damaged_and_not_the_device(cuda_build):
    broken = ModelError("no-onnx")

    with pytest.raises(ModelError, match=r"^no-onnx$"):
        open_session(Machine(broken, broken), "auto", 8)
