"""Formats numbers and times for people, in the language in use."""

import datetime as dt
from typing import Final

from nameplate.domain.text import deferred
from nameplate.wording.translation import current, plain

_MONTHS: Final = (
    *(deferred("January", "month"), deferred("February", "month"), deferred("March", "month")),
    *(deferred("April", "month"), deferred("May", "month"), deferred("June", "month")),
    *(deferred("July", "month"), deferred("August", "month"), deferred("September", "month")),
    *(deferred("October", "month"), deferred("November", "month"), deferred("December", "month")),
)
_UNITS: Final = (
    (deferred("{number} GB"), 1e9),
    (deferred("{number} MB"), 1e6),
    (deferred("{number} kB"), 1e3),
)


def format_number(value: float, form: str = ",") -> str:
    """Return a number in one of Python's formats, with the separators of the language.

    >>> format_number(1234567), format_number(0.256, ".1f"), format_number(0.256, ".1%")
    ('1,234,567', '0.3', '25.6%')
    """
    text = format(value, form)
    if current().is_english:
        return text
    if text.endswith("%"):
        return plain("{percent}%", percent=format_number(100 * value, f"{form[:-1]}f"))
    whole, point, fraction = text.partition(".")
    decimal = plain(".", "decimal separator") if point else ""
    return whole.replace(",", plain(",", "thousands separator")) + decimal + fraction


def time_left(seconds: float | None) -> str:
    """Return the time left in words; empty if unknown.

    >>> time_left(12.4), time_left(600), time_left(7200), time_left(None)
    ('12 s left', '10 min left', '2.0 h left', '')
    """
    return "" if seconds is None else plain("{time} left", time=duration(seconds))


def about_left(seconds: float | None) -> str:
    """Return a rounded estimate of the time left in words; empty if unknown.

    >>> about_left(7), about_left(48), about_left(600), about_left(7200), about_left(None)
    ('a few seconds left', '50 s left', '10 min left', '2.0 h left', '')
    """
    if seconds is None or seconds >= 90:
        return time_left(seconds)
    return time_left(10 * round(seconds / 10)) if seconds >= 10 else plain("a few seconds left")


def percent(probability: float) -> str:
    """Return `probability` as whole percent, never 0% or 100%.

    >>> percent(0.001), percent(0.256), percent(0.999)
    ('<1%', '26%', '>99%')
    """
    if probability < 0.005:
        return plain("<{percent}%", percent=1)
    if probability >= 0.995:
        return plain(">{percent}%", percent=99)
    return plain("{percent}%", percent=f"{100 * probability:.0f}")


def duration(seconds: float) -> str:
    """Return a duration in words.

    >>> duration(12.4), duration(600), duration(7200)
    ('12 s', '10 min', '2.0 h')
    """
    if seconds < 90:
        return plain("{number} s", number=f"{seconds:.0f}")
    if seconds < 90 * 60:
        return plain("{number} min", number=f"{seconds / 60:.0f}")
    return plain("{number} h", number=format_number(seconds / 3600, ".1f"))


def time_of_day(seconds: float, now: dt.datetime | None = None) -> str:
    """Return a moment in words, in local time.

    Args:
        seconds: Since 1970, UTC.
        now: The moment of speaking; by default the clock's.

    >>> at = dt.datetime(2026, 5, 4, 9, 7).astimezone()
    >>> [time_of_day(at.timestamp(), at + dt.timedelta(days)) for days in (0, 1, 30)]
    ['today at 09:07', 'yesterday at 09:07', '4 May 2026 at 09:07']
    """
    now = now or dt.datetime.now().astimezone()
    then = dt.datetime.fromtimestamp(seconds, now.tzinfo)
    near = _near(then, now)
    return plain("{day} at {time}", day=near, time=f"{then:%H:%M}") if near else moment(then)


def moment(at: dt.datetime) -> str:
    """Return a moment in words, without conversion to local time.

    >>> moment(dt.datetime(2026, 5, 4, 9, 7))
    '4 May 2026 at 09:07'
    """
    return plain("{day} at {time}", day=date_text(at), time=f"{at:%H:%M}")


def day_of(seconds: float, now: dt.datetime | None = None) -> str:
    """Return the day of a moment in words; arguments as for `time_of_day`.

    >>> at = dt.datetime(2026, 5, 4, 9, 7).astimezone()
    >>> [day_of(at.timestamp(), at + dt.timedelta(days)) for days in (0, 1, 30, 300)]
    ['today', 'yesterday', 'on 4 May', 'on 4 May 2026']
    """
    now = now or dt.datetime.now().astimezone()
    then = dt.datetime.fromtimestamp(seconds, now.tzinfo)
    near = _near(then, now)
    return near or plain("on {date}", date=date_text(then, has_year=then.year != now.year))


def time_or_date(seconds: float, now: dt.datetime | None = None) -> str:
    """Return the time of today and yesterday in words, else the date; as for `time_of_day`.

    >>> at = dt.datetime(2026, 5, 4, 9, 7).astimezone()
    >>> [time_or_date(at.timestamp(), at + dt.timedelta(days)) for days in (0, 30)]
    ['today at 09:07', '4 May']
    """
    now = now or dt.datetime.now().astimezone()
    then = dt.datetime.fromtimestamp(seconds, now.tzinfo)
    return (
        time_of_day(seconds, now)
        if _near(then, now)
        else date_text(then, has_year=then.year != now.year)
    )


def _near(then: dt.datetime, now: dt.datetime) -> str:
    """Return the word for today or yesterday; empty for other days."""
    days = (now.date() - then.date()).days
    return plain("today") if days == 0 else plain("yesterday") if days == 1 else ""


def date_text(then: dt.date, *, has_year: bool = True) -> str:
    """Return a day of the calendar in words."""
    month = plain(_MONTHS[then.month - 1], "month")
    return plain(
        "{day} {month} {year}" if has_year else "{day} {month}",
        day=then.day,
        month=month,
        year=then.year,
    )


def format_bytes(count: float) -> str:
    """Return a size with decimal (SI) units: a MB is a million bytes.

    >>> [format_bytes(count) for count in (900, 2_400_000, 352_000_000, 1_715_000_000)]
    ['900 bytes', '2.4 MB', '352 MB', '1.7 GB']
    """
    for text, size in _UNITS:
        if count >= 0.9995 * size:
            value = count / size
            form = ".1f" if value < 99.95 and size > 1e3 else ".0f"
            return plain(text, number=format_number(value, form))
    return plain("{number} bytes", number=f"{count:.0f}")
