"""Gathers the facts that a bug report needs, by running each part of the program."""

import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from nameplate import __version__
from nameplate.domain.errors import NameplateError
from nameplate.domain.text import escaped
from nameplate.domain.wording import format_bytes
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.cards import nvidia_cards
from nameplate.inference.runtime.providers import offered
from nameplate.inference.runtime.session import usable_cores
from nameplate.inference.self_check import self_check
from nameplate.model_hub.library import model_folder, open_folder
from nameplate.pipeline.batching import plan_batches
from nameplate.pipeline.caches import cache_size
from nameplate.pipeline.pools import encoder_pool
from nameplate.storage.embedding_cache import default_folder
from nameplate.storage.folders import models_folder, projects_folder
from nameplate.storage.resources import resource
from nameplate.storage.settings import settings_path
from nameplate.system.memory import free_bytes
from nameplate.system.screen import (
    check_qt,
    check_window,
    has_display,
    letters_missing,
    screen_fact,
)

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


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The facts and problems of program, machine and model.

    Attributes:
        facts: Name -> value, in display order.
        problems: A sentence each; empty where there are none.
    """

    facts: Mapping[str, str]
    problems: tuple[str, ...]

    def text(self) -> str:
        """Return the report for a person: a line for each fact, no line break at the end."""
        lines = [f"{name:20} {escaped(value)}" for name, value in self.facts.items()]
        lines += [f"PROBLEM  {escaped(problem)}" for problem in self.problems]
        return "\n".join(lines if self.problems else [*lines, "all is well"])


def diagnose(model: str | Path, device: str = "auto") -> Diagnosis:
    """Check the program, the machine and a model, which is loaded and run for a second.

    Failures are in `problems`; nothing is raised. Takes seconds: not for the window's thread.

    Args:
        model: An id, or a model folder.
        device: `auto`, or the name of a device.
    """
    facts = {**_program_facts(), **_machine_facts()}
    problems: list[str] = []
    try:
        facts["window"] = _window_fact()
    except NameplateError as error:
        problems.append(str(error))
    try:
        facts["providers offered"] = ", ".join(offered())
        folder = model_folder(str(model))
        facts["model folder"] = str(folder)
        loaded = open_folder(folder, device=device)
        facts |= _model_facts(loaded)
        problems += self_check(loaded)
        facts["speed"] = f"{measured_rate(loaded):.1f} images/s, without reading files"
    except NameplateError as error:
        problems.append(str(error))
    return Diagnosis(facts, tuple(problems))


def measured_rate(model: LoadedModel, seconds: float = MEASURED_SECONDS) -> float:
    """Return the image encoder's images per second, on random pixels for `seconds`.

    Raises:
        ModelError: It fails.
    """
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
    is_frozen = bool(getattr(sys, "frozen", False))
    try:
        resources = str(resource())
    except NameplateError as error:
        resources = str(error)
    return {
        "nameplate": __version__,
        "python": platform.python_version() + (" (bundled)" if is_frozen else ""),
        "system": platform.platform(),
        **{name: found for name in _PACKAGES if (found := _version(name))},
        "resources": resources,
        "cache": str(default_folder()),
        "cache size": f"{format_bytes(cache_size())}, thumbnails not counted",
        "models": str(models_folder()),
        "projects": str(projects_folder()),
        "settings": str(settings_path()),
    }


def _machine_facts() -> dict[str, str]:
    memory = psutil.virtual_memory()
    physical = psutil.cpu_count(logical=False) or "unknown"
    facts = {
        "processor": platform.processor() or platform.machine(),
        "cores": f"{physical} physical, {os.cpu_count()} logical",
        "threads": f"{usable_cores()} at most for a model",
        "memory": f"{free_bytes() / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB",
    }
    cards = [
        f"{card.name}, driver {card.driver}, {card.free_bytes / 1e9:.1f} GB free"
        for card in nvidia_cards()
    ]
    return facts | ({"graphics card": "; ".join(cards)} if cards else {})


def _window_fact() -> str:
    """Check that the window can be shown, and return what is known of the screen.

    Raises:
        NameplateError: It cannot, or Qt cannot be loaded at all.
    """
    check_qt()
    if has_display():
        check_window()
    return ". ".join(filter(None, [screen_fact(), letters_missing()]))


def _model_facts(model: LoadedModel) -> dict[str, str]:
    device, manifest, plan = model.device, model.manifest, plan_batches(model)
    facts = {
        "model": f"{manifest.title}, {manifest.embedding_size} numbers a vector",
        "model licence": manifest.licence,
        "model notes": " ".join(manifest.notes),
        "providers running": ", ".join(device.providers),
        "device": f"{device.device}, asked for {device.requested}",
        "why no other": device.note,
        "to change that": device.remedy,
        "batch": f"{plan.concurrency} x {plan.batch_size} images",
    }
    return {name: value for name, value in facts.items() if value}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
