"""Curves as an SVG file that needs nothing else: lines over two axes, light and dark."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.evaluation.report.charts import text_svg
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import begins_with
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

_WIDTH: Final = 720
_HEIGHT: Final = 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 44, 16, 48
_KEY: Final = _WIDTH - 260
_STROKES: Final = (("#2f6fde", ""), ("#d9480f", "7 4"), ("#868e96", "2 4"), ("#2b8a3e", "12 3 2 3"))
_ACROSS: Final = deferred("Keys, clicks and drags for each 1,000 pictures")
_UP: Final = deferred("Labels that are right")
_START: Final = '<svg xmlns="http://www.w3.org/2000/svg" class="nameplate-curves"'
_STYLE: Final = (
    "text{font:13px sans-serif;fill:#212529}.axis{stroke:#adb5bd}"
    "@media(prefers-color-scheme:dark){svg{background:#1b1d20}text{fill:#e9ecef}"
    ".axis{stroke:#5c636a}}"
)


CURVES: Final = Kind(Message("curves-svg"), lambda path: begins_with(path, _START.encode()))


def curves_svg(title: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Return the file's content.

    Args:
        title: Above the lines.
        lines: Name -> points (x, y), x from 0 on and y 0 to 1; four at most are told apart.
    """
    most = max((x for line in lines.values() for x, _ in line), default=1) or 1
    least = min((y for line in lines.values() for _, y in line), default=0)
    least = int(10 * least) / 10 if least < 1 else 0.0
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + wide * x / most, _TOP + high * (1 - (y - least) / (1 - least))

    middle = _TOP + high / 2
    parts = [
        f'{_START} viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        text_svg(_LEFT, 22, title, more=' font-weight="600"'),
        text_svg(_LEFT + wide / 2, _HEIGHT - 10, tr(_ACROSS), "middle"),
        text_svg(16, middle, tr(_UP), "middle", f' transform="rotate(-90 16 {middle})"'),
    ]
    for step in range(6):
        across, share = most * step / 5, least + (1 - least) * step / 5
        (x, _), (_, y) = at(across, 1), at(0, share)
        end = _LEFT + wide
        parts += [
            f'<line class="axis" x1="{_LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}"/>',
            text_svg(_LEFT - 8, y + 4, format_number(share, ".0%"), "end"),
            text_svg(x, _HEIGHT - 28, format_number(across, ",.0f"), "middle"),
        ]
    for number, (name, line) in enumerate(lines.items()):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line))
        colour, dash = _STROKES[number % len(_STROKES)]
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        key = _TOP + high - 20 * (len(lines) - number)
        parts += [
            f'<polyline fill="none" {stroke} points="{points}"/>',
            f'<line {stroke} x1="{_KEY}" x2="{_KEY + 40}" y1="{key}" y2="{key}"/>',
            text_svg(_KEY + 48, key + 4, name),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
