"""What `nameplate evaluate` prints: a line for each name, then what the figures show."""

from collections.abc import Sequence

from nameplate.cli.command import put, say, say_some
from nameplate.domain.text import escaped
from nameplate.formats.evaluation.findings import Findings
from nameplate.scoring.evaluation.sentences import (
    balanced_sentence,
    comparison_sentence,
    confusion_sentence,
    coverage_sentence,
    drop_sentence,
    reliability_sentence,
)
from nameplate.wording.texts import what_of


def put_findings(found: Findings) -> None:
    """Print the figures on stdout."""
    evaluation = found.judged.evaluation
    rows = evaluation.per_concept()
    width = max(len("concept"), *(len(row.name) for row in rows))
    put(f"{'concept':{width}}  images  right  recall  precision")
    for row in rows:
        recall, precision = _share(row.recall), _share(row.precision)
        put(f"{row.name:{width}}  {row.images:6,}  {row.right:5,}  {recall:>6}  {precision:>9}")
    interval = evaluation.share.interval
    between = f", between {interval.low:.4f} and {interval.high:.4f}" if interval else ""
    counts = f"({evaluation.right:,} of {evaluation.images:,})"
    put(f"accuracy {evaluation.accuracy:.4f} {counts}{between}")
    if found.left_out:
        put(f"{len(found.left_out):,} left out: not read, or without a truth")
    first = found.folders[0] if found.folders else None
    messages = (
        balanced_sentence(evaluation),
        confusion_sentence(evaluation),
        reliability_sentence(found.judged.reliability),
        coverage_sentence(found.judged.coverage),
        *(
            drop_sentence(one.name, one.share, first.name, first.share)
            for one in found.folders[1:]
            if first
        ),
        *(comparison_sentence(run.title, run.paired) for run in found.runs),
    )
    for message in messages:
        put(f"{escaped(what_of(message))}.")


def say_strangers(found: Findings) -> None:
    """Say on stderr which images and names of the truth are not known."""
    _say_list("of the truth are none of the images", found.unknown_images)
    _say_list("stand twice in the truth, and the last one counts", found.contradicted)
    names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
    _say_list("of the truth are no names that can be given, and count as wrong", names)


def _say_list(what: str, items: Sequence[str]) -> None:
    if items:
        say(f"{len(items):,} {what}:")
        say_some((f"  {one}" for one in items[:_MOST]), min(len(items), _MOST))
        if len(items) > _MOST:
            say(f"  and {len(items) - _MOST:,} more")


_MOST = 5
"""Items that are listed; the report has all."""


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
