"""A plug-in that fails is named in one sentence, and the rest of the program goes on."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nameplate
from plug_in_help import install

CORPUS = Path(__file__).parents[1] / "corpus" / "projects"
DECLARED = """
from nameplate.domain.facts import Fact
from nameplate.plug_ins.feature import Command, Extension, Feature

FEATURE = Feature(
    __name__,
    commands=(Command("fail", "Fail.", "hooks"), Command("project fail", "Fail.", "hooks")),
    extensions=(Extension("label", "hooks"), Extension("project info", "hooks")),
    formats=("hooks:FORMAT",),
    columns=("hooks:COLUMN",),
    classifiers=("hooks:Fails",),
    facts=(Fact("failing", None, "hooks:fail", "hooks:fail"),),
)
"""
HOOKS = """
import sys
from nameplate.domain.messages import Message
from nameplate.formats.export_format import Column, ExportFormat, Target
from nameplate.formats.outputs.output import Kind

def fail(*_):
    FAILURE

def add_options(parser, *_):
    parser.add_argument("--failing")

def run(args, cancel):
    fail()

facts = lines = fail
COLUMN = Column("failing", "fails", "Fails", fail)
KIND = Kind(Message("failing"), lambda path: False)
FORMAT = ExportFormat(
    "failing", "Failing", Target.FILE, ".txt", KIND, frozenset(), fail, purpose=Message("failing")
)

class Fails:
    training_data = fit = fail
"""
RAISED = "raise ValueError('no luck')", "ValueError: no luck"
ENDED = "sys.exit()", "SystemExit"


class Place:
    """A folder of plug-ins, and a project."""

    def __init__(self, folder: Path):
        self.plug_ins, self.home = folder / "plug-ins", folder / "home"
        self.project = folder / "old.nameplate"
        shutil.copy(CORPUS / "version-4.nameplate", self.project)

    def nameplate(self, *arguments):
        app = Path(nameplate.__file__).parents[1]
        home = {name: str(self.home) for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA")}
        return subprocess.run(
            [sys.executable, "-m", "nameplate", *map(str, arguments)],
            env={**os.environ, **home, "PYTHONPATH": f"{app}{os.pathsep}{self.plug_ins}"},
            capture_output=True,
            text=True,
            timeout=80,
            check=False,
        )


def said_of(name: str, why: str) -> str:
    return f"nameplate: the plug-in {name} failed ({why}); to remove it: pip uninstall {name}\n"


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture(params=[RAISED, ENDED], ids=["raises", "exits"])
def failing(request, place):
    """A place with a plug-in all whose hooks fail, and the sentence about it."""
    failure, why = request.param
    install(place.plug_ins, "failing", DECLARED)
    hooks = HOOKS.replace("FAILURE", failure)
    (place.plug_ins / "failing" / "hooks.py").write_text(hooks)
    return place, said_of("failing", why)


@pytest.mark.parametrize(("failure", "why"), [RAISED, ENDED])
def test_one_that_fails_on_import_is_named_and_the_command_is_run(place, failure, why):
    install(place.plug_ins, "broken", f"import sys\n{failure}\n")
    done = place.nameplate("project", "info", place.project)
    assert done.returncode == 0
    assert done.stdout.startswith("images")
    assert done.stderr == said_of("broken", why)
    (log,) = place.home.rglob("nameplate.log")
    assert "Traceback" not in done.stderr
    assert failure in log.read_text()


def test_labelling_goes_on_without_an_extension_that_fails(failing, coloured, tiny_model):
    place, said = failing
    table = place.home.with_name("labels.csv")
    arguments = ("label", coloured, "--concept", "red", "--csv", table, "--model", tiny_model)
    done = place.nameplate(*arguments)
    assert (done.returncode, done.stderr.count(said)) == (0, 1)
    assert "Traceback" not in done.stderr
    assert table.read_text().startswith("path,label")
    asked = place.nameplate(*arguments, "--overwrite", "--failing", "something")
    assert (asked.returncode, asked.stderr.count(said)) == (2, 1)


def test_exports_go_on_without_a_classifier_and_a_column_that_fail(failing):
    place, said = failing
    table = place.home.with_name("labels.csv")
    done = place.nameplate("export", place.project, "--out", table, "--no-scores")
    assert (done.returncode, done.stderr.count(said)) == (0, 1)
    assert table.read_text().startswith("path,label")


@pytest.mark.parametrize(
    "wish", [("--with-failing",), ("--format", "failing")], ids=["column", "format"]
)
def test_a_column_or_format_that_is_asked_for_and_fails_ends_the_export(failing, wish):
    place, said = failing
    out = place.home.with_name("labels.txt")
    done = place.nameplate("export", place.project, "--out", out, "--no-scores", *wish)
    assert (done.returncode, done.stderr.count(said)) == (2, 1)
    assert "Traceback" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("words", [("fail",), ("project", "fail")])
def test_a_command_of_it_that_fails_ends_with_the_sentence(failing, words):
    place, said = failing
    done = place.nameplate(*words)
    assert (done.returncode, done.stderr) == (2, said)


def test_a_project_is_shown_without_what_a_plug_in_fails_to_say(failing):
    place, said = failing
    done = place.nameplate("project", "info", place.project, "--json")
    assert (done.returncode, done.stderr) == (0, said)
    assert json.loads(done.stdout)["images"]


IN_PROCESS = """
import sys
from pathlib import Path
from nameplate.domain.changes import SetFact
from nameplate.domain.messages import Message
from nameplate.project.facts import declared
from nameplate.project.file.autosave import ProjectFile
file = ProjectFile.open(Path(sys.argv[1]))
fact = declared()["failing"][0]
for value in ({"a": 1}, object()):
    file.project.apply(SetFact(fact, value), Message("label", {"name": "a"}))
assert file.flush(20), "not saved"
assert file.close(20)
ProjectFile.open(Path(sys.argv[1])).close()
"""


def test_a_project_is_saved_and_opened_although_a_value_of_a_plug_in_cannot_be(failing):
    place, _ = failing
    app = Path(nameplate.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", IN_PROCESS, str(place.project)],
        env={**os.environ, "PYTHONPATH": f"{app}{os.pathsep}{place.plug_ins}"},
        check=True,
        timeout=80,
    )
