"""What the labels of a folder of shards are made from: names, templates and rules, to be read."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import LONGEST_PROMPT, Concept, clean_name
from nameplate.domain.errors import UsageError
from nameplate.domain.prompts import checked
from nameplate.features.runs.labelling import Labeller
from nameplate.project.file.values import concept_json, concepts_of, settings_json, settings_of
from nameplate.storage.atomic import write_bytes
from nameplate.storage.kept_json import read_json
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

RULES_NAME: Final = "rules.json"

_FORMAT: Final = {"format": "nameplate-rules", "version": 1}
_MOST_BYTES: Final = 1 << 24
"""JSON takes up to 20 times as much in memory."""

_MOST_NAMES: Final = 100_000
_MOST_TEMPLATES: Final = 1000
_COLOUR: Final = re.compile(r"(#[0-9a-fA-F]{6})?")


Rules = tuple[tuple[Concept, ...], Settings]
"""What labels are made from, beside the embeddings: names, and settings with a template set."""


def write_rules(folder: Path, labeller: Labeller) -> None:
    """Write what the labels of a folder are made from now on.

    It does not say which shards are labelled so already: those that are not are labelled anew.

    Raises:
        OutputError: It cannot be written.
    """
    values = {
        **_FORMAT,
        "settings": settings_json(labeller.settings),
        "concepts": list(map(concept_json, labeller.concepts)),
    }
    content = json.dumps(values, indent=1).encode()
    path = folder / RULES_NAME
    if not _holds(path, content):
        write_bytes(path, content, follow_links=False)


def _holds(path: Path, content: bytes) -> bool:
    """Return whether a file, which may be of any size, has this content."""
    with suppress(OSError), open_regular(path, follow_links=False) as stream:
        return stream.read(len(content) + 1) == content
    return False


def read_rules(folder: Path) -> Rules | None:
    """Return what the labels of a folder are made from; None where an earlier version made them.

    Raises:
        UsageError: They cannot be read, are damaged, or were written by a later version.
    """
    path = folder / RULES_NAME
    where = printable(str(path))
    try:
        values = read_json(path, _MOST_BYTES, follow_links=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError("rules-damaged", where=where) from error
    match values:
        case {"format": "nameplate-rules", "version": 1}:
            found = cast("dict[str, Any]", values)
            try:
                rules = concepts_of(found["concepts"]), settings_of(found["settings"])
                _check(*rules)
            except (ValueError, KeyError, TypeError, UsageError) as error:
                raise UsageError("rules-damaged", where=where) from error
            return rules
        case {"format": "nameplate-rules"}:
            raise UsageError("rules-of-later-version", where=where)
        case _:
            raise UsageError("rules-damaged", where=where)


def _check(concepts: tuple[Concept, ...], settings: Settings) -> None:
    """Let pass what a person could have typed: the file may be a stranger's.

    Raises:
        ValueError: Something is none of that, or one name is there twice.
        UsageError: A name or a sentence is none.
    """
    names = [name for concept in concepts for name in concept.names]
    keys = {concept.key for concept in concepts}
    of_names = settings.template_set
    templates = () if of_names is None else of_names.templates
    sentences = [*templates, *(one for concept in concepts for one in concept.prompts)]
    is_ordered = (
        len(names) <= _MOST_NAMES
        and len(keys) == len(concepts)
        and len({name.casefold() for name in names}) == len(names)
        and len(templates) <= _MOST_TEMPLATES
        and all(len(one) <= LONGEST_PROMPT and one.isprintable() for one in sentences)
        and all(_COLOUR.fullmatch(concept.colour) for concept in concepts)
        and all(clean_name(name) == name for name in names)
    )
    if not is_ordered:
        raise ValueError("rules that nobody could have given")
    for template in templates:
        checked(template)
