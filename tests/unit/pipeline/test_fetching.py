"""Pictures of a run are fetched as they are looked at, from others once a person agreed."""

import re
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.errors import ImageError
from nameplate.domain.images import contents_of
from nameplate.pipeline import fetching, spool
from nameplate.pipeline.fetching import Fetching
from nameplate.project.samples import Origin, Sample, vectors_of
from nameplate.storage.agreed_hosts import agree, allow, forget
from nameplate.storage.folders import fetched_folder, fetched_path, make_private_folder
from nameplate.system.file_status import content_key

RUN = "ab" * 32
URL = "https://example.org/pictures"


@pytest.fixture
def asked(monkeypatch, files):
    """The URLs that are fetched."""
    urls = []

    def fetch(url, part, target, cancel, may_follow):
        urls.append(url)
        target.write((files[0].parent / url.removeprefix(f"{URL}/")).read_bytes())

    monkeypatch.setattr(spool, "fetch", fetch)
    return urls


def sample_of(files, names=None):
    vectors = np.ones((len(files), 2), np.float16)
    return Sample(
        folder="/run",
        run=RUN,
        images=len(files),
        listed=len(files),
        seed=0,
        model="m",
        fingerprint="f",
        reading="2",
        rules="",
        embeddings=vectors,
        vectors=vectors_of(vectors),
        contents=contents_of([content_key(file) for file in files]),
        problems={},
        origins={
            place: Origin(file.name, f"{URL}/{file.name}") for place, file in enumerate(files)
        },
    )


def test_nobody_is_asked_before_a_person_agrees_and_then_once_a_picture(files, asked):
    brings = Fetching()
    brings.begin(sample_of(files))
    path = fetched_path(RUN, files[1].name)
    assert list(brings.hosts) == ["https://example.org"]
    with pytest.raises(ImageError, match="not-fetched-yet"):
        brings.bring(path)
    assert not asked
    allow(brings.hosts)
    assert not brings.hosts
    for _ in range(2):
        brings.bring(path)
    assert asked == [f"{URL}/{files[1].name}"]
    assert path.read_bytes() == files[1].read_bytes()
    brings.bring(files[0])  # a file anyway
    forget()
    assert list(brings.hosts) == ["https://example.org"]
    with pytest.raises(ImageError, match="not-fetched-yet"):
        brings.bring(fetched_path(RUN, files[2].name))
    agree([URL])  # which is kept
    assert not brings.hosts
    brings.bring(fetched_path(RUN, files[2].name))


def from_places(files, *places):
    """Return a sample whose pictures lie at these places."""
    origins = {number: Origin(f"{number}.jpg", place) for number, place in enumerate(places)}
    return replace(sample_of([files[0]] * len(places)), origins=origins)


def test_every_host_is_shown_by_its_own_name_and_each_is_asked_only_once_it_was_allowed(
    files, asked
):
    brings = Fetching()
    brings.begin(
        from_places(
            files,
            "https://Good.example.org:443/a.jpg",
            "https://good.example.org./b.jpg",
            "http://good.example.org/c.jpg",
            "https://good.example.org:8443/d.jpg",
            "http://0x7f.1:80/e.jpg",
            "http://[0:0::1]/f.jpg",
            "s3a://bucket/a::https://other/g.jpg",
            r"\\server\share\h.jpg",
        )
    )
    assert list(brings.hosts) == [
        r"\\server",
        "http://127.0.0.1",
        "http://[::1]",
        "http://good.example.org",
        "https://good.example.org",
        "https://good.example.org:8443",
        "s3://bucket",
    ]
    allow(["https://good.example.org"])
    assert len(brings.hosts) == 6
    for number in range(2, 6):
        with pytest.raises(ImageError, match="not-fetched-yet"):
            brings.bring(fetched_path(RUN, f"{number}.jpg"))
    assert not asked


@pytest.mark.parametrize(
    "url",
    [
        "https://good.example.org@evil.example.org/a.jpg",
        "https://good.example.org\\@evil.example.org/a.jpg",
        "simplecache::https://evil.example.org/a.jpg",
        "zip://a.jpg::https://good.example.org/a.zip",
        "https://good.example.org/a.zip::http://evil.example.org/",
        "hf://datasets/good/a.jpg",
        "file:///etc/passwd",
        "github://evil:repo@main/a.jpg",
    ],
)
def test_a_url_that_is_refused_asks_nobody_whatever_was_allowed(files, asked, url):
    brings = Fetching()
    brings.begin(from_places(files, "https://good.example.org/b.jpg", url))
    allow([*brings.hosts, "https://evil.example.org", ""])
    with pytest.raises(ImageError, match="url-"):
        brings.bring(fetched_path(RUN, "1.jpg"))
    assert not asked


def test_a_picture_that_is_another_one_now_is_not_shown(files, asked):
    brings = Fetching()
    brings.begin(sample_of(files))
    allow(brings.hosts)
    files[0].write_bytes(b"another one")
    path = fetched_path(RUN, files[0].name)
    with pytest.raises(ImageError, match="fetched-is-other"):
        brings.bring(path)
    assert not path.exists()
    assert not list(fetched_folder().glob(".new-*"))


def test_of_too_many_the_oldest_are_deleted(files, asked, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_KEPT", 25)
    monkeypatch.setattr(fetching, "_BETWEEN_TRIMS", 1)
    brings = Fetching()
    brings.begin(sample_of(files))
    allow(brings.hosts)
    for file in files:
        brings.bring(fetched_path(RUN, file.name))
    assert sum(file.stat().st_size for file in fetched_folder().rglob("*.jpg")) <= 25


def test_a_picture_comes_while_another_thread_fetches_one_and_clears_up(files, asked, monkeypatch):
    monkeypatch.setattr(fetching, "_BETWEEN_TRIMS", 1)
    brings, is_done = Fetching(), threading.Event()
    brings.begin(sample_of(files))
    allow(brings.hosts)
    path = fetched_path(RUN, files[0].name)
    make_private_folder(fetched_folder())

    def come_and_go() -> None:
        while not is_done.is_set():
            folder = Path(tempfile.mkdtemp(prefix=".new-", dir=fetched_folder()))
            (folder / "0").write_bytes(b"")
            shutil.rmtree(folder, ignore_errors=True)  # a file that is asked for stays on Windows

    others = [threading.Thread(target=come_and_go) for _ in range(3)]
    for other in others:
        other.start()
    try:
        for _ in range(100):
            brings.bring(path)
            path.unlink()
    finally:
        is_done.set()
        for other in others:
            other.join()


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "/etc/passwd", "a/../b", "", "con:x", "a\\b", ".hidden", "x" * 200),
        *("NUL", "a/con.jpg", "lpt1 .jpg", "com¹"),  # devices of Windows, in each folder
    ],
)
def test_no_name_leads_out_of_the_folder_of_fetched_pictures(name):
    path = fetched_path(RUN, name)
    assert path.relative_to(fetched_folder() / RUN[:16]).parts[0] == "other"
    assert ".." not in path.parts
    assert not re.match(r"(nul|con|lpt1|com¹)\b", path.name, re.IGNORECASE)
    assert fetched_path(RUN, "a/b c.jpg") == fetched_folder() / RUN[:16] / "a" / "b c.jpg"
    assert fetched_path(RUN, "contact.jpg").name == "contact.jpg"


def test_what_became_of_a_picture_is_told_and_of_a_file_of_its_own_once(files, asked):
    brings, told = Fetching(), []
    brings.tell = told.append
    sample = sample_of(files)
    brings.begin(replace(sample, origins={}), files)
    brings.bring(files[0])
    assert not told
    files[1].write_bytes(b"another one")
    for _ in range(2):
        brings.bring(files[1])
    assert [(one.path, one.problem.code) for one in told] == [(files[1], "changed-since-run")]
    assert told[0].content == content_key(files[1])

    told.clear()
    brings.begin(sample)
    path = fetched_path(RUN, files[0].name)
    with pytest.raises(ImageError):
        brings.bring(path)
    allow(brings.hosts)
    brings.bring(path)
    brings.bring(path)
    assert [one.problem and one.problem.code for one in told] == ["not-fetched-yet", None]
