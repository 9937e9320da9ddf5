"""Converts an exporter's text configuration to the `[text]` table of a manifest."""

from typing import Final

from tokenizers import Tokenizer as FastTokenizer

from nameplate.inference.fields import number, string, whole
from nameplate.inference.importers.foreign_facts import Facts
from nameplate.inference.importers.known_models import known
from nameplate.inference.specs import LARGEST_ID
from nameplate.inference.vocabularies import END, START

CONTEXTS: Final = {"siglip": 64, "siglip2": 64, "chinese_clip": 52}
"""transformers, SiglipTextConfig.max_position_embeddings; cn_clip/clip/utils.py, `tokenize`."""

CLIP_CONTEXT: Final = 77
"""openai/CLIP, clip/clip.py, `tokenize`."""

LONGEST_CONTEXT: Final = 512
"""`model_max_length` is 10**30 where a tokenizer has none."""

_LENGTH: Final = whole(0, LARGEST_ID)

_PADS: Final = ("[PAD]", "<pad>", "<|pad|>")


def text_table(
    facts: Facts, vocabulary: FastTokenizer, fixed_length: int | None
) -> dict[str, object]:
    """Return the `[text]` table, without file names.

    Args:
        facts: About the model.
        vocabulary: Its tokenizer.
        fixed_length: Number of tokens that the graph is fixed to, if any.

    Raises:
        ModelError: A value in a configuration is of the wrong type.
    """
    is_clip = vocabulary.token_to_id(START) is not None
    from_open_clip = facts.kind != "transformers"
    registered = known(facts.names)
    pads_with_zero = registered is not None and registered.pads_with_zero
    # A causal CLIP reads its vector at the end token, so the padding after it does not matter;
    # every other encoder was trained with padding to the context length.
    is_causal = facts.model_type == "clip" and is_clip and not pads_with_zero
    return {
        "context_length": fixed_length or _context(facts),
        "padding": "longest" if is_causal and not from_open_clip else "max_length",
        # open_clip pads with 0 (open_clip/tokenizer.py, `SimpleTokenizer.__call__`).
        "pad_id": 0 if is_clip and (from_open_clip or pads_with_zero) else _pad(facts, vocabulary),
        "cleaning": _cleaning(facts, is_clip=is_clip),
    }


def _context(facts: Facts) -> int:
    if facts.kind == "chinese_clip" or facts.model_type == "chinese_clip":
        return CONTEXTS["chinese_clip"]  # its BERT takes 512, and was trained with 52
    if facts.kind != "transformers":
        return facts.text.get("context_length", _LENGTH, 0) or CLIP_CONTEXT
    stated = facts.text.get("max_position_embeddings", _LENGTH, 0) or CONTEXTS.get(facts.model_type)
    limit = facts.tokenizer.get("model_max_length", number(-1, 1e100), 0) or CLIP_CONTEXT
    return stated or (int(limit) if limit <= LONGEST_CONTEXT else CLIP_CONTEXT)


def _pad(facts: Facts, vocabulary: FastTokenizer) -> int:
    """Return the id of the padding token: the configured one, a usual one, or 0."""
    named = facts.tokenizer.optional_table("pad_token")
    where, key = (named, "content") if named.exists else (facts.tokenizer, "pad_token")
    candidates = (where.get(key, string, _PADS[0]), *_PADS, "</s>" if facts.is_siglip else END)
    ids = map(vocabulary.token_to_id, candidates)
    return next((found for found in ids if found is not None), 0)


def _cleaning(facts: Facts, *, is_clip: bool) -> str:
    option = facts.text.optional_table("tokenizer_kwargs").get("clean", string, None)
    if facts.kind == "transformers" and facts.is_siglip and option is None:
        # transformers, Siglip2Tokenizer: lower case, as in training
        return "lower" if facts.model_type == "siglip2" else "siglip"
    if option == "canonicalize" or (facts.is_siglip and option is None):
        return "canonicalize"
    if facts.kind == "chinese_clip":
        return "lower"  # by Python, which has another letter for a final sigma
    if is_clip or option == "lower":
        return "clip"
    return "whitespace" if facts.kind == "transformers" else "repair"
