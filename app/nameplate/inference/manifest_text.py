"""Writes a manifest as the text of a `model.toml`."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from nameplate.inference.specs import ModelManifest

_TABLES = ("image", "text", "head")


def manifest_text(manifest: ModelManifest) -> str:
    """Return the text of a `model.toml` for `manifest`; `read_manifest` is the inverse."""
    values = asdict(manifest)
    parts = [_lines({k: v for k, v in values.items() if k not in (*_TABLES, "files")})]
    parts += [f"[{name}]\n{_lines(values[name])}" for name in _TABLES]
    parts += [f"[[files]]\n{_lines(file)}" for file in values["files"]]
    return "\n".join(parts)


def _lines(values: Mapping[str, object]) -> str:
    """Return a line for each value that is not None."""
    return "".join(
        f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None
    )


def _value(value: object) -> str:
    # JSON strings, numbers and lists are valid TOML, except for this character in a string.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
