"""The report as a web page: one file with pictures and charts inside, without script or network.

All text that comes from outside is escaped; the prose stands in the catalogue of messages.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.figures.shapes import coverage_chart, reliability_chart
from nameplate.features.evaluation.findings import AnyFindings, Findings
from nameplate.features.evaluation.report.page_parts import (
    GENERATOR,
    MOST_LISTED,
    PICTURES,
    REALLY,
    SAMPLE,
    WORST,
    Page,
    bar_row,
    by_folder,
    compared,
    names_table,
    notes,
    pictures,
    section,
    table,
    top,
)
from nameplate.features.evaluation.report.several_page import parts_of_several
from nameplate.features.evaluation.sentences import (
    accuracy_sentence,
    among_first_sentences,
    balanced_sentence,
    confusion_sentence,
    coverage_sentence,
    names_sentence,
    reliability_sentence,
)
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import open_regular

_WORDS: Final = (
    (Message("report-word-interval"), Message("report-means-interval")),
    (Message("report-word-balanced"), Message("report-means-balanced")),
    (Message("report-word-found"), Message("report-means-found")),
    (Message("report-word-fitting"), Message("report-means-fitting")),
    (Message("report-word-chance"), Message("report-means-chance")),
)
"""Terms and their meanings."""

_HEAD_BYTES: Final = 8192
_WIDEST_MATRIX: Final = 25


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        return f'name="generator" content="{GENERATOR}"'.encode() in stream.read(_HEAD_BYTES)


REPORT_PAGE: Final = Kind(Message("report-page"), _is_own)


def write_page(
    stream: BinaryIO,
    found: AnyFindings,
    put: Callable[[Message], str],
    cancel: CancelToken,
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
    if isinstance(found.judged, Judged):
        parts = _parts(Page(cast("Findings[Judged]", found), put, cancel))
    else:
        parts = parts_of_several(Page(cast("Findings[JudgedSets]", found), put, cancel))
    stream.writelines(text.encode("utf-8", "backslashreplace") for text in parts)
    stream.write(b"</body>\n</html>\n")


def _parts(page: Page[Judged]) -> Iterator[str]:
    evaluation = page.found.judged.evaluation
    yield from top(page, evaluation.share, accuracy_sentence(evaluation))
    if evaluation.images:
        yield page.sentence(balanced_sentence(evaluation))
        yield from map(page.sentence, among_first_sentences(page.found.judged))
    yield from compared(page)
    yield from by_folder(page)
    if evaluation.images:
        yield from names_table(page, evaluation.per_concept())
        yield page.sentence(names_sentence(evaluation))
    for part in (_charts, _matrix, _worst, _sample):
        yield from part(page)
    yield from notes(page, _WORDS)


def _charts(page: Page[Judged]) -> Iterator[str]:
    judged = page.found.judged
    if not judged.reliability.images:
        return
    yield '<div class="charts">\n'
    reliability, coverage = judged.reliability, judged.coverage
    yield from section(
        page,
        Message("report-reliability"),
        reliability_chart(reliability),
        (reliability_sentence(reliability), Message("report-reliability-how")),
    )
    yield from section(
        page,
        Message("report-coverage"),
        coverage_chart(coverage),
        (coverage_sentence(coverage), Message("report-coverage-how")),
    )
    yield "</div>\n"


def _matrix(page: Page[Judged]) -> Iterator[str]:
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
        head_row = (Message("report-truth"), Message("report-label"), PICTURES)
        worst = evaluation.confusions()[:MOST_LISTED]
        rows = [(page.name(truth), page.name(label), f"{n:,}") for truth, label, n in worst]
        yield table(page, head_row, rows)
    yield page.sentence(confusion_sentence(evaluation))
    yield page.sentence(Message("report-confusions-how"))


def _matrix_table(page: Page[Judged], matrix: NDArray[np.int64], used: Sequence[int]) -> str:
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


def _worst(page: Page[Judged]) -> Iterator[str]:
    judged = page.found.judged
    rows = judged.worst_mistakes(WORST).tolist()
    if not rows:
        return
    count = int(np.count_nonzero(~judged.is_right))
    yield page.heading(Message("report-worst"))
    yield page.sentence(Message("report-worst-how", {"count": count, "shown": len(rows)}))

    def caption(row: int) -> str:
        truth, label = page.name(int(judged.truth[row])), page.name(int(judged.labels[row]))
        sure = float(judged.sure[row])
        return f"<b>{label}</b> {sure:.0%}<br>{page.words(REALLY)} <b>{truth}</b>"

    yield from pictures(page, rows, caption)


def _sample(page: Page[Judged]) -> Iterator[str]:
    judged, seed = page.found.judged, page.found.origin.seed
    rows = judged.random_rows(SAMPLE, seed).tolist()
    if not rows:
        return
    yield page.heading(Message("report-sample"))
    yield page.sentence(Message("report-sample-how", {"count": len(rows), "seed": seed}))

    def caption(row: int) -> str:
        truth = int(judged.truth[row])
        columns = zip(judged.top[row].tolist(), judged.top_probabilities[row].tolist(), strict=True)
        known = [(name, p) for name, p in columns if np.isfinite(p)]
        bars = "".join(bar_row(page.name(name), p, is_true=name == truth) for name, p in known)
        return f"{page.words(REALLY)} <b>{page.name(truth)}</b>{bars}"

    yield from pictures(page, rows, caption)
