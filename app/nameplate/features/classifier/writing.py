"""Writes a classifier's folder, whole or not at all, and tests the new graph."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from nameplate import __version__
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.naming.concept_files import as_toml
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.features.classifier import card
from nameplate.features.classifier.graph import PROBABILITIES, append_classifier
from nameplate.features.classifier.saved import (
    DESCRIBED,
    FORMAT,
    FORMAT_OF_EMBEDDINGS,
    GRAPH,
    MANIFEST_FILE,
    WEIGHTS,
    SavedClassifier,
    labels_of,
)
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Kind
from nameplate.inference.encoders import ImageEncoder
from nameplate.inference.external import external_files
from nameplate.inference.fields import LARGEST_TOML
from nameplate.inference.manifest import toml_lines
from nameplate.inference.model import load_model
from nameplate.inference.runtime.graph_io import image_shape
from nameplate.inference.runtime.session import OnnxSession
from nameplate.inference.specs import ModelFile
from nameplate.scoring.classifier import score
from nameplate.storage.resources import resource
from nameplate.system.opening import open_regular

_FOLDER: Final = Kind(Message("classifier-folder"), lambda _path: False)
_LICENCES: Final = ("licen", "notice", "copying", "readme")
"""How the files of an encoder begin that go along."""

_LARGEST_LICENCE: Final = 1 << 20
_BLOCK: Final = 1 << 20
_SHARE, _LEAST = 0.05, 1e-4
"""How far the probabilities of the new graph may be from Nameplate's own. With 32 bits they are the
same to 1e-6; graphs of 8 or 16 bits round elsewhere once they are longer."""


def write_classifier(
    path: Path,
    saved: SavedClassifier,
    model_folder: Path,
    images: Sequence[str],
    cancel: CancelToken = NEVER,
) -> None:
    """Write a classifier into a new folder; it may be called from any thread.

    Args:
        path: The folder, which must not be there, or be empty.
        saved: What to write.
        model_folder: Of its encoder.
        images: The pictures of its project, which the folder must not lie among.
        cancel: Checked between files, and within large ones that are copied.

    Raises:
        CancelledError: `cancel` was set; nothing is left.
        ModelError: The encoder cannot be the first part of a classifier.
        OutputError: It must not be written, or cannot.
    """

    def fill(build: FolderBuild) -> None:
        build.cancel = cancel
        _fill(build, saved, model_folder)

    output_for(path, images, model_folder).write_folder(fill)


def output_for(path: Path, images: Sequence[str], model_folder: Path | None = None) -> FolderOutput:
    """Return the folder as an output, so that it can be checked before long work."""
    return FolderOutput(path, _FOLDER, images=images, model=model_folder)


def _fill(build: FolderBuild, saved: SavedClassifier, model_folder: Path) -> None:
    """Put all files into a new folder."""
    spec = saved.model.image
    encoder = load_model(model_folder, device="cpu", manifest=saved.model).image
    if encoder.input.dtype not in ("float32", "float16") or image_shape(encoder.input, 0)[0] != 3:
        raise ModelError("classifier-of-other-pixels", where=str(model_folder))
    data = external_files(model_folder, spec.file)
    for name in data:
        inner = Path(name).relative_to(Path(spec.file).parent).as_posix()
        _copy(model_folder / name, build, f"{Path(GRAPH).parent.as_posix()}/{inner}")
    with build.open(GRAPH) as stream:
        append_classifier(model_folder / spec.file, encoder, saved.classifier, stream)
    build.cancel.raise_if_cancelled()
    _try_out(build.folder / GRAPH, saved, encoder)
    with build.open(WEIGHTS) as stream:
        _write_array(stream, saved.classifier.weights.of_embeddings)
    if saved.is_described:
        with build.open(DESCRIBED) as stream:
            _write_array(stream, saved.classifier.weights.of_descriptors)
    for name, text in {
        "labels.txt": labels_of(saved.names.concepts),
        "config.json": card.config_json(saved),
        "preprocessor_config.json": card.preprocessor_json(spec),
        "classify.py": resource("classifier", "classify.py").read_text(encoding="utf-8"),
    }.items():
        build.write_bytes(name, text.encode())
    files = [_described(build.folder, path) for path in sorted(build.folder.rglob("*"))]
    day, licences = datetime.now(UTC).strftime("%Y-%m-%d"), _copy_licences(model_folder, build)
    build.write_bytes("README.md", card.card(saved, day, licences).encode())
    manifest = _manifest(saved, day, [file for file in files if file is not None])
    if len(manifest) > LARGEST_TOML:
        raise ModelError("classifier-too-many-names", count=len(saved.names.concepts))
    build.write_bytes(MANIFEST_FILE, manifest)
    build.cancel.raise_if_cancelled()


def _write_array(stream: BinaryIO, array: Vectors) -> None:
    whole = np.ascontiguousarray(array, dtype="<f4")
    np.lib.format.write_array(stream, whole, version=(1, 0), allow_pickle=False)


def _manifest(saved: SavedClassifier, day: str, files: list[ModelFile]) -> bytes:
    names, model, probe, taught = saved.names, saved.model, saved.probe, saved.taught
    general: dict[str, Any] = {
        "format": FORMAT if saved.is_described else FORMAT_OF_EMBEDDINGS,
        "nameplate": __version__,
        "made": day,
        "several_labels": names.multi,
        "minimum": saved.minimum,
        "templates_id": names.template_set.id or "own",
        "templates": names.template_set.templates,
        "weights": WEIGHTS,
        "has_neutral": names.neutral is not None,
    }
    about = {
        name: getattr(model, name)
        for name in ("id", "title", "source", "licence", "family", "embedding_size")
    }
    tables: dict[str, dict[str, Any]] = {
        "model": {**about, "fingerprint": saved.fingerprint},
        "image": {**asdict(model.image), "file": GRAPH},
        "head": asdict(names.head),
    }
    if probe is not None:
        bias = [float(one) for one in probe.bias]
        tables["learned"] = {"scale": probe.scale, "bias": bias, "decisions": probe.decisions}
    tables["taught"] = {
        "decisions": taught.decisions,
        "by_name": [taught.by_name.get(c.name, 0) for c in names.concepts],
        "tested": taught.tested,
        "right": round(taught.right, 4),
        "mixed_up": taught.mixed_up,
        "elsewhere": taught.elsewhere or None,
    }
    parts = [toml_lines(general), as_toml(names.concepts)]
    parts += [f"[{name}]\n{toml_lines(values)}" for name, values in tables.items()]
    parts += [f"[[descriptors]]\n{toml_lines(asdict(one))}" for one in model.descriptors]
    parts += [f"[[files]]\n{toml_lines(asdict(file))}" for file in files]
    return "\n".join(parts).encode()


def _try_out(path: Path, saved: SavedClassifier, encoder: ImageEncoder) -> None:
    """Compare the new graph with Nameplate's own probabilities, on random pixels.

    Raises:
        ModelError: It cannot be loaded, takes more than pixels, or gives other probabilities.
    """
    session, side = OnnxSession(path), encoder.spec.size
    if len(session.inputs) != 1:
        raise ModelError("classifier-of-two-encoders", where=saved.model.title)
    count = encoder.fixed_batch or 2
    pixels = np.random.default_rng(0).normal(0.0, 1.0, (count, 3, side, side)).astype(np.float32)
    expected = score(saved.classifier, encoder.vectors(pixels)).probabilities
    tensor = session.inputs[0]
    batch = pixels.astype(tensor.dtype)
    found = session.run({tensor.name: batch}, [PROBABILITIES])[PROBABILITIES]
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=_SHARE, atol=_LEAST):
        raise ModelError("classifier-differs", where=saved.model.title)


def _copy(source: Path, build: FolderBuild, name: str) -> None:
    with open_regular(source) as stream, build.open(name) as target:
        while block := stream.read(_BLOCK):
            build.cancel.raise_if_cancelled()
            target.write(block)


def _copy_licences(folder: Path, build: FolderBuild) -> list[str]:
    """Copy the texts beside the encoder about its licence; return their names here."""
    copied = list[str]()
    for path in sorted(folder.iterdir()):
        is_one = path.name.lower().startswith(_LICENCES) and path.is_file()
        if not is_one or path.stat().st_size > _LARGEST_LICENCE:
            continue
        is_readme = path.name.lower().startswith("readme")
        name = f"ENCODER-{path.name}" if is_readme else path.name
        _copy(path, build, name)
        copied.append(name)
    return copied


def _described(folder: Path, path: Path) -> ModelFile | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ModelFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
