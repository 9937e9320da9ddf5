"""Converts open_clip's vocabulary of CLIP's byte pair encoding to a tokenizer.json.

The reference is `SimpleTokenizer` (open_clip, src/open_clip/tokenizer.py, which is openai/CLIP's).
Repair, HTML entities, white space and lower case are left to Nameplate's cleaning `clip`; so no
normaliser stands in the file, and above all no NFC, which ftfy has done before.
"""

import json
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors

WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
"""`SimpleTokenizer.pat` without the special tokens, which are added tokens here."""


def tokenizer_json(simple: Any) -> str:
    """Return the file for open_clip's SimpleTokenizer `simple`."""
    merges = sorted(simple.bpe_ranks, key=simple.bpe_ranks.__getitem__)
    tokenizer = Tokenizer(
        models.BPE(vocab=dict(simple.encoder), merges=merges, end_of_word_suffix="</w>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    special = sorted(simple.all_special_ids)
    names = {number: word for word, number in simple.encoder.items()}
    tokenizer.add_special_tokens([AddedToken(names[n], normalized=False) for n in special])
    start, end = names[simple.sot_token_id], names[simple.eot_token_id]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        special_tokens=[(start, simple.sot_token_id), (end, simple.eot_token_id)],
    )
    return json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
