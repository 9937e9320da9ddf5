"""Options that several commands share, and the parsing of their values."""

import argparse
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from nameplate.domain.concepts import Concept, add
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.concept_files import parse_concepts_file
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import SLOT, TemplateSet, checked
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.providers import device_names, preferred
from nameplate.model_hub.installed import model_folder, open_folder
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.storage.text_files import load_template_sets, read_text
from nameplate.system.elsewhere import host_of, is_url
from nameplate.system.waiting import answer_of

if TYPE_CHECKING:  # it imports tokenizers, which not every command needs
    from nameplate.inference.encoders import TextEncoder

N = TypeVar("N", int, float)

NOTHING_ENCODED: Final = "no picture had to be encoded"
"""Printed instead of a device if the image encoder was not needed."""


def add_paths(parser: argparse.ArgumentParser, nargs: str = "+", metavar: str = "PATH") -> None:
    """Add the images and folders that a command works on."""
    help_text = "pictures and folders"
    parser.add_argument("paths", nargs=nargs, type=some_path, metavar=metavar, help=help_text)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_limit_option(parser: argparse.ArgumentParser) -> None:
    """Add `--limit`."""
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N pictures")


def add_model_options(parser: argparse.ArgumentParser, *, default: str | None = "starter") -> None:
    """Add `--model`, `--device` and `--no-cache`; `default` None means the model used last."""
    help_text = "a model's id, or a model folder (default: the last one used in the window)"
    if default:
        help_text = f"a model's id, or a model folder (default: {default})"
    parser.add_argument("--model", metavar="ID|DIR", default=default, help=help_text)
    parser.add_argument(
        "--device",
        choices=device_names(),
        default=preferred("") if default else None,  # the window's may change
        help="where the model runs (default: as in the settings, else auto)",
    )
    help_text = "don't use the cache of vectors"
    parser.add_argument("--no-cache", action="store_true", help=help_text)


def add_concept_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for concepts and prompt templates."""
    parser.add_argument(
        "--concept",
        action="append",
        default=[],
        metavar="NAME",
        help="a name, or `name | synonym`; repeatable",
    )
    parser.add_argument(
        "--concepts",
        type=some_path,
        metavar="FILE",
        help="a file with one name a line, or TOML (.toml)",
    )
    parser.add_argument(
        "--reject",
        action="append",
        default=[],
        metavar="NAME",
        help="a name for “none of these”, which gives no label; repeatable",
    )
    add_templates_option(parser)
    parser.add_argument(
        "--multi",
        action="store_true",
        help="allow several labels a picture; each name counts by itself",
    )
    parser.add_argument(
        "--min-probability",
        type=probability,
        metavar="P",
        help="label only above this (default: 0; with --multi 0.5)",
    )
    add_limit_option(parser)


def add_templates_option(parser: argparse.ArgumentParser) -> None:
    """Add `--templates`."""
    parser.add_argument(
        "--templates",
        action="append",
        default=[],
        metavar="SET|TEXT",
        help="none, simple, openai7, openai80, or a prompt with {} (default: the model's)",
    )


def probability(text: str) -> float:
    """Parse a number from 0 to 1 (argparse type)."""
    return _number(text, float, 0, 1, f"“{text[:20]}” isn't a number between 0 and 1")


def positive(text: str) -> int:
    """Parse an integer above 0 (argparse type)."""
    why = f"“{text[:20]}” isn't a whole number above 0"
    return _number(text, int, 1, math.inf, why)


def _number(text: str, kind: Callable[[str], N], least: float, most: float, why: str) -> N:
    with suppress(ValueError):
        if least <= kind(text) <= most:
            return kind(text)
    raise argparse.ArgumentTypeError(why)


def some_text(text: str) -> str:
    """Parse a path or URL (argparse type); an empty one, as from an unset variable, is an error."""
    if not text:
        raise argparse.ArgumentTypeError("empty path")
    return text


def some_path(text: str) -> Path:
    """Parse a path (argparse type), as `some_text`.

    Raises:
        UsageError: It is a URL.
    """
    refuse_url(text)
    return Path(some_text(text))


def refuse_url(text: str) -> None:
    """Raise a UsageError for a URL: nothing is fetched from other computers."""
    if is_url(text):
        raise UsageError("url-given", where=host_of(text))


def concepts_of(args: argparse.Namespace) -> tuple[Concept, ...]:
    """Return the concepts that the options name: the file's, then `--concept`, then `--reject`."""
    if rules := getattr(args, "rules", None):
        return rules[0]
    concepts: tuple[Concept, ...] = ()
    if args.concepts:
        concepts = parse_concepts_file(read_text(args.concepts), str(args.concepts))
    for line in args.concept:
        concepts = add(concepts, line)
    for name in args.reject:
        concepts = add(concepts, "!" + name)
    return concepts


def required_concepts(args: argparse.Namespace) -> tuple[Concept, ...]:
    """Return the concepts that the options name; at least one must give labels.

    Raises:
        UsageError: There is none, or only reject concepts.
    """
    concepts = concepts_of(args)
    if all(c.is_reject for c in concepts):
        raise UsageError("no-concept-given")
    return concepts


def templates_of(wanted: Sequence[str], model: LoadedModel) -> TemplateSet:
    """Return the template set that `--templates` asks for; by default the model's."""
    sets = load_template_sets()
    names = list(wanted) or [model.manifest.templates]
    if len(names) == 1 and names[0] in sets:
        return sets[names[0]]
    templates = list[str]()
    for name in names:
        if name not in sets and SLOT not in name:
            raise UsageError("no-template-set", name=name, sets=tuple(sorted(sets)))
        templates += sets[name].templates if name in sets else (checked(name),)
    return TemplateSet("", "Own", tuple(dict.fromkeys(templates)))


def open_model(args: argparse.Namespace, cancel: CancelToken) -> LoadedModel:
    """Open the model that the options name; see `load_model`."""
    return open_folder(model_folder(args.model), device=args.device, cancel=cancel)


def loaded_text(model: LoadedModel, cancel: CancelToken | None) -> "TextEncoder":
    """Return the text encoder of `model`, loading it on first use."""
    return answer_of(lambda: model.text, cancel or CancelToken())


def open_cache(
    args: argparse.Namespace, model: LoadedModel, *, describes: bool = False
) -> AbstractContextManager[EmbeddingCache | None]:
    """Return a context manager for the embedding cache; for None with `--no-cache`.

    For `describes` see `open_embedding_cache`.
    """
    if args.no_cache:
        return nullcontext()
    return open_embedding_cache(model, describes=describes)
