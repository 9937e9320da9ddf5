"""A path that would contact another machine is known before it is looked at."""

import os

import pytest

from nameplate.system import elsewhere
from nameplate.system.elsewhere import host_of, is_elsewhere, is_url


@pytest.mark.parametrize(
    "path",
    [
        r"\\host\share\a.jpg",
        "//host/share/a.jpg",
        r"/\host\share",
        r"\/host/share",
        r"\\?\UNC\host\share",
        r"\\.\pipe\name",
        r"\??\UNC\host\share",
        "/??/UNC/host/share",
        "http://host/a.jpg",
        "s3://bucket/a.jpg",
        "hf://datasets/a",
        "file:///etc/passwd",
        "simplecache::s3://bucket/a.jpg",
        "zip://a.jpg::https://host/a.zip",
    ],
)
def test_another_machine_would_be_contacted(path):
    assert is_elsewhere(path)


@pytest.mark.parametrize(
    "path",
    [
        "/home/a.jpg",
        "C:\\pictures\\a.jpg",
        "a.jpg",
        "",
        "/",
        "/??",
        "/a//b",
        "C:/a",
        "a:b",
        "/a://b",
    ],
)
def test_this_machine_alone_is_looked_at(path):
    assert not is_elsewhere(path)


MOUNTS = r"""
27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw
30 27 0:26 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw,fd=29,direct
31 27 0:27 / /net rw shared:2 - autofs -hosts rw,fd=5,timeout=300,indirect
32 27 0:28 / /srv/my\040nets rw - autofs auto.misc rw,indirect
33 31 0:29 / /net/there/export rw - nfs there:/export rw
34 27 0:30 / /mnt/nas rw - autofs systemd-1 rw,direct
""".strip()


@pytest.mark.skipif(os.name != "posix", reason="there are no automounters elsewhere")
@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/net/evil/a/b.jpg", "/net/evil"),
        ("/net/evil", "/net/evil"),
        ("/home/../net/evil/a", "/net/evil"),
        ("/srv/my nets/evil/a", "/srv/my nets/evil"),
        ("/net/there/export/a.jpg", None),
        ("/net/the/a.jpg", "/net/the"),
        ("/net", None),
        ("/network/evil/a.jpg", None),
        ("/mnt/nas/a.jpg", None),
        ("/home/me/a.jpg", None),
    ],
)
def test_what_an_automounter_would_mount_for_a_path_is_elsewhere(path, host, tmp_path, monkeypatch):
    (tmp_path / "mountinfo").write_text(MOUNTS)
    monkeypatch.setattr(elsewhere, "_MOUNTS", tmp_path / "mountinfo")
    for name in ("_automounts", "_mounted"):
        monkeypatch.setattr(elsewhere, name, getattr(elsewhere, name).__wrapped__)
    assert is_elsewhere(path) == bool(host)
    assert host is None or host_of(path) == host


@pytest.mark.skipif(os.name != "posix", reason="there are no automounters elsewhere")
def test_what_is_mounted_is_read_once_a_second_however_many_paths_are_asked_about(monkeypatch):
    now, reads = [5.0], []

    class Mounts:
        def read_text(self, **options):
            reads.append(options)
            return MOUNTS if now[0] < 6 else MOUNTS.replace("/net/there", "/net/evil")

    monkeypatch.setattr(elsewhere, "_MOUNTS", Mounts())
    monkeypatch.setattr(elsewhere, "monotonic", lambda: now[0])
    monkeypatch.setattr(elsewhere, "_automounts", lambda: ("/net/",))
    elsewhere._mounted.cache_clear()
    assert not any(is_elsewhere(f"/net/there/{number}.jpg") for number in range(1000))
    assert is_elsewhere("/net/evil/a.jpg")
    assert len(reads) == 1
    now[0] = 6.5
    assert not is_elsewhere("/net/evil/a.jpg")
    elsewhere._mounted.cache_clear()


def test_a_drive_is_no_scheme():
    assert not is_url("C://pictures")
