"""The measurements one after the other, each in processes of its own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.services.benchmark.children import objects, started
from nameplate.services.benchmark.collection import Collection
from nameplate.services.benchmark.figures import Figure, figure
from nameplate.services.benchmark.parts import PARTS
from nameplate.storage.child import own_command

PART_OPTION: Final = "--part"
"""Makes `nameplate benchmark` one of those processes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be measured.

    Attributes:
        collection: With which images.
        model: The folder of the model.
        device: `auto`, `cpu` or `cuda`.
        memory_files: How many files memory is measured with.
    """

    collection: Collection
    model: Path
    device: str
    memory_files: int


def run_part(name: str, request: Request, cancel: CancelToken) -> Iterator[Figure]:
    """Run a measurement and yield its figures; of several starts, one figure of all of them.

    Raises:
        ModelError: It failed; it has said why on stderr.
    """
    starts = PARTS[name].starts
    found: dict[str, list[Figure]] = {}
    for _ in range(starts):
        for one in _run_once(name, request, cancel):
            found.setdefault(one.key, []).append(one)
            if starts == 1:
                yield one
        if cancel.is_cancelled:
            break
    if starts > 1:
        for key, of_key in found.items():
            first = of_key[0]
            values = [one.value for one in of_key]
            yield figure(key, first.title, values, first.unit, note=first.note)


def _run_once(name: str, request: Request, cancel: CancelToken) -> Iterator[Figure]:
    options = {
        PART_OPTION: name,
        "--keep": str(request.collection.folder),
        "--images": str(request.collection.images),
        "--model": str(request.model),
        "--device": request.device,
        "--memory-files": str(request.memory_files),
        "--started": repr(time.monotonic()),
    }
    words = [word for pair in options.items() for word in pair]
    with started([*own_command(), "benchmark", *words], cancel) as process:
        for found in objects(process.stdout):
            yield Figure.from_json(found)
        code = process.wait()
    if code and not cancel.is_cancelled:
        what = f"the measurement “{PARTS[name].title}” failed"
        raise ModelError(what, remedy="What it said stands above.")
