"""What an evaluation says: one value, which window, web page and command line only show."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.judged import (
    AnyJudged,
    Judged,
    JudgedSets,
)
from nameplate.features.evaluation.figures.shares import Mean, Share
from nameplate.features.evaluation.judging import Figures, FolderResult, means_of
from nameplate.features.evaluation.report import sentences
from nameplate.features.evaluation.report.charts import Chart, coverage_chart, reliability_chart
from nameplate.wording.texts import tr

NO_NAME: Final = Message("report-no-label")
"""In the place of a name where there is none."""

BY_NAME: Final = Message("report-names")
"""The heading of a table with a row for each name."""

MOST_NAMES: Final = 200
"""Rows of a table that the web page shows."""

MOST_WORST: Final = 60
"""Mistakes that are shown as pictures."""

REPORTED_WORST: Final = 24
"""Of them, those that the web page shows."""

SAMPLE_SEED: Final = 0
_SAMPLE: Final = 12

_TERMS: Final = (
    ((Message("report-word-interval"), Message("report-means-interval")), None),
    ((Message("report-word-balanced"), Message("report-means-balanced")), False),
    ((Message("report-word-found"), Message("report-means-found")), None),
    ((Message("report-word-fitting"), Message("report-means-fitting")), None),
    ((Message("report-word-order"), Message("report-means-order")), True),
)
"""Terms with their meanings, and whether only where an image may have several labels, or one."""


Cell = str | int | Share | Mean | Message | None
"""A name, a count, a figure, something in words; None for a figure that is not known."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of the same length, by what they hold; `order` has the rows as they matter."""

    columns: Mapping[str, Sequence[Cell]]
    order: Sequence[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with what is said of it.

    Attributes:
        row: Among the images of the figures.
        truth: What it really shows.
        labels: What it was labelled with; None where that is not said.
        sure: The probability of its label; None where it may have several.
        likely: The most probable names, their probabilities, and whether it really shows them.
    """

    row: int
    truth: Sequence[str]
    labels: Sequence[str] | None = None
    sure: float | None = None
    likely: Sequence[tuple[str, float, bool]] = ()


@dataclass(frozen=True, slots=True)
class Pictures:
    """Images, in their order; `shows` is how it is put that one shows its truth."""

    items: Sequence[Picture]
    shows: Message = Message("report-really")


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists, each with what its items are."""

    items: Sequence[tuple[Message, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with their meanings."""

    items: Sequence[tuple[Message, Message]]


class Section(NamedTuple):
    """A part of the document.

    Attributes:
        said: What it shows, in sentences.
        title: Its heading.
        content: The figure, table, chart or pictures; images where it is their matrix.
        how: How it is to be read.
    """

    said: Sequence[Message]
    title: Message | None = None
    content: Share | Table | Judged | Chart | Pictures | Lists | Terms | None = None
    how: Message | None = None


Document = Mapping[str, Section]
"""Sections in their order, by what they are about."""


def made_now() -> str:
    """Return the time of now, as a report says when it was made: `2026-11-30 07:50 UTC`."""
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"


def document_of(found: Figures) -> Document:
    """Return all that is said of what was found."""
    return dict(_sections(found))


def _sections(found: Figures) -> Iterator[tuple[str, Section]]:
    judged, is_decided = found.judged, found.is_by_decisions
    delivered = sentences.delivered_sentences(found.delivered)
    yield "right", Section([sentences.share_sentence(judged)], content=judged.share)
    yield "delivered", Section(delivered)
    yield "copies", Section(sentences.copies_sentences(found.copies))
    learned = sentences.learned_sentences(found.evidence, len(found.unseen))
    yield "learned", Section([*learned, *sentences.gain_sentences(found)])
    yield "chosen", Section([Message("decisions-not-random")] if is_decided else [])
    if isinstance(judged, JudgedSets):
        yield "more", Section([sentences.sets_sentence(judged), sentences.order_sentence(judged)])
        yield "left-out", Section([Message("several-left-out")])
    else:
        first = sentences.among_first_sentences(judged)
        yield "more", Section([sentences.balanced_sentence(judged), *first])
    yield from _by_folder(found.folders)
    names = sentences.names_sentence(judged)
    more = len(judged.per_concept()) - MOST_NAMES
    how = Message("report-more-names", {"count": more}) if more > 0 else None
    yield "names", Section([names], BY_NAME, _names(judged), how)
    yield from _sets(judged) if isinstance(judged, JudgedSets) else _labels(judged)
    yield from _pictures(found)
    yield from _notes(found)


def _by_folder(folders: Sequence[FolderResult]) -> Iterator[tuple[str, Section]]:
    """Yield how right single folders are."""
    if len(folders) > 1:
        has_own = any(one.own for one in folders)
        how = Message("report-own-how") if has_own else None
        yield "folders", Section([], Message("report-folders"), _folders(folders), how)
        first, *others = folders
        drops = [
            sentences.drop_sentence(one.name, one.share, first.name, first.share) for one in others
        ]
        yield "drops", Section(drops)


def _folders(folders: Sequence[FolderResult]) -> Table:
    """Return a row for each folder, and one for their mean."""
    means = means_of(folders)
    columns: dict[str, Sequence[Cell]] = {
        "folder": [*(one.name for one in folders), Message("report-mean")],
        "images": [*(one.share.of for one in folders), ""],
        "right": [*(one.share for one in folders), means[0]],
    }
    if len(means) > 1:
        columns["own"] = [*(one.own for one in folders), means[1]]
    return _table(columns)


def _names(judged: AnyJudged) -> Table:
    results = judged.per_concept()
    columns: dict[str, Sequence[Cell]] = {
        "name": [one.name for one in results],
        "images": [one.images for one in results],
        "hits": [one.right for one in results],
        "found": [one.found for one in results],
        "fitting": [one.fitting for one in results],
    }
    if isinstance(judged, JudgedSets):
        columns["order"] = [p if p is None else Mean(p) for p in judged.average_precisions]
    found = [one.found.value for one in results]  # names of too few images come last
    worth = [2.0 if value is None else value for value in found]
    return Table(columns, sorted(range(len(results)), key=worth.__getitem__))


def _sets(judged: JudgedSets) -> Iterator[tuple[str, Section]]:
    mistakes = judged.mistakes()
    columns: dict[str, Sequence[Cell]] = {
        "name": [judged.names[column] for column, _, _ in mistakes],
        "missed": [missed for _, missed, _ in mistakes],
        "wrong": [wrong for _, _, wrong in mistakes],
    }
    said = [sentences.mistakes_sentence(judged)]
    yield "mistakes", Section(said, Message("report-mistakes"), _table(columns))
    said, chart = (
        [sentences.sets_reliability_sentence(judged)],
        reliability_chart(judged.reliability),
    )
    title, how = Message("report-reliability"), Message("report-reliability-several")
    yield "reliability", Section(said, title, chart, how)


def _labels(judged: Judged) -> Iterator[tuple[str, Section]]:
    reliability, coverage = judged.reliability, judged.coverage
    said, chart = [sentences.reliability_sentence(reliability)], reliability_chart(reliability)
    title, how = Message("report-reliability"), Message("report-reliability-how")
    yield "reliability", Section(said, title, chart, how)
    said, chart = [sentences.coverage_sentence(coverage)], coverage_chart(coverage)
    title, how = Message("report-coverage"), Message("report-coverage-how")
    yield "coverage", Section(said, title, chart, how)
    said = [sentences.confusion_sentence(judged)]
    title, how = Message("report-confusions"), Message("report-confusions-how")
    yield "mistakes", Section(said, title, judged, how)


def _pictures(found: Figures) -> Iterator[tuple[str, Section]]:
    """Yield the surest mistakes, and a sample by chance."""
    judged = found.judged
    count = int(np.count_nonzero(~judged.is_right))
    worst = tuple(_wrong(judged, row) for row in judged.worst_mistakes(MOST_WORST).tolist())
    said = Message(
        "report-worst-sets" if isinstance(judged, JudgedSets) else "report-worst-how",
        {"count": count, "shown": min(len(worst), REPORTED_WORST)},
    )
    yield "worst", Section([said], Message("report-worst"), Pictures(worst) if worst else None)
    chance = np.random.default_rng(SAMPLE_SEED)
    chosen = chance.choice(len(judged), min(_SAMPLE, len(judged)), replace=False)
    sample = tuple(
        Picture(row, judged.names_of(row)[1], likely=judged.most_probable(row))
        for row in sorted(chosen.tolist())
    )
    said = Message("report-sample-how", {"count": len(sample), "seed": SAMPLE_SEED})
    yield "sample", Section([said], Message("report-sample"), Pictures(sample) if sample else None)


def _wrong(judged: AnyJudged, row: int) -> Picture:
    labels, truth = judged.names_of(row)
    sure = None if isinstance(judged, JudgedSets) else float(judged.sure[row])
    return Picture(row, truth, labels, sure)


def _notes(found: Figures) -> Iterator[tuple[str, Section]]:
    """Yield what was not compared, and what the terms mean."""
    is_taught = found.evidence is not None and not len(found.unseen)
    unknown, twice, names = found.truth.unknown, found.truth.contradicted, counted_names(found)
    left_out = Message(
        "report-left-out-or-taught" if is_taught else "report-left-out",
        {"count": len(found.left_out)},
    )
    lists = (
        (left_out, found.left_out),
        (Message("report-unknown-images", {"count": len(unknown)}), unknown),
        (Message("report-several", {"count": len(found.several)}), found.several),
        (Message("report-contradicted", {"count": len(twice)}), twice),
        (Message("report-unknown-names", {"count": len(names)}), names),
    )
    if notes := tuple((what, items) for what, items in lists if items):
        yield "notes", Section([], Message("report-notes"), Lists(notes))
    is_several = isinstance(found.judged, JudgedSets)
    terms = tuple(term for term, is_said in _TERMS if is_said in (None, is_several))
    yield "words", Section([], Message("report-words"), Terms(terms))


def counted_names(found: Figures) -> list[str]:
    """Return the true names that cannot be given, with the number of their images."""
    return [
        tr("{text} ({count:,})", text=name, count=count)
        for name, count in found.unknown_names.items()
    ]


def _table(columns: Mapping[str, Sequence[Cell]]) -> Table:
    return Table(columns, range(len(next(iter(columns.values())))))
