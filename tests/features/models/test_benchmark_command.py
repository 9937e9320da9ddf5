"""`nameplate benchmark` end to end: a real process, the tiny model, real files."""

import json
import os
import signal
import subprocess
import sys

import pytest

from nameplate.cli.main import run
from tiny_model import build_tiny_model

MEASURED = {
    "load", "find", "decode-0.5", "decode-12", "encode", "embed", "share", "memory", "known",
    "name", "rate",
}  # fmt: skip


def start(tmp_path, *options):
    """Start the command with its own folder for temporary files."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "nameplate", "benchmark", *options],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, temporary


def test_every_figure_is_positive_in_valid_json_and_nothing_is_left_behind(tiny_model, tmp_path):
    process, temporary = start(tmp_path, "--images", "1", "--model", str(tiny_model), "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    result = json.loads(out)
    figures = {one["key"]: one for one in result["figures"]}
    assert figures.keys() == MEASURED | {"others"}
    assert all(figures[key]["value"] > 0 for key in MEASURED)
    assert figures["share"]["wanted"] == "at least 0.95"
    assert (result["model"], result["device"], result["interrupted"]) == ("tiny", "cpu", False)
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="there is no Ctrl-C for one process alone")
def test_a_stop_keeps_what_was_measured_and_leaves_nothing_behind(tiny_model, tmp_path):
    process, temporary = start(tmp_path, "--images", "8", "--model", str(tiny_model))
    for line in process.stderr:
        if "decoding" in line:  # so what comes before it is measured
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "files found" in out
    assert "100,000 images rated" not in out
    assert "results so far are above" in err
    assert list(temporary.iterdir()) == []


def test_a_model_that_fails_ends_it_with_the_reason(tmp_path, capsys):
    folder = build_tiny_model(tmp_path / "model")
    graph = folder / "image.onnx"
    graph.write_bytes(bytes(graph.stat().st_size))
    assert run(["benchmark", "--images", "1", "--model", str(folder)]) == 3
    assert "image.onnx" in capsys.readouterr().err
