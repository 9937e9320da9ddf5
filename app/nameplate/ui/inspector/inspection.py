"""The inspector's view of an image: bars, their caption, warnings."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from nameplate.domain.labels import DecidedBy
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier, score
from nameplate.ui.actions.keys import NAME_KEYS
from nameplate.ui.inspector.bar_rows import Bar
from nameplate.wording.texts import tr

_POOR_FIT: Final = 0.25
"""If the own probability of the best name is below this, no name seems to fit.

Measured with the starter model on 233 photos of 20 everyday objects: with the right name left out,
70% fall below it; with the right name there and chosen, none does.
"""

_CLEAR: Final = 0.7
"""At this probability among the others, a name gets no warning."""

_FEW, _MANY = 8, 11
"""Of many bars a few are shown at first: those below say nearly nothing."""

_TYPED: Final = -1


def bars_of(project: Project, row: int, classifier: Classifier) -> list[Bar]:
    """Return the bars of the image `row`, the most probable first."""
    scored = score(classifier, project.images.vectors_of(np.array([row])))
    scores, probabilities = scored.scores[0], scored.probabilities[0]
    labels = project.labels.members(row)
    decided_by = DecidedBy(int(project.labels.decided_by[row]))
    known = {c.key: c for c in project.concepts}
    shortcuts = dict(zip(known, NAME_KEYS, strict=False))
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
                decided_by=decided_by,
            )
        )
    return bars


def main_bars(bars: Sequence[Bar]) -> list[Bar]:
    """Return the first bars, those of the label and of what is being typed always among them.

    All, where hardly more would be left out than the button takes that shows them.
    """
    if len(bars) < _MANY:
        return [*bars]
    needed = [bar for bar in bars[_FEW:] if bar.is_label or bar.is_preview]
    return [*bars[: max(0, _FEW - len(needed))], *needed]


def caption(classifier: Classifier, *, is_without_learning: bool = False) -> str:
    """Return the caption of the bars; `is_without_learning` if there is a better classifier.

    Nothing for a single name, whose bar is always full.
    """
    if classifier.is_trivial:
        return ""
    among, of_each = tr("Probability among these names"), tr("Probability of each name")
    text = among if classifier.names.is_exclusive else of_each
    if classifier.decider == DecidedBy.PROBE:
        return tr("{probability}, learned from labels", probability=text)
    if is_without_learning:
        return tr("{probability}, without learning while you type", probability=text)
    return text


def warning(classifier: Classifier, bars: list[Bar]) -> str:
    """Return a warning about the bars; empty for none."""
    if classifier.is_trivial:
        return tr('One name always gets 100%. Add another, or "none of these".')
    fit = classifier.fit(max(bar.score for bar in bars))  # of the names, whatever was learned
    if fit is None or fit >= _POOR_FIT or bars[0].is_reject or bars[0].probability > _CLEAR:
        return ""
    return tr("No name seems to fit this picture.")
