"""A small builder for ONNX graphs with compressed constants.

The graphs are written node by node instead of traced, so that they hold plain ONNX operators only,
the same bytes come out of every build, and every weight is stored in the smallest form that the
runtime expands once, when it loads the file: `Cast` (and `Mul` by a scale) of a constant is folded
by onnxruntime, so that the arithmetic runs on float32 at full speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from pathlib import Path

OPSET = 17
CUTS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6)


class Graph:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self, name: str) -> None:
        """Start an empty graph."""
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._count = 0

    def op(self, kind: str, *inputs: str, out: str | None = None, **attributes: object) -> str:
        """Add one node with one output."""
        self._count += 1
        name = out or f"{kind.lower()}_{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, array: np.ndarray) -> str:
        """A constant kept as it is."""
        self._count += 1
        name = f"c_{self._count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def floats(self, *values: float) -> str:
        """A float32 constant; a scalar for a single value."""
        return self.constant(np.array(values if len(values) > 1 else values[0], np.float32))

    def ints(self, *values: int) -> str:
        """An int64 vector."""
        return self.constant(np.array(values, np.int64))

    def half(self, array: np.ndarray) -> str:
        """A float32 constant that is stored as float16."""
        return self.op("Cast", self.constant(array.astype(np.float16)), to=TensorProto.FLOAT)

    def byte(self, array: np.ndarray, axis: int) -> str:
        """A float32 constant that is stored as int8 with one scale per index of `axis`."""
        quantised, scale = to_int8(array, axis)
        wide = self.op("Cast", self.constant(quantised), to=TensorProto.FLOAT)
        return self.op("Mul", wide, self.constant(scale))

    def unit(self, name: str, out: str | None = None) -> str:
        """Rows of length 1."""
        length = self.op("ReduceL2", name, axes=[-1], keepdims=1)
        return self.op("Div", name, self.op("Max", length, self.floats(1e-12)), out=out)

    def save(
        self,
        path: Path,
        given: tuple[str, int, list[str | int]],
        result: tuple[str, list[str | int]],
    ) -> None:
        """Check the graph and write it; `given` is name, element type and shape of the input."""
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(*given)],
            [helper.make_tensor_value_info(result[0], TensorProto.FLOAT, result[1])],
            self.constants,
        )
        model = helper.make_model(
            graph,
            producer_name="nameplate build_starter",
            ir_version=8,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        path.write_bytes(model.SerializeToString(deterministic=True))


def to_int8(array: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 values and the float32 scale for every index of `axis`.

    Of a few scales, each index gets the one with the smallest squared error: cutting the one
    largest value a little is often better than rounding all others more coarsely.
    """
    others = tuple(i for i in range(array.ndim) if i != axis)
    widest = np.maximum(np.abs(array).max(axis=others, keepdims=True), 1e-12) / 127.0
    best, least = widest, np.full_like(widest, np.inf)
    for share in CUTS:
        scale = widest * share
        rounded = np.clip(np.rint(array / scale), -127, 127) * scale
        error = ((rounded - array) ** 2).sum(axis=others, keepdims=True)
        best, least = np.where(error < least, scale, best), np.minimum(error, least)
    best = best.astype(np.float32)
    return np.clip(np.rint(array / best), -127, 127).astype(np.int8), best
