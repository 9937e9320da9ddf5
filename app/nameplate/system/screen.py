"""Checks whether Qt can be loaded and show a window, since Qt itself would abort."""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.messages import Message
from nameplate.system.libraries import advice, library_named, loading_error, missing

_MODULES: Final = ("QtGui", "QtWidgets", "QtSvg")


class ScreenError(NameplateError):
    """The system lacks something that Qt needs.

    The exit code is that of an installation that is not whole: what was asked for was right.
    """

    exit_code: ClassVar[int] = 3


def has_display() -> bool:
    """Return whether there is a screen for a window."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check_qt() -> None:
    """Check that Qt can be loaded, which is enough for a screenshot.

    Raises:
        ScreenError: It cannot.
    """
    files = [file for name in _MODULES for file in sorted(_pyside().glob(f"{name}.*so"))]
    if names := _unloadable(files, "qt"):
        raise ScreenError("qt-lacks-libraries", names=tuple(names), advice=_advice())


def check_window() -> None:
    """Check that a window can be shown.

    Raises:
        ScreenError: A library is missing.
        UsageError: There is no screen, or none that answers.
    """
    platforms = _platforms()
    if sys.platform == "linux" and not platforms:
        raise UsageError("no-screen")
    check_qt()
    if sys.platform != "linux" or not _plugins().is_dir():
        return  # there Qt finds its platforms elsewhere: a distribution's own Qt, for one
    known = {name: file for name in platforms if (file := _plugin(name)).exists()}
    if not known:
        raise UsageError("no-such-platform", names=tuple(platforms))
    lacking = {name: _unloadable([file], name) for name, file in known.items()}
    loaded = [name for name, names in lacking.items() if not names]
    if not loaded:
        names = tuple(next(iter(lacking.values())))
        raise ScreenError("window-lacks-libraries", names=names, advice=_advice())
    if not any(_answers(name) for name in loaded):
        raise UsageError("no-screen-answers", screens=_screens())


def settle_platform() -> Message | None:
    """Let Qt render offscreen if no window can be shown.

    Returns:
        Why the screen that the environment names cannot be used; None where it can be.
    """
    if sys.platform != "linux":
        return None
    try:
        if _platforms():
            check_window()
            return None
        why = None
    except NameplateError as error:
        why = error.message
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return why


def screen_fact() -> Message:
    """Return facts about the screen, if Qt can be loaded."""
    if has_display():
        return Message("window-can-be-shown")
    plugin = _plugin("xcb")
    names = _unloadable([plugin], "xcb") if plugin.exists() else []
    if not names:
        return Message("screen-missing")
    return Message("screen-would-need", {"names": tuple(names), "advice": _advice()})


def letters_missing() -> Message | None:
    """Return a message if there is no font, so that all letters would be boxes."""
    needs = missing("font")
    return Message("no-font", {"advice": advice(needs)}) if needs else None


def _advice() -> str:
    """Return the command that installs all that screenshots and windows lack."""
    return advice(missing("qt", "font", "xcb", *_platforms()))


def _unloadable(files: Iterable[Path], use: str) -> list[str]:
    """Return the names of missing libraries that any of `files` needs."""
    if sys.platform != "linux":
        return []
    errors = [error for file in files if (error := loading_error(str(file)))]
    listed = [need.name for need in missing(use)] if errors else []
    return list(dict.fromkeys([*listed, *map(library_named, errors)]))


def _pyside() -> Path:
    """Return the folder of PySide6 without importing it."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        raise ScreenError("no-pyside")
    return Path(next(iter(spec.submodule_search_locations)))


def _platforms() -> list[str]:
    """Return the Qt platforms that would be tried for a window, without their options."""
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    if asked:
        # xcb:option, wayland-egl: a platform, and a way of it
        return [one.partition(":")[0].partition("-")[0] for one in asked.split(";") if one]
    screens = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return [name for name, variable in screens.items() if os.environ.get(variable)]


def _plugins() -> Path:
    return _pyside() / "Qt" / "plugins" / "platforms"


def _plugin(platform: str) -> Path:
    file = _plugins() / f"libq{platform}.so"
    return file if file.exists() else _plugins() / f"libq{platform}-generic.so"  # Qt up to 6.9


def _answers(platform: str) -> bool:
    """Return whether the screen in the environment accepts connections."""
    if platform == "wayland":
        library = ctypes.CDLL("libwayland-client.so.0")
        library.wl_display_connect.restype = ctypes.c_void_p
        display = library.wl_display_connect(None)
        if display:
            library.wl_display_disconnect(ctypes.c_void_p(display))
        return bool(display)
    if platform == "xcb":
        library = ctypes.CDLL("libxcb.so.1")
        library.xcb_connect.restype = ctypes.c_void_p
        connection = ctypes.c_void_p(library.xcb_connect(None, None))
        is_broken = library.xcb_connection_has_error(connection)
        library.xcb_disconnect(connection)
        return not is_broken
    return True


def _screens() -> str | Message:
    names = ("WAYLAND_DISPLAY", "DISPLAY")
    set_ = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    return ", ".join(set_) or Message("no-display-set")
