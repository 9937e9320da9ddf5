"""The parts of the report's page where an image may have several labels."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.judged import MOST_SHOWN
from nameplate.features.evaluation.figures.several import Flags, JudgedSets
from nameplate.features.evaluation.figures.shapes import reliability_chart
from nameplate.features.evaluation.report.page_parts import (
    MOST_NAMES,
    REALLY,
    SAMPLE,
    WORST,
    Page,
    bar_row,
    by_folder,
    compared,
    isolated,
    names_table,
    notes,
    pictures,
    section,
    table,
    top,
)
from nameplate.features.evaluation.sentences import (
    exact_sentence,
    mistakes_sentence,
    order_sentence,
    sets_reliability_sentence,
    sets_sentence,
)

_WORDS: Final = (
    (Message("report-word-interval"), Message("report-means-interval")),
    (Message("report-word-found"), Message("report-means-found")),
    (Message("report-word-fitting"), Message("report-means-fitting")),
    (Message("report-word-order"), Message("report-means-order")),
    (Message("report-word-chance"), Message("report-means-chance")),
)
"""Terms and their meanings."""


def parts_of_several(page: Page[JudgedSets]) -> Iterator[str]:
    """Yield the page up to the end of its body."""
    judged = page.found.judged
    yield from top(page, judged.exact, exact_sentence(judged))
    if len(judged):
        yield page.sentence(sets_sentence(judged))
        yield page.sentence(order_sentence(judged))
        yield page.sentence(Message("several-left-out"))
    yield from compared(page)
    yield from by_folder(page)
    if len(judged):
        yield from names_table(page, judged.per_concept(), judged.average_precisions)
        yield from _mistakes(page)
        yield '<div class="charts">\n'
        yield from section(
            page,
            Message("report-reliability"),
            reliability_chart(judged.reliability),
            (sets_reliability_sentence(judged), Message("report-reliability-several")),
        )
        yield "</div>\n"
        yield from _worst(page)
        yield from _sample(page)
    yield from notes(page, _WORDS)


def _mistakes(page: Page[JudgedSets]) -> Iterator[str]:
    judged = page.found.judged
    yield page.heading(Message("report-mistakes"))
    rows = [
        (isolated(judged.names[column]), f"{missed:,}", f"{wrong:,}")
        for column, missed, wrong in judged.mistakes()[:MOST_NAMES]
    ]
    if rows:
        head_row = (Message("report-name"), Message("report-missed"), Message("report-wrong"))
        yield table(page, head_row, rows)
    yield page.sentence(mistakes_sentence(judged))


def _worst(page: Page[JudgedSets]) -> Iterator[str]:
    judged = page.found.judged
    rows = judged.worst_mistakes(WORST).tolist()
    if not rows:
        return
    count = int(np.count_nonzero(~judged.is_right))
    yield page.heading(Message("report-worst"))
    yield page.sentence(Message("report-worst-sets", {"count": count, "shown": len(rows)}))

    def caption(row: int) -> str:
        return (
            f"<b>{_names(page, judged.labels[row])}</b><br>{page.words(REALLY)} "
            f"<b>{_names(page, judged.truth[row])}</b>"
        )

    yield from pictures(page, rows, caption)


def _sample(page: Page[JudgedSets]) -> Iterator[str]:
    judged, seed = page.found.judged, page.found.origin.seed
    rows = judged.random_rows(SAMPLE, seed).tolist()
    yield page.heading(Message("report-sample"))
    yield page.sentence(Message("report-sample-how", {"count": len(rows), "seed": seed}))

    def caption(row: int) -> str:
        p = judged.probabilities[row]
        order: list[int] = np.argsort(-np.nan_to_num(p, nan=-1.0), kind="stable").tolist()
        known = [one for one in order[:MOST_SHOWN] if np.isfinite(p[one])]
        is_true = judged.truth[row].tolist()
        bars = "".join(
            bar_row(isolated(judged.names[one]), float(p[one]), is_true=is_true[one])
            for one in known
        )
        return f"{page.words(REALLY)} <b>{_names(page, judged.truth[row])}</b>{bars}"

    yield from pictures(page, rows, caption)


def _names(page: Page[JudgedSets], flags: Flags) -> str:
    names = page.found.judged.names_at(flags)
    return ", ".join(map(isolated, names)) if names else page.no_label()
