"""Embeds shards on Daft: on this machine, or on a Ray cluster that sees the same folders.

Daft hands out numbers of shards, and places, counts and replaces the processes. Each reads, decodes
and writes by itself, as every other process of ours does: no picture goes through the engine.
"""

import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any, Final

import psutil

from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.embedding import (
    Cluster,
    Event,
    Setup,
    ShardDone,
    ShardLost,
    Task,
    embed_task,
)
from nameplate.features.runs.folder import Missing, images_at
from nameplate.features.runs.manifest import read_manifest
from nameplate.model_hub.library import open_folder
from nameplate.system.processors import limit_processors

_SECONDS: Final = 10.0
"""For the head of a cluster to answer."""

_PARENT_SECONDS: Final = 0.2
"""Between two looks at whether the parent lives."""

_INTERRUPT_SECONDS: Final = 1.0
"""For our own word of a Ctrl-C, where the engine's comes first."""

_NO_TELEMETRY: Final = {
    "DO_NOT_TRACK": "true",
    "DAFT_ANALYTICS_ENABLED": "0",
    "SCARF_NO_ANALYTICS": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
}


def embed_with_daft(
    folder: Path, missing: Missing, setup: Setup, cancel: CancelToken
) -> Iterator[Event]:
    """Embed missing images of `folder` in `setup.workers` processes of the engine.

    On a cluster each machine sees the folder, the model and the pictures at the same places. A
    cancel is seen after each shard.

    Raises:
        UsageError: Daft is not installed, or the cluster cannot be reached.
    """
    cluster = setup.cluster or Cluster()
    daft = _daft(cluster, str(folder))
    options: dict[str, Any] = {"max_concurrency": setup.workers, "gpus": cluster.gpus}
    if cluster.address:
        options["cpus"] = cluster.cpus
    else:
        options["use_process"] = True
    embedder = _embedder(daft, options)(str(missing.file), setup, cluster.cpus)
    numbers, starts = list(missing.starts), list(missing.starts.values())
    table = daft.from_pydict({"shard": numbers, "start": starts})
    if cluster.address:  # each machine gets some
        table = table.into_partitions(len(numbers))
    found = table.with_column("result", embedder.embed(table["shard"], table["start"]))
    left = set(numbers)
    for row in _rows(found, str(folder), cancel):
        cancel.raise_if_cancelled()
        left.discard(row["shard"])
        images, _, problem = str(row["result"]).partition(" ")
        if problem:
            yield Message("engine-failed", {"shard": row["shard"], "why": problem})
            yield ShardLost(row["shard"])
        else:
            yield ShardDone(row["shard"], int(images))
    if left:
        _raise_if_interrupted(cancel)
        raise UsageError("engine-stopped", where=str(folder), why=Message("engine-left-shards"))


class ShardEmbedder:
    """Embeds shards with a model that is loaded once."""

    def __init__(self, file: str, setup: Setup, cpus: int) -> None:
        with suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a Ctrl-C means the parent decides
        threading.Thread(target=_end_with_parent, daemon=True).start()
        limit_processors(cpus)
        self._file, self._setup = Path(file), setup
        self._model = open_folder(setup.model, device=setup.device)
        manifest = read_manifest(self._file.parent)
        if manifest is None:
            raise UsageError("no-shards-yet", where=self._file.parent)
        self._manifest = manifest

    def embed(self, number: int, start: int) -> str:
        """Embed one shard; return how many images it has, a space, and what went wrong."""
        images = images_at(self._file, start)
        try:
            task = Task(self._file.parent, self._manifest, number, images)
            for _ in embed_task(task, self._model, self._setup, CancelToken()):
                pass
        except NameplateError as error:
            return f"{len(images)} {self._setup.words(error.message)}"
        return f"{len(images)} "


def _end_with_parent() -> None:
    """End this process when the one is gone that began it: a shard may take minutes more."""
    parent = psutil.Process(os.getppid())
    while os.getppid() == parent.pid and parent.is_running():  # Windows keeps the number
        time.sleep(_PARENT_SECONDS)
    os._exit(0)


def _embedder(daft: Any, options: dict[str, Any]) -> Any:
    """Return `ShardEmbedder` as a class of the engine, which makes one in each process.

    One shard at a time: a larger batch would all go to one process.
    """

    class Embedder(ShardEmbedder):
        @daft.method.batch(return_dtype=daft.DataType.string(), batch_size=1)
        def embed(self, numbers: Any, starts: Any) -> list[str]:
            rows = zip(numbers.to_pylist(), starts.to_pylist(), strict=True)
            return [ShardEmbedder.embed(self, number, start) for number, start in rows]

    return daft.cls(Embedder, **options)


def _rows(found: Any, where: str, cancel: CancelToken) -> Iterator[dict[str, Any]]:
    """Yield the rows of a result as they come."""
    try:
        yield from found.iter_rows(results_buffer_size=1)
    except (RuntimeError, OSError, ValueError) as error:
        _raise_if_interrupted(cancel)
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise UsageError("engine-stopped", where=where, why=why[-1][:300]) from error


def _raise_if_interrupted(cancel: CancelToken) -> None:
    """Raise where a Ctrl-C was what stopped the engine, which may hear of it before us."""
    heard = threading.Event()
    with cancel.calling(heard.set):
        heard.wait(_INTERRUPT_SECONDS)
    cancel.raise_if_cancelled()


def _daft(cluster: Cluster, where: str) -> Any:
    """Return the module, set up for where it runs; it tells nobody about it."""
    os.environ.update(_NO_TELEMETRY)
    try:
        daft = importlib.import_module("daft")
        if cluster.address:
            _knock(cluster.address)
            with chdir(os.path.abspath(os.sep)):  # noqa: PTH100 - Ray's processes would import from there
                daft.set_runner_ray(address=cluster.address)
        else:
            daft.set_runner_native()
    except ImportError as error:
        raise UsageError("no-daft", where=where, why=str(error)[:200]) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError("no-cluster", where=cluster.address, why=str(error)[:200]) from error
    return daft


def _knock(address: str) -> None:
    """Raise an OSError where nobody listens at `address`: Ray itself would try for minutes."""
    host, mark, port = address.removeprefix("ray://").rpartition(":")
    if mark and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS).close()
