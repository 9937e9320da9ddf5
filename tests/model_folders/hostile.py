"""Model folders that would run for ever, take all memory, or crash: each made from the tiny one.

from model_folders.hostile import HOSTILE
HOSTILE["endless loop"](folder)
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tiny_model import build_tiny_model, write_manifest


def change_graph(
    folder: Path, change: Callable[[onnx.GraphProto], None], file: str = "image.onnx"
) -> Path:
    """Build the tiny model in `folder`, with another graph for its pictures or its prompts."""
    build_tiny_model(folder)
    model = onnx.load(folder / file)
    change(model.graph)
    onnx.save(model, folder / file)
    write_manifest(folder)
    return folder


def behind(graph: onnx.GraphProto, nodes: Callable[[str, str], list[onnx.NodeProto]]) -> None:
    """Put `nodes(before, after)` behind the graph's output."""
    output = graph.output[0].name
    for node in graph.node:
        for number, name in enumerate(node.output):
            if name == output:
                node.output[number] = "before"
    graph.node.extend(nodes("before", output))


def loop(graph: onnx.GraphProto, body: onnx.GraphProto) -> None:
    """Put a loop that never ends behind the graph's output."""
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.int64(2**62), "times"),
            numpy_helper.from_array(np.bool_(True), "always"),
        ]
    )
    behind(graph, lambda a, b: [helper.make_node("Loop", ["times", "always", a], [b], body=body)])


def loop_body(nodes: list[onnx.NodeProto]) -> onnx.GraphProto:
    return helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), *nodes],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )


def endless_loop(folder: Path, file: str = "image.onnx") -> Path:
    body = loop_body([helper.make_node("Add", ["value", "value"], ["next"])])
    return change_graph(folder, lambda graph: loop(graph, body), file)


def doubling_loop(folder: Path) -> Path:
    body = loop_body([helper.make_node("Concat", ["value", "value"], ["next"], axis=0)])
    return change_graph(folder, lambda graph: loop(graph, body))


def expand(folder: Path) -> Path:
    def change(graph: onnx.GraphProto) -> None:
        graph.initializer.append(numpy_helper.from_array(np.array([10**9, 1, 1]), "shape"))
        graph.initializer.append(numpy_helper.from_array(np.array([0]), "first"))
        behind(graph, lambda a, b: [
            helper.make_node("Expand", [a, "shape"], ["large"]),
            helper.make_node("ReduceMax", ["large"], [b], axes=[0], keepdims=0),
        ])  # fmt: skip

    return change_graph(folder, change)


def fixed_batch(folder: Path) -> Path:
    def change(graph: onnx.GraphProto) -> None:
        side = graph.input[0].type.tensor_type.shape.dim[0]
        side.Clear()
        side.dim_value = 1_000_000

    return change_graph(folder, change)


def change_tokenizer(folder: Path, change: Callable[[dict], None]) -> Path:
    """Build the tiny model in `folder`, with another tokenizer."""
    build_tiny_model(folder)
    file = folder / "tokenizer.json"
    values = json.loads(file.read_text(encoding="utf-8"))
    change(values)
    file.write_text(json.dumps(values), encoding="utf-8")
    write_manifest(folder)
    return folder


def growing_text(folder: Path) -> Path:
    replace = {"type": "Replace", "pattern": {"String": "a"}, "content": 1000 * "a"}
    normalizer = {"type": "Sequence", "normalizers": 4 * [replace]}
    return change_tokenizer(folder, lambda values: values.update(normalizer=normalizer))


def change_manifest(folder: Path, line: str) -> Path:
    """Build the tiny model in `folder`, with `line` before its manifest."""
    build_tiny_model(folder)
    manifest = folder / "model.toml"
    manifest.write_text(line + "\n" + manifest.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def long_number(folder: Path) -> Path:
    build_tiny_model(folder)
    manifest = folder / "model.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("scale = ", "scale = " + 400 * "9"), encoding="utf-8")
    return folder


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "endless loop": endless_loop,
    "doubling loop": doubling_loop,
    "expand": expand,
    "fixed batch": fixed_batch,
    "growing text": growing_text,
    "dotted key": lambda folder: change_manifest(folder, 100_000 * "a." + "a = 1"),
    "deep list": lambda folder: change_manifest(folder, "a = " + 100_000 * "["),
    "long number": long_number,
    "very long number": lambda folder: change_manifest(folder, "a = " + 10_000 * "9"),
}
"""What each of them does, by name; the folder is made."""
