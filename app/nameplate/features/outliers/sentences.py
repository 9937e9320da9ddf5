"""What is said of decisions, pictures and names that deserve another look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.features.outliers.confusion import Advice, Confused
from nameplate.features.outliers.rules import Oddities, Oddity
from nameplate.project.labelling import Rows
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import counted, percent

_LONGEST: Final = 24
_KINDS: Final = {
    Oddity.MISTAKE: "Decisions that may be mistakes",
    Oddity.MISFIT: "Undecided, and fit the names least",
    Oddity.DUPLICATE: "Nearly the same picture, labelled differently",
}
_TEXTS: Final = {
    Oddity.MISTAKE: "What you decided about similar pictures, and the names, speak for another "
    "name. That is a reason to look, not a proof. Give a picture its name, or say "
    "that it is right.",
    Oddity.MISFIT: "These fit the names less than the others do. That is an order, not a "
    "verdict: there are always some. Name what is missing, or give them a name "
    "that means none of these.",
    Oddity.DUPLICATE: "Copies, shots of a burst, the same picture in another size. Where they "
    "show the same, give them the same name.",
}
_ADVICE: Final = {
    Advice.MERGE: "They mean the same to the model: merge them, and one becomes a synonym.",
    Advice.DESCRIBE_FIRST: "Give “{first}” a synonym or a sentence of its own that says how it "
    "differs.",
    Advice.DESCRIBE_BOTH: "Give both a synonym or a sentence that says how they differ; if they "
    "do not, merge them.",
}

Kind = Oddity | tuple[ConceptId, ConceptId]
"""What a line of the panel is about: a kind of pictures, or two names."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the panel.

    Attributes:
        kind: What it is about.
        title: In a few words.
        count: How many pictures, in words.
        text: What it means and what to do.
        rows: Of the pictures.
        names: Of a pair, as buttons say them; else empty.
    """

    kind: Kind
    title: str
    count: str
    text: str
    rows: Rows
    names: tuple[str, str] | None = None


def lines_of(found: Oddities, concepts: Sequence[Concept]) -> list[Line]:
    """Return the lines that say what was found."""
    lines = list[Line]()
    for kind, title in _KINDS.items():
        rows, text = found.rows[kind], _TEXTS[kind]
        count = f"{len(rows):,}" if len(rows) else "none"
        if kind is Oddity.MISTAKE and found.missing:
            count = "not enough yet"
            text = f"Not enough yet: {counted(found.missing, 'more decision')} before decisions "
            text += "can be compared with one another."
        elif not len(rows):
            text = "Nothing odd here."
        lines.append(Line(kind, title, count, text, rows))
    names = {concept.key: _short(concept.name) for concept in concepts}
    pairs = [one for one in found.confused if one.first in names and one.second in names]
    return [*lines, *(_pair_line(one, names) for one in pairs)]


def _pair_line(pair: Confused, names: dict[ConceptId, str]) -> Line:
    first, second = names[pair.first], names[pair.second]
    share = percent(pair.share)
    if pair.decisions:
        said = (
            f"Of your {pair.decisions:,} decisions about the two, the names alone would have got "
            f"{share} the wrong way round."
        )
    else:
        said = f"{share} of their pictures could be either. That is from the names alone."
    advice = _ADVICE[pair.advice].format(first=first)
    return Line(
        (pair.first, pair.second),
        f"“{first}” is taken for “{second}”",
        f"{len(pair.rows):,}",
        f"{said} {advice}",
        pair.rows,
        (first, second),
    )


def _short(name: str) -> str:
    return shortened(one_line(name), _LONGEST)
