"""`nameplate benchmark`, small but whole: real processes, the tiny model, real files."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from nameplate.cli.command import STOPS
from nameplate.cli.main import run
from nameplate.domain.progress import CancelToken
from nameplate.services.benchmark.collection import make_collection
from nameplate.services.benchmark.parts import PARTS

IMAGES = "2"


def start(temporary, *options):
    """Start the command with `temporary` as the place for temporary files."""
    temporary.mkdir()
    command = [sys.executable, "-m", "nameplate", "benchmark", "--images", IMAGES, *options]
    return subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder of a collection that is there already."""
    folder = tmp_path_factory.mktemp("kept")
    return make_collection(folder, int(IMAGES), CancelToken()).folder


@pytest.fixture(scope="module")
def whole_run(tiny_model, tmp_path_factory):
    """The result of one run of everything, and what it left among the temporary files."""
    temporary = tmp_path_factory.mktemp("whole") / "tmp"
    process = start(temporary, "--model", str(tiny_model), "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out), list(temporary.iterdir()), err


def test_every_measurement_gives_figures_in_valid_json(whole_run):
    result, _, _ = whole_run
    figures = {one["key"]: one for one in result["figures"]}
    assert {key.partition(".")[0] for key in figures} == set(PARTS)
    assert len(figures) == len(result["figures"])
    measured = {key: one for key, one in figures.items() if not key.endswith(".others")}
    assert all(
        one["value"] > 0 and one["low"] <= one["value"] <= one["high"] for one in measured.values()
    )
    assert result["interrupted"] is False


def test_the_figures_that_are_wanted_are_among_them_with_what_is_wanted(whole_run):
    figures = {one["key"]: one for one in whole_run[0]["figures"]}
    for key in ("end-to-end.of-limit", "decode.jpeg-12.ratio", "window.usable"):
        assert figures[key]["target"]
        assert figures[key]["met"] in (True, False)
    assert figures["decode.jpeg-12.cosine"]["value"] >= 0.999
    assert figures["decode.png-2.cosine"]["value"] == pytest.approx(1, abs=1e-5)
    assert figures["window.painted"]["rounds"] == 3
    assert figures["memory.peak"]["value"] > figures["memory.loaded"]["value"]


def test_the_machine_is_described(whole_run):
    machine = whole_run[0]["machine"]
    assert machine["cores"] >= 1
    assert machine["processor"]
    assert len(machine["load_average"]) == 3
    assert machine["onnxruntime"]


def test_nothing_is_left_behind_and_progress_goes_to_stderr(whole_run):
    _, left, err = whole_run
    assert left == []
    assert all(f"measuring {part.title}" in err for part in PARTS.values())


def test_a_table_names_each_figure_with_number_unit_and_target(tiny_model, tmp_path, kept):
    options = ["--model", str(tiny_model), "--only", "scan", "--only", "window"]
    out, _ = start(tmp_path / "tmp", *options, "--keep", str(kept)).communicate(timeout=120)
    assert "finding files" in out
    assert "100 files" in out
    assert "files/s" in out
    assert "at most 1.5" in out
    assert (kept / "collection.json").exists()


@pytest.mark.parametrize("kind", STOPS)
def test_a_stop_keeps_what_was_measured_and_leaves_nothing_behind(tiny_model, tmp_path, kind):
    process = start(tmp_path / "tmp", "--model", str(tiny_model), "--json")
    for line in process.stderr:
        if "measuring decoding" in line:  # so what comes before it is measured
            process.send_signal(kind)
            break
    out, err = process.communicate(timeout=60)
    result = json.loads(out)
    assert process.returncode == 130
    assert result["interrupted"] is True
    assert "scan.files" in {one["key"] for one in result["figures"]}
    assert "what was measured stands above" in err
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_measurement_that_fails_says_why_and_ends_with_its_exit_code(tmp_path, kept, capfd):
    options = ["--model", str(tmp_path), "--only", "text", "--keep", str(kept)]
    code = run(["benchmark", "--images", IMAGES, *options])
    said = capfd.readouterr().err
    assert code == 3
    assert str(tmp_path) in said
    assert "the measurement “a typed name” failed" in said


def test_without_pytorch_the_comparison_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else name)
    assert run(["benchmark", "--against", "torch"]) == 3
    said = capsys.readouterr().err
    assert "torch, which is not installed" in said
    assert 'pip install -e ".[cpu,export]"' in said
