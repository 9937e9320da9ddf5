"""What a change of the model costs: frames of the window, and memory afterwards.

pytest -m perf -s tests/features/models/test_changing_costs.py
"""

import gc
import time

import numpy as np
import onnx
import psutil
import pytest
from onnx import helper, numpy_helper

from features.models.driver import panel_of
from nameplate.features.models.overview import ModelInfo
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.ui.widgets import theme
from perf.measuring import Frames, Report
from tiny_model import build_tiny_model, write_manifest
from window_driver import WindowDriver

pytestmark = pytest.mark.perf

SIDE = 9400
"""Of a matrix of 353 MB."""


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """The tiny model with 353 MB of weights that change nothing."""
    folder = build_tiny_model(tmp_path_factory.mktemp("models") / "heavy")
    model = onnx.load(folder / "image.onnx")
    rng = np.random.default_rng(0)
    weights = {
        "ballast_in": np.zeros((3, SIDE), np.float32),
        "ballast": rng.standard_normal((SIDE, SIDE), dtype=np.float32),
        "ballast_out": np.zeros((SIDE, 16), np.float32),
    }
    graph = model.graph
    graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in weights.items())
    last = graph.node.pop()
    graph.node.extend(
        [
            helper.make_node("MatMul", ["colour", "ballast_in"], ["b1"]),
            helper.make_node("MatMul", ["b1", "ballast"], ["b2"]),
            helper.make_node("MatMul", ["b2", "ballast_out"], ["b3"]),
            helper.make_node("Add", [last.input[0], "b3"], ["with_ballast"]),
        ]
    )
    last.input[0] = "with_ballast"
    graph.node.append(last)
    onnx.save(model, folder / "image.onnx")
    write_manifest(folder)
    return folder


def megabytes():
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def gaps_while(is_busy, qapp):
    """Return the milliseconds between two turns of the window's thread, 5 apart at least."""
    gaps, last = [], time.perf_counter()
    while is_busy():
        qapp.processEvents()
        time.sleep(0.005)
        now = time.perf_counter()
        gaps.append((now - last) * 1e3)
        last = now
    return np.array(gaps)


def test_a_change_misses_few_frames_and_gives_the_memory_back(
    qapp, tmp_path, tiny_model, heavy, capsys
):
    theme.apply(qapp)
    window = WindowDriver.on(tiny_model, tmp_path / "window.ini")
    window.show()
    Frames().until(lambda: window.model is not None)
    library = panel_of(window).library
    give_back_freed_memory()  # of starting, or the first change would give that back, too
    report, memory = Report(capsys, "Changing the model"), [megabytes()]
    for folder in (heavy, tiny_model):
        library.use(ModelInfo(folder.name, folder.name, folder=folder))
        gaps = gaps_while(lambda: window.is_loading, qapp)
        said = f"p99 {np.percentile(gaps, 99):.1f} ms, longest {gaps.max():.1f} of {len(gaps)}"
        report.row(f"between two turns while {folder.name} is loaded", said)
        Frames().until(lambda: not window.main.jobs.is_running("models/give back"))
        memory.append(megabytes())
        report.row(f"memory with {folder.name}", f"{memory[-1] - memory[0]:+.0f} MB")
    window.close()
    assert memory[1] - memory[0] > 300
    assert memory[2] - memory[0] < 60
