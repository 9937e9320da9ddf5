"""The texts of the program in the language in use: those in the code, and messages.

The texts of messages are in `resources/messages/en.toml` and the `texts.toml` of features.
"""

import datetime as dt
import functools
import string
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, cast

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.plug_ins.failures import contained
from nameplate.plug_ins.registry import features
from nameplate.storage.resources import InstallationError, resource
from nameplate.wording.numbers import date_text, duration, format_bytes, format_number
from nameplate.wording.translation import current, in_english


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


def tr(text: str, context: str = "", /, **parameters: object) -> str:
    """Return an English text in the language in use, with its parameters.

    It is called where the text is needed, never while a module is imported.

    Args:
        text: A literal, or one that a declaration holds (`packaging/translations.py` finds both).
        context: Tells texts apart that are the same in English alone, such as "verb".
        parameters: What the text has in braces; see `_filled`.
    """
    translated = current().of(text, context)
    return _filled(translated, text, parameters) if parameters else translated


def trn(
    one: str, many: str, number: float, /, *, zero: str | None = None, **parameters: object
) -> str:
    """Return the text for a number of things in the language in use, with its parameters.

    Args:
        one: The English text for 1.
        many: The English text for any other number. Both may have `{count}`.
        number: The number of things.
        zero: What to return for 0, if not the same as for many.
        parameters: What else the texts have in braces.
    """
    if zero is not None and not number:
        return zero
    return _of_count(one, many, number, {"count": number, **parameters})


def _of_count(one: str, many: str, count: float, parameters: Mapping[str, object]) -> str:
    english = one if count == 1 else many
    return _filled(current().of_count(one, many, count), english, parameters)


def pictures_text(count: int) -> str:
    """Return a number of pictures.

    >>> pictures_text(1200)
    '1,200 pictures'
    """
    return trn("{count:,} picture", "{count:,} pictures", count)


def sentences(*texts: str) -> str:
    """Return sentences one after the other, without those that are empty."""
    return tr(" ", "between sentences").join(filter(None, texts))


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Return names with commas between them, without those that are empty.

    With `most`, only the first ones, and how many more there are.

    >>> listed(["cat", "dog"]), listed(["cat", "dog", "owl", "elk"], 2)
    ('cat, dog', 'cat, dog and 2 more')
    """
    some = [name for name in names if name]
    shown = tr(", ", "between names").join(some[:most])
    more = len(some) - len(some[:most])
    return tr("{names} and {count:,} more", names=shown, count=more) if more else shown


def after_colon(head: str, text: str) -> str:
    """Join a heading and a text with a colon.

    >>> after_colon("Model", "MobileCLIP")
    'Model: MobileCLIP'
    """
    return tr("{head}: {text}", head=head, text=text)


def part_of_pictures(part: int, count: int) -> str:
    """Return so many of so many pictures.

    >>> part_of_pictures(3, 1200)
    '3 of 1,200 pictures'
    """
    return trn("{part:,} of {count:,} picture", "{part:,} of {count:,} pictures", count, part=part)


def what_of(message: Message) -> str:
    """Return the text of a message, without remedy and full stop."""
    known, parameters = catalogue(), message.parameters
    text = known.get(message.code)
    if text is None:
        is_readable = "at" in known  # the file of the engine is there
        return tr("unknown problem ({code})", code=message.code) if is_readable else str(message)
    one, many = text.what[0], text.what[-1]
    count = parameters.get("count", 1)
    if one == many or not isinstance(count, int | float):
        return _filled(current().of(one), one, parameters)
    return _of_count(one, many, count, parameters)


def what_in_english(message: Message) -> str:
    """Return the text of a message in English, for files that programs read."""
    with in_english():
        return what_of(message)


def remedy_of(message: Message) -> str:
    """Return the remedy of a message, as a sentence; may be empty."""
    text = catalogue().get(message.code)
    if text is None or not text.remedy:
        return ""
    return _filled(current().of(text.remedy), text.remedy, message.parameters)


def sentence(text: str) -> str:
    """Return a text with one full stop at its end.

    >>> sentence("file not found"), sentence("Two labels. They stay.")
    ('file not found.', 'Two labels. They stay.')
    """
    return tr("{text}.", text=text.rstrip(".。"))


def text_of(message: Message) -> str:
    """Return the text of a message with its remedy."""
    what, remedy = what_of(message), remedy_of(message)
    return tr("{what}. {remedy}", what=what, remedy=remedy) if remedy else what


def error_text(error: Exception) -> str:
    """Return the text of an error with its file and its remedy."""
    return text_of(error.message) if isinstance(error, NameplateError) else str(error)


def why_not_shown(problem: str, name: str = "", *, is_brief: bool = False) -> str:
    """Return the text shown in place of a picture, given its problem in words.

    Briefly, the problem itself is left out.
    """
    name = name or tr("this picture")
    if is_brief:
        return tr("Can't show {name}", name=name)
    return tr("Can't show {name}: {problem}", name=name, problem=problem)


@functools.cache
def catalogue() -> Mapping[str, Text]:
    """Return the text of each code, those of features too; empty if the files are missing."""
    texts = dict[str, Text]()
    with suppress(InstallationError, OSError):
        texts |= texts_in(resource("messages", "en.toml").read_bytes())
    for feature in features():
        # Most have none; one that is no package has no folder.
        with contained(feature.package), suppress(OSError, TypeError):
            texts = texts_in(files(feature.package).joinpath("texts.toml").read_bytes()) | texts
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


def _filled(text: str, english: str, parameters: Mapping[str, object]) -> str:
    """Return a text with its parameters; the English one where the translation can't be filled.

    A number takes Python's formats, and `bytes`, `duration` and `million`. A text takes `.30` for
    so many letters at most, and `translated` where it is one of a declaration. A message takes
    `remedy` for what can be done instead of what happened, and `whole` for both. Several take what
    stands between them, after a `|` what stands before the last one. What is missing or does not
    fit is no error, since messages may come from outside.
    """
    try:
        pieces = _pieces(text)
    except ValueError:
        return text if text == english else _filled(english, english, parameters)
    return "".join(
        literal if name is None else literal + _shown(parameters.get(name, "…"), form or "")
        for literal, name, form, _ in pieces
    )


@functools.lru_cache(10_000)
def _pieces(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """Parse a format string; raise a ValueError for fields that are not plain names."""
    pieces = list(string.Formatter().parse(text))
    if any(name and not name.isidentifier() for _, name, _, _ in pieces):
        raise ValueError(f"no name of a parameter: {text!r:.100}")
    return pieces


def _shown(value: object, form: str) -> str:
    if isinstance(value, Message):
        return {"remedy": remedy_of, "whole": text_of}.get(form, what_of)(value)
    if isinstance(value, tuple):
        texts = [_shown(item, "") for item in cast("tuple[object, ...]", value)]
        between, _, last = (form or ", ").partition("|")
        return (last or between).join(filter(None, [between.join(texts[:-1]), *texts[-1:]]))
    if isinstance(value, dt.date):
        return date_text(value)
    if not isinstance(value, int | float):
        return tr(str(value)) if form == "translated" else _cut(str(value), form.removeprefix("."))
    try:
        return _number(value, form)
    except ValueError:
        return str(value)


def _cut(text: str, most: str) -> str:
    is_short = not most.isdecimal() or len(text) <= int(most)
    return text if is_short else f"{text[: int(most) - 1]}…"


def _number(value: float, form: str) -> str:
    if form in ("bytes", "duration"):
        return {"bytes": format_bytes, "duration": duration}[form](value)
    if form == "million":
        return tr("{number} million", number=value // 1_000_000)
    return format_number(value, form)
