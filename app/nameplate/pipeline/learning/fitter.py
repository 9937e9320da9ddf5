"""Fits a probe to the decisions in a project: the same for the window and the command line."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.images import vectors_in
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.learning.decisions import ToLearn, to_learn
from nameplate.pipeline.learning.fitted import FindStacks, Fitted, TaughtElsewhere
from nameplate.pipeline.learning.guard import Evidence
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.facts import IMPORTED_CLASSIFIER
from nameplate.project.project import Project
from nameplate.scoring.zero_shot import ZeroShot

_OTHER_FOLDER: Final = 0.1
"""Part of the images that must have come or gone before another sample is taken."""

_SAME_MODEL: Final = 0.5
"""Least cosine of the vectors of a name, mean of all, by one model: in other sentences it is above
0.8, and by another model about 0."""


class Learner:
    """Fits a probe where the decisions show that it is better than the names; a `Fitter`.

    A sample of the images, in which directions they spread, and whether learning helped after how
    many decisions, are found once and kept while the images are nearly the same.
    """

    def __init__(self) -> None:
        self._images, self._is_whole = 0, False
        self._sample: Sample | None = None

    def training_data(
        self, project: Project, names: ZeroShot, stacks: FindStacks
    ) -> ToLearn | None:
        """Return the decisions and the imported classifier; None where there is neither."""
        found = to_learn(project, names.concepts, stacks)
        taught = imported_classifier(project, names)
        return replace(found, taught=taught) if len(found.rows) or taught else None

    def fit(
        self, names: ZeroShot, data: ToLearn, blocks: Sequence[ImageVectors], cancel: CancelToken
    ) -> Fitted:
        """Return the best classifier that the decisions allow, with `Evidence`."""
        sample = self._sample_of(blocks, data.ready, is_whole=data.is_whole)
        undecided, decisions = vectors_in(blocks, data.undecided), data.decisions(blocks)
        return learn(names, decisions, sample, cancel, undecided, data.taught)

    def look_ahead(self, blocks: Sequence[ImageVectors], ready: int) -> None:
        """Find the sample of all images and its directions, which do not depend on decisions.

        Of many images with descriptors the directions take half a second of the first fit.
        """
        _ = self._sample_of(blocks, ready, is_whole=True).directions

    def _sample_of(self, blocks: Sequence[ImageVectors], ready: int, *, is_whole: bool) -> Sample:
        is_other = abs(ready - self._images) > _OTHER_FOLDER * self._images
        # Of all images it is always the same, however they were read.
        is_other |= is_whole and (ready, True) != (self._images, self._is_whole)
        if self._sample is None or is_other:
            self._sample, self._images, self._is_whole = Sample.of(blocks), ready, is_whole
        return self._sample


def is_taught(project: Project) -> bool:
    """Return whether a project has anything to learn from, once its images are read."""
    is_decided = (project.labels.decided_by == DecidedBy.PERSON).any()
    return bool(is_decided) or project.fact(IMPORTED_CLASSIFIER) is not None


def evidence_of(fitted: Fitted | None) -> Evidence | None:
    """Return the `Evidence` of a fit; None without a fit, or for another feature's fitter."""
    found = fitted.evidence if fitted else None
    return found if isinstance(found, Evidence) else None


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
    sizes = size, project.images.descriptor_size if found.descriptor_size else 0
    if not rows or sizes != (found.size, found.descriptor_size):
        return None
    similarity = (names.vectors[columns] * weights[rows]).sum(axis=1).mean()
    if similarity < _SAME_MODEL:
        return None
    vectors, bias = np.zeros_like(names.vectors), np.zeros(len(names.concepts), np.float32)
    vectors[columns] = weights[len(found.keys) :][rows]
    bias[columns] = np.array(found.bias, np.float32)[rows]
    described = np.empty((0, 0), np.float32)
    if found.descriptor_size:
        described = np.zeros((len(names.concepts), found.descriptor_size), np.float32)
        described[columns] = found.descriptor_weights[rows]
    probe = Probe(names, vectors, described, bias, found.scale, found.decisions)
    return TaughtElsewhere(found.where, probe)
