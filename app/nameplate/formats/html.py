"""Parts of self-contained web pages: head, security policy, embedded thumbnails."""

import base64
import io
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken
from nameplate.imaging.pictures import thumbnail

COLOURS: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1c1e; --soft: #5d5d63; --line: #d4d4d8;
  --tile: #f4f4f5; --mark: #1d5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #18181b; --ink: #f1f1f3; --soft: #a9a9b2; --line: #3a3a40; --tile: #242428;
    --mark: #82b1ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.4 system-ui, sans-serif; }
"""
"""The colours of every page, in light and in dark, with the ground that text stands on."""


def head(title: str, style: str, *, generator: str, language: str = "en") -> str:
    """Return the beginning of a page, up to its body.

    Its Content-Security-Policy allows this style alone, and forbids scripts and the network.

    Args:
        title: Not escaped yet.
        style: CSS.
        generator: Who made the page.
        language: Of its texts, such as `de` or `zh_CN`.
    """
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{digest}'"
    )
    return (
        f'<!doctype html>\n<html lang="{language.replace("_", "-")}">\n'
        '<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="{escape(generator)}">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
    )


def small_picture(file: Path, alt: str, side: int, cancel: CancelToken | None = None) -> str:
    """Return a picture that fits into `side` x `side` as an `img` with its data inside.

    Raises:
        ImageError: It cannot be read.
        ValueError: That is no path.
        CancelledError: `cancel` was set.
    """
    small = thumbnail(file, side, cancel).image
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=80)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="{escape(alt)}" loading="lazy" src="data:image/jpeg;base64,{data}">'
