"""Keywords in pictures: nothing else is changed, and all of it can be put back."""

import hashlib
import os
import re
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exchange_help import give, project_of
from features.keywords.tools import (
    FURTHER,
    jpeg,
    needs_exiftool,
    needs_scripts,
    packet,
    packet_of_others,
    segment,
    stand_in,
    xmp,
)
from nameplate.cli.labelling import export_without_model
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.exchange.formats.xmp_packet import read_keywords
from nameplate.features.keywords import files, writing
from nameplate.features.keywords.backup import (
    Backup,
    Replaced,
    alone,
    backups_of,
    keep,
    was_interrupted,
)
from nameplate.features.keywords.exiftool import find_exiftool
from nameplate.features.keywords.files import Original
from nameplate.features.keywords.jpeg import MOST_PACKET, jpeg_of
from nameplate.features.keywords.putting_back import paths_of, put_back
from nameplate.features.keywords.writing import Done, Plan, Writer
from nameplate.formats.exported_image import Which
from nameplate.storage import whole_folder
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.system.file_status import content_key
from nameplate.wording.texts import what_of

pytestmark = needs_scripts


def all_of(events) -> Done:
    done = Done()
    for event in events:
        done.add(event)
    return done


class Pictures:
    """A project of labelled pictures, and what is written into them."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder, self.tool = folder, str(program)
        self.labels = dict[Path, list[str]]()

    def add(self, name: str, content: bytes | None = None, labels=("cat",)) -> Path:
        path = self.folder / name
        path.write_bytes(jpeg() if content is None else content)
        self.labels[path] = list(labels)
        return path

    def make(self):
        self.project = project_of(self.labels)
        return self.project

    def write(self, which=Which.DECIDED, cancel=None, tool=None, **options) -> Done:
        project = getattr(self, "project", None) or self.make()
        plan = Plan.of(export_without_model(project), which)
        self.backup = Backup.new(project.identity)
        writer = Writer(str(tool or self.tool), self.backup, cancel or CancelToken(), **options)
        done = all_of(writer.write(plan.wanted))
        project.record_contents(*done.rows_in(project.images), shows_same=True)
        return done

    def put_back(self, cancel=None) -> Done:
        return all_of(put_back(self.backup, paths_of(self.project.images), cancel or CancelToken()))


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    return Pictures(folder, stand_in(tmp_path / "bin"))


def keywords(path: Path) -> tuple[str, ...]:
    found = jpeg_of(path.read_bytes()).packet
    return read_keywords(found).subjects if found else ()


def problems(done: Done) -> dict[str, str]:
    return {Path(path).name: what_of(why) for path, why in done.problems}


def test_labels_are_written_and_all_else_stays_byte_for_byte(pictures):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = jpeg(segment(0xFE, b"a comment"), exif=exif, icc_profile=b"p" * 900) + b"and a film"
    path = pictures.add("a.jpg", content, ["cat", "Straße & <more>"])
    done = pictures.write()
    assert (done.count, done.problems) == (1, [])
    assert keywords(path) == ("cat", "Straße & <more>")
    assert jpeg_of(path.read_bytes()).rest == content
    assert pictures.project.images.contents[0]["size"] == path.stat().st_size
    assert not pictures.project.images.changed
    assert pictures.put_back().count == 1
    assert path.read_bytes() == content
    assert backups_of(pictures.project.identity) == []


def test_keywords_and_metadata_of_others_stay(pictures):
    path = pictures.add("a.jpg", jpeg(xmp(packet_of_others("holiday"))))
    same = pictures.add("b.jpg", jpeg(xmp(packet_of_others("cat"))))
    pictures.write()
    assert (keywords(path), keywords(same)) == (("holiday", "cat"), ("cat",))
    assert b'q:rating="5"' in path.read_bytes()


def test_writing_again_changes_nothing_and_follows_another_label(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    content, status = path.read_bytes(), path.stat()
    done = pictures.write()
    assert (done.count, len(done.contents)) == (0, 1)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, status.st_mtime_ns)
    pictures.labels[path] = ["dog"]
    project = pictures.project
    pictures.project = project_of(pictures.labels)
    pictures.project.identity = project.identity
    pictures.write()
    assert keywords(path) == ("dog",)


def test_what_nobody_checked_is_written_only_where_it_is_asked_for(pictures):
    path = pictures.add("a.jpg", labels=())
    pictures.add("b.jpg")
    project = pictures.make()
    give(project, 0, ["cat"], by_person=False)
    pictures.write()
    assert keywords(path) == ()
    pictures.write(Which.LABELS)
    assert keywords(path) == ("cat",)


def test_other_formats_are_left_and_counted(pictures):
    pictures.add("a.jpg")
    path = pictures.folder / "b.png"
    Image.new("RGB", (9, 9)).save(path)
    pictures.labels[path] = ["cat"]
    before = path.read_bytes()
    plan = Plan.of(export_without_model(pictures.make()), Which.DECIDED)
    assert (len(plan.wanted), plan.labelled, plan.others) == (1, 1, 1)
    pictures.write()
    assert path.read_bytes() == before


LEFT = {
    "no.jpg": (b"GIF89a" + bytes(90), "not a JPEG"),
    "cut.jpg": (jpeg()[:40], "damaged, so nothing is written into it"),
    "signed.jpg": (
        jpeg(segment(0xEB, b"JP\0\1c2pa")),
        "a change would void its content credentials",
    ),
    "two.jpg": (jpeg(xmp(packet("a")), xmp(packet("b"))), "has two XMP packets"),
    "further.jpg": (
        jpeg(xmp(packet("a")), segment(0xE1, FURTHER + b"0" * 40)),
        "its XMP is in several pieces",
    ),
    "full.jpg": (
        jpeg(xmp(packet(more=f"<!--{'z' * (MOST_PACKET - 7 - len(packet()))}-->"))),
        "no room for the keywords",
    ),
    "odd.jpg": (jpeg(xmp(b"<no xml")), "not readable XMP, so it is left as it is"),
    "bomb.jpg": (jpeg(xmp(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")), "not readable XMP"),
    "film.jpg": (
        jpeg(xmp(packet("a")), first=segment(0xE2, b"MPF\0" + bytes(60))),
        "holds further pictures that couldn't be found any more",
    ),
}


def test_pictures_that_a_change_would_damage_are_left_and_the_rest_is_done(pictures):
    paths = {name: pictures.add(name, content) for name, (content, _) in LEFT.items()}
    good = pictures.add("good.jpg")
    done = pictures.write()
    assert keywords(good) == ("cat",)
    found = problems(done)
    assert set(found) == set(LEFT)
    for name, (content, why) in LEFT.items():
        assert found[name].startswith(why), name
        assert paths[name].read_bytes() == content


def test_links_names_and_protected_files_are_left(pictures, tmp_path):
    original = tmp_path / "original.jpg"
    original.write_bytes(jpeg())
    link = pictures.folder / "link.jpg"
    link.symlink_to(original)
    named = pictures.add("named.jpg")
    os.link(named, tmp_path / "other.jpg")
    protected = pictures.add("protected.jpg")
    protected.chmod(0o444)
    gone = pictures.add("gone.jpg")
    pictures.labels[link] = ["cat"]
    pictures.make()
    gone.unlink()
    assert problems(pictures.write()) == {
        "link.jpg": "is a link to another file",
        "named.jpg": "has several names (hard links); only one would change",
        "protected.jpg": "is protected against changes",
        "gone.jpg": "file not found",
    }
    assert original.read_bytes() == named.read_bytes() == protected.read_bytes() == jpeg()


def test_a_picture_that_was_edited_since_it_was_labelled_is_left(pictures):
    path = pictures.add("a.jpg")
    pictures.make()
    path.write_bytes(jpeg(colour="blue"))
    assert "changed by another program since you labelled it" in problems(pictures.write())["a.jpg"]
    assert path.read_bytes() == jpeg(colour="blue")


def test_times_and_permissions_stay(pictures):
    path = pictures.add("a.jpg")
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    pictures.write()
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) == (0o640, 10**18)
    pictures.put_back()
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) == (0o640, 10**18)


def test_owner_and_group_stay_or_the_picture_is_left(pictures, monkeypatch):
    path, other = pictures.add("a.jpg"), pictures.add("b.jpg")
    try:
        for one in (path, other):
            os.chown(one, 1234, 5678)
    except PermissionError:
        pytest.skip("only an administrator can give files away")
    pictures.write()
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)

    def fail(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", fail)
    assert problems(pictures.put_back()) == dict.fromkeys(
        ("a.jpg", "b.jpg"), "belongs to another user or group, which couldn't be kept"
    )
    assert (keywords(path), path.stat().st_uid) == (("cat",), 1234)


def test_extended_attributes_stay(pictures):
    path = pictures.add("a.jpg")
    try:
        os.setxattr(path, "user.tags", b"mine")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    pictures.write()
    assert os.getxattr(path, "user.tags") == b"mine"


def test_odd_names_reach_no_other_program(pictures):
    names = ["-delete_original.jpg", "ümläut %d%f.jpg", "$(touch x).jpg", "new\nline.jpg"]
    paths = [pictures.add(name) for name in names]
    done = pictures.write()
    assert done.count == len(names)
    assert all(keywords(path) == ("cat",) for path in paths)


WRONG = {
    "fails": "ExifTool wrote nothing (no reason given)",
    "garbage": "not a JPEG",
    "half": "damaged, so nothing is written into it",
    "pixels": "ExifTool changed more than the keywords",
    "metadata": "ExifTool changed more than the keywords",
    "keywords": "ExifTool changed more than the keywords",
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_a_faulty_tool_makes_is_not_used(pictures, tmp_path, kind):
    paths = [pictures.add(f"{number}.jpg") for number in range(3)]
    done = pictures.write(tool=stand_in(tmp_path / kind, kind))
    assert not done.count
    assert all(path.read_bytes() == jpeg() for path in paths)
    assert len(done.problems) == 3
    assert all(why.startswith(WRONG[kind]) for why in problems(done).values())


@pytest.mark.parametrize(("kind", "written"), [("dies", 1), ("refuses", 2)])
def test_a_tool_that_stops_midway_leaves_whole_pictures(pictures, tmp_path, kind, written):
    for number in range(3):
        pictures.add(f"{number}.jpg")
    done = pictures.write(tool=stand_in(tmp_path / kind, kind))
    assert (done.count, len(done.problems)) == (written, 3 - written)
    if kind == "refuses":
        assert problems(done)["0.jpg"] == "ExifTool wrote nothing (Not a picture of mine)"


def test_pixels_are_compared_too(pictures, monkeypatch):
    path = pictures.add("a.jpg")
    decoded = iter([Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")])

    class Decoded:
        def __init__(self):
            self.image = next(decoded)

    monkeypatch.setattr(writing, "picture", lambda *_: Decoded())
    assert problems(pictures.write()) == {
        "a.jpg": "its pixels would change, so nothing was written"
    }
    assert path.read_bytes() == jpeg()


def test_a_tool_that_hangs_is_ended_by_cancel(pictures, tmp_path):
    path, cancel = pictures.add("a.jpg"), CancelToken()
    tool = stand_in(tmp_path / "hangs", "hangs")
    pictures.make()
    writing_thread = threading.Thread(target=pictures.write, args=(Which.DECIDED, cancel, tool))
    writing_thread.start()
    begun = tmp_path / "hangs" / "begun"
    while not begun.exists():
        assert writing_thread.is_alive()
    cancel.cancel()
    writing_thread.join(timeout=20)
    assert not writing_thread.is_alive()
    assert path.read_bytes() == jpeg()


def test_a_tool_that_hangs_is_ended_after_a_while(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("nameplate.features.keywords.exiftool._SECONDS", 0.2)
    monkeypatch.setattr("nameplate.features.keywords.exiftool._SECONDS_EACH", 0.1)
    pictures.add("a.jpg")
    done = pictures.write(tool=stand_in(tmp_path / "hangs", "hangs"))
    assert [why.code for _, why in done.problems] == ["exiftool-too-slow"]


def test_a_picture_that_another_program_writes_meanwhile_is_left(pictures, monkeypatch):
    path = pictures.add("a.jpg")
    add = Backup.add

    def edit(backup, lines):
        add(backup, lines)
        path.write_bytes(jpeg(colour="green"))

    monkeypatch.setattr(Backup, "add", edit)
    assert problems(pictures.write()) == {"a.jpg": "changed by another program since"}
    assert path.read_bytes() == jpeg(colour="green")


def test_without_a_backup_nothing_is_written(pictures, monkeypatch):
    path = pictures.add("a.jpg")

    def fail(*_):
        raise OutputError("full-disk", where="backup")

    monkeypatch.setattr(Backup, "add", fail)
    done = pictures.write()
    assert [why.code for _, why in done.problems] == ["full-disk"]
    assert path.read_bytes() == jpeg()


def test_a_full_disk_leaves_the_picture_and_nothing_beside_it(pictures, monkeypatch):
    path = pictures.add("a.jpg")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_copy_attributes", fail)
    assert problems(pictures.write()) == {"a.jpg": "can't write: disk full"}
    assert path.read_bytes() == jpeg()
    assert list(pictures.folder.iterdir()) == [path]


def test_putting_back_leaves_what_another_program_changed_since(pictures):
    kept, edited = pictures.add("a.jpg"), pictures.add("b.jpg")
    pictures.write()
    written = edited.read_bytes() + b"more"
    edited.write_bytes(written)
    done = pictures.put_back()
    assert problems(done) == {"b.jpg": "changed by another program since"}
    assert (kept.read_bytes(), edited.read_bytes()) == (jpeg(), written)
    edited.write_bytes(written[:-4])  # and that was taken back
    assert (pictures.put_back().count, edited.read_bytes()) == (1, jpeg())


def test_cancel_keeps_what_is_done_and_the_rest_can_be_put_back_later(pictures):
    paths = [pictures.add(f"{number}.jpg") for number in range(3)]
    pictures.write()
    cancel = CancelToken()
    events = put_back(pictures.backup, paths_of(pictures.project.images), cancel)
    next(events)
    cancel.cancel()
    assert list(events) == []
    assert [path.read_bytes() == jpeg() for path in paths] == [False, False, True]
    pictures.put_back()
    assert all(path.read_bytes() == jpeg() for path in paths)


def test_two_runs_are_put_back_one_after_the_other(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    first, once = pictures.backup, path.read_bytes()
    give(pictures.project, 0, ["cat"])
    pictures.labels[path] = ["dog"]
    identity = pictures.project.identity
    pictures.project = project_of(pictures.labels)
    pictures.project.identity = identity
    pictures.write()
    assert [backup.path for backup in backups_of(identity)] == [first.path, pictures.backup.path]
    pictures.put_back()
    assert path.read_bytes() == once
    pictures.backup = first
    pictures.put_back()
    assert path.read_bytes() == jpeg()


def test_a_picture_that_was_moved_in_the_project_is_put_back_there(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    moved = path.rename(path.with_name("moved.jpg"))
    assert all_of(put_back(pictures.backup, {1: str(moved)}, CancelToken())).count == 1
    assert moved.read_bytes() == jpeg()


def test_a_damaged_backup_puts_nothing_back(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    written = path.read_bytes()
    content = pictures.backup.path.read_text()
    pictures.backup.path.write_text(content.replace('"start": ', '"start": 1'))
    assert problems(pictures.put_back()) == {"a.jpg": "its backup can't be read"}
    pictures.backup.path.write_text("no json\n")
    assert [why.code for _, why in pictures.put_back().problems] == ["damaged-backup"]
    assert path.read_bytes() == written


@pytest.mark.parametrize("damaged", [b"no json", b'{"image": []}', b"[" * 100_000, b"\xff"])
def test_what_is_whole_of_a_damaged_backup_is_put_back_and_the_backup_stays(pictures, damaged):
    paths = [pictures.add(f"{number}.jpg") for number in range(3)]
    pictures.write()
    lines = pictures.backup.path.read_bytes().split(b"\n")
    pictures.backup.path.write_bytes(b"\n".join([lines[0], damaged, *lines[2:]]))
    done = pictures.put_back()
    assert [path.read_bytes() == jpeg() for path in paths] == [True, False, True]
    assert list(problems(done).values()) == ["its backup can't be read"]
    assert pictures.backup.path.exists()


def test_a_line_that_a_kill_tore_is_no_damage_also_once_the_kill_was_told(pictures):
    paths = [pictures.add(f"{number}.jpg") for number in range(3)]
    pictures.write()
    first, second, _ = pictures.backup.path.read_bytes().split(b"\n", 2)
    pictures.backup.path.write_bytes(first + b"\n" + second[:100])
    assert was_interrupted(pictures.backup.identity)
    assert not was_interrupted(pictures.backup.identity)
    assert not pictures.put_back().problems
    assert paths[0].read_bytes() == jpeg()
    assert not pictures.backup.path.exists()


def test_values_that_no_backup_has_are_damage(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    whole, written = pictures.backup.path.read_text(), path.read_bytes()
    for name, value in {"start": '"1"', "modified": "1e999", "length": "-5", "path": "7"}.items():
        pictures.backup.path.write_text(re.sub(f'"{name}": [^,}}]*', f'"{name}": {value}', whole))
        assert [why.code for _, why in pictures.put_back().problems] == ["damaged-backup"]
        assert path.read_bytes() == written


def test_two_at_once_wait_for_one_another_or_say_so(pictures, monkeypatch):
    monkeypatch.setattr("nameplate.features.keywords.backup._WAIT", 0.1)
    path = pictures.add("a.jpg")
    pictures.make()
    with alone(), pytest.raises(OutputError, match="held-by-another"):
        pictures.write()
    assert path.read_bytes() == jpeg()
    pictures.write()
    written = path.read_bytes()
    with alone():
        with pytest.raises(OutputError, match="held-by-another"):
            pictures.put_back()
        with pytest.raises(OutputError, match="held-by-another"):
            keep([pictures.backup])
    assert path.read_bytes() == written
    assert pictures.put_back().count == 1


def test_a_run_that_writes_nothing_leaves_no_backup(pictures):
    pictures.add("a.jpg", b"no picture")
    pictures.write()
    assert not backups_of(pictures.project.identity)


def test_a_full_disk_among_the_copies_leaves_the_rest_and_keeps_what_was_done(
    pictures, monkeypatch
):
    monkeypatch.setattr(writing, "_BATCH", 1)
    paths = [pictures.add(f"{number}.jpg") for number in range(3)]
    pictures.make()
    folders = iter([True, False])

    def folder(*arguments):
        if not next(folders):
            raise OSError(28, "No space left on device")
        return whole_folder.working_folder(*arguments)

    monkeypatch.setattr(writing, "working_folder", folder)
    done = pictures.write()
    assert [why.code for _, why in done.problems] == ["full-disk"]
    assert [path.read_bytes() == jpeg() for path in paths] == [False, True, True]
    assert pictures.put_back().count == 1


def test_a_copy_of_the_project_puts_back_what_it_has_another_picture_for(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    other = path.with_name("other.jpg")
    other.write_bytes(jpeg(colour="blue"))
    for paths in ({1: str(other)}, {}):
        done = all_of(put_back(pictures.backup, paths, CancelToken()))
        assert (done.count, done.contents, done.problems) == (1, {}, [])
        assert (path.read_bytes(), other.read_bytes()) == (jpeg(), jpeg(colour="blue"))
        pictures.write()


def test_the_backup_holds_the_header_alone_for_this_user(pictures):
    pictures.add("a.jpg", jpeg() + bytes(500_000))
    pictures.write()
    status = pictures.backup.path.stat()
    assert status.st_size < 1000
    assert status.st_mode & 0o077 == 0


def test_a_large_picture_takes_little_memory_beside_its_content():
    before = os.urandom(20_000_000)
    after = before[:500] + b"keywords" + before[500:]
    tracemalloc.start()
    try:
        replaced = Replaced.of(1, Original(Path("large.jpg"), before, (0, 0, 0, 0), 0), after)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000
    assert replaced.put_back_in(after) == before


def test_embeddings_of_all_models_go_with_the_pictures(pictures):
    path = pictures.add("a.jpg")
    vectors = {name: np.full(3, number, np.float32) for number, name in enumerate("ab")}
    for name, vector in vectors.items():
        with EmbeddingCache(default_folder(), name) as cache:
            cache.find([path])
            cache.store([(path, vector)])
    pictures.write()
    for name, vector in vectors.items():
        with EmbeddingCache(default_folder(), name) as cache:
            found = cache.find_content(path, content_key(path))
            assert found is not None
            assert found.tolist() == vector.tolist()


def test_no_cache_of_embeddings_is_made_or_used_where_that_is_turned_off(pictures):
    path = pictures.add("a.jpg")
    pictures.write()
    assert not (default_folder() / FILE_NAME).exists()
    pictures.put_back()
    with EmbeddingCache(default_folder(), "a") as cache:
        cache.find([path])
        cache.store([(path, np.zeros(3, np.float32))])
    pictures.write(uses_cache=False)
    with EmbeddingCache(default_folder(), "a") as cache:
        assert cache.find_content(path, content_key(path)) is None


def test_the_program_is_looked_for_and_asked_for_its_version(tmp_path, monkeypatch):
    monkeypatch.setattr("nameplate.features.keywords.exiftool._USUAL", ())
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="no-exiftool"):
        find_exiftool(CancelToken())
    for kind in ("works", "old"):
        stand_in(tmp_path / kind, kind)
    monkeypatch.setenv("PATH", str(tmp_path / "old"))
    with pytest.raises(UsageError, match=r"old-exiftool.*11\.88"):
        find_exiftool(CancelToken())
    monkeypatch.setenv("PATH", str(tmp_path / "works"))
    assert find_exiftool(CancelToken()) == str(tmp_path / "works" / "exiftool")


@needs_exiftool
def test_the_real_exiftool_is_found_where_the_language_of_the_system_is_not_installed(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "xx_XX.UTF-8")  # Perl warns of it
    assert find_exiftool(CancelToken())


@needs_exiftool
def test_the_real_exiftool_changes_nothing_but_keywords(pictures):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    contents = {
        "plain": jpeg(),
        "exif": jpeg(exif=exif),
        "profile": jpeg(icc_profile=b"p" * 3000, progressive=True),
        "xmp": jpeg(xmp(packet_of_others("holiday"))),
        "padded": jpeg(
            xmp(packet("old").replace(b"<?xpacket end", b" " * 2000 + b"<?xpacket end"))
        ),
        "comment": jpeg(segment(0xFE, b"a comment")),
        "unknown": jpeg(segment(0xEF, b"mystery"), segment(0xED, b"Photoshop 3.0\0odd")),
        "film": jpeg(exif=exif) + b"\0\0\0\x18ftypmp42" + bytes(500),
    }
    paths = {name: pictures.add(f"{name}.jpg", content) for name, content in contents.items()}
    done = pictures.write(tool=find_exiftool(CancelToken()))
    assert done.problems == []
    digests = {name: hashlib.sha256(content).digest() for name, content in contents.items()}
    for name, path in paths.items():
        assert jpeg_of(path.read_bytes()).rest == jpeg_of(contents[name]).rest
        assert "cat" in keywords(path)
    pictures.put_back()
    assert {n: hashlib.sha256(p.read_bytes()).digest() for n, p in paths.items()} == digests
