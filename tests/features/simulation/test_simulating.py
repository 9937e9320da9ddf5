"""`nameplate evaluate --simulate`: its figures, its report, and what it refuses."""

import json
import xml.etree.ElementTree as ET
from importlib.util import find_spec

import pytest

from nameplate.cli.main import run

HAS_PROMISES = find_spec("nameplate.features.promise") is not None


def simulate(folder, model, *more):
    arguments = ["evaluate", str(folder), "--model", str(model), "--simulate", "--seeds", "1"]
    return run([*arguments, *more])


def test_it_prints_a_table_and_writes_figures_and_curves(coloured, tiny_model, tmp_path, capsys):
    report = tmp_path / "report"
    assert simulate(coloured, tiny_model, "--truth", "folders", "--report", str(report)) == 0
    out = capsys.readouterr().out
    assert "6 images, 100.0% rightly suggested" in out
    assert "one by one, least sure first" in out
    # That nothing could be promised is no promise that was kept.
    assert ("no label could be certified at 98% right" in out) == HAS_PROMISES
    assert "kept" not in out
    curves = ET.fromstring((report / "simulation.svg").read_text())
    assert len(curves.findall("{http://www.w3.org/2000/svg}polyline")) == 4
    assert json.loads((report / "simulation.json").read_text())["images"] == 6
    # The report of an earlier run is replaced, since it is one.
    assert simulate(coloured, tiny_model, "--truth", "folders", "--report", str(report)) == 0


def test_json_has_the_figures_of_each_way(coloured, tiny_model, capsys):
    assert simulate(coloured, tiny_model, "--truth", "folders", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["zero_shot"] == 1.0
    assert set(result["strategies"]) == {"sheets", "least_sure", "random", "names_only"}
    sheets = result["strategies"]["sheets"]
    assert sheets["actions_per_1000"] == {"0.9": 0, "0.95": 0, "0.98": 0, "0.99": 0}
    assert sheets["looked_per_1000"] == 0
    of_promise = {"precision", "replays", "kept", "covered", "checks"} if HAS_PROMISES else set()
    assert set(result["promise"] or ()) == of_promise
    assert result["guard"]["share_within_0.003"] == 1.0


@pytest.mark.parametrize("names", [["red", "blue"], ["red", "blue", "purple"]])
def test_folders_that_are_none_of_the_names_are_left_out_and_listed(
    coloured, tiny_model, capsys, names
):
    given = [part for name in names for part in ("--concept", name)]
    assert simulate(coloured, tiny_model, "--truth", "folders", "--json", *given) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["images"] == 4
    assert "2 images are left out: their folder isn't one of the names" in said.err
    assert "green" in said.err


def test_it_needs_the_truth_of_folders_and_two_names(coloured, tiny_model, tmp_path, capsys):
    (tmp_path / "truth.csv").write_text("path,label\nred/wide.png,red\n")
    assert simulate(coloured, tiny_model, "--truth", str(tmp_path / "truth.csv")) == 2
    assert "Add --truth folders." in capsys.readouterr().err
    assert simulate(coloured, tiny_model, "--truth", "folders", "--concept", "red") == 2
    assert "nothing to simulate" in capsys.readouterr().err
