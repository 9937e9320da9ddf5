"""Reads catalogue files, which describe models that can be downloaded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.fields import (
    Fields,
    flag,
    identifier,
    matching,
    number,
    plain_path,
    read_toml,
    sha256,
    shown_text,
    whole,
)
from nameplate.inference.specs import EMBEDDING_SIZES
from nameplate.storage.folders import models_folder
from nameplate.storage.resources import catalogue_file

_OWN: Final = "catalogue.toml"
"""File in the folder of the models: a person's or an organisation's additions to the list."""

_LEAST_NAMES: Final = 3
"""That a model was trained for: a cat, a hat and a fish are no clothes."""

MOST_MODELS: Final = 1000
MOST_FILES: Final = 100
LARGEST_FILE: Final = 2**40

_COMMIT: Final = "[0-9a-f]{40}"
_REPOSITORY: Final = matching(
    r"(?a)\w[\w.-]{0,95}/\w[\w.-]{0,95}", Message("must-be-owner-and-name")
)
_REVISION: Final = matching(rf"(?a){_COMMIT}|\w[\w.-]{{0,99}}", Message("must-be-commit"))
_WEB_ADDRESS: Final = matching(r"https://[^\s<>\"']+", Message("must-be-https"))

ALL_KNOWN: Final = Message("trust-checksums")
"""The catalogue has a checksum for every file."""


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """One file of a model that can be downloaded.

    Attributes:
        name: Where it belongs in the model folder, with `/`.
        path: Where it is in the repository, with `/`.
        bytes: Its size.
        is_exact: Whether `bytes` is exact; else it is right to about a tenth.
        sha256: 64 lower-case hexadecimal digits; empty where it is not known beforehand.
        first_seen: The day (2026-01-31) of the first download, which `sha256` and `bytes` are
            remembered from; empty where the catalogue gives them.
    """

    name: str
    path: str
    bytes: int
    is_exact: bool
    sha256: str
    first_seen: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that can be downloaded.

    Attributes:
        id: What `nameplate models get` takes, and its id when it is installed.
        summary: What it is good for, in plain words.
        repository: `OWNER/NAME` on the hub.
        revision: A commit (40 hexadecimal digits), or the name of a branch.
        files: All that it needs.
        licence: Of the weights, and what it allows, in plain words.
        needs_acceptance: Whether a person must accept the licence first, since it forbids uses that
            people expect to be free.
        languages: That prompts can be in.
        accuracy: Published zero-shot accuracy on ImageNet in percent; None where there is none.
        accuracy_source: Who published it.
        recommended: For which pictures it is recommended; empty where it is not.
        names: English names that it was trained for, one word each, in lower case.
        seen_commit: The commit of `revision` at the first download; empty before it.
    """

    id: str
    title: str
    summary: str
    repository: str
    revision: str
    files: tuple[CatalogueFile, ...]
    licence: str
    licence_url: str
    needs_acceptance: bool
    languages: str
    accuracy: float | None
    accuracy_source: str
    embedding_size: int
    recommended: str = ""
    seen_commit: str = ""
    names: frozenset[str] = frozenset()

    @property
    def bytes(self) -> int:
        """The size of all files in bytes; accurate to about 10% if a file's size is not exact."""
        return sum(file.bytes for file in self.files)

    @property
    def is_exact(self) -> bool:
        """Whether `bytes` is exact."""
        return all(file.is_exact for file in self.files)

    @property
    def trust(self) -> Message:
        """The guarantee for the files' content: the catalogue's checksums or the server."""
        files = len(self.files)
        open_ones = sum(not file.sha256 for file in self.files)
        seen = sum(bool(file.first_seen) for file in self.files)
        if open_ones and seen:
            return Message("trust-both", {"open": open_ones, "seen": seen, "files": files})
        if open_ones:
            return Message("trust-server", {"open": open_ones, "files": files})
        return Message("trust-first", {"seen": seen, "files": files}) if seen else ALL_KNOWN


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The models of a catalogue file, in its order, and the reasons for omitted ones."""

    models: tuple[CatalogueModel, ...] = ()
    problems: tuple[Message, ...] = ()


def offered_models() -> Catalogue:
    """Read the program's catalogue, then the user's additions; no server is asked."""
    shipped = read_catalogue(catalogue_file())
    path = models_folder() / _OWN
    if not path.is_file():
        return shipped
    own, taken = read_catalogue(path), {model.id for model in shipped.models}
    doubles = [
        Message("id-in-own-list", {"file": str(path), "model": model.id})
        for model in own.models
        if model.id in taken
    ]
    more = tuple(model for model in own.models if model.id not in taken)
    problems = (*shipped.problems, *own.problems, *doubles)
    return Catalogue((*shipped.models, *more), problems)


def trained_for(names: Sequence[str]) -> CatalogueModel | None:
    """Return a model that was trained for most of some names; None where there is none."""
    if len(names) < _LEAST_NAMES:
        return None
    words = [name.casefold().rpartition(" ")[2] for name in names]
    least = max(_LEAST_NAMES, len(words) // 2 + 1)
    models = offered_models().models
    return next((m for m in models if sum(word in m.names for word in words) >= least), None)


def read_catalogue(path: Path) -> Catalogue:
    """Read the catalogue at `path`; nothing is opened but this file.

    A catalogue is a TOML file with a table `[[models]]` a model and `[[models.files]]` a file. One
    that cannot be read has no models and a problem; it never raises, since the program works
    without.
    """
    try:
        entries = read_toml(path).tables("models")
    except ModelError as error:
        return Catalogue(problems=(error.message,))
    if len(entries) > MOST_MODELS:
        many = Message("lists-many-models", {"file": str(path), "most": MOST_MODELS})
        return Catalogue(problems=(many,))
    models: dict[str, CatalogueModel] = {}
    problems: list[Message] = []
    for entry in entries:
        try:
            model = _model(entry)
            if model.id in models:
                entry.refuse("id", Message("stands-twice", {"name": model.id}))
            models[model.id] = model
        except ModelError as error:
            problems.append(_of_entry(entry, error.reason))
    return Catalogue(tuple(models.values()), tuple(problems))


def _of_entry(entry: Fields, reason: Message) -> Message:
    """Return why an entry is skipped, with its id if it has one."""
    try:
        return Message("in-entry", {"entry": entry.get("id", identifier), "reason": reason})
    except ModelError:
        return reason


def _model(table: Fields) -> CatalogueModel:
    files = tuple(_file(entry) for entry in table.tables("files"))
    names = [file.name.casefold() for file in files]
    if len(files) > MOST_FILES or len(set(names)) != len(names):
        table.refuse("files", Message("must-be-few-files", {"most": MOST_FILES}))
    accuracy = table.get("accuracy", number(0, 100), None)
    return CatalogueModel(
        id=table.get("id", identifier),
        title=table.get("title", shown_text),
        summary=table.get("summary", shown_text),
        repository=table.get("repository", _REPOSITORY),
        revision=_revision(table),
        files=files,
        licence=table.get("licence", shown_text),
        licence_url=table.get("licence_url", _WEB_ADDRESS),
        needs_acceptance=table.get("accept_licence", flag, default=False),
        languages=table.get("languages", shown_text),
        accuracy=accuracy,
        accuracy_source="" if accuracy is None else table.get("accuracy_source", shown_text),
        embedding_size=table.get("embedding_size", whole(*EMBEDDING_SIZES)),
        recommended=table.get("recommended", shown_text, ""),
        names=frozenset(table.get("names", shown_text, "").split()),
    )


def _file(table: Fields) -> CatalogueFile:
    name = table.get("name", plain_path)
    if any(part.startswith(".") for part in name.split("/")):
        table.refuse("name", Message("must-not-be-hidden", {"name": name}))
    return CatalogueFile(
        name=name,
        path=table.get("path", plain_path, name),
        bytes=table.get("bytes", whole(0, LARGEST_FILE)),
        is_exact=not table.get("approximate", flag, default=False),
        sha256=table.get("sha256", sha256, ""),
    )


def _revision(table: Fields) -> str:
    """Return the revision: a commit, or with `pinned = false` a branch."""
    revision = table.get("revision", _REVISION)
    if not re.fullmatch(_COMMIT, revision) and table.get("pinned", flag, default=True):
        table.refuse("revision", Message("is-branch", {"branch": revision}))
    return revision
