"""Fitting a classifier to a project's decisions, for window and command line."""

import logging
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.learning.fitted import FindStacks, Fitted, Fitter
from nameplate.pipeline.learning.fitter import Learner
from nameplate.plug_ins.failures import tell_of_plug_in
from nameplate.plug_ins.registry import named
from nameplate.project.project import Project
from nameplate.scoring.classifier import score
from nameplate.scoring.zero_shot import ZeroShot

_LOG: Final = logging.getLogger(__name__)

Choice = tuple[Fitter, Any] | None
"""What is to be fitted: who does it, and to what `training_data`. None for the names alone."""


def fitters(own: Learner | None = None) -> list[Fitter]:
    """Return the program's own fitter and a new one of each kind that features declare."""
    return [own or Learner(), *named("classifiers")]


def choose(
    among: Sequence[Fitter], project: Project, names: ZeroShot, stacks: FindStacks
) -> Choice:
    """Choose the last fitter that has training data in a project.

    Nothing where a person wants suggestions by names alone.
    """
    for fitter in reversed(among if project.settings.learns else ()):
        try:
            data = fitter.training_data(project, names, stacks)
        except CancelledError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told by `fit`
            if tell_of_plug_in(error):
                continue
            data = error
        if data is not None:
            return fitter, data
    return None


def is_same(one: Any, other: Any) -> bool:
    """Whether two choices, or their training data, are equal; arrays are compared as a whole.

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
    choice: Choice, names: ZeroShot, blocks: Sequence[ImageVectors], cancel: CancelToken
) -> Fitted | None:
    """Fit the choice; on failure return `names` with the reason; None for no choice."""
    if choice is None:
        return None
    fitter, data = choice
    if isinstance(data, BaseException):
        return failed(names, data)
    try:
        return _tried_out(fitter.fit(names, data, blocks, cancel), names, blocks)
    except CancelledError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the names are still there
        return failed(names, error)


def _tried_out(fitted: Fitted, names: ZeroShot, blocks: Sequence[ImageVectors]) -> Fitted:
    """Try a fitted classifier on one image, and return it.

    Raises:
        ValueError: It does not give a probability for each name.
    """
    nothing = np.zeros((1, names.vectors.shape[1]), np.float32)
    one = blocks[0].take(slice(1)) if blocks else ImageVectors.of(nothing)
    shape = score(fitted.classifier, one).probabilities.shape
    if shape != (len(one.embeddings), len(fitted.classifier.concepts)):
        raise ValueError(f"{shape} probabilities for {len(fitted.classifier.concepts)} names")
    return fitted


def failed(names: ZeroShot, error: BaseException) -> Fitted:
    """Return the names alone, since nothing else could be fitted."""
    if not tell_of_plug_in(error):
        _LOG.error("nothing could be learned", exc_info=error)
    reason = str(error)[:200] or type(error).__name__
    why = Message("learning-failed", {"reason": reason})
    return Fitted(names, Message("suggested-by-names", {"why": why}))
