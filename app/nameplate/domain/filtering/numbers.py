"""Numbers and days in a typed filter: `p>0.9`, `size:1MB..3MB`, `date:2024-05..2024-06`."""

import calendar
import datetime as dt
import math
import re
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.filters import DatedWithin, NumberWithin, Quantity

_UNITS: Final = {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_SIZE: Final = re.compile(r"(\d{1,16}(?:\.\d{1,9})?)\s*([kmg]?b|)", re.IGNORECASE)
_LARGEST_SIZE: Final = 2**53
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")

Days = tuple[dt.date, dt.date]
"""The first and the last day of a year, a month or a day."""


def number_of(quantity: Quantity, sign: str, value: str) -> NumberWithin:
    """Return the condition that is typed as `quantity`, `sign` and `value`.

    Raises:
        UsageError: The value is no number of this kind.
    """
    low, dots, high = value.partition("..")
    if not dots:
        number = _number(quantity, value)
        match sign:
            case ">" | ">=":
                return NumberWithin(quantity, least=number, is_strict=sign == ">")
            case "<" | "<=":
                return NumberWithin(quantity, most=number, is_strict=sign == "<")
            case _:
                return NumberWithin(quantity, number, number)
    if sign not in ":=" or not (low or high):
        raise _no_number(quantity, value)
    if quantity is not Quantity.SIZE and any(_is_in_percent(end) for end in (low, high)):
        low, high = (end if end.endswith("%") or not end else f"{end}%" for end in (low, high))
    least = _number(quantity, low) if low else None
    most = _number(quantity, high) if high else None
    if least is not None and most is not None and least > most:
        raise UsageError("filter-wrong-order", value=value, other=f"{high}..{low}")
    return NumberWithin(quantity, least, most)


def number_text(condition: NumberWithin) -> str:
    """Return a condition as text that `number_of` reads."""
    key = condition.quantity.value
    texts = [
        "" if bound is None else _bound_text(condition.quantity, bound)
        for bound in (condition.least, condition.most)
    ]
    if all(texts):
        return f"{key}:{texts[0]}..{texts[1]}"
    sign = ">" if texts[0] else "<"
    return f"{key}{sign}{'' if condition.is_strict else '='}{texts[0] or texts[1]}"


def _number(quantity: Quantity, text: str) -> float:
    number = _bytes(text) if quantity is Quantity.SIZE else _share(text)
    if number is None:
        raise _no_number(quantity, text)
    return number


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


def _no_number(quantity: Quantity, value: str) -> UsageError:
    if quantity is Quantity.SIZE:
        return UsageError("filter-no-size", value=value)
    return UsageError("filter-no-share", value=value, key=quantity.value)


def _bound_text(quantity: Quantity, bound: float) -> str:
    if quantity is not Quantity.SIZE:
        percent = f"{100 * bound:.10g}%"
        return percent if _share(percent) == bound else repr(float(bound))
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if bound and bound % size == 0:
            return f"{int(bound) // size}{unit}"
    return str(int(bound))


# ---- days


def days_of(sign: str, value: str) -> DatedWithin:
    """Return the condition that is typed as `date`, `sign` and `value`.

    Raises:
        UsageError: The value is no day, month or year, nor two of them.
    """
    low, dots, high = value.partition("..")
    if not dots:
        first, last = _days(value)
        day = dt.timedelta(1)
        try:
            match sign:
                case ">":
                    return DatedWithin(first=last + day)
                case ">=":
                    return DatedWithin(first=first)
                case "<":
                    return DatedWithin(last=first - day)
                case "<=":
                    return DatedWithin(last=last)
                case _:
                    return DatedWithin(first, last)
        except OverflowError:
            raise UsageError("filter-no-date", value=value) from None
    if sign not in ":=" or not (low or high):
        raise UsageError("filter-no-date", value=value)
    first = _days(low)[0] if low else None
    last = _days(high)[1] if high else None
    if first and last and first > last:
        raise UsageError("filter-wrong-order", value=value, other=f"{high}..{low}")
    return DatedWithin(first, last)


def days_text(condition: DatedWithin) -> str:
    """Return a condition as text that `days_of` reads."""
    first, last = condition.first, condition.last
    if first and last:
        day = first.isoformat()
        for text in (day, day[:7], day[:4]):
            if _days(text) == (first, last):
                return f"date:{text}"
    texts = ["" if day is None else day.isoformat() for day in (first, last)]
    return f"date:{'..'.join(texts)}"


def _days(text: str) -> Days:
    """Return the first and the last day of `2024`, `2024-05` or `2024-05-03`."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise UsageError("filter-no-date", value=text)
    try:
        year = int(found[1])
        month, day = (int(part) if part else None for part in found.groups()[1:])
        last_day = calendar.monthrange(year, month or 12)[1]
        return dt.date(year, month or 1, day or 1), dt.date(year, month or 12, day or last_day)
    except ValueError:  # calendar's own error is one, too
        raise UsageError("filter-no-date", value=text) from None
