"""Uses in a project what was taught elsewhere: its names, minimums and what was learned."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from nameplate.domain.changes import SetConcepts, SetFact, Several
from nameplate.domain.concepts import MOST_CONCEPTS, Concept, ConceptId, in_tree_order
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import value_of
from nameplate.domain.naming.edits import joined
from nameplate.features.classifier.facts import TAUGHT_ELSEWHERE
from nameplate.features.classifier.saved import SavedClassifier, are_weights
from nameplate.pipeline.fitting import TaughtElsewhere
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.facts import SETTINGS
from nameplate.project.project import Project
from nameplate.scoring.zero_shot import ZeroShot

_SAME_MODEL: Final = 0.5
"""Least cosine of the vectors of a name, mean of all, by one model: in other sentences it is above
0.8, and by another model about 0."""

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """What a project keeps of a classifier that it uses.

    Attributes:
        where: What the classifier is called.
        keys: The ids of K concepts here.
        size: Length D of an embedding.
        weights: The vectors of their names there, then those that were learned: 2K x D float32,
            lowest byte first, in base 64.
        bias: K.
        scale: Of the zero-shot logits.
        is_exclusive: Whether an image has one label.
        decisions: A digest of the decisions that it learned from.
    """

    where: str
    keys: tuple[int, ...]
    size: int
    weights: str
    bias: tuple[float, ...]
    scale: float
    is_exclusive: bool
    decisions: str


def brought_json(brought: Brought | None) -> dict[str, Any] | None:
    """Return it as what JSON can hold."""
    return None if brought is None else asdict(brought)


def brought_of(value: Any) -> Brought | None:
    """Return it from JSON.

    Raises:
        ValueError, LookupError, TypeError: It is none.
    """
    if value is None:
        return None
    found: Brought = value_of(Brought, value)
    count = len(found.keys)
    is_right = len(found.bias) == count <= MOST_CONCEPTS and len(found.where) <= _LONGEST
    vectors = _vectors(found) if is_right and found.size > 0 else None
    numbers = np.array([found.scale, *found.bias])
    if vectors is None or not (are_weights(vectors) and are_weights(numbers)):
        raise ValueError("no classifier")
    return found


@lru_cache(maxsize=2)
def _vectors(brought: Brought) -> Vectors:
    content = base64.b64decode(brought.weights, validate=True)
    return np.frombuffer(content, "<f4").reshape(2 * len(brought.keys), brought.size)


def use(project: Project, saved: SavedClassifier, where: str) -> Several:
    """Return the change by which a project uses a classifier.

    Names that are there stay as they are, and take over the minimum where they have none; a project
    without names takes over how labels are given, too.

    Args:
        project: Which.
        saved: The classifier.
        where: What it is called.

    Raises:
        UsageError: One of both allows several labels an image, and the other does not.
    """
    names, settings = saved.names, replace(project.settings, learns=True)
    if not project.concepts:
        settings = replace(
            settings,
            template_set=names.template_set,
            minimum=saved.minimum,
            is_multi=names.multi,
        )
    elif settings.is_multi != names.multi:
        raise UsageError("classifier-of-several-labels" if names.multi else "classifier-of-one")
    after = joined(project.concepts, names.concepts, least_key=project.next_concept_id)
    there = {concept.name.casefold(): concept for concept in names.concepts}
    concepts = in_tree_order([_with_minimum(c, there.get(c.name.casefold())) for c in after])
    keys = {concept.name.casefold(): concept.key for concept in concepts}
    brought = None
    if saved.probe is not None:
        mine = [keys[concept.name.casefold()] for concept in names.concepts]
        brought = _brought(saved.probe, mine, where)
    return Several(
        (SetConcepts(concepts), SetFact(SETTINGS, settings), SetFact(TAUGHT_ELSEWHERE, brought))
    )


def _with_minimum(concept: Concept, there: Concept | None) -> Concept:
    if there is None or concept.threshold is not None:
        return concept
    return replace(concept, threshold=there.threshold)


def _brought(probe: Probe, keys: Sequence[ConceptId], where: str) -> Brought:
    weights = np.concatenate([probe.names.vectors, probe.vectors]).astype("<f4")
    return Brought(
        where[:_LONGEST],
        tuple(keys),
        weights.shape[1],
        base64.b64encode(weights.tobytes()).decode(),
        tuple(float(one) for one in probe.bias),
        float(probe.scale),
        probe.is_exclusive,
        probe.decisions,
    )


def taught(project: Project, names: ZeroShot) -> TaughtElsewhere | None:
    """Return what was taught elsewhere, for the names of a project; see `Feature.taught`.

    None where there is nothing, or another model sees the images now. Of names that came later
    nothing was learned.
    """
    brought = project.fact(TAUGHT_ELSEWHERE)
    if brought is None or brought.is_exclusive != names.is_exclusive or not names.concepts:
        return None
    size, weights = names.vectors.shape[1], _vectors(brought)
    places = {key: place for place, key in enumerate(brought.keys)}
    columns = [column for column, c in enumerate(names.concepts) if c.key in places]
    rows = [places[names.concepts[column].key] for column in columns]
    if not rows or size != brought.size:
        return None
    likeness = (names.vectors[columns] * weights[rows]).sum(axis=1).mean()
    if likeness < _SAME_MODEL:
        return None
    vectors, bias = np.zeros_like(names.vectors), np.zeros(len(names.concepts), np.float32)
    vectors[columns] = weights[len(brought.keys) :][rows]
    bias[columns] = np.array(brought.bias, np.float32)[rows]
    return TaughtElsewhere(
        brought.where, Probe(names, vectors, bias, brought.scale, brought.decisions)
    )
