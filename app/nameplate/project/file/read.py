"""Reads a project from the tables of its file, which is untrusted input."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Ids, Relink, Settings, Several
from nameplate.domain.images import CONTENT, UNKNOWN, Contents
from nameplate.domain.labels import labels_of
from nameplate.domain.messages import of_json
from nameplate.domain.paths import PathList
from nameplate.project.facts import NEEDED, NEXT_STEP, declared, fact_called, from_json
from nameplate.project.file.codec import check_labels, decode, unpacked
from nameplate.project.file.integrity import ProjectError
from nameplate.project.file.values import checked_id, concepts_of, path_text
from nameplate.project.history import MOST_STEPS, Step
from nameplate.project.project import Project
from nameplate.system.elsewhere import host_of, is_elsewhere

_SHORT: Final = 9
"""Letters of a folder that does not tell alone whether its images are on another machine."""

_MOST_HISTORY: Final = 1 << 29
"""Bytes of all steps that are loaded, newest first; 1,000 labels of 10,000 images take 280 MB."""


def read_project(db: sqlite3.Connection, path: Path) -> Project:
    """Return the project in the database `db` of the file `path`.

    No path that stands in it is looked at that leads to a machine which nobody agreed to contact:
    on Windows that tells its owner who opened the project, with a hash of their password.

    Raises:
        ElsewhereProjectError: There is such a path.
        sqlite3.Error: The file is damaged.
        ArithmeticError, ValueError, LookupError, TypeError: What stands in it is no project.
    """
    facts = db.execute("SELECT name, value FROM facts")
    values = {str(name): json.loads(value) for name, value in facts}
    project = Project(Settings())
    # Whole: a cursor that an error keeps alive would keep the file locked.
    concepts = db.execute("SELECT value FROM concepts ORDER BY place").fetchall()
    project.restore(
        *_images(db, path.absolute()), concepts_of(json.loads(value) for (value,) in concepts)
    )
    if any(fact.name not in values for fact in NEEDED):
        raise LookupError("a fact that every project has")
    known = [name for name in declared() if name in values]  # each may need those before it
    for name in dict.fromkeys([*known, *values]):
        project.facts[name] = from_json(fact_called(name), project)(values[name])
    project.history.next_number = project.facts.pop(NEXT_STEP.name)
    _facts_of_images(db, project)
    _labels(db, project)
    _history(db, project)
    _refuse_elsewhere(_paths_of_steps(project), path)
    return project


def _facts_of_images(db: sqlite3.Connection, project: Project) -> None:
    readers = dict[str, Callable[[Any], Any]]()
    rows = db.execute("SELECT name, image, value FROM image_facts").fetchall()
    for name, image, text in rows:
        if name not in readers:
            readers[name] = from_json(fact_called(str(name), by_image=True), project)
        if (value := readers[name](json.loads(text))) is not None:
            project.image_facts.setdefault(str(name), {})[checked_id(int(image))] = value


def _refuse_elsewhere(texts: Iterable[str], path: Path) -> None:
    """Raise a ProjectError if looking at a path would contact another machine.

    A project that somebody opened from another machine may have pictures there.
    """
    hosts = set(map(host_of, filter(is_elsewhere, texts)))
    if is_elsewhere(str(path)):
        hosts.discard(host_of(str(path)))
    if hosts:
        there = tuple(sorted(hosts))
        raise ProjectError("project-is-elsewhere", where=str(path), hosts=there)


def _paths_of_steps(project: Project) -> Iterator[str]:
    """Yield the paths that undo could bring back."""
    changes = [step.change for step in (*project.history.done, *project.history.undone)]
    while changes:
        match changes.pop():
            case Several(inner):
                changes += inner
            case Relink(_, paths):
                yield from paths.texts
            case _:
                pass


def _images(
    db: sqlite3.Connection, file: Path
) -> tuple[Ids, PathList, NDArray[np.bool_], Contents]:
    places = [
        (number, path_text(path), path_text(beside) if beside else "")
        for number, path, beside in db.execute("SELECT id, path, beside FROM folders")
    ]
    _refuse_elsewhere((text for _, *both in places for text in both), file)
    starts = {
        number: os.path.join(_place_of(path, beside, file.parent), "")  # noqa: PTH118
        for number, path, beside in places
    }
    query = "SELECT id, folder, path, is_removed, size, digest FROM images ORDER BY id"
    rows = db.execute(query).fetchall()
    ids = np.array([checked_id(row[0]) for row in rows], dtype=np.int64)
    is_removed = np.array([row[3] for row in rows], dtype=np.bool_)
    names = [path_text(row[2]) for row in rows]
    texts = [starts[row[1]] + name for row, name in zip(rows, names, strict=True)]
    # With its name a folder such as / may become one of another machine.
    short = {number for number, start in starts.items() if len(start) < _SHORT}
    either = (text for text, row in zip(texts, rows, strict=True) if row[1] in short)
    _refuse_elsewhere(either, file)
    contents = np.full(len(rows), UNKNOWN, CONTENT)
    contents["size"] = [row[4] for row in rows]
    contents["digest"] = [row[5] or b"" for row in rows]
    return ids, PathList.of_texts(texts), is_removed, contents


def _place_of(folder: str, beside: str, home: Path) -> str:
    """Return the path of a folder, which may have been moved together with the project's file."""
    if not beside or os.path.isdir(folder):  # noqa: PTH112
        return folder
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
