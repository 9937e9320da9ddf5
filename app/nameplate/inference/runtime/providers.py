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
from nameplate.domain.messages import Message
from nameplate.inference.runtime.library import INSTALL_CUDA, load_runtime, replacing
from nameplate.storage.preferences import preferences

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
        install: The commands that install a build with it.
        check: What a person should check when it does not start.
        options: Of the provider.
    """

    name: DeviceName
    provider: str
    platforms: tuple[str, ...]
    is_automatic: bool
    title: str
    install: str | Message
    check: Message
    options: Mapping[str, str] = field(default_factory=dict[str, str])


ACCELERATORS: Final = (
    Accelerator(
        "cuda",
        "CUDAExecutionProvider",
        platforms=("linux", "win32"),
        is_automatic=True,
        title="CUDA",
        install=replacing(INSTALL_CUDA),
        check=Message("check-nvidia", {"command": INSTALL_CUDA}),
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
        title="DirectML",
        install=replacing("pip install onnxruntime-directml"),
        check=Message("update-driver"),
    ),
    # Every macOS wheel offers it, and it may compute in 16 bits where other devices use 32, which
    # does not match cached embeddings and thresholds. So it is used only on request.
    Accelerator(
        "coreml",
        "CoreMLExecutionProvider",
        platforms=("darwin",),
        is_automatic=False,
        title="CoreML",
        install="pip install --upgrade onnxruntime",
        check=Message("update-macos"),
    ),
)


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """The requested device and the one that really runs.

    Attributes:
        requested: `auto`, or the name of a device.
        device: `cpu` or the name of an accelerator; read back from the session.
        providers: Of the session, the preferred one first.
        note: Why `device` is not the requested or best one; None where it is.
    """

    requested: str
    device: str
    providers: tuple[str, ...]
    note: Message | None = None


def device_names() -> tuple[DeviceName, ...]:
    """Return the values of `--device` on this system."""
    return ("auto", "cpu", *(a.name for a in _of_this_system()))


def preferred(chosen: str) -> DeviceName:
    """Return the device that was chosen, perhaps on another system; `auto` where none is so named.

    An empty text asks for what the settings say.
    """
    return _named(chosen or preferences().device) or "auto"


def as_device_name(text: str) -> DeviceName:
    """Return `text` as the name of a device.

    Raises:
        UsageError: There is no such device on this system.
    """
    if (name := _named(text)) is None:
        raise UsageError("no-such-device", device=text, names=device_names())
    return name


def _named(text: str) -> DeviceName | None:
    return next((name for name in device_names() if name == text), None)


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
            "device-not-in-build", device=requested, name=accelerator.title,
            command=accelerator.install,
        )  # fmt: skip
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
        why = _why_no_cuda() if device == "cuda" else Message("no-usable-card")
        raise ModelError("device-did-not-start", device=device, reason=why, check=accelerator.check)


def why_only_cpu() -> Message | None:
    """Return why `auto` can only use the CPU with this build.

    None where `auto` would use no other device on this system anyway.
    """
    have = offered()
    missing = [a for a in _of_this_system() if a.is_automatic and a.provider not in have]
    if not missing:
        return None
    first = missing[0]
    return Message("build-without-device", {"name": first.title, "command": first.install})


def _of_this_system() -> tuple[Accelerator, ...]:
    return tuple(a for a in ACCELERATORS if sys.platform in a.platforms)


def _accelerator(name: DeviceName) -> Accelerator:
    return next(a for a in ACCELERATORS if a.name == name)


def _preload_cuda_libraries() -> None:
    """Load CUDA and cuDNN from NVIDIA's wheels, which are on no library search path."""
    preload = getattr(load_runtime(), "preload_dlls", None)
    if preload is None:
        return
    # It prints what it does not find; `_why_no_cuda` reports that where it matters.
    with contextlib.redirect_stdout(io.StringIO()):
        preload()


def _why_no_cuda() -> Message:
    """Return why the CUDA provider does not start, found by loading its libraries."""
    folder = Path(load_runtime().__file__).parent / "capi"
    pattern = "{}.dll" if sys.platform == "win32" else "lib{}.so"
    names = ("onnxruntime_providers_shared", "onnxruntime_providers_cuda")
    try:
        for name in names:
            ctypes.CDLL(str(folder / pattern.format(name)), mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        return Message("library-missing", {"why": str(error)})
    return Message("no-nvidia-card")
