"""Typed access to the keys of a TOML table; errors give the full name of the key."""

import math
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn, TypeVar, cast

from nameplate.domain.errors import ModelError
from nameplate.domain.text import escaped

REMEDY: Final = "Correct the file, or get the model again."
LONGEST_TEXT: Final = 2000
"""In characters; a manifest may come from anywhere and its texts are shown in a window."""

C = TypeVar("C", bound=str)


class Table:
    """A TOML table whose getters check type and range.

    Every getter raises ModelError, naming the file and the key, where the key is missing (and no
    default is given), has another type, or is out of range.
    """

    def __init__(self, values: Mapping[str, object], path: Path, prefix: str = "") -> None:
        self._values = values
        self._path = path
        self._prefix = prefix

    def has(self, key: str) -> bool:
        """Return whether `key` exists."""
        return key in self._values

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise a ModelError about `key`, with the reason."""
        raise ModelError(
            f"the key “{self._prefix}{key}” {reason}", where=str(self._path), remedy=REMEDY
        )

    def text(self, key: str) -> str:
        """Return a string that is not blank and has at most LONGEST_TEXT characters."""
        value = self._get(key)
        if not isinstance(value, str):
            self.refuse(key, "must be a text")
        if not value.strip() or len(value) > LONGEST_TEXT:
            self.refuse(key, f"must have 1 to {LONGEST_TEXT} letters")
        return value

    def shown_text(self, key: str) -> str:
        """Return a string as `text` does, with control and format characters escaped."""
        return escaped(self.text(key))

    def identifier(self, key: str) -> str:
        """Return a short name that is safe in a path, a command and a CSV cell."""
        value = self.text(key)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
            self.refuse(key, "must be 1 to 100 letters, digits, dots, dashes or underscores")
        return value

    def plain_path(self, key: str) -> str:
        """Return a relative path with `/` that, judged by its text, stays in its folder."""
        name = self.text(key)
        path = PurePosixPath(name)
        # A backslash or a colon is a folder or a drive on Windows, whatever system wrote the file.
        if path.is_absolute() or ".." in path.parts or re.search(r'[\\:\x00-\x1f<>"|?*]', name):
            self.refuse(key, f"must be a plain path inside the folder, not “{name}”")
        return str(path)

    def sha256(self, key: str) -> str:
        """Return a SHA-256 as 64 lower-case hexadecimal digits."""
        value = self.text(key).lower()
        if not re.fullmatch(r"[0-9a-f]{64}", value):
            self.refuse(key, "must be 64 hexadecimal digits")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts as by `shown_text`; empty if the key is missing."""
        value = self._values.get(key, [])
        items = cast("list[object]", value) if isinstance(value, list) else None
        if items is None or not all(isinstance(i, str) and len(i) <= LONGEST_TEXT for i in items):
            self.refuse(key, "must be a list of texts")
        return tuple(escaped(str(item)) for item in items)

    def choice(self, key: str, choices: tuple[C, ...], default: C | None = None) -> C:
        """Return the value, which must be one of `choices`."""
        if default is not None and not self.has(key):
            return default
        value = self._get(key)
        if value not in choices:
            self.refuse(key, f"must be one of {', '.join(choices)}")
        return choices[choices.index(cast("C", value))]

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        value = self._get(key)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """Return an integer from `low` to `high`."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(key, f"must be a whole number from {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number from `low` to `high`; never NaN."""
        value = _as_number(self._get(key))
        if not low <= value <= high:  # also false for NaN
            self.refuse(key, f"must be a number from {low:g} to {high:g}")
        return value

    def triple(self, key: str, low: float, high: float) -> tuple[float, float, float]:
        """Return three numbers from `low` to `high`, for red, green and blue."""
        value = self._get(key)
        items = cast("list[object]", value) if isinstance(value, list) else []
        numbers = [_as_number(item) for item in items]
        if len(numbers) != 3 or not all(low <= n <= high for n in numbers):
            self.refuse(key, f"must be three numbers from {low:g} to {high:g}")
        return numbers[0], numbers[1], numbers[2]

    def table(self, key: str) -> "Table":
        """Return the table `[key]`."""
        value = self._get(key)
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(cast("dict[str, object]", value), self._path, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list["Table"]:
        """Return the tables `[[key]]`; at least one."""
        value = self._get(key)
        items = cast("list[object]", value) if isinstance(value, list) else []
        if not items or not all(isinstance(item, dict) for item in items):
            self.refuse(key, "must be one or more tables")
        named = enumerate(cast("list[dict[str, object]]", items), 1)
        return [Table(item, self._path, f"{self._prefix}{key}[{n}].") for n, item in named]

    def _get(self, key: str) -> object:
        if key not in self._values:
            self.refuse(key, "is missing")
        return self._values[key]


def _as_number(value: object) -> float:
    """Return `value` as a float; NaN if it is no number, so that every range check fails."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # an integer with more than 308 digits
        return math.inf
