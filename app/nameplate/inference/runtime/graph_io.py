"""Finds the inputs and outputs of a graph: pixels, token ids and embedding.

Exporters agree on neither names nor types, so rank and type decide first, and names only between
several tensors that fit.
"""

import math
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.runtime.session import Array, Session, TensorInfo

FLOATS: Final = ("float32", "float16")
UINT8: Final = "uint8"
"""Pixel type of graphs that take levels of 0 to 255 and normalise them themselves."""

INTEGERS: Final = ("int32", "int64")
IMAGE_OUTPUTS: Final = (
    "image_embeds",
    "embedding",
    "pooler_output",
    "output",
    "image_features",
    "unnorm_image_features",
)
TEXT_OUTPUTS: Final = tuple(name.replace("image", "text") for name in IMAGE_OUTPUTS)
LARGEST_BATCH: Final = 1_024
"""Batch size that a graph may be fixed to; exports have 1, or a few dozen."""

LARGEST_INPUT: Final = 20_000_000
"""Elements that all placeholder inputs of a graph may have together."""

MASK: Final = "attention_mask"
SEGMENTS: Final = "token_type_ids"


def is_combined(session: Session) -> bool:
    """Return whether the graph holds both encoders, as Hugging Face exports them."""
    names = {output.name for output in session.outputs}
    return names >= {IMAGE_OUTPUTS[0], TEXT_OUTPUTS[0]}


def placeholder_inputs(session: Session, used: Collection[str], side: int) -> dict[str, Array]:
    """Return arrays of ones for inputs that are not `used`: those of the other encoder.

    Args:
        session: Of the graph; there are none where it holds one encoder.
        used: Names of the inputs that get real data.
        side: Of an image in pixels, where the graph does not fix it.

    Raises:
        ModelError: They have more than LARGEST_INPUT elements.
    """
    # Three tokens where the length is not fixed: a start, a word, an end.
    defaults = {2: (1, 3), 4: (1, 3, side, side)}
    unused = [i for i in session.inputs if i.name not in used and len(i.shape) in defaults]
    shapes = [
        tuple(s or d for s, d in zip(i.shape, defaults[len(i.shape)], strict=True)) for i in unused
    ]
    if sum(math.prod(shape) for shape in shapes) > LARGEST_INPUT:
        raise _refuse(session, Message("encoder-of-usual-size"), unused)
    arrays = {
        i.name: np.ones(shape, dtype=i.dtype) for i, shape in zip(unused, shapes, strict=True)
    }
    if SEGMENTS in arrays:
        arrays[SEGMENTS][:] = 0  # the only segment id that every encoder has
    return arrays


def image_input(session: Session) -> TensorInfo:
    """Return the input that takes pixels.

    Raises:
        ModelError: There is not exactly one input of rank 4 with floats or uint8, or it has others
            that are not those of a text encoder in the same graph.
    """
    found = [i for i in session.inputs if len(i.shape) == 4 and i.dtype in (*FLOATS, UINT8)]
    is_alone = len(session.inputs) == 1 or is_combined(session)
    return _only(session, found if is_alone else [], Message("encoder-of-pixels"))


def image_shape(tensor: TensorInfo, side: int) -> tuple[int, int, int]:
    """Return the shape of one image: channels last if only the last axis is 3, else first."""
    is_last = tensor.shape[3] == 3 and tensor.shape[1] != 3
    return (side, side, 3) if is_last else (3, side, side)


def as_input(pixels: NDArray[np.float32], tensor: TensorInfo) -> Array:
    """Convert images to the type and the order of axes of the input `tensor`.

    Args:
        pixels: float32, B x 3 x size x size; from 0 (black) to 1 where the input is uint8.
        tensor: From `image_input`.
    """
    batch = pixels
    if tensor.dtype == UINT8:
        batch = np.rint(pixels * 255.0).clip(0.0, 255.0)
    if image_shape(tensor, 0)[2] == 3:
        batch = np.ascontiguousarray(batch.transpose(0, 2, 3, 1))
    return batch.astype(tensor.dtype, copy=False)


def text_input(session: Session) -> TensorInfo:
    """Return the input that takes token ids.

    Raises:
        ModelError: There is not exactly one input of rank 2 with integers beside mask and segment
            ids, or it has others that are not an image encoder's in the same graph.
    """
    others = [i for i in session.inputs if i.name not in {MASK, SEGMENTS}]
    if is_combined(session):
        others = [i for i in others if len(i.shape) != 4]
    found = [i for i in others if len(i.shape) == 2 and i.dtype in INTEGERS]
    return _only(session, found if len(others) == 1 else [], Message("encoder-of-tokens"))


def text_feeds(session: Session, ids: Array, mask: Array) -> dict[str, Array]:
    """Return the inputs of a text encoder for prompts.

    Args:
        session: Of the encoder.
        ids: P x L token ids.
        mask: P x L; 1 for tokens of the prompt and 0 for padding.
    """
    tensor = text_input(session)
    feeds = {tensor.name: ids.astype(tensor.dtype, copy=False)}
    if of_mask := optional_input(session, MASK):
        feeds[MASK] = mask.astype(of_mask.dtype, copy=False)
    if segments := optional_input(session, SEGMENTS):  # BERT's; a prompt is segment 0
        feeds[SEGMENTS] = np.zeros_like(ids, dtype=segments.dtype)
    return feeds


def _only(session: Session, found: Sequence[TensorInfo], expected: Message) -> TensorInfo:
    """Return the only one of `found`; its batch size is free, or at most LARGEST_BATCH.

    Raises:
        ModelError: There is none, or several, or its batch size is larger.
    """
    if len(found) != 1:
        raise _refuse(session, expected, session.inputs)
    batch_size = found[0].shape[0]
    if batch_size is not None and batch_size > LARGEST_BATCH:
        raise ModelError("fixed-batch", where=session.name, batch=batch_size, most=LARGEST_BATCH)
    return found[0]


def optional_input(session: Session, name: str) -> TensorInfo | None:
    """Return the input called `name`, if there is one."""
    return next((i for i in session.inputs if i.name == name), None)


def embedding_output(session: Session, names: Sequence[str], size: int | None) -> TensorInfo:
    """Return the output that holds the embeddings.

    Args:
        session: Of the encoder.
        names: Names to prefer, the best first.
        size: Length of an embedding by the manifest; None: any.

    Raises:
        ModelError: No output fits, several fit and none has one of `names`, or its length is fixed
            to another number.
    """
    fitting = [o for o in session.outputs if len(o.shape) == 2 and o.dtype in FLOATS]
    by_name = {o.name: o for o in fitting}
    named = [by_name[name] for name in names if name in by_name]
    output = named[0] if named else fitting[0] if len(fitting) == 1 else None
    if output is None:
        raise _refuse(session, Message("encoder-of-embeddings"), session.outputs)
    if size is not None and output.shape[1] not in {None, size}:
        length = output.shape[1] or 0
        raise ModelError("other-length", where=session.name, length=length, expected=size)
    return output


def _refuse(session: Session, expected: Message, tensors: Sequence[TensorInfo]) -> ModelError:
    have = tuple(
        Message("tensor", {"name": t.name, "type": t.dtype, "rank": len(t.shape)}) for t in tensors
    )
    return ModelError("other-encoder", where=session.name, expected=expected, tensors=have)
