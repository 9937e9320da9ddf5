"""Projects that were taught something, and their classifiers in plain onnxruntime, for tests."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from nameplate.domain.changes import SetConcepts, SetLabels, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.inference.manifest import read_manifest
from nameplate.inference.preprocess import pixels
from nameplate.project.file import store
from nameplate.project.project import Project

TEST = Title("label", {"name": "test"})


def taught_project(
    file: Path,
    images: Iterable[Path],
    names: Sequence[str],
    said: Mapping[str, Sequence[int]],
    settings: Settings | None = None,
) -> Path:
    """Write a project with decisions: the ends of paths, and the places of the names given."""
    project = Project(settings or Settings())
    project.apply(SetConcepts(add_all((), names)[0]), TEST)
    project.add_images(project.to_add(sorted(images)))
    for row, path in enumerate(project.images.paths):
        given = next(
            (places for end, places in said.items() if path.as_posix().endswith(end)), None
        )
        if given is not None:
            code = np.array([project.labels.sets.code_of(given)], np.int32)
            label = labels_of(code, DecidedBy.PERSON, ReviewState.CORRECTED, decided_at=1)
            project.apply(SetLabels(project.images.ids[[row]], label), TEST)
    store.close(store.create(file, project))
    return file


def in_plain_onnxruntime(folder: Path, model: Path, images: Iterable[Path]) -> np.ndarray:
    """Return the probabilities that the graph of a classifier gives, n x K."""
    session = onnxruntime.InferenceSession(str(folder / "onnx" / "model.onnx"))
    spec, tensor = read_manifest(model).image, session.get_inputs()[0]
    kind = np.float16 if "float16" in tensor.type else np.float32
    rows = []
    for path in images:
        with Image.open(path) as picture:
            batch = pixels(picture.convert("RGB"), spec)[None].astype(kind)
        [found] = session.run(["probabilities"], {tensor.name: batch})
        rows.append(found[0])
    return np.array(rows)


def rows_of(table: Path) -> list[dict[str, str]]:
    """Return the rows of a labels CSV."""
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def probabilities_in(table: Path) -> np.ndarray:
    """Return the probabilities in a labels CSV, n x K."""
    rows = rows_of(table)
    columns = [name for name in rows[0] if name.startswith("p:")]
    return np.array([[float(row[name]) for name in columns] for row in rows])
