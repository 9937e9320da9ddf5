"""Simulates a run of many workers that take shards one at a time, some slow, some dying.

python docs/simulate_run.py                          the table of docs/ten-million.md
python docs/simulate_run.py --images 2000000 --rate 30 --workers 16 --shard-size 2000

Nothing is read or computed but times: what is at stake is how long the last shard keeps all others
waiting, and how much is done twice. All chance comes from `--seed`.
"""

import argparse
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

HOUR = 3600.0


@dataclass(frozen=True)
class Run:
    """What is to be done, by whom, and what goes wrong.

    Attributes:
        images: How many.
        shard_size: Images that are handed out at a time, and lost together.
        workers: How many processes.
        rate: Images a second of a usual worker.
        overhead: Seconds of a shard beside its images: its list, its file.
        start: Seconds until a worker has its model, at the beginning and after a death.
        slow_share: Part of the workers that are slow.
        slow_rate: Rate of these, as a part of `rate`.
        deaths: Of a worker in an hour of its work.
        tries: Of a shard whose worker died, before it is left to another run.
        outages: Times in an hour that the storage answers 503 to all.
        outage: Seconds of each.
        given_up: Images a second that a worker gives up meanwhile: those that it asks for at once,
            by the ten seconds that it asks.
    """

    images: int = 10_000_000
    shard_size: int = 2000
    workers: int = 64
    rate: float = 30.0
    overhead: float = 0.2
    start: float = 3.0
    slow_share: float = 0.1
    slow_rate: float = 1 / 3
    deaths: float = 0.05
    tries: int = 3
    outages: float = 0.1
    outage: float = 60.0
    given_up: float = 0.4


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        seconds: Until the last shard was there, with the second run for what was given up.
        ideal: Seconds if nothing died, nothing failed, all ended at the same time, and a shard cost
            nothing beside its images.
        lost: Seconds of workers whose work was lost with them, all together.
        idle: Seconds that workers waited for the last one, all together.
        given_up: Images that were asked for again by the second run.
        left: Shards that were left to the second run since their workers died each time.
        deaths: How many.
    """

    seconds: float
    ideal: float
    lost: float
    idle: float
    given_up: int
    left: int
    deaths: int


def simulate(run: Run, seed: int) -> Outcome:
    """Simulate a run, and the second one that asks again for what failed."""
    rng = np.random.default_rng(seed)
    rates = np.full(run.workers, run.rate)
    rates[: round(run.slow_share * run.workers)] *= run.slow_rate
    rng.shuffle(rates)
    sizes = _sizes(run)
    first = _pass(run, rates, sizes, _outages(run, rng), rng)
    again = [*first.given_up, *first.left]
    second = _pass(replace(run, deaths=0.0), rates, again, iter(()), rng) if again else _Pass()
    ideal = run.start + run.images / rates.sum()
    return Outcome(
        first.seconds + second.seconds,
        float(ideal),
        first.lost,
        first.idle + second.idle,
        sum(first.given_up),
        len(first.left),
        first.deaths,
    )


@dataclass
class _Pass:
    """A run from its beginning to its end; as `Outcome`, with lists of sizes."""

    seconds: float = 0.0
    lost: float = 0.0
    idle: float = 0.0
    deaths: int = 0
    given_up: Sequence[int] = ()
    left: Sequence[int] = ()


def _sizes(run: Run) -> list[int]:
    whole, rest = divmod(run.images, run.shard_size)
    return [run.shard_size] * whole + [rest] * (rest > 0)


def _outages(run: Run, rng: np.random.Generator) -> Iterator[float]:
    """Yield the moments when the storage begins to answer 503."""
    now = 0.0
    while run.outages:
        now += rng.exponential(HOUR / run.outages)
        yield now
        now += run.outage


def _pass(
    run: Run,
    rates: np.ndarray,
    sizes: Sequence[int],
    outages: Iterator[float],
    rng: np.random.Generator,
) -> _Pass:
    """Hand out shards, each to the worker that is free first."""
    free = [(run.start, worker) for worker in range(len(rates))]
    waiting = [(0, size) for size in reversed(sizes)]
    known, given_up, left, lost, deaths = list[float](), list[int](), list[int](), 0.0, 0
    ends = np.full(len(rates), run.start)
    while waiting:
        now, worker = heapq.heappop(free)
        tried, size = waiting.pop()
        seconds, failed = _work(run, size, rates[worker], now, known, outages)
        death = rng.exponential(HOUR / run.deaths) if run.deaths else np.inf
        if death < seconds:  # the worker that is free next takes it
            lost, deaths = lost + death, deaths + 1
            if tried + 1 < run.tries:
                waiting.append((tried + 1, size))
            else:
                left.append(size)
            seconds = death + run.start
        elif failed:
            given_up.append(failed)
        ends[worker] = now + seconds
        heapq.heappush(free, (now + seconds, worker))
    idle = float((ends.max() - ends).sum())
    return _Pass(float(ends.max()), lost, idle, deaths, given_up, left)


def _work(
    run: Run, size: int, rate: float, now: float, known: list[float], outages: Iterator[float]
) -> tuple[float, int]:
    """Return the seconds of a shard that is begun now, and how many of its images are given up.

    `known` are the outages so far; more are asked for as time goes on.
    """
    at, todo, failed = now, float(size), 0.0
    while True:
        while not known or known[-1] < at + todo / rate:
            if (another := next(outages, None)) is None:
                break
            known.append(another)
        begin = next((one for one in known if one + run.outage > at), np.inf)
        if begin >= at + todo / rate:
            return at + todo / rate + run.overhead - now, round(failed)
        todo -= max(0.0, begin - at) * rate
        at = max(at, begin)
        until = min(begin + run.outage, at + todo / run.given_up)
        failed += (until - at) * run.given_up
        todo -= (until - at) * run.given_up
        at = until
        if todo < 1e-6:  # of rounding
            return at + run.overhead - now, round(failed)


def table(run: Run, seeds: int) -> Iterator[str]:
    """Yield the rows of a Markdown table: the mean of so many simulated runs each."""
    yield "| workers | shard | takes | more than ideal | done twice | waiting at the end |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for workers in (8, 64, 512):
        for size in (200, 2000, 20_000):
            one = replace(run, workers=workers, shard_size=size)
            found = [simulate(one, seed) for seed in range(seeds)]
            seconds = float(np.mean([outcome.seconds for outcome in found]))
            ideal = float(np.mean([outcome.ideal for outcome in found]))
            lost = np.mean([outcome.lost / outcome.seconds / workers for outcome in found])
            idle = np.mean([outcome.idle / outcome.seconds / workers for outcome in found])
            yield (
                f"| {workers} | {size:,} | {seconds / HOUR:.2f} h | {seconds / ideal - 1:.1%} | "
                f"{lost:.2%} | {idle:.1%} |"
            )


def main() -> None:
    """Print a table, or one run where a number of workers is given."""
    parser = argparse.ArgumentParser(description="Simulate a run of many workers.")
    for name in ("images", "shard_size", "workers"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    for name in ("rate", "overhead", "start", "slow_share", "slow_rate", "deaths", "outages"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=10, help="runs of each row of the table")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    seed, seeds = given.pop("seed"), given.pop("seeds")
    run = replace(Run(), **given)
    if "workers" in given:
        print(simulate(run, seed))
    else:
        print("\n".join(table(run, seeds)))


if __name__ == "__main__":
    main()
