"""Fills the inspector for the current image: picture, bars and remarks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from nameplate.domain.changes import Effects
from nameplate.domain.errors import ImageError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.imaging.pictures import picture
from nameplate.inference.preprocess import crop_box
from nameplate.pipeline.fetching import Fetching
from nameplate.project.sampling import address_of
from nameplate.scoring.classifier import Classifier, score
from nameplate.ui.inspector.bar_rows import Bar
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.picture import to_qimage
from nameplate.wording.texts import error_text, what_of

_SIDES: Final = (512, 1024, 1600)
"""Of decoded pictures: of 12 million pixels 512 take a fifth of the time of 1600."""

_POOR_FIT: Final = 0.25
"""If the own probability of the best name is below this, no name seems to fit.

Measured with the starter model on 233 photos of 20 everyday objects: with the right name left out,
70% fall below it; with the right name there and chosen, none does.
"""

_CLEAR: Final = 0.7
"""At this probability among the others, a name gets no warning."""

_NARROW: Final = 0.1
"""With less between the two best names, neither is said to be the one."""

_TYPED: Final = -1


@dataclass(frozen=True, slots=True)
class InspectedPicture:
    """The facts about a picture whose file was read.

    Attributes:
        path: The file.
        image: The picture or a smaller copy; None where it is shown elsewhere, or unreadable.
        size: Width and height of the original.
        note: What is wrong with the file although it could be read; may be empty.
        problem: Why it cannot be read; empty where it can.
    """

    path: Path
    image: QImage | None = None
    size: tuple[int, int] = (0, 0)
    note: str = ""
    problem: str = ""


class Inspection(QObject):
    """Shows one image in an `Inspector`; decodes its picture in a background thread.

    While another part of the window shows the picture large, the inspector leaves it out, and what
    is known of the file comes from there with `take`: nothing is decoded twice.
    """

    def __init__(
        self,
        inspector: Inspector,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        fetching: Fetching,
    ) -> None:
        super().__init__(inspector)
        self._fetching = fetching
        self._inspector = inspector
        self._owner = owner
        self._in_use = in_use
        self._row = -1
        self._is_elsewhere = False
        self._keys: Sequence[str] = ()
        self._preview: Classifier | None = None
        self._hidden: frozenset[int] = frozenset()
        self._is_picture_shown = True
        self._picture: InspectedPicture | None = None
        self._side = _SIDES[0]
        self._jobs = in_use.jobs
        owner.opened.connect(self._on_opened)
        owner.happened.connect(self._on_happened)
        scoring.preview_changed.connect(self._on_preview)
        in_use.loaded.connect(self._on_loaded)
        inspector.picture_resized.connect(self._on_resized)
        inspector.show_nothing()

    @property
    def is_settled(self) -> bool:
        """Whether the picture of the current image has been loaded."""
        return self._is_picture_shown

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show the keys of the names on the bars, in the order of the names."""
        self._keys = keys
        self.refresh()

    @Slot(int)
    def show_row(self, row: int) -> None:
        """Show the image `row`; -1 for none."""
        if row == self._row:
            return
        self._row = row
        if row < 0:
            self._inspector.show_nothing()
            return
        path = self._owner.project.images.paths[row]
        known = self._picture if self._is_elsewhere else None
        self._picture = known if known is not None and known.path == path else None
        self._decode()
        if self._picture is not None:
            self._show_picture(self._picture)
        else:
            self._inspector.show_image(path, None, None, "", None)
            self.refresh()

    @Slot(object)
    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Show no bars for the images in `rows`, which a person is asked about."""
        self._hidden = frozenset(rows.tolist())
        self.refresh()

    @Slot()
    def try_again(self) -> None:
        """Decode the current picture once more if that failed or has not ended."""
        failed = self._picture is not None and bool(self._picture.problem)
        if self._row >= 0 and (failed or not self._is_picture_shown):
            self._picture = None
            self._decode()

    def leave_picture(self, is_elsewhere: bool) -> None:
        """Hide the picture while another part of the window shows it large."""
        if is_elsewhere == self._is_elsewhere:
            return
        self._is_elsewhere = is_elsewhere
        self._inspector.set_picture_shown(not is_elsewhere)
        if self._row >= 0:
            self._decode()

    @Slot(object)
    def take(self, picture: InspectedPicture) -> None:
        """Show facts about a picture that another part has decoded; it may become current next."""
        if self._is_elsewhere:
            self._picture = picture
            if self._row >= 0 and picture.path == self._owner.project.images.paths[self._row]:
                self._show_picture(picture)

    def _decode(self) -> None:
        """Decode the current picture if it is shown here."""
        self._is_picture_shown = self._is_elsewhere
        if self._is_elsewhere:
            self._jobs.drop("picture")
            return
        path, needed = self._owner.project.images.paths[self._row], self._inspector.picture_side()
        side = self._side = next((side for side in _SIDES if side >= needed), _SIDES[-1])
        job = partial(_pictures, path, side, self._fetching)
        self._jobs.run("picture", Task(job, self._on_picture, self._on_picture_failed))

    @Slot()
    def _on_resized(self) -> None:
        """Decode the picture again if it has more room than pixels."""
        is_coarse = self._side < min(self._inspector.picture_side(), _SIDES[-1])
        if self._picture is not None and self._picture.image is not None and is_coarse:
            self._decode()

    @Slot()
    def refresh(self) -> None:
        """Update bars and remarks."""
        images, row = self._owner.project.images, self._row
        if not 0 <= row < len(images):
            return
        state = images.states[row]
        self._inspector.set_likeness(self._owner.likeness.score(row))
        self._inspector.set_warning("")
        if row in self._hidden:
            self._inspector.set_state(
                "What is it? The suggestion is hidden, so that nothing sways you."
            )
        elif state == ImageState.UNREADABLE:
            self._show_unreadable(images.paths[row], what_of(images.reasons[row]))
        elif state == ImageState.WAITING:
            self._inspector.set_state("The model has not read this picture yet.")
        else:
            self._show_bars(row)

    def _show_unreadable(self, path: Path, reason: str) -> None:
        project = self._owner.project
        address = address_of(project, int(project.images.ids[self._row]))
        self._inspector.show_unreadable(path, reason, address)

    def _show_bars(self, row: int) -> None:
        project = self._owner.project
        classifier = self._preview or self._owner.suggestions.classifier
        if classifier is None and project.concepts:
            self._inspector.set_state("The model is reading the names.")
            return
        if classifier is None or not classifier.concepts:
            self._inspector.set_state("Type a name on the left, such as cat, and press Enter.")
            return
        scored = score(classifier, project.images.embeddings_of(np.array([row])))
        scores, probabilities = scored.scores[0], scored.probabilities[0]
        order = np.lexsort((-scores, -probabilities)).tolist()
        labels = project.labels.members(row)
        known = {c.key: c for c in project.concepts}
        shortcuts = dict(zip(known, self._keys, strict=False))
        is_decided = bool(project.labels.decided_by[row] == DecidedBy.PERSON)
        bars = list[Bar]()
        for i in order:
            concept = classifier.concepts[i]
            is_known = concept.key in known
            now = known[concept.key] if is_known else concept  # the project may have a newer colour
            bars.append(
                Bar(
                    key=concept.key if is_known else _TYPED,
                    name=now.name,
                    colour=now.colour,
                    probability=float(probabilities[i]),
                    score=float(scores[i]),
                    is_reject=now.is_reject,
                    is_preview=not is_known,
                    is_label=concept.key in labels,
                    shortcut=shortcuts.get(concept.key, "") if is_known else "",
                    is_decided=is_decided and concept.key in labels,
                )
            )
        said, suggestions = [caption(bars)], self._owner.suggestions.classifier
        if self._preview and suggestions and suggestions.decider != self._preview.decider:
            said.append("By the names alone while you type.")
        elif classifier.decider == DecidedBy.PROBE:
            said.append("By the names and your decisions.")
        self._inspector.set_bars(bars, " ".join(filter(None, said)))
        self._inspector.set_warning(_warning(classifier, bars))

    @Slot(object)
    def _on_preview(self, classifier: Classifier | None) -> None:
        self._preview = classifier
        self.refresh()

    @Slot()
    def _on_opened(self) -> None:
        """Drop the picture of the previous project."""
        self._jobs.drop("picture")
        self._picture, self._is_picture_shown = None, True
        self.show_row(-1)

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if np.any(effects.relinked == self._row):  # its file is another now
            row, self._row = self._row, -1
            self.show_row(row)
            return
        is_all = effects.concepts or effects.suggestions or "likeness" in effects.found
        if is_all or self._row in effects.labelled or self._row in effects.read:
            self.refresh()

    @Slot()
    def _on_loaded(self) -> None:
        """Show the crop that the new model sees."""
        if self._picture is not None:
            self._show_picture(self._picture)

    @Slot(object)
    def _on_picture(self, picture: InspectedPicture) -> None:
        if self._row < 0 or picture.path != self._owner.project.images.paths[self._row]:
            return
        self._is_picture_shown = True
        self._picture = picture
        self._show_picture(picture)

    def _show_picture(self, picture: InspectedPicture) -> None:
        if picture.problem:
            self._show_unreadable(picture.path, picture.problem)
            return
        model = self._in_use.model
        crop = crop_box(*picture.size, model.manifest.image) if model else None
        self._inspector.show_image(picture.path, picture.image, picture.size, picture.note, crop)
        self.refresh()

    @Slot(object)
    def _on_picture_failed(self, error: Exception) -> None:
        self._is_picture_shown = True
        if self._row < 0:
            return
        path = self._owner.project.images.paths[self._row]
        self._show_unreadable(path, f"cannot be shown: {error_text(error)}")


def _pictures(
    path: Path, side: int, fetching: Fetching, cancel: CancelToken
) -> Iterator[InspectedPicture]:
    if cancel.is_cancelled:
        return
    try:
        fetching.bring(path, cancel)
        shown = picture(path, side, cancel)
    except ImageError as error:
        yield InspectedPicture(path, problem=what_of(error.reason))
        return
    note = what_of(shown.note) if shown.note else ""
    yield InspectedPicture(path, to_qimage(shown.image), (shown.width, shown.height), note)


def caption(bars: list[Bar]) -> str:
    """Return how far the best name is ahead of the next, in words; empty for a single name.

    Where each name is judged by itself, none is ahead of another.
    """
    if len(bars) == 1 or math.isnan(bars[0].probability + bars[1].probability):
        return ""
    best, second = bars[0], bars[1]
    lead = best.probability - second.probability
    if lead >= _CLEAR:
        return f"Among these names clearly “{best.name}”."
    if lead >= _NARROW:
        return f"More “{best.name}” than “{second.name}”."
    return f"“{best.name}” or “{second.name}”: about as probable."


def _warning(classifier: Classifier, bars: list[Bar]) -> str:
    if classifier.is_trivial:
        return "With one name every picture gets 100%. Add another, or one for none of these."
    fit = classifier.fit(max(bar.score for bar in bars))  # of the names, whatever was learned
    if fit is None or fit >= _POOR_FIT or bars[0].is_reject or bars[0].probability > _CLEAR:
        return ""
    return "None of the names seems to fit this picture."
