"""Converts names with their parents to one text and back: `animal/dog`."""

import re
from collections.abc import Sequence
from typing import Final

_PART: Final = re.compile(r"(?:[^/\\]|\\.|\\$)*", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def path_text(names: Sequence[str]) -> str:
    r"""Return names, the topmost parent first, as one text; `/` and `\\` in a name get a `\\`.

    `names_in_path` gives back every list of names.
    """
    return "/".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in names)


def names_in_path(text: str) -> tuple[str, ...]:
    """Return the names from a text of `path_text`; none for an empty text."""
    parts, at = list[str](), 0
    while text and at <= len(text):
        part = _PART.match(text, at)
        end = part.end() if part else len(text)
        parts.append(_ESCAPED.sub(r"\1", text[at:end]))
        at = end + 1
    return tuple(parts)
