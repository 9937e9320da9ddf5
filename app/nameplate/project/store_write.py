"""Writes a project and its steps into the tables of its file."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.changes import (
    AddImages,
    Change,
    Ids,
    Relink,
    RemoveImages,
    SetConcepts,
    SetLabels,
    SetSettings,
    Several,
)
from nameplate.domain.labels import Labels, LabelTable
from nameplate.domain.paths import PathList
from nameplate.domain.views import Place
from nameplate.project.codec import (
    concept_json,
    encode,
    path_bytes,
    path_text,
    place_json,
    settings_json,
)
from nameplate.project.history import MOST_STEPS, ReadContents, Step, Taken
from nameplate.project.project import Project

_PUT_IMAGE: Final = """
INSERT INTO images (id, folder, path) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_removed = 0
"""
_PUT_LABEL: Final = "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?)"
_PUT_STEP: Final = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)"
_PUT_FACT: Final = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
_TRIM: Final = """
DELETE FROM steps WHERE is_undone = 0 AND number <= (
    SELECT number FROM steps WHERE is_undone = 0 ORDER BY number DESC LIMIT 1 OFFSET ?
)
"""


class ProjectWriter:
    """Writes changes; its caller begins and ends the transaction."""

    def __init__(self, db: sqlite3.Connection, path: Path, labels: LabelTable) -> None:
        """Write into `db`, the file `path`; `labels` give codes their meaning."""
        self._db = db
        self._home = path.absolute().parent
        self._labels = labels

    def project(self, project: Project) -> None:
        """Write all of a project into empty tables."""
        images, labels = project.images, project.labels
        self._images(images.ids, images.paths)
        self._remove(images.ids[images.is_removed])
        is_known = images.contents["size"] >= 0
        self.contents(ReadContents(images.ids[is_known], images.contents[is_known]))
        touched = np.flatnonzero(labels.states != 0)
        self._put_labels(images.ids[touched], labels.all[touched])
        self._change(SetConcepts(project.concepts))
        self._change(SetSettings(project.settings))
        self.place(project.place)
        self._fact("next concept", project.next_concept_id)
        self._fact("next step", project.history.next_number)
        for steps, is_undone in ((project.history.done, 0), (project.history.undone, 1)):
            for step in steps:
                self._step(step, is_undone=is_undone)

    def step(self, taken: Taken) -> None:
        """Write what a step changed, and the step into the history."""
        self._change(taken.change)
        if taken.is_new:
            self._db.execute("DELETE FROM steps WHERE is_undone = 1")
            self._fact("next step", taken.step.number + 1)
        self._step(taken.step, is_undone=int(taken.is_undone))
        self._db.execute(_TRIM, (MOST_STEPS,))

    def contents(self, read: ReadContents) -> None:
        """Write the contents of files."""
        sizes, digests = read.contents["size"].tolist(), read.contents["digest"].tolist()
        self._db.executemany(
            "UPDATE images SET size = ?, digest = ? WHERE id = ?",
            zip(sizes, digests, read.ids.tolist(), strict=True),
        )

    def place(self, place: Place) -> None:
        """Write where the person is."""
        self._fact("place", place_json(place))

    def _change(self, change: Change) -> None:
        match change:
            case AddImages():
                self._images(change.ids, change.paths)
            case RemoveImages():
                self._remove(change.ids)
            case Relink():
                self._relink(change)
            case SetLabels():
                self._put_labels(change.ids, change.labels)
            case SetConcepts():
                self._concepts(change)
            case SetSettings():
                self._fact("settings", settings_json(change.settings))
            case Several():
                for one in change.changes:
                    self._change(one)

    def _images(self, ids: Ids, paths: PathList) -> None:
        places = self._places(paths)
        rows = [(image, *place) for image, place in zip(ids.tolist(), places, strict=True)]
        self._db.executemany(_PUT_IMAGE, rows)

    def _relink(self, change: Relink) -> None:
        places = self._places(change.paths)
        rows = [(*place, image) for image, place in zip(change.ids.tolist(), places, strict=True)]
        self._db.executemany("UPDATE images SET folder = ?, path = ? WHERE id = ?", rows)

    def _places(self, paths: PathList) -> Iterator[tuple[int, bytes]]:
        """Yield the number of the folder and the name of each path."""
        folders = dict[str, int]()
        known = dict(self._db.execute("SELECT path, id FROM folders"))
        for text in paths.texts:
            folder, name = os.path.split(text)
            if folder not in folders:
                folders[folder] = self._folder(folder, known)
            yield folders[folder], path_bytes(name)

    def note_home(self) -> None:
        """Write how the folders of the images lie from where the file is now."""
        for number, path in self._db.execute("SELECT id, path FROM folders").fetchall():
            beside = self._way_to(path_text(path))
            self._db.execute("UPDATE folders SET beside = ? WHERE id = ?", (beside, number))

    def _way_to(self, folder: str) -> bytes | None:
        """Return the way from the project's file to a folder; None where it is on another drive."""
        try:
            return path_bytes(os.path.relpath(folder, self._home))
        except ValueError:
            return None

    def _folder(self, folder: str, known: dict[bytes, int]) -> int:
        """Return the number of a folder, which is written where it is new.

        Its way from the project's file is kept as well: both may be moved together.
        """
        path = path_bytes(folder)
        if path not in known:
            values = (path, self._way_to(folder))
            cursor = self._db.execute("INSERT INTO folders (path, beside) VALUES (?, ?)", values)
            known[path] = cursor.lastrowid or 0
        return known[path]

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
        self._db.executemany(
            _PUT_LABEL,
            zip(
                ids.tolist(),
                [texts[code] for code in labels["concepts"].tolist()],
                *columns,
                labels["probability"].tolist(),  # NaN becomes NULL
                [models[model] for model in labels["model"].tolist()],
                strict=True,
            ),
        )

    def _concepts(self, change: SetConcepts) -> None:
        self._db.execute("DELETE FROM concepts")
        rows = [
            (concept.key, place, json.dumps(concept_json(concept)))
            for place, concept in enumerate(change.concepts)
        ]
        self._db.executemany("INSERT INTO concepts VALUES (?, ?, ?)", rows)
        query = "SELECT value FROM facts WHERE name = 'next concept'"
        least = json.loads((self._db.execute(query).fetchone() or ("0",))[0])
        self._fact("next concept", max([least, *(c.key + 1 for c in change.concepts)]))

    def _fact(self, name: str, value: object) -> None:
        self._db.execute(_PUT_FACT, (name, json.dumps(value)))

    def _step(self, step: Step, *, is_undone: int) -> None:
        title = json.dumps({"code": step.title.code, **dict(step.title.parameters)})
        change = encode(step.change, self._labels)
        self._db.execute(_PUT_STEP, (step.number, title, change, is_undone))
