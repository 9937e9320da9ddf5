"""Converts prompts to token ids, exactly as the model's own tokenizer does."""

import html
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from nameplate.domain.errors import ModelError
from nameplate.inference.specs import Cleaning, TextSpec
from nameplate.inference.vocabularies import read_tokenizer, tokenizer_errors

PROMPT_LIMIT: Final = 10_000
"""Characters of a prompt that are tokenised; more where the context is long (see `LONGEST_TOKEN`).
The rest is beyond any context length, and tokenising a line of megabytes would take gigabytes."""

LONGEST_TOKEN: Final = 32
"""Characters that one token stands for, at most."""

_UNKNOWN_WORD: Final = "\U000f8ffe"
"""A word that is in no vocabulary: one character of a private use area."""

_UNKNOWN_TOKENS: Final = ("[UNK]", "<unk>")
"""How vocabularies spell a word that is not in them."""

_NO_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A batch of tokenised prompts.

    Attributes:
        ids: int64, P x L.
        mask: int64, P x L; 1 for tokens of the prompt and 0 for padding. `ids` alone do not show
            it: Hugging Face pads CLIP with the end token.
    """

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class Tokenizer:
    """The tokenizer of one model; immutable, so thread-safe."""

    def __init__(self, path: Path, spec: TextSpec) -> None:
        """Read the vocabulary at `path`: a `tokenizer.json` or an older file.

        Raises:
            ModelError: It is missing, damaged, or adds more tokens than the context holds.
        """
        self._spec = spec
        self._path = path
        self._limit = max(PROMPT_LIMIT, LONGEST_TOKEN * spec.context_length)
        self._tokenizer = read_tokenizer(path)
        with tokenizer_errors(path):
            added = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        if added >= spec.context_length:
            raise ModelError(
                "too-many-tokens-added", where=str(path), added=added, most=spec.context_length
            )
        # Truncation leaves room for the special tokens, so the end token always stays; a causal
        # encoder (CLIP) reads its vector there.
        truncating: Any = self._tokenizer  # the library's stubs lack the types of its options
        truncating.enable_truncation(max_length=spec.context_length)
        # `tokens` pads: the file's own settings are those of its training, not of this batch.
        self._tokenizer.no_padding()
        self._encodings([_UNKNOWN_WORD])  # some errors show only with an unknown word

    @property
    def vocabulary_size(self) -> int:
        """One more than the highest id that a prompt can have."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    @property
    def highest_id(self) -> int:
        """The highest id of the vocabulary, without added tokens."""
        return self._tokenizer.get_vocab_size(with_added_tokens=False) - 1

    def knows_none_of(self, prompts: Sequence[str]) -> bool:
        """Return whether all words of all prompts are unknown, as in another language."""
        unknown = set(self._words([_UNKNOWN_WORD]))
        # A byte-level vocabulary encodes even this word as several tokens; then no word is unknown.
        return len(unknown) == 1 and set(self._words(prompts)) == unknown

    def knows_nothing_of(self, text: str) -> bool:
        """Return whether no part of `text` is in the vocabulary, so that the model sees nothing."""
        unknown = {self._tokenizer.token_to_id(token) for token in _UNKNOWN_TOKENS}
        return unknown.issuperset(self._words([text]))

    def pieces(self, text: str) -> int:
        """Return the number of tokens of `text`, without start and end tokens."""
        return len(self._words([text]))

    def _words(self, prompts: Sequence[str]) -> list[int]:
        encodings = self._encodings(prompts)
        pairs = [p for e in encodings for p in zip(e.ids, e.special_tokens_mask, strict=True)]
        return [number for number, is_special in pairs if not is_special]

    def tokens(self, prompts: Sequence[str], length: int | None = None) -> Tokens:
        """Return the ids and the mask of `prompts`.

        Args:
            prompts: Texts of any length; each is cleaned, and truncated to the context length.
            length: To pad to; None: by the spec.

        Raises:
            ValueError: A prompt has more than `length` tokens.
        """
        rows = [encoding.ids for encoding in self._encodings(prompts)]
        longest = max((len(row) for row in rows), default=0)
        if length is None:
            limit = self._spec.context_length
            # At least one column: an encoder cannot run on none.
            length = limit if self._spec.padding == "max_length" else max(longest, 1)
        if longest > length:
            raise ValueError(f"a prompt has {longest} tokens, more than {length}")
        ids = np.full((len(rows), length), self._spec.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        return Tokens(ids, mask)

    def lengths(self, prompts: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of tokens of each prompt after truncation: int64, P."""
        return np.array([len(e.ids) for e in self._encodings(prompts)], dtype=np.int64)

    def is_truncated(self, prompt: str) -> bool:
        """Return whether `prompt` is truncated, so that the model does not see its end."""
        is_longer = len(clean(prompt, self._spec.cleaning)) > self._limit
        return is_longer or bool(self._encodings([prompt])[0].overflowing)

    def _encodings(self, prompts: Sequence[str]) -> list[Encoding]:
        cleaned = [clean(prompt, self._spec.cleaning)[: self._limit] for prompt in prompts]
        with tokenizer_errors(self._path):
            return self._tokenizer.encode_batch(cleaned)


def clean(text: str, cleaning: Cleaning) -> str:
    """Return `text` cleaned as in the model's training.

    - `none`: unchanged; the tokenizer's file cleans (transformers).
    - `whitespace`: runs of white space become one space, none at the ends.
    - `lower`: likewise, and lower case (SigLIP 2 in big_vision and transformers).
    - `repair`: ftfy repairs wrongly decoded text and straightens typographic quotation marks, HTML
      entities are resolved twice, then white space (open_clip, src/open_clip/tokenizer.py:
      `_clean_whitespace`, which `HFTokenizer` does by default).
    - `clip`: likewise, then lower case (openai/CLIP, clip/simple_tokenizer.py: `basic_clean`,
      `whitespace_clean`).
    - `siglip`: `_` becomes a space, ASCII punctuation is removed, lower case, white space
      (big_vision, evaluators/proj/image_text/prompt_engineering.py: `canonicalize_text`).
    - `canonicalize`: ftfy and HTML entities as for `repair`, then as `siglip` (open_clip,
      src/open_clip/tokenizer.py: `_clean_canonicalize`).

    A lone surrogate (from a file name) becomes a question mark.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    if cleaning == "none":
        return text
    if cleaning in {"repair", "clip", "canonicalize"}:
        text = html.unescape(html.unescape(_repaired(text)))
    if cleaning in {"canonicalize", "siglip"}:
        text = text.replace("_", " ").translate(_NO_PUNCTUATION)
    if cleaning not in {"whitespace", "repair"}:
        text = text.lower()
    return " ".join(text.split())


def _repaired(text: str) -> str:
    """Return `text` after `ftfy.fix_text` with its default settings, as CLIP calls it."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return text  # of ASCII text ftfy changes only control characters and entities
    import ftfy  # noqa: PLC0415 - takes 0.1 s, and most prompts need none of it

    return ftfy.fix_text(text)
