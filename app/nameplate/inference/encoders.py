"""The two encoders: pixels or prompts in, unit vectors out.

Each owns its session. The text encoder is called from one thread at a time, the `score` thread; the
image encoder likewise on a graphics card, and from several at once on the processor (design 4).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    LEVELS,
    MASK,
    SEGMENTS,
    TEXT_OUTPUTS,
    as_input,
    embedding_output,
    image_input,
    optional_input,
    picture_shape,
    placeholder_inputs,
    text_input,
)
from nameplate.inference.runtime.providers import CPU, DeviceReport
from nameplate.inference.runtime.session import AllocationError, Array, Session
from nameplate.inference.specs import ImageSpec, TextSpec
from nameplate.inference.tokenizer import Tokenizer, Tokens

TEXT_BATCH: Final = 64
"""Prompts at a time: enough to fill the machine, and a cancel is answered after one batch."""

MEASURED_AT_ONCE: Final = 1024
"""Prompts whose tokens are counted together."""


class ImageEncoder:
    """The image half of a model.

    Attributes:
        spec: How its pixels are made.
        embedding_size: Length D of its embeddings.
    """

    def __init__(self, session: Session, spec: ImageSpec, embedding_size: int) -> None:
        """Take `session` over.

        Raises:
            ModelError: Its inputs and outputs are not those of an image encoder of this spec.
        """
        self.spec = spec
        self.embedding_size = embedding_size
        self._session = session
        self._input = image_input(session)
        self._output = embedding_output(session, IMAGE_OUTPUTS, embedding_size)
        self._placeholders = placeholder_inputs(session, [self._input.name], spec.size)
        self._shape = 0
        self._largest_batch: int | None = None
        if self._input.dtype == LEVELS and (spec.mean, spec.std) != ((0, 0, 0), (1, 1, 1)):
            reason = "makes its pixels itself, so that image.mean must be 0 and image.std 1"
            raise ModelError(reason, where=session.name, remedy="Correct model.toml.")
        wanted = picture_shape(self._input, spec.size)
        fixed = zip(self._input.shape[1:], wanted, strict=True)
        if any(side not in {None, want} for side, want in fixed):
            reason = f"takes pictures of {self._input.shape[1:]}, and the manifest says {wanted}"
            raise ModelError(reason, where=session.name, remedy="Correct image.size in model.toml.")

    @property
    def providers(self) -> tuple[str, ...]:
        """What it really runs on."""
        return self._session.providers

    @property
    def device(self) -> DeviceReport:
        """What was asked for and what really runs now."""
        return self._session.device

    @property
    def largest_batch(self) -> int | None:
        """How many rows a run may have, where more did not fit into memory; None: not known."""
        return self._largest_batch

    @property
    def fixed_batch(self) -> int | None:
        """The only batch size that the graph takes; None where it takes any."""
        return self._input.shape[0]

    def encode(self, batch: NDArray[np.float32], cancel: CancelToken | None = None) -> Vectors:
        """Return the embeddings of a batch of pictures.

        A row that the model makes no finite vector of (an overflow in a float16 graph) comes back
        as NaN, which means "no embedding" to the scoring, so that one picture cannot stop a
        thousand.

        Args:
            batch: float32, B x 3 x size x size, rows from `preprocess.pixels`.
            cancel: Stops the run.

        Returns:
            float32, B x D, unit length.

        Raises:
            AllocationError: Not even one row fits into memory.
            ModelError: The graph fails, gives another shape, or gives nothing finite for a whole
                batch of two or more.
            CancelledError: `cancel` was set.
        """
        count = len(batch)
        if count == 0:
            return np.empty((0, self.embedding_size), dtype=np.float32)
        pixels = as_input(batch, self._input)
        parts = list[Array]()
        start = 0
        while start < count:
            step = self.fixed_batch or self._step(count)
            try:
                parts.append(self._run(pixels[start : start + step], step, cancel))
            except AllocationError:
                if self.fixed_batch or step == 1:
                    raise
                self._largest_batch = self._shape = step // 2
                continue
            start += step
        return _checked(np.concatenate(parts), self.embedding_size, self._session.name)

    def _step(self, count: int) -> int:
        """Return the batch size for `count` rows: on a graphics card the largest seen so far.

        Its provider plans memory and picks algorithms per shape, so a short last batch would cost
        more than the rows that fill it up.
        """
        most = count if self._largest_batch is None else min(count, self._largest_batch)
        if self.providers == (CPU,):
            return most
        self._shape = max(self._shape, most)
        return self._shape

    def _run(self, rows: Array, step: int, cancel: CancelToken | None) -> Array:
        feeds = {**self._placeholders, self._input.name: _fill(rows, step)}
        out = self._session.run(feeds, [self._output.name], cancel)[self._output.name]
        return _rows_of(out, step, self.embedding_size, self._session.name)[: len(rows)]


class TextEncoder:
    """The text half of a model, with its tokenizer.

    Attributes:
        tokenizer: For warnings about long prompts; any thread may call it.
        embedding_size: Length D of its embeddings.
    """

    def __init__(
        self,
        session: Session,
        spec: TextSpec,
        tokenizer: Tokenizer,
        embedding_size: int,
        *,
        side: int = 224,
    ) -> None:
        """Take `session` over; `side` is that of the pictures, where one graph is both towers.

        Raises:
            ModelError: Its inputs and outputs are not those of a text encoder of this spec.
        """
        self.tokenizer = tokenizer
        self.embedding_size = embedding_size
        self._session = session
        self._input = text_input(session)
        self._mask = optional_input(session, MASK)
        self._segments = optional_input(session, SEGMENTS)
        self._output = embedding_output(session, TEXT_OUTPUTS, embedding_size)
        self._length = self._input.shape[1]
        self._placeholders = placeholder_inputs(session, [self._input.name, MASK, SEGMENTS], side)
        if self._length is not None and self._length < spec.context_length:
            reason = f"takes {self._length} tokens, and the manifest says {spec.context_length}"
            remedy = "Correct text.context_length in model.toml."
            raise ModelError(reason, where=session.name, remedy=remedy)

    def encode(self, prompts: Sequence[str], cancel: CancelToken | None = None) -> Vectors:
        """Return the embeddings of `prompts`, in their order.

        Prompts of like length share a batch, so that little padding is computed.

        Args:
            prompts: Whole prompts, templates filled in.
            cancel: Looked at before each batch, and stops the run.

        Returns:
            float32, P x D, unit length; a NaN row as in `ImageEncoder.encode`.

        Raises:
            ModelError: The graph fails (as with ids outside its vocabulary, the sign of a wrong
                tokenizer), gives another shape, or nothing finite for two or more prompts.
            CancelledError: `cancel` was set.
        """
        vectors = np.empty((len(prompts), self.embedding_size), dtype=np.float32)
        order = np.argsort(self._lengths(prompts, cancel), kind="stable")
        step = self._input.shape[0] or TEXT_BATCH
        for start in range(0, len(order), step):
            _stop_if(cancel)
            chosen = order[start : start + step]
            vectors[chosen] = self._run([prompts[int(i)] for i in chosen], cancel)
        return _checked(vectors, self.embedding_size, self._session.name)

    def _lengths(self, prompts: Sequence[str], cancel: CancelToken | None) -> NDArray[np.int64]:
        # A part at a time: the tokens of a prompt take a hundred times the memory of their number.
        lengths = np.empty(len(prompts), dtype=np.int64)
        for start in range(0, len(prompts), MEASURED_AT_ONCE):
            _stop_if(cancel)
            part = slice(start, start + MEASURED_AT_ONCE)
            lengths[part] = self.tokenizer.lengths(prompts[part])
        return lengths

    def _run(self, prompts: Sequence[str], cancel: CancelToken | None) -> Array:
        tokens = self.tokenizer.tokens(prompts, self._length)
        rows = self._input.shape[0] or len(prompts)
        return self._run_tokens(tokens, rows, cancel)[: len(prompts)]

    def takes_id(self, number: int) -> bool:
        """Return whether the graph takes a prompt that holds the token `number`."""
        tokens = self.tokenizer.tokens(["a"], self._length)
        tokens.ids[0, -1] = number
        tokens.mask[0, -1] = 1
        try:
            self._run_tokens(tokens, self._input.shape[0] or 1)
        except ModelError:
            return False
        return True

    def _run_tokens(self, tokens: Tokens, rows: int, cancel: CancelToken | None = None) -> Array:
        feeds: dict[str, Array] = dict(self._placeholders)
        feeds[self._input.name] = _fill(tokens.ids, rows, self._input.dtype)
        if self._mask is not None:
            feeds[MASK] = _fill(tokens.mask, rows, self._mask.dtype)
        if self._segments is not None:  # BERT's; a single sentence is segment 0
            feeds[SEGMENTS] = np.zeros_like(feeds[self._input.name], self._segments.dtype)
        out = self._session.run(feeds, [self._output.name], cancel)[self._output.name]
        return _rows_of(out, rows, self.embedding_size, self._session.name)


def _stop_if(cancel: CancelToken | None) -> None:
    if cancel is not None and cancel.is_cancelled:
        raise CancelledError


def _fill(rows: Array, count: int, dtype: str | None = None) -> Array:
    """Return `rows` with the last one repeated up to `count` of them.

    A repeated row, not zeros: graphs quantised at run time take their range from the whole batch.
    """
    cast = rows if dtype is None else rows.astype(dtype, copy=False)
    missing = count - len(cast)
    return np.concatenate([cast, np.repeat(cast[-1:], missing, axis=0)]) if missing else cast


def _rows_of(out: Array, count: int, size: int, where: str) -> Array:
    """Return `out` if it is count x size.

    Raises:
        ModelError: It is not.
    """
    if out.shape != (count, size):
        reason = f"gave an array of shape {out.shape} instead of {(count, size)}"
        raise ModelError(reason, where=where, remedy="Check embedding_size in model.toml.")
    return out


def _checked(vectors: Array, size: int, where: str) -> Vectors:
    """Return `vectors` (N x size) at unit length, NaN in the rows that have no direction.

    Raises:
        ModelError: There are two or more and none has one.
    """
    rows = vectors.astype(np.float32)
    with np.errstate(over="ignore"):  # a length too great for float32 is not finite either
        lengths = np.linalg.norm(rows, axis=1)
    usable = np.isfinite(lengths) & (lengths > 0)
    if len(rows) > 1 and not usable.any():
        raise ModelError(
            "gives no finite vectors",
            where=where,
            remedy="Use the fp32 variant of this model, or get it again.",
        )
    result = np.full((len(rows), size), np.nan, dtype=np.float32)
    result[usable] = unit(rows[usable])
    return result
