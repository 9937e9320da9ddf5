"""What exporters differ in, done to a graph: names, types, axes, lengths, both towers in one."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import tiny_model as tiny
from tiny_model import MEAN, STD


def renamed(model: onnx.ModelProto, **names: str) -> onnx.ModelProto:
    """Return `model` with inputs and outputs called otherwise."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    for node in copy.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*copy.graph.input, *copy.graph.output):
        value.name = names.get(value.name, value.name)
    return copy


def unnormalised(model: onnx.ModelProto, factor: float = 7.0) -> onnx.ModelProto:
    """Return `model` with vectors `factor` long."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    name = copy.graph.output[0].name
    last = copy.graph.node[-1]
    last.output[0] = "unit"
    copy.graph.initializer.append(numpy_helper.from_array(np.float32([factor]), "factor"))
    copy.graph.node.append(helper.make_node("Mul", ["unit", "factor"], [name]))
    return copy


def combined(image: onnx.ModelProto, text: onnx.ModelProto, scale: float, bias: float = 0.0):
    """Return one graph of both towers that gives `logits_per_image` too, as Optimum exports it."""
    one, other = (
        onnx.compose.add_prefix_graph(m.graph, p) for m, p in ((image, "i_"), (text, "t_"))
    )
    names = {}
    for graph in (one, other):
        for value in (*graph.input, *graph.output):
            names[value.name] = value.name[2:]
    constants = [
        numpy_helper.from_array(np.float32([scale]), "scale"),
        numpy_helper.from_array(np.float32([bias]), "bias"),
    ]
    nodes = [
        helper.make_node("Transpose", ["text_embeds"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["image_embeds", "turned"], ["cosines"]),
        helper.make_node("Mul", ["cosines", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits_per_image"]),
    ]
    for node in (*one.node, *other.node):
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*one.input, *other.input, *one.output, *other.output):
        value.name = names[value.name]
        first = value.type.tensor_type.shape.dim[0]
        first.dim_param = "images" if value.name in {"pixel_values", "image_embeds"} else "texts"
    logits = helper.make_tensor_value_info(
        "logits_per_image", TensorProto.FLOAT, ["images", "texts"]
    )
    graph = helper.make_graph(
        [*one.node, *other.node, *nodes],
        "both",
        [*one.input, *other.input],
        [logits, *one.output, *other.output],
        [*one.initializer, *other.initializer, *constants],
    )
    opsets = [helper.make_opsetid("", tiny.OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=tiny.IR_VERSION)


def of_levels(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return an image tower that takes uint8 pictures, colours last, and normalises them itself."""
    copy = renamed(model, pixel_values="normalised_pixels")
    graph = copy.graph
    side = graph.input[0].type.tensor_type.shape.dim[2].dim_value
    batch = graph.input[0].type.tensor_type.shape.dim[0]
    shape = [batch.dim_param or batch.dim_value, side, side, 3]
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("levels", TensorProto.UINT8, shape))
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.float32(MEAN) * 255, "level_mean"),
            numpy_helper.from_array(np.float32(STD) * 255, "level_std"),
        ]
    )
    nodes = [
        helper.make_node("Cast", ["levels"], ["level_numbers"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["level_numbers", "level_mean"], ["level_centred"]),
        helper.make_node("Div", ["level_centred", "level_std"], ["level_scaled"]),
        helper.make_node("Transpose", ["level_scaled"], ["normalised_pixels"], perm=[0, 3, 1, 2]),
        *graph.node,
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(copy)
    return copy


def of_halves(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with float16 vectors."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    output = copy.graph.output[0]
    copy.graph.node[-1].output[0] = "whole"
    node = helper.make_node("Cast", ["whole"], [output.name], to=TensorProto.FLOAT16)
    copy.graph.node.append(node)
    output.type.tensor_type.elem_type = TensorProto.FLOAT16
    return copy


def with_signed_convolution(
    model: onnx.ModelProto, zero_point: int | None = -3, *, raw: bool = True
) -> onnx.ModelProto:
    """Return an image tower whose pixels go through a convolution with int8 weights first.

    As `quantize_dynamic` writes it; the convolution changes nothing but by rounding. Without a
    `zero_point` the operator has its first three inputs; not `raw`, its numbers are a list.
    """
    copy = renamed(model, pixel_values="pixels_again")
    graph = copy.graph
    graph.input[0].name = "pixel_values"
    weights = (120 * np.eye(3, dtype=np.int8) + np.int8(zero_point or 0)).reshape(3, 3, 1, 1)
    tensors = {"w": weights, "w_zero": np.int8(zero_point or 0)}
    for name, values in tensors.items():
        numbers = values.tobytes() if raw else values.ravel().tolist()
        tensor = helper.make_tensor(name, TensorProto.INT8, values.shape, numbers, raw=raw)
        graph.initializer.append(tensor)
    graph.initializer.append(numpy_helper.from_array(np.float32(1 / 120), "w_scale"))
    inputs = ["levels", "w", "level_zero", *([] if zero_point is None else ["w_zero"])]
    nodes = [
        helper.make_node(
            "DynamicQuantizeLinear", ["pixel_values"], ["levels", "level_scale", "level_zero"]
        ),
        helper.make_node("ConvInteger", inputs, ["sums"]),
        helper.make_node("Cast", ["sums"], ["whole_sums"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["level_scale", "w_scale"], ["sum_scale"]),
        helper.make_node("Mul", ["whole_sums", "sum_scale"], ["pixels_again"]),
        *graph.node,
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(copy)
    return copy


def with_segments(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a text tower that takes BERT's segment ids too, and fails where one is not 0."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    graph = copy.graph
    ids = graph.input[0].type.tensor_type
    shape = [dim.dim_param or dim.dim_value for dim in ids.shape.dim]
    segments = helper.make_tensor_value_info("token_type_ids", ids.elem_type, shape)
    graph.input.append(segments)
    one_segment = numpy_helper.from_array(np.float32([[0.0]]), "one_segment")
    graph.initializer.append(one_segment)
    nodes = [  # a row of its own for each vector, all the same; segment 1 is no row of the table
        helper.make_node("Gather", ["one_segment", "token_type_ids"], ["segment_rows"]),
        helper.make_node("Add", ["vectors", "segment_rows"], ["placed"]),
    ]
    place = next(n for n, node in enumerate(graph.node) if node.output[0] == "vectors")
    rest = list(graph.node)
    for node in rest[place + 1 :]:
        node.input[:] = ["placed" if name == "vectors" else name for name in node.input]
    del graph.node[:]
    graph.node.extend([*rest[: place + 1], *nodes, *rest[place + 1 :]])
    onnx.checker.check_model(copy)
    return copy


def save(model: onnx.ModelProto, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
