"""What the measurements of the window share: many real files, and a stopwatch for its thread."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
FRAME_S = 0.016


def make_pictures(root: Path, count: int, *, distinct: bool) -> Path:
    """Fill `root` with `count` JPEG files of 320 x 240, a thousand in a folder.

    Args:
        root: Is made.
        count: How many.
        distinct: Each file has a content of its own (a number behind the end of 200 pictures);
            else they are links to those 200.
    """
    pictures = _two_hundred(root.with_name(root.name + "-originals"))
    contents = [file.read_bytes() for file in pictures]
    for first in range(0, count, 1000):
        folder = root / f"{first // 1000:05d}"
        folder.mkdir(parents=True)
        for number in range(first, min(first + 1000, count)):
            file = f"{folder}/IMG_{number:07d}.jpg"
            if distinct:
                with open(file, "wb") as stream:  # noqa: PTH123 - a third of Path's time
                    stream.write(contents[number % 200] + b"%d" % number)
            else:
                os.link(pictures[number % 200], file)
    return root


def _two_hundred(folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    sources = sorted(SAMPLES.rglob("*.jpg"))
    made = []
    for number in range(200):
        with Image.open(sources[number % len(sources)]) as source:
            left, top = (int(rng.integers(0, s // 4)) for s in source.size)
            part = source.convert("RGB").crop((left, top, *source.size)).resize((320, 240))
            made.append(folder / f"{number}.jpg")
            part.save(made[-1], quality=85)
        os.utime(made[-1], (1e9, 1e9))
    return made


def _times() -> np.ndarray:
    """Return ms so far: this thread was ready without a core; clock; processor of it, and of all.

    The first is 0 but on Linux.
    """
    try:
        ready = int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        ready = 0.0
    return 1e3 * np.array([ready, time.perf_counter(), time.thread_time(), time.process_time()])


@dataclass
class Frames:
    """Times of the window's thread, in ms.

    Attributes:
        wall: On the clock.
        cpu: On the processor.
        own: What the program itself takes of that, at most: work of this thread, and waiting while
            other threads of the program worked. A core that other programs have is none of it.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def run(self, act: Callable[[], object] = lambda: None) -> None:
        """Do `act` and all that follows from it in the window's thread, painting included."""
        before = _times()
        act()
        QApplication.processEvents()
        ready, wall, cpu, all_cpu = (_times() - before).tolist()
        self.wall.append(wall)
        self.cpu.append(cpu)
        self.own.append(cpu + max(0.0, min(wall - cpu - ready, all_cpu - cpu)))

    def paced(self, act: Callable[[], object]) -> None:
        """Do so, and let other threads work until the next frame of a screen is due."""
        start = time.perf_counter()
        self.run(act)
        time.sleep(max(0.0, start + FRAME_S - time.perf_counter()))

    def until(self, is_done: Callable[[], bool], seconds: float = 300) -> float:
        """Handle events until `is_done` and return the seconds that took."""
        start = time.perf_counter()
        while not is_done():
            assert time.perf_counter() - start < seconds, "not done in time"
            self.run()
            time.sleep(0.001)
        return time.perf_counter() - start

    def turns_until(self, is_done: Callable[[], bool], seconds: float = 300) -> float:
        """Likewise; each turn begins with waking from a sleep of 1 ms, as an event loop does."""
        start = time.perf_counter()
        while not is_done():
            assert time.perf_counter() - start < seconds, "not done in time"
            self.run(lambda: time.sleep(0.001))
        return time.perf_counter() - start

    @property
    def p99(self) -> float:
        """On the clock."""
        return float(np.percentile(self.wall, 99))

    @property
    def cpu_p99(self) -> float:
        """On the processor."""
        return float(np.percentile(self.cpu, 99))

    def __str__(self) -> str:
        own = self.own or self.wall
        if len(self.wall) == 1:
            return f"{self.wall[0]:8.1f} ms  (own {own[0]:.1f}, cpu {self.cpu[0]:.1f})"
        return (
            f"{np.median(self.wall):8.1f} ms median (cpu {np.median(self.cpu):.1f}), "
            f"p99 {self.p99:.1f} (own {np.percentile(own, 99):.1f}, cpu {self.cpu_p99:.1f}), "
            f"longest {max(self.wall):.1f} (own {max(own):.1f}, cpu {max(self.cpu):.1f}), "
            f"{len(self.wall)} times"
        )


class Report:
    """A table that is printed past pytest's capturing, line by line."""

    def __init__(self, capsys, title: str) -> None:
        self._capsys = capsys
        self.line(f"\n{title}")

    def line(self, text: str) -> None:
        """Print a line."""
        with self._capsys.disabled():
            print(text, flush=True)  # noqa: T201

    def row(self, what: str, figure: object) -> None:
        """Print a row."""
        self.line(f"  {what:<46} {figure}")
