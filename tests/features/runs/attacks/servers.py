"""Servers that lie of lengths, send a byte at a time or for ever, lead elsewhere; hostile URLs.

Only who was named may be asked; memory is bounded; each ends within seconds, in our own words.
"""

import gzip
import io
import itertools
import os
import socket
import tarfile
import time
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import quote, urlsplit

from hub_server import Fault, HubServer
from loopback import File, LyingServer, endless
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.inputs import list_images, listed_inputs, root_of_inputs
from nameplate.features.runs.places import places_of
from nameplate.formats.shards.image_list import file_below
from nameplate.imaging.tar_index import TarMember, tar_members
from nameplate.pipeline.fetching import _host
from nameplate.storage import remote
from nameplate.storage.remote import fetch, list_files, opened_for_headers
from nameplate.storage.remote_limits import Limits
from nameplate.system.elsewhere import address_of

SMALL = Limits(
    bytes=200_000,
    page=30_000,
    names=40,
    folders=15,
    depth=4,
    silence=0.1,
    rate=20_000,
    grace=0.1,
    seconds=1.0,
    tries=2,
    pause=0.001,
)
PATIENT = replace(SMALL, silence=9.0, grace=9.0, seconds=9.0)
"""For servers that answer, as slowly as a busy machine may let them."""

MOST_SECONDS = 20.0
MOST_MEMORY = 8_000_000


@contextmanager
def bounded() -> Generator[None]:
    """Check that what is done takes seconds and little memory, and fails in our words alone."""
    begun = time.monotonic()
    tracemalloc.start()
    try:
        yield
    except NameplateError:
        pass
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < MOST_MEMORY, f"{most:,} bytes were held"
    assert time.monotonic() - begun < MOST_SECONDS


@contextmanager
def as_by_default(limits: Limits) -> Generator[None]:
    before, remote.LIMITS = remote.LIMITS, limits
    try:
        yield
    finally:
        remote.LIMITS = before


def hostile_file(chance: Random) -> File:
    """Return an answer that no honest server gives."""
    content: object = bytes(chance.randrange(5000))
    if chance.random() < 0.4:
        content = endless(bytes(chance.choice([1, 100, 1 << 16])))
    headers = {}
    if chance.random() < 0.3:
        packing = chance.choice(["gzip", "deflate", "br", "x-gzip", "gzip, gzip", "identity"])
        content, headers["Content-Encoding"] = gzip.compress(bytes(200_000)), packing
    if chance.random() < 0.2:
        headers["Content-Range"] = chance.choice(["bytes 5-9/10", "bytes */3", "x", "bytes 0-0/0"])
    if chance.random() < 0.2:
        headers["X-Long"] = "x" * chance.choice([10, 10_000, 300_000])
    return File(
        content,
        length=chance.choice([True, None, None, 0, 3, 1 << 20, 1 << 62]),
        status=chance.choice([200, 200, 200, 206, 204, 304, 404, 500, 503, 999]),
        headers=headers,
        pause=chance.choice([0, 0, 0, 0.02]),
        is_trickled=chance.random() < 0.15,
        has_ranges=chance.random() < 0.5,
        hangs_up=chance.random() < 0.05,
        failures=[chance.choice([0, 429, 500, 503]) for _ in range(chance.randrange(3))],
    )


def lies_about_a_picture(chance: Random, folder: Path) -> None:
    with LyingServer() as server:
        server.default = hostile_file(chance)
        part = (chance.randrange(100), chance.randrange(3000)) if chance.random() < 0.4 else None
        file = folder / "picture"
        with file.open("w+b") as target, bounded():
            fetch(f"{server.address}/a.jpg", part, target, CancelToken(), limits=SMALL)
            size = target.seek(0, os.SEEK_END)
            assert part is None or size == part[1], "another part than was asked for"
        assert file.stat().st_size <= SMALL.bytes


def lies_about_a_tar_file(chance: Random, folder: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number in range(chance.randrange(8)):
            info = tarfile.TarInfo(f"{number}.jpg")
            info.size = chance.randrange(90_000)
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    with LyingServer() as server:
        told = hostile_file(chance)
        is_true = chance.random() < 0.5
        if is_true:
            told = File(
                stream.getvalue(),
                length=chance.choice([True, None]),
                has_ranges=told.has_ranges,
                failures=told.failures[:1],
            )
        server.default = told
        names = []
        with bounded():
            url = f"{server.address}/a.tar"
            limits = PATIENT if is_true else SMALL
            with opened_for_headers(url, CancelToken(), limits) as opened:
                for one in itertools.islice(tar_members(opened), 1000):
                    names += [one.name] if isinstance(one, TarMember) else []
        if is_true:
            with tarfile.open(fileobj=io.BytesIO(stream.getvalue())) as archive:
                assert names == archive.getnames()


def lists_that_never_end(chance: Random, folder: Path) -> None:
    """Pages that have themselves in them, folders without end, and links to everywhere."""
    with LyingServer() as other, LyingServer() as server:
        other.default = File(b"secret")
        page = [
            f"{chance.randrange(1000)}{chance.choice(['.jpg', '/', '.tar', '.txt', '/a.jpg'])}"
            for _ in range(chance.choice([0, 3, 60, 400]))
        ]
        page += chance.sample(
            [
                "./",
                "../",
                "",
                "#",
                "?C=N",
                ".",
                "//",
                "/",
                "a/./",
                "a/../",
                "%2e%2e/x.jpg",
                "..\\x/",
            ]
            + [f"{other.address}/x.jpg", f"//{other.address[7:]}/in/x.jpg", "file:///etc/passwd"]
            + [f"{server.address}@{other.address[7:]}/in/", f"http://[{'x' * 30}", "s3://b/x.jpg"],
            k=8,
        )
        server.page("/", page)
        server.default = server.files["/"]
        if chance.random() < 0.3:
            server.default.content = endless(b"<a href='x.jpg'><a href='x/'>" * 20)
            server.default.length = None
        if chance.random() < 0.2:
            to = chance.choice(["/in/", "/", f"{other.address}/in/", "/out/", "/in/in/in/"])
            server.default = File(status=302, headers={"Location": to})
        url = f"{server.address}{chance.choice(['/in/', '/in', '/', '/in/**/*.jpg', '/in/*'])}"
        places = places_of([url])
        with bounded():
            for found in list_files(url, CancelToken(), SMALL):
                assert not isinstance(found, str) or places.hold(found), found
        assert not other.asked
        assert len(server.asked) <= SMALL.folders + 800, len(server.asked)
        assert not [one for one in server.asked if ".." in one], server.asked


def redirects(chance: Random, folder: Path) -> None:
    with LyingServer() as named, LyingServer() as other, LyingServer() as server:
        named.default = other.default = File(b"picture")
        port = urlsplit(other.address).port
        elsewhere = [
            f"{other.address}/a.jpg",
            f"//127.0.0.1:{port}/a.jpg",
            f"http://localhost:{port}/a.jpg",
            f"http://2130706433:{port}/a.jpg",
            f"http://0x7f.1:{port}/a.jpg",
            f"http://{server.address[7:]}@127.0.0.1:{port}/a.jpg",
            f"http://{server.address[7:]}\\@127.0.0.1:{port}/a.jpg",
            f"http:/\\127.0.0.1:{port}/a.jpg",
            f"\\\\127.0.0.1:{port}\\a.jpg",
            f"{other.address}/../{named.address[7:]}/good/a.jpg",
            "file:///etc/passwd",
            "ftp://127.0.0.1/a",
            f"gopher://127.0.0.1:{port}/",
            f"s3://127.0.0.1:{port}/a.jpg",
        ]
        there = [f"{named.address}/good/a.jpg", f"{named.address}/x/../good/a.jpg"]
        hops = chance.randrange(1, 4)
        for hop in range(hops):
            last = chance.choice(elsewhere + there)
            to = last if hop == hops - 1 else f"/{hop + 1}.jpg"
            server.files[f"/{hop}.jpg"] = File(status=302, headers={"Location": to})
        places = places_of([f"{server.address}/", f"{named.address}/good/"])
        target = io.BytesIO()
        with bounded():
            fetch(f"{server.address}/0.jpg", None, target, CancelToken(), places.hold, PATIENT)
            assert last in there
        assert not other.asked
        assert bool(named.asked) == (last in there)


def urls_that_lead_elsewhere(chance: Random, folder: Path) -> None:
    """Whatever a list says, nobody but the named host is what a client would connect to."""
    bits = ["/", "..", "\\", "@", "%2e%2e", "%2f", "%5c", ":", "::", "?", "#", "*", "[", "]", "."]
    bits += ["a", "b", "good", "evil.example", "named.example", ":80", "http://", "s3://", "zip://"]
    bits += ["%40", "\t", "\n", "\0", " ", "é", "。", "%00", "127.0.0.1", "user:secret@", "x.jpg"]
    kind = chance.choice(["http", "https", "s3", "HTTP", "s3a", "hf", "file", "github", "zip"])
    host = chance.choice(["", "named.example", "evil.example", "named.example.evil.example"])
    url = f"{kind}://{host}{''.join(chance.choices(bits, k=chance.randrange(8)))}"
    named = chance.choice(
        ["http://named.example/good/", "https://named.example/", "s3://named.example/good"]
    )
    is_held, asked = places_of([named]).hold(url), []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    real, socket.create_connection = socket.create_connection, connect
    try:
        with bounded():
            if not url.lower().startswith("s3"):
                fetch(url, None, io.BytesIO(), CancelToken(), limits=SMALL)
    finally:
        socket.create_connection = real
    shown = _host(url)
    for one in asked:
        assert urlsplit(shown).hostname == one, f"{url!r} asks {one}, and {shown} is shown"
    if is_held:
        assert address_of(url).host == "named.example"
        assert set(asked) <= {"named.example"}, f"{url!r} asks {asked}"
    assert "secret" not in shown


def lists_of_hostile_lines(chance: Random, folder: Path) -> None:
    lines = [
        chance.choice(
            [
                f"http://127.0.0.1:1/{quote(chr(chance.randrange(32, 900)))}.jpg",
                f"hf://datasets/{chance.random()}.jpg",
                "https://user:secret@127.0.0.1/a.jpg",
                "zip://*::https://127.0.0.1/a.zip",
                "file:///etc/passwd",
                "http:///x.jpg",
                f"http://127.0.0.1:1/{'x' * chance.choice([10, 9000])}.jpg",
                "s3://b/a::b?c#d.jpg",
                f"{folder}/list.txt",
                "http://[::1/a.jpg",
            ]
        )
        for _ in range(chance.randrange(1, 60))
    ]
    file = folder / "list.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    with bounded(), as_by_default(SMALL):
        listed = listed_inputs([], [file])
        root = root_of_inputs(listed)
        places = places_of(listed)
        for found in list_images(listed, root, CancelToken()):
            assert "secret" not in str(found)
            if image := getattr(found, "file", ""):
                assert places.hold(file_below(root, image)), image


def hubs_that_keep_nobody(chance: Random, folder: Path) -> None:
    # Of a feature, which may have been taken away.
    from features.models.driver import some_model
    from nameplate.features.models.downloading.downloads import Patience, download
    from nameplate.model_hub.catalogue import CatalogueFile

    source = folder / "source"
    source.mkdir()
    size = chance.choice([10, 3000, 400_000])
    (source / "image.onnx").write_bytes(chance.randbytes(size))
    with HubServer() as hub:
        hub.add("someone/some", source)
        fault = Fault(
            "image.onnx",
            status=chance.choice([0, 0, 0, 0, 302, 429, 503]),
            headers={"Location": chance.choice(["/", "file:///etc/passwd", "http://127.0.0.1:1/"])},
            after=chance.choice([None, 0, 1, 1, size // 2]),
            stalls=chance.random() < 0.2,
            content=chance.choice([None, None, bytes(size), bytes(2 * size)]),
            rate=chance.choice([0, 0, 4096.0]),
            ignores_range=chance.random() < 0.5,
            times=1000,
        )
        hub.faults.append(fault)
        before, os.environ["HF_ENDPOINT"] = os.environ.get("HF_ENDPOINT"), hub.address
        patience = Patience(
            silence=0.1, tries=2, first_wait=0.001, longest_wait=0.01, window=0.3, rate=100_000
        )
        file = CatalogueFile("image.onnx", "image.onnx", size, is_exact=True, sha256="")
        model = some_model(files=(file,))
        is_done = False
        try:
            with bounded():
                for _ in download(model, folder / "new", CancelToken(), patience):
                    pass
                is_done = True
        finally:
            os.environ.pop("HF_ENDPOINT")
            os.environ.update({"HF_ENDPOINT": before} if before else {})
        content = folder / "new" / "image.onnx"
        if is_done:
            assert content.read_bytes() == (source / "image.onnx").read_bytes()
        assert sum(hub.sent.values()) <= 60 * (size + (1 << 16))


ATTACKS: dict[str, Callable[[Random, Path], None]] = {
    "a picture whose server lies": lies_about_a_picture,
    "a tar file whose server lies": lies_about_a_tar_file,
    "lists without end": lists_that_never_end,
    "redirects": redirects,
    "hostile URLs": urls_that_lead_elsewhere,
    "lists of hostile lines": lists_of_hostile_lines,
    "hubs that keep nobody": hubs_that_keep_nobody,
}
