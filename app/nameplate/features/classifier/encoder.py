"""Opens the encoder of a classifier: the installed model that it is of, or its own graph."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from nameplate.domain.errors import ModelError, NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.reading import read_classifier
from nameplate.features.classifier.saved import SavedClassifier
from nameplate.inference.manifest import fingerprint
from nameplate.inference.model import LoadedModel, load_model
from nameplate.model_hub.library import STARTER, installed_models, manifest_of, model_folder
from nameplate.model_hub.trial import in_child
from nameplate.system.child_frames import Frame, Room


def open_encoder(
    folder: Path, saved: SavedClassifier, named: str, device: str, cancel: CancelToken
) -> LoadedModel:
    """Open the encoder of the classifier in `folder`, at best the model `named`.

    An installed model with the same fingerprint has its vectors in the cache. Without one, the
    graph of the folder is tried in a child process, as any foreign one, before it is loaded here;
    its vectors are cached as those of a model of its own, whatever the folder says that it is.

    Raises:
        ModelError: It cannot be used, or is not of the model that a person named.
        UsageError: There is no such device.
    """
    for installed in _installed(named):
        with suppress(NameplateError):  # one that is damaged is not it
            manifest = manifest_of(installed, cancel)
            is_as_large = manifest.embedding_size == saved.model.embedding_size
            if is_as_large and fingerprint(installed, manifest) == saved.fingerprint:
                return load_model(installed, device=device, manifest=manifest)
    if named != STARTER:  # which is what is named where nobody names one
        raise ModelError("classifier-of-other-model", where=str(folder), model=saved.model.id)
    in_child(try_graph, folder, cancel)
    return load_model(folder, device=device, manifest=saved.model)


def _installed(named: str) -> Iterator[Path]:
    """Yield the folder of the model `named`, then all that are there where it is the starter."""
    with suppress(NameplateError):
        yield model_folder(named)
    if named == STARTER:
        yield from installed_models().values()


def try_graph(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the graph of a classifier in a child process, see `child_frames.Task`."""
    folder = Path(arguments["folder"])
    saved = read_classifier(folder)
    model, side = load_model(folder, device="cpu", manifest=saved.model), saved.model.image.size
    pixels = np.random.default_rng(0).normal(0.0, 1.0, (2, 3, side, side)).astype(np.float32)
    if not np.isfinite(model.image.encode(pixels)).all():
        raise ModelError("no-finite-vectors", where=str(folder))
    return Frame({})
