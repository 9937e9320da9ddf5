"""Reads the catalogue of models; an invalid entry is left out and reported."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.fields import (
    Table,
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
from nameplate.model_hub.catalogue import CatalogueFile, CatalogueModel

MOST_MODELS: Final = 1000
MOST_FILES: Final = 100
LARGEST_FILE: Final = 2**40

_COMMIT: Final = "[0-9a-f]{40}"
_REPOSITORY: Final = matching(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}", Message("must-be-owner-and-name"))
_REVISION: Final = matching(rf"{_COMMIT}|\w[\w.-]{{0,99}}", Message("must-be-commit"))
_WEB_ADDRESS: Final = matching(r"https://[^\s<>\"']+", Message("must-be-https"))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The contents of a catalogue file.

    Attributes:
        models: In the order of the file.
        problems: What was left out and why.
    """

    models: tuple[CatalogueModel, ...] = ()
    problems: tuple[Message, ...] = ()


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


def _of_entry(entry: Table, reason: Message) -> Message:
    """Return why an entry is left out, with its id, if it has one."""
    try:
        return Message("in-entry", {"entry": entry.get("id", identifier), "reason": reason})
    except ModelError:
        return reason


def _model(table: Table) -> CatalogueModel:
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
    )


def _file(table: Table) -> CatalogueFile:
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


def _revision(table: Table) -> str:
    """Return the revision: a commit, or a branch where `pinned = false` says that it may move."""
    revision = table.get("revision", _REVISION)
    if not re.fullmatch(_COMMIT, revision) and table.get("pinned", flag, default=True):
        table.refuse("revision", Message("is-branch", {"branch": revision}))
    return revision
