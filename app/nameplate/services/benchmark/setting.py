"""What a measurement is given, and what all of them measure with."""

import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel, load_model
from nameplate.services.benchmark.collection import Collection
from nameplate.services.benchmark.figures import Figure, figure

_SMALL: Final = 50
"""Images below which the run is for a first look, with fewer rounds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured with.

    Attributes:
        collection: The images.
        model: The folder of the model.
        device: `auto`, `cpu` or `cuda`.
        cancel: Looked at between two rounds; what was measured by then has been yielded.
        started: `time.monotonic()` of when this process was started.
        memory_files: How many files memory is measured with.
    """

    collection: Collection
    model: Path
    device: str
    cancel: CancelToken
    started: float
    memory_files: int

    @property
    def rounds(self) -> int:
        """How often each thing is measured."""
        return 3 if self.collection.images < _SMALL else 5

    def load(self) -> LoadedModel:
        """Load the model, all of it.

        Raises:
            ModelError: It, or the device, cannot be used.
        """
        return load_model(self.model, device=self.device).load()


Measurement = Callable[[Setting], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds on the clock, and seconds of all processor cores that this process used in them."""

    wall: float
    cpu: float


def times(work: Callable[[], object]) -> Times:
    """Return what `work` takes."""
    start, cpu_start = time.perf_counter(), time.process_time()
    work()
    return Times(time.perf_counter() - start, time.process_time() - cpu_start)


def wall(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    return times(work).wall


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of the processor that `work` takes."""
    return times(work).cpu


def peak_bytes() -> int:
    """Return the most memory that this process ever held at once."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":
        # Not getrusage: a process that was just started inherits its parent's maximum there.
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def others(part: str, found: list[Figure]) -> Generator[None]:
    """Add to `found` which share of the processor other programs take meanwhile."""
    busy, own, start = _busy(), time.process_time(), time.perf_counter()
    yield
    seconds = (psutil.cpu_count() or 1) * (time.perf_counter() - start)
    share = max(0.0, (_busy() - busy) - (time.process_time() - own)) / seconds
    found.append(
        figure(f"{part}.others", "taken by other programs", [100 * share], "% of the processor")
    )


def _busy() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0)
