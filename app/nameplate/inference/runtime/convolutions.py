"""Makes the weights of quantised convolutions unsigned, for which the processor has a kernel.

onnxruntime 1.22 and 1.23 run a `ConvInteger` on the CPU with uint8 weights alone; with int8 ones,
as exporters write them, they refuse the graph (1.24 runs it). Only the difference of a weight and
its zero point counts, so 128 added to both changes no result: (w + 128) - (z + 128) = w - z.
"""

from pathlib import Path
from typing import Final

from nameplate.inference.protobuf import (
    LENGTH,
    VARINT,
    Bytes,
    Field,
    TooManyFieldsError,
    UnreadableError,
    bytes_field,
    fields,
    number_at,
    number_field,
)

OPERATOR: Final = "ConvInteger"
MAX_FIELDS: Final = 2_000_000

# onnx.proto
_GRAPH: Final = 7
_NODE, _INITIALIZER = 1, 5
_INPUT, _OPERATOR = 1, 4
_DIMS, _DATA_TYPE, _INT32_DATA, _NAME, _RAW_DATA = 1, 2, 5, 8, 9
_UINT8, _INT8 = 2, 3

_WEIGHT, _ZERO_POINT = 1, 3
"""Which inputs of the operator they are."""

_NEW: Final = b"_as_uint8"


def with_unsigned_weights(path: Path) -> bytes:
    """Return the graph in `path` with uint8 weights in its convolutions.

    What is not signed, damaged, or lies outside the graph stays as it is.

    Raises:
        OSError: The file cannot be read.
    """
    content = path.read_bytes()
    graph = Bytes(content, MAX_FIELDS)
    try:
        return b"".join(
            bytes_field(_GRAPH, _recentred(graph, first, last))
            if (number, kind) == (_GRAPH, LENGTH)
            else content[begin:last]
            for number, kind, begin, first, last in fields(graph, 0, len(content))
        )
    except (TooManyFieldsError, UnreadableError):
        return content


def _recentred(graph: Bytes, start: int, end: int) -> bytes:
    """Return the content of the graph between `start` and `end`, with new tensors at its end."""
    parts = list(fields(graph, start, end))
    tensors = dict[bytes, list[Field]]()
    for number, _, _, first, last in parts:
        if number == _INITIALIZER:
            tensor = list(fields(graph, first, last))
            tensors[_texts(graph, tensor, _NAME)[0]] = tensor
    made, found = dict[bytes, bytes](), list[bytes]()
    for number, _, begin, first, last in parts:
        node = _node(graph, first, last, tensors, made) if number == _NODE else None
        found.append(graph.data[begin:last] if node is None else bytes_field(_NODE, node))
    return b"".join([*found, *(bytes_field(_INITIALIZER, tensor) for tensor in made.values())])


def _node(
    graph: Bytes, start: int, end: int, tensors: dict[bytes, list[Field]], made: dict[bytes, bytes]
) -> bytes | None:
    """Return a convolution that takes tensors that are added to `made`; None for any other node."""
    parts = list(fields(graph, start, end))
    if _texts(graph, parts, _OPERATOR) != [OPERATOR.encode()]:
        return None
    inputs = _texts(graph, parts, _INPUT)
    weight = tensors.get(inputs[_WEIGHT]) if len(inputs) > _WEIGHT else None
    inputs += [b""] * (_ZERO_POINT + 1 - len(inputs))
    if weight is None or (unsigned := _unsigned(graph, weight)) is None:
        return None
    if (zero_name := inputs[_ZERO_POINT]) in tensors:
        zero = _unsigned(graph, tensors[zero_name])
    else:  # it is 0 where there is none; one that is worked out is not known here
        zero = None if zero_name else _tensor(b"", b"\x80")
    if zero is None:
        return None
    for at, tensor in ((_WEIGHT, unsigned), (_ZERO_POINT, zero)):
        inputs[at] = (inputs[at] or inputs[_WEIGHT] + b"_zero") + _NEW
        made[inputs[at]] = tensor + bytes_field(_NAME, inputs[at])
    others = (graph.data[begin:last] for number, _, begin, _, last in parts if number != _INPUT)
    return b"".join([*(bytes_field(_INPUT, name) for name in inputs), *others])


def _unsigned(graph: Bytes, tensor: list[Field]) -> bytes | None:
    """Return a tensor of int8 as one of uint8, without a name; None for another or unknown one."""
    data = graph.data
    types = [number_at(data, first, last)[0] for n, _, _, first, last in tensor if n == _DATA_TYPE]
    if types != [_INT8]:
        return None
    dims = b"".join(data[begin:last] for number, _, begin, _, last in tensor if number == _DIMS)
    values = bytearray()
    for number, kind, _, first, last in tensor:
        if number == _RAW_DATA:
            values += data[first:last]
        elif number == _INT32_DATA and kind in {LENGTH, VARINT}:
            place = first
            while place < last:
                value, place = number_at(data, place, last)
                values.append(value & 0xFF)
    if not values:  # they lie in another file
        return None
    return _tensor(dims, bytes(value ^ 0x80 for value in values))


def _tensor(dims: bytes, values: bytes) -> bytes:
    return dims + number_field(_DATA_TYPE, _UINT8) + bytes_field(_RAW_DATA, values)


def _texts(graph: Bytes, parts: list[Field], number: int) -> list[bytes]:
    """Return the values of a field of text."""
    return [graph.data[first:last] for field, _, _, first, last in parts if field == number] or [
        b""
    ]
