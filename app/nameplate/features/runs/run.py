"""Embed and label what a folder of shards lacks."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.runs.daft_engine import embed_with_daft
from nameplate.features.runs.embedding import (
    ImagesDone,
    Setup,
    ShardDone,
    ShardLost,
    Task,
    embed_task,
)
from nameplate.features.runs.folder import Missing, ShardFolder, images_at
from nameplate.features.runs.label_files import (
    LABELS,
    LabelCounts,
    labels_file,
    made_from_of,
    read_counts,
    write_labels,
)
from nameplate.features.runs.labelling import Labeller, write_rules
from nameplate.features.runs.vectors import read_shard
from nameplate.features.runs.workers import embed_in_processes
from nameplate.inference.model import LoadedModel
from nameplate.storage.atomic import output_error, put_in_place

OnProgress = Callable[[Progress], None]

_NEW: Final = ".nameplate-labels"
_OLD: Final = ".nameplate-labels-before"


def embed_missing(
    shards: ShardFolder,
    missing: Missing,
    model: LoadedModel,
    setup: Setup,
    cancel: CancelToken,
    on_event: Callable[[Progress | Message], None],
) -> tuple[int, list[int]]:
    """Embed the images that are missing.

    Shards that are on the disk stay when it is cancelled. `on_event` gets messages for a person
    too.

    Returns:
        How many images were embedded; and the shards whose processes died each time.

    Raises:
        ModelError: The image encoder fails.
        OutputError: A shard cannot be written.
        UsageError: An engine is not there or failed.
    """
    tasks = (
        Task(shards.path, shards.manifest, number, images_at(missing.file, start))
        for number, start in missing.starts.items()
    )
    if setup.cluster and missing.starts:
        events = embed_with_daft(shards.path, missing, setup, cancel)
    elif setup.workers > 1 and missing.starts:
        workers = min(setup.workers, len(missing.starts))
        events = embed_in_processes(tasks, replace(setup, workers=workers), cancel)
    else:
        events = (event for task in tasks for event in embed_task(task, model, setup, cancel))
    done, images, lost, started = 0, 0, list[int](), time.monotonic()
    on_event(Progress(0, missing.images, 0.0))
    for event in events:
        match event:
            case ImagesDone():
                done = min(done + event.count, missing.images)
            case ShardDone():
                images += event.images
                done = max(done, images)  # an engine counts shards alone
            case ShardLost():
                lost.append(event.number)
            case Message():
                on_event(event)
        on_event(Progress(done, missing.images, time.monotonic() - started))
    return images, lost


def label_outdated(
    shards: ShardFolder, labeller: Labeller, cancel: CancelToken, on_progress: OnProgress
) -> list[int]:
    """Label the shards that lack labels; all of them anew where other names made the labels.

    These are written into a folder of their own, which then takes the place of the other one.
    Returns the shards of embeddings that turned out to be damaged; their files are deleted.

    Raises:
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; labels of other names are as they were.
    """
    path, states = shards.path, shards.states()
    wanted = _made_from(shards, labeller)
    found = {number: made_from_of(path, number, len(labeller.names)) for number in wanted}
    is_other = any(one and one.split()[0] != labeller.made_from for one in found.values())
    outdated = [n for n in wanted if is_other or found[n] != wanted[n]]
    new = path / _NEW
    shutil.rmtree(new, ignore_errors=True)
    total = sum(states[number].images for number in outdated)
    images, damaged, started = 0, list[int](), time.monotonic()
    on_progress(Progress(0, total, 0.0))
    for number in outdated:
        cancel.raise_if_cancelled()
        try:
            shard = read_shard(path, shards.manifest, number)
        except UsageError:
            damaged.append(number)
            shards.drop(number)
            continue
        file = labels_file(path, number)
        write_labels(
            new / file.name if is_other else file,
            labeller.label(shard),
            made_from=wanted[number],
            constants=(labeller.model, labeller.templates),
            names=labeller.names,
        )
        images += len(shard.paths)
        on_progress(Progress(images, total, time.monotonic() - started))
    if new.exists():
        _swap_in(path)
    _clear_labels(shards)
    write_rules(path, labeller)
    return damaged


def _swap_in(folder: Path) -> None:
    """Put the new labels in place of those that are there."""
    labels, before = folder / LABELS, folder / _OLD
    shutil.rmtree(before, ignore_errors=True)
    try:
        labels.replace(before)
        put_in_place(folder / _NEW, labels)
    except OSError as error:
        raise output_error(labels, error) from error
    shutil.rmtree(before, ignore_errors=True)


def _clear_labels(shards: ShardFolder) -> None:
    """Delete the labels of shards that are gone."""
    for file in (shards.path / LABELS).glob("*.parquet"):
        if not (shards.path / "embeddings" / file.name).exists():
            file.unlink(missing_ok=True)


def count_labels(shards: ShardFolder, labeller: Labeller) -> LabelCounts:
    """Count the labels of all shards that `labeller` labelled.

    Raises:
        UsageError: A file of them is damaged; it is deleted, and so made again by the next run.
    """
    counts, names = LabelCounts(), len(labeller.names)
    for number, made_from in _made_from(shards, labeller).items():
        if made_from_of(shards.path, number, names) == made_from:
            try:
                counts += read_counts(shards.path, number, names)
            except UsageError:  # its end alone was looked at before; it is labelled next time
                labels_file(shards.path, number).unlink(missing_ok=True)
                raise
    return counts


def _made_from(shards: ShardFolder, labeller: Labeller) -> dict[int, str]:
    """Return for each shard that is embedded the source of its labels."""
    of_all = labeller.made_from
    return {number: f"{of_all} {state.digest}" for number, state in shards.states().items()}
