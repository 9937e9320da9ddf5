"""Uses in a project what was taught elsewhere: its names, minimums and what was learned."""

import base64
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nameplate.domain.changes import SetConcepts, SetFact, Several
from nameplate.domain.concepts import Concept, ConceptId, in_tree_order
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.edits import joined
from nameplate.features.classifier.saved import SavedClassifier
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.facts import IMPORTED_CLASSIFIER, SETTINGS
from nameplate.project.imported_classifier import LONGEST_NAME, ImportedClassifier
from nameplate.project.project import Project


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
    imported = None
    if saved.probe is not None:
        mine = [keys[concept.name.casefold()] for concept in names.concepts]
        imported = _imported(saved.probe, mine, where)
    return Several(
        (SetConcepts(concepts), SetFact(SETTINGS, settings), SetFact(IMPORTED_CLASSIFIER, imported))
    )


def _with_minimum(concept: Concept, there: Concept | None) -> Concept:
    if there is None or concept.threshold is not None:
        return concept
    return replace(concept, threshold=there.threshold)


def _imported(probe: Probe, keys: Sequence[ConceptId], where: str) -> ImportedClassifier:
    weights = np.concatenate([probe.names.vectors, probe.vectors]).astype("<f4")
    return ImportedClassifier(
        where[:LONGEST_NAME],
        tuple(keys),
        weights.shape[1],
        base64.b64encode(weights.tobytes()).decode(),
        tuple(float(one) for one in probe.bias),
        float(probe.scale),
        probe.is_exclusive,
        probe.decisions,
    )
