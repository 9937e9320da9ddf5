"""A model, opened from its folder; encoders and tokenizer are loaded when first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError
from nameplate.domain.text import ENGLISH
from nameplate.inference.external import external_files
from nameplate.inference.lazy import Lazy
from nameplate.inference.manifest import files_of_texts, fingerprint, read_manifest, verify_file
from nameplate.inference.model_files import Digests, tokenizer_files
from nameplate.inference.runtime.devices import open_session
from nameplate.inference.runtime.heap import separate_large_blocks
from nameplate.inference.runtime.library import require_one_runtime
from nameplate.inference.runtime.providers import CPU, DeviceName, DeviceReport, as_device_name
from nameplate.inference.runtime.session import OnnxSession, Session
from nameplate.inference.specs import ModelManifest, NamesSpec, TextSpec
from nameplate.system.processors import usable_cores

if TYPE_CHECKING:  # they import tokenizers, which a model that is only opened does not need
    from nameplate.inference.encoders import ImageEncoder, TextEncoder
    from nameplate.inference.glossary import Glossary
    from nameplate.inference.tokenizer import Tokenizer


@dataclass(frozen=True)
class LoadedModel:
    """An opened model; each part of it is loaded when it is first needed.

    Attributes:
        fingerprint: Key of its embeddings in the cache.
        glossary_part: Loads the words of English and names in other languages; None where the
            model has no list of them.
        concurrency: How many batches to encode at once on the processor: one for each core, each
            run by one thread; 1 where one run takes all cores.
    """

    manifest: ModelManifest
    folder: Path
    fingerprint: str
    image_part: Lazy[ImageEncoder]
    text_part: Lazy[TextEncoder]
    tokenizer_part: Lazy[Tokenizer]
    glossary_part: Lazy[Glossary] | None
    head: Head
    concurrency: int

    @property
    def image(self) -> ImageEncoder:
        """The image encoder; thread-safe on the CPU, else for one thread at a time.

        Raises:
            ModelError: It cannot be loaded, or the device does not work.
        """
        return self.image_part.get()

    @property
    def text(self) -> TextEncoder:
        """The text encoder; for one thread at a time, which may differ from the image encoder's.

        Raises:
            ModelError: It or the tokenizer cannot be loaded.
        """
        return self.text_part.get()

    @property
    def device(self) -> DeviceReport:
        """The device that the image encoder runs on now."""
        return self.image.device

    @property
    def device_used(self) -> DeviceReport | None:
        """Like `device`, but None while the image encoder is not loaded."""
        return self.device if self.image_part.is_ready else None

    def load(self) -> LoadedModel:
        """Load all parts that are not loaded yet, both encoders in parallel.

        Raises:
            ModelError: A part cannot be loaded, or the device does not work.
        """
        self.text_part.start()
        self.image_part.get()
        self.text_part.get()
        return self

    def translator_for(self, names: Sequence[str]) -> Callable[[str], str]:
        """Return how prompts call a thing, by the language of names that belong together.

        Raises:
            ModelError: The list of names cannot be loaded.
        """
        if self.glossary_part is None:
            return str
        glossary = self.glossary_part.get()
        language = glossary.language_of(names)
        return str if language == ENGLISH else lambda name: glossary.said_in(language, name)

    def is_cut_short(self, prompt: str) -> bool:
        """Return whether `prompt` has more tokens than the context length.

        Most prompts are too short to need the tokenizer for that.

        Raises:
            ModelError: The tokenizer cannot be loaded.
        """
        if self.manifest.text.certainly_fits(prompt):
            return False
        return self.tokenizer_part.get().is_truncated(prompt)


def load_model(
    folder: Path, *, device: str = "auto", manifest: ModelManifest | None = None
) -> LoadedModel:
    """Open the model in `folder`: read its manifest and compare the sizes of its files.

    Each encoder is loaded when it is first needed, and its files are compared with their hashes
    before it encodes anything (docs/adr/0015-loading-when-needed.md).

    The text encoder always runs on the CPU: it belongs to another thread, and sessions for one GPU
    must be called from one. So a typed name never waits for a batch of images, either.

    On the processor a run of the image encoder takes one thread, and there is a concurrent run for
    each core (`LoadedModel.concurrency`): no thread waits for the others after each operation, and
    the data of a core stays in its cache. Where one graph is both encoders a run takes all cores,
    so that a typed name is not encoded by one core alone.

    Args:
        folder: With `model.toml`, or one that another exporter made.
        device: `auto`, `cpu` or an accelerator's name, for the image encoder. Whether it works is
            known only once that is loaded.
        manifest: Of the folder, where it was read already.

    Raises:
        ModelError: The folder is no valid model, or a file is missing or has another size.
        UsageError: There is no such device.
    """
    name = as_device_name(device)
    digests = Digests()
    manifest = manifest or read_manifest(folder, digests)
    cores = usable_cores()
    threads = cores if manifest.text.file == manifest.image.file else 1
    files = _Files(folder, manifest, digests)
    session = Lazy(lambda: _image_session(files, name, threads))
    tokenizer = Lazy(lambda: _tokenizer(files, manifest.text))
    glossary = _glossary(files)
    return LoadedModel(
        manifest=manifest,
        folder=folder,
        fingerprint=fingerprint(folder, manifest),
        image_part=Lazy(lambda: _image_encoder(manifest, session)),
        text_part=Lazy(lambda: _text_encoder(files, session, tokenizer, glossary)),
        tokenizer_part=tokenizer,
        glossary_part=glossary,
        head=manifest.head,
        concurrency=cores // threads,
    )


@dataclass(frozen=True)
class _Files:
    """The files of a model, verified when the part that they belong to is loaded."""

    folder: Path
    manifest: ModelManifest
    digests: Digests

    def verify(self, names: set[str]) -> None:
        """Compare the files `names` with their hashes in the manifest."""
        for file in self.manifest.files:
            if file.name in names:
                verify_file(self.folder / file.name, file, self.digests)

    def verify_graph(self, graph: str) -> None:
        """Compare `graph`, its data files, and listed files that no other part is known to use.

        Raises:
            ModelError: A file differs or is damaged, or the graph has data files that are not
                listed, so that their changes would go unnoticed.
        """
        self.verify({graph})
        names = self.manifest.names
        graphs = {self.manifest.image.file, self.manifest.text.file}
        graphs |= {names.file} if names else set()
        listed = {file.name for file in self.manifest.files}
        others = listed - graphs - files_of_texts(self.manifest)
        data = external_files(self.folder, graph)
        if unlisted := next((name for name in data if name not in listed), None):
            raise ModelError(
                "weights-unlisted", where=str(self.folder / graph), file=unlisted[:200]
            )
        if others:
            for other in graphs - {graph}:
                others -= self._data_of(other) - set(data)
        self.verify(others)

    def _data_of(self, graph: str) -> set[str]:
        """Return the external data files of `graph`; none if it is damaged."""
        with contextlib.suppress(ModelError, OSError):
            return set(external_files(self.folder, graph))
        return set()


def _image_encoder(manifest: ModelManifest, session: Lazy[Session]) -> ImageEncoder:
    # It imports tokenizers: see above.
    from nameplate.inference.encoders import ImageEncoder  # noqa: PLC0415

    size, descriptors = manifest.embedding_size, manifest.descriptors
    return ImageEncoder(session.get(), manifest.image, size, descriptors)


def _text_encoder(
    files: _Files,
    image: Lazy[Session],
    tokenizer: Lazy[Tokenizer],
    glossary: Lazy[Glossary] | None,
) -> TextEncoder:
    from nameplate.inference.encoders import OtherNames, TextEncoder  # noqa: PLC0415 - likewise

    manifest = files.manifest
    session = _text_session(files, image)
    size, side, names = manifest.embedding_size, manifest.image.size, manifest.names
    others = None
    if names is not None and glossary is not None:
        others = OtherNames(glossary.get(), Lazy(lambda: _names_encoder(files, names)))
    return TextEncoder(session, manifest.text, tokenizer.get(), size, side=side, others=others)


def _names_encoder(files: _Files, names: NamesSpec) -> TextEncoder:
    from nameplate.inference.encoders import TextEncoder  # noqa: PLC0415 - likewise

    session = _loaded(files, names.file, _on_cpu)
    return TextEncoder(session, names, _tokenizer(files, names), files.manifest.embedding_size)


def _glossary(files: _Files) -> Lazy[Glossary] | None:
    names = files.manifest.names

    def load(names: NamesSpec) -> Glossary:
        from nameplate.inference.glossary import Glossary  # noqa: PLC0415 - only where one is

        files.verify({names.english, names.glossary})
        return Glossary(files.folder / names.english, files.folder / names.glossary)

    return None if names is None else Lazy(lambda: load(names))


def _tokenizer(files: _Files, spec: TextSpec) -> Tokenizer:
    from nameplate.inference.tokenizer import Tokenizer  # noqa: PLC0415 - likewise

    files.verify({path.as_posix() for path in tokenizer_files(Path(spec.tokenizer))})
    return Tokenizer(files.folder / spec.tokenizer, spec)


def _image_session(files: _Files, device: DeviceName, threads: int) -> Session:
    spec, inner = files.manifest.image, [one.tensor for one in files.manifest.descriptors]

    def load(path: Path) -> Session:
        if inner and external_files(files.folder, spec.file):
            raise ModelError("descriptors-of-one-file", where=str(path))

        def open_on(name: DeviceName) -> OnnxSession:
            return OnnxSession(path, device=name, threads=threads, inner=inner)

        return open_session(open_on, device, spec.size)

    return _loaded(files, spec.file, load)


def _text_session(files: _Files, image: Lazy[Session]) -> Session:
    """Return the text encoder's session, which is the image encoder's if one graph is both.

    On the CPU two threads may run one session, and a second session would double the memory.
    """
    file = files.manifest.text.file
    if file == files.manifest.image.file and image.get().providers == (CPU,):
        return image.get()
    return _loaded(files, file, _on_cpu)


def _on_cpu(path: Path) -> Session:
    return OnnxSession(path, device="cpu")


def _loaded(files: _Files, graph: str, load: Callable[[Path], Session]) -> Session:
    """Load `graph` while its files are compared with their hashes; return it once they are equal.

    Comparing takes a third of the time of loading. Of a damaged file that is said, whatever the
    runtime makes of it.

    Raises:
        ModelError: A file differs, or the runtime or the graph cannot be loaded.
    """
    hashes = Lazy(lambda: files.verify_graph(graph))
    hashes.start()
    try:
        require_one_runtime()
        separate_large_blocks()
        return load(files.folder / graph)
    finally:
        hashes.get()
