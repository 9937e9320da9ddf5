"""What `nameplate evaluate` prints: a line for each name, then what the figures show."""

from collections.abc import Sequence
from typing import Final

from nameplate.cli.command import put, say, say_some
from nameplate.domain.messages import Message
from nameplate.domain.text import escaped
from nameplate.features.evaluation.document import Cell, Table, counted_names, document_of
from nameplate.features.evaluation.figures.several import JudgedSets
from nameplate.features.evaluation.findings import DECISIONS, LEAST_JUDGED, Findings
from nameplate.features.evaluation.shares import Interval, Share
from nameplate.wording.texts import what_of

_HEADS: Final = {
    "name": "concept",
    "images": "images",
    "hits": "right",
    "found": "recall",
    "fitting": "precision",
    "order": "average precision",
    "folder": "folder",
    "right": "right",
    "own": "among its own names",
}
"""Of the columns that are printed."""

_WIDE: Final = len("0.123 (0.12-0.34)")

_SAID: Final = (
    "chosen",
    "copies",
    "learned",
    "right",
    "more",
    "mistakes",
    "reliability",
    "coverage",
    "left-out",
    "drops",
    "compared",
)
"""The sections whose sentences are printed, in this order."""

_MOST: Final = 5
"""Items that are listed; the report has all."""


def put_findings(found: Findings) -> None:
    """Print the figures on stdout; how they are to be taken comes before what they show."""
    judged, document = found.judged, document_of(found)
    for delivered in document["delivered"].said:
        put(f"{what_of(delivered)}. The program alone:")
    tables = {of: one.content for of, one in document.items() if isinstance(one.content, Table)}
    _put_table(tables["names"])
    if not isinstance(judged, JudgedSets):
        _put_accuracy(judged.share)
    if found.left_out:
        taught = ", or learned from" if found.evidence and not len(found.unseen) else ""
        put(f"{len(found.left_out):,} left out: not read, or without a truth{taught}")
    if "folders" in tables:
        _put_table(tables["folders"])
    if found.origin.truth == DECISIONS and len(judged) < LEAST_JUDGED:
        missing = Message("decisions-not-enough", {"count": LEAST_JUDGED - len(judged)})
        put(f"{what_of(missing)}.")
    for of in (of for of in _SAID if of in document):
        if of != "right" or isinstance(judged, JudgedSets):
            for message in document[of].said:
                put(f"{escaped(what_of(message))}.")


def say_strangers(found: Findings) -> None:
    """Say on stderr which images and names of the truth are not known."""
    _say_list("of the truth are none of the images", found.unknown_images)
    _say_list("stand twice in the truth, and the last one counts", found.contradicted)
    _say_list("have several labels in the truth, and are left out without --multi", found.several)
    names = counted_names(found)
    _say_list("of the truth are no names that can be given, and count as wrong", names)


def _put_accuracy(share: Share) -> None:
    interval, accuracy = share.interval, share.count / share.of if share.of else 0.0
    between = f", between {interval.low:.4f} and {interval.high:.4f}" if interval else ""
    put(f"accuracy {accuracy:.4f} ({share.count:,} of {share.of:,}){between}")


def _put_table(table: Table) -> None:
    """Print a table: names at the left, counts at the right of their columns."""
    columns = {of: cells for of, cells in table.columns.items() if of in _HEADS}
    heads = [_HEADS[of] for of in columns]
    rows = [heads, *([_text(cell) for cell in row] for row in zip(*columns.values(), strict=True))]
    first = max(len(row[0]) for row in rows)
    for row in rows:
        cells = [f"{row[0]:{first}}"]
        for of, cell in zip([*columns][1:], row[1:], strict=True):
            is_count = of in ("images", "hits")
            cells.append(f"{cell:>{len(_HEADS[of])}}" if is_count else f"{cell:{_WIDE}}")
        put("  ".join(cells).rstrip())


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return "-"
        case Message():
            return what_of(cell)
        case str():
            return cell
        case int():
            return f"{cell:,}"
        case Share():
            value = cell.count / cell.of if cell.of else None
            return _with_range(value, cell.interval)
        case _:
            return _with_range(cell.value, cell.interval)


def _with_range(value: float | None, interval: Interval | None) -> str:
    """Return a share with its 95% interval, where enough images are behind it."""
    between = f" ({interval.low:.2f}-{interval.high:.2f})" if interval else ""
    return f"{'-' if value is None else f'{value:.3f}'}{between}"


def _say_list(what: str, items: Sequence[str]) -> None:
    if items:
        say(f"{len(items):,} {what}:")
        say_some((f"  {one}" for one in items[:_MOST]), min(len(items), _MOST))
        if len(items) > _MOST:
            say(f"  and {len(items) - _MOST:,} more")
