"""Conditions with numbers and days: `p>0.9`, `size:1MB..3MB`, `date:2024-05..2024-06`."""
# ruff: noqa: D102 - `Condition` documents the methods

import calendar
import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.columns import Columns, Flags, numbers_found, sizes_of
from nameplate.domain.filtering.condition import Condition, Key, Typed
from nameplate.domain.filtering.findings import Finding
from nameplate.domain.messages import Message

_UNITS: Final = {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_SIZE: Final = re.compile(r"(\d{1,16}(?:\.\d{1,9})?)\s*([kmg]?b|)", re.IGNORECASE)
_LARGEST_SIZE: Final = 2**53
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")

Bound = TypeVar("Bound", float, dt.date)


class Quantity(Enum):
    """A number that every image has or may have; the value is its word in a typed filter."""

    PROBABILITY = "p"
    MARGIN = "margin"
    SIZE = "size"
    """Of the file, in bytes."""


_SAID: Final = {
    Quantity.PROBABILITY: Message("sort-probability"),
    Quantity.MARGIN: Message("sort-margin"),
    Quantity.SIZE: Message("sort-size"),
}


@dataclass(frozen=True, slots=True)
class NumberWithin(Condition):
    """Matches images whose number is within bounds; not those whose number is unknown.

    Attributes:
        least: The lower bound; None for none. One bound at least is there.
        most: The upper bound; None for none.
        is_strict: Whether the bound itself is left out; only where there is one bound.
    """

    quantity: Quantity
    least: float | None = None
    most: float | None = None
    is_strict: bool = False

    def __post_init__(self) -> None:
        bounds = (self.least is not None) + (self.most is not None)
        if not bounds or (self.is_strict and bounds > 1):
            raise ValueError("no bounds")

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        key = self.quantity.value
        texts = [
            "" if bound is None else _bound_text(self.quantity, bound)
            for bound in (self.least, self.most)
        ]
        if all(texts):
            return f"{key}:{texts[0]}..{texts[1]}"
        sign = ">" if texts[0] else "<"
        return f"{key}{sign}{'' if self.is_strict else '='}{texts[0] or texts[1]}"

    def matching(self, columns: Columns) -> Flags:
        if self.quantity is Quantity.SIZE:
            numbers = sizes_of(columns)
            found = numbers >= 0
        else:
            is_margin = self.quantity is Quantity.MARGIN
            numbers = columns.margin if is_margin else columns.probability
            found = ~np.isnan(numbers)
        if self.least is not None:
            found &= numbers > self.least if self.is_strict else numbers >= self.least
        if self.most is not None:
            found &= numbers < self.most if self.is_strict else numbers <= self.most
        return found

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        name = _SAID[self.quantity]
        least, most = (
            None if bound is None else _amount(self.quantity, bound)
            for bound in (self.least, self.most)
        )
        if least and most and least != most:
            return Message("number-between", {"name": name, "least": least, "most": most})
        bound = least or most or ""
        if least and most:
            return Message("number-is", {"name": name, "bound": bound})
        if self.is_strict:
            return Message(
                "number-above" if least else "number-below", {"name": name, "bound": bound}
            )
        return Message(
            "number-or-more" if least else "number-or-less", {"name": name, "bound": bound}
        )

    def excludes(self, other: Condition) -> bool:
        return isinstance(other, NumberWithin) and other.quantity is self.quantity


def _amount(quantity: Quantity, bound: float) -> Message:
    if quantity is Quantity.SIZE:
        return Message("in-bytes", {"bytes": bound})
    return Message("in-percent", {"percent": 100 * bound})


def _bounds(
    typed: Typed,
    span: Callable[[str], tuple[Bound, Bound]],
    wrong: Callable[[str], UsageError],
    unit: str = "",
) -> tuple[Bound | None, Bound | None]:
    """Return the lower and the upper bound that a word says; None for none.

    Args:
        typed: The word; where its sign is `<` or `>`, the bound itself is left out.
        span: Returns the first and the last of what a text means, such as the days of a month.
        wrong: Returns the error of a text that means nothing.
        unit: Of both ends, where one of them has it.
    """
    low, dots, high = typed.value.partition("..")
    if not dots:
        first, last = span(typed.value)
        signs = {">": (last, None), ">=": (first, None), "<": (None, first), "<=": (None, last)}
        return signs.get(typed.sign, (first, last))
    if typed.sign not in ":=" or not (low or high):
        raise wrong(typed.value)
    low, high = (end if end.endswith(unit) or not end else end + unit for end in (low, high))
    least, most = span(low)[0] if low else None, span(high)[1] if high else None
    if least is not None and most is not None and least > most:
        raise UsageError("filter-wrong-order", value=typed.value, other=f"{high}..{low}")
    return least, most


def _number_within(typed: Typed) -> NumberWithin:
    quantity = Quantity(typed.key)

    def wrong(text: str) -> UsageError:
        if quantity is Quantity.SIZE:
            return UsageError("filter-no-size", value=text)
        return UsageError("filter-no-share", value=text, key=quantity.value)

    def span(text: str) -> tuple[float, float]:
        number = _bytes(text) if quantity is Quantity.SIZE else _share(text)
        if number is None:
            raise wrong(text)
        return number, number

    is_in_percent = any(map(_is_in_percent, typed.value.partition("..")))
    unit = "%" if is_in_percent and quantity is not Quantity.SIZE else ""
    bounds = _bounds(typed, span, wrong, unit)
    return NumberWithin(quantity, *bounds, is_strict=typed.sign in ("<", ">"))


def _bytes(text: str) -> float | None:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    size = round(float(found[1]) * _UNITS[found[2].casefold()])
    return size if size < _LARGEST_SIZE else None


def _share(text: str) -> float | None:
    """Return a number from 0 to 1, which may be given in percent: `0.5`, `50%`, `50`."""
    number = _float(text.removesuffix("%"))
    if text.endswith("%") or _is_in_percent(text):
        number /= 100
    return number if 0 <= number <= 1 else None


def _is_in_percent(text: str) -> bool:
    """Return whether a number cannot be a share as it stands: one above 1 is in per cent."""
    return _float(text) > 1


def _float(text: str) -> float:
    """Return the number that a text says; that of none is no number."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _bound_text(quantity: Quantity, bound: float) -> str:
    if quantity is not Quantity.SIZE:
        percent = f"{100 * bound:.10g}%"
        return percent if _share(percent) == bound else repr(float(bound))
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if bound and bound % size == 0:
            return f"{int(bound) // size}{unit}"
    return str(int(bound))


# ---- days


@dataclass(frozen=True, slots=True)
class DatedWithin(Condition):
    """Matches files last changed between two days, both included, or what a feature found of them.

    Attributes:
        first: None for no bound. One at least is there.
        last: Likewise.
        finding: What has the days; None for when the file was changed.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    finding: Finding | None = None

    def __post_init__(self) -> None:
        if self.first is None and self.last is None:
            raise ValueError("no days")

    def word(self, _concepts: Sequence[Concept] = (), /) -> str:
        first, last, key = self.first, self.last, self.found_by or "date"
        if first and last:
            day = first.isoformat()
            for text in (day, day[:7], day[:4]):
                if _days(text) == (first, last):
                    return f"{key}:{text}"
        texts = ["" if day is None else day.isoformat() for day in (first, last)]
        return f"{key}:{'..'.join(texts)}"

    def matching(self, columns: Columns) -> Flags:
        times, midnight = columns.changed_at, _midnight
        if self.finding is not None:
            times, midnight = numbers_found(columns, self.finding.key), _midnight_there
        found = times >= 0
        if self.first is not None:
            found &= times >= midnight(self.first)
        if self.last is not None and self.last < dt.date.max:
            found &= times < midnight(self.last + dt.timedelta(1))
        return found

    @property
    def found_by(self) -> str:
        return self.finding.key if self.finding else ""

    def describe(self, _concepts: Sequence[Concept], /) -> Message:
        first, last = self.first, self.last
        of = Message("sort-date")
        if self.finding is not None:
            of = Message("filter-found", {"text": self.finding.title})
        if first and first == last:
            return Message("date-is", {"of": of, "day": first})
        if first and last:
            return Message("date-between", {"of": of, "first": first, "last": last})
        if first:
            return Message("date-from", {"of": of, "day": first})
        return Message("date-until", {"of": of, "day": last or dt.date.max})  # one is there

    def excludes(self, other: Condition) -> bool:
        return isinstance(other, DatedWithin) and other.finding == self.finding


def dated_within(typed: Typed, finding: Finding | None = None) -> DatedWithin:
    """Return the condition that a word with days says.

    Raises:
        UsageError: It says no days.
    """

    def no_date(text: str) -> UsageError:
        return UsageError("filter-no-date", value=text, key=typed.key)

    def span(text: str) -> tuple[dt.date, dt.date]:
        if (days := _days(text)) is None:
            raise no_date(text)
        return days

    first, last = _bounds(typed, span, no_date)
    step = dt.timedelta(typed.sign in ("<", ">"))
    try:
        return DatedWithin(first and first + step, last and last - step, finding)
    except OverflowError:
        raise no_date(typed.value) from None


def _days(text: str) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of `2024`, `2024-05` or `2024-05-03`; None for no days."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        year = int(found[1])
        month, day = (int(part) if part else None for part in found.groups()[1:])
        last_day = calendar.monthrange(year, month or 12)[1]
        return dt.date(year, month or 1, day or 1), dt.date(year, month or 12, day or last_day)
    except ValueError:  # calendar's own error is one, too
        return None


def _midnight(day: dt.date) -> float:
    """Return the start of a day in local time, in milliseconds since 1970."""
    try:
        return 1000 * dt.datetime.combine(day, dt.time()).timestamp()
    except (OverflowError, OSError, ValueError):  # before what this system has a clock for
        return _midnight_there(day) - _midnight_there(dt.date(1970, 1, 1))


def _midnight_there(day: dt.date) -> float:
    """Return the start of a day by the clock of the place, in milliseconds since the year 1."""
    return 1000 * 86_400 * float((day - dt.date.min).days)


def _key(*examples: str, read: Callable[[Typed], Condition] = _number_within) -> Key:
    return Key(read, examples=examples, takes_signs=True)


SHARE_KEYS: Final = {
    "p": _key("p>90%", "p<50%", "p:40%..60%"),
    "margin": _key("margin<10%", "margin>50%"),
}
SIZE_KEY: Final = _key("size>2MB", "size<100kB")
DATE_KEY: Final = _key("date:2024", "date:2024-05", "date:2024-05..2024-06", read=dated_within)
