"""Web servers on loopback, with a thread for each connection, which ends with all of them."""

import select
import socket
import threading
from socketserver import BaseRequestHandler, ThreadingTCPServer
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
