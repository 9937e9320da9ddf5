"""Reads the catalogue of models; an invalid entry is left out and reported."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError, NameplateError
from nameplate.domain.table import Table
from nameplate.model_hub.catalogue import CatalogueFile, CatalogueModel
from nameplate.storage.text_files import read_text

MOST_MODELS: Final = 1000
MOST_FILES: Final = 100
LARGEST_FILE: Final = 2**40
EMBEDDING_SIZES: Final = (2, 65_536)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The contents of a catalogue file.

    Attributes:
        models: In the order of the file.
        problems: What was left out and why, a sentence each without a full stop.
    """

    models: tuple[CatalogueModel, ...] = ()
    problems: tuple[str, ...] = ()


def read_catalogue(path: Path) -> Catalogue:
    """Read the catalogue at `path`; nothing is opened but this file.

    A catalogue is a TOML file with a table `[[models]]` a model and `[[models.files]]` a file. One
    that cannot be read has no models and a problem; it never raises, since the program works
    without.
    """
    try:
        table = Table(tomllib.loads(read_text(path)), path)
        entries = table.tables("models")
    except NameplateError as error:
        return Catalogue(problems=(str(error),))
    except (ValueError, RecursionError) as error:  # not TOML; nested too deep
        return Catalogue(problems=(f"{path}: is not a valid TOML file ({error})",))
    if len(entries) > MOST_MODELS:
        return Catalogue(problems=(f"{path}: lists more than {MOST_MODELS:,} models",))
    models: dict[str, CatalogueModel] = {}
    problems: list[str] = []
    for entry in entries:
        try:
            model = _model(entry)
            if model.id in models:
                entry.refuse("id", f"“{model.id}” stands there twice")
            models[model.id] = model
        except ModelError as error:
            problems.append(f"{_name(entry)}{error.what}")
    return Catalogue(tuple(models.values()), tuple(problems))


def _name(entry: Table) -> str:
    """Return the id of an invalid entry, if it has one, as the start of a sentence."""
    try:
        return f"{entry.identifier('id')}: "
    except ModelError:
        return ""


def _model(table: Table) -> CatalogueModel:
    files = tuple(_file(entry) for entry in table.tables("files"))
    names = [file.name.casefold() for file in files]
    if len(files) > MOST_FILES or len(set(names)) != len(names):
        table.refuse("files", f"must be at most {MOST_FILES} files of different names")
    accuracy = table.number("accuracy", 0, 100) if table.has("accuracy") else None
    return CatalogueModel(
        id=table.identifier("id"),
        title=table.shown_text("title"),
        summary=table.shown_text("summary"),
        repository=_repository(table),
        revision=_revision(table),
        files=files,
        licence=table.shown_text("licence"),
        licence_url=_web_address(table, "licence_url"),
        needs_acceptance=table.flag("accept_licence") if table.has("accept_licence") else False,
        languages=table.shown_text("languages"),
        accuracy=accuracy,
        accuracy_source="" if accuracy is None else table.shown_text("accuracy_source"),
        embedding_size=table.whole("embedding_size", *EMBEDDING_SIZES),
    )


def _file(table: Table) -> CatalogueFile:
    name = table.plain_path("name")
    if any(part.startswith(".") for part in name.split("/")):
        table.refuse("name", f"must be no hidden file, not “{name}”")
    return CatalogueFile(
        name=name,
        path=table.plain_path("path") if table.has("path") else name,
        bytes=table.whole("bytes", 0, LARGEST_FILE),
        is_exact=not (table.flag("approximate") if table.has("approximate") else False),
        sha256=table.sha256("sha256") if table.has("sha256") else "",
    )


def _repository(table: Table) -> str:
    name = table.text("repository")
    if not re.fullmatch(r"[\w][\w.-]{0,95}/[\w][\w.-]{0,95}", name, re.ASCII):
        table.refuse("repository", "must be OWNER/NAME")
    return name


def _revision(table: Table) -> str:
    """Return the revision: a commit, or a branch where `pinned = false` says that it may move."""
    revision = table.text("revision")
    if re.fullmatch(r"[0-9a-f]{40}", revision):
        return revision
    if not re.fullmatch(r"[\w][\w.-]{0,99}", revision, re.ASCII):
        table.refuse("revision", "must be a commit of 40 hexadecimal digits or a branch's name")
    if not table.has("pinned") or table.flag("pinned"):
        table.refuse("revision", f"is a branch, “{revision}”: give a commit, or pinned = false")
    return revision


def _web_address(table: Table, key: str) -> str:
    address = table.text(key)
    if not re.fullmatch(r"https://[^\s<>\"']+", address):
        table.refuse(key, "must be an https address")
    return address
