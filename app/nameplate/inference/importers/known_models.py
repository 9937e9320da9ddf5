"""Facts about published models that their exported folders do not contain.

A split export contains no scale and no bias. `logit_scale_init_value` in a configuration is the
value before training (2.6592, that is 14.3), never the one after it, so it is not read at all.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nameplate.domain.messages import Message

ASSUMED_SCALE: Final = 100.0
"""openai/CLIP, README: "cosine similarities [...] times 100"; training clips the scale there."""

ASSUMED_SIGMOID: Final = (117.3, -12.9)
"""Scale and bias of google/siglip-base-patch16-224; those of related models are near."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """Facts about models with names that match a pattern.

    Attributes:
        pattern: Searched in the lower-case name of the folder and of its source.
        scale: Multiplies the score; None where not known.
        bias: Added to it by a sigmoid head.
        pads_with_zero: Whether the text encoder attends to its padding, which must then be token 0
            up to the context length.
    """

    pattern: str
    scale: float | None = None
    bias: float | None = None
    pads_with_zero: bool = False


KNOWN: Final = (
    # mlfoundations/open_clip issue 746: log scale 4.7215; the bias is that of the released weights.
    KnownModel(r"siglip-so400m-patch14-384|vit-so400m-14-siglip-384", 112.33, -16.5),
    # google/siglip-base-patch16-224: `logit_scale` and `logit_bias` of the weights, rounded.
    KnownModel(r"siglip-base-patch16-224|vit-b-16-siglip(__|$)", *ASSUMED_SIGMOID),
    # baaivision/EVA issue 140.
    KnownModel(r"eva01-g-14(?!-plus)|eva01_clip_g_14(?!_plus)", 56.99),
    # open_clip model_configs: these have `no_causal_mask: true` (MobileCLIP-B has not).
    KnownModel(r"mobileclip2?[-_]s\d", pads_with_zero=True),
    # openai/CLIP, README.
    KnownModel(r"clip-vit-(base|large)-patch(14|16|32)|vit-[bl]-(14|16|32).*openai", ASSUMED_SCALE),
    # open_clip clips the scale at 100 (open_clip/model.py) and these trainings reached it.
    KnownModel(r"laion2b|laion400m|datacomp", ASSUMED_SCALE),
)


def known(names: Iterable[str]) -> KnownModel | None:
    """Return the facts about a model with one of `names`; None if there are none."""
    lower = [name.lower() for name in names]
    return next((k for k in KNOWN if any(re.search(k.pattern, name) for name in lower)), None)


def head_table(
    names: Iterable[str], *, is_sigmoid: bool, fitted: tuple[float, float] | None
) -> tuple[dict[str, object], tuple[Message, ...]]:
    """Return the `[head]` table of a manifest, and notes on assumptions.

    `fitted` are scale and bias from its own graph.
    """
    facts = known(names)
    if fitted is not None:
        scale, bias, notes = *fitted, ()
    elif facts is not None and facts.scale is not None and (facts.bias is not None) == is_sigmoid:
        scale, bias, notes = facts.scale, facts.bias or 0.0, ()
    elif is_sigmoid:
        scale, bias = ASSUMED_SIGMOID
        notes = (Message("assumed-scale-and-bias", {"scale": scale, "bias": bias}),)
    else:
        scale, bias = ASSUMED_SCALE, 0.0
        notes = (Message("assumed-scale", {"scale": scale}),)
    if not is_sigmoid:
        return {"kind": "softmax", "scale": scale}, notes
    return {"kind": "sigmoid", "scale": scale, "bias": bias}, notes
