"""QtGui with the plugins that Nameplate uses, and so without the libraries that only others need.

Pictures are decoded by Pillow, so of Qt's image formats SVG is enough, for the icons (PNG is built
in). The GTK theme would bring copies of GLib and Cairo that clash with the system's GTK; the
desktop portal's theme gives native dialogs without.
"""

from contents import is_wanted_plugin
from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, _plugins, datas = add_qt6_dependencies(__file__)
binaries = [entry for entry in _plugins if is_wanted_plugin(*entry)]
