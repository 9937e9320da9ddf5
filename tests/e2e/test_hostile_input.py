"""What people and disks do to a program: every case through the real command line."""

import csv
import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from nameplate.cli.main import run
from nameplate.formats.csv import HEADER

pytestmark = pytest.mark.e2e

PRECIOUS = ",".join(HEADER) + "\r\nprecious"
COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")
on_unix = pytest.mark.skipif(os.name != "posix", reason="needs what only Unix has")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs what only Linux has")


@pytest.fixture
def label(tiny_model, tmp_path):
    """Label in this process; returns the exit code and the rows of the CSV."""

    def call(*arguments, names=COLOURS):
        file = tmp_path / "labels.csv"
        fixed = ["--csv", str(file), "--model", str(tiny_model)]
        code = run(["label", *map(str, arguments), *names, *fixed])
        return code, rows_of(file) if file.exists() else []

    return call


@pytest.fixture
def program(tiny_model, tmp_path):
    """Run the program as a process of its own, which must neither hang nor show a traceback."""

    def call(*arguments, before=(), **options):
        command = [*before, sys.executable, "-m", "nameplate", *arguments]
        done = subprocess.run(
            [*command, "--model", str(tiny_model)],
            check=False,
            capture_output=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            **{"cwd": tmp_path, **options},
        )
        assert b"Traceback" not in done.stdout + done.stderr, done.stderr.decode(errors="replace")
        return done.returncode, done.stderr.decode(errors="replace")

    return call


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def labels_of(rows):
    return {row["path"]: row["label"] for row in rows}


def reasons_of(rows):
    return {row["path"]: row["error"] for row in rows}


def contents(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path: (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns)
        for path in files
    }


def encoded(image, kind):
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


# Pictures


def test_files_that_are_no_pictures_are_rows_with_a_reason_and_stay_as_they_are(label, coloured):
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    broken = {
        "empty.jpg": (b"", "empty file"),
        "text.jpg": (b"not a picture", "a text file"),
        "pdf.png": (b"%PDF-1.7\n" + bytes(50), "a PDF"),
        "program.jpg": (b"MZ" + bytes(range(256)), "a program"),
        "zeros.tif": (bytes(1000), "file of zeros"),
        "page.gif": (b"<!DOCTYPE html>", "a web page"),
        "tiff.tif": (b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200, "damaged TIFF"),
    }
    for kind in ("JPEG", "PNG", "WebP", "GIF"):
        broken[f"cut.{kind.lower()}"] = (encoded(noise, kind)[:30], f"damaged {kind}")
    for name, (data, _) in broken.items():
        (coloured / name).write_bytes(data)
    before = contents(coloured)
    code, rows = label(coloured)
    reasons = reasons_of(rows)
    assert code == 1
    assert len(rows) == 6 + len(broken)
    assert {name for name, (_, part) in broken.items() if part not in reasons[name]} == set()
    assert all(reasons[name] for name in broken)
    assert {label for path, label in labels_of(rows).items() if path in broken} == {""}
    assert labels_of(rows)["red/wide.png"] == "red"
    assert contents(coloured) == before


def test_a_folder_of_nothing_but_unreadable_images_gives_a_csv_that_says_so(label, tmp_path):
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "a.jpg").touch()
    (folder / "b.png").write_text("x")
    code, rows = label(folder, "--scores", "all")
    assert code == 1
    assert [(row["path"], row["label"], row["p:red"]) for row in rows] == [
        ("a.jpg", "", ""),
        ("b.png", "", ""),
    ]


# Paths


@on_unix
def test_pipes_devices_sockets_and_loops_of_links_neither_hang_nor_stop_the_rest(
    program, coloured, tmp_path, monkeypatch
):
    monkeypatch.chdir(coloured)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
    os.mkfifo("pipe.png")
    Path("endless.png").symlink_to("/dev/zero")
    Path("broken.png").symlink_to("nowhere")
    Path("loop.png").symlink_to("loop.png")
    Path("red", "up").symlink_to("..")
    Path("folder.png").mkdir()
    code, errors = program("label", coloured, "--csv", tmp_path / "o.csv", *COLOURS)
    assert code == 1
    assert "broken.png: broken link" in errors
    assert "loop.png: link to itself" in errors
    rows = rows_of(tmp_path / "o.csv")
    assert [row["path"].split("/")[0] for row in rows] == [row["label"] for row in rows]
    assert len(rows) == 6


@on_linux
def test_any_bytes_in_a_name_survive_into_the_csv(program, tmp_path):
    folder = tmp_path / "names"
    folder.mkdir()
    data = encoded(Image.new("RGB", (8, 8), "red"), "PNG")
    for name in (
        b"-dash",
        b"=1+1",
        b"a,b;c",
        b"quo\"te's",
        b"l\xe9\xff",
        b"tab\t",
        b"%s{}",
        b" x ",
    ):
        (folder / os.fsdecode(name + b".png")).write_bytes(data)
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code, _ = program("label", folder, "--csv", "o.csv", *COLOURS, "--json", env=ascii_only)
    rows = rows_of(tmp_path / "o.csv")
    assert code == 0
    assert {row["label"] for row in rows} == {"red"}
    assert {row["path"].removesuffix(".png") for row in rows} == {
        "'-dash", "'=1+1", "a,b;c", "quo\"te's", r"l\udce9\udcff", "tab\t", "%s{}", " x ",
    }  # fmt: skip


def test_a_path_that_is_not_there_is_said_and_the_others_are_labelled(label, coloured, capsys):
    code, rows = label(coloured / "nope", coloured)
    assert (code, len(rows)) == (1, 6)
    assert "nope: not found" in capsys.readouterr().err


@on_linux
def test_what_may_not_be_read_is_said_and_the_rest_goes_on(program, coloured, tmp_path):
    before = ()
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root reads everything")
        before = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    (coloured / "red" / "wide.png").chmod(0)
    (coloured / "blue").chmod(0)
    code, errors = program("label", coloured, "--csv", "o.csv", *COLOURS, before=before)
    (coloured / "blue").chmod(0o755)
    assert code == 1
    assert f"{coloured / 'blue'}: can't open: no permission" in errors
    rows = rows_of(tmp_path / "o.csv")
    assert reasons_of(rows)["red/wide.png"] == "can't open: no permission"
    assert sum(bool(row["label"]) for row in rows) == 3


@on_linux
def test_a_working_folder_that_was_deleted_is_no_obstacle(program, coloured, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    before = ("sh", "-c", 'rmdir ../gone && exec "$@"', "sh")
    out = tmp_path / "o.csv"
    code, _ = program("label", coloured, "--csv", out, *COLOURS, before=before, cwd=gone)
    assert (code, len(rows_of(out))) == (0, 6)


# Where results go


@on_unix
def test_a_disk_that_fills_up_leaves_the_previous_csv_whole(program, coloured, tmp_path):
    import resource

    def with_little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    (tmp_path / "o.csv").write_text(PRECIOUS, newline="")
    arguments = ("label", coloured, "--csv", "o.csv", *COLOURS, "--no-cache")
    code, errors = program(*arguments, preexec_fn=with_little_room)
    assert code == 2
    assert "o.csv: can't write: disk full. Free some space." in errors
    assert (tmp_path / "o.csv").read_bytes() == PRECIOUS.encode()
    assert list(tmp_path.glob(".nameplate*")) == []


@on_unix
def test_a_disk_that_takes_no_cache_costs_one_message_and_no_row(program, coloured, tmp_path):
    import resource

    def with_little_room():  # for the CSV, and not for the cache
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    out = tmp_path / "o.csv"
    code, errors = program("label", coloured, "--csv", out, *COLOURS, preexec_fn=with_little_room)
    assert code == 0
    assert [row["label"] for row in rows_of(out)].count("") == 0
    assert len(rows_of(out)) == 6
    assert errors.count("Working without the cache in ") == 1


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("pictures", "expected a file, got a folder. Give the name of a file."),
        ("nowhere/o.csv", "its folder doesn't exist"),
        ("a-file/o.csv", "can't write"),
        ("x" * 300 + ".csv", "name too long"),
    ],
)
def test_a_csv_that_cannot_be_written_is_said_before_the_work(
    tiny_model, coloured, tmp_path, capsys, place, message
):
    (tmp_path / "a-file").touch()
    before = contents(tmp_path)
    file = str(tmp_path / place)
    assert run(["label", str(coloured), "--csv", file, *COLOURS, "--model", str(tiny_model)]) == 2
    assert message in capsys.readouterr().err
    assert contents(tmp_path) == before


# The cache


def _cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])


def _make_folder(file):
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.write_text("no database" * 500), "was damaged, so it was emptied"),
        (_make_folder, "Working without the cache"),
    ],
)
def test_a_damaged_cache_never_changes_a_label(
    label, coloured, isolated_home, capsys, damage, message
):
    _, right = label(coloured)
    damage(next(isolated_home.rglob("embeddings-3.sqlite")))
    capsys.readouterr()
    code, rows = label(coloured)
    assert (code, rows) == (0, right)
    assert message in capsys.readouterr().err
    assert label(coloured) == (0, right)


# Names and options


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("red\nblue\n".encode("utf-16"), "not UTF-8 text (line 1). Save it as UTF-8."),
        (b"# nothing\n\n", "no names in it"),
        (b"red\nblue\nRed\n", "line 3: “Red” already exists"),
    ],
)
def test_a_concepts_file_that_cannot_be_used_is_refused_with_its_line(
    label, coloured, tmp_path, capsys, content, message
):
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    assert label(coloured, names=("--concepts", file.as_posix())) == (2, [])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfred\r\nblue\r\n", b"red\rblue", b"red\0\n# x\n\n  blue"]
)
def test_a_concepts_file_may_have_a_mark_and_any_line_ends(label, coloured, tmp_path, content):
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    code, rows = label(coloured, "--scores", "all", names=("--concepts", file.as_posix()))
    assert code == 0
    assert [name for name in rows[0] if name.startswith("p:")] == ["p:red", "p:blue"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--limit", "0"), "“0” isn't a whole number above 0"),
        (("--limit", "x" * 5000), "isn't a whole number above 0"),
        (("--csv", ""), "empty path"),
        (("--min-probability", "2"), "“2” isn't a number between 0 and 1"),
        (("--min-probability", "nan"), "“nan” isn't a number between 0 and 1"),
        (("--device", "tpu"), "invalid choice: 'tpu'"),
        (("--bogus",), "unrecognized arguments: --bogus"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(label, coloured, capsys, options, message):
    with pytest.raises(SystemExit) as ended:
        label(coloured, *options)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


# Model folders


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "text.onnx").unlink(), "text.onnx: file not found"),
        (lambda folder: _cut(folder / "image.onnx"), "image.onnx: damaged:"),
        (shutil.rmtree, "isn't a model or a folder"),
    ],
)
def test_a_damaged_model_folder_ends_with_3_and_says_what_is_wrong(
    tiny_model, coloured, tmp_path, capsys, damage, message
):
    folder, file = tmp_path / "model", tmp_path / "o.csv"
    shutil.copytree(tiny_model, folder)
    damage(folder)
    file.write_text(PRECIOUS, newline="")
    arguments = ["--csv", str(file), *COLOURS, "--model", str(folder)]
    assert run(["label", str(coloured), *arguments]) == 3
    assert message in capsys.readouterr().err
    assert file.read_bytes() == PRECIOUS.encode()
    assert run(["doctor", "--model", str(folder)]) == 3
    assert message in capsys.readouterr().out
