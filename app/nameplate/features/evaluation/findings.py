"""What an evaluation found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.text import deferred
from nameplate.features.evaluation.figures.several import AnyJudged
from nameplate.features.evaluation.figures.shares import Interval, Paired, Share, mean_of
from nameplate.features.learning.guard import Evidence

LEAST_JUDGED: Final = 20
"""Decisions that are needed before figures of them mean anything."""

DECISIONS: Final = "decisions"
"""The `Origin.truth` of figures of what a person decided."""

NAMES_ONLY: Final = deferred("names only")
"""The title of the run that has learned from no decision."""


@dataclass(frozen=True, slots=True)
class FolderResult:
    """How many labels of one of the folders are right.

    Attributes:
        name: The folder.
        share: Its pictures whose label is right.
        own: Those for which the most probable name, of the names that pictures of this folder show,
            is right: what a run on this folder alone would give. None where that is not known.
    """

    name: str
    share: Share
    own: Share | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the figures come from.

    Attributes:
        model: `ID@FINGERPRINT`.
        templates: The template set's id, or its templates.
        truth: `folders`, `decisions`, or the path of a CSV.
        made: When, in UTC.
        seed: Of the random sample.
    """

    model: str = ""
    templates: str = ""
    truth: str = ""
    made: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything an evaluation found; N images whose truth is known.

    Attributes:
        judged: The images; of one label each, or of several.
        paths: N paths for people, relative.
        files: N absolute paths.
        origin: Where the figures come from.
        folders: One for each folder, where several were given.
        runs: Earlier runs by title, beside this one on the images of both; each is the first.
        left_out: Paths of images that were not read, or have no truth that can be compared.
        unknown_images: Paths of the truth that are none of the images.
        contradicted: Paths that the truth has twice, with different names; the last one counts.
        unknown_names: True names that are none of the concepts, with the number of their images.
        several: Paths of images that have several labels in the truth, where one is compared.
        evidence: For what was learned from decisions; None where there are none.
        unseen: Rows, among the N, of images that were learned from; each of them is judged by
            what was learned without it.
        copies: How many more images have a truth, but are not counted: copies of those that are.
        delivered: By whom all images of the project are labelled; see `delivered_by`.
        as_labelled: How many are right as they are labelled now, where a truth of others is known:
            a suggestion counts where there is no label. None where there is no label at all.
    """

    judged: AnyJudged
    paths: Sequence[str]
    files: Sequence[str]
    origin: Origin = Origin()
    folders: Sequence[FolderResult] = ()
    runs: Sequence[tuple[str, Paired]] = ()
    left_out: Sequence[str] = ()
    unknown_images: Sequence[str] = ()
    contradicted: Sequence[str] = ()
    unknown_names: Mapping[str, int] = field(default_factory=dict[str, int])
    several: Sequence[str] = ()
    evidence: Evidence | None = None
    unseen: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    copies: int = 0
    delivered: Mapping[str, int] = field(default_factory=dict[str, int])
    as_labelled: Share | None = None


def means_of(folders: Sequence[FolderResult]) -> list[tuple[float, Interval] | None]:
    """Return the mean of the folders' shares, and of those among their own names where known."""
    means = [mean_of([one.share for one in folders])]
    own = [one.own for one in folders if one.own]
    return [*means, mean_of(own)] if own else means
