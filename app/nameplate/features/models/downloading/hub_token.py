"""Decides which servers get the hub token: the hub, and one that the person allows.

`HF_ENDPOINT` says where models come from, and may be set by somebody else (an administrator, a
guide that was copied). It does not authorise that server to act in the person's name.
"""

import os
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

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
