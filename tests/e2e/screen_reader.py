"""Reads a program's window as a screen reader does: by AT-SPI, over a D-Bus connection.

The program gets the address of a socket of ours as the bus of assistive programs, so that neither
a bus nor an accessibility service has to be installed. Through it the program is only looked at.

Protocol: https://dbus.freedesktop.org/doc/dbus-specification.html
"""

import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
PROPERTIES = "org.freedesktop.DBus.Properties"
OUR_NAME, ITS_NAME = ":1.0", ":1.1"
CALL, REPLY, ERROR = 1, 2, 3
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_TO, DESTINATION, SENDER, SIGNATURE = range(1, 9)
ON_SCREEN = 0  # coordinates of the screen
PLAIN = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d"}
ALIGNED = {"y": 1, "n": 2, "q": 2, "x": 8, "t": 8, "d": 8, "(": 8, "{": 8, "g": 1, "v": 1}
STATES = {"checked": 4, "enabled": 8, "focused": 12, "selected": 23, "showing": 25}
"""The bit of a state."""


def types_in(signature: str) -> list[str]:
    """The complete types of a signature: `a(so)u` is `a(so)` and `u`."""
    found, begin, depth = [], 0, 0
    for at, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if letter != "a" and not depth:
            found.append(signature[begin : at + 1])
            begin = at + 1
    return found


class Written(bytearray):
    """Values in D-Bus's wire format."""

    def pad(self, to: int) -> None:
        self.extend(bytes(-len(self) % to))

    def put(self, kind: str, value: Any) -> None:
        first = kind[0]
        self.pad(ALIGNED.get(first, 4))
        if first in PLAIN:
            self.extend(struct.pack("<" + PLAIN[first], value))
        elif first in "sog":
            text = value.encode()
            self.extend(struct.pack("<B" if first == "g" else "<I", len(text)) + text + b"\0")
        elif first == "v":
            self.put("g", value[0])
            self.put(*value)
        elif first in "({":
            for part, one in zip(types_in(kind[1:-1]), value, strict=True):
                self.put(part, one)
        else:
            at = len(self)
            self.extend(bytes(4))
            self.pad(ALIGNED.get(kind[1], 4))
            begin = len(self)
            for one in value:
                self.put(kind[1:], one)
            struct.pack_into("<I", self, at, len(self) - begin)


class Read:
    """Values from D-Bus's wire format."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def plain(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def pad(self, to: int) -> None:
        self.at += -self.at % to

    def take(self, kind: str) -> Any:
        first = kind[0]
        self.pad(ALIGNED.get(first, 4))
        if first in PLAIN:
            return self.plain(PLAIN[first])
        if first in "sog":
            size = self.plain("B" if first == "g" else "I")
            self.at += size + 1
            return self.data[self.at - size - 1 : self.at - 1].decode()
        if first == "v":
            return self.take(self.take("g"))
        if first in "({":
            return tuple(self.take(part) for part in types_in(kind[1:-1]))
        size = self.plain("I")
        self.pad(ALIGNED.get(kind[1], 4))
        end, found = self.at + size, []
        while self.at < end:
            found.append(self.take(kind[1:]))
        return found


@dataclass(frozen=True)
class Part:
    """A part of a window, as a screen reader knows it.

    Attributes:
        path: Where its object is.
        role: What it is, as `push button`.
        name: What it is called.
        states: Those of `STATES` that it has.
        place: Left, top, width and height in pixels of the screen.
    """

    path: str
    role: str
    name: str
    states: frozenset[str]
    place: tuple[int, int, int, int]


class ScreenReader:
    """The bus that one program tells what its window shows, and the only listener on it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "a11y"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._file))
        self._server.listen(1)
        self._socket: socket.socket | None = None
        self._data = b""
        self._serial = 0
        self._replies = dict[int, Any]()

    @property
    def environment(self) -> dict[str, str]:
        """What makes a program tell it, and not complain of questions about what has just gone."""
        address = f"unix:path={self._file}"
        return {"AT_SPI_BUS_ADDRESS": address, "QT_LOGGING_RULES": "qt.accessibility.atspi=false"}

    def close(self) -> None:
        for one in (self._socket, self._server):
            if one:
                one.close()

    # ---- the bus

    def connect(self, seconds: float = 30) -> None:
        """Wait for the program and let it in."""
        self._server.settimeout(seconds)
        self._socket, _ = self._server.accept()
        self._socket.settimeout(seconds)
        lines = b""
        while b"BEGIN\r\n" not in lines:
            lines += self._socket.recv(4096)
            if lines.endswith(b"\r\n"):
                last = lines.lstrip(b"\0").splitlines()[-1]
                if last.startswith(b"AUTH EXTERNAL "):
                    self._socket.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
                elif last != b"BEGIN":
                    self._socket.sendall(b"ERROR\r\n")
        self._data = lines.partition(b"BEGIN\r\n")[2]
        self._take_messages()

    def listen(self, seconds: float) -> bool:
        """Answer what the program asks; return whether it said anything within that time."""
        assert self._socket is not None
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if ready:
            received = self._socket.recv(1 << 16)
            if not received:
                raise EOFError("the program has gone")
            self._data += received
            self._take_messages()
        return bool(ready)

    def _take_messages(self) -> None:
        while self._take_message():
            pass

    def _take_message(self) -> bool:
        if len(self._data) < 16:
            return False
        size, serial, fields = struct.unpack_from("<III", self._data, 4)
        begin = 16 + fields + -fields % 8
        if len(self._data) < begin + size:
            return False
        header, body = Read(self._data[:begin]), self._data[begin : begin + size]
        self._data = self._data[begin + size :]
        header.at = 12
        known = dict(header.take("a(yv)"))
        kind = header.data[1]
        if kind in (REPLY, ERROR):
            read = Read(body)
            values = [read.take(one) for one in types_in(known.get(SIGNATURE, ""))]
            self._replies[known[REPLY_TO]] = values if kind == REPLY else None
        elif kind == CALL:
            self._answer(known[MEMBER], serial)
        return True

    def _answer(self, member: str, serial: int) -> None:
        known: dict[str, tuple[str, Any]] = {
            "Hello": ("s", ITS_NAME),
            "GetNameOwner": ("s", OUR_NAME),
            "Embed": ("(so)", (OUR_NAME, ROOT)),
            "GetRegisteredEvents": ("a(ss)", ()),
        }
        signature, value = known.get(member, ("", None))
        fields = {REPLY_TO: ("u", serial), DESTINATION: ("s", ITS_NAME)}
        self._send(REPLY, fields, signature, [value] if signature else [])

    def _send(
        self, kind: int, fields: dict[int, tuple[str, Any]], signature: str, values: Sequence[Any]
    ) -> int:
        assert self._socket is not None
        self._serial += 1
        body = Written()
        for part, value in zip(types_in(signature), values, strict=True):
            body.put(part, value)
        fields |= {SENDER: ("s", OUR_NAME)} | ({SIGNATURE: ("g", signature)} if signature else {})
        head = Written(struct.pack("<BBBBII", ord("l"), kind, 0, 1, len(body), self._serial))
        head.put("a(yv)", fields.items())
        head.pad(8)
        self._socket.sendall(head + body)
        return self._serial

    # ---- what a window shows

    def ask(self, *questions: tuple[Any, ...]) -> list[Any]:
        """Ask all at once: (path, interface, member, signature, value...); None where refused."""
        asked = list[int]()
        for path, interface, member, signature, *values in questions:
            fields = {
                PATH: ("o", path),
                INTERFACE: ("s", interface),
                MEMBER: ("s", member),
                DESTINATION: ("s", ITS_NAME),
            }
            asked.append(self._send(CALL, fields, signature, values))
        end = time.monotonic() + 30
        while not all(serial in self._replies for serial in asked):
            assert time.monotonic() < end, "the window does not answer"
            self.listen(1)
        answers = [self._replies.pop(serial) for serial in asked]
        return [answer[0] if answer else None for answer in answers]

    def parts(self) -> Iterator[Part]:
        """Yield what can be seen, what holds others before them, but not the cells of tables.

        It goes level by level, to be quick.
        """
        paths = [ROOT]
        while paths:
            children = self.ask(*((path, ACCESSIBLE, "GetChildren", "") for path in paths))
            found = self._look([path for some in children for _, path in some or ()])
            yield from found
            paths = [part.path for part in found if part.role != "tree"]

    def again(self, part: Part) -> Part | None:
        """Return a part as it is now; None where it cannot be seen any more."""
        return next(iter(self._look([part.path])), None)

    def _look(self, paths: Sequence[str]) -> list[Part]:
        """Return those of the parts that can be seen."""
        questions = list[tuple[Any, ...]]()
        for path in paths:
            questions += [
                (path, ACCESSIBLE, "GetRoleName", ""),
                (path, PROPERTIES, "Get", "ss", ACCESSIBLE, "Name"),
                (path, ACCESSIBLE, "GetState", ""),
                (path, "org.a11y.atspi.Component", "GetExtents", "u", ON_SCREEN),
            ]
        answers = self.ask(*questions)
        found = list[Part]()
        for path, at in zip(paths, range(0, len(answers), 4), strict=True):
            role, name, words, place = answers[at : at + 4]
            bits = words[0] | words[1] << 32 if words else 0  # it may have gone meanwhile
            states = frozenset(state for state, bit in STATES.items() if bits >> bit & 1)
            if "showing" in states and place and min(place[2:]) > 0:
                found.append(Part(path, role, name or "", states, place))
        return found
