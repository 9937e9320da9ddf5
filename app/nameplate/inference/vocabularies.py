"""Reads tokenizers from exporters' files: `tokenizer.json`, CLIP's merges, BERT's word pieces."""

import base64
import contextlib
import gzip
import json
import math
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO, Final

from tokenizers import Regex, models, normalizers, pre_tokenizers, processors
from tokenizers import Tokenizer as FastTokenizer

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.model_files import GET_AGAIN, reading, size_of, tokenizer_files
from nameplate.system.opening import open_regular

LONGEST_REASON: Final = 200

LARGEST_VOCABULARY: Final = 16_000_000
"""Bytes after decompression; CLIP's merges have 3,210,000."""

LARGEST_FILE: Final = 256_000_000
"""Bytes; the `tokenizer.json` of SigLIP 2, with 256,000 words, has 34,000,000."""

MAX_EXPANSION: Final = 1_000
"""Factor by which a tokenizer's normalizers may lengthen a text. SentencePiece's table for NFKC
makes at most 18 characters of one."""

CLIP_MERGES: Final = 49152 - 256 - 2
"""Lines that count (openai/CLIP, clip/simple_tokenizer.py, `SimpleTokenizer.__init__`)."""

START, END = "<|startoftext|>", "<|endoftext|>"

_EXPANSIONS: Final = {
    "Lowercase": 2.0, "Strip": 1.0, "StripAccents": 1.0, "NFC": 3.0, "NFD": 4.0, "NFKC": 18.0,
    "NFKD": 18.0, "Nmt": 1.0, "ByteLevel": 2.0,
}  # fmt: skip
"""Characters that a normalizer makes of one, at most (Unicode, UAX 15, table 6, SpecialCasing)."""

_OTHER_EXPANSION: Final = 4.0
"""Likewise, of an unknown normalizer."""

# The same source's `self.pat`, without the start and end tokens, which nobody types.
_CLIP_WORDS: Final = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def read_tokenizer(path: Path) -> FastTokenizer:
    """Read the tokenizer at `path`; the file name decides the format.

    - `*.txt.gz`: CLIP's byte pair merges, as rclip and openai/CLIP ship them.
    - `vocab.txt`: BERT's word pieces, as Chinese-CLIP ships them.
    - `vocab.json`: the ids of CLIP's tokens, with the merges in `merges.txt` beside it, as Hugging
      Face's older folders have them.
    - any other: a `tokenizer.json`.

    Raises:
        ModelError: It is missing, cannot be read, or is no tokenizer.
    """
    contents = [_content(part) for part in tokenizer_files(path)]
    with tokenizer_errors(path):
        if path.name.endswith(".txt.gz"):
            merges = _merges(contents[0].decode("utf-8"))
            return _clip({token: number for number, token in enumerate(_tokens(merges))}, merges)
        if path.name == "vocab.json":
            return _clip_of_vocabulary(json.loads(contents[0]), contents[1].decode("utf-8"))
        if path.name == "vocab.txt":
            return _bert(contents[0].decode("utf-8"))
        tokenizer = FastTokenizer.from_buffer(contents[0])
        if expansion_factor(tokenizer) > MAX_EXPANSION:
            raise ValueError(Message("makes-texts-long", {"times": MAX_EXPANSION}))
        return tokenizer


def expansion_factor(tokenizer: FastTokenizer) -> float:
    """Return the largest factor by which the normalizers of `tokenizer` lengthen a text.

    A few of them that make 1,000 characters of one each would exhaust the memory.
    """
    if tokenizer.normalizer is None:
        return 1.0
    state: Any = tokenizer.normalizer
    return _expansion(json.loads(state.__getstate__()))


def _expansion(values: Any) -> float:
    """Return the factor of one normalizer, described as JSON."""
    kind = values.get("type")
    if kind == "Sequence":
        return math.prod(_expansion(inner) for inner in values["normalizers"])
    if kind == "Replace":  # an empty pattern also matches before each character
        return 1.0 + len(values["content"])
    if kind == "Prepend":
        return 1.0 + len(values["prepend"])
    if kind == "Precompiled":  # a trie, then the replacements, each with 0 at its end
        table = base64.b64decode(values["precompiled_charsmap"])
        replacements = table[4 + int.from_bytes(table[:4], "little") :].split(b"\0")
        return 1.0 + max(map(len, replacements))
    return _EXPANSIONS.get(str(kind), _OTHER_EXPANSION)


def _content(path: Path) -> bytes:
    with reading(path, GET_AGAIN):
        if size_of(path, GET_AGAIN) > LARGEST_FILE:
            raise ModelError("large-tokenizer", where=str(path))
        with open_regular(path) as stream:
            return (
                _decompressed(path, stream) if path.suffix == ".gz" else stream.read(LARGEST_FILE)
            )


@contextlib.contextmanager
def tokenizer_errors(path: Path) -> Generator[None]:
    """Convert the library's errors for a damaged tokenizer to ModelError.

    It raises plain Exception, or, where its Rust code panics, a PanicException, which is no
    subclass of Exception and has no public name.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = next(iter(error.args), "")
        why = reason if isinstance(reason, Message) else str(error)[:LONGEST_REASON]
        raise ModelError("no-tokenizer", where=str(path), why=why) from error


def _decompressed(path: Path, packed: BinaryIO) -> bytes:
    """Return the content of a gzip file, up to a limit: it may be a decompression bomb."""
    with gzip.open(packed) as stream:
        content = stream.read(LARGEST_VOCABULARY + 1)
    if len(content) > LARGEST_VOCABULARY:
        raise ModelError("large-vocabulary", where=str(path))
    return content


def _clip_of_vocabulary(vocabulary: dict[str, int], text: str) -> FastTokenizer:
    """Build CLIP's tokenizer from its vocabulary with ids and its merges."""
    missing = [word for word in (START, END) if word not in vocabulary]
    if missing:
        raise ValueError(Message("not-of-clip", {"words": tuple(missing)}))
    merges = _merges(text)
    if left := vocabulary.keys() - set(_tokens(merges)):
        raise ValueError(Message("merges-of-another", {"words": len(left)}))
    return _clip(vocabulary, merges)


def _merges(text: str) -> list[tuple[str, str]]:
    # The first line is a header. Only \n ends a line: other line ends are letters of byte pairs.
    lines = text.rstrip("\n").split("\n")[1 : CLIP_MERGES + 1]
    if not lines:
        raise ValueError(Message("no-merges"))
    return [(one, other) for one, other in (line.split() for line in lines)]


def _clip(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> FastTokenizer:
    """Build a byte pair encoding tokenizer as CLIP's.

    Its pipeline is that of Hugging Face's CLIPConverter (transformers/convert_slow_tokenizer.py).
    In the original ftfy does the NFC.
    """
    tokenizer = FastTokenizer(
        models.BPE(
            vocab=vocabulary,
            merges=merges,
            unk_token=END,
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
        )
    )
    parts: Any = tokenizer  # the library's stubs lack the types of its parts
    parts.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    parts.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    parts.post_processor = _with_special_tokens(START, END, vocabulary)
    return tokenizer


def _tokens(merges: list[tuple[str, str]]) -> list[str]:
    """Return CLIP's vocabulary in its order (clip/simple_tokenizer.py, `SimpleTokenizer`)."""
    letters = _byte_letters()
    ends = [f"{letter}</w>" for letter in letters]
    return [*letters, *ends, *(one + other for one, other in merges), START, END]


def _byte_letters() -> list[str]:
    """Return the character for each byte, in CLIP's order (`bytes_to_unicode`, the same source)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [*map(chr, printable), *map(chr, range(256, 512 - len(printable)))]


def _bert(text: str) -> FastTokenizer:
    """Build BERT's tokenizer from its `vocab.txt`.

    Lower case, each Chinese character a word, as in Chinese-CLIP (cn_clip/clip/bert_tokenizer.py,
    `FullTokenizer`). The characters to drop are listed here, since `BertNormalizer` also drops
    private use and very new ones, which are unknown words in the original.
    """
    vocabulary = {word: number for number, word in enumerate(text.splitlines())}
    missing = [word for word in ("[UNK]", "[CLS]", "[SEP]", "[PAD]") if word not in vocabulary]
    if missing:
        raise ValueError(Message("lacks-words", {"words": tuple(missing)}))
    tokenizer = FastTokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a word
    parts: Any = tokenizer
    drop = normalizers.Replace(Regex(r"[\p{Cc}\p{Cf}\x{FFFD}]"), "")
    lower = normalizers.BertNormalizer(clean_text=False, lowercase=True)
    parts.normalizer = normalizers.Sequence([drop, lower])
    parts.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    parts.post_processor = _with_special_tokens("[CLS]", "[SEP]", vocabulary)
    return tokenizer


def _with_special_tokens(
    start: str, end: str, vocabulary: dict[str, int]
) -> processors.TemplateProcessing:
    """Return a post-processor that puts a prompt between its two special tokens."""
    special = [(word, vocabulary[word]) for word in (start, end)]
    return processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=special)
