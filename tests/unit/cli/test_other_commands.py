import csv
import io
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from nameplate.cli.main import run


def test_embed_writes_unit_vectors_with_their_paths(tiny_model, coloured, tmp_path):
    file = tmp_path / "vectors.npz"
    assert run(["embed", str(coloured), "--npz", str(file), "--model", str(tiny_model)]) == 0
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["path"].tolist()[0] == "blue/tall.jpg"
        assert arrays["embedding"].dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(arrays["embedding"], axis=1), 1, atol=1e-6)


def test_embed_text_encodes_each_line_as_it_stands(tiny_model, tmp_path):
    prompts, file = tmp_path / "prompts.txt", tmp_path / "vectors.npz"
    prompts.write_text("red\na photo of a blue.\n", encoding="utf-8")
    code = run(["embed", "--text", str(prompts), "--npz", str(file), "--model", str(tiny_model)])
    assert code == 0
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["text"].tolist() == ["red", "a photo of a blue."]
        assert arrays["embedding"].shape == (2, 16)


def test_embed_wants_images_or_text_but_not_both(tmp_path, capsys):
    assert run(["embed", "--npz", str(tmp_path / "x.npz")]) == 2
    assert "either images" in capsys.readouterr().err


def test_what_windows_redirects_to_a_file_is_utf8_whatever_the_code_page(monkeypatch):
    file = io.TextIOWrapper(io.BytesIO(), encoding="cp850")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    monkeypatch.setattr(sys, "stderr", file)
    assert run(["Kätzchen 猫.jpg"]) == 2
    file.flush()
    assert "Kätzchen 猫.jpg" in file.buffer.getvalue().decode("utf-8")


def test_no_part_below_the_window_loads_qt():
    code = (
        "import sys, nameplate.cli.main, nameplate.project.project\n"
        "import nameplate.pipeline.reading.rescore\n"
        "assert not [m for m in sys.modules if m.startswith('PySide6')]\n"
        "assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_ctrl_c_keeps_what_was_done_and_ends_with_130(tiny_model, tmp_path):
    folder, file = tmp_path / "many", tmp_path / "o.csv"
    folder.mkdir()
    first = folder / "000.png"
    Image.effect_noise((800, 800), 90).convert("RGB").save(first, compress_level=0)
    for number in range(1, 90):
        shutil.copyfile(first, folder / f"{number:03}.png")
    names = ["--concept", "red", "--concept", "blue", "--csv", str(file)]
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPT_AFTER_SOME, "label", str(folder)]
        + ["--model", str(tiny_model), *names],
        env=os.environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "what was done is kept" in errors
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 90
    done = [row for row in rows if row["label"]]
    assert 0 < len(done) < 90
    assert all("interrupted" in row["error"] for row in rows if not row["label"])


_INTERRUPT_AFTER_SOME = f"""
import signal, sys
from nameplate.cli import main, suggesting
from nameplate.cli.progress import ProgressBar
class Interrupting(ProgressBar):
    sent = False
    def __call__(self, progress):
        if progress.done >= 8 and not self.sent:
            self.sent = True
            signal.raise_signal({int(signal.SIGINT)})
suggesting.ProgressBar = Interrupting
sys.exit(main.run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lable", "x"], "Did you mean “label”?"),
        (["nosuchfolder"], "isn't a command, file or folder"),
        (
            ["label", "x", "--csv", "o.csv", "--concept", "a", "--model", "nosuch"],
            "x: not found",
        ),
        (["demo", "--model", "nosuch"], "isn't a model or a folder"),
    ],
)
def test_a_mistyped_word_is_said_at_once(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(words) in (2, 3)
    assert message in "".join(capsys.readouterr())


@pytest.mark.skipif(sys.platform != "linux", reason="a screen is always there, or Qt's own affair")
def test_without_a_screen_the_window_is_refused_instead_of_being_invisible(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert run([]) == 2
    assert "no screen" in capsys.readouterr().err


def test_a_prompt_as_long_as_a_book_is_refused_with_its_line(tmp_path, capsys):
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a\n" + "x" * 5000 + "\n")
    assert run(["embed", "--text", str(prompts), "--npz", str(tmp_path / "o.npz")]) == 2
    assert "prompts.txt, line 2: 5,000 letters" in capsys.readouterr().err


def test_a_reader_that_goes_away_does_not_change_the_exit_code(tiny_model, coloured, tmp_path):
    names = ["--concept", "red", "--concept", "blue"]
    command = [sys.executable, "-m", "nameplate", "label", str(coloured), *names]
    command += ["--csv", str(tmp_path / "o.csv"), "--model", str(tiny_model)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert errors == b""
