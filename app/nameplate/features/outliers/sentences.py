"""What is said of possible mistakes: of labels, pictures and names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.text import deferred
from nameplate.features.outliers.confusion import Advice, Confused
from nameplate.features.outliers.rules import Oddities, Oddity
from nameplate.project.labelling import Rows
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import format_number, percent
from nameplate.wording.texts import sentences, tr, trn

_LONGEST: Final = 24
_KINDS: Final = {
    Oddity.MISTAKE: deferred("Labels that may be wrong"),
    Oddity.MISFIT: deferred("Pictures that may need a new name"),
    Oddity.DUPLICATE: deferred("Near copies with different labels"),
}
_TEXTS: Final = {
    Oddity.MISTAKE: deferred(
        "The names and your labels of similar pictures suggest another name. It may "
        "still be right: look, then rename a picture or mark it as right."
    ),
    Oddity.MISFIT: deferred(
        "These undecided pictures fit the names least; some always will. Add the name "
        "that is missing, or one that means none of these."
    ),
    Oddity.DUPLICATE: deferred(
        "Copies, bursts, other sizes of one picture, also copies you left undecided "
        "that are suggested otherwise. Give them the same name where they show the same."
    ),
}
_ADVICE: Final = {
    Advice.MERGE: deferred("They mean the same to the model. Merge them: one becomes a synonym."),
    Advice.DESCRIBE_FIRST: deferred("Give {first} a synonym or a prompt that tells it apart."),
    Advice.DESCRIBE_BOTH: deferred(
        "Give both a synonym or a prompt that tells them apart, or merge them."
    ),
}
_ADVICE_BY_LABELS: Final = {
    **_ADVICE,
    Advice.DESCRIBE_FIRST: deferred(
        "If your labels are right, give {first} a synonym or a prompt that tells it apart."
    ),
    Advice.DESCRIBE_BOTH: deferred(
        "If your labels are right, give both a synonym or a prompt that tells them apart, "
        "or merge them."
    ),
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
        rows, text = found.rows[kind], tr(_TEXTS[kind])
        count = format_number(len(rows)) if len(rows) else tr("none", "pictures")
        if kind is Oddity.MISTAKE and found.missing:
            count, text = tr("not enough yet"), not_enough(found.missing)
        elif not len(rows) and waiting:
            count = tr("none yet", "pictures")
            text = trn(
                "Nothing found yet: {count:,} picture is still being read.",
                "Nothing found yet: {count:,} pictures are still being read.",
                waiting,
            )
        elif not len(rows) and kind is Oddity.DUPLICATE and seeks_copies:
            count = tr("none yet", "pictures")
            text = tr("Nothing found yet: copies are still being looked for.")
        elif not len(rows):
            text = tr("Nothing found.")
        lines.append(Line(kind, tr(title), count, text, rows))
    names = {concept.key: shortened(one_line(concept.name), _LONGEST) for concept in concepts}
    pairs = [one for one in found.confused if one.first in names and one.second in names]
    return [*lines, *(_pair_line(one, names) for one in pairs)]


def not_enough(missing: int) -> str:
    """Return how many pictures have to be labelled before mistakes can be found."""
    return trn(
        "Not enough yet. Label {count:,} more picture first.",
        "Not enough yet. Label {count:,} more pictures first.",
        missing,
    )


def _pair_line(pair: Confused, names: dict[ConceptId, str]) -> Line:
    first, second = names[pair.first], names[pair.second]
    if pair.decisions:
        said = trn(
            "For {count:,} picture, you and the names alone both say {first} or {second}, but not "
            "the same for {differing:,}.",
            "For {count:,} pictures, you and the names alone both say {first} or {second}, but not "
            "the same for {differing:,}.",
            pair.decisions,
            first=first,
            second=second,
            differing=round(pair.share * pair.decisions),
        )
    else:
        share = percent(pair.share)
        said = tr("By the names alone, {share} of their pictures could be either.", share=share)
    advice = (_ADVICE_BY_LABELS if pair.decisions else _ADVICE)[pair.advice]
    return Line(
        (pair.first, pair.second),
        tr("{first} is taken for {second}", first=first, second=second),
        format_number(len(pair.rows)),
        sentences(said, tr(advice, first=first)),
        pair.rows,
        (first, second),
    )
