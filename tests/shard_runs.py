"""What measurements of `label --out` share: varied pictures, timed runs, what is in a folder."""

import csv
import os
import random
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
import psutil
from PIL import Image, ImageOps

SAMPLES = Path(__file__).parents[1] / "resources" / "samples"
NAMES = (
    "cat", "dog", "horse", "cow", "sheep", "chicken", "duck", "fish", "raccoon", "flower",
    "hammer", "screwdriver", "rocket", "astronaut", "cup of coffee", "temple", "pagoda", "tree",
    "person", "sky",
)  # fmt: skip
OTHER_NAMES = (
    "pet", "farm animal", "wild animal", "bird", "sea animal", "plant", "tool", "vehicle", "food",
    "building", "landscape", "portrait", "grass", "water", "wood", "metal", "stone", "cloth",
    "indoors", "outdoors",
)  # fmt: skip
MARK = "NAMEPLATE_MEASURED"
"""A variable that processes have which are watched."""

LOOK_SECONDS = 0.25

UNREADABLE = 200
"""One picture of so many is none: empty, text, or cut short."""


def make_varied_pictures(
    root: Path, count: int, seed: int, *, pixels: tuple[int, int] = (160, 320)
) -> int:
    """Fill `root` with JPEG files that all differ, at most a thousand in a folder.

    Each is a part of a sample picture, turned, mirrored and tinted by chance.

    Args:
        root: Is made.
        count: How many.
        seed: Of the chance.
        pixels: Least and most width and height.

    Returns:
        How many of them cannot be read.
    """
    chance, unreadable = random.Random(seed), 0
    sources = [
        ImageOps.contain(Image.open(file).convert("RGB"), (2 * pixels[1], 2 * pixels[1]))
        for file in sorted(SAMPLES.glob("*.jpg"))
    ]
    a_folder = min(1000, max(1, count // 2))  # two at least: paths are then relative to `root`
    for number in range(count):
        folder = root / f"{number // a_folder:05}"
        folder.mkdir(parents=True, exist_ok=True)
        source = chance.choice(sources)
        share = chance.uniform(0.4, 1.0)
        width, height = (int(share * side) for side in source.size)
        left = chance.randrange(source.width - width + 1)
        top = chance.randrange(source.height - height + 1)
        size = (chance.randint(*pixels), chance.randint(*pixels))
        part = source.resize(
            size, Image.Resampling.BILINEAR, (left, top, left + width, top + height)
        )
        if chance.random() < 0.5:
            part = ImageOps.mirror(part)
        tint = Image.new("RGB", size, tuple(chance.randrange(256) for _ in range(3)))
        part = Image.blend(part, tint, chance.uniform(0, 0.35)).rotate(90 * chance.randrange(4))
        file = folder / f"{number:07}.jpg"
        part.save(file, quality=chance.randint(60, 95))
        if chance.randrange(UNREADABLE) == 0:
            content = file.read_bytes()
            file.write_bytes((b"", b"no picture", content[:200])[unreadable % 3])
            unreadable += 1
    return unreadable


def concepts(names: Sequence[str]) -> tuple[str, ...]:
    """Return the options that name `names`."""
    return tuple(part for name in names for part in ("--concept", name))


@dataclass(frozen=True)
class Timed:
    """A run of the program.

    Attributes:
        code: Exit code.
        said: What it wrote.
        seconds: On the clock.
        cpu: Seconds of the processor, with those of processes that it started and waited for.
        of_each: Seconds of the processor of every process that had its environment, by command;
            empty where that was not watched.
    """

    code: int
    said: str
    seconds: float
    cpu: float
    of_each: Mapping[str, float]


def timed(*arguments: object, is_watched: bool = False) -> Timed:
    """Run `nameplate` with `arguments` to its end.

    Args:
        arguments: Of the command line.
        is_watched: Whether to add up processes that nobody waits for, as those of an engine.
    """
    before, began, mark = os.times(), monotonic(), os.environ.get(MARK) or secrets.token_hex(8)
    with watched(mark) if is_watched else nullcontext(dict[str, float]()) as of_each:
        done = subprocess.run(
            [sys.executable, "-m", "nameplate", *map(str, arguments)],
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            env=os.environ | {MARK: mark},
        )
    seconds, after = monotonic() - began, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Timed(done.returncode, done.stdout + done.stderr, seconds, cpu, of_each)


@contextmanager
def watched(mark: str) -> Iterator[dict[str, float]]:
    """Fill a dictionary with the processor time, by command, of all that runs with `mark`.

    Only what is used meanwhile is counted, also of a process that was there before.
    """
    times = dict[tuple[int, float], tuple[str, float]]()
    found, is_over = dict[str, float](), threading.Event()

    def look() -> None:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == mark:
                    used, key = process.cpu_times(), (process.pid, process.create_time())
                    what = " ".join(process.cmdline()) or process.name()
                    times[key] = what, used.user + used.system

    def keep_looking() -> None:
        while not is_over.wait(LOOK_SECONDS):
            look()

    look()
    before = {key: used for key, (_, used) in times.items()}
    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield found
    finally:
        is_over.set()
        thread.join()
        for key, (what, used) in times.items():
            found[what] = found.get(what, 0.0) + used - before.get(key, 0.0)


def load() -> str:
    """Return how many processes wanted a processor in the last minute, to be told beside times."""
    return f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} processors"


def rows_of(folder: Path, columns: list[str] | None = None) -> list[dict[str, object]]:
    """Return all rows of a folder of Parquet files, in their order."""
    from pyarrow import parquet

    files = sorted(folder.glob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file, columns=columns).to_pylist()]


def vectors_in(folder: Path, dimension: int) -> np.ndarray:
    """Return the embeddings of a folder of shards, n x D float16, in the order of the list."""
    from pyarrow import parquet

    found = []
    for file in sorted((folder / "embeddings").glob("*.parquet")):
        column = parquet.read_table(file, columns=["embedding"])["embedding"].combine_chunks()
        found.append(column.values.to_numpy(zero_copy_only=False).reshape(-1, dimension))
    return np.concatenate(found)


def rows_of_csv(file: Path) -> list[dict[str, str]]:
    """Return the rows of a labels CSV."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
