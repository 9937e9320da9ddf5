"""What is said of possible mistakes: of labels, pictures and names."""

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
    Oddity.MISTAKE: "Labels that may be wrong",
    Oddity.MISFIT: "Pictures that may need a new name",
    Oddity.DUPLICATE: "Near copies with different labels",
}
_TEXTS: Final = {
    Oddity.MISTAKE: "The names and your labels of similar pictures suggest another name. It may "
    "still be right: look, then rename a picture or mark it as right.",
    Oddity.MISFIT: "These undecided pictures fit the names least; some always will. Add the name "
    "that is missing, or one that means none of these.",
    Oddity.DUPLICATE: "Copies, bursts, other sizes of one picture, also copies you left undecided "
    "that are suggested otherwise. Give them the same name where they show the same.",
}
_ADVICE: Final = {
    Advice.MERGE: "They mean the same to the model. Merge them: one becomes a synonym.",
    Advice.DESCRIBE_FIRST: "give {first} a synonym or a prompt that tells it apart.",
    Advice.DESCRIBE_BOTH: "give both a synonym or a prompt that tells them apart, or merge them.",
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


def lines_of(
    found: Oddities, concepts: Sequence[Concept], waiting: int = 0, *, seeks_copies: bool = False
) -> list[Line]:
    """Return the lines that say what was found, while so many pictures wait to be read."""
    lines = list[Line]()
    for kind, title in _KINDS.items():
        rows, text = found.rows[kind], _TEXTS[kind]
        count = f"{len(rows):,}" if len(rows) else "none"
        if kind is Oddity.MISTAKE and found.missing:
            count = "not enough yet"
            text = f"Not enough yet. Label {counted(found.missing, 'more picture')} first."
        elif not len(rows) and waiting:
            are = "is" if waiting == 1 else "are"
            count = "none yet"
            text = f"Nothing found yet: {counted(waiting, 'picture')} {are} still being read."
        elif not len(rows) and kind is Oddity.DUPLICATE and seeks_copies:
            count, text = "none yet", "Nothing found yet: copies are still being looked for."
        elif not len(rows):
            text = "Nothing found."
        lines.append(Line(kind, title, count, text, rows))
    names = {concept.key: _short(concept.name) for concept in concepts}
    pairs = [one for one in found.confused if one.first in names and one.second in names]
    return [*lines, *(_pair_line(one, names) for one in pairs)]


def _pair_line(pair: Confused, names: dict[ConceptId, str]) -> Line:
    first, second = names[pair.first], names[pair.second]
    advice = _ADVICE[pair.advice].format(first=first)
    if pair.decisions:
        both, differing = counted(pair.decisions, "picture"), round(pair.share * pair.decisions)
        said = (
            f"For {both}, you and the names alone both say {first} or {second}, but not the same "
            f"for {differing:,}."
        )
        if pair.advice is not Advice.MERGE:
            advice = f"If your labels are right, {advice}"
    else:
        said = f"By the names alone, {percent(pair.share)} of their pictures could be either."
        advice = f"{advice[:1].upper()}{advice[1:]}"
    return Line(
        (pair.first, pair.second),
        f"{first} is taken for {second}",
        f"{len(pair.rows):,}",
        f"{said} {advice}",
        pair.rows,
        (first, second),
    )


def _short(name: str) -> str:
    return shortened(one_line(name), _LONGEST)
