"""What a feature could find of images, for tests of filters."""

from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.feature import Finding
from nameplate.domain.filtering.typed import Parsed, parse

ODD: Final = Finding(
    "odd",
    "Another look",
    (("mistake", "Perhaps wrong"), ("misfit", "Fits least"), ("duplicate", "Nearly a copy")),
    "no reason for another look",
)


def parsed(line: str, concepts: tuple[Concept, ...]) -> Parsed:
    """Return the filter that a line describes where a feature finds what is odd."""
    return parse(line, concepts, (ODD,))
