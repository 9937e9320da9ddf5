"""The shapes of charts in a unit square, for whatever draws them: a page or the window.

x runs from left to right, y from bottom to top, both from 0 to 1 over the plot.
"""

from dataclasses import dataclass
from typing import Final, Literal

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.certainty import Coverage, Reliability
from nameplate.features.evaluation.shares import Interval
from nameplate.wording.texts import tr

Role = Literal["main", "faint", "ideal"]
"""What a mark is: a figure, a figure of too few images, or the line that would be perfect."""

_MOST_POINTS: Final = 150
TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The places on both axes that are labelled with their percentage."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; `text` is what it says when pointed at, numbers alone."""

    left: float
    right: float
    bottom: float
    top: float
    role: Role = "main"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points (x, y)."""

    points: tuple[tuple[float, float], ...]
    role: Role = "main"


@dataclass(frozen=True, slots=True)
class Band:
    """The area between two lines over the same x: points (x, low, high)."""

    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Whisker:
    """An upright interval at x."""

    x: float
    interval: Interval


Mark = Box | Line | Band | Whisker


@dataclass(frozen=True, slots=True)
class Chart:
    """What the two axes show, and what is drawn between them, in order."""

    x: Message
    y: Message
    marks: tuple[Mark, ...]


def reliability_chart(found: Reliability) -> Chart:
    """Return a bar for each bin, as high as the share that is right, beside the perfect diagonal.

    Bins of too few images are faint, and have no interval.
    """
    marks = list[Mark]()
    for one in found.bins:
        if not one.right.of:
            continue
        share = one.right.count / one.right.of
        text = tr(
            "{low:.0%}–{high:.0%}: {right:,} / {count:,}",
            low=one.low,
            high=one.high,
            right=one.right.count,
            count=one.right.of,
        )
        role: Role = "faint" if one.right.missing else "main"
        gap = 0.08 * (one.high - one.low)
        marks.append(Box(one.low + gap, one.high - gap, 0.0, share, role, text))
        if one.right.interval:
            marks.append(Whisker((one.low + one.high) / 2, one.right.interval))
    marks.append(Line(((0.0, 0.0), (1.0, 1.0)), "ideal"))
    return Chart(Message("axis-said"), Message("axis-right"), tuple(marks))


def coverage_chart(found: Coverage) -> Chart:
    """Return the share that is right over the share of the images that is labelled.

    The first images alone would make the line jump: it begins where there are ten.
    """
    least = min(10, int(found.labelled[-1])) if len(found.labelled) else 0
    places = [one for one in found.some(_MOST_POINTS) if found.labelled[one] >= least]
    points, band = list[tuple[float, float]](), list[tuple[float, float, float]]()
    for place in places:
        x, share = found.share(place), found.precision(place)
        if share.value is not None and share.interval is not None:
            points.append((x, share.value))
            band.append((x, share.interval.low, share.interval.high))
    marks = (Band(tuple(band)), Line(tuple(points))) if points else ()
    return Chart(Message("axis-labelled"), Message("axis-right"), marks)
