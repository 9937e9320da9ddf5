"""Nameplate against the loops that people write with PyTorch: the same files, the same weights.

make parity-env; .venv-parity/bin/pytest -s tests/perf/test_against_torch.py

Each way is a process of its own that waits for its turn, so that none takes memory or threads from
another, and a busy minute of the machine hits all alike. NAMEPLATE_PERF_FILES says how many files
(default: 128). The models are exported first, which takes minutes, unless they lie in the folder
NAMEPLATE_PERF_MODELS from an earlier time.
"""

import importlib.util
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from perf.measuring import Report
from perf.speed import make_picture

pytestmark = [
    pytest.mark.perf,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]


HERE = Path(__file__).parent
EXPORT = HERE.parents[1] / "models" / "export" / "run.py"
VARIANTS = {"fp32": [], "int8": ["--int8"]}
LOOPS = {
    "data-loader": "open_clip, DataLoader of 32",
    "pipeline": "transformers, batches of 32",
    "one-by-one": "open_clip, one by one",
}
ROUNDS = 3


class Contestant:
    """A process that embeds all files when it is told to."""

    def __init__(self, name, listing, stack, *model):
        self.title = LOOPS.get(name, f"Nameplate, {name}")
        self._vectors = listing.with_name(f"{name}.npy")
        self.rounds = []
        loop = name if name in LOOPS else "nameplate"
        command = [sys.executable, HERE / "torch_loops.py", loop, listing, self._vectors, *model]
        pipe = subprocess.PIPE
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        )
        stack.callback(self._process.kill)
        self._answer()

    def _answer(self):
        for line in self._process.stdout:
            try:
                return json.loads(line)
            except ValueError:
                continue  # a library talks
        pytest.fail(f"{self.title} ended")

    def run_round(self):
        print("go", file=self._process.stdin, flush=True)
        self.rounds.append(self._answer())

    def times_of(self, other):
        """Return how many times as fast as `other` this is: by the clock, by the processor."""
        return np.array(other.rounds) / np.array(self.rounds)

    @property
    def vectors(self):
        return np.load(self._vectors)


def spread(values):
    return f"{np.median(values):.2f} x ({values.min():.2f} to {values.max():.2f})"


def test_speed_and_vectors_against_loops_with_pytorch(tmp_path, capsys):
    count = int(os.environ.get("NAMEPLATE_PERF_FILES", "128"))
    files = [tmp_path / f"{number}.jpg" for number in range(count)]
    for number, file in enumerate(files):
        make_picture(number, 0.5).save(file, quality=90)
    listing = tmp_path / "files"
    listing.write_text("\n".join(map(str, files)))
    kept = Path(os.environ.get("NAMEPLATE_PERF_MODELS", tmp_path))
    for name, options in VARIANTS.items():
        words = ["open_clip:ViT-B-32", "--random-weights", "--out", kept / name, *options]
        if not (kept / name).exists():
            subprocess.run([sys.executable, EXPORT, *words], stdout=subprocess.DEVNULL, check=True)
    with ExitStack() as stack:
        models = {**dict.fromkeys(LOOPS, ()), **{name: (kept / name,) for name in VARIANTS}}
        found = {name: Contestant(name, listing, stack, *m) for name, m in models.items()}
        for _ in range(ROUNDS):
            for one in found.values():
                one.run_round()
    report = Report(capsys, f"{count} JPEGs of 0.5 MP, ViT-B/32")
    for one in found.values():
        speeds = [count / wall for wall, _ in one.rounds]
        report.row(one.title, f"{np.median(speeds):.1f} images/s")
    expected = found["data-loader"].vectors
    for loop in LOOPS:
        assert (found[loop].vectors * expected).sum(axis=1).min() > 0.9999
    for variant, wanted, cosine in (("fp32", 1.2, 0.9999), ("int8", 3.5, 0.95)):
        ours = found[variant]
        for loop, title in LOOPS.items():
            wall, cpu = ours.times_of(found[loop]).T
            text = f"{spread(wall)}; by the processor {np.median(cpu):.2f} x"
            report.row(f"{variant} to {title}", text)
        nearest = (ours.vectors * expected).sum(axis=1).min()
        report.row(f"{variant}, least cosine to open_clip", f"{nearest:.5f}")
        report.row(f"{variant}, wanted to the DataLoader", f"{wanted} x")
        assert nearest > cosine
        assert np.median(ours.times_of(found["data-loader"])[:, 0]) > wanted / 2
