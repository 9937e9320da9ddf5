"""What is installed and what really runs: as facts, as a report, as `nameplate doctor`."""

import json
import re
import sys

import pytest

from nameplate.cli.main import run
from nameplate.features.models import doctor
from nameplate.features.models.doctor import cache_size, diagnose, measured_rate, report_of
from nameplate.inference.model import load_model
from nameplate.pipeline.reading.batching import CPU_BATCH_SIZE
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.system.processors import usable_cores


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(doctor.measured_rate, "__defaults__", (0.05,))


def test_a_sound_model_is_described_and_has_no_problem(tiny_model):
    found = diagnose(tiny_model, "auto")

    assert found.problems == ()
    for name in (
        "nameplate",
        "python",
        "system",
        "onnxruntime",
        "processor",
        "cores",
        "threads",
        "memory",
        "cache",
        "providers offered",
        "model folder",
        "model",
    ):
        assert found.facts[name], name
    assert found.facts["providers running"] == "CPUExecutionProvider"
    assert found.facts["device"] == "cpu, asked for auto"
    assert found.facts["batch"] == f"{usable_cores()} x {CPU_BATCH_SIZE} images"
    assert float(found.facts["speed"].split()[0]) > 0


def test_the_text_has_a_line_for_each_fact_and_ends_with_the_verdict(tiny_model):
    found = diagnose(str(tiny_model), "cpu")
    lines = report_of(found).splitlines()

    assert len(lines) == len(found.facts) + 1
    assert lines[-1] == "all is well"


def test_what_fails_is_a_problem_and_the_rest_is_reported(tmp_path):
    found = diagnose(tmp_path, "auto")

    assert len(found.problems) == 1
    assert found.facts["system"]
    assert report_of(found).splitlines()[-1].startswith("PROBLEM  ")


def test_the_report_is_in_english_for_whoever_is_asked_for_help(tiny_model, spoken):
    english = report_of(diagnose(tiny_model, "cuda"))
    spoken("de")

    german = report_of(diagnose(tiny_model, "cuda"))

    assert _without_figures(german) == _without_figures(english)


def _without_figures(report):
    return re.sub(r"[\d.,]+", "", report)


def test_a_device_that_is_not_there_is_a_problem_with_a_way_out(tiny_model):
    found = diagnose(tiny_model, "cuda")

    if "CUDAExecutionProvider" not in found.facts["providers offered"]:
        assert "pip install" in found.problems[0]


def test_a_name_cannot_write_lines_of_its_own_into_the_report(tiny_model, tmp_path):
    found = diagnose(str(tmp_path / "x\nall is well\x1b[31m"), "auto")

    assert "\x1b" not in report_of(found)
    assert len(report_of(found).splitlines()) == len(found.facts) + 1


@pytest.mark.skipif(sys.platform == "win32", reason="the driver is a shell script")
def test_a_card_of_the_machine_is_named(tiny_model, tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA RTX 1, 999.1, 2048'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = diagnose(tiny_model, "cpu")

    assert found.facts["graphics card"] == "NVIDIA RTX 1, driver 999.1, 2.1 GB free"


def test_the_rate_is_that_of_runs_that_were_made(tiny_model):
    model = load_model(tiny_model, device="cpu")

    assert measured_rate(model, 0.0) > 0


def test_doctor_says_what_really_runs(tiny_model, capsys):
    assert run(["doctor", "--model", str(tiny_model), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["providers running"] == "CPUExecutionProvider"
    assert report["problems"] == []


def test_doctor_clears_what_was_remembered_when_asked_to(tiny_model, coloured, tmp_path):
    model = ["--model", str(tiny_model)]
    assert run(["embed", str(coloured), "--npz", str(tmp_path / "o.npz"), *model]) == 0
    before = cache_size()
    assert run(["doctor", *model]) == 0
    assert cache_size() >= before > 0
    with open_embedding_cache(load_model(tiny_model, device="cpu")) as cache:
        paths = sorted(coloured.rglob("*.png"))
        assert len(cache.find(paths).indices) == len(paths)
        assert run(["doctor", "--clear-cache", *model]) == 0
        assert len(cache.find(paths).indices) == 0


def test_doctor_says_why_a_cache_cannot_be_cleared(tiny_model, capsys):
    default_folder().parent.mkdir(parents=True, exist_ok=True)
    default_folder().write_bytes(b"")
    assert run(["doctor", "--clear-cache", "--model", str(tiny_model)]) == 2
    assert "a file is in the place of its folder" in capsys.readouterr().err


def test_doctor_ends_with_3_where_the_model_is_damaged(tmp_path, capsys):
    assert run(["doctor", "--model", str(tmp_path)]) == 3
    assert "PROBLEM" in capsys.readouterr().out
