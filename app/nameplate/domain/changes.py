"""Changes: the undoable steps on a project, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.filtering.views import SavedView
from nameplate.domain.labels import Labels
from nameplate.domain.messages import Message
from nameplate.domain.paths import PathList
from nameplate.domain.promises import Check, PageMarks, Promise, Tries
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
    """Give images other paths: their files were moved or renamed.

    Attributes:
        ids: Of n images.
        paths: n paths.
    """

    ids: Ids
    paths: PathList


@dataclass(frozen=True, slots=True)
class SetLabels:
    """Give images other labels.

    Attributes:
        ids: Of n images.
        labels: n labels; their codes are those of the project's `LabelTable`.
    """

    ids: Ids
    labels: Labels


@dataclass(frozen=True, slots=True)
class SetConcepts:
    """Replace all concepts: add, remove, rename, move, colour."""

    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class SetSettings:
    """Replace the settings."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class SetViews:
    """Replace the saved views: save, rename, delete."""

    views: tuple[SavedView, ...]


Rejected = Mapping[int, frozenset[ConceptId]]
"""By id of the image, the concepts that a person said it is not."""


@dataclass(frozen=True, slots=True)
class SetRejected:
    """Replace the concepts that a person said some images are not.

    Attributes:
        rejected: Of these images; an empty set, and nothing is known of one any more.
        is_whole: Whether nothing is known of all others, as steps of older files say.
    """

    rejected: Rejected
    is_whole: bool = False


CalledRight = Mapping[int, frozenset[ConceptId]]
"""By id of an image that looked odd, the label that a person called right; with another one, which
may be none, it is as if nobody had."""


@dataclass(frozen=True, slots=True)
class SetCalledRight:
    """Replace which labels a person called right."""

    called_right: CalledRight


@dataclass(frozen=True, slots=True)
class SetPromise:
    """Begin a promise about labels, replace it by another state, or remove it."""

    promise: Promise | None


@dataclass(frozen=True, slots=True)
class SetChecks:
    """Replace the checks of the promise; does nothing if there is none.

    Attributes:
        checks: All of them.
    """

    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class SetMarks:
    """Replace what was said on the page of checks that was not turned yet."""

    marks: PageMarks


@dataclass(frozen=True, slots=True)
class CountTries:
    """Count the tries of another life of the project, too; undo does not take that back."""

    tries: Tries


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
    | SetSettings
    | SetViews
    | SetRejected
    | SetCalledRight
    | SetPromise
    | SetChecks
    | SetMarks
    | CountTries
    | Several
)


Title = Message
"""The title of a step, such as `label`."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change affected, for updating views.

    Attributes:
        added: Rows of images that were added.
        labelled: Rows of images whose label, rejected concepts, or mark on a page changed.
        relinked: Rows of images that have other paths.
        images: Whether images were added, removed or restored.
        concepts: Whether the concepts changed.
        settings: Whether the settings changed.
        views: Whether the saved views changed.
        promise: Whether the promise or its checks changed.
        called_right: Whether other labels are called right.
        read: Rows of images that were read, or turned out to be unreadable.
        suggestions: Whether all suggestions are new, or gone.
        found: Names of what a job found, or found again: stacks, a likeness, what features find.
        opened: Whether another project replaced the one before; what it has follows.
    """

    added: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    labelled: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    relinked: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    images: bool = False
    concepts: bool = False
    settings: bool = False
    views: bool = False
    promise: bool = False
    called_right: bool = False
    read: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    suggestions: bool = False
    found: frozenset[str] = frozenset()
    opened: bool = False

    @property
    def of_project(self) -> bool:
        """Whether the project changed, and not only what is known of its images."""
        return not (len(self.read) or self.suggestions or self.found or self.opened)

    @classmethod
    def everything(cls, rows: NDArray[np.int64]) -> "Effects":
        """Return what is different where another project was opened, with images in `rows`."""
        return cls(
            rows,
            rows,
            images=True,
            concepts=True,
            settings=True,
            views=True,
            promise=True,
            called_right=True,
        )

    def __or__(self, other: "Effects") -> "Effects":
        """Return the union of both."""
        return Effects(
            np.concatenate([self.added, other.added]),
            _union(self.labelled, other.labelled),
            _union(self.relinked, other.relinked),
            self.images or other.images,
            self.concepts or other.concepts,
            self.settings or other.settings,
            self.views or other.views,
            self.promise or other.promise,
            self.called_right or other.called_right,
            _union(self.read, other.read),
            self.suggestions or other.suggestions,
            self.found | other.found,
            self.opened or other.opened,
        )


def _union(some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(some) or not len(others):  # nearly always; a union of many takes half a second
        return others if len(others) else some
    return np.union1d(some, others)
