"""One image of an export, and which names are delivered."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from nameplate.domain.labels import ReviewState

_SUGGESTED: Final = ReviewState.SUGGESTED.name.lower()


class Which(Enum):
    """Which names are delivered."""

    BEST = "best"
    """Of each image its label, or what it is suggested as where nobody decided.

    Where the export has no suggestions, such as without a model, the labels alone.
    """
    LABELS = "labels"
    """Of images that have a label, or that a person decided."""
    DECIDED = "decided"
    """Of images that a person decided."""


@dataclass(frozen=True, slots=True)
class ExportedImage:
    """One image of an export.

    Attributes:
        path: `/`-separated and valid UTF-8, relative to the folder that the project began with
            (`LabelExport.root`), or absolute where that was asked for.
        file: The absolute path of its file, as the system knows it.
        labels: The names it is labelled with, the one with the highest score first.
        decided_by: `auto`, `person`, `probe`, `given`, or empty.
        state: The review state.
        decided_at: Milliseconds since 1970, UTC; 0 for no decision.
        probability: In [0, 1], of the first label, or of the best concept where there is no label;
            None where there is none, as with the other numbers.
        score: Cosine with the same concept.
        runner_up: Name of the most probable other concept; empty where there is none.
        runner_up_probability: In [0, 1].
        margin: `probability` less `runner_up_probability`; negative where the label is not the most
            probable name.
        error: Why the image could not be read, or what was odd about it, in words.
        size: Bytes of its content; -1 where it is not known.
        digest: 32 hexadecimal digits of a BLAKE2b hash of its content; empty where not known.
        all_probabilities: One for each of `LabelExport.scored`, in their order; NaN for an image
            that was not read; empty where they were not asked for.
        stack: The number of its stack, from 1; None where it stands alone, or stacks were not asked
            for.
        best: Its first label, or what it is suggested as where nobody decided; empty for neither.
        best_probability: Of `best`, in [0, 1].
        suggested_by: `auto` or `probe`: who would decide such a label, where `best` is a suggestion
            that can be one; else empty.
        further: The cells of the columns of features that were asked for, in their order.
    """

    path: str
    file: str = ""
    labels: tuple[str, ...] = ()
    decided_by: str = ""
    state: str = ""
    decided_at: int = 0
    probability: float | None = None
    score: float | None = None
    runner_up: str = ""
    runner_up_probability: float | None = None
    margin: float | None = None
    error: str = ""
    size: int = -1
    digest: str = ""
    all_probabilities: tuple[float, ...] = ()
    stack: int | None = None
    best: str = ""
    best_probability: float | None = None
    suggested_by: str = ""
    further: tuple[str, ...] = ()

    def labelled_best(self) -> "ExportedImage":
        """Return a copy with its suggestion as its label, for formats without suggestions."""
        if not self.suggested_by:
            return self
        return replace(
            self,
            labels=(self.best,),
            decided_by=self.suggested_by,
            state=_SUGGESTED,
            probability=self.best_probability,
        )

    @property
    def is_decided(self) -> bool:
        """Whether a person decided."""
        return self.decided_by == "person"
