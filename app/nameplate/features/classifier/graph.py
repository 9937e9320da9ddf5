"""Appends a classifier to the graph of an encoder: one ONNX file, from pixels to probabilities.

The bytes of the encoder are copied as they are. The nodes are of operators that have been the same
since opset 8, so that they fit every encoder; numbers are those of onnx.proto.
"""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ModelError
from nameplate.features.classifier.saved import Linear, of_names
from nameplate.inference.encoders import ImageEncoder
from nameplate.inference.protobuf import (
    GRAPH,
    LARGEST,
    LENGTH,
    NAME,
    OUTPUT,
    VARINT,
    Bytes,
    TooManyFieldsError,
    UnreadableError,
    fields,
    message,
    varint,
)
from nameplate.inference.runtime.session import TensorInfo
from nameplate.pipeline.learning.probe import Probe
from nameplate.pipeline.learning.regression import LEAST_PROBABILITY
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.system.opening import open_regular

PROBABILITIES: Final = "probabilities"
LOGITS: Final = "logits"
EMBEDDING: Final = "image_embeds"
"""The outputs. Programs that know classifiers look for logits, and Nameplate for embeddings."""

_NODE: Final = 1  # of a GraphProto
_FLOAT, _INTEGER, _TENSOR = 1, 2, 4  # types of an AttributeProto, and FLOAT of a TensorProto
_TINY: Final = np.float32(1e-12)
"""Length below which there is no direction."""
_MOST_FIELDS: Final = 1_000_000

Array = NDArray[np.float32]


def append_classifier(
    graph: Path, encoder: ImageEncoder, classifier: ZeroShot | Probe, stream: BinaryIO
) -> None:
    """Write the graph of an encoder with a classifier after it.

    Args:
        graph: The ONNX file; its external data is named in it as before.
        encoder: Of it, whose output has one embedding a row, of any length.
        classifier: What to append.
        stream: Where to.

    Raises:
        ModelError: It is no ONNX file, or would be larger than one can be.
        OSError: It cannot be read or written.
    """
    with (
        open_regular(graph) as source,
        mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as content,
    ):
        try:
            begin, first, last = _graph_in(data)
            kept = _ranges(data, first, last, encoder.output)
        except (UnreadableError, TooManyFieldsError) as error:
            raise ModelError("no-onnx", where=str(graph)) from error
        prefix = "nameplate/"
        while data.find(prefix.encode()) >= 0:  # one that was made here before
            prefix = f"n{prefix}"
        more = _appended(classifier, encoder, prefix)
        size = sum(end - begin for begin, end in kept) + len(more)
        head = varint(GRAPH << 3 | LENGTH) + varint(size)
        if first + size + len(head) + len(data) - last >= LARGEST:
            raise ModelError("classifier-graph-too-large", where=str(graph))
        stream.write(content[:begin])
        stream.write(head)
        stream.writelines(content[start:end] for start, end in kept)
        stream.write(more)
        stream.write(content[last:])


def _graph_in(data: mmap.mmap) -> tuple[int, int, int]:
    """Return where the one graph of a model begins, and where its content begins and ends."""
    found = [
        (begin, first, last)
        for number, kind, begin, first, last in fields(Bytes(data, _MOST_FIELDS), 0, len(data))
        if number == GRAPH and kind == LENGTH
    ]
    if len(found) != 1:
        raise UnreadableError
    return found[0]


def _ranges(data: mmap.mmap, first: int, last: int, embedding: str) -> list[tuple[int, int]]:
    """Return the ranges of a graph without its outputs, those that touch as one.

    Its embedding stays one where it is called as it shall be: it may have 16 bits.
    """
    kept, graph = list[tuple[int, int]](), Bytes(data, _MOST_FIELDS)
    for number, _, begin, start, end in fields(graph, first, last):
        if number == OUTPUT and not embedding == EMBEDDING == _name_in(graph, start, end):
            continue
        if kept and kept[-1][1] == begin:
            kept[-1] = kept[-1][0], end
        else:
            kept.append((begin, end))
    return kept


def _name_in(graph: Bytes, first: int, last: int) -> str:
    """Return the name in a ValueInfoProto."""
    names = (graph.data[a:b] for n, _, _, a, b in fields(graph, first, last) if n == NAME)
    return b"".join(names).decode("utf-8", "replace")


def _appended(classifier: ZeroShot | Probe, encoder: ImageEncoder, prefix: str) -> bytes:
    """Return the fields to add to a graph: nodes, then outputs."""
    names, nodes, embedding = classifier.names, _Nodes(prefix), encoder.output
    size = names.vectors.shape[1]
    vector = nodes.unit(embedding, size)
    by_names = of_names(names)
    if isinstance(classifier, Probe):
        found = nodes.linear(vector, by_names)
        logits = _learned(nodes, vector, found, classifier, encoder)
        nodes.add("Identity", logits, output=LOGITS)
    else:
        nodes.linear(vector, by_names, output=LOGITS)
    nodes.probabilities(LOGITS, names, output=PROBABILITIES)
    outputs = [(PROBABILITIES, len(names.concepts)), (LOGITS, len(names.concepts))]
    if embedding != EMBEDDING:
        nodes.add("Identity", vector, output=EMBEDDING)
        outputs.append((EMBEDDING, size))
    told = (message(OUTPUT, _tensor_info(*one)) for one in outputs)
    return nodes.content + b"".join(told)


def _learned(
    nodes: "_Nodes", vector: str, by_names: str, probe: Probe, encoder: ImageEncoder
) -> str:
    """Add the logits of a probe, see `Probe.logits`; a softmax needs no centred ones."""
    least = np.float32(LEAST_PROBABILITY)
    found = nodes.probabilities(by_names, probe.names)
    found = nodes.add("Max", found, nodes.constant(least))
    found = nodes.add("Min", found, nodes.constant(np.float32(1) - least))
    logits = nodes.add("Log", found)
    if not probe.is_exclusive:
        rest = nodes.add("Sub", nodes.constant(np.float32(1)), found)
        logits = nodes.add("Sub", logits, nodes.add("Log", rest))
    logits = nodes.add("Mul", logits, nodes.constant(np.float32(probe.scale)))
    logits = nodes.add("Add", logits, nodes.constant(probe.bias))
    if len(probe.vectors):
        logits = nodes.add("Add", logits, nodes.product(vector, probe.vectors))
    if len(probe.described):
        for tensor, weights in zip(encoder.inner, encoder.parts_of(probe.described), strict=True):
            part = nodes.unit(nodes.pooled(tensor), weights.shape[1])
            logits = nodes.add("Add", logits, nodes.product(part, weights))
    return logits


class _Nodes:
    """Nodes that are added to a graph; each is called by the name of its output."""

    def __init__(self, prefix: str) -> None:
        self.content = b""
        self._prefix, self._count = prefix, 0

    def add(self, operator: str, *inputs: str, output: str = "", **integers: int) -> str:
        """Add a node with integers as attributes; return its output."""
        attributes = [
            _text(1, name) + _integer(3, value) + _integer(20, _INTEGER)
            for name, value in integers.items()
        ]
        return self._put(operator, inputs, attributes, output)

    def constant(self, value: Array | np.float32) -> str:
        """Add a constant; return its name. No initializer: older graphs have these as inputs."""
        array = np.ascontiguousarray(value, dtype="<f4")
        dimensions = b"".join(_integer(1, size) for size in np.shape(value))
        tensor = dimensions + _integer(2, _FLOAT) + message(9, array.tobytes())
        attribute = _text(1, "value") + message(5, tensor) + _integer(20, _TENSOR)
        return self._put("Constant", (), [attribute], "")

    def unit(self, tensor: str, size: int) -> str:
        """Add a division of each row of `size` numbers by its length; return the unit vectors."""
        raw = self.add("Cast", tensor, to=_FLOAT)
        squares = self.add("Mul", raw, raw)
        ones = self.constant(np.ones((size, 1), np.float32))
        length = self.add("Sqrt", self.add("MatMul", squares, ones))
        return self.add("Div", raw, self.add("Max", length, self.constant(_TINY)))

    def pooled(self, tensor: TensorInfo) -> str:
        """Add the means of maps, where an inner tensor has any; return a vector a row."""
        if len(tensor.shape) == 2:
            return tensor.name
        raw = self.add("Cast", tensor.name, to=_FLOAT)  # means of 16 bits would be rounded
        return self.add("Flatten", self.add("GlobalAveragePool", raw), axis=1)

    def product(self, vector: str, weights: Array) -> str:
        """Add the products with K weights; return them."""
        return self.add("MatMul", vector, self.constant(weights.T))

    def linear(self, vector: str, of: Linear, output: str = "") -> str:
        """Add vectors and a bias; return the logits."""
        product = self.product(vector, of.vectors)
        return self.add("Add", product, self.constant(of.bias), output=output)

    def probabilities(self, logits: str, names: ZeroShot, output: str = "") -> str:
        """Add a softmax or a sigmoid; return the probabilities."""
        if names.is_exclusive:
            return self.add("Softmax", logits, output=output, axis=1)
        return self.add("Sigmoid", logits, output=output)

    def _put(
        self, operator: str, inputs: Sequence[str], attributes: Sequence[bytes], output: str
    ) -> str:
        self._count += 1
        output = output or f"{self._prefix}{self._count}"
        node = b"".join(_text(1, name) for name in inputs) + _text(2, output)
        node += _text(3, f"{self._prefix}node{self._count}") + _text(4, operator)
        node += b"".join(message(5, attribute) for attribute in attributes)
        self.content += message(_NODE, node)
        return output


def _tensor_info(name: str, size: int) -> bytes:
    """Return a ValueInfoProto of floats: any number of rows, of a size."""
    shape = message(1, _text(2, "batch")) + message(1, _integer(1, size))
    tensor = _integer(1, _FLOAT) + message(2, shape)
    return _text(1, name) + message(2, message(1, tensor))


def _text(number: int, text: str) -> bytes:
    return message(number, text.encode())


def _integer(number: int, value: int) -> bytes:
    return varint(number << 3 | VARINT) + varint(value)
