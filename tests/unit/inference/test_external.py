import contextlib

import numpy as np
import onnx
import onnxruntime
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


def field(number, content, kind=2):
    """Return a length-delimited field of a protobuf message, or a group around `content`."""
    if kind == 3:
        return varint(number << 3 | 3) + content + varint(number << 3 | 4)
    return varint(number << 3 | kind) + varint(len(content)) + content


def varint(number):
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def test_graphs_nested_without_end_are_refused(tmp_path):
    content = b""
    for _ in range(3000):  # a graph in an attribute of a node of a graph ...
        for number in (6, 5, 1):
            content = field(number, content)
    (tmp_path / "graph.onnx").write_bytes(field(7, content))
    with pytest.raises(ModelError, match="no-onnx"):
        external_files(tmp_path, "graph.onnx")


def hidden_by(way):
    """Return a model with one weight, which lies in a file, written in another way."""
    tensor = outside("w", "weights.bin").SerializeToString()
    output = helper.make_tensor_value_info("w", TensorProto.FLOAT, [4])
    opset = [helper.make_opsetid("", 17)]  # onnx's own default is newer than some runtimes
    graph = helper.make_graph([], "g", [], [output])
    whole = helper.make_model(graph, ir_version=8, opset_imports=opset)
    model, group = whole.SerializeToString(), field(9, field(1, b"x"), kind=3)
    if way == "a group before the graph":
        return group + model + field(7, field(5, tensor))
    if way == "a group in the graph":
        return model + field(7, group + field(5, tensor))
    if way == "a group in a group in the weight":
        return model + field(7, field(5, field(9, group, kind=3) + tensor))
    if way == "a number that is too large":  # protobuf takes the lowest 32 bits
        return model + varint(7 << 3 | 2 | 1 << 33) + field(7, field(5, tensor))[1:]
    if way == "a second graph":  # which protobuf merges into the first
        return model + field(7, field(5, tensor))
    if way == "a long way to write a size":
        inner = field(5, tensor)
        return model + b"\x3a" + bytes([len(inner) & 127 | 128, len(inner) >> 7 | 128, 0]) + inner
    raise ValueError(way)


@pytest.mark.parametrize(
    ("way", "is_found"),
    [
        ("a group before the graph", False),
        ("a group in the graph", False),
        ("a group in a group in the weight", False),
        ("a number that is too large", False),
        ("a second graph", True),
        ("a long way to write a size", True),
    ],
)
def test_weights_that_the_runtime_reads_cannot_be_hidden(tmp_path, way, is_found):
    (tmp_path / "weights.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (tmp_path / "graph.onnx").write_bytes(hidden_by(way))
    session = onnxruntime.InferenceSession(tmp_path / "graph.onnx")
    np.testing.assert_array_equal(session.run(None, {})[0], np.arange(4))
    if is_found:
        assert external_files(tmp_path, "graph.onnx") == ("weights.bin",)
    else:
        with pytest.raises(ModelError, match="no-onnx"):
            external_files(tmp_path, "graph.onnx")


def test_each_place_where_onnx_can_have_a_weight_is_searched():
    def places(message, seen=()):
        """Yield the numbers of the fields that lead to weights; a message is entered once."""
        for one in message.fields:
            inner = one.message_type
            if message.name == "TensorProto" or inner is None or inner.name in seen:
                continue
            if inner.name == "TensorProto":
                yield (one.number,)
            yield from ((one.number, *rest) for rest in places(inner, (*seen, inner.name)))

    for place in places(onnx.ModelProto.DESCRIPTOR, ("ModelProto",)):
        found = external.MODEL
        for number in place:
            assert number in found, place
            found = found[number]
        assert found == {13: None}, place


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    (folder / "graph.onnx").write_bytes(b"\x3a\x7f" + content)
    with contextlib.suppress(ModelError):  # by chance it spells the name of a file
        assert external_files(folder, "graph.onnx") == ()


def test_a_field_without_a_number_is_refused(tmp_path):
    graph = helper.make_graph([], "g", [], [], [outside("w", "weights.bin")])
    (tmp_path / "graph.onnx").write_bytes(bytes(4) + helper.make_model(graph).SerializeToString())
    with pytest.raises(ModelError, match="no-onnx"):
        external_files(tmp_path, "graph.onnx")


def test_a_graph_of_very_many_fields_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(external, "MAX_FIELDS", 1000)
    (tmp_path / "graph.onnx").write_bytes(500 * b"\x08\x01")
    assert external_files(tmp_path, "graph.onnx") == ()
    (tmp_path / "graph.onnx").write_bytes(10_000 * b"\x08\x01")
    with pytest.raises(ModelError, match=r"too-many-fields \(most=1000\)"):
        external_files(tmp_path, "graph.onnx")
