"""What the Windows package is made of, as far as it can be told without making it."""

import hashlib
import re
import sys
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
WINDOWS = ROOT / "packaging" / "windows"


@pytest.fixture
def scripts(monkeypatch):
    """The scripts of the package, by name."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(WINDOWS)
    monkeypatch.syspath_prepend(WINDOWS.parent)
    yield lambda name: __import__(name)
    for name in set(sys.modules) - before:
        sys.modules.pop(name)


def test_what_a_wheel_keeps_apart_is_put_beside_the_modules_that_load_it(scripts):
    installed_at = scripts("assemble").installed_at
    assert installed_at("pi-1.0.data/platlib/libheif.dll") == PurePosixPath("libheif.dll")
    assert installed_at("pi/__init__.py") == PurePosixPath("pi/__init__.py")
    assert installed_at("pi-1.0.data/scripts/pi.exe") is None


@pytest.mark.parametrize(
    ("file", "is_kept"),
    [
        ("nameplate/_data/resources/samples/tests/a.py", True),
        ("numpy-1.0.dist-info/licenses/LICENSE.txt", True),
        ("numpy/_core/numeric.py", True),
        ("numpy/tests/test_numeric.py", False),
        ("numpy/__init__.pyi", False),
        ("numpy/f2py/main.py", False),
        ("onnxruntime/capi/onnxruntime.dll", True),
        ("onnxruntime/transformers/models/gpt.py", False),
        ("PySide6/QtWidgets.pyd", True),
        ("PySide6/QtQml.pyd", False),
        ("PySide6/Qt6Core.dll", True),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/plugins/imageformats/qjpeg.dll", False),
        ("PySide6/plugins/platforminputcontexts/qtvirtualkeyboardplugin.dll", False),
        ("PySide6/designer.exe", False),
        ("PySide6/qml/QtQuick/qmldir", False),
    ],
)
def test_what_is_not_used_stays_out_and_licences_stay_in(scripts, file, is_kept):
    assert scripts("assemble").is_used(PurePosixPath(file)) == is_kept


def test_uninstalling_deletes_what_was_installed_and_nothing_else(scripts, tmp_path):
    for name in ("nameplate.exe", "Lib/a/b.dll", "Lib/c.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(scripts("make_installer").removal(tmp_path))[1:-1] == [
        '  Delete "$INSTDIR\\nameplate.exe"',
        '  Delete "$INSTDIR\\Lib\\c.pyc"',
        '  Delete "$INSTDIR\\Lib\\a\\b.dll"',
        '  RMDir "$INSTDIR\\Lib\\a"',
        '  RMDir "$INSTDIR\\Lib"',
    ]


def test_the_installer_says_each_of_its_texts_in_each_of_its_languages():
    languages = re.findall(r'MUI_LANGUAGE "(\w+)"', (WINDOWS / "installer.nsi").read_text("utf-8"))
    said = re.findall(
        r'^LangString (\w+) \$\{LANG_(\w+)\} "[^"]+"$',
        (WINDOWS / "texts.nsh").read_text("utf-8"),
        re.MULTILINE,
    )
    names = {name for name, _ in said}
    assert len(languages) == 6
    assert sorted(said) == sorted((name, one.upper()) for name in names for one in languages)


def test_a_release_fills_all_that_its_winget_manifests_leave_open(scripts, tmp_path, monkeypatch):
    setup = tmp_path / "nameplate-1.2.3-setup.exe"
    setup.write_bytes(b"program")
    monkeypatch.setattr(sys, "argv", ["", str(setup), "https://host/a.exe", str(tmp_path / "out")])
    scripts("fill_winget").main()
    texts = [file.read_text("utf-8") for file in (tmp_path / "out").glob("*.yaml")]
    assert len(texts) == 3
    assert all("PackageVersion: 1.2.3\n" in text for text in texts)
    assert "INSTALLER" not in "".join(texts)
    assert f"InstallerSha256: {hashlib.sha256(b'program').hexdigest().upper()}" in "".join(texts)
    assert "MinimumOSVersion: 10.0.0.0" in "".join(texts)
