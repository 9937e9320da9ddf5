"""A session on the best device that works, which stays at work when the device is lost."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime.graph_io import placeholder_inputs
from nameplate.inference.runtime.providers import (
    DeviceName,
    DeviceReport,
    candidates,
    offered,
    why_not_better,
)
from nameplate.inference.runtime.session import (
    AllocationError,
    Array,
    OnnxSession,
    Session,
    TensorInfo,
)

Opener = Callable[[DeviceName], Session]
"""Makes a session on a device, which is not `auto`; raises ModelError where it does not start."""


def open_session(
    path: Path, *, requested: DeviceName, side: int, threads: int | None = None
) -> Session:
    """Load the image encoder in `path` on the best device that works.

    Args:
        path: Of the ONNX file.
        requested: `auto`: the best that works; otherwise that one, or an error.
        side: Of the pictures, for the first run.
        threads: That one run may use on the CPU; None: one for each usable core.

    Raises:
        ModelError: The file cannot be loaded, or the device that was asked for does not work.
    """

    def opener(device: DeviceName) -> Session:
        return OnnxSession(path, device=device, threads=threads)

    return session_on_best(opener, requested, side)


def session_on_best(opener: Opener, requested: DeviceName, side: int) -> Session:
    """Return a session of `opener` on the best of the devices that `requested` means.

    A device counts only after a first run: a provider may start and fail at its first kernel, as
    when the card is too old for the build. The CPU needs no such proof, and no time for it.

    Raises:
        ModelError: As `open_session`.
    """
    devices = candidates(requested)
    note, remedy = why_not_better() if requested == "auto" and devices == ("cpu",) else ("", "")
    for device in devices:
        try:
            session = opener(device)
            if device != "cpu":
                session.run(placeholder_inputs(session, (), side))
        except ModelError as error:
            if device in (requested, "cpu"):  # nothing is left to try
                raise
            note, remedy = f"{device} does not work here: {error.what}", error.remedy
            continue
        report = _report(session, requested, note=note, remedy=remedy)
        return DeviceSession(session, opener, report)
    raise AssertionError("there is always a last candidate")


class DeviceSession:
    """A session that says what it runs on, with the CPU in reserve for a graphics card.

    A card can be lost at any moment: a driver that is reset, a laptop that sleeps, memory that
    another program takes. What failed is run again on the CPU, and all that follows too. `device`
    then says so; who wants to tell a person compares it before and after.
    """

    def __init__(self, session: Session, opener: Opener, device: DeviceReport) -> None:
        """Take over `session`, which has proved to work; `opener` makes the one in reserve."""
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
        """The providers that it really runs on now, the preferred one first."""
        return self._session.providers

    @property
    def device(self) -> DeviceReport:
        """What was asked for and what really runs now."""
        return self._device

    def run(
        self,
        feeds: Mapping[str, Array],
        wanted: Sequence[str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[str, Array]:
        """Run the graph; see `Session.run`.

        Raises:
            CancelledError: `cancel` was set.
            AllocationError: The rows do not fit into the memory of the card, and fewer may.
            ModelError: The graph fails on the CPU too.
        """
        if self._device.device == "cpu":
            return self._session.run(feeds, wanted, cancel)
        try:
            return self._session.run(feeds, wanted, cancel)
        except AllocationError as error:
            if self._is_divisible(feeds):
                raise
            return self._run_on_cpu(feeds, wanted, error, cancel)
        except ModelError as error:
            return self._run_on_cpu(feeds, wanted, error, cancel)

    def _is_divisible(self, feeds: Mapping[str, Array]) -> bool:
        return any(len(feeds[i.name]) > 1 and i.shape[0] is None for i in self.inputs)

    def _run_on_cpu(
        self,
        feeds: Mapping[str, Array],
        wanted: Sequence[str] | None,
        why: ModelError,
        cancel: CancelToken | None,
    ) -> dict[str, Array]:
        reserve = self._opener("cpu")
        # Whether the card or the graph is at fault is known only if this succeeds.
        result = reserve.run(feeds, wanted, cancel)
        lost = self._device.device
        self._session = reserve
        self._device = _report(
            reserve,
            self._device.requested,
            note=f"{lost} failed at work: {why.what}",
            remedy="Start Nameplate again to use the graphics card.",
        )
        return result


def _report(session: Session, requested: str, *, note: str = "", remedy: str = "") -> DeviceReport:
    return DeviceReport(
        requested, session.device.device, session.providers, offered(), note=note, remedy=remedy
    )
