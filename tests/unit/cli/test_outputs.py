"""A command overwrites only outputs of Nameplate, or what the person agreed to."""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import product

import numpy as np
import pytest
from PIL import Image

from nameplate.cli.main import run
from nameplate.formats.csv import HEADER
from nameplate.storage.resources import resource

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")

CONSENTS = pytest.mark.parametrize("consent", [(), ("--overwrite",)], ids=["plain", "overwrite"])
LINKS = pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
NAMES = ("--concept", "red", "--concept", "green", "--concept", "blue")
OWN = ",".join(HEADER) + "\r\n"


@pytest.fixture
def program(tiny_model, tmp_path, monkeypatch):
    """Run a command in `tmp_path`; returns its exit code."""
    monkeypatch.chdir(tmp_path)

    def call(command, *arguments, model=tiny_model):
        return run([command, *map(str, arguments), "--model", str(model)])

    return call


@pytest.fixture
def label(program, coloured):
    """Label the six pictures into a file; returns the exit code."""

    def call(file, *options, **more):
        return program("label", coloured, *NAMES, "--csv", file, *options, **more)

    return call


@pytest.fixture
def refused(capsys):
    """Check that a call is refused before any work, with `reason`, and changes no file at all."""

    def check(folder, call, reason, remedy="Choose another name."):
        before = contents(folder)
        capsys.readouterr()
        assert call() == 2
        out, error = capsys.readouterr()
        assert out == ""
        assert "not written" in error
        assert reason in error
        assert error.strip().endswith(remedy)
        assert contents(folder) == before

    return check


def contents(folder):
    """Return what is in a folder: every file with its digest and time, and which are links."""
    return {
        path: (path.is_symlink(), path.stat().st_mtime_ns, digest(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def digest(path):
    return hashlib.sha256(path.read_bytes()).digest()


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# Pictures


@CONSENTS
@pytest.mark.parametrize("command", ["label", "embed"])
def test_a_picture_beyond_the_limit_is_never_replaced(
    program, coloured, tmp_path, refused, command, consent
):
    file = coloured / "red" / "wide.png"
    result = ["--npz", file] if command == "embed" else ["--csv", file, *NAMES]
    arguments = [command, coloured, "--limit", "1", *result, *consent]
    refused(tmp_path, lambda: program(*arguments), "it is a picture (PNG)")


def jpeg():
    stream = io.BytesIO()
    Image.new("RGB", (9, 9)).save(stream, "JPEG")
    return stream.getvalue()


PICTURE, MODEL = "it has a picture's name", "it has the name of a model file"
MODEL_FILES = ["a.onnx", "a.ONNX", "a.onnx_data", "tokenizer.json"]
NEVER_WRITTEN = {
    "a picture": (["elsewhere.csv", "elsewhere.png"], jpeg(), "it is a picture (JPEG)"),
    "a damaged picture": (["torn.JPG"], b"nothing that begins like a picture", PICTURE),
    "called like a picture": (["new.jpg", "new.TIFF", "pictures/red/new.webp"], None, PICTURE),
    "a model's": (MODEL_FILES, b"weights", MODEL),
    "called like a model's": (MODEL_FILES, None, MODEL),
    "a database": (["notes.csv"], b"SQLite format 3\0" + bytes(99), "it is a database"),
    "a project": (["mine.nameplate"], b"labels of a week", "it has the name of a project"),
}


@CONSENTS
@pytest.mark.parametrize("what", NEVER_WRITTEN)
def test_what_may_be_missed_or_mistaken_is_never_written(label, tmp_path, refused, what, consent):
    names, content, reason = NEVER_WRITTEN[what]
    for name in names:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        refused(tmp_path, lambda: label(name, *consent), reason)  # noqa: B023


@on_posix
@CONSENTS
@LINKS
def test_a_link_to_a_picture_is_never_written_through(
    label, coloured, tmp_path, refused, link, consent
):
    link(coloured / "red" / "wide.png", tmp_path / "out.csv")
    refused(tmp_path, lambda: label("out.csv", *consent), "is a picture (PNG)")


@on_posix
@LINKS
@pytest.mark.parametrize("command", ["label", "embed", "evaluate"])
def test_a_picture_that_only_its_name_tells_is_known_beyond_the_limit(
    program, coloured, tmp_path, refused, link, command
):
    for number in range(300):  # more than one batch of a scan
        (coloured / f"{number}.png").touch()
    (coloured / "zz.tga").write_bytes(bytes(100))  # a format without a signature
    (tmp_path / "report").mkdir()
    file = tmp_path / "report" / "labels.csv"
    link(coloured / "zz.tga", file)
    result = {
        "label": ["--csv", file, *NAMES],
        "embed": ["--npz", file],
        "evaluate": ["--report", file.parent, "--truth", "folders", *NAMES],
    }[command]
    arguments = [command, coloured / "0.png", coloured, "--limit", "1", *result, "--overwrite"]
    is_link = link is os.symlink
    reason = "which has a picture's name" if is_link else "it is one of the pictures"
    remedy = "--report." if command == "evaluate" else "Choose another name."
    refused(tmp_path, lambda: program(*arguments), reason, remedy)


@on_posix
def test_a_link_to_a_name_of_a_picture_that_is_not_there_is_refused(label, tmp_path, refused):
    (tmp_path / "out.csv").symlink_to("new.jpg")
    refused(tmp_path, lambda: label("out.csv"), "which has a picture's name")
    assert not (tmp_path / "new.jpg").exists()


def test_a_csv_that_is_given_as_a_picture_is_not_replaced(
    program, label, coloured, tmp_path, refused
):
    file = coloured / "labels.csv"
    arguments = ["label", coloured, file, *NAMES, "--csv", file]
    assert label(file) == 0
    refused(tmp_path, lambda: program(*arguments), "it is one of the pictures being read")


# Other inputs


@on_posix
@CONSENTS
@pytest.mark.parametrize("link", [None, os.symlink, os.link], ids=["itself", "symbolic", "hard"])
def test_a_truth_file_that_is_called_like_a_report_is_never_replaced(
    program, coloured, tmp_path, refused, link, consent
):
    (tmp_path / "report").mkdir()
    truth = tmp_path / "report" / "labels.csv"
    truth.write_text(OWN + "red/wide.png,red" + "," * 10 + "\r\n", newline="")
    if link:
        truth = truth.rename(tmp_path / "truth.csv")
        link(truth, tmp_path / "report" / "labels.csv")
    arguments = ["evaluate", coloured, "--truth", truth, "--report", "report", *NAMES, *consent]
    remedy = "Choose another folder with --report."
    refused(tmp_path, lambda: program(*arguments), "is the truth file, which is being read", remedy)


@on_posix
@LINKS
@pytest.mark.parametrize("what", ["the concepts file", "the prompts file"])
def test_a_file_that_is_read_is_never_replaced(program, coloured, tmp_path, refused, link, what):
    given = tmp_path / "names.txt"
    given.write_text("red\nblue\n")
    link(given, tmp_path / "out")
    for file, consent in product((given, tmp_path / "out"), ((), ("--overwrite",))):
        words = ["label", coloured, "--concepts", given, "--csv", file, *consent]
        if "prompts" in what:
            words = ["embed", "--text", given, "--npz", file, *consent]
        refused(tmp_path, lambda: program(*words), f"is {what}")  # noqa: B023


# Models


@CONSENTS
@pytest.mark.parametrize("name", ["tokenizer.json", "text.onnx", "model.toml", "README.md", "new"])
def test_nothing_is_written_into_the_folder_of_the_model_in_use(
    label, tiny_model, tmp_path, refused, name, consent
):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (model / "README.md").write_text("about it")
    call = lambda: label(model / name, *consent, model=model)  # noqa: E731
    refused(tmp_path, call, "it is in the folder of a model")


@on_posix
@CONSENTS
@LINKS
def test_a_link_to_a_file_of_the_model_in_use_is_never_written_through(
    label, tiny_model, tmp_path, refused, link, consent
):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (model / "vocab.txt").write_text(OWN)  # which alone would be replaced
    link(model / "vocab.txt", tmp_path / "out.csv")
    refused(tmp_path, lambda: label("out.csv", *consent, model=model), "model")


@on_posix
def test_a_file_that_a_model_links_to_is_never_replaced(label, tiny_model, tmp_path, refused):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    blob = (model / "tokenizer.json").rename(tmp_path / "blob")
    (model / "tokenizer.json").symlink_to(blob)
    refused(tmp_path, lambda: label(blob, "--overwrite", model=model), "it is a model file")


@CONSENTS
@pytest.mark.parametrize("place", ["other", "other/tokenizer"])
def test_nothing_is_written_beside_a_manifest(label, tmp_path, refused, place, consent):
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / "other" / "model.toml").write_text('id = "other"')
    (tmp_path / place / "vocab.txt").write_text("a")
    call = lambda: label(f"{place}/vocab.txt", *consent)  # noqa: E731
    refused(tmp_path, call, "it is in the folder of a model")


# Other people's files, and our own


def test_an_earlier_csv_of_nameplate_is_replaced_and_another_one_only_when_that_is_said(
    label, tmp_path, refused
):
    file = tmp_path / "labels.csv"
    assert [label(file), label(file, "--scores", "all"), label(file)] == [0, 0, 0]
    right = file.read_bytes()
    file.write_bytes(b"")  # as mktemp leaves it: nothing is lost
    assert label(file) == 0
    for text in ("path,label\r\na.jpg,cat\r\n", OWN.replace("label", "Label")):
        file.write_text(text, newline="")
        remedy = "Choose another name, or give --overwrite."
        reason = "it already exists and isn't an automatic labels"
        refused(tmp_path, lambda: label(file), reason, remedy)
        assert label(file, "--overwrite") == 0
        assert file.read_bytes() == right


def test_earlier_vectors_of_nameplate_are_replaced_and_others_only_when_that_is_said(
    program, coloured, tmp_path, refused
):
    file, prompts = tmp_path / "vectors.npz", tmp_path / "prompts.txt"
    prompts.write_text("red\n")
    images, text = ["embed", coloured, "--npz", file], ["embed", "--text", prompts, "--npz", file]
    assert [program(*each) for each in (images, text, text, images)] == [0, 0, 0, 0]
    np.savez(file, embedding=np.zeros(3), notes=np.zeros(3))
    remedy = "Choose another name, or give --overwrite."
    for each in (images, text):
        refused(tmp_path, lambda: program(*each), "isn't an .npz file of vectors", remedy)  # noqa: B023
    assert program(*images, "--overwrite") == 0
    with np.load(file, allow_pickle=False) as arrays:
        assert len(arrays["path"]) == 6


@pytest.mark.parametrize("name", ["labels.csv", "confusion.csv", "report.json", "report.html"])
def test_an_earlier_report_is_replaced_and_other_files_only_when_that_is_said(
    program, coloured, tmp_path, refused, name
):
    arguments = ["evaluate", coloured, "--truth", "folders", "--report", "report"]
    assert [program(*arguments), program(*arguments)] == [0, 0]
    (tmp_path / "report" / name).write_text("truth,of,mine\r\n")
    remedy = "Choose another folder with --report, or give --overwrite."
    refused(tmp_path, lambda: program(*arguments), f"{name}: not written", remedy)
    assert program(*arguments, "--overwrite") == 0
    assert program(*arguments) == 0


def test_a_refused_report_makes_no_folder(program, coloured, tiny_model, tmp_path, refused):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    arguments = ["evaluate", coloured, "--truth", "folders", "--report", model / "report"]
    remedy = "Choose another folder with --report."
    refused(tmp_path, lambda: program(*arguments, model=model), "the folder of a model", remedy)
    assert not (model / "report").exists()


def test_a_refusal_comes_before_the_model_is_loaded(label, tiny_model, tmp_path, refused):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (model / "text.onnx").write_bytes(b"damaged")
    (tmp_path / "mine.csv").write_text("name,age\r\n")
    remedy = "or give --overwrite."
    refused(tmp_path, lambda: label("mine.csv", model=model), "it already exists", remedy)


@CONSENTS
@pytest.mark.parametrize("content", [None, b"no picture"])
def test_the_demo_replaces_no_picture_but_its_own(program, tmp_path, refused, content, consent):
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "window.png"
    file.write_bytes(content or resource("icons", "nameplate.png").read_bytes())
    arguments = ["demo", "--out", "out", "--no-window", *consent]
    reason = "isn't a screenshot made by Nameplate"
    remedy = "Choose another folder with --out."
    refused(tmp_path, lambda: program(*arguments), reason, remedy)


@pytest.mark.hostile
def test_the_demo_replaces_its_own_picture_of_the_window(program, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    arguments = ["demo", "--out", "out", "--no-window"]
    assert [program(*arguments), program(*arguments)] == [0, 0]
    with Image.open(tmp_path / "out" / "window.png") as picture:
        assert picture.text == {"Software": "Nameplate"}
        assert picture.width > 1000


# Folders and standard output


@pytest.mark.parametrize("place", ["new/", "new/.", "pictures/", ".."])
@pytest.mark.parametrize("command", ["label", "embed"])
def test_a_folder_in_place_of_a_file_is_wrong_usage(
    program, coloured, tmp_path, capsys, place, command
):
    before = contents(tmp_path)
    option = "--csv" if command == "label" else "--npz"
    with pytest.raises(SystemExit) as ended:
        program(command, coloured, option, place)
    assert ended.value.code == 2
    assert f"“{place}” names a folder, and a file is to be written" in capsys.readouterr().err
    assert contents(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_there_is_refused_with_and_without_consent(label, tmp_path, capsys):
    (tmp_path / "folder.csv").mkdir()
    for consent in ((), ("--overwrite",)):
        assert label("folder.csv", *consent) == 2
        assert "expected a file, got a folder. Give the name of a file." in capsys.readouterr().err


def test_a_csv_that_is_piped_is_the_csv_and_nothing_else(label, tiny_model, coloured, tmp_path):
    assert label("file.csv", "--scores", "all") == 0
    words = ["label", coloured, *NAMES, "--csv", "-", "--scores", "all", "--model", tiny_model]
    command = [sys.executable, "-m", "nameplate", *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "file.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline=""), strict=True))
    assert [row["label"] for row in rows] == ["blue", "blue", "green", "green", "red", "red"]
    assert b"0 without a label" in done.stderr
    assert not (tmp_path / "-").exists()


def test_the_summary_as_json_makes_way_for_the_csv(label, tmp_path, capfdbinary):
    assert label("-", "--json") == 0
    out, error = capfdbinary.readouterr()
    assert out.startswith(OWN.encode())
    assert json.loads(error)["images"] == 6
    assert list(tmp_path.glob("*.csv")) == []


def test_vectors_can_go_to_standard_output(program, coloured, tmp_path, capfdbinary):
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("red\nblue\n")
    for arguments, name, count in (([coloured], "path", 6), (["--text", prompts], "text", 2)):
        assert program("embed", *arguments, "--npz", "-") == 0
        out, error = capfdbinary.readouterr()
        with np.load(io.BytesIO(out), allow_pickle=False) as arrays:
            assert (len(arrays[name]), arrays["embedding"].shape) == (count, (count, 16))
        assert f"{count}".encode() in error
    assert not (tmp_path / "-").exists()


@on_posix
@pytest.mark.parametrize("command", ["label", "embed"])
def test_a_reader_of_the_result_that_has_gone_is_no_error(
    program, coloured, capsys, monkeypatch, command
):
    read, write = os.pipe()
    os.close(read)
    words = ["label", *NAMES, "--csv", "-"] if command == "label" else ["embed", "--npz", "-"]
    with os.fdopen(write, "wb", buffering=0) as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(pipe)))
        gone = sys.stdout
        assert program(*words, coloured) == 0
        sys.stdout.close()
        for stream in (gone, gone.buffer):
            with suppress(ValueError, BrokenPipeError):
                stream.close()
    assert "cannot" not in capsys.readouterr().err


def test_a_file_may_still_be_called_like_standard_output(label, tmp_path):
    assert label("./-") == 0
    assert len(rows_of(tmp_path / "-")) == 6
