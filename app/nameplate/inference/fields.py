"""Reads TOML and JSON files of models, which are untrusted input, and checks their values."""

import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn, TypeVar, cast, overload

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message, of_json
from nameplate.domain.text import MOST_DOTS, escaped, has_many_dots
from nameplate.inference.model_files import inside, reading, size_of
from nameplate.system.opening import open_regular

REMEDY: Final = Message("correct-or-get-again")
LONGEST_TEXT: Final = 2000
"""In characters; a manifest may come from anywhere and its texts are shown in a window."""

LARGEST_TOML: Final = 1_000_000
"""Bytes; a manifest that lists a hundred files has 20,000."""

LARGEST_JSON: Final = 5_000_000
"""Bytes; a `tokenizer_config.json` with 6,000 reserved tokens has 1,200,000."""

_NOT_PARSED: Final = (ValueError, RecursionError)
"""Wrong syntax, a number with too many digits; nested too deep."""

_REQUIRED: Final = object()
_MISSING: Final = Message("key-missing")

T = TypeVar("T")
C = TypeVar("C", bound=str)

Check = Callable[[object], T]
"""Returns a value with its type; raises a WrongValueError that says what it must be."""


class WrongValueError(ValueError):
    """A value does not pass a check."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason: Final = reason


class Fields:
    """A TOML table or JSON object; a key with a null value counts as missing.

    Its getters raise ModelError, naming the file and the key, where a key is missing and has no
    default, or its value does not pass its check.

    Attributes:
        exists: Whether the file or the table exists.
    """

    def __init__(
        self, values: Mapping[str, object] | None, where: str | Path, prefix: str = ""
    ) -> None:
        self.exists = values is not None
        self._values = values or {}
        self._where = str(where)
        self._prefix = prefix

    def has(self, key: str) -> bool:
        """Return whether `key` exists."""
        return self._values.get(key) is not None

    def refuse(self, key: str, reason: Message) -> NoReturn:
        """Raise a ModelError about `key`, with the reason."""
        raise ModelError("wrong-key", where=self._where, key=self._prefix + key, reason=reason)

    @overload
    def get(self, key: str, check: Check[T], default: None) -> T | None: ...
    @overload
    def get(self, key: str, check: Check[T], default: T = ...) -> T: ...
    def get(self, key: str, check: Check[T], default: object = _REQUIRED) -> object:
        """Return `check` of the value of `key`, or the default if it is missing."""
        value = self._values.get(key)
        if value is None:
            return self.refuse(key, _MISSING) if default is _REQUIRED else default
        try:
            return check(value)
        except WrongValueError as error:
            self.refuse(key, error.reason)

    def table(self, key: str) -> "Fields":
        """Return the table `[key]`."""
        return Fields(self.get(key, _mapping), self._where, f"{self._prefix}{key}.")

    def optional_table(self, key: str) -> "Fields":
        """Return the table `[key]`, or an empty one if the value is missing or not a table."""
        try:
            return self.table(key)
        except ModelError:
            return Fields(None, self._where, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list["Fields"]:
        """Return the tables `[[key]]`; at least one."""
        named = enumerate(self.get(key, _mappings), 1)
        return [Fields(item, self._where, f"{self._prefix}{key}[{n}].") for n, item in named]


def read_toml(path: Path) -> Fields:
    """Read the TOML file at `path`.

    Raises:
        ModelError: It is missing, not a regular file, unreadable, larger than LARGEST_TOML, or not
            TOML in UTF-8.
    """
    return parse_toml(_content(path, LARGEST_TOML), path)


def parse_toml(content: bytes, path: Path) -> Fields:
    """Parse UTF-8 as TOML; `path` is named in messages.

    Raises:
        ModelError: It is not TOML, or has a line with too many dots.
    """
    try:
        lines = content.decode("utf-8-sig")
        if has_many_dots(lines):
            raise WrongValueError(Message("too-many-dots", {"most": MOST_DOTS}))
        return Fields(tomllib.loads(lines), path)
    except _NOT_PARSED as error:
        raise ModelError("no-toml", where=str(path), why=_words_of(error)) from error


def read_json(folder: Path, name: str) -> Fields:
    """Read the JSON file `name` in `folder`; if it is missing, the table says so.

    Raises:
        ModelError: It leads out of the folder, is not a regular file, unreadable, larger than
            LARGEST_JSON, or not a JSON object in UTF-8.
    """
    path = inside(folder, name)
    with reading(path, REMEDY):
        if not path.exists():
            return Fields(None, path)
    content = _content(path, LARGEST_JSON)
    try:
        return Fields(_mapping(json.loads(content.decode("utf-8-sig"))), path)
    except _NOT_PARSED as error:
        raise ModelError("no-json", where=str(path), why=_words_of(error)) from error


def _words_of(error: Exception) -> str | Message:
    return error.reason if isinstance(error, WrongValueError) else str(error)


def _content(path: Path, limit: int) -> bytes:
    with reading(path, REMEDY):
        if size_of(path, REMEDY) > limit:
            raise ModelError("large-description", where=str(path), most=limit)
        with open_regular(path) as stream:
            return stream.read(limit)


def _check(
    read: Callable[[object], T], is_right: Callable[[T], object], reason: Message
) -> Check[T]:
    """Return a check for values that are right as they are read."""

    def check(value: object) -> T:
        if is_right(found := read(value)):
            return found
        raise WrongValueError(reason)

    return check


def _instance(kind: type[T], reason: Message) -> Check[T]:
    return _check(lambda value: cast("T", value), lambda value: isinstance(value, kind), reason)


flag: Final = _instance(bool, Message("must-be-flag"))
string: Final = _instance(str, Message("must-be-text"))
_mapping: Final = _instance(cast("type[dict[str, object]]", dict), Message("must-be-table"))


text: Final = _check(
    string,
    lambda found: found.strip() and len(found) <= LONGEST_TEXT,
    Message("must-have-letters", {"most": LONGEST_TEXT}),
)
"""A text that is not blank and has at most LONGEST_TEXT characters."""


def shown_text(value: object) -> str:
    """Return a string as `text` does, with control and format characters escaped."""
    return escaped(text(value))


def matching(pattern: str, reason: Message) -> Check[str]:
    """Return a check for texts that fully match a regular expression."""
    return _check(text, lambda found: re.fullmatch(pattern, found), reason)


identifier: Final = matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", Message("must-be-identifier"))
"""A short name that is safe in a path, a command and a CSV cell."""


def sha256(value: object) -> str:
    """Return a SHA-256 as 64 lower-case hexadecimal digits."""
    return matching(r"[0-9a-fA-F]{64}", Message("must-be-sha256"))(value).lower()


def plain_path(value: object) -> str:
    """Return a relative path with `/` that does not lead out of its folder by its text."""
    name = text(value)
    path = PurePosixPath(name)
    # A backslash or a colon is a folder or a drive on Windows, whatever system wrote the file.
    if path.is_absolute() or ".." in path.parts or re.search(r'[\\:\x00-\x1f<>"|?*]', name):
        raise WrongValueError(Message("must-be-plain-path", {"path": name}))
    return str(path)


def notes(value: object) -> tuple[Message, ...]:
    """Return a list of remarks: texts as by `shown_text`, or messages of Nameplate."""
    return tuple(map(_note, _items(value)))


def _note(value: object) -> Message:
    if isinstance(value, str):
        return Message("note-in-words", {"text": shown_text(value)})
    try:
        return of_json(value)
    except ValueError as error:
        raise WrongValueError(Message("must-be-text")) from error


def languages(value: object) -> tuple[str, ...]:
    """Return a list of codes of languages, such as `de`."""
    return tuple(map(_language, _items(value)))


_language: Final = matching(r"[a-z]{2,3}", Message("must-be-language"))


def choice(*choices: C) -> Check[C]:
    """Return a check for one of `choices`."""

    def check(value: object) -> C:
        if value not in choices:
            raise WrongValueError(Message("must-be-one-of", {"choices": choices}))
        return choices[choices.index(cast("C", value))]

    return check


def whole(low: int, high: int) -> Check[int]:
    """Return a check for a whole number from `low` to `high`; 3.0 is one."""

    def check(value: object) -> int:
        found = _as_number(value)
        if not low <= found <= high or found != int(found):
            raise WrongValueError(Message("must-be-whole", {"low": low, "high": high}))
        return int(found)

    return check


def number(low: float, high: float) -> Check[float]:
    """Return a check for a number from `low` to `high`; never NaN, of which this is false."""
    reason = Message("must-be-number", {"low": low, "high": high})
    return _check(_as_number, lambda found: low <= found <= high, reason)


numbers: Final = _check(
    lambda value: [_as_number(item) for item in _items(value)],
    lambda found: all(map(math.isfinite, found)),
    Message("must-be-numbers"),
)
"""A list of finite numbers."""


def triple(low: float, high: float) -> Check[tuple[float, float, float]]:
    """Return a check for three numbers from `low` to `high`, for red, green and blue."""

    def check(value: object) -> tuple[float, float, float]:
        match [_as_number(item) for item in _items(value)]:
            case [red, green, blue] if all(low <= n <= high for n in (red, green, blue)):
                return red, green, blue
            case _:
                raise WrongValueError(Message("must-be-three-numbers", {"low": low, "high": high}))

    return check


def _mappings(value: object) -> list[dict[str, object]]:
    if not (items := _items(value)):
        raise WrongValueError(Message("must-be-tables"))
    return [_mapping(item) for item in items]


def _items(value: object) -> list[object]:
    """Return the items of a list; for another value, one item that passes no check."""
    return cast("list[object]", value) if isinstance(value, list) else [None]


def _as_number(value: object) -> float:
    """Return `value` as a float; NaN if it is no number, so that every range check fails."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # an integer with more than 308 digits
        return math.inf
