"""Shards of labels: Parquet files with the columns of the labels CSV, apart from the vectors."""

import shutil
import time
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.folder import ShardFolder
from nameplate.features.runs.labeller import Labeller, write_rules
from nameplate.features.runs.parquet import (
    read_end,
    read_rows,
    require_pyarrow,
    write_parquet,
)
from nameplate.features.runs.shards import (
    embeddings_file,
    read_shard,
    shards_there,
    states_of,
)
from nameplate.formats.csv import HEADER, joined, separated
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import template_name
from nameplate.storage.atomic import output_error, put_in_place

LABELS: Final = "labels"
_NEW: Final = ".nameplate-labels"
_OLD: Final = ".nameplate-labels-before"

_NUMBERS: Final = frozenset(("probability", "score", "runner_up_probability", "margin"))
_OF: Final = "nameplate-labels"


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
    table = arrow.table(columns, metadata={_OF: made_from})
    write_parquet(path, table, compression="zstd")


def made_from_of(folder: Path, number: int) -> str:
    """Return the `made_from` of a shard of labels; empty where there is none, or it is damaged."""
    with suppress(UsageError):
        return read_end(labels_file(folder, number)).about.get(_OF, "")
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
    found = {number: made_from_of(path, number) for number in wanted}
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


def count_labels(folder: Path, shards: Iterable[int]) -> LabelCounts:
    """Count the labels of shards that are labelled.

    Raises:
        UsageError: A file is damaged; it is deleted, and so made again by the next run.
    """
    counts = LabelCounts()
    for file in (labels_file(folder, number) for number in shards):
        try:
            for path, label, score, error in read_rows(file, ("path", "label", "score", "error")):
                counts.images += 1
                if score is None:
                    counts.problems[error or ""] += 1
                    counts.first.setdefault(error or "", path)
                elif label:
                    counts.labels.update(separated(label))
                else:
                    counts.unlabelled += 1
        except UsageError:
            file.unlink(missing_ok=True)  # its end alone was looked at before
            raise
    return counts
