import contextlib

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from nameplate.domain.errors import ModelError
from nameplate.inference import external
from nameplate.inference.external import external_files


def outside(name, file):
    """Return a tensor whose bytes lie in `file`."""
    tensor = numpy_helper.from_array(np.zeros(4, np.float32), name)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="offset", value="0")
    tensor.external_data.add(key="location", value=file)
    return tensor


def write(folder, graph, **others):
    (folder / "graph.onnx").write_bytes(helper.make_model(graph, **others).SerializeToString())


def test_weights_of_the_graph_of_constants_and_of_branches_are_found(tmp_path):
    files = ["weights.bin", "constant.bin", "branch.bin", "function.bin"]
    for name in files:
        (tmp_path / name).write_bytes(b"0" * 16)
    branch = helper.make_graph([], "branch", [], [], [outside("b", "branch.bin")])
    nodes = [
        helper.make_node("Constant", [], ["c"], value=outside("c", "constant.bin")),
        helper.make_node("If", ["c"], ["d"], then_branch=branch, else_branch=branch),
    ]
    in_function = helper.make_node("Constant", [], ["f"], value=outside("f", "function.bin"))
    function = helper.make_function("own", "f", [], ["f"], [in_function], [])
    graph = helper.make_graph(nodes, "g", [], [], [outside("w", "weights.bin")])
    write(tmp_path, graph, functions=[function])
    assert external_files(tmp_path, "graph.onnx") == tuple(sorted(files))


def test_a_text_in_a_weight_is_no_file(tmp_path):
    entry = onnx.StringStringEntryProto(key="location", value="nowhere.bin").SerializeToString()
    content = b"\x0a" + bytes([len(entry)]) + entry
    weight = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[len(content)])
    weight.raw_data = content
    write(tmp_path, helper.make_graph([], "g", [], [], [weight]))
    assert external_files(tmp_path, "graph.onnx") == ()


def test_a_name_before_its_key_is_found(tmp_path):
    graph = helper.make_graph([], "g", [], [], [outside("w", "weights.bin")])
    model = helper.make_model(graph).SerializeToString()
    straight = b"\x0a\x08location\x12\x0bweights.bin"
    assert straight in model
    turned = model.replace(straight, b"\x12\x0bweights.bin\x0a\x08location")
    (tmp_path / "graph.onnx").write_bytes(turned)
    with pytest.raises(ModelError, match="weights-elsewhere"):
        external_files(tmp_path, "graph.onnx")


def test_graphs_nested_without_end_are_left_to_the_runtime(tmp_path):
    content = b""
    for _ in range(3000):  # a graph in an attribute of a node of a graph ...
        for field in (6, 5, 1):
            length = len(content)
            size = bytes([length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
            content = bytes([field << 3 | 2]) + size + content
    length = len(content)
    size = bytes([length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
    (tmp_path / "graph.onnx").write_bytes(b"\x3a" + size + content)
    assert external_files(tmp_path, "graph.onnx") == ()


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_as_far_as_they_go(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    (folder / "graph.onnx").write_bytes(b"\x3a\x7f" + content)
    with contextlib.suppress(ModelError):  # by chance it spells the name of a file
        assert external_files(folder, "graph.onnx") == ()


def test_what_follows_a_field_without_a_number_is_not_read(tmp_path):
    graph = helper.make_graph([], "g", [], [], [outside("w", "weights.bin")])
    (tmp_path / "graph.onnx").write_bytes(bytes(4) + helper.make_model(graph).SerializeToString())
    assert external_files(tmp_path, "graph.onnx") == ()


def test_a_graph_of_very_many_fields_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(external, "MAX_FIELDS", 1000)
    (tmp_path / "graph.onnx").write_bytes(500 * b"\x08\x01")
    assert external_files(tmp_path, "graph.onnx") == ()
    (tmp_path / "graph.onnx").write_bytes(10_000 * b"\x08\x01")
    with pytest.raises(ModelError, match=r"too-many-fields \(most=1000\)"):
        external_files(tmp_path, "graph.onnx")
