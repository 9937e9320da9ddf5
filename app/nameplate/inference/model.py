"""A model, opened from its folder; its encoders are loaded when they are first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError
from nameplate.inference.digests import Digests
from nameplate.inference.external import external_files
from nameplate.inference.files import tokenizer_files
from nameplate.inference.lazy import Lazy
from nameplate.inference.manifest import fingerprint, read_manifest, verify_file
from nameplate.inference.runtime.devices import open_session
from nameplate.inference.runtime.heap import large_blocks_apart
from nameplate.inference.runtime.library import require_one_runtime
from nameplate.inference.runtime.providers import CPU, DeviceName, DeviceReport, as_device_name
from nameplate.inference.runtime.session import OnnxSession, Session, usable_cores
from nameplate.inference.specs import ModelManifest

if TYPE_CHECKING:  # they import tokenizers, and not every model that is opened is run
    from nameplate.inference.encoders import ImageEncoder, TextEncoder
    from nameplate.inference.tokenizer import Tokenizer


@dataclass(frozen=True)
class LoadedModel:
    """A model whose folder was read. Each part of it is loaded when it is first needed.

    Attributes:
        manifest: What its folder says.
        folder: Where it was loaded from.
        fingerprint: Key of its embeddings in the cache.
        image_part: Makes `image`.
        text_part: Makes `text`.
        tokenizer_part: Makes `tokenizer`.
        head: Turns scores into probabilities.
        concurrency: How many batches to encode at once on the processor: one for each core, each
            run by one thread; 1 where one run takes all cores.
    """

    manifest: ModelManifest
    folder: Path
    fingerprint: str
    image_part: Lazy[ImageEncoder]
    text_part: Lazy[TextEncoder]
    tokenizer_part: Lazy[Tokenizer]
    head: Head
    concurrency: int

    @property
    def image(self) -> ImageEncoder:
        """Image encoder; on the processor any number of threads at a time, else one.

        Raises:
            ModelError: It, or the device, cannot be used.
        """
        return self.image_part.get()

    @property
    def text(self) -> TextEncoder:
        """Text encoder; one thread at a time, which may be another than the image encoder's.

        Raises:
            ModelError: It or the tokenizer cannot be used.
        """
        return self.text_part.get()

    @property
    def device(self) -> DeviceReport:
        """What the image encoder, which does the bulk of the work, really runs on now.

        Raises:
            ModelError: As `image`.
        """
        return self.image.device

    @property
    def device_used(self) -> DeviceReport | None:
        """As `device`; None where no image encoder was needed so far."""
        return self.device if self.image_part.is_made else None

    def load(self) -> LoadedModel:
        """Load what is not loaded yet, both encoders side by side.

        Raises:
            ModelError: A part of it, or the device, cannot be used.
        """
        self.text_part.begin()
        self.image_part.get()
        self.text_part.get()
        return self

    def is_cut_short(self, prompt: str) -> bool:
        """Return whether the model does not see the end of `prompt`.

        Raises:
            ModelError: The tokenizer, which most prompts are too short to need, cannot be used.
        """
        if self.manifest.text.surely_holds(prompt):
            return False
        return self.tokenizer_part.get().is_truncated(prompt)


def load_model(
    folder: Path,
    *,
    device: str = "auto",
    manifest: ModelManifest | None = None,
    digests: Digests | None = None,
) -> LoadedModel:
    """Open the model in `folder`: read its manifest and compare the sizes of its files.

    Each encoder is loaded when it is first needed, and its files are compared with their hashes
    before it encodes anything (docs/adr/0015-loading-when-needed.md).

    The text encoder always runs on the CPU: it belongs to another thread, and sessions for one GPU
    must be called from one (design 4). A typed name never waits for a batch of pictures, either.

    On the processor a run of the image encoder takes one thread, and there is a concurrent run for
    each core (`LoadedModel.concurrency`): no thread waits for the others after each operation, and
    the data of a core stays in its cache. Where one graph is both encoders a run takes all cores,
    so that a typed name is not encoded by one core alone.

    Args:
        folder: With `model.toml`, or one that another exporter made.
        device: `auto`, `cpu` or an accelerator's name, for the image encoder. Whether it works
            shows when that is loaded.
        manifest: Of the folder, where it has been read already.
        digests: Of its files, where some have been read already.

    Raises:
        ModelError: The folder cannot be used, or a file is missing or has another size.
        UsageError: There is no such device.
    """
    name = as_device_name(device)
    digests = digests or Digests()
    manifest = manifest or read_manifest(folder, digests)
    cores = usable_cores()
    threads = cores if manifest.text.file == manifest.image.file else 1
    files = _Files(folder, manifest, digests)
    session = Lazy(lambda: _image_session(files, name, threads))
    tokenizer = Lazy(lambda: _tokenizer(files))
    return LoadedModel(
        manifest=manifest,
        folder=folder,
        fingerprint=fingerprint(folder, manifest),
        image_part=Lazy(lambda: _image_encoder(manifest, session)),
        text_part=Lazy(lambda: _text_encoder(files, session, tokenizer)),
        tokenizer_part=tokenizer,
        head=manifest.head,
        concurrency=cores // threads,
    )


@dataclass(frozen=True)
class _Files:
    """The files of a model, each compared with its hash when the part that it belongs to is loaded.

    Attributes:
        folder: Where they are.
        manifest: What it says of them.
        digests: Of those that were read.
    """

    folder: Path
    manifest: ModelManifest
    digests: Digests

    def verify(self, names: set[str]) -> None:
        """Compare the files `names` with their hashes.

        Raises:
            ModelError: One is another file; it is named.
        """
        for file in self.manifest.files:
            if file.name in names:
                verify_file(self.folder / file.name, file, self.digests)

    def of_graph(self, graph: str) -> set[str]:
        """Return `graph` and the files that it, or no other part for all we know, loads."""
        graphs = {self.manifest.image.file, self.manifest.text.file}
        listed = {file.name for file in self.manifest.files}
        others = listed - graphs - self.of_tokenizer()
        if others:
            for other in graphs - {graph}:
                others -= self._data_of(other) - self._data_of(graph)
        return {graph} | others

    def of_tokenizer(self) -> set[str]:
        """Return what the tokenizer is read from."""
        return {p.as_posix() for p in tokenizer_files(Path(self.manifest.text.tokenizer))}

    def _data_of(self, graph: str) -> set[str]:
        """Return the files that `graph` keeps weights in; none where it is too damaged to say."""
        with contextlib.suppress(ModelError, OSError):
            return set(external_files(self.folder, graph))
        return set()


def _image_encoder(manifest: ModelManifest, session: Lazy[Session]) -> ImageEncoder:
    # tokenizers, too: see above
    from nameplate.inference.encoders import ImageEncoder  # noqa: PLC0415

    return ImageEncoder(session.get(), manifest.image, manifest.embedding_size)


def _text_encoder(files: _Files, image: Lazy[Session], tokenizer: Lazy[Tokenizer]) -> TextEncoder:
    from nameplate.inference.encoders import TextEncoder  # noqa: PLC0415 - likewise

    manifest = files.manifest
    session = _text_session(files, image)
    size, side = manifest.embedding_size, manifest.image.size
    return TextEncoder(session, manifest.text, tokenizer.get(), size, side=side)


def _tokenizer(files: _Files) -> Tokenizer:
    from nameplate.inference.tokenizer import Tokenizer  # noqa: PLC0415 - likewise

    files.verify(files.of_tokenizer())
    spec = files.manifest.text
    return Tokenizer(files.folder / spec.tokenizer, spec)


def _image_session(files: _Files, device: DeviceName, threads: int) -> Session:
    spec = files.manifest.image

    def open_it(path: Path) -> Session:
        return open_session(path, requested=device, side=spec.size, threads=threads)

    return _session(files, spec.file, open_it)


def _text_session(files: _Files, image: Lazy[Session]) -> Session:
    """Return the text encoder's session: the image encoder's own where one graph is both.

    On the CPU two threads may run one session, and a second one would double the memory.
    """
    file = files.manifest.text.file
    if file == files.manifest.image.file and image.get().providers == (CPU,):
        return image.get()
    return _session(files, file, lambda path: OnnxSession(path, device="cpu"))


def _session(files: _Files, graph: str, open_it: Callable[[Path], Session]) -> Session:
    """Return the session of `graph`, whose files are compared with their hashes before.

    Raises:
        ModelError: One of them is another file, or the graph or the device cannot be used.
    """
    runtime = Lazy(require_one_runtime)
    runtime.begin()  # importing it takes as long as some hundred megabytes
    files.verify(files.of_graph(graph))
    runtime.get()
    with large_blocks_apart():
        return open_it(files.folder / graph)
