"""Helpers for text: lines, TOML, Unicode, columns of a terminal, marks for translation."""

import re
import tomllib
import unicodedata
from typing import Any, Final

MOST_DOTS: Final = 1_000
"""Dots in a line of TOML: time and memory to parse a dotted key grow with their square."""

ENGLISH: Final = "en"
"""The language of the texts in the code, and of names unless they are known to be in another."""

_SPACES = re.compile(r"\s+")
_LINE_END = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    """Return the lines of a file as an editor counts them, without the byte order mark.

    `str.splitlines` would also split at form feeds and at U+2028, which belong to a line.
    """
    return _LINE_END.split(text.removeprefix("\ufeff"))


def has_many_dots(toml: str) -> bool:
    """Whether a line of TOML has more than MOST_DOTS dots."""
    return any(line.count(".") > MOST_DOTS for line in toml.splitlines())


def toml_values(text: str) -> dict[str, Any]:
    """Parse TOML that may come from anywhere.

    Raises:
        ValueError: It is no TOML, is nested too deep, or has a line with too many dots.
    """
    if has_many_dots(text):
        raise ValueError("too many dots")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def normalised(text: str) -> str:
    """Return `text` in NFC, without control characters, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in composed)
    return _SPACES.sub(" ", spaced).strip()


def is_visible(text: str) -> bool:
    """Return whether `text` has a character besides spaces, control and format characters."""
    return any(unicodedata.category(c)[0] not in "CZ" for c in text)


def escaped(text: str) -> str:
    r"""Return `text` with control and format characters, including line ends, as `\x1b`.

    Otherwise a file name could clear a terminal, forge a line or change the text direction.
    """
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c
        for c in text
    )


def cells(text: str) -> int:
    """Return the width of a text in a terminal: two columns for a Chinese or Japanese letter.

    >>> cells("cat"), cells("猫"), cells("e\u0301")
    (3, 2, 1)
    """
    wide = sum(unicodedata.east_asian_width(c) in ("W", "F") for c in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def padded(text: str, width: int, *, is_right: bool = False) -> str:
    """Pad a text with spaces to `width` columns of a terminal, at the left or right.

    >>> padded("猫", 4) + padded("12", 4, is_right=True)
    '猫    12'
    """
    spaces = " " * (width - cells(text))
    return spaces + text if is_right else text + spaces


def deferred(text: str, context: str = "") -> str:
    """Mark a text to be translated where it is shown; return it unchanged.

    For constants and declarations, which are evaluated before the language is known.
    """
    return text
