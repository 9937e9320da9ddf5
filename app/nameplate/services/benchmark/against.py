"""Nameplate against the loops that people write with PyTorch: the same files, the same weights.

Each way is a process of its own that waits for its turn, so that none takes memory or threads from
another, and rounds go in turn, so that a busy minute of the machine hits all alike.
"""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any, Final

import numpy as np

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.services.benchmark.children import objects, started
from nameplate.services.benchmark.collection import MAIN, Collection
from nameplate.services.benchmark.figures import Figure, figure, ratios
from nameplate.storage.resources import data_root

INSTALL: Final = 'pip install -e ".[cpu,export]"'
SOURCE: Final = "open_clip:ViT-B-32"
VARIANTS: Final = {"fp32": [], "int8": ["--int8"]}
"""Our models, and the options that their export takes."""

LOOPS: Final = {
    "data-loader": "open_clip, DataLoader of 32",
    "pipeline": "transformers, batches of 32",
    "one-by-one": "open_clip, one by one",
}
_NEEDED: Final = ("torch", "torchvision", "open_clip", "transformers", "onnx", "onnxscript")
_MOST_IMAGES: Final = 128
_ROUNDS: Final = 3


@dataclass(slots=True)
class _Contestant:
    """A process that embeds all files when it is told to.

    Attributes:
        name: Of a loop, or of a variant of our model.
        process: Running.
        answers: What it prints.
        vectors: Where it wrote what it made of the files.
        wall: Seconds of each round.
        cpu: Seconds of the processor, likewise.
    """

    name: str
    process: Popen[str]
    answers: Iterator[dict[str, Any]]
    vectors: Path
    wall: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])

    def answer(self, cancel: CancelToken) -> dict[str, Any] | None:
        """Return the next thing it says; None after a cancel.

        Raises:
            ModelError: It ended.
        """
        found = next(self.answers, None)
        if found is None and not cancel.is_cancelled:
            what = f"the loop “{self.name}” failed"
            raise ModelError(what, remedy="What it said stands above.")
        return found

    def run_round(self, cancel: CancelToken) -> bool:
        """Let it run once and note the seconds; return whether it did."""
        assert self.process.stdin is not None  # noqa: S101 - it was started with one
        try:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        except BrokenPipeError:  # it has ended: `answer` says so
            pass
        found = self.answer(cancel)
        if found is not None:
            self.wall.append(found["seconds"])
            self.cpu.append(found["cpu"])
        return found is not None


def require_torch() -> Path:
    """Return the folder of the checkout's models.

    Raises:
        ModelError: This is no checkout, or a library is not installed.
    """
    models = data_root() / "models"
    if getattr(sys, "frozen", False) or not (models / "benchmark" / "run.py").is_file():
        raise ModelError(
            "comparing with PyTorch needs a checkout of Nameplate; this is an installed program",
            remedy=f"Clone Nameplate's repository and run there: {INSTALL}",
        )
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ModelError(
            f"comparing with PyTorch needs {', '.join(missing)}, which {verb} not installed",
            remedy=f"Run in {models.parent}: {INSTALL}",
        )
    return models


def run_against_torch(collection: Collection, cancel: CancelToken) -> Iterator[Figure]:
    """Run all loops in turn and yield their speeds, our ratios to them, and how near vectors are.

    Raises:
        ModelError: As `require_torch` does; or a loop failed.
    """
    models = require_torch()
    exported = {
        name: _export(models, collection.folder / "models" / name, options, cancel)
        for name, options in VARIANTS.items()
    }
    files = collection.files(MAIN)[:_MOST_IMAGES]
    listing = collection.folder / "against-torch.txt"
    listing.write_text("\n".join(map(str, files)), encoding="utf-8")
    with ExitStack() as stack:
        found = dict[str, _Contestant]()
        for name in (*LOOPS, *VARIANTS):
            options = ["--files", str(listing), "--vectors", str(listing.with_name(f"{name}.npy"))]
            loop = name
            if name in VARIANTS:
                loop, options = "nameplate", [*options, "--model", str(exported[name])]
            command = [sys.executable, str(models / "benchmark" / "run.py"), loop, *options]
            process = stack.enter_context(started(command, cancel, stdin=PIPE))
            one = _Contestant(name, process, objects(process.stdout), Path(options[3]))
            found[name] = one
            if one.answer(cancel) is None:
                return
        _take_turns(list(found.values()), cancel)
    yield from _figures(found, len(files))


def _export(models: Path, folder: Path, options: Sequence[str], cancel: CancelToken) -> Path:
    """Export the model, unless it lies there already."""
    if not folder.exists() and not cancel.is_cancelled:
        script = str(models / "export" / "run.py")
        words = [SOURCE, "--random-weights", "--out", str(folder), *options]
        with started([sys.executable, script, *words], cancel, stdin=DEVNULL) as process:
            for _ in process.stdout or ():
                pass
            if process.wait() and not cancel.is_cancelled:
                raise ModelError("the export failed", remedy="What it said stands above.")
    return folder


def _take_turns(contestants: Sequence[_Contestant], cancel: CancelToken) -> None:
    for _ in range(_ROUNDS):
        for one in contestants:
            if cancel.is_cancelled or not one.run_round(cancel):
                return


def _figures(found: dict[str, _Contestant], images: int) -> Iterator[Figure]:
    rounds = min(len(one.wall) for one in found.values())
    if not rounds:
        return
    for name, one in found.items():
        title = LOOPS.get(name, f"Nameplate, {name}")
        speeds = [images / seconds for seconds in one.wall]
        yield figure(f"torch.{name}.speed", title, speeds, "images/s")
    reference = found["data-loader"]
    expected = np.load(reference.vectors)
    for variant in VARIANTS:
        ours = found[variant]
        for name, title in LOOPS.items():
            key = f"torch.{variant}.ratio" if name == "data-loader" else f"torch.{variant}.{name}"
            values = ratios(found[name].wall[:rounds], ours.wall[:rounds])
            yield figure(key, f"{variant} to {title}", values, "x")
        values = ratios(reference.cpu[:rounds], ours.cpu[:rounds])
        yield figure(f"torch.{variant}.cpu", f"{variant}, the same in CPU seconds", values, "x")
        cosine = (np.load(ours.vectors) * expected).sum(axis=1).min()
        yield figure(f"torch.{variant}.cosine", f"{variant}, least cosine to it", [cosine], "")
