"""A folder with a known truth, decided again from the beginning through the real project."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.embeddings import Vectors
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.domain.stacks import Stacks
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.pages.rules import Candidates
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.rescore import record
from nameplate.project.labelling import Circumstances, Rows
from nameplate.project.project import Project
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.spread import FOR_GROUPS, Spread
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

_LEFT_OUT: Final = 10
"""One in so many images is left out of each replay, by chance."""
_FEWEST: Final = 50
"""With fewer images none are left out."""


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """The images of a folder whose truth is known.

    Attributes:
        names: The zero-shot classifier of K concepts.
        embeddings: N x D float32, unit length, all finite.
        truth: N int64: the place of each image's right concept among the K.
        stacks: Of the N images.
    """

    names: ZeroShot
    embeddings: Vectors
    truth: NDArray[np.int64]
    stacks: Stacks | None = None

    def __len__(self) -> int:
        return len(self.truth)

    def some(self, seed: int) -> "KnownFolder":
        """Return this without a random tenth, another one for each seed.

        So that replays of one folder differ as those of several like it would.
        """
        if len(self) < _FEWEST:
            return self
        order = np.random.default_rng(seed).permutation(len(self))
        kept = np.sort(order[: len(self) - len(self) // _LEFT_OUT])
        stacks = None if self.stacks is None else self.stacks.taken(kept)
        return KnownFolder(self.names, self.embeddings[kept], self.truth[kept], stacks)


class Replay:
    """A project of a folder that nothing was decided of, and what is suggested for its images.

    Attributes:
        folder: What it is made from; row i of the project is image i.
        project: The project.
        suggestions: Of its images.
        standing: Where its images stand among each other, see `Spread.place`.
        truth: N int32 ids: the right concept of each image.
        cancel: Checked while it learns.
    """

    def __init__(self, folder: KnownFolder, cancel: CancelToken = NEVER) -> None:
        names, embeddings = folder.names, folder.embeddings
        self.folder, self.cancel, self._fitters = folder, cancel, fitters()
        self._time = 0
        self.project = Project(Settings(names.template_set))
        title = Title("add-names", {"count": len(names.concepts), "name": names.concepts[-1].name})
        self.project.apply(SetConcepts(names.concepts), title)
        paths = (Path(f"{row}.jpg") for row in range(len(folder)))
        self.project.add_images(self.project.to_add(paths))
        self.project.images.forget_embeddings(embeddings.shape[1])
        self.suggestions = Suggestions()
        self.suggestions.grow(len(folder))
        record(Embedded(np.arange(len(folder)), embeddings), self.project, self.suggestions)
        self.score(names)
        self.standing = Spread.of(embeddings, FOR_GROUPS).place([embeddings])
        ids = np.array([concept.key for concept in names.concepts], np.int32)
        self.truth = ids[folder.truth]

    @property
    def now(self) -> Circumstances:
        """What labels are decided with; each time it is later."""
        self._time += 1
        return Circumstances(self._time, "", self.suggestions)

    @property
    def open_rows(self) -> Rows:
        """The rows of the images that are not decided yet."""
        return np.flatnonzero(self.project.labels.decided_by != DecidedBy.PERSON)

    @property
    def candidates(self) -> Candidates:
        """What is still to be looked at."""
        rows = np.arange(len(self.folder))
        self.suggestions.reject(rows, self.project.rejected_of(rows))
        return Candidates.of(self.project, self.suggestions, rows, self.folder.stacks)

    @property
    def accuracy(self) -> float:
        """The share of all images that are decided, which is right, or rightly suggested."""
        is_open = self.project.labels.decided_by != DecidedBy.PERSON
        wrong = is_open & (self.suggestions.suggested != self.truth)
        return 1 - float(np.count_nonzero(wrong)) / len(self.truth)

    def learn(self) -> None:
        """Learn from what is decided, as the window does after each page."""
        names, blocks = self.folder.names, self.project.images.blocks()
        choice = choose(self._fitters, self.project, names, lambda: self.folder.stacks)
        found = fit(choice, names, blocks, self.cancel)
        self.score(found.classifier if found else names)

    def score(self, classifier: Classifier) -> None:
        """Take over what a classifier suggests."""
        blocks = self.project.images.blocks()
        result = score_images(classifier, blocks, self.suggestions.scores, self.cancel)
        self.suggestions.replace(result, self.project.images)
