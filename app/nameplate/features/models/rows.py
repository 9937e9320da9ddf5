"""The state of a model in the list, and what is said of models: facts, rates, costs."""

from dataclasses import dataclass

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import Progress, Waiting
from nameplate.features.models.change_cost import ChangeCost
from nameplate.features.models.overview import ModelInfo
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.wording.numbers import counted, duration, format_bytes, time_left
from nameplate.wording.texts import error_text, text_of, what_of


@dataclass(frozen=True, slots=True)
class Activity:
    """A running job on a model; its progress is in bytes, None if unknown."""

    text: str
    progress: Progress | None = None
    can_be_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a model: in a few words for the list, and all of it with what to do."""

    short: str
    text: str


def failure_of(error: Exception) -> Failure:
    """Return `error` as text to show."""
    what = what_of(error.reason) if isinstance(error, NameplateError) else str(error)
    return Failure(f"{what[:1].upper()}{what[1:]}", error_text(error))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One row of the list: a model, the job that runs on it, and its last error."""

    info: ModelInfo
    is_in_use: bool = False
    activity: Activity | None = None
    failure: Failure | None = None

    @property
    def problem(self) -> str:
        """Why it cannot be used, or the last error; empty for none."""
        if self.failure:
            return self.failure.text
        return text_of(self.info.problem) if self.info.problem else ""

    @property
    def second_line(self) -> str:
        """The line under its title: activity, error or facts."""
        if self.activity is not None:
            shown = self.activity.progress
            return f"{self.activity.text} {format_download(shown)}" if shown else self.activity.text
        if self.failure is not None:
            return self.failure.short
        return "Cannot be used" if self.info.problem else facts_line(self.info)

    @property
    def accessible_text(self) -> str:
        """All of the row, for a screen reader."""
        where = "installed" if self.info.is_here else "not downloaded"
        return f"{self.info.title}, {'in use' if self.is_in_use else where}. {self.second_line}"


# ---- in words


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
