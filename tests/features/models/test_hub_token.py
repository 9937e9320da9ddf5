"""Who is sent the person's token for the hub, from real servers that write down what they get."""

import traceback

import numpy as np
import pytest

from hub_server import Fault, HubServer
from nameplate.domain.errors import DownloadError
from nameplate.features.models.downloading.hub import (
    HUB,
    SETTING,
    look_up,
    may_see_token,
    open_stream,
)
from nameplate.wording.texts import remedy_of

TOKEN = "hf_secret"
REPOSITORY = "someone/some"
FILES = ("onnx/image.onnx", "config.json")


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx/image.onnx").write_bytes(np.random.default_rng(1).bytes(5000))
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def servers(hub, source, monkeypatch):
    """The server that HF_ENDPOINT names, whose large files lie on the other one."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.delenv(SETTING, raising=False)
    with HubServer() as other:
        for server in (hub, other):
            server.add(REPOSITORY, source)
        hub.storage = other.address
        yield hub, other


def fetch(path):
    """Ask about a file, then read it; return its bytes."""
    look_up(REPOSITORY, path, "main", silence=10)
    stream = open_stream(REPOSITORY, path, "main", start=0, silence=10)
    content = b""
    while block := stream.read():
        content += block
    stream.close()
    return content


def secrets_seen(server):
    """Return the headers that could hold a secret, of all that `server` was asked."""
    names = ("authorization", "cookie", "proxy-authorization")
    return [headers[name] for headers in server.headers for name in names if name in headers]


def host_of(server):
    return server.address.removeprefix("http://")


@pytest.mark.parametrize("path", FILES)
def test_a_server_that_the_person_names_is_sent_the_token(servers, source, monkeypatch, path):
    mirror, other = servers
    monkeypatch.setenv(SETTING, host_of(mirror))
    assert fetch(path) == (source / path).read_bytes()
    assert set(mirror.tokens) == {f"Bearer {TOKEN}"}
    assert secrets_seen(other) == []


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("named", ["", "127.0.0.1", "mirror.example", "*", "127.0.0.1:1"])
def test_a_mirror_that_nobody_named_is_not(servers, source, monkeypatch, path, named):
    mirror, other = servers
    monkeypatch.setenv(SETTING, named)
    assert fetch(path) == (source / path).read_bytes()
    assert mirror.headers
    assert secrets_seen(mirror) == secrets_seen(other) == []


def test_a_server_that_everything_is_redirected_to_gets_the_file_asked_for_but_no_token(
    servers, source, monkeypatch
):
    mirror, other = servers
    monkeypatch.setenv(SETTING, host_of(mirror))
    mirror.moved_to = other.address
    stream = open_stream(REPOSITORY, FILES[1], "main", start=0, silence=10)
    assert stream.read() == (source / FILES[1]).read_bytes()
    stream.close()
    assert set(mirror.tokens) == {f"Bearer {TOKEN}"}
    assert other.headers
    assert secrets_seen(other) == []


def test_a_password_in_the_mirrors_address_goes_to_the_mirror_alone(servers, source, monkeypatch):
    mirror, other = servers
    monkeypatch.setenv("HF_ENDPOINT", mirror.address.replace("://", "://me:password@"))
    assert fetch(FILES[0]) == (source / FILES[0]).read_bytes()
    assert all(token.startswith("Basic ") for token in mirror.tokens)
    assert secrets_seen(other) == []


def test_the_stored_token_of_a_login_is_no_more_sent_than_the_environments(
    servers, tmp_path, monkeypatch
):
    mirror, _ = servers
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    fetch(FILES[1])
    assert secrets_seen(mirror) == []
    monkeypatch.setenv(SETTING, host_of(mirror))
    fetch(FILES[1])
    assert f"Bearer {TOKEN}" in secrets_seen(mirror)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_who_is_refused_by_a_mirror_is_told_how_to_send_it_the_token(servers, status, method):
    mirror, _ = servers
    mirror.faults.append(Fault("config.json", status=status, method=method, times=9))
    with pytest.raises(DownloadError, match="hub-asks-who") as caught:
        fetch("config.json")
    assert SETTING in remedy_of(caught.value.reason)


def test_a_token_that_cannot_be_sent_is_said_without_being_quoted(servers, monkeypatch):
    mirror, _ = servers
    monkeypatch.setenv(SETTING, host_of(mirror))
    monkeypatch.setenv("HF_TOKEN", f"{TOKEN}\x01")
    with pytest.raises(DownloadError, match="HF_TOKEN: no-token") as e:
        fetch("config.json")
    assert TOKEN not in "".join(traceback.format_exception(e.value))
    assert mirror.headers == []


@pytest.mark.parametrize(
    ("address", "named", "may"),
    [
        (HUB, "", True),
        (f"{HUB}:443", "", True),
        ("https://HuggingFace.co", "", True),
        (f"{HUB}:8443", "", False),
        ("http://huggingface.co", "", False),
        ("http://huggingface.co", "huggingface.co", False),
        (f"{HUB}.mirror.example", "", False),
        ("https://huggingface.co@mirror.example", "", False),
        ("https://mirror.example", "", False),
        ("https://mirror.example", "mirror.example", True),
        ("https://mirror.example", "Mirror.Example:443", True),
        ("https://mirror.example:8443", "mirror.example:8443", True),
        ("https://mirror.example:8443", "mirror.example", False),
        ("https://mirror.example", "mirror.example:8443", False),
        ("https://sub.mirror.example", "mirror.example", False),
        ("https://mirror.example", ".mirror.example", False),
        ("https://mirror.example", "mirror.example:x", False),
        ("http://mirror.example", "mirror.example", False),
        ("http://mirror.example:443", "mirror.example:443", False),
        ("http://127.0.0.1:8090", "", False),
        ("http://127.0.0.1:8090", "127.0.0.1:8090", True),
        ("http://localhost", "localhost", True),
        ("http://[::1]:8090", "[::1]:8090", True),
        ("not an address", "not an address", False),
        ("https://", "", False),
    ],
)
def test_the_token_is_for_the_hub_and_for_the_one_server_that_was_named(
    monkeypatch, address, named, may
):
    monkeypatch.setenv(SETTING, named)
    assert may_see_token(address) is may


def test_a_proxy_on_the_way_to_this_computer_is_no_way_for_the_token(monkeypatch):
    monkeypatch.setenv(SETTING, "127.0.0.1:8090")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert not may_see_token("http://127.0.0.1:8090")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert may_see_token("http://127.0.0.1:8090")
