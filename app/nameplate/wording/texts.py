"""Puts messages into words, by `resources/messages/en.toml` and the `texts.toml` of features."""

import functools
import logging
import string
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, cast

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.storage.resources import InstallationError, resource
from nameplate.system.features import features
from nameplate.wording.numbers import duration, format_bytes

_LOG = logging.getLogger(__name__)

_UNKNOWN: Final = "unknown-code"
"""Code of the text for codes that have none, as a child process or a newer project may send."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a code, with the names of parameters in braces.

    Attributes:
        what: What happened, as it follows the name of a file, without a full stop; the last one is
            the plural, for a `count` other than 1.
        remedy: What the person can do, as a sentence; may be empty.
    """

    what: tuple[str, ...]
    remedy: str = ""


def what_of(message: Message) -> str:
    """Return what happened, without a full stop."""
    known = catalogue()
    text = known.get(message.code)
    if text is None:
        general = known.get(_UNKNOWN)
        return general.what[0].format(code=message.code) if general else str(message)
    is_one = message.parameters.get("count", 1) == 1
    return _WORDS.vformat(text.what[0 if is_one else -1], (), message.parameters)


def remedy_of(message: Message) -> str:
    """Return what the person can do, as a sentence; may be empty."""
    text = catalogue().get(message.code)
    return _WORDS.vformat(text.remedy, (), message.parameters) if text else ""


def text_of(message: Message) -> str:
    """Return what happened and what the person can do."""
    what, remedy = what_of(message), remedy_of(message)
    return f"{what}. {remedy}" if remedy else what


def error_text(error: Exception) -> str:
    """Return what happened, to which file, and what the person can do."""
    return text_of(error.message) if isinstance(error, NameplateError) else str(error)


def why_not_shown(problem: str, name: str = "this picture") -> str:
    """Return what to say of a picture that cannot be shown, given its problem in words."""
    if problem == what_of(Message("not-fetched-yet")):
        return "Not fetched yet. Check > Find missing files asks again."
    return f"Can't show {name}: {problem}"


@functools.cache
def catalogue() -> Mapping[str, Text]:
    """Return the text of each code, those of features too; empty if the files are missing."""
    texts = dict[str, Text]()
    with suppress(InstallationError, OSError):
        texts |= texts_in(resource("messages", "en.toml").read_bytes())
    for feature in features():
        try:
            theirs = texts_in(files(feature.package).joinpath("texts.toml").read_bytes())
        except (OSError, TypeError):  # most have none; one that is no package has no folder
            continue
        except Exception:  # noqa: BLE001 - whatever a package of others holds
            _LOG.exception("the texts of the feature %s were left out", feature.id)
            continue
        texts = theirs | texts
    return texts


def texts_in(content: bytes) -> dict[str, Text]:
    """Return the texts of a file of them, by their codes.

    Raises:
        ValueError: It is no TOML, or has another form.
    """
    tables: dict[str, Any] = tomllib.loads(content.decode())
    if not all(isinstance(table, dict) for table in tables.values()):
        raise ValueError("a text stands in no table")
    return {code: _text(value) for table in tables.values() for code, value in table.items()}


def _text(value: Any) -> Text:
    entry = cast("dict[str, Any]", value if isinstance(value, dict) else {"what": value})
    what, remedy = entry.get("what"), entry.get("remedy", "")
    whats = cast("list[Any]", what if isinstance(what, list) else [what])
    if not whats or not all(isinstance(text, str) for text in (*whats, remedy)):
        raise ValueError(f"no text: {value!r:.100}")
    return Text(tuple(whats), remedy)


class _Words(string.Formatter):
    """Puts parameters into a text.

    A number takes Python's formats, and `bytes`, `duration`, `million` and `GB` with the number of
    decimals before it. A text takes `.30` for so many letters at most. A message takes `remedy` for
    what can be done instead of what happened, and `whole` for both. Several take what stands
    between them, after a `|` what stands before the last one. What is missing or does not fit is no
    error, since messages may come from outside.
    """

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "…")

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Message):
            return {"remedy": remedy_of, "whole": text_of}.get(format_spec, what_of)(value)
        if isinstance(value, tuple):
            texts = [self.format_field(item, "") for item in cast("tuple[Any, ...]", value)]
            between, _, last = (format_spec or ", ").partition("|")
            return (last or between).join(filter(None, [between.join(texts[:-1]), *texts[-1:]]))
        if isinstance(value, str):
            return _cut(value, format_spec.removeprefix("."))
        try:
            return _number(value, format_spec)
        except (TypeError, ValueError):
            return str(value)


def _cut(text: str, most: str) -> str:
    is_short = not most.isdecimal() or len(text) <= int(most)
    return text if is_short else f"{text[: int(most) - 1]}…"


def _number(value: Any, form: str) -> str:
    if form in ("bytes", "duration"):
        return {"bytes": format_bytes, "duration": duration}[form](value)
    if form == "million":
        return f"{value // 1_000_000} million"
    if form.endswith("GB"):
        return f"{format(value / 1e9, form[:-2])} GB"
    return format(value, form)


_WORDS: Final = _Words()
