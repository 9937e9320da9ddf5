"""`tests/perf/speed.py` measures all its figures, and leaves nothing behind."""

import json
import tempfile

import pytest

from perf import speed
from tiny_model import build_tiny_model

MEASURED = {
    "load", "find", "decode-0.5", "decode-12", "encode", "embed", "share", "memory", "known",
    "name", "rate",
}  # fmt: skip


def test_every_figure_is_positive_and_nothing_is_left_behind(
    tiny_model, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    speed.main(["--images", "1", "--model", str(tiny_model), "--json"])
    result = json.loads(capsys.readouterr().out)
    figures = {one["key"]: one["value"] for one in result["figures"]}
    assert figures.keys() == MEASURED | {"others"}
    assert all(figures[key] > 0 for key in MEASURED)
    assert (result["model"], result["device"], result["images"]) == ("tiny", "cpu", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_fails_ends_it_with_the_reason(tmp_path):
    folder = build_tiny_model(tmp_path / "model")
    graph = folder / "image.onnx"
    graph.write_bytes(bytes(graph.stat().st_size))
    with pytest.raises(SystemExit, match=r"image\.onnx"):
        speed.main(["--images", "1", "--model", str(folder)])
