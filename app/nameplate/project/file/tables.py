"""Writes a project, and its steps, to the tables of its file."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.domain.changes import (
    AddImages,
    Change,
    GrowFact,
    Ids,
    Relink,
    RemoveImages,
    SetConcepts,
    SetFact,
    SetFactOfImages,
    SetLabels,
    Several,
)
from nameplate.domain.facts import Fact
from nameplate.domain.labels import Labels, LabelTable
from nameplate.domain.messages import as_json
from nameplate.domain.paths import PathList
from nameplate.project.facts import (
    FIRST_IMAGES,
    NEXT_CONCEPT,
    NEXT_STEP,
    fact_called,
    joined,
    to_json,
)
from nameplate.project.file.codec import encode
from nameplate.project.file.values import concept_json, path_bytes, path_text
from nameplate.project.history import MOST_STEPS, ReadContents, Step, StepEvent
from nameplate.project.project import Project

_PUT_IMAGE: Final = """
INSERT INTO images (folder, path, id) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_removed = 0
"""
_PUT_LABEL: Final = "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?)"
_PUT_IMAGE_FACT: Final = "INSERT OR REPLACE INTO image_facts VALUES (?, ?, ?)"
_PUT_FACT: Final = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
_NO_FIRST_IMAGES: Final = "SELECT NOT EXISTS (SELECT * FROM facts WHERE name = ? AND value <> '0')"
_PUT_STEP: Final = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)"
_TRIM: Final = """
DELETE FROM steps WHERE is_undone = 0 AND number <= (
    SELECT number FROM steps WHERE is_undone = 0 ORDER BY number DESC LIMIT 1 OFFSET ?
)
"""


class ProjectTables:
    """Writes rows; its caller begins and ends the transaction."""

    def __init__(self, db: sqlite3.Connection, path: Path, labels: LabelTable) -> None:
        """Write into `db`, the file `path`; the labels of the project give codes their meaning."""
        self._db = db
        self._home = path.absolute().parent
        self._labels = labels

    def put_project(self, project: Project) -> None:
        """Write all of a project into empty tables."""
        images, labels, history = project.images, project.labels, project.history
        self._put_images(images.ids, images.paths)
        self._remove(images.ids[images.is_removed])
        is_known = images.contents["size"] >= 0
        self.put_contents(ReadContents(images.ids[is_known], images.contents[is_known]))
        touched = np.flatnonzero(labels.states != 0)
        self._put_labels(images.ids[touched], labels.all[touched])
        self._put_change(SetConcepts(project.concepts))
        next_concept = {NEXT_CONCEPT.name: NEXT_CONCEPT.empty}
        facts = {**next_concept, **project.facts, NEXT_STEP.name: history.next_number}
        for name, value in facts.items():
            self.put_fact(fact_called(name), value)
        for name, values in project.image_facts.items():
            self._put_change(SetFactOfImages(fact_called(name, by_image=True), values))
        for steps, is_undone in ((history.done, False), (history.undone, True)):
            for step in steps:
                self._put_history(step, is_undone=is_undone)

    def put_step(self, event: StepEvent) -> None:
        """Write the change of a step, and add the step to the history."""
        if event.is_new and isinstance(event.change, AddImages):
            self._note_first_images()
        self._put_change(event.change)
        if event.is_new:
            self._db.execute("DELETE FROM steps WHERE is_undone = 1")
            self.put_fact(NEXT_STEP, event.step.number + 1)
        self._put_history(event.step, is_undone=event.is_undone)
        self._db.execute(_TRIM, (MOST_STEPS,))

    def put_contents(self, read: ReadContents) -> None:
        """Write the contents of files."""
        sizes, digests = read.contents["size"].tolist(), read.contents["digest"].tolist()
        self._db.executemany(
            "UPDATE images SET size = ?, digest = ? WHERE id = ?",
            zip(sizes, digests, read.ids.tolist(), strict=True),
        )

    def put_fact(self, fact: Fact[Any], value: object) -> None:
        """Write a value that the project has one of."""
        self._put_fact(fact, to_json(fact, self._labels)(value))

    def note_home(self) -> None:
        """Write the images' folders relative to where the file is now."""
        for number, path in self._db.execute("SELECT id, path FROM folders").fetchall():
            beside = self._way_to(path_text(path))
            self._db.execute("UPDATE folders SET beside = ? WHERE id = ?", (beside, number))

    def _put_history(self, step: Step, *, is_undone: bool) -> None:
        title, change = json.dumps(as_json(step.title)), encode(step.change, self._labels)
        self._db.execute(_PUT_STEP, (step.number, title, change, int(is_undone)))

    def _put_change(self, change: Change) -> None:  # noqa: C901 - a case each
        match change:
            case AddImages(ids, paths):
                self._put_images(ids, paths)
            case RemoveImages(ids):
                self._remove(ids)
            case Relink(ids, paths):
                query = "UPDATE images SET folder = ?, path = ? WHERE id = ?"
                self._db.executemany(query, self._places(ids, paths))
            case SetLabels(ids, labels):
                self._put_labels(ids, labels)
            case SetConcepts(concepts):
                self._db.execute("DELETE FROM concepts")
                rows = [(c.key, at, json.dumps(concept_json(c))) for at, c in enumerate(concepts)]
                self._db.executemany("INSERT INTO concepts VALUES (?, ?, ?)", rows)
                self._grow_fact(NEXT_CONCEPT, max([0, *(c.key + 1 for c in concepts)]))
            case SetFact(fact, value):
                self.put_fact(fact, value)
            case SetFactOfImages():
                self._put_fact_of_images(change)
            case GrowFact(fact, value):
                self._grow_fact(fact, value)
            case Several(changes):
                for one in changes:
                    self._put_change(one)

    def _put_images(self, ids: Ids, paths: PathList) -> None:
        """Write images that are new or restored."""
        self._db.executemany(_PUT_IMAGE, self._places(ids, paths))

    def _note_first_images(self) -> None:
        """Write which images the project began with, before others are added."""
        (highest,) = self._db.execute("SELECT max(id) FROM images").fetchone()
        if highest and self._db.execute(_NO_FIRST_IMAGES, (FIRST_IMAGES.name,)).fetchone()[0]:
            self.put_fact(FIRST_IMAGES, highest)

    def _places(self, ids: Ids, paths: PathList) -> list[tuple[int, bytes, int]]:
        """Return the number of the folder and the name of each path, and the image's id.

        New folders are written, each with its way from the project's file: both may be moved
        together.
        """
        folders, places = dict[str, int](), list[tuple[int, bytes, int]]()
        known: dict[bytes, int] = dict(self._db.execute("SELECT path, id FROM folders"))
        put = "INSERT INTO folders (path, beside) VALUES (?, ?)"
        for image, text in zip(ids.tolist(), paths.texts, strict=True):
            folder, name = os.path.split(text)
            if folder not in folders:
                path = path_bytes(folder)
                if path not in known:
                    cursor = self._db.execute(put, (path, self._way_to(folder)))
                    known[path] = cursor.lastrowid or 0
                folders[folder] = known[path]
            places.append((folders[folder], path_bytes(name), image))
        return places

    def _way_to(self, folder: str) -> bytes | None:
        """Return a folder relative to the project's file; None if it is on another drive."""
        try:
            return path_bytes(os.path.relpath(folder, self._home))
        except ValueError:
            return None

    def _remove(self, ids: Ids) -> None:
        rows = [(image,) for image in ids.tolist()]
        self._db.executemany("UPDATE images SET is_removed = 1 WHERE id = ?", rows)

    def _put_labels(self, ids: Ids, labels: Labels) -> None:
        sets, models = self._labels.sets, self._labels.models
        texts = {
            code: " ".join(map(str, sets.members(code)))
            for code in np.unique(labels["concepts"]).tolist()
        }
        columns = [labels[name].tolist() for name in ("decided_by", "state", "decided_at")]
        rows = zip(
            ids.tolist(),
            [texts[code] for code in labels["concepts"].tolist()],
            *columns,
            labels["probability"].tolist(),  # NaN becomes NULL
            [models[model] for model in labels["model"].tolist()],
            strict=True,
        )
        self._db.executemany(_PUT_LABEL, rows)

    def _grow_fact(self, fact: Fact[Any], value: object) -> None:
        """Merge a value into the stored value of a fact that only grows."""
        if not fact.join:  # nobody declares it any more; what is there is not less
            return
        query = "SELECT value FROM facts WHERE name = ?"
        found = self._db.execute(query, (fact.name,)).fetchone()
        write = to_json(fact, self._labels)
        before = json.loads(found[0]) if found else write(fact.empty)
        self._put_fact(fact, joined(fact, before, write(value)))

    def _put_fact(self, fact: Fact[Any], plain: object) -> None:
        self._db.execute(_PUT_FACT, (fact.name, json.dumps(plain)))

    def _put_fact_of_images(self, change: SetFactOfImages[Any]) -> None:
        name, write = change.fact.name, to_json(change.fact, self._labels)
        there = [(name, i, one) for i, one in change.values.items() if one is not None]
        rows = ((name, image, json.dumps(write(value))) for name, image, value in there)
        self._db.executemany(_PUT_IMAGE_FACT, rows)
        gone = [(name, image) for image, value in change.values.items() if value is None]
        self._db.executemany("DELETE FROM image_facts WHERE name = ? AND image = ?", gone)
