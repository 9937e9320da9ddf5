"""A whole model, loaded from its folder and ready to encode; and what can be wrong with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.errors import ModelError
from nameplate.domain.scoring import Head, Vectors
from nameplate.inference.devices import open_session
from nameplate.inference.encoders import ImageEncoder, TextEncoder
from nameplate.inference.heap import large_blocks_apart
from nameplate.inference.manifest import fingerprint, read_manifest, verify_files
from nameplate.inference.preprocess import pixels
from nameplate.inference.providers import DeviceReport, as_device_name, require_one_runtime
from nameplate.inference.session import OnnxSession, Session, usable_cores
from nameplate.inference.specs import ModelManifest
from nameplate.inference.tokenizer import Tokenizer

SAME: Final = 0.99
"""Cosine above which two embeddings of one input are the same. Wide, since graphs quantised at run
time take their range from the whole batch; mixed-up rows are far below."""

CONSTANT: Final = 0.99999
"""Cosine above which embeddings of different inputs do not differ at all."""

PADDED: Final = 1.25
"""Times its tokenizer's tokens a text encoder may know: many are padded to a round number, which is
a hundredth at most."""

PROMPTS: Final = ("a photo of a dog.", "red", "a diagram", "two green and blue cars at night")


@dataclass(frozen=True)
class LoadedModel:
    """A model that is ready.

    Attributes:
        manifest: What its folder says.
        folder: Where it was loaded from.
        fingerprint: Key of its embeddings in the cache.
        image: Image encoder; on the processor any number of threads at a time, else one.
        text: Text encoder; one thread at a time, which may be another than the image encoder's.
        head: Turns scores into probabilities.
        lanes: How many batches to encode at once where the processor does it: one for each core,
            each run by one thread; 1 where one run takes all cores.
    """

    manifest: ModelManifest
    folder: Path
    fingerprint: str
    image: ImageEncoder
    text: TextEncoder
    head: Head
    lanes: int

    @property
    def device(self) -> DeviceReport:
        """What the image encoder, which does the bulk of the work, really runs on now."""
        return self.image.device


def load_model(
    folder: Path,
    *,
    device: str = "auto",
    manifest: ModelManifest | None = None,
) -> LoadedModel:
    """Load the model in `folder` after comparing its files with their hashes.

    The text encoder always runs on the CPU: it belongs to another thread, and sessions for one GPU
    must be called from one (design 4). A typed name never waits for a batch of pictures, either.

    On the processor a run of the image encoder takes one thread, and as many runs go on at once as
    there are cores (`LoadedModel.lanes`): none of them waits for the slowest part of the others
    after each operation, and what one core works on stays in its cache. Where one graph is both
    encoders a run takes all cores, so that a typed name does not get one alone.

    Args:
        folder: With `model.toml`, or one that another exporter made.
        device: `auto`, `cpu` or an accelerator's name, for the image encoder.
        manifest: Of the folder, where it has been read already.

    Raises:
        ModelError: The folder, one of its files or the device cannot be used.
        UsageError: There is no such device.
    """
    require_one_runtime()
    name = as_device_name(device)
    manifest = manifest or read_manifest(folder)
    verify_files(folder, manifest)
    tokenizer = Tokenizer(folder / manifest.text.tokenizer, manifest.text)
    file, side = folder / manifest.image.file, manifest.image.size
    cores = usable_cores()
    threads = cores if manifest.text.file == manifest.image.file else 1
    with large_blocks_apart():
        image = open_session(file, requested=name, side=side, threads=threads)
        text = _text_session(folder, manifest, image)
    size = manifest.embedding_size
    return LoadedModel(
        manifest=manifest,
        folder=folder,
        fingerprint=fingerprint(folder, manifest),
        image=ImageEncoder(image, manifest.image, size),
        text=TextEncoder(text, manifest.text, tokenizer, size, side=manifest.image.size),
        head=manifest.head,
        lanes=cores // threads,
    )


def _text_session(folder: Path, manifest: ModelManifest, image: Session) -> Session:
    """Return the text encoder's session: the image encoder's own where one graph is both.

    On the CPU two threads may run one session, and a second one would double the memory.
    """
    is_same = manifest.text.file == manifest.image.file
    if is_same and image.providers == ("CPUExecutionProvider",):
        return image
    return OnnxSession(folder / manifest.text.file, device="cpu")


def self_check(model: LoadedModel) -> tuple[str, ...]:
    """Run generated pictures and known prompts through `model`.

    Returns:
        What is wrong, a sentence each without a full stop; empty where nothing is.
    """
    batch = np.stack([pixels(image, model.manifest.image) for image in _pictures()])

    def encode_pictures(rows: list[int]) -> Vectors:
        return model.image.encode(batch[rows])

    def encode_prompts(rows: list[int]) -> Vectors:
        return model.text.encode([PROMPTS[row] for row in rows])

    of_text = _problems("text", encode_prompts, len(PROMPTS))
    return (
        *_problems("image", encode_pictures, len(batch)),
        *of_text,
        *([] if of_text else _tokenizer_problems(model.text)),
    )


def _tokenizer_problems(text: TextEncoder) -> list[str]:
    """Return what shows that the tokenizer is another model's."""
    if text.tokenizer.knows_none_of(PROMPTS):
        return ["the tokenizer knows no word of an English prompt; it may be another model's"]
    if not text.takes_id(text.tokenizer.highest_id):
        return ["the tokenizer has more tokens than the text encoder; it is another model's"]
    if text.takes_id(math.ceil(PADDED * text.tokenizer.vocabulary_size)):
        return ["the tokenizer has far fewer tokens than the text encoder; it may be cut short"]
    return []


def _problems(what: str, encode: Callable[[list[int]], Vectors], count: int) -> list[str]:
    """Return what is wrong with one encoder, given how it encodes inputs by number."""
    try:
        together = encode(list(range(count)))
        alone = np.concatenate([encode([row]) for row in range(count)])
    except ModelError as error:
        return [f"the {what} encoder fails: {error.what}"]
    if not (np.isfinite(together).all() and np.isfinite(alone).all()):
        return [f"the {what} encoder gives vectors that are not finite"]
    found: list[str] = []
    if not np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3):
        found.append(f"the {what} encoder gives vectors that are not of unit length")
    cosines = together @ together.T
    if (cosines[~np.eye(count, dtype=bool)] > CONSTANT).all():
        found.append(f"the {what} encoder gives the same vector for different inputs")
    if (_cosine_of_rows(together, alone) < SAME).any():
        found.append(f"the {what} encoder gives other vectors in a batch than one by one")
    return found


def _pictures() -> list[Image.Image]:
    """Return pictures that differ, of several shapes: plain, a gradient, stripes, noise."""
    ramp: NDArray[np.uint8] = np.linspace(0, 255, 300).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (97, 64, 3), dtype=np.uint8)
    stripes = np.zeros((128, 160, 3), dtype=np.uint8)
    stripes[:, ::8, 1:] = 255
    return [
        Image.new("RGB", (64, 64), (200, 30, 30)),
        Image.fromarray(np.repeat(np.tile(ramp, (90, 1))[:, :, None], 3, axis=2)),
        Image.fromarray(stripes),
        Image.fromarray(noise),
    ]


def _cosine_of_rows(one: Vectors, other: Vectors) -> NDArray[np.float32]:
    return np.einsum("nd,nd->n", one, other)
