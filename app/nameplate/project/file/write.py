"""Writes a project and its steps into its file."""

import json
from typing import Final

import numpy as np

from nameplate.domain.changes import AddImages, SetFactOfImages
from nameplate.domain.messages import as_json
from nameplate.project.facts import NEXT_CONCEPT, NEXT_STEP, fact_called
from nameplate.project.file.codec import encode, write_change
from nameplate.project.file.tables import ProjectTables
from nameplate.project.history import MOST_STEPS, ReadContents, Step, StepEvent
from nameplate.project.project import Project

_PUT_STEP: Final = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)"
_TRIM: Final = """
DELETE FROM steps WHERE is_undone = 0 AND number <= (
    SELECT number FROM steps WHERE is_undone = 0 ORDER BY number DESC LIMIT 1 OFFSET ?
)
"""


def write_project(tables: ProjectTables, project: Project) -> None:
    """Write all of a project into empty tables."""
    images, labels, history = project.images, project.labels, project.history
    tables.put_images(images.ids, images.paths)
    tables.remove(images.ids[images.is_removed])
    is_known = images.contents["size"] >= 0
    tables.put_contents(ReadContents(images.ids[is_known], images.contents[is_known]))
    touched = np.flatnonzero(labels.states != 0)
    tables.put_labels(images.ids[touched], labels.all[touched])
    tables.put_concepts(project.concepts)
    facts = {
        NEXT_CONCEPT.name: NEXT_CONCEPT.empty,
        **project.facts,
        NEXT_STEP.name: history.next_number,
    }
    for name, value in facts.items():
        tables.put_fact(fact_called(name), value)
    for name, values in project.image_facts.items():
        tables.put_fact_of_images(SetFactOfImages(fact_called(name, by_image=True), values))
    for steps, is_undone in ((history.done, 0), (history.undone, 1)):
        for step in steps:
            _put_step(tables, step, is_undone=is_undone)


def write_step(tables: ProjectTables, event: StepEvent) -> None:
    """Write what a step changed, and the step into the history."""
    if event.is_new and isinstance(event.change, AddImages):
        tables.note_first_images()
    write_change(event.change, tables)
    if event.is_new:
        tables.db.execute("DELETE FROM steps WHERE is_undone = 1")
        tables.put_fact(NEXT_STEP, event.step.number + 1)
    _put_step(tables, event.step, is_undone=int(event.is_undone))
    tables.db.execute(_TRIM, (MOST_STEPS,))


def _put_step(tables: ProjectTables, step: Step, *, is_undone: int) -> None:
    title = json.dumps(as_json(step.title))
    change = encode(step.change, tables.labels)
    tables.db.execute(_PUT_STEP, (step.number, title, change, is_undone))
