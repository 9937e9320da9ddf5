"""The measurements that there are, each run in a process of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from nameplate.services.benchmark.figures import Figure
from nameplate.services.benchmark.reading import (
    measure_decode,
    measure_end_to_end,
    measure_memory,
    measure_reopen,
    measure_scan,
    measure_session,
)
from nameplate.services.benchmark.scoring import measure_rescore, measure_text
from nameplate.services.benchmark.setting import Setting


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement.

    Attributes:
        title: What the table and the progress call it.
        measure: Does it; None where the layer above has it.
        starts: In how many processes it is repeated, one after the other.
    """

    title: str
    measure: Callable[[Setting], Iterator[Figure]] | None
    starts: int = 1


PARTS: Final = {
    "scan": Part("finding files", measure_scan),
    "decode": Part("decoding", measure_decode),
    "session": Part("the bare image encoder", measure_session),
    "end-to-end": Part("files to embeddings", measure_end_to_end),
    "reopen": Part("known files again", measure_reopen),
    "text": Part("a typed name", measure_text),
    "rescore": Part("rating", measure_rescore),
    "memory": Part("memory", measure_memory),
    "window": Part("start of the window", None, starts=3),
}
