"""What is measured, as figures with their spread, and how they compare with what is wanted."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

DESIGN_TARGETS: Final = {
    "end-to-end.of-limit": ("at least", 0.95),
    "decode.jpeg-12.ratio": ("at least", 5.0),
    "decode.jpeg-12.cosine": ("at least", 0.999),
    "rescore.100000": ("at most", 150.0),
    "rescore.growth": ("at most", 12.0),
    "window.usable": ("at most", 1.5),
    "torch.fp32.ratio": ("at least", 1.6),
    "torch.int8.ratio": ("at least", 3.5),
}
"""Key of a figure -> the bound that it should keep."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        key: A stable name, such as `decode.jpeg-12.ratio`; its first part is the measurement's.
        title: What the table calls it.
        value: The median of the rounds, or the one number there is.
        unit: Of `value`.
        low: The lowest of the rounds.
        high: The highest.
        rounds: How many there were.
        note: What must be known to read it; may be empty.
    """

    key: str
    title: str
    value: float
    unit: str
    low: float
    high: float
    rounds: int = 1
    note: str = ""

    @property
    def target(self) -> str:
        """What the design wants, such as `at least 5`; empty where it wants nothing."""
        bound = DESIGN_TARGETS.get(self.key)
        return f"{bound[0]} {bound[1]:g}" if bound else ""

    @property
    def is_met(self) -> bool | None:
        """Whether the value keeps the target; None where there is none."""
        bound = DESIGN_TARGETS.get(self.key)
        if bound is None:
            return None
        return self.value >= bound[1] if bound[0] == "at least" else self.value <= bound[1]

    def as_json(self) -> dict[str, Any]:
        """Return it as an object for JSON, `target` and `met` among its fields."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {**fields, "target": self.target, "met": self.is_met}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """Return the figure that `as_json` made `found` of."""
        return cls(**{name: found[name] for name in cls.__slots__})


def figure(key: str, title: str, values: Iterable[float], unit: str, *, note: str = "") -> Figure:
    """Return the median of `values`, one a round, with their spread."""
    rounds = [float(value) for value in values]  # numpy's numbers are none for JSON
    middle = statistics.median(rounds)
    return Figure(key, title, middle, unit, min(rounds), max(rounds), len(rounds), note)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return how often `theirs` goes into `ours`, round by round.

    The two of one round were measured one after the other, so what slowed the machine down slowed
    both; a ratio of medians would mix quiet rounds with busy ones.
    """
    return [own / other for own, other in zip(ours, theirs, strict=True)]


def cpu_limit(session_seconds: float, decode_cpu_seconds: float, cores: int) -> float:
    """Return the images/s that a processor allows that is never idle.

    Args:
        session_seconds: Of the bare session for an image, all cores together.
        decode_cpu_seconds: Of one core, to read and prepare an image.
        cores: That share the decoding.
    """
    return 1.0 / (session_seconds + decode_cpu_seconds / cores)
