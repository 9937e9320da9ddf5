"""Describes and tests model folders in a child process.

A graph may run for ever, take all memory or crash the runtime, and so may a tokenizer. An
untested folder is therefore opened where it can be stopped.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message, as_json, of_json
from nameplate.domain.progress import CancelToken
from nameplate.inference.importers.layouts import find_layout
from nameplate.inference.manifest import has_manifest, manifest_text, parse_manifest, read_manifest
from nameplate.inference.model import load_model
from nameplate.inference.specs import ModelManifest
from nameplate.system.child import ChildError, Limits, Why, call_in_child
from nameplate.system.child_frames import Frame, Room, Task
from nameplate.system.memory import free_bytes

SECONDS: Final = 15.0
"""Seconds for a small model; a tiny one takes 0.5."""

BYTES_PER_SECOND: Final = 10_000_000
"""Bytes of the files for each further second. ViT-B/32 with 600 MB takes 6 s, and has 75."""

BYTES: Final = 1_200_000_000
TIMES_FILES: Final = 2.5
"""Memory that a trial may take, and more for each byte of the files. Loading takes 1.2 times the
files; a graph with its weights inside is there twice for a moment."""

MOST_SECONDS: Final = 600.0
SHARE: Final = 0.75
"""The most, however large the files: ten minutes, and so much of the free memory."""

_MOST_FILES: Final = 2_000
_BLOCK: Final = 512
"""Bytes that st_blocks counts in (POSIX)."""


def describe_folder(folder: Path, cancel: CancelToken | None = None) -> ModelManifest:
    """Return the manifest of the model in `folder`, as `read_manifest`.

    Where another exporter made the folder, its graphs are opened in a child process.

    Raises:
        ModelError: As for `read_manifest`; or finding out takes too much time or memory.
    """
    if not os.path.isdir(folder) or has_manifest(folder) or find_layout(folder) is None:  # noqa: PTH112
        return read_manifest(folder)
    answer = in_child(describe_task, folder, cancel)
    return parse_manifest(str(answer.values.get("manifest")), folder)


def try_out(folder: Path, cancel: CancelToken | None = None) -> tuple[Message, ...]:
    """Load the model in `folder` and run it on generated pictures and prompts, in a child process.

    Returns:
        What is wrong, as `self_check`; empty where nothing is.

    Raises:
        ModelError: It cannot be loaded at all, or takes too much time or memory.
    """
    answer = in_child(try_out_task, folder, cancel)
    problems = answer.values.get("problems")
    try:
        if isinstance(problems, list):
            return tuple(map(of_json, cast("list[object]", problems)))
    except ValueError:
        pass
    raise _model_error("crash", folder, limits_of(folder))


def describe_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `describe_folder`."""
    return Frame({"manifest": manifest_text(read_manifest(Path(arguments["folder"])))})


def try_out_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `try_out`."""
    # Pillow and more, which a model that is opened only does without.
    from nameplate.inference.self_check import self_check  # noqa: PLC0415

    problems = self_check(load_model(Path(arguments["folder"]), device="cpu"))
    return Frame({"problems": [as_json(problem) for problem in problems]})


def in_child(task: Task, folder: Path, cancel: CancelToken | None) -> Frame:
    """Run a task in a child process, within limits by the size of the folder.

    Raises:
        ModelError: As the task; or it takes too much time or memory, or crashes.
    """
    limits = limits_of(folder)
    try:
        arguments = {"folder": os.fspath(folder.absolute())}
        return call_in_child(task, arguments, limits, raises=ModelError, cancel=cancel)
    except ChildError as error:
        raise _model_error(error.why, folder, limits) from error


def _model_error(why: Why, folder: Path, limits: Limits) -> ModelError:
    reasons = {
        "start": Message("no-process-for-model"),
        "time": Message("model-without-end", {"seconds": limits.seconds}),
        "memory": Message("model-takes-memory", {"bytes": limits.bytes}),
        "crash": Message("runtime-crashed"),
    }
    return ModelError(reasons[why], where=str(folder))


def limits_of(folder: Path) -> Limits:
    """Return the limits for testing a model of this size on this machine."""
    size = sum(_sizes(folder))
    memory = min(BYTES + TIMES_FILES * size, max(BYTES, SHARE * free_bytes()))
    return Limits(min(SECONDS + size / BYTES_PER_SECOND, MOST_SECONDS), round(memory), keep=False)


def _sizes(folder: Path) -> list[int]:
    """Return the sizes of the files in `folder` in bytes; of very many, not all."""
    sizes = list[int]()
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118
            except OSError:
                continue
            # A file with holes claims more than it holds; Windows has no count of blocks.
            blocks = getattr(status, "st_blocks", None)
            sizes.append(status.st_size if blocks is None else min(status.st_size, blocks * _BLOCK))
        if len(sizes) > _MOST_FILES:
            break
    return sizes
