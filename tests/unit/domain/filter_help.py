"""What a feature could find of images, for tests of filters."""

from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.findings import Finding
from nameplate.domain.filtering.typed import Parsed, parse

ODD: Final = Finding(
    "odd",
    "Doubtful",
    (("mistake", "Perhaps wrong"), ("misfit", "Fits least"), ("duplicate", "Nearly a copy")),
    "no doubtful label",
)
SEEN: Final = Finding("seen", "Seen", (("none", "Never seen"),), values="days")
WHOM: Final = Finding("whom", "By whom", (("none", "By nobody"),), values="texts")
FINDINGS: Final = (ODD, SEEN, WHOM)


def parsed(line: str, concepts: tuple[Concept, ...]) -> Parsed:
    """Return the filter that a line describes where features find what is odd, when, and whom."""
    return parse(line, concepts, FINDINGS)
