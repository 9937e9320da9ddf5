"""A project that was taught something, and its classifier."""

import shutil

import pytest

from features.classifier.taught import taught_project
from grey_pictures import draw_greys
from nameplate.cli.main import run

NAMES = ["red", "black", "green"]


@pytest.fixture
def greys(tmp_path):
    """Grey pictures, of which a person would say black, and red ones."""
    return draw_greys(tmp_path / "greys")


@pytest.fixture
def project(greys, tmp_path):
    """A project that learned from sixty decisions."""
    said = {f"/g{n:02}.png": [1] for n in range(40)} | {f"/r{n:02}.png": [0] for n in range(20)}
    return taught_project(tmp_path / "x.nameplate", greys.rglob("*.png"), NAMES, said)


@pytest.fixture
def nameplate(capsys):
    """Run a command; return its exit code and what it said."""

    def call(*arguments):
        code = run([*map(str, arguments)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


@pytest.fixture
def export(nameplate, project, tiny_model):
    """Save the classifier of the project in a folder."""

    def call(folder):
        arguments = ("export-classifier", project, "--out", folder, "--model", tiny_model)
        code, out, err = nameplate(*arguments)
        assert (code, out) == (0, f"{folder}: 3 names, taught with 60 decisions\n"), err

    return call


@pytest.fixture(scope="session")
def first_saved(tmp_path_factory):
    """Where the first test that needs a classifier saves it for all."""
    return tmp_path_factory.mktemp("classifier") / "saved"


@pytest.fixture
def saved(first_saved, request, tmp_path):
    """The classifier of the project, in a folder of this test."""
    if not first_saved.exists():
        request.getfixturevalue("export")(first_saved)
    return shutil.copytree(first_saved, tmp_path / "saved")
