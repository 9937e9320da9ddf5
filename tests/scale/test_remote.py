"""Pictures from a web server and from a bucket, both of which fail."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from faulty_servers import HALF, http_server, s3_server
from PIL import Image

pytestmark = pytest.mark.scale

parquet = pytest.importorskip("pyarrow.parquet")
compare_minio = pytest.importorskip("compare_minio")


@pytest.fixture
def pictures(tmp_path):
    root = tmp_path / "pictures"
    for name in ("red", "green", "blue"):
        (root / name).mkdir(parents=True)
        for number in range(3):
            size = (60 + number, 50)
            Image.new("RGB", size, name).save(root / name / f"{number}.png")
    (root / "notes.txt").write_text("no picture")
    with tarfile.open(root / "more.tar", "w") as archive:
        archive.add(root / "red" / "0.png", "a/red.png")
        archive.add(root / "blue" / "0.png", "a/blue.png")
        archive.add(root / "notes.txt", "a/notes.txt")
    return root


@pytest.fixture(params=["http", "http without ranges", "s3"])
def served(request, pictures, monkeypatch, count):
    """The URL of the pictures on a server, and its faults."""
    if request.param != "s3":
        with http_server(pictures, has_ranges=request.param == "http") as (address, faults):
            count(request.param, faults)
            yield address, faults
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_server() as (address, faults):
        count("s3", faults)
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        client = pytest.importorskip("boto3").client("s3")
        client.create_bucket(Bucket="bucket")
        for file in filter(Path.is_file, pictures.rglob("*")):
            name = file.relative_to(pictures).as_posix()
            client.put_object(Bucket="bucket", Key=f"in/{name}", Body=file.read_bytes())
        yield "s3://bucket/in", faults


@pytest.fixture
def label(tiny_model, tmp_path):
    """Label into a folder, in a process of its own; return its exit code, and what it said."""

    def call(*arguments):
        names = ("--concept", "red", "--concept", "green", "--concept", "blue")
        command = [sys.executable, "-m", "nameplate", "label", *map(str, arguments)]
        options = ("--out", tmp_path / "out", "--model", tiny_model, *names)
        done = subprocess.run(
            [*command, *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
            timeout=120,
        )
        return done.returncode, done.stderr

    return call


@pytest.fixture
def rows(tmp_path):
    def read(folder="labels"):
        files = sorted((tmp_path / "out" / folder).glob("*.parquet"))
        return [row for file in files for row in parquet.read_table(file).to_pylist()]

    return read


def test_pictures_and_tar_files_below_a_url_are_labelled(served, label, rows):
    address, _ = served
    code, said = label(address)
    assert (code, said) == (0, "")
    labels = {row["path"]: row["label"] for row in rows()}
    assert len(labels) == 11
    assert labels["red/0.png"] == "red"
    assert labels["more.tar/a/blue.png"] == "blue"


@pytest.mark.parametrize("fault", [429, 500, 503, HALF])
def test_a_server_that_fails_for_a_while_is_asked_again(served, label, rows, fault):
    address, faults = served
    faults.answers = {"red/1.png": [fault, fault], "blue/2.png": [fault]}
    code, said = label(address)
    assert (code, said) == (0, "")
    assert {row["path"]: row["label"] for row in rows()}["red/1.png"] == "red"
    assert len(rows()) == 11


@pytest.mark.parametrize("fault", [403, 404])
def test_what_is_forbidden_or_gone_is_a_row_with_its_reason_and_asked_for_another_time(
    served, label, rows, fault
):
    address, faults = served
    faults.answers = {"red/1.png": [fault]}
    code, said = label(address)
    assert code == 1
    assert "1 files" in said
    assert {row["path"] for row in rows() if row["error"]} == {"red/1.png"}
    asked = faults.asked.copy()
    code, said = label(address)
    assert code == 0
    again = faults.asked - asked
    assert [path for path, count in again.items() if path.endswith(".png") and count] == [
        path for path in again if path.endswith("red/1.png")
    ]
    assert not [row for row in rows() if row["error"]]


def test_a_server_that_fails_for_good_ends_in_a_row_and_the_others_are_there(served, label, rows):
    address, faults = served
    faults.answers = {"green/0.png": [503] * 1000}
    code, _ = label(address)
    assert code == 1
    assert sum(row["label"] is not None for row in rows()) == 10
    assert [row["path"] for row in rows() if row["error"]] == ["green/0.png"]


def test_what_cannot_be_listed_is_said(label, tmp_path):
    with http_server(tmp_path) as (address, faults):
        faults.answers = {"/nothing/": [403] * 100, "/nothing": [403] * 100}
        code, said = label(f"{address}/nothing/")
    assert code == 2
    assert "nothing" in said


def test_a_list_of_urls_is_labelled(served, label, rows, tmp_path):
    address, _ = served
    file = tmp_path / "urls.txt"
    file.write_text(f"{address}/red/0.png\n\n{address}/blue/1.png\n")
    code, _ = label("--list", file)
    assert code == 0
    assert {row["path"]: row["label"] for row in rows()} == {
        "red/0.png": "red",
        "blue/1.png": "blue",
    }


def test_keys_of_a_bucket_are_keys_whatever_is_in_them(pictures, monkeypatch, label, rows, count):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    names = ["a::b.png", "c?d#e.png", "f g+&=%2eh.png", "i*[j].png", "zip://k.png", "ü/l.png"]
    names += ["memory://m::n.png", "@o:p.png", "q\\r.png", "s//t.png"]
    odd = ["u/../v.png", "./w.png", "x\x01y.png"]
    red = (pictures / "red" / "0.png").read_bytes()
    with s3_server() as (address, faults):
        count("s3, odd keys", faults)
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        client = pytest.importorskip("boto3").client("s3")
        client.create_bucket(Bucket="bucket")
        for name in [*names, *odd]:
            client.put_object(Bucket="bucket", Key=f"in/{name}", Body=red)
        client.put_object(Bucket="bucket", Key="inside/not.png", Body=red)
        code, said = label("s3://bucket/in")
        labels = {row["path"].removeprefix("s3://bucket/in/"): row["label"] for row in rows()}
        assert labels == dict.fromkeys(names, "red")
        assert code == 1
        assert said.count("unusable name") == len(odd)
        code, said = label("s3://bucket/in")
        assert code == 1


@pytest.fixture
def compare(pictures, tiny_model):
    """Run the script for MinIO on a server or a program; return its exit code, and what it said."""

    def call(server):
        command = [sys.executable, compare_minio.__file__, server, pictures, "--model", tiny_model]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, timeout=200
        )
        return done.returncode, done.stdout + done.stderr

    return call


@pytest.mark.parametrize(("fault", "code", "word"), [(503, 0, "the same"), (403, 1, "OTHER")])
def test_a_bucket_is_compared_with_its_folder(compare, monkeypatch, fault, code, word):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with s3_server() as (address, faults):
        faults.answers = {"red/0.png": [fault]}
        ended, said = compare(address)
    assert ended == code, said
    assert f"11 images, {word} vectors" in said


@pytest.mark.skipif(os.name != "posix", reason="the program is a script")
def test_a_program_that_serves_buckets_is_started_and_ended(compare, tmp_path):
    program = tmp_path / "minio"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom moto.server import main\n"
        "_, server, folder, _, address = sys.argv\nhost, port = address.split(':')\n"
        "main(['-H', host, '-p', port])\n"
    )
    program.chmod(0o755)
    ended, said = compare(program)
    assert ended == 0, said
    assert "11 images, the same vectors" in said
