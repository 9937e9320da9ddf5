"""What the inspector says of an image: its bars, how far the best name is ahead, warnings."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from nameplate.domain.labels import DecidedBy
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier, score
from nameplate.ui.inspector.bar_rows import Bar

_POOR_FIT: Final = 0.25
"""If the own probability of the best name is below this, no name seems to fit.

Measured with the starter model on 233 photos of 20 everyday objects: with the right name left out,
70% fall below it; with the right name there and chosen, none does.
"""

_CLEAR: Final = 0.7
"""At this probability among the others, a name gets no warning."""

_NARROW: Final = 0.1
"""With less between the two best names, neither is said to be the one."""


_TYPED: Final = -1


def bars_of(project: Project, row: int, classifier: Classifier, keys: Sequence[str]) -> list[Bar]:
    """Return the bars of the image `row`, the most probable first; `keys` are of the names."""
    scored = score(classifier, project.images.embeddings_of(np.array([row])))
    scores, probabilities = scored.scores[0], scored.probabilities[0]
    labels = project.labels.members(row)
    by_person = bool(project.labels.decided_by[row] == DecidedBy.PERSON)
    known = {c.key: c for c in project.concepts}
    shortcuts = dict(zip(known, keys, strict=False))
    bars = list[Bar]()
    for i in np.lexsort((-scores, -probabilities)).tolist():
        concept = classifier.concepts[i]
        is_known = concept.key in known
        now = known[concept.key] if is_known else concept  # the project may have a newer colour
        bars.append(
            Bar(
                key=concept.key if is_known else _TYPED,
                name=now.name,
                colour=now.colour,
                probability=float(probabilities[i]),
                score=float(scores[i]),
                is_reject=now.is_reject,
                is_preview=not is_known,
                is_label=concept.key in labels,
                shortcut=shortcuts.get(concept.key, "") if is_known else "",
                is_decided=by_person and concept.key in labels,
            )
        )
    return bars


def caption(bars: list[Bar]) -> str:
    """Return how far the best name is ahead of the next, in words; empty for a single name.

    Where each name is judged by itself, none is ahead of another.
    """
    if len(bars) == 1 or math.isnan(bars[0].probability + bars[1].probability):
        return ""
    best, second = bars[0], bars[1]
    lead = best.probability - second.probability
    if lead >= _CLEAR:
        return f"Among these names clearly “{best.name}”."
    if lead >= _NARROW:
        return f"More “{best.name}” than “{second.name}”."
    return f"“{best.name}” or “{second.name}”: about as probable."


def warning(classifier: Classifier, bars: list[Bar]) -> str:
    """Return what is to be doubted about bars; empty for nothing."""
    if classifier.is_trivial:
        return "With one name every picture gets 100%. Add another, or one for none of these."
    fit = classifier.fit(max(bar.score for bar in bars))  # of the names, whatever was learned
    if fit is None or fit >= _POOR_FIT or bars[0].is_reject or bars[0].probability > _CLEAR:
        return ""
    return "None of the names seems to fit this picture."
