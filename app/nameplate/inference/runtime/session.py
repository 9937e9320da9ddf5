"""Sessions, each a loaded ONNX graph: the protocol, and onnxruntime's implementation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.model_files import GET_AGAIN
from nameplate.inference.protobuf import with_outputs
from nameplate.inference.runtime.library import SEVERITY_FATAL, load_runtime, runtime_errors
from nameplate.inference.runtime.providers import (
    DeviceName,
    DeviceReport,
    provider_entries,
    require_running,
)
from nameplate.system.processors import usable_cores

Array = NDArray[np.generic]

DAMAGED: Final = Message("no-onnx")
UNKNOWN_OPERATORS: Final = Message("unknown-operators")
WEIGHTS_OUTSIDE: Final = Message("weights-outside")

# onnxruntime has no error codes for these; the texts are those of 1.25 to 1.32.
_LOAD_ERRORS: Final = (
    (WEIGHTS_OUTSIDE, ("External data path", "external data")),
    (
        UNKNOWN_OPERATORS,
        (
            "No Op registered",
            "not a registered function/op",
            "ValidateOpsetForDomain",
            "IR version",
            "ir_version",
            "NOT_IMPLEMENTED",
        ),
    ),
    (
        DAMAGED,
        (
            "INVALID_PROTOBUF",
            "No graph was found",
            "INVALID_GRAPH",
            "not enough data",
            "ModelProto does not have a graph",
        ),
    ),
)
# Messages of the CPU's arena, CUDA, cuBLAS, cuDNN, DirectML and C++, in lower case.
_OUT_OF_MEMORY: Final = (
    "failed to allocate",
    "out of memory",
    "alloc_failed",
    "allocation_failed",
    "bfcarena",
    "bfc_arena",
    "bad_alloc",
    "e_outofmemory",
    "8007000e",
)


class AllocationError(ModelError):
    """A run needs more memory than is free; a smaller batch may fit."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a graph.

    Attributes:
        dtype: numpy's name of its type, such as `float32` or `int64`.
        shape: Its dimensions; None where one may vary.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class Session(Protocol):
    """A graph that is ready to run; called from one thread at a time.

    Attributes:
        name: The path of its file, for messages.
        inner: Inner tensors that it can give, too.
        providers: The execution providers that it runs on now, the preferred one first.
        device: The requested device and the one that it runs on now.
    """

    name: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    inner: tuple[TensorInfo, ...]
    providers: tuple[str, ...]
    device: DeviceReport

    def run(
        self,
        feeds: Mapping[str, Array],
        output_names: Sequence[str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[str, Array]:
        """Run the graph on `feeds`; return the outputs, or those in `output_names`, by name."""
        ...


class OnnxSession:
    """A session of onnxruntime.

    External data files are opened by onnxruntime, which refuses absolute paths and paths and links
    that leave the model's folder (1.25 and later; tested). Importers of foreign folders list those
    files in the manifest and check them all the same.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: DeviceName = "cpu",
        threads: int | None = None,
        inner: Sequence[str] = (),
    ) -> None:
        """Load the graph in `path`.

        Args:
            path: Of the ONNX file.
            device: Where to run it; not `auto`, which `devices` resolves.
            threads: Of one run; None: one for each usable core.
            inner: Names of inner tensors that `run` can give as well; they are no `outputs`. The
                graph must have no external data then.

        Raises:
            ModelError: The file cannot be loaded, or `device` does not start, or it lacks one of
                the inner tensors.
        """
        self.name = str(path)
        self._errors = (*runtime_errors(), MemoryError)
        options = _options(threads or usable_cores())
        # DirectML allows no memory pattern.
        options.enable_mem_pattern = device != "directml"

        try:
            # Its own fallback would print, and hide that the device is lost.
            self._session: Any = load_runtime().InferenceSession(
                with_outputs(path.read_bytes(), inner) if inner else str(path),
                sess_options=options,
                providers=provider_entries(device),
                enable_fallback=0,
            )
        except (*self._errors, OSError) as error:
            raise _explain(path, error) from error
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        require_running(device, self.providers)
        self.inputs = tuple(_info(node) for node in self._session.get_inputs())
        found = tuple(_info(node) for node in self._session.get_outputs())
        self.outputs = found[: len(found) - len(inner)]
        self.inner = found[len(self.outputs) :]
        self.device = DeviceReport(device, device, self.providers)

    def run(
        self,
        feeds: Mapping[str, Array],
        output_names: Sequence[str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[str, Array]:
        """Run the graph on `feeds`; return its outputs, or those in `output_names`, by name.

        The GIL is released meanwhile. `cancel` stops the run at its next operator.

        Raises:
            AllocationError: There is not enough free memory.
            ModelError: onnxruntime rejects the feeds or fails.
        """
        names = [o.name for o in self.outputs] if output_names is None else list(output_names)
        cancel = cancel or CancelToken()
        options = load_runtime().RunOptions()

        def stop() -> None:
            options.terminate = True

        try:
            with cancel.calling(stop):
                values = self._session.run(names, dict(feeds), options)
        except self._errors as error:
            if cancel.is_cancelled:
                raise CancelledError from error
            raise self._failure(error) from error
        return dict(zip(names, values, strict=True))

    def _failure(self, error: Exception) -> ModelError:
        """Return the error of a failed run, in terms that a person understands."""
        if isinstance(error, MemoryError) or is_out_of_memory(str(error)):
            return AllocationError("model-needs-memory", where=self.name)
        return ModelError("model-could-not-run", where=self.name, why=_first_line(error))


def is_out_of_memory(message: str) -> bool:
    """Return whether onnxruntime's `message` says that an allocation failed."""
    lower = message.lower()
    return any(pattern in lower for pattern in _OUT_OF_MEMORY)


def _options(threads: int) -> Any:
    """Return session options for a desktop program: no log, and no CPU use between runs."""
    runtime = load_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    # Between two batches spinning threads would take cores from decoding and from the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = SEVERITY_FATAL
    return options


def _info(node: Any) -> TensorInfo:
    """Return the name, type and shape of onnxruntime's NodeArg."""
    # `tensor(float16)`; only the two C names differ from numpy's.
    inner = str(node.type).removeprefix("tensor(").removesuffix(")")
    dtype = {"float": "float32", "double": "float64"}.get(inner, inner)
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in node.shape)
    return TensorInfo(node.name, dtype, shape)


def _explain(path: Path, error: Exception) -> ModelError:
    """Return the error of loading `path`, in terms that a person understands."""
    if not path.is_file():
        return ModelError("model-file-missing", where=str(path), remedy=GET_AGAIN)
    text = str(error)
    for reason, patterns in _LOAD_ERRORS:
        if any(pattern in text for pattern in patterns):
            return ModelError(reason, where=str(path))
    return ModelError("cannot-be-loaded", where=str(path), why=_first_line(error))


def _first_line(error: Exception) -> str:
    """Return the first line of a message, short enough for a person."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
