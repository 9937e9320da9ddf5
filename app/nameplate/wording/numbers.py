"""Formats numbers and times for people."""

import datetime as dt


def time_left(seconds: float | None) -> str:
    """Return the time left in words; empty if unknown.

    >>> time_left(12.4), time_left(600), time_left(7200), time_left(None)
    ('12 s left', '10 min left', '2.0 h left', '')
    """
    return "" if seconds is None else f"{duration(seconds)} left"


def about_left(seconds: float | None) -> str:
    """Return an estimate of the time left, as round as it is unsure; empty if unknown.

    >>> about_left(7), about_left(48), about_left(600), about_left(7200), about_left(None)
    ('a few seconds left', '50 s left', '10 min left', '2.0 h left', '')
    """
    if seconds is None or seconds >= 90:
        return time_left(seconds)
    return f"{10 * round(seconds / 10)} s left" if seconds >= 10 else "a few seconds left"


def counted(count: int, noun: str) -> str:
    """Return `count` with its noun.

    >>> counted(1, "picture"), counted(1200, "picture")
    ('1 picture', '1,200 pictures')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(probability: float) -> str:
    """Return `probability` as whole percent, never 0% or 100%."""
    if probability < 0.005:
        return "<1%"
    return ">99%" if probability >= 0.995 else f"{100 * probability:.0f}%"


def duration(seconds: float) -> str:
    """Return a duration in words.

    >>> duration(12.4), duration(600), duration(7200)
    ('12 s', '10 min', '2.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


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
    days = (now.date() - then.date()).days
    day = {0: "today", 1: "yesterday"}.get(days, f"{then.day} {then:%B %Y}")
    return f"{day} at {then:%H:%M}"


def day_of(seconds: float, now: dt.datetime | None = None) -> str:
    """Return the day of a moment in words; arguments as for `time_of_day`.

    >>> at = dt.datetime(2026, 5, 4, 9, 7).astimezone()
    >>> [day_of(at.timestamp(), at + dt.timedelta(days)) for days in (0, 1, 30, 300)]
    ['today', 'yesterday', 'on 4 May', 'on 4 May 2026']
    """
    now = now or dt.datetime.now().astimezone()
    then = dt.datetime.fromtimestamp(seconds, now.tzinfo)
    year = f" {then.year}" if then.year != now.year else ""
    day = f"on {then.day} {then:%B}{year}"
    return {0: "today", 1: "yesterday"}.get((now.date() - then.date()).days, day)


def format_bytes(count: float) -> str:
    """Return a size with decimal (SI) units: a MB is a million bytes.

    >>> [format_bytes(count) for count in (900, 2_400_000, 352_000_000, 1_715_000_000)]
    ['900 bytes', '2.4 MB', '352 MB', '1.7 GB']
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= 0.9995 * size:
            value = count / size
            return (
                f"{value:.1f} {unit}" if value < 99.95 and unit != "kB" else f"{value:.0f} {unit}"
            )
    return f"{count:.0f} bytes"
