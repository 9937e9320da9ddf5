"""The models dialog of a window, as a person has it."""

from nameplate.features.models.dialog import ModelsDialog
from qt_help import wait
from window_driver import WindowDriver

_JOBS = ("models/models", "models/download")


def dialog_of(window: WindowDriver) -> ModelsDialog:
    """Return the dialog of a window, which need not be shown."""
    return window.main.workbenches["models"].lasting_part(ModelsDialog)


def wait_until_done(window: WindowDriver) -> None:
    """Wait until nothing is done with models any more."""
    jobs = window.main.jobs
    wait(lambda: not (window.is_loading or any(map(jobs.is_running, _JOBS))))


def opened_dialog(window: WindowDriver) -> ModelsDialog:
    """Open the dialog and return it once it lists the models."""
    window.menu("Models…")
    wait_until_done(window)
    return dialog_of(window)
