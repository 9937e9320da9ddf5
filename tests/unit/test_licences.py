"""What ships with Nameplate may be passed on under Apache-2.0, and somebody reviewed all of it."""

import importlib.util
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LGPL = "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3"
GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3"


def _gate():
    spec = importlib.util.spec_from_file_location("gate", REPOSITORY / "packaging" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gate = _gate()
TABLE = {"packages": {"some": "MIT"}, "mentions": {}, "libraries": gate.reviewed()["libraries"]}


@pytest.fixture
def installed(tmp_path):
    """Return a function that installs a distribution with these files and this licence field."""

    def install(licence: str = "MIT", **files: str) -> Distribution:
        info = tmp_path / "some-1.0.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.4\nName: some\nVersion: 1.0\nLicense-Expression: {licence}\n"
        (info / "METADATA").write_text(head)
        for name, text in files.items():
            (info / name).write_text(text)
        names = [f"{info.name}/{name}" for name in files]
        (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
        return PathDistribution(info)

    return install


@pytest.mark.needs_qt
def test_all_that_ships_is_reviewed_and_nothing_is_under_the_gpl():
    table, packages = gate.reviewed(), gate.distributions()
    assert [line for one in packages.items() for line in gate.offences(*one, table)] == []
    assert gate.unneeded(packages, table) == []
    assert {"pillow", "numpy", "onnxruntime", "huggingface-hub", "httpx2", "anyio"} <= {*packages}
    assert not {"pytest", "ruff", "pyinstaller"} & {*packages}


def test_what_nobody_reviewed_may_not_ship(installed):
    found = installed(LICENSE="MIT")
    assert "not reviewed" in gate.offences("some", found, {**TABLE, "packages": {}})[0]
    assert gate.offences("some", found, TABLE) == []


@pytest.mark.parametrize(
    ("licence", "files"),
    [
        ("MIT", {"LICENSES_bundled.txt": "x265 comes under the GPLv2"}),
        ("MIT", {"COPYING": "under the terms of the\nGNU General Public\n License"}),
        ("MIT", {"LICENSE": "GNU AFFERO GENERAL PUBLIC LICENSE"}),
        ("MIT", {"COPYING": GPL}),
        ("GPL-3.0-or-later", {}),
    ],
)
def test_the_gpl_in_a_licence_file_is_found_whatever_the_metadata_say(installed, licence, files):
    assert "names the GPL" in gate.offences("some", installed(licence, **files), TABLE)[0]


@pytest.mark.parametrize(
    ("licence", "files"),
    [
        ("LGPL-3.0-only", {"COPYING.LESSER": LGPL, "COPYING": GPL}),
        ("LGPL-2.1-only", {"LICENSE": "GNU Lesser General Public License (LGPLv2.1)"}),
        ("MIT", {"LICENSE": "Permission is hereby granted"}),
    ],
)
def test_the_lgpl_may_ship_with_the_text_of_the_gpl_beside_it(installed, licence, files):
    assert gate.offences("some", installed(licence, **files), TABLE) == []


@pytest.mark.parametrize("name", ["libx265-4883ecb5.so.217", "x264.dll", "libreadline.so.8"])
def test_a_library_under_the_gpl_is_known_by_its_name(installed, name):
    assert "under the GPL" in gate.offences("some", installed(**{name: ""}), TABLE)[0]
    assert "under the GPL" in gate.bundle_offences([name], TABLE)[0]


def test_a_library_of_the_building_system_must_be_reviewed():
    assert gate.bundle_offences(["libxcb-icccm.so.4", "_json.cpython-311-x86.so"], TABLE) == []
    assert "libnew.so.1" in gate.bundle_offences(["libnew.so.1", "notes.txt"], TABLE)[0]


def test_an_explanation_that_explains_nothing_is_found(installed):
    table = {**TABLE, "mentions": {"some": {"LICENSE": "only mentions it"}}}
    assert gate.unneeded({"some": installed(LICENSE="MIT")}, table)


def test_each_text_stands_once_and_says_whose_it_is(tmp_path):
    for name in ("LGPL-3.0", "GPL-3.0", "Apache-2.0"):
        (tmp_path / f"{name}.txt").write_text(f"text of {name}")
    packages = [
        gate.Package("a", "1", {"LICENSE": "Do what\nyou like."}),
        gate.Package("b", "2", {"COPYING": "Do what you like. "}),
        gate.Package("c", "3", {}),
        gate.Package("d", "4", {"LICENSE": "d's"}),
    ]
    reviewed = {"a": "MIT", "b": "MIT", "c": "Apache-2.0", "d": "MIT AND LGPL-3.0-or-later"}
    text = gate.document(packages, reviewed, tmp_path)
    assert text.count("Do what") == 1
    assert "\na, b\n" in text
    assert "b 2: MIT\n" in text
    assert "\nc\n\ntext of Apache-2.0" in text
    assert "\nd\n\ntext of LGPL-3.0" in text
    assert "\nd\n\ntext of GPL-3.0" in text
