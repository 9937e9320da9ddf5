"""A shard of labels: a Parquet file with the columns of the labels CSV, apart from the vectors."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import UsageError
from nameplate.features.runs.manifest import shard_file
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.csv import HEADER, joined, separated
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.parquet_pieces import open_parquet, pieces
from nameplate.storage.atomic import make_parent, write_atomically
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

LABELS: Final = "labels"

_NUMBERS: Final = frozenset(("probability", "score", "runner_up_probability", "margin"))
_OF: Final = b"nameplate-labels"
_FOOTER_OF_NAME: Final = 3000
"""Bytes of the end of a file for a column: a name of 200 letters twice, and figures."""


def labels_file(folder: Path, shard: int) -> Path:
    """Return the file of a shard of labels; see `shard_file`."""
    return shard_file(folder, LABELS, shard)


def write_labels(
    path: Path,
    images: Iterable[ExportedImage],
    *,
    made_from: str,
    constants: tuple[str, str],
    names: Sequence[str] = (),
) -> None:
    """Write a shard of labels, whole or not at all.

    Args:
        path: The file; its folder is made.
        images: In the order of the embeddings.
        made_from: What the labels depend on: names, rules, embeddings.
        constants: The columns `model` and `templates`.
        names: Those of `all_probabilities`; each gets a column `p:NAME`.

    Raises:
        OutputError: It cannot be written.
    """
    arrow, parquet = require_pyarrow(path)
    rows = list(images)
    columns: dict[str, Any] = {name: _column(arrow, rows, name) for name in HEADER[:-2]}
    for name, value in zip(HEADER[-2:], constants, strict=True):
        columns[name] = arrow.array([value] * len(rows), arrow.string())
    for place, name in enumerate(names):
        values = [_finite(row.all_probabilities[place]) for row in rows]
        columns[f"p:{name}"] = arrow.array(values, arrow.float32())
    table = arrow.table(columns, metadata={_OF: made_from.encode()})

    def fill(stream: BinaryIO) -> None:
        parquet.write_table(table, stream, compression="zstd")

    make_parent(path)
    write_atomically(path, fill, follow_links=False)


def made_from_of(folder: Path, number: int, names: int = 0) -> str:
    """Return the `made_from` of a shard of labels; empty where there is none, or it is damaged.

    Its end alone is read. `names` is how many columns `p:NAME` there are to be.
    """
    arrow, _ = require_pyarrow(folder)
    try:
        with open_regular(labels_file(folder, number), follow_links=False) as stream:
            found = open_parquet(stream, most_footer=names * _FOOTER_OF_NAME).metadata
    except (arrow.ArrowException, OSError, ValueError):
        return ""
    about: dict[bytes, bytes] = found.metadata or {}
    return about.get(_OF, b"").decode(errors="replace")


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How images are labelled.

    Attributes:
        labels: How many have each label; those with several count for each of them.
        unlabelled: How many could be read and have none.
        problems: How many could not be read, by the reason.
        first: The path of the first of these, by the reason.
    """

    labels: Counter[str] = field(default_factory=Counter[str])
    unlabelled: int = 0
    problems: Counter[str] = field(default_factory=Counter[str])
    first: Mapping[str, str] = field(default_factory=dict[str, str])

    def __add__(self, other: "LabelCounts") -> "LabelCounts":
        return LabelCounts(
            self.labels + other.labels,
            self.unlabelled + other.unlabelled,
            self.problems + other.problems,
            {**other.first, **self.first},
        )


def read_counts(folder: Path, number: int, names: int = 0) -> LabelCounts:
    """Count the labels of one shard, which has `names` columns `p:NAME`.

    Raises:
        UsageError: It is damaged, or pyarrow is not installed.
    """
    arrow, _ = require_pyarrow(folder)
    path, columns = labels_file(folder, number), ("path", "label", "score", "error")
    try:
        with open_regular(path, follow_links=False) as stream:
            file = open_parquet(stream, most_footer=names * _FOOTER_OF_NAME)
            found = pieces(stream, file, columns)
            rows = [tuple(row.values()) for piece in found for row in piece.to_pylist()]
    except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise UsageError("shard-damaged", where=printable(str(path))) from error
    unread = [(error or "", path) for path, _, score, error in rows if score is None]
    return LabelCounts(
        Counter(name for _, label, _, _ in rows if label for name in separated(label)),
        sum(1 for _, label, score, _ in rows if score is not None and not label),
        Counter(error for error, _ in unread),
        dict(reversed(unread)),
    )


def _column(arrow: Any, rows: Sequence[ExportedImage], name: str) -> Any:
    if name in _NUMBERS:
        return arrow.array([_finite(getattr(row, name)) for row in rows], arrow.float32())
    if name == "label":
        return arrow.array([joined(row.labels) or None for row in rows], arrow.string())
    return arrow.array([getattr(row, name) or None for row in rows], arrow.string())


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
