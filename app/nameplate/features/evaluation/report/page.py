"""The report as a web page: one file with pictures and charts inside, without script or network.

All text that comes from outside is escaped; the prose stands in the catalogue of messages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.features.evaluation.figures.judged import Judged, JudgedSets
from nameplate.features.evaluation.figures.shares import Share
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.report.charts import Chart, bar_svg, chart_svg
from nameplate.features.evaluation.report.document import (
    MOST_NAMES,
    NO_NAME,
    REPORTED_WORST,
    Cell,
    Lists,
    Picture,
    Pictures,
    Section,
    Table,
    Terms,
    document_of,
)
from nameplate.formats.html import COLOURS, head, small_picture
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import open_regular
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, sentence, tr
from nameplate.wording.translation import current

_GENERATOR: Final = "Nameplate evaluation"
_HEAD_BYTES: Final = 8192
_MOST_LISTED: Final = 100
_WIDEST_MATRIX: Final = 25
_SIDE: Final = 190
_TRUTHS: Final = (deferred("folders", "truth"), deferred("decisions", "truth"))
_TITLE: Final = Message("report-title")
_HEADS: Final = {
    "folder": Message("report-folder"),
    "name": Message("report-name"),
    "truth": Message("report-truth"),
    "label": Message("report-label"),
    "images": Message("report-pictures"),
    "right": Message("report-right"),
    "own": Message("report-own"),
    "found": Message("report-found"),
    "fitting": Message("report-fitting"),
    "order": Message("report-order"),
    "doubtful": Message("report-doubtful"),
    "corrected": Message("report-corrected"),
    "missed": Message("report-missed"),
    "wrong": Message("report-wrong"),
}
"""Of the columns that are shown."""

_STYLE: Final = (
    COLOURS
    + """
body { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
p { margin: 8px 0; max-width: 75ch; }
.soft, figcaption, th, small { color: var(--soft); }
.big { font-size: 44px; font-weight: 600; line-height: 1.1; margin: 20px 0 4px; }
.charts { display: grid; gap: 24px; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); }
.charts h2 { margin-top: 28px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: normal; text-align: left; vertical-align: bottom; }
th, td { padding: 4px 12px 4px 0; overflow-wrap: normal; }
th bdi, td bdi { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; }
table.matrix td, table.matrix thead th { padding: 4px 6px; text-align: center; min-width: 40px; }
table.matrix thead th { max-width: 90px; font-size: 12px; }
table.matrix td { border: 1px solid var(--paper); color: var(--ink); }
table.matrix td.right { font-weight: 600; }
.chart { width: 100%; max-width: 520px; height: auto; display: block; }
.chart text { fill: var(--soft); font-size: 12px; }
.bar { width: 160px; height: 14px; vertical-align: -2px; }
svg .grid { stroke: var(--line); fill: none; }
:root { --bar: #82aae3; }
@media (prefers-color-scheme: dark) { :root { --bar: #3f71c2; } }
svg .main { fill: var(--bar); }
svg .faint { fill: var(--bar); opacity: .4; }
svg .ground { fill: var(--tile); }
svg .line, svg .line.main { fill: none; stroke: var(--mark); stroke-width: 2; }
svg .line.ideal { stroke: var(--soft); stroke-dasharray: 5 5; }
svg .band { fill: var(--mark); opacity: .2; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.pictures { display: grid; gap: 12px; margin-top: 12px;
  grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); }
figure { margin: 0; padding: 6px; background: var(--tile); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }
figure img { display: block; width: 100%; height: 150px; object-fit: contain; }
figure > p { height: 150px; margin: 0; display: grid; place-items: center; text-align: center;
  color: var(--soft); overflow: auto; }
figcaption { font-size: 13px; margin-top: 6px; }
figcaption b { color: var(--ink); }
figcaption .bar { width: 48px; height: 10px; flex: none; }
figcaption .ground { fill: var(--line); }
.row { display: flex; gap: 6px; align-items: center; }
.row > span:first-of-type { flex: 1; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.row.true { color: var(--ink); font-weight: 600; }
summary { cursor: pointer; margin: 8px 0; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
td:first-child { min-width: 6em; }
@media (max-width: 640px) { td .bar { width: 84px; } }
dt { font-weight: 600; margin-top: 8px; }
dd { margin: 0; color: var(--soft); max-width: 75ch; }
"""
    + "".join(
        f".h{step} {{ background: color-mix(in srgb, var(--mark) {6 * step}%, var(--tile)); }}\n"
        for step in range(11)
    )
)


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        return f'name="generator" content="{_GENERATOR}"'.encode() in stream.read(_HEAD_BYTES)


REPORT_PAGE: Final = Kind(Message("report-page"), _is_own)


@dataclass(frozen=True, slots=True)
class Report:
    """What a page says: `facts` are where it comes from.

    Attributes:
        paths: Of the images that pictures have the rows of, for people.
        files: Their absolute paths.
    """

    title: Message
    facts: Message
    sections: Sequence[Section]
    paths: Sequence[str]
    files: Sequence[str]


def report_of(found: Figures) -> Report:
    """Return the report of an evaluation."""
    truth = found.question.origin
    facts = Message(
        "report-origin",
        {
            "model": found.question.model,
            "templates": found.templates,
            "truth": tr(truth, "truth") if truth in _TRUTHS else truth,
            "made": found.question.made,
        },
    )
    return Report(_TITLE, facts, tuple(_shown(found)), found.paths, found.files)


def _shown(found: Figures) -> Iterator[Section]:
    """Yield the sections, without those that say nothing as there are no images for them."""
    judged, left_out = found.judged, set[str]()
    if not len(judged):
        left_out |= {"more", "left-out", "names", "mistakes", "reliability"}
    if not judged.reliability.right.of and not isinstance(judged, JudgedSets):
        left_out |= {"reliability", "coverage"}
    for of, section in document_of(found).items():
        if of not in left_out and (section.content or not section.title):
            yield section


def write_page(
    stream: BinaryIO, report: Report, put: Callable[[Message], str], cancel: CancelToken
) -> None:
    """Write the page; a picture that cannot be read has its reason in its place.

    `put` puts a message into words, without a full stop.
    """
    parts = _Page(report, put, cancel).parts()
    stream.writelines(text.encode("utf-8", "backslashreplace") for text in parts)


@dataclass(frozen=True, slots=True)
class _Page:
    """Puts the parts of a document into HTML."""

    report: Report
    put: Callable[[Message], str]
    cancel: CancelToken

    def words(self, message: Message) -> str:
        return escape(self.put(message))

    def sentence(self, message: Message) -> str:
        return escape(sentence(self.put(message)))

    def sentences(self, messages: Iterable[Message]) -> str:
        return "".join(f"<p>{self.sentence(one)}</p>\n" for one in messages)

    def parts(self) -> Iterator[str]:
        report, language = self.report, current().code
        yield head(self.put(report.title), _STYLE, generator=_GENERATOR, language=language)
        yield f"<h1>{self.words(report.title)}</h1>\n"
        yield f'<p class="soft">{self.words(report.facts)}</p>\n'
        in_order = groupby(report.sections, lambda one: isinstance(one.content, Chart))
        for is_chart, sections in in_order:
            yield '<div class="charts">\n' * is_chart
            for section in sections:
                yield from self._section(section)
            yield "</div>\n" * is_chart
        yield "</body>\n</html>\n"

    def _section(self, section: Section) -> Iterator[str]:
        said, content = self.sentences(section.said), section.content
        heading = f"<h2>{self.words(section.title)}</h2>\n" if section.title else ""
        how = [section.how] if section.how else []
        match content:
            case Share():
                yield self._figure(content) + said
            case Chart():
                svg = chart_svg(content, self.put(section.said[0]), self.put)
                soft = "".join(f'<p class="soft">{self.sentence(one)}</p>' for one in how)
                yield f"<section>{heading}{svg}{said}{soft}</section>\n"
            case Table():
                yield heading + self._table(content)
                yield "" if "order" in content.columns else said
                yield self.sentences(how)
            case Judged():
                yield heading + self._matrix(content) + said + self.sentences(how)
            case Pictures():
                yield f'{heading}{said}<div class="pictures">\n'
                shown = content.items[:REPORTED_WORST]
                yield from (self._picture(one, content.shows) for one in shown)
                yield "</div>\n"
            case Lists():
                yield heading
                yield from (self._list(*one) for one in content.items)
            case Terms():
                yield f"{heading}<dl>\n"
                for term, meaning in content.items:
                    yield f"<dt>{self.words(term)}</dt><dd>{self.sentence(meaning)}</dd>\n"
                yield "</dl>\n"
            case None:
                yield heading + said

    def _figure(self, share: Share) -> str:
        if share.value is None:
            return ""
        text = format_number(share.value, ".1%")
        return f'<p class="big">{text}</p>\n{bar_svg(share.value, share.interval, text)}'

    def _table(self, table: Table) -> str:
        """Return a table; counts of pictures stand at the right."""
        shown = [of for of in table.columns if of in _HEADS]

        def cells(tag: str, row: Iterable[str]) -> str:
            return "".join(
                f"<{tag}{' class=n' if of == 'images' else ''}>{cell}</{tag}>"
                for of, cell in zip(shown, row, strict=True)
            )

        if not table.order:
            return ""
        titles = cells("th", [self.words(_HEADS[of]) for of in shown])
        lines = "".join(
            f"<tr>{cells('td', [self._cell(table.columns[of][row]) for of in shown])}</tr>\n"
            for row in table.order[:MOST_NAMES]
        )
        return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{lines}</table></div>\n'

    def _cell(self, cell: Cell) -> str:
        """Return a cell: a share is a bar with its interval, or how many images there are."""
        match cell:
            case None:
                return "–"
            case str():
                return _isolated(cell) if cell else ""
            case int():
                return format_number(cell)
            case Message():
                words = self.words(cell)
                return f"<i>{words}</i>"
            case Share(value=None):
                text = f"{format_number(cell.count)} / {format_number(cell.of)}"
                return f'<span class="soft">{text}</span>' if cell.of else "–"
            case _:
                assert cell.value is not None  # noqa: S101 - else it is the case above
                text = format_number(cell.value, ".1%")
                return f"{bar_svg(cell.value, cell.interval, text)} {text}"

    def _matrix(self, judged: Judged) -> str:
        names = [self._cell(name or NO_NAME) for name in judged.names]
        used, counts = judged.used, judged.matrix
        if len(used) > _WIDEST_MATRIX:
            worst = [
                (judged.names[truth] or NO_NAME, judged.names[label] or NO_NAME, count)
                for truth, label, count in judged.confusions[:_MOST_LISTED]
            ]
            truths, labels, images = zip(*worst, strict=True)
            columns = {"truth": truths, "label": labels, "images": images}
            return self._table(Table(columns, range(len(worst))))
        heads = "".join(f'<th scope="col">{names[one]}</th>' for one in used)
        lines = [f"<thead><tr><th></th>{heads}</tr></thead>"]
        for truth in used:
            total = max(1, int(counts[truth].sum()))
            cells = "".join(
                f'<td class="h{round(10 * int(counts[truth, label]) / total)}'
                f'{" right" if truth == label else ""}">{int(counts[truth, label]) or ""}</td>'
                for label in used
            )
            lines.append(f'<tr><th scope="row">{names[truth]}</th>{cells}</tr>')
        return f'<div class="scroll"><table class="matrix">{"".join(lines)}</table></div>\n'

    def _picture(self, one: Picture, shows: Message) -> str:
        path = self.report.paths[one.row]
        try:
            picture = small_picture(Path(self.report.files[one.row]), path, _SIDE, self.cancel)
        except (ImageError, ValueError) as error:
            reason = error.reason if isinstance(error, ImageError) else Message("no-path")
            picture = f"<p>{self.words(reason)}</p>"
        labels = ""
        if one.labels is not None:
            sure = "" if one.sure is None else f" {format_number(one.sure, '.0%')}"
            labels = f"<b>{self._names(one.labels)}</b>{sure}<br>"
        bars = "".join(self._bar(*likely) for likely in one.likely)
        caption = f"{labels}{self.words(shows)} <b>{self._names(one.truth)}</b>{bars}"
        return (
            f"<figure>{picture}<figcaption>{caption}<br><small>{_isolated(path)}</small>"
            "</figcaption></figure>\n"
        )

    def _names(self, names: Sequence[str]) -> str:
        return listed(list(map(_isolated, names))) if names else self._cell(NO_NAME)

    def _bar(self, name: str, p: float, is_true: bool) -> str:
        """Return a line under a picture: how probable a name is."""
        text = format_number(p, ".0%")
        return (
            f'<span class="row{" true" if is_true else ""}"><span>{self._cell(name or NO_NAME)}'
            f"</span>{bar_svg(p, text=text)}<span>{text}</span></span>"
        )

    def _list(self, what: Message, items: Sequence[str]) -> str:
        shown = "".join(f"<li>{_isolated(one)}</li>" for one in items[:_MOST_LISTED])
        more = len(items) - _MOST_LISTED
        rest = self.sentences([Message("report-more", {"count": more})] * (more > 0))
        return f"<details><summary>{self.words(what)}</summary><ul>{shown}</ul>{rest}</details>\n"


def _isolated(text: str) -> str:
    """Return text from outside, escaped, whose direction changes nothing around it."""
    return f"<bdi>{escape(text)}</bdi>"
