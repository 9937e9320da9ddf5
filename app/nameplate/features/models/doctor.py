"""`nameplate doctor` and the window's report of installed libraries and working devices.

All of it is in English, for whoever is asked for help with it.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import psutil

from nameplate import __version__
from nameplate.cli.command import EXIT_DONE, EXIT_MODEL, put, put_json
from nameplate.cli.options import add_json_option, add_model_options
from nameplate.domain.errors import NameplateError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.imaging.decode import HEIF_PROBLEM
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.cards import nvidia_cards
from nameplate.inference.runtime.providers import offered
from nameplate.inference.self_check import self_check
from nameplate.model_hub.installed import model_folder, open_folder
from nameplate.pipeline.reading.batching import plan_batches
from nameplate.pipeline.reading.pools import encoder_pool
from nameplate.plug_ins.registry import features
from nameplate.storage.caches.cache_file import FILE_NAME, SUFFIXES
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.storage.failure_log import log_file
from nameplate.storage.folders import models_folder, projects_folder
from nameplate.storage.preferences import preferences_path
from nameplate.storage.resources import resource
from nameplate.system.memory import free_bytes
from nameplate.system.processors import usable_cores
from nameplate.system.screen import (
    check_qt,
    check_window,
    has_display,
    letters_missing,
    screen_fact,
)
from nameplate.system.waiting import answer_of
from nameplate.wording.numbers import format_bytes
from nameplate.wording.texts import remedy_of, text_of, what_of
from nameplate.wording.translation import in_english

MEASURED_SECONDS: Final = 1.0

_PACKAGES: Final = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "PySide6_Essentials",
    "pillow",
    "pi-heif-decoder",
    "numpy",
    "tokenizers",
)


class Diagnosis(NamedTuple):
    """The facts of program, machine and model by name, in display order, and the problems."""

    facts: Mapping[str, str]
    problems: tuple[str, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    add_json_option(parser)
    parser.add_argument(
        "--clear-cache",
        action="store_true",
        help="clear the cache first; pictures and names are read again when needed",
    )
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Print the installed parts, the device in use, and problems."""
    if args.clear_cache and (problem := clear_caches()):
        raise OutputError(problem)
    found = answer_of(lambda: diagnose(args.model, args.device), cancel)
    if args.json:
        put_json({**found.facts, "problems": found.problems})
    else:
        put(report_of(found))
    return EXIT_MODEL if found.problems else EXIT_DONE


@in_english()
def diagnose(model: str | Path, device: str = "auto") -> Diagnosis:
    """Check the program, the machine and a model, which is loaded and run for a second.

    Failures are in `problems`; nothing is raised. Takes seconds: not for the window's thread.
    """
    facts = {**_program_facts(), **_machine_facts()}
    problems = [Message("heif-decoder-fails", {"why": HEIF_PROBLEM})] if HEIF_PROBLEM else []
    try:
        facts["window"] = _window_fact()
    except NameplateError as error:
        problems.append(error.message)
    try:
        facts["providers offered"] = ", ".join(offered())
        folder = model_folder(str(model))
        facts["model folder"] = str(folder)
        loaded = open_folder(folder, device=device)
        facts |= _model_facts(loaded)
        problems += self_check(loaded)
        facts["speed"] = f"{measured_rate(loaded):.1f} images/s, without reading files"
    except NameplateError as error:
        problems.append(error.message)
    known = {name: fact for name, fact in facts.items() if fact}
    return Diagnosis(known, tuple(map(text_of, problems)))


def report_of(diagnosis: Diagnosis) -> str:
    """Return the report: a line per fact and problem, without a final line break."""
    lines = [f"{name:20} {escaped(fact)}" for name, fact in diagnosis.facts.items()]
    lines += [f"PROBLEM  {escaped(problem)}" for problem in diagnosis.problems]
    return "\n".join(lines if diagnosis.problems else [*lines, "all is well"])


def measured_rate(model: LoadedModel, seconds: float = MEASURED_SECONDS) -> float:
    """Return the image encoder's images per second, on random pixels for `seconds`."""
    size, plan = model.manifest.image.size, plan_batches(model)
    shape = (plan.batch_size, 3, size, size)
    batch = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    model.image.encode(batch)  # the first run plans memory
    started = time.perf_counter()

    def encode_for_a_while(_number: int) -> int:
        done = 0
        while time.perf_counter() - started < seconds or not done:
            model.image.encode(batch)
            done += plan.batch_size
        return done

    with encoder_pool(model) as pool:
        done = sum(pool.map(encode_for_a_while, range(plan.concurrency)))
    return done / (time.perf_counter() - started)


def _program_facts() -> dict[str, str]:
    try:
        resources = str(resource())
    except NameplateError as error:
        resources = text_of(error.message)
    bundled = " (bundled)" if getattr(sys, "frozen", False) else ""
    return {
        "nameplate": __version__,
        "python": f"{platform.python_version()}{bundled}",
        "system": platform.platform(),
        **{name: found for name in _PACKAGES if (found := _version(name))},
        "resources": resources,
        "cache": str(default_folder()),
        "cache size": f"{format_bytes(cache_size())}, thumbnails not counted",
        "models": str(models_folder()),
        "projects": str(projects_folder()),
        "settings": str(preferences_path()),
        "log": str(log_file()),
        "features": ", ".join(feature.id for feature in features()),
    }


def _machine_facts() -> dict[str, str]:
    physical = psutil.cpu_count(logical=False) or "unknown"
    memory = psutil.virtual_memory().total
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": f"{physical} physical, {os.cpu_count() or 1} logical",
        "threads": f"at most {usable_cores()} for a model",
        "memory": f"{format_bytes(free_bytes())} free of {format_bytes(memory)}",
        "graphics card": "; ".join(
            f"{card.name}, driver {card.driver}, {format_bytes(card.free_bytes)} free"
            for card in nvidia_cards()
        ),
    }


def _window_fact() -> str:
    """Check that the window can be shown, and return facts about the screen."""
    check_qt()
    if has_display():
        check_window()
    letters = letters_missing()
    return ". ".join(map(text_of, [screen_fact(), *([letters] if letters else [])]))


def _model_facts(model: LoadedModel) -> dict[str, str]:
    device, manifest, plan = model.device, model.manifest, plan_batches(model)
    return {
        "model": f"{manifest.title}, {manifest.embedding_size} numbers a vector",
        "model licence": manifest.licence,
        "model notes": " ".join(map(text_of, manifest.notes)),
        "providers running": ", ".join(device.providers),
        "device": f"{device.device}, asked for {device.requested}",
        "why no other": what_of(device.note) if device.note else "",
        "to change that": remedy_of(device.note) if device.note else "",
        "batch": f"{plan.concurrency} x {plan.batch_size} images",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def cache_size() -> int:
    """Return the bytes that cached embeddings of images and prompts take on disk."""
    file, size = default_folder() / FILE_NAME, 0
    for suffix in SUFFIXES:
        with suppress(OSError):
            size += file.with_name(file.name + suffix).stat().st_size
    return size


def clear_caches() -> Message | None:
    """Delete all cached embeddings; images are then encoded again. Other windows may be open.

    Returns:
        Why it failed; None on success.
    """
    with EmbeddingCache(default_folder(), "") as store:
        store.clear()
        return store.problem
