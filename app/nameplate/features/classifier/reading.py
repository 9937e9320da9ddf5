"""Reads the folder of a classifier, which is untrusted: checked, of bounded size, not executed."""

import os
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from nameplate import __version__
from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.naming.concept_files import concepts_of_tables
from nameplate.domain.prompts import TemplateSet, checked
from nameplate.features.classifier.saved import (
    DESCRIBED,
    FORMAT,
    GRAPH,
    MANIFEST_FILE,
    WEIGHTS,
    SavedClassifier,
)
from nameplate.inference.fields import (
    Fields,
    flag,
    identifier,
    matching,
    number,
    numbers,
    read_toml,
    shown_text,
    string,
    whole,
)
from nameplate.inference.manifest import verify_file
from nameplate.inference.model_files import Digests, inside, reading
from nameplate.inference.specs import (
    EMBEDDING_SIZES,
    LARGEST_ID,
    LARGEST_LOGIT,
    ModelFile,
    ModelManifest,
    TextSpec,
    descriptor_specs,
    head_of,
    image_spec,
    model_file,
)
from nameplate.pipeline.learning.probe import Probe
from nameplate.project.imported_classifier import are_weights
from nameplate.scoring.score_matrix import Weights
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.system.opening import open_regular

LARGEST_WEIGHTS: Final = 1 << 28
"""Bytes of the file of weights; enough for 30,000 names with the largest common encoder."""

_AGAIN: Final = Message("save-classifier-again")
_LEAST_LENGTH, _MOST_LENGTH = 0.99, 1.01  # of unit vectors, allowing for rounding
_NO_TEXT: Final = TextSpec("", "", 3, "longest", 0, "none")
_HEADER: Final = 4096
_FINGERPRINT: Final = matching(r"[0-9a-f]{16}", Message("must-be-fingerprint"))


def read_classifier(folder: Path) -> SavedClassifier:
    """Read and check a classifier; its graph is not opened.

    Raises:
        ModelError: The folder or a file is missing, damaged, changed, of a newer version, too
            large, or has invalid values.
        UsageError: A concept is invalid.
    """
    if not os.path.isfile(folder / MANIFEST_FILE):  # noqa: PTH113 - never raises
        raise ModelError("no-classifier", where=str(folder))
    table = read_toml(folder / MANIFEST_FILE)
    version = table.get("format", whole(1, LARGEST_ID))
    if version > FORMAT:
        made_by = table.get("nameplate", shown_text, "")
        raise ModelError("classifier-newer", where=str(folder), made=made_by, own=__version__)
    named = table.get("concept", lambda value: value)
    concepts = concepts_of_tables(named, str(folder / MANIFEST_FILE))
    files = tuple(model_file(entry, folder) for entry in table.tables("files"))
    model, fingerprint = _model(table, folder, files)
    learned = table.table("learned") if table.has("learned") else None
    has_neutral = table.get("has_neutral", flag)
    count, is_described = len(concepts), any(file.name == DESCRIBED for file in files)
    size, more = model.sizes
    rows = count + has_neutral + (count if learned and not is_described else 0)
    weights = _weights(folder, files, WEIGHTS, (rows, size))
    names = _names(table, concepts, weights[: count + has_neutral], model)
    classifier = names
    if learned is not None:
        kept = weights[count + has_neutral :], np.empty((0, 0), np.float32)
        if is_described:
            kept = kept[0], _weights(folder, files, DESCRIBED, (count, more))
        classifier = _probe(learned, names, Weights(*kept))
    minimum = table.get("minimum", number(0, 1))
    return SavedClassifier(classifier, minimum, model, fingerprint, files)


def _model(table: Fields, folder: Path, files: tuple[ModelFile, ...]) -> tuple[ModelManifest, str]:
    """Return the manifest of the encoder in the folder, and the fingerprint of its model."""
    about = table.table("model")
    image = image_spec(table.table("image"), folder)
    if image.file != GRAPH:
        table.refuse("image.file", Message("must-be-one-of", {"choices": (GRAPH,)}))
    if GRAPH not in {file.name for file in files}:
        table.refuse("files", Message("does-not-list", {"file": GRAPH}))
    manifest = ModelManifest(
        id=about.get("id", identifier),
        title=about.get("title", shown_text),
        source=about.get("source", shown_text),
        licence=about.get("licence", shown_text),
        family=about.get("family", shown_text),
        embedding_size=about.get("embedding_size", whole(*EMBEDDING_SIZES)),
        templates="none",
        image=image,
        text=_NO_TEXT,
        head=head_of(table.table("head")),
        files=tuple(f for f in files if Path(GRAPH).parent in Path(f.name).parents),
        descriptors=descriptor_specs(table),
    )
    return manifest, about.get("fingerprint", _FINGERPRINT)


def _names(
    table: Fields, concepts: tuple[Concept, ...], weights: Vectors, model: ModelManifest
) -> ZeroShot:
    lengths = np.linalg.norm(weights.astype(np.float64), axis=1)
    if not ((lengths > _LEAST_LENGTH) & (lengths < _MOST_LENGTH)).all():
        table.refuse("weights", Message("weights-no-vectors"))
    templates = tuple(map(checked, table.get("templates", _texts)))
    template_set = TemplateSet(table.get("templates_id", identifier), "", templates)
    is_multi, count = table.get("several_labels", flag), len(concepts)
    neutral = weights[count] if len(weights) > count else None
    # The key of a concept is its row in the file, see `concepts_of_tables`.
    vectors = weights[[concept.key for concept in concepts]]
    return ZeroShot(concepts, vectors, template_set, model.head, is_multi, neutral)


def _probe(table: Fields, names: ZeroShot, weights: Weights) -> Probe:
    places = [concept.key for concept in names.concepts]
    bias = np.array(table.get("bias", numbers))
    if bias.shape != (len(places),) or not are_weights(bias):
        table.refuse("bias", Message("must-be-numbers"))
    return Probe(
        names,
        _in_order(weights.of_embeddings, places),
        _in_order(weights.of_descriptors, places),
        bias[places].astype(np.float32),
        table.get("scale", number(0, LARGEST_LOGIT)),
        table.get("decisions", string, ""),
    )


def _in_order(weights: Vectors, places: list[int]) -> Vectors:
    return np.ascontiguousarray(weights[places]) if len(weights) else weights


def _weights(
    folder: Path, files: tuple[ModelFile, ...], name: str, shape: tuple[int, int]
) -> Vectors:
    """Return the array in a file of weights, which must have this shape."""
    path = inside(folder, name)
    file = next((one for one in files if one.name == name), None)
    if file is None:
        raise ModelError("weights-unlisted", where=str(folder / MANIFEST_FILE), file=name)
    if max(file.bytes, 4 * shape[0] * shape[1]) > LARGEST_WEIGHTS:
        raise ModelError("classifier-weights-too-large", where=str(path), most=LARGEST_WEIGHTS)
    verify_file(path, file, Digests())
    with reading(path, _AGAIN), open_regular(path) as stream:
        content = stream.read(LARGEST_WEIGHTS)
    found = _array(content, shape)
    if found is None:
        raise ModelError("classifier-weights-differ", where=str(path), shape=str(shape))
    if not are_weights(found):
        raise ModelError("classifier-weights-no-numbers", where=str(path))
    return found


def _array(content: bytes, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """Return the array in an NPY file; None if it has another shape or type."""
    size = 4 * shape[0] * shape[1]
    head = content[: max(0, len(content) - size)]
    expected = f"'descr': '<f4', 'fortran_order': False, 'shape': {shape}".encode()
    if not head.startswith(b"\x93NUMPY\x01\x00") or expected not in head or len(head) > _HEADER:
        return None
    return np.frombuffer(content, "<f4", offset=len(head)).reshape(shape)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(string, cast("list[object]", value) if isinstance(value, list) else [None]))
