"""A session on the best device that works, with a fallback to the CPU when the device is lost."""

from collections.abc import Callable, Mapping, Sequence

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime.graph_io import placeholder_inputs
from nameplate.inference.runtime.providers import (
    DeviceName,
    DeviceReport,
    candidate_devices,
    why_only_cpu,
)
from nameplate.inference.runtime.session import AllocationError, Array, Session

Opener = Callable[[DeviceName], Session]
"""Creates a session on a device other than `auto`; raises ModelError where it does not start."""


def open_session(opener: Opener, requested: DeviceName, side: int) -> Session:
    """Open the image encoder on the best device that works, of those that `requested` allows.

    A graphics card is used only after a successful test run: a provider may start and fail at its
    first kernel, as when the card is too old for the build. The CPU is not tested.

    Args:
        opener: Opens it on a device.
        requested: `auto`: the best that works; otherwise that one, or an error.
        side: Of the images in pixels, for the first run.

    Raises:
        ModelError: The file cannot be loaded, or the device that was asked for does not work.
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
    """A session that falls back to the CPU for good when a run on its device fails.

    A card can be lost at any moment: a driver reset, a laptop that sleeps, memory that another
    program takes. The failed run is repeated on the CPU, and all later ones run there. `device`
    changes then; callers that report it compare the value before and after a run.
    """

    def __init__(self, session: Session, opener: Opener, device: DeviceReport) -> None:
        """Wrap `session`, which passed its test run; `opener` creates the CPU session."""
        self._opener = opener
        self.name, self.inputs = session.name, session.inputs
        self.outputs, self.inner = session.outputs, session.inner
        self._run_on(session, device)

    def _run_on(self, session: Session, device: DeviceReport) -> None:
        self._session = session
        self.providers, self.device = session.providers, device

    def run(
        self,
        feeds: Mapping[str, Array],
        output_names: Sequence[str] | None = None,
        cancel: CancelToken | None = None,
    ) -> dict[str, Array]:
        """Run the graph; see `Session.run`.

        Raises:
            AllocationError: The batch does not fit into the card's memory; a smaller one may.
            ModelError: The graph fails on the CPU too.
        """
        try:
            return self._session.run(feeds, output_names, cancel)
        except ModelError as error:
            is_divisible = any(len(feeds[i.name]) > 1 and i.shape[0] is None for i in self.inputs)
            may_shrink = isinstance(error, AllocationError) and is_divisible
            if self.device.device == "cpu" or may_shrink:
                raise
            return self._run_on_cpu(feeds, output_names, error, cancel)

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
        note = Message("device-failed", {"device": self.device.device, "reason": cause.reason})
        self._run_on(session, _report(session, self.device.requested, note=note))
        return result


def _report(session: Session, requested: str, *, note: Message | None) -> DeviceReport:
    return DeviceReport(requested, session.device.device, session.providers, note=note)
