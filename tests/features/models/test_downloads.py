"""Fetching the files of a model from a real server that cuts, stalls, lies and refuses."""

import shutil
import threading
from collections import namedtuple
from contextlib import suppress
from dataclasses import replace
from socketserver import StreamRequestHandler

import httpx2
import numpy as np
import pytest

from features.models.driver import some_model
from hub_server import Fault
from loopback import LoopbackServer
from nameplate.domain.errors import DownloadError, OutputError
from nameplate.domain.progress import CancelledError, CancelToken, Progress, Waiting
from nameplate.features.models.downloading import hub as hub_module
from nameplate.features.models.downloading.downloads import Patience, download
from nameplate.features.models.downloading.hub import is_near
from nameplate.model_hub.catalogue import CatalogueFile
from nameplate.wording.texts import remedy_of, what_of

SIZE = 900_000
QUICK = Patience(silence=20, attempts=3, first_wait=0.01)
HASTY = Patience(silence=0.3, attempts=2, first_wait=0.01)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx/image.onnx").write_bytes(np.random.default_rng(1).bytes(SIZE))
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def hub(hub, source):
    hub.add("someone/some", source)
    return hub


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "staging" / "some"


def model(*, sha256="", size=SIZE, is_exact=True):
    big = CatalogueFile("onnx/image.onnx", "onnx/image.onnx", size, is_exact, sha256)
    small = CatalogueFile("config.json", "config.json", 2, True, "")
    return some_model(files=(small, big))


def fetch(folder, *, known=None, patience=QUICK, cancel=None, at=None):
    """Download and return the events and the commit; `at` is called with each event."""
    events = []
    work = download(known or model(), folder, cancel or CancelToken(), patience)
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            return events, end.value.commit
        events.append(event)
        if at is not None:
            at(event)


def is_there(folder, source):
    return all(
        (folder / name).read_bytes() == (source / name).read_bytes()
        for name in ("config.json", "onnx/image.onnx")
    )


def stopped_after(folder, least):
    """Begin a download, cancel it when `least` bytes have come, and return how many have."""
    cancel = CancelToken()

    def stop(event):
        if isinstance(event, Progress) and event.done >= least:
            cancel.cancel()

    with pytest.raises(CancelledError):
        fetch(folder, cancel=cancel, at=stop)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_all_files_arrive_and_progress_is_in_bytes(hub, source, folder):
    events, commit = fetch(folder)
    assert is_there(folder, source)
    assert commit == hub.add("someone/some", source)
    assert (events[0].done, events[0].total) == (0, SIZE + 2)
    assert (events[-1].done, events[-1].total) == (SIZE + 2, SIZE + 2)
    done = [event.done for event in events]
    assert done == sorted(done)


def test_a_server_that_gives_no_checksum_is_refused_before_a_byte(hub, source, folder, monkeypatch):
    monkeypatch.setattr("hub_server.etag_of", lambda path, content: "made-up")
    with pytest.raises(DownloadError, match="no-checksum"):
        fetch(folder)
    assert not hub.starts


def test_what_is_there_is_not_fetched_again(hub, source, folder):
    fetch(folder)
    hub.sent.clear()
    events, _ = fetch(folder)
    assert hub.sent == {}
    assert (events[-1].before, events[-1].done) == (SIZE + 2, SIZE + 2)


@pytest.mark.parametrize(
    ("faults", "patience", "each_byte_once"),
    [
        ([Fault("image.onnx", after=300_000)], QUICK, True),
        ([Fault("image.onnx", after=300_000, stalls=True)], HASTY, True),
        ([Fault("image.onnx", after=130_000, times=7)], replace(QUICK, least=100_000), True),
        # It sends all, wherever it is to go on.
        (
            [Fault("image.onnx", after=880_000), Fault("image.onnx", ignores_range=True)],
            QUICK,
            False,
        ),
    ],
    ids=["cut", "silent for a while", "cut again and again", "ignores ranges"],
)
def test_a_download_that_was_cut_goes_on_to_the_whole_file(
    hub, source, folder, faults, patience, each_byte_once
):
    hub.faults += [replace(fault) for fault in faults]
    events, _ = fetch(folder, patience=patience)
    assert is_there(folder, source)
    assert (hub.sent["onnx/image.onnx"] == SIZE) is each_byte_once
    assert any(isinstance(event, Waiting) for event in events)


def test_a_download_that_was_cancelled_goes_on_the_next_time(hub, source, folder):
    hub.faults.append(Fault("image.onnx", rate=2_000_000))
    here = stopped_after(folder, 200_000)
    assert 200_000 <= here < SIZE
    events, _ = fetch(folder)
    assert is_there(folder, source)
    assert hub.starts == {"config.json": [0], "onnx/image.onnx": [0, here - 2]}
    assert events[0].before == here


def test_bytes_of_another_version_are_not_mixed_with_the_new_ones(hub, source, folder):
    hub.faults.append(Fault("image.onnx", rate=2_000_000))
    stopped_after(folder, 200_000)
    (source / "onnx/image.onnx").write_bytes(np.random.default_rng(2).bytes(SIZE))
    hub.add("someone/some", source)
    events, _ = fetch(folder)
    assert is_there(folder, source)
    assert events[0].before == 2


def test_bytes_that_a_crash_damaged_are_found_out_and_fetched_again(hub, source, folder):
    hub.faults.append(Fault("image.onnx", rate=2_000_000))
    stopped_after(folder, 200_000)
    with (folder / "onnx/image.onnx").open("r+b") as stream:
        stream.write(bytes(4096))
    fetch(folder)
    assert is_there(folder, source)


def test_files_of_somebody_else_in_the_folder_are_cleared_away(hub, source, folder):
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text("old")
    (folder / "config.json").write_text("[]")
    fetch(folder)
    assert is_there(folder, source)
    assert not (folder / "model.toml").exists()


@pytest.mark.parametrize("path", ["image.onnx", "config.json"])
def test_wrong_bytes_are_refused_and_not_kept(hub, source, folder, path):
    size = SIZE if path == "image.onnx" else 2
    hub.faults.append(Fault(path, content=bytes(size)))
    with pytest.raises(DownloadError, match="wrong-checksum"):
        fetch(folder)
    assert not list(folder.rglob(path))


def test_more_bytes_than_announced_are_refused(hub, folder):
    hub.faults.append(Fault("image.onnx", content=bytes(SIZE + 1), times=9))
    with pytest.raises(DownloadError, match="wrong-checksum"):
        fetch(folder)
    assert (folder / "onnx/image.onnx").stat().st_size == 0


@pytest.mark.parametrize(
    "known", [model(sha256="0" * 64), model(size=SIZE + 1), model(size=90_000, is_exact=True)]
)
def test_another_file_than_the_catalogues_is_refused_before_a_byte_is_fetched(hub, folder, known):
    with pytest.raises(DownloadError, match="not-the-catalogues"):
        fetch(folder, known=known)
    assert hub.sent == {}
    assert not folder.exists()


def test_a_size_that_is_given_as_approximate_may_differ(hub, source, folder):
    fetch(folder, known=model(size=850_000, is_exact=False))
    assert is_there(folder, source)


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "hub-has-none"), (401, "hub-asks-who"), (403, "hub-asks-who"), (418, "hub-refuses")],
)
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_what_the_server_refuses_is_said_at_once(hub, folder, status, said, method):
    hub.faults.append(Fault("image.onnx", status=status, method=method, times=9))
    with pytest.raises(DownloadError, match=said) as caught:
        fetch(folder)
    assert "127.0.0.1" in caught.value.where
    assert remedy_of(caught.value.reason)
    assert hub.asked.count(f"{method} onnx/image.onnx") == 1


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_passing_trouble_is_waited_for(hub, source, folder, status, method):
    hub.faults.append(Fault("image.onnx", status=status, method=method))
    events, _ = fetch(folder)
    assert is_there(folder, source)
    assert any(
        isinstance(event, Waiting) and str(status) in what_of(event.reason) for event in events
    )


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {"RateLimit": '"api";r=0;t=1'}])
def test_a_short_pause_that_the_server_asks_for_is_kept_and_shown(hub, source, folder, headers):
    hub.faults.append(Fault("image.onnx", status=429, headers=headers))
    waits = [event for event in fetch(folder)[0] if isinstance(event, Waiting)]
    assert 0.5 < waits[0].seconds <= 1
    assert is_there(folder, source)


def test_a_long_pause_is_left_to_the_person(hub, folder):
    hub.faults.append(Fault("image.onnx", status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(DownloadError, match=r"hub-refuses .*status=429") as caught:
        fetch(folder)
    assert caught.value.retry_after == 3600


SILENT = [
    Fault("image.onnx", after=300_000, stalls=True),
    Fault("image.onnx", after=0, stalls=True, times=9),
]


@pytest.mark.parametrize(
    ("faults", "patience", "reason", "kept"),
    [
        ([Fault("image.onnx", status=503, times=99)], QUICK, "hub-refuses", 0),
        (SILENT, HASTY, "hub-not-reached", 300_000),
        ([Fault("image.onnx", after=1, times=1000)], QUICK, "hub-not-reached", 3),
        (
            [Fault("image.onnx", after=500_000, ignores_range=True, times=1000)],
            QUICK,
            "hub-not-reached",
            500_000,
        ),
    ],
    ids=["in trouble", "silent", "a byte at a time", "the same beginning"],
)
def test_a_server_that_does_not_mend_is_given_up(hub, folder, faults, patience, reason, kept):
    hub.faults += [replace(fault) for fault in faults]
    with pytest.raises(DownloadError, match=reason):
        fetch(folder, patience=patience)
    assert (folder / "onnx/image.onnx").stat().st_size == kept
    assert hub.asked.count("GET onnx/image.onnx") == patience.attempts


def test_a_server_that_sends_too_little_at_a_time_is_given_up(hub, folder):
    hub.faults.append(Fault("image.onnx", rate=40_000, times=9))
    with pytest.raises(DownloadError, match="hub-too-slow"):
        fetch(folder, patience=replace(HASTY, silence=9, window=0.2, rate=1e6))


class LetterByLetter(StreamRequestHandler):
    """Answers a letter at a time, the head too."""

    def handle(self):
        with suppress(OSError):
            for letter in b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500:
                self.wfile.write(bytes([letter]))
                if self.server.told.closing.wait(0.02):
                    return


def test_a_server_that_sends_its_answer_a_letter_at_a_time_is_given_up(folder, monkeypatch):
    with LoopbackServer(LetterByLetter) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        with pytest.raises(DownloadError, match="hub-too-slow"):
            fetch(folder, patience=replace(HASTY, silence=9, window=0.2))


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("localhost", True),
        ("localhost.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("0x7f.1", True),
        ("10.1.2.3", True),
        ("169.254.169.254", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("huggingface.co", False),
        ("hüb.example", False),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
    ],
)
def test_what_is_near_is_told_by_its_name(host, near):
    assert is_near(host) == near


def test_a_hub_elsewhere_cannot_lead_to_this_computer(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    with pytest.raises(DownloadError, match="hub-leads-inside"):
        hub_module._guard(httpx2.Request("GET", "http://127.0.0.1:8080/a"))


def test_a_download_can_be_cancelled_while_the_server_is_silent(hub, folder):
    hub.faults.append(Fault("image.onnx", after=300_000, stalls=True))
    cancel = CancelToken()

    def stop(event):
        if isinstance(event, Progress) and event.done == 300_002:
            threading.Timer(0.2, cancel.cancel).start()

    with pytest.raises(CancelledError):  # with the other patience it would be a DownloadError
        fetch(folder, cancel=cancel, at=stop)
    assert (folder / "onnx/image.onnx").stat().st_size == 300_000


def test_a_pause_can_be_cancelled(hub, folder):
    hub.faults.append(Fault("image.onnx", status=429, headers={"Retry-After": "50"}))
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        fetch(folder, cancel=cancel, at=lambda e: isinstance(e, Waiting) and cancel.cancel())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9", "hub-not-reached"),
        *(
            (none, "hub-not-understood")
            for none in ("not an address", "ftp://127.0.0.1:9", "http://")
        ),
    ],
)
def test_a_server_that_is_not_there_is_said_in_plain_words(folder, monkeypatch, address, said):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(DownloadError, match=said):
        fetch(folder, patience=HASTY)
    assert not folder.exists()


def test_who_wants_to_stay_offline_is_told_so_and_nobody_is_asked(hub, folder, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="hub-offline"):
        fetch(folder)
    assert hub.asked == []


def test_a_disk_that_is_too_small_is_said_before_a_byte_is_fetched(hub, folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 500_000))
    with pytest.raises(OutputError, match="too-little-space") as caught:
        fetch(folder)
    assert "Free" in remedy_of(caught.value.reason)
    assert hub.sent == {}


def test_a_folder_that_takes_no_files_is_said_in_plain_words(hub, folder):
    folder.parent.mkdir()
    folder.write_text("a file stands in the way")
    with pytest.raises(OutputError, match="cannot-write"):
        fetch(folder)


def test_a_download_can_be_cancelled_however_fast_the_bytes_come(hub, folder):
    assert stopped_after(folder, 1000) < SIZE
