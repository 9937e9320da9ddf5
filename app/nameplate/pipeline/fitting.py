"""Classifiers that features fit to a person's decisions, for window and command line."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier, score
from nameplate.scoring.zero_shot import FromNames, ZeroShot
from nameplate.system.features import answers, named


def find_stacks(images: ImageTable, cancel: CancelToken) -> Stacks:
    """Return which images belong together; where no feature finds that, each stands alone."""
    return next(answers("stacks", images, cancel), no_stacks(len(images)))


FindStacks = Callable[[], Stacks | None]
"""Gives the stacks; None where they are not known yet, and everything is asked again then."""

_LOG = logging.getLogger(__name__)


class TaughtElsewhere(NamedTuple):
    """What was learned in another project, and is in use in this one.

    Attributes:
        where: The name of that project, or of the folder that it came in.
        classifier: With the names of this one.
    """

    where: str
    classifier: FromNames


class Fitted(NamedTuple):
    """What was fitted.

    Attributes:
        classifier: The best one that the decisions allow, which may be the names alone.
        said: What suggestions come from now, in a few words, or why from the names alone.
        evidence: What the feature knows of its worth, for its own panel.
    """

    classifier: Classifier
    said: Message
    evidence: Any = None


class Fitter(Protocol):
    """Fits classifiers to what a person decides in one project, as one model sees its images.

    A feature declares its class; one is made for each project and model, and may keep for the next
    fit what it found in the last.
    """

    def training_data(self, project: Project, names: ZeroShot, stacks: FindStacks) -> Any:
        """Return what a classifier would be fitted to now, as a value; None for nothing.

        Called in the window's thread after each change, so it takes a few milliseconds. Where it
        equals the value before (`is_same`), nothing is fitted.

        Args:
            project: Only what is in it may be used, so that it can be tried without some decisions.
            names: The zero-shot classifier of now.
            stacks: Called where images of one stack must be no evidence for one another.
        """
        ...

    def fit(
        self, names: ZeroShot, data: Any, blocks: Sequence[Vectors], cancel: CancelToken
    ) -> Fitted:
        """Return a classifier that starts from `names`, or these; called on another thread.

        Args:
            names: As they were given to `training_data`.
            data: What that returned.
            blocks: Embeddings of all images, as `ImageTable.blocks` gives them.
            cancel: To be looked at now and then.
        """
        ...


Choice = tuple[Fitter, Any] | None
"""What is to be fitted: who does it, and to what `training_data`. None for the names alone."""


def fitters() -> list[Fitter]:
    """Return a new one of each kind that features declare."""
    return list(named("classifiers"))


def choose(
    among: Sequence[Fitter], project: Project, names: ZeroShot, stacks: FindStacks
) -> Choice:
    """Return what is to be fitted in a project: by the last that has something to go by.

    Nothing where a person wants suggestions by names alone.
    """
    for fitter in reversed(among if project.settings.learns else ()):
        try:
            data = fitter.training_data(project, names, stacks)
        except CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - told by `fit`, in place of what it would tell
            data = error
        if data is not None:
            return fitter, data
    return None


def is_same(one: Any, other: Any) -> bool:
    """Whether two choices, or what they are fitted to, are equal; arrays are compared as a whole.

    What cannot be compared is another one each time.
    """
    kinds: list[type[Any]] = [type(one), type(other)]
    if all(issubclass(kind, tuple) for kind in kinds):
        return len(one) == len(other) and all(map(is_same, one, other))
    try:
        return np.array_equal(one, other) if np.ndarray in kinds else bool(one == other)
    except Exception:  # noqa: BLE001 - whatever a feature of others does
        return False


def fit(
    choice: Choice, names: ZeroShot, blocks: Sequence[Vectors], cancel: CancelToken
) -> Fitted | None:
    """Return what was fitted: `names` with the reason where that fails; None for no choice."""
    if choice is None:
        return None
    fitter, data = choice
    if isinstance(data, Exception):
        return failed(names, data)
    try:
        return _tried_out(fitter.fit(names, data, blocks, cancel), names, blocks)
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the names are still there
        return failed(names, error)


def _tried_out(fitted: Fitted, names: ZeroShot, blocks: Sequence[Vectors]) -> Fitted:
    """Return what was fitted once its classifier has judged one image.

    Raises:
        ValueError: It does not give a probability for each name.
    """
    one = blocks[0][:1] if blocks else np.zeros((1, names.weights.shape[1]), np.float32)
    shape = score(fitted.classifier, one).probabilities.shape
    if shape != (len(one), len(fitted.classifier.concepts)):
        raise ValueError(f"{shape} probabilities for {len(fitted.classifier.concepts)} names")
    return fitted


def failed(names: ZeroShot, error: Exception) -> Fitted:
    """Return the names alone, since nothing else could be fitted."""
    _LOG.error("nothing could be learned", exc_info=error)
    reason = str(error)[:200] or type(error).__name__
    why = Message("learning-failed", {"reason": reason})
    return Fitted(names, Message("suggested-by-names", {"why": why}))
