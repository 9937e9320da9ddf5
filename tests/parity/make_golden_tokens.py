"""Makes tests/unit/inference/golden_tokens.json with the originals' own tokenizers.

Run it in an environment with open_clip (extra `export`) and cn_clip:

    pip install --no-deps cn_clip six
    PYTHONPATH=tests python tests/parity/make_golden_tokens.py

- CLIP: open_clip's `SimpleTokenizer`, which is openai/CLIP's, at 77 tokens.
- Chinese-CLIP: cn_clip's `FullTokenizer`, at 52 tokens.
- SigLIP: the texts that open_clip's cleaning leaves, and big_vision's, which open_clip has too.
- Other words of Hugging Face: the texts that open_clip's cleaning leaves.

Of the vocabularies only the lines that the prompts need are kept.
"""

import importlib.metadata
import importlib.util
import json
import sys
import types
from pathlib import Path

from open_clip.tokenizer import (
    SimpleTokenizer,
    _clean_canonicalize,
    _clean_whitespace,
    canonicalize_text,
    get_pairs,
)

from parity.golden_prompts import GOLDEN, PROMPTS

CHINESE_CONTEXT = 52


def clip() -> dict[str, object]:
    """Return the ids of CLIP, start and end included, and the lines of the merges it used."""
    simple = SimpleTokenizer()
    used: set[tuple[str, str]] = set()
    for prompt in PROMPTS:
        for word in simple.pat.findall(simple.clean_fn(prompt)):
            used |= _applied(simple, "".join(simple.byte_encoder[b] for b in word.encode()))
    rows = simple(list(PROMPTS)).tolist()
    ids = [row[: row.index(simple.eot_token_id) + 1] for row in rows]
    return {
        "ids": ids,
        "merges": {str(simple.bpe_ranks[pair]): " ".join(pair) for pair in sorted(used)},
    }


def _applied(simple: SimpleTokenizer, letters: str) -> set[tuple[str, str]]:
    """Return the merges that `SimpleTokenizer.bpe` applies to one word."""
    word = (*letters[:-1], f"{letters[-1]}</w>")
    used = set()
    while len(word) > 1:
        first = min(get_pairs(word), key=lambda pair: simple.bpe_ranks.get(pair, float("inf")))
        if first not in simple.bpe_ranks:
            break
        used.add(first)
        joined, n = [], 0
        while n < len(word):
            is_pair = word[n : n + 2] == first
            joined.append("".join(first) if is_pair else word[n])
            n += 2 if is_pair else 1
        word = tuple(joined)
    return used


def chinese() -> dict[str, object]:
    """Return the ids of Chinese-CLIP, start and end included, and the words it used."""
    full = _full_tokenizer()
    ids = []
    for prompt in PROMPTS:
        inner = full.convert_tokens_to_ids(full.tokenize(prompt))[: CHINESE_CONTEXT - 2]
        ids.append([full.vocab["[CLS]"], *inner, full.vocab["[SEP]"]])
    special = [full.vocab[word] for word in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    used = sorted({number for row in ids for number in row} | set(special))
    return {
        "ids": ids,
        "words": {str(n): full.inv_vocab[n] for n in used},
        "count": max(full.inv_vocab) + 1,
    }


def _full_tokenizer() -> object:
    """Return cn_clip's tokenizer; the package itself would import its models."""
    home = Path(next(iter(importlib.util.find_spec("cn_clip").submodule_search_locations)))
    package = types.ModuleType("cn_clip.clip")
    package.__path__ = [str(home / "clip")]
    sys.modules["cn_clip.clip"] = package
    return importlib.import_module("cn_clip.clip.bert_tokenizer").FullTokenizer()


def main() -> None:
    """Write the file."""
    versions = {n: importlib.metadata.version(n) for n in ("open_clip_torch", "cn_clip", "ftfy")}
    result = {
        "about": versions,
        "prompts": list(PROMPTS),
        "clip": clip(),
        "chinese": chinese(),
        "repair": [_clean_whitespace(prompt) for prompt in PROMPTS],
        "canonicalize": [_clean_canonicalize(prompt) for prompt in PROMPTS],
        "siglip": [canonicalize_text(prompt) for prompt in PROMPTS],
    }
    GOLDEN.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
