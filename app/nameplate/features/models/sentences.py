"""Formats facts, devices, rates and costs of models as text."""

from nameplate.domain.progress import Progress, Waiting
from nameplate.features.models.change_cost import ChangeCost
from nameplate.features.models.overview import ModelInfo
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.wording.numbers import counted, duration, format_bytes, time_left
from nameplate.wording.texts import what_of


def format_rate(rate: float) -> str:
    """Return a rate in pictures/s, with one decimal below 10.

    >>> format_rate(0.12), format_rate(8.0), format_rate(51.4)
    ('0.1', '8', '51')
    """
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}".removesuffix(".0")


def facts_line(info: ModelInfo) -> str:
    """Return the main facts of a model, for one line of a list."""
    parts = [format_bytes(info.bytes)] if info.bytes else []
    if info.bytes_here:
        parts = [f"{format_bytes(info.bytes_here)} of {format_bytes(info.bytes)} are here"]
    parts += [] if info.accuracy is None else [f"{info.accuracy:.0f}% on ImageNet"]
    parts += [f"{format_rate(max(info.speeds.values()))} pictures/s"] if info.speeds else []
    licence = "licence to accept" if info.needs_acceptance else licence_in_short(info.licence)
    parts += [licence] if licence else []
    return " · ".join(parts)


def licence_in_short(licence: str) -> str:
    """Return the name of a licence without its explanation.

    >>> licence_in_short("MIT: do what you like"), licence_in_short("Apache-2.0 (weights), other")
    ('MIT', 'Apache-2.0')
    """
    for sign in (":", " (", ",", ";"):
        licence = licence.split(sign, maxsplit=1)[0]
    return licence.strip()


def facts(info: ModelInfo) -> list[tuple[str, str]]:
    """Return all facts of a model as (name, value), in display order."""
    accuracy = "" if info.accuracy is None else f"{info.accuracy:.1f}% right on ImageNet's names"
    if info.accuracy_source:
        accuracy += f" ({info.accuracy_source})"
    speeds = ", ".join(
        f"{format_rate(v)} pictures/s on the {format_device(d)}" for d, v in info.speeds.items()
    )
    trust = what_of(info.trust) if info.trust else ""
    rows = [
        ("Size", format_bytes(info.bytes) if info.bytes else ""),
        ("Licence", info.licence),
        ("Accuracy", accuracy or "Not published"),
        ("Speed here", speeds or "Measured the first time pictures are read"),
        ("Languages", info.languages),
        ("From", info.source),
        ("Checked", trust[:1].upper() + trust[1:]),
        ("Folder", str(info.folder) if info.folder else ""),
        ("On the command line", info.model_id),
    ]
    return [(name, value) for name, value in rows if value]


def format_download(progress: Progress) -> str:
    """Return the progress of a download: bytes, speed, time left."""
    parts = [f"{format_bytes(progress.done)} of {format_bytes(progress.total)}"]
    if progress.rate > 0:
        parts += [f"{format_bytes(progress.rate)}/s", time_left(progress.seconds_left)]
    return " · ".join(part for part in parts if part)


def describe_waiting(waiting: Waiting) -> str:
    """Return why a download waits, and how long.

    >>> from nameplate.domain.messages import Message
    >>> describe_waiting(Waiting(12.0, Message("held-by-another")))
    'Goes on in 12 s: another program holds it'
    """
    return f"Goes on in {duration(max(1, waiting.seconds))}: {what_of(waiting.reason)}"


def describe_cost(cost: ChangeCost) -> str:
    """Return the cost of switching the model, as sentences.

    >>> describe_cost(ChangeCost("Other", 1864, 1864, 8.0))
    'All 1,864 pictures have to be read again with Other: about 4 min at the 8/s measured here. \
Labels stay.'
    """
    are = "has" if cost.to_read == 1 else "have"
    count = counted(cost.to_read, "picture")
    if cost.to_read == cost.total:
        who = f"All {count} {are}" if cost.total > 1 else f"The picture {are}"
        rest = ""
    else:
        who, rest = f"{count} {are}", f"; the other {cost.total - cost.to_read:,} are remembered"
    if cost.seconds is None or not cost.speed:
        long = (
            " How long that takes is not known yet; it can be stopped, and changing back is quick."
        )
        return f"{who} to be read again with {cost.title}{rest}. Labels stay.{long}"
    long = (
        f"about {duration(max(1, cost.seconds))} at the {format_rate(cost.speed)}/s measured here"
    )
    return f"{who} to be read again with {cost.title}: {long}{rest}. Labels stay."
