"""Prompts that tokenizers trip over, and vocabularies with what those need at its place."""

import itertools
import json
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "unit" / "inference" / "golden_tokens.json"

# Not among them: `<start_of_text>`, which open_clip takes for the token itself. Typed, it is text.
PROMPTS = (
    "a photo of a dog.",
    "A PHOTO of a Cat, sleeping on a red Sofa!",
    "",
    " ",
    "\t spaces \n and\r\nlines  ",
    "sea_lion snake_case_ __init__",
    "it's they're I'll we'd can't I'm you've 'S 'LL o'clock",
    "don’t “quote” ‘x’ … — – ﬁne ﬂour",
    "&lt;b&gt; &amp;amp; &quot;tom&quot; &eacute; &#8217; &nbsp; &notanentity;",
    "schÃ¶n cafÃ© â€œmojibakeâ€\x9d",
    "naïve café Straße ẞ İstanbul ΣΊΣΥΦΟΣ ǅ",
    "cafe\u0301 e\u0301 \u1e9b\u0323 A\u030a \u212b \u0130",
    "Привет мир, Ελλάδα, עברית, العربية, हिन्दी, ไทย",
    "一只可爱的猫在红色的沙发上睡觉。",
    "東京タワーと桜、ｶﾞｷﾞ",
    "한국어 고양이",
    "emoji 😀 👩‍👩‍👧 🇨🇭 ❤️ ✌🏽",
    "½ ² Ⅷ ① ㎏ ™ № ﷺ",
    "ＦＵＬＬ ｗｉｄｔｈ！？",
    "zero\u200bwidth soft\u00adhyphen nbsp\u00a0here \u202ertl\u202c \ufeffbom",
    "control \x00 \x07 \x1b[31mred\x1b[0m \x7f \x85 end",
    "private \ue000 unassigned \U000e0001 replacement \ufffd",
    "100% of 3.14159 = 1,234,567 $5 #tag @me a_b-c/d\\e {x} [y] (z) !!?",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "....... ,,, --- ___ ***",
    "<|startoftext|> typed <|endoftext|>",
    "[CLS] typed [SEP] [MASK] [PAD] [UNK]",
    "http://example.com/a?b=c&d=e#f user@example.com",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "Pneumonoultramicroscopicsilicovolcanoconiosis 2024-01-31T12:00:00Z",
    "word " * 200,
    "x" * 500,
    "ä" * 90,
    "猫" * 120,
    "a photo of " + "very " * 72 + "long",
    "a" + " b" * 74,
    "a" + " b" * 75,
    "I've 've ''ve ' s 're",
    "1 22 333 4444 1st 2nd 3.5kg",
    "\u2028line\u2029separators\x1c\x1d\x1e\x1f",
    "ŉ ſ ﬀ ŀ Ŀ ǆ",
    "a\u0300\u0301\u0302\u0303 z̷̛͔a̴l̸g̵o̴",
)

NEVER_IN_UTF8 = (0xC0, 0xC1, *range(0xF5, 0x100))
CLIP_LINES = 49152 - 256 - 2


def golden() -> dict:
    """Return what `tests/parity/make_golden_tokens.py` wrote."""
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def whole_merges(known: dict[str, str]) -> str:
    """Return CLIP's merges as a file: the `known` lines, and fillers that no text can reach.

    The fillers join bytes that UTF-8 never has, so that every number is the real one.
    """
    letters = [chr(byte) for byte in NEVER_IN_UTF8]
    fillers = (
        (prefix, letter)
        for length in itertools.count(1)
        for prefix in map("".join, itertools.product(letters, repeat=length))
        for letter in letters
    )
    lines = [known.get(str(n)) or " ".join(next(fillers)) for n in range(CLIP_LINES)]
    return "\n".join(["#version: 0.2", *lines]) + "\n"


def whole_words(known: dict[str, str], count: int) -> str:
    """Return a `vocab.txt` of `count` lines: the `known` ones, and fillers no text can reach."""
    return "\n".join(known.get(str(n)) or f"[filler {n}]" for n in range(count)) + "\n"
