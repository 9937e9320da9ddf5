"""What a tile says of an image, from the arrays of the workspace."""

from math import isnan
from pathlib import Path

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.pipeline.workspace import Workspace
from nameplate.ui.grid.tile_model import Tile, TileKind


def tile_of(workspace: Workspace, row: int) -> Tile:
    """Return the tile of `row`; a few array reads."""
    images, labels = workspace.images, workspace.labels
    path, note = images.paths[row], images.notes.get(row, "")
    state = images.states[row]
    if state == ImageState.UNREADABLE:
        return Tile(path, TileKind.UNREADABLE, note=images.reasons[row])
    if labels.states[row] == ReviewState.SKIPPED:
        return Tile(path, TileKind.SKIPPED, note=note)
    by_person = labels.decided_by[row] == DecidedBy.PERSON
    key = int(labels.concepts[row])
    if key != NO_CONCEPT:
        kind = TileKind.DECIDED if by_person else TileKind.AUTO
        concept = concept_of(workspace, key)
        if concept:
            return Tile(
                path, kind, concept.name, concept.colour, _chance(workspace, row, key), note
            )
    if by_person:
        return Tile(path, TileKind.REJECTED, note=note)
    return _suggested(workspace, row, path, note, is_waiting=state == ImageState.WAITING)


def concept_of(workspace: Workspace, key: int) -> Concept | None:
    """Return the concept with `key`, or None where it is gone."""
    return next((c for c in workspace.concepts if c.key == key), None)


def _suggested(workspace: Workspace, row: int, path: Path, note: str, *, is_waiting: bool) -> Tile:
    if is_waiting:
        return Tile(path, TileKind.WAITING, note=note)
    concept = concept_of(workspace, int(workspace.suggested[row]))
    if concept is None:
        return Tile(path, TileKind.PLAIN, note=note)
    is_sure = workspace.probability[row] >= workspace.minimum
    kind = TileKind.SUGGESTED if is_sure else TileKind.UNSURE
    if concept.is_reject:
        kind = TileKind.REJECTED
    return Tile(
        path, kind, concept.name, concept.colour, _chance(workspace, row, concept.key), note
    )


def _chance(workspace: Workspace, row: int, key: int) -> float | None:
    """Return the probability of the concept `key` for `row`, where it says something.

    One name alone has all of the probability that names share, whatever the picture.
    """
    if workspace.classifier is None or workspace.classifier.is_trivial:
        return None
    if key == workspace.suggested[row]:  # nearly always, and quick
        value = float(workspace.probability[row])
        return None if isnan(value) else value
    for column, concept in enumerate(workspace.classifier.concepts):
        if concept.key == key:
            value = float(workspace.ratings_of(np.array([row])).probabilities[0, column])
            return None if isnan(value) else value
    return None
