"""Example pictures and texts for comparing an export with its original."""

import numpy as np
from PIL import Image, ImageFilter

TEXTS = (
    "a photo of a dog.",
    "a photo of a cat, sleeping on a red sofa",
    "",
    "   spaces \t and\nlines  ",
    "Two GREEN cars & a Straße; naïve café, Ελλάδα, Привет, 東京タワー, 한국어",
    "it's they're I'll we'd can't I'm you've 'S 'LL",
    "don’t “quote” ﬁne ﬂour … — – ‘x’",
    "&lt;b&gt; &amp;amp; &quot;tom&quot; &eacute;",
    "100% of 3.14159 = 1,234,567 $5 #tag @me a_b-c/d\\e {x} [y] (z) !!?",
    "emoji 😀 👩‍👩‍👧 🇨🇭 ❤️ and ½ ² Ⅷ ①",
    "cafe\u0301 e\u0301 \u1e9b\u0323 A\u030a \u212b",
    "ＦＵＬＬ width ｶﾅ",
    "schÃ¶n cafÃ© â€œmojibakeâ€\x9d",
    "zero\u200bwidth soft\u00adhyphen nbsp\u00a0here \u202ertl",
    "control \x07 \x1b[31mred\x1b[0m \x7f end",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "word " * 200,
    "x" * 500,
    "a photo of " + "very " * 72 + "long",
    "ä" * 90,
)

SHAPES = (
    (640, 427),
    (427, 640),
    (301, 224),
    (224, 333),
    (97, 61),
    (1023, 311),
    (500, 500),
    (257, 256),
)


def pictures() -> list[Image.Image]:
    """Return RGB pictures of many shapes: smooth colours, edges and grain, as photos have."""
    rng = np.random.default_rng(7)
    found = list[Image.Image]()
    for number, (width, height) in enumerate(SHAPES * 2):
        coarse = rng.integers(0, 256, (3 + number % 5, 4 + number % 3, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        edges = np.asarray(image).astype(np.int16)
        edges[height // 4 : height // 2, width // 3 : width // 2] = rng.integers(0, 256, 3)
        edges += rng.integers(-20, 21, edges.shape, dtype=np.int16)
        done = Image.fromarray(edges.clip(0, 255).astype(np.uint8))
        found.append(done.filter(ImageFilter.GaussianBlur(1)) if number % 2 else done)
    return found
