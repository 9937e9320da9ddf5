"""Runs the program, and measures how long it took and how much memory any one of its processes had.

row = table("mutated images")          # the fixture of conftest.py
done = run_program("label", folder)    # waits for the end
row.note("a.png", done.seconds, done.megabytes, "Traceback" if ... else "")
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MOST_SECONDS = 20.0
MOST_MEGABYTES = 1500.0
LONGEST_RUN = 150.0
"""Seconds that one process of the program may take for a folder of many files."""

DRIVER = Path(__file__).with_name("driver.py")

_LOOK = 0.1
"""Seconds between two looks, each of which reads all processes of the machine; the system keeps a
process's peak meanwhile."""

_PANICS = ("Traceback (most recent call last)", "panicked at", "Segmentation fault", "Fatal Python")


@dataclass
class Row:
    """One line of the table.

    Attributes:
        attack: What is attacked with.
        tried: How many attacks there were.
        seconds: Of the slowest.
        megabytes: Of the largest process.
        problems: What went wrong, each with the name of its attack.
    """

    attack: str
    tried: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    problems: list[str] = field(default_factory=list)

    def note(
        self,
        name: str,
        seconds: float,
        megabytes: float = 0.0,
        problem: str = "",
        most: float = MOST_SECONDS,
    ) -> None:
        """Count one attack; one that took more than `most` seconds or memory is a problem too."""
        self.tried += 1
        self.seconds = max(self.seconds, seconds)
        self.megabytes = max(self.megabytes, megabytes)
        if seconds > most:
            problem = problem or f"took {seconds:.1f} s; {most:.0f} s is the most"
        if megabytes > MOST_MEGABYTES:
            problem = problem or f"took {megabytes:,.0f} MB"
        if problem:
            self.problems.append(f"{name}: {problem}")


@dataclass(frozen=True)
class Ran:
    """What a run of the program did."""

    code: int
    out: str
    error: str
    seconds: float
    megabytes: float

    @property
    def problem(self) -> str:
        """What must not be on a terminal, or an end by a signal; empty where there is nothing."""
        if self.code < 0:
            return f"ended by signal {-self.code}"
        said = self.out + self.error
        return next((f"said: {said[-600:]}" for panic in _PANICS if panic in said), "")

    def unless(self, *codes: int) -> str:
        """Return the problem; also where the exit code is none of `codes`."""
        if self.problem or self.code in codes:
            return self.problem
        return f"ended with {self.code}: {self.error[-600:]}"


def run_program(
    *arguments: object, most: float = LONGEST_RUN, cwd: Path | None = None, most_bytes: int = 0
) -> Ran:
    """Run `nameplate` with `arguments` to its end.

    Args:
        arguments: Of the command line.
        most: Seconds, after which it is ended; the code is then that of the signal.
        cwd: Its working folder.
        most_bytes: Of address space; 0: no limit.
    """
    return run_python("-m", "nameplate", *arguments, most=most, cwd=cwd, most_bytes=most_bytes)


def run_python(
    *arguments: object, most: float = LONGEST_RUN, cwd: Path | None = None, most_bytes: int = 0
) -> Ran:
    """As `run_program`, with the interpreter's arguments."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        preexec_fn=(lambda: limit_memory(most_bytes)) if most_bytes else None,  # noqa: PLW1509
    )
    with peak_of(process.pid) as peak:
        try:
            out, error = process.communicate(timeout=most)
        except subprocess.TimeoutExpired:
            kill_tree(process.pid)
            out, error = process.communicate()
    texts = [text.decode(errors="replace") for text in (out, error)]
    return Ran(process.returncode, *texts, time.monotonic() - begun, peak.megabytes)


def limit_memory(most_bytes: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def kill_tree(pid: int) -> None:
    """End a process and its children."""
    with suppress(psutil.Error):
        for process in [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]:
            with suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)


@dataclass
class Peak:
    """The most memory that one of the processes had so far."""

    megabytes: float = 0.0


@contextmanager
def peak_of(pid: int) -> Iterator[Peak]:
    """Look at the memory of a process and its children until the context ends."""
    peak, is_over = Peak(), threading.Event()

    def look() -> None:
        while not is_over.wait(_LOOK):
            peak.megabytes = max(peak.megabytes, largest_megabytes(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def largest_megabytes(pid: int) -> float:
    """Return the memory of the largest of a process and its children, at its peak if known."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return max(map(_megabytes, [process, *process.children(recursive=True)]))
    return 0.0


def _megabytes(process: psutil.Process) -> float:
    with suppress(OSError, psutil.Error):
        if sys.platform != "linux":
            return process.memory_info().rss / 1e6
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def seed() -> int:
    """Return what all chance here starts from; NAMEPLATE_HOSTILE_SEED sets another."""
    return int(os.environ.get("NAMEPLATE_HOSTILE_SEED", "1"))


def lines_of_table(rows: Sequence[Row]) -> list[str]:
    """Return the table, one line for each kind of attack."""
    attacks = dict[str, list[Row]]()
    for row in rows:
        attacks.setdefault(row.attack, []).append(row)
    width = max(map(len, attacks), default=6)
    lines = [f"{'attack':{width}}  tried  survived  worst s  worst MB"]
    for attack, parts in attacks.items():
        tried, bad = sum(part.tried for part in parts), sum(len(part.problems) for part in parts)
        seconds, size = max(p.seconds for p in parts), max(p.megabytes for p in parts)
        lines.append(f"{attack:{width}}  {tried:5}  {tried - bad:8}  {seconds:7.1f}  {size:8.0f}")
    return lines
