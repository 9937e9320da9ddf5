"""Requests to the Hugging Face hub or a mirror: facts about a file, and its bytes.

`huggingface_hub` knows the hub's addresses, headers, redirects, tokens, proxies and the switch to
stay offline. Its own downloads are not used: they begin anew after a crash and cannot be stopped
while a server is silent (docs/adr/0007-downloads.md). It is imported when a person asks for a
download, never before. It would send the token to whatever server HF_ENDPOINT names; which
servers get it is decided here.
"""

import ipaddress
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from nameplate import __version__
from nameplate.domain.errors import DownloadError

if TYPE_CHECKING:
    import httpx2

_PASSING: Final = (408, 429, 500, 502, 503, 504)
"""HTTP statuses after which another try may succeed."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """The hub's facts about a file.

    Attributes:
        commit: The revision that it is of, 40 hexadecimal digits; empty where a mirror is silent.
        etag: The SHA-256 of a large file, git's SHA-1 of a small one, or a mirror's own value.
        bytes: Its size.
    """

    commit: str
    etag: str
    bytes: int


class Stream:
    """The response with the bytes of a file."""

    def __init__(self, response: "httpx2.Response") -> None:
        self._response = response
        self._blocks = response.iter_bytes()
        self.is_rest = response.status_code == 206

    def read(self) -> bytes:
        """Return the next bytes, some 10 kB; empty at the end.

        Nothing is buffered here: at a crash or a timeout all received bytes are on the disk.

        Raises:
            DownloadError: The connection was cut, or the server is silent.
        """
        try:
            return next(self._blocks, b"")
        except Exception as error:
            raise explained(error) from error

    def close(self) -> None:
        """Close the connection; a read that waits on another thread ends too."""
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(connection, socket.socket):
            with suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RDWR)
        self._response.close()


def look_up(repository: str, path: str, revision: str, *, silence: float) -> HubFile:
    """Ask the hub about a file of a repository `OWNER/NAME`, at a commit or branch.

    A server that says nothing for `silence` seconds is given up.

    Raises:
        DownloadError: It cannot be reached, has no such file, or does not give it.
    """
    hub = _hub()
    try:
        facts = hub.get_hf_file_metadata(
            _address(repository, path, revision),
            token=False,  # it is in the headers, where this server may see it
            timeout=silence,
            endpoint=_endpoint(),
            headers=_headers(),
        )
    except DownloadError:
        raise
    except Exception as error:
        raise explained(error, path) from error
    if facts.size is None:
        raise DownloadError("no-checksum", where=_host(), file=path)
    commit = facts.commit_hash or ""
    is_commit = re.fullmatch(r"[0-9a-f]{40}", commit) is not None
    return HubFile(commit if is_commit else "", facts.etag or "", facts.size)


def open_stream(repository: str, path: str, revision: str, *, start: int, silence: float) -> Stream:
    """Open a file from byte `start` on; `Stream.is_rest` says whether the server did that.

    Raises:
        DownloadError: As `look_up`.
    """
    hub = _hub()
    headers = _headers() | {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        client = hub.get_session()
        request = client.build_request(
            "GET", _address(repository, path, revision), headers=headers, timeout=silence
        )
        response = client.send(request, stream=True, follow_redirects=True)
        try:
            hub.utils.hf_raise_for_status(response)
        except BaseException:
            response.close()
            raise
    except DownloadError:
        raise
    except Exception as error:
        raise explained(error, path) from error
    return Stream(response)


def explained(error: Exception, path: str = "") -> DownloadError:
    """Map an error of `huggingface_hub` or its HTTP client to a message.

    The error's own text is left out: it may quote an address with a password, or a header.
    """
    import httpx2  # noqa: PLC0415 - see the top of this file
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled  # noqa: PLC0415

    where, kind = _host(), type(error).__name__
    match error:
        case OfflineModeIsEnabled():
            return DownloadError("hub-offline", where=where)
        # By status: mirrors lack the headers that the library tells its own errors apart by.
        case HfHubHTTPError(response=httpx2.Response(status_code=401 | 403 as status)):
            return DownloadError("hub-asks-who", where=where, file=path, status=status)
        case HfHubHTTPError(response=httpx2.Response(status_code=404 | 410 as status)):
            return DownloadError("hub-has-none", where=where, file=path, status=status)
        case HfHubHTTPError(response=httpx2.Response(status_code=status) as response):
            wait = _seconds_to_wait(response) if status in _PASSING else None
            return DownloadError(
                "hub-refuses", where=where, file=path, status=status, retry_after=wait
            )
        case httpx2.TransportError() if not isinstance(error, httpx2.UnsupportedProtocol):
            return DownloadError("hub-not-reached", where=where, error=kind, retry_after=0)
        case _:
            return DownloadError("hub-not-understood", where=where, error=kind)


def _seconds_to_wait(response: "httpx2.Response") -> float:
    """Return the seconds that the server asks for by `Retry-After` or the hub's `RateLimit`."""
    asked = response.headers.get("Retry-After") or response.headers.get("RateLimit", "")
    found = re.search(r"(?:^|\bt=)(\d{1,7})\b", asked)
    return float(found[1]) if found else 0


def _hub() -> Any:
    """Return `huggingface_hub`, configured to print nothing and to protect the token."""
    # Read once, at its import: no list of the packages and tools of this computer is sent along.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub  # noqa: PLC0415 - see the top of this file

    huggingface_hub.logging.set_verbosity_error()  # a server's warnings would reach the terminal
    hooks = huggingface_hub.get_session().event_hooks["request"]
    if _guard not in hooks:
        hooks.append(_guard)
    return huggingface_hub


def _guard(request: "httpx2.Request") -> None:
    """Remove cookies, and the token for other servers; called for each redirect too.

    Nobody on this computer or its network is asked unless the hub itself is there.

    The library itself sends the token on to some other hosts. Cookies are not needed, and ignore
    ports.
    """
    import httpx2  # noqa: PLC0415 - see the top of this file

    if is_near(request.url.host) and not is_near(urlsplit(_endpoint()).hostname or ""):
        raise DownloadError("hub-leads-inside", where=_host(), to=request.url.host)
    secrets = ["Cookie", "Proxy-Authorization"]
    if request.url.origin != httpx2.URL(_endpoint()).origin:
        secrets.append("Authorization")
    for name in secrets:
        request.headers.pop(name, None)


def is_near(host: str) -> bool:
    """Return whether a host is by its name on this computer or its own network."""
    name = host.lower().strip("[]").rstrip(".")
    with suppress(OSError, ValueError):
        name = socket.inet_ntoa(socket.inet_aton(name))  # 2130706433 and 0x7f.1 are 127.0.0.1
    with suppress(ValueError):
        address = ipaddress.ip_address(name)
        return not (getattr(address, "ipv4_mapped", None) or address).is_global
    return name == "localhost" or name.endswith(".localhost")


def _headers() -> dict[str, str]:
    """Return the headers of a request to the hub or its mirror."""
    token = None if may_see_token(_endpoint()) else False  # None: what the library finds
    headers: dict[str, str] = _hub().utils.build_hf_headers(
        token=token, library_name="nameplate", library_version=__version__
    )
    if not re.fullmatch(r"[!-~]+", headers.get("authorization", "Bearer x").partition(" ")[2]):
        # The client would say so too, and quote the token.
        raise DownloadError("no-token", where="HF_TOKEN")
    return headers


def _address(repository: str, path: str, revision: str) -> str:
    address: str = _hub().hf_hub_url(repository, path, revision=revision, endpoint=_endpoint())
    return address


def _endpoint() -> str:
    """Return the address of the hub, or of the configured mirror."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def _host() -> str:
    """Return the server's name for a message."""
    return urlsplit(_endpoint()).netloc.rpartition("@")[2]


HUB: Final = "https://huggingface.co"
"""The hub's own address, whatever the environment says."""

SETTING: Final = "NAMEPLATE_TOKEN_HOST"
"""The environment variable that names one more server, as HOST or HOST:PORT."""

_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def may_see_token(address: str) -> bool:
    """Return whether the token is sent to the server at `address` (https://HOST:PORT).

    It is over https, to the hub or to the host and port that SETTING names exactly. Without
    encryption it never leaves this computer.
    """
    server = _server(urlsplit(address))
    if server is None:
        return False
    scheme, host, _ = server
    is_here = host in _LOOPBACK and not (_uses_proxy() and not proxy_bypass(host))
    is_allowed = server[1:] == _named(scheme) or server == _server(urlsplit(HUB))
    return is_allowed and (scheme == "https" or is_here)


def _named(scheme: str) -> tuple[str, int] | None:
    """Return the host and port in SETTING; without a port, the default of `scheme`."""
    with suppress(ValueError):
        server = _server(urlsplit(f"{scheme}://{os.environ.get(SETTING, '').strip()}"))
        return server and server[1:]
    return None


def _server(address: SplitResult) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None if this is not a server's address."""
    with suppress(ValueError):  # a port that is no number
        port = address.port or _PORTS.get(address.scheme)
        if address.hostname and port:
            return address.scheme, address.hostname, port
    return None


def _uses_proxy() -> bool:
    return not {"http", "all"}.isdisjoint(getproxies())
