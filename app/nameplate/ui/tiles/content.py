"""Computes the content of tiles from the project and its suggestions."""

from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.messages import Message
from nameplate.scoring.proposals import least_of
from nameplate.system.failures import printable
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.model import DETAILED_NAMES, Tile, TileKind
from nameplate.ui.widgets.painting import one_line
from nameplate.wording.numbers import format_bytes, percent
from nameplate.wording.texts import listed, tr, what_of

_LABELLED: Final = {
    DecidedBy.PERSON: TileKind.DECIDED,
    DecidedBy.PROBE: TileKind.LEARNED,
    DecidedBy.GIVEN: TileKind.GIVEN,
}


class Tiles:
    """Computes the tiles of the open project's images, each from a few array reads.

    Attributes:
        has_details: Whether tiles say more than label and name.
        hidden: Rows of images of which nothing must be said.
    """

    def __init__(self, owner: ProjectOwner) -> None:
        self._owner = owner
        self.has_details = False
        self.hidden = frozenset[int]()

    def tile(self, row: int) -> Tile:
        """Return the tile of the image in `row`."""
        if row in self.hidden:
            return Tile(self._owner.project.images.paths[row], TileKind.HIDDEN)
        tile = self._tile(row)
        if (score := self._owner.similarity.score(row)) is not None:
            tile = replace(tile, similarity=round(score, 2))
        return replace(tile, details=self._details(row)) if self.has_details else tile

    def _details(self, row: int) -> tuple[tuple[str, str], ...]:
        """Return the folder and the size of the file, then the most probable names."""
        images = self._owner.project.images
        size = int(images.contents["size"][row])
        folder = one_line(printable(images.paths[row].parent.name))
        lines = [(folder, format_bytes(size) if size >= 0 else "")]
        classifier = self._owner.suggestions.classifier
        if classifier is not None and images.states[row] == ImageState.READY:
            probabilities = self._owner.suggestions.scored_images(np.array([row])).probabilities[0]
            known = {concept.key: concept.name for concept in self._owner.project.concepts}
            for column in np.argsort(-probabilities, kind="stable")[:DETAILED_NAMES].tolist():
                name = known.get(classifier.concepts[column].key)
                if name is not None and not isnan(probabilities[column]):
                    lines.append((name, percent(float(probabilities[column]))))
        return tuple(lines)

    def _tile(self, row: int) -> Tile:
        images, labels = self._owner.project.images, self._owner.project.labels
        path, note = images.paths[row], _words(images.notes.get(row))
        if row in images.changed:
            note = tr("changed since you labelled it")
        # As integers of Python: those of numpy take ten times as long to compare.
        state, decided_by = int(images.states[row]), int(labels.decided_by[row])
        concepts = [c for key in labels.members(row) if (c := self._owner.project.concept(key))]
        name = listed([concept.name for concept in concepts])
        if state == ImageState.UNREADABLE:
            why = _words(images.reasons[row])
            return Tile(
                path,
                TileKind.UNREADABLE,
                note=tr("{problem} ({name})", problem=why, name=name) if name else why,
            )
        if int(labels.states[row]) == ReviewState.SKIPPED:
            return Tile(path, TileKind.SKIPPED, note=note)
        if concepts:
            kind = _LABELLED.get(DecidedBy(decided_by), TileKind.AUTO)
            probability = self._probability(row, concepts[0].key)
            return Tile(path, kind, name, concepts[0].colour, probability, note)
        if decided_by == DecidedBy.PERSON:
            return Tile(path, TileKind.REJECTED, note=note)
        return self._suggested(row, path, note, is_waiting=state == ImageState.WAITING)

    def _suggested(self, row: int, path: Path, note: str, *, is_waiting: bool) -> Tile:
        if is_waiting:
            return Tile(path, TileKind.WAITING, note=note)
        project, suggestions = self._owner.project, self._owner.suggestions
        concept = project.concept(int(suggestions.suggested[row]))
        if concept is None:
            is_nameless = suggestions.all_rejected(np.array([row]))[0]
            return Tile(path, TileKind.NAMELESS if is_nameless else TileKind.PLAIN, note=note)
        # In float32, as the rule compares whole arrays: 0.7 is enough for 0.7.
        is_sure = suggestions.probability[row] >= least_of(concept, project.settings)
        kind = TileKind.SUGGESTED if is_sure else TileKind.UNSURE
        if concept.is_reject:
            kind = TileKind.REJECTED
        probability = self._probability(row, concept.key)
        return Tile(path, kind, concept.name, concept.colour, probability, note)

    def _probability(self, row: int, key: ConceptId) -> float | None:
        """Return the probability of a concept for `row`; None if it is meaningless.

        A single name always has probability 1 of a softmax, whatever the picture.
        """
        classifier = self._owner.suggestions.classifier
        if classifier is None or classifier.is_trivial:
            return None
        if key == self._owner.suggestions.suggested[row]:  # nearly always
            value = float(self._owner.suggestions.probability[row])
        else:
            value = float(self._owner.suggestions.probability_of(np.array([row]), key)[0])
        return None if isnan(value) else value


def _words(message: Message | None) -> str:
    return what_of(message) if message else ""
