"""What `nameplate evaluate` prints: a line for each name, then what the figures show."""

from collections.abc import Iterator, Sequence
from typing import Final

from nameplate.cli.command import put, say, say_some
from nameplate.domain.messages import Message
from nameplate.domain.text import escaped
from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.figures.metrics import ConceptResult
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.findings import AnyFindings, FolderResult, means_of, run_sentence
from nameplate.features.evaluation.sentences import (
    among_first_sentences,
    balanced_sentence,
    confusion_sentence,
    copies_sentences,
    coverage_sentence,
    drop_sentence,
    exact_sentence,
    learned_sentences,
    mistakes_sentence,
    order_sentence,
    reliability_sentence,
    sets_reliability_sentence,
    sets_sentence,
)
from nameplate.scoring.shares import Interval
from nameplate.wording.texts import what_of

_WIDE: Final = len("0.123 (0.12-0.34)")

_MOST: Final = 5
"""Items that are listed; the report has all."""


def put_findings(found: AnyFindings, notes: Sequence[Message]) -> None:
    """Print the figures on stdout; `notes` say how they are to be taken, and come first."""
    judged = found.judged
    if found.delivered and (delivered := found.delivered.sentence):
        put(f"{what_of(delivered)}. The program alone:")
    if isinstance(judged, Judged):
        _put_names(judged.evaluation.per_concept())
        _put_accuracy(judged)
    else:
        _put_names(judged.per_concept(), judged.average_precisions)
    if found.left_out:
        taught = ", or learned from" if found.evidence and not len(found.unseen) else ""
        put(f"{len(found.left_out):,} left out: not read, or without a truth{taught}")
    _put_folders(found.folders)
    first = found.folders[0] if found.folders else None
    messages = (
        *notes,
        *copies_sentences(found.copies),
        *learned_sentences(found.evidence, len(found.unseen)),
        *(_of_one(judged) if isinstance(judged, Judged) else _of_several(judged)),
        *(
            drop_sentence(one.name, one.share, first.name, first.share)
            for one in found.folders[1:]
            if first
        ),
        *(run_sentence(found.evidence, found.origin, run.title, run.paired) for run in found.runs),
    )
    for message in messages:
        put(f"{escaped(what_of(message))}.")


def say_strangers(found: AnyFindings) -> None:
    """Say on stderr which images and names of the truth are not known."""
    _say_list("of the truth are none of the images", found.unknown_images)
    _say_list("stand twice in the truth, and the last one counts", found.contradicted)
    _say_list("have several labels in the truth, and are left out without --multi", found.several)
    names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
    _say_list("of the truth are no names that can be given, and count as wrong", names)


def _of_one(judged: Judged) -> Iterator[Message]:
    yield balanced_sentence(judged.evaluation)
    yield from among_first_sentences(judged)
    yield confusion_sentence(judged.evaluation)
    yield reliability_sentence(judged.reliability)
    yield coverage_sentence(judged.coverage)


def _of_several(judged: JudgedSets) -> Iterator[Message]:
    yield exact_sentence(judged)
    yield sets_sentence(judged)
    yield order_sentence(judged)
    yield mistakes_sentence(judged)
    yield sets_reliability_sentence(judged)
    yield Message("several-left-out")


def _put_names(
    rows: Sequence[ConceptResult], average_precisions: Sequence[float | None] | None = None
) -> None:
    width = max([len("concept"), *(len(row.name) for row in rows)])
    more = "" if average_precisions is None else "average precision"
    heads = f"images  right  {'recall':{_WIDE}}  {'precision':{_WIDE}}  {more}"
    put(f"{'concept':{width}}  {heads}".rstrip())
    for place, row in enumerate(rows):
        recall = _with_range(row.recall, row.found.interval)
        precision = _with_range(row.precision, row.fitting.interval)
        sorted_right = _share(average_precisions[place]) if average_precisions else ""
        numbers = f"{row.images:6,}  {row.right:5,}  {recall:{_WIDE}}  {precision:{_WIDE}}"
        put(f"{row.name:{width}}  {numbers}  {sorted_right}".rstrip())


def _put_accuracy(judged: Judged) -> None:
    evaluation = judged.evaluation
    interval = evaluation.share.interval
    between = f", between {interval.low:.4f} and {interval.high:.4f}" if interval else ""
    counts = f"({evaluation.right:,} of {evaluation.images:,})"
    put(f"accuracy {evaluation.accuracy:.4f} {counts}{between}")


def _put_folders(folders: Sequence[FolderResult]) -> None:
    """Print a line for each folder, and their mean."""
    if not folders:
        return
    width = max(len("folder"), *(len(one.name) for one in folders))
    has_own = any(one.own for one in folders)
    more = "among its own names" if has_own else ""
    put(f"{'folder':{width}}  images  {'right':{_WIDE}}  {more}".rstrip())
    means = [_with_range(*(mean or (None, None))) for mean in means_of(folders)]
    for one in folders:
        shares = [_with_range(s.value, s.interval) for s in (one.share, one.own) if s]
        put(f"{one.name:{width}}  {one.share.of:6,}  {_columns(shares)}")
    put(f"{'mean':{width}}          {_columns(means)}")


def _columns(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:{_WIDE}}" for cell in cells).rstrip()


def _say_list(what: str, items: Sequence[str]) -> None:
    if items:
        say(f"{len(items):,} {what}:")
        say_some((f"  {one}" for one in items[:_MOST]), min(len(items), _MOST))
        if len(items) > _MOST:
            say(f"  and {len(items) - _MOST:,} more")


def _with_range(value: float | None, interval: Interval | None) -> str:
    """Return a share with its 95% interval, where enough images are behind it."""
    between = f" ({interval.low:.2f}-{interval.high:.2f})" if interval else ""
    return f"{_share(value)}{between}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
