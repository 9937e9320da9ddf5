"""The CSV of what a search found: rank, path and score."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.messages import Message
from nameplate.formats.csv import neutral, number, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import open_regular

_HEADER: Final = ("rank", "path", "score")


def write_hits(stream: BinaryIO, hits: Iterable[tuple[str, float]]) -> None:
    """Write the paths that a search found, the best first, each with its cosine."""
    rows = ([str(rank), neutral(path), number(score)] for rank, (path, score) in enumerate(hits, 1))
    write_rows(stream, chain([list(_HEADER)], rows))


def _is_hits(path: Path) -> bool:
    header = ",".join(_HEADER).encode()
    with open_regular(path) as stream:
        return stream.read(len(header) + 2).rstrip(b"\r\n") == header


HITS: Final = Kind(Message("hits-csv"), _is_hits)
