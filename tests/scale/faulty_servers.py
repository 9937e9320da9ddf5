"""Servers on loopback that fail on demand: plain HTTP, and moto's S3."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HALF = 1
"""Not a status: the answer ends after half of the body that it announced."""


@dataclass
class Faults:
    """What goes wrong, by the end of the path that is asked for.

    Attributes:
        answers: Statuses (or HALF) of the next answers; those after them are right.
        asked: How often each path was asked for.
        given: How often each of them was the answer.
        again: How many requests were for a path whose last answer was one of them.
    """

    answers: dict[str, list[int]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)
    again: int = 0
    failed: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_for(self, path: str) -> int | None:
        with self.lock:
            self.asked[path] += 1
            self.again += path in self.failed
            self.failed.discard(path)
            for end, statuses in self.answers.items():
                if path.endswith(end) and statuses:
                    self.failed.add(path)
                    self.given[statuses[0]] += 1
                    return statuses.pop(0)
        return None


@contextmanager
def http_server(folder: Path, *, has_ranges: bool = True) -> Iterator[tuple[str, Faults]]:
    """Serve a folder, with an index of each folder, as many web servers do."""
    faults = Faults()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

        def do_GET(self) -> None:
            fault = faults.next_for(self.path)
            if fault == HALF:
                content = (folder / self.path.lstrip("/")).read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            elif fault:
                self.send_error(fault)
            elif has_ranges and (wanted := self.headers.get("Range")):
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                content = (folder / self.path.lstrip("/")).read_bytes()
                piece = content[int(first) : int(last or len(content)) + 1]
                self.send_response(206)
                self.send_header("Content-Length", str(len(piece)))
                end = int(first) + len(piece) - 1
                self.send_header("Content-Range", f"bytes {first}-{end}/{len(content)}")
                self.end_headers()
                self.wfile.write(piece)
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def s3_server() -> Iterator[tuple[str, Faults]]:
    """Serve S3's protocol, with buckets in memory."""
    import logging

    from moto.s3.models import s3_backends
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults, moto = Faults(), DomainDispatcherApplication(create_backend_app)
    s3_backends["123456789012"]["aws"].reset()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        fault = faults.next_for(path) if environ["REQUEST_METHOD"] == "GET" else None
        if fault and fault != HALF:
            start_response(f"{fault} Fault", [("Content-Length", "0")])
            return [b""]
        body = b"".join(moto(environ, start_response))
        return [body[: len(body) // 2]] if fault else [body]

    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
