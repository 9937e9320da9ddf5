import csv
import json
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
    assert "one of the two" in capsys.readouterr().err


def test_evaluate_against_folders_prints_accuracy_and_writes_a_report(
    tiny_model, coloured, tmp_path, capsys
):
    report = tmp_path / "report"
    code = run(
        ["evaluate", str(coloured), "--truth", "folders", "--model", str(tiny_model)]
        + ["--report", str(report)]
    )
    out = capsys.readouterr().out
    assert code == 0
    assert "accuracy 1.0000 (6 of 6)" in out
    with (report / "confusion.csv").open(newline="") as stream:
        table = list(csv.reader(stream))
    assert table[0] == ["truth", "blue", "green", "red", ""]
    assert table[1] == ["blue", "2", "0", "0", "0"]
    assert (report / "labels.csv").exists()


def test_evaluate_takes_a_synonym_for_the_truth_and_gives_json(tiny_model, coloured, capsys):
    names = ["--concept", "scarlet|red", "--concept", "green", "--concept", "blue"]
    run(
        ["evaluate", str(coloured), "--truth", "folders", "--model", str(tiny_model), "--json"]
        + names
    )
    result = json.loads(capsys.readouterr().out)
    assert result["images"] == 6
    assert result["concepts"][0]["name"] == "scarlet"
    assert result["concepts"][0]["images"] == 2


def test_evaluate_against_a_csv_counts_only_its_images(tiny_model, coloured, tmp_path, capsys):
    truth = tmp_path / "truth.csv"
    truth.write_text("path,label\nred/wide.png,red\nblue/wide.png,green\n")
    names = ["--concept", "red", "--concept", "green", "--concept", "blue"]
    run(["evaluate", str(coloured), "--truth", str(truth), "--model", str(tiny_model), *names])
    assert "accuracy 0.5000 (1 of 2)" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "path,label\nelsewhere.png,red\n", ""])
def test_evaluate_says_what_is_wrong_with_a_truth_file(
    tiny_model, coloured, tmp_path, capsys, text
):
    truth = tmp_path / "truth.csv"
    truth.write_text(text)
    code = run(["evaluate", str(coloured), "--truth", str(truth), "--model", str(tiny_model)])
    assert code == 2
    message = capsys.readouterr().err
    assert "truth.csv" in message
    if "elsewhere" in text:
        assert "Its paths must be like “blue/tall.jpg”" in message


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
import os, signal, sys
from nameplate.cli import labelling, main
from nameplate.cli.progress import ProgressBar
class Interrupting(ProgressBar):
    sent = False
    def __call__(self, progress):
        if progress.done >= 8 and not self.sent:
            self.sent = True
            os.kill(os.getpid(), {int(signal.SIGINT)})
labelling.ProgressBar = Interrupting
sys.exit(main.run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lable", "x"], "Did you mean “label”?"),
        (["nosuchfolder"], "neither a command nor a file or folder"),
        (
            ["label", "x", "--csv", "o.csv", "--concept", "a", "--model", "nosuch"],
            "x: is not there",
        ),
        (["demo", "--model", "nosuch"], "neither a model's id nor a folder"),
    ],
)
def test_a_mistyped_word_is_said_at_once(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(words) in (2, 3)
    assert message in "".join(capsys.readouterr())


def test_without_a_screen_the_window_is_refused_instead_of_being_invisible(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert run([]) == 2
    assert "no screen" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_report_that_cannot_be_written_is_said_before_the_work(
    tiny_model, coloured, tmp_path, capsys, place
):
    (tmp_path / "file").touch()
    code = run(
        ["evaluate", str(coloured), "--truth", "folders"]
        + ["--model", str(tiny_model), "--report", str(tmp_path / place)]
    )
    out, error = capsys.readouterr()
    assert code == 2
    assert "--report" in error
    assert "accuracy" not in out


def test_folder_names_in_any_spelling_are_the_truth(tiny_model, tmp_path, capsys):
    folders = ("re\u0301d  car", "RE\u0301D car", "!blue", "green | lime", "x" * 230)
    for number, folder in enumerate(folders):
        (tmp_path / "p" / folder).mkdir(parents=True)
        Image.new("RGB", (40 + number, 40), "red").save(tmp_path / "p" / folder / "a.png")
    code = run(
        [
            "evaluate",
            str(tmp_path / "p"),
            "--truth",
            "folders",
            "--model",
            str(tiny_model),
            "--json",
        ]
    )
    result = json.loads(capsys.readouterr().out)
    assert code == 0
    names = [row["name"].casefold() for row in result["concepts"]]
    assert names == ["!blue", "green | lime", "r\u00e9d car", "x" * 230]
    assert result["concepts"][2]["images"] == 2


def test_evaluate_leaves_out_what_was_not_read_and_says_so(tiny_model, coloured, capsys):
    (coloured / "red" / "empty.png").touch()
    code = run(["evaluate", str(coloured), "--truth", "folders", "--model", str(tiny_model)])
    out = capsys.readouterr().out
    assert code == 1
    assert "accuracy 1.0000 (6 of 6)" in out
    assert "1 left out" in out


def test_evaluate_reads_the_programs_own_csv_as_truth(tiny_model, coloured, tmp_path, capsys):
    Image.new("RGB", (70, 70), "red").save(coloured / "=x.png")
    (coloured / "empty.png").touch()
    own = tmp_path / "own.csv"
    names = ["--concept", "=red | red", "--concept", "green", "--concept", "blue"]
    model = ["--model", str(tiny_model)]
    run(["label", str(coloured), "--csv", str(own), *names, *model])
    run(["evaluate", str(coloured), "--truth", str(own), *names, *model])
    out = capsys.readouterr().out
    assert "accuracy 1.0000 (7 of 7)" in out


def test_a_truth_file_with_an_endless_cell_is_said(tiny_model, coloured, tmp_path, capsys):
    truth = tmp_path / "truth.csv"
    truth.write_text("path,label\n" + "x" * 140_000 + ",red\n")
    code = run(["evaluate", str(coloured), "--truth", str(truth), "--model", str(tiny_model)])
    assert code == 2
    assert "truth.csv: is not a CSV that can be read" in capsys.readouterr().err


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
