"""The image encoder and the text encoder: pixels or prompts in, unit vectors out.

Each owns its session. The text encoder is called from one thread at a time, the `score` thread; the
image encoder likewise on a graphics card, and from several at once on the processor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Descriptors, ImageVectors, Vectors, descriptor, unit
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.inference.glossary import Glossary
from nameplate.inference.lazy import Lazy
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    MASK,
    SEGMENTS,
    TEXT_OUTPUTS,
    UINT8,
    as_input,
    embedding_output,
    image_input,
    image_shape,
    placeholder_inputs,
    text_feeds,
    text_input,
)
from nameplate.inference.runtime.providers import CPU, DeviceReport
from nameplate.inference.runtime.session import AllocationError, Array, Session, TensorInfo
from nameplate.inference.specs import DescriptorSpec, ImageSpec, TextSpec
from nameplate.inference.tokenizer import Tokenizer, Tokens

TEXT_BATCH: Final = 64
"""Batch size of prompts: enough for full speed, and a cancel takes effect after one batch."""

_RANKS: Final = (2, 4)
"""Of inner tensors: n x C, or n x C x height x width."""

LENGTHS_BLOCK: Final = 1024
"""Prompts whose tokens are counted at a time."""


class _Encoder:
    """The common part of both encoders: check and normalise the output of the session.

    Attributes:
        embedding_size: Length D of the embeddings.
        input: What the graph takes: pixels or token ids.
        output: The name of the embeddings in the graph.
    """

    def __init__(
        self, session: Session, tensor: TensorInfo, outputs: Sequence[str], embedding_size: int
    ) -> None:
        self.embedding_size = embedding_size
        self._session = session
        self.input = tensor
        self.output = embedding_output(session, outputs, embedding_size).name

    def _check_shape(self, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
        if shape != expected:
            raise ModelError(
                "other-shape",
                where=self._session.name, shape=str(shape), expected=str(expected),
            )  # fmt: skip

    def _normalised(self, vectors: Array) -> Vectors:
        """Normalise `vectors` (N x D); rows that are zero or not finite become NaN.

        Raises:
            ModelError: There are two or more, and all of them are.
        """
        rows = vectors.astype(np.float32)
        with np.errstate(over="ignore"):  # a length beyond float32 becomes infinite
            lengths = np.linalg.norm(rows, axis=1)
        usable = np.isfinite(lengths) & (lengths > 0)
        if len(rows) > 1 and not usable.any():
            raise ModelError("no-finite-vectors", where=self._session.name)
        result = np.full((len(rows), self.embedding_size), np.nan, dtype=np.float32)
        result[usable] = unit(rows[usable])
        return result


class ImageEncoder(_Encoder):
    """The image encoder of a model.

    Attributes:
        fixed_batch: The only batch size that the graph takes; None if it takes any.
        largest_batch: The largest one, after a larger one did not fit into memory; None: no limit.
        inner: The inner tensors that make the descriptor, in its order.
    """

    def __init__(
        self,
        session: Session,
        spec: ImageSpec,
        embedding_size: int,
        descriptors: Sequence[DescriptorSpec] = (),
    ) -> None:
        """Check the inputs and outputs of `session`, which belongs to the encoder from now on.

        `descriptors` are inner tensors that the session can give, too.

        Raises:
            ModelError: They are not those of an image encoder of this spec.
        """
        super().__init__(session, image_input(session), IMAGE_OUTPUTS, embedding_size)
        self.spec = spec
        self.fixed_batch = self.input.shape[0]
        self.largest_batch: int | None = None
        self.inner = session.inner if descriptors else ()
        self._sizes = [one.size for one in descriptors]
        if any(len(tensor.shape) not in _RANKS for tensor in self.inner):
            raise ModelError("descriptors-of-other-rank", where=session.name)
        self._placeholders = placeholder_inputs(session, [self.input.name], spec.size)
        self._padded_batch = 0
        if self.input.dtype == UINT8 and (spec.mean, spec.std) != ((0, 0, 0), (1, 1, 1)):
            raise ModelError("makes-its-pixels", where=session.name)
        expected = image_shape(self.input, spec.size)
        pairs = zip(self.input.shape[1:], expected, strict=True)
        if any(actual not in {None, side} for actual, side in pairs):
            taken = str(self.input.shape[1:])
            raise ModelError(
                "other-picture-size", where=session.name, taken=taken, expected=str(expected)
            )

    def parts_of(self, weights: Vectors) -> list[Vectors]:
        """Return weights of descriptors (K x E) by inner tensor."""
        return np.split(weights, np.cumsum(self._sizes)[:-1], axis=1)

    @property
    def device(self) -> DeviceReport:
        """The requested device and the one that it runs on now."""
        return self._session.device

    def encode(self, batch: NDArray[np.float32], cancel: CancelToken | None = None) -> Vectors:
        """Return the embeddings of a batch of images, B x D; see `vectors`."""
        return self.vectors(batch, cancel).embeddings

    def vectors(
        self, batch: NDArray[np.float32], cancel: CancelToken | None = None
    ) -> ImageVectors:
        """Return the embeddings and descriptors of a batch of images.

        A vector that is not finite (an overflow in a float16 graph) is returned as a row of NaN,
        which means "no embedding", so that one image does not fail a thousand others.

        Args:
            batch: float32, B x 3 x size x size, each from `preprocess.pixels`.
            cancel: Stops the run.

        Returns:
            Of B images.

        Raises:
            AllocationError: Not even one image fits into memory.
            ModelError: The graph fails, gives another shape, or no finite vector for a whole batch
                of two or more.
        """
        count = len(batch)
        if count == 0:
            none = np.empty((0, sum(self._sizes)), np.float16)
            return ImageVectors(np.empty((0, self.embedding_size), np.float32), none)
        pixels = as_input(batch, self.input)
        parts = list[tuple[Array, Descriptors]]()
        start = 0
        while start < count:
            step = self.fixed_batch or self._batch_size(count)
            try:
                parts.append(self._run(pixels[start : start + step], step, cancel))
            except AllocationError:
                if self.fixed_batch or step == 1:
                    raise
                self.largest_batch = self._padded_batch = step // 2
                continue
            start += step
        outputs, descriptors = zip(*parts, strict=True)
        return ImageVectors(self._normalised(np.concatenate(outputs)), np.concatenate(descriptors))

    def _batch_size(self, count: int) -> int:
        """Return the batch size to run for `count` images: on a card at least the largest so far.

        Its provider plans memory and selects algorithms for each shape, so a smaller last batch
        would cost more than padding it.
        """
        limited = count if self.largest_batch is None else min(count, self.largest_batch)
        if self._session.providers == (CPU,):
            return limited
        self._padded_batch = max(self._padded_batch, limited)
        return self._padded_batch

    def _run(
        self, images: Array, batch_size: int, cancel: CancelToken | None
    ) -> tuple[Array, Descriptors]:
        """Return the outputs for some images, not yet of unit length, and their descriptors."""
        feeds = {**self._placeholders, self.input.name: _padded(images, batch_size)}
        names = [tensor.name for tensor in self.inner]
        found = self._session.run(feeds, [self.output, *names], cancel)
        self._check_shape(found[self.output].shape, (batch_size, self.embedding_size))
        for name, size in zip(names, self._sizes, strict=True):
            self._check_shape(found[name].shape[:2], (batch_size, size))
        count = len(images)
        tensors = [found[name][:count].astype(np.float32, copy=False) for name in names]
        none = np.empty((count, 0), np.float16)
        return found[self.output][:count], descriptor(tensors) if tensors else none


@dataclass(frozen=True, slots=True)
class OtherNames:
    """The helpers of an English text encoder for names in other languages.

    Attributes:
        glossary: Tells which prompts are English, and says common names in English.
        encoder: Loads the encoder of all other prompts.
    """

    glossary: Glossary
    encoder: "Lazy[TextEncoder]"


class TextEncoder(_Encoder):
    """The text encoder of a model, with its tokenizer, which is thread-safe."""

    def __init__(
        self,
        session: Session,
        spec: TextSpec,
        tokenizer: Tokenizer,
        embedding_size: int,
        *,
        side: int = 224,
        others: OtherNames | None = None,
    ) -> None:
        """Check the inputs and outputs of `session`; `side` is of images if it holds both encoders.

        `others` are for prompts in other languages; without them `session` encodes all prompts.

        Raises:
            ModelError: They are not those of a text encoder of this spec.
        """
        super().__init__(session, text_input(session), TEXT_OUTPUTS, embedding_size)
        self.tokenizer = tokenizer
        self.others = others
        self._length = self.input.shape[1]
        self._placeholders = placeholder_inputs(session, [self.input.name, MASK, SEGMENTS], side)
        if self._length is not None and self._length < spec.context_length:
            most, expected = self._length, spec.context_length
            raise ModelError("fewer-tokens", where=session.name, most=most, expected=expected)

    def encode(self, prompts: Sequence[str], cancel: CancelToken | None = None) -> Vectors:
        """Return the embeddings of `prompts`, in their order.

        Prompts of similar length share a batch, so that little padding is computed.

        Args:
            prompts: Whole prompts, templates filled in.
            cancel: Checked before each batch; stops the run.

        Returns:
            float32, P x D, unit length; a NaN row as in `ImageEncoder.encode`.

        Raises:
            ModelError: The graph fails (as with ids outside its vocabulary, the sign of a wrong
                tokenizer), gives another shape, or no finite vector for two or more prompts.
        """
        cancel = cancel or CancelToken()
        if self.others is None:
            return self._encode(prompts, cancel)
        said = [self.others.glossary.in_english(prompt) for prompt in prompts]
        english = [found for found in said if found is not None]
        if len(english) == len(said):
            return self._encode(english, cancel)
        is_english = np.array([found is not None for found in said])
        rest = [prompts[int(i)] for i in np.flatnonzero(~is_english)]
        vectors = np.empty((len(prompts), self.embedding_size), dtype=np.float32)
        vectors[is_english] = self._encode(english, cancel)
        vectors[~is_english] = self.others.encoder.get().encode(rest, cancel)
        return vectors

    def in_english(self, prompt: str) -> str | None:
        """Return `prompt` as this encoder gets it; None where the one of other languages gets it.

        Common names in another language are said in English.
        """
        return prompt if self.others is None else self.others.glossary.in_english(prompt)

    def knows_nothing_of(self, prompt: str) -> bool:
        """Return whether no part of `prompt` is in the vocabulary of the encoder that gets it."""
        said = self.in_english(prompt)
        if said is None and self.others is not None:
            return self.others.encoder.get().tokenizer.knows_nothing_of(prompt)
        return self.tokenizer.knows_nothing_of(said or prompt)

    def _encode(self, prompts: Sequence[str], cancel: CancelToken) -> Vectors:
        vectors = np.empty((len(prompts), self.embedding_size), dtype=np.float32)
        order = np.argsort(self._lengths(prompts, cancel), kind="stable")
        step = self.input.shape[0] or TEXT_BATCH
        for start in range(0, len(order), step):
            cancel.raise_if_cancelled()
            batch = order[start : start + step]
            vectors[batch] = self._run([prompts[int(i)] for i in batch], cancel)
        return self._normalised(vectors)

    def _lengths(self, prompts: Sequence[str], cancel: CancelToken) -> NDArray[np.int64]:
        # In blocks: the tokens of a prompt take a hundred times the memory of their count.
        lengths = np.empty(len(prompts), dtype=np.int64)
        for start in range(0, len(prompts), LENGTHS_BLOCK):
            cancel.raise_if_cancelled()
            block = slice(start, start + LENGTHS_BLOCK)
            lengths[block] = self.tokenizer.lengths(prompts[block])
        return lengths

    def _run(self, prompts: Sequence[str], cancel: CancelToken | None) -> Array:
        tokens = self.tokenizer.tokens(prompts, self._length)
        # Never one alone: runtimes multiply a single row in another order, so that a name typed by
        # itself would differ in the last digits from the same name among others.
        batch_size = self.input.shape[0] or max(2, len(prompts))
        return self._run_tokens(tokens, batch_size, cancel)[: len(prompts)]

    def takes_id(self, number: int) -> bool:
        """Return whether the graph runs on a prompt with the token id `number`."""
        tokens = self.tokenizer.tokens(["a"], self._length)
        tokens.ids[0, -1] = number
        tokens.mask[0, -1] = 1
        try:
            self._run_tokens(tokens, self.input.shape[0] or 1)
        except ModelError:
            return False
        return True

    def _run_tokens(
        self, tokens: Tokens, batch_size: int, cancel: CancelToken | None = None
    ) -> Array:
        ids, mask = (_padded(rows, batch_size) for rows in (tokens.ids, tokens.mask))
        feeds = {**self._placeholders, **text_feeds(self._session, ids, mask)}
        out = self._session.run(feeds, [self.output], cancel)[self.output]
        self._check_shape(out.shape, (batch_size, self.embedding_size))
        return out


def _padded(rows: Array, count: int) -> Array:
    """Pad `rows` to `count` by repeating the last one.

    Not with zeros: graphs with dynamic quantisation take their range from the whole batch.
    """
    missing = count - len(rows)
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows
