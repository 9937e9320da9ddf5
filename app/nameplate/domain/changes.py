"""Changes: the undoable steps on a project, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.facts import Derived, Fact, Value
from nameplate.domain.labels import Labels
from nameplate.domain.messages import Message
from nameplate.domain.paths import PathList
from nameplate.domain.prompts import TemplateSet

Ids = NDArray[np.int64]
"""Ids of images, ascending."""


MINIMUM_OF_SEVERAL: Final = 0.5
"""Least probability where an image may have several labels and no other was chosen."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project.

    Attributes:
        template_set: How names are put into prompts; None for the best set of the model.
        minimum: The probability below which bulk labelling gives no label.
        is_multi: Whether an image may have several labels.
        learns: Whether suggestions learn from what the person decided.
    """

    template_set: TemplateSet | None = None
    minimum: float = 0.0
    is_multi: bool = False
    learns: bool = True


@dataclass(frozen=True, slots=True)
class AddImages:
    """Add images; those of `ids` that were removed before are restored."""

    ids: Ids
    paths: PathList


@dataclass(frozen=True, slots=True)
class RemoveImages:
    """Remove images from the project; their files and labels are kept."""

    ids: Ids


@dataclass(frozen=True, slots=True)
class Relink:
    """Give images other paths, one each: their files were moved or renamed."""

    ids: Ids
    paths: PathList


@dataclass(frozen=True, slots=True)
class SetLabels:
    """Give images other labels, one each; the codes are those of the project's `LabelTable`."""

    ids: Ids
    labels: Labels


@dataclass(frozen=True, slots=True)
class SetConcepts:
    """Replace all concepts: add, remove, rename, move, colour."""

    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class SetFact(Generic[Value]):
    """Replace a single value of the project, such as the settings or a fact of a feature."""

    fact: Fact[Value]
    value: Value


@dataclass(frozen=True, slots=True)
class SetFactOfImages(Generic[Value]):
    """Replace the values of a fact that is kept by image.

    Attributes:
        values: By id of the image; None, and it has none any more.
    """

    fact: Fact[Value]
    values: Mapping[int, Value | None]


@dataclass(frozen=True, slots=True)
class GrowFact(Generic[Value]):
    """Join a value to that of a fact which only grows; undo does not take that back."""

    fact: Fact[Value]
    value: Value


@dataclass(frozen=True, slots=True)
class Several:
    """Several changes as one, in this order."""

    changes: tuple["Change", ...]


Change = (
    AddImages
    | RemoveImages
    | Relink
    | SetLabels
    | SetConcepts
    | SetFact[Any]
    | SetFactOfImages[Any]
    | GrowFact[Any]
    | Several
)


Title = Message
"""The title of a step, such as `label`."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change affected, for updating views.

    Attributes:
        added: Rows of images that were added.
        labelled: Rows of images whose label, or whose rejected concepts, changed.
        relinked: Rows of images that have other paths.
        images: Whether images were added, removed or restored.
        concepts: Whether the concepts changed.
        facts: The names of facts that changed.
        read: Rows of images that were read, or turned out to be unreadable.
        suggestions: Whether all suggestions are new, or gone.
        found: Keys of the derived values that are new, such as `STACKS`.
        opened: Whether another project replaced the one before; what it has follows.
    """

    added: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    labelled: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    relinked: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    images: bool = False
    concepts: bool = False
    facts: frozenset[str] = frozenset()
    read: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    suggestions: bool = False
    found: frozenset[Derived[Any]] = frozenset()
    opened: bool = False

    @property
    def settings(self) -> bool:
        """Whether the settings changed."""
        return "settings" in self.facts

    def has(self, fact: Fact[Any]) -> bool:
        """Whether a fact changed."""
        return fact.name in self.facts

    @property
    def of_project(self) -> bool:
        """Whether the project itself changed, not only the knowledge about its images."""
        return not (len(self.read) or self.suggestions or self.found or self.opened)

    @classmethod
    def everything(cls, rows: NDArray[np.int64], facts: Iterable[str]) -> "Effects":
        """Return the effects of opening another project, with images in `rows`."""
        return cls(rows, rows, images=True, concepts=True, facts=frozenset(facts))

    def __or__(self, other: "Effects") -> "Effects":
        """Return the union of both."""
        return Effects(
            np.concatenate([self.added, other.added]),
            _union(self.labelled, other.labelled),
            _union(self.relinked, other.relinked),
            self.images or other.images,
            self.concepts or other.concepts,
            self.facts | other.facts,
            _union(self.read, other.read),
            self.suggestions or other.suggestions,
            self.found | other.found,
            self.opened or other.opened,
        )


def _union(some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(some) or not len(others):  # nearly always; a union of many takes half a second
        return others if len(others) else some
    return np.union1d(some, others)
