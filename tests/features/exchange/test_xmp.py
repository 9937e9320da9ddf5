"""XMP sidecars: added to and never replaced, safe to parse."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from exchange_help import JPEG, deliver, project_of
from features.exchange.reading import read_back
from nameplate.domain.changes import RemoveImages
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.exchange.further_formats.xmp import XMP, read
from nameplate.features.exchange.further_formats.xmp_packet import (
    EMPTY,
    MOST_BYTES,
    PacketError,
    read_keywords,
    with_labels,
)
from nameplate.formats.export_format import ExportOptions, ExportTask, SidecarName
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.outputs import sidecar_output
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES, log_of, new_log, time_of
from nameplate.formats.outputs.sidecar_undo import undo_sidecars
from nameplate.pipeline.exporting import ExportRequest, is_log_of, write_export
from nameplate.project.label_changes import clear, label, skip
from nameplate.storage.folders import undo_folder
from nameplate.wording.texts import what_of
from project_help import opened_project

OTHERS = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>
<!-- by another program -->
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="uuid:1"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:d="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   darktable:xmp_version="5" darktable:note="a &gt; b">
   <d:subject><rdf:Bag><rdf:li>holiday</rdf:li><rdf:li>K\xc3\xa4tzchen</rdf:li></rdf:Bag></d:subject>
   <lr:hierarchicalSubject><rdf:Seq><rdf:li>trip|holiday</rdf:li></rdf:Seq></lr:hierarchicalSubject>
   <darktable:history><rdf:Seq/></darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/">&lol2;</x:xmpmeta>"""


@pytest.fixture
def decided(tmp_path):
    """A picture that a person labelled x."""
    opened = opened_project()
    opened.do(RemoveImages(opened.project.images.ids))
    file = tmp_path / "a.jpg"
    file.write_bytes(JPEG)
    opened.add_images(str(file))
    opened.do(label(opened.project, np.array([4]), opened.ids[0], opened.now))
    return opened


def export(opened, path: Path = BESIDE_PICTURES, **options):
    task = ExportTask(opened.export(), ExportOptions(**options))
    return XMP.write(task, XMP.output(path))


def test_a_new_sidecar_says_the_label_in_both_ways(decided, tmp_path):
    report = export(decided)
    found = read_keywords((tmp_path / "a.jpg.xmp").read_bytes())
    assert (report.images, list(report.problems)) == (1, [])
    assert found.subjects == found.hierarchical == found.labels == ("x",)
    assert found.state == "corrected"
    assert (tmp_path / "a.jpg").read_bytes() == JPEG


def test_all_that_another_program_wrote_stays(decided, tmp_path):
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(OTHERS)
    export(decided)
    content = sidecar.read_bytes()
    found = read_keywords(content)
    assert found.subjects == ("holiday", "Kätzchen", "x")
    assert found.hierarchical == ("trip|holiday", "x")
    for line in OTHERS.split(b"\n"):
        if b"ubject" not in line:
            assert line in content
    assert b'rdf:about="uuid:1"' in content.split(b"urn:x-nameplate")[0].rpartition(b"<rdf:Desc")[2]


def test_the_same_labels_again_leave_the_file_byte_for_byte():
    once = with_labels(OTHERS, ["x", "y"], "accepted")
    assert with_labels(once, ["x", "y"], "accepted") == once
    assert with_labels(with_labels(EMPTY, ["x"], "accepted"), [], "skipped").count(b"<rdf:li>") == 0


def in_the_short_form(packet: bytes) -> bytes:
    """Return a packet as programs with Adobe's toolkit save it: simple values as attributes."""
    whole = re.search(rb"   <nameplate:state [^>]*>(\w+)</nameplate:state>\n", packet)
    state = b' xmlns:np="urn:x-nameplate:xmp:1" note="a > b" np:state="' + whole[1] + b'">'
    before, _, after = packet.replace(whole[0], b"").rpartition(b"<rdf:Description")
    return before + b"<rdf:Description" + after.replace(b">", state, 1)


def test_a_state_in_the_short_form_is_read_and_replaced():
    short = in_the_short_form(with_labels(OTHERS, ["x"], "accepted"))
    assert read_keywords(short).state == "accepted"
    new = with_labels(short, ["y"], "corrected")
    found = read_keywords(new)
    assert (found.labels, found.state) == (("y",), "corrected")
    assert b"np:state" not in new  # a property that is there twice is no XMP
    assert b'note="a > b"' in new


def test_a_sign_of_a_tags_end_within_a_value_ends_no_tag():
    tag = b'<d:subject d:x="a>b"/>'
    before = OTHERS.replace(b"<lr:", tag + b"<lr:", 1)
    after = with_labels(before, ["x"], "accepted")
    assert read_keywords(after).subjects == ("holiday", "Kätzchen", "x")
    assert tag not in after


def test_a_skipped_picture_gets_no_label_of_another_programs_keywords(tmp_path):
    sidecar = tmp_path / "a.jpg.xmp"
    bag = re.compile(rb"   <nameplate:labels.*?</nameplate:labels>\n", re.DOTALL)
    sidecar.write_bytes(bag.sub(b"", with_labels(OTHERS, [], "skipped")))  # an empty one goes
    (record,) = read(sidecar, ImportOptions())
    assert (record.labels, record.decided_by, record.state) == ((), "person", "skipped")


def test_room_without_end_takes_no_time_of_its_square():
    # Minutes, if it were looked through from each of its letters.
    room = OTHERS.replace(b" </rdf:RDF>", b" " * 400_000 + b"</rdf:RDF>")
    assert read_keywords(with_labels(room, ["x"], "accepted")).labels == ("x",)


def test_a_label_that_was_taken_back_goes_and_other_keywords_stay():
    before = with_labels(OTHERS, ["x", "a | b"], "accepted")
    after = read_keywords(with_labels(before, ["y"], "corrected"))
    assert after.subjects == ("holiday", "Kätzchen", "y")
    assert after.labels == ("y",)
    assert after.hierarchical == ("trip|holiday", "y")


def test_what_no_person_decided_is_not_written(decided, tmp_path):
    decided.do(clear(decided.project, np.array([4])))
    assert export(decided).images == 0
    assert not (tmp_path / "a.jpg.xmp").exists()
    decided.do(skip(decided.project, np.array([4]), decided.now))
    assert export(decided).images == 1


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b"<x",
        b"no xml",
        b"\x89PNG",
        OTHERS.decode("utf-8-sig").replace("UTF-8", "UTF-16").encode("utf-16"),
        OTHERS.decode("utf-8-sig").replace("UTF-8", "iso-8859-1").encode("iso-8859-1"),
        b"<a>" * 200 + b"</a>" * 200,
        OTHERS + b" " * MOST_BYTES,
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>',
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    ],
)
def test_what_cannot_be_parsed_safely_is_left_and_listed(decided, tmp_path, content):
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(content)
    report = export(decided)
    assert [(path, why.code) for path, why in report.problems] == [(str(sidecar), "no-xmp")]
    assert report.images == 0
    assert sidecar.read_bytes() == content
    with pytest.raises(PacketError):
        with_labels(content, ["x"], "accepted")


def test_sidecars_are_called_as_chosen_and_two_pictures_share_none(decided, tmp_path):
    (tmp_path / "a.png").write_bytes(JPEG)
    decided.add_images(str(tmp_path / "a.png"))
    decided.do(label(decided.project, np.array([5]), decided.ids[1], decided.now))
    report = export(decided, sidecar_name=SidecarName.WITHOUT_ENDING)
    assert [why.code for _, why in report.problems] == ["sidecar-of-two"]
    assert read_keywords((tmp_path / "a.xmp").read_bytes()).labels == ("x",)


def test_a_mirror_folder_leaves_the_pictures_folder_as_it_is(decided, tmp_path):
    export(decided, tmp_path / "mirror")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "mirror"]
    assert [path.name for path in (tmp_path / "mirror").iterdir()] == ["a.jpg.xmp"]
    (record,) = read(tmp_path / "mirror", ImportOptions())
    assert (record.path, record.labels, record.state) == ("a.jpg", ("x",), "corrected")


def test_a_picture_that_vanished_gets_no_sidecar(decided, tmp_path):
    (tmp_path / "a.jpg").unlink()
    assert [why.code for _, why in export(decided).problems] == ["has-vanished"]
    assert not list(tmp_path.iterdir())


def test_keywords_of_another_program_are_read_as_labels(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.xmp").write_bytes(OTHERS)
    (tmp_path / "bad.jpg.xmp").write_bytes(BOMB)
    problem, record = read(tmp_path, ImportOptions())
    assert (problem.reason.code, problem.path) == ("no-xmp", "bad.jpg.xmp")
    assert (record.path, record.any_ending) == ("in/b", True)
    assert record.labels == ("holiday", "Kätzchen")


def test_letters_that_xml_cannot_hold_are_left_out():
    packet = with_labels(EMPTY, ["a\x00b\ufffe", "<&>"], "accepted")
    assert read_keywords(packet).labels == ("ab", "<&>")


@pytest.mark.parametrize("called", SidecarName)
def test_the_sidecars_of_one_folder_are_about_the_pictures_beside_them(tmp_path, called):
    (tmp_path / "in").mkdir()
    files = [tmp_path / "a.jpg", tmp_path / "in" / "a.jpg"]
    for file in files:
        file.write_bytes(JPEG + str(file).encode())
    project = project_of({files[0]: ["cat"], files[1]: ["dog"]})
    deliver(project, "xmp", BESIDE_PICTURES, sidecar_name=called)
    assert read_back(project, tmp_path / "in", "xmp") == {str(files[1]): ["dog"]}
    assert read_back(project, tmp_path, "xmp") == {str(files[0]): ["cat"], str(files[1]): ["dog"]}


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="file-not-there"):
        list(read(tmp_path / "none", ImportOptions()))


def test_a_keyword_that_was_there_before_it_was_a_label_stays_when_the_label_goes():
    labelled = with_labels(OTHERS, ["holiday", "dog"], "accepted")
    assert read_keywords(labelled).labels == ("holiday", "dog")
    again = with_labels(labelled, ["holiday", "dog"], "accepted")
    gone = with_labels(again, [], "skipped")
    assert read_keywords(again).subjects == ("holiday", "Kätzchen", "dog")
    assert read_keywords(gone).subjects == ("holiday", "Kätzchen")
    assert read_keywords(gone).hierarchical == ("trip|holiday",)


def test_a_mirror_folder_that_cannot_be_made_is_said_to_be_unwritable(decided, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "in").write_text("a file in the place of a folder")
    picture = tmp_path / "in" / "b.jpg"
    picture.parent.mkdir()
    picture.touch()
    decided.add_images(str(picture))
    decided.do(label(decided.project, np.array([5]), decided.ids[0], decided.now))
    ((_, why),) = export(decided, tmp_path / "out").problems
    assert "can't write" in what_of(why)


# ---- taking sidecars back


def written(decided, path=BESIDE_PICTURES, token=None):
    """Export as window and command line do, with a log."""
    request = ExportRequest(XMP, path=path)
    return write_export(decided.export(), request, None, token or CancelToken())


@pytest.mark.parametrize("is_beside", [True, False])
def test_an_export_is_taken_back_and_what_was_there_is_as_it_was(decided, tmp_path, is_beside):
    place = BESIDE_PICTURES if is_beside else tmp_path / "mirror"
    other = (tmp_path if is_beside else place) / "b.jpg.xmp"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(OTHERS)
    (tmp_path / "b.jpg").write_bytes(JPEG)
    decided.add_images(str(tmp_path / "b.jpg"))
    decided.do(label(decided.project, np.array([5]), decided.ids[1], decided.now))
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    report = written(decided, place)
    assert report.images == 2
    assert other.read_bytes() != OTHERS
    undone = undo_sidecars(report.undo)
    assert (undone.sidecars, undone.problems) == (2, ())
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before
    assert not report.undo.exists()


def test_a_mirror_folder_that_an_export_made_goes_with_it(decided, tmp_path):
    undo_sidecars(written(decided, tmp_path / "deep" / "mirror").undo)
    assert not (tmp_path / "deep" / "mirror").exists()


@pytest.mark.parametrize("made", ["deep", "deep/mirror"])
def test_a_folder_that_was_there_before_an_export_stays(decided, tmp_path, made):
    (tmp_path / made).mkdir(parents=True)
    undo_sidecars(written(decided, tmp_path / "deep" / "mirror").undo)
    assert (tmp_path / made).is_dir()
    assert not list((tmp_path / made).iterdir())


def test_what_was_there_before_is_on_the_disk_before_it_is_replaced(decided, tmp_path, monkeypatch):
    (tmp_path / "a.jpg.xmp").write_bytes(OTHERS)
    seen, fsync, write = list[str](), os.fsync, sidecar_output.write_bytes
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append("sync"), fsync(handle))[1])
    note = lambda *of: (seen.append("write"), write(*of))[1]  # noqa: E731
    monkeypatch.setattr(sidecar_output, "write_bytes", note)
    written(decided)
    assert seen[:2] == ["sync", "write"]


def test_a_sidecar_that_was_changed_since_stays_and_that_is_said(decided, tmp_path):
    log = written(decided).undo
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(sidecar.read_bytes() + b" ")
    mine = sidecar.read_bytes()
    undone = undo_sidecars(log)
    assert [(path, why.code) for path, why in undone.problems] == [
        (str(sidecar), "sidecar-not-restored")
    ]
    assert sidecar.read_bytes() == mine
    sidecar.unlink()
    assert undo_sidecars(log).problems == ()


def test_the_time_of_an_export_leads_to_its_log_and_to_no_other_folder():
    logs = [new_log() for _ in range(3)]
    assert len(set(logs)) == 3
    assert [log_of(time_of(log)) for log in logs] == logs
    assert log_of("../../x").parent == undo_folder()


def test_a_log_is_of_a_project_that_has_all_its_pictures(decided, tmp_path):
    log = written(decided).undo
    assert is_log_of(log, decided.project.images)
    assert not is_log_of(log, ImageTable())
    assert not is_log_of(log.with_name("sidecars of another time"), decided.project.images)


def test_the_same_export_again_changes_nothing_and_needs_no_undo(decided):
    assert written(decided).undo is not None
    again = written(decided)
    assert (again.images, again.undo) == (1, None)


def test_a_cancelled_export_says_what_is_there_and_can_be_taken_back(decided, tmp_path):
    for n in range(200):
        (tmp_path / f"{n}.jpg").write_bytes(JPEG)
        decided.add_images(str(tmp_path / f"{n}.jpg"))
    rows = np.arange(5, 205)
    decided.do(label(decided.project, rows, decided.ids[1], decided.now))
    token = CancelToken()

    def on_progress(progress):
        if progress.done:
            token.cancel()

    request = ExportRequest(XMP, path=BESIDE_PICTURES)
    report = write_export(decided.export(), request, None, token, on_progress)
    there = len(list(tmp_path.glob("*.xmp")))
    assert report.is_cancelled
    assert 0 < report.images == there < 201
    assert undo_sidecars(report.undo).sidecars == there
    assert not list(tmp_path.glob("*.xmp"))


def test_one_that_was_cancelled_before_the_first_leaves_nothing(decided, tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        written(decided, token=token)
    assert not list(tmp_path.glob("*.xmp"))
    assert not list(undo_folder().iterdir())


def test_a_log_of_sidecars_by_a_stranger_is_not_believed(decided, tmp_path):
    log = written(decided).undo
    (tmp_path / "log.jsonl").write_bytes(log.read_bytes())
    with pytest.raises(UsageError, match="no-log-of-sidecars"):
        undo_sidecars(tmp_path / "log.jsonl")
    assert (tmp_path / "a.jpg.xmp").exists()


def test_no_sidecar_goes_beside_a_file_that_is_no_picture_nor_through_a_link(decided, tmp_path):
    (tmp_path / "elsewhere").write_bytes(OTHERS)
    (tmp_path / "a.jpg.xmp").symlink_to("elsewhere")
    assert [why.code for _, why in export(decided).problems] == ["sidecar-is-no-file"]
    assert (tmp_path / "elsewhere").read_bytes() == OTHERS
    (tmp_path / "a.jpg.xmp").unlink()
    (tmp_path / "a.jpg").write_bytes(b"root:x:0:0")
    assert [why.code for _, why in export(decided).problems] == ["only-pictures-are-taken"]
    assert not (tmp_path / "a.jpg.xmp").exists()
