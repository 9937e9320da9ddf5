import sys

import numpy as np
import pytest
from onnx import TensorProto, helper

from nameplate.domain.errors import ModelError
from nameplate.inference.runtime.session import (
    AllocationError,
    OnnxSession,
    TensorInfo,
    is_out_of_memory,
)
from nameplate.wording.texts import remedy_of
from tiny_model import build_tiny_model


def graph(path, *, op="Relu", domain="", opset=17, ir=8, external=None):
    """Write a graph of one node, with weights in the file `external` if given."""
    value = helper.make_tensor_value_info
    inputs, weights = ["x"], []
    if external is not None:
        op, inputs = "MatMul", ["x", "w"]
        tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3, 3])
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", external
        weights = [tensor]
    made = helper.make_graph(
        [helper.make_node(op, inputs, ["y"], domain=domain)],
        "g",
        [value("x", TensorProto.FLOAT, ["batch", 3])],
        [value("y", TensorProto.FLOAT, ["batch", 3])],
        weights,
    )
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(domain, 1)] if domain else []
    model = helper.make_model(made, opset_imports=opsets, ir_version=ir)
    path.write_bytes(model.SerializeToString())
    return path


def test_inputs_and_outputs_are_described(tmp_path):
    session = OnnxSession(graph(tmp_path / "ok.onnx"), device="cpu")

    assert session.inputs == (TensorInfo("x", "float32", (None, 3)),)
    assert session.outputs == (TensorInfo("y", "float32", (None, 3)),)
    assert session.providers == ("CPUExecutionProvider",)
    assert session.device.device == "cpu"


def test_a_run_returns_outputs_by_name(tmp_path):
    session = OnnxSession(graph(tmp_path / "ok.onnx"), threads=1)
    x = np.array([[-1, 0, 2]], dtype=np.float32)

    assert session.run({"x": x})["y"].tolist() == [[0, 0, 2]]
    assert list(session.run({"x": x}, ["y"])) == ["y"]


def test_types_have_numpys_names(tmp_path):
    folder = build_tiny_model(tmp_path, image_dtype="float16", ids_dtype="int32", fixed_batch=True)

    image = OnnxSession(folder / "image.onnx")
    text = OnnxSession(folder / "text.onnx")

    assert image.inputs == (TensorInfo("pixel_values", "float16", (1, 3, 32, 32)),)
    assert text.inputs == (TensorInfo("input_ids", "int32", (1, None)),)


def test_feeds_that_do_not_fit_are_a_model_error(tmp_path):
    session = OnnxSession(graph(tmp_path / "ok.onnx"))

    for wrong in (np.zeros((1, 4), np.float32), np.zeros((1, 3), np.int64)):
        with pytest.raises(ModelError, match="model-could-not-run") as caught:
            session.run({"x": wrong})
        assert caught.value.where.endswith("ok.onnx")


@pytest.mark.parametrize("content", [b"", b"hello world" * 50, b"PK\x03\x04" + bytes(200)])
def test_a_file_that_is_no_model_is_damaged(tmp_path, content):
    path = tmp_path / "junk.onnx"
    path.write_bytes(content)

    with pytest.raises(ModelError, match="no-onnx") as caught:
        OnnxSession(path)

    assert caught.value.where == str(path)
    assert remedy_of(caught.value.reason)


def test_a_model_cut_in_half_is_damaged(tmp_path):
    path = build_tiny_model(tmp_path) / "image.onnx"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(ModelError, match="no-onnx"):
        OnnxSession(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(ModelError, match="model-file-missing"):
        OnnxSession(tmp_path / "none.onnx")


@pytest.mark.parametrize(
    "kind", [{"op": "Foo"}, {"op": "Foo", "domain": "my.ops"}, {"opset": 99}, {"ir": 99}]
)
def test_what_the_runtime_does_not_know_is_said(tmp_path, kind, capfd):
    path = graph(tmp_path / "new.onnx", **kind)

    with pytest.raises(ModelError, match="unknown-operators") as caught:
        OnnxSession(path)

    assert "Update onnxruntime" in remedy_of(caught.value.reason)
    assert capfd.readouterr() == ("", "")


def test_weights_beside_the_model_are_read(tmp_path):
    (tmp_path / "weights.bin").write_bytes(np.eye(3, dtype=np.float32).tobytes())

    session = OnnxSession(graph(tmp_path / "model.onnx", external="weights.bin"))

    x = np.ones((2, 3), np.float32)
    assert (session.run({"x": x})["y"] == x).all()


@pytest.mark.parametrize("where", ["../weights.bin", "absolute", "link.bin", "nowhere.bin"])
def test_weights_outside_the_folder_are_refused(tmp_path, where):
    outside = tmp_path / "weights.bin"
    outside.write_bytes(np.eye(3, dtype=np.float32).tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    if where == "link.bin" and sys.platform != "win32":
        (folder / "link.bin").symlink_to(outside)
    path = graph(folder / "m.onnx", external=str(outside) if where == "absolute" else where)

    with pytest.raises(ModelError, match="weights-outside"):
        OnnxSession(path)


def hungry(path):
    """Write a graph that needs rows ** 13 numbers: 2 TB for 8 rows, 270 MB for 4."""
    value, node = helper.make_tensor_value_info, helper.make_node
    nodes = [
        node("Shape", ["x"], ["rows"], start=0, end=1),
        node("Pow", ["rows", "power"], ["many"]),
        node("ConstantOfShape", ["many"], ["zeros"]),
        node("ReduceSum", ["zeros"], ["zero"], keepdims=0),
        node("Add", ["x", "zero"], ["y"]),
    ]
    made = helper.make_graph(
        nodes,
        "hungry",
        [value("x", TensorProto.FLOAT, ["batch", 3])],
        [value("y", TensorProto.FLOAT, ["batch", 3])],
        [helper.make_tensor("power", TensorProto.INT64, [1], [13])],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_more_memory_than_there_is_gets_an_error_of_its_own(tmp_path):
    session = OnnxSession(hungry(tmp_path / "hungry.onnx"))

    with pytest.raises(AllocationError, match="model-needs-memory"):
        session.run({"x": np.ones((8, 3), np.float32)})
    assert session.run({"x": np.ones((1, 3), np.float32)})["y"].sum() == 3


@pytest.mark.parametrize(
    "message",
    [
        "Status Message: bfc_arena.cc:376 Failed to allocate memory for requested buffer",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=here",
        "CUDNN failure 4000: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "onnxruntime::BFCArena::AllocateRawInternal Available memory of 10 is smaller",
        "std::bad_alloc",
        "Exception(1) tid(e8) 8007000E Not enough memory resources are available",
    ],
)
def test_the_words_of_every_provider_for_memory_are_known(message):
    assert is_out_of_memory(message)


def test_other_failures_are_not_taken_for_memory():
    messages = ["CUDA failure 999: unknown error", "Invalid rank for input"]
    assert not any(map(is_out_of_memory, messages))
