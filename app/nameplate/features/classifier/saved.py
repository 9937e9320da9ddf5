"""The content of a classifier's folder: names, weights and facts about its encoder."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.inference.specs import ModelFile, ModelManifest
from nameplate.pipeline.learning.guard import Evidence
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.wording.texts import tr, trn

if TYPE_CHECKING:  # `label` reads this module, and mostly needs no model
    from nameplate.inference.model import LoadedModel

FORMAT: Final = 2
"""Of the folder; it rises when an older Nameplate could not read it rightly any more."""
FORMAT_OF_EMBEDDINGS: Final = 1
"""Of a folder in which nothing was learned from descriptors, as 1.0 reads it."""

GRAPH: Final = "onnx/model.onnx"
WEIGHTS: Final = "weights.npy"
DESCRIBED: Final = "descriptors.npy"
"""What was learned from descriptors, K x E; only where something was."""
MANIFEST_FILE: Final = "classifier.toml"


@dataclass(frozen=True, slots=True)
class Taught:
    """The decisions that a classifier was fitted to, and its test results.

    Attributes:
        decisions: How many decisions of a person it was fitted to.
        by_name: How many of them were for each name.
        tested: Of how many decisions that it had not seen the share `right` is; 0 for none.
        right: See `tested`.
        mixed_up: What an image shows, what it was taken for, and how many; most often first.
        elsewhere: Where else something was taught that is part of it; empty for nowhere.
    """

    decisions: int = 0
    by_name: Mapping[str, int] = field(default_factory=dict[str, int])
    tested: int = 0
    right: float = 0.0
    mixed_up: tuple[tuple[str, str, int], ...] = ()
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class SavedClassifier:
    """A classifier of a folder, or for one.

    Attributes:
        minimum: Least probability of a label, where a name has none of its own.
        files: What programs read in the folder.
        taught: What it was taught with; nothing where it was read from a folder.
    """

    classifier: ZeroShot | Probe
    minimum: float
    model: ModelManifest
    fingerprint: str
    files: tuple[ModelFile, ...] = ()
    taught: Taught = Taught()

    @property
    def names(self) -> ZeroShot:
        """The zero-shot classifier, or the one that the probe starts from."""
        return self.classifier.names

    @property
    def probe(self) -> Probe | None:
        """The probe; None where the names alone are in use."""
        return self.classifier if isinstance(self.classifier, Probe) else None

    @property
    def is_described(self) -> bool:
        """Whether it learned from descriptors, which versions before 1.1 do not know."""
        return len(self.classifier.weights.of_descriptors) > 0

    @property
    def summary(self) -> str:
        """A description in a few words, for people."""
        names = trn("{count:,} name", "{count:,} names", len(self.names.concepts))
        if self.probe is None:
            return tr("{names}, by the names alone", names=names)
        if elsewhere := self.taught.elsewhere:
            return tr("{names}, with what was taught in “{name}”", names=names, name=elsewhere)
        return trn(
            "{names}, taught with {count:,} decision",
            "{names}, taught with {count:,} decisions",
            self.taught.decisions,
            names=names,
        )


class Linear(NamedTuple):
    """Logits as embeddings times `vectors` (K x D), plus `bias` (K)."""

    vectors: Vectors
    bias: NDArray[np.float32]


def of_names(names: ZeroShot) -> Linear:
    """Return the linear map from embeddings to the logits of a zero-shot classifier.

    See `scoring.scores.probabilities`.
    """
    head, vectors = names.head, names.vectors
    bias = 0.0 if names.is_exclusive else head.bias or 0.0
    if not names.is_exclusive and head.bias is None and names.neutral is not None:
        vectors = vectors - names.neutral
    scaled = (np.float32(head.scale) * vectors).astype(np.float32)
    return Linear(scaled, np.full(len(vectors), bias, np.float32))


def labels_of(concepts: tuple[Concept, ...]) -> str:
    """Return the names, one a line, in the order of the probabilities."""
    return "".join(f"{concept.name}\n" for concept in concepts)


def saved_of(
    project: Project,
    classifier: Classifier | None,
    model: "LoadedModel",
    evidence: Evidence | None = None,
) -> SavedClassifier:
    """Return the classifier of a project, to be saved or used in another one.

    Args:
        project: Which.
        classifier: What its suggestions come from.
        model: Its encoder.
        evidence: What is known of what was learned; None where nothing is.

    Raises:
        UsageError: There is no name, or the classifier was made by another package.
    """
    if classifier is None or all(c.is_reject for c in classifier.concepts):
        raise UsageError("classifier-without-names")
    if not isinstance(classifier, ZeroShot | Probe):
        raise UsageError("classifier-of-others", kind=type(classifier).__name__)
    about = (project.settings.minimum, model.manifest, model.fingerprint)
    return SavedClassifier(classifier, *about, taught=_taught(classifier, evidence))


def _taught(classifier: Classifier, evidence: Evidence | None) -> Taught:
    """Summarise the training of a classifier; decisions count only if it was fitted to them."""
    elsewhere = evidence.taught_in if evidence and evidence.is_taught_used else ""
    taught = Taught(elsewhere=elsewhere)
    if evidence is None or not evidence.is_used:
        return taught
    names = [concept.name for concept in classifier.concepts]
    by_name = dict(zip(names, evidence.by_name, strict=True))
    taught = replace(taught, decisions=evidence.decisions, by_name=by_name)
    tested = evidence.tested
    if tested is None or elsewhere:  # these pictures may be those that it was taught with there
        return taught
    mixed_up = tuple((names[one], names[other], n) for one, other, n in tested.mixed_up)
    return replace(taught, tested=tested.decisions, right=tested.right, mixed_up=mixed_up)
