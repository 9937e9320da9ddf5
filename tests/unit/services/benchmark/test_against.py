"""The comparison with PyTorch, with loops in real processes whose seconds the test knows."""

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import load_model
from nameplate.services.benchmark import against
from nameplate.services.benchmark.against import LOOPS, VARIANTS, run_against_torch
from nameplate.services.benchmark.children import objects, started
from nameplate.services.benchmark.collection import MAIN, Collection
from nameplate.services.benchmark.reading import embed

MODELS = Path(__file__).resolve().parents[4] / "models"

EXPORT = """
import sys
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir(parents=True)
(out / "options").write_text(" ".join(sys.argv[1:]))
"""

LOOP = """
import json, sys
from pathlib import Path
import numpy as np
loop, model = sys.argv[1], sys.argv[-1] if "--model" in sys.argv else ""
name = Path(model).name if model else loop
np.save(sys.argv[sys.argv.index("--vectors") + 1], np.eye(2, dtype=np.float32))
print("a library talks", flush=True)
print(json.dumps({"ready": loop}), flush=True)
seconds = {"data-loader": 6.0, "pipeline": 9.0, "one-by-one": 12.0, "fp32": 3.0, "int8": 1.5}
for number, _ in enumerate(sys.stdin, 1):
    with open(Path(__file__).with_name("turns"), "a") as stream:
        stream.write(name + "\\n")
    busy = number  # each round the whole machine is slower
    answer = {"seconds": busy * seconds[name], "cpu": seconds[name], "images": 2}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose scripts are the test's; all libraries seem installed."""
    models = tmp_path / "models"
    for name, text in (("export", EXPORT), ("benchmark", LOOP)):
        (models / name).mkdir(parents=True)
        (models / name / "run.py").write_text(text)
    monkeypatch.setattr(against, "data_root", lambda: tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    return models


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "collection" / MAIN.folder
    folder.mkdir(parents=True)
    for number in range(2):
        Image.new("RGB", (90, 60), (number * 200, 40, 0)).save(folder / f"{number}.jpg")
    return Collection(folder.parent, 2)


def test_our_speed_is_divided_by_that_of_each_loop_round_by_round(checkout, collection):
    found = {one.key: one for one in run_against_torch(collection, CancelToken())}
    assert found["torch.fp32.ratio"].value == pytest.approx(2)
    assert found["torch.int8.ratio"].value == pytest.approx(4)
    assert found["torch.int8.ratio"].low == found["torch.int8.ratio"].high
    assert found["torch.int8.one-by-one"].value == pytest.approx(8)
    assert found["torch.fp32.cpu"].value == pytest.approx(2)
    assert found["torch.fp32.cosine"].value == pytest.approx(1)
    assert found["torch.data-loader.speed"].high == pytest.approx(2 / 6)


def test_the_loops_take_turns(checkout, collection):
    list(run_against_torch(collection, CancelToken()))
    turns = (checkout / "benchmark" / "turns").read_text().split()
    assert turns == [*LOOPS, *VARIANTS] * 3


def test_both_variants_are_exported_with_the_same_weights_and_only_once(checkout, collection):
    list(run_against_torch(collection, CancelToken()))
    options = {v: collection.folder / "models" / v / "options" for v in VARIANTS}
    assert all("--random-weights" in file.read_text() for file in options.values())
    assert "--int8" in options["int8"].read_text()
    before = options["int8"].stat().st_mtime_ns
    list(run_against_torch(collection, CancelToken()))
    assert options["int8"].stat().st_mtime_ns == before


@pytest.mark.parametrize("script", ["export", "benchmark"])
def test_a_script_that_fails_ends_the_comparison(checkout, collection, script):
    (checkout / script / "run.py").write_text("raise SystemExit(1)")
    with pytest.raises(ModelError, match="failed"):
        list(run_against_torch(collection, CancelToken()))


def test_an_installed_program_says_that_a_checkout_is_needed(checkout, collection):
    (checkout / "benchmark" / "run.py").unlink()
    with pytest.raises(ModelError, match="needs a checkout"):
        next(run_against_torch(collection, CancelToken()))


def test_a_cancel_ends_a_process_that_does_not_end_itself():
    cancel = CancelToken()
    command = [sys.executable, "-c", "print('{}', flush=True); import time; time.sleep(60)"]
    begun = time.monotonic()
    with started(command, cancel) as process:
        for _ in objects(process.stdout):
            cancel.cancel()
    assert process.returncode != 0
    assert time.monotonic() - begun < 30


def test_our_own_loop_gives_the_vectors_that_the_pipeline_gives(collection, tiny_model, tmp_path):
    files = collection.files(MAIN)
    (tmp_path / "files").write_text("\n".join(map(str, files)))
    command = [sys.executable, MODELS / "benchmark" / "run.py", "nameplate", "--model", tiny_model]
    command += ["--files", tmp_path / "files", "--vectors", tmp_path / "out.npy"]
    out = subprocess.check_output(command, input="go\n", text=True, timeout=60)
    answers = list(objects(out.splitlines()))
    assert answers[0] == {"ready": "nameplate"}
    assert answers[1]["images"] == 2
    assert answers[1]["seconds"] > 0
    expected = embed(files, load_model(tiny_model, device="cpu"), CancelToken())
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected)
