"""Messages for people as codes with parameters, and validation of untrusted JSON values.

The texts of messages are in `resources/messages/en.toml` and the features' `texts.toml`.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from functools import cache
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

_CODE: Final = re.compile(r"[a-z0-9-]{1,60}")
_LONGEST_TEXT: Final = 2000
_MOST: Final = 100
_DEEPEST: Final = 6

Parameter = Union[str, int, float, dt.date, "Message", tuple["Parameter", ...]]
"""A text is a name, or comes from outside: a path, or an error text of the system or a library."""


@dataclass(frozen=True, slots=True)
class Message:
    """A code and the parameters of its text: a problem, a note, a title, a step.

    Attributes:
        code: Such as `is-cut-short`; the key of its text.
        parameters: Values for the placeholders of the text. A message among them is a reason.
    """

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, "Parameter"])

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"no code of a message: {self.code[:60]!r}")

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.parameters.items())))

    def __str__(self) -> str:
        """Return code and parameters, for logs and tracebacks."""
        inner = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.code} ({inner})" if inner else self.code


def as_json(message: Message) -> dict[str, object]:
    """Return a message as JSON values."""
    values = {name: _plain(value) for name, value in message.parameters.items()}
    return {"code": message.code, "parameters": values}


def of_json(values: object) -> Message:
    """Return the message from the values of `as_json`.

    The values may come from anywhere: codes have to be letters, digits and dashes, numbers finite,
    and reasons nested a few levels at most; long texts are cut.

    Raises:
        ValueError: They have another form.
    """
    return _message(values, 0)


def _message(values: object, depth: int) -> Message:
    match values:
        case {"code": str(code), "parameters": dict()} if depth < _DEEPEST:
            given = cast("dict[str, dict[str, object]]", values)["parameters"]
            if len(given) > _MOST:
                raise ValueError("too many parameters")
            return Message(code, {name: _parameter(value, depth) for name, value in given.items()})
        case _:
            raise ValueError("no message")


def _parameter(value: object, depth: int) -> Parameter:
    match value:
        case str():
            return value[:_LONGEST_TEXT]
        case int() | float() if math.isfinite(value):
            return value
        case list() if len(items := cast("list[object]", value)) <= _MOST and depth < _DEEPEST:
            return tuple(_parameter(item, depth + 1) for item in items)
        case _:
            return _message(value, depth + 1)


def _plain(value: Parameter) -> object:
    if isinstance(value, Message):
        return as_json(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


# ---- other values


_types_of = cache(get_type_hints)


def value_of(kind: Any, value: Any) -> Any:
    """Convert JSON to `kind`: a dataclass from an object with its fields; further keys are ignored.

    A field may be a text, a number, a flag, a `Message`, a dataclass, a tuple of one type, or None.

    Raises:
        ValueError, LookupError, TypeError: The value is of another form.
    """
    if kind is Message:
        return of_json(value)
    if is_dataclass(kind):
        found = {name: value_of(one, value[name]) for name, one in _types_of(kind).items()}
        return cast("type", kind)(**found)
    inner = get_args(kind)
    if type(None) in inner:
        return None if value is None else value_of(inner[0], value)
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(value_of(inner[0], one) for one in cast("Sequence[Any]", value))
    if kind is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"no {kind}")
    return value
