"""A path that would contact another machine is known before it is looked at."""

import pytest

from nameplate.system.elsewhere import is_elsewhere, is_url


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


def test_a_drive_is_no_scheme():
    assert not is_url("C://pictures")
