"""Vocabularies as exporters leave them: `tokenizer.json`, CLIP's merges, BERT's word pieces."""

import base64
import contextlib
import gzip
import json
import math
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from tokenizers import Regex, models, normalizers, pre_tokenizers, processors
from tokenizers import Tokenizer as FastTokenizer

from nameplate.domain.errors import ModelError
from nameplate.inference.files import size_of, tokenizer_files

GET_AGAIN: Final = "Get the model again."
LONGEST_REASON: Final = 200

LARGEST_VOCABULARY: Final = 16_000_000
"""Bytes after decompression; CLIP's merges have 3,210,000."""

LARGEST_FILE: Final = 256_000_000
"""Bytes; the `tokenizer.json` of SigLIP 2, with 256,000 words, has 34,000,000."""

MOST_GROWTH: Final = 1_000
"""Times as long a tokenizer may make a text before it cuts it into words. SentencePiece's table for
NFKC makes at most 18 letters of one."""

CLIP_MERGES: Final = 49152 - 256 - 2
"""Lines that count (openai/CLIP, clip/simple_tokenizer.py, `SimpleTokenizer.__init__`)."""

START, END = "<|startoftext|>", "<|endoftext|>"

_GROWTHS: Final = {
    "Lowercase": 2.0, "Strip": 1.0, "StripAccents": 1.0, "NFC": 3.0, "NFD": 4.0, "NFKC": 18.0,
    "NFKD": 18.0, "Nmt": 1.0, "ByteLevel": 2.0,
}  # fmt: skip
"""Letters that a normalizer puts for one, at most (Unicode, UAX 15, table 6, and SpecialCasing)."""

_OTHER_GROWTH: Final = 4.0
"""Likewise of one that is not known."""

# The same source's `self.pat`; its tokens for start and end are never typed.
_CLIP_WORDS: Final = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def read_tokenizer(path: Path) -> FastTokenizer:
    """Read the tokenizer at `path`; the name says what it is.

    - `*.txt.gz`: CLIP's byte pair merges, as rclip and openai/CLIP ship them.
    - `vocab.txt`: BERT's word pieces, as Chinese-CLIP ships them.
    - `vocab.json`: the numbers of CLIP's words, with the merges in `merges.txt` beside it, as
      Hugging Face's older folders have them.
    - anything else: a `tokenizer.json`.

    Raises:
        ModelError: It is missing, cannot be read, or is no tokenizer.
    """
    contents = [_content(part) for part in tokenizer_files(path)]
    with faults_of(path):
        if path.name.endswith(".txt.gz"):
            return _clip_of_merges(contents[0].decode("utf-8"))
        if path.name == "vocab.json":
            return _clip_of_words(json.loads(contents[0]), contents[1].decode("utf-8"))
        if path.name == "vocab.txt":
            return _bert(contents[0].decode("utf-8"))
        tokenizer = FastTokenizer.from_buffer(contents[0])
        if growth_of(tokenizer) > MOST_GROWTH:
            raise ValueError(f"it makes texts more than {MOST_GROWTH:,} times as long")
        return tokenizer


def growth_of(tokenizer: FastTokenizer) -> float:
    """Return how many times as long its normalizers make a text, at most.

    A few of them, each of which puts 1,000 letters for one, would take all memory.
    """
    if tokenizer.normalizer is None:
        return 1.0
    state: Any = tokenizer.normalizer
    return _growth(json.loads(state.__getstate__()))


def _growth(values: Any) -> float:
    """Return the same of one normalizer, as its JSON describes it."""
    kind = values.get("type")
    if kind == "Sequence":
        return math.prod(_growth(inner) for inner in values["normalizers"])
    if kind == "Replace":  # an empty pattern fits before each letter, too
        return 1.0 + len(values["content"])
    if kind == "Prepend":
        return 1.0 + len(values["prepend"])
    if kind == "Precompiled":  # a trie, then what it puts for others, each with 0 at its end
        table = base64.b64decode(values["precompiled_charsmap"])
        words = table[4 + int.from_bytes(table[:4], "little") :].split(b"\0")
        return 1.0 + max(map(len, words))
    return _GROWTHS.get(str(kind), _OTHER_GROWTH)


def _content(path: Path) -> bytes:
    try:
        if size_of(path, GET_AGAIN) > LARGEST_FILE:
            raise ModelError("is too large for a tokenizer", where=str(path), remedy=GET_AGAIN)
        return _decompressed(path) if path.suffix == ".gz" else path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError("is missing", where=str(path), remedy=GET_AGAIN) from error
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ModelError(f"cannot be read ({reason})", where=str(path), remedy=GET_AGAIN) from error


@contextlib.contextmanager
def faults_of(path: Path) -> Generator[None]:
    """Turn what the library raises for a faulty tokenizer into ModelError.

    That is plain Exception, or where its Rust code panics a PanicException, which is no Exception
    and has no public name.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = str(error)[:LONGEST_REASON]
        raise ModelError(
            f"is damaged or not a tokenizer ({reason})", where=str(path), remedy=GET_AGAIN
        ) from error


def _decompressed(path: Path) -> bytes:
    """Return what is in a gzip file, which can claim to hold gigabytes."""
    with gzip.open(path) as stream:
        content = stream.read(LARGEST_VOCABULARY + 1)
    if len(content) > LARGEST_VOCABULARY:
        raise ModelError("is too large for a vocabulary", where=str(path), remedy=GET_AGAIN)
    return content


def _clip_of_merges(text: str) -> FastTokenizer:
    """Return CLIP's tokenizer from its merges.

    The order of the vocabulary is that of `SimpleTokenizer.__init__` (openai/CLIP,
    clip/simple_tokenizer.py).
    """
    merges = _merges(text)
    letters = _byte_letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += [one + other for one, other in merges]
    words += [START, END]
    return _clip({word: number for number, word in enumerate(words)}, merges)


def _clip_of_words(vocabulary: dict[str, int], text: str) -> FastTokenizer:
    """Return CLIP's tokenizer from its numbered words and its merges."""
    missing = [word for word in (START, END) if word not in vocabulary]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}, so it is not CLIP's")
    merges = _merges(text)
    letters = _byte_letters()
    made = {START, END, *letters, *(f"{letter}</w>" for letter in letters)}
    made.update(one + other for one, other in merges)
    if left := vocabulary.keys() - made:
        raise ValueError(f"no merge makes {len(left)} of its words, so merges.txt is not its own")
    return _clip(vocabulary, merges)


def _merges(text: str) -> list[tuple[str, str]]:
    # The first line is a heading. Only this ends a line: others are letters of byte pairs.
    lines = text.rstrip("\n").split("\n")[1 : CLIP_MERGES + 1]
    if not lines:
        raise ValueError("it holds no merges")
    return [(one, other) for one, other in (line.split() for line in lines)]


def _clip(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> FastTokenizer:
    """Return a tokenizer of CLIP's byte pairs.

    The pipeline is that of Hugging Face's CLIPConverter (transformers/convert_slow_tokenizer.py).
    NFC is what ftfy does in the original.
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
    parts: Any = tokenizer  # the library leaves the types of its parts out
    parts.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    parts.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    parts.post_processor = _around(START, END, vocabulary)
    return tokenizer


def _byte_letters() -> list[str]:
    """Return the letter of each byte, in CLIP's order (`bytes_to_unicode`, the same source)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = len(range(256)) - len(printable)
    return [chr(byte) for byte in printable] + [chr(256 + n) for n in range(others)]


def _bert(text: str) -> FastTokenizer:
    """Return BERT's tokenizer from its `vocab.txt`.

    Lower case and Chinese letters one by one, as in Chinese-CLIP (cn_clip/clip/bert_tokenizer.py,
    `FullTokenizer`). What is dropped is named here, since `BertNormalizer` drops letters for
    private use and those too new for it besides, and the original calls them unknown words.
    """
    vocabulary = {word: number for number, word in enumerate(text.splitlines())}
    missing = [word for word in ("[UNK]", "[CLS]", "[SEP]", "[PAD]") if word not in vocabulary]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    tokenizer = FastTokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a word
    parts: Any = tokenizer
    drop = normalizers.Replace(Regex(r"[\p{Cc}\p{Cf}\x{FFFD}]"), "")
    lower = normalizers.BertNormalizer(clean_text=False, lowercase=True)
    parts.normalizer = normalizers.Sequence([drop, lower])
    parts.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    parts.post_processor = _around("[CLS]", "[SEP]", vocabulary)
    return tokenizer


def _around(start: str, end: str, vocabulary: dict[str, int]) -> processors.TemplateProcessing:
    """Return what puts a prompt between its two special tokens."""
    special = [(word, vocabulary[word]) for word in (start, end)]
    return processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=special)
