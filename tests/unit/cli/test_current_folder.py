"""The current folder is often one of pictures, from anywhere: no code that lies in it is run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

NAMES = (
    "PIL", "_posixsubprocess", "argparse", "concurrent", "copyreg", "filelock", "json",
    "multiprocessing", "nameplate", "numpy", "onnxruntime", "pickle", "psutil", "pyarrow", "queue",
    "secrets", "selectors", "signal", "socket", "subprocess", "tempfile", "threading", "tomllib",
)  # fmt: skip
CODE = "import pathlib; pathlib.Path({!r}).open('a').write(__name__)"
SCRIPT = (str(Path(sys.executable).with_name("nameplate")),)


@pytest.mark.parametrize(
    ("program", "way"),
    [
        (SCRIPT, ("--out", "../out", "--workers", "2", "--shard-size", "2")),
        # By -m Python itself runs `nameplate.py` of the current folder, as it was told to.
        ((sys.executable, "-m", "nameplate"), ("--csv", "../labels.csv")),
    ],
)
def test_modules_among_the_pictures_are_not_run(coloured, tmp_path, tiny_model, program, way):
    if not Path(program[0]).exists():
        pytest.skip("the program is not installed")
    canary = tmp_path / "canary"
    for name in NAMES if program is SCRIPT else set(NAMES) - {"nameplate"}:
        (coloured / f"{name}.py").write_text(CODE.format(str(canary)))
    command = [*program, "label", ".", *way, "--model", tiny_model]
    names = ["--concept", "red", "--concept", "blue"]
    unsafe = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [*command, *names], cwd=coloured, env=unsafe, capture_output=True, check=False, text=True
    )
    ran = canary.read_text() if canary.exists() else ""
    assert (ran, done.returncode) == ("", 0), done.stderr
