"""Pictures in a tar file are found by where they lie; whatever else it is, is said or left out."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.messages import Message
from nameplate.imaging import tar_index
from nameplate.imaging.tar_index import TarMember, tar_members


def tar_of(*members, **options):
    """Return a tar file of (name, content) or `TarInfo`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", **options) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return stream.getvalue()


def of_type(name, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def found_in(content):
    """Return names and bytes of the pictures that are found, and the codes of what is wrong."""
    found = list(tar_members(io.BytesIO(content)))
    pictures = [one for one in found if isinstance(one, TarMember)]
    return (
        {one.name: content[one.offset : one.offset + one.size] for one in pictures},
        [one.code for one in found if isinstance(one, Message)],
    )


LONG = "folder/" * 30 + "a.jpg"


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_pictures_are_found_with_their_bytes(form):
    pictures = {"a.jpg": b"one", "./b.png": b"two", LONG: b"three", "ü/\udcff.webp": b"four"}
    assert found_in(tar_of(*pictures.items(), format=form)) == (pictures, [])


def test_names_that_lead_elsewhere_are_only_names():
    names = ("../../a.jpg", "/etc/b.jpg", "c/../d.jpg")
    found, wrong = found_in(tar_of(*((name, b"x") for name in names)))
    assert (sorted(found), wrong) == (sorted(names), [])


def test_links_devices_folders_hidden_and_other_files_are_left_out():
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE)
    odd = [of_type(f"{number}.jpg", kind) for number, kind in enumerate(kinds)]
    others = [("a/._b.jpg", b""), ("notes.txt", b""), ("a.json", b"{}")]
    assert found_in(tar_of(*odd, *others, ("good.jpg", b"x"))) == ({"good.jpg": b"x"}, [])


def test_of_a_tar_file_that_is_cut_short_the_first_pictures_are_found():
    whole = tar_of(("a.jpg", b"x" * 600), ("b.jpg", b"y" * 600))
    found, wrong = found_in(whole[: 512 + 1024 + 100])
    assert (found, wrong) == ({"a.jpg": b"x" * 600}, ["tar-damaged"])


COMPRESSED = gzip.compress(tar_of(("a.jpg", b"x")), mtime=0)


@pytest.mark.parametrize(
    "content", [COMPRESSED, b"no tar" * 200, b"x"], ids=["compressed", "text", "a byte"]
)
def test_what_is_no_plain_tar_file_is_said(content):
    assert found_in(content) == ({}, ["tar-damaged"])


def with_size(content, size):
    """Return a tar file whose first header names another size."""
    header = bytearray(content[:512])
    header[124:136] = (b"\xff" if size < 0 else b"\x80") + (size % (1 << 88)).to_bytes(11, "big")
    header[148:156] = b"%06o\0 " % sum(header[:148], sum(header[156:], 8 * 32))
    return bytes(header) + content[512:]


@pytest.mark.parametrize("size", [-1024, 1 << 63, (1 << 88) - 1])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_impossible_sizes_are_said_and_not_believed(size, kind):
    info = tarfile.TarInfo("a.jpg")
    info.type = kind
    assert found_in(with_size(tar_of(info, ("b.jpg", b"x")), size)) == ({}, ["tar-damaged"])


def test_headers_that_follow_each_other_without_end_are_said():
    info = tarfile.TarInfo("a.jpg")
    info.type = tarfile.GNUTYPE_LONGNAME
    one = tar_of(info)[:512]
    assert found_in(one * 3000) == ({}, ["tar-damaged"])


def test_entries_beyond_the_most_are_left_out(monkeypatch):
    monkeypatch.setattr(tar_index, "MOST_MEMBERS", 2)
    found, wrong = found_in(tar_of(*((f"{number}.jpg", b"x") for number in range(3))))
    assert (len(found), wrong) == (2, ["tar-too-long"])


@given(st.data())
def test_any_damage_ends_in_a_message_or_in_places_inside_the_most(data):
    content = bytearray(tar_of(("a.jpg", b"x" * 700), (LONG, b"y"), ("c.jpg", b"z")))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for one in tar_members(io.BytesIO(content)):
        assert isinstance(one, Message) or 0 <= one.offset <= tar_index.MOST_BYTES - one.size
