"""Draws the shapes of charts as SVG inside a page; colours come from the page's style."""

from collections.abc import Callable
from html import escape
from typing import Final

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.shapes import (
    TICKS,
    Band,
    Box,
    Chart,
    Line,
    Mark,
    Whisker,
)
from nameplate.features.evaluation.shares import Interval
from nameplate.wording.numbers import format_number

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
