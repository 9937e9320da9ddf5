"""The certificate beside an export: when there is one, and what a stranger can verify of it."""

import hashlib
import json
import re
import subprocess
from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from features.quality.quality_help import Folder
from nameplate.cli.main import run
from nameplate.cli.suggesting import export_without_model
from nameplate.domain.changes import RemoveImages
from nameplate.domain.errors import OutputError
from nameplate.domain.images import contents_of
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.checks.checking import next_page
from nameplate.formats.export_format import ExportOptions
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.formats.registry import FORMATS
from nameplate.pipeline import certificate_file
from nameplate.pipeline.exporting import ExportRequest, preview_export, write_export
from nameplate.pipeline.pages.rules import WRONG
from nameplate.project.certificates import certificate_of
from nameplate.system.file_status import content_key
from nameplate.wording.texts import what_of


@pytest.fixture
def folder():
    """Of 1,000 pictures two are labelled wrongly, and checks show that at least 98% are right."""
    folder = Folder(1000, wrong=(7, 500))
    folder.check_until(0.98)
    return folder


def delivered(folder, path, kind="", **options):
    request = ExportRequest(FORMATS[kind or path.suffix[1:]], path=path, **options)
    return write_export(export_without_model(folder.project), request, None, CancelToken())


def text_of(folder, path):
    (certificate,) = delivered(folder, path).also
    return certificate.read_text(encoding="utf-8")


@pytest.mark.parametrize("by", [DecidedBy.GIVEN, DecidedBy.AUTO, DecidedBy.PERSON])
def test_labels_are_certified_whoever_decided_them(by, tmp_path):
    folder = Folder(100, by=by)
    folder.check_until(0.95)
    said = text_of(folder, tmp_path / "labels.csv")
    assert re.search(r"at least 9[5-9](\.\d)?% of these 100 labels are right", said)


def test_the_certificate_lies_beside_the_labels_and_its_numbers_can_be_verified(folder, tmp_path):
    said = text_of(folder, tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv.certificate.txt").exists()
    assert "at least 98" in said.splitlines()[2]
    assert "Each check showed the label." in said
    assert "overlooked at most 2 of 100 wrong labels" in said
    assert "or in a copy of this one, isn't covered" in said
    pattern = r"K = (\d+), n = (\d+), x = (\d+), r = ([0-9.]+): W is at most (\d+);.* (\d+)\. This"
    *numbers, risk, most, seen = re.search(pattern, said).groups()
    size, checks, wrong, most = map(int, (*numbers, most))
    assert (checks, wrong) == (len(folder.check.checks), folder.check.wrong)
    assert int(seen) == most * 100 // 98 == folder.check.most_wrong
    before = comb(checks, wrong) * beta(wrong + 1, checks - wrong + 100) / beta(1, 100)

    def is_out(w):
        ways = comb(w, wrong) * comb(size - w, checks - wrong) / comb(size, checks)
        return ways <= float(risk) * before

    assert is_out(most + 1)
    assert not is_out(most)


def beta(one, other):
    """Return the beta function of whole numbers."""
    return 1 / (one * comb(one + other - 1, one))


def test_the_digest_is_that_of_sha256sum(folder, tmp_path):
    said = text_of(folder, tmp_path / "labels.csv")
    digest = hashlib.sha256((tmp_path / "labels.csv").read_bytes()).hexdigest()
    assert f"Labels: labels.csv\nSHA-256: {digest}\n" in said


@pytest.fixture
def real(tmp_path):
    """Labels of real pictures, some checked."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    folder = Folder(60, folder=f"{pictures}/")
    for row, path in enumerate(folder.project.images.paths.texts):
        Image.new("RGB", (1, 1), (4 * row, 0, 0)).save(path)
    keys = [content_key(Path(path)) for path in folder.project.images.paths.texts]
    folder.project.record_contents(np.arange(60), contents_of(keys))
    folder.begin()
    folder.check_page()
    return folder


def test_that_of_a_folder_is_of_the_list_that_sha256sum_makes(real, tmp_path):
    (path,) = delivered(real, tmp_path / "out", "folders").also
    said = path.read_text(encoding="utf-8")
    command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    found = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path / "out", capture_output=True, check=True
    )
    assert f"SHA-256: {found.stdout.decode().split()[0]}\n" in said


def test_a_folder_that_lacks_a_picture_gets_no_certificate(real, tmp_path):
    (tmp_path / "pictures" / "00007.jpg").unlink()
    report = delivered(real, tmp_path / "out", "folders")
    assert not report.also
    assert any(note.code == "certificate-of-more" for note in report.notes)


def test_pictures_that_are_found_changed_end_the_certificate(real, tmp_path, capsys):
    unchecked = np.flatnonzero(real.project.labels.decided_by != DecidedBy.PERSON)[:1]
    real.project.record_contents(unchecked, contents_of(["0" * 32 + "-7"]))
    assert real.why == "check-ended-pictures"
    assert not delivered(real, tmp_path / "a.csv").also
    real.save(tmp_path / "a.nameplate")
    assert run(["project", "check", str(tmp_path / "a.nameplate")]) == 0
    assert "files of its pictures have changed" in capsys.readouterr().err


def test_without_checks_nothing_is_certified(tmp_path):
    folder = Folder(100)
    folder.begin()
    report = delivered(folder, tmp_path / "labels.csv")
    assert not report.also
    assert not report.notes


def test_an_ended_certificate_is_told_and_the_earlier_file_deleted(folder, tmp_path):
    (path,) = delivered(folder, tmp_path / "labels.csv").also
    row = int(np.flatnonzero(folder.project.labels.decided_by != DecidedBy.PERSON)[0])
    folder.relabel(row, folder.opened.ids[1 - row % 2])
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True)
    assert not path.exists()
    assert not report.also
    assert "without a check" in what_of(report.notes[0])
    folder.project.undo()
    assert delivered(folder, tmp_path / "labels.csv", overwrite=True).also


def test_whatever_replaces_the_labels_deletes_their_certificate(folder, tmp_path):
    (path,) = delivered(folder, tmp_path / "labels.csv").also
    Output(tmp_path / "labels.csv", LABELS, overwrite=True).write_bytes(b"others")
    assert not path.exists()
    path.write_bytes(b"mine, not a certificate")
    Output(tmp_path / "labels.csv", LABELS, overwrite=True).write_bytes(b"others again")
    assert path.exists()


def test_another_file_where_the_certificate_would_lie_is_said_before_anything_is_written(
    folder, tmp_path
):
    labels = tmp_path / "labels.csv"
    (tmp_path / "labels.csv.certificate.txt").write_bytes(b"mine, not a certificate")
    export = export_without_model(folder.project)
    request = ExportRequest(FORMATS["csv"], path=labels)
    problem = preview_export(export, request, None, CancelToken()).problem
    with pytest.raises(OutputError) as refused:
        write_export(export, request, None, CancelToken())
    assert problem is not None
    assert problem.reason == refused.value.reason
    assert not labels.exists()


def test_a_part_of_the_labels_gets_no_certificate(folder, tmp_path):
    report = delivered(folder, tmp_path / "a.csv", options=ExportOptions(which=Which.DECIDED))
    assert not report.also
    assert report.notes[0].code == "certificate-of-more"
    assert not (tmp_path / "a.csv.certificate.txt").exists()


def test_suggestions_beside_the_labels_get_no_certificate(tmp_path):
    folder = Folder(40)
    folder.opened.add_images("new.jpg")
    folder.opened.embed(40, 0)
    folder.opened.score()
    folder.begin()
    folder.check_page()
    export = export_without_model(folder.project)
    export = replace(
        export, suggested=folder.opened.suggestions.suggested.copy(), has_suggestions=True
    )
    for has_best, code in ((False, "certificate-not-of-suggestions"), (True, None)):
        found = certificate_file.why_uncertified(
            export, FORMATS["csv"], Which.BEST, has_best=has_best
        )
        assert (found and found.code) == code


def test_pictures_without_a_name_are_no_labels_and_fewer_may_be_wrong(tmp_path):
    folder = Folder(1000)
    folder.begin()
    folder.check_page(said={int(next_page(folder.project).rows[0]): WRONG})
    while folder.check.share < 0.98:
        folder.check_page()
    said = text_of(folder, tmp_path / "labels.csv")
    assert "of these 999 labels are right" in said
    assert "1 was wrong. 1 of the wrong ones are left without a label" in said


def test_the_certificate_says_which_labels_were_hidden(tmp_path):
    folder = Folder(100)
    folder.begin()
    folder.check_page(is_hidden=True)
    assert "Each check hid the label" in text_of(folder, tmp_path / "a.csv")
    folder.check_page()
    assert "hidden in 8 of 32 checks" in text_of(folder, tmp_path / "b.csv")


def test_checks_that_a_file_only_claims_get_no_certificate(folder, tmp_path):
    check = folder.check
    claims = (
        replace(check, labels=5000),
        replace(check, attempt=2),
        replace(check, checks=check.checks[:10]),
    )
    for claim in claims:
        folder.project.facts["random check"] = claim
        report = delivered(folder, tmp_path / "a.csv", overwrite=True)
        assert not report.also
        assert report.notes[0].code == "check-of-others"


def test_the_preview_says_whether_a_certificate_goes_along(folder, tmp_path):
    def preview(**options):
        request = ExportRequest(FORMATS["csv"], path=tmp_path / "a.csv", **options)
        export = export_without_model(folder.project)
        return preview_export(export, request, None, CancelToken())

    found = preview()
    assert what_of(found.certificate).startswith("at least 98")
    assert found.uncertified is None
    found = preview(options=ExportOptions(which=Which.DECIDED))
    assert found.certificate is None
    assert found.uncertified.code == "certificate-of-more"
    folder.opened.do(RemoveImages(folder.project.images.ids[:1]))
    assert preview().uncertified.code == "check-ended-labels"


def test_labels_whose_certificate_cannot_be_read_back_are_delivered_and_that_is_said(
    folder, tmp_path, monkeypatch
):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(certificate_file, "labels_digest", fail)
    report = delivered(folder, tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv").exists()
    assert report.notes[0].code == "certificate-not-written"


def test_a_certificate_that_fails_fails_no_export_and_leaves_no_earlier_one(
    folder, tmp_path, monkeypatch
):
    (path,) = delivered(folder, tmp_path / "labels.csv").also
    write = Output.write_bytes

    def fail(output, content):
        if output.path == path:
            raise OutputError("full-disk", where=str(path))
        write(output, content)

    monkeypatch.setattr(Output, "write_bytes", fail)
    report = delivered(folder, tmp_path / "labels.csv", overwrite=True)
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


def test_the_command_line_says_what_is_certified_and_checks_it(folder, tmp_path, capsys):
    path = tmp_path / "a.nameplate"
    folder.save(path)
    assert run(["project", "check", str(path)]) == 0
    capsys.readouterr()
    assert run(["project", "info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["certificate"]
    assert (facts["holds"], facts["labels"], facts["attempt"]) == (True, 1000, 1)
    assert facts["right_at_least"] == certificate_of(folder.project).share >= 0.98
    assert run(["project", "info", str(path)]) == 0
    assert "certificate: at least 98" in capsys.readouterr().out
