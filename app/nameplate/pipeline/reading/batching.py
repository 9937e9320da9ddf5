"""Batch size and concurrency of the image encoder, from the device and the free memory."""

from dataclasses import dataclass
from typing import Final

from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.cards import nvidia_cards
from nameplate.system.memory import free_bytes

CPU_BATCH_SIZE: Final = 4
"""On the processor. The activations of a larger batch do not fit into a core's cache
(docs/adr/0008-pipeline.md), and a cancel takes effect after one batch."""

CARD_BATCH_SIZE: Final = 64
"""The largest on a graphics card; above it decoding is the bottleneck."""

CARD_BATCH_SIZE_UNKNOWN_MEMORY: Final = 16
"""On a card whose free memory cannot be read."""

MEMORY_SHARE: Final = 0.5
"""The part of the free memory that all concurrent batches may take."""

PEAK_MEMORY_FACTOR: Final = 64
"""Peak memory of an image during a run, in times that of its pixels. The widest of the usual
towers, a ViT-SO400M at 384 pixels, holds 16 x 729 x 729 attentions and 2 x 729 x 4,304 activations
in float32 at once: 33 times; a convolution's first maps at half the side are up to 50."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The batch size and concurrency of a run."""

    batch_size: int
    concurrency: int

    @property
    def images_in_flight(self) -> int:
        """The number of images that are encoded at the same time."""
        return self.batch_size * self.concurrency


def plan_batches(model: LoadedModel) -> BatchPlan:
    """Return batch size and concurrency for `model`, from the memory that is free now.

    The batch size is a power of two, or what the graph is fixed to; after a failed allocation, at
    most what did fit.
    """
    largest, free = _limits(model.device.device)
    size = model.manifest.image.size
    image_bytes = 3 * size * size * 4 * PEAK_MEMORY_FACTOR
    fitting = (
        CARD_BATCH_SIZE_UNKNOWN_MEMORY if free is None else int(MEMORY_SHARE * free / image_bytes)
    )
    batch_size = min(largest, fitting)
    if model.image.largest_batch is not None:
        batch_size = min(batch_size, model.image.largest_batch)
    batch_size = model.image.fixed_batch or 1 << (max(1, batch_size).bit_length() - 1)
    # A card's session is called by one thread at a time: its provider is not made for several.
    concurrency = model.concurrency if model.device.device == "cpu" else 1
    return BatchPlan(batch_size, max(1, min(concurrency, fitting // batch_size)))


def _limits(device: str) -> tuple[int, float | None]:
    """Return the largest batch size for `device`, and its free bytes; None if unknown."""
    if device == "cpu":
        return CPU_BATCH_SIZE, free_bytes()
    if device == "cuda" and (cards := nvidia_cards()):
        # The smallest: which of several cards onnxruntime uses is not known for sure.
        return CARD_BATCH_SIZE, min(card.free_bytes for card in cards)
    return CARD_BATCH_SIZE, None
