"""Web servers on loopback, with a thread for each connection, which ends with all of them.

with LyingServer() as server:  # says and does what it is told to, also what no honest one does
    server.files["/a.jpg"] = File(b"...", length=None)
    server.page("/in/", ["a.jpg", "b/", "../"])
"""

import html
import itertools
import select
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer
from typing import Self


class LoopbackServer:
    """Serves by a handler, which finds this as `self.server.told`.

    Attributes:
        closing: Set at the end, so that no answer goes on.
    """

    def __init__(self, handler: type[BaseRequestHandler]) -> None:
        self.closing = threading.Event()
        self._server = _Server(self, handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Connection(socket.socket):
    """One that a client may keep for its next request: it is at its end when the server is.

    Shut down by another thread, Windows would leave the thread that waits for a request waiting.
    """

    def __init__(self, closing: threading.Event, accepted: socket.socket) -> None:
        self._closing = closing
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())

    def recv_into(self, *arguments: object) -> int:
        while not select.select([self], [], [], 0.02)[0]:
            if self._closing.is_set():
                return 0
        return super().recv_into(*arguments)


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, told: LoopbackServer, handler: type[BaseRequestHandler]) -> None:
        self.told = told
        super().__init__(("127.0.0.1", 0), handler)

    def get_request(self) -> tuple[socket.socket, object]:
        accepted, address = super().get_request()
        return _Connection(self.told.closing, accepted), address

    def handle_error(self, *_: object) -> None:
        pass  # the other side was killed, or left


@dataclass
class File:
    """What is answered for a path.

    Attributes:
        content: The body, or its pieces, which may never end.
        length: The Content-Length; True for the right one, None for none.
        status: Of the answer.
        headers: More of them.
        pause: Seconds between two pieces, or two bytes where `is_trickled`.
        is_trickled: Whether also the head is sent a byte at a time.
        has_ranges: Whether parts are given.
        hangs_up: Whether the connection is cut instead of an answer.
        failures: Answers that come before the right ones: a status each, or 0 for hanging up.
    """

    content: bytes | Iterable[bytes] = b""
    length: int | bool | None = True
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    is_trickled: bool = False
    has_ranges: bool = True
    hangs_up: bool = False
    failures: list[int] = field(default_factory=list)


def endless(piece: bytes = bytes(1 << 16)) -> Iterable[bytes]:
    """Return bytes that never end."""
    return itertools.repeat(piece)


def index_of(links: Iterable[str]) -> bytes:
    """Return a page with links."""
    shown = (f'<li><a href="{html.escape(link)}">{html.escape(link)}</a>' for link in links)
    return f"<!DOCTYPE html><html><ul>{''.join(shown)}</ul></html>".encode()


class LyingServer(LoopbackServer):
    """Serves files.

    Attributes:
        files: By their paths.
        default: What any other path is answered with; None for 404.
        asked: The paths, with queries, that were asked for, in order.
        heads: The request of each.
    """

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.default: File | None = None
        self.asked: list[str] = []
        self.heads: list[str] = []
        super().__init__(_LyingHandler)

    def page(self, path: str, links: Iterable[str]) -> None:
        self.files[path] = File(index_of(links), headers={"Content-Type": "text/html"})


class _LyingHandler(StreamRequestHandler):
    def handle(self) -> None:
        told = self.server.told
        while not told.closing.is_set():
            head = list(iter(lambda: self.rfile.readline().strip().decode("latin-1"), ""))
            if not head:
                return
            path = head[0].split(" ")[1]
            told.asked.append(path)
            told.heads.append("\n".join(head))
            file = told.files.get(path) or told.files.get(path.partition("?")[0]) or told.default
            if not self._answer(file or File(status=404), head):
                return

    def _answer(self, file: File, head: list[str]) -> bool:
        """Answer a request; return whether the connection stays open."""
        status, length, content = file.status, file.length, file.content
        fault = file.failures.pop(0) if file.failures else None
        if fault == 0 or file.hangs_up:
            return False
        headers = {"Content-Type": "image/jpeg", **file.headers}
        if fault:
            status, content, length = fault, b"", True
        wanted = [line.split(":")[1].strip() for line in head if line.lower().startswith("range:")]
        if wanted and file.has_ranges and isinstance(content, bytes) and status == 200:
            first, _, last = wanted[0].removeprefix("bytes=").partition("-")
            size = len(content)
            content = content[int(first) : int(last or size) + 1]
            status = 206 if content else 416
            if length is True or length is not None:
                length = len(content)
            end = int(first) + len(content) - 1
            headers.setdefault("Content-Range", f"bytes {first}-{end}/{size}")
        if length is True and isinstance(content, bytes):
            length = len(content)
        if length is not None and length is not True:
            headers["Content-Length"] = str(length)
        else:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {text}" for name, text in headers.items())]
        begin = "\r\n".join([*lines, "", ""]).encode("latin-1")
        pieces = [content] if isinstance(content, bytes) else content
        with suppress(OSError):
            self._send([begin], file, is_slow=file.is_trickled)
            self._send(pieces, file, is_slow=file.pause > 0)
            is_right = isinstance(content, bytes) and length == len(content)
            return is_right and not file.is_trickled
        return False

    def _send(self, pieces: Iterable[bytes], file: File, *, is_slow: bool) -> None:
        closing = self.server.told.closing
        for piece in pieces:
            if closing.is_set():
                return
            if not is_slow:
                self.wfile.write(piece)
                continue
            for byte in piece:
                self.wfile.write(bytes([byte]))
                if closing.wait(file.pause):
                    return
