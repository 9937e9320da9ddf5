"""What a promise that was kept looks like in what is delivered, and to a stranger."""

import csv
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from features.promise.promise_help import Folder
from nameplate.cli.labelling import export_without_model
from nameplate.cli.main import run
from nameplate.domain.errors import OutputError
from nameplate.domain.images import contents_of
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.features.promise import certificates
from nameplate.features.promise.certificates import labels_digest
from nameplate.features.promise.rules.checking import next_page
from nameplate.features.promise.rules.promises import Plan
from nameplate.features.promise.rules.stages import keeps_risk
from nameplate.features.promise.rules.state import problem_of
from nameplate.formats.export_format import ExportOptions
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.formats.registry import FORMATS
from nameplate.pipeline.exporting import ExportRequest, write_export
from nameplate.pipeline.pages.rules import WRONG
from nameplate.project.file import store
from nameplate.project.labelling import label
from nameplate.system.file_status import content_key
from nameplate.wording.texts import what_of


@pytest.fixture
def folder():
    """Of 1,000 pictures two are labelled wrongly, and the promise is kept."""
    folder = Folder(1000, wrong=(7, 500))
    folder.begin()
    folder.keep()
    return folder


def delivered(folder, path, **options):
    request = ExportRequest(FORMATS[path.suffix[1:]], path=path, **options)
    return write_export(export_without_model(folder.project), request, None, CancelToken())


def test_each_promised_label_says_so_and_whether_it_was_checked(folder, tmp_path):
    delivered(folder, tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["promised"] for row in rows} == {"0.98"}
    checked = sum(row["checked"] == "yes" for row in rows)
    assert checked == folder.state.checks
    assert checked == sum(row["decided_by"] == "person" for row in rows)
    delivered(folder, tmp_path / "labels.jsonl")
    lines = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["checked"] for line in lines) == checked


def test_the_certificate_lies_beside_the_labels_and_its_numbers_can_be_checked(folder, tmp_path):
    exported = delivered(folder, tmp_path / "labels.csv")
    (path,) = exported.report.also
    text = path.read_text(encoding="utf-8")
    assert path.name == "labels.csv.certificate.txt"
    assert "At least 98% of these 1,000 labels are right (at most 20 wrong)." in text
    assert "overlooked at most 2 of 100 wrong labels" in text
    assert "too few to tell how many wrong labels are overlooked" in text
    assert "may have been overlooked" not in text  # which reads as if they were
    pattern = r"K = (\d+), n = (\d+), x = (\d+)\. .* it is at most ([0-9.]+)\."
    size, checks, wrong, risk = re.search(pattern, text).groups()
    assert (int(checks), int(wrong)) == (folder.state.checks, folder.state.wrong)
    looks = tuple(map(int, re.findall(r"\d+: (\d+)", text.split("checks needed: ")[1])))
    plan = Plan(looks, int(size), 20, float(risk) * (1 + 1e-3), 0.02)
    assert keeps_risk(plan)
    assert int(checks) >= plan.needed(int(wrong))
    assert f"seed {folder.promise.seed}" in text
    assert "…" not in text  # nothing is missing
    delivered(folder, tmp_path / "labels.csv", overwrite=True)


def test_without_a_promise_that_holds_nothing_is_said(folder, tmp_path):
    folder.project.undo()
    exported = delivered(folder, tmp_path / "labels.csv")
    assert not exported.report.also
    header = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "promised" not in header


def test_a_promise_that_was_broken_is_told_and_an_earlier_certificate_deleted(folder, tmp_path):
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    row = np.flatnonzero(folder.project.labels.decided_by != DecidedBy.PERSON)[:1]
    folder.opened.do(label(folder.project, row, folder.opened.ids[1 - int(row[0]) % 2], folder.now))
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True).report
    assert not path.exists()
    assert "changed without a check" in what_of(report.notes[0])
    new = delivered(folder, tmp_path / "others.csv").report
    assert new.notes
    assert not new.also


def test_whatever_replaces_the_labels_deletes_their_certificate(folder, tmp_path):
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    Output(tmp_path / "labels.csv", LABELS, overwrite=True).write_bytes(b"others")
    assert not path.exists()
    path.write_bytes(b"mine, not a certificate")
    Output(tmp_path / "labels.csv", LABELS, overwrite=True).write_bytes(b"others again")
    assert path.exists()


def test_a_part_of_the_promised_labels_gets_no_certificate(folder, tmp_path):
    report = delivered(
        folder, tmp_path / "a.csv", options=ExportOptions(which=Which.DECIDED)
    ).report
    assert not report.also
    assert report.notes[0].code == "certificate-of-more"
    assert not (tmp_path / "a.csv.certificate.txt").exists()


def test_labels_whose_certificate_cannot_be_written_are_delivered_and_that_is_said(
    folder, tmp_path, monkeypatch
):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(certificates, "labels_digest", fail)
    report = delivered(folder, tmp_path / "labels.csv").report
    assert (tmp_path / "labels.csv").exists()
    assert report.notes[0].code == "certificate-not-written"


def test_pictures_without_a_name_are_no_labels_and_fewer_may_be_wrong(tmp_path):
    folder = Folder(1000)
    folder.begin()
    folder.check(next_page(folder.project), {int(next_page(folder.project).rows[0]): WRONG})
    folder.keep()
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    text = path.read_text(encoding="utf-8")
    assert "At least 98% of these 999 labels are right (at most 19 wrong)." in text
    assert "1 of them has no name now" in text
    assert 1 - 19 / 999 >= 0.98 > 1 - 20 / 999


def test_a_promise_is_given_no_earlier_than_it_was_begun(folder, tmp_path):
    late = Folder(300)
    late.begin()
    promise = late.promise
    late.project.facts["promise"] = replace(promise, begun_at=promise.begun_at + 10**9)
    late.keep()
    assert late.promise.applied_at >= late.promise.begun_at
    assert problem_of(late.project) is None
    promise = folder.promise
    folder.project.facts["promise"] = replace(promise, begun_at=promise.applied_at + 1)
    assert problem_of(folder.project).code == "promise-given-early"
    assert not delivered(folder, tmp_path / "labels.csv").report.also


# ---- whether it fits


@pytest.fixture
def certified(tmp_path):
    """Labels with their certificate and their pictures: the project, and the folder."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    folder = Folder(60, folder=pictures)
    for row, path in enumerate(folder.project.images.paths.texts):
        Image.new("RGB", (1, 1), (4 * row, 0, 0)).save(path)
    keys = [content_key(Path(path)) for path in folder.project.images.paths.texts]
    folder.project.record_contents(np.arange(60), contents_of(keys))
    folder.begin(0.9)
    folder.keep()
    return folder, tmp_path


def checked(*arguments):
    return run(["check-certificate", *map(str, arguments)])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_certificate_fits_what_it_was_written_with(certified, name, capsys):
    folder, place = certified
    (path,) = delivered(folder, place / name).report.also
    assert checked(path) == checked(place / name) == 0
    assert checked(path, "--pictures", place / "pictures") == 0
    assert "the pictures are the ones that it was written for" in capsys.readouterr().out
    path.rename(place / "b.csv.certificate.txt")
    (place / name).rename(place / "b.csv")
    assert checked(place / "b.csv") == 0


def edited(path, before, after):
    path.write_bytes(path.read_bytes().replace(before, after, 1))


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("isn't what it was written for", lambda p, _: edited(p, b"accepted", b"ACCEPTED")),
        ("isn't what it was written for", lambda p, _: p.write_bytes(p.read_bytes() + b"\n")),
        ("can't be read beside it", lambda p, _: p.unlink()),
        ("the certificate was changed", lambda _, c: edited(c, b"90%", b"99%")),
        ("the certificate was changed", lambda _, c: c.write_bytes(c.read_bytes() + b"x")),
        ("the certificate was changed", lambda _, c: c.write_bytes(c.read_bytes()[:200])),
    ],
)
def test_a_certificate_does_not_fit_once_it_or_the_labels_were_changed(
    certified, why, change, capsys
):
    folder, place = certified
    (path,) = delivered(folder, place / "a.csv").report.also
    change(place / "a.csv", path)
    assert checked(path) == 1
    assert re.search(f"^does not fit: .*{why}", capsys.readouterr().out, re.MULTILINE)


def test_other_pictures_under_the_same_names_do_not_fit(certified, capsys):
    folder, place = certified
    (path,) = delivered(folder, place / "a.csv").report.also
    first = place / "pictures" / "00003.jpg"
    before = first.read_bytes()
    first.write_bytes(b"another")
    assert checked(path) == 0
    assert checked(path, "--pictures", place / "pictures") == 1
    assert "some were changed or replaced" in capsys.readouterr().out
    first.unlink()
    assert checked(path, "--pictures", place / "pictures") == 1
    first.write_bytes(before)
    assert checked(path, "--pictures", place / "pictures") == 0


def path_in(place, name):
    """Let the labels, and their certificate, name a picture by another path."""
    labels, beside = place / "labels.csv", place / "labels.csv.certificate.txt"
    before = labels_digest(labels)
    labels.write_bytes(labels.read_bytes().replace(b"00003.jpg", name.encode(), 1))
    text = beside.read_bytes().rpartition(b"Certificate: ")[0]
    text = text.replace(before.encode(), labels_digest(labels).encode())
    own = hashlib.sha256(text).hexdigest().encode()
    beside.write_bytes(text + b"Certificate: " + own + b"\n")
    return labels


@pytest.mark.parametrize(
    "name", ["//host/share/a.jpg", "\\\\host\\a.jpg", "{place}/a.jpg", "../a.jpg", "s3://bucket/a"]
)
def test_a_path_that_leads_out_of_the_pictures_is_never_looked_at(
    certified, name, capsys, monkeypatch
):
    folder, place = certified
    delivered(folder, place / "labels.csv")
    (place / "a.jpg").write_bytes(b"precious")
    labels, looked = path_in(place, name.format(place=place)), []
    monkeypatch.setattr(certificates, "content_key", lambda path: looked.append(path) or "0-0")
    assert checked(labels, "--pictures", place / "pictures") == 0
    assert "not compared: the pictures can't be compared" in capsys.readouterr().out
    assert {path.parent for path in looked} <= {place / "pictures"}
    assert not any(path.name == "a.jpg" for path in looked)


def test_pictures_that_cannot_be_compared_are_no_fault_of_the_certificate(certified, capsys):
    folder, place = certified
    request = ExportRequest(FORMATS["folders"], path=place / "out")
    write_export(export_without_model(folder.project), request, None, CancelToken())
    assert checked(place / "out", "--pictures", place / "pictures") == 0
    said = capsys.readouterr().out
    assert "not compared: " in said
    assert "the labels don't name them" in said
    assert "does not fit" not in said


def test_a_picture_that_is_missing_does_not_fit(certified, capsys):
    folder, place = certified
    delivered(folder, place / "labels.csv")
    (place / "pictures" / "00003.jpg").unlink()
    assert checked(place / "labels.csv", "--pictures", place / "pictures") == 1
    assert re.search("^does not fit: .*00003.jpg", capsys.readouterr().out, re.MULTILINE)


def test_pictures_that_are_found_changed_void_the_promise(certified, capsys):
    folder, place = certified
    unchecked = np.flatnonzero(folder.project.labels.decided_by != DecidedBy.PERSON)[:1]
    folder.project.record_contents(unchecked, contents_of(["0" * 32 + "-7"]))
    assert folder.state.why.code == "promise-void-pictures"
    assert not delivered(folder, place / "a.csv").report.also
    store.close(store.create(place / "a.nameplate", folder.project))
    assert run(["project", "check", str(place / "a.nameplate")]) == 0
    assert "files of its pictures have changed" in capsys.readouterr().err


def test_a_folder_fits_as_long_as_all_its_files_are_those_that_were_written(certified):
    folder, place = certified
    request = ExportRequest(FORMATS["folders"], path=place / "out")
    (path,) = write_export(
        export_without_model(folder.project), request, None, CancelToken()
    ).report.also
    assert checked(path) == checked(place / "out") == 0
    more = place / "out" / "more.txt"
    more.write_bytes(b"")
    assert checked(path) == 1
    more.unlink()
    assert checked(path) == 0
    picture = next((place / "out").rglob("*.jpg"))
    content = picture.read_bytes()
    picture.unlink()
    assert checked(path) == 1
    picture.symlink_to(place / "pictures" / "00001.jpg")
    assert checked(path) == 1
    picture.unlink()
    picture.write_bytes(content)
    assert checked(path) == 0


def test_a_folder_that_lacks_a_picture_gets_no_certificate(certified):
    folder, place = certified
    (place / "pictures" / "00007.jpg").unlink()
    request = ExportRequest(FORMATS["folders"], path=place / "out")
    report = write_export(export_without_model(folder.project), request, None, CancelToken()).report
    assert not report.also
    assert any(note.code == "certificate-of-more" for note in report.notes)


def test_what_is_no_certificate_is_wrong_usage(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"labels")
    assert checked(tmp_path / "a.csv") == 2
    (tmp_path / "a.csv.certificate.txt").write_bytes(b"labels")
    assert checked(tmp_path / "a.csv") == 2


def test_parquet_says_which_labels_are_promised(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    delivered(folder, tmp_path / "labels.parquet")
    file, columns = tmp_path / "labels.parquet", ["promised", "checked"]
    table = parquet.read_table(file, columns=columns).to_pydict()
    assert set(table["promised"]) == {0.98}
    assert sum(table["checked"]) == folder.state.checks


def test_a_promise_that_a_file_only_claims_gets_no_certificate(folder, tmp_path):
    promise = folder.promise
    folder.project.facts["promise"] = replace(
        promise, plan=replace(promise.plan, allowed=900, looks=(1,))
    )
    assert not delivered(folder, tmp_path / "labels.csv").report.also


def test_a_certificate_that_fails_fails_no_export_and_leaves_no_earlier_one(
    folder, tmp_path, monkeypatch
):
    (path,) = delivered(folder, tmp_path / "labels.csv").report.also
    write = Output.write_bytes

    def fail(output, content):
        if output.path == path:
            raise OutputError("full-disk", where=str(path))
        write(output, content)

    monkeypatch.setattr(Output, "write_bytes", fail)
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True).report
    assert [what_of(note) for note in report.notes] == [
        "the labels are written, but not their certificate: can't write: disk full"
    ]
    assert not path.exists()
    assert report.images == 1000


def test_another_file_in_the_place_of_the_certificate_is_kept(folder, tmp_path):
    other = Path(tmp_path, "labels.csv.certificate.txt")
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        delivered(folder, tmp_path / "labels.csv")
    assert not (tmp_path / "labels.csv").exists()
    assert other.read_text(encoding="utf-8") == "mine"


def test_the_command_line_says_what_is_promised_and_checks_it(folder, tmp_path, capsys):
    path = tmp_path / "a.nameplate"
    store.close(store.create(path, folder.project))
    assert run(["project", "check", str(path)]) == 0
    capsys.readouterr()
    assert run(["project", "info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["promise"]
    assert (facts["state"], facts["labels"], facts["right_at_least"]) == ("given", 1000, 0.98)
    assert run(["project", "info", str(path)]) == 0
    assert "at least 98% of 1,000 labels are right: given" in capsys.readouterr().out
