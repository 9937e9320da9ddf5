"""Fits a probe to the decisions in a project: the same for the window and the command line."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nameplate.domain.embeddings import Vectors
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.learning.decisions import SAMPLE, ToLearn, to_learn
from nameplate.pipeline.learning.fitted import FindStacks, Fitted
from nameplate.pipeline.learning.guard import Evidence
from nameplate.pipeline.learning.imported import imported_classifier
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.project.project import Project
from nameplate.scoring.spread import gathered, sample_of
from nameplate.scoring.zero_shot import ZeroShot

_OTHER_FOLDER: Final = 0.1
"""Part of the images that must have come or gone before the sample is data anew."""


class Learner:
    """Fits a probe where the decisions show that it is better than the names; a `Fitter`.

    A sample of the images, and in which directions they spread, are found once and kept while the
    images are nearly the same.
    """

    def __init__(self) -> None:
        self._images = 0
        self._sample: Sample | None = None

    def training_data(
        self, project: Project, names: ZeroShot, stacks: FindStacks
    ) -> ToLearn | None:
        """Return what there is to learn from; None without decisions, here and elsewhere."""
        found = to_learn(project, names.concepts, stacks)
        taught = imported_classifier(project, names)
        return replace(found, taught=taught) if len(found.rows) or taught else None

    def fit(
        self, names: ZeroShot, data: ToLearn, blocks: Sequence[Vectors], cancel: CancelToken
    ) -> Fitted:
        """Return the best classifier that the decisions allow, with `Evidence`."""
        ready = len(data.ready)
        if self._sample is None or abs(ready - self._images) > _OTHER_FOLDER * self._images:
            self._sample, self._images = Sample(sample_of(blocks, ready, SAMPLE)), ready
        undecided = gathered(blocks, data.undecided)
        decisions = data.decisions(blocks)
        learned = learn(names, decisions, self._sample, cancel, undecided, data.taught)
        return Fitted(learned.classifier, evidence=learned.evidence)


def evidence_of(fitted: Fitted | None) -> Evidence | None:
    """Return the evidence for what was learned; None where nothing was, or by another feature."""
    found = fitted.evidence if fitted else None
    return found if isinstance(found, Evidence) else None
