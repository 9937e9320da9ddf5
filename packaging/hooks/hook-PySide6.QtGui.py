"""QtGui with the plugins that Nameplate uses, and so without the libraries that only others need.

Pictures are decoded by Pillow, so of Qt's image formats SVG is enough, for the icons (PNG is built
in). The GTK theme would bring copies of GLib and Cairo that clash with the system's GTK; the
desktop portal's theme gives native dialogs without.
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

WHOLE_FOLDERS = {
    "platforminputcontexts",
    "wayland-decoration-client",
    "wayland-graphics-integration-client",
    "wayland-shell-integration",
    "xcbglintegrations",
}
SINGLE = {
    "qcocoa",
    "qminimal",
    "qoffscreen",
    "qsvg",
    "qsvgicon",
    "qwayland",
    "qwindows",
    "qxcb",
    "qxdgdesktopportal",
}


def is_wanted(source: str, folder: str) -> bool:
    """Whether the plugin file `source`, meant for `folder` of the bundle, is used."""
    return Path(folder).name in WHOLE_FOLDERS or Path(source).stem.removeprefix("lib") in SINGLE


hiddenimports, _plugins, datas = add_qt6_dependencies(__file__)
binaries = [entry for entry in _plugins if is_wanted(*entry)]
