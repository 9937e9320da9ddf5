import ctypes
import functools
import importlib.util
import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from e2e.bare_help import python_without
from nameplate.system import libraries
from nameplate.system.libraries import (
    NEEDS,
    Need,
    advice,
    install,
    library_named,
    loading_error,
    missing,
    package_manager,
    packages,
)

REPOSITORY = Path(__file__).parents[3]
SCRIPT = Path(libraries.__file__)

linux = pytest.mark.skipif(sys.platform != "linux", reason="the list is for Linux")

# What every Linux with a package manager has.
EVERYWHERE = {
    *("libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "libzstd.so.1"),
    *("libdl.so.2", "libpthread.so.0"),  # empty since glibc 2.34
}


@functools.cache
def names_in(file):
    """The names of libraries in `file`: those that the loader will look for, and its own."""
    names = re.findall(rb"\0(lib[\w+.-]+\.so(?:\.\d+)*)(?=\0)", file.read_bytes())
    return {name.decode() for name in names} - {file.name}


def needed_by(files):
    """The libraries that Qt's `files`, and those of Qt's own that they load, name as needed."""
    folder = Path(next(iter(importlib.util.find_spec("PySide6").submodule_search_locations)))
    own = {file.name for file in [*folder.glob("*.so*"), *(folder / "Qt" / "lib").iterdir()]}
    found, todo = set(), [folder / file for file in files]
    while todo:
        for name in names_in(todo.pop()) - found:
            found.add(name)
            inside = folder / "Qt" / "lib" / name
            todo += [inside] if inside.exists() else []
    return {name for name in found - own - EVERYWHERE if not name.startswith("libshiboken6")}


def listed(*uses):
    return {need.name for need in NEEDS if need.use in uses}


TESTED_QT = re.search(
    r"(?m)^pyside6-essentials==(\S+)", (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")
)


@linux
@pytest.mark.needs_qt
@pytest.mark.skipif(
    importlib.util.find_spec("PySide6") is not None
    and version("PySide6_Essentials") != TESTED_QT[1],
    reason="the list is of the Qt in constraints.txt",
)
@pytest.mark.parametrize(
    ("use", "plugin"), [("xcb", "libqxcb.so"), ("wayland", "libqwayland.so"), ("qt", None)]
)
def test_the_list_is_what_the_installed_qt_needs(use, plugin):
    loaded = [f"Qt{name}.abi3.so" for name in ("Core", "Gui", "Widgets", "Svg")]
    plugins = ["libqoffscreen.so", *filter(None, [plugin])]
    needed = needed_by([*loaded, *(f"Qt/plugins/platforms/{name}" for name in plugins)])

    assert needed == listed("qt", use)


def test_each_thing_has_a_package_for_each_package_manager():
    assert len({need.name for need in NEEDS}) == len(NEEDS)
    assert {len(need.packages) for need in NEEDS} == {4}


def test_the_readme_names_the_packages_of_the_list():
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    command = re.search(r"apt-get install ([^`]*?)\n?\s*```", text)
    needs = [need for need in NEEDS if need.use in ("qt", "font", "xcb")]

    assert command is not None
    assert command[1].replace("\\", " ").split() == packages(needs, "apt-get")


@pytest.mark.parametrize(
    ("known", "manager"),
    [
        ({"ID": "debian"}, "apt-get"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt-get"),
        ({"ID": "fedora"}, "dnf"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf"),
        ({"ID": "opensuse-tumbleweed", "ID_LIKE": "opensuse suse"}, "zypper"),
        ({"ID": "arch"}, "pacman"),
        ({"ID": "manjaro", "ID_LIKE": "arch"}, "pacman"),
    ],
)
def test_a_system_is_recognised_by_what_it_says_of_itself(known, manager, monkeypatch):
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: known)
    assert package_manager() == manager


@pytest.mark.skipif(sys.platform == "win32", reason="looks for programs of Linux")
def test_a_system_that_says_nothing_is_recognised_by_its_tool(monkeypatch, tmp_path):
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "own"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert package_manager() == ""
    assert "Install the packages of this system" in advice(NEEDS[:1])
    (tmp_path / "zypper").touch(mode=0o755)
    assert package_manager() == "zypper"


@linux
@pytest.mark.parametrize(
    ("family", "command"),
    [
        ("fedora", "dnf install glib2 libglvnd-egl"),
        ("suse", "zypper install libglib-2_0-0 libgthread-2_0-0 libglvnd"),
        ("arch", "pacman -S --needed glib2 libglvnd"),
    ],
)
def test_the_command_names_each_package_once(family, command, monkeypatch):
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": family})
    assert advice(NEEDS[:3]).endswith(command)


def test_nothing_missing_needs_no_advice():
    assert advice([]) == ""


@linux
def test_a_library_is_missing_where_the_loader_cannot_have_it(tmp_path):
    assert Need("libc.so.6", "qt", ("", "", "", "")).is_there()
    assert not Need("libno-such.so.3", "qt", ("", "", "", "")).is_there()
    assert library_named(loading_error("libno-such.so.3")) == "libno-such.so.3"
    damaged = tmp_path / "libbroken.so.1"
    damaged.touch()
    assert library_named(loading_error(str(damaged))) == "libbroken.so.1"


@linux
def test_the_frozen_program_names_a_missing_library_too(monkeypatch):
    class Frozen(ctypes.CDLL):  # as PyInstaller's, whose own error says nothing of the library
        def __init__(self, name):
            try:
                super().__init__(name)
            except OSError as error:
                raise OSError(f"Failed to load dynlib/dll {name!r}.") from error

    monkeypatch.setattr(ctypes, "CDLL", Frozen)

    assert library_named(loading_error("libno-such.so.3")) == "libno-such.so.3"


@linux
@pytest.mark.parametrize(("verb", "code"), [("advise", 0), ("require", 1)])
def test_make_can_ask_it_without_any_package(tmp_path, verb, code):
    hidden = ["libEGL.so.1", "libxcb-cursor.so.0"]
    words = ["-I", "-S", str(SCRIPT), verb, "qt", "xcb"]
    said = python_without(hidden, tmp_path / "hidden", *words)

    assert said.returncode == code, said.stderr
    if package_manager() == "apt-get":
        assert "apt-get install" in said.stdout
        assert {"libegl1", "libxcb-cursor0"} <= set(said.stdout.split())


@linux
def test_without_any_font_it_says_so_and_which_package_has_one(tmp_path):
    config = tmp_path / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    words = ["-I", "-S", str(SCRIPT), "advise", "font"]
    if missing("font"):
        pytest.skip("this system has no font at all")
    with_fonts = python_without([], tmp_path / "hidden", *words)
    without = python_without([], tmp_path / "hidden", *words, FONTCONFIG_FILE=str(config))

    assert with_fonts.stdout == ""
    assert "dejavu" in without.stdout


@pytest.fixture
def apt_get(tmp_path, monkeypatch):
    """An apt-get of Debian that writes down what it is told, and fails where `E` is a file."""
    tool = tmp_path / "apt-get"
    tool.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/told\n'
        f'[ ! -e {tmp_path}/E ] || {{ echo "E: no network"; exit 100; }}\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    return tmp_path


@linux
def test_as_root_apt_get_installs_what_is_missing_and_one_line_says_so(
    apt_get, monkeypatch, capsys
):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    install(NEEDS[:2])

    assert capsys.readouterr().out == "installing what this system lacks: libglib2.0-0\n"
    told = (apt_get / "told").read_text().splitlines()
    assert told[0].endswith(" update")
    assert told[1].endswith(" install -y --no-install-recommends libglib2.0-0")
    assert all("DPkg::Lock::Timeout=60" in line for line in told)


@linux
def test_where_apt_get_fails_the_work_goes_on(apt_get, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (apt_get / "E").touch()
    install(NEEDS[:2])

    assert capsys.readouterr().out.endswith("apt-get could not (E: no network); going on without\n")


@linux
def test_without_root_nothing_is_installed(apt_get, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    install(NEEDS[:2])

    assert not (apt_get / "told").exists()
    assert capsys.readouterr().out == ""
