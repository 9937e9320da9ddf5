"""Convolutions with signed weights, which onnxruntime 1.22 and 1.23 refuse on the processor."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NotImplementedByRuntime

from model_folders.foreign import BUILDERS, all_words, towers
from model_folders.graphs import save, with_signed_convolution
from nameplate.domain.errors import ModelError
from nameplate.inference.model import load_model
from nameplate.inference.runtime.convolutions import with_unsigned_weights
from nameplate.inference.runtime.session import OnnxSession
from tiny_model import TinyOptions

ROUNDING = 0.02
"""How far 255 levels take the vectors of the six colours from their places, at most."""


@pytest.fixture
def tower():
    """An image tower that is not quantised."""
    return towers(TinyOptions(), all_words())[0]


@pytest.fixture
def pixels():
    return np.random.default_rng(0).standard_normal((4, 3, 32, 32)).astype(np.float32)


@pytest.fixture(autouse=True)
def runtime_of_1_22(monkeypatch):
    """Have the runtime refuse such a graph, as the earliest one does that the program runs on."""
    load = onnxruntime.InferenceSession

    def load_unsigned(graph, *args, **named):
        content = graph if isinstance(graph, bytes) else Path(graph).read_bytes()
        graph_of = onnx.load_model_from_string(content).graph
        types = {tensor.name: tensor.data_type for tensor in graph_of.initializer}
        for node in graph_of.node:
            if node.op_type == "ConvInteger" and types[node.input[1]] == TensorProto.INT8:
                text = "Could not find an implementation for ConvInteger(10) node with name ''"
                raise NotImplementedByRuntime(f"[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : {text}")
        return load(graph, *args, **named)

    monkeypatch.setattr(onnxruntime, "InferenceSession", load_unsigned)


def vectors(path, pixels):
    (name,) = OnnxSession(path).outputs
    return OnnxSession(path).run({"pixel_values": pixels})[name.name]


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("zero_point", [None, 0, -3, 7])
def test_signed_weights_give_what_the_graph_gave_before_it_was_quantised(
    tmp_path, tower, pixels, zero_point, raw
):
    save(tower, tmp_path / "float.onnx")
    save(with_signed_convolution(tower, zero_point, raw=raw), tmp_path / "int8.onnx")
    with pytest.raises(NotImplementedByRuntime):
        onnxruntime.InferenceSession(tmp_path / "int8.onnx", providers=["CPUExecutionProvider"])
    expected = vectors(tmp_path / "float.onnx", pixels)
    assert np.abs(vectors(tmp_path / "int8.onnx", pixels) - expected).max() < ROUNDING


def test_the_integers_of_the_convolution_are_the_same_to_the_last_one(tmp_path, tower):
    save(with_signed_convolution(tower, -3), tmp_path / "int8.onnx")
    changed = onnx.ModelProto.FromString(with_unsigned_weights(tmp_path / "int8.onnx"))
    node = next(node for node in changed.graph.node if node.op_type == "ConvInteger")
    tensors = {one.name: onnx.numpy_helper.to_array(one) for one in changed.graph.initializer}
    weights, zero = tensors[node.input[1]], tensors[node.input[3]]
    assert (weights.dtype, zero.dtype) == (np.uint8, np.uint8)
    assert (weights.astype(int) - zero).tolist() == (tensors["w"].astype(int) + 3).tolist()


def test_weights_outside_the_graph_are_found_though_it_is_loaded_from_memory(
    tmp_path, tower, pixels
):
    save(tower, tmp_path / "float.onnx")
    model = with_signed_convolution(tower)
    data = {"save_as_external_data": True, "size_threshold": 200, "location": "weights.bin"}
    onnx.save(model, tmp_path / "int8.onnx", **data)
    assert (tmp_path / "weights.bin").stat().st_size
    expected = vectors(tmp_path / "float.onnx", pixels)
    assert np.abs(vectors(tmp_path / "int8.onnx", pixels) - expected).max() < ROUNDING


def test_what_cannot_be_made_unsigned_is_refused_as_before(tmp_path, tower):
    model = with_signed_convolution(tower)
    node = next(node for node in model.graph.node if node.op_type == "ConvInteger")
    node.input[3] = "worked out"
    shape = onnx.helper.make_node("Identity", ["w_zero"], ["worked out"])
    model.graph.node.insert(0, shape)
    save(model, tmp_path / "int8.onnx")
    with pytest.raises(ModelError, match="unknown-operators"):
        OnnxSession(tmp_path / "int8.onnx")
    (tmp_path / "damaged.onnx").write_bytes(b"ConvInteger")
    assert with_unsigned_weights(tmp_path / "damaged.onnx") == b"ConvInteger"


def test_a_folder_with_one_such_graph_of_both_towers_is_a_model_like_its_float_one(
    tmp_path, pixels
):
    folders = [BUILDERS[kind](tmp_path / kind) for kind in ("combined", "combined-int8")]
    exact, quantised = (load_model(folder, device="cpu") for folder in folders)
    cosines = (exact.image.encode(pixels) * quantised.image.encode(pixels)).sum(axis=1)
    assert cosines.min() > 0.999
    prompts = ["a photo of a red dog", "blue"]
    assert np.allclose(exact.text.encode(prompts), quantised.text.encode(prompts), atol=1e-6)
    assert quantised.head.scale == pytest.approx(42, rel=1e-3)
