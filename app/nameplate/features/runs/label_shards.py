"""Shards of labels: Parquet files with the columns of the labels CSV, apart from the vectors."""

import shutil
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.folder import ShardFolder
from nameplate.features.runs.labeller import Labeller, write_rules
from nameplate.features.runs.shards import (
    embeddings_file,
    opened_parquet,
    read_shard,
    shards_there,
    states_of,
    write_parquet,
)
from nameplate.formats.arrow import require_pyarrow
from nameplate.formats.csv import HEADER, joined, separated
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import template_name
from nameplate.formats.parquet_pieces import pieces
from nameplate.storage.atomic import output_error, put_in_place

LABELS: Final = "labels"
_NEW: Final = ".nameplate-labels"
_OLD: Final = ".nameplate-labels-before"

_NUMBERS: Final = frozenset(("probability", "score", "runner_up_probability", "margin"))
_OF: Final = b"nameplate-labels"
_FOOTER_OF_NAME: Final = 3000
"""Bytes of the end of a file for a column: a name of 200 letters twice, and figures."""


def labels_file(folder: Path, shard: int) -> Path:
    """Return the file of a shard of labels, named as that of its embeddings."""
    return folder / LABELS / embeddings_file(folder, shard).name


def write_labels(
    path: Path, images: Iterable[ExportedImage], labeller: Labeller, made_from: str
) -> None:
    """Write a shard of labels, whole or not at all; its folder is made.

    The images are in the order of the embeddings; `made_from` says on which names, rules and
    embeddings the labels depend.

    Raises:
        OutputError: It cannot be written.
    """
    arrow, _ = require_pyarrow(path)
    rows = list(images)

    def numbers(values: Iterable[float | None]) -> Any:
        return arrow.array(values, arrow.float32(), from_pandas=True)  # null for NaN

    columns = dict[str, Any]()
    for name in HEADER[:-2]:
        if name in _NUMBERS:
            columns[name] = numbers(getattr(row, name) for row in rows)
        else:
            texts = (joined(row.labels) if name == "label" else getattr(row, name) for row in rows)
            columns[name] = arrow.array([text or None for text in texts], arrow.string())
    templates = template_name(labeller.classifier.template_set)
    for name, value in {"model": labeller.model, "templates": templates}.items():
        columns[name] = arrow.array([value] * len(rows), arrow.string())
    for place, name in enumerate(labeller.names):
        columns[f"p:{name}"] = numbers(row.all_probabilities[place] for row in rows)
    table = arrow.table(columns, metadata={_OF: made_from.encode()})
    write_parquet(path, table, compression="zstd")


def made_from_of(folder: Path, number: int, names: int = 0) -> str:
    """Return the `made_from` of a shard of labels; empty where there is none, or it is damaged.

    Its end alone is read. `names` is how many columns `p:NAME` there are to be.
    """
    file = labels_file(folder, number)
    with suppress(UsageError), opened_parquet(file, names * _FOOTER_OF_NAME) as (_, found):
        about: dict[bytes, bytes] = found.metadata.metadata or {}
        return about.get(_OF, b"").decode(errors="replace")
    return ""


# ---- all labels of a folder


def label_outdated(
    shards: ShardFolder, labeller: Labeller, cancel: CancelToken
) -> Generator[Progress, None, list[int]]:
    """Label the shards that lack labels, or all of them if other names made the labels.

    These are written into a folder of their own, which then takes the place of the other one.
    Returns the shards that are labelled; the embeddings of others are damaged.

    Raises:
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; labels of other names are as they were.
    """
    path, states = shards.path, states_of(shards.path, shards.manifest, cancel)
    by_rules = labeller.made_from
    wanted = {number: f"{by_rules} {state.digest}" for number, state in states.items()}
    found = {number: made_from_of(path, number, len(labeller.names)) for number in wanted}
    is_other = any(one and one.split()[0] != by_rules for one in found.values())
    outdated = [n for n in wanted if is_other or found[n] != wanted[n]]
    new = path / _NEW
    shutil.rmtree(new, ignore_errors=True)
    total = sum(states[number].images for number in outdated)
    images, started = 0, time.monotonic()
    yield Progress(0, total, 0.0)
    for number in outdated:
        cancel.raise_if_cancelled()
        try:
            shard = read_shard(path, shards.manifest, number)
        except UsageError:
            del wanted[number]
            continue
        file = labels_file(path, number)
        file = new / file.name if is_other else file
        write_labels(file, labeller.label(shard), labeller, wanted[number])
        images += len(shard.paths)
        yield Progress(images, total, time.monotonic() - started)
    if new.exists():
        _swap_in(path)
    there = {labels_file(path, number) for number in shards_there(path)}
    for file in set((path / LABELS).glob("*.parquet")) - there:
        file.unlink(missing_ok=True)
    write_rules(path, labeller)
    return list(wanted)


def _swap_in(folder: Path) -> None:
    """Put the new labels in place of those that are there."""
    labels, before = folder / LABELS, folder / _OLD
    shutil.rmtree(before, ignore_errors=True)
    try:
        labels.replace(before)
        put_in_place(folder / _NEW, labels)
    except OSError as error:
        if not labels.exists():
            with suppress(OSError):
                before.replace(labels)
        raise output_error(labels, error) from error
    shutil.rmtree(before, ignore_errors=True)


@dataclass(slots=True)
class LabelCounts:
    """How images are labelled.

    Attributes:
        images: How many there are.
        labels: How many have each label; those with several count for each of them.
        unlabelled: How many could be read and have none.
        problems: How many could not be read, by the reason.
        first: The path of the first of these, by the reason.
    """

    images: int = 0
    labels: Counter[str] = field(default_factory=Counter[str])
    unlabelled: int = 0
    problems: Counter[str] = field(default_factory=Counter[str])
    first: dict[str, str] = field(default_factory=dict[str, str])


def count_labels(folder: Path, shards: Iterable[int], labeller: Labeller) -> LabelCounts:
    """Count the labels of shards that are labelled.

    Raises:
        UsageError: A file is damaged; it is deleted, and so made again by the next run.
    """
    counts, most_footer = LabelCounts(), len(labeller.names) * _FOOTER_OF_NAME
    columns = ("path", "label", "score", "error")
    for path in (labels_file(folder, number) for number in shards):
        try:
            with opened_parquet(path, most_footer) as (stream, file):
                rows: Iterator[dict[str, Any]] = (
                    row for piece in pieces(stream, file, columns) for row in piece.to_pylist()
                )
                for row in rows:
                    counts.images += 1
                    if row["score"] is None:
                        counts.problems[row["error"] or ""] += 1
                        counts.first.setdefault(row["error"] or "", row["path"])
                    elif row["label"]:
                        counts.labels.update(separated(row["label"]))
                    else:
                        counts.unlabelled += 1
        except UsageError:
            path.unlink(missing_ok=True)  # its end alone was looked at before
            raise
    return counts
