"""Devices: which execution providers to request from onnxruntime, and which ones really run."""

import contextlib
import ctypes
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from nameplate.domain.errors import ModelError, UsageError
from nameplate.inference.runtime.library import INSTALL_CUDA, load_runtime

DeviceName = Literal["auto", "cpu", "cuda", "directml", "coreml"]
ProviderEntry = str | tuple[str, dict[str, str]]

CPU: Final = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A kind of graphics card that onnxruntime can use.

    Attributes:
        name: What `--device` takes.
        provider: Its execution provider in onnxruntime.
        platforms: Values of `sys.platform` that have it.
        is_automatic: Whether `auto` uses it.
        install: The command that installs a build with it.
        check: What a person should check when it does not start.
        options: Of the provider.
    """

    name: DeviceName
    provider: str
    platforms: tuple[str, ...]
    is_automatic: bool
    install: str
    check: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])


ACCELERATORS: Final = (
    Accelerator(
        "cuda",
        "CUDAExecutionProvider",
        platforms=("linux", "win32"),
        is_automatic=True,
        install=f"pip uninstall onnxruntime   and then: {INSTALL_CUDA}",
        check=f"Run: {INSTALL_CUDA}   and check the graphics driver with nvidia-smi",
        options={
            # The default, EXHAUSTIVE, tries every algorithm for every new shape: seconds at each
            # start.
            "cudnn_conv_algo_search": "HEURISTIC",
            # The default doubles the arena at each growth, which starves whatever else uses the
            # card.
            "arena_extend_strategy": "kSameAsRequested",
        },
    ),
    # Only a wheel that is installed on purpose offers it, so `auto` uses it.
    Accelerator(
        "directml",
        "DmlExecutionProvider",
        platforms=("win32",),
        is_automatic=True,
        install="pip uninstall onnxruntime   and then: pip install onnxruntime-directml",
        check="Update the graphics driver",
    ),
    # Every macOS wheel offers it, and it may compute in 16 bits where other devices use 32, which
    # does not match cached embeddings and thresholds. So it is used only on request.
    Accelerator(
        "coreml",
        "CoreMLExecutionProvider",
        platforms=("darwin",),
        is_automatic=False,
        install="pip install --upgrade onnxruntime",
        check="Update macOS",
    ),
)


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """The requested device and the one that really runs.

    Attributes:
        requested: `auto`, or the name of a device.
        device: `cpu` or the name of an accelerator; read back from the session.
        providers: Of the session, the preferred one first.
        offered: Providers that the installed onnxruntime was built with.
        note: Why `device` is not the requested or best one; empty where it is.
        remedy: What a person can do about it, as a sentence; may be empty.
    """

    requested: str
    device: str
    providers: tuple[str, ...]
    offered: tuple[str, ...]
    note: str = ""
    remedy: str = ""


def device_names() -> tuple[DeviceName, ...]:
    """Return the values of `--device` on this system."""
    return ("auto", "cpu", *(a.name for a in _of_this_system()))


def as_device_name(text: str) -> DeviceName:
    """Return `text` as the name of a device.

    Raises:
        UsageError: There is no such device on this system.
    """
    names = device_names()
    for name in names:
        if name == text:
            return name
    remedy = f"Choose {', '.join(names[:-1])} or {names[-1]}."
    raise UsageError(f"there is no device “{text}”", remedy=remedy)


def offered() -> tuple[str, ...]:
    """Return the providers that the installed onnxruntime was built with."""
    return tuple(load_runtime().get_available_providers())


def candidate_devices(requested: DeviceName) -> tuple[DeviceName, ...]:
    """Return the devices to try for `requested`, the best first.

    An offered device may still not work here; only a session and a first run show that.

    Raises:
        ModelError: The installed onnxruntime was built without the requested device.
    """
    if requested == "cpu":
        return ("cpu",)
    have = offered()
    if requested == "auto":
        found: list[DeviceName] = [
            a.name for a in _of_this_system() if a.is_automatic and a.provider in have
        ]
        return (*found, "cpu")
    accelerator = _accelerator(requested)
    if accelerator.provider not in have:
        raise ModelError(
            f"{requested} was asked for, but {_without(accelerator)}",
            remedy=f"Run: {accelerator.install}   or choose the device cpu.",
        )
    return (requested,)


def provider_entries(device: DeviceName) -> list[ProviderEntry]:
    """Return the `providers` argument of a session on `device`, which is not `auto`."""
    if device == "cpu":
        return [CPU]
    accelerator = _accelerator(device)
    if device == "cuda":
        _preload_cuda_libraries()
    return [(accelerator.provider, dict(accelerator.options)), CPU]


def require_running(device: DeviceName, providers: Sequence[str]) -> None:
    """Check that a session for `device` runs there.

    Args:
        device: The requested one; not `auto`.
        providers: Of the session. onnxruntime falls back to the CPU without an error when a library
            of the device is missing.

    Raises:
        ModelError: It does not; the message says why.
    """
    if device == "cpu":
        return
    accelerator = _accelerator(device)
    if accelerator.provider not in providers:
        why = _why_no_cuda() if device == "cuda" else "onnxruntime found no usable graphics card"
        raise ModelError(
            f"{device} did not start: {why}",
            remedy=f"{accelerator.check}; or choose the device cpu.",
        )


def why_only_cpu() -> tuple[str, str]:
    """Return why `auto` can only use the CPU with this build, and what to do about it.

    Returns:
        Two empty texts where `auto` would use no other device on this system anyway.
    """
    have = offered()
    missing = [a for a in _of_this_system() if a.is_automatic and a.provider not in have]
    if not missing:
        return "", ""
    return _without(missing[0]), f"For a graphics card, run: {missing[0].install}"


def _of_this_system() -> tuple[Accelerator, ...]:
    return tuple(a for a in ACCELERATORS if sys.platform in a.platforms)


def _accelerator(name: DeviceName) -> Accelerator:
    return next(a for a in ACCELERATORS if a.name == name)


def _without(accelerator: Accelerator) -> str:
    shown = {"cuda": "CUDA", "directml": "DirectML", "coreml": "CoreML"}[accelerator.name]
    return f"the installed onnxruntime is a build without {shown}"


def _preload_cuda_libraries() -> None:
    """Load CUDA and cuDNN from NVIDIA's wheels, which are on no library search path."""
    preload = getattr(load_runtime(), "preload_dlls", None)
    if preload is None:
        return
    # It prints what it does not find; `_why_no_cuda` reports that where it matters.
    with contextlib.redirect_stdout(io.StringIO()):
        preload()


def _why_no_cuda() -> str:
    """Return why the CUDA provider does not start, found by loading its libraries."""
    folder = Path(load_runtime().__file__).parent / "capi"
    pattern = "{}.dll" if sys.platform == "win32" else "lib{}.so"
    names = ("onnxruntime_providers_shared", "onnxruntime_providers_cuda")
    try:
        for name in names:
            ctypes.CDLL(str(folder / pattern.format(name)), mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        return f"a library is missing ({error})"
    return "no usable NVIDIA graphics card or driver was found"
