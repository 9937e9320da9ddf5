"""`nameplate doctor`: versions, folders, devices, and whether the model does what it should."""

import argparse
import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from nameplate import __version__
from nameplate.cli.command import EXIT_DONE, EXIT_MODEL, Command, put
from nameplate.cli.options import add_model_options
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import load_model, self_check
from nameplate.services.models import model_folder
from nameplate.storage.embedding_cache import default_folder
from nameplate.storage.model_store import store_folder
from nameplate.storage.resources import resource
from nameplate.storage.settings_file import settings_path

_PACKAGES: Final = (
    "onnxruntime",
    "onnxruntime-gpu",
    "PySide6_Essentials",
    "pillow",
    "pillow_heif",
    "numpy",
    "tokenizers",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_model_options(parser)


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Print what is installed, what really runs, and what is wrong."""
    facts: dict[str, Any] = {
        "nameplate": __version__,
        "python": platform.python_version() + (" (bundled)" if _is_frozen() else ""),
        "system": platform.platform(),
        **{name: found for name in _PACKAGES if (found := _version(name))},
        "resources": str(_resources()),
        "cache": str(default_folder()),
        "models": str(store_folder()),
        "settings": str(settings_path()),
    }
    problems = _check_model(args, facts)
    if args.json:
        put(json.dumps({**facts, "problems": problems}, ensure_ascii=False, indent=2))
    else:
        for name, value in facts.items():
            put(f"{name:20} {value}")
        put("\n".join(f"PROBLEM  {p}" for p in problems) if problems else "all is well")
    return EXIT_MODEL if problems else EXIT_DONE


def _check_model(args: argparse.Namespace, facts: dict[str, Any]) -> list[str]:
    try:
        folder = model_folder(args.model)
        facts["model folder"] = str(folder)
        model = load_model(folder, device=args.device)
    except NameplateError as error:
        return [str(error)]
    device = model.device
    facts["model"] = f"{model.manifest.title}, {model.manifest.embedding_size} numbers a vector"
    facts["model licence"] = model.manifest.licence
    if model.manifest.notes:
        facts["model notes"] = " ".join(model.manifest.notes)
    facts["providers offered"] = ", ".join(device.offered)
    facts["providers running"] = ", ".join(device.providers)
    facts["device"] = device.device + (f" ({device.note})" if device.note else "")
    return list(self_check(model))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _resources() -> str:
    try:
        return str(resource())
    except NameplateError as error:
        return str(error)


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


COMMAND = Command("doctor", "Say what is installed and what really runs.", add_options, run)
