"""The report as a web page: one file with pictures and charts inside, without script or network.

All text that comes from outside is escaped; the prose stands in the catalogue of messages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.evaluation.findings import TOP, Findings
from nameplate.formats.evaluation.page_style import STYLE
from nameplate.formats.evaluation.svg import bar_svg, chart_svg
from nameplate.formats.html import head, small_picture
from nameplate.formats.outputs.output import Kind
from nameplate.scoring.evaluation.metrics import ConceptResult
from nameplate.scoring.evaluation.sentences import (
    accuracy_sentence,
    balanced_sentence,
    comparison_sentence,
    confusion_sentence,
    coverage_sentence,
    drop_sentence,
    names_sentence,
    reliability_sentence,
)
from nameplate.scoring.evaluation.shapes import Chart, coverage_chart, reliability_chart
from nameplate.scoring.evaluation.shares import Share

_GENERATOR: Final = "Nameplate evaluation"
_TITLE: Final = Message("report-title")
_NO_LABEL: Final = Message("report-no-label")
_PICTURES: Final = Message("report-pictures")
_REALLY: Final = Message("report-really")
_WORDS: Final = (
    (Message("report-word-interval"), Message("report-means-interval")),
    (Message("report-word-balanced"), Message("report-means-balanced")),
    (Message("report-word-found"), Message("report-means-found")),
    (Message("report-word-fitting"), Message("report-means-fitting")),
    (Message("report-word-chance"), Message("report-means-chance")),
)
"""Terms and their meanings."""

_HEAD_BYTES: Final = 8192
_SIDE: Final = 190
_WORST: Final = 24
_SAMPLE: Final = 12
_WIDEST_MATRIX: Final = 25
_MOST_NAMES: Final = 200
_MOST_LISTED: Final = 100


def _is_own(path: Path) -> bool:
    with path.open("rb") as stream:
        return f'name="generator" content="{_GENERATOR}"'.encode() in stream.read(_HEAD_BYTES)


REPORT_PAGE: Final = Kind(Message("report-page"), _is_own)


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page is made of.

    Attributes:
        found: What it says.
        put: Puts a message into words.
        cancel: Ends the reading of pictures.
    """

    found: Findings
    put: Callable[[Message], str]
    cancel: CancelToken

    def words(self, message: Message) -> str:
        """Return the text of a message, escaped."""
        return escape(self.put(message))

    def sentence(self, message: Message) -> str:
        """Return a paragraph, escaped."""
        return f"<p>{self.words(message)}.</p>\n"

    def heading(self, message: Message) -> str:
        return f"<h2>{self.words(message)}</h2>\n"

    def name(self, index: int) -> str:
        """Return a name by its index, escaped."""
        name = self.found.judged.names[index]
        return _isolated(name) if name else f"<i>{self.words(_NO_LABEL)}</i>"


def write_page(
    stream: BinaryIO, found: Findings, put: Callable[[Message], str], cancel: CancelToken
) -> None:
    """Write the page.

    A picture that cannot be read has its reason in its place.

    Args:
        stream: Where to.
        found: What it says.
        put: Puts a message into words, without a full stop.
        cancel: Ends it.

    Raises:
        CancelledError: `cancel` was set.
    """
    page = _Page(found, put, cancel)
    sections = (_top, _compared, _folders, _names, _charts, _matrix, _worst, _sample, _notes)
    for section in sections:
        stream.writelines(text.encode("utf-8", "backslashreplace") for text in section(page))
    stream.write(b"</body>\n</html>\n")


def _top(page: _Page) -> Iterator[str]:
    origin, evaluation = page.found.origin, page.found.judged.evaluation
    yield head(page.put(_TITLE), STYLE, generator=_GENERATOR)
    yield f"<h1>{page.words(_TITLE)}</h1>\n"
    facts = Message(
        "report-origin",
        {
            "model": origin.model,
            "templates": origin.templates,
            "truth": origin.truth,
            "made": origin.made,
        },
    )
    yield f'<p class="soft">{page.words(facts)}</p>\n'
    share = evaluation.share
    if share.value is not None:
        yield f'<p class="big">{share.value:.1%}</p>\n'
        yield bar_svg(share.value, share.interval, f"{share.value:.1%}")
    yield page.sentence(accuracy_sentence(evaluation))
    if not evaluation.images:
        return
    yield page.sentence(balanced_sentence(evaluation))
    for k in TOP:
        first = page.found.judged.among_first(k)
        if first.value is not None and k < len(evaluation.names) - 1:
            yield page.sentence(Message("among-first", {"k": k, "share": first.value}))
    if origin.truth == "decisions":
        yield page.sentence(Message("decisions-not-random"))


def _compared(page: _Page) -> Iterator[str]:
    if not page.found.runs:
        return
    yield page.heading(Message("report-compared"))
    rows = list[tuple[str, ...]]()
    for run in page.found.runs:
        paired = run.paired
        for name, right in (
            (_isolated(run.title), paired.both + paired.first_alone),
            (page.words(Message("report-this-run")), paired.both + paired.second_alone),
        ):
            rows.append((name, f"{paired.images:,}", *_cells(Share(right, paired.images))))
    yield _table(page, (Message("report-run"), _PICTURES, Message("report-right")), rows)
    for run in page.found.runs:
        yield page.sentence(comparison_sentence(run.title, run.paired))


def _folders(page: _Page) -> Iterator[str]:
    folders = page.found.folders
    if len(folders) < 2:
        return
    yield page.heading(Message("report-folders"))
    head_row = (Message("report-folder"), _PICTURES, Message("report-right"))
    rows = [(_isolated(one.name), f"{one.share.of:,}", *_cells(one.share)) for one in folders]
    yield _table(page, head_row, rows)
    first = folders[0]
    for one in folders[1:]:
        yield page.sentence(drop_sentence(one.name, one.share, first.name, first.share))


def _names(page: _Page) -> Iterator[str]:
    evaluation = page.found.judged.evaluation
    results = evaluation.per_concept()
    if not evaluation.images:
        return
    yield page.heading(Message("report-names"))
    shown = sorted(results, key=_rank)[:_MOST_NAMES]
    rows = [
        (_isolated(one.name), f"{one.images:,}", *_cells(one.found), *_cells(one.fitting))
        for one in shown
    ]
    head_row = (
        Message("report-name"),
        _PICTURES,
        Message("report-found"),
        Message("report-fitting"),
    )
    yield _table(page, head_row, rows)
    yield page.sentence(names_sentence(evaluation))
    if len(results) > len(shown):
        yield page.sentence(Message("report-more-names", {"count": len(results) - len(shown)}))


def _rank(result: ConceptResult) -> float:
    """Return where a name comes in the table: the worst found first, unknown ones last."""
    return 2.0 if result.found.value is None else result.found.value


def _charts(page: _Page) -> Iterator[str]:
    judged = page.found.judged
    if not judged.reliability.images:
        return
    yield '<div class="charts">\n'
    reliability, coverage = judged.reliability, judged.coverage
    yield from _chart(
        page,
        page.heading(Message("report-reliability")),
        reliability_chart(reliability),
        (reliability_sentence(reliability), Message("report-reliability-how")),
    )
    yield from _chart(
        page,
        page.heading(Message("report-coverage")),
        coverage_chart(coverage),
        (coverage_sentence(coverage), Message("report-coverage-how")),
    )
    yield "</div>\n"


def _chart(
    page: _Page, heading: str, chart: Chart, sentences: tuple[Message, Message]
) -> Iterator[str]:
    """Yield a chart with what it shows, and how to read it."""
    shows, how = sentences
    yield f"<section>{heading}{chart_svg(chart, page.put(shows), page.put)}"
    yield f'{page.sentence(shows)}<p class="soft">{page.words(how)}.</p></section>\n'


def _matrix(page: _Page) -> Iterator[str]:
    evaluation = page.found.judged.evaluation
    if not evaluation.images:
        return
    yield page.heading(Message("report-confusions"))
    # Rows and columns that are empty say nothing.
    matrix = evaluation.matrix
    used = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1)).tolist()
    if len(used) <= _WIDEST_MATRIX:
        yield _matrix_table(page, matrix, used)
    else:
        head_row = (Message("report-truth"), Message("report-label"), _PICTURES)
        worst = evaluation.confusions()[:_MOST_LISTED]
        rows = [(page.name(truth), page.name(label), f"{n:,}") for truth, label, n in worst]
        yield _table(page, head_row, rows)
    yield page.sentence(confusion_sentence(evaluation))
    yield page.sentence(Message("report-confusions-how"))


def _matrix_table(page: _Page, matrix: NDArray[np.int64], used: Sequence[int]) -> str:
    columns = "".join(f'<th scope="col">{page.name(one)}</th>' for one in used)
    lines = [f"<thead><tr><th></th>{columns}</tr></thead>"]
    for truth in used:
        total = max(1, int(matrix[truth].sum()))
        cells = "".join(
            f'<td class="h{round(10 * int(matrix[truth, label]) / total)}'
            f'{" right" if truth == label else ""}">{int(matrix[truth, label]) or ""}</td>'
            for label in used
        )
        lines.append(f'<tr><th scope="row">{page.name(truth)}</th>{cells}</tr>')
    return f'<div class="scroll"><table class="matrix">{"".join(lines)}</table></div>\n'


def _worst(page: _Page) -> Iterator[str]:
    judged = page.found.judged
    rows = judged.worst_mistakes(_WORST).tolist()
    if not rows:
        return
    count = int(np.count_nonzero(~judged.is_right))
    yield page.heading(Message("report-worst"))
    yield page.sentence(Message("report-worst-how", {"count": count, "shown": len(rows)}))
    yield '<div class="pictures">\n'
    for row in rows:
        truth, label = page.name(int(judged.truth[row])), page.name(int(judged.labels[row]))
        sure = float(judged.sure[row])
        yield _figure(
            page,
            row,
            f"<b>{label}</b> {sure:.0%}<br>{page.words(_REALLY)} <b>{truth}</b>",
        )
    yield "</div>\n"


def _sample(page: _Page) -> Iterator[str]:
    judged, seed = page.found.judged, page.found.origin.seed
    rows = judged.random_rows(_SAMPLE, seed).tolist()
    if not rows:
        return
    yield page.heading(Message("report-sample"))
    yield page.sentence(Message("report-sample-how", {"count": len(rows), "seed": seed}))
    yield '<div class="pictures">\n'
    for row in rows:
        truth = int(judged.truth[row])
        columns = zip(judged.top[row].tolist(), judged.top_probabilities[row].tolist(), strict=True)
        bars = "".join(
            f'<span class="row{" true" if name == truth else ""}"><span>{page.name(name)}</span>'
            f"{bar_svg(p, text=f'{p:.0%}')}<span>{p:.0%}</span></span>"
            for name, p in columns
            if np.isfinite(p)
        )
        really = f"{page.words(_REALLY)} <b>{page.name(truth)}</b>"
        yield _figure(page, row, f"{really}{bars}")
    yield "</div>\n"


def _notes(page: _Page) -> Iterator[str]:
    found = page.found
    names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
    lists: tuple[tuple[Message, Sequence[str]], ...] = (
        (Message("report-left-out", {"count": len(found.left_out)}), found.left_out),
        (
            Message("report-unknown-images", {"count": len(found.unknown_images)}),
            found.unknown_images,
        ),
        (Message("report-contradicted", {"count": len(found.contradicted)}), found.contradicted),
        (Message("report-unknown-names", {"count": len(names)}), names),
    )
    if any(items for _, items in lists):
        yield page.heading(Message("report-notes"))
    for what, items in lists:
        if items:
            shown = "".join(f"<li>{_isolated(one)}</li>" for one in items[:_MOST_LISTED])
            more = len(items) - _MOST_LISTED
            rest = page.sentence(Message("report-more", {"count": more})) if more > 0 else ""
            yield f"<details><summary>{page.words(what)}</summary>"
            yield f"<ul>{shown}</ul>{rest}</details>\n"
    yield f"{page.heading(Message('report-words'))}<dl>\n"
    for term, meaning in _WORDS:
        yield f"<dt>{page.words(term)}</dt><dd>{page.words(meaning)}.</dd>\n"
    yield "</dl>\n"


def _figure(page: _Page, row: int, caption: str) -> str:
    path = page.found.paths[row]
    try:
        picture = small_picture(Path(page.found.files[row]), path, _SIDE, page.cancel)
    except (ImageError, ValueError) as error:
        reason = error.reason if isinstance(error, ImageError) else Message("no-path")
        picture = f"<p>{escape(page.put(reason))}</p>"
    return (
        f"<figure>{picture}<figcaption>{caption}<br><small>{_isolated(path)}</small>"
        "</figcaption></figure>\n"
    )


def _cells(share: Share) -> tuple[str, ...]:
    """Return the cell of a share: a bar with its interval, or how many images there are."""
    if share.value is None:
        return (f'<span class="soft">{share.count:,} / {share.of:,}</span>' if share.of else "–",)
    return (f"{bar_svg(share.value, share.interval, f'{share.value:.1%}')} {share.value:.1%}",)


def _table(page: _Page, head_row: Sequence[Message], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are escaped already; counts stand at the right."""
    counts = {place for place, code in enumerate(head_row) if code == _PICTURES}

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in counts else ''}>{cell}</{tag}>"
            for place, cell in enumerate(row)
        )

    titles = cells("th", [page.words(code) for code in head_row])
    lines = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{lines}</table></div>\n'


def _isolated(text: str) -> str:
    """Return text from outside, escaped, whose direction changes nothing around it."""
    return f"<bdi>{escape(text)}</bdi>"
