"""Which tensors of a graph are its picture, its tokens and its embedding.

Exporters agree on neither names nor types, so rank and type decide
first, and names only between several that fit.
"""

import math
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ModelError
from nameplate.inference.runtime.session import Array, Session, TensorInfo

FLOATS: Final = ("float32", "float16")
LEVELS: Final = "uint8"
"""Type of a picture whose levels, 0 to 255, the graph turns into numbers itself."""

INTEGERS: Final = ("int32", "int64")
IMAGE_OUTPUTS: Final = (
    "image_embeds",
    "embedding",
    "pooler_output",
    "output",
    "image_features",
    "unnorm_image_features",
)
TEXT_OUTPUTS: Final = (
    "text_embeds",
    "embedding",
    "pooler_output",
    "output",
    "text_features",
    "unnorm_text_features",
)
LARGEST_BATCH: Final = 1_024
"""Rows that a graph may be fixed to; exports have 1, or a few dozen."""

LARGEST_INPUT: Final = 20_000_000
"""Numbers that the inputs of the other tower of a graph may have together."""

MASK: Final = "attention_mask"
SEGMENTS: Final = "token_type_ids"

WRONG_FILE: Final = "Check that image.onnx and text.onnx are not swapped, or get the model again."


def is_combined(session: Session) -> bool:
    """Return whether both towers are in one graph, as Hugging Face exports them."""
    names = {output.name for output in session.outputs}
    return names >= {IMAGE_OUTPUTS[0], TEXT_OUTPUTS[0]}


def placeholder_inputs(session: Session, used: Collection[str], side: int) -> dict[str, Array]:
    """Return what the inputs that are not `used` get: those of the other tower of one graph.

    Args:
        session: Of the graph; nothing is left over where it holds one tower.
        used: Names of the inputs that get something real.
        side: Of a picture, where the graph leaves it open.

    Raises:
        ModelError: They have more than LARGEST_INPUT numbers.
    """
    # Three tokens where any number goes: a start, a word, an end.
    free = {2: (1, 3), 4: (1, 3, side, side)}
    left = [i for i in session.inputs if i.name not in used and len(i.shape) in free]
    shapes = [tuple(s or f for s, f in zip(i.shape, free[len(i.shape)], strict=True)) for i in left]
    if sum(math.prod(shape) for shape in shapes) > LARGEST_INPUT:
        raise _refuse(session, "an encoder with inputs of a usual size", left)
    filled = {i.name: np.ones(shape, dtype=i.dtype) for i, shape in zip(left, shapes, strict=True)}
    if SEGMENTS in filled:
        filled[SEGMENTS][:] = 0  # the only segment that every tower knows
    return filled


def image_input(session: Session) -> TensorInfo:
    """Return the input that takes pixels.

    Raises:
        ModelError: It does not have exactly one input, of rank 4 and of floats or levels, beside
            those of the other tower in one graph.
    """
    found = [i for i in session.inputs if len(i.shape) == 4 and i.dtype in (*FLOATS, LEVELS)]
    if len(found) != 1 or (len(session.inputs) != 1 and not is_combined(session)):
        raise _refuse(session, "an image encoder, which takes one batch of pixels", session.inputs)
    return _with_usual_batch(session, found[0])


def picture_shape(taken: TensorInfo, side: int) -> tuple[int, int, int]:
    """Return the shape of one picture in `taken`: colours first, or last where it says three."""
    is_last = taken.shape[3] == 3 and taken.shape[1] != 3
    return (side, side, 3) if is_last else (3, side, side)


def as_input(pixels: NDArray[np.float32], taken: TensorInfo) -> Array:
    """Return pictures in the type and the order of axes that `taken` wants.

    Args:
        pixels: float32, B x 3 x size x size; for a graph of levels from 0 (black) to 1.
        taken: Of the graph, from `image_input`.
    """
    rows = pixels
    if taken.dtype == LEVELS:
        rows = np.rint(pixels * 255.0).clip(0.0, 255.0)
    if picture_shape(taken, 0)[2] == 3:
        rows = np.ascontiguousarray(rows.transpose(0, 2, 3, 1))
    return rows.astype(taken.dtype, copy=False)


def text_input(session: Session) -> TensorInfo:
    """Return the input that takes token ids.

    Raises:
        ModelError: It does not have exactly one rank-2 integer input beside the mask and the
            segment ids, or it has others too.
    """
    others = [i for i in session.inputs if i.name not in {MASK, SEGMENTS}]
    if is_combined(session):
        others = [i for i in others if len(i.shape) != 4]
    found = [i for i in others if len(i.shape) == 2 and i.dtype in INTEGERS]
    if len(found) != 1 or len(others) != 1:
        raise _refuse(session, "a text encoder, which takes token ids", session.inputs)
    return _with_usual_batch(session, found[0])


def _with_usual_batch(session: Session, taken: TensorInfo) -> TensorInfo:
    """Return `taken` unless the graph is fixed to more rows than memory is there for.

    Raises:
        ModelError: It is.
    """
    rows = taken.shape[0]
    if rows is not None and rows > LARGEST_BATCH:
        reason = f"takes exactly {rows:,} at a time, and {LARGEST_BATCH:,} is the most"
        raise ModelError(reason, where=session.name, remedy="Export it with an open batch size.")
    return taken


def optional_input(session: Session, name: str) -> TensorInfo | None:
    """Return the input called `name`, if there is one."""
    return next((i for i in session.inputs if i.name == name), None)


def embedding_output(session: Session, names: Sequence[str], size: int | None) -> TensorInfo:
    """Return the output that holds the embeddings.

    Args:
        session: Of the encoder.
        names: Names to prefer, the best first.
        size: The length that the manifest gives to an embedding; None: any.

    Raises:
        ModelError: No output fits, several do and none has a known name, or its length is fixed to
            another number.
    """
    ranked = [o for o in session.outputs if len(o.shape) == 2 and o.dtype in FLOATS]
    by_name = {o.name: o for o in ranked}
    known = [by_name[name] for name in names if name in by_name]
    chosen = known[0] if known else ranked[0] if len(ranked) == 1 else None
    if chosen is None:
        raise _refuse(session, "an encoder with one embedding as its output", session.outputs)
    if size is not None and chosen.shape[1] not in {None, size}:
        reason = f"gives embeddings of length {chosen.shape[1]}, and the manifest says {size}"
        raise ModelError(reason, where=session.name, remedy=WRONG_FILE)
    return chosen


def _refuse(session: Session, wanted: str, tensors: Sequence[TensorInfo]) -> ModelError:
    have = ", ".join(f"{t.name} ({t.dtype}, rank {len(t.shape)})" for t in tensors)
    return ModelError(f"is not {wanted}; it has {have}", where=session.name, remedy=WRONG_FILE)
