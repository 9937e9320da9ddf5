"""Reads a project from the tables of its file, which is untrusted input."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Ids, Settings
from nameplate.domain.contents import CONTENT, UNKNOWN, Contents
from nameplate.domain.labels import labels_of
from nameplate.domain.messages import of_json
from nameplate.domain.paths import PathList
from nameplate.project.file.codec import check_labels, decode, unpacked
from nameplate.project.file.facts import FACTS
from nameplate.project.file.values import checked_id, concept_ids, concepts_of, path_text
from nameplate.project.history import MOST_STEPS, Step
from nameplate.project.project import Project

_MOST_HISTORY: Final = 1 << 29
"""Bytes of all steps that are loaded, newest first; 1,000 labels of 10,000 images take 280 MB."""


def read_project(db: sqlite3.Connection, path: Path) -> Project:
    """Return the project in the database `db` of the file `path`.

    Raises:
        sqlite3.Error: The file is damaged.
        ArithmeticError, ValueError, LookupError, TypeError: What stands in it is no project.
    """
    facts = db.execute("SELECT name, value FROM facts")
    values = {str(name): json.loads(value) for name, value in facts}
    project = Project(Settings())
    concepts = db.execute("SELECT value FROM concepts ORDER BY place")
    project.restore(
        *_images(db, path.absolute().parent),
        concepts_of(json.loads(value) for (value,) in concepts),
    )
    for name, fact in FACTS.items():
        if fact.is_needed or name in values:
            fact.put(project, values[name])
    _labels(db, project)
    project.rejected.update(
        (checked_id(int(image)), concept_ids([int(part) for part in str(concepts).split()]))
        for image, concepts in db.execute("SELECT image, concepts FROM rejected")
    )
    _history(db, project)
    return project


def _images(
    db: sqlite3.Connection, home: Path
) -> tuple[Ids, PathList, NDArray[np.bool_], Contents]:
    folders = {
        number: path_text(path)
        if not beside or os.path.isdir(path_text(path))  # noqa: PTH112
        else _moved(path_text(path), path_text(beside), home)
        for number, path, beside in db.execute("SELECT id, path, beside FROM folders")
    }
    starts = {number: os.path.join(folder, "") for number, folder in folders.items()}  # noqa: PTH118
    query = "SELECT id, folder, path, is_removed, size, digest FROM images ORDER BY id"
    rows = db.execute(query).fetchall()
    ids = np.array([checked_id(row[0]) for row in rows], dtype=np.int64)
    is_removed = np.array([row[3] for row in rows], dtype=np.bool_)
    names = [path_text(row[2]) for row in rows]
    texts = [starts[row[1]] + name for row, name in zip(rows, names, strict=True)]
    contents = np.full(len(rows), UNKNOWN, CONTENT)
    contents["size"] = [row[4] for row in rows]
    contents["digest"] = [row[5] or b"" for row in rows]
    return ids, PathList.of_texts(texts), is_removed, contents


def _moved(folder: str, beside: str, home: Path) -> str:
    """Return the new path of a folder that was moved together with the project's file."""
    near = os.path.normpath(os.path.join(home, beside))  # noqa: PTH118
    return near if os.path.isdir(near) else folder  # noqa: PTH112


def _labels(db: sqlite3.Connection, project: Project) -> None:
    rows = db.execute("SELECT * FROM labels ORDER BY image").fetchall()
    if not rows:
        return
    images, texts, by, states, at, probability, models = zip(*rows, strict=True)
    known = {concept.key for concept in project.concepts}
    codes = dict[str, int]()
    for text in set(texts):
        members = [int(part) for part in text.split()]
        if not known.issuperset(members):
            raise ValueError("a label of no concept")
        codes[text] = project.labels.sets.code_of(members)
    labels = labels_of(
        np.array([codes[text] for text in texts], dtype=np.int32),
        np.array(by, dtype=np.uint8),
        np.array(states, dtype=np.uint8),
    )
    numbers = {name: project.labels.model_index(str(name)) for name in set(models)}
    labels["decided_at"] = at
    labels["probability"] = [np.nan if one is None else one for one in probability]
    labels["model"] = [numbers[name] for name in models]
    check_labels(labels)
    rows_of = project.images.rows_of(np.array(images, dtype=np.int64))
    project.labels.replace(rows_of, labels)


def _history(db: sqlite3.Connection, project: Project) -> None:
    """Load the steps; if one cannot be read, those beyond it are dropped."""
    history = project.history
    query = "SELECT number, title, change, is_undone FROM steps ORDER BY number DESC LIMIT ?"
    done, room = list[Step](), _MOST_HISTORY
    for number, title, change, is_undone in db.execute(query, (2 * MOST_STEPS,)):
        try:
            called = of_json(json.loads(title))
            plain = unpacked(change, len(project.images), room)
            known, room = decode(plain, project), room - len(plain)
        except ValueError:
            if is_undone:  # the ones that would come after it
                history.undone.clear()
            break
        step = Step(checked_id(int(number)), called, known)
        (history.undone if is_undone else done).append(step)
    history.done.extend(reversed(done))
