"""Without a feature, or without all, the rest does the main job, and a project loses nothing."""

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import nameplate
from nameplate.plug_ins.registry import features
from plug_in_help import install

TESTS = Path(__file__).parents[1]
IDS = [feature.id for feature in features()]


def copied_without(gone: set[str], home: Path) -> Path:
    """Return a copy of the program in which the folders of some features are not there.

    What was compiled comes along, so that no process compiles it again.
    """
    package = Path(nameplate.__file__).parent
    shutil.copytree(package, home / "app" / "nameplate")
    for place in ("resources", "models"):
        (home / place).symlink_to(package.parents[1] / place)
    for feature_id in gone:
        shutil.rmtree(home / "app" / "nameplate" / "features" / feature_id)
    return home / "app"


def do_main_job(app: Path, *arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TESTS / "features" / "main_job.py"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(app), str(TESTS)])},
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )


def shown(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the features that the program had; it did its main job with them."""
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("features:")]
    return set(line.split()[1:])


def facts_in(project: Path, gone: set[str]) -> list[str]:
    """Return what some features keep in a project file."""
    names = [fact.name for feature in features() if feature.id in gone for fact in feature.facts]
    with closing(sqlite3.connect(project)) as db:
        found = [*db.execute("SELECT * FROM facts"), *db.execute("SELECT * FROM image_facts")]
    return sorted(map(repr, (row for row in found if row[0] in names)))


def labels_without(gone: set[str], pictures: Path, model: Path, tmp_path: Path) -> set[str]:
    """Do the main job without some features; return those that are there."""
    app = copied_without(gone, tmp_path / "program")
    project = tmp_path / "old.nameplate"
    shutil.copy(TESTS / "corpus" / "projects" / "version-4.nameplate", project)
    csv, kept = tmp_path / "labels.csv", facts_in(project, gone)
    there = shown(do_main_job(app, pictures, model, project, csv))
    assert facts_in(project, gone) == kept
    assert (tmp_path / "exported.csv").read_text().startswith("path,label")
    assert [line.split(",")[1] for line in csv.read_text().splitlines()[1:]] == [
        name for name in ("blue", "green", "red") for _ in range(2)
    ]
    return there


def test_without_any_feature_the_main_job_is_done(coloured, tiny_model, tmp_path):
    assert labels_without(set(IDS), coloured, tiny_model, tmp_path) == set()


@pytest.mark.hostile
@pytest.mark.parametrize("feature_id", IDS)
def test_a_feature_can_be_taken_away(feature_id, coloured, tiny_model, tmp_path):
    there = labels_without({feature_id}, coloured, tiny_model, tmp_path)
    assert there == set(IDS) - {feature_id}


BROKEN = {
    "broken": "1 / 0",
    "half": """
from nameplate.plug_ins.feature import Feature
FEATURE = Feature(__name__, formats=("not_there:FORMAT",), classifiers=("not_there:FITTER",))
""",
    "early": """
from nameplate.plug_ins.feature import Feature
FEATURE = Feature(__name__, api=0)
""",
}


def test_a_feature_of_another_package_is_found_and_one_that_fails_is_left_out(
    coloured, tiny_model, tmp_path
):
    others = tmp_path / "others"
    install(others, "greeting", TESTS / "plug_in" / "greeting")
    for name, code in BROKEN.items():
        install(others, name, code)
    app = Path(nameplate.__file__).parents[1]
    project = tmp_path / "old.nameplate"
    shutil.copy(TESTS / "corpus" / "projects" / "version-4.nameplate", project)
    done = do_main_job(
        Path(f"{app}{os.pathsep}{others}"), coloured, tiny_model, project, tmp_path / "labels.csv"
    )
    assert shown(done) == {*IDS, "greeting", "half"}
    assert "tally: 17 pictures" in done.stdout
    for name, why in (
        ("broken", "ZeroDivisionError: division by zero"),
        ("half", "ModuleNotFoundError: No module named 'half.not_there'"),
        ("early", "ValueError: it is for version 0 of the API, and this is 2"),
    ):
        said = f"the plug-in {name} failed ({why}); to remove it: pip uninstall {name}"
        assert f"nameplate: {said}\n" in done.stderr
    assert "suggested from names other than red" in done.stderr
    for written in (tmp_path / "exported.csv", tmp_path / "labels.csv"):  # by window and command
        labels = {line.split(",")[1] for line in written.read_text().splitlines()[1:]}
        assert labels & {"red", "green", "blue"} == {"green", "blue"}
    text = tmp_path / "labels.txt"
    arguments = ("--format", "plain-text", "--out", str(text), "--no-scores")
    subprocess.run(
        [sys.executable, "-m", "nameplate", "export", str(project), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(app), str(others)])},
        check=True,
        timeout=80,
    )
    assert text.read_text().startswith("astronaut.jpg: cat\n")
    header, *rows = csv.reader((tmp_path / "exported.csv").read_text().splitlines())
    assert header[-1] == "bytes"
    assert all(row[-1].isdigit() for row in rows)
