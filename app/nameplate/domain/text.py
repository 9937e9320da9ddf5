"""Normalising and splitting of text from people and files."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_LINE_END = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    """Return the lines of a file as an editor counts them, without the byte order mark.

    `str.splitlines` would also split at form feeds and at U+2028, which belong to a line.
    """
    return _LINE_END.split(text.removeprefix("\ufeff"))


def normalised(text: str) -> str:
    """Return `text` in NFC, without control characters, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in composed)
    return _SPACES.sub(" ", spaced).strip()


def is_visible(text: str) -> bool:
    """Whether `text` has a visible character: more than spaces and direction marks."""
    return any(unicodedata.category(c)[0] not in "CZ" for c in text)


def escaped(text: str) -> str:
    r"""Return `text` with control and format characters, line ends among them, as `\x1b`.

    So a file name cannot clear a terminal, forge a line or change the text direction.
    """
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c
        for c in text
    )


def deferred(text: str, context: str = "") -> str:
    """Return `text` as it is: marks one that is translated where it is shown.

    For constants and declarations, which are made before the language is known.
    """
    return text
