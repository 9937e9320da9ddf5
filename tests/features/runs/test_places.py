from pathlib import Path

import pytest

from nameplate.features.runs.embedding import Setup
from nameplate.features.runs.places import places_of


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("/photos", "/photos/a/b.jpg"),
        ("/photos/", "/photos/b.jpg"),
        ("/", "/photos/b.jpg"),
        ("/more.tar", "/more.tar"),
        ("/photos/**/*.jpg", "/photos/a/b.jpg"),
        ("/photos/2*", "/photos/2020/b.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a.jpg"),
        ("s3a://bucket", "s3://bucket/a.jpg"),
        ("https://host/a.jpg?signed=1", "https://host/a.jpg?signed=1"),
        ("s3://bucket/in/*.jpg", "s3://bucket/in/a.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a::b.jpg"),
        ("s3://bucket/in", "s3://bucket/in/a?b#c%2e%2e.jpg"),
        ("s3://bucket/in", "s3://bucket/in//a\\b*[c].jpg"),
        ("s3://bucket/in/a?b.jpg", "s3://bucket/in/a?b.jpg"),
        ("HTTP://Host:80/in/", "http://host./in/a%20b.jpg"),
        ("http://[::1]/in", "http://[0:0:0:0:0:0:0:1]:80/in/a.jpg"),
        ("https://host/x/../in", "https://host/in/y/../a.jpg"),
        ("https://host/in/*.jpg", "https://host/in/a.jpg"),
    ],
)
def test_what_was_named_and_what_lies_in_it_may_be_read(given, file):
    assert places_of([given, "/other"]).hold(file)


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("/photos", "/photos2/a.jpg"),
        ("/photos", "/photos/../a.jpg"),
        ("/photos/2*", "/photos/1/b.jpg"),
        ("/photos/2*", "/photos/2/../1/b.jpg"),
        ("/photos", "https://host/photos/a.jpg"),
        ("s3://bucket/in", "s3://bucket/out/a.jpg"),
        ("s3://bucket/in", "s3://bucket/in/../out/a.jpg"),
        ("https://host", "https://host.example/a.jpg"),
        ("https://host", "https://user@other/host/a.jpg"),
        ("https://host/d", "https://host/d/a.jpg::http://other/b.jpg"),
        ("https://host/d", "/etc/passwd"),
        ("http://a/good/", "http://b/../a/good/b.jpg"),
        ("http://a/good/", "http://b/%2e%2e/a/good/b.jpg"),
        ("http://a/good/", "http://b/..%2fa/good/b.jpg"),
        ("http://a/good/", "http://b/..\\a\\good\\b.jpg"),
        ("http://a/good/", "http://b\\../a/good/b.jpg"),
        ("http://a/good/", "http://a/good/../bad/b.jpg"),
        ("http://a/good/", "http://a/good/%2e%2e/bad/b.jpg"),
        ("http://a/good/", "http://a/good/..%5cbad/b.jpg"),
        ("http://a/good/", "http://a:81/good/b.jpg"),
        ("http://a/good/", "https://a/good/b.jpg"),
        ("http://a/good/", "http://x@a/good/b.jpg"),
        ("http://a/good/", "http://a@b/good/b.jpg"),
        ("http://a/good/", "s3://a/good/b.jpg"),
        ("s3://a/good/", "http://a/good/b.jpg"),
        ("http://a", "http://a.b/c.jpg"),
        ("http://a?x", "http://a.b/c.jpg"),
        ("http://a*", "http://a.b/c.jpg"),
        ("s3://a*", "s3://ab/c.jpg"),
        ("http://[::1]/", "http://[::2]/a.jpg"),
        ("hf://a/b", "hf://a/b/c.jpg"),
        ("file:///a", "file:///a/b.jpg"),
        ("zip://*.jpg::s3://bucket/a.zip", "zip://*.jpg::s3://bucket/a.zip"),
        ("101 inputs, sha256 0", "/etc/passwd"),
    ],
)
def test_what_lies_elsewhere_may_not(given, file):
    assert not places_of([given]).hold(file)


def test_a_server_may_lead_to_what_was_named_and_to_a_host_that_was_allowed():
    hosts = frozenset(["https://cdn.example.org"])
    setup = Setup(Path(), "auto", str, places=places_of(["https://a.example.org/in"]), hosts=hosts)
    assert setup.may_follow("https://a.example.org/in/b.jpg")
    assert setup.may_follow("https://CDN.example.org/any/c.jpg")
    assert not setup.may_follow("https://a.example.org/out/b.jpg")
    assert not setup.may_follow("https://other.example.org/in/b.jpg")
