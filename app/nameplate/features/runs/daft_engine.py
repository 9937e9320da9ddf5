"""Embeds shards on Daft: on this machine, or on a Ray cluster that sees the same folders.

Daft hands out numbers of shards, and places, counts and replaces the processes. Each reads, decodes
and writes by itself, as every other process of ours does: no picture goes through the engine.
"""

import importlib
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import ModelError, OutputError, UsageError
from nameplate.domain.messages import as_json, of_json
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.embedding import Event, Setup, embed_shard, model_of_process
from nameplate.inference.model import LoadedModel

_SECONDS: Final = 10.0
"""For the head of a cluster to answer."""

_INTERRUPT_SECONDS: Final = 1.0
"""For our own word of a Ctrl-C, where the engine's comes first."""

_ERRORS: Final = {one.__name__: one for one in (ModelError, OutputError, UsageError)}

_NO_TELEMETRY: Final = {
    "DO_NOT_TRACK": "true",
    "DAFT_ANALYTICS_ENABLED": "0",
    "SCARF_NO_ANALYTICS": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
}


def embed_with_daft(tasks: Mapping[int, int], setup: Setup, cancel: CancelToken) -> Iterator[Event]:
    """Embed shards in `setup.workers` processes of the engine.

    On a cluster each machine sees the folder, the model and the pictures at the same places. A
    cancel is seen after each shard.

    Raises:
        ModelError: A process cannot use the model.
        OutputError: A shard cannot be written.
        UsageError: Daft is not installed, or the cluster cannot be reached.
    """
    where = setup.file.parent
    daft = _daft(setup.address, where)
    options: dict[str, Any] = {"max_concurrency": setup.workers, "gpus": setup.gpus}
    options |= {"cpus": setup.cores} if setup.address else {"use_process": True}
    embedder = _embedder(daft, options)(setup)
    table = daft.from_pydict({"shard": list(tasks), "start": list(tasks.values())})
    if setup.address:  # each machine gets some
        table = table.into_partitions(len(tasks))
    found = table.with_column("result", embedder.embed(table["shard"], table["start"]))
    try:
        for row in found.iter_rows(results_buffer_size=1):
            cancel.raise_if_cancelled()
            kind, value = json.loads(row["result"])
            if kind:
                raise _ERRORS[kind](of_json(value))
            yield value
    except (RuntimeError, OSError, ValueError) as error:
        heard = threading.Event()
        with cancel.calling(heard.set):  # a Ctrl-C may have stopped the engine first
            heard.wait(_INTERRUPT_SECONDS)
        cancel.raise_if_cancelled()
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise UsageError("engine-stopped", where=where, why=why[-1][:300]) from error
    cancel.raise_if_cancelled()


def _embedder(daft: Any, options: dict[str, Any]) -> Any:
    """Return a class of the engine that embeds shards, and is made once in each process.

    One shard at a time: a larger batch would all go to one process.
    """

    class Embedder:
        def __init__(self, setup: Setup) -> None:
            self._setup, self._model = setup, model_of_process(setup)

        @daft.method.batch(return_dtype=daft.DataType.string(), batch_size=1)
        def embed(self, numbers: Any, starts: Any) -> list[str]:
            tasks = zip(numbers.to_pylist(), starts.to_pylist(), strict=True)
            return [_result(self._setup, self._model, *task) for task in tasks]

    return daft.cls(Embedder, **options)


def _result(setup: Setup, model: LoadedModel, number: int, start: int) -> str:
    """Embed one shard; return the number of its images, or the error, as JSON."""
    try:
        events = embed_shard(setup, model, number, start, CancelToken())
        return json.dumps(["", sum(event for event in events if isinstance(event, int))])
    except (ModelError, OutputError, UsageError) as error:
        return json.dumps([type(error).__name__, as_json(error.message)])


def _daft(address: str, where: Path) -> Any:
    """Return the module, set up for where it runs; it tells nobody about it."""
    os.environ.update(_NO_TELEMETRY)
    try:
        daft = importlib.import_module("daft")
        if address:
            # Where nobody listens, Ray itself would try for minutes.
            host, mark, port = address.removeprefix("ray://").rpartition(":")
            if mark and port.isdecimal():
                socket.create_connection((host.strip("[]"), int(port)), _SECONDS).close()
            with chdir(os.path.abspath(os.sep)):  # noqa: PTH100 - Ray's processes would import from there
                daft.set_runner_ray(address=address)
        else:
            daft.set_runner_native()
    except ImportError as error:
        raise UsageError("no-daft", where=where, why=str(error)[:200]) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError("no-cluster", where=address, why=str(error)[:200]) from error
    return daft
