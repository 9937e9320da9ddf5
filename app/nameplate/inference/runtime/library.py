"""Imports onnxruntime when it is first needed, and checks that only one build is installed."""

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message

DISTRIBUTIONS: Final = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")
"""Wheels that install the same package `onnxruntime` and overwrite each other's files."""

SEVERITY_FATAL: Final = 4
"""Of onnxruntime's log. Its errors reach us as exceptions, so nothing else need be printed."""

_RECEIPTS: Final = {
    "uv-receipt.toml": "uv tool install --force",
    "pipx_metadata.json": "pipx install --force",
}
"""Files that mark the environments of uv and pipx, and the commands that make these again."""


def install_command(extra: str) -> str:
    """Return the command that installs Nameplate with `extra`, in the way it was installed."""
    ways = [way for name, way in _RECEIPTS.items() if Path(sys.prefix, name).is_file()]
    return f'{next(iter(ways), "pip install")} "nameplate[{extra}]"'


def replacing(command: str) -> str | Message:
    """Return the commands that replace the installed runtime by that of `command`.

    Only in an environment of pip has the old one to be removed first.
    """
    if getattr(sys, "frozen", False) or not command.startswith("pip "):
        return command
    return Message("one-then-other", {"one": "pip uninstall onnxruntime", "other": command})


INSTALL_ONE: Final = install_command("cpu")
INSTALL_CUDA: Final = install_command("cuda")


def load_runtime() -> Any:
    """Return the module `onnxruntime`.

    Imported here and not at the top of a file, since it takes 0.3 s that `--help` need not wait
    for. On Windows the entry point imports it before Qt (onnxruntime issue 26127). Typed as Any:
    the library has no types.

    Raises:
        ModelError: It is not installed, or a library that it needs is missing.
    """
    # Read when the library is loaded. Without it onnxruntime 1.32 writes ~/.cache/Microsoft and
    # tries to reach the network, even after disable_telemetry_events() (Privacy.md; strace).
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime  # noqa: PLC0415 - see above
    except ImportError as error:
        if not installed_runtimes() and not getattr(sys, "frozen", False):
            raise ModelError("no-runtime", cpu=INSTALL_ONE, cuda=INSTALL_CUDA) from error
        raise ModelError("runtime-fails", why=str(error), command=INSTALL_ONE) from error
    module: Any = onnxruntime
    module.set_default_logger_severity(SEVERITY_FATAL)
    module.disable_telemetry_events()  # for older Windows builds, which know no such variable
    return module


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return the exception types that onnxruntime raises; they have no common base class."""
    load_runtime()
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    classes = [value for value in vars(state).values() if isinstance(value, type)]
    own = [value for value in classes if issubclass(value, Exception)]
    # Its Python layer raises RuntimeError and ValueError.
    return (*own, RuntimeError, ValueError)


def installed_runtimes() -> tuple[str, ...]:
    """Return the names of the onnxruntime wheels that are installed."""
    from importlib import metadata  # noqa: PLC0415 - takes 10 ms that not every start needs

    found: list[str] = []
    for name in DISTRIBUTIONS:
        with suppress(metadata.PackageNotFoundError):
            metadata.distribution(name)
            found.append(name)
    return tuple(found)


def require_one_runtime() -> None:
    """Make sure that exactly one onnxruntime wheel is installed, and that it loads.

    A frozen program may have no wheel metadata; there only the import is checked.

    Raises:
        ModelError: There is none, or several; the command to run is in it.
    """
    found = installed_runtimes()
    if len(found) > 1:
        raise ModelError("several-runtimes", names=found, cpu=INSTALL_ONE, cuda=INSTALL_CUDA)
    if not found and not getattr(sys, "frozen", False):
        raise ModelError("no-runtime", cpu=INSTALL_ONE, cuda=INSTALL_CUDA)
    load_runtime()
