"""A server on loopback that answers as the Hugging Face hub does, and can misbehave on demand.

    with HubServer() as hub:
        hub.add("someone/tiny", folder)
        hub.faults.append(Fault("image.onnx", after=1000))   # cut once, after 1,000 bytes
        monkeypatch.setenv("HF_ENDPOINT", hub.address)

Large files (here: `.onnx`) are answered with a redirect to a storage address and carry their
SHA-256, small ones with a redirect on the hub itself and git's SHA-1, as huggingface.co does.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from loopback import LoopbackServer

STALLED = -1


@dataclass
class Fault:
    """What goes wrong with one answer (or with `times` of them).

    Attributes:
        path: End of the path in the repository that is asked for.
        status: The answer's status, in place of the file.
        headers: Of that answer.
        after: Bytes of the body after which the connection is cut; STALLED with `stalls`.
        stalls: Whether silence follows `after` bytes, and not a cut.
        content: Sent in place of the file's own content.
        rate: Bytes a second.
        ignores_range: Whether the whole file is sent whatever is asked for.
        method: GET, or HEAD for what is asked about the file.
        times: How many answers it spoils.
    """

    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    after: int | None = None
    stalls: bool = False
    content: bytes | None = None
    rate: float = 0
    ignores_range: bool = False
    method: str = "GET"
    times: int = 1


class HubServer(LoopbackServer):
    """Serves folders as repositories.

    Attributes:
        faults: Those to come; the first that fits an answer is used up.
        asked: `METHOD path` of each request for a file, in order, the storage's not among them.
        tokens: The Authorization header of each of them.
        headers: Those of every request, by their names in lower case.
        storage: The address of the server that large files lie on; this one, under another name.
        moved_to: The address of a server that everything is redirected to, where one is given.
        sent: Bytes of bodies that were sent, by path in the repository.
        starts: The byte that each request for a file's bytes began with, by path.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        self.moved_to = ""
        self.sent: dict[str, int] = {}
        self.starts: dict[str, list[int]] = {}
        self._repositories: dict[str, tuple[str, dict[str, bytes]]] = {}
        super().__init__(_Handler)
        self.storage = f"http://localhost:{self.port}"

    def add(self, repository: str, folder: Path) -> str:
        """Serve the files of `folder` and return the commit that they are."""
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        commit = hashlib.sha1(b"".join(files.values()), usedforsecurity=False).hexdigest()
        self._repositories[repository] = commit, files
        return commit

    def files(self, repository: str) -> dict[str, bytes]:
        return self._repositories[repository][1]

    def find(self, repository: str, revision: str, path: str) -> tuple[str, bytes] | None:
        """Return the commit and the content of a file; None where there is none."""
        commit, files = self._repositories.get(repository, ("", {}))
        if revision not in ("main", commit) or path not in files:
            return None
        return commit, files[path]

    def fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and path.endswith(fault.path) and fault.times > 0:
                fault.times -= 1
                return fault
        return None


def etag_of(path: str, content: bytes) -> str:
    """Return what the hub gives as ETag."""
    if path.endswith(".onnx"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    @property
    def hub(self) -> HubServer:
        return self.server.told

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        place, _, rest = unquote(self.path).strip("/").partition("/resolve/")
        revision, _, path = rest.partition("/")
        is_storage = place.startswith(("storage/", "api/resolve-cache/"))
        repository = place.removeprefix("storage/").removeprefix("api/resolve-cache/")
        self.hub.headers.append({name.lower(): value for name, value in self.headers.items()})
        if not is_storage:
            self.hub.asked.append(f"{method} {path}")
            self.hub.tokens.append(self.headers.get("Authorization"))
        found = self.hub.find(repository, revision, path)
        fault = None if is_storage and method == "HEAD" else self.hub.fault(method, path)
        if fault and fault.status:
            self._plain(fault.status, fault.headers)
        elif self.hub.moved_to:
            self._plain(307, {"Location": self.hub.moved_to + self.path})
        elif found is None:
            self._plain(404, {"X-Error-Code": "EntryNotFound"})
        elif not is_storage and not (fault and method == "GET"):
            self._redirect(repository, path, *found)
        else:
            self._body(method, path, *found, fault)

    def _plain(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, repository: str, path: str, commit: str, content: bytes) -> None:
        etag = etag_of(path, content)
        if path.endswith(".onnx"):
            location = f"{self.hub.storage}/storage/{repository}"
            self.send_response(302)
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Linked-ETag", f'"{etag}"')
        else:
            location = f"/api/resolve-cache/{repository}"
            self.send_response(307)
        self.send_header("Location", f"{location}/resolve/{commit}/{path}")
        self.send_header("X-Repo-Commit", commit)
        self.send_header("Set-Cookie", "session=secret; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(
        self, method: str, path: str, commit: str, content: bytes, fault: Fault | None
    ) -> None:
        etag = etag_of(path, content)
        if fault and fault.content is not None:
            content = fault.content
        start = 0
        asked = self.headers.get("Range")
        if asked and not (fault and fault.ignores_range):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if method == "GET":
            self.hub.starts.setdefault(path, []).append(start)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", commit)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if method == "GET":
            self._send(path, content[start:], fault)

    def _send(self, path: str, content: bytes, fault: Fault | None) -> None:
        end = len(content) if fault is None or fault.after is None else fault.after
        step = 4096 if fault and fault.rate else 1 << 16
        with suppress(OSError):  # the other side has gone
            for place in range(0, min(end, len(content)), step):
                part = content[place : min(place + step, end)]
                # Counted first: the other side may be done before this thread goes on.
                self.hub.sent[path] = self.hub.sent.get(path, 0) + len(part)
                self.wfile.write(part)
                if fault and fault.rate and self.hub.closing.wait(step / fault.rate):
                    break
            if fault and fault.stalls:
                self.wfile.flush()
                self.hub.closing.wait()
        if fault and (fault.after is not None or fault.stalls):
            self.close_connection = True


def catalogue_entry(hub: HubServer, repository: str, model_id: str, /, **changes: object) -> str:
    """Return the TOML of a catalogue entry for a repository of `hub`.

    Args:
        hub: Serves it.
        repository: `OWNER/NAME`.
        model_id: Of the entry.
        changes: Lines to change or to add, as TOML values; None takes one away.
    """
    lines: dict[str, object] = {
        "id": f'"{model_id}"',
        "title": '"Tiny colours"',
        "summary": '"Six colours."',
        "repository": f'"{repository}"',
        "revision": '"main"',
        "pinned": "false",
        "languages": '"English"',
        "licence": '"MIT: any use"',
        "licence_url": '"https://example.org/licence"',
        "accuracy": "12.5",
        "accuracy_source": '"nobody"',
        "embedding_size": "16",
        **changes,
    }
    text = "[[models]]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items() if v is not None)
    for path, content in hub.files(repository).items():
        if "_q4" in path:  # a variant that the model does without
            continue
        text += f'[[models.files]]\nname = "{path}"\nbytes = {len(content)}\n'
    return text
