"""How many pictures go through the image encoder together."""

from dataclasses import dataclass
from typing import Final

from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.cards import nvidia_cards
from nameplate.system.memory import free_bytes

CPU_ROWS: Final = 4
"""Of a lane on the processor. What one core makes of more does not stay in its cache
(docs/adr/0008-pipeline.md), and a cancel is answered after one batch."""

CARD_ROWS: Final = 64
"""The most on a graphics card; above it decoding is what limits."""

CARD_ROWS_UNKNOWN: Final = 16
"""On a card that does not tell its free memory."""

SHARE: Final = 0.5
"""Of the free memory, the part that all batches may take."""

TIMES_INPUT: Final = 64
"""Memory of a row at the peak of a run, in times that of its pixels. The widest of the usual
towers, a ViT-SO400M at 384 pixels, holds 16 x 729 x 729 attentions and 2 x 729 x 4,304 activations
in float32 at once: 33 times; a convolution's first maps at half the side are up to 50."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How the pictures of a run are cut up.

    Attributes:
        rows: Pictures of a batch.
        lanes: Batches that are encoded at once.
    """

    rows: int
    lanes: int

    @property
    def at_once(self) -> int:
        """Pictures that are encoded at once."""
        return self.rows * self.lanes


def plan_batches(model: LoadedModel) -> BatchPlan:
    """Return how to cut up the pictures for `model`, from the memory that is free now.

    The rows are a power of two, or what the graph is fixed to; after an allocation failed, what did
    fit.
    """
    most, free = _most(model.device.device)
    size = model.manifest.image.size
    row = 3 * size * size * 4 * TIMES_INPUT
    room = int(SHARE * free / row) if free is not None else CARD_ROWS_UNKNOWN
    rows = min(most, room)
    if model.image.most_rows is not None:
        rows = min(rows, model.image.most_rows)
    rows = model.image.fixed_batch or 1 << (max(1, rows).bit_length() - 1)
    # One owner at a time for a card: its provider is not made for several.
    lanes = model.lanes if model.device.device == "cpu" else 1
    return BatchPlan(rows, max(1, min(lanes, room // rows)))


def _most(device: str) -> tuple[int, float | None]:
    """Return the most rows for `device`, and the bytes that are free there; None: unknown."""
    if device == "cpu":
        return CPU_ROWS, free_bytes()
    if device == "cuda" and (cards := nvidia_cards()):
        # Which of them onnxruntime took is not known for sure.
        return CARD_ROWS, min(card.free_bytes for card in cards)
    return CARD_ROWS, None
