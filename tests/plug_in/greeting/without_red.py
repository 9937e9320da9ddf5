"""Suggests no picture as red."""

from dataclasses import dataclass

import numpy as np

from nameplate.domain.messages import Message
from nameplate.pipeline.learning.fitted import Fitted
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import FittedClassifier


@dataclass(frozen=True)
class WithoutRed(FittedClassifier):
    @property
    def made_from(self):
        return self.names.made_from, "without red"

    def probabilities(self, scores):
        found = self.names.probabilities(scores)
        may_be = np.array([concept.name != "red" for concept in self.concepts], np.float32)
        return ScoredImages(found.scores, found.probabilities * may_be)


class NeverRed:
    def training_data(self, project, names, stacks):
        return np.array([concept.name != "red" for concept in project.concepts])

    def fit(self, names, data, blocks, cancel):
        return Fitted(WithoutRed(names), Message("without-red"))
