"""Charts: shapes in a unit square, which the window paints, and the same as SVG for a page.

x runs from left to right, y from bottom to top, both from 0 to 1 over the plot. The colours of SVG
come from the page's style.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.certainty import Coverage, Reliability
from nameplate.features.evaluation.figures.shares import Interval
from nameplate.wording.numbers import format_number
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


_WIDTH: Final = 420
_HEIGHT: Final = 300
_LEFT: Final = 58
_RIGHT: Final = 22
_TOP: Final = 10
_BOTTOM: Final = 48
_PLOT_WIDTH: Final = _WIDTH - _LEFT - _RIGHT
_PLOT_HEIGHT: Final = _HEIGHT - _TOP - _BOTTOM
_BAR_WIDTH: Final = 160
_BAR_HEIGHT: Final = 14


def chart_svg(chart: Chart, alt: str, words: Callable[[Message], str]) -> str:
    """Return a chart; `alt` says what it shows, for those who cannot see it."""
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" ',
        f'role="img" aria-label="{escape(alt)}">',
    ]
    percents = [(place, format_number(place, ".0%")) for place in TICKS]
    for place, text in percents:
        y = _y(place)
        parts.append(f'<path class="grid" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
        parts.append(text_svg(_LEFT - 8, y + 4, text, "end"))
    below = _HEIGHT - _BOTTOM + 18
    parts += (text_svg(_x(place), below, text, "middle") for place, text in percents)
    parts += map(_mark, chart.marks)
    middle_x, middle_y = _LEFT + _PLOT_WIDTH / 2, _TOP + _PLOT_HEIGHT / 2
    parts.append(text_svg(middle_x, _HEIGHT - 8, words(chart.x), "middle"))
    turned = f' transform="rotate(-90 14 {middle_y})"'
    parts.append(text_svg(14, middle_y, words(chart.y), "middle", turned))
    return "".join((*parts, "</svg>"))


def bar_svg(value: float, interval: Interval | None = None, text: str = "") -> str:
    """Return a bar of `value` in [0, 1] with its interval, small enough for a line of text."""
    width = _number(value * _BAR_WIDTH)
    size = f'height="{_BAR_HEIGHT}" rx="3"'
    parts = [
        f'<svg class="bar" viewBox="0 0 {_BAR_WIDTH} {_BAR_HEIGHT}" ',
        f'role="img" aria-label="{escape(text)}">',
        f'<rect class="ground" width="{_BAR_WIDTH}" {size}/>',
        f'<rect class="main" width="{width}" {size}/>',
    ]
    if interval:
        low, high = (_number(limit * _BAR_WIDTH) for limit in interval)
        parts.append(f'<path class="whisker" d="M{low} 3V11M{low} 7H{high}M{high} 3V11"/>')
    return "".join((*parts, "</svg>"))


def _mark(mark: Mark) -> str:
    match mark:
        case Box():
            x, y = _x(mark.left), _y(mark.top)
            width, height = _x(mark.right) - x, _y(mark.bottom) - y
            title = f"<title>{escape(mark.text)}</title>" if mark.text else ""
            return (
                f'<rect class="{mark.role}" x="{_number(x)}" y="{_number(y)}" '
                f'width="{_number(width)}" height="{_number(height)}">{title}</rect>'
            )
        case Line():
            return f'<path class="line {mark.role}" d="{_path(mark.points)}"/>'
        case Band():
            upper = tuple((x, high) for x, _, high in mark.points)
            lower = tuple((x, low) for x, low, _ in reversed(mark.points))
            return f'<path class="band" d="{_path(upper + lower)}Z"/>'
        case Whisker():
            x, low, high = _x(mark.x), _y(mark.interval.low), _y(mark.interval.high)
            left, right = _number(x - 4), _number(x + 4)
            low, high = _number(low), _number(high)
            upright = f"M{_number(x)} {low}V{high}"
            return (
                f'<path class="whisker" d="M{left} {low}H{right}{upright}M{left} {high}H{right}"/>'
            )


def _path(points: tuple[tuple[float, float], ...]) -> str:
    return "M" + "L".join(f"{_number(_x(x))} {_number(_y(y))}" for x, y in points)


def text_svg(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    """Return a line of text, escaped; `more` are further attributes, which begin with a space."""
    place = f'x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"'
    return f"<text {place}{more}>{escape(text)}</text>"


def _x(place: float) -> float:
    return _LEFT + place * _PLOT_WIDTH


def _y(place: float) -> float:
    return _TOP + (1 - place) * _PLOT_HEIGHT


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
