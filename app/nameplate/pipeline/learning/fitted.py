"""The protocol of a fitter, and the classifiers that it returns."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.zero_shot import FittedClassifier, ZeroShot

FindStacks = Callable[[], Stacks | None]
"""Gives the stacks; None where they are not known yet, and everything is asked again then."""


class TaughtElsewhere(NamedTuple):
    """A classifier that was fitted in another project and is in use in this one.

    Attributes:
        where: The name of that project, or of the folder that it came in.
        classifier: With the names of this one.
    """

    where: str
    classifier: FittedClassifier


class Fitted(NamedTuple):
    """The result of a fit.

    Attributes:
        classifier: The best one that the decisions allow, which may be the names alone.
        said: Where suggestions come from now, in a few words, or why from the names alone; None
            where `evidence` says it.
        evidence: The `Evidence` of the program's own fitter; anything of another's.
    """

    classifier: Classifier
    said: Message | None = None
    evidence: Any = None


class Fitter(Protocol):
    """Fits classifiers to a person's decisions in one project, with the vectors of one model.

    A feature declares its class; one is made for each project and model, and may keep for the next
    fit what it found in the last.
    """

    def training_data(self, project: Project, names: ZeroShot, stacks: FindStacks) -> Any:
        """Return the training data of a classifier, as a value; None for none.

        Called in the window's thread after each change, so it takes a few milliseconds. Where it
        equals the value before (`is_same`), nothing is fitted.

        Args:
            project: Only what is in it may be used, so that it can be tried without some decisions.
            names: The zero-shot classifier of now.
            stacks: Called where images of one stack must be no evidence for one another.
        """
        ...

    def fit(
        self, names: ZeroShot, data: Any, blocks: Sequence[ImageVectors], cancel: CancelToken
    ) -> Fitted:
        """Return a classifier that starts from `names`, or these; called on another thread.

        `names` and `data` are of `training_data`, `blocks` as `ImageTable.vectors` gives them.
        """
        ...
