"""The classifier that a project imported, for the names that it has now."""

from typing import Final

import numpy as np

from nameplate.pipeline.learning.fitted import TaughtElsewhere
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.facts import IMPORTED_CLASSIFIER
from nameplate.project.project import Project
from nameplate.scoring.zero_shot import ZeroShot

_SAME_MODEL: Final = 0.5
"""Least cosine of the vectors of a name, mean of all, by one model: in other sentences it is above
0.8, and by another model about 0."""


def imported_classifier(project: Project, names: ZeroShot) -> TaughtElsewhere | None:
    """Return the imported classifier over the concepts of `names`.

    None where there is none, or another model sees the images now. Nothing was learned about names
    that came later.
    """
    found = project.fact(IMPORTED_CLASSIFIER)
    if found is None or found.is_exclusive != names.is_exclusive or not names.concepts:
        return None
    size, weights = names.vectors.shape[1], found.vectors
    places = {key: place for place, key in enumerate(found.keys)}
    columns = [column for column, c in enumerate(names.concepts) if c.key in places]
    rows = [places[names.concepts[column].key] for column in columns]
    if not rows or size != found.size:
        return None
    likeness = (names.vectors[columns] * weights[rows]).sum(axis=1).mean()
    if likeness < _SAME_MODEL:
        return None
    vectors, bias = np.zeros_like(names.vectors), np.zeros(len(names.concepts), np.float32)
    vectors[columns] = weights[len(found.keys) :][rows]
    bias[columns] = np.array(found.bias, np.float32)[rows]
    return TaughtElsewhere(found.where, Probe(names, vectors, bias, found.scale, found.decisions))
