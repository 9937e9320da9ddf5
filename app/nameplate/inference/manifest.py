"""Reads the manifest of a model folder, `model.toml`; verifies and fingerprints its files."""

import hashlib
import itertools
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Final

from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError
from nameplate.inference.digests import Digests
from nameplate.inference.fields import Table, parse_table, read_table
from nameplate.inference.files import size_of, tokenizer_files
from nameplate.inference.importers.layouts import LAYOUTS, find_layout
from nameplate.inference.specs import (
    CLEANINGS,
    CONTEXT_LENGTHS,
    PREPROCESS_VERSION,
    SIDES,
    ImageSpec,
    ModelFile,
    ModelManifest,
    TextSpec,
)

__all__ = [
    "MANIFEST_NAME",
    "ImageSpec",
    "ModelFile",
    "ModelManifest",
    "TextSpec",
    "fingerprint",
    "has_manifest",
    "parse_manifest",
    "read_manifest",
    "verify_file",
    "verify_files",
]

MANIFEST_NAME: Final = "model.toml"
TEMPLATE_SETS: Final = ("none", "simple", "openai7", "openai80")
TEXT_SUFFIXES: Final = (".md", ".txt", ".html", ".json", ".py", ".pdf")
"""Of files in a model folder that describe the model and are never loaded."""

MAX_SCANNED: Final = 200
"""Entries of a folder without a model that are searched for one, to suggest it."""

GET_AGAIN: Final = "Download, export or copy the model again."

# Wide on purpose: they reject nonsense and memory bombs, not unusual models.
EMBEDDING_SIZES: Final = (2, 65_536)
LARGEST_ID: Final = 2**31 - 1
SMALLEST_POSITIVE: Final = 1e-6
LARGEST_LOGIT: Final = 10_000.0


def read_manifest(folder: Path, digests: Digests | None = None) -> ModelManifest:
    """Read and check `model.toml` in `folder`; the files it lists are not opened.

    A folder of another exporter has none, and is described from its own files: its graphs are
    loaded and all files are read, which takes seconds for a large model.

    Args:
        folder: Of the model.
        digests: Caches the SHA-256 of the files that are read.

    Raises:
        ModelError: The folder or the file is missing, it is not TOML, a key is missing, mistyped or
            out of range, or a file name leads out of the folder; or a folder of another exporter
            lacks something or is damaged.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        is_file = os.path.exists(folder)  # noqa: PTH110 - likewise
        raise ModelError(
            "is a file, not a model folder" if is_file else "there is no such folder",
            where=str(folder),
            remedy="Choose the folder of a model.",
        )
    if not has_manifest(folder):
        # It imports onnxruntime and tokenizers, which a folder with a manifest does not need here.
        from nameplate.inference.importers.foreign import describe  # noqa: PLC0415

        found = describe(folder, digests or Digests())
        if found is None:
            raise _no_model(folder)
        return _manifest(Table(found, folder), folder)
    table = read_table(folder / MANIFEST_NAME)
    manifest = _manifest(table, folder)
    _check_all_are_listed(manifest, table, folder)
    return manifest


def has_manifest(folder: Path) -> bool:
    """Return whether `folder` has a `model.toml`, so that it need not be described."""
    return os.path.lexists(folder / MANIFEST_NAME)


def parse_manifest(text: str, folder: Path) -> ModelManifest:
    """Read the text of a `model.toml` that was generated for `folder`.

    Raises:
        ModelError: As for `read_manifest`.
    """
    return _manifest(parse_table(text, folder), folder)


def _no_model(folder: Path) -> ModelError:
    what = (
        f"is not a model folder: it holds no {MANIFEST_NAME} and none of what other exporters "
        f"write ({LAYOUTS})"
    )
    inner = next((path.name for path in _folders(folder) if _is_model(path)), None)
    choose = (
        f"“{inner[:100]}” inside it" if inner else "the folder that holds the model's own files"
    )
    return ModelError(what, where=str(folder), remedy=f"Choose {choose}.")


def _folders(folder: Path) -> list[Path]:
    """Return the folders in `folder`, sorted; of very many only some."""
    try:
        with os.scandir(folder) as entries:
            some = list(itertools.islice(entries, MAX_SCANNED))
            return sorted(Path(entry) for entry in some if entry.is_dir())
    except OSError:
        return []


def _is_model(folder: Path) -> bool:
    try:
        return (folder / MANIFEST_NAME).is_file() or find_layout(folder) is not None
    except (ModelError, OSError):
        return False


def _manifest(table: Table, folder: Path) -> ModelManifest:
    files = tuple(_model_file(entry, folder) for entry in table.tables("files"))
    return ModelManifest(
        id=table.identifier("id"),
        title=table.shown_text("title"),
        source=table.shown_text("source"),
        licence=table.shown_text("licence"),
        family=table.shown_text("family"),
        embedding_size=table.whole("embedding_size", *EMBEDDING_SIZES),
        templates=table.choice("templates", TEMPLATE_SETS, "simple"),
        image=_image_spec(table.table("image"), folder),
        text=_text_spec(table.table("text"), folder),
        head=_head(table.table("head")),
        files=files,
        notes=table.texts("notes"),
    )


def verify_files(folder: Path, manifest: ModelManifest, *, hashes: bool = True) -> None:
    """Compare the files in `folder` with sizes and hashes in the manifest.

    Args:
        folder: Of the model.
        manifest: Read from it.
        hashes: Whether to compare SHA-256 (about 1 s for 1 GB) and not only sizes.

    Raises:
        ModelError: A file, which is named, is missing, not a regular file, unreadable or different.
    """
    digests = Digests() if hashes else None
    for file in manifest.files:
        verify_file(folder / file.name, file, digests)


def verify_file(path: Path, file: ModelFile, digests: Digests | None) -> None:
    """Compare the file at `path` with its size in the manifest and, given `digests`, its hash.

    Raises:
        ModelError: As for `verify_files`.
    """
    try:
        _verify(path, file, digests)
    except FileNotFoundError as error:
        raise ModelError("is missing", where=str(path), remedy=GET_AGAIN) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(f"cannot be read ({reason})", where=str(path), remedy=GET_AGAIN) from error


def fingerprint(folder: Path, manifest: ModelManifest) -> str:
    """Return 16 hexadecimal digits that change whenever the embeddings could.

    A hash of the id, the listed hashes of all files, both specs and the version of the
    preprocessing, but not of titles or the head, which change no vector. Only sizes are compared
    with the files here, so that a project opens without reading gigabytes; an encoder verifies the
    hashes of its files when it is loaded.

    Raises:
        ModelError: A file is missing or has another size.
    """
    verify_files(folder, manifest, hashes=False)
    image = {**asdict(manifest.image), "resize_to": manifest.image.resized}
    if manifest.image.crop_rounding == "round":
        del image["crop_rounding"]  # keeps the fingerprints from before this key existed
    facts = {
        "id": manifest.id,
        "files": sorted((file.name, file.sha256) for file in manifest.files),
        "image": image,
        "text": asdict(manifest.text),
        "preprocess": PREPROCESS_VERSION,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _verify(path: Path, file: ModelFile, digests: Digests | None) -> None:
    size = size_of(path, GET_AGAIN)
    if size != file.bytes:
        reason = f"is damaged: it has {size:,} bytes instead of {file.bytes:,}"
        raise ModelError(reason, where=str(path), remedy=GET_AGAIN)
    if digests is not None and digests.of(path) != file.sha256:
        reason = "is damaged or was changed: its SHA-256 is not the manifest's"
        raise ModelError(reason, where=str(path), remedy=GET_AGAIN)


def _model_file(table: Table, folder: Path) -> ModelFile:
    name = _file_name(table, "name", folder)
    return ModelFile(name, table.whole("bytes", 0, 2**50), table.sha256("sha256"))


def _file_name(table: Table, key: str, folder: Path) -> str:
    """Return the relative path under `key`, which must stay in `folder`, links followed."""
    name = table.plain_path(key)
    try:
        target, home = (folder / name).resolve(), folder.resolve()
    except (OSError, RuntimeError):  # a link to itself; RuntimeError before Python 3.13
        table.refuse(key, f"names “{name}”, which is a broken link")
    if not target.is_relative_to(home):
        table.refuse(key, f"names “{name}”, a link that leads out of the folder")
    return name


def _check_all_are_listed(manifest: ModelManifest, table: Table, folder: Path) -> None:
    """Refuse a manifest that does not list a file in use, whose changes would go unnoticed."""
    listed = {file.name for file in manifest.files}
    if len(listed) != len(manifest.files):
        table.refuse("files", "lists a file twice")
    tokenizer = (path.as_posix() for path in tokenizer_files(Path(manifest.text.tokenizer)))
    for name in (manifest.image.file, manifest.text.file, *tokenizer):
        if name not in listed:
            table.refuse("files", f"does not list “{name}”")
    # A graph can have external data files of any name, so any file that is no text must be listed.
    listed_paths = {(folder / name).resolve() for name in listed}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not is_text(path) and path.is_file() and path.resolve() not in listed_paths:
            table.refuse("files", f"does not list “{name}”")


def is_text(path: Path) -> bool:
    """Return whether a file of a model folder is documentation or metadata, never loaded."""
    return path.suffix.lower() in TEXT_SUFFIXES or path.name in (MANIFEST_NAME, "LICENSE")


def _image_spec(table: Table, folder: Path) -> ImageSpec:
    size = table.whole("size", *SIDES)
    spec = ImageSpec(
        file=_file_name(table, "file", folder),
        size=size,
        resize=table.choice("resize", ("shortest", "squash")),
        crop=table.flag("crop"),
        interpolation=table.choice("interpolation", ("bicubic", "bilinear")),
        mean=table.triple("mean", 0.0, 1.0),
        std=table.triple("std", SMALLEST_POSITIVE, 10.0),
        resize_to=table.whole("resize_to", size, SIDES[1]) if table.has("resize_to") else None,
        crop_rounding=table.choice("crop_rounding", ("round", "down"), "round"),
    )
    # Both would give the encoder an input that is not size x size.
    if spec.resize == "shortest" and not spec.crop:
        table.refuse("crop", "must be true where resize is “shortest”")
    if not spec.crop and spec.resized != size:
        table.refuse("resize_to", "must be the size where nothing is cropped")
    return spec


def _text_spec(table: Table, folder: Path) -> TextSpec:
    return TextSpec(
        file=_file_name(table, "file", folder),
        tokenizer=_file_name(table, "tokenizer", folder),
        context_length=table.whole("context_length", *CONTEXT_LENGTHS),
        padding=table.choice("padding", ("longest", "max_length")),
        pad_id=table.whole("pad_id", 0, LARGEST_ID),
        cleaning=table.choice("cleaning", CLEANINGS),
    )


def _head(table: Table) -> Head:
    return Head(
        kind=table.choice("kind", ("softmax", "sigmoid")),
        scale=table.number("scale", SMALLEST_POSITIVE, LARGEST_LOGIT),
        bias=table.number("bias", -LARGEST_LOGIT, LARGEST_LOGIT) if table.has("bias") else None,
    )
