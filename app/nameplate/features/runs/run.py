"""Embeds and labels what a folder of shards lacks."""

import time
from collections.abc import Callable
from dataclasses import replace

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
from nameplate.features.runs.folder import ShardFolder
from nameplate.features.runs.label_files import (
    LabelCounts,
    labels_are_of,
    labels_file,
    read_counts,
    write_labels,
)
from nameplate.features.runs.labelling import Labeller, write_rules
from nameplate.features.runs.workers import embed_in_processes
from nameplate.formats.shards.vectors import embeddings_file, read_shard
from nameplate.inference.model import LoadedModel
from nameplate.system.failures import printable

OnProgress = Callable[[Progress], None]


def embed_missing(
    shards: ShardFolder,
    model: LoadedModel,
    setup: Setup,
    cancel: CancelToken,
    on_progress: OnProgress,
    on_note: Callable[[Message], None],
) -> tuple[int, list[int]]:
    """Embed the shards that are missing or not whole, and files that could not be had before.

    Shards that are on the disk stay when it is cancelled. `on_note` gets messages for a person.

    Returns:
        How many images are in shards that are on the disk now and were not before; and the shards
        whose processes died each time.

    Raises:
        ModelError: The image encoder fails.
        OutputError: A shard cannot be written.
        UsageError: The list of images is damaged, or leads to what was not named; an engine is not
            there or failed.
    """
    manifest = shards.manifest
    missing = _missing(shards, on_note)
    tasks = (Task(shards.path, manifest, n, shards.images_of(n)) for n in missing)
    if setup.cluster and missing:
        events = embed_with_daft(shards.path, missing, setup, cancel)
    elif setup.workers > 1 and missing:
        workers = min(setup.workers, len(missing))
        events = embed_in_processes(tasks, replace(setup, workers=workers), cancel)
    else:
        events = (e for task in tasks for e in embed_task(task, model, setup, cancel))
    total = sum(map(manifest.length, missing))
    done, images, lost, started = 0, 0, list[int](), time.monotonic()
    on_progress(Progress(0, total, 0.0))
    for event in events:
        match event:
            case ImagesDone():
                done = min(done + event.count, total)
            case ShardDone():
                images += manifest.length(event.number)
                done = max(done, images)  # an engine counts shards alone
            case ShardLost():
                lost.append(event.number)
            case Message():
                on_note(event)
        on_progress(Progress(done, total, time.monotonic() - started))
    return images, lost


def _missing(shards: ShardFolder, on_note: Callable[[Message], None]) -> list[int]:
    """Return the shards to embed, wholly or in part."""
    manifest, states = shards.manifest, shards.states()
    missing = [n for n in range(manifest.shards) if n not in states]
    unread = [n for n, state in states.items() if state.unread]
    if shards.may_read:
        return sorted(missing + unread)
    names = manifest.inputs[:5]
    if missing:
        raise UsageError("inputs-not-named", where=printable(str(shards.path)), names=names)
    if unread:
        on_note(Message("not-asked-for-again", {"names": names}))
    return []


def label_outdated(
    shards: ShardFolder, labeller: Labeller, cancel: CancelToken, on_progress: OnProgress
) -> list[int]:
    """Label the shards whose labels are missing, or were made from something else.

    Returns the shards of embeddings that turned out to be damaged; their files are deleted.

    Raises:
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; shards that are on the disk stay.
    """
    path, manifest = shards.path, shards.manifest
    write_rules(path, labeller)
    outdated = {
        number: made_from
        for number, made_from in _made_from(shards, labeller).items()
        if not labels_are_of(path, manifest, number, made_from, len(labeller.names))
    }
    total = sum(map(manifest.length, outdated))
    images, damaged, started = 0, list[int](), time.monotonic()
    on_progress(Progress(0, total, 0.0))
    for number, made_from in outdated.items():
        cancel.raise_if_cancelled()
        try:
            shard = read_shard(path, manifest, number)
        except UsageError:
            damaged.append(number)
            embeddings_file(path, number).unlink(missing_ok=True)
            continue
        write_labels(
            labels_file(path, number),
            labeller.label(shard),
            made_from=made_from,
            constants=(labeller.model, labeller.templates),
            names=labeller.names,
        )
        images += manifest.length(number)
        on_progress(Progress(images, total, time.monotonic() - started))
    return damaged


def count_labels(shards: ShardFolder, labeller: Labeller) -> LabelCounts:
    """Count the labels of all shards that `labeller` labelled.

    Raises:
        UsageError: A file of them is damaged; it is deleted, and so made anew by the next run.
    """
    counts, names = LabelCounts(), len(labeller.names)
    for number, made_from in _made_from(shards, labeller).items():
        if labels_are_of(shards.path, shards.manifest, number, made_from, names):
            try:
                counts += read_counts(shards.path, number, names)
            except UsageError:  # its end alone was looked at before; it is labelled anew next time
                labels_file(shards.path, number).unlink(missing_ok=True)
                raise
    return counts


def _made_from(shards: ShardFolder, labeller: Labeller) -> dict[int, str]:
    """Return for each shard that is embedded what its labels are to be made from."""
    of_all = labeller.made_from
    return {number: f"{of_all} {state.digest}" for number, state in shards.states().items()}
