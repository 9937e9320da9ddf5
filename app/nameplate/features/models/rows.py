"""The state of a model in the list, and texts about models: facts, rates, costs."""

from dataclasses import dataclass

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import Progress, Waiting
from nameplate.features.models.change_cost import ChangeCost
from nameplate.features.models.overview import ModelInfo
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.wording.numbers import duration, format_bytes, format_number, time_left
from nameplate.wording.texts import error_text, listed, sentences, text_of, tr, trn, what_of


@dataclass(frozen=True, slots=True)
class Activity:
    """A running job on a model; its progress is in bytes, None if unknown."""

    text: str
    progress: Progress | None = None
    can_be_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a model: short for the list, and in full with the remedy."""

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
        return tr("Can't be used") if self.info.problem else facts_line(self.info)

    @property
    def state(self) -> str:
        """Its state in a few words."""
        if self.activity is not None:
            progress = self.activity.progress
            if not progress or not progress.total:
                return self.activity.text
            return f"{self.activity.text} {format_number(progress.done / progress.total, '.0%')}"
        if self.failure is not None:
            return tr("Failed")
        if self.info.problem:
            return tr("Can't be used")
        if self.info.is_here:
            return tr("In use") if self.is_in_use else tr("Installed")
        return tr("Partly downloaded") if self.info.bytes_here else ""

    @property
    def accessible_text(self) -> str:
        """All of the row, for a screen reader."""
        if self.is_in_use:
            text = tr("{model}, in use.", model=self.info.title)
        elif self.info.is_here:
            text = tr("{model}, installed.", model=self.info.title)
        else:
            text = tr("{model}, not downloaded.", model=self.info.title)
        return sentences(text, self.second_line)

    @property
    def action(self) -> str:
        """The action of its button."""
        info = self.info
        if self.activity is not None:
            return tr("Cancel")
        if info.is_here:
            return tr("In use") if self.is_in_use else tr("Use")
        if info.page:
            return tr("Open its page")
        left = max(0, info.bytes - info.bytes_here)
        if info.bytes_here:
            return tr("Resume, {size:bytes} left", size=left)
        return tr("Download {size:bytes}", size=left)

    @property
    def is_possible(self) -> bool:
        """Whether that can be done."""
        if self.activity is not None:
            return self.activity.can_be_cancelled
        return not self.info.is_here or not (self.is_in_use or self.info.problem)


# ---- in words


def format_rate(rate: float) -> str:
    """Return a rate in pictures/s, with one decimal below 10.

    >>> format_rate(0.12), format_rate(8.0), format_rate(51.4)
    ('0.1', '8', '51')
    """
    is_whole = rate >= 10 or f"{rate:.1f}".endswith(".0")
    return format_number(rate, ".0f" if is_whole else ".1f")


def facts_line(info: ModelInfo) -> str:
    """Return the main facts of a model, for one line of a list."""
    parts = [format_bytes(info.bytes)] if info.bytes else []
    if info.bytes_here:
        sizes = {"here": info.bytes_here, "total": info.bytes}
        parts = [tr("{here:bytes} of {total:bytes} downloaded", **sizes)]
    if info.accuracy is not None:
        parts.append(tr("{accuracy:.0f}% on ImageNet", accuracy=info.accuracy))
    if info.speeds:
        parts.append(tr("{rate} pictures/s", rate=format_rate(max(info.speeds.values()))))
    licence = tr("licence to accept") if info.needs_acceptance else licence_in_short(info.licence)
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


def terms(info: ModelInfo) -> str:
    """Return licence and languages of a model, for one line.

    >>> terms(ModelInfo("a", "A", licence="MIT: any use", languages="English"))
    'MIT · English'
    """
    languages = tr(info.languages)
    if info.languages.endswith("100"):
        languages = tr("{number} languages", number=languages)
    return " · ".join(part for part in (licence_in_short(info.licence), languages) if part)


def facts(info: ModelInfo) -> list[tuple[str, str]]:
    """Return further facts about a model as (name, value), in display order."""
    accuracy = ""
    if info.accuracy is not None:
        accuracy = tr("{accuracy:.1f}% on ImageNet", accuracy=info.accuracy)
    if info.accuracy_source:
        accuracy += f" ({info.accuracy_source})"
    speeds = listed(
        [
            tr("{rate} pictures/s on the {device}", rate=format_rate(v), device=format_device(d))
            for d, v in info.speeds.items()
        ]
    )
    trust = what_of(info.trust) if info.trust else ""
    rows = [
        (tr("Licence"), tr(info.licence) if info.licence else ""),
        (tr("Accuracy"), accuracy or tr("not published")),
        (tr("Speed here"), speeds or tr("measured when pictures are read")),
        (tr("From", "of a model"), info.source),
        (tr("Checked", "of a model"), trust),
        (tr("Folder"), str(info.folder) if info.folder else ""),
        (tr("Id"), info.model_id),
    ]
    return [(name, value) for name, value in rows if value]


def format_download(progress: Progress) -> str:
    """Return the progress of a download: bytes, speed, time left."""
    parts = [tr("{here:bytes} of {total:bytes}", here=progress.done, total=progress.total)]
    if progress.rate > 0:
        parts += [f"{format_bytes(progress.rate)}/s", time_left(progress.seconds_left)]
    return " · ".join(part for part in parts if part)


def describe_waiting(waiting: Waiting) -> str:
    """Return why a download waits, and how long.

    >>> from nameplate.domain.messages import Message
    >>> describe_waiting(Waiting(12.0, Message("held-by-another")))
    'Next try in 12 s: in use by another program'
    """
    time, why = duration(max(1, waiting.seconds)), what_of(waiting.reason)
    return tr("Next try in {time}: {reason}", time=time, reason=why)


def describe_change(cost: ChangeCost) -> str:
    """Return the consequences of changing the model, as sentences.

    >>> describe_change(ChangeCost("Other", 372, 372, 3.0))
    'Suggestions will change; your labels stay. 372 pictures are read again, about 2 min.'
    """
    if not cost.total:
        return ""
    stays = tr("Suggestions will change; your labels stay.")
    if not cost.to_read:
        return stays
    count, seconds = cost.to_read, cost.seconds
    if seconds is None:
        again = trn("{count:,} picture is read again.", "{count:,} pictures are read again.", count)
    else:
        again = trn(
            "{count:,} picture is read again, about {time:duration}.",
            "{count:,} pictures are read again, about {time:duration}.",
            count,
            time=max(1, seconds),
        )
    return sentences(stays, again)
