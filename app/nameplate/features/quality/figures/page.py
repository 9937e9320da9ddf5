"""The report as one web page: table by name, confusions, surest mistakes as pictures.

It needs neither script nor network. All text from outside is escaped.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.features.quality.figures.judging import Figures
from nameplate.features.quality.figures.remarks import (
    counted_names,
    remarks,
    share_sentence,
    weakest_first,
)
from nameplate.features.quality.records import NameFigures, Records
from nameplate.features.quality.shares import Share
from nameplate.formats.outputs.output import Kind
from nameplate.imaging.pictures import thumbnail
from nameplate.system.opening import open_regular
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, sentence, tr, what_of
from nameplate.wording.translation import current

_GENERATOR: Final = "Nameplate evaluation"
_HEAD_BYTES: Final = 8192
_MOST_LISTED: Final = 100
_MOST_NAMES: Final = 200
_MOST_MISTAKEN: Final = 3
_SIDE: Final = 190
_STEPS: Final = 20
"""Of the width of a filled cell: a policy forbids styles of single cells."""

_TRUTHS: Final = (deferred("folders", "truth"), deferred("decisions", "truth"))

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1c1e; --soft: #5d5d63; --line: #d4d4d8;
  --tile: #f4f4f5; --mark: #1d5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #18181b; --ink: #f1f1f3; --soft: #a9a9b2; --line: #3a3a40; --tile: #242428;
    --mark: #82b1ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.4 system-ui, sans-serif; }

body { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
p { margin: 8px 0; max-width: 75ch; }
.soft, figcaption, th, small { color: var(--soft); }
.big { font-size: 44px; font-weight: 600; line-height: 1.1; margin: 20px 0 4px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: normal; text-align: left; vertical-align: bottom; }
th, td { padding: 4px 12px 4px 6px; overflow-wrap: normal; border: 1px solid var(--paper); }
th bdi, td bdi { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; }
td.filled { min-width: 160px; }
:root { --bar: #a9c6f0; }
@media (prefers-color-scheme: dark) { :root { --bar: #2f5691; } }
.pictures { display: grid; gap: 12px; margin-top: 12px;
  grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); }
figure { margin: 0; padding: 6px; background: var(--tile); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }
figure img { display: block; width: 100%; height: 150px; object-fit: contain; }
figure > p { height: 150px; margin: 0; display: grid; place-items: center; text-align: center;
  color: var(--soft); overflow: auto; }
figcaption { font-size: 13px; margin-top: 6px; }
figcaption b { color: var(--ink); }
summary { cursor: pointer; margin: 8px 0; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
""" + "".join(
    f".f{step} {{ background: linear-gradient(to right, var(--bar) {100 * step // _STEPS}%, "
    f"var(--tile) 0); }}\n"
    for step in range(_STEPS + 1)
)


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        return f'name="generator" content="{_GENERATOR}"'.encode() in stream.read(_HEAD_BYTES)


REPORT_PAGE: Final = Kind(Message("report-page"), _is_own)


def write_page(stream: BinaryIO, found: Figures, cancel: CancelToken) -> None:
    """Write the page; a picture that cannot be read has its reason in its place."""
    parts = _Page(found, cancel).parts()
    stream.writelines(text.encode("utf-8", "backslashreplace") for text in parts)


@dataclass(frozen=True, slots=True)
class _Page:
    found: Figures
    cancel: CancelToken

    @property
    def records(self) -> Records:
        return self.found.judged.records

    def parts(self) -> Iterator[str]:
        is_by_decisions = self.found.is_by_decisions
        title = tr("Accuracy of the suggestions" if is_by_decisions else "Accuracy of the labels")
        yield _head(title)
        yield f"<h1>{escape(title)}</h1>\n"
        yield from self._origin()
        if len(self.records):
            yield from self._names()
            if not self.found.judged.is_several:
                yield from self._confusions()
            yield from self._worst()
        yield from self._notes()
        yield "</body>\n</html>\n"

    def _origin(self) -> Iterator[str]:
        question, share = self.found.question, self.records.share
        origin = tr(
            "Model {model}, prompts {templates}, truth from {truth}, made {made}",
            model=question.model,
            templates=self.found.templates,
            truth=tr(question.origin, "truth") if question.origin in _TRUTHS else question.origin,
            made=question.made,
        )
        yield f'<p class="soft">{escape(origin)}</p>\n'
        if share.value is not None:
            yield f'<p class="big">{format_number(share.value, ".1%")}</p>\n'
        for said in (share_sentence(self.found.judged), *remarks(self.found)):
            yield f"<p>{escape(sentence(what_of(said)))}</p>\n"

    def _names(self) -> Iterator[str]:
        heads = [tr("name", "of a column"), tr("pictures", "of a column")]
        heads += [tr("found", "of a column"), tr("right where given", "of a column")]
        heads += [] if self.found.judged.is_several else [tr("mistaken for", "of a column")]
        names = weakest_first(self.records)
        rows = [self._cells_of(one) for one in names[:_MOST_NAMES]]
        more = tr("{count:,} more names are in report.json.", count=len(names) - _MOST_NAMES)
        rest = f'<p class="soft">{escape(more)}</p>' if len(names) > _MOST_NAMES else ""
        yield _section(tr("By name"), _table(heads, rows) + rest)

    def _cells_of(self, one: NameFigures) -> list[str]:
        name = f"<td>{_isolated(one.name)}</td>"
        cells = [name, _count(one.images), _filled(one.found), _filled(one.fitting)]
        if self.found.judged.is_several:
            return cells
        texts = [
            f"{self._label(label)} ({format_number(count)})"
            for label, count in self.records.mistakes(one.key)[:_MOST_MISTAKEN]
        ]
        return [*cells, f"<td>{', '.join(texts)}</td>"]

    def _label(self, code: int) -> str:
        names = self.records.names_of(code)
        return listed(list(map(_isolated, names))) if names else f"<i>{tr('no label')}</i>"

    def _confusions(self) -> Iterator[str]:
        heads = [tr("really", "of a column"), tr("given", "of a column")]
        rows = [
            (f"<td>{self._label(truth)}</td>", f"<td>{self._label(label)}</td>", _count(count))
            for truth, label, count in self.records.confusions[:_MOST_LISTED]
        ]
        yield _section(tr("Confusions"), _table([*heads, tr("pictures", "of a column")], rows))

    def _worst(self) -> Iterator[str]:
        if not len(self.found.judged.worst):
            return
        pictures = "".join(map(self._picture, self.found.judged.worst.tolist()))
        yield _section(tr("Surest mistakes"), f'<div class="pictures">\n{pictures}</div>\n')

    def _picture(self, row: int) -> str:
        found, path = self.found, self.found.paths[row]
        try:
            picture = _small_picture(Path(found.files[row]), path, self.cancel)
        except (ImageError, ValueError) as error:
            reason = error.reason if isinstance(error, ImageError) else Message("no-path")
            picture = f"<p>{escape(what_of(reason))}</p>"
        label, truth = int(self.records.labels[row]), int(self.records.opinions[row])
        sure = "" if found.judged.is_several else format_number(found.judged.sure[row], " .0%")
        really = escape(tr("really", "of a column"))
        caption = f"<b>{self._label(label)}</b>{sure}<br>{really} <b>{self._label(truth)}</b>"
        return (
            f"<figure>{picture}<figcaption>{caption}<br><small>{_isolated(path)}</small>"
            "</figcaption></figure>\n"
        )

    def _notes(self) -> Iterator[str]:
        """Yield lists of the images and names that were not compared."""
        found, truth, names = self.found, self.found.question.truth, counted_names(self.found)
        left_out, several = len(found.left_out), len(found.several)
        unknown, twice = len(truth.unknown), len(truth.contradicted)
        lists = (
            (Message("report-left-out", {"count": left_out}), found.left_out),
            (Message("report-unknown-images", {"count": unknown}), truth.unknown),
            (Message("report-several", {"count": several}), found.several),
            (Message("report-contradicted", {"count": twice}), truth.contradicted),
            (Message("report-unknown-names", {"count": len(names)}), names),
        )
        notes = "".join(_list(what, items) for what, items in lists if items)
        if notes:
            yield _section(tr("Not compared"), notes)


def _head(title: str) -> str:
    """Return the beginning of a page, up to its body.

    Its Content-Security-Policy allows this style alone, and forbids scripts and the network.
    """
    digest = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{digest}'"
    )
    return (
        f'<!doctype html>\n<html lang="{current().code.replace("_", "-")}">\n'
        '<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="{_GENERATOR}">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
    )


def _small_picture(file: Path, alt: str, cancel: CancelToken) -> str:
    """Return a picture that fits into `_SIDE` x `_SIDE` as an `img` with its data inside.

    Raises:
        ImageError: It cannot be read.
        ValueError: That is no path.
        CancelledError: `cancel` was set.
    """
    small = thumbnail(file, _SIDE, cancel).image
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=80)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img alt="{escape(alt)}" loading="lazy" src="data:image/jpeg;base64,{data}">'


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{body}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are markup already."""
    titles = "".join(f"<th>{escape(one)}</th>" for one in heads)
    lines = "".join(f"<tr>{''.join(row)}</tr>\n" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{lines}</table></div>\n'


def _count(count: int) -> str:
    return f'<td class="n">{format_number(count)}</td>'


def _filled(share: Share) -> str:
    """Return a cell that is filled by a share, with its range; a count where it is none yet."""
    if not share.of:
        return "<td>–</td>"
    if share.value is None or share.interval is None:
        text = f"{format_number(share.count)} / {format_number(share.of)}"
        return f'<td class="filled soft">{text}</td>'
    low, high = (format_number(end, ".0%") for end in share.interval)
    text = f"{format_number(share.value, '.1%')} <small>{low} – {high}</small>"
    return f'<td class="filled f{round(_STEPS * share.value)}">{text}</td>'


def _list(what: Message, items: Sequence[str]) -> str:
    shown = "".join(f"<li>{_isolated(one)}</li>" for one in items[:_MOST_LISTED])
    more = Message("report-more", {"count": len(items) - _MOST_LISTED})
    rest = f"<p>{escape(sentence(what_of(more)))}</p>" if len(items) > _MOST_LISTED else ""
    return f"<details><summary>{escape(what_of(what))}</summary><ul>{shown}</ul>{rest}</details>\n"


def _isolated(text: str) -> str:
    """Escape text from outside, and isolate its direction from the text around it."""
    return f"<bdi>{escape(text)}</bdi>"
