"""A session on the best device that works, with a fallback to the CPU when the device is lost."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime.graph_io import placeholder_inputs
from nameplate.inference.runtime.providers import (
    DeviceName,
    DeviceReport,
    candidate_devices,
    offered,
    why_only_cpu,
)
from nameplate.inference.runtime.session import (
    AllocationError,
    Array,
    OnnxSession,
    Session,
    TensorInfo,
)

Opener = Callable[[DeviceName], Session]
"""Creates a session on a device other than `auto`; raises ModelError where it does not start."""


def open_session(
    path: Path, *, requested: DeviceName, side: int, threads: int | None = None
) -> Session:
    """Load the image encoder in `path` on the best device that works.

    Args:
        path: Of the ONNX file.
        requested: `auto`: the best that works; otherwise that one, or an error.
        side: Of the images in pixels, for the first run.
        threads: Of one run on the CPU; None: one for each usable core.

    Raises:
        ModelError: The file cannot be loaded, or the device that was asked for does not work.
    """

    def opener(device: DeviceName) -> Session:
        return OnnxSession(path, device=device, threads=threads)

    return session_on_best_device(opener, requested, side)


def session_on_best_device(opener: Opener, requested: DeviceName, side: int) -> Session:
    """Return a session from `opener` on the best device that works, of those `requested` allows.

    A graphics card is used only after a successful test run: a provider may start and fail at its
    first kernel, as when the card is too old for the build. The CPU is not tested.

    Raises:
        ModelError: As `open_session`.
    """
    devices = candidate_devices(requested)
    note = why_only_cpu() if requested == "auto" and devices == ("cpu",) else None
    for device in devices:
        try:
            session = opener(device)
            if device != "cpu":
                session.run(placeholder_inputs(session, (), side))
        except ModelError as error:
            if device in (requested, "cpu"):  # no candidate is left
                raise
            note = Message("device-does-not-work", {"device": device, "reason": error.reason})
            continue
        report = _report(session, requested, note=note)
        return DeviceSession(session, opener, report)
    raise AssertionError("there is always a last candidate")


class DeviceSession:
    """A session on a device that falls back to the CPU, for good, when a run fails.

    A card can be lost at any moment: a driver reset, a laptop that sleeps, memory that another
    program takes. The failed run is repeated on the CPU, and all later ones run there. `device`
    changes then; callers that report it compare the value before and after a run.
    """

    def __init__(self, session: Session, opener: Opener, device: DeviceReport) -> None:
        """Wrap `session`, which passed its test run; `opener` creates the CPU session."""
        self._session = session
        self._opener = opener
        self._device = device

    @property
    def name(self) -> str:
        """The path of its file."""
        return self._session.name

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """Its inputs."""
        return self._session.inputs

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """Its outputs."""
        return self._session.outputs

    @property
    def providers(self) -> tuple[str, ...]:
        """The execution providers that it runs on now, the preferred one first."""
        return self._session.providers

    @property
    def device(self) -> DeviceReport:
        """The requested device and the one that it runs on now."""
        return self._device

    def run(
        self,
        feeds: Mapping[str, Array],
        output_names: Sequence[str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[str, Array]:
        """Run the graph; see `Session.run`.

        Raises:
            CancelledError: `cancel` was set.
            AllocationError: The batch does not fit into the card's memory; a smaller one may.
            ModelError: The graph fails on the CPU too.
        """
        if self._device.device == "cpu":
            return self._session.run(feeds, output_names, cancel)
        try:
            return self._session.run(feeds, output_names, cancel)
        except AllocationError as error:
            if self._is_divisible(feeds):
                raise
            return self._run_on_cpu(feeds, output_names, error, cancel)
        except ModelError as error:
            return self._run_on_cpu(feeds, output_names, error, cancel)

    def _is_divisible(self, feeds: Mapping[str, Array]) -> bool:
        return any(len(feeds[i.name]) > 1 and i.shape[0] is None for i in self.inputs)

    def _run_on_cpu(
        self,
        feeds: Mapping[str, Array],
        output_names: Sequence[str] | None,
        cause: ModelError,
        cancel: CancelToken | None,
    ) -> dict[str, Array]:
        session = self._opener("cpu")
        # If this fails too, the graph is at fault and not the card, which stays in use.
        result = session.run(feeds, output_names, cancel)
        lost = self._device.device
        self._session = session
        self._device = _report(
            session,
            self._device.requested,
            note=Message("device-failed", {"device": lost, "reason": cause.reason}),
        )
        return result


def _report(session: Session, requested: str, *, note: Message | None) -> DeviceReport:
    return DeviceReport(requested, session.device.device, session.providers, offered(), note=note)
