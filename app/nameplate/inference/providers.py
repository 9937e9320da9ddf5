"""Devices: which providers to ask onnxruntime for, and what really runs afterwards."""

import contextlib
import ctypes
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from nameplate.domain.errors import ModelError, UsageError
from nameplate.inference.runtime import INSTALL_CUDA, load_runtime, require_one_runtime

__all__ = [
    "DeviceName",
    "DeviceReport",
    "ProviderEntry",
    "as_device_name",
    "offered",
    "report",
    "require_one_runtime",
    "resolve",
]

DeviceName = Literal["auto", "cpu", "cuda"]
ProviderEntry = str | tuple[str, dict[str, str]]

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"

CUDA_OPTIONS: Final = {
    # The default, EXHAUSTIVE, tries every algorithm for every new shape: seconds at each start.
    "cudnn_conv_algo_search": "HEURISTIC",
    # The default doubles the arena at each growth, which starves whatever else uses the card.
    "arena_extend_strategy": "kSameAsRequested",
}


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What was asked for and what really runs.

    Attributes:
        requested: `auto`, `cpu` or `cuda`.
        device: `cpu` or `cuda`, read back from the session.
        providers: Of the session, the preferred one first.
        offered: Providers that the installed onnxruntime was built with.
        note: Why `device` is not the best that was asked for; empty where it is.
    """

    requested: str
    device: str
    providers: tuple[str, ...]
    offered: tuple[str, ...]
    note: str = ""


def as_device_name(text: str) -> DeviceName:
    """Return `text` as the name of a device.

    Raises:
        UsageError: It is none.
    """
    for name in get_args(DeviceName):
        if name == text:
            return name
    raise UsageError(f"there is no device “{text}”", remedy="Choose auto, cpu or cuda.")


def offered() -> tuple[str, ...]:
    """Return the providers that the installed onnxruntime was built with."""
    return tuple(load_runtime().get_available_providers())


def resolve(requested: DeviceName) -> list[ProviderEntry]:
    """Return the providers to construct a session with.

    That a build offers CUDA does not say that it works here: `report` tells after construction.

    Raises:
        ModelError: `cuda` is asked for and the installed onnxruntime was built without it.
    """
    if requested == "cpu":
        return [CPU]
    if CUDA in offered():
        _preload_cuda_libraries()
        return [(CUDA, dict(CUDA_OPTIONS)), CPU]
    if requested == "cuda":
        raise ModelError(
            f"cuda was asked for, but {_CPU_BUILD}",
            remedy=f"Run: pip uninstall onnxruntime   and then: {INSTALL_CUDA}   "
            "or choose the device cpu.",
        )
    return [CPU]


def report(requested: DeviceName, providers: Sequence[str]) -> DeviceReport:
    """Return the truth about a session that was asked to run on `requested`.

    Args:
        requested: What `resolve` was called with.
        providers: What the session says after its construction. onnxruntime falls back to the CPU
            without an error when a CUDA library is missing.

    Raises:
        ModelError: `cuda` was asked for and does not run; the reason is in the message.
    """
    device = "cuda" if CUDA in providers else "cpu"
    note = ""
    if device == "cpu" and requested != "cpu":
        note = _why_no_cuda() if CUDA in offered() else _CPU_BUILD
    if requested == "cuda" and device != "cuda":
        raise ModelError(
            f"cuda was asked for and did not start: {note}",
            remedy=f"Run: {INSTALL_CUDA}   and check the graphics driver with nvidia-smi; "
            "or choose the device cpu.",
        )
    return DeviceReport(requested, device, tuple(providers), offered(), note)


_CPU_BUILD: Final = "the installed onnxruntime is a build without CUDA"


def _preload_cuda_libraries() -> None:
    """Load CUDA and cuDNN from NVIDIA's wheels, which no system path leads to."""
    preload = getattr(load_runtime(), "preload_dlls", None)
    if preload is None:
        return
    # It prints what it does not find. That is no news yet: `_why_no_cuda` says what matters.
    with contextlib.redirect_stdout(io.StringIO()):
        preload()


def _why_no_cuda() -> str:
    """Return why the CUDA provider does not start, by loading its library as onnxruntime does."""
    folder = Path(load_runtime().__file__).parent / "capi"
    pattern = "{}.dll" if sys.platform == "win32" else "lib{}.so"
    names = ("onnxruntime_providers_shared", "onnxruntime_providers_cuda")
    try:
        for name in names:
            ctypes.CDLL(str(folder / pattern.format(name)), mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        return f"a library is missing ({error})"
    return "no usable NVIDIA graphics card or driver was found"
