"""QtCore with Qt's own texts in the languages of Nameplate alone."""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

TRANSLATIONS = Path(__file__).parents[1] / "translations"
WANTED = {f"qtbase_{path.stem}.qm" for path in TRANSLATIONS.glob("*.po")}

hiddenimports, binaries, _translations = add_qt6_dependencies(__file__)
datas = [entry for entry in _translations if Path(entry[0]).name in WANTED]
