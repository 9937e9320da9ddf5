"""What people and disks do to a program: every case through the real command line."""

import csv
import hashlib
import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from heif.files import coded
from nameplate.cli.commands import label as label_command
from nameplate.cli.main import run
from nameplate.formats.csv import HEADER
from tiny_model import write_manifest

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


def black_png(side):
    """Return a valid 1-bit PNG of `side` x `side` that takes a few kB."""

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = side.to_bytes(4) * 2 + bytes((1, 0, 0, 0, 0))
    data = zlib.compress(bytes((side + 7) // 8 + 1) * side, 9)
    parts = (b"IHDR", header), (b"IDAT", data), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


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


@on_linux
def test_a_picture_of_30000_by_30000_is_refused_in_little_memory_and_the_rest_goes_on(
    program, coloured, tmp_path
):
    import resource

    (coloured / "huge.png").write_bytes(black_png(30_000))
    limit = 1_500_000_000

    def with_little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    code, errors = program(
        "label", coloured, "--csv", "o.csv", *COLOURS, preexec_fn=with_little_memory
    )
    assert code == 1
    assert "huge.png: 30,000 x 30,000 pixels; the most is" in errors
    assert sum(bool(row["label"]) for row in rows_of(tmp_path / "o.csv")) == 6


def test_unusual_pictures_are_labelled_by_their_first_frame(label, tmp_path):
    folder = tmp_path / "unusual"
    folder.mkdir()
    red = Image.new("RGB", (60, 40), "red")
    others = [Image.new("RGB", (60, 40), colour) for colour in ("green", "blue")]
    for name in ("a.gif", "a.webp", "a.apng"):
        red.save(
            folder / name, "PNG" if name == "a.apng" else None, save_all=True, append_images=others
        )
    (folder / "phone.heic").write_bytes(coded("red-60x40"))
    red.save(folder / "web.avif")
    red.convert("CMYK").save(folder / "print.jpg")
    red.convert("RGBA").save(folder / "alpha.tiff")
    red.quantize(2).save(folder / "palette.png")
    red.resize((1, 1)).save(folder / "dot.png")
    red.save(folder / ("a 😀.png" if os.name == "nt" else "a\n😀.png"))
    red.resize((1, 10_000)).save(folder / "strip.png")
    turned = Image.Exif()
    turned[0x112] = 6
    red.save(folder / "turned.jpg", exif=turned)
    red.save(folder / "bad-exif.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 40)
    code, rows = label(folder)
    assert code == 0
    assert {row["path"]: row["label"] for row in rows if row["label"] != "red"} == {}


def test_wide_grey_pictures_keep_their_brightness(label, tmp_path):
    folder = tmp_path / "grey"
    folder.mkdir()
    white = np.full((40, 40), 65_535, np.uint16)
    Image.fromarray(white).save(folder / "white.png")
    Image.fromarray(white).save(folder / "white.tif")
    Image.fromarray(np.full((40, 40), np.nan, np.float32)).save(folder / "nothing.tif")
    names = ("--concept", "white", "--concept", "black", "--concept", "grey")
    code, rows = label(folder, names=names)
    assert code == 0
    expected = {"nothing.tif": "grey", "white.png": "white", "white.tif": "white"}
    assert labels_of(rows) == expected


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


def test_files_that_vanish_or_change_during_the_work_are_rows_with_a_reason(
    label, coloured, monkeypatch
):
    find = label_command.find_images

    def find_and_lose(*arguments, **options):
        found = find(*arguments, **options)
        (coloured / "red" / "wide.png").unlink()
        (coloured / "blue" / "wide.png").write_bytes(b"")
        return found

    monkeypatch.setattr(label_command, "find_images", find_and_lose)
    code, rows = label(coloured)
    assert code == 1
    assert reasons_of(rows)["red/wide.png"] == "file not found"
    assert reasons_of(rows)["blue/wide.png"] == "empty file"
    assert sum(bool(row["label"]) for row in rows) == 4


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


def _flip_bits(file):
    data = bytearray(file.read_bytes())
    data[5000::97] = bytes(byte ^ 0x55 for byte in data[5000::97])
    file.write_bytes(data)


def _make_folder(file):
    file.unlink()
    file.mkdir()


def _give_other_vectors(file):
    with sqlite3.connect(file) as db:
        db.execute("UPDATE vectors SET vector = randomblob(length(vector))")
    db.close()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.write_text("no database" * 500), "was damaged, so it was emptied"),
        (lambda file: file.write_bytes(b""), ""),
        (_cut, "was damaged, so it was emptied"),
        (_flip_bits, "was damaged, so it was emptied"),
        (_make_folder, "Working without the cache"),
        (_give_other_vectors, ""),
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


@pytest.mark.hostile
def test_processes_that_share_a_cache_give_the_same_csv(tiny_model, coloured, tmp_path):
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "nameplate",
                "label",
                coloured,
                "--csv",
                tmp_path / f"{number}.csv",
            ]
            + [*COLOURS, "--model", tiny_model],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(3)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    assert len({(tmp_path / f"{number}.csv").read_bytes() for number in range(3)}) == 1


# Names and options


@pytest.mark.parametrize("name", ["😀", "שלום", "...", "{}", '"q", r', "-5", "@SUM(A1)", "x" * 200])
def test_a_strange_name_is_a_column_like_any_other(label, coloured, name):
    code, rows = label(coloured, f"--concept={name}", "--scores", "all")
    assert code == 0
    assert f"p:{name}" in rows[0]
    assert labels_of(rows)["red/wide.png"] == "red"


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


def _break_tokenizer(folder):
    (folder / "tokenizer.json").write_bytes(b"{}")
    write_manifest(folder)


def _say_no_scale(folder):
    file = folder / "model.toml"
    text = file.read_text(encoding="utf-8")
    assert "scale = 20.0" in text
    file.write_text(text.replace("scale = 20.0", "scale = nan"), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "text.onnx").unlink(), "text.onnx: file not found"),
        (lambda folder: _cut(folder / "image.onnx"), "image.onnx: damaged:"),
        (
            lambda folder: _flip_last(folder / "text.onnx"),
            "its SHA-256 isn't the one in the manifest",
        ),
        (_break_tokenizer, "damaged, or not a tokenizer"),
        (_say_no_scale, "must be a number from"),
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


def _flip_last(file):
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
