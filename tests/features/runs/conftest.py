"""What tests of runs share: runs of a few pictures."""

import pytest

from features.runs.run_help import COLOURS
from nameplate.cli.main import run
from nameplate.inference.encoders import ImageEncoder


@pytest.fixture
def out(tmp_path):
    """The folder of the run."""
    return tmp_path / "run"


@pytest.fixture
def label(tiny_model, out):
    """Label into the folder `out`, two images a shard where it is new; return the exit code."""

    def call(*arguments, names=COLOURS):
        if not (out / "manifest.json").exists() and "--shard-size" not in arguments:
            arguments = (*arguments, "--shard-size", "2")
        model = () if "--model" in arguments else ("--model", str(tiny_model))
        return run(["label", *map(str, arguments), "--out", str(out), *model, *names])

    return call


@pytest.fixture
def encoded(monkeypatch):
    """How many images went through the image encoder, at each call."""
    counts, encode = [], ImageEncoder.vectors

    def counting(self, batch, cancel=None):
        counts.append(len(batch))
        return encode(self, batch, cancel)

    monkeypatch.setattr(ImageEncoder, "vectors", counting)
    return counts
