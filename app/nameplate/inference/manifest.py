"""Reads and writes a model folder's manifest, `model.toml`; checks and fingerprints its files."""

import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message, as_json
from nameplate.inference.fields import Fields, parse_toml, read_toml
from nameplate.inference.importers.layouts import find_layout
from nameplate.inference.model_files import Digests, reading, size_of, tokenizer_files
from nameplate.inference.specs import PREPROCESS_VERSION, ModelFile, ModelManifest, manifest_from

MANIFEST_NAME: Final = "model.toml"
TEXT_SUFFIXES: Final = (".md", ".txt", ".html", ".json", ".py", ".pdf")
"""Of files in a model folder that describe the model and are never loaded."""

MAX_SCANNED: Final = 200
"""Entries of a folder without a model that are searched for one, to suggest it."""

_TABLES: Final = ("image", "text", "names", "head")
_LISTS: Final = ("descriptors", "files")

_AGAIN: Final = Message("download-export-or-copy")


def read_manifest(folder: Path, digests: Digests | None = None) -> ModelManifest:
    """Read and check `model.toml` in `folder`; the files it lists are not opened.

    A folder of another exporter has none, and is described from its own files: its graphs are
    loaded and all files are read, which takes seconds for a large model.

    Raises:
        ModelError: The folder or the file is missing, it is not TOML, a key is missing, mistyped or
            out of range, or a file name leads out of the folder; or a folder of another exporter
            lacks something or is damaged.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        is_file = os.path.exists(folder)  # noqa: PTH110 - likewise
        raise ModelError("file-not-folder" if is_file else "no-such-folder", where=str(folder))
    if not has_manifest(folder):
        # It imports onnxruntime and tokenizers, which a folder with a manifest does not need here.
        from nameplate.inference.importers.foreign import describe  # noqa: PLC0415

        found = describe(folder, digests or Digests())
        if found is None:
            raise _no_model(folder)
        return manifest_from(Fields(found, folder), folder)
    table = read_toml(folder / MANIFEST_NAME)
    manifest = manifest_from(table, folder)
    _check_all_are_listed(manifest, table, folder)
    return manifest


def has_manifest(folder: Path) -> bool:
    """Return whether `folder` has a `model.toml`, so that it need not be described."""
    return os.path.lexists(folder / MANIFEST_NAME)


def parse_manifest(text: str, folder: Path) -> ModelManifest:
    """Read the text of a `model.toml` that was generated for `folder`."""
    return manifest_from(parse_toml(text.encode("utf-8", "surrogatepass"), folder), folder)


def _no_model(folder: Path) -> ModelError:
    inner = next((path.name for path in _folders(folder) if _is_model(path)), None)
    choice = Message("folder-inside", {"name": inner[:100]}) if inner else Message("own-folder")
    return ModelError("no-model-folder", where=str(folder), choice=choice)


def _folders(folder: Path) -> list[Path]:
    """Return the folders in `folder`, sorted; if there are very many, only some."""
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


def verify_files(folder: Path, manifest: ModelManifest, *, hashes: bool = True) -> None:
    """Compare the files in `folder` with sizes in the manifest and, given `hashes`, SHA-256.

    That takes about 1 s for 1 GB.

    Raises:
        ModelError: A file, which is named, is missing, not a regular file, unreadable or different.
    """
    digests = Digests() if hashes else None
    for file in manifest.files:
        verify_file(folder / file.name, file, digests)


def verify_file(path: Path, file: ModelFile, digests: Digests | None) -> None:
    """Compare the file at `path` with its size in the manifest and, given `digests`, its hash."""
    with reading(path, _AGAIN):
        size = size_of(path, _AGAIN)
        is_changed = size == file.bytes and digests is not None and digests.of(path) != file.sha256
    if size != file.bytes:
        raise ModelError("other-bytes", where=str(path), bytes=size, expected=file.bytes)
    if is_changed:
        raise ModelError("other-sha256", where=str(path))


def fingerprint(folder: Path, manifest: ModelManifest) -> str:
    """Return 16 hexadecimal digits that change whenever the embeddings could.

    A hash of the id, the listed hashes of all files, the specs and the version of the
    preprocessing, but not of titles, the head or the descriptors, which change no embedding. Only
    sizes are compared with the files here, so that a project opens without reading gigabytes; an
    encoder verifies the hashes of its files when it is loaded.

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
    if manifest.names is not None:  # likewise
        facts["names"] = asdict(manifest.names)
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _check_all_are_listed(manifest: ModelManifest, table: Fields, folder: Path) -> None:
    """Refuse a manifest that omits a file in use: its changes would go unnoticed."""
    listed = {file.name for file in manifest.files}
    if len(listed) != len(manifest.files):
        table.refuse("files", Message("lists-twice"))
    for name in (manifest.image.file, manifest.text.file, *files_of_texts(manifest)):
        if name not in listed:
            table.refuse("files", Message("does-not-list", {"file": name}))
    # A graph can have external data files of any name, so any file that is no text must be listed.
    listed_paths = {(folder / name).resolve() for name in listed}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not is_text(path) and path.is_file() and path.resolve() not in listed_paths:
            table.refuse("files", Message("does-not-list", {"file": name}))


def files_of_texts(manifest: ModelManifest) -> set[str]:
    """Return the files of all text encoders beside the graph of the first."""
    names = manifest.names
    tokenizers = [manifest.text.tokenizer, *([names.tokenizer] if names else [])]
    files = {p.as_posix() for one in tokenizers for p in tokenizer_files(Path(one))}
    return files | ({names.file, names.english, names.glossary} if names else set())


def is_text(path: Path) -> bool:
    """Return whether a file of a model folder is only documentation or metadata."""
    return path.suffix.lower() in TEXT_SUFFIXES or path.name in (MANIFEST_NAME, "LICENSE")


def manifest_text(manifest: ModelManifest) -> str:
    """Return the text of a `model.toml` for `manifest`; `read_manifest` is the inverse."""
    values: dict[str, Any] = asdict(manifest) | {"notes": [*map(_note, manifest.notes)]}
    plain = {k: v for k, v in values.items() if k not in (*_TABLES, *_LISTS)}
    parts = [toml_lines(plain)]
    parts += [f"[{name}]\n{toml_lines(values[name])}" for name in _TABLES if values[name]]
    parts += [f"[[{name}]]\n{toml_lines(item)}" for name in _LISTS for item in values[name]]
    return "\n".join(parts)


def toml_lines(values: Mapping[str, object]) -> str:
    """Return a line of TOML for each value that is not None."""
    return "".join(
        f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None
    )


def _note(note: Message) -> object:
    return note.parameters["text"] if note.code == "note-in-words" else as_json(note)


def _value(value: object) -> str:
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return f"{{{', '.join(f'{key} = {_value(item)}' for key, item in items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, cast('list[object]', value)))}]"
    # JSON strings and numbers are valid TOML, except for this character in a string.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
