"""Writes rows to the tables of a project's file."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.domain.changes import Ids, SetFactOfImages
from nameplate.domain.concepts import Concept
from nameplate.domain.feature import Fact
from nameplate.domain.labels import Labels, LabelTable
from nameplate.domain.paths import PathList
from nameplate.project.facts import FIRST_IMAGES, NEXT_CONCEPT, joined, to_json
from nameplate.project.file.values import concept_json, path_bytes, path_text
from nameplate.project.history import ReadContents

_PUT_IMAGE: Final = """
INSERT INTO images (id, folder, path) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_removed = 0
"""
_PUT_LABEL: Final = "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?)"
_PUT_IMAGE_FACT: Final = "INSERT OR REPLACE INTO image_facts VALUES (?, ?, ?)"
_PUT_FACT: Final = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
_NO_FIRST_IMAGES: Final = "SELECT NOT EXISTS (SELECT * FROM facts WHERE name = ? AND value <> '0')"


class ProjectTables:
    """Writes rows; its caller begins and ends the transaction.

    Attributes:
        db: The database.
        labels: Those of the project, which give codes their meaning.
    """

    def __init__(self, db: sqlite3.Connection, path: Path, labels: LabelTable) -> None:
        """Write into `db`, the file `path`."""
        self.db = db
        self._home = path.absolute().parent
        self.labels = labels

    def put_contents(self, read: ReadContents) -> None:
        """Write the contents of files."""
        sizes, digests = read.contents["size"].tolist(), read.contents["digest"].tolist()
        self.db.executemany(
            "UPDATE images SET size = ?, digest = ? WHERE id = ?",
            zip(sizes, digests, read.ids.tolist(), strict=True),
        )

    def put_images(self, ids: Ids, paths: PathList) -> None:
        """Write images that are new or restored."""
        places = self._places(paths)
        rows = [(image, *place) for image, place in zip(ids.tolist(), places, strict=True)]
        self.db.executemany(_PUT_IMAGE, rows)

    def note_first_images(self) -> None:
        """Write which images the project began with, before others are added."""
        (highest,) = self.db.execute("SELECT max(id) FROM images").fetchone()
        if highest and self.db.execute(_NO_FIRST_IMAGES, (FIRST_IMAGES.name,)).fetchone()[0]:
            self.put_fact(FIRST_IMAGES, highest)

    def relink(self, ids: Ids, paths: PathList) -> None:
        """Write new paths of images."""
        places = self._places(paths)
        rows = [(*place, image) for image, place in zip(ids.tolist(), places, strict=True)]
        self.db.executemany("UPDATE images SET folder = ?, path = ? WHERE id = ?", rows)

    def _places(self, paths: PathList) -> Iterator[tuple[int, bytes]]:
        """Yield the number of the folder and the name of each path."""
        folders = dict[str, int]()
        known = dict(self.db.execute("SELECT path, id FROM folders"))
        for text in paths.texts:
            folder, name = os.path.split(text)
            if folder not in folders:
                folders[folder] = self._folder(folder, known)
            yield folders[folder], path_bytes(name)

    def note_home(self) -> None:
        """Write the images' folders relative to where the file is now."""
        for number, path in self.db.execute("SELECT id, path FROM folders").fetchall():
            beside = self._way_to(path_text(path))
            self.db.execute("UPDATE folders SET beside = ? WHERE id = ?", (beside, number))

    def _way_to(self, folder: str) -> bytes | None:
        """Return a folder relative to the project's file; None if it is on another drive."""
        try:
            return path_bytes(os.path.relpath(folder, self._home))
        except ValueError:
            return None

    def _folder(self, folder: str, known: dict[bytes, int]) -> int:
        """Return the number of a folder; a new one is written.

        Its way from the project's file is kept as well: both may be moved together.
        """
        path = path_bytes(folder)
        if path not in known:
            values = (path, self._way_to(folder))
            cursor = self.db.execute("INSERT INTO folders (path, beside) VALUES (?, ?)", values)
            known[path] = cursor.lastrowid or 0
        return known[path]

    def remove(self, ids: Ids) -> None:
        """Mark images as removed."""
        rows = [(image,) for image in ids.tolist()]
        self.db.executemany("UPDATE images SET is_removed = 1 WHERE id = ?", rows)

    def put_labels(self, ids: Ids, labels: Labels) -> None:
        """Write labels."""
        sets, models = self.labels.sets, self.labels.models
        texts = {
            code: " ".join(map(str, sets.members(code)))
            for code in np.unique(labels["concepts"]).tolist()
        }
        columns = [labels[name].tolist() for name in ("decided_by", "state", "decided_at")]
        self.db.executemany(
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

    def put_concepts(self, concepts: tuple[Concept, ...]) -> None:
        """Write all concepts."""
        self.db.execute("DELETE FROM concepts")
        rows = [
            (concept.key, place, json.dumps(concept_json(concept)))
            for place, concept in enumerate(concepts)
        ]
        self.db.executemany("INSERT INTO concepts VALUES (?, ?, ?)", rows)
        self.grow_fact(NEXT_CONCEPT, max([0, *(c.key + 1 for c in concepts)]))

    def put_fact(self, fact: Fact[Any], value: object) -> None:
        """Write a value that the project has one of."""
        self._put_fact(fact, to_json(fact, self.labels)(value))

    def grow_fact(self, fact: Fact[Any], value: object) -> None:
        """Join a value to what is there of a fact that only grows."""
        if not fact.join:  # nobody declares it any more; what is there is not less
            return
        found = self.db.execute("SELECT value FROM facts WHERE name = ?", (fact.name,)).fetchone()
        write = to_json(fact, self.labels)
        before = json.loads(found[0]) if found else write(fact.empty)
        self._put_fact(fact, joined(fact, before, write(value)))

    def _put_fact(self, fact: Fact[Any], plain: object) -> None:
        self.db.execute(_PUT_FACT, (fact.name, json.dumps(plain)))

    def put_fact_of_images(self, change: SetFactOfImages[Any]) -> None:
        """Write the values of images."""
        name, write = change.fact.name, to_json(change.fact, self.labels)
        if change.is_whole:
            self.db.execute("DELETE FROM image_facts WHERE name = ?", (name,))
        there = [(name, i, one) for i, one in change.values.items() if one is not None]
        rows = ((name, image, json.dumps(write(value))) for name, image, value in there)
        self.db.executemany(_PUT_IMAGE_FACT, rows)
        gone = [(name, image) for image, value in change.values.items() if value is None]
        self.db.executemany("DELETE FROM image_facts WHERE name = ? AND image = ?", gone)
