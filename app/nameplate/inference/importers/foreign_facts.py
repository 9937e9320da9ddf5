"""Reads the configuration files of another exporter's folder, and derives facts from them."""

import re
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.inference.fields import Fields, read_json, string
from nameplate.inference.importers.layouts import OPEN_CLIP_CONFIG, Kind, ModelLayout
from nameplate.inference.model_files import inside
from nameplate.system.opening import open_regular

MAX_README: Final = 4000
"""Characters of a README that are read; the licence is at its top."""

MOST_LANGUAGES: Final = 12
"""That are named."""

LONGEST_ID: Final = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """The configurations, empty where missing, and facts derived from them.

    Attributes:
        model_type: Of `config.json`, such as `clip` or `siglip`; empty where it is not given.
        is_siglip: Whether it was trained with a sigmoid.
        vision: `vision_config` of transformers, `vision_cfg` of open_clip.
        text: `text_config`, or `text_cfg`.
        preprocess: `preprocessor_config.json`, or open_clip's `preprocess_cfg`.
        names: Names that `known_models` may have for it.
        source: Where the weights come from.
        licence: From the folder's README; None where it states none.
        languages: Likewise; English by its name, others by their codes.
        title: For the window.
        model_id: For commands.
    """

    kind: Kind
    model_type: str
    is_siglip: bool
    vision: Fields
    text: Fields
    preprocess: Fields
    tokenizer: Fields
    names: tuple[str, ...]
    source: str
    licence: str | None
    languages: str | None
    title: str
    model_id: str


def read_facts(folder: Path, layout: ModelLayout) -> Facts:
    """Read the configurations in `folder`.

    Raises:
        ModelError: One is damaged, or leads out of the folder.
    """
    # A folder's name need not be valid Unicode.
    name = folder.resolve().name.encode("utf-8", "replace").decode() or "model"
    model, preprocess = _model_and_preprocess(folder, layout)
    model_type = model.get("model_type", string, "")
    source = model.get("_name_or_path", string, "")
    card = _card(folder)
    return Facts(
        kind=layout.kind,
        model_type=model_type,
        is_siglip=_is_siglip(model, model_type, name),
        vision=_first(model, "vision_config", "vision_cfg"),
        text=_first(model, "text_config", "text_cfg"),
        preprocess=preprocess,
        tokenizer=read_json(folder, _beside(layout.tokenizer, "tokenizer_config.json")),
        names=tuple(filter(None, (name, source))),
        source=source or f"the folder {name}",
        licence=_stated(card, "license"),
        languages=_languages(card),
        title=name[:200],
        model_id=re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:LONGEST_ID] or "model",
    )


def _model_and_preprocess(folder: Path, layout: ModelLayout) -> tuple[Fields, Fields]:
    config = read_json(folder, "config.json")
    if layout.kind == "transformers":
        return config, read_json(folder, "preprocessor_config.json")
    whole = read_json(folder, OPEN_CLIP_CONFIG)
    model = whole.optional_table("model_cfg") if whole.exists else config
    preprocess = whole.optional_table("preprocess_cfg")
    own = read_json(folder, _beside(layout.image, "preprocess_cfg.json"))
    return model, own if own.exists else preprocess


def _is_siglip(model: Fields, model_type: str, name: str) -> bool:
    """Return whether the head is a sigmoid.

    Configurations of open_clip then have the initial bias of the training (`init_logit_bias`).
    """
    if model_type:
        return model_type.startswith("siglip")
    if model.exists:
        return model.has("init_logit_bias")
    return "siglip" in name.lower()


def _first(config: Fields, *keys: str) -> Fields:
    """Return the first object that exists; else an empty one."""
    tables = [config.optional_table(key) for key in keys]
    return next((table for table in tables if table.exists), tables[0])


def _beside(file: str, name: str) -> str:
    return str(PurePosixPath(file).with_name(name))


def _card(folder: Path) -> str:
    """Return the front matter of the folder's model card; empty if there is none."""
    path = inside(folder, "README.md")
    try:
        with TextIOWrapper(open_regular(path), "utf-8", "replace") as stream:
            text = stream.read(MAX_README)
    except OSError:
        return ""
    return text.partition("\n---")[0] if text.startswith("---") else ""


def _stated(card: str, field: str) -> str | None:
    """Return the value on the line of a field; None if there is none."""
    found = re.search(rf"^{field}:[ \t]*[\"']?([\w .+-]{{1,80}})", card, re.MULTILINE)
    return found.group(1).strip() if found else None


def _languages(card: str) -> str | None:
    """Return the languages, on the line of the field or one a line below it."""
    below = re.search(
        r"^languages?:[ \t]*\n((?:[ \t]*-[ \t]*\S+[ \t]*(?:\n|$))+)", card, re.MULTILINE
    )
    listed = below.group(1) if below else _stated(card, "languages?") or ""
    codes = dict.fromkeys(re.findall(r"[A-Za-z]{2,20}", listed)[:MOST_LANGUAGES])
    return ", ".join("English" if code.lower() == "en" else code for code in codes) or None
