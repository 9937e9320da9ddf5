"""What the figures were measured on."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from nameplate import __version__
from nameplate.inference.runtime import installed_runtimes
from nameplate.inference.session import usable_cores


def machine() -> dict[str, Any]:
    """Return the processor, the system, the versions, and how busy all of it is."""
    packages = (*installed_runtimes(), "numpy", "pillow", "pillow_heif", "PySide6_Essentials")
    return {
        "nameplate": __version__,
        "python": platform.python_version(),
        **{name: found for name in packages if (found := _version(name))},
        "system": platform.platform(),
        "processor": _processor(),
        "cores": usable_cores(),
        "threads": psutil.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_average": [round(load, 2) for load in psutil.getloadavg()],
    }


def _processor() -> str:
    """Return the processor's name; what `platform` knows where the system has no better place."""
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or os.environ.get("PROCESSOR_IDENTIFIER", "") or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
