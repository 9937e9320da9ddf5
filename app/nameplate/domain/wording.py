"""Numbers as a person says them."""


def time_left(seconds: float | None) -> str:
    """Return `seconds` in words; empty where nothing is known.

    >>> time_left(12.4), time_left(600), time_left(7200), time_left(None)
    ('12 s left', '10 min left', '2.0 h left', '')
    """
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s left"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min left"
    return f"{seconds / 3600:.1f} h left"


def counted(count: int, noun: str) -> str:
    """Return `count` with its noun.

    >>> counted(1, "picture"), counted(1200, "picture")
    ('1 picture', '1,200 pictures')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(probability: float) -> str:
    """Return `probability` as whole percent that never claims to be certain."""
    if probability < 0.005:
        return "<1%"
    return ">99%" if probability >= 0.995 else f"{100 * probability:.0f}%"
